/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/core/reconcile.h"
#include "tests/support/paper_hub.h"

#define DELIVERED (1u << STAGE_DELIVERED)
#define REGISTERED (1u << STAGE_REGISTERED)

/* One message in the statement that the hub on paper gives: its submit's place in the log, and its stages. */
struct line { uint64_t leaf; unsigned stages; };

/* What party 0 asked for last. */
static struct statement_ask
asked(struct paper *p)
{
	return p->party[0].ask;
}

/* The hub's answer in one page. `is_changed`: a stage is, after the digest. */
static enum err
answer(struct paper *p, const struct line *lines, size_t n, const struct key *notice, bool is_changed)
{
	struct statement_ask ask = asked(p);
	struct statement_item items[8] = { 0 };
	struct frame f = { .kind = FRAME_STATEMENT };
	struct standing_head head = {
		.agency = world_ids[0], .at_ms = p->now_ms, .since = ask.since, .rows = n,
	};

	memcpy(head.ask, ask.ask, sizeof(head.ask));
	memcpy(f.statement.ask, ask.ask, sizeof(ask.ask));
	f.statement.after = ask.after;
	f.statement.growth = paper_growth(p, 0, LIE_NOT);
	head.size = p->size;
	assert_true(merkle_root(p->size, paper_read, p, &head.root));
	for (size_t i = 0; i < n; i++) {
		struct standing s = {
			.leaf = lines[i].leaf, .priority = PRIORITY_ROUTINE, .registered_by_ms = WORLD_T0 + CLOCK_DAY,
			.submitted_ms = p->now_ms, .n_to = 1, .stages = { lines[i].stages },
		};
		struct hash *path = arena_array(p->mem, MERKLE_PATH_MAX, sizeof(*path));

		assert_int_equal(standing_encode(&s, p->mem, &items[i].row), OK);
		standing_digest(&head.digest, items[i].row);
		if (is_changed) {
			s.stages[0] ^= REGISTERED;
			assert_int_equal(standing_encode(&s, p->mem, &items[i].row), OK);
		}
		items[i].leaf = SPAN(p->log[s.leaf].leaf, LEAF_LEN);
		items[i].salt = SPAN(p->log[s.leaf].salt, LEAF_SALT_LEN);
		items[i].detail = p->log[s.leaf].detail;
		assert_true(merkle_inclusion(s.leaf, p->size, paper_read, p, path, &items[i].n_path));
		items[i].path = path;
	}
	f.statement.items = items;
	f.statement.n = n;
	assert_int_equal(standing_sign(&head, notice, p->mem, &f.statement.head, f.statement.sig), OK);
	return paper_send(p, 0, &f);
}

static struct reconciled
last(struct paper *p)
{
	struct txn *txn = store_read(p->party[0].desk.store);
	struct reconciled r;

	reconcile_last(txn, &r);
	txn_abort(txn);
	return r;
}

/* The referral of party 0 goes to the hub alone. Gives its leaf. */
static uint64_t
stored(struct paper *p, const char *id)
{
	p->party[0].n_sent = 0;
	paper_refer(p, id, "routine");
	assert_int_equal(paper_accept(p, 0, p->party[0].sent[0], LIE_NOT), OK);
	return p->size - 1;
}

/* It is asked for once a day and on demand; a whole statement that agrees says so. */
static void
asked_daily(void **state)
{
	struct paper *p = paper_up();

	(void)state;
	paper_tick(p, 0, 1000);
	assert_int_equal(p->party[0].n_asks, 1);
	paper_tick(p, 0, 1000);
	assert_int_equal(p->party[0].n_asks, 1);
	assert_int_equal(answer(p, NULL, 0, p->world.notice, false), OK);
	assert_int_equal(last(p).taken_ms, p->now_ms);
	assert_non_null(strstr(p->party[0].told, "reconcile.agrees"));
	paper_tick(p, 0, CLOCK_DAY - 1);
	assert_int_equal(p->party[0].n_asks, 1);
	paper_tick(p, 0, 1);
	assert_int_equal(p->party[0].n_asks, 2);
	assert_int_equal(answer(p, NULL, 0, p->world.notice, false), OK);
	reconcile_ask(p->party[0].desk.adapter);
	assert_true(reconcile_is_running(p->party[0].desk.adapter));
	paper_tick(p, 0, 1);
	assert_int_equal(p->party[0].n_asks, 2);	/* the hub would not answer so soon */
	paper_tick(p, 0, 2000);
	assert_int_equal(p->party[0].n_asks, 3);
	paper_down(p);
}

/* Stored and not delivered, delivered and not registered: told as open, and as late when their time is over. */
static void
open_and_late(void **state)
{
	struct paper *p = paper_up();
	struct line lines[2];

	(void)state;
	lines[0] = (struct line){ stored(p, "R-1"), 0 };
	lines[1] = (struct line){ stored(p, "R-2"), DELIVERED };
	paper_tick(p, 0, 1000);
	assert_int_equal(answer(p, lines, 2, p->world.notice, false), OK);
	assert_int_equal(last(p).counts[DIFFERENCE_UNDELIVERED], 1);
	assert_int_equal(last(p).counts[DIFFERENCE_UNREGISTERED], 1);
	assert_int_equal(last(p).late, 0);
	paper_tick(p, 0, 2 * CLOCK_DAY);
	assert_int_equal(answer(p, lines, 2, p->world.notice, false), OK);
	assert_int_equal(last(p).late, 2);
	assert_non_null(strstr(p->party[0].told, "reconcile.differs"));
	assert_non_null(strstr(p->party[0].told, "what=unregistered"));
	paper_down(p);
}

/* What the hub accepted and leaves out, and what it lists and we do not have, is raised at once. */
static void
known_to_one_side(void **state)
{
	struct paper *p = paper_up();
	struct line lines[2];
	struct span theirs;

	(void)state;
	(void)stored(p, "R-1");
	lines[0] = (struct line){ stored(p, "R-2"), DELIVERED };
	/* a message to us that the hub says it has delivered, and that never came */
	assert_non_null(paper_take(p, 1, adesk_referral(p->mem, "T-1", world_ids[0], "routine", "Измислен случай")));
	theirs = p->party[1].sent[p->party[1].n_sent - 1];
	assert_int_equal(paper_accept(p, 1, theirs, LIE_NOT), OK);
	lines[1] = (struct line){ p->size - 1, DELIVERED };
	paper_tick(p, 0, 1000);
	assert_int_equal(answer(p, lines, 2, p->world.notice, false), OK);
	assert_int_equal(last(p).counts[DIFFERENCE_UNKNOWN_THERE], 1);
	assert_int_equal(last(p).counts[DIFFERENCE_UNKNOWN_HERE], 1);
	assert_non_null(strstr(p->party[0].told, "what=unknown-there"));
	assert_non_null(strstr(p->party[0].told, "what=unknown-here"));
	paper_down(p);
}

/* A stage that never came here may be on its way: it is looked at a second time before anybody is told. */
static void
untold_twice(void **state)
{
	struct paper *p = paper_up();
	struct line line;

	(void)state;
	line = (struct line){ stored(p, "R-1"), DELIVERED | REGISTERED };
	paper_tick(p, 0, 1000);
	assert_int_equal(answer(p, &line, 1, p->world.notice, false), OK);
	assert_null(strstr(p->party[0].told, "reconcile.differs"));
	paper_tick(p, 0, CLOCK_MINUTE);
	assert_int_equal(p->party[0].n_asks, 2);
	assert_int_equal(answer(p, &line, 1, p->world.notice, false), OK);
	assert_non_null(strstr(p->party[0].told, "what=untold-here"));
	paper_down(p);
}

/* What was delivered here and our system has not confirmed is ours to see, too; and what it has and the hub does not know. */
static void
our_own_system(void **state)
{
	struct paper *p = paper_up();
	struct line line;
	struct span theirs;

	(void)state;
	assert_non_null(paper_take(p, 1, adesk_referral(p->mem, "T-1", world_ids[0], "routine", "Измислен случай")));
	theirs = p->party[1].sent[p->party[1].n_sent - 1];
	assert_int_equal(paper_deliver(p, 0, theirs, LIE_NOT), OK);
	line = (struct line){ p->size - 1, DELIVERED };
	paper_tick(p, 0, 1000);
	assert_int_equal(answer(p, &line, 1, p->world.notice, false), OK);
	assert_int_equal(last(p).counts[DIFFERENCE_UNCONFIRMED], 1);
	assert_int_equal(strncmp(paper_take(p, 0, "confirms=T-1\ncase_no=C-1\n"), "OK ", 3), 0);
	paper_tick(p, 0, CLOCK_DAY);
	assert_int_equal(answer(p, &line, 1, p->world.notice, false), OK);
	assert_int_equal(last(p).counts[DIFFERENCE_UNTOLD_THERE], 0);	/* the receipt is still to be sent */
	for (size_t k = 0; k < p->party[0].n_sent; k++)
		assert_int_equal(paper_accept(p, 0, p->party[0].sent[k], LIE_NOT), OK);
	paper_tick(p, 0, CLOCK_DAY);
	assert_int_equal(answer(p, &line, 1, p->world.notice, false), OK);
	assert_int_equal(last(p).counts[DIFFERENCE_UNTOLD_THERE], 1);
	paper_down(p);
}

/* A statement that is not the hub's, or was changed on its way, counts for nothing and ends nothing; one that never comes is asked
 * for again. */
static void
lies_count_for_nothing(void **state)
{
	struct paper *p = paper_up();
	struct line line;

	(void)state;
	line = (struct line){ stored(p, "R-1"), DELIVERED };
	paper_tick(p, 0, 1000);
	assert_int_equal(answer(p, &line, 1, p->world.log, false), OK);
	assert_non_null(strstr(p->party[0].told, "reconcile.bad"));
	assert_int_equal(last(p).taken_ms, 0);
	paper_tick(p, 0, CLOCK_MINUTE);
	assert_int_equal(p->party[0].n_asks, 2);
	assert_int_equal(answer(p, &line, 1, p->world.notice, true), OK);
	assert_int_equal(last(p).taken_ms, 0);
	paper_tick(p, 0, CLOCK_MINUTE);
	assert_int_equal(p->party[0].n_asks, 3);
	paper_tick(p, 0, CLOCK_MINUTE);
	paper_tick(p, 0, CLOCK_MINUTE);
	assert_int_equal(p->party[0].n_asks, 4);
	assert_int_equal(p->party[0].desk.adapter->link, LINK_UP);
	assert_int_equal(answer(p, &line, 1, p->world.notice, false), OK);
	assert_int_equal(last(p).counts[DIFFERENCE_UNREGISTERED], 1);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asked_daily),
		cmocka_unit_test(open_and_late),
		cmocka_unit_test(known_to_one_side),
		cmocka_unit_test(untold_twice),
		cmocka_unit_test(our_own_system),
		cmocka_unit_test(lies_count_for_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
