/* SPDX-License-Identifier: EUPL-1.2 */
/* unopened - nasokactl previews, open and decline: referrals of which an adapter shows only the preview, and what a person decides.
 *
 * Asked of an adapter over its control socket, for agencies whose doors cannot ask and as the last resort of all others. Called by
 * nasokactl.c through the table of commands.
 */
#ifndef CTL_UNOPENED_H
#define CTL_UNOPENED_H

#include "hub/ctl/command.h"

extern const struct command_option unopened_list_options[], unopened_open_options[], unopened_decline_options[];

int unopened_list(const struct call *call);
int unopened_open(const struct call *call);	/* the operand: a referral's number, or its message id */
int unopened_decline(const struct call *call);

#endif
