/* SPDX-License-Identifier: EUPL-1.2 */
/* frame_decode - what a peer may not say, one fault each. */
#include "trust_world.h"

#include "proto/frame.h"

static struct world *w;
static uint8_t leaf[LEAF_LEN] = { 1 }, salt[LEAF_SALT_LEN] = { 2 };

static int
make(void **state)
{
	(void)state;
	w = world_new();
	return 0;
}

static int
drop(void **state)
{
	(void)state;
	world_free(w);
	return 0;
}

static void
assert_decodes(const struct frame *f, enum err want)
{
	struct frame back;
	struct span bytes;
	struct why why;

	assert_int_equal(frame_encode(f, w->mem, &bytes), OK);
	assert_int_equal(frame_decode(bytes, w->mem, &back, &why), want);
}

/* HELLO: the name, the session, a pin with its root, and epoch 0. */
static void
test_hello(void **state)
{
	const struct frame good = { .kind = FRAME_HELLO, .hello = { .agency = "a", .session = { 1 } } };
	struct frame f = good;
	char software[100];

	(void)state;
	assert_decodes(&f, OK);
	f.epoch = 1;
	assert_decodes(&f, ERR_FORMAT);
	f = good;
	f.hello.agency = "A";
	assert_decodes(&f, ERR_FORMAT);
	f = good;
	f.hello.session[0] = 0;
	assert_decodes(&f, ERR_FORMAT);
	f = good;
	f.hello.pin_size = 1;
	assert_decodes(&f, ERR_FORMAT);
	f = good;
	f.hello.pin_root.b[0] = 1;
	assert_decodes(&f, ERR_FORMAT);
	f = good;
	memset(software, 'x', 99);
	software[99] = '\0';
	f.hello.software = software;
	assert_decodes(&f, ERR_FORMAT);
}

/* Other frames: an epoch, at least one item, lengths that are what they are. */
static void
test_others(void **state)
{
	struct span empty = SPAN_NONE, envelope = SPAN_LIT("e");
	struct accepted_item item = { { { 1 } }, SPAN(leaf, LEAF_LEN), SPAN(salt, LEAF_SALT_LEN), SPAN_LIT("d") };
	struct run run = { 0, &item, 1, NULL, 0 };
	struct refused_item refused = { .code = OK };
	struct deliver_item deliver = { 1, envelope, SPAN(leaf, LEAF_LEN), SPAN(salt, LEAF_SALT_LEN), SPAN_NONE, NULL, 0 };
	struct hash path[MERKLE_PATH_MAX + 1] = { { { 1 } } };
	uint64_t no = 0;
	struct frame f = { .kind = FRAME_SUBMIT, .epoch = 1, .submit = { &envelope, 1 } };

	(void)state;
	assert_decodes(&f, OK);
	f.epoch = 0;
	assert_decodes(&f, ERR_FORMAT);
	f = (struct frame){ .kind = FRAME_SUBMIT, .epoch = 1, .submit = { &empty, 1 } };
	assert_decodes(&f, ERR_FORMAT);
	f.submit.n = 0;
	assert_decodes(&f, ERR_FORMAT);
	f = (struct frame){ .kind = FRAME_ACCEPTED, .epoch = 1, .accepted = { { .checkpoint = SPAN_LIT("c") }, &run, 1 } };
	assert_decodes(&f, OK);
	f.accepted.growth.path = path;
	f.accepted.growth.n_path = MERKLE_PATH_MAX + 1;
	assert_decodes(&f, ERR_FORMAT);
	f.accepted.growth.n_path = MERKLE_PATH_MAX;
	assert_decodes(&f, OK);
	item.salt.n--;
	assert_decodes(&f, ERR_FORMAT);
	item.salt.n++;
	run.begin = UINT64_MAX;
	assert_decodes(&f, ERR_FORMAT);
	run.begin = 0;
	f.accepted.growth.checkpoint = SPAN_NONE;
	assert_decodes(&f, ERR_FORMAT);
	f = (struct frame){ .kind = FRAME_REFUSED, .epoch = 1, .refused = { &refused, 1 } };
	assert_decodes(&f, ERR_FORMAT);
	f = (struct frame){ .kind = FRAME_DELIVER, .epoch = 1, .deliver = { { .checkpoint = SPAN_LIT("c") }, &deliver, 1 } };
	assert_decodes(&f, OK);
	f.deliver.growth.path = path;
	f.deliver.growth.n_path = MERKLE_PATH_MAX + 1;
	assert_decodes(&f, ERR_FORMAT);
	f.deliver.growth.n_path = 0;
	f.deliver.growth.checkpoint = SPAN_NONE;
	assert_decodes(&f, ERR_FORMAT);
	f.deliver.growth.checkpoint = SPAN_LIT("c");
	deliver.queue_no = 0;
	assert_decodes(&f, ERR_FORMAT);
	deliver.queue_no = 1;
	deliver.leaf.n = 63;
	assert_decodes(&f, ERR_FORMAT);
	f = (struct frame){ .kind = FRAME_TAKEN, .epoch = 1, .taken = { &no, 1 } };
	assert_decodes(&f, ERR_FORMAT);
	f = (struct frame){ .kind = FRAME_WELCOME, .epoch = 1, .welcome = { .session = { 1 } } };
	assert_decodes(&f, ERR_FORMAT);
}

/* Statements: an ask of 16 bytes, entries that can be leaves, a signature exactly with a head, and one of rows and head at least. */
static void
test_statements(void **state)
{
	struct hash path[MERKLE_PATH_MAX + 1] = { { { 1 } } };
	struct statement_item item = { SPAN_LIT("r"), SPAN(leaf, LEAF_LEN), SPAN(salt, LEAF_SALT_LEN), SPAN_LIT("d"), path, 2 };
	struct frame f = { .kind = FRAME_STATEMENT_ASK, .epoch = 1, .statement_ask = { { 1 }, 0, 0 } }, good;
	uint8_t *big = arena_alloc(w->mem, STATEMENT_ROW_MAX + 1);

	(void)state;
	assert_decodes(&f, OK);
	f.statement_ask.ask[0] = 0;
	assert_decodes(&f, ERR_FORMAT);
	good = (struct frame){ .kind = FRAME_STATEMENT, .epoch = 1, .statement = {
		.ask = { 1 }, .growth = { .checkpoint = SPAN_LIT("c") }, .items = &item, .n = 1, .head = SPAN_LIT("h") } };
	assert_decodes(&good, OK);
	f = good;
	f.statement.ask[0] = 0;
	assert_decodes(&f, ERR_FORMAT);
	f = good;
	f.statement.growth.checkpoint = SPAN_NONE;
	assert_decodes(&f, ERR_FORMAT);
	f = good;
	f.statement.n = 0;
	assert_decodes(&f, OK);
	f.statement.head = SPAN_NONE;
	assert_decodes(&f, ERR_FORMAT);
	f = good;
	f.statement.head = SPAN(big, STATEMENT_HEAD_MAX + 1);
	assert_decodes(&f, ERR_FORMAT);
	item.row = SPAN(big, STATEMENT_ROW_MAX + 1);
	assert_decodes(&good, ERR_FORMAT);
	item.row = SPAN_NONE;
	assert_decodes(&good, ERR_FORMAT);
	item.row = SPAN(big, STATEMENT_ROW_MAX);
	item.leaf.n--;
	assert_decodes(&good, ERR_FORMAT);
	item.leaf.n++;
	item.n_path = MERKLE_PATH_MAX + 1;
	assert_decodes(&good, ERR_FORMAT);
	item.n_path = MERKLE_PATH_MAX;
	assert_decodes(&good, OK);
}

/* Announcements have no queue numbers, go forward, and are never none. */
static void
test_announced(void **state)
{
	struct deliver_item item = { 0, SPAN_LIT("e"), SPAN(leaf, LEAF_LEN), SPAN(salt, LEAF_SALT_LEN), SPAN_LIT("d"), NULL, 0 };
	struct frame good = { .kind = FRAME_ANNOUNCED, .epoch = 1, .announced = {
		.growth = { .checkpoint = SPAN_LIT("c") }, .items = &item, .n = 1, .seen_before = 3, .seen = 4 } }, f = good;

	(void)state;
	assert_decodes(&f, OK);
	f.announced_seen = 4;
	assert_decodes(&f, ERR_FORMAT);
	f = (struct frame){ .kind = FRAME_CREDIT, .epoch = 1, .credit = { 1, 1 }, .announced_seen = 4 };
	assert_decodes(&f, OK);
	f = good;
	f.announced.seen = 3;
	assert_decodes(&f, ERR_FORMAT);
	f = good;
	f.announced.n = 0;
	assert_decodes(&f, ERR_FORMAT);
	f = good;
	f.announced.growth.checkpoint = SPAN_NONE;
	assert_decodes(&f, ERR_FORMAT);
	item.queue_no = 1;
	assert_decodes(&good, ERR_FORMAT);
	item.queue_no = 0;
	item.leaf.n--;
	assert_decodes(&good, ERR_FORMAT);
}

/* Bytes that are no frame: empty, unknown kinds and fields, cut off, too long, a path of broken hashes, a flood of items. */
static void
test_bytes(void **state)
{
	static const struct span bad[] = {
		SPAN_LIT(""), SPAN_LIT("\x08\x01"), SPAN_LIT("\x08\x01\x6a\x00"), SPAN_LIT("\x08\x01\x72\x00"), SPAN_LIT("\x08\x01\x52\x05\x08\x01"),
		SPAN_LIT("\x08\x01\x52\x03\x18\x01\x01"), SPAN_LIT("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
	};
	struct arena *small = arena_new(1 << 20);
	struct frame f;
	struct why why;
	struct buf b;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(frame_decode(bad[i], w->mem, &f, &why), ERR_FORMAT);
	assert_int_equal(frame_decode(SPAN(leaf, FRAME_MAX + 1), w->mem, &f, &why), ERR_TOOBIG);
	buf_init(&b, w->mem);
	buf_add(&b, "\x08\x01\x2a\x80\x80\x08", 6);	/* a SUBMIT of 65,536 empty envelopes */
	for (unsigned i = 0; i < 65536; i++)
		buf_add(&b, "\x0a\x00", 2);
	assert_int_not_equal(frame_decode(buf_bytes(&b), small, &f, &why), OK);
	arena_free(small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hello), cmocka_unit_test(test_others), cmocka_unit_test(test_statements),
		cmocka_unit_test(test_announced), cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests_name("frame_decode", tests, make, drop);
}
