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

struct list { struct hub_deadline at[8]; char to[8][AGENCY_ID_MAX + 1]; size_t n; };

static void
keep_deadline(void *arg, const struct hub_deadline *d)
{
	struct list *list = arg;

	assert_true(list->n < 8);
	snprintf(list->to[list->n], sizeof(list->to[0]), "%s", d->to);
	list->at[list->n++] = *d;
}

static size_t
deadlines(struct desk *d, const char *agency, bool late_only, size_t max, struct list *list, bool *ret_is_all)
{
	const struct hub_deadline_ask ask = { .agency = agency, .late_only = late_only, .max = max };

	list->n = 0;
	assert_int_equal(hub_each_deadline(d->hub, &ask, d->now_ms, keep_deadline, list, ret_is_all), OK);
	return list->n;
}

/* Who owes what by when: late ones first and once each, then what comes next; by agency, only late, no more than asked for. */
static void
deadlines_in_order(void **state)
{
	static struct desk d;
	static const int hours[3][2] = { { 30, 60 }, { 10, 20 }, { 20, 90 } };	/* to register, to answer */
	struct envelope env[3];
	struct list list;
	struct header h;
	bool is_all;

	(void)state;
	desk_init(&d, 7);
	for (size_t i = 0; i < WORLD_AGENCIES; i++)
		desk_hello(&d, i, 100);
	for (uint8_t i = 0; i < 3; i++) {
		struct thread_id t = { { 'd', i } };

		world_header(&d.world, 0, 1u + i, &t, 1, d.now_ms, &h);
		h.registered_by_ms = d.now_ms + hours[i][0] * CLOCK_HOUR;
		h.respond_by_ms = d.now_ms + hours[i][1] * CLOCK_HOUR;
		desk_submit(&d, 0, world_envelope(&d.world, 0, &h, 10, &env[i]));
	}
	/* nothing is late: the half-times in their order */
	assert_int_equal(deadlines(&d, NULL, false, 8, &list, &is_all), 3);
	assert_true(is_all && !list.at[0].is_late && list.at[0].fact == NOTICE_HALF_TIME && list.at[0].stage == STAGE_STORED);
	assert_true(list.at[0].due_ms == WORLD_T0 + 10 * CLOCK_HOUR && list.at[0].age_ms == 0);
	assert_string_equal(list.to[0], world_ids[2]);
	assert_string_equal(list.to[1], world_ids[3]);
	assert_string_equal(list.to[2], world_ids[1]);
	assert_int_equal(deadlines(&d, NULL, true, 8, &list, &is_all), 0);
	assert_true(is_all);
	assert_int_equal(deadlines(&d, world_ids[3], false, 8, &list, &is_all), 1);
	assert_int_equal(deadlines(&d, world_ids[0], false, 8, &list, &is_all), 3);
	assert_int_equal(deadlines(&d, NULL, false, 2, &list, &is_all), 2);
	assert_false(is_all);
	d.now_ms += 25 * CLOCK_HOUR;
	(void)hub_on_tick(d.hub, d.now_ms);
	hub_flush(d.hub, d.now_ms);
	desk_commit(&d);
	/* the second is late twice over, and stands there once, by what it missed first */
	assert_int_equal(deadlines(&d, NULL, false, 8, &list, &is_all), 3);
	assert_true(list.at[0].is_late && list.at[1].is_late && !list.at[2].is_late);
	assert_string_equal(list.to[0], world_ids[2]);
	assert_int_equal(list.at[0].fact, NOTICE_LATE_REGISTERED);
	assert_true(list.at[2].fact == NOTICE_LATE_REGISTERED && list.at[2].due_ms == WORLD_T0 + 30 * CLOCK_HOUR);
	assert_int_equal(deadlines(&d, NULL, true, 8, &list, &is_all), 2);
	/* registered: late no more for that, but the answer is missing still */
	world_receipt(&d.world, 2, &env[1], STAGE_REGISTERED, d.now_ms, &h);
	desk_submit(&d, 2, world_envelope(&d.world, 2, &h, 0, NULL));
	assert_int_equal(deadlines(&d, world_ids[2], true, 8, &list, &is_all), 1);
	assert_true(list.at[0].fact == NOTICE_LATE_RESPONSE && list.at[0].stage == STAGE_REGISTERED);
	assert_true(msgid_eq(&list.at[0].id, &env[1].header.id));
	assert_int_equal(hub_each_deadline(d.hub, &(struct hub_deadline_ask){ .agency = "nobody", .max = 8 }, d.now_ms, keep_deadline,
					   &list, &is_all), ERR_UNKNOWN_AGENCY);
}

/* A start tells what it found: nothing, a crash, or a clean end, with what was waiting. */
static void
recovery_is_told(void **state)
{
	static struct desk d;
	struct thread_id thread = { "t" };
	struct hub_status st;
	struct header h;
	uint64_t size;

	(void)state;
	desk_init(&d, 6);
	hub_get_status(d.hub, &st);
	assert_int_equal(st.recovered.last, HUB_LAST_NONE);
	desk_hello(&d, 0, 10);
	world_header(&d.world, 0, 2, &thread, 1, d.now_ms, &h);
	desk_submit(&d, 0, world_envelope(&d.world, 0, &h, 100, NULL));
	hub_get_status(d.hub, &st);
	size = st.size;
	desk_close(&d);
	desk_open(&d);
	hub_get_status(d.hub, &st);
	assert_int_equal(st.recovered.last, HUB_LAST_CRASH);
	assert_int_equal(st.recovered.last_ms, WORLD_T0);
	assert_int_equal(st.recovered.size, size);
	assert_int_equal(st.recovered.queued, 1);
	assert_int_equal(st.recovered.unregistered, 1);
	d.now_ms += 5000;
	hub_log_service(d.hub, LEAF_STOP, d.now_ms);
	hub_flush(d.hub, d.now_ms);
	desk_commit(&d);
	desk_close(&d);
	desk_open(&d);
	hub_get_status(d.hub, &st);
	assert_int_equal(st.recovered.last, HUB_LAST_CLEAN);
	assert_int_equal(st.recovered.last_ms, WORLD_T0 + 5000);
	desk_done(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(numbers_follow), cmocka_unit_test(deadlines_in_order),
					    cmocka_unit_test(recovery_is_told) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
