/* SPDX-License-Identifier: EUPL-1.2 */
/* recall - the hub counts no seq of what it refuses, so the next ones of the thread could never follow: they go with it, and
 * their seqs are given anew.
 */
#include "adapters/core/recall.h"

#include "adapters/core/compose.h"
#include "adapters/core/conference.h"
#include "adapters/core/progress.h"
#include "adapters/core/storage.h"
#include "proto/kind.h"

static enum err
refuse(struct adapter *a, struct txn *txn, struct outbound *o, const struct receipt_detail *detail)
{
	outbox_settle(txn, o);
	return progress_note(a, txn, o, a->p.config->agency, STAGE_REFUSED, detail, core_now(a));
}

/* The state that the first refused step came from, and the one that the newest led to; STATE_NONE: none of them was a step. */
struct undone { uint64_t first, newest; enum state from, to; };

static enum err
note_step(struct adapter *a, struct txn *txn, const struct outbound *o, struct undone *u)
{
	struct record *record;
	struct status step;
	enum err e;

	if ((e = compose_sent(a, txn, o, &record)) != OK || !kind_step(record, &step))
		return e;
	if (u->from == STATE_NONE || o->thread_seq < u->first) {
		u->first = o->thread_seq;
		u->from = lifecycle_state_by_code(step.from);
	}
	if (u->to == STATE_NONE || o->thread_seq > u->newest) {
		u->newest = o->thread_seq;
		u->to = lifecycle_state_by_code(step.to);
	}
	return OK;
}

/* Those that wait behind `o` in its thread, refused as well. */
static enum err
refuse_followers(struct adapter *a, struct txn *txn, const struct outbound *o, const struct receipt_detail *detail, struct undone *u)
{
	struct pending_at at = { 0 };
	struct outbound next;
	uint64_t seq;
	enum err e = OK;

	while (e == OK && outbox_next_pending(txn, &at, &seq)) {
		if (!outbox_get(txn, seq, &next))
			return ERR_CORRUPT;
		if (next.class != CLASS_DATA || memcmp(next.thread.b, o->thread.b, THREAD_LEN) != 0 || next.thread_seq < o->thread_seq)
			continue;
		if ((e = refuse(a, txn, &next, detail)) == OK)
			e = note_step(a, txn, &next, u);
	}
	return e;
}

enum err
recall_outbound(struct adapter *a, struct txn *txn, struct outbound *o, const struct receipt_detail *detail)
{
	struct undone u = { .from = STATE_NONE, .to = STATE_NONE };
	struct thread t;
	enum err e;

	if ((e = refuse(a, txn, o, detail)) != OK || o->class != CLASS_DATA)
		return e;
	if (o->is_own && !casebook_find(txn, &o->thread, &t))
		return OK;	/* the question for a thread that is missing: nothing is built on it */
	if ((e = note_step(a, txn, o, &u)) != OK || (e = refuse_followers(a, txn, o, detail, &u)) != OK)
		return e;
	if (!casebook_find(txn, &o->thread, &t))
		return ERR_CORRUPT;
	t.my_seq = o->thread_seq - 1;
	/* where the other side has moved it since, it stays */
	if (u.to != STATE_NONE)
		casebook_undo(&t, u.from, u.to);
	t.changed_ms = core_now(a);
	if (t.topic == TOPIC_CONFERENCE && (e = conference_recall(a, txn, &t, o->thread_seq)) != OK)
		return e;
	casebook_put(txn, a->mem, &t);
	return txn_error(txn);
}
