/* SPDX-License-Identifier: EUPL-1.2 */
/* Transactions: whole or not at all, sticky in their errors, each with its snapshot; walks go by the order of bytes. */
#include "store_place.h"

#include <pthread.h>

#define N_KEYS 512

/* What was not committed is not there, and the writer's own reads see it until then. */
static void
aborts_leave_nothing(void **state)
{
	struct place *p = *state;
	struct txn *txn = store_write(p->store);

	txn_put(txn, FIRST, SPAN_LIT("k"), SPAN_LIT("v"));
	assert_true(span_eq(txn_get(txn, FIRST, SPAN_LIT("k")), SPAN_LIT("v")));
	assert_false(place_has(p->store, FIRST, "k", "v"));
	txn_abort(txn);
	assert_false(place_has(p->store, FIRST, "k", "v"));
	txn_abort(NULL);
}

/* The first error sticks: later steps do nothing, the commit gives it, and nothing of the transaction is there. */
static void
errors_stick(void **state)
{
	struct place *p = *state;
	struct txn *txn;
	struct walk walk;

	place_put(p->store, FIRST, "k", "v");
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
	assert_true(place_has(p->store, FIRST, "k", "v"));
	assert_true(place_has(p->store, FIRST, "new", NULL));
	assert_true(place_has(p->store, SECOND, "later", NULL));
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

/* A reading transaction keeps its snapshot while another thread writes, and the next one sees what is new. */
static void
readers_have_snapshots(void **state)
{
	struct place *p = *state;
	struct txn *old, *readers[100];
	pthread_t thread;
	int i;

	place_put(p->store, FIRST, "a", "old");
	place_put(p->store, SECOND, "b", "old");
	old = store_read(p->store);
	assert_int_equal(pthread_create(&thread, NULL, place_write_pairs, p->store), 0);
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
	assert_true(place_has(p->store, FIRST, "a", "49"));
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
	assert_true(place_has(p->store, FIRST, "k", NULL));
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PLACE(aborts_leave_nothing), WITH_PLACE(errors_stick),
		WITH_PLACE(key_limits), WITH_PLACE(readers_have_snapshots),
		WITH_PLACE(too_many_readers), WITH_PLACE(walks_agree_with_a_model),
		WITH_PLACE(deleting_under_a_walk), WITH_PLACE(order_is_memcmp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
