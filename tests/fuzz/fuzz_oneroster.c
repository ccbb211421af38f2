/* SPDX-License-Identifier: EUPL-1.2 */
/* fuzz_oneroster - any bytes as a school's roster: the four tables of one text, divided by lines of "#". */
#include "adapters/education/oneroster.h"

#include <string.h>

#define MEM (32u << 20)
#define N_FILES 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err
part(const void *arg, const char *file, struct arena *mem, struct span *ret_bytes)
{
	static const char *const names[N_FILES] = { "users.csv", "demographics.csv", "enrollments.csv", "orgs.csv" };
	struct span rest = *(const struct span *)arg;

	(void)mem;
	for (int i = 0; i < N_FILES; i++) {
		const uint8_t *end = rest.n > 0 ? memchr(rest.p, '#', rest.n) : NULL;
		size_t n = end != NULL ? (size_t)(end - rest.p) : rest.n;

		if (strcmp(names[i], file) == 0) {
			*ret_bytes = n > 0 ? SPAN(rest.p, n) : SPAN_NONE;
			return OK;
		}
		rest = end != NULL ? SPAN(end + 1, rest.n - n - 1) : SPAN_NONE;
	}
	return OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span all = SPAN(data, size);
	struct sector_env env = { .agency = "school-1", .roster = part, .arg = &all };
	struct arena *mem = arena_new(MEM);
	struct oneroster *roster;
	struct pupil pupil;
	struct why why;

	if (oneroster_open(&env, mem, &roster, &why) == OK && roster != NULL) {
		(void)oneroster_find(roster, "u1", &pupil);
		(void)oneroster_find(roster, "1543079013", &pupil);
	}
	arena_free(mem);
	return 0;
}
