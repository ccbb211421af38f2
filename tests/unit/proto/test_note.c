/* SPDX-License-Identifier: EUPL-1.2 */
/* note - C2SP notes and checkpoints: Go's published example verifies, ours verify, and what is changed does not. */
#include "trust_world.h"

/* The example of Go's golang.org/x/mod/sumdb/note documentation. */
#define PETER "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define PETER_NOTE                                                                                                          \
	"If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"        \
	"\xe2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"

static const struct span text = SPAN_LIT("hello\nworld\n");

/* Another implementation's key and note are read, and its key is written back the same. */
static void
test_go_example(void **state)
{
	struct arena *mem = arena_new(1 << 20);
	struct note_verifier v;
	struct span got;
	uint64_t valid;

	(void)state;
	assert_int_equal(note_verifier_parse(PETER, mem, &v), OK);
	assert_string_equal(note_verifier_format(&v, mem), PETER);
	assert_int_equal(note_verify(SPAN_LIT(PETER_NOTE), &v, 1, &got, &valid), OK);
	assert_int_equal(valid, 1);
	assert_int_equal(got.n, 99);
	arena_free(mem);
}

/* Each signer is told apart; a signature can be added once; an unknown signer is ignored. */
static void
test_sign_and_add(void **state)
{
	struct world *w = world_new();
	const struct note_signer two[2] = { { "registrar-1", w->registrars[0] }, { "registrar-2", w->registrars[1] } };
	const struct note_signer third = { "registrar-3", w->registrars[2] };
	struct span note, more, got;
	uint64_t valid;

	(void)state;
	assert_int_equal(note_sign(text, two, 2, w->mem, &note), OK);
	assert_int_equal(note_verify(note, w->draft.registrars, 3, &got, &valid), OK);
	assert_int_equal(valid, 3);
	assert_true(span_eq(got, text));
	assert_int_equal(note_add(note, &third, w->mem, &more), OK);
	assert_int_equal(note_verify(more, w->draft.registrars, 3, &got, &valid), OK);
	assert_int_equal(valid, 7);
	assert_int_equal(note_add(more, &third, w->mem, &more), ERR_EXISTS);
	assert_int_equal(note_verify(note, &w->draft.registrars[2], 1, &got, &valid), OK);
	assert_int_equal(valid, 0);
	world_free(w);
}

/* Any one bit of a note changed: it is malformed, or the signature wrong, or no longer this signer's. */
static void
test_every_bit(void **state)
{
	struct world *w = world_new();
	const struct note_signer signer = { "registrar-1", w->registrars[0] };
	struct span note, got;
	uint64_t valid;
	uint8_t copy[512];

	(void)state;
	assert_int_equal(note_sign(text, &signer, 1, w->mem, &note), OK);
	for (size_t bit = 0; bit < 8 * note.n; bit++) {
		memcpy(copy, note.p, note.n);
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (note_verify(SPAN(copy, note.n), w->draft.registrars, 3, &got, &valid) == OK && valid != 0)
			fail_msg("bit %zu", bit);
	}
	for (size_t n = 0; n < note.n; n++)
		if (note_verify(SPAN(note.p, n), w->draft.registrars, 3, &got, &valid) == OK && valid != 0)
			fail_msg("cut to %zu", n);
	world_free(w);
}

/* Texts and names that cannot be a note's are refused when signing and when reading. */
static void
test_malformed(void **state)
{
	static const char *const names[] = { "", "a b", "a+b", "a\n", "a\xc2\xa0z", "a\xe2\x80\x89z", "\xff" };
	static const char *const notes[] = {
		"", "\n", "a\n", "a\n\n", "a\n\nb\n", "a\n\n\xe2\x80\x94 x\n", "a\n\n\xe2\x80\x94 x AAAA\n", "a\x01\n\n\xe2\x80\x94 x AAAAAAAA\n",
		"a\n\n\xe2\x80\x94 x AAAAAAA\n",
	};
	struct world *w = world_new();
	struct note_signer s = { "n", w->registrars[0] };
	struct span note, got;
	uint64_t valid;

	(void)state;
	assert_int_equal(note_sign(SPAN_LIT("no newline"), &s, 1, w->mem, &note), ERR_FORMAT);
	assert_int_equal(note_sign(SPAN_LIT("\x01\n"), &s, 1, w->mem, &note), ERR_FORMAT);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		s.name = names[i];
		assert_int_equal(note_sign(text, &s, 1, w->mem, &note), ERR_FORMAT);
	}
	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		if (i != 6)
			assert_int_equal(note_verify(span_str(notes[i]), NULL, 0, &got, &valid), ERR_FORMAT);
	world_free(w);
}

/* Verifier keys with another hash, length, algorithm or name are refused. */
static void
test_bad_verifiers(void **state)
{
	static const char *const bad[] = {
		"", "a", "a+b", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumanx+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10Q=",
		"PeterNeumann+c74f20a3+AhpcQcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWx", "PeterNeumann+c74f20a3+",
		"+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
	};
	struct arena *mem = arena_new(1 << 20);
	struct note_verifier v;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(note_verifier_parse(bad[i], mem, &v), ERR_FORMAT);
	arena_free(mem);
}

/* A checkpoint comes back as it was signed; another log's, a malformed one, and an unsigned one do not. */
static void
test_checkpoint(void **state)
{
	static const char *const bad[] = {
		"log\n1\n", "log\n01\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", "log\n-1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
		"log\n1\nAAAA\n", "other\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
		"log\n99999999999999999999\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
		"log\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\nx\n",
	};
	struct world *w = world_new();
	const struct note_signer signer = { "log", w->log };
	const struct note_verifier v = { "log", *key_public(w->log) }, other = { "log", *key_public(w->notice) };
	struct checkpoint c = { "log", 123456789, { { 1, 2, 3 } } }, got;
	struct span note;

	(void)state;
	assert_int_equal(checkpoint_sign(&c, &signer, w->mem, &note), OK);
	assert_int_equal(checkpoint_open(note, &v, w->mem, &got), OK);
	assert_true(got.size == c.size && hash_eq(&got.root, &c.root));
	assert_string_equal(got.origin, "log");
	assert_int_equal(checkpoint_open(note, &other, w->mem, &got), ERR_BAD_SIGNATURE);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(note_sign(span_str(bad[i]), &signer, 1, w->mem, &note), OK);
		assert_int_equal(checkpoint_open(note, &v, w->mem, &got), ERR_FORMAT);
	}
	world_free(w);
}

/* Base64 has one form: stray bits, missing padding and blanks are refused. */
static void
test_base64(void **state)
{
	static const char *const bad[] = { "QQ", "QR==", "Q Q=", "QQ==\n", "Q===", "-_==" };
	struct arena *mem = arena_new(1 << 20);
	struct span got;

	(void)state;
	assert_string_equal(note_base64(SPAN_LIT("A"), mem), "QQ==");
	assert_int_equal(note_unbase64(SPAN_LIT("QQ=="), mem, &got), OK);
	assert_true(span_eq(got, SPAN_LIT("A")));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(note_unbase64(span_str(bad[i]), mem, &got), ERR_FORMAT);
	arena_free(mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_go_example),    cmocka_unit_test(test_sign_and_add), cmocka_unit_test(test_every_bit),
		cmocka_unit_test(test_malformed),     cmocka_unit_test(test_bad_verifiers), cmocka_unit_test(test_checkpoint),
		cmocka_unit_test(test_base64),
	};

	return cmocka_run_group_tests_name("note", tests, NULL, NULL);
}
