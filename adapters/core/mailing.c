/* SPDX-License-Identifier: EUPL-1.2 */
/* mailing - one mail under way at a time. Two rows of "meta" say when the next try of each kind is due and how many were made;
 * table "mail" has the duties that an immediate one is owed for.
 */
#include "adapters/core/mailing.h"

#include "adapters/core/core.h"
#include "adapters/core/duty.h"
#include "adapters/core/duty_file.h"
#include "adapters/core/storage.h"
#include "proto/base/clock.h"
#include "proto/calendar.h"

#define BIT(fact) (1u << (fact))
#define KEY_NOW SPAN_LIT("mail-now")
#define KEY_DIGEST SPAN_LIT("mail-digest")
#define LATE (BIT(NOTICE_LATE_REGISTERED) | BIT(NOTICE_LATE_RESPONSE) | BIT(NOTICE_EXPIRED) | BIT(DUTY_SILENT) | BIT(DUTY_OVERDUE) | \
	      BIT(DUTY_ESCALATED) | BIT(DUTY_UNREVIEWED) | BIT(DUTY_UNASSESSED))

struct attempts {
	int64_t due_ms;			/* of the next try */
	uint32_t tries;			/* made */
	int32_t day;			/* of the digest: the last one that is done with */
};

static int32_t
day_of(int64_t ms)
{
	struct civil c = clock_to_sofia(ms, NULL);

	return calendar_day(c.year, c.month, c.day);
}

static struct span
key_of(enum mail_kind kind)
{
	return kind == MAIL_NOW ? KEY_NOW : KEY_DIGEST;
}

static struct attempts
attempts_get(struct txn *txn, enum mail_kind kind)
{
	struct span row = txn_get(txn, TABLE_META, key_of(kind));
	struct attempts at = { .due_ms = 0 };
	struct cursor c;

	cursor_init(&c, row);
	at.due_ms = (int64_t)cursor_u64(&c);
	at.tries = cursor_u32(&c);
	at.day = (int32_t)cursor_u32(&c);
	return cursor_end(&c) == OK ? at : (struct attempts){ .due_ms = 0 };
}

static void
attempts_put(struct adapter *a, struct txn *txn, enum mail_kind kind, const struct attempts *at)
{
	struct buf b;

	buf_init(&b, a->mem);
	buf_u64(&b, (uint64_t)at->due_ms);
	buf_u32(&b, at->tries);
	buf_u32(&b, (uint32_t)at->day);
	txn_put(txn, TABLE_META, key_of(kind), buf_bytes(&b));
}

void
mailing_want(struct txn *txn, uint64_t no)
{
	struct key8 key = storage_key(no);

	txn_put(txn, TABLE_MAIL, SPAN(key.b, 8), SPAN(key.b, 8));
}

uint64_t
mailing_count(struct txn *txn)
{
	return txn_count(txn, TABLE_MAIL);
}

/* -- what a letter holds -- */

static void
add_item(struct adapter *a, struct letter *l, struct letter_item *items, const struct duty *d, const struct duty_file *f, unsigned facts)
{
	struct mailing *m = &a->mailing;
	struct letter_item *item = &items[l->n_items];
	int fact = DUTY_FACTS - 1;

	if (l->n_items == LETTER_ITEMS_MAX) {
		l->n_more++;
		return;
	}
	while (fact > 1 && !(facts & BIT(fact)))
		fact--;
	/* the gravest of them is what people read; `mailing` remembers all */
	if (duty_fact(d) != 0 && (facts & BIT(duty_fact(d))))
		fact = duty_fact(d);
	*item = (struct letter_item){
		.about = d->about,
		.from = arena_str(a->mem, d->from),
		.to = arena_str(a->mem, d->to),
		.fact = fact,
		.due_ms = d->said[fact].due_ms,
		.is_emergency = d->priority == PRIORITY_EMERGENCY,
		.parts = f->parts,
		.parts_left = f->left,
	};
	m->items[l->n_items].no = d->no;
	m->items[l->n_items].facts = facts;
	l->n_items++;
}

static void
collect_now(struct adapter *a, struct txn *txn, struct letter *l, struct letter_item *items)
{
	struct duty_file file;
	struct duty d;
	struct walk w;

	for (bool on = walk_from(txn, TABLE_MAIL, SPAN_NONE, &w); on; on = walk_next(&w))
		if (duty_get(txn, storage_number(w.key), &d) && d.unmailed != 0) {
			duty_file_whole(txn, &d, &file);
			add_item(a, l, items, &d, &file, d.unmailed);
		}
	walk_end(&w);
}

/* Of ours what stands open and late, each day; of others what was said since the last time. */
static void
collect_digest(struct adapter *a, struct txn *txn, struct letter *l, struct letter_item *items)
{
	struct duty d = { .no = 0 };
	struct duty_file file;

	while (duty_next(txn, d.no, &d)) {
		unsigned said = 0;

		if (!duty_file_join(txn, &d, &file))
			continue;
		for (int fact = 1; fact < DUTY_FACTS; fact++)
			said |= d.said[fact].at_ms != 0 ? BIT(fact) : 0;
		if (d.is_ours ? (BIT(duty_fact(&d)) & LATE) != 0 : (said & ~d.digested) != 0)
			add_item(a, l, items, &d, &file, d.is_ours ? BIT(duty_fact(&d)) : said & ~d.digested);
	}
}

/* -- sending -- */

static enum err
write_and_send(struct adapter *a, struct letter *l, const struct letter_item *items, int64_t now_ms)
{
	const struct adapter_config *c = a->p.config;
	struct span text;
	enum err e;

	l->lang = c->language;
	l->agency = c->agency;
	l->from = c->mail.from;
	l->to = c->mail.to;
	l->n_to = c->mail.n_to;
	l->items = items;
	l->at_ms = now_ms;
	if ((e = letter_write(l, a->mem, &text)) == OK)
		e = a->p.mailer->send(a->p.mailer->arg, text);
	return e == OK ? OK : adapter_mailed(a, e);
}

/* The try is counted and durable before it is made. */
static enum err
try(struct adapter *a, enum mail_kind kind, struct attempts at, int64_t now_ms)
{
	struct letter_item *items = arena_array(a->mem, LETTER_ITEMS_MAX, sizeof(*items));
	struct letter l = { .is_digest = kind == MAIL_DIGEST };
	struct txn *txn;
	enum err e;

	if (items == NULL)
		return ERR_TOOBIG;
	txn = store_write(a->p.store);
	if (kind == MAIL_NOW)
		collect_now(a, txn, &l, items);
	else
		collect_digest(a, txn, &l, items);
	if (l.n_items == 0) {	/* nothing is open: no mail, and none today */
		attempts_put(a, txn, kind, &(struct attempts){ .due_ms = now_ms + MAILING_RETRY_MAX_MS, .day = day_of(now_ms) });
		return txn_commit(txn);
	}
	at.tries++;
	at.due_ms = now_ms + clock_backoff(at.tries, MAILING_RETRY_MIN_MS, MAILING_RETRY_MAX_MS);
	attempts_put(a, txn, kind, &at);
	if ((e = txn_commit(txn)) != OK)
		return e;
	a->mailing.kind = kind;
	a->mailing.n_items = l.n_items;
	a->mailing.tries = at.tries;
	return write_and_send(a, &l, items, now_ms);
}

enum err
mailing_tick(struct adapter *a, int64_t now_ms)
{
	struct civil here = clock_to_sofia(now_ms, NULL);
	struct attempts now, digest;
	bool is_owed;
	struct txn *txn;

	if (a->p.mailer == NULL || a->mailing.kind != MAIL_NONE)
		return OK;
	txn = store_read(a->p.store);
	is_owed = mailing_count(txn) > 0;
	now = attempts_get(txn, MAIL_NOW);
	digest = attempts_get(txn, MAIL_DIGEST);
	txn_abort(txn);
	if (is_owed && now_ms >= now.due_ms)
		return try(a, MAIL_NOW, now, now_ms);
	if (digest.day < day_of(now_ms) && here.hour >= (int)a->p.config->mail.digest_hour && now_ms >= digest.due_ms)
		return try(a, MAIL_DIGEST, digest, now_ms);
	return OK;
}

/* -- what became of it -- */

static void
mark(struct adapter *a, struct txn *txn, uint64_t no, unsigned facts)
{
	struct key8 key = storage_key(no);
	struct duty d;

	if (!duty_get(txn, no, &d))
		return;
	if (a->mailing.kind == MAIL_NOW)
		d.unmailed &= ~facts;
	else
		d.digested |= facts;
	if (d.unmailed == 0)
		txn_del(txn, TABLE_MAIL, SPAN(key.b, 8));
	duty_put(txn, a->mem, &d, core_now(a));
}

enum err
adapter_mailed(struct adapter *a, enum err e)
{
	struct mailing *m = &a->mailing;
	bool is_given_up = e != OK && m->tries >= MAILING_TRIES_MAX;
	const char *kind = m->kind == MAIL_NOW ? "now" : "digest";
	struct attempts done = { .day = day_of(core_now(a)) };
	struct txn *txn;
	enum err broken = OK;

	if (e == OK)
		core_tell(a, LOG_MAIL, "kind=%s items=%zu", kind, m->n_items);
	else
		core_tell(a, LOG_MAIL_FAILED, "kind=%s code=%s tries=%u next=%s", kind, err_code(e), m->tries,
			  is_given_up ? "never" : "later");
	if (e == OK || is_given_up) {
		txn = store_write(a->p.store);
		for (size_t i = 0; i < m->n_items; i++)
			mark(a, txn, m->items[i].no, m->items[i].facts);
		attempts_put(a, txn, m->kind, &done);
		broken = txn_commit(txn);
	}
	m->kind = MAIL_NONE;
	m->n_items = 0;
	return broken;
}
