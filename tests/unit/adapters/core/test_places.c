/* SPDX-License-Identifier: EUPL-1.2 */
/* Places at a door: who gives way, and whose time is up. */
#include "adapters/core/places.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define N 4
#define LATER (2 * PLACES_GRACE_MS)

struct world {
	struct place all[N];
	struct places places;
};

static int
setup(void **state)
{
	static struct world w;

	w = (struct world){ .places.n = N };
	w.places.all = w.all;
	*state = &w;
	return 0;
}

static struct place *
take(struct world *w, const char *peer, int64_t due_ms)
{
	struct sockaddr_storage addr = { .ss_family = AF_INET };

	assert_int_equal(inet_pton(AF_INET, peer, &((struct sockaddr_in *)&addr)->sin_addr), 1);
	return places_take(&w->places, &addr, 0, due_ms);
}

/* There are as many as there are, and what is left is given again. */
static void
as_many(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < N; i++)
		assert_ptr_equal(take(w, "10.0.0.1", 5000), &w->all[i]);
	assert_false(places_has_free(&w->places));
	assert_null(take(w, "10.0.0.1", 5000));
	w->all[2].state = PLACE_FREE;
	assert_true(places_has_free(&w->places));
	assert_ptr_equal(take(w, "10.0.0.1", 5000), &w->all[2]);
}

/* Of those that wait the one that is due first gives way, none before its grace has passed; then one that rests; never one that is served. */
static void
the_first_due(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < N; i++)
		take(w, "10.0.0.1", 9000 - 1000 * i);
	assert_null(places_yielding(&w->places, PLACES_GRACE_MS - 1));
	assert_ptr_equal(places_yielding(&w->places, PLACES_GRACE_MS), &w->all[3]);
	place_turn(&w->all[3], PLACE_SERVED, 0, 100);
	assert_ptr_equal(places_yielding(&w->places, LATER), &w->all[2]);
	place_turn(&w->all[2], PLACE_IDLE, 0, 100);
	assert_ptr_equal(places_yielding(&w->places, LATER), &w->all[1]);
	place_turn(&w->all[0], PLACE_SERVED, 0, 100);
	place_turn(&w->all[1], PLACE_SERVED, 0, 100);
	assert_ptr_equal(places_yielding(&w->places, LATER), &w->all[2]);
	place_turn(&w->all[2], PLACE_SERVED, 0, 100);
	assert_null(places_yielding(&w->places, LATER));
}

/* Who holds the most of them loses one before a neighbour that waits for longer; IPv4 in its mapped form is the same peer. */
static void
shares(void **state)
{
	struct world *w = *state;
	struct sockaddr_storage addr = { .ss_family = AF_INET6 };

	take(w, "10.0.0.1", 1000);
	take(w, "10.0.0.2", 3000);
	take(w, "10.0.0.3", 2000);
	assert_int_equal(inet_pton(AF_INET6, "::ffff:10.0.0.2", &((struct sockaddr_in6 *)&addr)->sin6_addr), 1);
	assert_non_null(places_take(&w->places, &addr, 0, 4000));
	assert_ptr_equal(places_yielding(&w->places, LATER), &w->all[1]);
	w->all[3].state = PLACE_FREE;
	assert_ptr_equal(places_yielding(&w->places, LATER), &w->all[0]);
}

/* A place is overdue at its time, whatever its state; the wait is until then, or, where all are taken, until one may give way. */
static void
time_is_up(void **state)
{
	struct world *w = *state;

	assert_int_equal(places_wait_ms(&w->places, 0, 60000), 60000);
	take(w, "10.0.0.1", 5000);
	assert_int_equal(places_wait_ms(&w->places, 0, 60000), 5000);
	for (int i = 1; i < N; i++)
		take(w, "10.0.0.1", 7000);
	assert_int_equal(places_wait_ms(&w->places, 0, 60000), PLACES_GRACE_MS);
	assert_int_equal(places_wait_ms(&w->places, PLACES_GRACE_MS, 60000), 5000 - PLACES_GRACE_MS);
	place_turn(&w->all[0], PLACE_SERVED, 0, 5000);
	assert_null(places_overdue(&w->places, 4999));
	assert_ptr_equal(places_overdue(&w->places, 5000), &w->all[0]);
	assert_int_equal(places_wait_ms(&w->places, 6000, 60000), 0);
	w->all[0].state = PLACE_FREE;
	assert_null(places_overdue(&w->places, 6000));
}

/* What prolongs a place does not begin its grace anew. */
static void
grace_is_once(void **state)
{
	struct world *w = *state;

	take(w, "10.0.0.1", 5000);
	place_turn(&w->all[0], PLACE_WAITING, PLACES_GRACE_MS, 9000);
	assert_ptr_equal(places_yielding(&w->places, PLACES_GRACE_MS), &w->all[0]);
	assert_null(places_overdue(&w->places, 5000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(as_many, setup),
		cmocka_unit_test_setup(the_first_due, setup),
		cmocka_unit_test_setup(shares, setup),
		cmocka_unit_test_setup(time_is_up, setup),
		cmocka_unit_test_setup(grace_is_once, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
