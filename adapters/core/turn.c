/* SPDX-License-Identifier: EUPL-1.2 */
/* turn - one walk over what is still to be handed over for each of EMERGENCY and the rest: a thread has one priority. */
#include "adapters/core/turn.h"

#include "adapters/core/storage.h"
#include "proto/base/bug.h"
#include "proto/base/clock.h"

#define IDLE_MS CLOCK_MINUTE
#define FULL_MS 50		/* a door's answer comes as an event of its own and looks again */

/* The threads that a pass has come across: a set by open addressing; thread ids are random. */
struct blocked { struct { struct thread_id thread; bool is_used, is_stage; } *slots; size_t mask; };

/* What one call has found. */
struct turn {
	struct adapter *a;
	struct txn *txn;
	struct blocked blocked;
	int64_t now_ms, next_ms;
	uint64_t *cursors;
	struct door *doors[TURN_MAX];	/* of each cursor */
	size_t n;
	struct due probes[ADAPTER_DOORS_MAX + 1];	/* by door: what to try where the circuit is open; cursor 0: nothing */
};

bool
turn_is_handing(const struct adapter *a, uint64_t cursor)
{
	for (size_t i = 0; i < a->n_handing; i++)
		if (a->handing[i].cursor == cursor)
			return true;
	return false;
}

bool
turn_is_taken_back(const struct adapter *a, const struct inbound *in)
{
	return in->is_stage && in->stage == STAGE_WITHDRAWN && strcmp(in->from, a->p.config->agency) != 0;
}

bool
turn_is_opened(const struct adapter *a, const struct inbound *in)
{
	return in->is_stage && in->stage == STAGE_SEEN && strcmp(in->from, a->p.config->agency) == 0;
}

const struct adapter_egress *
turn_egress(const struct adapter *a, const struct inbound *in, bool is_referral)
{
	if (turn_is_taken_back(a, in))
		return &a->p.config->egress.statuses;
	if (in->is_stage)
		return &a->p.config->egress.receipts;
	return is_referral ? &a->p.config->egress.referrals : &a->p.config->egress.statuses;
}

static bool
blocked_init(struct blocked *b, uint64_t n, struct arena *mem)
{
	size_t cap = 16;

	while (cap < 2 * n)
		cap *= 2;
	b->slots = arena_array(mem, cap, sizeof(*b->slots));
	b->mask = cap - 1;
	return b->slots != NULL;
}

/* False: it was in it. */
static bool
block(struct blocked *b, const struct thread_id *thread, bool is_stage)
{
	size_t i = (size_t)storage_number(SPAN(thread->b, THREAD_LEN)) & b->mask;

	for (; b->slots[i].is_used; i = (i + 1) & b->mask)
		if (b->slots[i].is_stage == is_stage && memcmp(b->slots[i].thread.b, thread->b, THREAD_LEN) == 0)
			return false;
	b->slots[i].thread = *thread;
	b->slots[i].is_used = true;
	b->slots[i].is_stage = is_stage;
	return true;
}

static enum adapter_door
door_of(const struct turn *t, const struct inbound *in)
{
	struct thread thread;
	bool is_referral = casebook_find(t->txn, &in->thread, &thread) && !thread.is_initiator && thread.place == in->cursor;

	return turn_egress(t->a, in, is_referral)->door;
}

/* Will the door take one more, with those that this pass has chosen for it? */
static bool
has_place(const struct turn *t, const struct door *door, enum priority priority)
{
	unsigned kept = priority == PRIORITY_EMERGENCY || (door && door->capacity < 2) ? 0 : 1;
	size_t planned = 0;

	for (size_t i = 0; i < t->n; i++)
		planned += t->doors[i] == door;
	return door == NULL || (door->in_flight + planned + kept < door->capacity && t->a->n_handing + t->n < HANDING_MAX);
}

static void
soon(struct turn *t, int64_t wait_ms)
{
	if (wait_ms < t->next_ms)
		t->next_ms = wait_ms;
}

static void
choose(struct turn *t, struct door *door, uint64_t cursor)
{
	t->doors[t->n] = door;
	t->cursors[t->n++] = cursor;
}

/* It is due, and the first of its thread. */
static void
consider(struct turn *t, const struct due *due, const struct inbound *in)
{
	enum adapter_door at = door_of(t, in);
	struct door *door = t->a->p.doors[at];
	struct due *probe = &t->probes[at];

	if (door && circuit_is_open(&door->circuit)) {
		if (probe->cursor == 0 || due->tries < probe->tries)
			*probe = *due;
	} else if (has_place(t, door, in->priority)) {
		choose(t, door, due->cursor);
	} else {
		soon(t, FULL_MS);
	}
}

static void
walk(struct turn *t, bool is_emergency)
{
	struct due due = { 0 };
	struct inbound in;

	while (t->n < TURN_MAX && egress_next(t->txn, due.cursor, &due)) {
		if (due.is_parked && bug(BUG_PARKED_BLOCKS))
			return;
		if (!inbox_get(t->txn, due.cursor, &in) || (in.priority == PRIORITY_EMERGENCY) != is_emergency ||
		    !block(&t->blocked, &in.thread, in.is_stage) || due.is_parked || turn_is_handing(t->a, due.cursor))
			continue;
		/* no try is ever put off beyond the longest wait: then the clock has gone back */
		if (due.due_ms <= t->now_ms || due.due_ms - t->now_ms > t->a->p.config->retry_max_ms)
			consider(t, &due, &in);
		else
			soon(t, due.due_ms - t->now_ms);
	}
}

static void
probe(struct turn *t)
{
	for (size_t i = 0; i <= ADAPTER_DOORS_MAX && t->n < TURN_MAX; i++) {
		struct door *door = t->a->p.doors[i];

		if (t->probes[i].cursor == 0)
			continue;
		if (door->in_flight > 0)
			soon(t, FULL_MS);
		else if (door->circuit.until_ms > t->now_ms && door->circuit.until_ms - t->now_ms <= CIRCUIT_WAIT_MAX)
			soon(t, door->circuit.until_ms - t->now_ms);
		else
			choose(t, door, t->probes[i].cursor);
	}
}

enum err
turn_choose(struct adapter *a, struct txn *txn, uint64_t cursors[TURN_MAX], size_t *ret_n, int64_t *ret_next_ms)
{
	struct turn t = { .a = a, .txn = txn, .now_ms = core_now(a), .next_ms = IDLE_MS, .cursors = cursors };

	*ret_n = 0;
	*ret_next_ms = IDLE_MS;
	if (!blocked_init(&t.blocked, txn_count(txn, TABLE_EGRESS), a->mem))
		return ERR_TOOBIG;
	walk(&t, true);
	walk(&t, false);
	probe(&t);
	*ret_n = t.n;
	*ret_next_ms = t.next_ms;
	return OK;
}
