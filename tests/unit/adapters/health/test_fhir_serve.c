/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_shelf.h"

static const char *
text_at(const json_t *from, const char *path)
{
	const char *text = fhir_text(from, path);

	return text != NULL ? text : "";
}

/* A search gives what fits all of its conditions: matches counted, what a received referral consists of included. */
static void
search_conditions(void **state)
{
	static const struct {
		const char *path;
		int total, entries;
	} rows[] = {
		{ "/fhir/Task", 3, 5 },
		{ "/fhir/Task?_lastUpdated=gt2026-02-27T09:00:00Z", 2, 2 },
		{ "/fhir/Task?_lastUpdated=ge2026-02-27T11%3A00%3A00%2B02:00", 3, 5 },
		{ "/fhir/Task?_lastUpdated=gt2026-02-27T09:02:00Z", 0, 0 },
		{ "/fhir/Task?_lastUpdated=gt2026-02-27T09:00:00Z&_lastUpdated=lt2026-02-27T09:02:00Z", 1, 1 },
		{ "/fhir/Task?_lastUpdated=2026", 3, 5 },
		{ "/fhir/Task?_lastUpdated=gt2026", 0, 0 },
		{ "/fhir/Task?_lastUpdated=gt2025&_lastUpdated=lt2026-03", 3, 5 },
		{ "/fhir/Task?_lastUpdated=ne2026-02-27,2025", 0, 0 },
		{ "/fhir/Task?_lastUpdated=2026-02-27T09:01Z,2025", 1, 1 },
		{ "/fhir/Task?status=accepted", 1, 1 },
		{ "/fhir/Task?status:not=accepted", 2, 4 },
		{ "/fhir/Task?status:not=accepted,rejected", 1, 3 },
		{ "/fhir/Task?status=http://hl7.org/fhir/task-status%7Caccepted", 1, 1 },
		{ "/fhir/Task?identifier:not=GP-2026-0042", 1, 3 },
		{ "/fhir/Task?_id:not=" FIXTURE_MSG_ID, 2, 2 },
		{ "/fhir/Task?status=requested,rejected", 2, 4 },
		{ "/fhir/Task?status=rejected&identifier=C-9", 1, 1 },
		{ "/fhir/Task?identifier=urn:nasoka:case-no%7CC-1", 1, 3 },
		{ "/fhir/Task?identifier=urn:nasoka:referral-no%7CC-1", 0, 0 },
		{ "/fhir/Task?identifier=https://gp.example/no%7CR-1", 1, 3 },
		{ "/fhir/Task?identifier=GP-2026-0042", 2, 2 },
		{ "/fhir/Task?identifier=GP-2026", 0, 0 },
		{ "/fhir/Task?_id=" FIXTURE_MSG_ID, 1, 3 },
		{ "/fhir/Task?_id=" FIXTURE_MSG_ID "," SHELF_STEP_ID, 2, 4 },
		{ "/fhir/Task?_count=1", 3, 3 },
		{ "/fhir/Task?_summary=count", 3, 0 },
		{ "/fhir/Task?owner=gp-plovdiv-1", 1, 3 },
		{ "/fhir/Task?owner=Organization/DSP-PLOVDIV", 2, 2 },
		{ "/fhir/Task?owner:identifier=urn:nasoka:agency%7Cdsp-plovdiv", 2, 2 },
		{ "/fhir/Task?requester=dsp-plovdiv&status=requested", 1, 3 },
		{ "/fhir/Task?patient=Patient/" FIXTURE_MSG_ID, 1, 3 },
		{ "/fhir/Task?patient=https://x.example/fhir/Patient/" SHELF_OURS_ID, 2, 2 },
		{ "/fhir/Task?patient.identifier=urn:nasoka:egn%7C1543079013", 3, 5 },
		{ "/fhir/Task?patient:identifier=1543079014", 0, 0 },
		{ "/fhir/Task?part-of=Task/" SHELF_OURS_ID, 1, 1 },
		{ "/fhir/Task?focus=ServiceRequest/" FIXTURE_MSG_ID, 1, 3 },
		{ "/fhir/Task?colour=blue&status=accepted", 1, 1 },
		{ "/fhir/ServiceRequest", 2, 2 },
		{ "/fhir/ServiceRequest?identifier=R-1", 1, 1 },
		{ "/fhir/ServiceRequest?status=revoked", 1, 1 },
		{ "/fhir/Patient?identifier=1543079013", 2, 2 },
		{ "/fhir/Patient?birthdate=2015-03-07&_id=" SHELF_OURS_ID, 1, 1 },
		{ "/fhir/Patient?birthdate=2016-03-07", 0, 0 },
		{ "/fhir/Patient?birthdate=gt2015-03-06&birthdate=lt2015-03-08", 2, 2 },
		{ "/fhir/Patient?birthdate=2015", 2, 2 },
		{ "/fhir/Patient?birthdate=gt2015", 0, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct shelf s = shelf_new(*state);
		enum err e;
		json_t *root = shelf_search(&s, *state, rows[i].path, NULL, NULL, &e);
		int total = (int)json_integer_value(json_object_get(root, "total"));
		int entries = (int)json_array_size(json_object_get(root, "entry"));

		if (e != OK || total != rows[i].total || entries != rows[i].entries)
			fail_msg("%s: %s %d of %d", rows[i].path, err_code(e), entries, total);
		assert_string_equal(text_at(root, "type"), "searchset");
		json_decref(root);
	}
}

/* A form asks as a query does, and both together. */
static void
search_by_form(void **state)
{
	struct shelf s = shelf_new(*state);
	enum err e;
	json_t *root = shelf_search(&s, *state, "/fhir/Task/_search?status=accepted,requested", "identifier=GP-2026-0042&_format=json", NULL, &e);

	assert_int_equal(e, OK);
	assert_int_equal(json_integer_value(json_object_get(root, "total")), 1);
	assert_string_equal(text_at(root, "entry.resource.id"), SHELF_STEP_ID);
	json_decref(root);
}

/* Page by page by the links that the server gives, everything comes once and the total stays. */
static void
search_pages(void **state)
{
	struct shelf s = shelf_new(*state);
	const struct request_head head = { .base = "https://gp.example:8443" };
	const char *path = "/fhir/Task?_count=1&status=requested,accepted,rejected", *seen[SHELF_N] = { NULL };
	json_t *root, *link;
	size_t n = 0, i;
	enum err e;

	while (path != NULL && n < SHELF_N) {
		root = shelf_search(&s, *state, path, NULL, &head, &e);
		assert_int_equal(e, OK);
		assert_int_equal(json_integer_value(json_object_get(root, "total")), SHELF_N);
		seen[n++] = arena_str(*state, text_at(root, "entry.resource.id"));
		path = NULL;
		json_array_foreach(json_object_get(root, "link"), i, link)
			if (strcmp(text_at(link, "relation"), "next") == 0) {
				assert_memory_equal(text_at(link, "url"), "https://gp.example:8443/fhir/Task?", 34);
				path = arena_str(*state, text_at(link, "url") + 23);
			}
		json_decref(root);
	}
	assert_null(path);
	assert_int_equal(n, SHELF_N);
	assert_string_equal(seen[0], FIXTURE_MSG_ID);
	assert_string_equal(seen[1], SHELF_STEP_ID);
	assert_string_equal(seen[2], SHELF_OURS_ID);
}

/* What is no condition is refused where it would change the answer, and passed over where the standard says so. */
static void
search_refused(void **state)
{
	static const struct {
		const char *path, *prefer, *accept;
		enum err e;
	} rows[] = {
		{ "/fhir/Task?_lastUpdated=gtyesterday", NULL, NULL, ERR_BAD_DATE },
		{ "/fhir/Task?_count=x", NULL, NULL, ERR_BAD_NUMBER },
		{ "/fhir/Task?_after=7", NULL, NULL, ERR_BAD_NUMBER },
		{ "/fhir/Task?status:in=accepted", "handling=lenient", NULL, ERR_SEARCH },
		{ "/fhir/Task?owner:not=dsp-plovdiv", NULL, NULL, ERR_SEARCH },
		{ "/fhir/Task?_lastUpdated=ap2026", NULL, NULL, ERR_BAD_DATE },
		{ "/fhir/Patient?birthdate=2015-13", NULL, NULL, ERR_BAD_DATE },
		{ "/fhir/Task?colour=blue", "handling=strict", NULL, ERR_SEARCH },
		{ "/fhir/Task?colour=blue", "handling=lenient", NULL, OK },
		{ "/fhir/Task?_format=xml", NULL, NULL, ERR_NOT_ACCEPTABLE },
		{ "/fhir/Task?_format=application/fhir%2Bjson", NULL, "application/fhir+xml", OK },
		{ "/fhir/Task", NULL, "application/fhir+xml", ERR_NOT_ACCEPTABLE },
		{ "/fhir/Task", NULL, "application/fhir+xml;q=0.5, application/json", OK },
		{ "/fhir/Task", NULL, "text/html,*/*;q=0.8", OK },
		{ "/fhir/Task?status=&identifier=", NULL, NULL, OK },
		{ "/fhir/Observation", NULL, NULL, ERR_NOTFOUND },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct request_head head = { .prefer = rows[i].prefer, .accept = rows[i].accept };
		struct shelf s = shelf_new(*state);
		enum err e;

		json_decref(shelf_search(&s, *state, rows[i].path, NULL, &head, &e));
		if (e != rows[i].e)
			fail_msg("%s: %s", rows[i].path, err_code(e));
	}
}

/* What can be told from the outside is told without opening a record; what was destroyed is no match. */
static void
search_opens_little(void **state)
{
	struct shelf s = shelf_new(*state);
	enum err e;

	json_decref(shelf_search(&s, *state, "/fhir/Task?identifier=R-1", NULL, NULL, &e));
	assert_int_equal(s.n_opened, 1);
	s.is_gone = true;
	json_decref(shelf_search(&s, *state, "/fhir/ServiceRequest?_id=none", NULL, NULL, &e));
	assert_int_equal(s.n_opened, 1);
	{
		json_t *root = shelf_search(&s, *state, "/fhir/Task?identifier=R-1", NULL, NULL, &e);

		assert_int_equal(json_integer_value(json_object_get(root, "total")), 0);
		assert_null(json_object_get(root, "entry"));
		json_decref(root);
	}
}

/* If-None-Exist: none is "create it", one is that one, several are a failed condition, no condition is refused. */
static void
condition_of_create(void **state)
{
	static const struct { const char *path; enum err e; } rows[] = {
		{ "/fhir/ServiceRequest?identifier=R-7", ERR_NOTFOUND }, { "/fhir/ServiceRequest?identifier=R-1", OK },
		{ "/fhir/ServiceRequest?patient:identifier=1543079013", ERR_PRECONDITION }, { "/fhir/ServiceRequest?x=y", ERR_REQUIRED },
	};
	const struct request_head head = { .if_none_exist = "x" };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct shelf s = shelf_new(*state);
		enum err e;
		json_t *root = shelf_search(&s, *state, rows[i].path, NULL, &head, &e);

		if (e != rows[i].e)
			fail_msg("%s: %s", rows[i].path, err_code(e));
		if (e == OK)
			assert_string_equal(text_at(root, "resourceType"), "ServiceRequest");
		json_decref(root);
	}
}

/* One resource is read with its version and time, is spared who has it already, and a step is no ServiceRequest. */
static void
show_one(void **state)
{
	struct shelf s = shelf_new(*state);
	struct subject referral = shelf_item(&s, 0), step = shelf_item(&s, 1);
	const struct request_head has = { .if_none_match = "W/\"v-1\"" }, minimal = { .prefer = "return=minimal" },
				  outcome = { .prefer = "return=OperationOutcome" };
	struct native request = { .method = "GET", .path = "/fhir/Patient/x" }, view;
	struct why why = { 0 };

	assert_int_equal(health_fhir_show(&referral, &request, &fixture_env, *state, &view, &why), OK);
	assert_string_equal(view.etag, "W/\"v-1\"");
	assert_int_equal(view.modified_ms, FIXTURE_NOW);
	assert_non_null(strstr(fixture_text(*state, &view), "\"resourceType\":\"Patient\""));
	assert_int_equal(health_fhir_show(&step, &request, &fixture_env, *state, &view, &why), ERR_UNKNOWN_REFERRAL);
	request.head = &has;
	assert_int_equal(health_fhir_show(&referral, &request, &fixture_env, *state, &view, &why), OK);
	assert_int_equal(view.status, 304);
	assert_int_equal(view.bytes.n, 0);
	request = (struct native){ .method = "PUT", .path = "/fhir/Task/x", .head = &minimal };
	assert_int_equal(health_fhir_show(&referral, &request, &fixture_env, *state, &view, &why), OK);
	assert_int_equal(view.bytes.n, 0);
	assert_string_equal(view.etag, "W/\"v-1\"");
	request.head = &outcome;
	assert_int_equal(health_fhir_show(&referral, &request, &fixture_env, *state, &view, &why), OK);
	assert_non_null(strstr(fixture_text(*state, &view), "\"severity\":\"information\""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(search_conditions), FIXTURE_TEST(search_by_form), FIXTURE_TEST(search_pages), FIXTURE_TEST(search_refused),
		FIXTURE_TEST(search_opens_little), FIXTURE_TEST(condition_of_create), FIXTURE_TEST(show_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
