/* SPDX-License-Identifier: EUPL-1.2 */
/* dircommand - nasokactl directory make, sign, show and check. */
#ifndef CTL_DIRCOMMAND_H
#define CTL_DIRCOMMAND_H

#include "hub/ctl/command.h"

extern const struct command_option dircommand_make_options[], dircommand_sign_options[], dircommand_show_options[],
	dircommand_check_options[];

int dircommand_make(const struct call *call);	/* YAML to the text that is to be signed */
int dircommand_sign(const struct call *call);	/* one registrar's signature into the file */
int dircommand_show(const struct call *call);
int dircommand_check(const struct call *call);	/* all problems; exit 0 only without any */

#endif
