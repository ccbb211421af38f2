/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_fixture.h"

#include <jansson.h>

static struct intake
posted(struct arena *mem, const char *rest)
{
	struct native in = fixture_native(span_str(arena_fmt(mem, "{\"resourceType\":\"Appointment\",%s}", rest)));
	struct intake intake;

	in.path = "/fhir/Appointment";
	health_fhir_to_records(&in, &fixture_env, mem, &intake);
	return intake;
}

#define ON "\"basedOn\":[{\"identifier\":{\"value\":\"R-1\"}}]"
#define TIMES "\"start\":\"2026-03-05T10:00:00+02:00\",\"end\":\"2026-03-05T11:00:00+02:00\""

/* Booked, cancelled and missed are their steps, with time, place and reason. */
static void
appointment_steps(void **state)
{
	static const struct { const char *json, *to, *transition, *reason, *place; } rows[] = {
		{ "\"status\":\"booked\"," TIMES "," ON ",\"participant\":[{\"actor\":{\"type\":\"Location\",\"display\":\"Каб. 4\"},"
		  "\"status\":\"accepted\"}]", "scheduled", NULL, NULL, "Каб. 4" },
		{ "\"status\":\"cancelled\"," ON ",\"cancelationReason\":{\"text\":\"болест\"}", "accepted", "T14", "болест", NULL },
		{ "\"status\":\"noshow\"," TIMES ",\"basedOn\":{\"reference\":\"ServiceRequest/R-1\"},\"comment\":\"не дойдоха\","
		  "\"extension\":[{\"url\":\"urn:nasoka:field:attempt_no\",\"valueInteger\":2}]",
		  "scheduled", "T13", "не дойдоха", NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct intake intake = posted(*state, rows[i].json);
		const struct status *s;

		if (intake.e != OK || intake.items[0].e != OK)
			fail_msg("%zu: %s", i, intake.e != OK ? intake.why.text : intake.items[0].why.text);
		s = intake.items[0].record->status;
		assert_string_equal(s->referral_id, "R-1");
		assert_string_equal(s->to, rows[i].to);
		assert_string_equal(s->transition != NULL ? s->transition : "", rows[i].transition != NULL ? rows[i].transition : "");
		assert_string_equal(s->reason_text != NULL ? s->reason_text : "", rows[i].reason != NULL ? rows[i].reason : "");
		assert_int_equal(s->attempt_no != NULL ? *s->attempt_no : 0, i == 2 ? 2 : 0);
		if (rows[i].place != NULL)
			assert_string_equal(s->appointment->place, rows[i].place);
		if (strcmp(rows[i].to, "scheduled") == 0)
			assert_true(*s->appointment->end - *s->appointment->start == 3600000);
	}
}

/* What is none of these is refused; the same again is the same, another time is not. */
static void
appointment_refused(void **state)
{
	const char *first = posted(*state, "\"status\":\"booked\"," TIMES "," ON).items[0].native_id;

	assert_int_equal(posted(*state, "\"status\":\"proposed\"," ON).items[0].e, ERR_UNSUPPORTED);
	assert_int_equal(posted(*state, ON).items[0].e, ERR_REQUIRED);
	assert_int_equal(posted(*state, "\"status\":\"booked\"," TIMES).items[0].e, ERR_REQUIRED);
	assert_int_equal(posted(*state, "\"status\":\"booked\",\"start\":\"2026-13-01\"," ON).items[0].e, ERR_BAD_DATE);
	assert_string_equal(posted(*state, "\"status\":\"booked\"," TIMES "," ON).items[0].native_id, first);
	assert_string_not_equal(posted(*state, "\"status\":\"booked\",\"start\":\"2026-03-06T10:00:00Z\"," ON).items[0].native_id, first);
}

/* A fixed time goes out beside its Task, and the pair is read back as the one step of the Task. */
static void
appointment_beside_task(void **state)
{
	struct arena *mem = *state;
	const struct record *referral = fixture_item(mem, "fhir-referral-message.json")->record;
	struct record *record = fixture_item(mem, "fhir-status-scheduled.json")->record;
	struct native native = { 0 };
	struct outgoing out;
	struct why why = { 0 };
	struct intake intake;

	record->status->appointment->end = record_int(mem, *record->status->appointment->start + 3600000);
	out = fixture_out(record, referral);
	assert_int_equal(health_fhir_from_record(&out, FORMAT_FHIR, &fixture_env, mem, &native, &why), OK);
	assert_non_null(strstr(fixture_text(mem, &native), "\"resourceType\":\"Appointment\""));
	assert_non_null(strstr(fixture_text(mem, &native), "\"status\":\"booked\""));
	intake = fixture_read(mem, native.bytes);
	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.n, 1);
	assert_int_equal(intake.items[0].e, OK);
	assert_true(*intake.items[0].record->status->appointment->end == *record->status->appointment->end);
	record->status->appointment->end = NULL;
	assert_int_equal(health_fhir_from_record(&out, FORMAT_FHIR, &fixture_env, mem, &native, &why), OK);
	assert_null(strstr(fixture_text(mem, &native), "Appointment"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(appointment_steps), FIXTURE_TEST(appointment_refused), FIXTURE_TEST(appointment_beside_task),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
