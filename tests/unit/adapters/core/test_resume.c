/* SPDX-License-Identifier: EUPL-1.2 */
/* resume - how the run before ended is told at the next start. */
#include "adapters/core/resume.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/core/storage.h"

struct place {
	char path[64];
	struct store *store;
};

static void
reopen(struct place *p)
{
	static const char *const tables[] = { ADAPTER_TABLE_NAMES };
	struct store_options o = { .path = p->path, .tables = tables, .map_bytes = 1 << 20, .schema = ADAPTER_SCHEMA };

	store_close(p->store);
	assert_int_equal(store_open(&o, &p->store, NULL), OK);
}

static int
set_up(void **state)
{
	static struct place p;

	p = (struct place){ .path = "/tmp/nasoka-test-resume-XXXXXX" };
	assert_non_null(mkdtemp(p.path));
	reopen(&p);
	*state = &p;
	return 0;
}

static int
tear_down(void **state)
{
	struct place *p = *state;
	char file[80];

	store_close(p->store);
	(void)snprintf(file, sizeof(file), "%s/data.mdb", p->path);
	unlink(file);
	(void)snprintf(file, sizeof(file), "%s/lock.mdb", p->path);
	unlink(file);
	return rmdir(p->path);
}

static void
begins(struct place *p, int64_t now_ms, enum resume_last last, int64_t last_ms)
{
	struct resumed r;

	reopen(p);
	assert_int_equal(resume_begin(p->store, now_ms, &r), OK);
	assert_int_equal(r.last, last);
	assert_int_equal(r.last_ms, last_ms);
}

/* The first start finds nothing, one after a good end finds that end, one after a crash finds when that run had begun. */
static void
ends_are_told(void **state)
{
	struct place *p = *state;

	begins(p, 1000, RESUME_NONE, 0);
	begins(p, 2000, RESUME_CRASH, 1000);
	resume_end(p->store, 3000);
	begins(p, 4000, RESUME_CLEAN, 3000);
	begins(p, 5000, RESUME_CRASH, 4000);
	assert_string_equal(resume_last_name(RESUME_NONE), "none");
	assert_string_equal(resume_last_name(RESUME_CLEAN), "clean");
	assert_string_equal(resume_last_name(RESUME_CRASH), "crash");
}

/* A store that takes no more hinders neither a start nor an end. */
static enum err
no_commit(void *arg)
{
	(void)arg;
	return ERR_FULL;
}

static void
full_stops_nobody(void **state)
{
	struct place *p = *state;
	struct resumed r;

	begins(p, 1000, RESUME_NONE, 0);
	store_set_fault(p->store, no_commit, NULL);
	resume_end(p->store, 2000);
	assert_int_equal(resume_begin(p->store, 3000, &r), OK);
	assert_int_equal(r.last, RESUME_CRASH);
	assert_int_equal(r.last_ms, 1000);
}

/* A store that cannot be written ends the start: what was read may not be on the disk. */
static enum err
broken_commit(void *arg)
{
	(void)arg;
	return ERR_STORE;
}

static void
broken_stops_the_start(void **state)
{
	struct place *p = *state;
	struct resumed r;

	reopen(p);
	store_set_fault(p->store, broken_commit, NULL);
	assert_int_equal(resume_begin(p->store, 1000, &r), ERR_STORE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ends_are_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(full_stops_nobody, set_up, tear_down),
		cmocka_unit_test_setup_teardown(broken_stops_the_start, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
