/* SPDX-License-Identifier: EUPL-1.2 */
/* session - one row of META holds the pin. A session lives in memory only: each ends with its connection, and the next one begins with a
 * greeting that tells the hub all it needs.
 */
#include "adapters/core/session.h"

#include "adapters/core/flights.h"
#include "adapters/core/reconcile.h"
#include "adapters/core/services.h"
#include "adapters/core/storage.h"
#include "proto/base/bug.h"
#include "proto/base/clock.h"

#define HELLO_MS (3 * CLOCK_SECOND)	/* greeted again when no welcome comes */
#define MISSED_MS (20 * CLOCK_SECOND)	/* then greeted anew for a key sheet that should have come */
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
	a->got = (struct credit){ 0 };
	flights_begin(a, (struct credit){ 0 });
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
	flights_begin(a, w->credit);
	a->up_ms = core_now(a);
	a->credit_ms = a->up_ms + a->p.config->transport.heartbeat_ms;
	a->is_sheet_missed = false;
	core_tell(a, LOG_UPLINK_UP, "hub=%s epoch=%llu", cp.origin, (unsigned long long)epoch);
	return flights_submit(a);
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

/* The clock has gone back: what was to happen at some time would wait as much longer, so it happens now. */
static void
forget_times(struct adapter *a, int64_t now_ms)
{
	a->hello_ms = a->credit_ms = a->up_ms = a->turnover_ms = a->reseal_ms = now_ms;
	flights_hurry(a, now_ms);
}

enum err
session_tick(struct adapter *a, int64_t now_ms)
{
	enum err e = OK;

	if (now_ms < a->tick_ms)
		forget_times(a, now_ms);
	a->tick_ms = now_ms;
	flights_tick(a, now_ms);
	if (a->link == LINK_UP && a->is_sheet_missed && now_ms - a->up_ms > MISSED_MS)
		session_drop(a);
	if (a->is_transport_up && a->link != LINK_UP && now_ms >= a->hello_ms)
		e = session_hello(a, a->link == LINK_HELLO);
	else if (a->link == LINK_UP && now_ms >= a->credit_ms)
		e = send_credit(a);
	return e == ERR_BUSY ? OK : e;
}
