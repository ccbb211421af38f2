/* SPDX-License-Identifier: EUPL-1.2 */
/* Rows of duties: kept, found, due in their order, and gone when nothing is owed. */
#include "tests/support/duty_sample.h"

#include "adapters/core/storage.h"

#define T0 WORLD_T0

/* What is put comes back whole, by its name and by its thread; places are not given twice. */
static void
rows_come_back(void **state)
{
	struct paper *p = paper_up();
	struct txn *txn = store_write(p->party[0].desk.store);
	struct duty d[3], got;
	struct duty_at at = { .n = 0 };
	unsigned n = 0;

	(void)state;
	for (uint8_t i = 0; i < 3; i++) {
		d[i] = a_duty((uint8_t)(i + 1));
		d[i].said[NOTICE_EXPIRING] = (struct said){ 5, 6, true };
		d[i].unmailed = 4;
		duty_put(txn, p->mem, &d[i], T0);
		assert_int_equal(d[i].no, i + 1);
	}
	assert_true(found(txn, &d[1], &got));
	assert_int_equal(got.no, 2);
	assert_string_equal(got.from, "a");
	assert_int_equal(got.respond_by_ms, T0 + 20);
	assert_true(got.said[NOTICE_EXPIRING].is_hubs && got.said[NOTICE_EXPIRING].due_ms == 6 && got.unmailed == 4);
	while (duty_of_thread(txn, &d[0].thread, &at, &got))
		assert_int_equal(got.no, ++n);
	assert_int_equal(n, 3);
	duty_del(txn, &d[2]);
	assert_false(found(txn, &d[2], &got));
	d[2].no = 0;
	duty_put(txn, p->mem, &d[2], T0);
	assert_int_equal(d[2].no, 4);
	txn_abort(txn);
	paper_down(p);
}

/* Facts are said at their times, each once, and a clock that stands says nothing. */
static void
facts_in_time(void **state)
{
	struct paper *p = paper_up();
	struct txn *txn = store_write(p->party[0].desk.store);
	struct duty d = a_duty(1);
	uint64_t no = 0;

	(void)state;
	d.silent_ms = T0 + 5;
	duty_put(txn, p->mem, &d, T0);
	assert_false(duty_due(txn, T0 + 4, &no));
	assert_true(duty_due(txn, T0 + 5, &no) && no == d.no);
	assert_int_equal(duty_turn(&d, T0 + 4), 0);
	assert_int_equal(duty_turn(&d, T0 + 5), 1u << DUTY_SILENT);
	assert_int_equal(duty_turn(&d, T0 + 5), 0);
	duty_put(txn, p->mem, &d, T0 + 5);
	assert_false(duty_due(txn, T0 + 9, &no));
	assert_int_equal(duty_turn(&d, T0 + 25), 1u << NOTICE_LATE_REGISTERED | 1u << NOTICE_LATE_RESPONSE);
	assert_int_equal(duty_fact(&d), NOTICE_LATE_RESPONSE);
	d.is_answered = true;
	assert_int_equal(duty_fact(&d), NOTICE_LATE_REGISTERED);
	duty_put(txn, p->mem, &d, T0 + 25);
	assert_false(duty_due(txn, INT64_MAX - 1, &no));
	duty_registered(txn, p->mem, &d.thread, &d.about, "b", T0 + 30);
	assert_true(duty_get(txn, d.no, &d));
	assert_int_equal(d.settled_ms, T0 + 30);
	assert_int_equal(duty_fact(&d), 0);
	assert_true(duty_due(txn, T0 + 30 + DUTY_FORGET_DAYS * CLOCK_DAY, &no));
	assert_true(duty_is_over(&d, T0 + 30 + DUTY_FORGET_DAYS * CLOCK_DAY));
	txn_abort(txn);
	paper_down(p);
}

/* Rows of before a step's end could be taken back, and of before assessments were asked for, are read as they were. */
static void
older_rows(void **state)
{
	enum { FACT = 8 + 8 + 1, TAIL = 4 + 4 + 8 + 1 + MSGID_LEN + 1 };	/* a fact; what stands behind them here */
	struct paper *p = paper_up();
	struct txn *txn = store_write(p->party[0].desk.store);
	struct duty d = a_duty(1), got;
	struct key8 key;
	struct span row;
	uint8_t *older;

	(void)state;
	d.is_answered = true;
	memset(d.answers[0].b, 9, MSGID_LEN);
	d.n_answers = 1;
	duty_put(txn, p->mem, &d, T0);
	key = storage_key(d.no);
	row = arena_span(p->mem, txn_get(txn, TABLE_DUTY, SPAN(key.b, 8)));
	older = arena_copy(p->mem, row.p, row.n);
	assert_non_null(older);
	memmove(older + row.n - TAIL - FACT, older + row.n - TAIL, TAIL);	/* the last fact was not known */
	older[0] = 5;
	txn_put(txn, TABLE_DUTY, SPAN(key.b, 8), SPAN(older, row.n - FACT));
	assert_true(duty_get(txn, d.no, &got) && got.n_answers == 1 && got.said[DUTY_UNASSESSED].at_ms == 0 && got.due_ms == d.due_ms);
	row.n -= FACT;
	older[0] = 4;
	assert_int_equal(older[row.n - 1], 0);	/* none that ended its upkeep */
	txn_put(txn, TABLE_DUTY, SPAN(key.b, 8), SPAN(older, row.n - 1));
	assert_true(duty_get(txn, d.no, &got) && got.n_answers == 1 && got.n_keepers == 0);
	assert_true(msgid_eq(&got.answers[0], &d.answers[0]));
	older[0] = 2;
	txn_put(txn, TABLE_DUTY, SPAN(key.b, 8), SPAN(older, row.n - 1));
	assert_false(duty_get(txn, d.no, &got));
	txn_abort(txn);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_come_back), cmocka_unit_test(facts_in_time), cmocka_unit_test(older_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
