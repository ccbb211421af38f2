/* SPDX-License-Identifier: EUPL-1.2 */
/* The store as files: what was committed stays, what is no store of ours is refused, a copy is whole. */
#include "store_place.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* What was committed is there after the store was opened again, in its own table only. */
static void
commits_survive(void **state)
{
	struct place *p = *state;
	struct store_options o = place_options(p);
	struct txn *txn;

	place_put(p->store, FIRST, "k", "one");
	place_put(p->store, SECOND, "k", "two");
	place_put(p->store, SECOND, "empty", "");
	assert_int_equal(place_reopen(p, &o), OK);
	assert_true(place_has(p->store, FIRST, "k", "one"));
	assert_true(place_has(p->store, SECOND, "k", "two"));
	txn = store_read(p->store);
	assert_non_null(txn_get(txn, SECOND, SPAN_LIT("empty")).p);
	assert_null(txn_get(txn, FIRST, SPAN_LIT("empty")).p);
	assert_int_equal(txn_count(txn, FIRST), 1);
	assert_int_equal(txn_count(txn, SECOND), 2);
	assert_int_equal(txn_commit(txn), OK);
}

/* Files are readable by their owner only. */
static void
files_are_private(void **state)
{
	struct place *p = *state;
	struct stat st;
	char file[120];

	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	snprintf(file, sizeof(file), "%s/data.mdb", p->path);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0077, 0);
}

/* A store of another schema is refused, older or newer, with a word about what to do, and stays as it was. */
static void
other_schemas_are_refused(void **state)
{
	struct place *p = *state;
	struct store_options o = place_options(p);

	place_put(p->store, FIRST, "k", "v");
	o.schema = 8;
	assert_int_equal(place_reopen(p, &o), ERR_VERSION);
	assert_null(p->store);
	assert_string_equal(p->why.where, p->path);
	assert_non_null(strstr(p->why.text, "older version (schema 7, this program has 8)"));
	o.schema = 6;
	o.read_only = true;
	assert_int_equal(place_reopen(p, &o), ERR_VERSION);
	assert_non_null(strstr(p->why.text, "install that version or a later one"));
	assert_int_equal(store_open(&o, &p->store, NULL), ERR_VERSION);
	o = place_options(p);
	assert_int_equal(place_reopen(p, &o), OK);
	assert_true(place_has(p->store, FIRST, "k", "v"));
}

/* A directory that cannot be a store is refused with its reason, never taken or overwritten. */
static void
no_stores_are_refused(void **state)
{
	struct place *p = *state;
	struct store_options o = place_options(p);
	char file[120];
	int fd;

	o.path = p->copy;
	o.read_only = true;
	assert_int_equal(place_reopen(p, &o), ERR_NOTFOUND);
	assert_true(strlen(p->why.text) > 0);
	assert_int_equal(mkdir(p->copy, 0700), 0);
	assert_int_equal(place_reopen(p, &o), ERR_NOTFOUND);
	o.read_only = false;
	snprintf(file, sizeof(file), "%s/data.mdb", p->copy);
	fd = open(file, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(ftruncate(fd, 8192), 0);
	assert_int_equal(write(fd, "not a database, but somebody's data", 35), 35);
	close(fd);
	assert_int_equal(place_reopen(p, &o), ERR_CORRUPT);
	o.path = "/proc/nasoka";
	assert_int_equal(place_reopen(p, &o), ERR_STORE);
	assert_string_equal(p->why.where, "/proc/nasoka");
	o.path = file;	/* a file, not a directory */
	assert_true(place_reopen(p, &o) != OK);
}

/* A reader sees all that was committed and can write nothing. */
static void
read_only(void **state)
{
	struct place *p = *state;
	struct store_options o = place_options(p);
	struct txn *txn;

	place_put(p->store, FIRST, "k", "v");
	o.read_only = true;
	o.map_bytes = 0;
	assert_int_equal(place_reopen(p, &o), OK);
	assert_true(place_has(p->store, FIRST, "k", "v"));
	txn = store_write(p->store);
	assert_non_null(txn);
	txn_put(txn, FIRST, SPAN_LIT("k"), SPAN_LIT("w"));
	txn_del(txn, FIRST, SPAN_LIT("k"));
	assert_null(txn_get(txn, FIRST, SPAN_LIT("k")).p);
	assert_int_equal(txn_count(txn, FIRST), 0);
	assert_int_equal(txn_commit(txn), ERR_STORE);
	assert_true(place_has(p->store, FIRST, "k", "v"));
}

static enum err
fail_commit(void *arg)
{
	++*(int *)arg;
	return ERR_STORE;
}

/* A commit that the test makes fail gives that error, writes nothing, and is asked for writing commits only. */
static void
faults(void **state)
{
	struct place *p = *state;
	int n = 0;
	struct txn *txn;

	place_put(p->store, FIRST, "k", "v");
	store_set_fault(p->store, fail_commit, &n);
	txn = store_write(p->store);
	txn_put(txn, FIRST, SPAN_LIT("k"), SPAN_LIT("w"));
	assert_int_equal(n, 0);
	assert_int_equal(txn_commit(txn), ERR_STORE);
	assert_int_equal(n, 1);
	assert_int_equal(txn_commit(store_read(p->store)), OK);
	assert_int_equal(n, 1);
	assert_true(place_has(p->store, FIRST, "k", "v"));
	store_set_fault(p->store, NULL, NULL);
	place_put(p->store, FIRST, "k", "w");
	assert_true(place_has(p->store, FIRST, "k", "w"));
}

static unsigned n_synced;

/* LMDB's calls come here first. */
int
fdatasync(int fd)
{
	n_synced++;
	return (int)syscall(SYS_fdatasync, fd);
}

/* A commit is synced to the disk before it is OK; one that wrote nothing need not be. */
static void
commits_are_synced(void **state)
{
	struct place *p = *state;

	n_synced = 0;
	for (unsigned i = 1; i <= 3; i++) {
		place_put(p->store, FIRST, "k", "value");
		assert_true(n_synced >= i);
	}
}

/* A process killed while it writes leaves the last commit, whole. */
static void
kill_leaves_the_last_commit(void **state)
{
	struct place *p = *state;
	struct store_options o = place_options(p);
	int round;

	store_close(p->store);
	p->store = NULL;
	for (round = 0; round < 5; round++) {
		pid_t child = fork();
		struct txn *txn;
		struct span a, b;
		int status;

		if (child == 0) {
			struct store *store;

			if (store_open(&o, &store, NULL) != OK)
				_exit(1);
			for (;;)
				place_write_pairs(store);
		}
		usleep((unsigned)(20 + 17 * round) * 1000);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(place_reopen(p, &o), OK);
		txn = store_read(p->store);
		a = txn_get(txn, FIRST, SPAN_LIT("a"));
		b = txn_get(txn, SECOND, SPAN_LIT("b"));
		assert_true(span_eq(a, b));
		txn_abort(txn);
		store_close(p->store);
		p->store = NULL;
	}
}

/* A first start that was cut off, by this program or by an older one, leaves what the next start makes a store of. */
static void
cut_off_at_its_making(void **state)
{
	static const char *const names[] = { "data.mdb", ".data.new" };
	static const size_t lengths[] = { 0, 512 };
	struct place *p = *state;
	struct store_options o = place_options(p);
	char file[160], zeros[512] = { 0 };

	for (size_t i = 0; i < 2; i++) {
		int fd;

		store_close(p->store);
		p->store = NULL;
		snprintf(file, sizeof(file), "%s/data.mdb", p->path);
		assert_int_equal(unlink(file), 0);
		snprintf(file, sizeof(file), "%s/%s", p->path, names[i]);
		fd = open(file, O_WRONLY | O_CREAT | O_EXCL, 0600);
		assert_true(fd >= 0);
		assert_int_equal(write(fd, zeros, lengths[i]), lengths[i]);
		close(fd);
		assert_int_equal(place_reopen(p, &o), OK);
		place_put(p->store, FIRST, "k", "v");
		snprintf(file, sizeof(file), "%s/.data.new", p->path);
		assert_int_equal(access(file, F_OK), -1);
	}
}

/* A copy taken beside a writer is a store of its own with all that was committed; an existing one is not overwritten. */
static void
copies(void **state)
{
	struct place *p = *state;
	struct store_options o = place_options(p);
	struct txn *txn;

	place_put(p->store, FIRST, "k", "v");
	txn = store_write(p->store);
	txn_put(txn, FIRST, SPAN_LIT("k"), SPAN_LIT("later"));
	assert_int_equal(store_copy(p->store, p->copy), OK);
	assert_int_equal(txn_commit(txn), OK);
	assert_int_equal(store_copy(p->store, p->copy), ERR_EXISTS);
	assert_int_equal(store_copy(p->store, "/nowhere/at/all"), ERR_NOTFOUND);
	o.path = p->copy;
	assert_int_equal(place_reopen(p, &o), OK);
	assert_true(place_has(p->store, FIRST, "k", "v"));
	place_put(p->store, FIRST, "more", "v");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PLACE(commits_survive), WITH_PLACE(files_are_private),
		WITH_PLACE(other_schemas_are_refused), WITH_PLACE(no_stores_are_refused),
		WITH_PLACE(read_only), WITH_PLACE(faults), WITH_PLACE(commits_are_synced),
		WITH_PLACE(kill_leaves_the_last_commit), WITH_PLACE(cut_off_at_its_making),
		WITH_PLACE(copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
