/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_edit.h"

/* The shapes that real systems give a Task all come to the same fields. */
static void
status_shapes(void **state)
{
	static const struct {
		const char *file, *from, *to, *path, *is;
	} rows[] = {
		{ "fhir-status-declined.json", "\"urn:nasoka:reason\"", "\"http://else\"", "status.reason_code", "other" },
		{ "fhir-status-declined.json", "\"urn:nasoka:reason\"", "\"http://else\"", "status.reason_text", "Няма свободни места." },
		{ "fhir-status-declined.json", ", \"text\": \"Няма свободни места.\"", "", "status.reason_text", NULL },
		{ "fhir-status-declined.json", "\"rejected\"", "\"cancelled\"", "status.to", "cancelled" },
		{ "fhir-status-completed.json", "\"urn:nasoka:outcome\"", "\"http://else\"", "status.outcome.outcome", NULL },
		{ "fhir-status-completed.json", "\"output\"", "\"input\"", "status.expected_start", "2026-03-05" },
		{ "fhir-status-scheduled.json", "\"location\": { \"display\": \"ЦОП Пловдив, стая 3\" }",
		  "\"contained\":[{\"resourceType\":\"Location\",\"id\":\"l\",\"name\":\"Зала\"}],\"location\":{\"reference\":\"#l\"}",
		  "status.appointment.place", "Зала" },
		{ "fhir-status-scheduled.json", "\"5.1.1\"", "\"5.2\"", "status.to", "cancel-requested" },
		{ "fhir-status-accepted.json", "\"lastModified\": \"2026-03-01T09:00:00Z\"", "\"description\":\"x\"", "status.at", NULL },
		{ "fhir-status-accepted.json", "\"code\": \"PLAC\"", "\"code\": \"XX\"", "status.referral_id", "ДСП-17/2026" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_edit(*state, rows[i].file, rows[i].from, rows[i].to, rows[i].path, rows[i].is);
}

/* Which referral a Task is about: its own PLAC, the request it is for, or what that is called. */
static void
status_links(void **state)
{
	static const char *const links[] = {
		"\"focus\":{\"identifier\":{\"value\":\"R-9\"}}", "\"basedOn\":[{\"identifier\":{\"value\":\"R-9\"}}]",
		"\"basedOn\":{\"identifier\":{\"value\":\"R-9\"}}", "\"groupIdentifier\":{\"value\":\"R-9\"}", "\"id\":\"R-9\"",
		("\"contained\":[{\"resourceType\":\"ServiceRequest\",\"id\":\"s\",\"identifier\":[{\"type\":{\"coding\":[{\"code\":\"PLAC\"}]},"
		 "\"value\":\"R-9\"}]}],\"focus\":{\"reference\":\"#s\"}"),
	};
	struct arena *mem = *state;

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		struct intake intake = fixture_read(mem, span_str(arena_fmt(mem,
			"{\"resourceType\":\"Task\",\"status\":\"accepted\",%s}", links[i])));

		assert_int_equal(intake.items[0].e, OK);
		assert_string_equal(intake.items[0].record->status->referral_id, "R-9");
	}
}

/* Without a lastModified, the content tells one version of a Task from another, whatever the order of its names. */
static void
status_version_by_content(void **state)
{
	static const char *const texts[] = {
		"{\"resourceType\":\"Task\",\"id\":\"R\",\"status\":\"accepted\",\"description\":\"a\"}",
		"{\"description\":\"a\", \"status\":\"accepted\",\"id\":\"R\",\"resourceType\":\"Task\"}",
		"{\"resourceType\":\"Task\",\"id\":\"R\",\"status\":\"accepted\",\"description\":\"b\"}",
	};
	const char *ids[3];

	for (size_t i = 0; i < 3; i++)
		ids[i] = fixture_read(*state, span_str(texts[i])).items[0].native_id;
	assert_string_equal(ids[0], ids[1]);
	assert_string_not_equal(ids[0], ids[2]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(status_shapes), FIXTURE_TEST(status_links), FIXTURE_TEST(status_version_by_content),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
