/* SPDX-License-Identifier: EUPL-1.2 */
/* An answer that is taken back, or refused by who had asked, has answered nothing: what it closed is owed again, unless another answer
 * stands.
 */
#include "hub/closure.h"

#include "proto/withdrawal.h"
#include "tests/unit/hub/clock_test.h"

/* A message of `from` in the thread of `env` that closes `closes`, accepted. */
static void
say(struct desk *d, size_t from, uint64_t seq, const struct envelope *env, const struct msgid *closes, const struct msgid *supersedes,
    struct envelope *ret)
{
	struct header h;

	world_header(&d->world, from, from == SENDER ? RECIPIENT : SENDER, &env->header.thread, seq, d->now_ms, &h);
	h.closes[0] = *closes;
	h.n_closes = 1;
	if (supersedes)
		h.supersedes = *supersedes;
	desk_submit(d, from, world_envelope(&d->world, from, &h, 10, ret));
	assert_int_equal(desk_answer(d, from), OK);
}

static enum err
take_back(struct desk *d, size_t from, const struct envelope *env)
{
	uint8_t random[10];
	struct header h;
	struct msgid id;

	world_fill(&d->world, random, sizeof(random));
	msgid_make(d->now_ms, random, &id);
	withdrawal_header(&env->header, &env->hash, &id, d->now_ms, &h);
	h.directory_version = d->world.d.version;
	h.signing_key = d->world.agencies[from].signing_id;
	desk_submit(d, from, world_envelope(&d->world, from, &h, 0, NULL));
	return desk_answer(d, from);
}

static void
ends(struct desk *d, size_t who, const struct envelope *env, enum stage stage)
{
	struct header h;

	world_receipt(&d->world, who, env, stage, d->now_ms, &h);
	desk_submit(d, who, world_envelope(&d->world, who, &h, 0, NULL));
	assert_int_equal(desk_answer(d, who), OK);
}

static void
registers(struct desk *d, size_t who, const struct envelope *env)
{
	ends(d, who, env, STAGE_REGISTERED);
}

/* Rows of TABLE_CLOCKS, of all that is owed or closed. */
static size_t
n_rows(struct desk *d)
{
	struct journal_view *v = journal_view(d->journal);
	struct journal_walk walk;
	size_t n = 0;

	for (bool on = journal_walk_from(v, TABLE_CLOCKS, SPAN_LIT("\0"), &walk); on; on = journal_walk_next(&walk))
		n++;
	journal_walk_end(&walk);
	assert_int_equal(journal_view_end(v), OK);
	return n;
}

/* Taken back before its day the clock goes on as if there had been no answer; after it, it is said at once, and it is late until answered. */
static void
taken_back(void **state)
{
	struct desk *d = *state;
	struct envelope env, other, answer;

	clocked(d, 1, (const int[]){ 0, 10, 0 }, &env);
	clocked(d, 2, (const int[]){ 0, 10, 0 }, &other);
	registers(d, RECIPIENT, &env);		/* nothing else is owed for it: its row goes with the answer */
	say(d, RECIPIENT, 1, &env, &env.header.id, NULL, &answer);
	assert_int_equal(take_back(d, RECIPIENT, &answer), OK);
	say(d, RECIPIENT, 1, &other, &other.header.id, NULL, &answer);
	assert_string_equal(said_at(d, 9), "half-time");
	assert_string_equal(said_at(d, 12), "no-answer");
	assert_int_equal(late_at(d, RECIPIENT), 1);
	assert_int_equal(take_back(d, RECIPIENT, &answer), OK);
	assert_string_equal(said_at(d, 13), "half-time no-answer");
	assert_int_equal(late_at(d, RECIPIENT), 2);
	say(d, RECIPIENT, 2, &other, &other.header.id, NULL, &answer);
	assert_int_equal(late_at(d, RECIPIENT), 1);
	assert_string_equal(said_at(d, 30), "");	/* once */
}

/* While another answer stands nothing is owed; an answer that is registered cannot be taken back, and of what it closed no row is left. */
static void
another_stands(void **state)
{
	struct desk *d = *state;
	struct envelope env, first, second;

	clocked(d, 1, (const int[]){ 0, 10, 0 }, &env);
	registers(d, RECIPIENT, &env);
	say(d, RECIPIENT, 1, &env, &env.header.id, NULL, &first);
	say(d, RECIPIENT, 2, &env, &env.header.id, NULL, &second);
	assert_int_equal(take_back(d, RECIPIENT, &first), OK);
	assert_string_equal(said_at(d, 11), "");
	registers(d, SENDER, &second);
	assert_int_equal(take_back(d, RECIPIENT, &second), ERR_CONFLICT);
	assert_string_equal(said_at(d, 12), "");
	assert_int_equal(n_rows(d), 0);
}

/* Where one of two answers is registered the other may go: it stays answered. */
static void
one_is_registered(void **state)
{
	struct desk *d = *state;
	struct envelope env, first, second;

	clocked(d, 1, (const int[]){ 0, 10, 0 }, &env);
	say(d, RECIPIENT, 1, &env, &env.header.id, NULL, &first);
	say(d, RECIPIENT, 2, &env, &env.header.id, NULL, &second);
	registers(d, SENDER, &first);
	assert_int_equal(take_back(d, RECIPIENT, &second), OK);
	assert_string_equal(said_at(d, 11), "");
}

/* One's own message that wants no answer any more wants one again when that is taken back. */
static void
own_taken_back(void **state)
{
	struct desk *d = *state;
	struct envelope env, never_mind;

	clocked(d, 1, (const int[]){ 0, 10, 0 }, &env);
	say(d, SENDER, 2, &env, &env.header.id, NULL, &never_mind);
	assert_int_equal(take_back(d, SENDER, &never_mind), OK);
	assert_string_equal(said_at(d, 11), "half-time no-answer");
}

/* Sealed again, on either side, the answer is the same answer and the question the same question. */
static void
sealed_again(void **state)
{
	struct desk *d = *state;
	struct envelope env, again, answer, newer;
	struct header h;

	clocked(d, 1, (const int[]){ 0, 10, 0 }, &env);
	say(d, RECIPIENT, 1, &env, &env.header.id, NULL, &answer);
	world_header(&d->world, SENDER, RECIPIENT, &env.header.thread, 1, d->now_ms, &h);
	h.supersedes = env.header.id;
	desk_submit(d, SENDER, world_envelope(&d->world, SENDER, &h, 10, &again));
	assert_int_equal(desk_answer(d, SENDER), OK);
	say(d, RECIPIENT, 1, &env, &env.header.id, &answer.header.id, &newer);
	assert_string_equal(said_at(d, 9), "");
	registers(d, RECIPIENT, &again);
	assert_int_equal(take_back(d, RECIPIENT, &newer), OK);
	assert_string_equal(said_at(d, 11), "half-time no-answer");
	assert_int_equal(late_at(d, RECIPIENT), 1);
}

/* More answers than a row holds: one of them will stand. */
static void
too_many(void **state)
{
	struct desk *d = *state;
	struct envelope env, answers[CLOSED_ANSWERS_MAX + 1];

	clocked(d, 1, (const int[]){ 0, 10, 0 }, &env);
	for (size_t i = 0; i <= CLOSED_ANSWERS_MAX; i++)
		say(d, RECIPIENT, i + 1, &env, &env.header.id, NULL, &answers[i]);
	for (size_t i = CLOSED_ANSWERS_MAX + 1; i-- > 0;)
		assert_int_equal(take_back(d, RECIPIENT, &answers[i]), OK);
	assert_string_equal(said_at(d, 11), "");
}

/* What was withdrawn itself is not owed again with its answer. */
static void
question_withdrawn(void **state)
{
	struct desk *d = *state;
	struct envelope env, answer;

	clocked(d, 1, (const int[]){ 0, 10, 0 }, &env);
	say(d, RECIPIENT, 1, &env, &env.header.id, NULL, &answer);
	assert_int_equal(take_back(d, SENDER, &env), OK);
	assert_int_equal(take_back(d, RECIPIENT, &answer), OK);
	assert_string_equal(said_at(d, 11), "");
	assert_int_equal(n_rows(d), 0);
}

/* Refused by who had asked it was none: the clock goes on with the day that it had, and is late at once, once, where that is over; what is
 * said instead is an answer.
 */
static void
refused(void **state)
{
	struct desk *d = *state;
	struct envelope env, other, answer;

	clocked(d, 1, (const int[]){ 0, 10, 0 }, &env);
	clocked(d, 2, (const int[]){ 0, 10, 0 }, &other);
	registers(d, RECIPIENT, &env);
	say(d, RECIPIENT, 1, &env, &env.header.id, NULL, &answer);
	ends(d, SENDER, &answer, STAGE_REFUSED);
	say(d, RECIPIENT, 1, &other, &other.header.id, NULL, &answer);
	assert_string_equal(said_at(d, 9), "half-time");
	assert_string_equal(said_at(d, 12), "no-answer");
	assert_int_equal(late_at(d, RECIPIENT), 1);
	ends(d, SENDER, &answer, STAGE_REFUSED);
	assert_string_equal(said_at(d, 13), "half-time no-answer");
	assert_int_equal(late_at(d, RECIPIENT), 2);
	say(d, RECIPIENT, 2, &other, &other.header.id, NULL, &answer);
	say(d, RECIPIENT, 2, &env, &env.header.id, NULL, &other);
	assert_int_equal(late_at(d, RECIPIENT), 0);
	registers(d, SENDER, &answer);
	ends(d, SENDER, &other, STAGE_REFUSED);
	assert_int_equal(late_at(d, RECIPIENT), 1);
	assert_string_equal(said_at(d, 30), "");	/* once */
}

/* Of two answers the one that is not refused is one, and one's own message that wants none any more wants it again of who refused that. */
static void
refused_but_one(void **state)
{
	struct desk *d = *state;
	struct envelope env, mine, first, second, never_mind;

	clocked(d, 1, (const int[]){ 0, 10, 0 }, &env);
	clocked(d, 2, (const int[]){ 0, 10, 0 }, &mine);
	registers(d, RECIPIENT, &env);
	say(d, RECIPIENT, 1, &env, &env.header.id, NULL, &first);
	say(d, RECIPIENT, 2, &env, &env.header.id, NULL, &second);
	ends(d, SENDER, &first, STAGE_REFUSED);
	say(d, SENDER, 2, &mine, &mine.header.id, NULL, &never_mind);
	assert_string_equal(said_at(d, 11), "");
	registers(d, SENDER, &second);
	ends(d, RECIPIENT, &never_mind, STAGE_REFUSED);
	assert_string_equal(said_at(d, 12), "half-time no-answer");
}

/* A message of `from` to both others in a thread of three. */
static void
tell_both(struct desk *d, size_t from, uint64_t seq, int respond_hours, const struct msgid *closes, const struct msgid *supersedes,
	  struct envelope *ret)
{
	static const struct thread_id t = { "three" };
	static const size_t of_three[] = { SENDER, RECIPIENT, WORLD_AGENCIES - 1 };
	size_t to[2], n = 0;
	struct header h;

	for (size_t i = 0; i < 3; i++)
		if (of_three[i] != from)
			to[n++] = of_three[i];
	world_header(&d->world, from, to[0], &t, seq, d->now_ms, &h);
	h.to[h.n_to++] = world_ids[to[1]];
	h.wraps[1] = h.wraps[0];
	h.wraps[1].agency = world_ids[to[1]];
	key_id_of(KEY_SEALING, key_public(d->world.sealing[to[1]]), &h.wraps[1].key);
	h.n_wraps = 2;
	h.respond_by_ms = respond_hours ? d->now_ms + respond_hours * CLOCK_HOUR : 0;
	if (closes)
		h.closes[h.n_closes++] = *closes;
	if (supersedes)
		h.supersedes = *supersedes;
	desk_submit(d, from, world_envelope(&d->world, from, &h, 10, ret));
	assert_int_equal(desk_answer(d, from), OK);
}

/* In a thread of several who had asked decides whether an answer is one: what the others say of it, first or last, changes nothing. Of
 * one's own message it is each who was asked.
 */
static void
who_asked_decides(void **state)
{
	const size_t third = WORLD_AGENCIES - 1;
	struct desk *d = *state;
	struct envelope env, answer, again, theirs, never_mind;

	tell_both(d, SENDER, 1, 10, NULL, NULL, &env);
	registers(d, RECIPIENT, &env);
	registers(d, third, &env);
	tell_both(d, RECIPIENT, 1, 0, &env.header.id, NULL, &answer);
	tell_both(d, third, 1, 0, &env.header.id, NULL, &theirs);
	ends(d, third, &answer, STAGE_REFUSED);
	registers(d, RECIPIENT, &theirs);
	assert_string_equal(said_at(d, 11), "");
	registers(d, SENDER, &answer);
	ends(d, SENDER, &theirs, STAGE_REFUSED);
	assert_int_equal(late_at(d, RECIPIENT), 0);
	assert_string_equal(said_at(d, 12), "half-time no-answer");
	assert_int_equal(late_at(d, third), 1);
	tell_both(d, third, 2, 0, &env.header.id, NULL, &theirs);
	registers(d, SENDER, &theirs);
	assert_int_equal(late_at(d, third), 0);
	assert_int_equal(n_rows(d), 1);		/* that somebody has not registered the last */
	tell_both(d, SENDER, 2, 5, NULL, NULL, &env);
	registers(d, RECIPIENT, &env);
	registers(d, third, &env);
	tell_both(d, SENDER, 3, 0, &env.header.id, NULL, &never_mind);
	ends(d, third, &never_mind, STAGE_REFUSED);
	assert_string_equal(said_at(d, 18), "half-time no-answer");
	assert_int_equal(late_at(d, RECIPIENT), 0);
	assert_int_equal(late_at(d, third), 1);
	/* sealed again for the one that has not got it, it does not answer for the one that refused it */
	tell_both(d, SENDER, 3, 0, &env.header.id, &never_mind.header.id, &again);
	assert_int_equal(late_at(d, third), 1);
	registers(d, RECIPIENT, &again);
	ends(d, third, &again, STAGE_REFUSED);
	assert_int_equal(late_at(d, third), 1);
	assert_int_equal(late_at(d, RECIPIENT), 0);
	assert_string_equal(said_at(d, 40), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_clocks, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(taken_back), TEST(another_stands), TEST(one_is_registered), TEST(own_taken_back), TEST(sealed_again), TEST(too_many),
		TEST(question_withdrawn), TEST(refused), TEST(refused_but_one), TEST(who_asked_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
