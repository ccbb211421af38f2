/* SPDX-License-Identifier: EUPL-1.2 */
/* recall - the hub counts no seq of what it refuses, so the next ones of the thread could never follow: they go with it, and
 * their seqs are given anew.
 */
#include "adapters/core/recall.h"

#include "adapters/core/compose.h"
#include "adapters/core/progress.h"
#include "adapters/core/storage.h"

static enum err
refuse(struct adapter *a, struct txn *txn, struct outbound *o, const struct receipt_detail *detail)
{
	outbox_settle(txn, o);
	return progress_note(a, txn, o, a->p.config->agency, STAGE_REFUSED, detail, core_now(a));
}

/* The step that `o` is; NULL in *ret_status if it is the referral itself. */
static enum err
step_of(struct adapter *a, struct txn *txn, const struct outbound *o, const struct status **ret_status)
{
	struct record *record;
	enum err e = compose_sent(a, txn, o, &record);

	if (e == OK)
		*ret_status = record->status;
	return e;
}

/* Those that wait behind `o` in its thread, refused as well; *ret_last is the newest. */
static enum err
refuse_followers(struct adapter *a, struct txn *txn, const struct outbound *o, const struct receipt_detail *detail,
		 struct outbound *ret_last)
{
	struct pending_at at = { 0 };
	struct outbound next;
	uint64_t seq;
	enum err e = OK;

	*ret_last = *o;
	while (e == OK && outbox_next_pending(txn, &at, &seq)) {
		if (!outbox_get(txn, seq, &next))
			return ERR_CORRUPT;
		if (next.class != CLASS_DATA || memcmp(next.thread.b, o->thread.b, THREAD_LEN) != 0 || next.thread_seq < o->thread_seq)
			continue;
		if (next.thread_seq > ret_last->thread_seq)
			*ret_last = next;
		e = refuse(a, txn, &next, detail);
	}
	return e;
}

enum err
recall_outbound(struct adapter *a, struct txn *txn, struct outbound *o, const struct receipt_detail *detail)
{
	const struct status *first = NULL, *newest = NULL;
	struct outbound last;
	struct thread t;
	enum err e;

	if ((e = refuse(a, txn, o, detail)) != OK || o->class != CLASS_DATA)
		return e;
	if ((e = refuse_followers(a, txn, o, detail, &last)) != OK || (e = step_of(a, txn, o, &first)) != OK ||
	    (e = step_of(a, txn, &last, &newest)) != OK)
		return e;
	if (!casebook_find(txn, &o->thread, &t))
		return ERR_CORRUPT;
	t.my_seq = o->thread_seq - 1;
	/* unless the other side has moved it since */
	if (first && newest && t.state == lifecycle_state_by_code(newest->to))
		t.state = lifecycle_state_by_code(first->from);
	casebook_put(txn, a->mem, &t);
	return txn_error(txn);
}
