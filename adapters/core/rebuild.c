/* SPDX-License-Identifier: EUPL-1.2 */
/* rebuild - one row of META says where it stands; what is missing stands in rows of its own (hollow.h, TABLE_AWAITED, TABLE_USED), so that a
 * death on the way costs nothing. All of a statement's rows may be taken twice.
 */
#include "adapters/core/rebuild.h"

#include <stdio.h>

#include "adapters/core/compose.h"
#include "adapters/core/difference.h"
#include "adapters/core/progress.h"
#include "adapters/core/reseal.h"
#include "adapters/core/storage.h"
#include "adapters/core/thread_state.h"
#include "adapters/core/withdraw.h"
#include "proto/base/clock.h"

#define KEY_REBUILD SPAN_LIT("rebuild")
#define REBUILD_VERSION 1
#define AT(stage) (1u << (stage))
#define PASS_MAX 64			/* asked for in one transaction */
#define PASS_MS CLOCK_SECOND
#define LATE_MS CLOCK_MINUTE		/* what is on its way to us has come by then */
#define ANSWER_MS (10 * CLOCK_MINUTE)	/* then another party of the thread is asked as well */
#define TELL_MS (31 * CLOCK_DAY)	/* stages of what was sent since then are told once more */

/* -- where it stands -- */

static void
load(struct txn *txn, struct rebuilt *r)
{
	struct cursor c;

	memset(r, 0, sizeof(*r));
	cursor_init(&c, txn_get(txn, TABLE_META, KEY_REBUILD));
	if (cursor_u8(&c) != REBUILD_VERSION)
		return;
	r->state = (enum rebuild_state)cursor_u8(&c);
	r->begun_ms = (int64_t)cursor_u64(&c);
	r->done_ms = (int64_t)cursor_u64(&c);
	r->threads = cursor_u64(&c);
	r->messages = cursor_u64(&c);
	r->own = cursor_u64(&c);
	r->lost = cursor_u64(&c);
	if (cursor_end(&c) != OK)
		memset(r, 0, sizeof(*r));
}

static void
save(struct txn *txn, const struct rebuilt *r)
{
	const uint64_t numbers[] = { (uint64_t)r->begun_ms, (uint64_t)r->done_ms, r->threads, r->messages, r->own, r->lost };
	uint8_t row[2 + sizeof(numbers)] = { REBUILD_VERSION, (uint8_t)r->state };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct key8 k = storage_key(numbers[i]);

		memcpy(row + 2 + 8 * i, k.b, 8);
	}
	txn_put(txn, TABLE_META, KEY_REBUILD, SPAN(row, sizeof(row)));
}

void
rebuild_view(struct txn *txn, struct rebuilt *ret_r)
{
	load(txn, ret_r);
	if (ret_r->state == REBUILD_NONE)
		return;
	hollow_count(txn, &ret_r->threads_missing, &ret_r->messages_missing);
	ret_r->messages_missing += txn_count(txn, TABLE_AWAITED);
}

enum err
rebuild_begin(struct adapter *a)
{
	struct txn *txn = store_write(a->p.store);

	if (a->pin_size == 0 && txn_get(txn, TABLE_META, KEY_REBUILD).p == NULL)
		save(txn, &(struct rebuilt){ .state = REBUILD_ASKING });
	return txn_commit(txn);
}

void
rebuild_settle(struct store *store)
{
	struct txn *txn = store_write(store);

	save(txn, &(struct rebuilt){ .state = REBUILD_NONE });
	(void)!txn_commit(txn);
}

/* -- what others decide by -- */

static void
tell_lost(struct adapter *a, const struct hollow *h, enum err code)
{
	char thread[2 * THREAD_LEN + 1];

	bytes_hex(h->id.b, THREAD_LEN, thread);
	core_tell(a, LOG_REBUILD_LOST, "thread=%s what=thread code=%s", thread, err_code(code));
}

bool
rebuild_holds(struct txn *txn, const struct header *h, const struct record *record)
{
	struct hollow hollow;
	struct rebuilt r;

	if (hollow_find(txn, &h->thread, &hollow))
		return true;
	load(txn, &r);
	return r.state == REBUILD_ASKING && record->referral == NULL;
}

bool
rebuild_has_gap(struct txn *txn, const struct thread_id *thread, const char *from, uint64_t last, uint64_t seq)
{
	struct rebuilt r;

	load(txn, &r);
	return r.state == REBUILD_ASKING || (r.state == REBUILD_RUNNING && hollow_has_late(txn, thread, from, last, seq));
}

enum err
rebuild_cannot_seal(struct adapter *a, struct txn *txn, struct outbound *o)
{
	char id[MSGID_TEXT_LEN];
	enum err e;

	if (o->withdrawn_ms != 0)
		return OK;
	msgid_format(&o->first, id);
	core_tell(a, LOG_REBUILD_LOST, "id=%s what=message", id);
	if ((e = compose_withdrawal(a, txn, o, NULL)) != OK)
		return err_is_fatal(e) ? e : OK;
	o->withdrawn_ms = core_now(a);
	outbox_put(txn, a->mem, o);
	return txn_error(txn);
}

enum err
rebuild_unknown(struct txn *txn, enum err e, struct why *why)
{
	struct rebuilt r;

	rebuild_view(txn, &r);
	if (r.state == REBUILD_NONE || (r.state == REBUILD_RUNNING && r.threads_missing + r.messages_missing == 0))
		return e;
	return why_set(why, ERR_BUSY, why ? why->where : NULL, "not known yet: the store is new, and is being rebuilt");
}

/* -- the statement -- */

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

/* Its sender is asked to seal it once more, to the keys of now. */
static enum err
ask_again(struct adapter *a, struct txn *txn, const char *from, const struct receipt_of *asked, uint64_t seq)
{
	struct receipt_of receipt = *asked;

	receipt.to = from;
	receipt.stage = STAGE_RESEAL;
	reseal_await(txn, from, &asked->in_reply_to, &asked->received, &asked->thread, seq);
	return compose_receipt(a, txn, &receipt, NULL);
}

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
		return ask_again(a, txn, s->from, &asked, s->seq);
	hollow_keep_late(txn, a->mem, s);
	return OK;
}

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
rebuild_row(struct adapter *a, struct txn *txn, const struct standing *s)
{
	bool is_ours = strcmp(s->from, a->p.config->agency) == 0;
	struct hollow h;
	struct rebuilt r;
	struct thread t;
	unsigned bits = 0;
	enum err e;

	load(txn, &r);
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
	save(txn, &r);
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
rebuild_conclude(struct adapter *a, struct txn *txn)
{
	struct rebuilt r;
	enum err e;

	load(txn, &r);
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
	save(txn, &r);
	return txn_error(txn);
}

/* -- what is due -- */

/* What the hub had not heard to be delivered has come by now, or its delivery was lost with the disk. */
static enum err
chase(struct adapter *a, struct txn *txn, const struct late *late)
{
	const struct receipt_of asked = {
		.in_reply_to = late->id, .received = late->hash, .thread = late->thread, .priority = late->priority,
	};
	struct hash had;
	uint64_t cursor;

	hollow_drop_late(txn, late);
	return inbox_seen(txn, late->from, &late->id, &cursor, &had) ? OK : ask_again(a, txn, late->from, &asked, late->seq);
}

static enum err
give_up(struct adapter *a, struct txn *txn, const struct hollow *h, enum err code)
{
	tell_lost(a, h, code);
	return rebuild_end(a, txn, h, true);
}

/* Is another party to be asked now? */
static bool
is_asking(const struct adapter *a, const struct hollow *h)
{
	int64_t since = core_now(a) - h->asked_ms;

	return hollow_next(h) >= 0 && ((h->asked & ~h->without) == 0 || since >= ANSWER_MS || since < 0);
}

static enum err
ask_state(struct adapter *a, struct txn *txn, struct hollow *h)
{
	struct why why = { .where = "" };
	struct outbound o;
	struct thread t;
	enum err e;

	if ((e = thread_state_ask(a, txn, h, &o, &why)) == OK) {
		h->asked |= 1u << hollow_next(h);
		h->asked_ms = core_now(a);
		h->asked_seq = h->asked_seq ? h->asked_seq : o.thread_seq;
		h->my_seq = o.thread_seq;
		if (casebook_find(txn, &h->id, &t)) {
			t.my_seq = o.thread_seq;
			casebook_put(txn, a->mem, &t);
		}
		hollow_put(txn, a->mem, h);
		return txn_error(txn);
	}
	if (err_is_fatal(e) || err_verdict(e) != VERDICT_REJECT)
		return err_is_fatal(e) ? e : OK;	/* its keys have not come yet */
	return give_up(a, txn, h, e);
}

/* One pass over what is missing; nothing missing any more is the end. */
static enum err
pass(struct adapter *a, struct txn *txn, struct rebuilt *r)
{
	bool is_late = core_now(a) - r->begun_ms >= LATE_MS && core_now(a) - a->up_ms >= LATE_MS;
	struct hollow h;
	struct late late;
	struct walk w;
	enum err e = OK;
	int n = 0;

	for (bool more = walk_from(txn, TABLE_HOLLOW, SPAN_NONE, &w); more && n < PASS_MAX && e == OK; more = walk_next(&w)) {
		if (hollow_read(w.key, w.value, &h)) {
			if (!is_asking(a, &h) && !hollow_is_lost(&h))
				continue;
			arena_reset(a->mem);
			e = hollow_is_lost(&h) ? give_up(a, txn, &h, ERR_INCONSISTENT) : ask_state(a, txn, &h);
			n++;
		} else if (is_late && hollow_read_late(w.key, w.value, &late)) {
			arena_reset(a->mem);
			e = chase(a, txn, &late);
			n++;
		}
	}
	walk_end(&w);
	return e;
}

static void
end_if_whole(struct adapter *a, struct txn *txn)
{
	struct rebuilt r;

	rebuild_view(txn, &r);
	if (r.state != REBUILD_RUNNING || r.threads_missing + r.messages_missing > 0)
		return;
	r.state = REBUILD_NONE;
	r.done_ms = core_now(a);
	save(txn, &r);
	core_tell(a, LOG_REBUILT, "threads=%llu messages=%llu own=%llu lost=%llu", (unsigned long long)r.threads,
		  (unsigned long long)r.messages, (unsigned long long)r.own, (unsigned long long)r.lost);
}

enum err
rebuild_tick(struct adapter *a)
{
	struct txn *txn = store_read(a->p.store);
	struct rebuilt r;
	enum err e;

	load(txn, &r);
	txn_abort(txn);
	if (r.state != REBUILD_RUNNING || a->link != LINK_UP ||
	    (core_now(a) >= a->rebuild_ms && core_now(a) - a->rebuild_ms < PASS_MS))
		return OK;
	a->rebuild_ms = core_now(a);
	txn = store_write(a->p.store);
	if ((e = pass(a, txn, &r)) == OK)
		end_if_whole(a, txn);
	arena_reset(a->mem);
	if (e == OK)
		return txn_commit(txn);
	txn_abort(txn);
	return e;
}

/* -- back, or lost -- */

enum err
rebuild_end(struct adapter *a, struct txn *txn, const struct hollow *h, bool is_lost)
{
	struct rebuilt r;

	hollow_del(txn, &h->id);
	if (is_lost) {
		load(txn, &r);
		r.lost++;
		save(txn, &r);
	}
	return hollow_tell(a, txn, h, !is_lost);
}

void
rebuild_disbelieve(struct adapter *a, struct txn *txn, struct hollow *h, const char *from)
{
	h->without |= 1u << hollow_party(h, from);
	hollow_put(txn, a->mem, h);
}

enum err
rebuild_refused(struct adapter *a, struct txn *txn, const struct outbound *o)
{
	struct hollow h;
	int place;

	if (!hollow_find(txn, &o->thread, &h))
		return OK;
	for (size_t i = 0; i < o->n_to; i++)
		if (o->to[i].stage == STAGE_REFUSED && (place = hollow_party(&h, o->to[i].agency)) >= 0)
			h.without |= 1u << place;
	if (!hollow_is_lost(&h)) {
		hollow_put(txn, a->mem, &h);
		return txn_error(txn);
	}
	return give_up(a, txn, &h, o->refused);
}
