/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/core/rebuild.h"
#include "tests/support/paper_hub.h"

static struct rebuilt
view(struct paper *p)
{
	struct txn *txn = store_read(p->party[0].desk.store);
	struct rebuilt r;

	rebuild_view(txn, &r);
	txn_abort(txn);
	return r;
}

/* Party 0's disk is lost; its process starts anew. */
static void
lose(struct paper *p)
{
	struct adesk *d = &p->party[0].desk;

	adesk_stop(d);
	adesk_wipe(d);
	adesk_start(d);
	paper_greet(p, 0, 1000);
	p->party[0].told[0] = '\0';
}

/* What the statement says of the message that one of the parties submitted. */
static struct standing
standing_of(struct paper *p, struct span bytes, unsigned stages)
{
	struct envelope env = paper_decode(p, bytes);
	const struct header *h = &env.header;

	return (struct standing){
		.leaf = p->size, .id = h->id, .env_hash = env.hash, .from = h->from, .to = { h->to[0] }, .n_to = 1, .thread = h->thread,
		.seq = h->seq, .priority = h->priority, .created_ms = h->created_ms, .submitted_ms = p->now_ms, .stages = { stages },
	};
}

static void
state(struct paper *p, const struct standing *rows, size_t n)
{
	struct adapter *a = p->party[0].desk.adapter;
	struct txn *txn = store_write(p->party[0].desk.store);

	arena_reset(a->mem);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(rebuild_row(a, txn, &rows[i]), OK);
	assert_int_equal(rebuild_conclude(a, txn), OK);
	assert_int_equal(txn_commit(txn), OK);
}

/* A store in which there was a session is never rebuilt, and a new one of which the hub knows nothing is not, either. */
static void
new_is_not_lost(void **unused)
{
	struct paper *p = paper_up();

	(void)unused;
	assert_int_equal(view(p).state, REBUILD_NONE);
	lose(p);
	assert_int_equal(view(p).state, REBUILD_ASKING);
	state(p, NULL, 0);
	assert_int_equal(view(p).state, REBUILD_NONE);
	assert_null(strstr(p->party[0].told, "rebuild"));
	paper_down(p);
}

/* A referral of ours is lost with the disk: its place, stage and number are there again by the other's word, and the next step of
 * the other side is taken. */
static void
our_thread_comes_back(void **unused)
{
	struct paper *p = paper_up();
	struct standing row;
	struct thread t;

	(void)unused;
	paper_refer(p, "R-1", "routine");
	row = standing_of(p, p->party[0].sent[0], 1u << STAGE_DELIVERED | 1u << STAGE_REGISTERED);
	paper_run(p);
	assert_int_equal(strncmp(paper_take(p, 1, "confirms=R-1\ncase_no=C-1\n"), "OK ", 3), 0);
	paper_run(p);
	lose(p);
	/* "later", and not "never" */
	assert_int_equal(strncmp(paper_take(p, 0, adesk_status(p->mem, "S-0", "R-1", "cancelled", "")), "NSK-1008", 8), 0);
	state(p, &row, 1);
	assert_int_equal(view(p).threads, 1);
	assert_int_equal(view(p).own, 1);
	assert_non_null(strstr(p->party[0].told, "rebuild.begun threads=1 messages=0 own=1"));
	paper_tick(p, 0, 1000);
	paper_run(p);
	paper_tick(p, 0, 1000);
	assert_int_equal(view(p).state, REBUILD_NONE);
	assert_non_null(strstr(p->party[0].told, "rebuild.done"));
	t = paper_thread(p, 0, "R-1");
	assert_true(t.is_initiator);
	assert_int_equal(t.my_seq, 2);
	assert_int_equal(t.state, STATE_REQUESTED);
	assert_string_equal(t.external_no, "C-1");
	assert_true(t.registered_ms != 0);
	assert_int_equal(strncmp(paper_take(p, 1, adesk_status(p->mem, "S-1", "R-1", "received", "")), "OK ", 3), 0);
	paper_run(p);
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_RECEIVED);
	paper_down(p);
}

/* What was delivered and not registered is asked for, comes under another id, and is handed over; the thread goes on in its numbers. */
static void
unregistered_comes_again(void **unused)
{
	struct paper *p = paper_up();
	struct standing row;

	(void)unused;
	assert_non_null(paper_take(p, 1, adesk_referral(p->mem, "T-1", world_ids[0], "routine", "Измислен случай")));
	row = standing_of(p, p->party[1].sent[0], 1u << STAGE_DELIVERED);
	paper_run(p);
	lose(p);
	state(p, &row, 1);
	assert_int_equal(view(p).threads, 0);
	assert_int_equal(view(p).messages_missing, 1);
	paper_tick(p, 0, 1000);
	for (int i = 0; i < 3 && view(p).messages_missing > 0; i++) {
		paper_run(p);
		paper_tick(p, 1, 5000);
		paper_run(p);
	}
	paper_tick(p, 0, 1000);
	assert_int_equal(view(p).state, REBUILD_NONE);
	assert_int_equal(paper_thread(p, 0, "T-1").others[0].taken, 1);
	assert_int_equal(paper_count(p, 0, TABLE_INBOX), 1);
	assert_int_equal(strncmp(paper_take(p, 0, "confirms=T-1\ncase_no=C-9\n"), "OK ", 3), 0);
	paper_run(p);
	assert_string_equal(paper_thread(p, 1, "T-1").external_no, "C-9");
	paper_down(p);
}

/* A thread that the other side does not have, either, is told as lost and waited for no longer. */
static void
lost_at_both(void **unused)
{
	struct paper *p = paper_up();
	struct standing row;

	(void)unused;
	paper_refer(p, "R-2", "routine");
	row = standing_of(p, p->party[0].sent[0], 1u << STAGE_DELIVERED);
	p->party[0].n_sent = 0;		/* it never came */
	lose(p);
	row.seq = 1;
	state(p, &row, 1);
	paper_tick(p, 0, 1000);
	for (int i = 0; i < 12; i++) {
		struct span question = p->party[0].sent[0];
		enum err e = paper_deliver(p, 1, question, LIE_NOT);

		assert_int_equal(e, OK);
		if (p->party[1].n_sent > 0)
			break;
		paper_greet(p, 1, 1000);
	}
	p->party[0].n_sent = 0;
	paper_run(p);
	paper_tick(p, 0, 1000);
	assert_int_equal(view(p).lost, 1);
	assert_int_equal(view(p).state, REBUILD_NONE);
	assert_non_null(strstr(p->party[0].told, "rebuild.lost"));
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_is_not_lost), cmocka_unit_test(our_thread_comes_back), cmocka_unit_test(unregistered_comes_again),
		cmocka_unit_test(lost_at_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
