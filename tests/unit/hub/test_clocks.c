/* SPDX-License-Identifier: EUPL-1.2 */
/* What is owed for a message, when it falls due, and what ends it. */
#include "tests/unit/hub/clock_test.h"

#define H CLOCK_HOUR

/* Half-time lies in the middle to registered_by, else to respond_by; expiring is a tenth before the end; nothing else is computed. */
static void
moments_follow_the_header(void **state)
{
	struct clock_row all = { .since_ms = 1000 * H, .registered_by_ms = 1010 * H, .respond_by_ms = 1100 * H, .expires_ms = 1200 * H };
	struct clock_row answer = { .since_ms = 1000 * H, .respond_by_ms = 1100 * H }, none = { .since_ms = 1000 * H };
	struct clock_row over = { .since_ms = 1000 * H, .registered_by_ms = 990 * H, .expires_ms = 1000 * H };

	(void)state;
	assert_int_equal(clocks_moment(&all, NOTICE_HALF_TIME), 1005 * H);
	assert_int_equal(clocks_moment(&all, NOTICE_LATE_REGISTERED), 1010 * H);
	assert_int_equal(clocks_moment(&all, NOTICE_LATE_RESPONSE), 1100 * H);
	assert_int_equal(clocks_moment(&all, NOTICE_EXPIRING), 1180 * H);
	assert_int_equal(clocks_moment(&all, NOTICE_EXPIRED), 1200 * H);
	assert_int_equal(clocks_moment(&answer, NOTICE_HALF_TIME), 1050 * H);
	for (enum notice_fact fact = NOTICE_HALF_TIME; fact <= NOTICE_EXPIRED; fact++)
		assert_int_equal(clocks_moment(&none, fact), 0);
	/* what is over before it begins has no half-time and is not about to expire */
	assert_int_equal(clocks_moment(&over, NOTICE_HALF_TIME), 0);
	assert_int_equal(clocks_moment(&over, NOTICE_LATE_REGISTERED), 990 * H);
	assert_int_equal(clocks_moment(&over, NOTICE_EXPIRING), 0);
	assert_int_equal(clocks_moment(&over, NOTICE_EXPIRED), 1000 * H);
	/* a span over ten days is told of a day ahead at least */
	all.expires_ms = all.since_ms + 241 * H;
	assert_true(all.expires_ms - clocks_moment(&all, NOTICE_EXPIRING) >= CLOCK_DAY);
}

/* A deadline before the message was made, or years ahead, is a mistake; an answer may be asked for too late. */
static void
impossible_deadlines(void **state)
{
	struct header h = { .created_ms = 1000 * H };
	struct why why;

	(void)state;
	assert_int_equal(clocks_check(&h, 1000 * H, &why), OK);
	h.registered_by_ms = 1000 * H;
	assert_int_equal(clocks_check(&h, 1000 * H, &why), ERR_BAD_CLOCK);
	assert_string_equal(why.where, "registered_by");
	h.registered_by_ms = 1000 * H + 1;
	h.respond_by_ms = 900 * H;
	assert_int_equal(clocks_check(&h, 1000 * H, &why), OK);
	h.respond_by_ms = 1000 * H + CLOCKS_AHEAD_MS;
	assert_int_equal(clocks_check(&h, 1000 * H, &why), OK);
	assert_int_equal(clocks_check(&h, 1000 * H - 1, &why), ERR_BAD_CLOCK);
	assert_string_equal(why.where, "respond_by");
	h.respond_by_ms = 0;
	h.expires_ms = 999 * H;
	assert_int_equal(clocks_check(&h, 1000 * H, &why), ERR_BAD_CLOCK);
	assert_string_equal(why.where, "expires");
}

/* The hub refuses such a submit and uses up no seq. */
static void
impossible_deadline_is_refused(void **state)
{
	struct desk *d = *state;
	struct envelope env;
	struct header h;

	world_header(&d->world, SENDER, RECIPIENT, &thread, 1, d->now_ms, &h);
	h.registered_by_ms = d->now_ms - 1;
	desk_submit(d, SENDER, world_envelope(&d->world, SENDER, &h, 10, NULL));
	assert_int_equal(desk_answer(d, SENDER), ERR_BAD_CLOCK);
	desk_submit(d, SENDER, data(d, 1, PRIORITY_ROUTINE, &env));
	assert_int_equal(desk_answer(d, SENDER), OK);
}

/* What each end leaves owed: a registration ends the first duty, an answer the second, anything final both. */
static void
ends_of_duties(void **state)
{
	struct clock_row both = { .since_ms = 1, .registered_by_ms = 2, .respond_by_ms = 3, .expires_ms = 4 };
	struct clock_row one = { .since_ms = 1, .registered_by_ms = 2, .expires_ms = 4 };
	const uint16_t registered = STAGES_AT(STAGE_REGISTERED), refused = STAGES_AT(STAGE_REFUSED);

	(void)state;
	assert_int_equal(clocks_owed(&both, 0), OWED_REGISTRATION);
	assert_int_equal(clocks_owed(&both, STAGES_AT(STAGE_DELIVERED) | STAGES_AT(STAGE_SEEN)), OWED_REGISTRATION);
	assert_int_equal(clocks_owed(&both, registered), OWED_ANSWER);
	assert_int_equal(clocks_owed(&both, STAGES_CLOSED), OWED_REGISTRATION);
	assert_int_equal(clocks_owed(&both, registered | STAGES_CLOSED), OWED_NOTHING);
	assert_int_equal(clocks_owed(&both, refused), OWED_NOTHING);
	assert_int_equal(clocks_owed(&both, STAGES_WITHDRAWN), OWED_NOTHING);
	assert_int_equal(clocks_owed(&both, STAGES_SUPERSEDED), OWED_NOTHING);
	assert_int_equal(clocks_owed(&one, registered), OWED_NOTHING);
	assert_int_equal(clocks_next(&both, registered).fact, NOTICE_LATE_RESPONSE);
	assert_int_equal(clocks_next(&both, registered | STAGES_SAID_NO_ANSWER | STAGES_SAID_EXPIRING).fact, NOTICE_EXPIRED);
	assert_int_equal(clocks_next(&both, refused).at_ms, 0);
	assert_int_equal(clocks_missed(&both, STAGES_SAID_LATE).fact, NOTICE_LATE_REGISTERED);
	assert_int_equal(clocks_missed(&both, STAGES_SAID_LATE | registered).at_ms, 0);
	assert_int_equal(clocks_missed(&both, STAGES_SAID_LATE | STAGES_SAID_NO_ANSWER | registered).fact, NOTICE_LATE_RESPONSE);
	assert_int_equal(clocks_missed(&both, STAGES_SAID_HALF_TIME | STAGES_SAID_EXPIRING).at_ms, 0);
}

static struct span
answer_to(struct desk *d, uint64_t seq, const struct thread_id *t, const struct msgid *closes, struct envelope *env)
{
	struct header h;

	world_header(&d->world, RECIPIENT, SENDER, t, seq, d->now_ms, &h);
	h.closes[0] = *closes;
	h.n_closes = 1;
	return world_envelope(&d->world, RECIPIENT, &h, 10, env);
}

/* Who closes a message of its own wants no answer any more: nobody is late with it. */
static void
own_is_closed_for_all(void **state)
{
	struct desk *d = *state;
	struct envelope env, taken_back;
	struct header h;

	clocked(d, 1, (const int[]){ 0, 10, 0 }, &env);
	world_header(&d->world, SENDER, RECIPIENT, &env.header.thread, 2, d->now_ms, &h);
	h.closes[0] = env.header.id;
	h.n_closes = 1;
	desk_submit(d, SENDER, world_envelope(&d->world, SENDER, &h, 10, &taken_back));
	assert_int_equal(desk_answer(d, SENDER), OK);
	assert_null(strstr(said_at(d, 20), "no-answer"));
}

/* Only an addressee closes a message, in its thread; what it names otherwise is refused, and nothing is closed. */
static void
only_addressees_close(void **state)
{
	struct desk *d = *state;
	struct thread_id other = { "another" };
	struct envelope env, mine;
	struct msgid unknown;

	clocked(d, 1, (const int[]){ 0, 10, 0 }, &env);
	unknown = env.header.id;
	unknown.b[15] ^= 1;
	desk_submit(d, RECIPIENT, answer_to(d, 1, &env.header.thread, &unknown, NULL));
	assert_int_equal(desk_answer(d, RECIPIENT), ERR_NOTFOUND);
	desk_submit(d, RECIPIENT, answer_to(d, 1, &other, &env.header.id, NULL));
	assert_int_equal(desk_answer(d, RECIPIENT), ERR_NOT_ALLOWED);
	desk_submit(d, RECIPIENT, answer_to(d, 1, &env.header.thread, &env.header.id, &mine));
	assert_int_equal(desk_answer(d, RECIPIENT), OK);
	/* nor its own of another thread */
	desk_submit(d, RECIPIENT, answer_to(d, 1, &other, &mine.header.id, NULL));
	assert_int_equal(desk_answer(d, RECIPIENT), ERR_NOT_ALLOWED);
	assert_string_equal(said_at(d, 20), "");
}

/* An answer stops the clock of respond_by and no other: what is not registered is still late. */
static void
answer_stops_respond_by(void **state)
{
	struct desk *d = *state;
	struct envelope env;

	clocked(d, 1, (const int[]){ 10, 20, 30 }, &env);
	desk_submit(d, RECIPIENT, answer_to(d, 1, &env.header.thread, &env.header.id, NULL));
	assert_int_equal(desk_answer(d, RECIPIENT), OK);
	assert_string_equal(said_at(d, 40), "half-time late");
	assert_int_equal(late_at(d, RECIPIENT), 1);
	assert_int_equal(confirm(d, &env, STAGE_REGISTERED), OK);
	assert_int_equal(late_at(d, RECIPIENT), 0);
}

static struct span
again(struct desk *d, const struct envelope *old, int registered_by_h, struct envelope *env)
{
	struct header h;

	world_header(&d->world, SENDER, RECIPIENT, &old->header.thread, 1, d->now_ms, &h);
	h.registered_by_ms = registered_by_h ? d->now_ms + registered_by_h * H : 0;
	h.supersedes = old->header.id;
	return world_envelope(&d->world, SENDER, &h, 10, env);
}

/* Who sends a message anew gains no time by it: deadlines and what was said of them pass on, and the old id may still be closed. */
static void
resent_gains_no_time(void **state)
{
	struct desk *d = *state;
	struct envelope first, second, third;
	struct said said[4];
	uint64_t from;

	clocked(d, 1, (const int[]){ 10, 20, 0 }, &first);
	assert_string_equal(said_at(d, 6), "half-time");
	desk_submit(d, SENDER, again(d, &first, 100, &second));
	assert_int_equal(desk_answer(d, SENDER), OK);
	assert_string_equal(said_at(d, 9), "");
	from = log_size(d);
	assert_string_equal(said_at(d, 10), "late");
	assert_int_equal(notices(d, from, said, 4), 1);
	assert_true(msgid_eq(&said[0].n.about, &second.header.id) && said[0].n.due_ms == WORLD_T0 + 10 * H);
	assert_true(said[0].n.submitted_ms == WORLD_T0 && hash_eq(&said[0].n.env_hash, &second.hash));
	/* late is late also under the third id, made when the deadline has passed, and counted once */
	desk_submit(d, SENDER, again(d, &second, 0, &third));
	assert_int_equal(desk_answer(d, SENDER), OK);
	assert_int_equal(late_at(d, RECIPIENT), 1);
	assert_string_equal(said_at(d, 11), "");
	assert_int_equal(confirm(d, &third, STAGE_REGISTERED), OK);
	assert_int_equal(late_at(d, RECIPIENT), 0);
	desk_submit(d, RECIPIENT, answer_to(d, 1, &first.header.thread, &first.header.id, NULL));
	assert_int_equal(desk_answer(d, RECIPIENT), OK);
	assert_string_equal(said_at(d, 30), "");
}

/* When nothing is owed any more no row is left of a message's clocks. */
static void
rows_go(void **state)
{
	struct desk *d = *state;
	struct journal_walk walk;
	struct journal_view *v;
	struct envelope env, answer;
	struct header h;

	clocked(d, 1, (const int[]){ 10, 20, 30 }, &env);
	assert_string_equal(said_at(d, 21), "half-time late no-answer");
	assert_int_equal(confirm(d, &env, STAGE_REGISTERED), OK);
	desk_submit(d, RECIPIENT, answer_to(d, 1, &env.header.thread, &env.header.id, &answer));
	assert_int_equal(desk_answer(d, RECIPIENT), OK);
	world_receipt(&d->world, SENDER, &answer, STAGE_REGISTERED, d->now_ms, &h);
	desk_submit(d, SENDER, world_envelope(&d->world, SENDER, &h, 0, NULL));
	assert_int_equal(desk_answer(d, SENDER), OK);
	clocked(d, 2, (const int[]){ 40, 50, 60 }, &env);
	assert_int_equal(confirm(d, &env, STAGE_REFUSED), OK);
	v = journal_view(d->journal);
	assert_false(journal_walk_from(v, TABLE_DUE, SPAN_LIT("\0"), &walk));
	journal_walk_end(&walk);
	assert_false(journal_walk_from(v, TABLE_CLOCKS, SPAN_LIT("\0"), &walk));
	journal_walk_end(&walk);
	assert_int_equal(journal_view_end(v), OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_clocks, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moments_follow_the_header),
		cmocka_unit_test(impossible_deadlines),
		cmocka_unit_test(ends_of_duties),
		TEST(impossible_deadline_is_refused),
		TEST(own_is_closed_for_all),
		TEST(only_addressees_close),
		TEST(answer_stops_respond_by),
		TEST(resent_gains_no_time),
		TEST(rows_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
