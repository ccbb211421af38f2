/* SPDX-License-Identifier: EUPL-1.2 */
/* inventory - a row a message, ours or theirs; each adds to what is known of its thread. All rows may be taken twice. */
#include "adapters/core/inventory.h"

#include <stdio.h>

#include "adapters/core/difference.h"
#include "adapters/core/rebuild.h"
#include "adapters/core/reseal.h"
#include "adapters/core/storage.h"
#include "adapters/core/withdraw.h"
#include "proto/base/clock.h"

#define AT(stage) (1u << (stage))
#define TELL_MS (31 * CLOCK_DAY)	/* stages of what was sent since then are told once more */

/* -- ours -- */

/* At what it stands, once at least; when is not known any more. */
static void
message_of_ours(const struct standing *s, int64_t now, struct outbound *o)
{
	*o = (struct outbound){
		.id = s->id, .is_accepted = true, .class = CLASS_DATA, .priority = s->priority, .thread = s->thread,
		.thread_seq = s->seq, .hash = s->env_hash, .leaf = s->leaf, .queued_ms = s->created_ms, .n_to = s->n_to,
	};
	for (size_t i = 0; i < s->n_to; i++)
		snprintf(o->to[i].agency, sizeof(o->to[i].agency), "%s", s->to[i]);
	outbox_note(o, NULL, STAGE_STORED, OK, s->submitted_ms);
	for (size_t i = 0; i < s->n_to; i++)
		for (enum stage stage = STAGE_DELIVERED; stage <= STAGE_WITHDRAWN; stage++)
			if (s->stages[i] & AT(stage))
				outbox_note(o, s->to[i], stage, stage == STAGE_REFUSED ? ERR_SYSTEM_REFUSED : OK, now);
}

/* Nobody knows whether our system has heard of it. */
static void
tell_later(struct txn *txn, const struct standing *s, const struct outbound *o, int64_t now)
{
	if (now - s->submitted_ms > TELL_MS)
		return;
	for (size_t i = 0; i < s->n_to; i++)
		for (enum stage stage = STAGE_REGISTERED; stage <= STAGE_REFUSED; stage++)
			if (s->stages[i] & AT(stage))
				hollow_note_stage(txn, o, s->to[i], stage, stage == STAGE_REFUSED ? ERR_SYSTEM_REFUSED : OK);
}

/* Does one recipient at least keep it, and does one wait for it to be sealed again? */
static void
look_at_stages(const struct standing *s, bool *ret_is_kept, bool *ret_is_wanted)
{
	*ret_is_kept = *ret_is_wanted = false;
	for (size_t i = 0; i < s->n_to; i++) {
		*ret_is_kept = *ret_is_kept || !(s->stages[i] & (AT(STAGE_REFUSED) | AT(STAGE_WITHDRAWN)));
		*ret_is_wanted = *ret_is_wanted || ((s->stages[i] & AT(STAGE_RESEAL)) && !(s->stages[i] & DIFFERENCE_ENDED));
	}
}

static enum err
row_of_ours(struct adapter *a, struct txn *txn, const struct standing *s, struct hollow *h, struct rebuilt *r)
{
	bool is_kept, is_wanted;
	struct outbound had, o;

	if (s->seq > h->my_seq)
		h->my_seq = s->seq;
	if (difference_is_superseded(s))
		return OK;
	look_at_stages(s, &is_kept, &is_wanted);
	if (s->seq == 1)
		h->mine = s->id;
	h->is_needed = h->is_needed || is_kept;
	if (outbox_find(txn, &s->id, &had))
		return OK;
	message_of_ours(s, core_now(a), &o);
	outbox_restore(txn, a->mem, &o);
	r->own++;
	tell_later(txn, s, &o, core_now(a));
	return is_wanted ? rebuild_cannot_seal(a, txn, &o) : OK;
}

/* -- theirs -- */

static enum err
row_of_theirs(struct adapter *a, struct txn *txn, const struct standing *s, unsigned bits, struct hollow *h, struct rebuilt *r)
{
	const struct receipt_of asked = {
		.in_reply_to = s->id, .received = s->env_hash, .thread = s->thread, .priority = s->priority,
	};
	struct hash had;
	uint64_t cursor;
	bool is_seen;

	if (s->seq == 1 && !(bits & DIFFERENCE_SUPERSEDED) && !h->is_begun_here && strcmp(s->from, h->others[0]) == 0) {
		h->theirs = s->id;
		h->theirs_bits = bits;
	}
	if (bits & AT(STAGE_REGISTERED))
		h->is_needed = true;
	is_seen = inbox_seen(txn, s->from, &s->id, &cursor, &had);
	if (is_seen && (cursor != 0 || (bits & DIFFERENCE_SUPERSEDED)))
		return OK;
	if (bits & DIFFERENCE_SUPERSEDED) {
		reseal_await(txn, s->from, &s->id, &s->env_hash, &s->thread, s->seq);
		return OK;	/* the one that follows it has a row of its own */
	}
	if (bits & DIFFERENCE_ENDED) {
		if (!is_seen)
			inbox_note(txn, s->from, &s->id, 0, &s->env_hash);
		reseal_came(txn, &s->thread, s->from, s->seq, NULL);
		withdraw_use(txn, &s->thread, s->from, s->seq);
		return OK;
	}
	if (is_seen)
		return OK;	/* came while the statement was made, and was asked for again */
	r->messages++;
	if (bits & AT(STAGE_RESEAL)) {
		reseal_await(txn, s->from, &s->id, &s->env_hash, &s->thread, s->seq);
		return OK;	/* asked for before the disk was lost */
	}
	if (bits & AT(STAGE_DELIVERED))
		return reseal_request(a, txn, s->from, &asked, s->seq);
	hollow_keep_late(txn, a->mem, s);
	return OK;
}

/* -- all -- */

/* The thread's first row is of what began it. */
static void
begin_hollow(const struct adapter *a, const struct standing *s, bool is_ours, struct hollow *h)
{
	*h = (struct hollow){ .id = s->thread, .priority = s->priority, .is_begun_here = is_ours };
	if (!is_ours)
		snprintf(h->others[h->n_others++], sizeof(h->others[0]), "%s", s->from);
	for (size_t i = 0; i < s->n_to && h->n_others < ENVELOPE_TO_MAX; i++)
		if (strcmp(s->to[i], a->p.config->agency) != 0)
			snprintf(h->others[h->n_others++], sizeof(h->others[0]), "%s", s->to[i]);
}

enum err
inventory_row(struct adapter *a, struct txn *txn, const struct standing *s)
{
	bool is_ours = strcmp(s->from, a->p.config->agency) == 0;
	struct hollow h;
	struct rebuilt r;
	struct thread t;
	unsigned bits = 0;
	enum err e;

	rebuild_get(txn, &r);
	if (r.state != REBUILD_ASKING)
		return OK;
	if (!hollow_find(txn, &s->thread, &h))
		begin_hollow(a, s, is_ours, &h);
	for (size_t i = 0; i < s->n_to; i++)
		if (strcmp(s->to[i], a->p.config->agency) == 0)
			bits = s->stages[i];
	e = is_ours ? row_of_ours(a, txn, s, &h, &r) : row_of_theirs(a, txn, s, bits, &h, &r);
	if (!casebook_find(txn, &s->thread, &t)) {
		hollow_put(txn, a->mem, &h);
	} else if (is_ours && s->seq > t.my_seq) {
		/* its referral came again before the statement said how far we had been: its state is another by now */
		t.my_seq = s->seq;
		casebook_put(txn, a->mem, &t);
		hollow_put(txn, a->mem, &h);
	}
	rebuild_put(txn, &r);
	return e != OK ? e : txn_error(txn);
}

/* Of a thread whose referral is still to come, or came to nothing, nothing is missing. */
static enum err
sift(struct adapter *a, struct txn *txn, struct rebuilt *r)
{
	struct hollow h;
	struct thread t;
	struct walk w;
	enum err e = OK;

	for (bool more = walk_from(txn, TABLE_HOLLOW, SPAN_NONE, &w); more && e == OK; more = walk_next(&w)) {
		if (!hollow_read(w.key, w.value, &h))
			continue;
		if (h.is_needed) {
			r->threads++;
			continue;
		}
		hollow_del(txn, &h.id);
		e = hollow_tell(a, txn, &h, casebook_find(txn, &h.id, &t));
	}
	walk_end(&w);
	return e;
}

enum err
inventory_conclude(struct adapter *a, struct txn *txn)
{
	struct rebuilt r;
	enum err e;

	rebuild_get(txn, &r);
	if (r.state != REBUILD_ASKING)
		return OK;
	if ((e = sift(a, txn, &r)) != OK)
		return e;
	r.state = REBUILD_NONE;
	if (r.threads + r.messages + r.own > 0) {
		r.state = REBUILD_RUNNING;
		r.begun_ms = core_now(a);
		core_tell(a, LOG_REBUILDING, "threads=%llu messages=%llu own=%llu", (unsigned long long)r.threads,
			  (unsigned long long)r.messages, (unsigned long long)r.own);
	}
	rebuild_put(txn, &r);
	return txn_error(txn);
}
