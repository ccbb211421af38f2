/* SPDX-License-Identifier: EUPL-1.2 */
/* test_revoked - what a family has withdrawn of its consent cannot be cited again in its case; what it has given since can. */
#include "adapters/core/revoked.h"
#include "proto/base/clock.h"
#include "tests/support/paper_hub.h"

static const char *health[] = { "health" }, *both[] = { "health", "social" }, *social[] = { "social" };

static enum err
check(struct txn *txn, const struct thread *t, const char *basis, const struct consent *consent)
{
	struct why why = { .where = "" };
	enum err e = revoked_check(txn, t->case_id, basis, consent, "here", &why);

	assert_string_equal(why.where, e == OK ? "" : "here");
	return e;
}

/* Withdrawn whole: neither that consent nor an earlier one holds, of that day only one that is not it; another basis and another case are not asked. Renewed:
 * all is as before. */
static void
withdrawn_whole(void **state)
{
	static const struct { const char *basis, *given_on; enum err e; } cases[] = {
		{ "consent", "2026-01-04", ERR_CONSENT_ENDED }, { "consent", "2026-01-05", ERR_CONSENT_ENDED },
		{ "consent", "2026-03-01", ERR_CONSENT_ENDED }, { "consent", "2026-03-02", OK }, { "consent", "2026-04-01", OK },
		{ "consent", NULL, ERR_CONSENT_ENDED }, { "court-order", "2026-01-05", OK }, { NULL, "2026-01-05", OK },
	};
	int64_t at = WORLD_T0;		/* 2026-03-02 */
	struct consent was = { .given_on = "2026-01-05" }, today = { .given_on = "2026-03-02" };
	struct consent_change change = { .change = "withdrawn", .at = &at }, renewed = { .change = "renewed", .at = &at };
	struct paper *p = paper_up();
	struct adapter *a = p->party[0].desk.adapter;
	struct thread t = { .case_id = { 1 } }, other = { .case_id = { 2 } };
	struct txn *txn = store_write(p->party[0].desk.store);

	(void)state;
	assert_int_equal(revoked_note(a, txn, &t, &change, &was), OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct consent c = { .given_on = cases[i].given_on };

		assert_int_equal(check(txn, &t, cases[i].basis, &c), cases[i].e);
		assert_int_equal(check(txn, &other, cases[i].basis, &c), OK);
	}
	assert_int_equal(check(txn, &t, "consent", NULL), ERR_CONSENT_ENDED);
	assert_int_equal(revoked_note(a, txn, &t, &change, &today), OK);	/* given and withdrawn on one day */
	assert_int_equal(check(txn, &t, "consent", &today), ERR_CONSENT_ENDED);
	assert_int_equal(revoked_check_renewal(txn, t.case_id, &was, "", NULL), ERR_CONSENT_ENDED);
	assert_int_equal(revoked_check_renewal(txn, t.case_id, &today, "", NULL), OK);
	assert_int_equal(revoked_check_renewal(txn, other.case_id, &was, "", NULL), OK);
	assert_int_equal(revoked_note(a, txn, &t, &renewed, NULL), OK);
	assert_int_equal(check(txn, &t, "consent", &was), ERR_CONSENT_ENDED);	/* the paper of before is withdrawn still */
	assert_int_equal(check(txn, &t, "consent", &today), OK);
	txn_abort(txn);
	paper_down(p);
}

/* Withdrawn of some categories: those alone, also where the consent names none; more of them add up, and the whole stays the whole. */
static void
withdrawn_in_part(void **state)
{
	int64_t at = WORLD_T0;
	struct consent all = { .given_on = "2026-01-05" }, of_social = { .given_on = "2026-01-05", .data_categories = { social, 1 } };
	struct consent_change first = { .change = "withdrawn", .at = &at, .data_categories = { health, 1 } };
	struct consent_change second = { .change = "withdrawn", .at = &at, .data_categories = { both, 2 } };
	struct consent_change whole = { .change = "withdrawn", .at = &at };
	struct paper *p = paper_up();
	struct adapter *a = p->party[0].desk.adapter;
	struct thread t = { .case_id = { 1 } };
	struct txn *txn = store_write(p->party[0].desk.store);

	(void)state;
	assert_int_equal(revoked_note(a, txn, &t, &first, &all), OK);
	assert_int_equal(check(txn, &t, "consent", &all), ERR_CONSENT_CATEGORY);
	assert_int_equal(check(txn, &t, "consent", &of_social), OK);
	assert_int_equal(revoked_note(a, txn, &t, &second, &all), OK);
	assert_int_equal(check(txn, &t, "consent", &of_social), ERR_CONSENT_CATEGORY);
	assert_int_equal(revoked_note(a, txn, &t, &whole, &all), OK);
	assert_int_equal(revoked_note(a, txn, &t, &first, &all), OK);
	assert_int_equal(check(txn, &t, "consent", &of_social), ERR_CONSENT_ENDED);
	txn_abort(txn);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(withdrawn_whole),
		cmocka_unit_test(withdrawn_in_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
