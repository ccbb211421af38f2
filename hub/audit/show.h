/* SPDX-License-Identifier: EUPL-1.2 */
/* show - the command that shows one message with its stages, times and proof. */
#ifndef AUDIT_SHOW_H
#define AUDIT_SHOW_H

#include "hub/ctl/command.h"

extern const struct command_option show_options[];
int show_message(const struct call *call);

#endif
