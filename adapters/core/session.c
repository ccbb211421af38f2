/* SPDX-License-Identifier: EUPL-1.2 */
/* session - nothing here waits: what got no answer in time is simply sent again, the hub's duplicate table answers. */
#include "adapters/core/session.h"

#include "adapters/core/compose.h"
#include "adapters/core/progress.h"
#include "adapters/core/proof.h"
#include "adapters/core/recall.h"
#include "adapters/core/reconcile.h"
#include "adapters/core/register.h"
#include "adapters/core/reseal.h"
#include "adapters/core/services.h"
#include "adapters/core/storage.h"
#include "adapters/core/withdraw.h"
#include "proto/base/bug.h"
#include "proto/base/clock.h"

#define RESEND_MS (10 * CLOCK_SECOND)
#define HELLO_MS (3 * CLOCK_SECOND)	/* greeted again when no welcome comes */
#define MISSED_MS (20 * CLOCK_SECOND)	/* then greeted anew for a key sheet that should have come */
#define RETRY_MIN_MS 200
#define EARLY_MS (2 * CLOCK_SECOND)	/* a withdrawal before its message */
#define RETRY_MAX_MS (5 * CLOCK_MINUTE)
#define BATCH_MAX 64			/* envelopes a SUBMIT */
#define BATCH_BYTES (1024 * 1024)
#define SIGNED_MAX 512			/* what encoding and signature add to header and body, at most */
#define RESERVE_PART 10			/* of the hub's first credit */
#define KEY_PIN SPAN_LIT("pin")

enum err
session_load(struct adapter *a)
{
	struct txn *txn = store_read(a->p.store);
	struct cursor c;

	cursor_init(&c, txn_get(txn, TABLE_META, KEY_PIN));
	a->pin_size = cursor_u64(&c);
	cursor_copy(&c, a->pin_root.b, sizeof(a->pin_root.b));
	if (cursor_end(&c) != OK)
		a->pin_size = 0;
	services_load(a, txn);
	txn_abort(txn);
	return OK;
}

void
session_put_pin(struct adapter *a, struct txn *txn)
{
	struct buf b;

	buf_init(&b, a->mem);
	buf_u64(&b, a->pin_size);
	buf_add(&b, a->pin_root.b, sizeof(a->pin_root.b));
	if (!bug(BUG_PIN_FORGOTTEN))
		txn_put(txn, TABLE_META, KEY_PIN, buf_bytes(&b));
}

/* I12, I13, I16: the log continues the pin, by this proof. The pin moves only so. */
static enum err
move_pin(struct adapter *a, const struct checkpoint *cp, const struct hash *path, size_t n_path)
{
	bool is_grown = a->pin_size > 0 ? merkle_check_consistency(a->pin_size, &a->pin_root, cp->size, &cp->root, path, n_path) :
	    n_path == 0;

	if (!is_grown) {
		core_tell(a, LOG_FORKED, "pin=%llu size=%llu", (unsigned long long)a->pin_size, (unsigned long long)cp->size);
		return ERR_INCONSISTENT;
	}
	a->pin_size = cp->size;
	a->pin_root = cp->root;
	return OK;
}

enum err
session_checkpoint(struct adapter *a, const struct growth *g, struct checkpoint *ret_cp)
{
	enum err e;

	if ((e = checkpoint_open(g->checkpoint, contacts_log(a->p.contacts), a->mem, ret_cp)) != OK)
		return e;
	return g->since == a->pin_size ? move_pin(a, ret_cp, g->path, g->n_path) : ERR_ORDER;
}

bool
session_is_old(const struct adapter *a, const struct frame *f)
{
	return (f->kind == FRAME_ACCEPTED && f->accepted.growth.since < a->pin_size) ||
	       (f->kind == FRAME_STATEMENT && f->statement.growth.since < a->pin_size) ||
	       (f->kind == FRAME_ANNOUNCED && f->announced.growth.since < a->pin_size) ||
	       (f->kind == FRAME_DELIVER && f->deliver.growth.since < a->pin_size);
}

enum err
session_hello(struct adapter *a, bool is_again)
{
	struct frame f = { .kind = FRAME_HELLO };

	if (!is_again)
		core_random(a, a->session, sizeof(a->session));
	a->link = LINK_HELLO;
	a->hello_ms = core_now(a) + HELLO_MS;
	a->epoch = 0;
	a->got = (struct credit){ 0 };
	f.hello = (struct hello){
		.agency = a->p.config->agency,
		.pin_size = a->pin_size,
		.pin_root = a->pin_size ? a->pin_root : (struct hash){ { 0 } },
		.directory_version = contacts_directory(a->p.contacts)->version,
		.sheets_seen = contacts_sheets_seen(a->p.contacts),
		.announced_seen = a->announced_seen,
		.credit = { a->p.config->limits.credit_messages, a->p.config->limits.credit_bytes },
		.software = ADAPTER_SOFTWARE,
		.sheet = keychest_signed(a->p.chest),
	};
	memcpy(f.hello.session, a->session, sizeof(a->session));
	return core_send(a, &f);
}

void
session_drop(struct adapter *a)
{
	a->link = LINK_DOWN;
	a->hello_ms = core_now(a) + HELLO_MS;
	a->epoch = 0;
	a->n_flights = 0;
	a->sent = a->may = a->got = (struct credit){ 0 };
	reconcile_drop(a);
}

enum err
session_welcome(struct adapter *a, const struct welcome *w, uint64_t epoch)
{
	struct checkpoint cp;
	struct txn *txn;
	enum err e;

	if (a->link != LINK_HELLO || memcmp(w->session, a->session, sizeof(a->session)) != 0)
		return OK;		/* of an older greeting */
	if ((e = checkpoint_open(w->checkpoint, contacts_log(a->p.contacts), a->mem, &cp)) != OK)
		return e;
	if ((e = move_pin(a, &cp, w->path, w->n_path)) != OK)
		return e;	/* no session */
	txn = store_write(a->p.store);
	session_put_pin(a, txn);
	if ((e = txn_commit(txn)) != OK)
		return e;
	a->link = LINK_UP;
	a->epoch = epoch;
	a->may = w->credit;
	a->reserve = (struct credit){ w->credit.messages / RESERVE_PART, w->credit.bytes / RESERVE_PART };
	a->sent = (struct credit){ 0 };
	a->n_flights = 0;
	a->up_ms = core_now(a);
	a->credit_ms = a->up_ms + a->p.config->transport.heartbeat_ms;
	a->is_sheet_missed = false;
	core_tell(a, LOG_UPLINK_UP, "hub=%s epoch=%llu", cp.origin, (unsigned long long)epoch);
	return session_submit(a);
}

enum err
session_directory(struct adapter *a, const struct directory_frame *d)
{
	struct why why = { 0 };

	/* one before it was lost, with sheets that the hub takes for told: the next greeting brings them */
	if (d->since > contacts_sheets_seen(a->p.contacts))
		return ERR_ORDER;
	return contacts_take(a->p.contacts, d->note, d->sheets, d->n_sheets, d->sheets_seen, core_now(a), &why);
}

/* -- out -- */

static struct flight *
flight_with(struct adapter *a, uint64_t seq)
{
	for (size_t i = 0; i < a->n_flights; i++)
		if (a->flights[i].seq == seq)
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

static struct flight *
flight_of(struct adapter *a, const struct msgid *id)
{
	for (size_t i = 0; i < a->n_flights; i++)
		if (msgid_eq(&a->flights[i].id, id))
			return &a->flights[i];
	return NULL;
}

static void
land(struct adapter *a, struct flight *f)
{
	if (f)
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

/* Also the sign of life, and told again since the frame that told it may be lost. */
static enum err
send_credit(struct adapter *a)
{
	struct frame f = { .kind = FRAME_CREDIT, .epoch = a->epoch };

	a->credit_ms = core_now(a) + a->p.config->transport.heartbeat_ms;
	f.credit = (struct credit){
		a->got.messages + a->p.config->limits.credit_messages,
		a->got.bytes + a->p.config->limits.credit_bytes,
	};
	return core_send(a, &f);
}

/* The clock has gone back: what was to happen at some time would wait as much longer, so it happens now. */
static void
forget_times(struct adapter *a, int64_t now_ms)
{
	a->hello_ms = a->credit_ms = a->up_ms = a->turnover_ms = a->reseal_ms = now_ms;
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
	land(a, f);
}

enum err
session_tick(struct adapter *a, int64_t now_ms)
{
	enum err e = OK;

	if (now_ms < a->tick_ms)
		forget_times(a, now_ms);
	a->tick_ms = now_ms;
	for (size_t i = a->n_flights; i-- > 0;)
		if (a->flights[i].again_ms <= now_ms)
			call_again(a, &a->flights[i], now_ms);
	if (a->link == LINK_UP && a->is_sheet_missed && now_ms - a->up_ms > MISSED_MS)
		session_drop(a);
	if (a->is_transport_up && a->link != LINK_UP && now_ms >= a->hello_ms)
		e = session_hello(a, a->link == LINK_HELLO);
	else if (a->link == LINK_UP && now_ms >= a->credit_ms)
		e = send_credit(a);
	return e == ERR_BUSY ? OK : e;
}

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

	return a->n_flights < FLIGHT_MAX - (is_emergency ? 0 : FLIGHT_EMERGENCY) &&
	       a->sent.messages + (is_emergency ? 0 : a->reserve.messages) < a->may.messages &&
	       a->sent.bytes + (is_emergency ? 0 : a->reserve.bytes) < a->may.bytes;
}

/* Collect the next batch, and count it as sent: what is late, and what there is credit for. Gives its length; 0: nothing of both. */
static enum err
next_batch(struct adapter *a, struct txn *txn, struct envelope **batch, size_t *ret_n)
{
	int64_t again = core_now(a) + RESEND_MS;
	size_t n_late = count_late(a);
	struct pending_at at = { 0 };
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
		if (f) {
			give_back(a, f);
			land(a, f);
			n_late--;
		}
		f = &a->flights[a->n_flights];
		*f = (struct flight){ .seq = seq, .id = o.id, .again_ms = again };
		f->bytes = batch[*ret_n]->header_bytes.n + batch[*ret_n]->body.n + SIGNED_MAX;
		a->sent.messages++;
		a->sent.bytes += f->bytes;
		bytes += f->bytes;
		a->n_flights++;
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

enum err
session_submit(struct adapter *a)
{
	struct envelope *batch[BATCH_MAX];
	struct txn *txn;
	enum err e = OK;
	size_t n = 1;

	a->is_submit_due = false;
	while (a->link == LINK_UP && e == OK && n > 0) {
		txn = store_read(a->p.store);
		e = next_batch(a, txn, batch, &n);
		txn_abort(txn);
		if (e == OK && n > 0)
			e = submit_batch(a, batch, n);
	}
	/* not sent, so not under way: the tick tries again */
	for (; e == ERR_BUSY && n > 0; n--) {
		give_back(a, &a->flights[a->n_flights - 1]);
		a->n_flights--;
	}
	return e == ERR_BUSY ? OK : e;
}

/* -- answers -- */

static enum err
accept_item(struct adapter *a, struct txn *txn, const struct accepted_item *item, int64_t now)
{
	struct outbound o;
	struct leaf leaf;
	enum err e;

	land(a, flight_of(a, &item->id));
	if (!outbox_find(txn, &item->id, &o) || !msgid_eq(&o.id, &item->id))
		return OK;	/* not ours, or sealed again since */
	if (!proof_is_of(a, item->leaf, item->salt, item->detail, &o.id, &o.hash, a->p.config->agency, &leaf) ||
	    leaf.type != proof_leaf_type(o.class, o.receipt))
		return ERR_INCONSISTENT;
	if (o.is_accepted)
		return OK;	/* had before */
	o.leaf = leaf.seq;
	o.is_accepted = true;
	outbox_settle(txn, &o);
	if (o.receipt == STAGE_WITHDRAWN && (e = withdraw_stored(a, txn, &o, now)) != OK)
		return e;
	if (o.class == CLASS_ANNOUNCE)
		services_stored(a, txn, &o);
	if (o.class == CLASS_RECEIPT)
		register_stored(a, txn, &o);
	if (o.stored_ms != 0) {		/* under another id: our system knows */
		outbox_put(txn, a->mem, &o);
		return OK;
	}
	return progress_note(a, txn, &o, a->p.config->agency, STAGE_STORED, NULL, now);
}

static enum err
accept_run(struct adapter *a, struct txn *txn, const struct run *run, const struct checkpoint *cp, int64_t now)
{
	struct hash *leaves = arena_array(a->mem, run->n, sizeof(*leaves));
	enum err e;

	if (leaves == NULL)
		return ERR_TOOBIG;
	for (size_t i = 0; i < run->n; i++) {
		struct leaf leaf;

		if (leaf_decode(run->items[i].leaf, &leaf) != OK || leaf.seq != run->begin + i)
			return ERR_INCONSISTENT;
		leaf_hash(run->items[i].leaf.p, &leaves[i]);
	}
	if (!merkle_check_range(leaves, run->begin, run->begin + run->n, cp->size, run->path, run->n_path, &cp->root))
		return ERR_INCONSISTENT;
	for (size_t i = 0; i < run->n; i++)
		if ((e = accept_item(a, txn, &run->items[i], now)) != OK)
			return e;
	return OK;
}

enum err
session_accepted(struct adapter *a, const struct accepted *acc)
{
	int64_t now = core_now(a);
	struct checkpoint cp;
	struct txn *txn;
	enum err e;

	if ((e = session_checkpoint(a, &acc->growth, &cp)) != OK)
		return e;
	txn = store_write(a->p.store);
	for (size_t i = 0; i < acc->n_runs && e == OK; i++)
		e = accept_run(a, txn, &acc->runs[i], &cp, now);
	if (e != OK) {
		txn_abort(txn);
		return e;
	}
	session_put_pin(a, txn);
	return txn_commit(txn);
}

static int64_t
retry_after(uint64_t asked)
{
	return asked < RETRY_MIN_MS ? RETRY_MIN_MS : asked > RETRY_MAX_MS ? RETRY_MAX_MS : (int64_t)asked;
}

/* It was sealed again, and the hub will not have it so. That the one in its place has ended is no news: a receipt says how. Otherwise
 * nobody can ever open it: it is refused for all to see, and what the hub has of it taken back, or its recipient would wait for it. */
static enum err
refuse_again(struct adapter *a, struct txn *txn, struct outbound *o, const struct receipt_detail *detail, int64_t now)
{
	struct outbound old = *o, had;
	enum err e;

	outbox_settle(txn, o);
	if (detail->code == ERR_CONFLICT || o->class != CLASS_DATA || outbox_has_ended(o))
		return OK;
	old.id = o->replaces;
	if (!msgid_is_zero(&old.id) && outbox_find_as(txn, &old.id, &had, &old.hash) &&
	    (e = compose_withdrawal(a, txn, &old, NULL)) != OK)
		return err_is_fatal(e) ? e : OK;
	return progress_note(a, txn, o, a->p.config->agency, STAGE_REFUSED, detail, now);
}

enum err
session_refused(struct adapter *a, const struct refused *r)
{
	struct txn *txn = store_write(a->p.store);
	int64_t now = core_now(a);
	char text[MSGID_TEXT_LEN];
	struct outbound o;
	enum err e = OK;

	for (size_t i = 0; i < r->n && e == OK; i++) {
		const struct refused_item *item = &r->items[i];
		struct receipt_detail detail = { .code = item->code, .text = item->text, .at_ms = now };
		struct flight *f = flight_of(a, &item->id);
		bool is_early = false;

		if (!outbox_find(txn, &item->id, &o) || !hash_eq(&o.hash, &item->env_hash))
			continue;
		msgid_format(&item->id, text);
		core_tell(a, LOG_SUBMIT_REFUSED, "id=%s code=%s", text, err_code(item->code));
		if (o.receipt == STAGE_WITHDRAWN && (e = withdraw_refused(a, txn, &o, item->code, &is_early)) != OK)
			break;
		if (item->code == ERR_RESEAL || (item->code == ERR_NOTFOUND && compose_names_old(a, txn, &o))) {
			land(a, f);
			if (o.class == CLASS_ANNOUNCE)
				e = services_again(a, txn, &o);
			else if (!o.is_accepted)
				reseal_ask(a, txn, &o);
		} else if (err_verdict(item->code) == VERDICT_REJECT && !is_early) {
			land(a, f);
			if (o.class == CLASS_ANNOUNCE)
				services_refused(a, txn, &o, item->code);
			if (o.stage == STAGE_NONE)
				e = recall_outbound(a, txn, &o, &detail);
			else
				e = refuse_again(a, txn, &o, &detail, now);
		} else if (f) {
			f->again_ms = now + (is_early ? EARLY_MS : retry_after(item->retry_after_ms));
			f->bytes = 0;
		}
	}
	if (e == OK)
		return txn_commit(txn);
	txn_abort(txn);
	return e;
}

enum err
session_taken(struct adapter *a, const uint64_t *queue_nos, size_t n)
{
	struct frame f = { .kind = FRAME_TAKEN, .epoch = a->epoch };
	uint64_t *copy = arena_copy(a->mem, queue_nos, n * sizeof(*queue_nos));
	enum err e;

	if (copy == NULL)
		return ERR_TOOBIG;
	f.taken = (struct taken){ copy, n };
	if ((e = core_send(a, &f)) != OK)
		return e;
	return send_credit(a);
}
