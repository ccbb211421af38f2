/* SPDX-License-Identifier: EUPL-1.2 */
/* A referral that is held at its preview: nothing of it goes out before it is opened, nothing of it stays where it is declined. */
#include "tests/support/preview_paper.h"

#include "adapters/core/returned.h"
#include "adapters/core/withdraw.h"

static unsigned
n_handed(const struct paper_party *q, const char *text)
{
	unsigned n = 0;

	for (size_t i = 0; i < q->n_handed; i++)
		n += strstr(q->handed[i].text, text) != NULL;
	return n;
}

/* The webhook gets the preview alone, and a number in its answer registers nothing; opened, it gets the content, and that registers it. */
static void
opened(void **state)
{
	struct paper *p = held(false);
	struct paper_party *q = &p->party[1];

	(void)state;
	q->hand = HAND_NOW;
	q->answer = "case 7/26";
	paper_tick(p, 1, 10);
	paper_run(p);
	assert_int_equal(q->n_handed, 1);
	must_have(q->handed[0].text, "stage preview R-1");
	must_not_have(q->handed[0].text, SECRET);
	assert_int_equal(paper_thread(p, 0, "R-1").registered_ms, 0);
	assert_int_equal(paper_thread(p, 0, "R-1").seen_ms, 0);
	must_have(asked(p, "POST", "/v1/previews/R-1/open", "{\"actor\":{\"role\":\"инспектор\"}}"), "\"state\":\"received\"");
	paper_run(p);
	assert_true(paper_thread(p, 0, "R-1").seen_ms != 0);
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_RECEIVED);
	paper_tick(p, 1, 10);
	paper_run(p);
	assert_int_equal(n_handed(q, SECRET), 1);
	assert_true(paper_thread(p, 0, "R-1").registered_ms != 0);
	assert_string_equal(paper_thread(p, 1, "R-1").case_no, "7/26");
	must_have(asked(p, "POST", "/v1/previews/R-1/open", ""), "\"opened\":true");	/* the same again */
	paper_down(p);
}

/* A folder gets the preview as a file, and the content as another when it is opened; over MLLP nothing goes before that. */
static void
by_other_doors(void **state)
{
	static const enum adapter_door doors[] = { ADAPTER_DOOR_FOLDER, ADAPTER_DOOR_MLLP };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct paper *p = held(false);
		struct paper_party *q = &p->party[1];
		struct adapter *a = q->desk.adapter;
		bool is_told = doors[i] == ADAPTER_DOOR_FOLDER;

		a->p.doors[doors[i]] = &q->desk.door;
		q->desk.config.egress.referrals.door = q->desk.config.egress.statuses.door = doors[i];
		q->hand = HAND_NOW;
		q->answer = "taken";
		paper_tick(p, 1, 10);
		assert_int_equal(q->n_handed, is_told ? 1 : 0);
		assert_int_equal(n_handed(q, "stage preview R-1"), is_told ? 1 : 0);
		step(p, 1, "s-1", "received", "");
		paper_tick(p, 1, 10);
		assert_int_equal(n_handed(q, SECRET), 1);
		assert_true(paper_thread(p, 0, "R-1").seen_ms != 0);
		paper_down(p);
	}
}

/* Opened while the webhook still has the preview: its late answer does not take the content's turn away. */
static void
opened_meanwhile(void **state)
{
	struct paper *p = held(false);
	struct paper_party *q = &p->party[1];
	struct native answer = { .bytes = SPAN_LIT("taken") };

	(void)state;
	paper_tick(p, 1, 10);
	assert_int_equal(q->n_handed, 1);
	(void)asked(p, "POST", "/v1/previews/R-1/open", "");
	assert_int_equal(adapter_handed(q->desk.adapter, &q->desk.door, q->handed[0].cursor, OK, &answer), OK);
	paper_tick(p, 1, 10);
	assert_int_equal(n_handed(q, SECRET), 1);
	paper_down(p);
}

/* Who polls sees it in its place as a preview, and when it is opened whole, at the end. */
static void
polled(void **state)
{
	struct paper *p = held(true);

	(void)state;
	must_have(asked(p, "GET", "/inbox", ""), " preview\n");
	(void)asked(p, "POST", "/v1/previews/R-1/open", "");
	must_have(asked(p, "GET", "/inbox?after=1", ""), " referral\n");
	must_not_have(asked(p, "GET", "/inbox", ""), "preview");
	paper_down(p);
}

/* Declined: the sender hears the reason, that it was not opened, and has nothing to look after; here nothing is left, at no address. */
static void
declined(void **state)
{
	struct paper *p = held(true);
	struct txn *txn;

	(void)state;
	assert_true(has_content(p));
	must_have(asked(p, "POST", "/v1/previews/R-1/decline", ""), "NSK-1301");	/* a reason there must be */
	must_have(asked(p, "POST", "/v1/previews/R-1/decline", "{\"reason_code\":\"wrong-service\",\"reason_text\":\"не е за нас\"}"),
		  "\"state\":\"declined\"");
	paper_run(p);
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_DECLINED);
	assert_int_equal(paper_thread(p, 0, "R-1").refused, ERR_UNOPENED);
	assert_int_equal(paper_thread(p, 0, "R-1").registered_ms, 0);
	assert_int_equal(paper_thread(p, 0, "R-1").seen_ms, 0);
	txn = store_read(p->party[0].desk.store);
	assert_int_equal(returned_count(txn), 0);
	txn_abort(txn);
	assert_false(has_content(p));
	must_have(asked(p, "GET", "/v1/previews", ""), "{\"previews\":[]}");
	must_have(asked(p, "POST", "/v1/previews/R-1/open", ""), "NSK-1609");
	must_have(asked(p, "POST", "/v1/previews/R-1/decline", "{\"reason_code\":\"wrong-service\"}"), "declined");	/* the same again */
	must_not_have(asked(p, "GET", "/inbox", ""), "referral");
	assert_int_equal(paper_count(p, 1, TABLE_UNREGISTERED), 0);
	paper_down(p);
}

/* Who gives the wrong addressee's letter a number of its own has registered it, and declined it all the same. */
static void
declined_under_a_number(void **state)
{
	struct paper *p = held(true);

	(void)state;
	must_have(asked(p, "POST", "/v1/previews/R-1/decline", "{\"reason_code\":\"outside-territory\",\"case_no\":\"вх-9\"}"), "declined");
	paper_run(p);
	assert_true(paper_thread(p, 0, "R-1").registered_ms != 0);
	assert_string_equal(paper_thread(p, 0, "R-1").external_no, "вх-9");
	assert_int_equal(paper_thread(p, 0, "R-1").refused, OK);
	assert_int_equal(paper_thread(p, 0, "R-1").seen_ms, 0);
	assert_false(has_content(p));
	paper_down(p);
}

/* Our own system neither registers nor answers what it has not opened; its "received" opens, its "declined" declines. */
static void
by_its_own_steps(void **state)
{
	struct paper *p = held(true);

	(void)state;
	must_have(step(p, 1, "s1", "accepted", ""), "NSK-1405");
	must_have(step(p, 1, "s2", "info-requested", "status.questions[0].text=кой\n"), "NSK-1405");
	must_have(paper_take(p, 1, "confirms=R-1\ncase_no=7/26\n"), "NSK-1405");
	must_have(step(p, 1, "s4", "received", "confirms=R-1\ncase_no=7/26\n"), "NSK-1405 status.case_no");
	must_have(step(p, 1, "s5", "received", "status.case_no=7/26\n"), "NSK-1405 status.case_no");
	assert_int_equal(paper_thread(p, 1, "R-1").hold, HOLD_PREVIEW);
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_REQUESTED);
	must_have(step(p, 1, "s3", "received", ""), "OK ");
	assert_int_equal(paper_thread(p, 1, "R-1").hold, HOLD_NONE);
	assert_true(paper_thread(p, 0, "R-1").seen_ms != 0);
	must_have(paper_take(p, 1, "confirms=R-1\ncase_no=7/26\n"), "OK ");
	paper_down(p);
	p = held(true);
	must_have(step(p, 1, "s1", "declined", "status.reason_code=wrong-service\n"), "OK ");
	assert_int_equal(paper_thread(p, 0, "R-1").refused, ERR_UNOPENED);
	assert_false(has_content(p));
	paper_down(p);
	p = held(true);		/* in one message with a number: registered under it, once, and declined */
	must_have(step(p, 1, "s1", "declined", "status.reason_code=wrong-service\nconfirms=R-1\ncase_no=вх-9\n"), "OK ");
	assert_string_equal(paper_thread(p, 0, "R-1").external_no, "вх-9");
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_DECLINED);
	assert_int_equal(paper_thread(p, 0, "R-1").refused, OK);
	assert_false(has_content(p));
	paper_down(p);
}

#define REPORT "kind=assessment-result\nassessment.referral_id=R-1\nassessment.assessment_kind=risk\nassessment.done_on=2026-03-01\n" \
	"assessment.done_by=x\nassessment.conclusions=" SECRET "\n"

/* What follows it waits with it, and comes behind it when it is opened; declined, it goes with it, and nothing more is taken. */
static void
what_follows(void **state)
{
	struct paper *p = held(true);
	const char *all;

	(void)state;
	assert_non_null(paper_take(p, 0, "id=f\n" REPORT));
	paper_run(p);
	must_not_have(asked(p, "GET", "/inbox", ""), "assessment");
	must_have(asked(p, "POST", "/v1/previews/R-1/open", ""), "received");
	all = asked(p, "GET", "/inbox?after=2", "");
	assert_true(strstr(all, "referral") != NULL && strstr(all, "referral") < strstr(all, "assessment-result"));
	paper_down(p);
	p = held(true);
	assert_non_null(paper_take(p, 0, "id=f\n" REPORT));
	paper_run(p);
	(void)asked(p, "POST", "/v1/previews/R-1/decline", "{\"reason_code\":\"wrong-service\"}");
	assert_non_null(paper_take(p, 0, "id=g\n" REPORT));	/* it crosses the refusal */
	paper_run(p);
	assert_int_equal(paper_count(p, 1, TABLE_INRECORD), 0);
	must_not_have(asked(p, "GET", "/inbox", ""), "assessment");
	paper_down(p);
}

/* What its sender ends while nobody has opened it is put away: cancelled, taken back, consent withdrawn. */
static void
ended_by_its_sender(void **state)
{
	struct paper *p = held(true);
	struct why why;

	(void)state;
	must_have(step(p, 0, "c", "cancelled", "status.reason_text=грешка\n"), "OK ");
	paper_tick(p, 1, 10);
	paper_run(p);
	assert_false(has_content(p));
	assert_int_equal(paper_thread(p, 0, "R-1").refused, ERR_UNOPENED);
	assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_CANCELLED);
	must_have(asked(p, "GET", "/inbox", ""), "status-change");	/* and our system hears why */
	paper_down(p);

	p = held(true);
	assert_int_equal(withdraw_ask(p->party[0].desk.adapter, "R-1", &why), OK);
	paper_run(p);
	paper_tick(p, 1, 10);
	assert_false(has_content(p));
	must_have(asked(p, "POST", "/v1/previews/R-1/open", ""), "NSK-1609");
	paper_down(p);

	p = held(true);
	assert_non_null(paper_take(p, 0, "id=w\nkind=consent-change\nconsent_change.referral_id=R-1\nconsent_change.change=withdrawn\n"
				   "consent_change.changed_by=parent\n"));
	paper_run(p);
	for (int i = 0; i < 2; i++)
		paper_tick(p, 1, 10);
	paper_run(p);
	assert_false(has_content(p));
	must_have(p->party[0].told, "kind=consent-answer");
	paper_down(p);
}

/* A wish to cancel may be met without opening. */
static void
a_wish_to_cancel(void **state)
{
	struct paper *p = held(true);

	(void)state;
	must_have(step(p, 0, "c", "cancel-requested", "status.reason_text=грешка\n"), "OK ");
	assert_int_equal(paper_thread(p, 1, "R-1").hold, HOLD_PREVIEW);
	must_have(asked(p, "POST", "/v1/previews/R-1/decline", "{}"), "cancelled");
	paper_run(p);
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_CANCELLED);
	assert_false(has_content(p));
	paper_down(p);
}

/* A crash changes nothing: held stays held, declined stays gone. */
static void
restarted(void **state)
{
	struct paper *p = held(true);

	(void)state;
	for (int i = 0; i < 2; i++) {
		adesk_stop(&p->party[1].desk);
		adesk_start(&p->party[1].desk);
		paper_greet(p, 1, 1000);
		assert_int_equal(paper_thread(p, 1, "R-1").hold, i == 0 ? HOLD_PREVIEW : HOLD_DECLINED);
		assert_int_equal(has_content(p), i == 0);
		if (i == 0)
			(void)asked(p, "POST", "/v1/previews/R-1/decline", "{\"reason_code\":\"wrong-service\"}");
	}
	paper_run(p);
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_DECLINED);
	paper_down(p);
}

/* Only the services that the configuration names are held. */
static void
others_are_not(void **state)
{
	static const char *const one[] = { "crisis-placement" };
	struct paper *p = paper_up();

	(void)state;
	p->party[1].desk.config.preview.services = one;
	p->party[1].desk.config.preview.n_services = 1;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	assert_int_equal(paper_thread(p, 1, "R-1").hold, HOLD_NONE);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opened), cmocka_unit_test(by_other_doors), cmocka_unit_test(opened_meanwhile),
		cmocka_unit_test(polled), cmocka_unit_test(declined),
		cmocka_unit_test(declined_under_a_number), cmocka_unit_test(by_its_own_steps), cmocka_unit_test(what_follows),
		cmocka_unit_test(ended_by_its_sender), cmocka_unit_test(a_wish_to_cancel), cmocka_unit_test(restarted),
		cmocka_unit_test(others_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
