/* SPDX-License-Identifier: EUPL-1.2 */
/* The folder door out: a message is a whole file under the name of its id, written once or twice alike. */
#include "adapters/core/spool_out.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/fake_adapter.h"

#define ID "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
#define NAME "20220222T192222-" ID ".csv"

struct world {
	struct spool_out *out;
	struct adapter_config config;
	char dir[64], file[160];
};

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct why why = { 0 };

	assert_non_null(w);
	snprintf(w->dir, sizeof(w->dir), "/tmp/test-spool-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	snprintf(w->file, sizeof(w->file), "%s/" NAME, w->dir);
	w->config.out_folder.dir = w->dir;
	assert_int_equal(spool_out_open(&w->config, fake_host(NULL), &w->out, &why), OK);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	spool_out_close(w->out);
	unlink(w->file);
	rmdir(w->dir);
	free(w);
	return 0;
}

static enum err
hand(struct world *w, const char *msg_id)
{
	struct door *door = spool_out_door(w->out);
	struct handover h = { .cursor = 9, .msg_id = msg_id, .native = { .format = FORMAT_CSV, .bytes = SPAN_LIT("a;b\r\n") } };

	return door->hand(door->arg, &h);
}

static unsigned
count_files(const char *path)
{
	DIR *dir = opendir(path);
	unsigned n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

/* The file is there, whole and alone, when the adapter is told; again, it is the same one. */
static void
written(void **state)
{
	struct world *w = *state;
	struct stat st;
	unsigned i;

	for (i = 1; i <= 2; i++) {
		assert_int_equal(hand(w, ID), OK);
		assert_int_equal(fake.n_handed, i);
		assert_int_equal(fake.cursor, 9);
		assert_int_equal(fake.handed, OK);
		assert_false(fake.has_answer);
		assert_int_equal(stat(w->file, &st), 0);
		assert_int_equal(st.st_size, 5);
		assert_int_equal(st.st_mode & 0777, 0640);
		assert_int_equal(count_files(w->dir), 1);
	}
}

/* A folder that went away is a failure to be tried again, and an id that is none writes nothing. */
static void
failures(void **state)
{
	struct world *w = *state;

	assert_int_equal(hand(w, "../x"), ERR_FORMAT);
	assert_int_equal(count_files(w->dir), 0);
	assert_int_equal(rmdir(w->dir), 0);
	assert_int_equal(hand(w, ID), ERR_PEER_DOWN);
	assert_int_equal(fake.n_handed, 0);
	assert_int_equal(mkdir(w->dir, 0700), 0);
	assert_int_equal(hand(w, ID), OK);
}

/* A fatal answer of the adapter is told to the process. */
static void
fatal(void **state)
{
	struct world *w = *state;

	fake.handed_says = ERR_STORE;
	(void)hand(w, ID);
	assert_int_equal(fake.fatal, ERR_STORE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(written, setup, teardown),
		cmocka_unit_test_setup_teardown(failures, setup, teardown),
		cmocka_unit_test_setup_teardown(fatal, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
