/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/support/paper_hub.h"

static enum err
no_disk(void *arg)
{
	return *(enum err *)arg;
}

/* The whole line: referred, stored, delivered, handed over, registered, and told at every step. */
static void
adapter_line(void **state)
{
	static const char *const told[] = {
		"stage stored R-1 ", "stage delivered R-1 ", "stage registered R-1 C-1 NSK-0",
	};
	struct paper *p = paper_up();

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		p->party[i].hand = HAND_NOW;
		p->party[i].answer = "case C-1";
	}
	paper_refer(p, "R-1", "emergency");
	for (int i = 0; i < 5; i++) {
		paper_run(p);
		paper_tick(p, 0, 100);
		paper_tick(p, 1, 100);
	}
	assert_int_equal(p->party[1].n_handed, 1);
	assert_int_equal(p->party[0].n_handed, 3);
	for (size_t i = 0; i < 3; i++)
		assert_memory_equal(p->party[0].handed[i].text, told[i], strlen(told[i]));
	paper_down(p);
}

/* A commit that fails is answered by nobody: not to the agency's system, not to the hub. */
static void
adapter_commit_fails(void **state)
{
	struct paper *p = paper_up();
	enum err e = ERR_STORE;
	struct adesk *d = &p->party[0].desk;

	(void)state;
	store_set_fault(d->store, no_disk, &e);
	assert_null(paper_take(p, 0, adesk_referral(p->mem, "R-1", world_ids[1], "routine", "x")));
	assert_int_equal(p->party[0].n_sent, 0);
	store_set_fault(d->store, NULL, NULL);
	paper_refer(p, "R-1", "routine");
	store_set_fault(p->party[1].desk.store, no_disk, &e);
	assert_int_equal(paper_deliver(p, 1, p->party[0].sent[0], LIE_NOT), ERR_STORE);
	assert_int_equal(p->party[1].n_taken, 0);
	assert_int_equal(p->party[1].n_sent, 0);
	store_set_fault(p->party[1].desk.store, NULL, NULL);
	paper_down(p);
}

/* A full store asks the agency's system to come again, and stops nothing. */
static void
adapter_take_full(void **state)
{
	struct paper *p = paper_up();
	enum err e = ERR_FULL;
	struct adesk *d = &p->party[0].desk;
	char *text = adesk_referral(p->mem, "R-1", world_ids[1], "routine", "x");

	(void)state;
	store_set_fault(d->store, no_disk, &e);
	assert_int_equal(strncmp(paper_take(p, 0, text), "NSK-1003", 8), 0);
	store_set_fault(d->store, NULL, NULL);
	d->config.limits.disk_low_bytes = (uint64_t)1 << 60;
	assert_int_equal(strncmp(paper_take(p, 0, text), "NSK-1003", 8), 0);
	d->config.limits.disk_low_bytes = 0;
	assert_int_equal(strncmp(paper_take(p, 0, text), "OK ", 3), 0);
	d->config.limits.outbox_messages = 1;
	assert_int_equal(strncmp(paper_take(p, 0, adesk_referral(p->mem, "R-2", world_ids[1], "routine", "x")), "NSK-1206", 8), 0);
	paper_down(p);
}

/* Nonsense from the hub ends the session and nothing else; the adapter greets again. */
static void
adapter_on_frame_nonsense(void **state)
{
	struct paper *p = paper_up();
	struct adapter_status s;
	uint8_t bytes[100];

	(void)state;
	for (size_t n = 1; n < sizeof(bytes); n += 7) {
		world_fill(&p->world, bytes, n);
		assert_int_equal(adapter_on_frame(p->party[0].desk.adapter, SPAN(bytes, n)), OK);
	}
	adapter_status(p->party[0].desk.adapter, &s);
	assert_false(s.is_up);
	paper_tick(p, 0, 4 * CLOCK_SECOND);
	assert_int_equal(p->party[0].n_hellos, 2);
	paper_down(p);
}

/* What operators see: how much waits, and since when. */
static void
adapter_status_counts(void **state)
{
	struct paper *p = paper_up();
	struct adapter_status s;

	(void)state;
	paper_refer(p, "R-1", "routine");
	p->now_ms += 5000;
	paper_refer(p, "R-2", "routine");
	adapter_status(p->party[0].desk.adapter, &s);
	assert_true(s.is_up);
	assert_int_equal(s.pending, 2);
	assert_int_equal(s.oldest_pending_ms, WORLD_T0);
	assert_int_equal(s.directory_version, 1);
	paper_run(p);
	adapter_status(p->party[1].desk.adapter, &s);
	assert_int_equal(s.inbox, 2);
	assert_int_equal(s.egress_waiting, 2);
	assert_int_equal(s.unregistered, 2);
	assert_int_equal(s.oldest_unregistered_ms, WORLD_T0 + 5000);
	paper_down(p);
}

/* No line for operators holds what a message says. */
static void
adapter_tell_nothing(void **state)
{
	struct paper *p = paper_up();

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_non_null(paper_take(p, 0, adesk_referral(p->mem, i == 2 ? "ZQX" : "R-1", world_ids[1], i ? "routine" : "ZQX", "ZQX")));
	p->party[1].hand = HAND_NOW;
	p->party[1].answer = "never";
	paper_run(p);
	paper_tick(p, 1, 10);
	for (size_t i = 0; i < 2; i++) {
		assert_null(strstr(p->party[i].told, "ZQX"));
		assert_null(strstr(p->party[i].told, "Измислена"));
		assert_true(strlen(p->party[i].told) > 0);
	}
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adapter_line),
		cmocka_unit_test(adapter_commit_fails),
		cmocka_unit_test(adapter_take_full),
		cmocka_unit_test(adapter_on_frame_nonsense),
		cmocka_unit_test(adapter_status_counts),
		cmocka_unit_test(adapter_tell_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
