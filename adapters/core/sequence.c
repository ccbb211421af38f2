/* SPDX-License-Identifier: EUPL-1.2 */
/* sequence - the hub never stores what builds on something it has not, so what is missing here was lost on the way, or is asked for. */
#include "adapters/core/sequence.h"

#include "adapters/core/rebuild.h"
#include "adapters/core/reseal.h"
#include "adapters/core/storage.h"
#include "adapters/core/withdraw.h"
#include "proto/base/bug.h"

#define GAPS_MAX 8	/* sessions that a gap in a thread may last before it is taken for a fact */

enum err
sequence_check_circle(struct adapter *a, struct thread *t, const struct header *h, struct why *why)
{
	if (casebook_party(t, h->from) == NULL)
		return why_set(why, ERR_UNKNOWN_THREAD, "from", "not a participant of this thread");
	if (h->n_to != t->n_others)
		return why_set(why, ERR_INCONSISTENT, "to", "not exactly the participants");
	for (size_t i = 0; i < h->n_to; i++)
		if (strcmp(h->to[i], a->p.config->agency) != 0 && casebook_party(t, h->to[i]) == NULL)
			return why_set(why, ERR_INCONSISTENT, "to", "not exactly the participants");
	return OK;
}

/* The last seq of `from` in this thread that came here. */
static uint64_t
last_seq(struct txn *txn, const struct thread_id *thread, const char *from)
{
	const struct thread_party *party;
	struct thread_place place;
	struct thread t;
	struct span row;

	if (casebook_find(txn, thread, &t)) {
		party = casebook_party(&t, from);
		return party ? withdraw_past(txn, thread, from, party->taken) : 0;
	}
	row = txn_get(txn, TABLE_REFUSED, casebook_place(thread, from, 0, &place));
	return withdraw_past(txn, thread, from, row.n == 8 ? storage_number(row) : 0);
}

/* What its author had seen of third parties has come here as well, if everything came in order: the hub never stores what builds
 * on something it has not. OK, ERR_ORDER, or ERR_RESEAL where such a message was asked for again. */
static enum err
check_causes(struct adapter *a, struct txn *txn, const struct header *h, struct why *why)
{
	for (size_t i = 0; i < h->n_basis; i++) {
		const struct basis *b = &h->basis[i];
		uint64_t last;

		if (strcmp(b->agency, a->p.config->agency) == 0 || (last = last_seq(txn, &h->thread, b->agency)) >= b->seq)
			continue;
		return reseal_is_awaited(txn, &h->thread, b->agency, last, b->seq + 1) ||
			       rebuild_has_gap(txn, &h->thread, b->agency, last, b->seq + 1) ?
		    why_set(why, ERR_RESEAL, "basis", "one before it is sealed again") :
		    why_set(why, ERR_ORDER, "basis", "one that its author has seen is missing");
	}
	return OK;
}

/* The hub delivers a thread in order, so a gap means that a frame was lost: the next session begins at it again. One that stays
 * is a fact, and must not hold up everybody else. */
enum err
sequence_check(struct adapter *a, struct txn *txn, const struct header *h, struct why *why)
{
	uint64_t last = last_seq(txn, &h->thread, h->from);
	enum err e = check_causes(a, txn, h, why);

	if (h->seq <= last)
		return why_set(why, ERR_INCONSISTENT, "seq", "was used before in this thread");
	if (e == ERR_RESEAL)
		return e;
	if ((h->seq == last + 1 && e == OK) || bug(BUG_GAP_IGNORED))
		return OK;
	if (reseal_is_awaited(txn, &h->thread, h->from, last, h->seq) || rebuild_has_gap(txn, &h->thread, h->from, last, h->seq))
		return why_set(why, ERR_RESEAL, "seq", "one before it is sealed again");
	if (!msgid_eq(&a->gap, &h->id)) {
		a->gap = h->id;
		a->n_gaps = 0;
		a->gap_epoch = 0;
	}
	if (a->gap_epoch != a->epoch) {
		a->gap_epoch = a->epoch;
		a->n_gaps++;
	}
	return a->n_gaps > GAPS_MAX ? OK : why_set(why, ERR_ORDER, "seq", "one before it is missing");
}

void
sequence_use(struct adapter *a, struct txn *txn, const struct header *h)
{
	struct key8 seq = storage_key(h->seq);
	struct thread_party *party;
	struct thread_place place;
	struct hollow hollow;
	struct thread t;

	if (h->seq <= last_seq(txn, &h->thread, h->from))
		return;
	if (!casebook_find(txn, &h->thread, &t) && hollow_find(txn, &h->thread, &hollow)) {
		withdraw_use(txn, &h->thread, h->from, h->seq);
	} else if (!casebook_find(txn, &h->thread, &t)) {
		txn_put(txn, TABLE_REFUSED, casebook_place(&h->thread, h->from, 0, &place), SPAN(seq.b, sizeof(seq.b)));
	} else if ((party = casebook_party(&t, h->from)) != NULL) {
		party->taken = h->seq;
		casebook_put(txn, a->mem, &t);
	}
}
