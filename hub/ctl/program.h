/* SPDX-License-Identifier: EUPL-1.2 */
/* program - what the two tools' mains have in common: the terminal's language and charset, then the command of the table. */
#ifndef CTL_PROGRAM_H
#define CTL_PROGRAM_H

#include "hub/ctl/command.h"

/* Run the command that argv names, or print help, the version, or what is wrong with it; gives the exit code. "--man bg" and
 * "--man en" print the manual page, for the build. */
int program_run(const struct command *table, int argc, char **argv);

#endif
