/* SPDX-License-Identifier: EUPL-1.2 */
/* prove - the command that writes a message's proof as a file that others' tools can check. */
#ifndef AUDIT_PROVE_H
#define AUDIT_PROVE_H

#include "hub/ctl/command.h"

extern const struct command_option prove_options[];
int prove_message(const struct call *call);

#endif
