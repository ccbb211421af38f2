/* SPDX-License-Identifier: EUPL-1.2 */
/* test_halt - what waits for the hub and rests on a consent that is withdrawn does not leave, also after a crash; what is under way is not called back. */
#include "adapters/core/halt.h"
#include "adapters/core/flights.h"
#include "adapters/core/whole.h"
#include "tests/support/paper_files.h"

#define BY_CONSENT "referral.legal_basis=consent\nreferral.consent.given_by=parent\nreferral.consent.given_on=2026-01-05\n"
#define CHANGED "id=%s\nkind=consent-change\nconsent_change.referral_id=R-1\nconsent_change.changed_by=parent\nconsent_change.change=%s\n"
#define ASSESSED "id=%s\nkind=assessment-result\nassessment.referral_id=R-1\nassessment.assessment_kind=%s\nassessment.done_on=2026-03-02\n" \
	"assessment.done_by=Екип\nassessment.conclusions=Измислени\n"
#define PARTS 9

static void
say(struct paper *p, size_t i, const char *text)
{
	const char *answer = paper_take(p, i, text);

	if (answer == NULL || strncmp(answer, "OK ", 3) != 0)
		fail_msg("%s", answer ? answer : "(nothing)");
}

static struct paper *
referred(void)
{
	struct paper *p = paper_up();

	say(p, 0, arena_fmt(p->mem, "%s" BY_CONSENT, adesk_referral(p->mem, "R-1", world_ids[1], "routine", "Измислен случай")));
	paper_run(p);
	return p;
}

static void
restart(struct paper *p, size_t i)
{
	adesk_stop(&p->party[i].desk);
	adesk_start(&p->party[i].desk);
}

/* The hub grants party `i` no more than `n` messages from now on. */
static void
grant(struct paper *p, size_t i, uint64_t n)
{
	struct adapter *a = p->party[i].desk.adapter;

	a->may.messages = a->sent.messages + a->reserve.messages + n;
	assert_int_equal(flights_submit(a), OK);
}

static void
upload(struct paper *p)
{
	struct why why = { .where = "" };

	assert_int_equal(files_upload(p, 0, &(struct files_ask){ 0 }, files_make(p, (PARTS - 1) * WHOLE_PART_BYTES + 1), NULL, &why), OK);
	files_send(p, 0);
}

static uint64_t
came(struct paper *p, size_t i)
{
	return paper_thread(p, i, "R-1").others[0].taken;
}

/* While the hub is away a file waits in parts. Consent is withdrawn, the adapter is killed and the hub comes back: the change alone goes, in the place of
 * the first part; our system is told once that the file has ended, and why. */
static void
what_waits_does_not_go(void **state)
{
	for (int is_killed = 0; is_killed < 2; is_killed++) {
		struct paper *p = referred();
		struct paper_party *q = &p->party[0];

		(void)state;
		adapter_on_down(q->desk.adapter);
		upload(p);
		assert_int_equal(paper_thread(p, 0, "R-1").my_seq, 1 + PARTS);
		if (is_killed)
			restart(p, 0);
		say(p, 0, arena_fmt(p->mem, CHANGED, "w", "withdrawn"));
		assert_int_equal(paper_thread(p, 0, "R-1").my_seq, 2);
		assert_int_equal(paper_count(p, 0, TABLE_PENDING), 1);
		assert_non_null(strstr(q->told, is_killed ? "" : "consent.halt"));
		if (is_killed)
			restart(p, 0);
		paper_greet(p, 0, 1000);
		paper_run(p);
		assert_int_equal(came(p, 1), 2);
		assert_null(files_in_inbox(p, 1, "attachment", NULL));
		assert_non_null(files_in_inbox(p, 1, "consent-change", NULL));
		assert_int_equal(paper_told(p, 0, STAGE_REFUSED, ERR_CONSENT_ENDED), 1);
		paper_down(p);
	}
}

/* What the hub may have is not called back: it comes before the change. The parts behind it, and those that are no messages yet, do not go. */
static void
what_is_under_way_goes(void **state)
{
	struct paper *p = referred();

	(void)state;
	grant(p, 0, 4);
	upload(p);
	say(p, 0, arena_fmt(p->mem, CHANGED, "w", "withdrawn"));
	assert_int_equal(paper_thread(p, 0, "R-1").my_seq, 1 + 4 + 1);
	grant(p, 0, 100);
	paper_run(p);
	assert_int_equal(came(p, 1), 1 + 4 + 1);
	assert_null(files_in_inbox(p, 1, "attachment", NULL));
	assert_int_equal(paper_told(p, 0, STAGE_REFUSED, ERR_CONSENT_ENDED), 1);
	paper_down(p);
}

/* Parts that lie in our store and are no messages yet stay there, and our system is told that the file has ended. */
static void
what_is_staged_stays(void **state)
{
	struct paper *p = referred();
	struct why why = { .where = "" };

	(void)state;
	assert_int_equal(files_upload(p, 0, &(struct files_ask){ 0 }, files_make(p, 2 * WHOLE_PART_BYTES + 1), NULL, &why), OK);
	paper_run(p);
	say(p, 0, arena_fmt(p->mem, CHANGED, "w", "withdrawn"));
	files_send(p, 0);
	paper_run(p);
	assert_int_equal(came(p, 1), 3);
	assert_non_null(strstr(p->party[0].told, "file.failed"));
	assert_int_equal(paper_told(p, 0, STAGE_REFUSED, ERR_CONSENT_ENDED), 1);
	paper_down(p);
}

/* A referral that never left does not leave; nobody is told of its consent, and our system sees the end of all: of an earlier change too. */
static void
what_never_left(void **state)
{
	struct paper *p = paper_up();

	(void)state;
	adapter_on_down(p->party[0].desk.adapter);
	say(p, 0, arena_fmt(p->mem, "%s" BY_CONSENT, adesk_referral(p->mem, "R-1", world_ids[1], "routine", "Измислен случай")));
	say(p, 0, arena_fmt(p->mem, CHANGED "consent_change.data_categories=education\n", "n", "withdrawn"));
	upload(p);
	say(p, 0, arena_fmt(p->mem, CHANGED, "w", "withdrawn"));
	assert_int_equal(paper_thread(p, 0, "R-1").refused, ERR_CONSENT_ENDED);
	assert_int_equal(paper_count(p, 0, TABLE_PENDING), 0);
	paper_greet(p, 0, 1000);
	paper_run(p);
	assert_int_equal(paper_count(p, 1, TABLE_INBOX), 0);
	assert_int_equal(paper_told(p, 0, STAGE_WITHDRAWN, OK), 2);
	paper_down(p);
}

/* A change of consent that waits itself is not lost with what is stopped before it: it goes in the first free place, before the next. */
static void
changes_are_kept(void **state)
{
	struct paper *p = referred();

	(void)state;
	adapter_on_down(p->party[0].desk.adapter);
	say(p, 0, arena_fmt(p->mem, ASSESSED, "a", "medical"));
	say(p, 0, arena_fmt(p->mem, CHANGED "consent_change.data_categories=education\n", "n", "withdrawn"));
	say(p, 0, arena_fmt(p->mem, CHANGED, "w", "withdrawn"));
	assert_int_equal(paper_thread(p, 0, "R-1").my_seq, 3);
	paper_greet(p, 0, 1000);
	paper_run(p);
	assert_int_equal(came(p, 1), 3);
	assert_null(files_in_inbox(p, 1, "assessment-result", NULL));
	assert_int_equal(paper_told(p, 0, STAGE_REFUSED, ERR_CONSENT_ENDED), 1);
	paper_down(p);
}

/* Where a part of the consent is withdrawn, what rests on it is stopped with what follows; what does not, and comes before it, goes. */
static void
a_part_stops_a_part(void **state)
{
	struct paper *p = referred();

	(void)state;
	adapter_on_down(p->party[0].desk.adapter);
	say(p, 0, arena_fmt(p->mem, ASSESSED, "s", "risk"));
	say(p, 0, arena_fmt(p->mem, ASSESSED, "h", "medical"));
	say(p, 0, adesk_status(p->mem, "c", "R-1", "cancelled", ""));
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_CANCELLED);
	say(p, 0, arena_fmt(p->mem, CHANGED "consent_change.data_categories=health\n", "w", "withdrawn"));
	assert_int_equal(paper_thread(p, 0, "R-1").my_seq, 3);
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_REQUESTED);	/* the step was not taken: it may be said again */
	paper_greet(p, 0, 1000);
	paper_run(p);
	assert_non_null(files_in_inbox(p, 1, "assessment-result", NULL));
	assert_int_equal(came(p, 1), 3);
	assert_int_equal(paper_told(p, 0, STAGE_REFUSED, ERR_CONSENT_ENDED), 1);
	assert_int_equal(paper_told(p, 0, STAGE_REFUSED, ERR_FOLLOWS), 1);		/* the step: no consent would mend it */
	paper_down(p);
}

/* Who hears of it stops what waits on its side as well; on another basis than consent nothing is stopped by it. */
static void
who_hears_of_it_stops(void **state)
{
	for (int is_consent = 0; is_consent < 2; is_consent++) {
		struct paper *p = paper_up();

		(void)state;
		say(p, 0, arena_fmt(p->mem, "%s%s", adesk_referral(p->mem, "R-1", world_ids[1], "routine", "Измислен случай"),
				    is_consent ? BY_CONSENT : ""));
		paper_run(p);
		grant(p, 1, 0);
		say(p, 1, arena_fmt(p->mem, ASSESSED, "a", "risk"));
		say(p, 0, arena_fmt(p->mem, CHANGED, "w", "withdrawn"));
		paper_run(p);
		grant(p, 1, 100);
		paper_run(p);
		assert_int_equal(came(p, 0), !is_consent);
		assert_int_equal(paper_told(p, 1, STAGE_REFUSED, ERR_CONSENT_ENDED), is_consent);
		paper_down(p);
	}
}

/* At a conference too: a new decision that waits goes back, and none is taken after it; that it is closed goes. */
static void
a_conference_that_waits_stops(void **state)
{
	static const char decided[] = "id=%s\nkind=conference-decision\ndecision.conference_id=К\ndecision.result=%s\ndecision.text=План\n";

	(void)state;
	for (int is_closed = 0; is_closed < 2; is_closed++) {
		const char *result = is_closed ? "closed" : "decided";
		struct paper *p = referred();

		say(p, 0, arena_fmt(p->mem, "id=i\nkind=conference-invite\nconference.conference_id=К\nconference.case_ref=R-1\nconference.mechanism=violence\n"
				    "conference.urgency=urgent\nconference.start=2026-12-01T08:00:00Z\nconference.place_or_link=x\n"
				    "conference.legal_basis=consent\nconference.members[0].agency=%s\nconference.members[0].role=required\n", world_ids[1]));
		say(p, 0, arena_fmt(p->mem, decided, "d-1", "decided"));
		paper_run(p);
		adapter_on_down(p->party[0].desk.adapter);
		say(p, 0, arena_fmt(p->mem, decided, "d-2", result));
		say(p, 0, "id=w\nkind=consent-change\nconsent_change.conference_id=К\n"
		    "consent_change.changed_by=parent\nconsent_change.change=withdrawn\n");
		assert_int_equal(paper_thread(p, 0, "К").my_seq, is_closed ? 4 : 3);
		assert_int_equal(paper_told(p, 0, STAGE_REFUSED, ERR_CONSENT_ENDED), !is_closed);
		if (!is_closed)
			assert_string_equal(paper_take(p, 0, arena_fmt(p->mem, decided, "d-3", "decided")), "NSK-1311 decision\n");
		paper_greet(p, 0, 1000);
		paper_run(p);
		assert_int_equal(paper_thread(p, 1, "К").others[0].taken, is_closed ? 4 : 3);
		paper_down(p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_waits_does_not_go),
		cmocka_unit_test(what_is_under_way_goes),
		cmocka_unit_test(what_is_staged_stays),
		cmocka_unit_test(what_never_left),
		cmocka_unit_test(changes_are_kept),
		cmocka_unit_test(a_part_stops_a_part),
		cmocka_unit_test(who_hears_of_it_stops),
		cmocka_unit_test(a_conference_that_waits_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
