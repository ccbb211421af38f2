/* SPDX-License-Identifier: EUPL-1.2 */
/* Tests of hub/ctl/keygen.c: who gets which files, and what is printed. */
#include "hub/ctl/keygen.h"

#include "tests/unit/hub/ctl/ctl_world.h"

static const struct command one = { "keygen", NULL, keygen_one_options, { "", "" }, .run = keygen_one };
static const struct command agency = { "keygen agency", NULL, keygen_agency_options, { "", "" }, .run = keygen_agency };
static const struct command hub = { "keygen hub", NULL, keygen_hub_options, { "", "" }, .run = keygen_hub };
static const struct command auditor = { "keygen auditor", NULL, keygen_person_options, { "", "" }, .run = keygen_auditor };
static const struct command registrar = { "keygen registrar", NULL, keygen_person_options, { "", "" }, .run = keygen_registrar };

/* An agency gets five keys that load by their use, and a sheet that its printed signing key verifies. */
static void
keygen_agency_makes_a_sheet(void **state)
{
	static const enum key_use uses[] = { KEY_SIGNING, KEY_SEALING, KEY_TRANSPORT, KEY_WITNESS, KEY_LOCAL };
	struct world *w = *state;
	struct directory *d = world_directory(w);
	struct sheet *sheet;
	struct span bytes;
	struct why why;
	struct key *key;

	assert_int_equal(WORLD_RUN(w, &agency, "keygen", "agency", "--agency", "a-gp", "--dir", "%/a", "--sealing-days", "14"), 0);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(key_load(world_path(w, arena_fmt(w->mem, "a/%s.key", key_use_name(uses[i]))), uses[i], &key, &why), OK);
		if (uses[i] == KEY_SIGNING)
			d->agencies[0].signing = *key_public(key);
		key_free(key);
	}
	assert_non_null(strstr(w->out, "id: a-gp\nsigning: "));
	assert_int_equal(plainfile_read(world_path(w, "a/a-gp.sheet"), SHEET_MAX, w->mem, &bytes, &why), OK);
	assert_int_equal(sheet_open(bytes, d, 0, w->mem, &sheet, &why), OK);
	assert_int_equal(sheet->sealing[0].not_after_ms - sheet->made_ms, 14 * CLOCK_DAY);
	assert_int_equal(WORLD_RUN(w, &agency, "keygen", "agency", "--agency", "a-gp", "--dir", "%/a"), EXIT_FAILED);
	assert_non_null(strstr(w->err, "NSK-1007"));
}

/* The hub's facts hold three public keys and the verifier key of its log, and the folder of month keys is made. */
static void
keygen_hub_makes_facts(void **state)
{
	struct world *w = *state;
	struct note_verifier v;
	struct key *key;
	struct why why;
	char *text;

	assert_int_equal(WORLD_RUN(w, &hub, "keygen", "hub", "--dir", "%/h", "--kek-dir", "%/kek", "--origin", "hub.test/log"), 0);
	text = strstr(w->out, "verifier: ");
	assert_non_null(text);
	text[strcspn(text, "\n")] = '\0';
	assert_int_equal(note_verifier_parse(text + strlen("verifier: "), w->mem, &v), OK);
	assert_int_equal(key_load(world_path(w, "h/log.key"), KEY_LOG, &key, &why), OK);
	assert_memory_equal(v.pub.b, key_public(key)->b, KEY_LEN);
	key_free(key);
	assert_int_equal(access(world_path(w, "kek"), W_OK), 0);
	assert_int_equal(access(world_path(w, "h/hub.yaml"), R_OK), 0);
}

/* Persons and single keys: files by name, a registrar's verifier key in a line of its own. */
static void
keygen_persons(void **state)
{
	struct world *w = *state;
	struct note_verifier v;
	struct span line;
	struct why why;
	struct key *key;

	assert_int_equal(WORLD_RUN(w, &auditor, "keygen", "auditor", "--name", "auditor-1", "--dir", "%"), 0);
	assert_int_equal(access(world_path(w, "auditor-1.yaml"), R_OK), 0);
	assert_int_equal(WORLD_RUN(w, &registrar, "keygen", "registrar", "--name", "r.1", "--dir", "%", "--json"), 0);
	assert_non_null(strstr(w->out, "\"verifier\": \"r.1+"));
	assert_int_equal(plainfile_read(world_path(w, "r.1.pub"), 256, w->mem, &line, &why), OK);
	assert_int_equal(note_verifier_parse(arena_strn(w->mem, line.p, line.n - 1), w->mem, &v), OK);
	assert_int_equal(WORLD_RUN(w, &one, "keygen", "--use", "witness", "--out", "%", "--name", "w"), 0);
	assert_int_equal(key_load(world_path(w, "witness.key"), KEY_WITNESS, &key, &why), OK);
	key_free(key);
}

/* Names that could lead elsewhere, and uses that do not exist, are refused and nothing is made. */
static void
keygen_refuses(void **state)
{
	struct world *w = *state;

	assert_int_equal(WORLD_RUN(w, &registrar, "keygen", "registrar", "--name", "../x", "--dir", "%"), EXIT_FAILED);
	assert_int_equal(WORLD_RUN(w, &registrar, "keygen", "registrar", "--name", ".x", "--dir", "%"), EXIT_FAILED);
	assert_int_equal(WORLD_RUN(w, &auditor, "keygen", "auditor", "--name", "a/b", "--dir", "%"), EXIT_FAILED);
	assert_int_equal(WORLD_RUN(w, &agency, "keygen", "agency", "--agency", "hub", "--dir", "%/h"), EXIT_FAILED);
	assert_int_equal(WORLD_RUN(w, &agency, "keygen", "agency", "--agency", "a", "--dir", "%/h", "--sealing-days", "0"), EXIT_FAILED);
	assert_int_equal(WORLD_RUN(w, &one, "keygen", "--use", "master", "--out", "%"), EXIT_FAILED);
	assert_int_equal(WORLD_RUN(w, &one, "keygen", "--use", "local", "--out", "%", "--name", "x"), EXIT_FAILED);
	assert_false(plainfile_exists(world_path(w, "local.key")));
	assert_false(plainfile_exists(world_path(w, "h/signing.key")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keygen_agency_makes_a_sheet, world_open, world_close),
		cmocka_unit_test_setup_teardown(keygen_hub_makes_facts, world_open, world_close),
		cmocka_unit_test_setup_teardown(keygen_persons, world_open, world_close),
		cmocka_unit_test_setup_teardown(keygen_refuses, world_open, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
