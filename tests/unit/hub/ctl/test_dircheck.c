/* SPDX-License-Identifier: EUPL-1.2 */
/* Tests of hub/ctl/dircheck.c: each fault is found beside the others. */
#include "hub/ctl/dircheck.h"

#include "tests/unit/hub/ctl/ctl_world.h"

static bool
has(const struct findings *f, enum err e, const char *where, const char *text)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->items[i].e == e && strcmp(f->items[i].where, where) == 0 && strstr(f->items[i].text[LANG_EN], text) != NULL)
			return true;
	return false;
}

static struct findings *
signatures(struct world *w, const struct directory *d, struct span note, size_t n_trusted, unsigned threshold)
{
	const struct trust trust = { d->registrars, n_trusted, threshold };
	struct findings *to = arena_alloc(w->mem, sizeof(*to));
	struct dirfile f;
	struct why why;

	assert_int_equal(dirfile_parse(note, w->mem, &f, &why), OK);
	dircheck_signatures(&f, &trust, to);
	return to;
}

/* Two of three are enough, one is not, and a registrar who is not trusted does not count. */
static void
dircheck_signatures_count(void **state)
{
	struct world *w = *state;
	const struct directory *d = world_directory(w);
	struct findings *f = signatures(w, d, world_note(w, d, 3), 3, 2);

	assert_int_equal(f->n, 0);
	assert_int_equal(f->signatures, 2);
	f = signatures(w, d, world_note(w, d, 1), 3, 2);
	assert_true(has(f, ERR_QUORUM, "trust", "1 trusted"));
	assert_true(has(f, ERR_QUORUM, "registrars", "1 registrars"));
	f = signatures(w, d, world_note(w, d, 6), 1, 1);
	assert_true(has(f, ERR_QUORUM, "trust", "0 trusted"));
	assert_false(has(f, ERR_QUORUM, "registrars", ""));
	f = signatures(w, d, world_note(w, d, 0), 3, 2);
	assert_true(has(f, ERR_QUORUM, "directory", "nobody"));
}

/* A wrong signature is told under its registrar's name, once, beside those that are right. */
static void
dircheck_signatures_wrong(void **state)
{
	struct world *w = *state;
	const struct directory *d = world_directory(w);
	struct span note = world_note(w, d, 7);
	char *copy = arena_strn(w->mem, note.p, note.n), *line = strstr(copy, " r2 ");
	struct findings *f;

	line[20] = line[20] == 'A' ? 'B' : 'A';
	f = signatures(w, d, SPAN(copy, note.n), 3, 2);
	assert_int_equal(f->n, 1);
	assert_true(has(f, ERR_BAD_SIGNATURE, "r2", "wrong"));
	assert_int_equal(f->signatures, 2);
}

/* Before, within, near the end and after. */
static void
dircheck_dates_are_told(void **state)
{
	struct world *w = *state;
	const struct directory *d = world_directory(w);
	const struct { int64_t day; size_t n; enum err e; } days[] = {
		{ 9, 1, ERR_EXPIRED }, { 11, 0, OK }, { 80, 1, OK }, { 101, 1, ERR_EXPIRED },
	};

	for (size_t i = 0; i < 4; i++) {
		struct findings *f = arena_alloc(w->mem, sizeof(*f));

		dircheck_dates(d, days[i].day * CLOCK_DAY, f);
		assert_int_equal(f->n, days[i].n);
		if (f->n > 0)
			assert_int_equal(f->items[0].e, days[i].e);
	}
}

/* Unknown municipalities and agencies are errors; a missing coordinator and a rule for nobody are warnings. */
static void
dircheck_content_finds_all(void **state)
{
	static const char *rules[] = { "kind:school", "nobody", "b-ozd", "*" };
	struct world *w = *state;
	struct directory *d = world_directory(w);
	struct findings *f = arena_alloc(w->mem, sizeof(*f));

	dircheck_content(d, f);
	assert_int_equal(f->n, 0);
	d->agencies[0].may_send = rules;
	d->agencies[0].n_may_send = 4;
	d->agencies[0].municipality = "QQQ01";
	d->coordinators[0].agency = "c-none";
	dircheck_content(d, f);
	assert_true(has(f, ERR_UNKNOWN_CODE, "agencies.a-gp", "QQQ01"));
	assert_true(has(f, ERR_UNKNOWN_AGENCY, "agencies.a-gp", "nobody"));
	assert_true(has(f, OK, "agencies.a-gp", "kind:school"));
	assert_true(has(f, OK, "agencies.a-gp", "no coordinator"));
	assert_true(has(f, ERR_UNKNOWN_AGENCY, "coordinators.PDV22", "c-none"));
	assert_int_equal(f->n, 5);
	assert_int_equal(f->errors, 3);
}

/* A sheet that is right, one that is another's, one that is missing, and one of nobody. */
static void
dircheck_sheets_one_by_one(void **state)
{
	struct world *w = *state;
	const struct directory *d = world_directory(w);
	struct key *signing = world_key(KEY_SIGNING, 11);
	struct sheet sheet = { .agency = "a-gp", .version = 1, .made_ms = 1, .n_sealing = 1 };
	struct findings *f = arena_alloc(w->mem, sizeof(*f));
	struct span bytes;
	struct why why;

	world_public(KEY_SEALING, 41, &sheet.sealing[0].pub);
	world_public(KEY_TRANSPORT, 42, &sheet.transport);
	world_public(KEY_WITNESS, 43, &sheet.witness);
	assert_int_equal(sheet_sign(&sheet, signing, w->mem, &bytes), OK);
	key_free(signing);
	assert_int_equal(plainfile_make(world_path(w, "a-gp.sheet"), bytes, &why), OK);
	dircheck_sheets(d, w->dir, w->mem, f);
	assert_int_equal(f->n, 1);
	assert_true(has(f, OK, "b-ozd", "no key sheet"));
	assert_int_equal(plainfile_make(world_path(w, "b-ozd.sheet"), bytes, &why), OK);
	assert_int_equal(plainfile_make(world_path(w, "z.sheet"), bytes, &why), OK);
	memset(f, 0, sizeof(*f));
	dircheck_sheets(d, w->dir, w->mem, f);
	assert_true(has(f, ERR_INCONSISTENT, "b-ozd", "a-gp"));
	assert_true(has(f, OK, "z.sheet", "does not have"));
	memset(f, 0, sizeof(*f));
	dircheck_sheets(d, world_path(w, "none"), w->mem, f);
	assert_int_equal(f->errors, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(dircheck_signatures_count, world_open, world_close),
		cmocka_unit_test_setup_teardown(dircheck_signatures_wrong, world_open, world_close),
		cmocka_unit_test_setup_teardown(dircheck_dates_are_told, world_open, world_close),
		cmocka_unit_test_setup_teardown(dircheck_content_finds_all, world_open, world_close),
		cmocka_unit_test_setup_teardown(dircheck_sheets_one_by_one, world_open, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
