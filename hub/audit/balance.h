/* SPDX-License-Identifier: EUPL-1.2 */
/* balance - nasoka-audit statement AGENCY: where an agency's messages stand by the log itself, to hold against what its hub or its
 * adapter says. */
#ifndef AUDIT_BALANCE_H
#define AUDIT_BALANCE_H

#include "hub/ctl/command.h"

extern const struct command_option balance_options[];
int balance_statement(const struct call *call);		/* the exit code */

#endif
