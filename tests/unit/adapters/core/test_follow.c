/* SPDX-License-Identifier: EUPL-1.2 */
/* test_follow - what may be said in a thread: the whole table of state, side and step, at the adapter that says it and, forged, at the
 * one that hears it. */
#include "adapters/core/compose.h"
#include "adapters/core/duty.h"
#include "adapters/core/follow.h"
#include "tests/support/lifecycle_list.h"
#include "tests/support/paper_hub.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define EVERY_SAID 5	/* of the steps that are not in the list: sanitizers are slow */
#define EVERY_HEARD 37
#else	/* all of them: the suite `whole` runs this build */
#define EVERY_SAID 1
#define EVERY_HEARD 1
#endif
#define EVENTS 33
#define N_STATES (sizeof(all_states) / sizeof(all_states[0]))

/* What every step asks for. */
static struct record *
status_record(struct arena *mem, const struct thread *t, const char *from, const char *to, const char *transition)
{
	static const char *const rows[][2] = {
		{ "kind", "status-change" }, { "status.at", "2026-03-02T10:00:00Z" }, { "status.reason_code", "other" },
		{ "status.reason_text", "т" }, { "status.new_target", "n" }, { "status.appointment.start", "2026-03-09T10:00:00Z" },
		{ "status.waitlist.position", "1" }, { "status.outcome.outcome", "need-met" }, { "status.questions[0].text", "?" },
		{ "status.attempt_no", "1" }, { "status.milestone", "m" }, { "status.supersedes", "s" }, { "created", "2026-03-02T10:00:00Z" },
	};
	struct record *record = record_new(mem, "record");

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(record_set(record, mem, rows[i][0], rows[i][1], NULL), OK);
	record->case_id = arena_copy(mem, t->case_id, sizeof(t->case_id));
	record->status->referral_id = arena_str(mem, t->referral_id);
	record->status->from = from;
	record->status->to = to;
	record->status->transition = transition;
	return record;
}

/* A thread between both, begun by party `by`. */
static void
refer(struct paper *p, size_t by, const char *number)
{
	const char *answer = paper_take(p, by, adesk_referral(p->mem, number, world_ids[1 - by], "routine", "Измислен случай"));

	assert_int_equal(strncmp(answer, "OK ", 3), 0);
	paper_run(p);
}

/* Later than any referral of these tests may still be answered. */
#define LONG_MS (40 * CLOCK_DAY)

static const char *const numbers[2] = { "R-0", "R-1" };	/* begun by party 0, and by party 1 */

static struct paper *
both_ways(void)
{
	struct paper *p = paper_up();

	refer(p, 0, numbers[0]);
	refer(p, 1, numbers[1]);
	return p;
}

typedef bool (*try_fn)(struct paper *p, const char *from, const char *to, const char *transition, struct thread *t);

/* Every step of the list, and of all others, by every pair of states, side and transition, one in `every`. `taker` is whose thread is
 * looked at. */
static void
whole_table(size_t taker, size_t every, try_fn try)
{
	struct paper *p = both_ways();
	size_t n_good = 0, n_bad = 0;

	for (size_t k = 0; k < N_STATES * N_STATES * 2 * EVENTS; k++) {
		const char *from = all_states[k / (N_STATES * 2 * EVENTS)], *to = all_states[k / (2 * EVENTS) % N_STATES];
		const enum actor actor = k / EVENTS % 2 == 0 ? ACTOR_INITIATOR : ACTOR_RECIPIENT;
		const int no = (int)(k % EVENTS) + 1;
		const char id[4] = { 'T', (char)('0' + no / 10), (char)('0' + no % 10), '\0' };
		const struct step *step = find_step(from, to);
		bool is_good = may(step, actor) && strstr(step->ids, id) != NULL, is_taken;
		struct thread t;

		if (!is_good && (k / (2 * EVENTS) + k) % every != 0)
			continue;
		if (p->size > PAPER_MAX - 8) {	/* its log is full */
			paper_down(p);
			p = both_ways();
		}
		t = paper_thread(p, taker, numbers[actor == ACTOR_INITIATOR ? 0 : 1]);
		is_taken = try(p, from, to, id, &t);
		if (is_taken != is_good)
			fail_msg("%s by %d from %s to %s: %s", id, actor, from, to, is_taken ? "taken" : "refused");
		*(is_good ? &n_good : &n_bad) += 1;
	}
	paper_down(p);
	printf("# figure every step: %zu taken, %zu of %zu others refused\n", n_good, n_bad, N_STATES * N_STATES * 2 * EVENTS - n_good);
	assert_int_equal(n_good, 123);	/* the list, its double ids, and what both sides may do */
	assert_true(n_bad * every > 20000);
}

/* At the side that says it; nothing is kept, the next one finds the thread as it was. */
static bool
say(struct paper *p, const char *from, const char *to, const char *transition, struct thread *t)
{
	struct adesk *desk = &p->party[0].desk;
	struct adapter *a = desk->adapter;
	struct record *record, *first;
	struct why why = { .where = "" };
	struct outbound o;
	struct txn *txn;
	enum err e;

	arena_reset(a->mem);
	t->state = lifecycle_state_by_code(from);
	t->before = LIFECYCLE_PAST_UNKNOWN;
	record = status_record(a->mem, t, from, to, transition);
	txn = store_write(desk->store);
	p->now_ms += LONG_MS;	/* a referral expires no sooner */
	e = follow_say(a, txn, t, record, &first, &o, &why);
	p->now_ms -= LONG_MS;
	txn_abort(txn);
	if (e != OK)
		assert_true(e == ERR_BAD_TRANSITION || e == ERR_BAD_ACTOR);
	return e == OK;
}

static void
follow_says_what_the_list_has(void **state)
{
	(void)state;
	whole_table(0, EVERY_SAID, say);
}

static void
set_state(struct paper *p, size_t i, struct thread *t, const char *state, struct lifecycle_past past)
{
	struct txn *txn = store_write(p->party[i].desk.store);

	t->state = lifecycle_state_by_code(state);
	t->before = past;
	casebook_put(txn, p->mem, t);
	assert_int_equal(txn_commit(txn), OK);
}

/* At the side that hears it, from a party 0 that seals whatever it likes. False: refused; party 1 was told why. */
static bool
hear_record(struct paper *p, const struct record *record, struct thread *t)
{
	const struct contacts *c = p->party[0].desk.contacts;
	struct envelope env, *batch = &env;
	uint8_t cek[32], random[10];
	struct header h = { .class = CLASS_DATA, .from = world_ids[0], .n_to = 1, .priority = PRIORITY_ROUTINE };
	struct header receipt;
	struct span bytes;
	struct why why = { .where = "" };

	world_fill(&p->world, random, sizeof(random));
	world_fill(&p->world, cek, sizeof(cek));
	msgid_make(p->now_ms, random, &h.id);
	h.to[0] = world_ids[1];
	h.thread = t->id;
	h.seq = t->others[0].taken + 1;
	h.created_ms = p->now_ms;
	if (t->my_seq > 0) {
		h.basis[0] = (struct basis){ world_ids[1], t->my_seq };
		h.n_basis = 1;
	}
	assert_int_equal(seal_record(&h, record, contacts_directory(c), contacts_sheets(c),
				     key_id(p->world.signing[0]), cek, p->mem, &env, &why), OK);
	assert_int_equal(envelope_sign(&batch, 1, p->world.signing[0], p->mem), OK);
	assert_int_equal(envelope_encode(&env, p->mem, &bytes), OK);
	p->party[1].n_sent = 0;
	p->party[1].told[0] = '\0';
	assert_int_equal(paper_deliver(p, 1, bytes, LIE_NOT), OK);
	assert_true(p->party[1].n_sent > 0);
	receipt = paper_decode(p, p->party[1].sent[p->party[1].n_sent - 1]).header;
	if (receipt.stage == STAGE_DELIVERED)
		return true;
	assert_int_equal(receipt.stage, STAGE_REFUSED);
	return false;
}

static bool
hear(struct paper *p, const char *from, const char *to, const char *transition, struct thread *t)
{
	set_state(p, 1, t, from, LIFECYCLE_PAST_UNKNOWN);
	if (hear_record(p, status_record(p->mem, t, from, to, transition), t))
		return true;
	assert_true(strstr(p->party[1].told, "NSK-1401") != NULL || strstr(p->party[1].told, "NSK-1402") != NULL);
	return false;
}

static void
arrival_takes_what_the_list_has(void **state)
{
	(void)state;
	whole_table(1, EVERY_HEARD, hear);
}

/* -- what must have gone before -- */

/* Does party 1 take it from one that seals whatever it likes, its thread being there? */
static bool
is_heard(struct paper *p, const char *number, struct lifecycle_past past, const char *from, const char *to, const char *id, const char *more)
{
	struct thread t = paper_thread(p, 1, number);
	struct record *record;

	set_state(p, 1, &t, from, past);
	record = status_record(p->mem, &t, from, to, id);
	if (more)
		assert_int_equal(record_set(record, p->mem, "status.outcome.outcome", more, NULL), OK);
	else if (strcmp(id, "T31") == 0)
		record->status->reason_text = NULL;
	return hear_record(p, record, &t);
}

/* A sender that asks itself nothing of this is refused by the other side, with what is missing. */
static void
arrival_asks_for_what_went_before(void **state)
{
	const struct lifecycle_past two = { 2, true }, three = { 3, false };
	struct paper *p = both_ways();

	(void)state;
	assert_false(is_heard(p, "R-1", two, "scheduled", "failed", "T24", "could-not-contact"));
	assert_non_null(strstr(p->party[1].told, "NSK-1408"));
	assert_false(is_heard(p, "R-0", three, "accepted", "transferred", "T28", NULL));
	assert_non_null(strstr(p->party[1].told, "NSK-1408"));
	assert_false(is_heard(p, "R-0", three, "completed", "completed", "T31", NULL));
	assert_non_null(strstr(p->party[1].told, "NSK-1301"));
	paper_down(p);
	p = both_ways();
	assert_true(is_heard(p, "R-1", two, "scheduled", "failed", "T24", "refused"));
	assert_true(is_heard(p, "R-0", two, "accepted", "transferred", "T28", NULL));
	paper_down(p);
	p = both_ways();
	assert_true(is_heard(p, "R-1", three, "scheduled", "failed", "T24", "could-not-contact"));
	paper_down(p);
}

/* -- when a referral may be called expired -- */

static const char *
step(struct paper *p, size_t by, const char *id, const char *to, const char *more)
{
	const char *answer = paper_take(p, by, adesk_status(p->mem, id, "R-0", to, more));

	if (strncmp(answer, "OK ", 3) == 0)
		paper_run(p);
	return answer;
}

/* Refused until `from_ms`, to the millisecond, and the referral stays as it was. */
static void
assert_not_before(struct paper *p, const char *id, int64_t from_ms, const char *state)
{
	const int64_t now_ms = p->now_ms;

	assert_string_equal(step(p, 0, id, "expired", ""), "NSK-1407 status.to\n");
	p->now_ms = from_ms - 1;
	assert_string_equal(step(p, 0, id, "expired", ""), "NSK-1407 status.to\n");
	assert_string_equal(lifecycle_state_code(paper_thread(p, 0, "R-0").state), state);
	p->now_ms = now_ms;
}

static int64_t
clock_of(struct paper *p, const char *number, enum ask ask)
{
	struct thread t = paper_thread(p, 0, number);
	struct txn *txn = store_read(p->party[0].desk.store);
	struct duty_at at = { .n = 0 };
	struct duty d;
	int64_t ms = 0;

	while (duty_of_thread(txn, &t.id, &at, &d))
		if (d.ask == ask)
			ms = d.expires_ms;
	txn_abort(txn);
	assert_true(ms > 0);
	return ms;
}

#define GIVEN_UP "status.outcome.outcome=could-not-contact\n"

/* Who was not reached is given up after three appointments that were missed, whatever came between them, or when none stands any more.
 */
static void
given_up_after_three(void **state)
{
	struct paper *p = paper_up();
	const char *missed;

	(void)state;
	refer(p, 0, "R-0");
	assert_int_equal(strncmp(step(p, 1, "a", "accepted", ""), "OK ", 3), 0);
	assert_int_equal(strncmp(step(p, 1, "s", "scheduled", "status.appointment.start=2026-03-09T10:00:00Z\n"), "OK ", 3), 0);
	for (int i = 0; i < 3; i++) {
		assert_string_equal(step(p, 1, arena_fmt(p->mem, "f%d", i), "failed", GIVEN_UP), "NSK-1408 status.outcome.outcome\n");
		missed = step(p, 1, arena_fmt(p->mem, "m%d", i), "scheduled", arena_fmt(p->mem, "status.attempt_no=%d\n", i + 1));
		assert_int_equal(strncmp(missed, "OK ", 3), 0);
		if (i == 1)
			assert_int_equal(strncmp(step(p, 1, "n", "scheduled",
				"status.appointment.start=2026-03-10T10:00:00Z\nstatus.reason_text=нов час\n"), "OK ", 3), 0);
	}
	for (size_t i = 0; i < 2; i++) {
		struct thread t = paper_thread(p, i, "R-0");

		assert_int_equal(casebook_past(&t).no_shows, 3);
	}
	assert_int_equal(strncmp(step(p, 1, "f9", "failed", GIVEN_UP), "OK ", 3), 0);
	assert_int_equal(paper_thread(p, 0, "R-0").state, STATE_FAILED);
	paper_down(p);
	p = paper_up();
	refer(p, 0, "R-0");
	assert_int_equal(strncmp(step(p, 1, "a", "accepted", ""), "OK ", 3), 0);
	assert_int_equal(strncmp(step(p, 1, "s", "scheduled", "status.appointment.start=2026-03-09T10:00:00Z\n"), "OK ", 3), 0);
	assert_int_equal(strncmp(step(p, 1, "c", "accepted", "status.reason_text=няма връзка\n"), "OK ", 3), 0);
	assert_int_equal(strncmp(step(p, 1, "f", "failed", GIVEN_UP), "OK ", 3), 0);
	assert_int_equal(paper_thread(p, 0, "R-0").state, STATE_FAILED);
	paper_down(p);
}

#define RESPONSIBLE "responsibility.referral_id=R-0\nresponsibility.old_agency=a\nresponsibility.new_agency=b\n" \
		    "responsibility.municipality=PDV01\nresponsibility.effective_on=2026-03-02\n"

/* What went over to another agency ends so once either side has said whose it is; the word of it moves nothing, and both sides stand alike. */
static void
transferred_once_it_is_said(void **state)
{
	(void)state;
	for (size_t by = 0; by < 2; by++) {
		struct paper *p = paper_up();

		refer(p, 0, "R-0");
		assert_string_equal(step(p, 1 - by, "t1", "transferred", "status.new_target=b\n"), "NSK-1408 status.to\n");
		assert_int_equal(strncmp(paper_take(p, by, "id=r\nkind=responsibility-change\n" RESPONSIBLE), "OK ", 3), 0);
		paper_run(p);
		assert_int_equal(paper_thread(p, 0, "R-0").state, STATE_REQUESTED);
		assert_int_equal(paper_thread(p, 1, "R-0").state, STATE_REQUESTED);
		assert_int_equal(strncmp(step(p, 1 - by, "t2", "transferred", "status.new_target=b\n"), "OK ", 3), 0);
		assert_int_equal(paper_thread(p, 0, "R-0").state, STATE_TRANSFERRED);
		assert_int_equal(paper_thread(p, 1, "R-0").state, STATE_TRANSFERRED);
		paper_down(p);
	}
}

/* Not before the referral's own `expires` has passed, named to who asks, and from that moment on; questions that wait for our answer change
 * nothing, our answer begins the time anew. */
static void
a_referral_expires_when_its_time_is_over(void **state)
{
	struct paper *p = paper_up();
	const int64_t begun_ms = p->now_ms;
	int64_t from_ms;

	(void)state;
	refer(p, 0, "R-0");
	from_ms = clock_of(p, "R-0", ASK_REFERRAL);
	assert_true(from_ms == begun_ms + 30 * CLOCK_DAY);
	assert_not_before(p, "e1", from_ms, "requested");
	assert_int_equal(strncmp(step(p, 1, "q", "info-requested", "status.questions[0].text=?\n"), "OK ", 3), 0);
	assert_not_before(p, "e2", from_ms, "info-requested");
	p->now_ms = begun_ms + 10 * CLOCK_DAY;
	assert_int_equal(strncmp(step(p, 0, "a", "received", "status.reason_text=да\n"), "OK ", 3), 0);
	from_ms = clock_of(p, "R-0", ASK_DECISION);
	assert_true(from_ms == begun_ms + 40 * CLOCK_DAY);
	assert_not_before(p, "e3", from_ms, "received");
	p->now_ms = from_ms;
	assert_int_equal(strncmp(step(p, 0, "e4", "expired", ""), "OK ", 3), 0);
	assert_int_equal(paper_thread(p, 1, "R-0").state, STATE_EXPIRED);
	paper_down(p);
}

/* While questions wait for our answer the referral expires by its own time; before it anything else ends it as ever. */
static void
expiry_hinders_nothing_else(void **state)
{
	struct paper *p = paper_up();

	(void)state;
	refer(p, 0, "R-0");
	assert_int_equal(strncmp(step(p, 1, "q", "info-requested", "status.questions[0].text=?\n"), "OK ", 3), 0);
	p->now_ms += 30 * CLOCK_DAY;
	assert_int_equal(strncmp(step(p, 0, "e", "expired", ""), "OK ", 3), 0);
	assert_int_equal(paper_thread(p, 1, "R-0").state, STATE_EXPIRED);
	refer(p, 0, "R-1");
	assert_int_equal(strncmp(paper_take(p, 0, adesk_status(p->mem, "w", "R-1", "withdrawn", "")), "OK ", 3), 0);
	paper_down(p);
}

/* What party `i` is shown of a late offer: its sender, or nothing. */
static bool
is_offer_open(struct paper *p, size_t i)
{
	struct native in = { .method = "GET", .path = "/v1/deadlines" }, answer = { 0 };

	assert_int_equal(adapter_request(p->party[i].desk.adapter, &in, NULL, p->mem, &answer), OK);
	return strstr(arena_strn(p->mem, answer.bytes.p, answer.bytes.n), "\"asks\":\"late-offer\"") != NULL;
}

static struct paper *
expired(void)
{
	struct paper *p = paper_up();

	refer(p, 0, "R-0");
	p->now_ms += 31 * CLOCK_DAY;
	assert_int_equal(strncmp(step(p, 0, "e", "expired", ""), "OK ", 3), 0);
	return p;
}

static void
assert_both(struct paper *p, enum state state, bool is_open)
{
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(paper_thread(p, i, "R-0").state, state);
		assert_int_equal(is_offer_open(p, i), is_open);
	}
}

/* Who accepts an expired referral offers it, whether or not it names the step; the initiator, who sees that with a deadline, takes it,
 * declines it without waiting, and may be offered it again; and nobody takes what was not offered.
 */
static void
a_late_acceptance_is_an_offer(void **state)
{
	struct paper *p = expired();

	(void)state;
	assert_string_equal(step(p, 0, "n", "accepted", ""), "NSK-1401 status.to\n");
	assert_string_equal(step(p, 0, "m", "late-offered", ""), "NSK-1402 status.to\n");
	assert_int_equal(strncmp(step(p, 1, "o1", "accepted", ""), "OK ", 3), 0);
	assert_both(p, STATE_LATE_OFFERED, true);
	assert_string_equal(step(p, 1, "o2", "accepted", ""), "NSK-1402 status.to\n");
	assert_int_equal(strncmp(step(p, 0, "d1", "expired", ""), "OK ", 3), 0);
	assert_both(p, STATE_EXPIRED, false);
	assert_int_equal(strncmp(step(p, 1, "o3", "late-offered", "status.transition=T32\n"), "OK ", 3), 0);
	assert_both(p, STATE_LATE_OFFERED, true);
	assert_int_equal(strncmp(step(p, 0, "a1", "accepted", ""), "OK ", 3), 0);
	assert_both(p, STATE_ACCEPTED, false);
	assert_int_equal(strncmp(step(p, 1, "s1", "in-progress", ""), "OK ", 3), 0);
	paper_down(p);
	p = expired();
	assert_int_equal(strncmp(step(p, 1, "o1", "late-offered", ""), "OK ", 3), 0);
	assert_int_equal(strncmp(step(p, 1, "o2", "declined", "status.reason_code=no-capacity\n"), "OK ", 3), 0);
	assert_both(p, STATE_DECLINED, false);
	paper_down(p);
}

/* Both act at once: the initiator takes the offer, the recipient takes it back. The ending holds, on both sides. */
static void
an_offer_taken_and_given_up(void **state)
{
	struct paper *p = expired();

	(void)state;
	assert_int_equal(strncmp(step(p, 1, "o1", "accepted", ""), "OK ", 3), 0);
	assert_int_equal(strncmp(paper_take(p, 0, adesk_status(p->mem, "a1", "R-0", "accepted", "")), "OK ", 3), 0);
	assert_int_equal(strncmp(paper_take(p, 1, adesk_status(p->mem, "x1", "R-0", "declined", "status.reason_code=no-capacity\n")), "OK ", 3), 0);
	paper_run(p);
	assert_both(p, STATE_DECLINED, false);
	paper_down(p);
}

static struct record *
new_record(struct arena *mem, const char *const rows[][2])
{
	struct record *record = record_new(mem, "record");

	for (size_t i = 0; rows[i][0]; i++)
		assert_int_equal(record_set(record, mem, rows[i][0], rows[i][1], NULL), OK);
	return record;
}

/* Two agencies that count alike: a step means the thread in which our side may take it, and what may be said in both is said in neither. */
static void
number_of_two(void **state)
{
	static const char *const accepts[][2] = { { "kind", "status-change" }, { "status.referral_id", "R-7" }, { "status.to", "accepted" }, { NULL } };
	static const char *const cancels[][2] = { { "kind", "status-change" }, { "status.referral_id", "R-7" }, { "status.to", "cancel-requested" },
		{ NULL } };
	static const char *const letter[][2] = { { "kind", "cancellation" }, { "cancellation.referral_id", "R-7" },
		{ "cancellation.type", "cancel-request" }, { NULL } };
	static const char *const file[][2] = { { "kind", "attachment" }, { "attachment.referral_id", "R-7" }, { NULL } };
	static const char *const asks[][2] = { { "kind", "info-request" }, { "info_request.referral_id", "R-7" }, { NULL } };
	static const char *const ends[][2] = { { "kind", "status-change" }, { "status.referral_id", "R-7" }, { "status.to", "withdrawn" }, { NULL } };
	static const struct { const char *const (*rows)[2]; enum err e; bool is_ours; } cases[] = {
		{ accepts, OK, false }, { cancels, OK, true }, { letter, OK, true }, { file, ERR_TWO_REFERRALS, false },
		{ asks, ERR_TWO_REFERRALS, false }, { ends, ERR_TWO_REFERRALS, false },
	};
	struct paper *p = paper_up();
	struct adesk *desk = &p->party[0].desk;
	char id[MSGID_TEXT_LEN];
	struct record *by_id;
	struct inbound in;
	struct thread t;
	struct txn *txn;

	(void)state;
	refer(p, 0, "R-7");
	refer(p, 1, "R-7");
	txn = store_write(desk->store);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct why why = { .where = "" };
		enum err e = follow_find(txn, new_record(desk->adapter->mem, cases[i].rows), &t, &why);

		if (e != cases[i].e || (e == OK && t.is_initiator != cases[i].is_ours))
			fail_msg("%zu: %s, %s", i, err_name(e), t.is_initiator ? "ours" : "theirs");
	}
	/* nor where the one of theirs has ended */
	assert_true(casebook_theirs(txn, "R-7", NULL, &t) && inbox_get(txn, t.place, &in));
	t.state = STATE_DECLINED;
	casebook_put(txn, desk->adapter->mem, &t);
	assert_int_equal(follow_find(txn, new_record(desk->adapter->mem, asks), &t, NULL), ERR_TWO_REFERRALS);
	assert_int_equal(follow_find(txn, new_record(desk->adapter->mem, ends), &t, NULL), ERR_TWO_REFERRALS);
	by_id = new_record(desk->adapter->mem, file);
	msgid_format(&in.id, id);
	by_id->attachment->referral_id = id;
	assert_int_equal(follow_find(txn, by_id, &t, NULL), OK);
	assert_false(t.is_initiator);
	txn_abort(txn);
	paper_down(p);
}

/* A cancellation that takes no step is refused, but for the answer that the referral goes on: who says it would believe that it has ended. */
static void
cancels_nothing(void **state)
{
	static const struct { const char *type; size_t by; const char *now; enum err e; } rows[] = {
		{ "cancel-request", 0, "accepted", OK }, { "error", 0, "accepted", OK }, { "cancel-confirm", 1, "cancel-requested", OK },
		{ "cancel-refused", 1, "cancel-requested", OK }, { "consent-withdrawn", 1, "accepted", OK },
		{ "error", 1, "accepted", ERR_BAD_ACTOR }, { "cancel-request", 1, "accepted", ERR_BAD_ACTOR },
		{ "cancel-confirm", 0, "cancel-requested", ERR_BAD_ACTOR }, { "cancel-refused", 0, "cancel-requested", ERR_BAD_ACTOR },
		{ "cancel-confirm", 1, "accepted", ERR_BAD_TRANSITION }, { "cancel-refused", 1, "accepted", ERR_BAD_TRANSITION },
	};
	struct paper *p = both_ways();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct adesk *desk = &p->party[rows[i].by].desk;
		const char *const said[][2] = { { "kind", "cancellation" }, { "cancellation.type", rows[i].type }, { "cancellation.reason", "т" },
			{ "cancellation.asked_by", "agency" }, { NULL } };
		struct thread t = paper_thread(p, rows[i].by, numbers[0]);
		struct record *record, *first;
		struct why why = { .where = "" };
		struct outbound o;
		struct txn *txn;
		enum err e;

		arena_reset(desk->adapter->mem);
		record = new_record(desk->adapter->mem, said);
		t.state = lifecycle_state_by_code(rows[i].now);
		txn = store_write(desk->store);
		e = follow_say(desk->adapter, txn, &t, record, &first, &o, &why);
		txn_abort(txn);
		if (e != rows[i].e)
			fail_msg("%s by %zu in %s: %s %s", rows[i].type, rows[i].by, rows[i].now, err_name(e), why.where);
	}
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follow_says_what_the_list_has),
		cmocka_unit_test(arrival_takes_what_the_list_has),
		cmocka_unit_test(arrival_asks_for_what_went_before),
		cmocka_unit_test(given_up_after_three),
		cmocka_unit_test(transferred_once_it_is_said),
		cmocka_unit_test(a_referral_expires_when_its_time_is_over),
		cmocka_unit_test(expiry_hinders_nothing_else),
		cmocka_unit_test(a_late_acceptance_is_an_offer),
		cmocka_unit_test(an_offer_taken_and_given_up),
		cmocka_unit_test(number_of_two),
		cmocka_unit_test(cancels_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
