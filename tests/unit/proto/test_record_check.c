/* SPDX-License-Identifier: EUPL-1.2 */
/* test_record_check - each rule of the record, broken once: its error, its place, and no value in the text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/record.h"
#include "tests/support/sample_record.h"

#define ARENA_CAP (1024 * 1024)

static struct arena *mem;
static struct record *record;

/* The least that passes. */
static const char *const least[][2] = {
	{ "kind", "referral" }, { "case_id", "00112233445566778899aabbccddeeff" }, { "created", "2026-03-02T10:00:00Z" },
	{ "referral.referral_id", "PDV22-2026-00017" }, { "referral.initiator.agency", "gp-1" },
	{ "referral.target.agency", "dsp-plovdiv" }, { "referral.child.given", "Пробна" },
	{ "referral.child.family", "Синтетична" }, { "referral.child.birth_date", "2015-03-07" },
	{ "referral.child.gender", "female" }, { "referral.service_kind", "psych-counselling" },
	{ "referral.reason_text", "Подкрепа." }, { "referral.risk_level", "medium" }, { "referral.priority", "urgent" },
	{ "referral.disposition_wanted", "assess-and-return" }, { "referral.legal_basis", "duty-to-protect" },
	{ "referral.respond_by", "2026-03-09T10:00:00Z" },
};

#define N_LEAST (sizeof(least) / sizeof(least[0]))

static void
fill_but(size_t left_out)
{
	record = record_new(mem, "record");
	for (size_t i = 0; i < N_LEAST; i++)
		if (i != left_out)
			assert_int_equal(record_set(record, mem, least[i][0], least[i][1], NULL), OK);
}

static int
setup(void **state)
{
	(void)state;
	mem = arena_new(ARENA_CAP);
	fill_but(N_LEAST);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(mem);
	return 0;
}

static void
expect(enum err e, const char *where)
{
	struct why why = { 0 };

	assert_int_equal(record_check(record, &why), e);
	assert_string_equal(why.where, where);
}

static void
put(const char *path, const char *text)
{
	assert_int_equal(record_set(record, mem, path, text, NULL), OK);
}

/* The least passes; without any one of its fields it does not, and the first thing missing is named. */
static void
check_wants_each_required_field(void **state)
{
	struct why why;

	(void)state;
	assert_int_equal(record_check(record, &why), OK);
	for (size_t i = 0; i < N_LEAST; i++) {
		fill_but(i);
		/* without its one field the whole party is absent */
		expect(ERR_REQUIRED, strcmp(least[i][0], "referral.initiator.agency") == 0 ? "referral.initiator" :
		       strcmp(least[i][0], "referral.target.agency") == 0 ? "referral.target" : least[i][0]);
	}
}

/* A case without a pseudonym of its own would join all cases like it. */
static void
check_wants_a_pseudonym(void **state)
{
	(void)state;
	put("case_id", "00000000000000000000000000000000");
	expect(ERR_REQUIRED, "case_id");
	put("case_id", "00000000000000000000000000000001");
	assert_int_equal(record_check(record, NULL), OK);
}

/* Texts have their limits in bytes, are UTF-8, not empty, and hold no control characters but tab and line ends, and nothing that is no character. */
static void
check_holds_texts_to_their_rules(void **state)
{
	static const struct {
		const char *text;
		enum err e;
	} names[] = {
		{ "", ERR_REQUIRED }, { "\xff", ERR_CHARSET }, { "\xed\xa0\x80", ERR_CHARSET }, { "\xc0\x80", ERR_CHARSET },
		{ "a\x0b", ERR_CHARSET }, { "\x1c\r", ERR_CHARSET }, { "\x7f", ERR_CHARSET },
		{ "a\xef\xbf\xbf", ERR_CHARSET }, { "\xef\xbf\xbe", ERR_CHARSET }, { "\xef\xbf\xbd", OK }, { "а\tб\r\nв", OK },
	};
	char *text = malloc(4002);

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		record->referral->child->given = names[i].text;
		expect(names[i].e, names[i].e == OK ? "" : "referral.child.given");
	}
	record->referral->child->given = "а";
	memset(text, 'x', 4001);
	text[4001] = '\0';
	record->referral->reason_text = text + 1;
	expect(OK, "");
	record->referral->reason_text = text;
	expect(ERR_TOOLONG, "referral.reason_text");
	free(text);
}

/* Codes, dates, numbers and times that record_set would not have taken are found when they came by another way. */
static void
check_holds_values_to_their_kind(void **state)
{
	const int64_t minus = -1, hundred = 100, far = INT64_MAX;
	const char *const hunger[] = { "hunger" };

	(void)state;
	record->referral->child->gender = "F";
	expect(ERR_UNKNOWN_CODE, "referral.child.gender");
	record->referral->child->gender = "female";
	record->referral->child->birth_date = "2015-02-29";
	expect(ERR_BAD_DATE, "referral.child.birth_date");
	record->referral->child->birth_date = "0016-02-29";	/* "29.02.16", as a spreadsheet shortens it */
	expect(ERR_BAD_DATE, "referral.child.birth_date");
	record->referral->child->birth_date = "1899-12-31";
	expect(ERR_BAD_DATE, "referral.child.birth_date");
	record->referral->child->birth_date = "2016-02-29";
	record->referral->household_size = &minus;
	expect(ERR_BAD_NUMBER, "referral.household_size");
	record->referral->household_size = &hundred;
	expect(ERR_BAD_NUMBER, "referral.household_size");
	record->referral->household_size = NULL;
	put("referral.need", "stress");
	record->referral->need.items[0] = hunger[0];
	expect(ERR_UNKNOWN_CODE, "referral.need[0]");
	record->referral->need.n = 0;
	record->created = &far;
	expect(ERR_BAD_DATE, "created");
}

/* A list over its limit is told as a whole, a fault inside one with its index. */
static void
check_walks_lists(void **state)
{
	struct person_id id = { .type = "local", .value = "1" }, *ids[9] = { &id, &id, &id, &id, &id, &id, &id, &id, &id };
	struct person_id bare = { .type = "local" };

	(void)state;
	record->referral->child->ids = ids;
	record->referral->child->n_ids = 8;
	expect(OK, "");
	record->referral->child->n_ids = 9;
	expect(ERR_TOOMANY, "referral.child.ids");
	record->referral->child->n_ids = 3;
	ids[2] = &bare;
	expect(ERR_REQUIRED, "referral.child.ids[2].value");
}

/* EGN and LNCH have their check digits, municipalities and settlements their form. */
static void
check_knows_identifiers(void **state)
{
	(void)state;
	put("referral.child.ids[0].type", "EGN");
	put("referral.child.ids[0].value", "1543079013");
	expect(OK, "");
	put("referral.child.ids[0].value", "1543079014");
	expect(ERR_BAD_ID, "referral.child.ids[0].value");
	put("referral.child.ids[0].type", "LNCH");
	expect(ERR_BAD_ID, "referral.child.ids[0].value");
	put("referral.child.ids[0].type", "other");
	expect(OK, "");
	put("referral.child.address.municipality", "PDV2");
	expect(ERR_UNKNOWN_CODE, "referral.child.address.municipality");
	put("referral.child.address.municipality", "PDV22");
	put("referral.child.address.ekatte", "702");
	expect(ERR_UNKNOWN_CODE, "referral.child.address.ekatte");
	put("referral.child.address.ekatte", "00702");
	expect(OK, "");
}

/* The basis consent needs the consent; another basis does not. */
static void
check_wants_consent_with_its_basis(void **state)
{
	(void)state;
	put("referral.legal_basis", "consent");
	expect(ERR_REQUIRED, "referral.consent");
	put("referral.consent.given_by", "parent");
	expect(ERR_REQUIRED, "referral.consent.given_on");
	put("referral.consent.given_on", "2026-02-27");
	expect(OK, "");
}

/* The body is the one that the kind says, and the only one. */
static void
check_wants_the_body_of_the_kind(void **state)
{
	(void)state;
	put("kind", "status-change");
	expect(ERR_REQUIRED, "status");
	put("status.referral_id", "r");
	put("status.from", "requested");
	put("status.to", "accepted");
	put("status.transition", "T05");
	put("status.at", "2026-03-02T10:00:00Z");
	expect(ERR_INCONSISTENT, "referral");
	put("kind", "referral");
	expect(ERR_INCONSISTENT, "status");
	put("kind", "status-change");
	record->referral = NULL;
	expect(OK, "");
}

/* What a family says of the outcome is 1 to 5, or no number at all. */
static void
check_knows_scores(void **state)
{
	(void)state;
	record->referral = NULL;
	put("kind", "outcome-report");
	put("outcome_report.referral_id", "r");
	put("outcome_report.outcome", "need-met");
	put("outcome_report.closed_on", "2026-11-20");
	put("outcome_report.closed_by", "Екип");
	put("outcome_report.family_feedback.text", "Благодарим.");
	expect(OK, "");
	for (int64_t score = 0; score <= 6; score++) {
		record->outcome_report->family_feedback->score = &score;
		expect(score >= 1 && score <= 5 ? OK : ERR_BAD_NUMBER, score >= 1 && score <= 5 ? "" : "outcome_report.family_feedback.score");
	}
}

/* What is given back of a thread has one beginning; a conference's state stands in its minutes alone, and their words are of messages and
 * versions that there can be. */
static void
check_knows_thread_states(void **state)
{
	static const struct { enum err e; const char *words[12][2]; } cases[] = {
		{ ERR_REQUIRED, { { "thread_state.state", "accepted" } } },
		{ ERR_INCONSISTENT, { { "thread_state.minutes.state", "called" }, { "thread_state.state", "accepted" } } },
		{ ERR_INCONSISTENT, { { "thread_state.minutes.state", "called" }, { "thread_state.minutes.commitments[0].updated", "2026-03-02T10:00:00Z" } } },
		{ ERR_BAD_NUMBER, { { "thread_state.minutes.state", "called" }, { "thread_state.minutes.commitments[0].words[0].seq", "0" } } },
		{ ERR_BAD_NUMBER, { { "thread_state.minutes.state", "called" }, { "thread_state.minutes.commitments[0].words[0].version", "0" } } },
	};
	static const char *const given[][2] = {
		{ "kind", "thread-state" }, { "case_id", "00112233445566778899aabbccddeeff" }, { "created", "2026-03-02T10:00:00Z" },
		{ "thread_state.at", "2026-03-02T10:00:00Z" }, { "thread_state.referral_created", "2026-03-02T10:00:00Z" },
		{ "thread_state.referral_msg", "00112233445566778899aabbccddeeff" },
	};
	static const char *const word[][2] = {
		{ "is_owners", "false" }, { "seq", "2" }, { "version", "1" }, { "state", "proposed" },
	};
	static const char *const commitment[][2] = {
		{ "commitment_id", "A" }, { "conference_id", "1" }, { "version", "1" }, { "owner_agency", "gp-1" }, { "action_code", "home-visit" },
		{ "text", "Посещение." }, { "due", "2026-03-09" }, { "measurable_result", "Доклад." },
	};
	static const char *const conference[][2] = {
		{ "conference_id", "1" }, { "case_ref", "17" }, { "mechanism", "violence" }, { "called_by.agency", "ozd-1" }, { "urgency", "urgent" },
		{ "start", "2026-03-02T10:00:00Z" }, { "place_or_link", "Зала" }, { "members[0].agency", "gp-1" }, { "members[0].role", "required" },
	};
	struct minutes *minutes;
	char path[120];

	(void)state;
	for (size_t i = 0; i <= sizeof(cases) / sizeof(cases[0]); i++) {
		bool is_case = i < sizeof(cases) / sizeof(cases[0]), has_minutes = !is_case;

		record = record_new(mem, "record");
		for (size_t k = 0; is_case && k < 12 && cases[i].words[k][0]; k++)
			has_minutes = has_minutes || strstr(cases[i].words[k][0], "minutes") != NULL;
		for (size_t k = 0; k < sizeof(given) / sizeof(given[0]); k++)
			assert_int_equal(record_set(record, mem, given[k][0], given[k][1], NULL), OK);
		if (has_minutes) {
			assert_int_equal(record_set(record, mem, "thread_state.minutes.state", "called", NULL), OK);
			assert_int_equal(record_set(record, mem, "thread_state.minutes.commitments[0].message", given[1][1], NULL), OK);
			assert_int_equal(record_set(record, mem, "thread_state.minutes.commitments[0].created", given[2][1], NULL), OK);
			for (size_t k = 0; k < sizeof(conference) / sizeof(conference[0]); k++) {
				snprintf(path, sizeof(path), "thread_state.minutes.conference.%s", conference[k][0]);
				assert_int_equal(record_set(record, mem, path, conference[k][1], NULL), OK);
			}
			for (size_t k = 0; k < sizeof(commitment) / sizeof(commitment[0]); k++) {
				snprintf(path, sizeof(path), "thread_state.minutes.commitments[0].commitment.%s", commitment[k][0]);
				assert_int_equal(record_set(record, mem, path, commitment[k][1], NULL), OK);
			}
			for (size_t k = 0; k < sizeof(word) / sizeof(word[0]); k++) {
				snprintf(path, sizeof(path), "thread_state.minutes.commitments[0].words[0].%s", word[k][0]);
				assert_int_equal(record_set(record, mem, path, word[k][1], NULL), OK);
			}
		}
		for (size_t k = 0; is_case && k < 12 && cases[i].words[k][0]; k++)
			(void)!record_set(record, mem, cases[i].words[k][0], cases[i].words[k][1], NULL);
		if (record_check(record, NULL) != (is_case ? cases[i].e : OK))
			fail_msg("case %zu: %s", i, err_name(record_check(record, NULL)));
	}
	minutes = record->thread_state->minutes;
	record = sample_record(mem, "thread-state");
	assert_int_equal(record_check(record, NULL), OK);
	assert_non_null(record->thread_state->referral);
	record->thread_state->minutes = minutes;
	assert_int_equal(record_check(record, NULL), ERR_INCONSISTENT);
}

/* A file of one part that has another size is not the one that is named; of several parts it is a part that is wrong. */
static void
check_measures_files(void **state)
{
	int64_t size = 4, parts = 1;

	(void)state;
	record = sample_record(mem, "attachment");
	record->attachment->size = &size;
	record->attachment->parts = &parts;
	expect(OK, "");
	size = 5;
	expect(ERR_FILE_DIFFERS, "attachment.size");
	size = 524289;
	expect(ERR_INCONSISTENT, "attachment.part");
	parts = 2;
	expect(ERR_INCONSISTENT, "attachment.data");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(check_wants_each_required_field, setup, teardown),
		cmocka_unit_test_setup_teardown(check_wants_a_pseudonym, setup, teardown),
		cmocka_unit_test_setup_teardown(check_holds_texts_to_their_rules, setup, teardown),
		cmocka_unit_test_setup_teardown(check_holds_values_to_their_kind, setup, teardown),
		cmocka_unit_test_setup_teardown(check_walks_lists, setup, teardown),
		cmocka_unit_test_setup_teardown(check_knows_identifiers, setup, teardown),
		cmocka_unit_test_setup_teardown(check_wants_consent_with_its_basis, setup, teardown),
		cmocka_unit_test_setup_teardown(check_wants_the_body_of_the_kind, setup, teardown),
		cmocka_unit_test_setup_teardown(check_knows_scores, setup, teardown),
		cmocka_unit_test_setup_teardown(check_knows_thread_states, setup, teardown),
		cmocka_unit_test_setup_teardown(check_measures_files, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
