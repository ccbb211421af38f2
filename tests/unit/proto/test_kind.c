/* SPDX-License-Identifier: EUPL-1.2 */
/* test_kind - the table of kinds, and the steps that they take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/kind.h"
#include "tests/support/sample_record.h"
#include "tests/support/arena_fixture.h"

/* Each kind has a number and a body of its own, and names what its thread is about. */
static void
kinds_are_well_formed(void **state)
{
	(void)state;
	for (size_t i = 0; sample_kinds[i] != NULL; i++) {
		const struct kind *kind = kind_by_code(sample_kinds[i]);
		struct record *record = sample_record(mem, sample_kinds[i]);
		const struct field *f = record_field(record_type(), kind->body);

		assert_non_null(f);
		assert_true(f->tag >= RECORD_BODY_FIRST);
		assert_true(kind->actors != 0);
		assert_ptr_equal(kind_body(record), record_at(record, f));
		assert_int_not_equal(kind_topic(record), TOPIC_NONE);
		if (kind_topic(record) == TOPIC_THREAD)
			assert_null(kind_reference(record));
		else
			assert_string_equal(kind_reference(record), "дете");
		for (size_t k = 0; k < i; k++) {
			assert_int_not_equal(kind_by_code(sample_kinds[k])->number, kind->number);
			assert_string_not_equal(kind_by_code(sample_kinds[k])->body, kind->body);
		}
	}
	assert_null(kind_by_code("telegram"));
	assert_null(kind_by_code(NULL));
}

/* A record has the body of its kind and no other: each kind with each other's body is refused. */
static void
a_kind_has_its_body(void **state)
{
	struct why why;

	(void)state;
	for (size_t i = 0; sample_kinds[i] != NULL; i++)
		for (size_t k = 0; sample_kinds[k] != NULL; k++) {
			struct record *record = sample_record(mem, sample_kinds[i]);

			record->kind = sample_kinds[k];
			assert_int_equal(record_check(record, &why), i == k ? OK : ERR_REQUIRED);
		}
}

/* Who may say what, and when: not the other side, and not after the end where the table says so. */
static void
sides_and_time(void **state)
{
	struct record *request = sample_record(mem, "info-request"), *report = sample_record(mem, "outcome-report");
	struct why why;

	(void)state;
	assert_int_equal(kind_check(request, ACTOR_INITIATOR, true, &why), OK);
	assert_int_equal(kind_check(report, ACTOR_INITIATOR, true, &why), ERR_BAD_ACTOR);
	assert_int_equal(kind_check(report, ACTOR_RECIPIENT, false, &why), OK);
	assert_int_equal(kind_check(request, ACTOR_INITIATOR, false, &why), ERR_BAD_TRANSITION);
	assert_string_equal(why.text, "info-request is too late: what it is about has ended; possible now: status-change, "
			    "assessment-result, cancellation, info-response, attachment, consent-change, responsibility-change");
	for (size_t i = 0; i < 3; i++) {
		static const char *const said[] = { "accept", "reject", "withdraw" };
		struct record *answer = sample_record(mem, "transfer-answer");

		answer->transfer_answer->answer = said[i];
		assert_int_equal(kind_check(answer, ACTOR_RECIPIENT, true, &why), i < 2 ? OK : ERR_BAD_ACTOR);
		assert_int_equal(kind_check(answer, ACTOR_INITIATOR, true, &why), i < 2 ? ERR_BAD_ACTOR : OK);
		assert_int_equal(kind_check(answer, i < 2 ? ACTOR_RECIPIENT : ACTOR_INITIATOR, false, &why), ERR_BAD_TRANSITION);
		assert_non_null(strstr(why.text, i < 2 ? "possible now: attachment, consent-answer" : "possible now: attachment, consent-change"));
		assert_int_equal(kind_state_after(answer, STATE_REQUESTED), i == 0 ? STATE_ACCEPTED : i == 1 ? STATE_DECLINED : STATE_CANCELLED);
		answer->transfer_answer->reason = NULL;
		assert_int_equal(record_check(answer, &why), i == 0 ? OK : ERR_REQUIRED);
	}
}

/* The steps of other kinds than a status change: the whole table of kind, side and state. */
static void
steps_of_kinds(void **state)
{
	static const struct {
		const char *kind, *type;
		enum actor actor;
		enum state now;
		const char *transition;
	} rows[] = {
		{ "info-request", NULL, ACTOR_RECIPIENT, STATE_REQUESTED, "T03" },
		{ "info-request", NULL, ACTOR_RECIPIENT, STATE_RECEIVED, "T03" },
		{ "info-request", NULL, ACTOR_RECIPIENT, STATE_IN_PROGRESS, NULL },
		{ "info-request", NULL, ACTOR_INITIATOR, STATE_REQUESTED, NULL },
		{ "info-response", NULL, ACTOR_INITIATOR, STATE_INFO_REQUESTED, "T04" },
		{ "info-response", NULL, ACTOR_RECIPIENT, STATE_INFO_REQUESTED, NULL },
		{ "cancellation", "cancel-request", ACTOR_INITIATOR, STATE_REQUESTED, "T29" },
		{ "cancellation", "cancel-request", ACTOR_INITIATOR, STATE_ACCEPTED, "T20" },
		{ "cancellation", "cancel-request", ACTOR_RECIPIENT, STATE_ACCEPTED, NULL },
		{ "cancellation", "cancel-confirm", ACTOR_RECIPIENT, STATE_CANCEL_REQUESTED, "T21" },
		{ "cancellation", "cancel-refused", ACTOR_RECIPIENT, STATE_CANCEL_REQUESTED, NULL },
		{ "cancellation", "consent-withdrawn", ACTOR_RECIPIENT, STATE_IN_PROGRESS, "T27" },
		{ "cancellation", "error", ACTOR_INITIATOR, STATE_COMPLETED, "T30" },
		{ "assessment-result", NULL, ACTOR_RECIPIENT, STATE_IN_PROGRESS, NULL },
		{ "consent-answer", "shredded", ACTOR_RECIPIENT, STATE_REQUESTED, "T27" },
		{ "consent-answer", "shredded", ACTOR_RECIPIENT, STATE_LATE_OFFERED, "T27" },
		{ "consent-answer", "shredded", ACTOR_RECIPIENT, STATE_COMPLETED, NULL },
		{ "consent-answer", "retained", ACTOR_RECIPIENT, STATE_IN_PROGRESS, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct record *record = sample_record(mem, rows[i].kind);
		const char *transition;

		if (rows[i].type != NULL)
			sample_set(record, mem, record->cancellation ? "cancellation.type" : "consent_answer.result", rows[i].type);
		transition = kind_transition(record, rows[i].now, rows[i].actor);
		if (rows[i].transition == NULL)
			assert_null(transition);
		else
			assert_string_equal(transition, rows[i].transition);
	}
}

/* What a record takes as a step passes the lifecycle as a status change would, and only a kind that takes it may name it. */
static void
a_step_is_a_status(void **state)
{
	struct record *request = sample_record(mem, "info-request"), *report = sample_record(mem, "outcome-report");
	struct status step;
	struct why why;

	(void)state;
	assert_true(kind_step(request, &step));
	assert_int_equal(lifecycle_check(STATE_REQUESTED, ACTOR_RECIPIENT, &step, &why), OK);
	assert_int_equal(lifecycle_check(STATE_REQUESTED, ACTOR_INITIATOR, &step, &why), ERR_BAD_ACTOR);
	assert_false(kind_step(report, &step));
	assert_string_equal(step.transition, "outcome-report");
	report->step = request->step;
	assert_int_equal(record_check(report, &why), ERR_INCONSISTENT);
	assert_string_equal(why.where, "step");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(kinds_are_well_formed, setup, teardown),
		cmocka_unit_test_setup_teardown(a_kind_has_its_body, setup, teardown),
		cmocka_unit_test_setup_teardown(sides_and_time, setup, teardown),
		cmocka_unit_test_setup_teardown(steps_of_kinds, setup, teardown),
		cmocka_unit_test_setup_teardown(a_step_is_a_status, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
