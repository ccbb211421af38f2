/* SPDX-License-Identifier: EUPL-1.2 */
/* turnover - when a key is made, named, given up and destroyed; and that whatever dies in between goes on with a working set. */
#include "tests/support/paper_hub.h"

#include "adapters/core/turnover.h"

#define DAY CLOCK_DAY

static struct paper *p;

static int
set_up(void **state)
{
	(void)state;
	p = paper_up();
	for (size_t i = 0; i < 2; i++)
		p->party[i].desk.config.sealing_days = 14;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	paper_down(p);
	return 0;
}

static struct adapter *
adapter(void)
{
	return p->party[1].desk.adapter;
}

static const struct sheet *
sheet(void)
{
	return keychest_sheet(p->party[1].desk.chest);
}

static size_t
n_keys(void)
{
	return turnover_keys(adapter()).n;
}

/* The process dies, and another is started: what was not durable is gone. */
static void
die(void)
{
	adesk_stop(&p->party[1].desk);
	adesk_start(&p->party[1].desk);
}

static void
greet(void)
{
	paper_greet(p, 0, 1000);
	paper_greet(p, 1, 1000);
}

/* The hub shows both the sheet that agency 1 has brought. */
static void
echo(void)
{
	struct frame f = { .kind = FRAME_DIRECTORY };
	struct span own = arena_span(p->mem, keychest_signed(p->party[1].desk.chest));

	f.directory = (struct directory_frame){ .sheets = &own, .n_sheets = 1, .sheets_seen = 99 };
	for (size_t i = 0; i < 2; i++)
		if (p->party[i].desk.adapter->link == LINK_UP)
			assert_int_equal(paper_send(p, i, &f), OK);
}

/* Time passes, with a tick where the clock stops. */
static void
pass(int64_t ms)
{
	paper_tick(p, 1, ms);
	paper_tick(p, 1, 1);
}

static void
rotate(void)
{
	struct why why = { .where = "" };

	assert_int_equal(turnover_now(adapter(), &why), OK);
	greet();
	echo();
}

static void
clear_before(int64_t ms)
{
	struct txn *txn = store_write(p->party[1].desk.store);

	turnover_clear(txn, ms);
	assert_int_equal(txn_commit(txn), OK);
}

/* Every key that the sheet names is at hand, the newest without an end, those before it with one. */
static void
assert_working(void)
{
	const struct sheet *s = sheet();

	assert_true(s->n_sealing >= 1);
	assert_int_equal(keychest_number(p->party[1].desk.chest, 0), s->version);
	for (size_t i = 0; i < s->n_sealing; i++) {
		assert_non_null(keychest_find(p->party[1].desk.chest, &s->sealing[i].id));
		assert_int_equal(s->sealing[i].not_after_ms > 0, i > 0);
	}
}

/* At 14 days a new key is named first; the one before it goes on for another 14; the hub is greeted with the sheet. */
static void
turns_by_itself(void **state)
{
	unsigned hellos = p->party[1].n_hellos;

	(void)state;
	pass(13 * DAY);
	assert_int_equal(sheet()->version, 1);
	pass(DAY + CLOCK_MINUTE);
	assert_int_equal(sheet()->version, 2);
	assert_int_equal(sheet()->n_sealing, 2);
	assert_int_equal(sheet()->sealing[1].not_after_ms, sheet()->made_ms + TURNOVER_OVERLAP_MS);
	assert_working();
	assert_true(p->party[1].n_hellos > hellos);
	assert_true(span_eq(p->party[1].hello.sheet, keychest_signed(p->party[1].desk.chest)));
}

/* A hub that does not show our sheet gets it again, and no further key is made of itself until it does. */
static void
waits_for_the_hub(void **state)
{
	unsigned hellos;

	(void)state;
	pass(14 * DAY);
	assert_int_equal(sheet()->version, 2);
	assert_int_equal(paper_welcome(p, 1, 1000), OK);
	hellos = p->party[1].n_hellos;
	pass(CLOCK_MINUTE);
	assert_int_equal(p->party[1].n_hellos, hellos);
	pass(10 * CLOCK_SECOND);
	assert_int_equal(p->party[1].n_hellos, hellos + 1);
	assert_int_equal(paper_welcome(p, 1, 1000), OK);
	pass(40 * DAY);
	assert_int_equal(sheet()->version, 2);
	assert_int_equal(paper_welcome(p, 1, 1000), OK);
	echo();
	pass(CLOCK_MINUTE);
	assert_int_equal(sheet()->version, 3);
}

/* Death between any two steps: the next start goes on, and ends with the same set. */
static void
dies_between_steps(void **state)
{
	struct why why;
	bool moved;

	(void)state;
	for (int round = 0; round < 3; round++) {
		p->now_ms += 15 * DAY;
		for (unsigned steps = 0;; steps++) {
			assert_true(steps < 8);
			assert_int_equal(turnover_step(adapter(), &moved, &why), OK);
			if (!moved)
				break;
			die();
		}
		assert_int_equal(sheet()->version, round + 2);
		assert_working();
		greet();
		echo();
	}
}

/* On demand at once, as often as it is asked; at most four keys are named, and all stay at hand. */
static void
turns_on_demand(void **state)
{
	(void)state;
	for (uint64_t i = 2; i <= 6; i++) {
		rotate();
		assert_int_equal(sheet()->version, i);
		assert_int_equal(sheet()->n_sealing, i < SHEET_SEALING_MAX ? i : SHEET_SEALING_MAX);
		assert_int_equal(n_keys(), i);
		assert_working();
	}
}

/* A private half goes when its end has passed, the hub's statement shows nothing open from before, and nothing here is. */
static void
old_goes(void **state)
{
	(void)state;
	p->party[1].desk.config.sealing_days = 0;
	rotate();
	pass(14 * DAY);
	assert_int_equal(n_keys(), 2);		/* the hour after its end */
	pass(2 * CLOCK_HOUR);
	assert_int_equal(n_keys(), 2);		/* no statement */
	clear_before(p->now_ms - 3 * CLOCK_HOUR);
	pass(CLOCK_HOUR);
	assert_int_equal(n_keys(), 2);		/* one from before its end */
	clear_before(p->now_ms);
	pass(CLOCK_HOUR);
	assert_int_equal(n_keys(), 1);
	assert_int_equal(sheet()->n_sealing, 1);
	assert_non_null(strstr(p->party[1].told, "sealing.destroyed"));
	die();
	assert_int_equal(n_keys(), 1);
}

/* As long as the hub shows the sheet before, which names it without an end, a private half stays: others seal to it. */
static void
shown_without_its_end(void **state)
{
	struct why why = { .where = "" };

	(void)state;
	p->party[1].desk.config.sealing_days = 0;
	assert_int_equal(turnover_now(adapter(), &why), OK);
	clear_before(p->now_ms + 100 * DAY);
	pass(20 * DAY);
	for (int i = 0; i < 8; i++) {
		greet();
		pass(2 * CLOCK_HOUR);
	}
	assert_int_equal(n_keys(), 2);
	greet();
	echo();
	for (int i = 0; i < 3; i++)
		pass(2 * CLOCK_HOUR);
	assert_int_equal(n_keys(), 1);
}

/* What came before the end and is not registered keeps the private half, however long; registered, it lets it go. */
static void
unregistered_keeps_it(void **state)
{
	(void)state;
	p->party[1].desk.config.sealing_days = 0;
	p->party[1].hand = HAND_NOW;
	p->party[1].answer = "taken";
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	paper_tick(p, 1, 0);
	rotate();
	pass(60 * DAY);
	clear_before(p->now_ms);
	pass(CLOCK_HOUR);
	assert_int_equal(n_keys(), 2);
	assert_int_equal(strncmp(paper_take(p, 1, "confirms=R-1\ncase_no=C-1\n"), "OK ", 3), 0);
	pass(CLOCK_HOUR);
	assert_int_equal(n_keys(), 1);
}

/* A key that left the sheet to make room keeps its end, also over a death before its row was written. */
static void
unnamed_keeps_its_end(void **state)
{
	(void)state;
	p->party[1].desk.config.sealing_days = 0;
	for (int i = 0; i < 5; i++)
		rotate();
	die();
	greet();
	echo();
	clear_before(p->now_ms + 100 * DAY);
	pass(13 * DAY);
	assert_int_equal(n_keys(), 6);
	pass(DAY + 2 * CLOCK_HOUR);
	pass(CLOCK_MINUTE);
	assert_int_equal(n_keys(), 1);
}

/* A sheet of ours with keys that are not here is told, and followed by none of ours until somebody says so. */
static void
foreign_sheet_is_told(void **state)
{
	struct world *w = &p->world;
	struct frame f = { .kind = FRAME_DIRECTORY };
	struct key *ours = w->sealing[1];
	struct span foreign;

	(void)state;
	w->sealing[1] = world_key(w, KEY_SEALING);
	world_sheet(w, 1, 7);
	key_free(w->sealing[1]);
	w->sealing[1] = ours;
	foreign = w->sheets[1];
	f.directory = (struct directory_frame){ .sheets = &foreign, .n_sheets = 1, .sheets_seen = 99 };
	assert_int_equal(paper_send(p, 1, &f), OK);
	pass(CLOCK_MINUTE);
	assert_non_null(strstr(p->party[1].told, "sheet.foreign"));
	assert_int_equal(sheet()->version, 1);
	rotate();
	assert_int_equal(sheet()->version, 8);
	assert_working();
}

/* A key file that cannot be written ends nothing: it is told, tried again later, and the old keys serve on. */
static void
failure_is_no_end(void **state)
{
	struct adesk *d = &p->party[1].desk;
	char aside[80];

	(void)state;
	snprintf(aside, sizeof(aside), "%s.aside", d->keys);
	assert_int_equal(rename(d->keys, aside), 0);
	pass(14 * DAY + CLOCK_MINUTE);
	assert_non_null(strstr(p->party[1].told, "sealing.failed"));
	assert_int_equal(sheet()->version, 1);
	assert_int_equal(rename(aside, d->keys), 0);
	pass(2 * CLOCK_HOUR);
	assert_int_equal(sheet()->version, 2);
	assert_working();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(turns_by_itself), TEST(waits_for_the_hub), TEST(dies_between_steps), TEST(turns_on_demand), TEST(old_goes),
		TEST(shown_without_its_end), TEST(unregistered_keeps_it), TEST(unnamed_keeps_its_end), TEST(foreign_sheet_is_told), TEST(failure_is_no_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
