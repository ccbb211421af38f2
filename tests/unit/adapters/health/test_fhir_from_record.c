/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_fixture.h"

#include <stdlib.h>

#include <jansson.h>

static const char *const vectors[] = {
	"fhir-referral-message", "fhir-referral-transaction", "fhir-referral-lone", "fhir-status-accepted", "fhir-status-declined",
	"fhir-status-redirected", "fhir-status-scheduled", "fhir-status-completed", "fhir-status-bser", "fhir-status-questions",
};

#define N_VECTORS (sizeof(vectors) / sizeof(vectors[0]))

/* What was written on purpose: GOLDEN=write rewrites the expected files, for a person to look at. */
static void
assert_golden(struct arena *mem, const char *name, const char *ext, const char *text)
{
	const char *file = arena_fmt(mem, "%s.%s", name, ext);
	const char *path = arena_fmt(mem, "tests/vectors/health/%s", file);

	if (getenv("GOLDEN") != NULL && strcmp(getenv("GOLDEN"), "write") == 0) {
		FILE *f = fopen(path, "wb");

		assert_non_null(f);
		fputs(text, f);
		fclose(f);
	}
	assert_string_equal(text, (const char *)fixture_file(mem, file).p);
}

static const char *
pretty(struct arena *mem, struct span bytes)
{
	json_t *json = json_loadb((const char *)bytes.p, bytes.n, 0, NULL);
	char *text = json_dumps(json, JSON_INDENT(1));
	const char *copy = arena_fmt(mem, "%s\n", text);

	free(text);
	json_decref(json);
	return copy;
}

static struct native
written(struct arena *mem, const struct outgoing *out)
{
	struct native native;
	struct why why;

	assert_int_equal(health_fhir_from_record(out, FORMAT_FHIR, &fixture_env, mem, &native, &why), OK);
	return native;
}

/* Each vector gives the record, and the record gives the Bundle, that were looked at and agreed on. */
static void
from_record_golden(void **state)
{
	struct arena *mem = *state;
	const struct record *referral = fixture_item(mem, "fhir-referral-message.json")->record;

	for (size_t i = 0; i < N_VECTORS; i++) {
		const struct record *record = fixture_item(mem, arena_fmt(mem, "%s.json", vectors[i]))->record;
		struct outgoing out = fixture_out(record, record->referral != NULL ? record : referral);
		struct native native = written(mem, &out);

		assert_golden(mem, vectors[i], "record", record_lines(record, mem));
		assert_golden(mem, vectors[i], "out.json", pretty(mem, native.bytes));
	}
}

/* Without what only the sender's own envelope says: its native id, and the count of what was left out. */
static const char *
comparable(const struct record *record, struct arena *mem)
{
	struct record r = *record;

	r.native_id = NULL;
	r.dropped = NULL;
	return record_lines(&r, mem);
}

/* Nothing that the record holds is lost on the way through FHIR: record, Bundle, record are equal in every field. */
static void
from_record_round_trip(void **state)
{
	struct arena *mem = *state;
	const struct record *referral = fixture_item(mem, "fhir-referral-message.json")->record;

	for (size_t i = 0; i < N_VECTORS; i++) {
		const struct record *record = fixture_item(mem, arena_fmt(mem, "%s.json", vectors[i]))->record;
		struct outgoing out = fixture_out(record, record->referral != NULL ? record : referral);
		struct native native = written(mem, &out);
		struct intake intake = fixture_read(mem, native.bytes);

		assert_int_equal(intake.e, OK);
		assert_int_equal(intake.items[0].e, OK);
		assert_string_equal(comparable(intake.items[0].record, mem), comparable(record, mem));
		assert_null(intake.items[0].record->dropped);
	}
}

/* Every single field of a referral and of a status, set alone beside what must be there, comes back. */
static void
from_record_every_field(void **state)
{
	static const char *const lines[] = {
		"referral.continues=C-1", "referral.target.unit=Отдел", "referral.target.worker.name=Ана",
		"referral.target.worker.role=р", "referral.target.worker.phone=1", "referral.target.worker.email=a@example.org",
		"referral.safety.do_not_contact_carer=true", "referral.safety.secret_address=false", "referral.interpreter=false",
		"referral.attendance.absences_excused=3", "referral.attendance.period_to=2026-01-31",
		"referral.attendance.measures_taken=разговор", "referral.preview.age_band=7-11",
		"referral.preview.service_kind=psych-counselling", "referral.preview.municipality=PDV22",
		"referral.preview.priority=urgent", "referral.child.ids[2].type=passport", "referral.child.ids[2].value=PP1",
		"referral.child.ids[2].country=TR", "referral.child.birth_date_accuracy=estimated",
		"referral.external_id=EXT-1", "referral.carers[1].relation=foster-carer", "referral.carers[1].address.ekatte=00702",
		"referral.diagnosis[1].code=Z62.2", "referral.legal_basis=duty-to-protect", "referral.priority=emergency",
		"referral.disposition_wanted=report-only", "referral.consent.form=electronic",
	};
	struct arena *mem = *state;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct record *record = fixture_item(mem, "fhir-referral-message.json")->record;
		char *line = arena_str(mem, lines[i]), *value = strchr(line, '=');
		struct outgoing out = fixture_out(record, record);
		struct native native;
		struct intake back;

		*value++ = '\0';
		if (strstr(line, "ids[2]") != NULL && strstr(line, ".type") == NULL) {
			assert_int_equal(record_set(record, mem, "referral.child.ids[2].type", "passport", NULL), OK);
			assert_int_equal(record_set(record, mem, "referral.child.ids[2].value", "PP1", NULL), OK);
		} else if (strstr(line, "ids[2]") != NULL) {
			assert_int_equal(record_set(record, mem, "referral.child.ids[2].value", "PP1", NULL), OK);
		}
		assert_int_equal(record_set(record, mem, line, value, NULL), OK);
		native = written(mem, &out);
		back = fixture_read(mem, native.bytes);
		if (back.items[0].e != OK)
			fail_msg("%s: %s", lines[i], back.items[0].why.text);
		assert_string_equal(record_get(back.items[0].record, mem, line), value);
		assert_null(back.items[0].record->dropped);
	}
}

/* Fields of a status that no vector has come back as well. */
static void
from_record_every_status_field(void **state)
{
	static const char *const lines[] = {
		"status.from=requested", "status.transition=T05", "status.actor.name=Ана", "status.actor.role=р",
		"status.actor.phone=1", "status.actor.email=a@example.org", "status.waitlist.position=4", "status.waitlist.band=B",
		"status.waitlist.estimated_wait_days=30", "status.waitlist.review_by=2026-04-01", "status.milestone=matched",
		"status.attempt_no=2", "status.supersedes=S-1", "status.outcome.outcome=need-met", "status.reason_code=missing",
		"status.assigned_worker.email=w@example.org", "status.expected_start=2026-03-09", "status.to=waitlisted",
		"status.to=cancel-requested", "status.to=withdrawn", "status.to=transferred", "status.to=expired", "status.to=failed",
		"status.to=on-hold", "status.to=in-progress", "status.to=received", "status.to=cancelled", "status.to=entered-in-error",
	};
	struct arena *mem = *state;
	const struct record *referral = fixture_item(mem, "fhir-referral-message.json")->record;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct record *record = fixture_item(mem, "fhir-status-accepted.json")->record;
		char *line = arena_str(mem, lines[i]), *value = strchr(line, '=');
		struct outgoing out = fixture_out(record, referral);
		struct native native;
		struct intake back;

		*value++ = '\0';
		assert_int_equal(record_set(record, mem, line, value, NULL), OK);
		native = written(mem, &out);
		back = fixture_read(mem, native.bytes);
		assert_int_equal(back.items[0].e, OK);
		assert_string_equal(record_get(back.items[0].record, mem, line), value);
		assert_null(back.items[0].record->dropped);
	}
}

/* Of the stages, "registered" carries the other side's number home, "refused" the reason; the others have no message. */
static void
from_record_stages(void **state)
{
	struct arena *mem = *state;
	struct outgoing out = fixture_out(NULL, fixture_item(mem, "fhir-referral-message.json")->record);
	struct native native;

	out.stage = "registered";
	out.external_no = "ДСП-17/2026";
	native = written(mem, &out);
	assert_non_null(strstr(fixture_text(mem, &native), "\"FILL\""));
	assert_non_null(strstr(fixture_text(mem, &native), "ДСП-17/2026"));
	out.stage = "refused";
	out.stage_err = ERR_CANNOT_OPEN;
	native = written(mem, &out);
	assert_non_null(strstr(fixture_text(mem, &native), "NSK-1105"));
	out.stage = "delivered";
	native = written(mem, &out);
	assert_int_equal(native.bytes.n, 0);
}

/* The same message written twice is the same bytes, and another message has other ids: a repeated delivery is recognised. */
static void
from_record_is_stable(void **state)
{
	struct arena *mem = *state;
	const struct record *record = fixture_item(mem, "fhir-referral-message.json")->record;
	struct outgoing out = fixture_out(record, record);
	struct native a = written(mem, &out), b = written(mem, &out), c;

	out.msg_id = "018f3c5e-7b1a-7c33-9f00-0a1b2c3d4e60";
	c = written(mem, &out);
	assert_true(span_eq(a.bytes, b.bytes));
	assert_false(span_eq(a.bytes, c.bytes));
}

/* An arena too small for the Bundle is ERR_TOOBIG, at whatever place it ends. */
static void
from_record_no_room(void **state)
{
	struct arena *mem = *state;
	const struct record *record = fixture_item(mem, "fhir-referral-message.json")->record;
	struct outgoing out = fixture_out(record, record);
	enum err e = ERR_TOOBIG;

	for (size_t cap = 16; e != OK; cap += 160) {
		struct arena *small = arena_new(cap);
		struct native native;

		e = health_fhir_from_record(&out, FORMAT_FHIR, &fixture_env, small, &native, NULL);
		arena_free(small);
		assert_true(e == OK ? cap > 2000 : e == ERR_TOOBIG);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(from_record_golden), FIXTURE_TEST(from_record_round_trip), FIXTURE_TEST(from_record_every_field),
		FIXTURE_TEST(from_record_every_status_field), FIXTURE_TEST(from_record_stages), FIXTURE_TEST(from_record_is_stable),
		FIXTURE_TEST(from_record_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
