/* SPDX-License-Identifier: EUPL-1.2 */
/* record_place - paths are as record_set takes them. */
#include "proto/record_place.h"

#include <stdio.h>

size_t
record_place_format(const struct record_place *at, char *to, size_t cap)
{
	size_t n = 0;

	if (at == NULL)
		return 0;
	if ((n = record_place_format(at->up, to, cap)) > 0 && n + 1 < cap)
		to[n++] = '.';
	if (n < cap)
		n += (size_t)(at->is_item ? snprintf(to + n, cap - n, "%s[%zu]", at->name, at->index) :
		    snprintf(to + n, cap - n, "%s", at->name));
	return n < cap ? n : cap - 1;
}

enum err
record_place_fault(const struct record_place *at, enum err e, const char *text, struct why *why)
{
	char where[sizeof(why->where)] = "";

	record_place_format(at, where, sizeof(where));
	return why_set(why, e, where, "%s", text);
}
