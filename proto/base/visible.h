/* SPDX-License-Identifier: EUPL-1.2 */
/* visible - is there anything in a text that a person could see? Systems fill the fields that they must fill: with spaces, with the
 * no-break space of a web page, with characters of no width. Such a text says nothing, and counts as none. Pure.
 */
#ifndef BASE_VISIBLE_H
#define BASE_VISIBLE_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/base/bytes.h"

/* One character that is neither white space nor shown as nothing. Bytes that are no UTF-8 are something: others tell them. */
bool visible_any(struct span text);
/* How many bytes the blanks at the text's beginning take, and those before its end: Unicode's white space, and the spaces of no width (U+200B,
 * U+2060, U+FEFF). What else is not shown belongs to the character beside it. */
size_t visible_skip(struct span text);
size_t visible_trim(struct span text);

#endif
