/* SPDX-License-Identifier: EUPL-1.2 */
/* An assessment that a referral asks for comes by its day, or both sides are told, in virtual time. */
#include "tests/support/upkeep_paper.h"

#include "adapters/core/assess.h"
#include "adapters/core/duty_view.h"

#define DAYS 20
#define ASSESSED "id=%s\nkind=assessment-result\nassessment.referral_id=R-1\nassessment.assessment_kind=individual-needs\n" \
	"assessment.done_on=2026-03-02\nassessment.done_by=Екип\nassessment.domains[0].finding=Измислена находка\nassessment.conclusions=Извод\n"

static void
assess(struct paper *p, size_t i, const char *id)
{
	const char *answer = paper_take(p, i, arena_fmt(p->mem, ASSESSED, id));

	assert_non_null(answer);
	if (strncmp(answer, "OK ", 3) != 0)
		fail_msg("%s", answer);
	paper_run(p);
}

/* At both sides: so many are owed, and by the day. */
static void
assert_owed(struct paper *p, unsigned n_owed, int64_t day_ms)
{
	for (size_t i = 0; i < 2; i++) {
		unsigned n;
		struct duty d = upkeep_asked(p, i, DUTY_UNASSESSED, &n);

		assert_int_equal(n, n_owed);
		if (n_owed == 0)
			continue;
		assert_int_equal(d.upkeep_ms, day_ms);
		assert_string_equal(d.from, world_ids[0]);
		assert_string_equal(d.to, world_ids[1]);	/* who owes it */
	}
}

/* What party `i` is shown of it by HTTP; NULL: nothing. */
static const char *
shown(struct paper *p, size_t i)
{
	struct native in = { .method = "GET", .path = "/v1/deadlines" }, answer = { 0 };

	assert_int_equal(adapter_request(p->party[i].desk.adapter, &in, NULL, p->mem, &answer), OK);
	return strstr(arena_strn(p->mem, answer.bytes.p, answer.bytes.n), "\"assess_by\":");
}

/* Asked for by a referral, it is owed by the twentieth day from its making, whatever is said meanwhile; what comes ends that at both sides,
 * and nobody is told anything.
 */
static void
comes_in_time(void **state)
{
	struct paper *p = upkeep_referred();
	int64_t day = p->now_ms + DAYS * CLOCK_DAY;

	(void)state;
	assert_owed(p, 1, day);
	p->now_ms += 2 * CLOCK_DAY;
	upkeep_say(p, 1, "s1", "waitlisted", "status.waitlist.position=4\n");
	assert_owed(p, 1, day);
	upkeep_say(p, 1, "s2", "accepted", "");
	upkeep_say(p, 1, "s3", "in-progress", "");
	upkeep_say(p, 1, "s4", "on-hold", "status.reason_text=x\n");
	assert_owed(p, 1, day);
	assess(p, 0, "a0");	/* one that its initiator had done is none of its recipient */
	assert_owed(p, 1, day);
	for (size_t i = 0; i < 2; i++)
		assert_non_null(shown(p, i));
	assess(p, 1, "a1");
	assert_owed(p, 0, 0);
	for (size_t i = 0; i < 2; i++)
		assert_null(shown(p, i));
	upkeep_both_at(p, day + CLOCK_DAY);
	assert_int_equal(upkeep_times_told(p, 0, "unassessed") + upkeep_times_told(p, 1, "unassessed"), 0);
	paper_down(p);
}

/* Not come by its day, that is said at both sides, not before and once, across a restart as well; it is owed still, and counted late. */
static void
is_missed(void **state)
{
	struct paper *p = upkeep_referred();
	int64_t day = p->now_ms + DAYS * CLOCK_DAY;
	uint64_t open, late;
	struct txn *txn;

	(void)state;
	upkeep_say(p, 1, "s1", "accepted", "");
	for (size_t i = 0; i < 2; i++)
		p->party[i].told[0] = '\0';
	upkeep_both_at(p, day - 1);
	assert_int_equal(upkeep_times_told(p, 0, "unassessed") + upkeep_times_told(p, 1, "unassessed"), 0);
	upkeep_both_at(p, day);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(upkeep_times_told(p, i, "fact=unassessed"), 1);
		adesk_stop(&p->party[i].desk);
		adesk_start(&p->party[i].desk);
		paper_greet(p, i, 1000);
	}
	upkeep_both_at(p, day + CLOCK_DAY);
	assert_owed(p, 1, day);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(upkeep_times_told(p, i, "fact=unassessed"), 1);
		txn = store_read(p->party[i].desk.store);
		duty_view_count(p->party[i].desk.adapter, txn, &open, &late);
		txn_abort(txn);
		assert_true(open >= 1 && late >= 1);
	}
	assess(p, 1, "a1");
	assert_owed(p, 0, 0);
	paper_down(p);
}

/* One that is taken back, or refused, has not come: it is owed again by the day that it had, and late at once if that is over. */
static void
is_taken_back(void **state)
{
	struct paper *p = upkeep_referred();
	int64_t day = p->now_ms + DAYS * CLOCK_DAY;

	(void)state;
	upkeep_say(p, 1, "s1", "accepted", "");
	assess(p, 1, "a1");
	assert_owed(p, 0, 0);
	upkeep_take_back(p, 1);
	assert_owed(p, 1, day);
	assess(p, 1, "a2");
	assert_owed(p, 0, 0);
	for (size_t i = 0; i < 2; i++)
		p->party[i].told[0] = '\0';
	upkeep_both_at(p, day + 1);
	upkeep_take_back(p, 1);
	upkeep_both_at(p, day + 2);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(upkeep_times_told(p, i, "fact=unassessed"), 1);
	assert_owed(p, 1, day);
	paper_down(p);
}

/* Of what has ended, or is to end by its initiator's wish, nothing is asked, as long as that stands. */
static void
ends_with_the_referral(void **state)
{
	static const struct { size_t by; const char *to, *more; } ends[] = {
		{ 1, "declined", "status.reason_code=other\nstatus.reason_text=x\n" }, { 1, "completed", "status.outcome.outcome=need-met\n" },
		{ 0, "withdrawn", "" }, { 0, "cancel-requested", "status.reason_text=x\n" },
	};

	(void)state;
	for (size_t k = 0; k < sizeof(ends) / sizeof(ends[0]); k++) {
		struct paper *p = upkeep_referred();
		int64_t day = p->now_ms + DAYS * CLOCK_DAY;

		upkeep_say(p, 1, "s1", "accepted", "");
		upkeep_say(p, ends[k].by, "e1", ends[k].to, ends[k].more);
		assert_owed(p, 0, 0);
		upkeep_take_back(p, ends[k].by);
		assert_owed(p, 1, day);
		upkeep_say(p, ends[k].by, "e2", ends[k].to, ends[k].more);
		upkeep_both_at(p, day + CLOCK_DAY);
		assert_int_equal(upkeep_times_told(p, 0, "unassessed") + upkeep_times_told(p, 1, "unassessed"), 0);
		paper_down(p);
	}
}

/* Expired, it is asked for no more; its initiator takes the late offer, and it is owed by the day that it had. */
static void
taken_late(void **state)
{
	struct paper *p = upkeep_referred();
	int64_t day = p->now_ms + DAYS * CLOCK_DAY;

	(void)state;
	upkeep_both_at(p, p->now_ms + 120 * CLOCK_DAY);
	upkeep_say(p, 0, "e1", "expired", "");
	assert_owed(p, 0, 0);
	upkeep_say(p, 1, "o1", "late-offered", "status.transition=T32\n");
	assert_owed(p, 0, 0);
	upkeep_say(p, 0, "o2", "accepted", "");
	assert_owed(p, 1, day);
	assess(p, 1, "a1");
	assert_owed(p, 0, 0);
	paper_down(p);
}

/* Asked for by the service, or by who says that the child comes back assessed; not by a value that the configuration filled in. */
static void
who_asks(void **state)
{
	static struct adapter_pair back = { "disposition_wanted", "assess-and-return" };
	static const struct { const char *service, *disposition; bool is_asked; } cases[] = {
		{ "needs-assessment", "take-over", true }, { "needs-assessment", "report-only", true }, { "needs-assessment", "", true },
		{ "speech-therapy", "assess-and-return", true }, { "speech-therapy", "take-over", false },
		{ "speech-therapy", "second-opinion", false }, { "speech-therapy", "", false },
	};

	(void)state;
	for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
		struct paper *p = paper_up();
		char *text = adesk_referral(p->mem, "R-1", world_ids[1], "routine", "Измислен случай");
		char *service = strstr(text, "needs-assessment"), *rest = service + strlen("needs-assessment");
		char *disposition = strstr(rest, "referral.disposition_wanted="), *end = strchr(disposition, '\n') + 1;
		const char *said = cases[k].disposition[0] ? arena_fmt(p->mem, "referral.disposition_wanted=%s\n", cases[k].disposition) : "";

		p->party[0].desk.config.defaults = &back;
		p->party[0].desk.config.n_defaults = 1;
		text = arena_fmt(p->mem, "%.*s%s%.*s%s%s", (int)(service - text), text, cases[k].service, (int)(disposition - rest), rest, said, end);
		assert_int_equal(strncmp(paper_take(p, 0, text), "OK ", 3), 0);
		paper_run(p);
		assert_owed(p, cases[k].is_asked, p->now_ms + DAYS * CLOCK_DAY);
		paper_down(p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_in_time), cmocka_unit_test(is_missed), cmocka_unit_test(is_taken_back),
		cmocka_unit_test(ends_with_the_referral), cmocka_unit_test(taken_late), cmocka_unit_test(who_asks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
