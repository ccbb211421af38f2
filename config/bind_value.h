/* SPDX-License-Identifier: EUPL-1.2 */
/* bind_value - one node into one place of a struct, as its row says. The binder's inner half. */
#ifndef CONFIG_BIND_VALUE_H
#define CONFIG_BIND_VALUE_H

#include "config/binder.h"

enum { BIND_TEXT_MAX = 512 };

/* `path` names the place in problems; `into` is the struct that the row's offsets count from. */
void bind_value(const struct binder *b, const struct bind_row *row, void *into, const struct node *node, const char *path);
/* The row's default, which is right by construction (asserted) and is not looked for on the disk. */
void bind_default(const struct binder *b, const struct bind_row *row, void *into);

#endif
