/* SPDX-License-Identifier: EUPL-1.2 */
/* notice - what the hub says of a clock comes back whole, and nothing that makes no sense passes either way. */
#include "trust_world.h"

#include "proto/notice.h"

static struct arena *mem;
static struct notice good;

static int
make(void **state)
{
	const uint8_t random[10] = { 1, 2, 3 };

	(void)state;
	mem = arena_new(1 << 20);
	good = (struct notice){
		.fact = NOTICE_LATE_REGISTERED, .env_hash = { { 1 } }, .from = world_ids[0], .to = world_ids[1], .thread = { { 7 } },
		.priority = PRIORITY_URGENT, .submitted_ms = WORLD_NOW, .due_ms = WORLD_NOW + 2, .at_ms = WORLD_NOW + 3,
		.stages = 1u << STAGE_DELIVERED, .leaf = 44,
	};
	msgid_make(WORLD_NOW, random, &good.about);
	return 0;
}

static int
drop(void **state)
{
	(void)state;
	arena_free(mem);
	return 0;
}

/* What was encoded is decoded to the same, for every fact; cut anywhere, or with a byte more, it is refused. */
static void
test_round_trip(void **state)
{
	struct notice n = good, got;
	struct span bytes, more;
	struct buf b;

	(void)state;
	for (int fact = NOTICE_HALF_TIME; fact <= NOTICE_EXPIRED; fact++) {
		n.fact = (enum notice_fact)fact;
		assert_int_equal(notice_encode(&n, mem, &bytes), OK);
		assert_int_equal(notice_decode(bytes, mem, &got, NULL), OK);
		assert_true(got.fact == n.fact && msgid_eq(&got.about, &n.about) && hash_eq(&got.env_hash, &n.env_hash));
		assert_string_equal(got.from, n.from);
		assert_string_equal(got.to, n.to);
		assert_memory_equal(&got.thread, &n.thread, sizeof(n.thread));
		assert_true(got.priority == n.priority && got.submitted_ms == n.submitted_ms && got.due_ms == n.due_ms &&
			    got.at_ms == n.at_ms && got.stages == n.stages && got.leaf == n.leaf);
		assert_true(bytes.n <= NOTICE_BODY_MAX);
	}
	for (size_t i = 0; i < bytes.n; i++)
		if (notice_decode(SPAN(bytes.p, i), mem, &got, NULL) == OK)
			assert_int_equal(got.leaf, 0);	/* the last field alone may be left out: then it is a zero */
	buf_init(&b, mem);
	buf_span(&b, bytes);
	buf_u8(&b, 0);
	more = buf_bytes(&b);
	assert_int_equal(notice_decode(more, mem, &got, NULL), ERR_FORMAT);
}

/* Each field that is missing or impossible is named, and refused in the same way before it is sent. */
static void
test_refused(void **state)
{
	struct span bytes = SPAN_LIT("x");
	struct notice n, got;

	(void)state;
#define REFUSED(...) (n = good, __VA_ARGS__, assert_int_equal(notice_encode(&n, mem, &bytes), ERR_FORMAT))
	REFUSED(n.fact = (enum notice_fact)0);
	REFUSED(n.fact = (enum notice_fact)6);
	REFUSED(n.about.b[6] = 0);
	REFUSED(memset(&n.env_hash, 0, sizeof(n.env_hash)));
	REFUSED(n.from = NULL);
	REFUSED(n.from = AGENCY_HUB);
	REFUSED(n.to = "Nobody");
	REFUSED(n.to = n.from);
	REFUSED(memset(&n.thread, 0, sizeof(n.thread)));
	REFUSED(n.priority = (enum priority)4);
	REFUSED(n.submitted_ms = 0);
	REFUSED(n.due_ms = -1);
	REFUSED(n.at_ms = 0);
	REFUSED(n.stages = 1);
	REFUSED(n.stages = 2u << STAGE_WITHDRAWN);
#undef REFUSED
	assert_int_equal(notice_decode(SPAN_NONE, mem, &got, NULL), ERR_FORMAT);
	bytes = SPAN(arena_alloc(mem, NOTICE_BODY_MAX + 1), NOTICE_BODY_MAX + 1);
	assert_int_equal(notice_decode(bytes, mem, &got, NULL), ERR_TOOBIG);
}

/* The decoder holds to the same rules: a fact, a priority or a stage that came changed on its way is refused by its name. */
static void
test_decoded_is_checked(void **state)
{
	static const struct { uint8_t tag, bad; const char *where; } faults[] = {
		{ 1 << 3, 9, "fact" }, { 7 << 3, 5, "priority" }, { 11 << 3, 1, "stages" },
	};
	struct span bytes;
	struct notice got;

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct why why = { 0 };
		uint8_t copy[NOTICE_BODY_MAX];
		size_t at = 0;

		assert_int_equal(notice_encode(&good, mem, &bytes), OK);
		memcpy(copy, bytes.p, bytes.n);
		/* walk the fields: a varint of one byte, or a length and so many bytes */
		while (copy[at] != faults[i].tag) {
			if ((copy[at] & 7) == 2) {
				at += 2u + copy[at + 1];
				continue;
			}
			for (at++; copy[at] & 0x80; at++)
				;
			at++;
		}
		copy[at + 1] = faults[i].bad;
		assert_int_equal(notice_decode(SPAN(copy, bytes.n), mem, &got, &why), ERR_FORMAT);
		assert_string_equal(why.where, faults[i].where);
	}
}

/* Every fact has its name, and what is none has none. */
static void
test_names(void **state)
{
	(void)state;
	assert_string_equal(notice_fact_name(NOTICE_HALF_TIME), "half-time");
	assert_string_equal(notice_fact_name(NOTICE_LATE_REGISTERED), "late");
	assert_string_equal(notice_fact_name(NOTICE_LATE_RESPONSE), "no-answer");
	assert_string_equal(notice_fact_name(NOTICE_EXPIRING), "expiring");
	assert_string_equal(notice_fact_name(NOTICE_EXPIRED), "expired");
	assert_string_equal(notice_fact_name((enum notice_fact)6), "?");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_refused), cmocka_unit_test(test_decoded_is_checked),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("notice", tests, make, drop);
}
