/* SPDX-License-Identifier: EUPL-1.2 */
/* header - one form of bytes for one header. */
#include "trust_world.h"

static struct span
bytes_of(struct world *w, const struct header *h)
{
	struct span bytes;

	assert_int_equal(header_encode(h, w->mem, &bytes), OK);
	return bytes;
}

/* Every field comes back, and encodes to the same bytes. */
static void
test_round_trip(void **state)
{
	struct world *w = world_new();
	struct header h = world_seal(w, 2).header, back;
	struct span bytes;
	struct why why;

	(void)state;
	h.basis[0] = (struct basis){ h.to[1], 4 };
	h.n_basis = 1;
	h.closes[0] = h.in_reply_to = h.supersedes = h.id;
	h.n_closes = 1;
	h.expires_ms = 99;
	h.attachments[0] = (struct attachment){ { { 7 } }, 25 };
	h.n_attachments = 1;
	bytes = bytes_of(w, &h);
	assert_int_equal(header_decode(bytes, w->mem, &back, &why), OK);
	assert_true(span_eq(bytes, bytes_of(w, &back)));
	assert_string_equal(back.to[1], h.to[1]);
	assert_int_equal(back.basis[0].seq, 4);
	assert_int_equal(back.respond_by_ms, h.respond_by_ms);
	assert_int_equal(back.shares[4].auditor, 5);
	assert_true(hash_eq(&back.commit, &h.commit));
	assert_int_equal(back.attachments[0].len, 25);
	world_free(w);
}

/* The same content written otherwise is refused: a field twice, out of order, a default, an unknown field, a long varint. */
static void
test_other_forms(void **state)
{
	static const struct span tails[] = {
		SPAN_LIT("\x08\x01"),		/* version again */
		SPAN_LIT("\x38\x01"),		/* seq out of order */
		SPAN_LIT("\x68\x00"),		/* expires written as its default */
		SPAN_LIT("\xf8\x07\x01"),	/* field 127 */
		SPAN_LIT("\x78"),		/* cut off */
	};
	struct world *w = world_new();
	struct span bytes = world_seal(w, 1).header_bytes;
	struct header h;
	struct why why;
	struct buf b;

	(void)state;
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		buf_init(&b, w->mem);
		buf_span(&b, bytes);
		buf_span(&b, tails[i]);
		assert_int_equal(header_decode(buf_bytes(&b), w->mem, &h, &why), ERR_FORMAT);
	}
	assert_int_equal(bytes.p[0], 0x08);
	buf_init(&b, w->mem);
	buf_add(&b, "\x08\x81\x00", 3);		/* version 1 as a varint of two bytes */
	buf_add(&b, bytes.p + 2, bytes.n - 2);
	assert_int_equal(header_decode(buf_bytes(&b), w->mem, &h, &why), ERR_FORMAT);
	for (size_t n = 0; n < bytes.n; n++)
		assert_int_not_equal(header_decode(SPAN(bytes.p, n), w->mem, &h, &why), OK);
	world_free(w);
}

/* Another version is told from a malformed header. */
static void
test_version(void **state)
{
	struct world *w = world_new();
	struct header h = world_seal(w, 1).header, back;
	struct why why;

	(void)state;
	h.version = 2;
	assert_int_equal(header_decode(bytes_of(w, &h), w->mem, &back, &why), ERR_VERSION);
	world_free(w);
}

/* More than the limits is neither written nor read, and a full arena is not a malformed header. */
static void
test_limits(void **state)
{
	struct world *w = world_new();
	struct header h = world_seal(w, 1).header, back;
	struct arena *small = arena_new(1024);
	struct span bytes = bytes_of(w, &h), big;
	struct why why;

	(void)state;
	assert_int_equal(header_decode(bytes, small, &back, &why), ERR_TOOBIG);
	assert_int_equal(header_decode(SPAN(bytes.p, ENVELOPE_HEADER_MAX + 1), w->mem, &back, &why), ERR_TOOBIG);
	h.n_wraps = ENVELOPE_TO_MAX + 1;
	assert_int_equal(header_encode(&h, w->mem, &big), ERR_TOOBIG);
	h.n_wraps = 1;
	h.wraps[0].box = SPAN(arena_alloc(w->mem, ENVELOPE_HEADER_MAX), ENVELOPE_HEADER_MAX);
	assert_int_equal(header_encode(&h, w->mem, &big), ERR_TOOBIG);
	arena_free(small);
	world_free(w);
}

/* What its author had seen: of others as the header says, of itself all that came before, of strangers nothing. */
static void
test_seen(void **state)
{
	struct header h = { .from = "school-1", .seq = 7, .basis = { { "council-1", 4 }, { "clinic-1", 9 } }, .n_basis = 2 };

	(void)state;
	assert_int_equal(header_seen(&h, "council-1"), 4);
	assert_int_equal(header_seen(&h, "clinic-1"), 9);
	assert_int_equal(header_seen(&h, "school-1"), 6);
	assert_int_equal(header_seen(&h, "school-2"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_other_forms), cmocka_unit_test(test_version),
		cmocka_unit_test(test_limits), cmocka_unit_test(test_seen),
	};

	return cmocka_run_group_tests_name("header", tests, NULL, NULL);
}
