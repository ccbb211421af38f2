/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_obx - OBX-3 and OBX-11, looked at without being marked as read. Called by the readers of OBX, and for the place of a fault. */
#include "adapters/health/hl7_obx.h"

#include <stdlib.h>
#include <strings.h>

#include "adapters/health/hl7_map.h"

bool
hl7_is_our_obx(const struct hl7 *m, const struct hl7_segment *s)
{
	const char *system = hl7_peek(m, s, 3, 1, 3);

	return system && (strcmp(system, HL7_SYSTEM) == 0 || strcmp(system, HL7_SYSTEM_SHORT) == 0);
}

bool
hl7_is_void_obx(const struct hl7 *m, const struct hl7_segment *s)
{
	const char *status = hl7_peek(m, s, 11, 1, 1);

	return status && (strcasecmp(status, "D") == 0 || strcasecmp(status, "W") == 0 || strcasecmp(status, "X") == 0);
}

/* "referral.goals[1].text" as OBX-3 has it, "goals.text"; *ret_index is what stood in brackets, -1: nothing. */
static const char *
code_of(const char *path, struct arena *mem, long *ret_index)
{
	const char *body = strchr(path, '.'), *open = strchr(path, '['), *shut = open ? strchr(open, ']') : NULL;

	*ret_index = shut ? strtol(open + 1, NULL, 10) : -1;
	if (!body)
		return NULL;
	return shut && open > body ? arena_fmt(mem, "%.*s%s", (int)(open - body - 1), body + 1, shut + 1) : body + 1;
}

static bool
says(const struct hl7 *m, const struct hl7_segment *s, const char *code)
{
	const char *its = hl7_peek(m, s, 3, 1, 1);

	if (!its || !hl7_is_our_obx(m, s) || hl7_is_void_obx(m, s) || !hl7_peek(m, s, 5, 1, 0))
		return false;
	return strcmp(its, code) == 0 || (strcmp(its, "outcome") == 0 && strcmp(code, "outcome.outcome") == 0);
}

/* An item of a list by its number in OBX-4, else by its place among those of the same code; one value of several by the one that has it. */
const struct hl7_segment *
hl7_find_obx(const struct hl7 *m, const char *path, struct arena *mem)
{
	const struct hl7_segment *s, *first = NULL, *nth = NULL;
	long index, n = 0;
	const char *code = code_of(path, mem, &index), *key;

	for (unsigned i = 1; code && (s = hl7_find(m, "OBX", i)); i++) {
		if (!says(m, s, code))
			continue;
		key = hl7_peek(m, s, 4, 1, 1);
		if (index >= 0 && key && strtol(key, NULL, 10) == index + 1)
			return s;
		if (n++ == index)
			nth = s;
		if (!first)
			first = s;
	}
	return nth ? nth : first;
}
