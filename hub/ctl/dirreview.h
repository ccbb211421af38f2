/* SPDX-License-Identifier: EUPL-1.2 */
/* dirreview - how the working group changes the programme's rules: a proposal, read as what it changes, before anybody signs.
 *
 * Signing is dircommand.c's, and the same for every version. Called by nasokactl.c through the table of commands.
 */
#ifndef CTL_DIRREVIEW_H
#define CTL_DIRREVIEW_H

#include "hub/ctl/command.h"

extern const struct command_option dirreview_propose_options[], dirreview_review_options[];

/* The next version of a directory with other rules, to be signed; shows what it changes. */
int dirreview_propose(const struct call *call);
int dirreview_review(const struct call *call);

#endif
