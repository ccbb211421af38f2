/* SPDX-License-Identifier: EUPL-1.2 */
/* Keys sort as they should, values come back as they were, and what is cut off or too long is not taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "hub/rows.h"

static struct arena *mem;

/* Queue keys sort by agency, lane and number, and only their own agency's are recognised. */
static void
queue_keys_sort(void **state)
{
	struct row_key a, b, c;
	struct span ka = row_key_queue("ozd", LANE_OTHER, 255, &a), kb = row_key_queue("ozd", LANE_OTHER, 256, &b);
	struct span kc = row_key_queue("ozd-2", LANE_EMERGENCY, 1, &c);
	char name[AGENCY_ID_MAX + 1];
	uint64_t no;

	(void)state;
	assert_int_equal(ka.n, kb.n);
	assert_true(memcmp(ka.p, kb.p, ka.n) < 0);
	assert_true(row_queue_no(kb, "ozd", LANE_OTHER, &no) && no == 256);
	assert_false(row_queue_no(kb, "ozd", LANE_EMERGENCY, &no));
	assert_false(row_queue_no(kc, "ozd", LANE_EMERGENCY, &no));
	assert_true(row_clock_leaf(row_key_clock("ozd", OWED_ANSWER, 7, &a), "ozd", OWED_ANSWER, &no) && no == 7);
	assert_false(row_clock_leaf(row_key_clock("ozd", OWED_ANSWER, 7, &a), "ozd", OWED_REGISTRATION, &no));
	ka = row_key_party("ozd", PARTY_ALL, UINT64_MAX, &a);
	kb = row_key_party("ozd", PARTY_OPEN, 9, &b);
	assert_true(ka.n == kb.n && memcmp(ka.p, kb.p, ka.n) < 0);
	assert_true(row_party_leaf(kb, "ozd", PARTY_OPEN, &no) && no == 9);
	assert_false(row_party_leaf(kb, "ozd", PARTY_ALL, &no));
	assert_false(row_party_leaf(kb, "oz", PARTY_OPEN, &no));
	assert_int_equal(row_dead_key(row_key_dead("ozd", 8, &a), name, &no), OK);
	assert_true(no == 8 && strcmp(name, "ozd") == 0);
	assert_int_equal(row_dead_key(SPAN(a.b, 11), name, &no), ERR_CORRUPT);
}

/* Every value is read back as it was written, and none with a byte more or less. */
static void
values_return(void **state)
{
	struct id_row id = { .leaf = 7, .class = CLASS_DATA, .seq = 3, .to = { "ozd", "school-7" }, .n_to = 2 }, id2;
	struct queue_row q = { .leaf = 9, .bytes = 10, .at_ms = 11, .before = 12, .from = "school-7" }, q2;
	struct thread_row t = { .at = { { "ozd", 1, 2 }, { "gp", 3, 4 } }, .n = 2 }, t2;
	struct party_row p = { .from = "gp", .to = { "ozd", "school-7" }, .n_to = 2, .priority = PRIORITY_URGENT,
			       .registered_by_ms = 1, .respond_by_ms = 2, .expires_ms = 3 }, p2;
	struct agency_row a = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, a2;
	struct share_row s = { 5, 6 }, s2;
	struct dead_row dead = { .submit = 3, .code = 1606, .at_ms = 77, .from = "gp" }, dead2;
	uint16_t bits;
	struct span v;

	(void)state;
	v = row_id(&id, mem);
	assert_int_equal(row_decode_id(v, mem, &id2), OK);
	assert_true(id2.leaf == 7 && id2.n_to == 2 && strcmp(id2.to[1], "school-7") == 0);
	for (size_t n = 0; n < v.n; n++)
		assert_int_equal(row_decode_id(SPAN(v.p, n), mem, &id2), ERR_CORRUPT);
	v = row_queue(&q, mem);
	assert_int_equal(row_decode_queue(v, &q2), OK);
	assert_true(q2.leaf == 9 && q2.bytes == 10 && q2.at_ms == 11 && q2.before == 12 && strcmp(q2.from, "school-7") == 0);
	assert_int_equal(row_decode_queue(SPAN(v.p, v.n - 1), &q2), ERR_CORRUPT);
	v = row_thread(&t, mem);
	assert_int_equal(row_decode_thread(v, mem, &t2), OK);
	assert_true(t2.n == 2 && t2.at[1].last_no == 4 && strcmp(t2.at[1].agency, "gp") == 0);
	assert_int_equal(row_decode_thread(SPAN(v.p, v.n - 1), mem, &t2), ERR_CORRUPT);
	v = row_agency(&a, mem);
	assert_int_equal(row_decode_agency(v, &a2), OK);
	assert_memory_equal(&a, &a2, sizeof(a));
	assert_int_equal(row_decode_agency(SPAN(v.p, v.n - 1), &a2), ERR_CORRUPT);
	v = row_party(&p, mem);
	assert_int_equal(row_decode_party(v, mem, &p2), OK);
	assert_true(strcmp(p2.from, "gp") == 0 && p2.n_to == 2 && strcmp(p2.to[1], "school-7") == 0 &&
		    p2.priority == PRIORITY_URGENT && p2.registered_by_ms == 1 && p2.respond_by_ms == 2 && p2.expires_ms == 3);
	for (size_t n = 0; n < v.n; n++)
		assert_int_equal(row_decode_party(SPAN(v.p, n), mem, &p2), ERR_CORRUPT);
	v = row_share(&s, mem);
	assert_int_equal(row_decode_share(v, &s2), OK);
	assert_memory_equal(&s, &s2, sizeof(s));
	assert_int_equal(row_decode_share(SPAN(v.p, v.n - 1), &s2), ERR_CORRUPT);
	v = row_dead(&dead, mem);
	assert_int_equal(row_decode_dead(v, &dead2), OK);
	assert_true(dead2.submit == 3 && dead2.code == 1606 && dead2.at_ms == 77 && strcmp(dead2.from, "gp") == 0);
	assert_int_equal(row_decode_dead(SPAN(v.p, v.n - 1), &dead2), ERR_CORRUPT);
	v = row_stages(STAGES_AT(STAGE_REGISTERED) | STAGES_SAID_EXPIRED, mem);
	assert_int_equal(v.n, 2);
	assert_int_equal(row_decode_stages(v, &bits), OK);
	assert_int_equal(bits, STAGES_AT(STAGE_REGISTERED) | STAGES_SAID_EXPIRED);
	assert_int_equal(row_decode_stages(SPAN(v.p, 1), &bits), ERR_CORRUPT);
}

/* The same of what a message owes, of what an agency offers, and of the directory and the key sheets. */
static void
values_of_the_rest_return(void **state)
{
	struct clock_row k = { .since_ms = 1, .registered_by_ms = 2, .respond_by_ms = 3, .expires_ms = -4, .priority = PRIORITY_EMERGENCY,
			       .place = 5, .from = "gp", .id.b = { 6 }, .hash.b = { 7 }, .thread.b = { 8 } }, k2;
	struct due_row due = { .fact = NOTICE_LATE_REGISTERED, .priority = PRIORITY_ROUTINE, .from = "gp", .to = "ozd" }, due2;
	struct closed_row closed;
	struct closes_row closes;
	struct offer_row offer = { .leaf = 9, .created_ms = 10, .is_ended = true }, offer2;
	struct directory_row d = { .since_ms = 11, .leaf = 12, .bytes = SPAN_LIT("agencies"), .note = SPAN_LIT("signed") }, d2;
	struct sheet_row sheet = { .leaf = 13, .bytes = SPAN_LIT("keys") }, sheet2;
	struct span v;

	(void)state;
	v = row_clock(&k, mem);
	assert_int_equal(row_decode_clock(v, mem, &k2), OK);
	assert_true(k2.since_ms == 1 && k2.registered_by_ms == 2 && k2.respond_by_ms == 3 && k2.expires_ms == -4);
	assert_true(k2.priority == PRIORITY_EMERGENCY && k2.place == 5 && strcmp(k2.from, "gp") == 0);
	assert_memory_equal(&k.id, &k2.id, sizeof(k.id));
	assert_memory_equal(&k.hash, &k2.hash, sizeof(k.hash));
	assert_memory_equal(&k.thread, &k2.thread, sizeof(k.thread));
	for (size_t n = 0; n < v.n; n++)
		assert_int_equal(row_decode_clock(SPAN(v.p, n), mem, &k2), ERR_CORRUPT);
	v = row_closed(&(struct closed_row){ .clock = k, .answers = { 21, 22 }, .n_answers = 2 }, mem);
	assert_int_equal(row_decode_closed(v, mem, &closed), OK);
	assert_true(closed.clock.respond_by_ms == 3 && strcmp(closed.clock.from, "gp") == 0 && closed.clock.place == 5);
	assert_true(closed.n_answers == 2 && closed.answers[0] == 21 && closed.answers[1] == 22);
	assert_int_equal(row_decode_closed(SPAN(v.p, v.n - 1), mem, &closed), ERR_CORRUPT);
	v = row_closes(&(struct closes_row){ .others = { 31 }, .n_others = 1, .own = { 32, 33 }, .n_own = 2 }, mem);
	assert_int_equal(row_decode_closes(v, &closes), OK);
	assert_true(closes.n_others == 1 && closes.others[0] == 31 && closes.n_own == 2 && closes.own[1] == 33);
	assert_int_equal(row_decode_closes(SPAN(v.p, v.n - 1), &closes), ERR_CORRUPT);
	v = row_due(&due, mem);
	assert_int_equal(row_decode_due(v, mem, &due2), OK);
	assert_true(due2.fact == NOTICE_LATE_REGISTERED && due2.priority == PRIORITY_ROUTINE && strcmp(due2.from, "gp") == 0 && strcmp(due2.to, "ozd") == 0);
	assert_int_equal(row_decode_due(SPAN(v.p, v.n - 1), mem, &due2), ERR_CORRUPT);
	v = row_offer(&offer, mem);
	assert_int_equal(row_decode_offer(v, &offer2), OK);
	assert_true(offer2.leaf == 9 && offer2.created_ms == 10 && offer2.is_ended);
	assert_int_equal(row_decode_offer(SPAN(v.p, v.n - 1), &offer2), ERR_CORRUPT);
	v = row_directory(&d, mem);
	assert_int_equal(row_decode_directory(v, &d2), OK);
	assert_true(d2.since_ms == 11 && d2.leaf == 12 && span_eq(d.bytes, d2.bytes) && span_eq(d.note, d2.note));
	assert_int_equal(row_decode_directory(SPAN(v.p, v.n - 1), &d2), ERR_CORRUPT);
	v = row_sheet(&sheet, mem);
	assert_int_equal(row_decode_sheet(v, &sheet2), OK);
	assert_true(sheet2.leaf == 13 && span_eq(sheet.bytes, sheet2.bytes));
	assert_int_equal(row_decode_sheet(SPAN(v.p, v.n - 1), &sheet2), ERR_CORRUPT);
}

/* A count that the struct has no room for is refused, and nothing is written past its end. */
static void
too_many_names(void **state)
{
	struct thread_row t;
	struct party_row p;
	struct buf b;

	(void)state;
	buf_init(&b, mem);
	buf_u8(&b, ENVELOPE_TO_MAX + 2);
	for (int i = 0; i < ENVELOPE_TO_MAX + 2; i++) {
		buf_u8(&b, 1);
		buf_add(&b, "a", 1);
		buf_u64(&b, 1);
		buf_u64(&b, 1);
	}
	assert_int_equal(row_decode_thread(buf_bytes(&b), mem, &t), ERR_CORRUPT);
	buf_init(&b, mem);
	buf_u8(&b, PRIORITY_ROUTINE);
	for (int i = 0; i < 3; i++)
		buf_u64(&b, 0);
	buf_u8(&b, 1);
	buf_add(&b, "a", 1);
	buf_u8(&b, ENVELOPE_TO_MAX + 1);
	for (int i = 0; i < ENVELOPE_TO_MAX + 1; i++) {
		buf_u8(&b, 1);
		buf_add(&b, "a", 1);
	}
	assert_int_equal(row_decode_party(buf_bytes(&b), mem, &p), ERR_CORRUPT);
}

/* No two bits of a stage row are the same: what was said is never taken for a stage, nor a stage for an end. */
static void
stage_bits_differ(void **state)
{
	static const unsigned bits[] = {
		STAGES_AT(STAGE_STORED), STAGES_AT(STAGE_DELIVERED), STAGES_AT(STAGE_REGISTERED), STAGES_AT(STAGE_SEEN),
		STAGES_AT(STAGE_REFUSED), STAGES_AT(STAGE_RESEAL), STAGES_WITHDRAWN, STAGES_SUPERSEDED, STAGES_CONFLICT, STAGES_CLOSED,
		STAGES_SAID_HALF_TIME, STAGES_SAID_LATE, STAGES_SAID_NO_ANSWER, STAGES_SAID_EXPIRING, STAGES_SAID_EXPIRED,
	};
	unsigned all = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		assert_int_equal(all & bits[i], 0);
		assert_true(bits[i] <= UINT16_MAX && bits[i] != 0);
		all |= bits[i];
	}
	assert_int_equal(STAGES_END & (STAGES_CLOSED | STAGES_CONFLICT | STAGES_SAID_EXPIRED | STAGES_AT(STAGE_SEEN)), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(queue_keys_sort), cmocka_unit_test(values_return), cmocka_unit_test(values_of_the_rest_return),
					    cmocka_unit_test(too_many_names),
					    cmocka_unit_test(stage_bits_differ) };
	int failed;

	mem = arena_new(1 << 20);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(mem);
	return failed;
}
