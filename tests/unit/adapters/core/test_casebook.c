/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/support/paper_hub.h"

static void
put(struct paper *p, struct txn *txn, uint8_t id, bool is_ours, const char *other, const char *number, const char *case_no)
{
	struct thread t = { .is_initiator = is_ours, .state = STATE_ACCEPTED, .priority = PRIORITY_URGENT, .my_seq = 3 };

	t.id.b[0] = id;
	assert_int_equal(casebook_join(&t, other), OK);
	snprintf(t.referral_id, sizeof(t.referral_id), "%s", number);
	snprintf(t.case_no, sizeof(t.case_no), "%s", case_no);
	casebook_put(txn, p->mem, &t);
}

/* A thread is found by its id, its referral number and its case number; a number is not found by its beginning. */
static void
casebook_find_all(void **state)
{
	struct paper *p = paper_up();
	struct txn *txn = store_write(p->party[0].desk.store);
	struct thread_id id = { { 1 } };
	struct thread t;

	(void)state;
	put(p, txn, 1, false, "gp-ivanova", "R-10", "C-10");
	assert_true(casebook_find(txn, &id, &t) && t.state == STATE_ACCEPTED && t.my_seq == 3);
	assert_true(casebook_by_number(txn, "R-10", NULL, &t));
	assert_true(casebook_by_number(txn, "R-10", "gp-ivanova", &t));
	assert_true(casebook_by_number(txn, "C-10", NULL, &t));
	assert_false(casebook_by_number(txn, "R-10", "hospital-1", &t));
	assert_false(casebook_by_number(txn, "R-1", NULL, &t));
	assert_false(casebook_by_number(txn, "", NULL, &t));
	assert_false(casebook_is_used(txn, "R-10", NULL));
	put(p, txn, 2, true, "gp-ivanova", "R-10", "");
	assert_true(casebook_is_used(txn, "R-10", NULL));
	txn_abort(txn);
	paper_down(p);
}

/* When it changed last and by which step stands in the row as all else does, and what is known of each party; a row of another version is
 * not misread, and one of the versions before is read: nothing is asked of what went before in it. */
static void
casebook_row(void **state)
{
	struct paper *p = paper_up();
	struct txn *txn = store_write(p->party[0].desk.store);
	struct thread_id id = { { 1 } };
	struct span row, key = SPAN(id.b, THREAD_LEN);
	struct thread t = { .id = id, .state = STATE_ACCEPTED, .my_seq = 3, .changed_ms = 7, .is_step_ours = true, .step = 9, .before = { 2, false } };
	uint8_t *other;

	(void)state;
	assert_int_equal(casebook_join(&t, "a"), OK);
	t.others[0] = (struct thread_party){ .agency = "a", .taken = 4, .basis = 5, .known = 6 };
	casebook_put(txn, p->mem, &t);
	assert_true(casebook_find(txn, &id, &t) && t.changed_ms == 7 && t.is_step_ours && t.step == 9);
	assert_true(t.before.no_shows == 2 && !t.before.is_handed_on);
	assert_true(t.n_others == 1 && t.others[0].taken == 4 && t.others[0].basis == 5 && t.others[0].known == 6);
	row = txn_get(txn, TABLE_THREAD, key);
	other = arena_copy(p->mem, row.p, row.n);
	other[0] = 10;
	txn_put(txn, TABLE_THREAD, key, SPAN(other, row.n));
	assert_false(casebook_find(txn, &id, &t));
	other[0] = 8;			/* the version before, which kept none of that */
	txn_put(txn, TABLE_THREAD, key, SPAN(other, row.n - 2));
	assert_true(casebook_find(txn, &id, &t) && t.state == STATE_ACCEPTED && t.before.no_shows == LIFECYCLE_NO_SHOWS && t.before.is_handed_on);
	other[0] = 7;			/* the one before that, which kept no steps but two lists of states, empty here */
	other[row.n - 4] = other[row.n - 3] = 0;
	txn_put(txn, TABLE_THREAD, key, SPAN(other, row.n - 2));
	assert_true(casebook_find(txn, &id, &t) && t.state == STATE_ACCEPTED && t.base == STATE_ACCEPTED && t.n_steps == 0 && t.before.is_handed_on);
	txn_abort(txn);
	paper_down(p);
}

/* A number that two senders use, or a case number of two referrals, names neither of them. */
static void
casebook_by_number_ambiguous(void **state)
{
	struct paper *p = paper_up();
	struct txn *txn = store_write(p->party[0].desk.store);
	struct thread t;

	(void)state;
	put(p, txn, 1, false, "gp-ivanova", "1", "");
	assert_true(casebook_by_number(txn, "1", NULL, &t));
	put(p, txn, 2, false, "school-7", "1", "");
	assert_false(casebook_by_number(txn, "1", NULL, &t));
	assert_true(casebook_by_number(txn, "1", "school-7", &t) && t.id.b[0] == 2);
	put(p, txn, 1, false, "gp-ivanova", "1", "C");
	put(p, txn, 1, false, "gp-ivanova", "1", "C");
	assert_true(casebook_by_number(txn, "C", NULL, &t) && t.id.b[0] == 1);
	put(p, txn, 2, false, "school-7", "1", "C");
	assert_false(casebook_by_number(txn, "C", NULL, &t));
	put(p, txn, 1, false, "gp-ivanova", "1", "C");
	assert_false(casebook_by_number(txn, "C", NULL, &t));
	txn_abort(txn);
	paper_down(p);
}

/* A thread keeps each of its parties with what it has taken and seen; there is room for sixteen others, and a name counts once. */
static void
casebook_join_parties(void **state)
{
	struct paper *p = paper_up();
	struct txn *txn = store_write(p->party[0].desk.store);
	struct thread t = { .is_initiator = true, .state = STATE_ACCEPTED, .referral_id = "K-1", .id.b = { 9 } }, got;

	(void)state;
	for (unsigned i = 0; i < ENVELOPE_TO_MAX; i++) {
		assert_int_equal(casebook_join(&t, arena_fmt(p->mem, "agency-%u", i)), OK);
		assert_int_equal(casebook_join(&t, arena_fmt(p->mem, "agency-%u", i)), OK);
		casebook_party(&t, arena_fmt(p->mem, "agency-%u", i))->taken = i;
		casebook_party(&t, arena_fmt(p->mem, "agency-%u", i))->basis = 100 + i;
	}
	assert_int_equal(t.n_others, ENVELOPE_TO_MAX);
	assert_int_equal(casebook_join(&t, "one-more"), ERR_TOOMANY);
	casebook_put(txn, p->mem, &t);
	assert_true(casebook_find(txn, &t.id, &got));
	assert_int_equal(got.n_others, ENVELOPE_TO_MAX);
	for (unsigned i = 0; i < ENVELOPE_TO_MAX; i++) {
		const struct thread_party *one = casebook_party(&got, arena_fmt(p->mem, "agency-%u", i));

		assert_true(one && one->taken == i && one->basis == 100 + i);
	}
	assert_null(casebook_party(&got, "agency"));
	txn_abort(txn);
	paper_down(p);
}

/* Places of two agencies in a thread never meet, whatever the names; seqs of one sort as numbers. */
static void
casebook_place_apart(void **state)
{
	static const char *const names[] = { "a", "ab", "abc", "b" };
	const struct thread_id id = { { 1 } };
	struct thread_place x, y;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		for (size_t k = 0; k < 4; k++) {
			struct span one = casebook_place(&id, names[i], 1, &x), other = casebook_place(&id, names[k], 1, &y);

			assert_true(span_eq(one, other) == (i == k));
			assert_false(span_eq(one, casebook_place(&id, names[k], 0, &y)));
		}
	for (uint64_t seq = 1; seq < 70000; seq *= 3) {
		struct span one = casebook_place(&id, "a", seq, &x), next = casebook_place(&id, "a", seq + 1, &y);

		assert_true(one.n == next.n && memcmp(one.p, next.p, one.n) < 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(casebook_row),
		cmocka_unit_test(casebook_find_all),
		cmocka_unit_test(casebook_join_parties),
		cmocka_unit_test(casebook_place_apart),
		cmocka_unit_test(casebook_by_number_ambiguous),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
