/* SPDX-License-Identifier: EUPL-1.2 */
/* An envelope on its way in: duplicates, conflicts, signatures, room and credit. */
#include "tests/unit/hub/desk_test.h"

/* The same message again gets the same leaf, and its recipient nothing. */
static void
duplicate_is_accepted_again(void **state)
{
	struct desk *d = *state;
	struct span bytes = data(d, 1, PRIORITY_ROUTINE, NULL);
	uint64_t leaf;

	desk_submit(d, 0, bytes);
	leaf = desk_sent(d, 0, FRAME_ACCEPTED)->accepted.runs[0].begin;
	assert_non_null(desk_sent(d, 2, FRAME_DELIVER));
	desk_submit(d, 0, bytes);
	assert_int_equal(desk_sent(d, 0, FRAME_ACCEPTED)->accepted.runs[0].begin, leaf);
	assert_null(desk_sent(d, 2, FRAME_DELIVER));
}

/* I9: what one agency signed is not taken from another. */
static void
others_may_not_bring_it(void **state)
{
	struct desk *d = *state;

	desk_submit(d, 1, data(d, 1, PRIORITY_ROUTINE, NULL));
	assert_int_equal(desk_answer(d, 1), ERR_NOT_YOU);
	assert_null(desk_sent(d, 2, FRAME_DELIVER));
}

/* The same id with another content is refused, and on record: once, whatever else comes under the id. */
static void
conflict_is_on_record(void **state)
{
	struct desk *d = *state;
	struct hub_status before, after;
	struct header h;

	world_header(&d->world, 0, 2, &thread, 1, d->now_ms, &h);
	desk_submit(d, 0, world_envelope(&d->world, 0, &h, 500, NULL));
	assert_int_equal(desk_answer(d, 0), OK);
	hub_get_status(d->hub, &before);
	desk_submit(d, 0, world_envelope(&d->world, 0, &h, 501, NULL));
	assert_int_equal(desk_answer(d, 0), ERR_CONFLICT);
	hub_get_status(d->hub, &after);
	assert_int_equal(after.size, before.size + 1);
	for (size_t n = 502; n < 505; n++) {
		desk_submit(d, 0, world_envelope(&d->world, 0, &h, n, NULL));
		assert_int_equal(desk_answer(d, 0), ERR_CONFLICT);
	}
	hub_get_status(d->hub, &after);
	assert_int_equal(after.size, before.size + 1);
}

/* A message signed by another agency's key is refused, and so is one that names it. */
static void
signature_is_checked(void **state)
{
	struct desk *d = *state;
	struct key *own = d->world.signing[0];
	struct span bytes;
	struct header h;

	world_header(&d->world, 0, 2, &thread, 1, d->now_ms, &h);
	bytes = world_envelope(&d->world, 0, &h, 500, NULL);
	((uint8_t *)(uintptr_t)bytes.p)[bytes.n - 1] ^= 1;	/* a body that was not signed */
	desk_submit(d, 0, bytes);
	assert_int_equal(desk_answer(d, 0), ERR_BAD_SIGNATURE);
	d->world.signing[0] = d->world.signing[1];
	h.signing_key = d->world.agencies[1].signing_id;
	bytes = world_envelope(&d->world, 0, &h, 500, NULL);
	d->world.signing[0] = own;
	desk_submit(d, 0, bytes);
	assert_int_equal(desk_answer(d, 0), ERR_UNKNOWN_KEY);
}

/* With little room on the disk new messages wait, EMERGENCY longest, and receipts pass: while there is some left, since a full disk
 * ends the process. With room again all go on by themselves.
 */
static void
disk_low(void **state)
{
	static const struct { unsigned part, percent; enum err routine, emergency, receipt; } rows[] = {
		{ 1, 100, OK, OK, OK },			/* the watermark itself */
		{ 2, 100, ERR_FULL, OK, OK },
		{ 5, 100, ERR_FULL, ERR_FULL, OK },
		{ 9, 100, ERR_FULL, ERR_FULL, ERR_FULL },
		{ 1, 5, OK, OK, OK },			/* 5 % of what the store may hold */
		{ 1, 4, ERR_FULL, OK, OK },
		{ 1, 1, ERR_FULL, ERR_FULL, OK },
		{ 1, 100, OK, OK, OK },
	};
	static const enum stage stages[] = { STAGE_DELIVERED, STAGE_REGISTERED, STAGE_SEEN };
	struct desk *d = *state;
	uint64_t low = d->world.config.limits.disk_low_bytes, room, total, seq = 1;
	struct envelope env;
	struct header h;
	size_t n = 0;

	desk_submit(d, 0, data(d, seq++, PRIORITY_ROUTINE, &env));
	assert_int_equal(desk_answer(d, 0), OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const enum priority priorities[] = { PRIORITY_ROUTINE, PRIORITY_EMERGENCY };
		const enum err want[] = { rows[i].routine, rows[i].emergency };

		room = low / rows[i].part;
		total = room / rows[i].percent * 100;
		for (size_t k = 0; k < 2; k++) {
			const struct frame *f;

			hub_set_room(d->hub, room, total);
			desk_submit(d, 0, data(d, seq, priorities[k], NULL));
			f = desk_sent(d, 0, FRAME_REFUSED);
			assert_int_equal(f ? f->refused.items[0].code : OK, want[k]);
			if (f)	/* who is urgent looks again sooner */
				assert_int_equal(f->refused.items[0].retry_after_ms, k == 0 ? 10000 : 5000);
			else
				assert_int_equal(desk_answer(d, 0), OK);
			seq += f == NULL;
		}
		if (i >= 1 && i <= 3) {
			hub_set_room(d->hub, room, total);
			world_receipt(&d->world, 2, &env, stages[n++], d->now_ms, &h);
			desk_submit(d, 2, world_envelope(&d->world, 2, &h, 0, NULL));
			assert_int_equal(desk_answer(d, 2), rows[i].receipt);
		}
	}
}

/* A receipt's detail is small; who sends more fills the disk by a way that no quota bounds. */
static void
receipt_is_small(void **state)
{
	struct desk *d = *state;
	struct envelope env;
	struct header h;

	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, &env));
	assert_int_equal(desk_answer(d, 0), OK);
	world_receipt(&d->world, 2, &env, STAGE_REGISTERED, d->now_ms, &h);
	h.wraps[0].agency = h.to[0];
	key_id_of(KEY_SEALING, key_public(d->world.sealing[0]), &h.wraps[0].key);
	h.wraps[0].box = world_bytes(&d->world, 200);
	h.n_wraps = 1;
	world_fill(&d->world, h.commit.b, sizeof(h.commit.b));
	desk_submit(d, 2, world_envelope(&d->world, 2, &h, ENVELOPE_RECEIPT_BODY_MAX + 1, NULL));
	assert_int_equal(desk_answer(d, 2), ERR_TOOBIG);
	desk_submit(d, 2, world_envelope(&d->world, 2, &h, ENVELOPE_RECEIPT_BODY_MAX, NULL));
	assert_int_equal(desk_answer(d, 2), OK);
}

/* More than the credit is refused for now, not for good. */
static void
credit_is_kept(void **state)
{
	struct desk *d = *state;
	struct span bytes[4];
	struct frame f = { .kind = FRAME_SUBMIT, .submit = { bytes, 4 } };
	const struct frame *got;

	d->world.config.limits.credit_messages = 2;
	for (uint64_t i = 0; i < 4; i++)
		bytes[i] = data(d, i + 1, PRIORITY_ROUTINE, NULL);
	desk_frame(d, 0, &f);
	got = desk_sent(d, 0, FRAME_REFUSED);
	assert_non_null(got);
	assert_int_equal(got->refused.items[0].code, ERR_OVERLOAD);
	assert_true(got->refused.items[0].retry_after_ms > 0);
	desk_commit(d);
	assert_non_null(desk_sent(d, 0, FRAME_CREDIT));
}

/* The last tenth of the credit is for EMERGENCY: others that use it are told to come again, and an EMERGENCY still passes. */
static void
credit_keeps_a_part(void **state)
{
	struct desk *d = *state;
	const struct thread_id own = { "an urgent one" };
	struct span bytes[21];
	struct frame f = { .kind = FRAME_SUBMIT, .submit = { bytes, 21 } };
	const struct frame *got;
	struct envelope last;
	struct header h;

	d->world.config.limits.credit_messages = 20;
	for (uint64_t i = 0; i < 20; i++)
		bytes[i] = data(d, i + 1, PRIORITY_ROUTINE, &last);
	world_header(&d->world, 0, 2, &own, 1, d->now_ms, &h);
	h.priority = PRIORITY_EMERGENCY;
	bytes[20] = world_envelope(&d->world, 0, &h, 500, NULL);
	desk_frame(d, 0, &f);
	got = desk_sent(d, 0, FRAME_REFUSED);
	assert_non_null(got);
	assert_int_equal(got->refused.n, 1);
	assert_int_equal(got->refused.items[0].code, ERR_OVERLOAD);
	assert_true(msgid_eq(&got->refused.items[0].id, &last.header.id));
	assert_true(got->refused.items[0].retry_after_ms > 0);
	desk_commit(d);
	got = desk_sent(d, 0, FRAME_ACCEPTED);
	assert_non_null(got);
	assert_int_equal(got->accepted.runs[0].n, 20);
}

/* A second conflict while the first is not durable is told with it: until then there is none. */
static void
conflict_twice_at_once(void **state)
{
	struct desk *d = *state;
	struct span bytes;
	struct frame f = { .kind = FRAME_SUBMIT, .submit = { &bytes, 1 } };
	struct hub_status before, after;
	struct header h;

	world_header(&d->world, 0, 2, &thread, 1, d->now_ms, &h);
	desk_submit(d, 0, world_envelope(&d->world, 0, &h, 500, NULL));
	assert_int_equal(desk_answer(d, 0), OK);
	hub_get_status(d->hub, &before);
	for (size_t n = 501; n < 504; n++) {
		bytes = world_envelope(&d->world, 0, &h, n, NULL);
		desk_frame(d, 0, &f);
	}
	assert_null(desk_sent(d, 0, FRAME_REFUSED));
	desk_commit(d);
	for (size_t n = 501; n < 504; n++)
		assert_int_equal(desk_answer(d, 0), ERR_CONFLICT);
	hub_get_status(d->hub, &after);
	assert_int_equal(after.size, before.size + 1);
}

/* An envelope whose header of `n` empty parts wants thirty times its own length of memory, and is refused. */
static struct span
swollen(struct desk *d, size_t n)
{
	struct buf b;

	buf_init(&b, d->world.mem);
	buf_u8(&b, 0x0a);	/* a header of 2 n bytes, as protobuf writes it */
	for (size_t left = 2 * n; left > 0; left >>= 7)
		buf_u8(&b, (uint8_t)((left & 0x7f) | (left > 0x7f ? 0x80 : 0)));
	for (size_t i = 0; i < n; i++) {
		buf_u8(&b, 0x42);
		buf_u8(&b, 0);
	}
	return buf_bytes(&b);
}

/* Behind `n` such parts a good message with such a body comes. Was it accepted? Then it is delivered, too. */
static bool
is_taken_behind(struct desk *d, size_t n, size_t body_n)
{
	static const size_t pieces[] = { 32000, 1000, 15 };
	struct span bytes[256];
	struct frame f = { .kind = FRAME_SUBMIT, .submit = { bytes, 0 } };
	struct thread_id own;
	struct header h;
	bool is_taken;

	for (size_t i = 0; i < 3; i++)
		for (; n >= pieces[i]; n -= pieces[i])
			bytes[f.submit.n++] = swollen(d, pieces[i]);
	world_fill(&d->world, own.b, sizeof(own.b));
	world_header(&d->world, 0, 2, &own, 1, d->now_ms, &h);
	bytes[f.submit.n++] = world_envelope(&d->world, 0, &h, body_n, NULL);
	desk_frame(d, 0, &f);
	desk_commit(d);
	while (desk_sent(d, 0, FRAME_REFUSED) != NULL)
		;
	is_taken = desk_sent(d, 0, FRAME_ACCEPTED) != NULL;
	assert_int_equal(desk_sent(d, 2, FRAME_DELIVER) != NULL, is_taken);
	return is_taken;
}

/* However an adapter fills the memory of an event: what is accepted is whole, with its id, thread and place in the queue. */
static void
memory_never_halves_a_message(void **state)
{
	struct desk *d = *state;
	size_t low = 0, high = 60 * 32000, body = 500;

	assert_true(is_taken_behind(d, low, body));
	assert_false(is_taken_behind(d, high, body));
	for (size_t step = high / 2; step > 0; step /= 2)
		if (is_taken_behind(d, low + step, body))
			low += step;
	for (size_t step = 2048; step > 0; step /= 2)
		if (is_taken_behind(d, low, body + step))
			body += step;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(duplicate_is_accepted_again), TEST(others_may_not_bring_it),
		TEST(conflict_is_on_record),
		TEST(signature_is_checked),
		TEST(disk_low),
		TEST(receipt_is_small),
		TEST(credit_is_kept),
		TEST(credit_keeps_a_part),
		TEST(conflict_twice_at_once),
		TEST(memory_never_halves_a_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
