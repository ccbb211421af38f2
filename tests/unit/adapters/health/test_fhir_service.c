/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_fixture.h"

#include <jansson.h>

#include "adapters/core/services_find.h"

#define N 3

static const char *plovdiv[] = { "PDV17", "PDV22" }, *kuklen[] = { "PDV42" }, *bulgarian[] = { "bg" }, *hours[] = { "Mo-Fr 09:00-17:00" };
static struct announce_contact phone[] = { { "phone", "+35932000001" }, { "desk", "2" } };
static struct announce_place place[] = { { "PDV22", "56784", "ул. Примерна 1" } };

/* Speech therapy with two places, the same that is full and ended, a day centre whose word has gone stale. */
static void
services(struct service *s)
{
	static const struct agency cop = { .id = "dsp-plovdiv", .name_bg = "Център" };

	for (size_t i = 0; i < N; i++) {
		s[i] = (struct service){ .agency = &cop, .created_ms = FIXTURE_NOW - (int64_t)i };
		s[i].announce = (struct announce){
			.service_id = i == 0 ? "speech-1" : i == 1 ? "speech_2" : "day-1", .agency = "dsp-plovdiv",
			.service_kind = i == 2 ? "parent-support" : "speech-therapy", .programme = "P2", .name_bg = "Логопед",
			.name_en = "Speech", .municipalities = i == 2 ? kuklen : plovdiv, .n_municipalities = i == 2 ? 1 : 2,
			.min_age = 3, .max_age = 7, .schedule = hours, .n_schedule = 1, .contacts = phone, .n_contacts = 2,
			.languages = bulgarian, .n_languages = 1, .places = place, .n_places = 1,
			.capacity_status = i == 1 ? "no-capacity" : "capacity", .unit = "place", .total = 10, .funded = ANNOUNCE_UNSAID,
			.available = i == 1 ? 0 : 2, .waiting = ANNOUNCE_UNSAID, .median_wait_days = ANNOUNCE_UNSAID,
			.as_of_ms = FIXTURE_NOW - CLOCK_DAY, .valid_until_ms = i == 2 ? FIXTURE_NOW - 1 : FIXTURE_NOW + CLOCK_DAY,
			.is_ended = i == 1,
		};
	}
}

static json_t *
get(struct arena *mem, const char *path, enum err *ret_e)
{
	struct native request = { .method = "GET", .path = path }, list = { 0 };
	struct service s[N];
	struct why why = { 0 };

	services(s);
	*ret_e = health_fhir_services(s, N, &request, &fixture_env, mem, &list, &why);
	return *ret_e == OK ? json_loadb((const char *)list.bytes.p, list.bytes.n, 0, NULL) : NULL;
}

/* What is asked for is found; what has ended only by name, what is stale never as free. */
static void
service_search(void **state)
{
	static const struct { const char *query; int total; } rows[] = {
		{ "", 2 }, { "service-type=urn:nasoka:service-kind%7Cspeech-therapy", 1 }, { "service-category=P2", 2 }, { "service-category=P3", 0 },
		{ "coverage-area=PDV42", 1 }, { "organization=DSP-PLOVDIV", 2 }, { "organization=Organization/other", 0 },
		{ "name=%D0%BB%D0%BE%D0%B3", 2 }, { "age=5", 2 }, { "age=9", 0 }, { "characteristic=free", 1 }, { "characteristic=stale", 1 },
		{ "active=false", 1 }, { "active=true", 2 }, { "identifier=day-1", 1 }, { "_id=dsp-plovdiv.speech-1", 1 },
		{ "_lastUpdated=ge2026-02-27T09:00:00Z", 1 }, { "_summary=count", 2 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum err e;
		json_t *root = get(*state, arena_fmt(*state, "/fhir/HealthcareService?%s", rows[i].query), &e);

		if (e != OK || json_integer_value(json_object_get(root, "total")) != rows[i].total)
			fail_msg("%s: %s %d", rows[i].query, err_code(e), (int)json_integer_value(json_object_get(root, "total")));
		json_decref(root);
	}
}

/* One service says all that was announced of it. */
static void
service_whole(void **state)
{
	enum err e;
	json_t *s = get(*state, "/fhir/HealthcareService/dsp-plovdiv.speech-1?x", &e);

	assert_int_equal(e, OK);
	assert_string_equal(fhir_text(s, "identifier.value"), "speech-1");
	assert_string_equal(fhir_text(s, "providedBy.identifier.value"), "dsp-plovdiv");
	assert_string_equal(fhir_text(s, "type.coding.code"), "speech-therapy");
	assert_string_equal(fhir_text(s, "location.identifier.value"), "56784");
	assert_string_equal(fhir_text(s, "characteristic.coding.code"), "free");
	assert_int_equal(json_integer_value(fhir_extension(fhir_extension(s, "urn:nasoka:capacity"), "available")), 2);
	assert_null(fhir_extension(fhir_extension(s, "urn:nasoka:capacity"), "funded"));
	assert_string_equal(fhir_text(fhir_item(s, "telecom", 1), "system"), "other");
	assert_int_equal(json_integer_value(fhir_extension(fhir_at(s, "eligibility"), "urn:nasoka:min-age")), 3);
	json_decref(s);
}

/* An id that FHIR would not take is made; it is the same at each reading. What is not there is told. */
static void
service_ids(void **state)
{
	enum err e;
	json_t *list = get(*state, "/fhir/HealthcareService?identifier=speech_2&active=false", &e), *one;
	const char *id = fhir_text(list, "entry.resource.id");

	assert_memory_equal(id, "service-", 8);
	one = get(*state, arena_fmt(*state, "/fhir/HealthcareService/%s", id), &e);
	assert_string_equal(fhir_text(one, "identifier.value"), "speech_2");
	json_decref(one);
	json_decref(list);
	assert_null(get(*state, "/fhir/HealthcareService/none", &e));
	assert_int_equal(e, ERR_NOTFOUND);
	assert_null(get(*state, "/fhir/HealthcareService?age=x", &e));
	assert_int_equal(e, ERR_BAD_NUMBER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { FIXTURE_TEST(service_search), FIXTURE_TEST(service_whole), FIXTURE_TEST(service_ids) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
