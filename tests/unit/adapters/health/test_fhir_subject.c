/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_results.h"

#define UUID_1 "0f0e1f00-0000-4000-8000-000000000001"
#define UUID_2 "0f0e1f00-0000-4000-8000-000000000002"
#define UUID_3 "0f0e1f00-0000-4000-8000-000000000003"
#define EGN_1 "1543079013"
#define EGN_2 "1545123455"
#define PLAC(no) ",\"identifier\":[{\"type\":{\"coding\":[{\"code\":\"PLAC\"}]},\"value\":\"" no "\"}]"
#define ID(egn) "{\"system\":\"urn:nasoka:egn\",\"value\":\"" egn "\"}"
#define MRN(no) "{\"system\":\"http://his.example/mrn\",\"value\":\"" no "\"}"
#define BY(ids) "{\"type\":\"Patient\",\"identifier\":" ids "}"
#define AT(said) "{\"reference\":\"" said "\"}"
#define INSIDE(ids) ",\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"p\",\"identifier\":[" ids "]}]"
#define TASK(no, rest) "{\"resourceType\":\"Task\",\"intent\":\"order\",\"status\":\"accepted\"" PLAC(no) rest "}"
#define OBSERVATION(no, rest) "{\"resourceType\":\"Observation\",\"status\":\"final\",\"code\":{\"text\":\"x\"},\"valueString\":\"v\"" PLAC(no) rest "}"
#define REPORT(no, rest) "{\"resourceType\":\"DiagnosticReport\",\"status\":\"final\",\"conclusion\":\"x\"" PLAC(no) rest "}"
#define FILE_OF(no, rest) "{\"resourceType\":\"DocumentReference\",\"status\":\"current\"" PLAC(no) rest ",\"content\":[{\"attachment\":{\"contentType\":" \
	"\"application/pdf\",\"title\":\"x.pdf\",\"data\":\"JVBERi0xLjQK\"}}]}"
#define BOOKED(no, actor) "{\"resourceType\":\"Appointment\",\"status\":\"booked\",\"basedOn\":[{\"identifier\":{\"value\":\"" no "\"}}]," \
	"\"start\":\"2027-01-11T08:00:00Z\",\"end\":\"2027-01-11T09:00:00Z\",\"participant\":[{\"actor\":{\"type\":\"Practitioner\",\"identifier\":" ID(EGN_2) \
	"}},{\"actor\":" actor "}]"
#define CONSENT(no, rest) "{\"resourceType\":\"Consent\",\"status\":\"inactive\"" PLAC(no) rest "}"
#define ANSWER(text) "\"answer\":[{\"valueString\":\"" text "\"}]}"
#define ITEMS(no) ",\"item\":[{\"linkId\":\"referral_id\"," ANSWER(no) ",{\"linkId\":\"questions[0].text\"," ANSWER("Кой?") "]}"
#define ASKS "{\"resourceType\":\"QuestionnaireResponse\",\"status\":\"completed\",\"questionnaire\":\"urn:nasoka:kind:info-request\""
#define ASKED(no, rest) ASKS rest ITEMS(no)

static struct person_id ids[2] = { { .type = "EGN", .value = EGN_1 }, { .type = "EGN", .value = EGN_2 } };
static struct person_id *first[] = { &ids[0] }, *second[] = { &ids[1] };
static struct person people[3] = { { .ids = first, .n_ids = 1 }, { .ids = second, .n_ids = 1 }, { .n_ids = 0 } };
static struct referral referrals[3] = { { .child = &people[0] }, { .child = &people[1] }, { .child = &people[2] } };
static struct record records[3] = { { .referral = &referrals[0] }, { .referral = &referrals[1] }, { .referral = &referrals[2] } };

/* 1 and 2 are of two children, 3 of one without a number; 7 is of 1 and, at another agency, of 2. */
static enum err
three_known(void *core, const char *number, struct arena *mem, struct progress *ret_progress)
{
	static const char *const names[][2] = { { UUID_1, "1" }, { UUID_2, "2" }, { UUID_3, "3" } };
	struct progress *namesake = arena_alloc(mem, sizeof(*namesake));
	bool is_of_two = strcmp(number, "7") == 0;

	(void)core;
	for (size_t i = 0; i < 3; i++)
		if (strcmp(number, names[i][0]) == 0 || strcmp(number, names[i][1]) == 0 || is_of_two) {
			*ret_progress = (struct progress){ .thread = names[i][0], .msg_id = names[i][0], .referral_no = is_of_two ? "7" : names[i][1],
				.state = "received", .referral = &records[i] };
			if (is_of_two) {
				*namesake = (struct progress){ .thread = UUID_2, .msg_id = UUID_2, .referral_no = "7", .referral = &records[1] };
				ret_progress->namesake = namesake;
			}
			return OK;
		}
	return ERR_UNKNOWN_REFERRAL;
}

static struct intake
read_of(struct arena *mem, const char *text)
{
	struct native in = fixture_native(span_str(text));
	struct sector_env env = fixture_env;
	struct intake intake;

	env.progress_of = three_known;
	health_fhir_to_records(&in, &env, mem, &intake);
	return intake;
}

/* What is of another child than was referred is refused at its place, whichever way it says whose it is. */
static void
another_child(void **state)
{
	static const struct { const char *text, *where; } rows[] = {
		{ TASK("1", ",\"for\":" BY(ID(EGN_2))), "Task.for" }, { TASK("1", ",\"for\":" AT("#p") INSIDE(ID(EGN_2))), "Task.for" },
		{ TASK("1", ",\"for\":{\"identifier\":" ID(EGN_2) "}"), "Task.for" }, { TASK("1", ",\"for\":" AT("Patient/" UUID_2)), "Task.for" },
		{ TASK("1", ",\"for\":" AT("https://h.example/fhir/Patient/" UUID_2 "/_history/2")), "Task.for" },
		{ TASK("1", ",\"for\":" AT("#p") INSIDE(MRN("55") "," ID(EGN_2))), "Task.for" },
		{ OBSERVATION("1", ",\"subject\":" AT("#p") INSIDE(ID(EGN_2))), "Observation.subject" },
		{ OBSERVATION("1", ",\"subject\":" BY(ID(EGN_2))), "Observation.subject" },
		{ OBSERVATION("1", ",\"subject\":" AT("Patient/" UUID_2)), "Observation.subject" },
		{ REPORT("1", ",\"subject\":" BY(ID(EGN_2))), "DiagnosticReport.subject" },
		{ FILE_OF("1", ",\"subject\":" AT("#p") INSIDE(ID(EGN_2))), "DocumentReference.subject" },
		{ FILE_OF("1", ",\"subject\":" BY(ID(EGN_2))), "DocumentReference.subject" },
		{ BOOKED("1", BY(ID(EGN_2))) "}", "Appointment.participant[1].actor" },
		{ BOOKED("1", AT("#p")) INSIDE(ID(EGN_2)) "}", "Appointment.participant[1].actor" },
		{ CONSENT("1", ",\"patient\":" BY(ID(EGN_2))), "Consent.patient" },
		{ CONSENT("1", ",\"patient\":" AT("#p") INSIDE(ID(EGN_2))), "Consent.patient" },
		{ ASKED("1", ",\"subject\":" BY(ID(EGN_2))), "QuestionnaireResponse.subject" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct intake intake = read_of(*state, rows[i].text);
		const struct why *why = intake.n > 0 ? &intake.items[0].why : &intake.why;

		if (intake.n == 0 || intake.items[0].e != ERR_INCONSISTENT || strcmp(why->where, rows[i].where) != 0)
			fail_msg("%s: %s %s", rows[i].text, err_name(intake.n > 0 ? intake.items[0].e : intake.e), why->where);
	}
}

/* The child that was referred, and what tells of none: its own system's number or address, another person, a child without a number. */
static void
the_child(void **state)
{
	static const struct { const char *text, *no; } rows[] = {
		{ TASK("1", ",\"for\":" BY(ID(EGN_1))), "1" }, { TASK("1", ",\"for\":" AT("#p") INSIDE(ID(EGN_1))), "1" },
		{ TASK("1", ",\"for\":" AT("#p") INSIDE(MRN("55") "," ID(EGN_1))), "1" }, { TASK("1", ",\"for\":" AT("#p") INSIDE(MRN("55"))), "1" },
		{ TASK("1", ",\"for\":" BY(MRN("55"))), "1" }, { TASK("1", ",\"for\":" AT("Patient/" UUID_1)), "1" },
		{ TASK("1", ",\"for\":" AT("Patient/2")), "1" }, { TASK("1", ",\"for\":" AT("Patient/55")), "1" },
		{ TASK("1", ",\"for\":{\"type\":\"RelatedPerson\",\"identifier\":" ID(EGN_2) "}"), "1" },
		{ TASK("3", ",\"for\":" BY(ID(EGN_2))), "3" }, { TASK("1", ",\"for\":" AT("Patient/" UUID_3)), "1" },
		{ TASK("unknown", ",\"for\":" BY(ID(EGN_2))), "unknown" }, { BOOKED("1", BY(ID(EGN_1))) "}", "1" },
		{ TASK("7", ",\"for\":" BY(ID(EGN_1))), UUID_1 }, { TASK("7", ",\"for\":" BY(ID(EGN_2))), UUID_2 }, { TASK("7", ""), "7" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct intake intake = read_of(*state, rows[i].text);

		if (intake.n != 1 || intake.items[0].e != OK)
			fail_msg("%s: %s %s", rows[i].text, err_name(intake.n > 0 ? intake.items[0].e : intake.e),
				 intake.n > 0 ? intake.items[0].why.where : intake.why.where);
		assert_string_equal(intake.items[0].record->status->referral_id, rows[i].no);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(another_child), FIXTURE_TEST(the_child),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
