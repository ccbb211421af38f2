/* SPDX-License-Identifier: EUPL-1.2 */
/* What has fallen due is said, once, to those whom it concerns, whatever happens between. */
#include "hub/notifier.h"

#include "proto/withdrawal.h"
#include "tests/unit/hub/clock_test.h"

#define MANY 10000
#define MEMORY_MAX ((size_t)2 << 20)	/* of one tick */

/* Each fact of a message that nobody touches is said once, at its moment, and the message still stands. */
static void
each_fact_once(void **state)
{
	static const struct { int64_t hours; const char *said; } steps[] = {
		{ 4, "" }, { 5, "half-time" }, { 9, "" }, { 10, "late" }, { 19, "" }, { 20, "no-answer" }, { 53, "" }, { 54, "expiring" },
		{ 59, "" }, { 60, "expired" }, { 61, "" }, { 5000, "" },
	};
	struct desk *d = *state;
	struct envelope env;

	clocked(d, 1, (const int[]){ 10, 20, 60 }, &env);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		assert_string_equal(said_at(d, steps[i].hours), steps[i].said);
	assert_int_equal(confirm(d, &env, STAGE_REGISTERED), OK);	/* nothing ends by time */
}

/* How many notices agency i was sent, and the last of them. */
static size_t
delivered_notices(struct desk *d, size_t i, struct envelope *ret_last)
{
	const struct frame *f;
	struct envelope env;
	struct why why;
	size_t n = 0;

	while ((f = desk_sent(d, i, FRAME_DELIVER)) != NULL)
		for (size_t k = 0; k < f->deliver.n; k++) {
			assert_int_equal(envelope_decode(f->deliver.items[k].envelope, d->world.mem, &env, &why), OK);
			if (env.header.class != CLASS_NOTICE)
				continue;
			*ret_last = env;
			n++;
		}
	return n;
}

/* A NOTICE says what the header does and what the recipient has done, to both agencies and the coordinator, in its own lane. */
static void
notice_says_what_is_known(void **state)
{
	struct desk *d = *state;
	struct envelope env, got = { .body = SPAN_NONE };
	struct header h;
	struct said s[4];
	uint64_t from;

	world_header(&d->world, SENDER, RECIPIENT, &thread, 1, d->now_ms, &h);
	h.priority = PRIORITY_EMERGENCY;
	h.registered_by_ms = d->now_ms + 2 * CLOCK_HOUR;
	desk_submit(d, SENDER, world_envelope(&d->world, SENDER, &h, 100, &env));
	assert_int_equal(confirm(d, &env, STAGE_DELIVERED), OK);
	from = log_size(d);
	d->n_sent = 0;
	assert_string_equal(said_at(d, 1), "half-time");
	assert_int_equal(notices(d, from, s, 4), 1);
	assert_true(msgid_eq(&s[0].n.about, &env.header.id) && hash_eq(&s[0].n.env_hash, &env.hash));
	assert_string_equal(s[0].n.from, world_ids[SENDER]);
	assert_string_equal(s[0].n.to, world_ids[RECIPIENT]);
	assert_true(s[0].n.submitted_ms == WORLD_T0 && s[0].n.due_ms == WORLD_T0 + 2 * CLOCK_HOUR && s[0].n.at_ms == WORLD_T0 + CLOCK_HOUR);
	assert_int_equal(s[0].n.stages, 1u << STAGE_DELIVERED);
	assert_int_equal(s[0].priority, PRIORITY_EMERGENCY);
	assert_memory_equal(s[0].n.thread.b, thread.b, THREAD_LEN);
	assert_int_equal(s[0].n_to, 3);
	for (size_t i = 0; i < WORLD_AGENCIES; i++)
		assert_int_equal(delivered_notices(d, i, &got), i == 3 ? 0 : 1);
	/* nobody confirms a notice */
	got.header.from = world_ids[SENDER];
	world_receipt(&d->world, RECIPIENT, &got, STAGE_DELIVERED, d->now_ms, &h);
	desk_submit(d, RECIPIENT, world_envelope(&d->world, RECIPIENT, &h, 0, NULL));
	assert_int_equal(desk_answer(d, RECIPIENT), ERR_NOTFOUND);
}

/* The coordinator is told once also when it is one of the two. */
static void
coordinator_is_told_once(void **state)
{
	struct desk *d = *state;
	struct thread_id t = { "to coordinator" };
	struct header h;
	struct said s[4];
	uint64_t from;

	world_header(&d->world, SENDER, COORDINATOR, &t, 1, d->now_ms, &h);
	h.registered_by_ms = d->now_ms + CLOCK_HOUR;
	desk_submit(d, SENDER, world_envelope(&d->world, SENDER, &h, 100, NULL));
	from = log_size(d);
	assert_string_equal(said_at(d, 2), "half-time late");
	assert_int_equal(notices(d, from, s, 4), 2);
	assert_int_equal(s[0].n_to, 2);
}

static enum err
withdraw(struct desk *d, const struct envelope *env)
{
	uint8_t random[10];
	struct msgid id;
	struct header h;

	world_fill(&d->world, random, sizeof(random));
	msgid_make(d->now_ms, random, &id);
	withdrawal_header(&env->header, &env->hash, &id, d->now_ms, &h);
	h.directory_version = d->world.d.version;
	h.signing_key = d->world.agencies[SENDER].signing_id;
	desk_submit(d, SENDER, world_envelope(&d->world, SENDER, &h, 0, NULL));
	return desk_answer(d, SENDER);
}

/* What ends a message stops its clocks: registered, refused, withdrawn; seen and delivered do not. */
static void
ends_stop(void **state)
{
	static const struct { enum stage stage; const char *said; } ends[] = {
		{ STAGE_REGISTERED, "" }, { STAGE_REFUSED, "" }, { STAGE_WITHDRAWN, "" },
		{ STAGE_SEEN, "half-time late" }, { STAGE_DELIVERED, "half-time late" },
	};
	struct desk *d = *state;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct envelope env;
		int64_t at = (int64_t)(i + 1) * 100;

		d->now_ms = WORLD_T0 + at * CLOCK_HOUR;
		clocked(d, (unsigned)i, (const int[]){ 10, 0, 0 }, &env);
		assert_int_equal(ends[i].stage == STAGE_WITHDRAWN ? withdraw(d, &env) : confirm(d, &env, ends[i].stage), OK);
		assert_string_equal(said_at(d, at + 20), ends[i].said);
	}
}

/* The hub dies before, or after, the commit of what it says: it is said once in the log, and delivered. */
static void
crash_between(void **state)
{
	struct desk *d = *state;
	struct envelope env;
	struct said s[8];

	for (int after = 0; after < 2; after++) {
		uint64_t from;

		d->now_ms = WORLD_T0 + after * 100 * CLOCK_HOUR;
		clocked(d, 10u + (unsigned)after, (const int[]){ 10, 0, 0 }, &env);
		from = log_size(d);
		d->now_ms += 11 * CLOCK_HOUR;
		(void)hub_on_tick(d->hub, d->now_ms);
		hub_flush(d->hub, d->now_ms);
		assert_non_null(d->batch);
		if (after)
			assert_int_equal(journal_commit(d->journal, d->batch), OK);
		desk_close(d);
		d->n_sent = 0;
		desk_open(d);
		(void)tick(d);
		(void)tick(d);
		assert_int_equal(notices(d, from, s, 8), 2);
		desk_hello(d, SENDER, 100);
		d->n_sent = 0;
		desk_hello(d, RECIPIENT, 100);
		assert_non_null(desk_sent(d, RECIPIENT, FRAME_DELIVER));
	}
}

/* Of a row that is damaged operators hear once, not at each tick; of the next one, too; and what can be said goes on. */
static void
damaged_is_told_once(void **state)
{
	struct desk *d = *state;
	struct envelope env;

	for (uint64_t leaf = 1000; leaf < 1002; leaf++) {
		struct due_key due = { .lane = DUE_NEXT, .at_ms = d->now_ms - 10, .leaf = leaf };
		struct row_key key;

		state_begin(d->hub, d->now_ms);
		state_put(d->hub, TABLE_DUE, row_key_due(&due, &key), SPAN_LIT("\377"));
		state_end(d->hub);
		hub_flush(d->hub, d->now_ms);
		d->now_ms += 2 * CLOCK_SECOND;	/* rows alone are in no haste */
		hub_flush(d->hub, d->now_ms);
		desk_commit(d);
		for (int i = 0; i < 3; i++)
			(void)hub_on_tick(d->hub, ++d->now_ms);
		assert_int_equal(d->told[LOG_NOTICE_STUCK], leaf - 999);
	}
	clocked(d, 1, (const int[]){ 10, 0, 0 }, &env);
	assert_string_equal(said_at(d, 6), "half-time");
	assert_int_equal(d->told[LOG_NOTICE_STUCK], 2);
}

/* Nothing is said twice while the batch that says it is on its way, nor after the clock was put back; a day forward all is said. */
static void
clock_jumps(void **state)
{
	struct desk *d = *state;
	struct envelope env;
	struct said s[8];
	uint64_t from;

	clocked(d, 1, (const int[]){ 10, 0, 0 }, &env);
	from = log_size(d);
	d->now_ms += CLOCK_DAY;
	for (int i = 0; i < 3; i++) {
		(void)hub_on_tick(d->hub, d->now_ms);
		hub_flush(d->hub, d->now_ms);
	}
	desk_commit(d);
	assert_int_equal(notices(d, from, s, 8), 2);
	assert_string_equal(said_at(d, -24), "");
	assert_string_equal(said_at(d, 10), "");
	/* while it is back, a new message has its own time */
	d->now_ms = WORLD_T0 - CLOCK_DAY;
	clocked(d, 2, (const int[]){ 10, 0, 0 }, &env);
	assert_string_equal(said_at(d, -24 + 5), "half-time");
}

/* What falls due while the hub is down is said when it starts, and then the tick waits for the next moment. */
static void
downtime(void **state)
{
	struct desk *d = *state;
	struct envelope env;

	clocked(d, 1, (const int[]){ 10, 20, 0 }, &env);
	desk_close(d);
	d->now_ms = WORLD_T0 + 19 * CLOCK_HOUR;
	desk_open(d);
	assert_string_equal(said_at(d, 19), "half-time late");
	d->now_ms = WORLD_T0 + 20 * CLOCK_HOUR - 700;
	assert_int_equal(tick(d), 700);
	assert_string_equal(said_at(d, 20), "no-answer");
}

/* Without room on the disk what is due waits, and is said when there is room again. */
static void
full_disk_waits(void **state)
{
	struct desk *d = *state;
	struct envelope env;

	clocked(d, 1, (const int[]){ 10, 0, 0 }, &env);
	hub_set_room(d->hub, 1000, (uint64_t)1 << 30);
	assert_string_equal(said_at(d, 12), "");
	hub_set_room(d->hub, (uint64_t)1 << 29, (uint64_t)1 << 30);
	assert_string_equal(said_at(d, 13), "half-time late");
}

/* A conference: each of its recipients has the clocks of the header for itself, and what one does stops no other's. */
static void
conference(void **state)
{
	struct desk *d = *state;
	struct envelope env;
	struct header h;
	struct said s[8];
	uint64_t from;

	world_header(&d->world, SENDER, 1, &thread, 1, d->now_ms, &h);
	for (size_t i = 2; i < WORLD_AGENCIES; i++) {
		h.wraps[h.n_to] = h.wraps[0];
		h.wraps[h.n_to].agency = world_ids[i];
		key_id_of(KEY_SEALING, key_public(d->world.sealing[i]), &h.wraps[h.n_to].key);
		h.to[h.n_to++] = world_ids[i];
	}
	h.n_wraps = h.n_to;
	h.registered_by_ms = d->now_ms + 10 * CLOCK_HOUR;
	desk_submit(d, SENDER, world_envelope(&d->world, SENDER, &h, 100, &env));
	assert_int_equal(desk_answer(d, SENDER), OK);
	assert_int_equal(confirm(d, &env, STAGE_REGISTERED), OK);
	from = log_size(d);
	assert_string_equal(said_at(d, 5), "half-time half-time");
	assert_int_equal(notices(d, from, s, 8), 2);
	assert_string_equal(s[0].n.to, world_ids[1]);
	assert_string_equal(s[1].n.to, world_ids[3]);
	assert_int_equal(withdraw(d, &env), OK);
	assert_string_equal(said_at(d, 20), "");
	assert_int_equal(late_at(d, 1) + late_at(d, 3), 0);
}

/* Each of 16 recipients has its own clocks: who registers is left alone, the others are told of one by one. */
static void
sixteen_recipients(void **state)
{
	struct clock_row c = { .since_ms = WORLD_T0, .registered_by_ms = WORLD_T0 + 10 * CLOCK_HOUR, .priority = PRIORITY_URGENT,
			       .from = world_ids[SENDER] };
	struct desk *d = *state;
	struct envelope env;
	struct said s[40];
	uint64_t from, leaf;
	char id[AGENCY_ID_MAX + 1];

	clocked(d, 1, (const int[]){ 0, 0, 0 }, &env);
	from = leaf = log_size(d);
	leaf--;
	c.id = env.header.id;
	c.hash = env.hash;
	c.thread = env.header.thread;
	/* recipients beyond the small directory of the tests: the sender and the coordinator are told all the same */
	state_begin(d->hub, d->now_ms);
	for (uint8_t i = 0; i < ENVELOPE_TO_MAX; i++) {
		c.place = i;
		snprintf(id, sizeof(id), "desk-%u", i);
		receipt_begin(d->hub, leaf, id, &c, i % 4 == 0 ? STAGES_AT(STAGE_REGISTERED) : 0);
	}
	state_end(d->hub);
	hub_flush(d->hub, d->now_ms);
	desk_commit(d);
	d->now_ms += 10 * CLOCK_HOUR;
	(void)tick(d);
	(void)tick(d);
	assert_int_equal(notices(d, from, s, 40), 2 * 12);
	for (size_t i = 0; i < 24; i++) {
		unsigned place = (unsigned)atoi(s[i].n.to + strlen("desk-"));

		assert_true(place < 16 && place % 4 != 0);
		for (size_t k = 0; k < i; k++)
			assert_false(strcmp(s[i].n.to, s[k].n.to) == 0 && s[i].n.fact == s[k].n.fact);
	}
}

/* Ten thousand that fall due at once are said in bounded steps, each tick within its memory and its count. */
static void
many_at_once(void **state)
{
	struct desk *d = *state;
	struct clock_row c = { .since_ms = WORLD_T0, .respond_by_ms = WORLD_T0 + CLOCK_HOUR, .priority = PRIORITY_ROUTINE,
			       .from = world_ids[SENDER] };
	struct envelope env;
	unsigned ticks = 0, said = 0;
	size_t most = 0;
	uint64_t size, before;

	clocked(d, 1, (const int[]){ 0, 0, 0 }, &env);
	c.id = env.header.id;
	c.hash = env.hash;
	c.thread = env.header.thread;
	for (uint64_t leaf = 1000; leaf < 1000 + MANY; ) {
		state_begin(d->hub, d->now_ms);
		for (int i = 0; i < 1000; i++)
			receipt_begin(d->hub, leaf++, world_ids[RECIPIENT], &c, STAGES_SAID_HALF_TIME);
		state_end(d->hub);
		d->hub->forming->is_awaited = true;	/* rows alone would wait for company */
		hub_flush(d->hub, d->now_ms);
		desk_commit(d);
	}
	d->is_busy = true;	/* the recipients are not what this is about */
	size = log_size(d);
	d->now_ms += CLOCK_HOUR;
	while (said < MANY) {
		before = log_size(d);
		assert_true(ticks++ <= MANY / NOTIFIER_STEP);
		state_begin(d->hub, d->now_ms);
		assert_true(notifier_tick(d->hub) <= 20 || log_size(d) - size >= MANY - NOTIFIER_STEP);
		most = arena_used(d->hub->mem) > most ? arena_used(d->hub->mem) : most;
		if (most == 0 || most >= MEMORY_MAX)
			fail_msg("%zu bytes", most);
		state_end(d->hub);
		hub_flush(d->hub, d->now_ms);
		desk_commit(d);
		assert_true(log_size(d) - before <= NOTIFIER_STEP);
		said = (unsigned)(log_size(d) - size);
	}
	assert_int_equal(said, MANY);
	print_message("%u said in %u ticks, %zu bytes each at most\n", said, ticks, most);
	assert_int_equal(late_at(d, RECIPIENT), MANY);
	(void)tick(d);
	assert_int_equal(log_size(d) - size, MANY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_clocks, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_fact_once), TEST(notice_says_what_is_known), TEST(coordinator_is_told_once), TEST(ends_stop),
		TEST(crash_between), TEST(clock_jumps), TEST(damaged_is_told_once), TEST(downtime), TEST(full_disk_waits), TEST(conference),
		TEST(sixteen_recipients), TEST(many_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
