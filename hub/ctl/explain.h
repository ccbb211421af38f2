/* SPDX-License-Identifier: EUPL-1.2 */
/* explain - the catalogue of errors for people: what a code means, what follows by itself, and what to do. */
#ifndef CTL_EXPLAIN_H
#define CTL_EXPLAIN_H

#include "hub/ctl/command.h"

extern const struct command_option explain_options[];

/* The code of the operand ("NSK-1204", "nsk-1204", "1204"), or all. Needs no daemon. */
int explain(const struct call *call);

#endif
