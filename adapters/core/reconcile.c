/* SPDX-License-Identifier: EUPL-1.2 */
/* reconcile - asks, adds up pages, compares, keeps the outcome. A statement under way lives in memory and dies with its session. */
#include "adapters/core/reconcile.h"

#include <stdlib.h>

#include "adapters/core/inventory.h"
#include "adapters/core/session.h"
#include "adapters/core/storage.h"
#include "adapters/core/turnover.h"
#include "proto/base/clock.h"

#define KEY_RECONCILED SPAN_LIT("reconciled")
#define RECONCILED_VERSION 1
#define PAGE_MS (30 * CLOCK_SECOND)	/* without an answer: given up */
#define EVERY_MS (2 * CLOCK_SECOND)	/* the hub answers an agency once a second, and is silent to more */
#define AGAIN_MS CLOCK_MINUTE		/* after one that came to nothing */
#define SINCE_MS (31 * CLOCK_DAY)	/* how far back a statement goes at least; what is open comes whatever its age */
#define TOLD_MAX 20			/* differences told one by one to operators */

struct reconcile {
	bool is_asked, is_running;
	bool is_second;			/* a stage may have been on its way when the first one was made: what it lacked is looked at again */
	int64_t begun_ms;		/* the last one */
	int64_t page_ms;		/* when the page was asked for */
	int64_t again_ms;		/* not before */
	struct standing_sum sum;
	uint64_t *leaves;		/* of the rows that are ours, ascending */
	size_t n_leaves, cap_leaves;
	struct difference list[DIFFERENCES_MAX];
	struct reconciled now;		/* being made */
	int64_t open_ms;		/* when the oldest one to us that has not ended was submitted; 0: all have */
};

/* What is kept beside the outcome: from which leaf on the next ones are asked. */
struct marks { uint64_t since, next_since; int64_t mark_ms; };

enum err
reconcile_new(struct adapter *a)
{
	a->reconcile = calloc(1, sizeof(*a->reconcile));
	return a->reconcile ? OK : ERR_NOMEM;
}

static void
stop(struct reconcile *r)
{
	free(r->leaves);
	r->leaves = NULL;
	r->n_leaves = r->cap_leaves = 0;
	r->is_running = false;
}

void
reconcile_free(struct adapter *a)
{
	if (a->reconcile)
		stop(a->reconcile);
	free(a->reconcile);
}

void
reconcile_drop(struct adapter *a)
{
	stop(a->reconcile);
}

void
reconcile_ask(struct adapter *a)
{
	a->reconcile->is_asked = true;
	a->reconcile->again_ms = 0;
}

bool
reconcile_is_running(const struct adapter *a)
{
	return a->reconcile->is_asked || a->reconcile->is_running;
}

/* -- the outcome -- */

static void
load(struct txn *txn, struct reconciled *r, struct marks *m)
{
	struct span row = txn_get(txn, TABLE_META, KEY_RECONCILED);
	struct cursor c;

	memset(r, 0, sizeof(*r));
	memset(m, 0, sizeof(*m));
	if (row.p == NULL)
		return;
	cursor_init(&c, row);
	if (cursor_u8(&c) != RECONCILED_VERSION)
		return;
	r->at_ms = (int64_t)cursor_u64(&c);
	r->taken_ms = (int64_t)cursor_u64(&c);
	r->size = cursor_u64(&c);
	r->since = cursor_u64(&c);
	r->rows = cursor_u64(&c);
	for (size_t i = 0; i < N_DIFFERENCES; i++)
		r->counts[i] = cursor_u64(&c);
	r->late = cursor_u64(&c);
	r->listed = cursor_u64(&c);
	m->since = cursor_u64(&c);
	m->next_since = cursor_u64(&c);
	m->mark_ms = (int64_t)cursor_u64(&c);
	if (cursor_end(&c) != OK) {
		memset(r, 0, sizeof(*r));
		memset(m, 0, sizeof(*m));
	}
}

void
reconcile_last(struct txn *txn, struct reconciled *ret_r)
{
	struct marks m;

	load(txn, ret_r, &m);
}

static void
save(struct txn *txn, struct arena *mem, const struct reconciled *r, const struct marks *m)
{
	struct buf b;

	buf_init(&b, mem);
	buf_u8(&b, RECONCILED_VERSION);
	buf_u64(&b, (uint64_t)r->at_ms);
	buf_u64(&b, (uint64_t)r->taken_ms);
	buf_u64(&b, r->size);
	buf_u64(&b, r->since);
	buf_u64(&b, r->rows);
	for (size_t i = 0; i < N_DIFFERENCES; i++)
		buf_u64(&b, r->counts[i]);
	buf_u64(&b, r->late);
	buf_u64(&b, r->listed);
	buf_u64(&b, m->since);
	buf_u64(&b, m->next_since);
	buf_u64(&b, (uint64_t)m->mark_ms);
	txn_put(txn, TABLE_META, KEY_RECONCILED, buf_bytes(&b));
}

/* -- asking -- */

static enum err
ask_page(struct adapter *a)
{
	struct reconcile *r = a->reconcile;
	struct frame f = { .kind = FRAME_STATEMENT_ASK, .epoch = a->epoch };
	enum err e;

	memcpy(f.statement_ask.ask, r->sum.ask, sizeof(r->sum.ask));
	f.statement_ask.since = r->sum.since;
	f.statement_ask.after = r->sum.after;
	r->page_ms = core_now(a);
	e = core_send(a, &f);
	return e == ERR_BUSY ? OK : e;	/* as if it were lost: asked again after its time */
}

static enum err
begin(struct adapter *a, uint64_t since)
{
	struct reconcile *r = a->reconcile;

	stop(r);
	r->is_asked = false;
	r->is_running = true;
	r->begun_ms = core_now(a);
	r->now = (struct reconciled){ .since = since };
	r->open_ms = 0;
	r->sum = (struct standing_sum){ .agency = a->p.config->agency, .since = since };
	core_random(a, r->sum.ask, sizeof(r->sum.ask));
	return ask_page(a);
}

enum err
reconcile_tick(struct adapter *a)
{
	struct reconcile *r = a->reconcile;
	int64_t now = core_now(a);
	struct reconciled last;
	struct marks m;
	struct txn *txn;

	if (a->link != LINK_UP || now < r->again_ms)
		return OK;
	if (r->is_running) {
		if (now - r->page_ms < PAGE_MS && now >= r->page_ms)
			return OK;
		stop(r);
		r->is_asked = true;
		r->again_ms = now + AGAIN_MS;
		return OK;
	}
	txn = store_read(a->p.store);
	load(txn, &last, &m);
	txn_abort(txn);
	if (now >= r->begun_ms && now - r->begun_ms < EVERY_MS)
		return OK;
	if (!r->is_asked && last.taken_ms != 0 && now - last.taken_ms < a->p.config->reconcile_ms && now >= last.taken_ms)
		return OK;
	return begin(a, m.since);
}

/* -- comparing -- */

static void
raise_difference(struct adapter *a, const struct difference *d)
{
	struct reconcile *r = a->reconcile;
	struct reconciled *n = &r->now;

	if (d->kind == DIFFERENCE_NONE)
		return;
	n->counts[d->kind]++;
	n->late += difference_is_late(d, core_now(a));
	if (n->listed < DIFFERENCES_MAX)
		r->list[n->listed++] = *d;
}

static bool
keep_leaf(struct reconcile *r, uint64_t leaf)
{
	size_t cap = r->cap_leaves == 0 ? 256 : 2 * r->cap_leaves;
	uint64_t *grown;

	if (r->n_leaves == r->cap_leaves) {
		if ((grown = realloc(r->leaves, cap * sizeof(*grown))) == NULL)
			return false;
		r->leaves = grown;
		r->cap_leaves = cap;
	}
	r->leaves[r->n_leaves++] = leaf;
	return true;
}

static enum err
compare(struct adapter *a, struct txn *txn, const struct standing *s)
{
	bool is_ours = strcmp(s->from, a->p.config->agency) == 0;
	struct difference d;
	enum err e;

	if (is_ours && !keep_leaf(a->reconcile, s->leaf))
		return ERR_NOMEM;
	if ((e = inventory_row(a, txn, s)) != OK)
		return e;
	for (size_t i = 0; i < s->n_to; i++) {
		if (!is_ours && strcmp(s->to[i], a->p.config->agency) != 0)
			continue;
		if (!is_ours && !(s->stages[i] & DIFFERENCE_ENDED) &&
		    (a->reconcile->open_ms == 0 || s->submitted_ms < a->reconcile->open_ms))
			a->reconcile->open_ms = s->submitted_ms;
		difference_of(a, txn, s, i, &d);
		raise_difference(a, &d);
	}
	return OK;
}

static int
by_number(const void *x, const void *y)
{
	uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

	return a < b ? -1 : a > b;
}

/* What the hub said that it had accepted, and does not list. */
static void
find_unknown_there(struct adapter *a, struct txn *txn)
{
	struct reconcile *r = a->reconcile;
	struct outbound o;
	struct walk w;

	for (bool more = walk_from(txn, TABLE_OUTBOX, SPAN_NONE, &w); more; more = walk_next(&w)) {
		struct difference d = { .kind = DIFFERENCE_UNKNOWN_THERE, .is_ours = true };

		if (!outbox_get(txn, storage_number(w.key), &o) || o.class != CLASS_DATA || !o.is_accepted ||
		    o.leaf < r->now.since || o.leaf >= r->now.size ||
		    bsearch(&o.leaf, r->leaves, r->n_leaves, sizeof(*r->leaves), by_number))
			continue;
		d.id = o.id;
		d.submitted_ms = o.stored_ms;
		raise_difference(a, &d);
	}
	walk_end(&w);
}

/* -- taking -- */

static void
tell(struct adapter *a)
{
	struct reconcile *r = a->reconcile;
	const struct reconciled *n = &r->now;
	uint64_t wrong = 0, open = 0;
	char id[MSGID_TEXT_LEN];
	size_t told = 0;

	for (size_t i = 0; i < N_DIFFERENCES; i++)
		*(difference_is_wrong((enum difference_kind)i) ? &wrong : &open) += n->counts[i];
	core_tell(a, wrong || n->late ? LOG_DIFFERS : LOG_RECONCILED, "rows=%llu open=%llu late=%llu wrong=%llu", (unsigned long long)n->rows,
		  (unsigned long long)open, (unsigned long long)n->late, (unsigned long long)wrong);
	for (size_t i = 0; i < n->listed && told < TOLD_MAX; i++) {
		const struct difference *d = &r->list[i];

		if (!difference_is_wrong(d->kind) && !difference_is_late(d, core_now(a)))
			continue;
		msgid_format(&d->id, id);
		core_tell(a, LOG_DIFFERENCE, "id=%s other=%s what=%s", id, d->other[0] ? d->other : "-", difference_name(d->kind));
		told++;
	}
}

static enum err
conclude(struct adapter *a, struct txn *txn, const struct standing_head *head)
{
	struct reconcile *r = a->reconcile;
	struct reconciled last;
	struct marks m;
	enum err e;

	if ((e = inventory_conclude(a, txn)) != OK)
		return e;
	load(txn, &last, &m);
	r->now.at_ms = head->at_ms;
	r->now.taken_ms = core_now(a);
	r->now.size = head->size;
	r->now.rows = head->rows;
	find_unknown_there(a, txn);
	if (m.mark_ms == 0 || r->now.taken_ms - m.mark_ms > SINCE_MS) {
		m.since = m.next_since;
		m.next_since = head->size;
		m.mark_ms = r->now.taken_ms;
	}
	difference_clear(txn);
	for (size_t i = 0; i < r->now.listed; i++)
		difference_put(txn, a->mem, i, &r->list[i]);
	save(txn, a->mem, &r->now, &m);
	turnover_clear(txn, r->open_ms != 0 ? r->open_ms : head->at_ms);
	return txn_error(txn);
}

/* Verified, compared, and with the last page concluded. */
static enum err
take(struct adapter *a, struct txn *txn, const struct statement *page, const struct checkpoint *cp, bool *ret_is_whole, struct why *why)
{
	const struct directory *d = contacts_directory(a->p.contacts);
	struct standing_head head;
	struct standing *rows;
	enum err e;

	if ((e = standing_page(&a->reconcile->sum, page, cp, &d->notice, a->mem, &rows, ret_is_whole, &head, why)) != OK)
		return e;
	for (size_t i = 0; i < page->n && e == OK; i++)
		e = compare(a, txn, &rows[i]);
	return e == OK && *ret_is_whole ? conclude(a, txn, &head) : e;
}

enum err
reconcile_page(struct adapter *a, const struct statement *page)
{
	struct reconcile *r = a->reconcile;
	struct why why = { .where = "" };
	bool is_whole = false;
	struct checkpoint cp;
	struct txn *txn;
	enum err e, taken;

	if ((e = session_checkpoint(a, &page->growth, &cp)) != OK)
		return e;
	if (!r->is_running || !standing_is_next(&r->sum, page))
		return OK;	/* of one that was given up, or the same once more */
	txn = store_write(a->p.store);
	taken = take(a, txn, page, &cp, &is_whole, &why);
	if (taken != OK) {	/* nothing of it counts; the pin has moved all the same */
		txn_abort(txn);
		if (err_is_fatal(taken))
			return taken;
		core_tell(a, LOG_STATEMENT_BAD, "code=%s where=%s", err_code(taken), why.where);
		stop(r);
		r->again_ms = core_now(a) + AGAIN_MS;
		return OK;
	}
	session_put_pin(a, txn);
	if ((e = txn_commit(txn)) != OK)
		return e;
	if (!is_whole)
		return ask_page(a);
	stop(r);
	r->is_second = !r->is_second && r->now.counts[DIFFERENCE_UNTOLD_HERE] > 0;
	if (r->is_second) {
		r->is_asked = true;
		r->again_ms = core_now(a) + AGAIN_MS;
	} else {
		tell(a);
	}
	return OK;
}
