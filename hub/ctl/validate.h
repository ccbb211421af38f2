/* SPDX-License-Identifier: EUPL-1.2 */
/* validate - the command that runs nasoka-validate, which knows the sectors' formats and this program does not. */
#ifndef CTL_VALIDATE_H
#define CTL_VALIDATE_H

#include "hub/ctl/command.h"

#define VALIDATE_ARGS_MAX 16

extern const struct command_option validate_options[];

/* The other program's command line for the call, ended by NULL. Texts are the call's or static. */
void validate_args(const struct call *call, const char *ret_args[static VALIDATE_ARGS_MAX]);
/* Becomes the other program, whose exit code is then this one's; returns only if it is not there. */
int validate_file(const struct call *call);

#endif
