/* SPDX-License-Identifier: EUPL-1.2 */
/* What the operator sees follows a message from its coming to its end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/support/hub_desk.h"

static void
keep_agency(void *arg, const struct hub_agency *a)
{
	if (strcmp(a->id, world_ids[2]) == 0)
		*(struct hub_agency *)arg = *a;
}

static void
keep_queued(void *arg, const struct hub_queued *q)
{
	*(struct hub_queued *)arg = *q;
}

/* Queued and unregistered, then taken, then registered. */
static void
numbers_follow(void **state)
{
	static struct desk d;
	struct thread_id thread = { "t" };
	struct hub_agency a = { 0 };
	struct hub_queued q = { 0 };
	struct envelope env;
	struct header h;

	(void)state;
	desk_init(&d, 6);
	desk_hello(&d, 0, 10);
	world_header(&d.world, 0, 2, &thread, 1, d.now_ms, &h);
	desk_submit(&d, 0, world_envelope(&d.world, 0, &h, 100, &env));
	d.now_ms += 5000;
	assert_int_equal(hub_each_agency(d.hub, d.now_ms, keep_agency, &a), OK);
	assert_true(a.queued == 1 && a.unregistered == 1 && !a.is_connected);
	assert_true(a.oldest_queued_ms == 5000 && a.oldest_unregistered_ms == 5000);
	assert_int_equal(hub_each_queued(d.hub, world_ids[2], 10, d.now_ms, keep_queued, &q), OK);
	assert_true(q.no == 1 && !q.is_sent && q.age_ms == 5000);
	assert_int_equal(hub_each_queued(d.hub, "nobody", 10, d.now_ms, keep_queued, &q), ERR_UNKNOWN_AGENCY);
	desk_hello(&d, 2, 10);
	assert_int_equal(hub_each_queued(d.hub, world_ids[2], 10, d.now_ms, keep_queued, &q), OK);
	assert_true(q.is_sent);
	desk_take(&d, 2, 1);
	assert_int_equal(hub_each_agency(d.hub, d.now_ms, keep_agency, &a), OK);
	assert_true(a.queued == 0 && a.queued_bytes == 0 && a.delivered == 1 && a.unregistered == 1 && a.is_connected);
	world_receipt(&d.world, 2, &env, STAGE_REGISTERED, d.now_ms, &h);
	desk_submit(&d, 2, world_envelope(&d.world, 2, &h, 0, NULL));
	assert_int_equal(hub_each_agency(d.hub, d.now_ms, keep_agency, &a), OK);
	assert_true(a.unregistered == 0 && a.oldest_unregistered_ms == 0 && a.accepted == 1);
	desk_done(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(numbers_follow) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
