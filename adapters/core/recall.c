/* SPDX-License-Identifier: EUPL-1.2 */
/* recall - the hub counts no seq of what it refuses, so the next ones of the thread could never follow: they go with it, and
 * their seqs are given anew.
 */
#include "adapters/core/recall.h"

#include "adapters/core/conference.h"
#include "adapters/core/filebook.h"
#include "adapters/core/progress.h"
#include "adapters/core/storage.h"

static enum err
refuse(struct adapter *a, struct txn *txn, struct outbound *o, const struct receipt_detail *detail)
{
	outbox_settle(txn, o);
	return progress_note(a, txn, o, a->p.config->agency, STAGE_REFUSED, detail, core_now(a));
}

static bool
is_same_file(struct txn *txn, const struct outbound *o, const struct outbound *next)
{
	struct file f, g;

	return filebook_of(txn, true, o->seq, &f) && filebook_of(txn, true, next->seq, &g) && f.number == g.number;
}

/* Those that wait behind `o` in its thread, refused as well: a file as a whole for its own reason, others because they cannot follow. */
static enum err
refuse_followers(struct adapter *a, struct txn *txn, const struct outbound *o, const struct receipt_detail *detail)
{
	const struct receipt_detail behind = { .code = ERR_FOLLOWS, .at_ms = detail->at_ms };
	struct pending_at at = { 0 };
	struct outbound next;
	uint64_t seq;
	enum err e = OK;

	while (e == OK && outbox_next_pending(txn, &at, &seq)) {
		if (!outbox_get(txn, seq, &next))
			return ERR_CORRUPT;
		if (next.class != CLASS_DATA || memcmp(next.thread.b, o->thread.b, THREAD_LEN) != 0 || next.thread_seq < o->thread_seq)
			continue;
		e = refuse(a, txn, &next, is_same_file(txn, o, &next) ? detail : &behind);
	}
	return e;
}

enum err
recall_outbound(struct adapter *a, struct txn *txn, struct outbound *o, const struct receipt_detail *detail)
{
	struct thread t;
	enum err e;

	if ((e = refuse(a, txn, o, detail)) != OK || o->class != CLASS_DATA)
		return e;
	if (o->is_own && !casebook_find(txn, &o->thread, &t))
		return OK;	/* the question for a thread that is missing: nothing is built on it */
	if ((e = refuse_followers(a, txn, o, detail)) != OK)
		return e;
	if (!casebook_find(txn, &o->thread, &t))
		return ERR_CORRUPT;
	t.my_seq = o->thread_seq - 1;
	t.changed_ms = core_now(a);
	if (t.topic == TOPIC_CONFERENCE && (e = conference_recall(a, txn, &t, o->thread_seq)) != OK)
		return e;
	casebook_put(txn, a->mem, &t);
	return txn_error(txn);
}
