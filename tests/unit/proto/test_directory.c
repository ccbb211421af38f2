/* SPDX-License-Identifier: EUPL-1.2 */
/* directory - opened by the right registrars only, never going back; and what it answers. */
#include "trust_world.h"

static enum err
open_note(struct world *w, struct span note, unsigned threshold, uint64_t last, int64_t now_ms)
{
	const struct trust trust = { w->draft.registrars, WORLD_REGISTRARS, threshold };
	struct directory *d;
	struct why why;

	return directory_open(note, &trust, last, now_ms, w->mem, &d, &why);
}

/* Encoding what was decoded gives the same bytes; ids of keys and the hash are computed. */
static void
test_round_trip(void **state)
{
	struct world *w = world_new();
	struct directory *d = w->directory;
	struct span a, b;
	struct key_id id;

	(void)state;
	assert_int_equal(directory_encode(&w->draft, w->mem, &a), OK);
	assert_int_equal(directory_encode(d, w->mem, &b), OK);
	assert_true(span_eq(a, b));
	key_id_of(KEY_SIGNING, &d->agencies[1].signing, &id);
	assert_true(key_id_eq(&id, &d->agencies[1].signing_id));
	assert_true(key_id_eq(&d->auditors[0].id, key_id(w->auditors[0])));
	world_free(w);
}

/* As many registrars as the threshold open it, fewer do not, and the same one twice counts once. */
static void
test_quorum(void **state)
{
	struct world *w = world_new();
	const struct note_signer twice[2] = { { "registrar-1", w->registrars[0] }, { "registrar-1", w->registrars[0] } };
	struct span text, note;

	(void)state;
	assert_int_equal(open_note(w, world_sign_directory(w, &w->draft, 0, 1), 2, 0, WORLD_NOW), ERR_QUORUM);
	assert_int_equal(open_note(w, world_sign_directory(w, &w->draft, 1, 3), 2, 0, WORLD_NOW), OK);
	assert_int_equal(open_note(w, world_sign_directory(w, &w->draft, 0, 2), 3, 0, WORLD_NOW), ERR_QUORUM);
	assert_int_equal(directory_text(&w->draft, w->mem, &text), OK);
	assert_int_equal(open_note(w, text, 2, 0, WORLD_NOW), ERR_QUORUM);	/* by nobody: the same remedy, and no word of its form */
	assert_int_equal(open_note(w, SPAN(text.p, text.n - 1), 2, 0, WORLD_NOW), ERR_FORMAT);
	assert_int_equal(open_note(w, SPAN_LIT("registrars:\n  threshold: 2\n"), 2, 0, WORLD_NOW), ERR_FORMAT);
	assert_int_equal(note_sign(text, twice, 2, w->mem, &note), OK);
	assert_int_equal(open_note(w, note, 2, 0, WORLD_NOW), ERR_QUORUM);
	world_free(w);
}

/* A new set of registrars needs the old threshold and its own: neither alone is enough. */
static void
test_new_registrars(void **state)
{
	struct world *w = world_new();
	struct key *fresh[2] = { world_key(KEY_REGISTRAR, 70), world_key(KEY_REGISTRAR, 71) };
	struct note_verifier verifiers[2] = { { "new-1", *key_public(fresh[0]) }, { "new-2", *key_public(fresh[1]) } };
	struct note_signer all[4] = { { "registrar-1", w->registrars[0] }, { "registrar-2", w->registrars[1] },
				      { "new-1", fresh[0] }, { "new-2", fresh[1] } };
	struct directory next = w->draft;
	struct span text, note;

	(void)state;
	next.version = 8;
	next.registrars = verifiers;
	next.n_registrars = 2;
	next.registrar_threshold = 2;
	assert_int_equal(directory_text(&next, w->mem, &text), OK);
	assert_int_equal(note_sign(text, all, 4, w->mem, &note), OK);
	assert_int_equal(open_note(w, note, 2, 7, WORLD_NOW), OK);
	assert_int_equal(note_sign(text, all, 3, w->mem, &note), OK);
	assert_int_equal(open_note(w, note, 2, 7, WORLD_NOW), ERR_QUORUM);
	assert_int_equal(note_sign(text, all + 1, 3, w->mem, &note), OK);
	assert_int_equal(open_note(w, note, 2, 7, WORLD_NOW), ERR_QUORUM);
	key_free(fresh[0]);
	key_free(fresh[1]);
	world_free(w);
}

/* An older version than one seen is refused, the same is not; time is judged at both ends and not at all for 0. */
static void
test_freshness(void **state)
{
	struct world *w = world_new();

	(void)state;
	assert_int_equal(open_note(w, w->note, 2, 7, WORLD_NOW), OK);
	assert_int_equal(open_note(w, w->note, 2, 8, WORLD_NOW), ERR_STALE);
	assert_int_equal(open_note(w, w->note, 2, 0, w->draft.valid_until_ms), OK);
	assert_int_equal(open_note(w, w->note, 2, 0, w->draft.valid_until_ms + 1), ERR_EXPIRED);
	assert_int_equal(open_note(w, w->note, 2, 0, w->draft.valid_from_ms - 1), ERR_EXPIRED);
	assert_int_equal(open_note(w, w->note, 2, 0, 0), OK);
	world_free(w);
}

/* The text that people sign is exactly the one made of the content: another version line or wrapping is refused. */
static void
test_text(void **state)
{
	struct world *w = world_new();
	const struct note_signer two[2] = { { "registrar-1", w->registrars[0] }, { "registrar-2", w->registrars[1] } };
	struct span text, note;
	char *copy;

	(void)state;
	assert_int_equal(directory_text(&w->draft, w->mem, &text), OK);
	copy = arena_strn(w->mem, text.p, text.n);
	*strchr(copy, '7') = '6';
	assert_int_equal(note_sign(span_str(copy), two, 2, w->mem, &note), OK);
	assert_int_equal(open_note(w, note, 2, 0, WORLD_NOW), ERR_FORMAT);
	copy = arena_fmt(w->mem, "%.*s\n", (int)text.n, (const char *)text.p);
	assert_int_equal(note_sign(span_str(copy), two, 2, w->mem, &note), OK);
	assert_int_equal(open_note(w, note, 2, 0, WORLD_NOW), ERR_FORMAT);
	assert_int_equal(note_sign(SPAN_LIT("nasoka directory v1\nversion 7\n"), two, 2, w->mem, &note), OK);
	assert_int_equal(open_note(w, note, 2, 0, WORLD_NOW), ERR_FORMAT);
	world_free(w);
}

/* Any byte of a directory changed or cut off is refused, or is another well-formed directory, whose note would not verify. */
static void
test_bytes(void **state)
{
	struct world *w = world_new();
	struct arena *mem = arena_new(1 << 20);
	struct directory *d;
	struct span bytes;
	uint8_t *copy;
	struct why why;

	(void)state;
	assert_int_equal(directory_encode(&w->draft, w->mem, &bytes), OK);
	copy = arena_copy(w->mem, bytes.p, bytes.n);
	for (size_t i = 0; i < bytes.n; i++) {
		arena_reset(mem);
		assert_int_not_equal(directory_decode(SPAN(bytes.p, i), mem, &d, &why), OK);
		copy[i] ^= 0x55;
		if (directory_decode(SPAN(copy, bytes.n), mem, &d, &why) == OK)
			assert_false(hash_eq(&d->hash, &w->directory->hash));
		copy[i] ^= 0x55;
	}
	arena_free(mem);
	world_free(w);
}

/* Rules name an agency, a kind, or all; nobody may write to itself or from outside. */
static void
test_questions(void **state)
{
	struct world *w = world_new();
	const struct directory *d = w->directory;

	(void)state;
	assert_true(directory_may_send(d, "plovdiv-gp", "plovdiv-school"));
	assert_true(directory_may_send(d, "plovdiv-school", "plovdiv-ozd"));
	assert_false(directory_may_send(d, "plovdiv-school", "plovdiv-gp"));
	assert_false(directory_may_send(d, "plovdiv-gp", "plovdiv-gp"));
	assert_false(directory_may_send(d, "plovdiv-gp", "nobody"));
	assert_false(directory_may_send(d, "nobody", "plovdiv-gp"));
	assert_false(directory_may_send(d, NULL, NULL));
	assert_string_equal(directory_coordinator(d, "PDV22"), "plovdiv-ozd");
	assert_null(directory_coordinator(d, "PDV01"));
	assert_null(directory_coordinator(d, NULL));
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_quorum), cmocka_unit_test(test_new_registrars),
		cmocka_unit_test(test_freshness),  cmocka_unit_test(test_text),	  cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_questions),
	};

	return cmocka_run_group_tests_name("directory", tests, NULL, NULL);
}
