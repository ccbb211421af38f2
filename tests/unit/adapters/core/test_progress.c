/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/core/progress.h"
#include "tests/support/paper_hub.h"

static void
receive(struct paper *p, const struct envelope *about, enum stage stage)
{
	struct envelope env;
	struct header h;

	world_receipt(&p->world, 1, about, stage, p->now_ms, &h);
	assert_int_equal(paper_deliver(p, 0, world_envelope(&p->world, 1, &h, 0, &env), LIE_NOT), OK);
}

static struct outbound
sent(struct paper *p, const struct msgid *id)
{
	struct txn *txn = store_read(p->party[0].desk.store);
	struct outbound o;

	assert_true(outbox_find(txn, id, &o));
	txn_abort(txn);
	return o;
}

/* A stage that was overtaken is noted and told to the agency's system, and the message does not go back to it. */
static void
progress_note_overtaken(void **state)
{
	struct paper *p = paper_up();
	struct envelope about;
	struct thread t;
	uint64_t told;

	(void)state;
	paper_refer(p, "R-1", "routine");
	about = paper_decode(p, p->party[0].sent[0]);
	assert_int_equal(paper_accept(p, 0, p->party[0].sent[0], LIE_NOT), OK);
	told = paper_count(p, 0, TABLE_INBOX);
	receive(p, &about, STAGE_SEEN);
	assert_int_equal(paper_thread(p, 0, "R-1").delivered_ms, 0);
	receive(p, &about, STAGE_DELIVERED);
	t = paper_thread(p, 0, "R-1");
	assert_int_not_equal(t.delivered_ms, 0);
	assert_int_not_equal(t.seen_ms, 0);
	assert_int_equal(t.registered_ms, 0);
	assert_int_equal(sent(p, &about.header.id).stage, STAGE_SEEN);
	assert_int_equal(paper_count(p, 0, TABLE_INBOX), told + 2);
	paper_down(p);
}

/* The same stage by another receipt keeps the time of the first. */
static void
progress_note_first_time(void **state)
{
	struct paper *p = paper_up();
	struct envelope about;
	int64_t first;

	(void)state;
	paper_refer(p, "R-1", "routine");
	about = paper_decode(p, p->party[0].sent[0]);
	assert_int_equal(paper_accept(p, 0, p->party[0].sent[0], LIE_NOT), OK);
	receive(p, &about, STAGE_DELIVERED);
	first = sent(p, &about.header.id).delivered_ms;
	p->now_ms += 5000;
	receive(p, &about, STAGE_DELIVERED);
	assert_int_equal(sent(p, &about.header.id).delivered_ms, first);
	assert_int_equal(paper_thread(p, 0, "R-1").delivered_ms, first);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(progress_note_overtaken),
		cmocka_unit_test(progress_note_first_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
