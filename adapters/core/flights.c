/* SPDX-License-Identifier: EUPL-1.2 */
/* flights - nothing here waits: what got no answer in time is simply sent again, the hub's duplicate table answers.
 *
 * Invariants: `sent` is what the hub counts of this session: the bytes of the envelopes under way and of those that were answered. What waits in
 * the outbox (outbox_waits) was never sent: that it does no longer is durable before it is. A tenth of the credit and some places are for
 * EMERGENCY. Called by session.c for time and sessions, by reply.c for answers, and by whoever has
 * put a message in the outbox.
 */
#include "adapters/core/flights.h"

#include "adapters/core/storage.h"
#include "proto/base/clock.h"

#define RESEND_MS (10 * CLOCK_SECOND)
#define BATCH_MAX 64			/* envelopes a SUBMIT */
#define BATCH_BYTES (1024 * 1024)
#define SIGNED_MAX 512			/* what encoding and signature add to header and body, at most */
#define RESERVE_PART 10			/* of the hub's first credit */

static struct flight *
flight_with(struct adapter *a, uint64_t seq)
{
	for (size_t i = 0; i < a->n_flights; i++)
		if (a->flights[i].seq == seq)
			return &a->flights[i];
	return NULL;
}

static struct flight *
flight_of(struct adapter *a, const struct msgid *id)
{
	for (size_t i = 0; i < a->n_flights; i++)
		if (msgid_eq(&a->flights[i].id, id))
			return &a->flights[i];
	return NULL;
}

static size_t
count_late(const struct adapter *a)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n_flights; i++)
		n += a->flights[i].is_late;
	return n;
}

static void
remove_flight(struct adapter *a, struct flight *f)
{
	*f = a->flights[--a->n_flights];
}

/* Its credit is for others, too. */
static void
give_back(struct adapter *a, const struct flight *f)
{
	if (f->bytes == 0)
		return;
	a->sent.messages--;
	a->sent.bytes -= f->bytes;
}

void
flights_begin(struct adapter *a, struct credit credit)
{
	a->n_flights = 0;
	a->sent = a->expected = (struct credit){ 0 };
	a->may = credit;
	a->reserve = (struct credit){ credit.messages / RESERVE_PART, credit.bytes / RESERVE_PART };
}

void
flights_allow(struct adapter *a, struct credit credit)
{
	if (credit.messages > a->may.messages)
		a->may.messages = credit.messages;
	if (credit.bytes > a->may.bytes)
		a->may.bytes = credit.bytes;
}

/* -- answered, or not in time -- */

void
flights_land(struct adapter *a, const struct msgid *id)
{
	struct flight *f = flight_of(a, id);

	if (f)
		remove_flight(a, f);
}

bool
flights_put_off(struct adapter *a, const struct msgid *id, int64_t until_ms)
{
	struct flight *f = flight_of(a, id);
	bool is_all;

	if (!f)
		return false;
	is_all = f->is_first;
	f->again_ms = until_ms;
	f->bytes = 0;
	return is_all;
}

void
flights_hurry(struct adapter *a, int64_t now_ms)
{
	for (size_t i = 0; i < a->n_flights; i++)
		a->flights[i].again_ms = now_ms;
}

/* What got no answer in time may have arrived all the same, at a hub that stands still: only itself goes again on its credit. What
 * was answered "later" holds none; what does not go again at all waits for nothing any more.
 */
static void
call_again(struct adapter *a, struct flight *f, int64_t now_ms)
{
	if (f->bytes > 0 && !f->is_late) {
		f->is_late = true;
		f->again_ms = now_ms + RESEND_MS;
		return;
	}
	give_back(a, f);
	remove_flight(a, f);
}

void
flights_tick(struct adapter *a, int64_t now_ms)
{
	for (size_t i = a->n_flights; i-- > 0;)
		if (a->flights[i].again_ms <= now_ms)
			call_again(a, &a->flights[i], now_ms);
}

/* -- sending -- */

static enum err
load_envelope(struct adapter *a, struct txn *txn, uint64_t seq, struct envelope **ret_env, struct outbound *ret_o)
{
	struct envelope *env = arena_alloc(a->mem, sizeof(*env));
	struct span header, body;
	enum err e;

	if (env == NULL)
		return ERR_TOOBIG;
	if (!outbox_get(txn, seq, ret_o) || !outbox_sealed(txn, seq, &header, &body))
		return ERR_CORRUPT;
	env->header_bytes = arena_span(a->mem, header);
	env->body = arena_span(a->mem, body);
	env->hash = ret_o->hash;
	if ((e = header_decode(env->header_bytes, a->mem, &env->header, NULL)) == OK)
		*ret_env = env;
	return e;
}

/* Within the hub's credit and our own bound on what is under way; the rest of both is for EMERGENCY. */
static bool
may_submit(const struct adapter *a, enum priority priority)
{
	bool is_emergency = priority == PRIORITY_EMERGENCY;

	return a->n_flights + a->expected.messages < FLIGHT_MAX - (is_emergency ? 0 : FLIGHT_EMERGENCY) &&
	       a->sent.messages + a->expected.messages + (is_emergency ? 0 : a->reserve.messages) < a->may.messages &&
	       a->sent.bytes + a->expected.bytes + (is_emergency ? 0 : a->reserve.bytes) < a->may.bytes;
}

/* Most messages go in the event that makes them, and cost no commit of their own for it. */
void
flights_expect(struct adapter *a, struct txn *txn, const struct outbound *o, size_t bytes)
{
	if (a->link != LINK_UP || !may_submit(a, o->priority) || outbox_waits_before(txn, o)) {
		outbox_wait(txn, o);
		return;
	}
	a->expected.messages++;
	a->expected.bytes += bytes;
	if (a->fresh == 0)
		a->fresh = o->seq;
}

/* Under way from now on, on credit that is made exact when it is signed. */
static void
take_off(struct adapter *a, uint64_t seq, const struct outbound *o, const struct envelope *env, bool is_first)
{
	struct flight *f = &a->flights[a->n_flights++];

	*f = (struct flight){ .seq = seq, .id = o->id, .again_ms = core_now(a) + RESEND_MS, .is_first = is_first };
	f->bytes = env->header_bytes.n + env->body.n + SIGNED_MAX;
	a->sent.messages++;
	a->sent.bytes += f->bytes;
}

/* Collect the next batch, and count it as sent: what is late, and what there is credit for. Gives its length; 0: nothing of both. */
static enum err
next_batch(struct adapter *a, struct txn *txn, struct envelope **batch, size_t *ret_n)
{
	size_t n_late = count_late(a);
	struct pending_at at = { 0 };
	bool is_first;
	uint64_t seq, bytes = 0;
	struct outbound o;
	struct flight *f;
	enum err e;

	*ret_n = 0;
	while (*ret_n < BATCH_MAX && bytes < BATCH_BYTES && arena_left(a->mem) > WRITE_ROOM && outbox_next_pending(txn, &at, &seq)) {
		if ((f = flight_with(a, seq)) != NULL && !f->is_late)
			continue;
		if (!outbox_get(txn, seq, &o))
			return ERR_CORRUPT;
		if (f == NULL && !may_submit(a, o.priority)) {
			if (n_late == 0)
				break;
			continue;
		}
		if ((e = load_envelope(a, txn, seq, &batch[*ret_n], &o)) != OK)
			return e;
		is_first = f == NULL && (outbox_waits(txn, &o) || (a->fresh != 0 && seq >= a->fresh));
		if (f) {
			give_back(a, f);
			remove_flight(a, f);
			n_late--;
		}
		take_off(a, seq, &o, batch[*ret_n], is_first);
		bytes += a->flights[a->n_flights - 1].bytes;
		++*ret_n;
	}
	return OK;
}

static enum err
submit_batch(struct adapter *a, struct envelope **batch, size_t n)
{
	struct span *spans = arena_array(a->mem, n, sizeof(*spans));
	struct frame f = { .kind = FRAME_SUBMIT, .epoch = a->epoch };
	enum err e;

	if (spans == NULL)
		return ERR_TOOBIG;
	if ((e = envelope_sign(batch, n, a->p.signing, a->mem)) != OK)
		return e;
	for (size_t i = 0; i < n; i++) {
		struct flight *flight = &a->flights[a->n_flights - n + i];

		if ((e = envelope_encode(batch[i], a->mem, &spans[i])) != OK)
			return e;
		/* just what the hub counts: a byte more each time, and the credit is used up for ever one day */
		a->sent.bytes -= flight->bytes - spans[i].n;
		flight->bytes = spans[i].n;
	}
	f.submit = (struct submit){ spans, n };
	return core_send(a, &f);
}

/* Of the last `n` flights: whatever waited does so no longer, and that is durable. */
static enum err
show_batch(struct adapter *a, size_t n)
{
	struct txn *txn = store_read(a->p.store);
	struct outbound o;
	bool any = false;

	for (size_t i = a->n_flights - n; i < a->n_flights; i++)
		any |= outbox_get(txn, a->flights[i].seq, &o) && outbox_waits(txn, &o);
	txn_abort(txn);
	if (!any)
		return OK;
	txn = store_write(a->p.store);
	for (size_t i = a->n_flights - n; i < a->n_flights; i++)
		if (outbox_get(txn, a->flights[i].seq, &o) && outbox_waits(txn, &o))
			outbox_show(txn, &o);
	return txn_commit(txn);
}

enum err
flights_submit(struct adapter *a)
{
	struct envelope *batch[BATCH_MAX];
	struct txn *txn;
	enum err e = OK;
	size_t n = 1;

	a->is_submit_due = false;
	a->expected = (struct credit){ 0 };
	while (a->link == LINK_UP && e == OK && n > 0) {
		txn = store_read(a->p.store);
		e = next_batch(a, txn, batch, &n);
		txn_abort(txn);
		if (e == OK && n > 0)
			e = show_batch(a, n);
		if (e == OK && n > 0)
			e = submit_batch(a, batch, n);
	}
	/* not sent, so not under way: the tick tries again */
	for (; e == ERR_BUSY && n > 0; n--) {
		give_back(a, &a->flights[a->n_flights - 1]);
		a->n_flights--;
	}
	a->fresh = 0;
	return e == ERR_BUSY ? OK : e;
}
