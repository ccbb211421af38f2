/* SPDX-License-Identifier: EUPL-1.2 */
/* store_place - a store of 4 MiB with two tables in a folder of its own: what the tests of the store stand on. */
#ifndef STORE_PLACE_H
#define STORE_PLACE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/base/store.h"

#define MIB ((size_t)1024 * 1024)

static const char *const place_tables[] = { "first", "second", NULL };

enum { FIRST, SECOND };

struct place {
	char root[64], path[80], copy[80];
	struct store *store;
	struct why why;
};

static inline struct store_options
place_options(const struct place *p)
{
	return (struct store_options){ .path = p->path, .tables = place_tables, .map_bytes = 4 * MIB, .schema = 7 };
}

static inline enum err
place_reopen(struct place *p, const struct store_options *o)
{
	store_close(p->store);
	p->store = NULL;
	memset(&p->why, 0, sizeof(p->why));
	return store_open(o, &p->store, &p->why);
}

static inline int
place_setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	struct store_options o;

	assert_non_null(p);
	snprintf(p->root, sizeof(p->root), "%s", "/tmp/nasoka-test-store-XXXXXX");
	assert_non_null(mkdtemp(p->root));
	snprintf(p->path, sizeof(p->path), "%s/db", p->root);
	snprintf(p->copy, sizeof(p->copy), "%s/copy", p->root);
	o = place_options(p);
	assert_int_equal(place_reopen(p, &o), OK);
	*state = p;
	return 0;
}

static inline int
place_teardown(void **state)
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

static inline void
place_put(struct store *store, unsigned table, const char *key, const char *value)
{
	struct txn *txn = store_write(store);

	txn_put(txn, table, span_str(key), span_str(value));
	assert_int_equal(txn_commit(txn), OK);
}

static inline bool
place_has(struct store *store, unsigned table, const char *key, const char *value)
{
	struct txn *txn = store_read(store);
	bool same = span_eq(txn_get(txn, table, span_str(key)), span_str(value));

	assert_int_equal(txn_error(txn), OK);
	txn_abort(txn);
	return same;
}

/* Fifty commits, each with one number in both tables. */
static inline void *
place_write_pairs(void *arg)
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

#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, place_setup, place_teardown)

#endif
