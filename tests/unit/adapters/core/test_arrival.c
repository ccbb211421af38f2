/* SPDX-License-Identifier: EUPL-1.2 */
/* What is delivered: taken once, refused for good or left for later, and told to who sent it. */
#include "arrival_paper.h"

/* The same DELIVER again makes no second entry and no second receipt, and is TAKEN again; also after the process has died. */
static void
arrival_item_twice(void **state)
{
	struct paper *p = paper_up();
	uint64_t n;

	(void)state;
	paper_refer(p, "R-1", "routine");
	assert_int_equal(paper_deliver(p, 1, p->party[0].sent[0], LIE_NOT), OK);
	n = paper_count(p, 1, TABLE_OUTBOX);
	assert_int_equal(paper_deliver(p, 1, p->party[0].sent[0], LIE_NOT), OK);
	adesk_stop(&p->party[1].desk);
	adesk_start(&p->party[1].desk);
	paper_greet(p, 1, 100);
	assert_int_equal(paper_deliver(p, 1, p->party[0].sent[0], LIE_NOT), OK);
	assert_int_equal(inbox(p), 1);
	assert_int_equal(paper_count(p, 1, TABLE_OUTBOX), n);
	assert_int_equal(p->party[1].n_taken, 3);
	paper_down(p);
}

/* The same id with another content is refused as a conflict, if its sender signed it; else nobody is accused. */
static void
arrival_item_conflict(void **state)
{
	struct paper *p = paper_up();
	struct record *record;
	struct header h, first;
	struct span other;

	(void)state;
	paper_refer(p, "R-1", "routine");
	record = record_of(p, "R-1");
	first = paper_decode(p, p->party[0].sent[0]).header;
	assert_int_equal(paper_deliver(p, 1, p->party[0].sent[0], LIE_NOT), OK);
	fresh(p, &h, 9, 1);
	h.id = first.id;
	other = forge(p, &h, record, p->world.signing[0]);
	assert_int_equal(paper_deliver(p, 1, other, LIE_NOT), OK);
	assert_int_equal(last_receipt(p).stage, STAGE_REFUSED);
	assert_int_equal(last_receipt(p).refusal, REFUSAL_CONFLICT);
	assert_int_equal(inbox(p), 1);
	p->party[1].n_taken = p->party[1].n_sent = 0;
	h = (struct header){ .id = first.id, .seq = 1, .thread = { { 8 } } };
	assert_int_equal(paper_deliver(p, 1, forge(p, &h, record, NULL), LIE_NOT), OK);
	assert_int_equal(p->party[1].n_taken, 0);
	assert_int_equal(p->party[1].n_sent, 0);
	paper_down(p);
}

/* A bad signature, a second referral in a thread, a seq used before and an illegal step are refused for good, each taken off the
 * hub's hands; what its sender did not sign uses nothing up. */
static void
arrival_item_refused(void **state)
{
	struct paper *p = paper_up();
	struct record *record, *step;
	struct header h;
	struct why why;

	(void)state;
	paper_refer(p, "R-1", "routine");
	record = record_of(p, "R-1");
	fresh(p, &h, 9, 1);
	assert_int_equal(paper_deliver(p, 1, forge(p, &h, record, NULL), LIE_NOT), OK);
	assert_int_equal(last_receipt(p).stage, STAGE_REFUSED);
	h.n_wraps = 0;
	assert_int_equal(paper_deliver(p, 1, forge(p, &h, record, p->world.signing[0]), LIE_NOT), OK);
	assert_int_equal(last_receipt(p).stage, STAGE_DELIVERED);
	for (uint64_t seq = 1; seq <= 2; seq++) {
		fresh(p, &h, 9, seq);
		assert_int_equal(paper_deliver(p, 1, forge(p, &h, record, p->world.signing[0]), LIE_NOT), OK);
		assert_int_equal(last_receipt(p).stage, STAGE_REFUSED);
	}
	step = record_new(p->mem, "record");
	step->case_id = record->case_id;
	step->created = record->created;
	step->kind = "status-change";
	assert_int_equal(record_set(step, p->mem, "status.referral_id", "R-1", &why), OK);
	assert_int_equal(record_set(step, p->mem, "status.from", "requested", &why), OK);
	assert_int_equal(record_set(step, p->mem, "status.to", "accepted", &why), OK);
	assert_int_equal(record_set(step, p->mem, "status.transition", "T05", &why), OK);
	assert_int_equal(record_set(step, p->mem, "status.at", "2026-03-02T10:00:00Z", &why), OK);
	fresh(p, &h, 9, 3);
	assert_int_equal(paper_deliver(p, 1, forge(p, &h, step, p->world.signing[0]), LIE_NOT), OK);
	assert_int_equal(last_receipt(p).stage, STAGE_REFUSED);
	assert_int_equal(p->party[1].n_taken, 5);
	assert_int_equal(inbox(p), 1);
	assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_REQUESTED);
	assert_int_equal(paper_thread(p, 1, "R-1").others[0].taken, 3);
	paper_down(p);
}

/* The refusal comes home as a stage with its code. */
static void
arrival_item_refusal_told(void **state)
{
	struct paper *p = paper_up();

	(void)state;
	paper_refer(p, "R-1", "routine");
	p->world.d.version = 1;
	paper_run(p);
	assert_string_equal(paper_thread(p, 1, "R-1").referral_id, "R-1");
	assert_int_equal(adapter_handed(p->party[1].desk.adapter, &p->party[1].desk.door, 1, OK, NULL), OK);
	paper_tick(p, 1, 10);
	assert_int_equal(adapter_handed(p->party[1].desk.adapter, &p->party[1].desk.door, p->party[1].handed[0].cursor, OK,
					&(struct native){ .bytes = SPAN_LIT("never") }), OK);
	paper_run(p);
	assert_int_equal(paper_thread(p, 0, "R-1").refused, ERR_SYSTEM_REFUSED);
	paper_down(p);
}

/* A new directory at both, without agency 0. */
static void
sender_leaves(struct paper *p)
{
	struct frame f = { .kind = FRAME_DIRECTORY };

	p->world.d.version++;
	p->world.d.agencies++;
	p->world.d.n_agencies--;
	world_sign_directory(&p->world);
	f.directory = (struct directory_frame){ .note = p->world.note, .sheets_seen = 100 };
	paper_send(p, 1, &f);
	assert_int_equal(contacts_directory(p->party[1].desk.contacts)->version, p->world.d.version);
}

/* What a sender had submitted before it left the directory is taken, confirmed and registered: it holds up nobody. */
static void
arrival_item_of_one_who_left(void **state)
{
	struct paper *p = paper_up();

	(void)state;
	paper_refer(p, "R-1", "routine");
	sender_leaves(p);
	assert_int_equal(paper_deliver(p, 1, p->party[0].sent[0], LIE_NOT), OK);
	assert_int_equal(p->party[1].n_taken, 1);
	assert_int_equal(last_receipt(p).stage, STAGE_DELIVERED);
	assert_int_equal(inbox(p), 1);
	paper_tick(p, 1, 10);
	assert_int_equal(adapter_handed(p->party[1].desk.adapter, &p->party[1].desk.door, p->party[1].handed[0].cursor, OK,
					&(struct native){ .bytes = SPAN_LIT("case C-1") }), OK);
	assert_int_equal(last_receipt(p).stage, STAGE_REGISTERED);
	paper_down(p);
}

/* On a full disk nothing is taken, and the session stands: what the hub still holds comes again. */
static void
arrival_without_room(void **state)
{
	struct paper *p = paper_up();
	struct adapter_status s;

	(void)state;
	paper_refer(p, "R-1", "routine");
	p->party[1].desk.config.limits.disk_low_bytes = (uint64_t)1 << 40;
	assert_int_equal(paper_deliver(p, 1, p->party[0].sent[0], LIE_NOT), OK);
	adapter_status(p->party[1].desk.adapter, &s);
	assert_true(s.is_up);
	assert_int_equal(p->party[1].n_taken, 0);
	assert_int_equal(inbox(p), 0);
	p->party[1].desk.config.limits.disk_low_bytes = 1 << 20;
	assert_int_equal(paper_deliver(p, 1, p->party[0].sent[0], LIE_NOT), OK);
	assert_int_equal(p->party[1].n_taken, 1);
	paper_down(p);
}

/* A receipt counts only from the agency that the message went to; another's changes nothing. */
static void
arrival_item_of_stranger(void **state)
{
	struct paper *p = paper_up();
	struct envelope about, env;
	struct header h;
	struct span bytes;

	(void)state;
	paper_refer(p, "R-1", "routine");
	about = paper_decode(p, p->party[0].sent[0]);
	assert_int_equal(paper_accept(p, 0, p->party[0].sent[0], LIE_NOT), OK);
	world_receipt(&p->world, 3, &about, STAGE_SEEN, p->now_ms, &h);
	bytes = world_envelope(&p->world, 3, &h, 0, &env);
	assert_int_equal(paper_deliver(p, 0, bytes, LIE_NOT), OK);
	assert_int_equal(p->party[0].n_taken, 1);
	assert_int_equal(paper_thread(p, 0, "R-1").seen_ms, 0);
	world_receipt(&p->world, 1, &about, STAGE_SEEN, p->now_ms, &h);
	bytes = world_envelope(&p->world, 1, &h, 0, &env);
	assert_int_equal(paper_deliver(p, 0, bytes, LIE_NOT), OK);
	assert_int_not_equal(paper_thread(p, 0, "R-1").seen_ms, 0);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arrival_item_twice),
		cmocka_unit_test(arrival_item_conflict),
		cmocka_unit_test(arrival_item_refused),
		cmocka_unit_test(arrival_item_refusal_told),
		cmocka_unit_test(arrival_item_of_one_who_left),
		cmocka_unit_test(arrival_without_room),
		cmocka_unit_test(arrival_item_of_stranger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
