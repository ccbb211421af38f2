/* SPDX-License-Identifier: EUPL-1.2 */
/* test_record_sense - what is whole and in form, and cannot be true, is refused with its place; what may be true passes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "proto/base/clock.h"
#include "tests/support/sample_record.h"

#define MIDNIGHT INT64_C(1772488800000)	/* 2026-03-02T22:00Z: the third of March begins in Bulgaria */
#define NOW (MIDNIGHT + 2 * CLOCK_HOUR)

static struct arena *mem;
static struct record *record;

static int
setup(void **state)
{
	(void)state;
	mem = arena_new((size_t)4 << 20);
	record = record_new(mem, "record");
	return record == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(mem);
	return 0;
}

static void
put(const char *path, const char *text)
{
	assert_int_equal(record_set(record, mem, path, text, NULL), OK);
}

static void
expect(enum err e, const char *where)
{
	struct why why = { .where = "" };
	enum err got = record_check_sense(record, NOW, &why);

	if (got != e || strcmp(why.where, where) != 0)
		fail_msg("%s at '%s', not %s at '%s'", err_name(got), why.where, err_name(e), where);
	assert_null(strstr(why.text, "1543079013"));
}

/* An EGN beside another day or sex is refused, wherever there is a person; other numbers, invalid ones and vaguer dates are not its affair. */
static void
sense_compares_the_egn(void **state)
{
	(void)state;
	put("referral.child.birth_date", "2015-03-07");
	put("referral.child.gender", "female");
	put("referral.child.ids[0].type", "local");
	put("referral.child.ids[0].value", "7523169263");
	put("referral.child.ids[1].type", "EGN");
	put("referral.child.ids[1].value", "1543079013");
	expect(OK, "");
	put("referral.child.gender", "male");
	expect(ERR_ID_DISAGREES, "referral.child.ids[1].value");
	put("referral.child.gender", "unknown");
	expect(OK, "");
	put("referral.child.birth_date", "2015-03-06");
	expect(ERR_ID_DISAGREES, "referral.child.ids[1].value");
	put("referral.child.birth_date_accuracy", "month");
	expect(OK, "");
	put("referral.child.ids[1].value", "1543079014");	/* record_check's affair */
	put("referral.child.birth_date", "2001-01-01");
	expect(OK, "");
	put("referral.child.ids[1].value", "1543079013");
	put("referral.child.ids[1].type", "other");		/* the way out, where the document itself differs */
	expect(OK, "");
	put("transfer.child.ids[0].type", "EGN");
	put("transfer.child.ids[0].value", "1543079013");
	expect(OK, "");
	put("transfer.child.birth_date", "2014-03-07");
	expect(ERR_ID_DISAGREES, "transfer.child.ids[0].value");
}

/* A code that no municipality or oblast has is refused, and a settlement of another municipality; codes of other oblasts and settlements that
 * we do not know may be right, and the shared seat is of each that has it. */
static void
sense_knows_the_map(void **state)
{
	static const struct { const char *municipality, *ekatte, *county, *country; enum err e; const char *field; } places[] = {
		{ "PDV22", "56784", "PDV", "BG", OK, "" }, { "PDV17", "56784", NULL, NULL, OK, "" }, { "PDV26", "56784", NULL, NULL, OK, "" },
		{ "PDV01", "56784", NULL, NULL, ERR_PLACE_DISAGREES, "ekatte" }, { "PDV42", "00702", NULL, NULL, ERR_PLACE_DISAGREES, "ekatte" },
		{ "SOF46", "00702", NULL, NULL, ERR_PLACE_DISAGREES, "ekatte" }, { "PDV01", "00702", NULL, NULL, OK, "" },
		{ "PDV01", "99999", NULL, NULL, OK, "" }, { "SOF46", "68134", "SOF", NULL, OK, "" }, { NULL, "00702", NULL, NULL, OK, "" },
		{ "PDV99", NULL, NULL, NULL, ERR_UNKNOWN_CODE, "municipality" }, { "PDV00", NULL, NULL, NULL, ERR_UNKNOWN_CODE, "municipality" },
		{ "QQQ22", NULL, NULL, NULL, ERR_UNKNOWN_CODE, "municipality" }, { "пдв", "00702", NULL, NULL, OK, "" },
		{ NULL, NULL, "QQQ", NULL, ERR_UNKNOWN_CODE, "county" }, { NULL, NULL, "QQQ", "BGR", ERR_UNKNOWN_CODE, "county" },
		{ NULL, NULL, "QQQ", "DE", OK, "" }, { NULL, NULL, "16", "BG", OK, "" },
	};
	char where[64];

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		record = record_new(mem, "record");
		put("referral.carers[0].address.municipality", places[i].municipality);
		put("referral.carers[0].address.ekatte", places[i].ekatte);
		put("referral.carers[0].address.county", places[i].county);
		put("referral.carers[0].address.country", places[i].country);
		put("referral.household_size", "3");
		snprintf(where, sizeof(where), "%s%s", *places[i].field ? "referral.carers[0].address." : "", places[i].field);
		expect(places[i].e, where);
	}
	record = record_new(mem, "record");
	put("transfer.to_municipality", "PDV99");
	expect(ERR_UNKNOWN_CODE, "transfer.to_municipality");
	put("transfer.to_municipality", "PDV43");
	put("responsibility.municipality", "XYZ01");
	expect(ERR_UNKNOWN_CODE, "responsibility.municipality");
}

/* Of each field of a moment: the day or time, then what it is called. A day lasts until midnight in Bulgaria, and clocks may be a day apart. */
static void
sense_knows_today(void **state)
{
	static const struct { const char *path, *text; enum err e; } moments[] = {
		{ "referral.child.birth_date", "2026-03-03", OK }, { "referral.child.birth_date", "2026-03-04", ERR_YET_TO_COME },
		{ "referral.consent.given_on", "2026-03-04", ERR_YET_TO_COME }, { "referral.services_already_used[0].since", "2027-01-01", ERR_YET_TO_COME },
		{ "referral.attendance.period_from", "2026-09-15", ERR_YET_TO_COME }, { "referral.authored_on", "2026-03-03T23:59:00Z", OK },
		{ "referral.authored_on", "2026-03-04T00:00:01Z", ERR_YET_TO_COME }, { "status.at", "2027-03-02T10:00:00Z", ERR_YET_TO_COME },
		{ "status.at", "2025-03-02T10:00:00Z", OK }, { "status.outcome.closed_on", "2026-03-05", ERR_YET_TO_COME },
		{ "assessment.done_on", "2026-03-05", ERR_YET_TO_COME }, { "outcome_report.closed_on", "2026-03-05", ERR_YET_TO_COME },
		{ "outcome_report.services_delivered[0].from", "2026-03-05", ERR_YET_TO_COME }, { "cancellation.at", "2026-03-05", ERR_YET_TO_COME },
		{ "cancellation.shred_confirmed_at", "2026-03-05", ERR_YET_TO_COME }, { "consent_change.at", "2026-03-05", ERR_YET_TO_COME },
		{ "consent_answer.at", "2026-03-05", ERR_YET_TO_COME }, { "commitment_update.at", "2026-03-05", ERR_YET_TO_COME },
		{ "commitment.due", "2026-03-03", OK }, { "commitment.due", "2026-03-02", ERR_OVER },
		{ "commitment_update.new_due", "2025-12-31", ERR_OVER }, { "referral.respond_by", "2025-03-02T10:00:00Z", OK },
		{ "referral.requested_start", "2025-03-02", OK }, { "referral.goals[0].target_date", "2030-01-01", OK },
		{ "transfer.effective_on", "2026-02-01", OK }, { "status.expected_start", "2030-01-01", OK },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
		record = record_new(mem, "record");
		put(moments[i].path, moments[i].text);
		expect(moments[i].e, moments[i].e == OK ? "" : moments[i].path);
		assert_int_equal(record_check_sense(record, 0, NULL), OK);
	}
}

/* Around midnight another clock may be on the next day already, or on the last one still: an hour, and no more. */
static void
sense_forgives_an_hour_at_midnight(void **state)
{
	(void)state;
	put("referral.child.birth_date", "2026-03-03");
	assert_int_equal(record_check_sense(record, MIDNIGHT - CLOCK_HOUR, NULL), OK);
	assert_int_equal(record_check_sense(record, MIDNIGHT - CLOCK_HOUR - 1, NULL), ERR_YET_TO_COME);
	record = record_new(mem, "record");
	put("commitment.due", "2026-03-02");
	assert_int_equal(record_check_sense(record, MIDNIGHT + CLOCK_HOUR - 1, NULL), OK);
	assert_int_equal(record_check_sense(record, MIDNIGHT + CLOCK_HOUR, NULL), ERR_OVER);
}

/* The end of anything is not before its beginning; the same day, or half of it absent, is no contradiction. */
static void
sense_wants_ends_after_beginnings(void **state)
{
	static const char *const spans[][2] = {
		{ "referral.attendance.period_from", "referral.attendance.period_to" },
		{ "status.appointment.start", "status.appointment.end" }, { "assessment.done_on", "assessment.valid_until" },
		{ "outcome_report.services_delivered[0].from", "outcome_report.services_delivered[0].to" }, { "conference.start", "conference.end" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		record = record_new(mem, "record");
		put(spans[i][1], "2026-02-01");
		expect(OK, "");
		put(spans[i][0], "2026-02-01");
		expect(OK, "");
		put(spans[i][0], "2026-02-02");
		expect(ERR_ENDS_FIRST, spans[i][1]);
	}
}

/* A deadline that is over is found and named, the first one; what is not over, or no deadline, is not. */
static void
sense_finds_what_is_over(void **state)
{
	static const char *const over[] = {
		"referral.respond_by", "status.answer_by", "status.waitlist.review_by", "info_request.answer_by", "conference.start",
		"conference.decide_by", "decision.next_review", "transfer.respond_by",
	};
	char path[96];

	(void)state;
	put("commitment.due", "2025-01-01");
	put("status.at", "2025-01-01T10:00:00Z");
	assert_false(record_find_over(record, NOW, path, sizeof(path)));
	for (size_t i = 0; i < sizeof(over) / sizeof(over[0]); i++) {
		record = record_new(mem, "record");
		put(over[i], "2026-03-04");
		assert_false(record_find_over(record, NOW, path, sizeof(path)));
		put(over[i], "2026-03-02");
		assert_true(record_find_over(record, NOW, path, sizeof(path)));
		assert_string_equal(path, over[i]);
		expect(OK, "");
	}
}

/* Whatever a record holds, and however little, it is read without a fault of ours: every kind with all its fields, and with none. */
static void
sense_takes_any_record(void **state)
{
	static const char *const kinds[] = { "referral", "status-change", "transfer-offer", "commitment", "conference-invite", "thread-state" };
	struct why why;

	(void)state;
	expect(OK, "");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		assert_int_not_equal(record_check_sense(sample_record(mem, kinds[i]), INT64_MIN, &why), ERR_NOMEM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sense_compares_the_egn, setup, teardown),
		cmocka_unit_test_setup_teardown(sense_knows_the_map, setup, teardown),
		cmocka_unit_test_setup_teardown(sense_knows_today, setup, teardown),
		cmocka_unit_test_setup_teardown(sense_forgives_an_hour_at_midnight, setup, teardown),
		cmocka_unit_test_setup_teardown(sense_wants_ends_after_beginnings, setup, teardown),
		cmocka_unit_test_setup_teardown(sense_finds_what_is_over, setup, teardown),
		cmocka_unit_test_setup_teardown(sense_takes_any_record, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
