/* SPDX-License-Identifier: EUPL-1.2 */
/* Tests of hub/ctl/dirfile.c: a directory's file without judging it, and the trust file. */
#include "hub/ctl/dirfile.h"

#include "tests/unit/hub/ctl/ctl_world.h"

/* Signed or not, the same directory is found; what is neither is refused. */
static void
dirfile_parse_both(void **state)
{
	struct world *w = *state;
	const struct directory *d = world_directory(w);
	struct dirfile f;
	struct why why;

	if (dirfile_parse(world_note(w, d, 0), w->mem, &f, &why) != OK)
		fail_msg("%s: %s", why.where, why.text);
	assert_false(f.is_signed);
	assert_int_equal(f.directory->version, 7);
	assert_int_equal(dirfile_parse(world_note(w, d, 5), w->mem, &f, &why), OK);
	assert_true(f.is_signed);
	assert_int_equal(f.directory->n_agencies, 2);
	assert_int_equal(dirfile_parse(SPAN_LIT(""), w->mem, &f, &why), ERR_FORMAT);
	assert_int_equal(dirfile_parse(SPAN_LIT("a\nb\nc\n"), w->mem, &f, &why), ERR_FORMAT);
	assert_int_equal(dirfile_parse(SPAN_LIT("nasoka directory v1\nversion 7\nAAAA"), w->mem, &f, &why), ERR_FORMAT);
}

/* The version line is for people and must be that of the content. */
static void
dirfile_parse_wrong_title(void **state)
{
	struct world *w = *state;
	struct span text = world_note(w, world_directory(w), 0);
	char *copy = arena_strn(w->mem, text.p, text.n);
	struct dirfile f;
	struct why why;

	*strchr(copy, '7') = '8';
	assert_int_equal(dirfile_parse(span_str(copy), w->mem, &f, &why), ERR_FORMAT);
}

/* Comments, empty lines and Windows line ends are fine; all else has its line named. */
static void
dirfile_trust_lines(void **state)
{
	struct world *w = *state;
	const struct directory *d = world_directory(w);
	const char *a = note_verifier_format(&d->registrars[0], w->mem), *b = note_verifier_format(&d->registrars[1], w->mem);
	const struct { const char *text; enum err e; unsigned line; } files[] = {
		{ arena_fmt(w->mem, "# registrars\r\nthreshold 2\r\n\r\n%s\r\n%s", a, b), OK, 0 },
		{ arena_fmt(w->mem, "%s\n%s\nthreshold 1\n", a, b), OK, 0 },
		{ arena_fmt(w->mem, "threshold 3\n%s\n%s\n", a, b), ERR_FORMAT, 0 },
		{ arena_fmt(w->mem, "threshold 0\n%s\n", a), ERR_FORMAT, 1 },
		{ arena_fmt(w->mem, "threshold -1\n%s\n", a), ERR_FORMAT, 1 },
		{ arena_fmt(w->mem, "threshold 1x\n%s\n", a), ERR_FORMAT, 1 },
		{ arena_fmt(w->mem, "threshold 1\n%s\nthreshold 1\n", a), ERR_FORMAT, 3 },
		{ arena_fmt(w->mem, "threshold 2\n%s\n%s\n", a, a), ERR_FORMAT, 3 },
		{ arena_fmt(w->mem, "threshold 1\n%sA\n", a), ERR_FORMAT, 2 },
		{ "threshold 1\nr1\n", ERR_FORMAT, 2 },
		{ arena_fmt(w->mem, "%s\n", a), ERR_FORMAT, 0 },
		{ "", ERR_FORMAT, 0 },
	};
	struct trust trust;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct why why = { 0 };
		enum err e = dirfile_trust(span_str(files[i].text), w->mem, &trust, &why);

		if (e != files[i].e || (e != OK && why.line != files[i].line))
			fail_msg("file %zu: %s, line %u: %s", i, err_name(e), why.line, why.text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(dirfile_parse_both, world_open, world_close),
		cmocka_unit_test_setup_teardown(dirfile_parse_wrong_title, world_open, world_close),
		cmocka_unit_test_setup_teardown(dirfile_trust_lines, world_open, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
