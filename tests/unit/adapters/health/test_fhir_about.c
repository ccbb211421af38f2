/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_results.h"

#define UUID_1 "0f0e1f00-0000-4000-8000-000000000001"
#define UUID_2 "0f0e1f00-0000-4000-8000-000000000002"
#define TASK(rest) "{\"resourceType\":\"Task\",\"intent\":\"order\",\"status\":\"accepted\"" rest "}"
#define PLAC(no) ",\"identifier\":[{\"type\":{\"coding\":[{\"code\":\"PLAC\"}]},\"value\":\"" no "\"}]"
#define TO(path, said) ",\"" path "\":{\"reference\":\"" said "\"}"
#define BY(path, no) ",\"" path "\":{\"type\":\"ServiceRequest\",\"identifier\":{\"value\":\"" no "\"}}"
#define BOTH(path, said, no) ",\"" path "\":{\"reference\":\"" said "\",\"identifier\":{\"value\":\"" no "\"}}"
#define CONSENT(rest) "{\"resourceType\":\"Consent\",\"status\":\"inactive\"" rest "}"
#define DATA(id) "{\"reference\":{\"reference\":\"ServiceRequest/" id "\"}}"
#define FILE_OF(rest, id) "{\"resourceType\":\"DocumentReference\",\"status\":\"current\"" rest ",\"context\":{\"related\":[{\"reference\":" \
	"\"ServiceRequest/" id "\"}]},\"content\":[{\"attachment\":{\"data\":\"JVBERi0=\"}}]}"
#define ENTRY(method, url, task) "{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[{\"resource\":" task \
	",\"request\":{\"method\":\"" method "\",\"url\":\"" url "\"}}]}"

/* Two referrals that are known, each by its id and its number; the number of both is 7 at their agencies too, so that alone it names none. */
static enum err
two_known(void *core, const char *number, struct arena *mem, struct progress *ret_progress)
{
	static const char *const names[][2] = { { UUID_1, "1" }, { UUID_2, "2" } };

	(void)core;
	(void)mem;
	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < 2; k++)
			if (strcmp(number, names[i][k]) == 0) {
				*ret_progress = (struct progress){ .thread = names[i][0], .referral_no = names[i][1], .external_no = "7", .state = "received" };
				return OK;
			}
	return ERR_UNKNOWN_REFERRAL;
}

static struct intake
read_at(struct arena *mem, const char *method, const char *path, const char *text)
{
	static const struct request_head head = { .base = "http://his.example:8080" };
	struct native in = fixture_native(span_str(text));
	struct sector_env env = fixture_env;
	struct intake intake;

	in.head = &head;
	in.method = method;
	in.path = path;
	env.progress_of = two_known;
	health_fhir_to_records(&in, &env, mem, &intake);
	return intake;
}

static void
assert_about(struct arena *mem, const char *method, const char *path, const char *text, const char *no)
{
	struct intake intake = read_at(mem, method, path, text);

	if (intake.e != OK || intake.n != 1 || intake.items[0].e != OK)
		fail_msg("%s: %s %s", text, intake.e != OK ? intake.why.where : intake.items[0].why.where,
			 intake.e != OK ? intake.why.text : intake.items[0].why.text);
	if (strcmp(intake.items[0].record->status->referral_id, no) != 0)
		fail_msg("%s: a step of %s", text, intake.items[0].record->status->referral_id);
}

/* A Task names its referral by its number, by what it is for, by its place in ours, or by an id that we gave out. */
static void
named(void **state)
{
	static const struct { const char *text, *no; } rows[] = {
		{ TASK(PLAC("1")), "1" }, { TASK(TO("focus", "ServiceRequest/" UUID_1)), UUID_1 },
		{ TASK(TO("focus", "http://his.example:8080/fhir/ServiceRequest/" UUID_1 "/_history/3")), UUID_1 },
		{ TASK(TO("basedOn", "ServiceRequest/" UUID_2)), UUID_2 }, { TASK(TO("partOf", "Task/" UUID_2)), UUID_2 }, { TASK(BY("focus", "2")), "2" },
		{ TASK(",\"id\":\"" UUID_1 "\""), UUID_1 }, { TASK(",\"groupIdentifier\":{\"value\":\"1\"}"), "1" }, { TASK(BY("reasonReference", "2")), "2" },
		{ TASK(PLAC("1") TO("focus", "ServiceRequest/" UUID_1) ",\"id\":\"" UUID_1 "\""), "1" },
		{ TASK(BOTH("focus", "ServiceRequest/" UUID_1, "1")), UUID_1 },
		{ ENTRY("PUT", "Task/" UUID_1, TASK("")), UUID_1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_about(*state, "POST", "/fhir", rows[i].text, rows[i].no);
}

/* What may be a client's own, or a group's, or another server's, gives way to what names it well. */
static void
by_chance(void **state)
{
	static const struct { const char *text, *no; } rows[] = {
		{ TASK(",\"id\":\"2\"" TO("basedOn", "ServiceRequest/" UUID_1)), UUID_1 },
		{ TASK(",\"groupIdentifier\":{\"value\":\"2\"}" TO("basedOn", "ServiceRequest/" UUID_1)), UUID_1 },
		{ TASK(",\"reasonReference\":{\"identifier\":{\"value\":\"2\"}}" TO("focus", "ServiceRequest/" UUID_1)), UUID_1 },
		{ TASK(",\"basedOn\":[{\"identifier\":{\"value\":\"theirs\"}},{\"reference\":\"ServiceRequest/" UUID_1 "\"}]"), UUID_1 },
		{ TASK(TO("focus", "https://lab.example/fhir/ServiceRequest/2") TO("basedOn", "ServiceRequest/" UUID_1)), UUID_1 },
		{ TASK(",\"groupIdentifier\":{\"value\":\"2\"}" BY("focus", "unknown")), "unknown" },
		{ ENTRY("PUT", "Task/2", TASK(TO("basedOn", "ServiceRequest/" UUID_1))), UUID_1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_about(*state, "POST", "/fhir", rows[i].text, rows[i].no);
	assert_int_equal(read_at(*state, "POST", "/fhir", TASK(",\"id\":\"2\"")).items[0].e, ERR_REQUIRED);
}

/* Two agencies may count alike: the address then tells which of the two is meant. */
static void
number_of_two(void **state)
{
	assert_about(*state, "POST", "/fhir", TASK(PLAC("7") TO("focus", "ServiceRequest/" UUID_2)), UUID_2);
	assert_about(*state, "PUT", "/fhir/Task/" UUID_1, TASK(PLAC("7") ",\"id\":\"" UUID_1 "\""), UUID_1);
	assert_about(*state, "POST", "/fhir", TASK(PLAC("7")), "7");	/* the core refuses it */
}

/* Nothing is taken that names two children's referrals, whichever of the two it puts first. */
static void
two_named(void **state)
{
	static const char *const rows[] = {
		TASK(PLAC("2") TO("focus", "ServiceRequest/" UUID_1)), TASK(PLAC("2") TO("basedOn", "ServiceRequest/" UUID_1)),
		TASK(PLAC("unknown") TO("focus", "ServiceRequest/" UUID_1)),
		TASK(TO("focus", "ServiceRequest/" UUID_1) TO("basedOn", "ServiceRequest/" UUID_2)),
		TASK(",\"basedOn\":[{\"reference\":\"ServiceRequest/" UUID_1 "\"},{\"reference\":\"ServiceRequest/" UUID_2 "\"}]"),
		TASK(BOTH("focus", "ServiceRequest/" UUID_1, "2")), TASK(",\"id\":\"" UUID_2 "\"" TO("focus", "ServiceRequest/" UUID_1)),
		TASK(TO("partOf", "Task/" UUID_1) PLAC("2")), ENTRY("PUT", "Task/" UUID_1, TASK(PLAC("2"))),
		"{\"resourceType\":\"Appointment\",\"status\":\"booked\"" PLAC("2") TO("basedOn", "ServiceRequest/" UUID_1) "}",
		FILE_OF(PLAC("2"), UUID_1), CONSENT(",\"provision\":{\"data\":[" DATA(UUID_1) "," DATA(UUID_2) "]}"),
	};
	struct intake intake;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		intake = read_at(*state, "POST", "/fhir", rows[i]);
		if (intake.e != OK || intake.items[0].e != ERR_INCONSISTENT)
			fail_msg("%s: %s", rows[i], err_name(intake.e != OK ? intake.e : intake.items[0].e));
	}
	assert_int_equal(read_at(*state, "PUT", "/fhir/Task/" UUID_1, TASK(PLAC("2"))).items[0].e, ERR_INCONSISTENT);
	assert_int_equal(read_at(*state, "PUT", "/fhir/Consent/" UUID_1, CONSENT(PLAC("2"))).items[0].e, ERR_INCONSISTENT);
	assert_int_equal(read_at(*state, "POST", "/fhir", CONSENT(",\"identifier\":[{\"system\":\"urn:form\",\"value\":\"2\"}]")).items[0].e,
			 ERR_REQUIRED);
}

/* An entry asks for what is done here, and its address is its resource's. */
static void
entries(void **state)
{
	assert_int_equal(read_at(*state, "POST", "/fhir", ENTRY("DELETE", "Task/" UUID_1, TASK(PLAC("1")))).e, ERR_UNSUPPORTED);
	assert_int_equal(read_at(*state, "POST", "/fhir", ENTRY("PUT", "Task/" UUID_1, TASK(PLAC("1") ",\"id\":\"" UUID_2 "\""))).e, ERR_SYNTAX);
	assert_about(*state, "POST", "/fhir", ENTRY("POST", "Task", TASK(PLAC("1"))), "1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(named), FIXTURE_TEST(by_chance), FIXTURE_TEST(number_of_two), FIXTURE_TEST(two_named), FIXTURE_TEST(entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
