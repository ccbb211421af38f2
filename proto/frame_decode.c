/* SPDX-License-Identifier: EUPL-1.2 */
/* frame_decode - bytes -> struct frame, strictly: the only way in for what a peer says.
 *
 * Every list is counted, every length checked, every name held to its grammar; what is decoded lives in the arena, whose cap
 * is the last bound. A frame that passes is well-formed, nothing more: envelopes, notes, sheets and proofs are their own
 * modules' business.
 */
#include "proto/frame.h"

#include "proto/directory.h"
#include "proto/pack.h"
#include "proto/schema/frame.pb-c.h"

#define SOFTWARE_MAX 64
#define TEXT_MAX 512

static void
take_credit(const Hub__V1__Credit *m, struct credit *c)
{
	*c = m == NULL ? (struct credit){ 0, 0 } : (struct credit){ m->messages, m->bytes };
}

/* Not zero, of exactly this length. */
static bool
take_exactly(const ProtobufCBinaryData *from, void *to, size_t n)
{
	return from->len == n && pack_take_fixed(from, to, n);
}

static bool
take_hello(const Hub__V1__Hello *m, struct hello *h)
{
	h->agency = pack_take_text(m->agency);
	h->software = pack_take_text(m->software);
	h->pin_size = m->pin_size;
	h->directory_version = m->directory_version;
	h->sheets_seen = m->sheets_seen;
	h->sheet = pack_take_span(&m->sheet);
	h->announced_seen = m->announced_seen;
	take_credit(m->credit, &h->credit);
	return agency_is_id(h->agency) && take_exactly(&m->session, h->session, sizeof(h->session)) &&
	       pack_take_fixed(&m->pin_root, h->pin_root.b, sizeof(h->pin_root.b)) &&
	       (m->pin_size == 0) == (m->pin_root.len == 0) && h->sheet.n <= SHEET_MAX &&
	       (h->software == NULL || strlen(h->software) <= SOFTWARE_MAX);
}

static bool
take_welcome(const Hub__V1__Welcome *m, struct welcome *w)
{
	struct hash *path;

	if (!pack_take_hashes(&m->path, MERKLE_PATH_MAX, &path, &w->n_path))
		return false;
	if (w->n_path > 0)
		memcpy(w->path, path, w->n_path * sizeof(*path));
	w->checkpoint = pack_take_span(&m->checkpoint);
	w->now_ms = m->now_ms;
	take_credit(m->credit, &w->credit);
	return take_exactly(&m->session, w->session, sizeof(w->session)) && w->checkpoint.n <= NOTE_MAX && w->now_ms > 0;
}

/* A list of byte strings, none of them empty or longer than `each`. */
static bool
take_spans(ProtobufCBinaryData *const items, size_t n, size_t each, struct arena *mem, struct span **ret_items)
{
	struct span *spans;

	if (n > FRAME_ITEMS_MAX || (spans = arena_array(mem, n, sizeof(*spans))) == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		spans[i] = pack_take_span(&items[i]);
		if (spans[i].n == 0 || spans[i].n > each)
			return false;
	}
	*ret_items = spans;
	return true;
}

static bool
take_directory(const Hub__V1__DirectoryUpdate *m, struct arena *mem, struct directory_frame *d)
{
	d->note = pack_take_span(&m->note);
	d->n_sheets = m->n_sheets;
	d->sheets_seen = m->sheets_seen;
	d->since = m->since;
	return d->note.n <= NOTE_MAX && take_spans(m->sheets, m->n_sheets, SHEET_MAX, mem, &d->sheets);
}

static bool
take_submit(const Hub__V1__Submit *m, struct arena *mem, struct submit *s)
{
	s->n = m->n_envelopes;
	return s->n > 0 && take_spans(m->envelopes, m->n_envelopes, ENVELOPE_BYTES_MAX, mem, &s->envelopes);
}

/* What proves a leaf. */
static bool
is_entry(struct span leaf, struct span salt, struct span detail)
{
	return leaf.n == LEAF_LEN && salt.n == LEAF_SALT_LEN && detail.n <= DETAIL_MAX;
}

static bool
take_run(const Hub__V1__Run *m, struct arena *mem, struct run *r)
{
	r->begin = m->begin;
	r->n = m->n_items;
	r->items = arena_array(mem, r->n, sizeof(*r->items));
	if (r->items == NULL || r->n == 0 || r->begin > UINT64_MAX - r->n ||
	    !pack_take_hashes(&m->path, MERKLE_RANGE_MAX, &r->path, &r->n_path))
		return false;
	for (size_t i = 0; i < r->n; i++) {
		struct accepted_item *to = &r->items[i];

		to->leaf = pack_take_span(&m->items[i]->leaf);
		to->salt = pack_take_span(&m->items[i]->salt);
		to->detail = pack_take_span(&m->items[i]->detail);
		if (!take_exactly(&m->items[i]->id, to->id.b, MSGID_LEN) || !is_entry(to->leaf, to->salt, to->detail))
			return false;
	}
	return true;
}

static bool
take_growth(const ProtobufCBinaryData *checkpoint, uint64_t since, const ProtobufCBinaryData *path, struct growth *g)
{
	g->checkpoint = pack_take_span(checkpoint);
	g->since = since;
	return g->checkpoint.n > 0 && g->checkpoint.n <= NOTE_MAX && pack_take_hashes(path, MERKLE_PATH_MAX, &g->path, &g->n_path);
}

static bool
take_accepted(const Hub__V1__Accepted *m, struct arena *mem, struct accepted *a)
{
	size_t items = 0;

	a->n_runs = m->n_runs;
	if (a->n_runs == 0 || a->n_runs > FRAME_ITEMS_MAX || !take_growth(&m->checkpoint, m->since, &m->path, &a->growth) ||
	    (a->runs = arena_array(mem, a->n_runs, sizeof(*a->runs))) == NULL)
		return false;
	for (size_t i = 0; i < a->n_runs; i++) {
		items += m->runs[i]->n_items;
		if (items > FRAME_ITEMS_MAX || !take_run(m->runs[i], mem, &a->runs[i]))
			return false;
	}
	return true;
}

static bool
take_refused(const Hub__V1__Refused *m, struct arena *mem, struct refused *r)
{
	r->n = m->n_items;
	if (r->n == 0 || r->n > FRAME_ITEMS_MAX || (r->items = arena_array(mem, r->n, sizeof(*r->items))) == NULL)
		return false;
	for (size_t i = 0; i < r->n; i++) {
		struct refused_item *to = &r->items[i];

		to->code = err_by_number(m->items[i]->code);
		to->text = pack_take_text(m->items[i]->text);
		to->retry_after_ms = m->items[i]->retry_after_ms;
		if (to->code == OK || (to->text != NULL && strlen(to->text) > TEXT_MAX) ||
		    !pack_take_fixed(&m->items[i]->id, to->id.b, MSGID_LEN) ||
		    !pack_take_fixed(&m->items[i]->env_hash, to->env_hash.b, sizeof(to->env_hash.b)))
			return false;
	}
	return true;
}

static bool
take_items(Hub__V1__DeliverItem *const *items, size_t n, struct arena *mem, struct deliver_item **ret_items)
{
	if (n == 0 || n > FRAME_ITEMS_MAX || (*ret_items = arena_array(mem, n, sizeof(**ret_items))) == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		struct deliver_item *to = &(*ret_items)[i];

		to->queue_no = items[i]->queue_no;
		to->envelope = pack_take_span(&items[i]->envelope);
		to->leaf = pack_take_span(&items[i]->leaf);
		to->salt = pack_take_span(&items[i]->salt);
		to->detail = pack_take_span(&items[i]->detail);
		if (to->envelope.n == 0 || to->envelope.n > ENVELOPE_BYTES_MAX || !is_entry(to->leaf, to->salt, to->detail) ||
		    !pack_take_hashes(&items[i]->path, MERKLE_PATH_MAX, &to->path, &to->n_path))
			return false;
	}
	return true;
}

static bool
take_deliver(const Hub__V1__Deliver *m, struct arena *mem, struct deliver *d)
{
	d->n = m->n_items;
	if (!take_growth(&m->checkpoint, m->since, &m->path, &d->growth) || !take_items(m->items, d->n, mem, &d->items))
		return false;
	for (size_t i = 0; i < d->n; i++)
		if (d->items[i].queue_no == 0)
			return false;
	return true;
}

static bool
take_announced(const Hub__V1__Announced *m, struct arena *mem, struct announced *a)
{
	a->n = m->n_items;
	a->seen_before = m->seen_before;
	a->seen = m->seen;
	if (a->seen <= a->seen_before || !take_growth(&m->checkpoint, m->since, &m->path, &a->growth) ||
	    !take_items(m->items, a->n, mem, &a->items))
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->items[i].queue_no != 0)
			return false;
	return true;
}

static bool
take_taken(const Hub__V1__Taken *m, struct taken *t)
{
	t->n = m->n_queue_nos;
	t->queue_nos = m->queue_nos;
	for (size_t i = 0; i < t->n; i++)
		if (t->queue_nos[i] == 0)
			return false;
	return t->n > 0 && t->n <= FRAME_ITEMS_MAX;
}

static bool
take_statement_ask(const Hub__V1__StatementAsk *m, struct statement_ask *s)
{
	s->since = m->since;
	s->after = m->after;
	return take_exactly(&m->ask, s->ask, sizeof(s->ask));
}

static bool
take_statement(const Hub__V1__Statement *m, struct arena *mem, struct statement *s)
{
	s->n = m->n_items;
	s->after = m->after;
	s->head = pack_take_span(&m->head);
	/* rows, or a signed head, or both */
	if (s->n > FRAME_ITEMS_MAX || (s->n == 0 && s->head.n == 0) || m->sig.len != (s->head.n == 0 ? 0 : sizeof(s->sig)) ||
	    s->head.n > STATEMENT_HEAD_MAX || !take_exactly(&m->ask, s->ask, sizeof(s->ask)) ||
	    !take_growth(&m->checkpoint, m->since, &m->path, &s->growth) ||
	    (s->items = arena_array(mem, s->n, sizeof(*s->items))) == NULL)
		return false;
	if (s->head.n != 0)
		memcpy(s->sig, m->sig.data, sizeof(s->sig));
	for (size_t i = 0; i < s->n; i++) {
		struct statement_item *to = &s->items[i];

		to->row = pack_take_span(&m->items[i]->row);
		to->leaf = pack_take_span(&m->items[i]->leaf);
		to->salt = pack_take_span(&m->items[i]->salt);
		to->detail = pack_take_span(&m->items[i]->detail);
		if (to->row.n == 0 || to->row.n > STATEMENT_ROW_MAX || !is_entry(to->leaf, to->salt, to->detail) ||
		    !pack_take_hashes(&m->items[i]->path, MERKLE_PATH_MAX, &to->path, &to->n_path))
			return false;
	}
	return true;
}

static bool
take_kind(const Hub__V1__Frame *m, struct arena *mem, struct frame *f)
{
	switch (m->kind_case) {
	case HUB__V1__FRAME__KIND_HELLO:
		f->kind = FRAME_HELLO;
		return take_hello(m->hello, &f->hello);
	case HUB__V1__FRAME__KIND_WELCOME:
		f->kind = FRAME_WELCOME;
		return take_welcome(m->welcome, &f->welcome);
	case HUB__V1__FRAME__KIND_DIRECTORY:
		f->kind = FRAME_DIRECTORY;
		return take_directory(m->directory, mem, &f->directory);
	case HUB__V1__FRAME__KIND_SUBMIT:
		f->kind = FRAME_SUBMIT;
		return take_submit(m->submit, mem, &f->submit);
	case HUB__V1__FRAME__KIND_ACCEPTED:
		f->kind = FRAME_ACCEPTED;
		return take_accepted(m->accepted, mem, &f->accepted);
	case HUB__V1__FRAME__KIND_REFUSED:
		f->kind = FRAME_REFUSED;
		return take_refused(m->refused, mem, &f->refused);
	case HUB__V1__FRAME__KIND_DELIVER:
		f->kind = FRAME_DELIVER;
		return take_deliver(m->deliver, mem, &f->deliver);
	case HUB__V1__FRAME__KIND_TAKEN:
		f->kind = FRAME_TAKEN;
		return take_taken(m->taken, &f->taken);
	case HUB__V1__FRAME__KIND_CREDIT:
		f->kind = FRAME_CREDIT;
		take_credit(m->credit, &f->credit);
		return true;
	case HUB__V1__FRAME__KIND_STATEMENT_ASK:
		f->kind = FRAME_STATEMENT_ASK;
		return take_statement_ask(m->statement_ask, &f->statement_ask);
	case HUB__V1__FRAME__KIND_STATEMENT:
		f->kind = FRAME_STATEMENT;
		return take_statement(m->statement, mem, &f->statement);
	case HUB__V1__FRAME__KIND_ANNOUNCED:
		f->kind = FRAME_ANNOUNCED;
		return take_announced(m->announced, mem, &f->announced);
	case HUB__V1__FRAME__KIND__NOT_SET:
	case _HUB__V1__FRAME__KIND__CASE_IS_INT_SIZE:
		break;
	}
	return false;
}

enum err
frame_decode(struct span bytes, struct arena *mem, struct frame *ret_frame, struct why *why)
{
	struct frame f = { 0 };
	ProtobufCMessage *base;
	const Hub__V1__Frame *m;
	enum err e;

	if (bytes.n > FRAME_MAX)
		return why_set(why, ERR_TOOBIG, "frame", "%zu bytes", bytes.n);
	if ((e = pack_decode(&hub__v1__frame__descriptor, bytes, false, mem, &base)) != OK)
		return why_set(why, e, "frame", "not a frame");
	m = (const Hub__V1__Frame *)base;
	f.epoch = m->epoch;
	f.announced_seen = m->announced_seen;
	if (!take_kind(m, mem, &f))
		return arena_is_full(mem) ? ERR_TOOBIG : why_set(why, ERR_FORMAT, "frame", "a part is missing or malformed");
	if (f.kind == FRAME_HELLO ? f.epoch != 0 : f.epoch == 0 && f.kind != FRAME_REFUSED)
		return why_set(why, ERR_FORMAT, "frame", "epoch 0 is HELLO's, and of its refusal");
	if (f.announced_seen != 0 && f.kind != FRAME_CREDIT)
		return why_set(why, ERR_FORMAT, "frame", "announced_seen is CREDIT's");
	*ret_frame = f;
	return OK;
}
