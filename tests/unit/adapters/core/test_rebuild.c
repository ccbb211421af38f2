/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/core/rebuild.h"

#define PAPER_PARTIES 4
#include "tests/support/conference_paper.h"
#include "tests/support/lost_disk.h"

#include "adapters/core/duty.h"

static struct rebuilt
view(struct paper *p)
{
	return lost_disk_view(p, 0);
}

static void
lose(struct paper *p)
{
	lost_disk_lose(p, 0);
}

static void
state(struct paper *p, const struct standing *rows, size_t n)
{
	lost_disk_state(p, 0, rows, n);
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
	row = lost_disk_row(p, p->party[0].sent[0], 1u << STAGE_DELIVERED | 1u << STAGE_REGISTERED);
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
	row = lost_disk_row(p, p->party[1].sent[0], 1u << STAGE_DELIVERED);
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
	row = lost_disk_row(p, p->party[0].sent[0], 1u << STAGE_DELIVERED);
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

/* -- conferences of four -- */

/* What the statement says to party `i` of all that was said: registered by everybody. */
static void
state_all(struct paper *p, size_t i)
{
	struct standing rows[PAPER_MAX];
	size_t n = 0;

	for (size_t k = 0; k < p->n_said; k++) {
		const struct envelope env = paper_decode(p, p->said[k]);
		const struct header *h = &env.header;
		bool is_ours = strcmp(h->from, world_ids[i]) == 0;
		struct standing *s = &rows[n];

		*s = (struct standing){
			.leaf = k + 1, .id = h->id, .env_hash = env.hash, .from = h->from, .n_to = h->n_to, .thread = h->thread, .seq = h->seq,
			.priority = h->priority, .created_ms = h->created_ms, .submitted_ms = p->now_ms,
		};
		for (size_t to = 0; to < h->n_to; to++) {
			s->to[to] = h->to[to];
			if (is_ours || strcmp(h->to[to], world_ids[i]) == 0)
				s->stages[to] = 1u << STAGE_DELIVERED | 1u << STAGE_REGISTERED;
		}
		n++;
	}
	lost_disk_state(p, i, rows, n);
}

static void
all_have(struct paper *p, const char *id, enum promise_state wanted)
{
	for (size_t i = 0; i < PAPER_PARTIES; i++) {
		struct promise_row row = paper_promise(p, i, id);

		assert_int_equal(council_promise_state(&row.said, &promise_all), wanted);
	}
}

static void
turn(struct paper *p, int n)
{
	while (n-- > 0) {
		for (size_t i = 0; i < PAPER_PARTIES; i++)
			paper_tick(p, i, 1000);
		paper_run(p);
	}
}

static void
is_back(struct paper *p, size_t i, const struct thread *was, const struct promise_row *b)
{
	struct thread t = paper_thread(p, i, PAPER_CONFERENCE);
	struct promise_row row = paper_promise(p, i, "B");

	assert_int_equal(lost_disk_view(p, i).state, REBUILD_NONE);
	assert_int_equal(lost_disk_view(p, i).lost, 0);
	assert_non_null(strstr(p->party[i].told, "rebuild.thread"));
	assert_true(t.topic == TOPIC_CONFERENCE && t.conference == was->conference && t.decided_seq == was->decided_seq &&
		    t.ended_seq == was->ended_seq && t.is_initiator == was->is_initiator && t.n_others == was->n_others);
	assert_true(t.my_seq > was->my_seq);
	assert_memory_equal(t.case_id, was->case_id, sizeof(t.case_id));
	for (size_t k = 0; k < t.n_others; k++)
		assert_string_equal(t.others[k].agency, was->others[k].agency);
	assert_true(msgid_eq(&row.message, &b->message) && row.due_ms == b->due_ms && row.said.n == b->said.n);
	assert_string_equal(row.owner, b->owner);
	assert_string_equal(row.asked_due, b->asked_due);
}

static uint64_t
promised_at(struct paper *p, size_t i)
{
	struct txn *txn = store_read(p->party[i].desk.store);
	struct duty d = { .no = 0 };
	uint64_t n = 0;

	while (duty_next(txn, d.no, &d))
		n += d.promised_ms != 0 && !d.is_kept;
	txn_abort(txn);
	return n;
}

/* A member's disk, and the coordinator's: who is asked first has it; parties, state and commitments are as before, its own clock of what
 * it owes goes on, and what it and the others say next is heard by everybody. */
static void
conference_comes_back(void **unused)
{
	static const size_t losers[] = { 2, 0 };

	(void)unused;
	for (size_t k = 0; k < 2; k++) {
		struct paper *p = paper_council();
		size_t i = losers[k];
		struct thread was = paper_thread(p, i, PAPER_CONFERENCE);
		struct promise_row b = paper_promise(p, i, "B");
		uint64_t promised = promised_at(p, i);

		lost_disk_lose(p, i);
		state_all(p, i);
		assert_int_equal(lost_disk_view(p, i).threads, 1);
		turn(p, 3);
		is_back(p, i, &was, &b);
		assert_int_equal(promised_at(p, i), promised);
		paper_must(p, 2, paper_update(p, "B", "done", ""));
		all_have(p, "B", PROMISE_DONE);
		paper_must(p, 0, paper_commitment(p, "A", 1, "2026-12-30", "reason=промяна"));
		paper_must(p, 1, paper_update(p, "A", "accepted", ""));
		all_have(p, "A", PROMISE_ACCEPTED);
		paper_must(p, 3, "conference-rsvp conference_id=" PAPER_CONFERENCE " answer=decline reason=няма");
		for (size_t other = 0; other < PAPER_PARTIES; other++)
			assert_null(strstr(p->party[other].told, "refused"));
		paper_down(p);
	}
}

/* Two at once, the coordinator among them: whoever has it not says so, and the next is asked. */
static void
next_one_is_asked(void **unused)
{
	struct paper *p = paper_council();
	struct thread was[2] = { paper_thread(p, 0, PAPER_CONFERENCE), paper_thread(p, 2, PAPER_CONFERENCE) };
	struct promise_row b = paper_promise(p, 0, "B");

	(void)unused;
	lost_disk_lose(p, 0);
	lost_disk_lose(p, 2);
	state_all(p, 0);
	state_all(p, 2);
	turn(p, 4);
	is_back(p, 0, &was[0], &b);
	is_back(p, 2, &was[1], &b);
	paper_must(p, 2, paper_update(p, "B", "done", ""));
	paper_must(p, 0, paper_commitment(p, "C", 3, "2026-12-30", ""));
	all_have(p, "B", PROMISE_DONE);
	all_have(p, "C", PROMISE_PROPOSED);
	paper_down(p);
}

/* When all have lost it, each says so, and waits no longer. */
static void
lost_at_all(void **unused)
{
	struct paper *p = paper_council();

	(void)unused;
	for (size_t i = 0; i < PAPER_PARTIES; i++)
		lost_disk_lose(p, i);
	for (size_t i = 0; i < PAPER_PARTIES; i++)
		state_all(p, i);
	turn(p, 8);
	for (size_t i = 0; i < PAPER_PARTIES; i++) {
		assert_int_equal(lost_disk_view(p, i).lost, 1);
		assert_int_equal(lost_disk_view(p, i).state, REBUILD_NONE);
		assert_non_null(strstr(p->party[i].told, "rebuild.lost"));
	}
	paper_down(p);
}

/* Party `i` has it that the owner of B itself has cancelled it. */
static void
spoil(struct paper *p, size_t i)
{
	struct adapter *a = p->party[i].desk.adapter;
	struct thread t = paper_thread(p, i, PAPER_CONFERENCE);
	struct promise_row row = paper_promise(p, i, "B");
	struct txn *txn = store_write(a->p.store);

	arena_reset(a->mem);
	row.said.events[row.said.n - 1].to = PROMISE_CANCELLED;
	promise_put(txn, a->mem, &t.id, &row);
	assert_int_equal(txn_commit(txn), OK);
}

/* What cannot be so is refused, and the next one is asked at once; when nobody tells what can be, the thread is lost. */
static void
liar_is_passed_over(void **unused)
{
	struct promise_row b;
	struct paper *p;
	struct thread was;

	(void)unused;
	for (size_t liars = 1; liars <= 3; liars += 2) {
		p = paper_council();
		was = paper_thread(p, 3, PAPER_CONFERENCE);
		b = paper_promise(p, 3, "B");
		for (size_t i = 0; i < liars; i++)
			spoil(p, i);
		lost_disk_lose(p, 3);
		state_all(p, 3);
		turn(p, 6);
		if (liars == 1)
			is_back(p, 3, &was, &b);
		assert_non_null(strstr(p->party[3].told, "where=minutes.commitments.words"));
		assert_int_equal(lost_disk_view(p, 3).lost, liars == 1 ? 0 : 1);
		assert_int_equal(lost_disk_view(p, 3).state, REBUILD_NONE);
		paper_down(p);
	}
}

static unsigned
asked_at(struct paper *p, size_t i, const struct thread_id *thread)
{
	struct txn *txn = store_read(p->party[i].desk.store);
	struct hollow h;

	assert_true(hollow_find(txn, thread, &h));
	txn_abort(txn);
	return h.asked;
}

/* Who does not answer for ten minutes is not asked again; the next one is asked as well, in their order: who called it first. */
static void
silence_is_not_waited_for(void **unused)
{
	struct paper *p = paper_council();
	struct thread_id thread = paper_thread(p, 3, PAPER_CONFERENCE).id;

	(void)unused;
	lost_disk_lose(p, 3);
	state_all(p, 3);
	for (int minute = 0; minute < 40; minute++) {
		paper_tick(p, 3, CLOCK_MINUTE);
		assert_int_equal(asked_at(p, 3, &thread), minute < 10 ? 1 : minute < 20 ? 3 : 7);
	}
	assert_int_equal(lost_disk_view(p, 3).threads_missing, 1);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_is_not_lost), cmocka_unit_test(our_thread_comes_back), cmocka_unit_test(unregistered_comes_again),
		cmocka_unit_test(lost_at_both), cmocka_unit_test(conference_comes_back), cmocka_unit_test(next_one_is_asked),
		cmocka_unit_test(lost_at_all), cmocka_unit_test(silence_is_not_waited_for),
		cmocka_unit_test(liar_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
