/* SPDX-License-Identifier: EUPL-1.2 */
/* verify - the command that judges a log, and the judging that the others do before they show anything. */
#ifndef AUDIT_VERIFY_H
#define AUDIT_VERIFY_H

#include "hub/audit/source.h"
#include "hub/ctl/command.h"

extern const struct command_option verify_options[];
int verify_log(const struct call *call);

/* With --trust: judge the whole log first. EXIT_OK: all is well, or no --trust was given; else it has been told. */
int verify_first(const struct call *call, struct source *s);

#endif
