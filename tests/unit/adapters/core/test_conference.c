/* SPDX-License-Identifier: EUPL-1.2 */
/* A conference of two agencies: what is said by whom, checked at both ends, and the clocks of what was promised. */
#include "tests/support/conference_paper.h"

#include "adapters/core/compose.h"
#include "adapters/core/duty.h"
#include "adapters/core/flights.h"
#include "adapters/core/promise.h"
#include "adapters/core/withdraw.h"

static enum promise_state
state_at(struct paper *p, size_t i, const char *id)
{
	struct thread t = paper_thread(p, i, PAPER_CONFERENCE);
	struct txn *txn = store_read(p->party[i].desk.store);
	struct promise_row row;

	(void)promise_find(txn, &t.id, id, &row);
	txn_abort(txn);
	return council_promise_state(&row.said, &promise_all);
}

static void
both_have(struct paper *p, const char *id, enum promise_state wanted)
{
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(state_at(p, i, id), wanted);
}

static unsigned
facts_at(struct paper *p, size_t i)
{
	struct txn *txn = store_read(p->party[i].desk.store);
	struct duty d = { .no = 0 };
	unsigned facts = 0;

	while (duty_next(txn, d.no, &d))
		for (int fact = 1; fact < DUTY_FACTS; fact++)
			facts |= d.said[fact].at_ms != 0 ? 1u << fact : 0;
	txn_abort(txn);
	return facts;
}

static void
pass(struct paper *p, int64_t ms)
{
	for (size_t i = 0; i < 2; i++)
		paper_tick(p, i, i == 0 ? ms : 0);
}

/* From the invitation to the end: both sides stand alike after each word. */
static void
whole_story(void **state)
{
	struct paper *p = paper_up();

	(void)state;
	paper_call(p);
	assert_int_equal(paper_thread(p, 1, PAPER_CONFERENCE).conference, CONFERENCE_CALLED);
	paper_must(p, 1, "conference-rsvp conference_id=" PAPER_CONFERENCE " answer=accept");
	assert_true(paper_thread(p, 1, PAPER_CONFERENCE).is_seen_sent);
	paper_must(p, 0, "conference-decision conference_id=" PAPER_CONFERENCE " result=decided text=план");
	paper_must(p, 0, paper_commitment(p, "A", 1, "2026-12-24", ""));
	both_have(p, "A", PROMISE_PROPOSED);
	paper_must(p, 1, paper_update(p, "A", "accepted", ""));
	both_have(p, "A", PROMISE_ACCEPTED);
	paper_must(p, 0, paper_commitment(p, "A", 1, "2026-12-28", "reason=промяна"));
	both_have(p, "A", PROMISE_PROPOSED);
	paper_must(p, 1, paper_update(p, "A", "accepted", ""));
	paper_must(p, 1, paper_update(p, "A", "in-progress", ""));
	paper_must(p, 1, paper_update(p, "A", "done", ""));
	both_have(p, "A", PROMISE_DONE);
	paper_must(p, 0, "conference-decision conference_id=" PAPER_CONFERENCE " result=closed text=край");
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(casebook_state(&(struct thread){ .topic = TOPIC_CONFERENCE, .conference =
				    paper_thread(p, i, PAPER_CONFERENCE).conference }), "closed");
	paper_down(p);
}

/* A receiver judges for itself: what a sender that does not keep to the tables sends is refused, and its place used up. */
static void
refused_there(void **state)
{
	struct paper *p = paper_up();
	struct adapter *a;
	struct record *record;
	struct outbound o;
	struct thread t;
	struct txn *txn;
	struct span sent;
	struct header h;

	(void)state;
	paper_call(p);
	paper_must(p, 0, paper_commitment(p, "A", 1, "2026-12-24", ""));
	a = p->party[0].desk.adapter;
	record = paper_record(p, paper_update(p, "A", "accepted", "version=1 at=2026-11-22T08:00:00Z"));	/* not its own */
	t = paper_thread(p, 0, PAPER_CONFERENCE);
	record->case_id = arena_copy(p->mem, t.case_id, 16);
	record->created = record_int(p->mem, p->now_ms);
	arena_reset(a->mem);
	txn = store_write(a->p.store);
	assert_int_equal(compose_data(a, txn, &t, record, &o, NULL), OK);
	casebook_put(txn, a->mem, &t);
	assert_int_equal(txn_commit(txn), OK);
	p->party[0].n_sent = p->party[1].n_sent = 0;
	assert_int_equal(flights_submit(a), OK);
	assert_int_equal(p->party[0].n_sent, 1);
	sent = p->party[0].sent[0];
	assert_int_equal(paper_accept(p, 0, sent, LIE_NOT), OK);
	assert_int_equal(paper_deliver(p, 1, sent, LIE_NOT), OK);
	h = paper_decode(p, p->party[1].sent[p->party[1].n_sent - 1]).header;
	assert_int_equal(h.stage, STAGE_REFUSED);
	assert_int_equal(state_at(p, 1, "A"), PROMISE_PROPOSED);
	assert_int_equal(paper_thread(p, 1, PAPER_CONFERENCE).others[0].taken, t.my_seq);
	paper_down(p);
}

/* A change and an end cross on the way: both sides come to the same, whichever was delivered first. */
static void
crossing(void **state)
{
	(void)state;
	for (size_t first = 0; first < 2; first++) {
		struct paper *p = paper_up();
		struct span change, done;

		paper_call(p);
		paper_must(p, 0, paper_commitment(p, "A", 1, "2026-12-24", ""));
		paper_must(p, 1, paper_update(p, "A", "accepted", ""));
		p->party[0].n_sent = p->party[1].n_sent = 0;
		assert_int_equal(paper_say(p, 0, paper_commitment(p, "A", 1, "2026-12-28", "reason=промяна"), NULL), OK);
		assert_int_equal(paper_say(p, 1, paper_update(p, "A", "done", ""), NULL), OK);
		change = p->party[0].sent[0];
		done = p->party[1].sent[0];
		assert_int_equal(paper_deliver(p, 1 - first, first ? done : change, LIE_NOT), OK);
		assert_int_equal(paper_deliver(p, first, first ? change : done, LIE_NOT), OK);
		both_have(p, "A", PROMISE_DONE);
		paper_down(p);
	}
}

/* Its owner and its coordinator see by their own clocks that it is not kept; days later the coordinator is to go further up, once; and
 * what has ended is late no more. */
static void
overdue(void **state)
{
	struct paper *p = paper_up();
	const unsigned of_it = 1u << DUTY_OVERDUE | 1u << DUTY_ESCALATED;
	int64_t due = promise_due("2027-01-15");

	(void)state;
	paper_call(p);
	paper_must(p, 1, "conference-rsvp conference_id=" PAPER_CONFERENCE " answer=accept");
	paper_must(p, 0, paper_commitment(p, "A", 1, "2027-01-15", ""));
	paper_must(p, 0, paper_commitment(p, "B", 0, "2027-01-15", ""));
	paper_must(p, 1, paper_update(p, "A", "accepted", ""));
	pass(p, due - 1 - p->now_ms);
	assert_int_equal(facts_at(p, 0) & of_it, 0);
	assert_int_equal(facts_at(p, 1) & of_it, 0);
	pass(p, 1);
	assert_int_equal(facts_at(p, 0) & of_it, 1u << DUTY_OVERDUE);
	assert_int_equal(facts_at(p, 1) & of_it, 1u << DUTY_OVERDUE);
	pass(p, 10 * CLOCK_DAY);
	assert_int_equal(facts_at(p, 0) & of_it, of_it);
	assert_int_equal(facts_at(p, 1) & of_it, 1u << DUTY_OVERDUE);
	paper_down(p);
}

/* What agency 2, which stands on no desk, says as `seq`, having seen so much of agencies 0 and 1. */
static struct span
third(struct paper *p, const struct thread *t, struct record *record, uint64_t seq, const uint64_t seen[2])
{
	const struct contacts *c = p->party[0].desk.contacts;
	struct header h = {
		.class = CLASS_DATA, .from = world_ids[2], .to = { world_ids[0], world_ids[1] }, .n_to = 2, .thread = t->id, .seq = seq,
		.priority = t->priority, .created_ms = p->now_ms, .version = ENVELOPE_VERSION,
	};
	struct envelope env, *batch = &env;
	struct span bytes;
	uint8_t cek[32], random[10];

	for (size_t i = 0; i < 2; i++)
		if (seen[i] > 0)
			h.basis[h.n_basis++] = (struct basis){ world_ids[i], seen[i] };
	world_fill(&p->world, random, sizeof(random));
	msgid_make(p->now_ms, random, &h.id);
	world_fill(&p->world, cek, sizeof(cek));
	record->case_id = arena_copy(p->mem, t->case_id, 16);
	record->created = record_int(p->mem, p->now_ms);
	assert_int_equal(seal_record(&h, record, contacts_directory(c), contacts_sheets(c), key_id(p->world.signing[2]), cek, p->mem, &env,
				     NULL), OK);
	assert_int_equal(envelope_sign(&batch, 1, p->world.signing[2], p->mem), OK);
	assert_int_equal(envelope_encode(&env, p->mem, &bytes), OK);
	return bytes;
}

/* A word is held back until what its author had seen of a third party is here; then it is judged, by that. */
static void
causes_first(void **state)
{
	struct paper *p = paper_up();
	struct span decided, answer;
	struct thread t;

	(void)state;
	assert_int_equal(paper_say(p, 0, arena_fmt(p->mem, "conference-invite conference_id=" PAPER_CONFERENCE " case_ref=17 mechanism=violence "
						   "urgency=urgent start=2026-12-01T08:00:00Z place_or_link=зала "
						   "members[0].agency=%s members[0].role=required members[1].agency=%s "
						   "members[1].role=required", world_ids[1], world_ids[2]), NULL), OK);
	assert_int_equal(paper_say(p, 0, paper_commitment(p, "A", 2, "2026-12-24", ""), NULL), OK);
	assert_int_equal(p->party[0].n_sent, 2);
	decided = p->party[0].sent[1];
	assert_int_equal(paper_deliver(p, 1, p->party[0].sent[0], LIE_NOT), OK);
	t = paper_thread(p, 1, PAPER_CONFERENCE);
	assert_int_equal(t.n_others, 2);
	answer = third(p, &t, paper_record(p, paper_update(p, "A", "accepted", "version=1 at=2026-11-22T08:00:00Z")), 1,
		       (const uint64_t[]){ 2, 0 });
	p->party[1].n_taken = 0;
	assert_int_equal(paper_deliver(p, 1, answer, LIE_NOT), OK);
	assert_int_equal(p->party[1].n_taken, 0);	/* the session begins anew: what is missing comes first then */
	paper_greet(p, 1, 1000);
	assert_int_equal(paper_deliver(p, 1, decided, LIE_NOT), OK);
	assert_int_equal(paper_deliver(p, 1, answer, LIE_NOT), OK);
	assert_int_equal(p->party[1].n_taken, 2);
	assert_int_equal(state_at(p, 1, "A"), PROMISE_ACCEPTED);
	assert_int_equal(paper_deliver(p, 0, answer, LIE_NOT), OK);
	assert_int_equal(state_at(p, 0, "A"), PROMISE_ACCEPTED);
	paper_down(p);
}

/* An invitation that the hub will not have is no conference; a commitment that it will not have is none either. */
static void
recalled(void **state)
{
	struct paper *p = paper_up();
	struct txn *txn;
	struct promise_row row;
	struct thread t;

	(void)state;
	paper_call(p);
	p->party[0].n_sent = 0;
	assert_int_equal(paper_say(p, 0, paper_commitment(p, "A", 1, "2026-12-24", ""), NULL), OK);
	assert_int_equal(paper_refuse(p, 0, p->party[0].sent[0], ERR_NOT_ALLOWED, 0), OK);
	assert_int_equal(state_at(p, 0, "A"), PROMISE_NONE);
	t = paper_thread(p, 0, PAPER_CONFERENCE);
	assert_int_equal(t.conference, CONFERENCE_CALLED);
	txn = store_read(p->party[0].desk.store);
	assert_true(promise_find(txn, &t.id, "A", &row) && row.said.n == 0);
	txn_abort(txn);
	p->party[0].n_sent = 0;
	paper_must(p, 0, paper_commitment(p, "A", 1, "2026-12-24", ""));
	both_have(p, "A", PROMISE_PROPOSED);
	paper_down(p);
}

/* An invitation is taken back as long as it is not registered, and nothing else of a conference ever is. */
static void
taken_back(void **state)
{
	struct paper *p = paper_up();
	struct thread t;
	char id[MSGID_TEXT_LEN];
	struct outbound o;
	struct txn *txn;
	struct why why;

	(void)state;
	paper_call(p);
	assert_int_equal(paper_say(p, 0, paper_commitment(p, "A", 1, "2026-12-24", ""), NULL), OK);
	txn = store_read(p->party[0].desk.store);
	for (uint64_t seq = 1; outbox_get(txn, seq, &o); seq++)
		if (o.class == CLASS_DATA && o.thread_seq == 2)
			msgid_format(&o.first, id);
	txn_abort(txn);
	assert_int_equal(withdraw_ask(p->party[0].desk.adapter, id, &why), ERR_UNSUPPORTED);
	assert_int_equal(withdraw_ask(p->party[0].desk.adapter, PAPER_CONFERENCE, &why), OK);
	paper_run(p);
	for (size_t i = 0; i < 2; i++) {
		t = paper_thread(p, i, PAPER_CONFERENCE);
		assert_int_equal(t.conference, CONFERENCE_CANCELLED);
	}
	assert_int_equal(paper_say(p, 1, "conference-rsvp conference_id=" PAPER_CONFERENCE " answer=accept", NULL), ERR_BAD_TRANSITION);
	paper_down(p);
}

/* A member's first word, its answer to the invitation, is the first of its own seqs and begins no thread: it is not taken back either, or its commitments would
 * stand at some members without it. */
static void
a_first_word_is_not_taken_back(void **state)
{
	struct paper *p = paper_up();
	struct outbound o = { .thread_seq = 0 };
	char id[MSGID_TEXT_LEN];
	struct txn *txn;
	struct why why;

	(void)state;
	paper_call(p);
	assert_int_equal(paper_say(p, 1, "conference-rsvp conference_id=" PAPER_CONFERENCE " answer=accept", NULL), OK);
	txn = store_read(p->party[1].desk.store);
	for (uint64_t seq = 1; outbox_get(txn, seq, &o); seq++)
		if (o.class == CLASS_DATA && o.thread_seq == 1)
			msgid_format(&o.first, id);
	txn_abort(txn);
	assert_int_equal(withdraw_ask(p->party[1].desk.adapter, id, &why), ERR_UNSUPPORTED);
	paper_run(p);
	assert_int_equal(paper_thread(p, 0, PAPER_CONFERENCE).others[0].taken, 1);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_story), cmocka_unit_test(refused_there), cmocka_unit_test(crossing),
		cmocka_unit_test(overdue), cmocka_unit_test(causes_first), cmocka_unit_test(recalled),
		cmocka_unit_test(a_first_word_is_not_taken_back), cmocka_unit_test(taken_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
