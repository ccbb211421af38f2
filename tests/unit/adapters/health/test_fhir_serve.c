/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_fixture.h"

#include <jansson.h>

/* Total and entries of what GET gives for three waiting things: a referral, its acceptance a minute later, a stage. */
static void
listed(struct arena *mem, const char *path, int *ret_total, int *ret_entries)
{
	const struct record *referral = fixture_item(mem, "fhir-referral-message.json")->record;
	struct outgoing items[3] = { fixture_out(referral, referral),
		fixture_out(fixture_item(mem, "fhir-status-accepted.json")->record, referral), fixture_out(NULL, referral) };
	struct native request = { .method = "GET", .path = path }, list;
	json_t *root;

	items[1].at_ms += 60000;
	items[1].msg_id = "018f3c5e-7b1a-7c33-9f00-0a1b2c3d4e61";
	items[2].stage = "stored";
	items[2].at_ms += 120000;
	items[2].msg_id = "018f3c5e-7b1a-7c33-9f00-0a1b2c3d4e62";
	assert_int_equal(health_fhir_listing(items, 3, &request, &fixture_env, mem, &list), OK);
	assert_int_equal(list.status, 200);
	root = json_loadb((const char *)list.bytes.p, list.bytes.n, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(root, "type")), "searchset");
	*ret_total = (int)json_integer_value(json_object_get(root, "total"));
	*ret_entries = (int)json_array_size(json_object_get(root, "entry"));
	json_decref(root);
}

/* The list holds what the query asks for: matches counted, what a referral consists of included. */
static void
listing_query(void **state)
{
	static const struct {
		const char *path;
		int total;
		bool is_whole;	/* the referral's resources are in it */
	} rows[] = {
		{ "/fhir/Task", 3, true },
		{ "/fhir/Task?_lastUpdated=gt2026-02-27T09:00:00Z", 2, false },
		{ "/fhir/Task?owner=x&_lastUpdated=ge2026-02-27T11%3A00%3A00%2B02:00", 3, true },
		{ "/fhir/Task?_lastUpdated=gt2026-02-27T09:02:00Z", 0, false },
		{ "/fhir/Task?_lastUpdated=gt2026-02-27T09:00:00Z&_lastUpdated=lt2026-02-27T09:02:00Z", 1, false },
		{ "/fhir/Task?status=accepted", 1, false },
		{ "/fhir/Task?status=requested,accepted", 3, true },
		{ "/fhir/Task?identifier=urn:nasoka:case-no%7C%D0%94%D0%A1%D0%9F-17/2026", 1, false },
		{ "/fhir/Task?identifier=GP-2026-0042", 3, true },
		{ "/fhir/Task?identifier=GP-2026", 0, false },
		{ "/fhir/Task?_id=" FIXTURE_MSG_ID, 1, true },
		{ "/fhir/Task?_count=1", 1, true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int total, entries;

		listed(*state, rows[i].path, &total, &entries);
		if (total != rows[i].total || (entries > total) != rows[i].is_whole)
			fail_msg("%s: %d of %d", rows[i].path, total, entries);
	}
}

/* A date that is none is refused, not passed over: the client would lose what it asked for. */
static void
listing_bad_date(void **state)
{
	struct native request = { .method = "GET", .path = "/fhir/Task?_lastUpdated=gtyesterday" }, list;

	assert_int_equal(health_fhir_listing(NULL, 0, &request, &fixture_env, *state, &list), ERR_BAD_DATE);
}

/* One referral shows its state, both numbers and the stages it has reached. */
static void
progress_stages(void **state)
{
	struct arena *mem = *state;
	struct progress p = {
		.msg_id = FIXTURE_MSG_ID, .thread = "00", .state = "accepted", .external_no = "C-1", .is_initiator = true,
		.queued_ms = FIXTURE_NOW, .stored_ms = FIXTURE_NOW + 1, .registered_ms = FIXTURE_NOW + 5,
		.referral = fixture_item(mem, "fhir-referral-message.json")->record,
	};
	struct native view;
	const char *text;

	assert_int_equal(health_fhir_progress(&p, NULL, mem, &view), OK);
	text = fixture_text(mem, &view);
	assert_non_null(strstr(text, "\"status\":\"accepted\""));
	assert_non_null(strstr(text, "\"value\":\"C-1\""));
	assert_non_null(strstr(text, "{\"url\":\"stored\",\"valueInstant\":\"2026-02-27T09:00:00.001Z\"}"));
	assert_null(strstr(text, "\"delivered\""));
	p.refused = ERR_CANNOT_OPEN;
	assert_int_equal(health_fhir_progress(&p, NULL, mem, &view), OK);
	assert_non_null(strstr(fixture_text(mem, &view), "\"status\":\"failed\""));
}

/* The capability statement names what the routes do. */
static void
document_is_capabilities(void **state)
{
	struct native view;

	assert_int_equal(health_fhir_document(NULL, *state, &view), OK);
	assert_non_null(strstr(fixture_text(*state, &view), "\"resourceType\":\"CapabilityStatement\""));
	assert_non_null(strstr(fixture_text(*state, &view), "\"fhirVersion\":\"4.0.1\""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(listing_query), FIXTURE_TEST(listing_bad_date), FIXTURE_TEST(progress_stages),
		FIXTURE_TEST(document_is_capabilities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
