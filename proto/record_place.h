/* SPDX-License-Identifier: EUPL-1.2 */
/* record_place - where in a record a walk is: a list on the stack, from the inside out, made into text only when there is something to
 * tell. For record_check.c and record_sense.c, and nobody else.
 */
#ifndef PROTO_RECORD_PLACE_H
#define PROTO_RECORD_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/base/err.h"

struct record_place {
	const struct record_place *up;	/* NULL: the record itself */
	const char *name;
	size_t index;
	bool is_item;
};

/* "referral.child.ids[0].value"; cut off where `cap` ends. Gives how long it is. */
size_t record_place_format(const struct record_place *at, char *to, size_t cap);
/* Fills `why`, which may be NULL, and gives `e`. */
enum err record_place_fault(const struct record_place *at, enum err e, const char *text, struct why *why);

#endif
