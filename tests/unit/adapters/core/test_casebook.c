/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/support/paper_hub.h"

static void
put(struct paper *p, struct txn *txn, uint8_t id, bool is_ours, const char *other, const char *number, const char *case_no)
{
	struct thread t = { .is_initiator = is_ours, .state = STATE_ACCEPTED, .priority = PRIORITY_URGENT, .my_seq = 3 };

	t.id.b[0] = id;
	snprintf(t.other, sizeof(t.other), "%s", other);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(casebook_find_all),
		cmocka_unit_test(casebook_by_number_ambiguous),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
