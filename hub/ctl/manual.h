/* SPDX-License-Identifier: EUPL-1.2 */
/* manual - manual pages as roff, made from the tables that the programs run by, so that no page can lag behind. */
#ifndef CTL_MANUAL_H
#define CTL_MANUAL_H

#include "hub/ctl/command.h"

/* A line of text: nothing in it is taken as a request or an escape. */
void manual_text(FILE *to, const char *text);
/* The page of a program: each command of its table with its options. */
void manual_page(const struct command *table, enum lang lang, FILE *to);

#endif
