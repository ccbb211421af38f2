/* SPDX-License-Identifier: EUPL-1.2 */
/* Tests of hub/ctl/dircommand.c: sign, show and check of files; make is tested with the draft and end to end. */
#include "hub/ctl/dircommand.h"

#include "tests/unit/hub/ctl/ctl_world.h"

static const struct command sign = { "sign", "FILE", dircommand_sign_options, { "", "" }, .run = dircommand_sign };
static const struct command show = { "show", "FILE", dircommand_show_options, { "", "" }, .run = dircommand_show };
static const struct command check = { "check", "FILE", dircommand_check_options, { "", "" }, .run = dircommand_check };

/* A note file with the signatures of `who`, the registrars' keys beside it, and a trust file of threshold 2. */
static struct directory *
lay_out(struct world *w, unsigned who)
{
	struct directory *d = world_directory(w);
	struct span note = world_note(w, d, who);
	char *trust = arena_fmt(w->mem, "threshold 2\n");

	world_file(w, "dir.note", arena_strn(w->mem, note.p, note.n));
	for (uint8_t i = 0; i < 3; i++) {
		struct key *key = world_key(KEY_REGISTRAR, (uint8_t)(31 + i));

		assert_int_equal(key_save(key, world_path(w, arena_fmt(w->mem, "r%d.key", i + 1))), OK);
		key_free(key);
		trust = arena_fmt(w->mem, "%s%s\n", trust, note_verifier_format(&d->registrars[i], w->mem));
	}
	world_file(w, "trust", trust);
	return d;
}

/* Two registrars sign one after the other, and then it holds, between its days. */
static void
dircommand_sign_until_it_holds(void **state)
{
	struct world *w = *state;

	lay_out(w, 0);
	assert_int_equal(WORLD_RUN(w, &sign, "sign", "--key", "%/r2.key", "--name", "r2", "%/dir.note"), EXIT_OK);
	assert_int_equal(WORLD_RUN(w, &check, "check", "%/dir.note", "--trust", "%/trust", "--at", "1970-02-01"), EXIT_FAILED);
	assert_non_null(strstr(w->err, "NSK-1111"));
	assert_int_equal(WORLD_RUN(w, &sign, "sign", "--key", "%/r2.key", "--name", "r2", "%/dir.note"), EXIT_FAILED);
	assert_non_null(strstr(w->err, "NSK-1007"));
	assert_int_equal(WORLD_RUN(w, &sign, "sign", "--key", "%/r3.key", "--name", "r3", "%/dir.note"), EXIT_OK);
	assert_int_equal(WORLD_RUN(w, &check, "check", "%/dir.note", "--trust", "%/trust", "--at", "1970-02-01"), EXIT_OK);
	assert_int_equal(WORLD_RUN(w, &check, "check", "%/dir.note", "--trust", "%/trust"), EXIT_FAILED);
	assert_non_null(strstr(w->err, "NSK-1109"));
}

/* A registrar who signs under another's name has not signed for anybody. */
static void
dircommand_sign_as_another(void **state)
{
	struct world *w = *state;

	lay_out(w, 1);
	assert_int_equal(WORLD_RUN(w, &sign, "sign", "--key", "%/r1.key", "--name", "r2", "%/dir.note"), EXIT_OK);
	assert_int_equal(WORLD_RUN(w, &check, "check", "%/dir.note", "--trust", "%/trust", "--at", "1970-02-01"), EXIT_FAILED);
	assert_non_null(strstr(w->err, "NSK-1111"));
}

/* A key of another use, and a file that is no directory, are refused and the file stays. */
static void
dircommand_sign_refuses(void **state)
{
	struct world *w = *state;
	struct key *key = world_key(KEY_SIGNING, 1);
	struct span bytes;
	struct why why;

	lay_out(w, 0);
	world_file(w, "text", "nasoka directory v1\nversion 7\nAAAA\n");
	assert_int_equal(key_save(key, world_path(w, "s.key")), OK);
	key_free(key);
	assert_int_equal(WORLD_RUN(w, &sign, "sign", "--key", "%/s.key", "--name", "r1", "%/dir.note"), EXIT_FAILED);
	assert_non_null(strstr(w->err, "NSK-1112"));
	assert_int_equal(WORLD_RUN(w, &sign, "sign", "--key", "%/r1.key", "--name", "r1", "%/text"), EXIT_FAILED);
	assert_int_equal(plainfile_read(world_path(w, "text"), 99, w->mem, &bytes, &why), OK);
	assert_int_equal(bytes.n, strlen("nasoka directory v1\nversion 7\nAAAA\n"));
}

/* The table and the JSON tell the same directory. */
static void
dircommand_show_both(void **state)
{
	struct world *w = *state;

	lay_out(w, 3);
	assert_int_equal(WORLD_RUN(w, &show, "show", "%/dir.note"), EXIT_OK);
	assert_non_null(strstr(w->out, "b-ozd"));
	assert_non_null(strstr(w->out, "1970-01-11T00:00:00Z"));
	assert_int_equal(WORLD_RUN(w, &show, "show", "%/dir.note", "--json"), EXIT_OK);
	assert_non_null(strstr(w->out, "\"valid_from\": \"1970-01-11T00:00:00Z\""));
	assert_non_null(strstr(w->out, "\"registrar_threshold\": 2"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(dircommand_sign_until_it_holds, world_open, world_close),
		cmocka_unit_test_setup_teardown(dircommand_sign_as_another, world_open, world_close),
		cmocka_unit_test_setup_teardown(dircommand_sign_refuses, world_open, world_close),
		cmocka_unit_test_setup_teardown(dircommand_show_both, world_open, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
