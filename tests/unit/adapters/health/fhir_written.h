/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_written - a vector read, changed in one field and written again: what the tests of the writers look at. */
#ifndef TEST_FHIR_WRITTEN_H
#define TEST_FHIR_WRITTEN_H

#include "tests/unit/adapters/health/fhir_fixture.h"

static inline const char *
written_with(struct arena *mem, const char *name, const char *path, const char *value)
{
	const struct record *referral = fixture_item(mem, "fhir-referral-message.json")->record;
	struct record *record = fixture_item(mem, name)->record;
	struct outgoing out = fixture_out(record, record->referral != NULL ? record : referral);
	struct native native;

	if (path != NULL)
		assert_int_equal(record_set(record, mem, path, value, NULL), OK);
	assert_int_equal(health_fhir_from_record(&out, FORMAT_FHIR, &fixture_env, mem, &native, NULL), OK);
	return fixture_text(mem, &native);
}

static inline void
assert_written(struct arena *mem, const char *name, const char *path, const char *value, const char *text)
{
	const char *all = written_with(mem, name, path, value);

	if (strstr(all, text) == NULL)
		fail_msg("no %s in %s", text, all);
}

#endif
