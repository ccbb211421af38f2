/* SPDX-License-Identifier: EUPL-1.2 */
/* statement - every message that an agency is party to, once, proven and signed, whatever the page borders; to each what is its. */
#include "desk_test.h"

#include "hub/statement.h"
#include "proto/standing.h"
#include "proto/withdrawal.h"

#define ROWS_MAX 4096

/* A statement as an adapter takes it. */
struct taken_statement {
	struct standing rows[ROWS_MAX];
	size_t n, pages;
	struct standing_head head;
	uint64_t shown;			/* size of the checkpoint taken last */
};

static struct taken_statement got;

/* Ask, verify each page, ask on. */
static void
take(struct desk *d, size_t agency, uint64_t since)
{
	struct note_verifier log = { .name = WORLD_ORIGIN, .pub = d->world.d.log };
	struct standing_sum sum = { .agency = world_ids[agency], .since = since };
	struct frame ask = { .kind = FRAME_STATEMENT_ASK };
	struct standing *rows;
	struct checkpoint cp;
	const struct frame *f;
	bool is_whole = false;
	struct why why = { 0 };

	d->now_ms += STATEMENT_EVERY_MS;
	world_fill(&d->world, sum.ask, sizeof(sum.ask));
	memset(&got, 0, sizeof(got));
	while (!is_whole) {
		ask.statement_ask.since = since;
		ask.statement_ask.after = sum.after;
		memcpy(ask.statement_ask.ask, sum.ask, sizeof(sum.ask));
		d->n_sent = 0;
		desk_frame(d, agency, &ask);
		f = desk_sent(d, agency, FRAME_STATEMENT);
		assert_non_null(f);
		assert_int_equal(checkpoint_open(f->statement.growth.checkpoint, &log, d->world.mem, &cp), OK);
		assert_int_equal(standing_page(&sum, &f->statement, &cp, &d->world.d.notice, d->world.mem, &rows, &is_whole,
					       &got.head, &why), OK);
		assert_true(f->statement.n <= STATEMENT_PAGE && got.n + f->statement.n <= ROWS_MAX);
		for (size_t i = 0; i < f->statement.n; i++)
			got.rows[got.n++] = rows[i];
		got.pages++;
		got.shown = cp.size;
	}
	assert_int_equal(got.head.rows, got.n);
}

static void
say(struct desk *d, size_t from, const struct envelope *about, enum stage stage)
{
	struct header h;

	world_receipt(&d->world, from, about, stage, d->now_ms, &h);
	desk_submit(d, from, world_envelope(&d->world, from, &h, 0, NULL));
	assert_int_equal(desk_answer(d, from), OK);
}

static struct span
to_two(struct desk *d, const struct thread_id *of, uint64_t seq, struct envelope *env)
{
	struct header h;

	world_header(&d->world, 0, 2, of, seq, d->now_ms, &h);
	h.to[h.n_to++] = world_ids[3];
	h.wraps[1] = h.wraps[0];
	h.wraps[1].agency = world_ids[3];
	key_id_of(KEY_SEALING, key_public(d->world.sealing[3]), &h.wraps[1].key);
	h.n_wraps = 2;
	h.registered_by_ms = d->now_ms + 5;
	h.respond_by_ms = d->now_ms + 6;
	h.expires_ms = d->now_ms + 7;
	h.priority = PRIORITY_URGENT;
	return world_envelope(&d->world, 0, &h, 40, env);
}

/* Nobody's messages: a signed statement without a row. */
static void
empty_is_signed(void **state)
{
	struct desk *d = *state;

	take(d, 1, 0);
	assert_int_equal(got.n, 0);
	assert_int_equal(got.pages, 1);
	assert_int_equal(got.head.at_ms, d->now_ms);
}

/* Sender and recipients find the message with its clocks; the sender sees each recipient's stages, a recipient its own, and who is
 * no party nothing. */
static void
to_each_its_own(void **state)
{
	struct desk *d = *state;
	struct envelope env;

	desk_submit(d, 0, to_two(d, &thread, 1, &env));
	say(d, 2, &env, STAGE_DELIVERED);
	say(d, 3, &env, STAGE_DELIVERED);
	say(d, 3, &env, STAGE_REGISTERED);
	take(d, 0, 0);
	assert_int_equal(got.n, 1);
	assert_true(msgid_eq(&got.rows[0].id, &env.header.id) && hash_eq(&got.rows[0].env_hash, &env.hash));
	assert_true(got.rows[0].seq == 1 && got.rows[0].priority == PRIORITY_URGENT &&
		    got.rows[0].registered_by_ms == env.header.registered_by_ms &&
		    got.rows[0].respond_by_ms == env.header.respond_by_ms && got.rows[0].expires_ms == env.header.expires_ms);
	assert_int_equal(got.rows[0].stages[0], 1u << STAGE_DELIVERED);
	assert_int_equal(got.rows[0].stages[1], 1u << STAGE_DELIVERED | 1u << STAGE_REGISTERED);
	take(d, 3, 0);
	assert_int_equal(got.n, 1);
	assert_int_equal(got.rows[0].stages[0], 0);
	assert_int_equal(got.rows[0].stages[1], 1u << STAGE_DELIVERED | 1u << STAGE_REGISTERED);
	take(d, 2, 0);
	assert_int_equal(got.rows[0].stages[0], 1u << STAGE_DELIVERED);
	assert_int_equal(got.rows[0].stages[1], 0);
	take(d, 1, 0);
	assert_int_equal(got.n, 0);
}

/* What is older than `since` is told while it is open: at a recipient until it has ended there, at the sender until it has
 * everywhere. */
static void
open_ones_are_told(void **state)
{
	struct desk *d = *state;
	struct envelope env;
	uint64_t since;

	desk_submit(d, 0, to_two(d, &thread, 1, &env));
	take(d, 0, 0);
	since = got.shown;
	say(d, 3, &env, STAGE_REGISTERED);
	take(d, 3, since);
	assert_int_equal(got.n, 0);
	take(d, 2, since);
	assert_int_equal(got.n, 1);
	take(d, 0, since);
	assert_int_equal(got.n, 1);
	say(d, 2, &env, STAGE_REFUSED);
	take(d, 2, since);
	assert_int_equal(got.n, 0);
	take(d, 0, since);
	assert_int_equal(got.n, 0);
	take(d, 0, 0);
	assert_int_equal(got.n, 1);
	desk_submit(d, 0, to_two(d, &thread, 2, NULL));
	take(d, 3, since);
	assert_int_equal(got.n, 1);
	assert_int_equal(got.rows[0].seq, 2);
}

/* A superseded message has ended; the one in its place is open. */
static void
superseded_is_told(void **state)
{
	struct desk *d = *state;
	struct envelope old;
	struct header h;
	struct span bytes = data(d, 1, PRIORITY_ROUTINE, &old);
	uint64_t since;

	desk_submit(d, 0, bytes);
	world_header(&d->world, 0, 2, &thread, 1, d->now_ms, &h);
	h.supersedes = old.header.id;
	desk_submit(d, 0, world_envelope(&d->world, 0, &h, 10, NULL));
	take(d, 2, 0);
	assert_int_equal(got.n, 2);
	assert_int_equal(got.rows[0].stages[0], 0x100);
	assert_int_equal(got.rows[1].stages[0], 0);
	since = got.shown;
	take(d, 0, since);
	assert_int_equal(got.n, 1);
	assert_true(msgid_eq(&got.rows[0].id, &h.id));
}

/* A withdrawn message has ended at whoever had not registered it, and with the last of them at its sender. */
static void
withdrawn_is_told(void **state)
{
	struct desk *d = *state;
	struct envelope env;
	uint8_t random[10];
	struct msgid id;
	struct header h;
	uint64_t since;

	desk_submit(d, 0, to_two(d, &thread, 1, &env));
	say(d, 3, &env, STAGE_REGISTERED);
	take(d, 0, 0);
	since = got.shown;
	world_fill(&d->world, random, sizeof(random));
	msgid_make(d->now_ms, random, &id);
	withdrawal_header(&env.header, &env.hash, &id, d->now_ms, &h);
	h.directory_version = d->world.d.version;
	h.signing_key = d->world.agencies[0].signing_id;
	d->n_sent = 0;
	desk_submit(d, 0, world_envelope(&d->world, 0, &h, 0, NULL));
	assert_int_equal(desk_answer(d, 0), OK);
	take(d, 0, 0);
	assert_int_equal(got.rows[0].stages[0], 1u << STAGE_WITHDRAWN);
	assert_int_equal(got.rows[0].stages[1], 1u << STAGE_REGISTERED);
	take(d, 0, since);
	assert_int_equal(got.n, 0);
	take(d, 2, since);
	assert_int_equal(got.n, 0);
}

/* `n` messages of the first agency to the third, in threads of their own. */
static void
submit_many(struct desk *d, size_t n)
{
	struct span envelopes[50];
	struct frame f = { .kind = FRAME_SUBMIT, .submit = { envelopes, 0 } };
	struct thread_id of = { "many" };
	struct header h;

	for (size_t done = 0; done < n; done += f.submit.n) {
		for (f.submit.n = 0; f.submit.n < 50 && done + f.submit.n < n; f.submit.n++) {
			world_fill(&d->world, of.b, sizeof(of.b));
			world_header(&d->world, 0, 2, &of, 1, d->now_ms, &h);
			envelopes[f.submit.n] = world_envelope(&d->world, 0, &h, 8, NULL);
		}
		d->n_sent = 0;
		desk_frame(d, 0, &f);
		desk_commit(d);
	}
}

/* Pages end where they are full, and the last one is told as such: one row less, as many, one more, and three thousand. */
static void
page_borders(void **state)
{
	static const size_t counts[] = { STATEMENT_PAGE - 1, STATEMENT_PAGE, STATEMENT_PAGE + 1, 2 * STATEMENT_PAGE, 3000 };
	struct desk *d = *state;
	size_t n = 0;

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		submit_many(d, counts[i] - n);
		n = counts[i];
		take(d, 0, 0);
		assert_int_equal(got.n, n);
		assert_int_equal(got.pages, (n + STATEMENT_PAGE - 1) / STATEMENT_PAGE);
		take(d, 2, got.shown);		/* all of them open, older than what is asked for */
		assert_int_equal(got.n, n);
		take(d, 2, got.rows[n / 2].leaf);
		assert_int_equal(got.n, n);
	}
	for (size_t i = 1; i < got.n; i++)
		assert_true(got.rows[i].leaf > got.rows[i - 1].leaf);
}

static const struct frame *
ask(struct desk *d, const char *nonce, uint64_t since, uint64_t after)
{
	struct frame f = { .kind = FRAME_STATEMENT_ASK, .statement_ask = { .since = since, .after = after } };

	memcpy(f.statement_ask.ask, nonce, 2);
	d->n_sent = 0;
	desk_frame(d, 0, &f);
	return desk_sent(d, 0, FRAME_STATEMENT);
}

/* One statement a session, gone on with where it stands and with nothing else; a new one not at once after another. */
static void
one_at_a_time(void **state)
{
	struct desk *d = *state;
	const struct frame *f;
	uint64_t after;

	submit_many(d, STATEMENT_PAGE + 2);
	f = ask(d, "a", 0, 0);
	assert_true(f && f->statement.n == STATEMENT_PAGE && f->statement.head.n == 0);
	after = UINT64_MAX;
	assert_null(ask(d, "a", 0, after));
	assert_null(ask(d, "b", 0, 0));			/* too early: answered at a tick */
	take(d, 0, 0);
	after = got.rows[STATEMENT_PAGE - 1].leaf;
	assert_null(ask(d, "a", 0, after));		/* done with */
	d->now_ms += STATEMENT_EVERY_MS;
	assert_non_null(ask(d, "c", 0, 0));
	assert_null(ask(d, "d", 0, after));		/* another one's continuation */
	assert_null(ask(d, "c", 1, after));
	f = ask(d, "c", 0, after);
	assert_true(f && f->statement.n == 2 && f->statement.head.n != 0);
	assert_null(ask(d, "c", 0, after));
}

/* A question too soon after another is answered when its time has come, once, in whatever session it comes: an adapter that is
 * restarted asks again at once. */
static void
too_soon_is_answered_later(void **state)
{
	struct desk *d = *state;
	const struct frame *f;

	submit_many(d, 2);
	assert_non_null(ask(d, "a", 0, 0));
	desk_hello(d, 0, 100);
	assert_null(ask(d, "b", 0, 0));
	assert_true(hub_on_tick(d->hub, ++d->now_ms) <= STATEMENT_EVERY_MS);
	assert_null(desk_sent(d, 0, FRAME_STATEMENT));
	d->now_ms += STATEMENT_EVERY_MS;
	(void)hub_on_tick(d->hub, d->now_ms);
	f = desk_sent(d, 0, FRAME_STATEMENT);
	assert_true(f && f->statement.n == 2 && f->statement.head.n != 0 && memcmp(f->statement.ask, "b", 2) == 0);
	d->n_sent = 0;
	d->now_ms += STATEMENT_EVERY_MS;
	(void)hub_on_tick(d->hub, d->now_ms);
	assert_null(desk_sent(d, 0, FRAME_STATEMENT));
}

/* A page that the socket did not take goes at a tick when it does. */
static void
busy_is_sent_later(void **state)
{
	struct desk *d = *state;

	submit_many(d, 2);
	d->is_busy = true;
	assert_null(ask(d, "a", 0, 0));
	d->now_ms += STATEMENT_EVERY_MS;
	(void)hub_on_tick(d->hub, d->now_ms);
	d->is_busy = false;
	d->now_ms += STATEMENT_EVERY_MS;
	(void)hub_on_tick(d->hub, d->now_ms);
	assert_non_null(desk_sent(d, 0, FRAME_STATEMENT));
}

/* A page that the socket did not take was not sent: the same question goes on from the same place. */
static void
busy_is_asked_again(void **state)
{
	struct desk *d = *state;
	const struct frame *f;
	uint64_t after;

	submit_many(d, STATEMENT_PAGE + 2);
	take(d, 0, 0);
	after = got.rows[STATEMENT_PAGE - 1].leaf;
	d->now_ms += STATEMENT_EVERY_MS;
	assert_non_null(ask(d, "e", 0, 0));
	d->is_busy = true;
	assert_null(ask(d, "e", 0, after));
	d->is_busy = false;
	f = ask(d, "e", 0, after);
	assert_true(f && f->statement.n == 2 && f->statement.head.n != 0);
}

/* What no commit has made durable is in no statement, neither a message nor a stage; a moment later it is. */
static void
durable_alone_is_told(void **state)
{
	struct desk *d = *state;
	struct envelope env;
	struct span bytes = data(d, 1, PRIORITY_ROUTINE, &env), receipt;
	struct frame f = { .kind = FRAME_SUBMIT, .submit = { &bytes, 1 } };
	struct header h;

	desk_frame(d, 0, &f);
	assert_non_null(d->batch);
	take(d, 2, 0);
	assert_int_equal(got.n, 0);
	desk_commit(d);
	world_receipt(&d->world, 2, &env, STAGE_REGISTERED, d->now_ms, &h);
	receipt = world_envelope(&d->world, 2, &h, 0, NULL);
	f = (struct frame){ .kind = FRAME_SUBMIT, .submit = { &receipt, 1 } };
	desk_frame(d, 2, &f);
	take(d, 2, got.shown + 1);
	assert_true(got.n == 1 && got.rows[0].stages[0] == 0);
	desk_commit(d);
	take(d, 2, 0);
	assert_true(got.n == 1 && got.rows[0].stages[0] == 1u << STAGE_REGISTERED);
}

/* The next frame continues the checkpoint that a statement showed. */
static void
growth_goes_on(void **state)
{
	struct desk *d = *state;
	const struct frame *f;
	uint64_t shown;

	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, NULL));
	take(d, 0, 0);
	shown = got.shown;
	d->n_sent = 0;
	desk_submit(d, 0, data(d, 2, PRIORITY_ROUTINE, NULL));
	f = desk_sent(d, 0, FRAME_ACCEPTED);
	assert_true(f && f->accepted.growth.since == shown);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(empty_is_signed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(to_each_its_own, set_up, tear_down),
		cmocka_unit_test_setup_teardown(open_ones_are_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(superseded_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(withdrawn_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(page_borders, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_at_a_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(too_soon_is_answered_later, set_up, tear_down),
		cmocka_unit_test_setup_teardown(busy_is_sent_later, set_up, tear_down),
		cmocka_unit_test_setup_teardown(busy_is_asked_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(durable_alone_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(growth_goes_on, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("statement", tests, NULL, NULL);
}
