/* SPDX-License-Identifier: EUPL-1.2 */
/* seal_open - what a recipient refuses: every flipped bit, and every envelope whose parts are well made but disagree. And what
 * auditors can do alone, and k of them together.
 */
#include "trust_world.h"

#include <sodium.h>

#include "proto/seal_keys.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STRIDE_SIGNED 61	/* of the bits flipped: sanitizers are slow */
#define STRIDE_RESIGNED 211
#else	/* all of them: the suite `whole` runs this build */
#define STRIDE_SIGNED 1
#define STRIDE_RESIGNED 1
#endif

static const uint8_t other_cek[32] = { 0xee, 1, 2, 3 };

/* Encode `h`, close the record again under it with `cek`, sign: a sender that does everything right but for what it changed. */
static struct envelope
close_again(struct world *w, const struct header *h, const uint8_t cek[32])
{
	struct envelope env = { .header = *h }, *batch[1] = { &env };
	struct span plain;
	struct why why;

	assert_int_equal(record_encode(w->record, w->mem, &plain, &why), OK);
	assert_int_equal(header_encode(h, w->mem, &env.header_bytes), OK);
	assert_int_equal(keys_close(cek, env.header_bytes, plain, w->mem, &env.body), OK);
	envelope_hash(env.header_bytes, env.body, &env.hash);
	assert_int_equal(envelope_sign(batch, 1, w->signing[0], w->mem), OK);
	return env;
}

/* Both recipients of `env` refuse it, each with one of the two errors given. */
static void
assert_refused(struct world *w, const struct envelope *env, enum err one, enum err other)
{
	struct record *record = NULL;
	struct why why = { 0 };

	for (unsigned i = 1; i <= env->header.n_to; i++) {
		enum err e = world_open(w, i, env, w->mem, &record, &why);

		if (e != one && e != other)
			fail_msg("recipient %u: %s (%s: %s)", i, err_name(e), why.where, why.text);
		assert_null(record);
	}
}

/* Any one bit of a signed envelope flipped, in any part of it, is refused; the untouched one opens. */
static void
test_every_bit(void **state)
{
	struct world *w = world_new();
	struct envelope a = world_seal(w, 2), b, c, *batch[3] = { &b, &a, &c };
	struct arena *mem = arena_new(4 * 1024 * 1024);
	struct span bytes;
	uint8_t *copy;
	struct why why;

	(void)state;
	w->cek[1] ^= 1;
	b = world_seal(w, 1);
	w->cek[1] ^= 2;
	c = world_seal(w, 1);
	assert_int_equal(envelope_sign(batch, 3, w->signing[0], w->mem), OK);
	assert_int_equal(a.signature.n_path, 2);
	assert_int_equal(envelope_encode(&a, w->mem, &bytes), OK);
	copy = malloc(bytes.n);
	assert_non_null(copy);
	memcpy(copy, bytes.p, bytes.n);
	for (size_t bit = 0; bit <= 8 * bytes.n; bit += STRIDE_SIGNED) {
		struct record *record;
		struct envelope got;
		enum err e;

		if (bit > 0)
			copy[(bit - 1) / 8] ^= (uint8_t)(1u << (bit - 1) % 8);
		arena_reset(mem);
		e = envelope_decode(SPAN(copy, bytes.n), mem, &got, &why);
		if (e == OK)
			e = world_open(w, 1, &got, mem, &record, &why);
		if ((e == OK) != (bit == 0))
			fail_msg("bit %zu of %zu: %s", bit, 8 * bytes.n, err_name(e));
		if (bit > 0)
			copy[(bit - 1) / 8] ^= (uint8_t)(1u << (bit - 1) % 8);
	}
	printf("# figure every bit: %zu of the %zu bits of an envelope flipped\n", 8 * bytes.n / STRIDE_SIGNED, 8 * bytes.n);
	free(copy);
	arena_free(mem);
	world_free(w);
}

/* A sender who flips any one bit of header or body and signs the result is refused all the same. */
static void
test_every_bit_signed_again(void **state)
{
	struct world *w = world_new();
	const struct envelope env = world_seal(w, 1);
	struct arena *mem = arena_new(4 * 1024 * 1024);
	size_t header_bits = 8 * env.header_bytes.n, bits = header_bits + 8 * env.body.n;
	struct why why;

	(void)state;
	for (size_t bit = 0; bit < bits; bit += STRIDE_RESIGNED) {
		struct envelope got = env, *batch[1] = { &got };
		struct record *record;
		uint8_t *part;
		size_t at = bit < header_bits ? bit : bit - header_bits;

		arena_reset(mem);
		got.header_bytes = arena_span(mem, env.header_bytes);
		got.body = arena_span(mem, env.body);
		part = (uint8_t *)(uintptr_t)(bit < header_bits ? got.header_bytes.p : got.body.p);
		part[at / 8] ^= (uint8_t)(1u << at % 8);
		if (header_decode(got.header_bytes, mem, &got.header, &why) != OK)
			continue;
		envelope_hash(got.header_bytes, got.body, &got.hash);
		if (envelope_sign(batch, 1, w->signing[0], mem) != OK)
			continue;
		if (world_open(w, 1, &got, mem, &record, &why) == OK)
			fail_msg("bit %zu of %zu", bit, bits);
	}
	printf("# figure every bit: %zu of the %zu bits of header and body flipped and signed again\n",
	       (bits + STRIDE_RESIGNED - 1) / STRIDE_RESIGNED, bits);
	arena_free(mem);
	world_free(w);
}

/* One auditor is given a wrong share in a well-made box with a matching hash: every recipient refuses, and so would the desk
 * of that auditor if the hash were the right one. */
static void
test_wrong_share(void **state)
{
	struct world *w = world_new();
	struct header h = world_seal(w, 2).header;
	struct addressee addressee;
	struct opened_share opened;
	uint8_t share[32] = { 42 };
	struct capsule capsule;
	struct envelope env;
	struct box box;
	struct hash right = h.shares[2].hash;
	struct why why;

	(void)state;
	addressee_auditor(3, key_public(w->auditors[2]), &addressee);
	assert_int_equal(keys_box(&h, w->cek, &addressee, share, &box), OK);
	h.shares[2].box = SPAN(box.b, box.n);
	keys_share_hash(3, share, &h.shares[2].hash);
	env = close_again(w, &h, w->cek);
	assert_refused(w, &env, ERR_INCONSISTENT, ERR_INCONSISTENT);
	assert_int_equal(seal_audit(&h, w->auditors[2], w->mem, &capsule, &opened, &why), OK);
	assert_true(opened.is_as_named);

	h.shares[2].hash = right;
	env = close_again(w, &h, w->cek);
	assert_refused(w, &env, ERR_INCONSISTENT, ERR_INCONSISTENT);
	assert_int_equal(seal_audit(&h, w->auditors[2], w->mem, &capsule, &opened, &why), OK);
	assert_false(opened.is_as_named);
	world_free(w);
}

/* A hash that is not the share's is refused though the box holds the right share. */
static void
test_wrong_share_hash(void **state)
{
	struct world *w = world_new();
	struct header h = world_seal(w, 2).header;
	struct envelope env;

	(void)state;
	h.shares[4].hash.b[31] ^= 0x80;
	env = close_again(w, &h, w->cek);
	assert_refused(w, &env, ERR_INCONSISTENT, ERR_INCONSISTENT);
	world_free(w);
}

/* One recipient is given another key than the rest: all refuse. */
static void
test_other_key_in_one_box(void **state)
{
	struct world *w = world_new();
	struct header h = world_seal(w, 2).header;
	struct addressee addressee;
	struct envelope env;
	struct box box;

	(void)state;
	addressee_recipient(&h, 1, key_public(w->sealing[2]), &addressee);
	assert_int_equal(keys_box(&h, other_cek, &addressee, NULL, &box), OK);
	h.wraps[1].box = SPAN(box.b, box.n);
	env = close_again(w, &h, w->cek);
	assert_refused(w, &env, ERR_INCONSISTENT, ERR_INCONSISTENT);
	world_free(w);
}

/* A capsule that tells auditors another story than the record is refused. */
static void
test_other_capsule(void **state)
{
	struct world *w = world_new();
	struct header h = world_seal(w, 2).header;
	uint8_t closed[ENVELOPE_CAPSULE_LEN];
	struct capsule capsule;
	struct envelope env;

	(void)state;
	capsule_of(w->record, &capsule);
	capsule.service_kind = "information";
	assert_int_equal(keys_capsule(&h, w->cek, &capsule, closed), OK);
	h.capsule = SPAN(closed, sizeof(closed));
	env = close_again(w, &h, w->cek);
	assert_refused(w, &env, ERR_INCONSISTENT, ERR_INCONSISTENT);
	world_free(w);
}

/* A wrap that names a key which is not its agency's is refused by its owner and by the others. */
static void
test_wrap_names_other_key(void **state)
{
	struct world *w = world_new();
	struct header h = world_seal(w, 2).header;
	struct envelope env;

	(void)state;
	h.wraps[1].key = h.wraps[0].key;
	env = close_again(w, &h, w->cek);
	assert_refused(w, &env, ERR_RESEAL, ERR_RESEAL);
	world_free(w);
}

/* An auditor left out, or two exchanged, is refused. */
static void
test_auditors_not_exact(void **state)
{
	struct world *w = world_new();
	struct header h = world_seal(w, 2).header;
	struct share swapped = h.shares[0];
	struct envelope env;

	(void)state;
	h.n_shares--;
	env = close_again(w, &h, w->cek);
	assert_refused(w, &env, ERR_INCONSISTENT, ERR_INCONSISTENT);
	h.n_shares++;
	h.shares[0].key = h.shares[1].key;
	h.shares[0].box = h.shares[1].box;
	h.shares[1].key = swapped.key;
	h.shares[1].box = swapped.box;
	env = close_again(w, &h, w->cek);
	assert_refused(w, &env, ERR_INCONSISTENT, ERR_INCONSISTENT);
	world_free(w);
}

/* Boxes out of another message of the same sender, or made with a random ephemeral key, are refused. */
static void
test_foreign_boxes(void **state)
{
	struct world *w = world_new();
	struct header h = world_seal(w, 1).header, other;
	uint8_t box[BOX_MAX], plain[BOX_MAX];
	struct envelope env;
	size_t n = h.wraps[0].box.n;

	(void)state;
	other = h;
	other.id.b[15] ^= 1;
	env = close_again(w, &other, w->cek);
	assert_refused(w, &env, ERR_INCONSISTENT, ERR_INCONSISTENT);

	assert_int_equal(crypto_box_seal_open(plain, h.wraps[0].box.p, n, key_public(w->sealing[1])->b, key_secret(w->sealing[1])), 0);
	crypto_box_seal(box, plain, n - crypto_box_SEALBYTES, key_public(w->sealing[1])->b);
	h.wraps[0].box = SPAN(box, n);
	env = close_again(w, &h, w->cek);
	assert_refused(w, &env, ERR_INCONSISTENT, ERR_INCONSISTENT);
	world_free(w);
}

/* A body closed with another key than the one committed to, or with more padding than its record needs, is refused. */
static void
test_wrong_body(void **state)
{
	struct world *w = world_new();
	struct header h = world_seal(w, 1).header;
	struct envelope env = close_again(w, &h, other_cek), *batch[1] = { &env };
	uint8_t plain[4096] = { 0 }, body[4096 + 16], key[32];
	static const uint8_t nonce[24];
	struct span record;
	struct why why;

	(void)state;
	assert_refused(w, &env, ERR_INCONSISTENT, ERR_INCONSISTENT);

	assert_int_equal(record_encode(w->record, w->mem, &record, &why), OK);
	memcpy(plain, record.p, record.n);
	plain[record.n] = 0x80;
	keys_body(w->cek, key);
	crypto_aead_xchacha20poly1305_ietf_encrypt(body, NULL, plain, sizeof(plain), env.header_bytes.p, env.header_bytes.n, NULL,
						   nonce, key);
	env.body = SPAN(body, sizeof(body));
	envelope_hash(env.header_bytes, env.body, &env.hash);
	assert_int_equal(envelope_sign(batch, 1, w->signing[0], w->mem), OK);
	assert_refused(w, &env, ERR_INCONSISTENT, ERR_INCONSISTENT);
	world_free(w);
}

/* A commitment to another key than the one that everything else is made of, consistently bound in everywhere, is refused: or one
 * ciphertext could be opened to two texts.
 */
static void
test_wrong_commit(void **state)
{
	struct world *w = world_new();
	struct header h = world_seal(w, 1).header;
	uint8_t closed[ENVELOPE_CAPSULE_LEN];
	struct box box, boxes[WORLD_AUDITORS];
	struct addressee addressee;
	struct capsule capsule;
	struct record *record;
	struct shares shares;
	struct envelope env;
	struct why why;

	(void)state;
	keys_commit(other_cek, &h.commit);
	addressee_recipient(&h, 0, key_public(w->sealing[1]), &addressee);
	assert_int_equal(keys_box(&h, w->cek, &addressee, NULL, &box), OK);
	h.wraps[0].box = SPAN(box.b, box.n);
	assert_int_equal(keys_shares(w->cek, 3, WORLD_AUDITORS, &shares), OK);
	for (uint32_t i = 0; i < WORLD_AUDITORS; i++) {
		addressee_auditor(i + 1, key_public(w->auditors[i]), &addressee);
		assert_int_equal(keys_box(&h, w->cek, &addressee, shares.b[i], &boxes[i]), OK);
		h.shares[i].box = SPAN(boxes[i].b, boxes[i].n);
	}
	capsule_of(w->record, &capsule);
	assert_int_equal(keys_capsule(&h, w->cek, &capsule, closed), OK);
	h.capsule = SPAN(closed, sizeof(closed));
	env = close_again(w, &h, w->cek);
	assert_int_equal(world_open(w, 1, &env, w->mem, &record, &why), ERR_INCONSISTENT);
	assert_string_equal(why.where, "commit");
	world_free(w);
}

/* The sender's key is the directory's, of the version named; an older version is told from a newer one. */
static void
test_sender(void **state)
{
	struct world *w = world_new();
	struct envelope env = world_seal(w, 1), *batch[1] = { &env };
	struct record *record;
	struct why why;

	(void)state;
	w->directory->version = 6;
	assert_int_equal(world_open(w, 1, &env, w->mem, &record, &why), ERR_BUSY);
	w->directory->version = 8;
	assert_int_equal(world_open(w, 1, &env, w->mem, &record, &why), ERR_UNKNOWN_KEY);
	w->directory->version = 7;
	env.signature.sig[0] ^= 1;
	assert_int_equal(world_open(w, 1, &env, w->mem, &record, &why), ERR_BAD_SIGNATURE);
	env.header.signing_key = *key_id(w->signing[1]);
	assert_int_equal(header_encode(&env.header, w->mem, &env.header_bytes), OK);
	envelope_hash(env.header_bytes, env.body, &env.hash);
	assert_int_equal(envelope_sign(batch, 1, w->signing[1], w->mem), OK);
	assert_int_equal(world_open(w, 1, &env, w->mem, &record, &why), ERR_UNKNOWN_KEY);
	env.header.from = "nobody";
	assert_int_equal(world_open(w, 1, &env, w->mem, &record, &why), ERR_UNKNOWN_AGENCY);
	world_free(w);
}

/* A message opens with an older sealing key that is still alive, and with no key of anybody else. */
static void
test_own_keys(void **state)
{
	struct world *w = world_new();
	struct envelope env = world_seal(w, 1);
	struct key *newer = world_key(KEY_SEALING, 50);
	const struct key *both[2] = { newer, w->sealing[1] }, *wrong[1] = { newer };
	const struct open_keys alive = { world_ids[1], both, 2 }, gone = { world_ids[1], wrong, 1 };
	struct record *record;
	struct why why;

	(void)state;
	assert_int_equal(seal_open(&env, w->directory, &w->sheets, &alive, w->mem, &record, &why), OK);
	assert_int_equal(seal_open(&env, w->directory, &w->sheets, &gone, w->mem, &record, &why), ERR_RESEAL);
	assert_int_equal(world_open(w, 2, &env, w->mem, &record, &why), ERR_CANNOT_OPEN);
	key_free(newer);
	world_free(w);
}

/* Any one auditor reads the capsule and nothing personal; any three of five read the record, two do not. */
static void
test_auditors(void **state)
{
	struct world *w = world_new();
	struct envelope env = world_seal(w, 1);
	struct opened_share s[WORLD_AUDITORS], some[3];
	struct capsule capsule;
	struct record *record;
	struct why why;

	(void)state;
	for (size_t i = 0; i < WORLD_AUDITORS; i++) {
		assert_int_equal(seal_audit(&env.header, w->auditors[i], w->mem, &capsule, &s[i], &why), OK);
		assert_true(s[i].is_as_named);
		assert_int_equal(s[i].auditor, i + 1);
		assert_string_equal(capsule.kind, "referral");
		assert_string_equal(capsule.state_to, "requested");
		assert_string_equal(capsule.municipality, "PDV22");
		assert_null(capsule.outcome);
		assert_memory_equal(capsule.case_id, w->record->case_id, 16);
	}
	for (size_t a = 0; a < WORLD_AUDITORS; a++)
		for (size_t b = a + 1; b < WORLD_AUDITORS; b++)
			for (size_t c = b + 1; c < WORLD_AUDITORS; c++) {
				some[0] = s[c], some[1] = s[a], some[2] = s[b];
				assert_int_equal(seal_combine(&env, some, 3, w->mem, &record, &why), OK);
				assert_string_equal(record->referral->child->given, "Проба");
				assert_int_equal(seal_combine(&env, some, 2, w->mem, &record, &why), ERR_QUORUM);
			}
	assert_int_equal(seal_combine(&env, s, 5, w->mem, &record, &why), OK);
	s[1].bytes[0] ^= 1;
	assert_int_equal(seal_combine(&env, s, 3, w->mem, &record, &why), ERR_QUORUM);
	s[1] = s[0];
	assert_int_equal(seal_combine(&env, s, 3, w->mem, &record, &why), ERR_FORMAT);
	assert_int_equal(seal_audit(&env.header, w->sealing[1], w->mem, &capsule, &s[0], &why), ERR_CANNOT_OPEN);
	world_free(w);
}

/* A receipt carries its sealed detail to the original sender only; without a detail it has no body. */
static void
test_receipt(void **state)
{
	struct world *w = world_new();
	struct header h = world_header(1);
	struct receipt_detail detail = { .case_no = "ПД-17/2026", .code = OK, .at_ms = WORLD_NOW }, got;
	struct envelope env, *batch[1] = { &env }, back;
	const struct key *own[1] = { w->sealing[1] };
	const struct open_keys keys = { world_ids[1], own, 1 };
	struct span bytes;
	struct why why = { 0 };

	(void)state;
	h.class = CLASS_RECEIPT;
	h.seq = 0;
	h.registered_by_ms = h.respond_by_ms = 0;
	h.in_reply_to = h.id;
	h.stage = STAGE_REGISTERED;
	memset(h.received.b, 5, sizeof(h.received.b));
	assert_int_equal(seal_receipt(&h, &detail, w->directory, &w->sheets, key_id(w->signing[0]), w->cek, w->mem, &env, &why), OK);
	assert_int_equal(envelope_sign(batch, 1, w->signing[0], w->mem), OK);
	assert_int_equal(envelope_encode(&env, w->mem, &bytes), OK);
	assert_int_equal(envelope_decode(bytes, w->mem, &back, &why), OK);
	assert_int_equal(seal_open_receipt(&back, w->directory, &keys, w->mem, &got, &why), OK);
	assert_string_equal(got.case_no, detail.case_no);
	assert_null(got.text);
	assert_int_equal(got.at_ms, WORLD_NOW);
	back.header.wraps[0].box = env.header.commit.b[0] ? SPAN(env.header.wraps[0].box.p, env.header.wraps[0].box.n - 1) : SPAN_NONE;
	assert_int_equal(seal_open_receipt(&back, w->directory, &keys, w->mem, &got, &why), ERR_CANNOT_OPEN);

	assert_int_equal(seal_receipt(&h, NULL, w->directory, &w->sheets, key_id(w->signing[0]), w->cek, w->mem, &env, &why), OK);
	assert_int_equal(env.body.n, 0);
	assert_int_equal(env.header.n_wraps, 0);
	assert_int_equal(envelope_sign(batch, 1, w->signing[0], w->mem), OK);
	assert_int_equal(seal_open_receipt(&env, w->directory, &keys, w->mem, &got, &why), OK);
	assert_null(got.case_no);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_bit),
		cmocka_unit_test(test_every_bit_signed_again),
		cmocka_unit_test(test_wrong_share),
		cmocka_unit_test(test_wrong_share_hash),
		cmocka_unit_test(test_other_key_in_one_box),
		cmocka_unit_test(test_other_capsule),
		cmocka_unit_test(test_wrap_names_other_key),
		cmocka_unit_test(test_auditors_not_exact),
		cmocka_unit_test(test_foreign_boxes),
		cmocka_unit_test(test_wrong_body),
		cmocka_unit_test(test_wrong_commit),
		cmocka_unit_test(test_sender),
		cmocka_unit_test(test_own_keys),
		cmocka_unit_test(test_auditors),
		cmocka_unit_test(test_receipt),
	};

	return cmocka_run_group_tests_name("seal_open", tests, NULL, NULL);
}
