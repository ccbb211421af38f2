/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/core/withdraw.h"
#include "tests/support/paper_system.h"

/* A door may answer before `hand` returns; the case number is the confirmation. */
static void
handover_run_at_once(void **state)
{
	struct paper *p = system_up(3);

	(void)state;
	p->party[1].hand = HAND_NOW;
	p->party[1].answer = "case C-1";
	paper_tick(p, 1, 0);
	assert_int_equal(p->party[1].n_handed, 3);
	assert_string_equal(p->party[1].handed[0].text, "referral R-0 requested gp-ivanova Измислен случай");
	assert_int_equal(system_waiting(p), 0);
	assert_int_equal(p->party[1].desk.door.in_flight, 0);
	assert_int_not_equal(paper_thread(p, 1, "R-2").registered_ms, 0);
	assert_true(p->party[1].n_sent >= 3);		/* the receipts went at once */
	paper_down(p);
}

/* The entries of a thread are handed over one after the other, in order. */
static void
handover_run_order(void **state)
{
	struct paper *p = system_up(2);

	(void)state;
	assert_non_null(paper_take(p, 0, adesk_status(p->mem, "S-1", "R-0", "withdrawn", "")));
	paper_run(p);
	paper_tick(p, 1, 0);
	assert_int_equal(p->party[1].n_handed, 2);
	system_answer(p, p->party[1].handed[0].cursor, "later");
	paper_tick(p, 1, 10);
	assert_int_equal(p->party[1].n_handed, 2);
	paper_tick(p, 1, 2000);
	assert_int_equal(p->party[1].n_handed, 3);
	assert_non_null(strstr(p->party[1].handed[2].text, "referral R-0"));
	system_answer(p, p->party[1].handed[2].cursor, "case C-0");
	paper_tick(p, 1, 10);
	assert_non_null(strstr(p->party[1].handed[3].text, "status-change R-0 withdrawn"));
	paper_down(p);
}

/* The wait doubles up to its limit; a door that says "busy" is asked soon and costs no try. */
static void
handover_run_backoff(void **state)
{
	struct paper *p = system_up(1);
	struct due due;
	struct txn *txn;

	(void)state;
	p->party[1].hand = HAND_DOWN;
	for (int i = 0; i < 9; i++) {
		int64_t wait = INT64_C(1000) << i > 60000 ? 60000 : INT64_C(1000) << i;

		paper_tick(p, 1, 0);
		txn = store_read(p->party[1].desk.store);
		assert_true(egress_next(txn, 0, &due));
		txn_abort(txn);
		assert_int_equal(due.tries, i + 1);
		assert_int_equal(due.due_ms - p->now_ms, wait);
		p->now_ms = due.due_ms;
	}
	p->party[1].hand = HAND_BUSY;
	paper_tick(p, 1, 0);
	txn = store_read(p->party[1].desk.store);
	assert_true(egress_next(txn, 0, &due));
	txn_abort(txn);
	assert_int_equal(due.tries, 9);
	p->party[1].hand = HAND_KEEP;
	paper_tick(p, 1, 50);
	assert_int_equal(p->party[1].n_handed, 1);
	paper_down(p);
}

/* What the agency's system refuses for good, or its format cannot say, is refused to the sender, and not tried again. */
static void
handover_run_refused(void **state)
{
	struct paper *p = system_up(1);

	(void)state;
	assert_non_null(paper_take(p, 0, adesk_referral(p->mem, "R-x", world_ids[1], "routine", "untranslatable")));
	paper_run(p);
	p->party[1].hand = HAND_NOW;
	p->party[1].answer = "never";
	paper_tick(p, 1, 0);
	assert_int_equal(system_waiting(p), 0);
	paper_run(p);
	assert_int_equal(paper_thread(p, 0, "R-0").refused, ERR_SYSTEM_REFUSED);
	assert_int_equal(paper_thread(p, 0, "R-x").refused, ERR_UNSUPPORTED);
	assert_non_null(strstr(paper_take(p, 1, "confirms=R-0\ncase_no=C-1\n"), "NSK-1404"));
	paper_down(p);
}

/* A refusal that comes after the system has confirmed by another way, or after the sender took the message back, changes nothing. */
static void
handover_run_refused_too_late(void **state)
{
	struct paper *p = system_up(2);
	struct paper_party *q = &p->party[1];
	struct why why = { 0 };

	(void)state;
	paper_tick(p, 1, 0);
	assert_int_equal(q->n_handed, 2);
	assert_int_equal(strncmp(paper_take(p, 1, "confirms=R-0\ncase_no=C-1\n"), "OK ", 3), 0);
	assert_int_equal(withdraw_ask(p->party[0].desk.adapter, "R-1", &why), OK);
	paper_run(p);
	q->n_sent = 0;
	for (size_t i = 0; i < 2; i++)
		system_answer(p, q->handed[i].cursor, "never");
	assert_int_equal(q->n_sent, 0);		/* no receipt against the one given */
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(paper_thread(p, 1, i ? "R-1" : "R-0").refused, OK);
	assert_int_equal(strncmp(paper_take(p, 1, "confirms=R-0\ncase_no=C-1\n"), "OK ", 3), 0);
	assert_non_null(strstr(paper_take(p, 1, "confirms=R-1\ncase_no=C-1\n"), "NSK-1107"));
	paper_down(p);
}

/* A try that was put off is due when the clock has gone back: no delay is as long as that would be. */
static void
handover_run_clock_back(void **state)
{
	struct paper *p = system_up(1);

	(void)state;
	p->party[1].hand = HAND_DOWN;
	paper_tick(p, 1, 0);
	p->party[1].hand = HAND_KEEP;
	paper_tick(p, 1, -CLOCK_DAY);
	assert_int_equal(p->party[1].n_handed, 1);
	paper_down(p);
}

/* A door without answers takes a message without registering it; the confirmation comes by another way. */
static void
handover_run_taken(void **state)
{
	struct paper *p = system_up(1);

	(void)state;
	paper_tick(p, 1, 0);
	system_answer(p, p->party[1].handed[0].cursor, NULL);
	assert_int_equal(system_waiting(p), 0);
	assert_int_equal(paper_thread(p, 1, "R-0").registered_ms, 0);
	assert_int_equal(strncmp(paper_take(p, 1, "confirms=R-0\ncase_no=C-1\n"), "OK ", 3), 0);
	assert_int_not_equal(paper_thread(p, 1, "R-0").registered_ms, 0);
	paper_down(p);
}

/* The system has it, under a number that nobody could use: it is not handed over again, and not registered; who runs it is told. */
static void
handover_run_unusable(void **state)
{
	static const char *const answers[] = {
		"case \xc2\xa0", "case A\x01", "case 1234567890123456789012345678901234567890123456789012345678901234567890",
	};
	struct paper *p = system_up(3);
	size_t n;

	(void)state;
	paper_tick(p, 1, 0);
	n = p->party[1].n_handed;
	assert_int_equal(n, 3);
	for (size_t i = 0; i < n; i++)
		system_answer(p, p->party[1].handed[i].cursor, answers[i]);
	assert_int_equal(system_waiting(p), 0);
	assert_non_null(strstr(p->party[1].told, "code=NSK-1302 where=case_no"));
	paper_tick(p, 1, CLOCK_MINUTE);
	assert_int_equal(p->party[1].n_handed, n);
	assert_int_equal(paper_thread(p, 1, "R-2").registered_ms, 0);
	assert_int_equal(strncmp(paper_take(p, 1, "confirms=R-2\ncase_no=C-1\n"), "OK ", 3), 0);
	paper_down(p);
}

/* What was handed over when the process died is handed over again, under the same cursor. */
static void
handover_run_after_crash(void **state)
{
	struct paper *p = system_up(1);

	(void)state;
	paper_tick(p, 1, 0);
	adesk_stop(&p->party[1].desk);
	adesk_start(&p->party[1].desk);
	paper_tick(p, 1, 0);
	assert_int_equal(p->party[1].n_handed, 2);
	assert_int_equal(p->party[1].handed[0].cursor, p->party[1].handed[1].cursor);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(handover_run_at_once),
		cmocka_unit_test(handover_run_order),
		cmocka_unit_test(handover_run_backoff),
		cmocka_unit_test(handover_run_clock_back),
		cmocka_unit_test(handover_run_refused),
		cmocka_unit_test(handover_run_refused_too_late),
		cmocka_unit_test(handover_run_taken),
		cmocka_unit_test(handover_run_unusable),
		cmocka_unit_test(handover_run_after_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
