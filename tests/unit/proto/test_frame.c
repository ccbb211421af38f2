/* SPDX-License-Identifier: EUPL-1.2 */
/* frame - what one side encodes the other decodes to the same. */
#include "trust_world.h"

#include "proto/frame.h"

static struct frame
there_and_back(struct world *w, const struct frame *f)
{
	struct frame back;
	struct span bytes, again;
	struct why why = { 0 };
	enum err e;

	assert_int_equal(frame_encode(f, w->mem, &bytes), OK);
	if ((e = frame_decode(bytes, w->mem, &back, &why)) != OK)
		fail_msg("kind %d: %s %s", (int)f->kind, err_name(e), why.text);
	assert_int_equal(back.kind, f->kind);
	assert_int_equal(back.epoch, f->epoch);
	assert_int_equal(frame_encode(&back, w->mem, &again), OK);
	assert_true(span_eq(bytes, again));
	return back;
}

/* Greeting: HELLO, WELCOME, DIRECTORY, CREDIT. */
static void
test_greeting(void **state)
{
	struct world *w = world_new();
	struct span sheets[2] = { world_sign_sheet(w, 0, 1), world_sign_sheet(w, 1, 1) };
	struct frame f = { .kind = FRAME_HELLO }, back;

	(void)state;
	f.hello = (struct hello){ .agency = "a", .session = { 1 }, .credit = { 10, 20 }, .software = "x 1" };
	back = there_and_back(w, &f);
	assert_string_equal(back.hello.agency, "a");
	assert_int_equal(back.hello.credit.bytes, 20);
	f.hello.pin_size = 9;
	f.hello.pin_root.b[1] = 1;
	f.hello.sheet = sheets[0];
	back = there_and_back(w, &f);
	assert_true(hash_eq(&back.hello.pin_root, &f.hello.pin_root));
	f = (struct frame){ .kind = FRAME_WELCOME, .epoch = 2 };
	f.welcome = (struct welcome){ .session = { 1 }, .checkpoint = SPAN_LIT("c"), .n_path = 3, .now_ms = 1 };
	f.welcome.path[2].b[0] = 7;
	back = there_and_back(w, &f);
	assert_int_equal(back.welcome.path[2].b[0], 7);
	f = (struct frame){ .kind = FRAME_DIRECTORY, .epoch = 2, .directory = { w->note, sheets, 2, 17, 0 } };
	back = there_and_back(w, &f);
	assert_true(span_eq(back.directory.note, w->note) && span_eq(back.directory.sheets[1], sheets[1]));
	f = (struct frame){ .kind = FRAME_DIRECTORY, .epoch = 2 };
	back = there_and_back(w, &f);
	assert_int_equal(back.directory.n_sheets, 0);
	f = (struct frame){ .kind = FRAME_CREDIT, .epoch = 2, .credit = { 1, UINT64_MAX } };
	back = there_and_back(w, &f);
	assert_true(back.credit.bytes == UINT64_MAX);
	world_free(w);
}

/* Messages: SUBMIT, ACCEPTED, REFUSED, DELIVER, TAKEN, with as many items as a frame may hold. */
static void
test_messages(void **state)
{
	struct world *w = world_new();
	struct span *envelopes = arena_array(w->mem, FRAME_ITEMS_MAX, sizeof(*envelopes));
	struct accepted_item *items = arena_array(w->mem, FRAME_ITEMS_MAX, sizeof(*items));
	uint64_t *nos = arena_array(w->mem, FRAME_ITEMS_MAX, sizeof(*nos));
	uint8_t leaf[LEAF_LEN] = { 1 }, salt[LEAF_SALT_LEN] = { 2 };
	struct hash path[3] = { { { 5 } } };
	struct run runs[2] = { { 0, items, FRAME_ITEMS_MAX - 1, path, 3 }, { 5000, items, 1, NULL, 0 } };
	struct refused_item refused = { .code = ERR_ORDER, .text = "why", .retry_after_ms = 7 };
	struct deliver_item deliver = { 3, SPAN_LIT("e"), SPAN(leaf, LEAF_LEN), SPAN(salt, LEAF_SALT_LEN), SPAN_NONE, path, 3 };
	struct frame f = { .kind = FRAME_SUBMIT, .epoch = 1 }, back;

	(void)state;
	for (size_t i = 0; i < FRAME_ITEMS_MAX; i++) {
		envelopes[i] = SPAN_LIT("envelope");
		items[i] = (struct accepted_item){ { { 1 } }, SPAN(leaf, LEAF_LEN), SPAN(salt, LEAF_SALT_LEN), SPAN_LIT("d") };
		nos[i] = i + 1;
	}
	f.submit = (struct submit){ envelopes, FRAME_ITEMS_MAX };
	back = there_and_back(w, &f);
	assert_true(span_eq(back.submit.envelopes[1023], envelopes[0]));
	f = (struct frame){ .kind = FRAME_ACCEPTED, .epoch = 1, .accepted = { { SPAN_LIT("c"), 6, path, 3 }, runs, 2 } };
	back = there_and_back(w, &f);
	assert_int_equal(back.accepted.runs[1].begin, 5000);
	assert_true(hash_eq(&back.accepted.runs[0].path[0], &path[0]));
	assert_int_equal(back.accepted.growth.since, 6);
	assert_int_equal(back.accepted.growth.n_path, 3);
	assert_memory_equal(back.accepted.growth.path, path, sizeof(path));
	f = (struct frame){ .kind = FRAME_REFUSED, .epoch = 1, .refused = { &refused, 1 } };
	back = there_and_back(w, &f);
	assert_int_equal(back.refused.items[0].code, ERR_ORDER);
	assert_string_equal(back.refused.items[0].text, "why");
	f = (struct frame){ .kind = FRAME_DELIVER, .epoch = 1, .deliver = { { SPAN_LIT("c"), 7, path, 2 }, &deliver, 1 } };
	back = there_and_back(w, &f);
	assert_int_equal(back.deliver.items[0].n_path, 3);
	assert_int_equal(back.deliver.growth.since, 7);
	assert_int_equal(back.deliver.growth.n_path, 2);
	f = (struct frame){ .kind = FRAME_TAKEN, .epoch = 1, .taken = { nos, FRAME_ITEMS_MAX } };
	back = there_and_back(w, &f);
	assert_int_equal(back.taken.queue_nos[1023], 1024);
	world_free(w);
}

/* Statements: the question, a page with as many rows as a frame may hold, and a last page that is a head alone. */
static void
test_statements(void **state)
{
	struct world *w = world_new();
	struct statement_item *items = arena_array(w->mem, FRAME_ITEMS_MAX, sizeof(*items));
	uint8_t leaf[LEAF_LEN] = { 1 }, salt[LEAF_SALT_LEN] = { 2 };
	struct hash path[3] = { { { 5 } } };
	struct frame f = { .kind = FRAME_STATEMENT_ASK, .epoch = 1, .statement_ask = { { 7 }, 8, 9 } }, back;

	(void)state;
	back = there_and_back(w, &f);
	assert_true(back.statement_ask.ask[0] == 7 && back.statement_ask.since == 8 && back.statement_ask.after == 9);
	for (size_t i = 0; i < FRAME_ITEMS_MAX; i++)
		items[i] = (struct statement_item){ SPAN_LIT("row"), SPAN(leaf, LEAF_LEN), SPAN(salt, LEAF_SALT_LEN), SPAN_LIT("d"), path, 3 };
	f = (struct frame){ .kind = FRAME_STATEMENT, .epoch = 1, .statement = {
		.ask = { 7 }, .after = 12, .growth = { SPAN_LIT("c"), 6, path, 3 }, .items = items, .n = FRAME_ITEMS_MAX } };
	back = there_and_back(w, &f);
	assert_true(back.statement.n == FRAME_ITEMS_MAX && back.statement.head.n == 0 && back.statement.growth.since == 6 &&
		    back.statement.after == 12);
	assert_true(span_eq(back.statement.items[1023].row, items[0].row) && back.statement.items[1023].n_path == 3);
	f.statement.n = 0;
	f.statement.head = SPAN_LIT("head");
	f.statement.sig[63] = 4;
	back = there_and_back(w, &f);
	assert_true(back.statement.n == 0 && span_eq(back.statement.head, f.statement.head) && back.statement.sig[63] == 4);
	world_free(w);
}

/* Announcements: as many as a frame may hold, with what was seen before and after them. */
static void
test_announced(void **state)
{
	struct world *w = world_new();
	struct deliver_item *items = arena_array(w->mem, FRAME_ITEMS_MAX, sizeof(*items));
	uint8_t leaf[LEAF_LEN] = { 1 }, salt[LEAF_SALT_LEN] = { 2 };
	struct hash path[3] = { { { 5 } } };
	struct frame f = { .kind = FRAME_ANNOUNCED, .epoch = 1, .announced = {
		.growth = { SPAN_LIT("c"), 6, path, 3 }, .items = items, .n = FRAME_ITEMS_MAX, .seen_before = 7, .seen = 9 } }, back;

	(void)state;
	for (size_t i = 0; i < FRAME_ITEMS_MAX; i++)
		items[i] = (struct deliver_item){ .envelope = SPAN_LIT("e"), .leaf = SPAN(leaf, LEAF_LEN),
						  .salt = SPAN(salt, LEAF_SALT_LEN), .detail = SPAN_LIT("d"), .path = path, .n_path = 3 };
	back = there_and_back(w, &f);
	assert_true(back.announced.n == FRAME_ITEMS_MAX && back.announced.seen_before == 7 && back.announced.seen == 9);
	assert_true(span_eq(back.announced.items[1023].envelope, items[0].envelope) && back.announced.items[1023].n_path == 3 &&
		    back.announced.growth.since == 6);
	world_free(w);
}

/* What no frame can hold is refused before it is sent. */
static void
test_too_big(void **state)
{
	struct world *w = world_new();
	uint8_t *big = arena_alloc(w->mem, FRAME_MAX);
	struct span envelopes[] = { SPAN(big, FRAME_MAX) }, bytes;
	struct frame f = { .kind = FRAME_SUBMIT, .epoch = 1, .submit = { envelopes, 1 } };

	(void)state;
	assert_int_equal(frame_encode(&f, w->mem, &bytes), ERR_TOOBIG);
	f.submit.envelopes = arena_array(w->mem, FRAME_ITEMS_MAX + 1, sizeof(struct span));
	f.submit.n = FRAME_ITEMS_MAX + 1;
	assert_int_equal(frame_encode(&f, w->mem, &bytes), ERR_TOOBIG);
	f.kind = (enum frame_kind)77;
	assert_int_equal(frame_encode(&f, w->mem, &bytes), ERR_FORMAT);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_greeting), cmocka_unit_test(test_messages), cmocka_unit_test(test_statements),
		cmocka_unit_test(test_announced), cmocka_unit_test(test_too_big),
	};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
