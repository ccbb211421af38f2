/* SPDX-License-Identifier: EUPL-1.2 */
/* replay - the command that shows the history as a table, JSON or CSV. */
#ifndef AUDIT_REPLAY_H
#define AUDIT_REPLAY_H

#include "hub/ctl/command.h"

extern const struct command_option replay_options[];
int replay_log(const struct call *call);

#endif
