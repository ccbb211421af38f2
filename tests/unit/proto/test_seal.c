/* SPDX-License-Identifier: EUPL-1.2 */
/* seal - closing a record: determinism, the padding ladder, and what cannot be sealed. */
#include "trust_world.h"

/* What is sealed opens for each recipient to the same record. */
static void
test_round_trip(void **state)
{
	struct world *w = world_new();
	struct envelope env = world_seal(w, 2), back;
	struct record *record;
	struct span bytes;
	struct why why = { 0 };

	(void)state;
	assert_int_equal(envelope_encode(&env, w->mem, &bytes), OK);
	assert_int_equal(envelope_decode(bytes, w->mem, &back, &why), OK);
	assert_true(hash_eq(&back.hash, &env.hash));
	for (unsigned i = 1; i <= 2; i++) {
		assert_int_equal(world_open(w, i, &back, w->mem, &record, &why), OK);
		assert_string_equal(record->referral->child->family, w->record->referral->child->family);
		assert_int_equal(*record->referral->respond_by, *w->record->referral->respond_by);
	}
	world_free(w);
}

/* The same key, header and record give the same bytes; another key gives others in every sealed part. */
static void
test_deterministic(void **state)
{
	struct world *w = world_new();
	struct envelope a = world_seal(w, 1), b = world_seal(w, 1), c;

	(void)state;
	assert_true(span_eq(a.header_bytes, b.header_bytes) && span_eq(a.body, b.body));
	w->cek[0] ^= 1;
	c = world_seal(w, 1);
	assert_false(span_eq(a.body, c.body));
	assert_false(span_eq(a.header.wraps[0].box, c.header.wraps[0].box));
	assert_false(span_eq(a.header.capsule, c.header.capsule));
	assert_false(hash_eq(&a.header.commit, &c.header.commit));
	for (size_t i = 0; i < WORLD_AUDITORS; i++) {
		assert_false(span_eq(a.header.shares[i].box, c.header.shares[i].box));
		assert_false(hash_eq(&a.header.shares[i].hash, &c.header.shares[i].hash));
	}
	world_free(w);
}

/* A body's length tells the step of the ladder and no more: 1 KiB for a short record, 4 KiB for one beyond it. */
static void
test_ladder(void **state)
{
	struct world *w = world_new();
	struct envelope env = world_seal(w, 1);
	char text[2001];

	(void)state;
	assert_int_equal(env.body.n, 1024 + 16);
	memset(text, 'x', 2000);
	text[2000] = '\0';
	w->record->referral->reason_text = text;
	env = world_seal(w, 1);
	assert_int_equal(env.body.n, 4096 + 16);
	world_free(w);
}

/* Nothing is sealed to an agency outside the directory, to one without a key sheet, or to a key that takes no box. */
static void
test_refusals(void **state)
{
	struct world *w = world_new();
	struct header h = world_header(1);
	struct envelope env;
	struct sheets none = { NULL, 0 };
	struct why why = { 0 };

	(void)state;
	h.to[0] = "nobody";
	assert_int_equal(seal_record(&h, w->record, w->directory, &w->sheets, key_id(w->signing[0]), w->cek, w->mem, &env, &why),
			 ERR_UNKNOWN_AGENCY);
	h = world_header(1);
	assert_int_equal(seal_record(&h, w->record, w->directory, &none, key_id(w->signing[0]), w->cek, w->mem, &env, &why),
			 ERR_UNKNOWN_KEY);
	memset(w->sheet[1]->sealing[0].pub.b, 0, KEY_LEN);
	assert_int_equal(seal_record(&h, w->record, w->directory, &w->sheets, key_id(w->signing[0]), w->cek, w->mem, &env, &why),
			 ERR_UNKNOWN_KEY);
	world_free(w);
}

/* A header that its class does not allow is not sealed at all. */
static void
test_checks_header(void **state)
{
	struct world *w = world_new();
	struct header h = world_header(1);
	struct envelope env;
	struct why why = { 0 };

	(void)state;
	h.seq = 0;
	assert_int_equal(seal_record(&h, w->record, w->directory, &w->sheets, key_id(w->signing[0]), w->cek, w->mem, &env, &why),
			 ERR_FORMAT);
	assert_string_equal(why.where, "seq");
	world_free(w);
}

/* The newest sheet of an agency is the one that is sealed to. */
static void
test_newest_sheet(void **state)
{
	struct world *w = world_new();
	struct sheet older = *w->sheet[1], newer = *w->sheet[1];
	const struct sheet *items[] = { w->sheet[0], &newer, &older };
	const struct sheets sheets = { items, 3 };

	(void)state;
	older.version = 1;
	newer.version = 2;
	assert_ptr_equal(sheets_find(&sheets, world_ids[1]), &newer);
	assert_null(sheets_find(&sheets, "nobody"));
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),    cmocka_unit_test(test_deterministic), cmocka_unit_test(test_ladder),
		cmocka_unit_test(test_refusals),      cmocka_unit_test(test_checks_header), cmocka_unit_test(test_newest_sheet),
	};

	return cmocka_run_group_tests_name("seal", tests, NULL, NULL);
}
