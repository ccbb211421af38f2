/* SPDX-License-Identifier: EUPL-1.2 */
/* What the core holds: a row is seen as the batches that are not done leave it, and a list never loses or doubles a member. */
#include "hub/state.h"
#include "tests/unit/hub/desk_test.h"

/* The forming batch hides the one under way, which hides the journal; a deletion hides as well. */
static void
get_looks_in_order(void **state)
{
	struct desk *d = *state;
	struct hub *hub = d->hub;
	struct span key = SPAN_LIT("a key");

	state_begin(hub, d->now_ms);
	assert_null(state_get(hub, TABLE_CLOCKS, key).p);
	state_put(hub, TABLE_CLOCKS, key, SPAN_LIT("1"));
	assert_true(span_eq(state_get(hub, TABLE_CLOCKS, key), SPAN_LIT("1")));
	assert_null(state_get(hub, TABLE_THREADS, key).p);
	state_end(hub);
	hub->waiting_ms = 1;	/* long enough */
	hub_flush(hub, d->now_ms);
	assert_non_null(d->batch);
	state_begin(hub, d->now_ms);
	assert_true(span_eq(state_get(hub, TABLE_CLOCKS, key), SPAN_LIT("1")));
	state_put(hub, TABLE_CLOCKS, key, SPAN_LIT("2"));
	assert_true(span_eq(state_get(hub, TABLE_CLOCKS, key), SPAN_LIT("2")));
	assert_false(state_is_deleted(hub, TABLE_CLOCKS, key));
	state_del(hub, TABLE_CLOCKS, key);
	assert_null(state_get(hub, TABLE_CLOCKS, key).p);
	assert_true(state_is_deleted(hub, TABLE_CLOCKS, key));
	state_end(hub);
}

/* A value that did not fit the event's memory is not taken for an empty row. */
static void
put_absent(void **state)
{
	struct desk *d = *state;
	state_begin(d->hub, d->now_ms);
	state_put(d->hub, TABLE_CLOCKS, SPAN_LIT("k"), SPAN_NONE);
	assert_null(batch_find(d->hub->forming->batch, TABLE_CLOCKS, SPAN_LIT("k")));
	state_end(d->hub);
}

/* An agency has one party, found again however many come, and they stand in the order of their ids. */
static void
party_is_one(void **state)
{
	struct desk *d = *state;
	static const char *const ids[] = { "m", "z", "a", "q", "b" };
	struct party *first[5];
	char id[8];

	state_begin(d->hub, d->now_ms);
	for (size_t i = 0; i < 5; i++)
		assert_non_null(first[i] = state_party(d->hub, ids[i]));
	for (int i = 0; i < 40; i++) {
		snprintf(id, sizeof(id), "x%02d", (i * 7) % 40);
		assert_non_null(state_party(d->hub, id));
	}
	for (size_t i = 0; i < 5; i++)
		assert_ptr_equal(state_party(d->hub, ids[i]), first[i]);
	for (size_t i = 1; i < d->hub->n_parties; i++)
		assert_true(strcmp(d->hub->parties[i - 1]->id, d->hub->parties[i]->id) < 0);
	state_end(d->hub);
}

/* However often a party is touched or made dirty, it stands in each list once, and its row is written once. */
static void
touch_is_once(void **state)
{
	struct desk *d = *state;
	struct hub *hub = d->hub;
	struct row_key key;
	struct party *p;
	unsigned n = 0;

	state_begin(hub, d->now_ms);
	p = state_party(hub, world_ids[0]);
	for (int i = 0; i < 3; i++) {
		state_touch(p, i > 0);
		state_touch(state_party(hub, world_ids[1]), true);
	}
	for (struct party *q = hub->touched; q; q = q->next_touched)
		n++;
	assert_int_equal(n, 2);
	state_write_parties(hub);
	assert_true(hub->dirty == NULL && !p->is_dirty);
	assert_non_null(batch_find(hub->forming->batch, TABLE_AGENCIES, row_key_agency(p->id, &key)));
	state_end(hub);
}

/* An envelope is kept as head, seam and body that make it up again, whatever the body's length. */
static void
append_splits(void **state)
{
	struct desk *d = *state;
	static const size_t lengths[] = { 0, 1, 127, 128, 16383, 16384 };
	struct detail detail = { .at_ms = WORLD_T0 };
	struct batch *b = d->hub->forming->batch;
	struct header h;

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct log_item item = { .type = LEAF_SUBMIT, .detail = &detail, .body_n = lengths[i] };
		const struct entry *e;
		struct envelope env;
		uint64_t leaf;

		world_header(&d->world, 0, 2, &thread, i + 1, d->now_ms, &h);
		item.envelope = world_envelope(&d->world, 0, &h, lengths[i], &env);
		state_begin(d->hub, d->now_ms);
		assert_int_equal(state_append(d->hub, &item, &leaf), OK);
		state_end(d->hub);
		assert_int_equal(leaf, b->first + b->n_entries - 1);
		e = &b->entries[b->n_entries - 1];
		assert_int_equal(e->head.n + e->seam.n + e->body.n, item.envelope.n);
		assert_memory_equal(e->head.p, item.envelope.p, e->head.n);
		assert_true(span_eq(e->body, env.body) || lengths[i] == 0);
		if (lengths[i] > 0)
			assert_memory_equal(e->seam.p, item.envelope.p + e->head.n, e->seam.n);
	}
}

/* Seconds in the log never go back, also when the clock does. */
static void
append_keeps_time(void **state)
{
	struct desk *d = *state;
	struct detail detail = { .at_ms = WORLD_T0 };
	struct log_item item = { .type = LEAF_START, .detail = &detail };
	struct batch *b = d->hub->forming->batch;
	uint64_t leaf;

	for (int i = 0; i < 3; i++) {
		state_begin(d->hub, d->now_ms + (i == 1 ? -5 : i) * CLOCK_HOUR);
		assert_int_equal(state_append(d->hub, &item, &leaf), OK);
		state_end(d->hub);
	}
	assert_int_equal(b->entries[1].seconds, b->entries[0].seconds);
	assert_int_equal(b->entries[2].seconds, b->entries[0].seconds + 2 * 3600);
}

/* The lists of a round hold any number, in order. */
static void
answers_grow(void **state)
{
	struct desk *d = *state;
	struct round *r = d->hub->forming;
	struct party *p;

	state_begin(d->hub, d->now_ms);
	p = state_party(d->hub, world_ids[0]);
	for (uint64_t i = 0; i < 1000; i++) {
		struct answer a = { .to = p, .leaf = i };

		assert_int_equal(state_answer(d->hub, &a), OK);
		assert_int_equal(state_rewind(d->hub, p, i), OK);
	}
	assert_true(r->n_answers == 1000 && r->n_rewinds == 1000);
	for (uint64_t i = 0; i < 1000; i++)
		assert_true(r->answers[i].leaf == i && r->rewinds[i].no == i && r->rewinds[i].party == p);
	state_end(d->hub);
}

/* A node comes from the journal once and is right afterwards; one that does not exist is not made up. */
static void
node_is_cached(void **state)
{
	struct desk *d = *state;
	struct hash first, again, other;

	state_begin(d->hub, d->now_ms);
	assert_true(state_node(d->hub, 1, 0, &first));
	assert_true(state_node(d->hub, 0, 1, &other));
	assert_true(state_node(d->hub, 1, 0, &again));
	assert_true(hash_eq(&first, &again) && !hash_eq(&first, &other));
	assert_false(state_node(d->hub, 20, 0, &other));
	assert_false(state_node(d->hub, 20, 0, &other));
	state_end(d->hub);
}

/* Nothing is sent where there is no session, and "not now" is told. */
static void
send_needs_session(void **state)
{
	struct desk *d = *state;
	struct frame f = { .kind = FRAME_CREDIT, .epoch = 1 };

	desk_hello(d, 0, 10);
	f.epoch = d->epoch[0];
	state_begin(d->hub, d->now_ms);
	assert_int_equal(state_send(d->hub, state_party(d->hub, world_ids[1]), &f), ERR_PEER_DOWN);
	assert_int_equal(state_send(d->hub, state_party(d->hub, world_ids[0]), &f), OK);
	d->is_busy = true;
	assert_int_equal(state_send(d->hub, state_party(d->hub, world_ids[0]), &f), ERR_BUSY);
	d->is_busy = false;
	state_end(d->hub);
}

#define DESK_TEST(f) cmocka_unit_test_setup_teardown(f, set_up_alone, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(get_looks_in_order), DESK_TEST(put_absent), DESK_TEST(party_is_one), DESK_TEST(touch_is_once),
		DESK_TEST(append_splits), DESK_TEST(append_keeps_time), DESK_TEST(answers_grow), DESK_TEST(node_is_cached),
		DESK_TEST(send_needs_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
