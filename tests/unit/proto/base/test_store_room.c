/* SPDX-License-Identifier: EUPL-1.2 */
/* A full store is full without harm, and the room that it names is there. */
#include "store_place.h"

/* A full map is ERR_FULL, leaves the store as it was, and deleting makes room again, every time. */
static void
full_and_free_again(void **state)
{
	static uint8_t value[64 * 1024];
	struct place *p = *state;
	uint64_t room = store_room(p->store);
	int round;

	assert_in_range(room, 3 * MIB, 4 * MIB);
	place_put(p->store, SECOND, "old", "v");
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
		assert_true(place_has(p->store, SECOND, "old", "v"));
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
	struct store_options o = place_options(p);

	for (uint32_t n = 0; n < 8; n++) {
		struct txn *txn = store_write(p->store);

		txn_put(txn, FIRST, SPAN(&n, sizeof(n)), SPAN(value, sizeof(value)));
		assert_int_equal(txn_commit(txn), OK);
	}
	o.map_bytes = 4096;	/* LMDB makes it what is in use */
	assert_int_equal(place_reopen(p, &o), OK);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PLACE(no_room_is_known), WITH_PLACE(full_and_free_again),
		WITH_PLACE(room_can_be_trusted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
