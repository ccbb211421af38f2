/* SPDX-License-Identifier: EUPL-1.2 */
/* The store: ordered, durable, sticky in its errors, and full without harm. */
#include "proto/base/store.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define MIB ((size_t)1024 * 1024)
#define N_KEYS 512

static const char *const tables[] = { "first", "second", NULL };

enum { FIRST, SECOND };

struct place {
	char root[64], path[80], copy[80];
	struct store *store;
	struct why why;
};

static struct store_options
options(const struct place *p)
{
	return (struct store_options){ .path = p->path, .tables = tables, .map_bytes = 4 * MIB, .schema = 7 };
}

static enum err
reopen(struct place *p, const struct store_options *o)
{
	store_close(p->store);
	p->store = NULL;
	memset(&p->why, 0, sizeof(p->why));
	return store_open(o, &p->store, &p->why);
}

static int
setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	struct store_options o;

	assert_non_null(p);
	snprintf(p->root, sizeof(p->root), "%s", "/tmp/nasoka-test-store-XXXXXX");
	assert_non_null(mkdtemp(p->root));
	snprintf(p->path, sizeof(p->path), "%s/db", p->root);
	snprintf(p->copy, sizeof(p->copy), "%s/copy", p->root);
	o = options(p);
	assert_int_equal(reopen(p, &o), OK);
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	static const char *const leaves[] = { "/db/data.mdb", "/db/lock.mdb", "/copy/data.mdb", "/copy/lock.mdb",
					      "/db",	      "/copy",	      "" };
	struct place *p = *state;
	char path[160];
	size_t i;

	store_close(p->store);
	for (i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", p->root, leaves[i]);
		(void)!remove(path);
	}
	free(p);
	return 0;
}

static void
put_one(struct store *store, unsigned table, const char *key, const char *value)
{
	struct txn *txn = store_write(store);

	txn_put(txn, table, span_str(key), span_str(value));
	assert_int_equal(txn_commit(txn), OK);
}

static bool
has(struct store *store, unsigned table, const char *key, const char *value)
{
	struct txn *txn = store_read(store);
	bool same = span_eq(txn_get(txn, table, span_str(key)), span_str(value));

	assert_int_equal(txn_error(txn), OK);
	txn_abort(txn);
	return same;
}

/* What was committed is there after the store was opened again, in its own table only. */
static void
commits_survive(void **state)
{
	struct place *p = *state;
	struct store_options o = options(p);
	struct txn *txn;

	put_one(p->store, FIRST, "k", "one");
	put_one(p->store, SECOND, "k", "two");
	put_one(p->store, SECOND, "empty", "");
	assert_int_equal(reopen(p, &o), OK);
	assert_true(has(p->store, FIRST, "k", "one"));
	assert_true(has(p->store, SECOND, "k", "two"));
	txn = store_read(p->store);
	assert_non_null(txn_get(txn, SECOND, SPAN_LIT("empty")).p);
	assert_null(txn_get(txn, FIRST, SPAN_LIT("empty")).p);
	assert_int_equal(txn_count(txn, FIRST), 1);
	assert_int_equal(txn_count(txn, SECOND), 2);
	assert_int_equal(txn_commit(txn), OK);
}

/* What was not committed is not there, and the writer's own reads see it until then. */
static void
aborts_leave_nothing(void **state)
{
	struct place *p = *state;
	struct txn *txn = store_write(p->store);

	txn_put(txn, FIRST, SPAN_LIT("k"), SPAN_LIT("v"));
	assert_true(span_eq(txn_get(txn, FIRST, SPAN_LIT("k")), SPAN_LIT("v")));
	assert_false(has(p->store, FIRST, "k", "v"));
	txn_abort(txn);
	assert_false(has(p->store, FIRST, "k", "v"));
	txn_abort(NULL);
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
	struct store_options o = options(p);

	put_one(p->store, FIRST, "k", "v");
	o.schema = 8;
	assert_int_equal(reopen(p, &o), ERR_VERSION);
	assert_null(p->store);
	assert_string_equal(p->why.where, p->path);
	assert_non_null(strstr(p->why.text, "older version (schema 7, this program has 8)"));
	o.schema = 6;
	o.read_only = true;
	assert_int_equal(reopen(p, &o), ERR_VERSION);
	assert_non_null(strstr(p->why.text, "install that version or a later one"));
	assert_int_equal(store_open(&o, &p->store, NULL), ERR_VERSION);
	o = options(p);
	assert_int_equal(reopen(p, &o), OK);
	assert_true(has(p->store, FIRST, "k", "v"));
}

/* A directory that cannot be a store is refused with its reason, never taken or overwritten. */
static void
no_stores_are_refused(void **state)
{
	struct place *p = *state;
	struct store_options o = options(p);
	char file[120];
	int fd;

	o.path = p->copy;
	o.read_only = true;
	assert_int_equal(reopen(p, &o), ERR_NOTFOUND);
	assert_true(strlen(p->why.text) > 0);
	assert_int_equal(mkdir(p->copy, 0700), 0);
	assert_int_equal(reopen(p, &o), ERR_NOTFOUND);
	o.read_only = false;
	snprintf(file, sizeof(file), "%s/data.mdb", p->copy);
	fd = open(file, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(ftruncate(fd, 8192), 0);
	assert_int_equal(write(fd, "not a database, but somebody's data", 35), 35);
	close(fd);
	assert_int_equal(reopen(p, &o), ERR_CORRUPT);
	o.path = "/proc/nasoka";
	assert_int_equal(reopen(p, &o), ERR_STORE);
	assert_string_equal(p->why.where, "/proc/nasoka");
	o.path = file;	/* a file, not a directory */
	assert_true(reopen(p, &o) != OK);
}

/* A reader sees all that was committed and can write nothing. */
static void
read_only(void **state)
{
	struct place *p = *state;
	struct store_options o = options(p);
	struct txn *txn;

	put_one(p->store, FIRST, "k", "v");
	o.read_only = true;
	o.map_bytes = 0;
	assert_int_equal(reopen(p, &o), OK);
	assert_true(has(p->store, FIRST, "k", "v"));
	txn = store_write(p->store);
	assert_non_null(txn);
	txn_put(txn, FIRST, SPAN_LIT("k"), SPAN_LIT("w"));
	txn_del(txn, FIRST, SPAN_LIT("k"));
	assert_null(txn_get(txn, FIRST, SPAN_LIT("k")).p);
	assert_int_equal(txn_count(txn, FIRST), 0);
	assert_int_equal(txn_commit(txn), ERR_STORE);
	assert_true(has(p->store, FIRST, "k", "v"));
}

/* The first error sticks: later steps do nothing, the commit gives it, and nothing of the transaction is there. */
static void
errors_stick(void **state)
{
	struct place *p = *state;
	struct txn *txn;
	struct walk walk;

	put_one(p->store, FIRST, "k", "v");
	txn = store_write(p->store);
	txn_put(txn, FIRST, SPAN_LIT("new"), SPAN_LIT("v"));
	assert_int_equal(txn_error(txn), OK);
	txn_put_new(txn, FIRST, SPAN_LIT("k"), SPAN_LIT("w"));
	assert_int_equal(txn_error(txn), ERR_EXISTS);
	txn_put(txn, SECOND, SPAN_LIT("later"), SPAN_LIT("v"));
	assert_null(txn_get(txn, FIRST, SPAN_LIT("k")).p);
	assert_false(walk_from(txn, FIRST, SPAN_NONE, &walk));
	assert_false(walk_next(&walk));
	walk_end(&walk);
	assert_int_equal(txn_commit(txn), ERR_EXISTS);
	assert_true(has(p->store, FIRST, "k", "v"));
	assert_true(has(p->store, FIRST, "new", NULL));
	assert_true(has(p->store, SECOND, "later", NULL));
}

/* Keys have 1 to 511 bytes: longer ones are refused when written, absent when read. */
static void
key_limits(void **state)
{
	struct place *p = *state;
	char key[STORE_KEY_MAX + 1];
	struct txn *txn = store_write(p->store);

	memset(key, 'k', sizeof(key));
	txn_put(txn, FIRST, SPAN(key, STORE_KEY_MAX), SPAN_LIT("v"));
	assert_true(span_eq(txn_get(txn, FIRST, SPAN(key, STORE_KEY_MAX)), SPAN_LIT("v")));
	assert_null(txn_get(txn, FIRST, SPAN(key, STORE_KEY_MAX + 1)).p);
	assert_null(txn_get(txn, FIRST, SPAN_NONE).p);
	txn_del(txn, FIRST, SPAN(key, STORE_KEY_MAX + 1));
	txn_del(txn, FIRST, SPAN_LIT("absent"));
	assert_int_equal(txn_error(txn), OK);
	txn_put(txn, FIRST, SPAN(key, STORE_KEY_MAX + 1), SPAN_LIT("v"));
	assert_int_equal(txn_commit(txn), ERR_TOOBIG);
}

/* A full map is ERR_FULL, leaves the store as it was, and deleting makes room again, every time. */
static void
full_and_free_again(void **state)
{
	static uint8_t value[64 * 1024];
	struct place *p = *state;
	uint64_t room = store_room(p->store);
	int round;

	assert_in_range(room, 3 * MIB, 4 * MIB);
	put_one(p->store, SECOND, "old", "v");
	for (round = 0; round < 5; round++) {
		struct txn *txn;
		uint32_t i, n;
		enum err e = OK;

		for (n = 0; e == OK; n++) {
			txn = store_write(p->store);
			txn_put(txn, FIRST, SPAN(&n, sizeof(n)), SPAN(value, sizeof(value)));
			e = txn_commit(txn);
			assert_true(n < 100);
		}
		assert_int_equal(e, ERR_FULL);
		assert_true(n > 40);
		assert_true(store_room(p->store) < 4 * MIB / 6);	/* what is left is in pieces */
		assert_true(has(p->store, SECOND, "old", "v"));
		for (i = 0; i + 1 < n; i++) {
			txn = store_write(p->store);
			txn_del(txn, FIRST, SPAN(&i, sizeof(i)));
			if (txn_commit(txn) != OK)
				fail_msg("round %d: no deleting when full", round);
		}
		assert_true(store_room(p->store) > room * 9 / 10);
	}
}

/* A store without any room says so, and not that it does not know. */
static void
no_room_is_known(void **state)
{
	static uint8_t value[64 * 1024];
	struct place *p = *state;
	struct store_options o = options(p);

	for (uint32_t n = 0; n < 8; n++) {
		struct txn *txn = store_write(p->store);

		txn_put(txn, FIRST, SPAN(&n, sizeof(n)), SPAN(value, sizeof(value)));
		assert_int_equal(txn_commit(txn), OK);
	}
	o.map_bytes = 4096;	/* LMDB makes it what is in use */
	assert_int_equal(reopen(p, &o), OK);
	assert_in_range(store_room(p->store), 1, 64 * 1024);
}

/* A batch of half the room that store_room named fits as long as an eighth of the map is left, also in a store whose
 * free pages are in pieces.
 */
static void
room_can_be_trusted(void **state)
{
	static uint8_t value[40 * 1000];
	struct place *p = *state;
	uint32_t key = 0, gone = 0, seed = 99;
	int round, batches = 0;

	for (round = 0; round < 8; round++) {
		struct txn *txn = store_write(p->store);

		for (; gone < key; gone += 1 + gone % 3)	/* some stay in between for good */
			txn_del(txn, FIRST, SPAN(&gone, sizeof(gone)));
		assert_int_equal(txn_commit(txn), OK);
		for (; store_room(p->store) > 4 * MIB / 8; batches++) {
			uint64_t left = store_room(p->store) / 2;
			size_t n;

			txn = store_write(p->store);
			while (n = (seed = seed * 1103515245 + 12345) / 65536 % sizeof(value), left > n + 8192) {
				left -= n + 8192;
				key++;
				txn_put(txn, FIRST, SPAN(&key, sizeof(key)), SPAN(value, n));
			}
			if (txn_commit(txn) != OK)
				fail_msg("round %d, room was %ju", round, (uintmax_t)store_room(p->store));
		}
	}
	assert_true(batches >= 8);
}

/* A reading transaction keeps its snapshot while another thread writes, and the next one sees what is new. */
static void *
write_from_thread(void *arg)
{
	struct store *store = arg;
	int i;

	for (i = 0; i < 50; i++) {
		char value[16];
		struct txn *txn = store_write(store);

		snprintf(value, sizeof(value), "%d", i);
		txn_put(txn, FIRST, SPAN_LIT("a"), span_str(value));
		txn_put(txn, SECOND, SPAN_LIT("b"), span_str(value));
		if (txn_commit(txn) != OK)
			abort();
	}
	return NULL;
}

static void
readers_have_snapshots(void **state)
{
	struct place *p = *state;
	struct txn *old, *readers[100];
	pthread_t thread;
	int i;

	put_one(p->store, FIRST, "a", "old");
	put_one(p->store, SECOND, "b", "old");
	old = store_read(p->store);
	assert_int_equal(pthread_create(&thread, NULL, write_from_thread, p->store), 0);
	for (i = 0; i < 100; i++) {	/* many at a time in one thread: NOTLS */
		struct span a, b;

		readers[i] = store_read(p->store);
		a = txn_get(readers[i], FIRST, SPAN_LIT("a"));
		b = txn_get(readers[i], SECOND, SPAN_LIT("b"));
		assert_non_null(a.p);
		assert_true(span_eq(a, b));	/* both of one commit, never of two */
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(span_eq(txn_get(old, FIRST, SPAN_LIT("a")), SPAN_LIT("old")));
	assert_true(has(p->store, FIRST, "a", "49"));
	for (i = 0; i < 100; i++)
		txn_abort(readers[i]);
	txn_abort(old);
}

/* Too many readers are ERR_BUSY, not a reason to stop, and reading goes on when some have ended. */
static void
too_many_readers(void **state)
{
	struct place *p = *state;
	struct txn *readers[600];
	enum err e = OK;
	int i, n;

	for (n = 0; n < 600 && e == OK; n++) {
		readers[n] = store_read(p->store);
		e = txn_error(readers[n]);
	}
	assert_int_equal(e, ERR_BUSY);
	assert_true(n > 400);
	for (i = 0; i < n; i++)
		txn_abort(readers[i]);
	assert_true(has(p->store, FIRST, "k", NULL));
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

	put_one(p->store, FIRST, "k", "v");
	store_set_fault(p->store, fail_commit, &n);
	txn = store_write(p->store);
	txn_put(txn, FIRST, SPAN_LIT("k"), SPAN_LIT("w"));
	assert_int_equal(n, 0);
	assert_int_equal(txn_commit(txn), ERR_STORE);
	assert_int_equal(n, 1);
	assert_int_equal(txn_commit(store_read(p->store)), OK);
	assert_int_equal(n, 1);
	assert_true(has(p->store, FIRST, "k", "v"));
	store_set_fault(p->store, NULL, NULL);
	put_one(p->store, FIRST, "k", "w");
	assert_true(has(p->store, FIRST, "k", "w"));
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
		put_one(p->store, FIRST, "k", "value");
		assert_true(n_synced >= i);
	}
}

/* A process killed while it writes leaves the last commit, whole. */
static void
kill_leaves_the_last_commit(void **state)
{
	struct place *p = *state;
	struct store_options o = options(p);
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
				write_from_thread(store);
		}
		usleep((unsigned)(20 + 17 * round) * 1000);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(reopen(p, &o), OK);
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
	struct store_options o = options(p);
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
		assert_int_equal(reopen(p, &o), OK);
		put_one(p->store, FIRST, "k", "v");
		snprintf(file, sizeof(file), "%s/.data.new", p->path);
		assert_int_equal(access(file, F_OK), -1);
	}
}

/* A copy taken beside a writer is a store of its own with all that was committed; an existing one is not overwritten. */
static void
copies(void **state)
{
	struct place *p = *state;
	struct store_options o = options(p);
	struct txn *txn;

	put_one(p->store, FIRST, "k", "v");
	txn = store_write(p->store);
	txn_put(txn, FIRST, SPAN_LIT("k"), SPAN_LIT("later"));
	assert_int_equal(store_copy(p->store, p->copy), OK);
	assert_int_equal(txn_commit(txn), OK);
	assert_int_equal(store_copy(p->store, p->copy), ERR_EXISTS);
	assert_int_equal(store_copy(p->store, "/nowhere/at/all"), ERR_NOTFOUND);
	o.path = p->copy;
	assert_int_equal(reopen(p, &o), OK);
	assert_true(has(p->store, FIRST, "k", "v"));
	put_one(p->store, FIRST, "more", "v");
}

/* -- walks, against a plain sorted array -- */

static struct span
key_of(unsigned i, char to[static 8])
{
	snprintf(to, 8, "%03u", i);
	return SPAN(to, 3);
}

/* From every start, in both directions, a walk gives just the keys that are there, in order, and then ends for good. */
static void
check_walks(struct txn *txn, const bool there[static N_KEYS])
{
	unsigned start;
	char text[8];

	for (start = 0; start <= N_KEYS; start += 13) {
		struct walk walk;
		unsigned i;
		bool more;

		more = walk_from(txn, FIRST, start > 0 ? key_of(start, text) : SPAN_NONE, &walk);
		for (i = start; i < N_KEYS; i++) {
			if (!there[i])
				continue;
			assert_true(more && span_eq(walk.key, key_of(i, text)));
			more = walk_next(&walk);
		}
		assert_false(more);
		assert_null(walk.key.p);
		assert_false(walk_next(&walk));
		assert_false(walk_prev(&walk));
		walk_end(&walk);

		more = walk_before(txn, FIRST, start < N_KEYS ? key_of(start, text) : SPAN_NONE, &walk);
		for (i = start; i-- > 0;) {
			if (!there[i])
				continue;
			assert_true(more && span_eq(walk.key, key_of(i, text)));
			more = walk_prev(&walk);
		}
		assert_false(more);
		assert_false(walk_prev(&walk));
		walk_end(&walk);
	}
}

/* Walks agree with a plain array, for an empty table, a random one and a full one. */
static void
walks_agree_with_a_model(void **state)
{
	struct place *p = *state;
	bool there[N_KEYS] = { false };
	uint32_t seed = 12345;
	struct txn *txn = store_write(p->store);
	char text[8];
	int round, i;

	check_walks(txn, there);
	for (round = 0; round < 6; round++) {
		for (i = 0; i < 300; i++) {
			unsigned k = (seed = seed * 1103515245 + 12345) / 65536 % N_KEYS;

			if (seed / 7 % 3 == 0)
				txn_del(txn, FIRST, key_of(k, text));
			else
				txn_put(txn, FIRST, key_of(k, text), SPAN_LIT("some value of some length"));
			there[k] = seed / 7 % 3 != 0;
		}
		check_walks(txn, there);
		assert_int_equal(txn_commit(txn), OK);
		txn = store_write(p->store);
		check_walks(txn, there);
	}
	txn_abort(txn);
}

/* Deleting the key under a walk, forwards or backwards, skips no other key and visits none twice. */
static void
deleting_under_a_walk(void **state)
{
	struct place *p = *state;
	int pass;

	for (pass = 0; pass < 4; pass++) {
		bool back = pass & 1;
		unsigned divisor = pass < 2 ? 1 : 3, n = 0, i;
		struct txn *txn = store_write(p->store);
		struct walk walk;
		char text[8];
		bool more;

		for (i = 0; i < N_KEYS; i++)
			txn_put(txn, FIRST, key_of(i, text), SPAN_LIT("a value that fills pages, so that they merge"));
		more = back ? walk_before(txn, FIRST, SPAN_NONE, &walk) : walk_from(txn, FIRST, SPAN_NONE, &walk);
		for (; more; more = back ? walk_prev(&walk) : walk_next(&walk), n++) {
			assert_true(span_eq(walk.key, key_of(back ? N_KEYS - 1 - n : n, text)));
			if (n % divisor == 0)
				txn_del(txn, FIRST, walk.key);
		}
		walk_end(&walk);
		assert_int_equal(n, N_KEYS);
		assert_int_equal(txn_count(txn, FIRST), N_KEYS - (N_KEYS + divisor - 1) / divisor);
		txn_abort(txn);
	}
}

/* Keys are in the order of their bytes as unsigned numbers, a prefix first. */
static void
order_is_memcmp(void **state)
{
	static const char *const sorted[] = { "\x01", "a", "a\x01", "aa", "b", "\x7f", "\x80", "\xff", "\xff\xff" };
	struct place *p = *state;
	struct txn *txn = store_write(p->store);
	struct walk walk;
	size_t i;
	bool more;

	for (i = sizeof(sorted) / sizeof(sorted[0]); i-- > 0;)
		txn_put(txn, FIRST, span_str(sorted[i]), SPAN_NONE);
	more = walk_from(txn, FIRST, SPAN_NONE, &walk);
	for (i = 0; i < sizeof(sorted) / sizeof(sorted[0]); i++, more = walk_next(&walk))
		assert_true(more && span_eq(walk.key, span_str(sorted[i])));
	assert_false(more);
	walk_end(&walk);
	txn_abort(txn);
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(commits_survive),	      WITH_STORE(aborts_leave_nothing),
		WITH_STORE(files_are_private),	      WITH_STORE(other_schemas_are_refused),
		WITH_STORE(no_stores_are_refused),    WITH_STORE(read_only),
		WITH_STORE(errors_stick),	      WITH_STORE(key_limits),
		WITH_STORE(no_room_is_known),	      WITH_STORE(full_and_free_again),
		WITH_STORE(room_can_be_trusted),
		WITH_STORE(readers_have_snapshots),   WITH_STORE(too_many_readers),
		WITH_STORE(faults),		      WITH_STORE(commits_are_synced),
		WITH_STORE(kill_leaves_the_last_commit),
		WITH_STORE(cut_off_at_its_making),    WITH_STORE(copies),
		WITH_STORE(walks_agree_with_a_model),  WITH_STORE(deleting_under_a_walk),
		WITH_STORE(order_is_memcmp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
