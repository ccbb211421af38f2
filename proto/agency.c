/* SPDX-License-Identifier: EUPL-1.2 */
/* agency - the grammar of party names, held wherever one comes in from outside (envelope, directory, frame). */
#include "proto/agency.h"

#include <stddef.h>

static bool
is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool
agency_is_id(const char *id)
{
	size_t n = 0;

	if (id == NULL || !is_letter_or_digit(id[0]))
		return false;
	while (is_letter_or_digit(id[n]) || id[n] == '-')
		n++;
	return id[n] == '\0' && n <= AGENCY_ID_MAX;
}
