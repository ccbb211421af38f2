/* SPDX-License-Identifier: EUPL-1.2 */
/* keychest - keys and sheet as files: each change durable by itself, what an interrupted one leaves put right at the next start. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "adapters/core/keychest.h"
#include "tests/support/adapter_desk.h"

static struct world w;
static char dir[64];
static struct keychest *c;

static const char *
file(const char *name)
{
	return arena_fmt(w.mem, "%s/%s", dir, name);
}

static enum err
reopen(void)
{
	struct why why = { .where = "" };
	enum err e;

	keychest_close(c);
	c = NULL;
	e = keychest_open(dir, world_ids[0], w.signing[0], &c, &why);
	return e;
}

static int
set_up(void **state)
{
	(void)state;
	world_init(&w, 77);
	adesk_keys(&w, 0, dir);
	return reopen() == OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	keychest_close(c);
	c = NULL;
	adesk_no_keys(dir);
	world_done(&w);
	return 0;
}

static size_t
n_keys(void)
{
	size_t n;

	(void)keychest_keys(c, &n);
	return n;
}

/* The sheet that names keys of these places of the chest. */
static enum err
put_sheet(uint64_t version, size_t first, size_t n)
{
	const struct key *const *keys = keychest_keys(c, &(size_t){ 0 });
	struct sheet s = *keychest_sheet(c);
	struct why why;

	s.version = version;
	s.n_sealing = n;
	for (size_t i = 0; i < n; i++)
		s.sealing[i].pub = *key_public(keys[first + i]);
	return keychest_put_sheet(c, &s, &why);
}

static void
add(uint64_t number)
{
	struct why why;

	assert_int_equal(keychest_add(c, world_key(&w, KEY_SEALING), number, &why), OK);
}

static bool
is_there(const char *name)
{
	return access(file(name), F_OK) == 0;
}

/* What was added is there after a start, newest first, in files that nobody else reads. */
static void
keys_stay(void **state)
{
	struct key_id newest;
	struct stat st;

	(void)state;
	add(2);
	add(7);
	newest = *key_id(keychest_keys(c, &(size_t){ 0 })[0]);
	assert_int_equal(reopen(), OK);
	assert_int_equal(n_keys(), 3);
	assert_int_equal(keychest_number(c, 0), 7);
	assert_int_equal(keychest_number(c, 2), 0);
	assert_non_null(keychest_find(c, &newest));
	assert_int_equal(stat(file("sealing-000007.key"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

/* A sheet takes the place of the one before as a whole, and reads back as what was signed. */
static void
sheet_is_replaced(void **state)
{
	(void)state;
	add(2);
	assert_int_equal(put_sheet(2, 0, 2), OK);
	assert_int_equal(keychest_sheet(c)->version, 2);
	assert_int_equal(reopen(), OK);
	assert_int_equal(keychest_sheet(c)->version, 2);
	assert_int_equal(keychest_sheet(c)->n_sealing, 2);
	assert_int_equal(put_sheet(3, 0, 0), ERR_FORMAT);
	assert_int_equal(keychest_sheet(c)->version, 2);
}

/* A destroyed key's file is gone, and so is the key; the others stay. */
static void
destroyed_is_gone(void **state)
{
	struct why why;

	(void)state;
	add(2);
	assert_int_equal(put_sheet(2, 0, 1), OK);
	assert_int_equal(keychest_destroy(c, 0, &why), OK);
	assert_false(is_there("sealing.key"));
	assert_int_equal(n_keys(), 1);
	assert_int_equal(keychest_destroy(c, 0, &why), ERR_NOTFOUND);
	assert_int_equal(reopen(), OK);
	assert_int_equal(n_keys(), 1);
}

static void
write_file(const char *name, const char *text)
{
	FILE *f = fopen(file(name), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(file(name), 0600), 0);
}

/* What a process that died left half-done is cleared at the next start, and hinders nothing. */
static void
halves_are_cleared(void **state)
{
	(void)state;
	write_file("sealing-000002.key.new", "nasoka-key v1 sea");
	write_file("sealing-000001.key.gone", "nasoka-key v1 sealing");
	write_file(arena_fmt(w.mem, "%s.sheet.new", world_ids[0]), "half a sheet");
	write_file("sealing-7.key", "no name of ours");
	write_file("notes.txt", "the operator's");
	assert_int_equal(reopen(), OK);
	assert_int_equal(n_keys(), 1);
	assert_false(is_there("sealing-000002.key.new"));
	assert_false(is_there("sealing-000001.key.gone"));
	assert_false(is_there(arena_fmt(w.mem, "%s.sheet.new", world_ids[0])));
	assert_true(is_there("notes.txt"));
	add(2);
	assert_int_equal(put_sheet(2, 0, 2), OK);
}

/* Without a key, with a damaged one, without a sheet or with another's, the adapter does not start. */
static void
bad_chests_are_refused(void **state)
{
	struct why why = { .where = "" };
	struct keychest *other;

	(void)state;
	assert_int_equal(keychest_open(dir, world_ids[1], w.signing[1], &other, &why), ERR_NOTFOUND);
	assert_int_equal(keychest_open(dir, world_ids[0], w.signing[1], &other, &why), ERR_BAD_SIGNATURE);
	write_file("sealing-000002.key", "nasoka-key v1 sealing");
	assert_int_equal(reopen(), ERR_KEYFILE);
	unlink(file("sealing-000002.key"));
	unlink(file("sealing.key"));
	assert_int_equal(reopen(), ERR_KEYFILE);
}

/* A bounded number of keys is kept: another is refused, and nothing of it stays. */
static void
number_is_bounded(void **state)
{
	struct why why;

	(void)state;
	for (uint64_t i = 2; n_keys() < KEYCHEST_KEYS_MAX; i++)
		add(i);
	assert_int_equal(keychest_add(c, world_key(&w, KEY_SEALING), 99, &why), ERR_FULL);
	assert_false(is_there("sealing-000099.key"));
	assert_int_equal(reopen(), OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keys_stay), TEST(sheet_is_replaced), TEST(destroyed_is_gone), TEST(halves_are_cleared),
		TEST(bad_chests_are_refused), TEST(number_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
