/* SPDX-License-Identifier: EUPL-1.2 */
/* The folder door in: each file is taken once, answered, and put where it belongs, whatever happens in between. */
#define _GNU_SOURCE
#include "adapters/core/spool_in.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/core/spool_list.h"
#include "proto/base/clock.h"
#include "tests/support/fake_adapter.h"
#include "tests/support/tree_remove.h"

#define CLAIMED "in/.claimed-school"

struct world {
	struct loop *loop;
	struct spool_in *in;
	struct adapter_config config;
	char dir[64], paths[4][96];
	const char *awaited;		/* a path in `dir`; the loop stops when it is there */
	int64_t until_ms;
	bool is_late;
};

static char *
path_of(struct world *w, const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", w->dir, name);
	return path;
}

static bool
is_there(struct world *w, const char *name)
{
	return access(path_of(w, name), F_OK) == 0;
}

static int64_t
watch(void *arg)
{
	struct world *w = arg;

	w->is_late = clock_mono_ms() > w->until_ms;
	if (w->is_late || (w->awaited && is_there(w, w->awaited)))
		loop_stop(w->loop);
	return 5;
}

static int
setup(void **state)
{
	static const char *const names[] = { "in", "done", "bad", "out" };
	struct world *w = calloc(1, sizeof(*w));
	size_t i;

	assert_non_null(w);
	snprintf(w->dir, sizeof(w->dir), "/tmp/test-spool-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	for (i = 0; i < 4; i++) {
		snprintf(w->paths[i], sizeof(w->paths[i]), "%.95s", path_of(w, names[i]));
		assert_int_equal(mkdir(w->paths[i], 0700), 0);
	}
	assert_int_equal(loop_new(&w->loop), OK);
	loop_add_tick(w->loop, watch, w);
	w->config.agency = "school";
	w->config.in_folder.in_dir = w->paths[0];
	w->config.in_folder.done_dir = w->paths[1];
	w->config.in_folder.bad_dir = w->paths[2];
	w->config.in_folder.out_dir = w->paths[3];
	w->config.in_folder.scan_ms = 50;
	w->config.in_folder.settle_ms = 0;
	w->config.in_folder.file_bytes = 1000;
	w->config.in_folder.charset = ADAPTER_WINDOWS_1251;
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	spool_in_close(w->in);
	loop_free(w->loop);
	tree_remove(w->dir);
	free(w);
	return 0;
}

static void
open_door(struct world *w)
{
	const struct door_host *host = fake_host(w->loop);
	struct why why = { 0 };

	fake.answer = "row;result\r\n1;ok\r\n";
	assert_int_equal(spool_in_open(&w->config, host, &w->in, &why), OK);
}

static void
put(struct world *w, const char *name, const char *text)
{
	FILE *f = fopen(path_of(w, name), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static bool
wait_for(struct world *w, const char *name, int64_t ms)
{
	w->awaited = name;
	w->until_ms = clock_mono_ms() + ms;
	w->is_late = false;
	loop_run(w->loop);
	return !w->is_late;
}

static void
assert_text(struct world *w, const char *name, const char *text)
{
	char got[256];
	FILE *f = fopen(path_of(w, name), "r");
	size_t n;

	assert_non_null(f);
	n = fread(got, 1, sizeof(got) - 1, f);
	fclose(f);
	got[n] = '\0';
	assert_string_equal(got, text);
}

/* A taken file ends in done, its answer in out; the adapter knew its name, format and charset. */
static void
taken(void **state)
{
	struct world *w = *state;

	open_door(w);
	put(w, "in/март.csv", "a;b\n");
	assert_true(wait_for(w, "done/март.csv", 5000));
	assert_text(w, "out/март.csv.result.csv", fake.answer);
	assert_false(is_there(w, "in/март.csv"));
	assert_string_equal(fake.file, "март.csv");
	assert_string_equal(fake.door, "folder");
	assert_string_equal(fake.charset, "windows-1251");
	assert_int_equal(fake.format, FORMAT_CSV);
	assert_memory_equal(fake.bytes, "a;b\n", 4);
}

static void
make_anew(struct world *w, const char *name)
{
	char old[64], from[256];

	snprintf(old, sizeof(old), "%s.old", name);
	snprintf(from, sizeof(from), "%s", path_of(w, name));
	assert_int_equal(rename(from, path_of(w, old)), 0);
	assert_int_equal(mkdir(from, 0700), 0);
}

/* A folder that is removed and made again, as a share that is mounted anew, is the door's again without a restart. */
static void
made_again(void **state)
{
	struct world *w = *state;

	open_door(w);
	put(w, "in/a.csv", "a;b\n");
	assert_true(wait_for(w, "done/a.csv", 5000));
	make_anew(w, "in");
	put(w, "in/b.csv", "a;b\n");
	assert_true(wait_for(w, "done/b.csv", 5000));
	make_anew(w, "done");
	put(w, "in/c.csv", "a;b\n");
	assert_true(wait_for(w, "done/c.csv", 5000));
	make_anew(w, "bad");
	fake.refuses = ERR_SYNTAX;
	put(w, "in/d.csv", "x");
	assert_true(wait_for(w, "bad/d.csv", 5000));
	assert_int_equal(rename(w->paths[2], path_of(w, "away")), 0);
	put(w, "in/e.csv", "x");
	assert_false(wait_for(w, "bad/e.csv", 400));	/* nothing is taken that could not be put away */
	assert_int_equal(mkdir(w->paths[2], 0700), 0);
	assert_true(wait_for(w, "bad/e.csv", 5000));
}

/* A refused file ends in bad, a too large one as well, without being read. */
static void
refused(void **state)
{
	struct world *w = *state;
	char large[1002];

	open_door(w);
	fake.refuses = ERR_SYNTAX;
	put(w, "in/a.csv", "x");
	assert_true(wait_for(w, "bad/a.csv", 5000));
	assert_true(is_there(w, "out/a.csv.result.csv"));
	fake.n_asked = 0;
	memset(large, 'x', 1001);
	large[1001] = '\0';
	put(w, "in/b.csv", large);
	assert_true(wait_for(w, "bad/b.csv", 5000));
	assert_int_equal(fake.problem, ERR_TOOBIG);
	assert_int_equal(fake.n_asked, 0);
	assert_text(w, "out/b.csv.result.csv", "NSK-1005");
}

/* What is refused for now stays claimed, and is taken when there is room again. */
static void
later(void **state)
{
	struct world *w = *state;

	open_door(w);
	fake.refuses = ERR_OVERLOAD;
	put(w, "in/a.csv", "x");
	assert_true(wait_for(w, CLAIMED "/a.csv", 5000));
	assert_false(wait_for(w, "done/a.csv", 300));
	assert_int_equal(fake.n_asked, 1);
	assert_false(is_there(w, "out/a.csv.result.csv"));
	fake.refuses = OK;
	assert_true(wait_for(w, "done/a.csv", SPOOL_IN_RETRY_MS + 2000));
}

/* What a crash left claimed is taken first at the next start; the process that ends leaves it there. */
static void
crash(void **state)
{
	struct world *w = *state;

	open_door(w);
	fake.says = ERR_STORE;
	put(w, "in/a.csv", "x");
	wait_for(w, NULL, 1000);
	assert_int_equal(fake.fatal, ERR_STORE);
	assert_true(is_there(w, CLAIMED "/a.csv"));
	wait_for(w, NULL, 100);
	assert_int_equal(fake.n_asked, 1);
	spool_in_close(w->in);
	loop_free(w->loop);
	assert_int_equal(loop_new(&w->loop), OK);
	loop_add_tick(w->loop, watch, w);
	open_door(w);
	assert_true(wait_for(w, "done/a.csv", 5000));
	assert_true(is_there(w, "out/a.csv.result.csv"));
}

/* Hidden, unfinished and strange things are left where they are. */
static void
left_alone(void **state)
{
	struct world *w = *state;

	open_door(w);
	put(w, "in/.a.csv", "x");
	put(w, "in/b.csv.part", "x");
	put(w, "outside", "x");
	assert_int_equal(mkdir(path_of(w, "in/c.csv"), 0700), 0);
	assert_int_equal(symlink("../outside", path_of(w, "in/d.csv")), 0);
	wait_for(w, NULL, 300);
	assert_int_equal(fake.n_asked, 0);
	assert_true(is_there(w, "in/.a.csv") && is_there(w, "in/b.csv.part") && is_there(w, "in/d.csv"));
}

/* A file being written is waited for until nobody touched it for the settling time. */
static void
settling(void **state)
{
	struct world *w = *state;
	int i;

	w->config.in_folder.settle_ms = 400;
	open_door(w);
	for (i = 0; i < 4; i++) {
		put(w, "in/a.csv", "x");
		assert_false(wait_for(w, "done/a.csv", 200));
	}
	assert_int_equal(fake.n_asked, 0);
	assert_true(wait_for(w, "done/a.csv", 5000));
}

/* A file that looks cut off is waited for, and in the end taken as it is, so that its sender hears of it. */
static void
unfinished(void **state)
{
	struct world *w = *state;

	open_door(w);
	fake.is_incomplete = true;
	put(w, "in/a.json", "{");
	assert_false(wait_for(w, "done/a.json", 500));
	assert_int_equal(fake.n_asked, 0);
	put(w, "in/a.json", "{}");
	fake.is_incomplete = false;
	assert_true(wait_for(w, "done/a.json", 2000));
	assert_memory_equal(fake.bytes, "{}", 2);
	fake.is_incomplete = true;
	put(w, "in/b.json", "{");
	assert_true(wait_for(w, "done/b.json", SPOOL_LIST_PATIENCE * 1000 + 3000));
}

/* The same name twice: both are taken and both are kept. */
static void
same_name(void **state)
{
	struct world *w = *state;

	open_door(w);
	put(w, "in/a.csv", "1");
	assert_true(wait_for(w, "done/a.csv", 5000));
	put(w, "in/a.csv", "2");
	assert_true(wait_for(w, "done/a.2.csv", 5000));
	assert_text(w, "done/a.csv", "1");
	assert_text(w, "done/a.2.csv", "2");
}

/* A table waits for the files that it names, whichever came first, and takes them along; each is given whole. */
static void
with_files(void **state)
{
	struct world *w = *state;

	w->config.in_folder.file_wait_ms = CLOCK_MINUTE;
	open_door(w);
	fake.sees_files = true;
	put(w, "in/a.csv", "молба.pdf\nb.pdf\n");
	put(w, "in/b.pdf", "%PDF %%EOF");
	assert_false(wait_for(w, "done/a.csv", 300));
	assert_true(is_there(w, "in/a.csv") && is_there(w, "in/b.pdf"));
	assert_int_equal(fake.n_asked, 0);
	put(w, "in/молба.pdf", "%PDF-1.4 %%EOF");
	assert_true(wait_for(w, "done/a.csv", 5000));
	assert_true(is_there(w, "done/b.pdf") && is_there(w, "done/молба.pdf") && is_there(w, "out/a.csv.result.csv"));
	assert_int_equal(fake.n_ended, 2);
	assert_int_equal(fake.n_uploaded, 24);
	assert_int_equal(fake.n_asked, 1);
}

/* A table whose file does not come is answered when its time is over; a file that looks cut off, or has another size, is not there yet. */
static void
files_missing(void **state)
{
	struct world *w = *state;

	w->config.in_folder.file_wait_ms = 700;
	open_door(w);
	fake.sees_files = true;
	put(w, "in/a.csv", "a.pdf\n");
	assert_false(wait_for(w, "done/a.csv", 300));
	assert_true(wait_for(w, "done/a.csv", 5000));
	assert_int_equal(fake.file_refused, ERR_FILE_MISSING);
	assert_int_equal(fake.n_uploads, 0);
	put(w, "in/b.csv", "b.pdf\n");
	put(w, "in/b.pdf", "%PDF");
	assert_false(wait_for(w, "done/b.csv", 300));
	put(w, "in/b.pdf", "%PDF %%EOF");
	assert_true(wait_for(w, "done/b.csv", 300));
	assert_true(is_there(w, "done/b.pdf"));
}

/* A file that no table names is refused by itself in its time, unread; a text may be a table. */
static void
file_alone(void **state)
{
	struct world *w = *state;

	w->config.in_folder.file_wait_ms = 400;
	open_door(w);
	fake.sees_files = true;
	put(w, "in/a.pdf", "x");
	assert_false(wait_for(w, "bad/a.pdf", 200));
	assert_true(wait_for(w, "bad/a.pdf", 5000));
	assert_int_equal(fake.problem, ERR_FILE_ALONE);
	assert_text(w, "out/a.pdf.result.txt", "NSK-1512");
	assert_int_equal(fake.n_asked, 0);
}

/* Refused, its file goes with the table; names that lead elsewhere, links and folders are not followed. */
static void
files_refused(void **state)
{
	struct world *w = *state;

	w->config.in_folder.file_wait_ms = CLOCK_MINUTE;
	open_door(w);
	fake.sees_files = true;
	put(w, "outside.pdf", "secret %%EOF");
	assert_int_equal(symlink("../outside.pdf", path_of(w, "in/link.pdf")), 0);
	assert_int_equal(mkdir(path_of(w, "in/dir.pdf"), 0700), 0);
	fake.refuses = ERR_FILE_NAME;
	put(w, "in/a.csv", "../outside.pdf\nlink.pdf\ndir.pdf\n..\n.hidden.pdf\n");
	assert_true(wait_for(w, "bad/a.csv", 5000));
	assert_int_equal(fake.file_refused, ERR_FILE_NAME);
	assert_int_equal(fake.n_uploads, 0);
	assert_true(is_there(w, "in/link.pdf") && is_there(w, "outside.pdf"));
	fake.begin_says = fake.refuses = ERR_UNKNOWN_REFERRAL;
	put(w, "in/b.pdf", "%%EOF");
	put(w, "in/b.csv", "b.pdf\n");
	assert_true(wait_for(w, "bad/b.pdf", 5000));
	assert_true(is_there(w, "bad/b.csv"));
}

/* What cannot be taken now is taken later, with its table; nothing of it is given twice. */
static void
files_later(void **state)
{
	struct world *w = *state;

	w->config.in_folder.file_wait_ms = CLOCK_MINUTE;
	open_door(w);
	fake.sees_files = true;
	fake.begin_says = ERR_OVERLOAD;
	put(w, "in/b.pdf", "%%EOF");
	put(w, "in/b.csv", "b.pdf\n");
	assert_false(wait_for(w, "done/b.csv", 300));
	assert_true(is_there(w, CLAIMED "/b.csv") && is_there(w, CLAIMED "/b.pdf"));
	fake.begin_says = OK;
	assert_true(wait_for(w, "done/b.csv", SPOOL_IN_RETRY_MS + 2000));
	assert_int_equal(fake.n_ended, 1);
	assert_true(is_there(w, "done/b.pdf"));
}

/* What a crash left: the table with its files is taken again, also where its file is done already; a file alone is what was refused, and a new
 * one of the name of one that was taken stays for its own table.
 */
static void
files_crash(void **state)
{
	struct world *w = *state;

	assert_int_equal(mkdir(path_of(w, CLAIMED), 0700), 0);
	w->config.in_folder.file_wait_ms = CLOCK_MINUTE;
	put(w, CLAIMED "/a.csv", "a.pdf\n");
	put(w, CLAIMED "/a.pdf", "%%EOF");
	put(w, CLAIMED "/z.pdf", "refused");
	open_door(w);
	fake.sees_files = true;
	assert_true(wait_for(w, "bad/z.pdf", 5000));
	assert_true(is_there(w, "done/a.csv") && is_there(w, "done/a.pdf") && !is_there(w, "out/z.pdf.result.txt"));
	spool_in_close(w->in);
	loop_free(w->loop);
	assert_int_equal(loop_new(&w->loop), OK);
	loop_add_tick(w->loop, watch, w);
	put(w, CLAIMED "/b.csv", "a.pdf\n");
	put(w, "in/a.pdf", "new");
	open_door(w);
	fake.sees_files = fake.is_known = true;
	assert_true(wait_for(w, "done/b.csv", 5000));
	assert_int_equal(fake.file_refused, OK);
	assert_int_equal(fake.n_uploads, 0);
	assert_true(is_there(w, "in/a.pdf"));
}

/* Of two adapters at one folder, each file is taken by one. */
static void
two_takers(void **state)
{
	struct world *w = *state;
	struct adapter_config other = w->config;
	struct spool_in *second;
	struct why why = { 0 };
	char name[32];
	int i;

	open_door(w);
	other.agency = "other";
	assert_int_equal(spool_in_open(&other, &(struct door_host){ .loop = w->loop, .on_fatal = fake_on_fatal }, &second, &why), OK);
	for (i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "in/%02d.csv", i);
		put(w, name, "x");
	}
	assert_true(wait_for(w, "done/49.csv", 5000));
	wait_for(w, NULL, 200);
	assert_int_equal(fake.n_asked, 50);
	spool_in_close(second);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(taken, setup, teardown),
		cmocka_unit_test_setup_teardown(made_again, setup, teardown),
		cmocka_unit_test_setup_teardown(refused, setup, teardown),
		cmocka_unit_test_setup_teardown(later, setup, teardown),
		cmocka_unit_test_setup_teardown(crash, setup, teardown),
		cmocka_unit_test_setup_teardown(left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(settling, setup, teardown),
		cmocka_unit_test_setup_teardown(unfinished, setup, teardown),
		cmocka_unit_test_setup_teardown(same_name, setup, teardown),
		cmocka_unit_test_setup_teardown(two_takers, setup, teardown),
		cmocka_unit_test_setup_teardown(with_files, setup, teardown),
		cmocka_unit_test_setup_teardown(files_missing, setup, teardown),
		cmocka_unit_test_setup_teardown(file_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(files_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(files_later, setup, teardown),
		cmocka_unit_test_setup_teardown(files_crash, setup, teardown),
	};

	alarm(55);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
