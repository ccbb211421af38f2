/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_edit - a good vector with one text in it replaced: what the tests of the readers start from. */
#ifndef TEST_FHIR_EDIT_H
#define TEST_FHIR_EDIT_H

#include "tests/unit/adapters/health/fhir_fixture.h"

static inline struct intake_item *
edited(struct arena *mem, const char *name, const char *from, const char *to)
{
	const char *good = (const char *)fixture_file(mem, name).p, *at = strstr(good, from);
	struct intake intake;

	if (at == NULL)
		fail_msg("no %s in %s", from, name);
	intake = fixture_read(mem, span_str(arena_fmt(mem, "%.*s%s%s", (int)(at - good), good, to, at + strlen(from))));
	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.n, 1);
	return &intake.items[0];
}

static inline void
assert_edit(struct arena *mem, const char *name, const char *from, const char *to, const char *path, const char *is)
{
	struct intake_item *item = edited(mem, name, from, to);
	const char *value;

	if (item->e != OK)
		fail_msg("%s: %s %s", to, item->why.where, item->why.text);
	value = record_get(item->record, mem, path);
	if ((value == NULL) != (is == NULL) || (is != NULL && strcmp(value, is) != 0))
		fail_msg("%s: %s is %s", to, path, value != NULL ? value : "absent");
}

#endif
