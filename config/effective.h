/* SPDX-License-Identifier: EUPL-1.2 */
/* effective - what holds: a configuration as the program sees it, with where each value comes from.
 *
 * The output is itself a configuration: YAML that loads to the same values. Each value's line ends in a comment, "default"
 * or "file:line"; what may be left out and is stands as a comment line. No secret can be in it: the places of secrets are
 * shown, their contents were never read.
 */
#ifndef CONFIG_EFFECTIVE_H
#define CONFIG_EFFECTIVE_H

#include <stdio.h>

#include "config/binder.h"

/* `b` as it was bound, without errors; `file` names it in the comments. */
void effective_print(const struct binder *b, const char *file, FILE *to);

#endif
