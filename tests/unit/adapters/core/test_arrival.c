/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/core/compose.h"
#include "adapters/core/withdraw.h"
#include "tests/support/paper_hub.h"

/* A DATA of party 0 made by hand: header `h` (id, thread, seq ... as given) around a record, signed by `signer`. */
static struct span
forge(struct paper *p, struct header *h, const struct record *record, const struct key *signer)
{
	const struct contacts *c = p->party[0].desk.contacts;
	struct envelope env, *batch = &env;
	struct span bytes;
	uint8_t cek[32];
	struct why why = { .where = "" };

	world_fill(&p->world, cek, sizeof(cek));
	h->class = CLASS_DATA;
	h->from = world_ids[0];
	h->to[0] = world_ids[1];
	h->n_to = h->n_to > 1 ? h->n_to : 1;
	h->priority = PRIORITY_ROUTINE;
	h->created_ms = p->now_ms;
	assert_int_equal(seal_record(h, record, contacts_directory(c), contacts_sheets(c), key_id(p->world.signing[0]), cek, p->mem, &env,
				     &why), OK);
	assert_int_equal(envelope_sign(&batch, 1, p->world.signing[0], p->mem), OK);
	if (signer != p->world.signing[0])
		env.signature.sig[0] ^= 1;
	assert_int_equal(envelope_encode(&env, p->mem, &bytes), OK);
	return bytes;
}

static struct record *
record_of(struct paper *p, const char *number)
{
	struct thread t = paper_thread(p, 0, number);
	struct span key = SPAN(t.id.b, THREAD_LEN), closed;
	struct txn *txn = store_read(p->party[0].desk.store);
	struct record *record = NULL;

	closed = arena_span(p->mem, txn_get(txn, TABLE_REFERRAL, key));
	txn_abort(txn);
	assert_int_equal(compose_open(p->party[0].desk.adapter, "referral", key, closed, p->mem, &record), OK);
	return record;
}

static void
fresh(struct paper *p, struct header *h, uint8_t thread, uint64_t seq)
{
	uint8_t random[10];

	memset(h, 0, sizeof(*h));
	world_fill(&p->world, random, sizeof(random));
	msgid_make(p->now_ms, random, &h->id);
	memset(h->thread.b, thread, THREAD_LEN);
	h->seq = seq;
}

/* The receipt that party 1 submitted last. */
static struct header
last_receipt(struct paper *p)
{
	assert_true(p->party[1].n_sent > 0);
	return paper_decode(p, p->party[1].sent[p->party[1].n_sent - 1]).header;
}

static uint64_t
inbox(struct paper *p)
{
	return paper_count(p, 1, TABLE_INBOX);
}

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

/* What party 0 says next about R-1, which it has begun in thread 9, having seen `basis` of party 1; and the code that this gets. */
static enum err
say_step(struct paper *p, const struct record *referral, uint64_t seq, uint64_t basis, const char *const *step)
{
	struct record *r = record_new(p->mem, "record");
	struct header h;
	struct why why;

	r->case_id = referral->case_id;
	r->created = referral->created;
	r->kind = "status-change";
	assert_int_equal(record_set(r, p->mem, "status.referral_id", "R-1", &why), OK);
	assert_int_equal(record_set(r, p->mem, "status.from", step[0], &why), OK);
	assert_int_equal(record_set(r, p->mem, "status.to", step[1], &why), OK);
	assert_int_equal(record_set(r, p->mem, "status.transition", step[2], &why), OK);
	assert_int_equal(record_set(r, p->mem, "status.reason_text", "x", &why), OK);
	assert_int_equal(record_set(r, p->mem, "status.at", "2026-03-02T10:00:00Z", &why), OK);
	fresh(p, &h, 9, seq);
	if (basis > 0) {
		h.basis[0] = (struct basis){ world_ids[1], basis };
		h.n_basis = 1;
	}
	assert_int_equal(paper_deliver(p, 1, forge(p, &h, r, p->world.signing[0]), LIE_NOT), OK);
	return last_receipt(p).stage == STAGE_REFUSED ? ERR_INCONSISTENT : OK;
}

/* A basis is no more than was sent, and no less than the one before it: only a true crossing is judged as one. */
static void
arrival_item_basis(void **state)
{
	static const char *const cancel[] = { "accepted", "cancel-requested", "T20" };
	static const char *const late[] = { "requested", "cancelled", "T29" };
	struct paper *p = paper_up();
	struct record *record;
	struct header h;

	(void)state;
	paper_refer(p, "R-1", "routine");
	record = record_of(p, "R-1");
	fresh(p, &h, 9, 1);
	assert_int_equal(paper_deliver(p, 1, forge(p, &h, record, p->world.signing[0]), LIE_NOT), OK);
	assert_non_null(paper_take(p, 1, adesk_status(p->mem, "S-1", "R-1", "accepted", "")));
	assert_int_equal(paper_thread(p, 1, "R-1").my_seq, 1);
	assert_int_equal(say_step(p, record, 2, 2, cancel), ERR_INCONSISTENT);
	assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_ACCEPTED);
	assert_int_equal(say_step(p, record, 3, 1, cancel), OK);
	assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_CANCEL_REQUESTED);
	assert_int_equal(paper_thread(p, 1, "R-1").others[0].basis, 1);
	assert_int_equal(say_step(p, record, 4, 0, late), ERR_INCONSISTENT);
	assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_CANCEL_REQUESTED);
	paper_down(p);
}

/* Who answers our referral has seen it. */
static void
arrival_item_basis_of_answer(void **state)
{
	struct paper *p = paper_up();
	struct txn *txn;
	struct thread t;

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	txn = store_write(p->party[1].desk.store);	/* a recipient that hides what it has had */
	assert_true(casebook_by_number(txn, "R-1", NULL, &t));
	t.others[0].taken = 0;
	casebook_put(txn, p->mem, &t);
	assert_int_equal(txn_commit(txn), OK);
	assert_non_null(paper_take(p, 1, adesk_status(p->mem, "S-1", "R-1", "accepted", "")));
	paper_run(p);
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_REQUESTED);
	assert_int_equal(paper_thread(p, 0, "R-1").others[0].taken, 1);
	assert_non_null(strstr(p->party[0].told, "where=basis"));
	paper_down(p);
}

/* A number that its sender has used, and a referral to more than one, make no thread here. */
static void
arrival_item_one_referral(void **state)
{
	struct paper *p = paper_up();
	struct record *record;
	struct header h;

	(void)state;
	paper_refer(p, "R-1", "routine");
	record = record_of(p, "R-1");
	fresh(p, &h, 8, 1);
	h.to[1] = world_ids[2];
	h.n_to = 2;
	assert_int_equal(paper_deliver(p, 1, forge(p, &h, record, p->world.signing[0]), LIE_NOT), OK);
	assert_int_equal(last_receipt(p).stage, STAGE_REFUSED);
	assert_non_null(strstr(p->party[1].told, "where=to"));
	fresh(p, &h, 9, 1);
	assert_int_equal(paper_deliver(p, 1, forge(p, &h, record, p->world.signing[0]), LIE_NOT), OK);
	assert_int_equal(last_receipt(p).stage, STAGE_DELIVERED);
	fresh(p, &h, 10, 1);
	assert_int_equal(paper_deliver(p, 1, forge(p, &h, record, p->world.signing[0]), LIE_NOT), OK);
	assert_int_equal(last_receipt(p).stage, STAGE_REFUSED);
	assert_non_null(strstr(p->party[1].told, "code=NSK-1404 where=referral.referral_id"));
	assert_int_equal(inbox(p), 1);
	assert_int_equal(paper_thread(p, 1, "R-1").id.b[0], 9);
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

/* What comes before its turn in its thread waits for the next session; a gap that stays does not block for ever. */
static void
arrival_item_gap(void **state)
{
	struct paper *p = paper_up();
	struct span referral, step;
	struct adapter_status s;

	(void)state;
	paper_refer(p, "R-1", "routine");
	referral = p->party[0].sent[0];
	assert_non_null(paper_take(p, 0, adesk_status(p->mem, "S-1", "R-1", "withdrawn", "")));
	step = p->party[0].sent[1];
	assert_int_equal(paper_deliver(p, 1, step, LIE_NOT), OK);
	adapter_status(p->party[1].desk.adapter, &s);
	assert_false(s.is_up);
	assert_int_equal(p->party[1].n_taken, 0);
	paper_greet(p, 1, 100);
	assert_int_equal(paper_deliver(p, 1, referral, LIE_NOT), OK);
	assert_int_equal(paper_deliver(p, 1, step, LIE_NOT), OK);
	assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_WITHDRAWN);
	assert_int_equal(p->party[1].n_taken, 2);
	paper_down(p);

	p = paper_up();
	paper_refer(p, "R-1", "routine");
	assert_non_null(paper_take(p, 0, adesk_status(p->mem, "S-1", "R-1", "withdrawn", "")));
	for (int i = 0; i < 12 && p->party[1].n_taken == 0; i++) {
		assert_int_equal(paper_deliver(p, 1, p->party[0].sent[1], LIE_NOT), OK);
		if (p->party[1].n_taken == 0)
			paper_greet(p, 1, 100);
	}
	assert_int_equal(p->party[1].n_taken, 1);
	assert_int_equal(last_receipt(p).stage, STAGE_REFUSED);
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

/* Both act before they have heard of each other: both end in the same state. */
static void
arrival_item_crossing(void **state)
{
	struct paper *p = paper_up();

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	assert_non_null(paper_take(p, 1, adesk_status(p->mem, "S-1", "R-1", "accepted", "")));
	assert_non_null(paper_take(p, 0, adesk_status(p->mem, "S-2", "R-1", "cancel-requested", "status.reason_text=x\n")));
	paper_run(p);
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_CANCEL_REQUESTED);
	assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_CANCEL_REQUESTED);
	paper_down(p);
}

static void
both_are(struct paper *p, enum state state)
{
	paper_run(p);
	assert_int_equal(paper_thread(p, 0, "R-1").state, state);
	assert_int_equal(paper_thread(p, 1, "R-1").state, state);
}

static void
take_step(struct paper *p, size_t i, const char *id, const char *to, const char *more)
{
	assert_int_equal(strncmp(paper_take(p, i, adesk_status(p->mem, id, "R-1", to, more)), "OK ", 3), 0);
}

/* A record that is no step, or a step that was taken back since, is no step taken at once with the other side's that had not seen it: that one leads
 * where it says, also back to an earlier state. */
static void
arrival_item_crossing_no_step(void **state)
{
	struct paper *p = paper_up();
	struct span asked;

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	take_step(p, 1, "S-1", "accepted", "");
	take_step(p, 1, "S-2", "on-hold", "status.reason_text=x\n");
	both_are(p, STATE_ON_HOLD);
	assert_int_equal(strncmp(paper_take(p, 0, "id=w\nkind=consent-change\nconsent_change.referral_id=R-1\nconsent_change.change=withdrawn\n"
					    "consent_change.changed_by=parent\n"), "OK ", 3), 0);
	take_step(p, 1, "S-3", "in-progress", "");
	both_are(p, STATE_IN_PROGRESS);
	take_step(p, 1, "S-4", "on-hold", "status.reason_text=x\n");
	both_are(p, STATE_ON_HOLD);
	/* the wish to cancel is taken back before the other side has heard of it */
	p->party[0].n_sent = 0;
	take_step(p, 0, "S-5", "cancel-requested", "status.reason_text=x\n");
	asked = p->party[0].sent[0];
	assert_int_equal(paper_accept(p, 0, asked, LIE_NOT), OK);
	{
		struct msgid of = paper_decode(p, asked).header.id;
		struct why why = { 0 };
		char id[MSGID_TEXT_LEN];

		msgid_format(&of, id);
		p->party[0].n_sent = 0;
		assert_int_equal(withdraw_ask(p->party[0].desk.adapter, id, &why), OK);
		assert_int_equal(paper_accept(p, 0, p->party[0].sent[0], LIE_NOT), OK);
	}
	asked = p->party[0].sent[0];
	p->party[0].n_sent = 0;
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_ON_HOLD);
	take_step(p, 1, "S-6", "in-progress", "");
	assert_int_equal(paper_deliver(p, 1, asked, LIE_NOT), OK);
	both_are(p, STATE_IN_PROGRESS);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arrival_item_twice),
		cmocka_unit_test(arrival_item_conflict),
		cmocka_unit_test(arrival_item_refused),
		cmocka_unit_test(arrival_item_basis),
		cmocka_unit_test(arrival_item_basis_of_answer),
		cmocka_unit_test(arrival_item_one_referral),
		cmocka_unit_test(arrival_item_refusal_told),
		cmocka_unit_test(arrival_item_gap),
		cmocka_unit_test(arrival_item_of_one_who_left),
		cmocka_unit_test(arrival_without_room),
		cmocka_unit_test(arrival_item_of_stranger),
		cmocka_unit_test(arrival_item_crossing),
		cmocka_unit_test(arrival_item_crossing_no_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
