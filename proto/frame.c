/* SPDX-License-Identifier: EUPL-1.2 */
/* frame - struct frame -> bytes. The other way is frame_decode.c.
 *
 * Limits are judged by the receiver; here only what would not fit into a frame at all is refused, so that a sender learns
 * of it before the wire does. Pure. Called by the hub's peers and the adapters' uplink.
 */
#include "proto/frame.h"

#include "proto/pack.h"
#include "proto/schema/frame.pb-c.h"

/* One item in the arena and, for lists, the array of pointers that protobuf-c wants. */
#define NEW(mem, type) ((type *)arena_alloc(mem, sizeof(type)))
#define NEW_LIST(mem, n, type) ((type **)arena_array(mem, n, sizeof(type *)))

static enum err
put_credit(const struct credit *c, struct arena *mem, Hub__V1__Credit **ret_m)
{
	Hub__V1__Credit *m = NEW(mem, Hub__V1__Credit);

	if (m == NULL)
		return ERR_TOOBIG;
	hub__v1__credit__init(m);
	m->messages = c->messages;
	m->bytes = c->bytes;
	*ret_m = m;
	return OK;
}

static enum err
put_hello(const struct hello *h, struct arena *mem, Hub__V1__Hello **ret_m)
{
	Hub__V1__Hello *m = NEW(mem, Hub__V1__Hello);

	if (m == NULL)
		return ERR_TOOBIG;
	hub__v1__hello__init(m);
	m->agency = pack_text(h->agency);
	pack_fixed(&m->session, h->session, sizeof(h->session));
	m->pin_size = h->pin_size;
	pack_fixed(&m->pin_root, h->pin_root.b, sizeof(h->pin_root.b));
	m->directory_version = h->directory_version;
	m->sheets_seen = h->sheets_seen;
	m->software = pack_text(h->software);
	pack_span(&m->sheet, h->sheet);
	m->announced_seen = h->announced_seen;
	*ret_m = m;
	return put_credit(&h->credit, mem, &m->credit);
}

static enum err
put_welcome(const struct welcome *w, struct arena *mem, Hub__V1__Welcome **ret_m)
{
	Hub__V1__Welcome *m = NEW(mem, Hub__V1__Welcome);

	if (m == NULL)
		return ERR_TOOBIG;
	hub__v1__welcome__init(m);
	pack_fixed(&m->session, w->session, sizeof(w->session));
	pack_span(&m->checkpoint, w->checkpoint);
	pack_hashes(&m->path, w->path, w->n_path);
	m->now_ms = w->now_ms;
	*ret_m = m;
	return put_credit(&w->credit, mem, &m->credit);
}

/* A list of byte strings. */
static enum err
put_spans(const struct span *items, size_t n, struct arena *mem, ProtobufCBinaryData **ret_items)
{
	ProtobufCBinaryData *m = arena_array(mem, n, sizeof(*m));

	if (m == NULL || n > FRAME_ITEMS_MAX)
		return ERR_TOOBIG;
	for (size_t i = 0; i < n; i++)
		pack_span(&m[i], items[i]);
	*ret_items = m;
	return OK;
}

static enum err
put_directory(const struct directory_frame *d, struct arena *mem, Hub__V1__DirectoryUpdate **ret_m)
{
	Hub__V1__DirectoryUpdate *m = NEW(mem, Hub__V1__DirectoryUpdate);

	if (m == NULL)
		return ERR_TOOBIG;
	hub__v1__directory_update__init(m);
	pack_span(&m->note, d->note);
	m->n_sheets = d->n_sheets;
	m->sheets_seen = d->sheets_seen;
	m->since = d->since;
	*ret_m = m;
	return put_spans(d->sheets, d->n_sheets, mem, &m->sheets);
}

static enum err
put_submit(const struct submit *s, struct arena *mem, Hub__V1__Submit **ret_m)
{
	Hub__V1__Submit *m = NEW(mem, Hub__V1__Submit);

	if (m == NULL)
		return ERR_TOOBIG;
	hub__v1__submit__init(m);
	m->n_envelopes = s->n;
	*ret_m = m;
	return put_spans(s->envelopes, s->n, mem, &m->envelopes);
}

static enum err
put_run(const struct run *r, struct arena *mem, Hub__V1__Run *m)
{
	Hub__V1__AcceptedItem *items = arena_array(mem, r->n, sizeof(*items));

	m->items = NEW_LIST(mem, r->n, Hub__V1__AcceptedItem);
	if (items == NULL || m->items == NULL || r->n > FRAME_ITEMS_MAX)
		return ERR_TOOBIG;
	m->n_items = r->n;
	m->begin = r->begin;
	pack_hashes(&m->path, r->path, r->n_path);
	for (size_t i = 0; i < r->n; i++) {
		const struct accepted_item *from = &r->items[i];

		m->items[i] = &items[i];
		hub__v1__accepted_item__init(&items[i]);
		pack_fixed(&items[i].id, from->id.b, MSGID_LEN);
		pack_span(&items[i].leaf, from->leaf);
		pack_span(&items[i].salt, from->salt);
		pack_span(&items[i].detail, from->detail);
	}
	return OK;
}

static enum err
put_accepted(const struct accepted *a, struct arena *mem, Hub__V1__Accepted **ret_m)
{
	Hub__V1__Accepted *m = NEW(mem, Hub__V1__Accepted);
	Hub__V1__Run *runs = arena_array(mem, a->n_runs, sizeof(*runs));
	enum err e;

	if (m == NULL || runs == NULL)
		return ERR_TOOBIG;
	hub__v1__accepted__init(m);
	m->runs = NEW_LIST(mem, a->n_runs, Hub__V1__Run);
	if (m->runs == NULL || a->n_runs > FRAME_ITEMS_MAX)
		return ERR_TOOBIG;
	m->n_runs = a->n_runs;
	pack_span(&m->checkpoint, a->growth.checkpoint);
	m->since = a->growth.since;
	pack_hashes(&m->path, a->growth.path, a->growth.n_path);
	for (size_t i = 0; i < a->n_runs; i++) {
		m->runs[i] = &runs[i];
		hub__v1__run__init(&runs[i]);
		if ((e = put_run(&a->runs[i], mem, &runs[i])) != OK)
			return e;
	}
	*ret_m = m;
	return OK;
}

static enum err
put_refused(const struct refused *r, struct arena *mem, Hub__V1__Refused **ret_m)
{
	Hub__V1__Refused *m = NEW(mem, Hub__V1__Refused);
	Hub__V1__RefusedItem *items = arena_array(mem, r->n, sizeof(*items));

	if (m == NULL || items == NULL)
		return ERR_TOOBIG;
	hub__v1__refused__init(m);
	m->items = NEW_LIST(mem, r->n, Hub__V1__RefusedItem);
	if (m->items == NULL || r->n > FRAME_ITEMS_MAX)
		return ERR_TOOBIG;
	m->n_items = r->n;
	for (size_t i = 0; i < r->n; i++) {
		const struct refused_item *from = &r->items[i];

		m->items[i] = &items[i];
		hub__v1__refused_item__init(&items[i]);
		pack_fixed(&items[i].id, from->id.b, MSGID_LEN);
		pack_fixed(&items[i].env_hash, from->env_hash.b, sizeof(from->env_hash.b));
		items[i].code = err_number(from->code);
		items[i].text = pack_text(from->text);
		items[i].retry_after_ms = from->retry_after_ms;
	}
	*ret_m = m;
	return OK;
}

static enum err
put_items(const struct deliver_item *from, size_t n, struct arena *mem, Hub__V1__DeliverItem ***ret_items)
{
	Hub__V1__DeliverItem *items = arena_array(mem, n, sizeof(*items)), **list = NEW_LIST(mem, n, Hub__V1__DeliverItem);

	if (items == NULL || list == NULL || n > FRAME_ITEMS_MAX)
		return ERR_TOOBIG;
	for (size_t i = 0; i < n; i++) {
		list[i] = &items[i];
		hub__v1__deliver_item__init(&items[i]);
		items[i].queue_no = from[i].queue_no;
		pack_span(&items[i].envelope, from[i].envelope);
		pack_span(&items[i].leaf, from[i].leaf);
		pack_span(&items[i].salt, from[i].salt);
		pack_span(&items[i].detail, from[i].detail);
		pack_hashes(&items[i].path, from[i].path, from[i].n_path);
	}
	*ret_items = list;
	return OK;
}

static enum err
put_deliver(const struct deliver *d, struct arena *mem, Hub__V1__Deliver **ret_m)
{
	Hub__V1__Deliver *m = NEW(mem, Hub__V1__Deliver);

	if (m == NULL)
		return ERR_TOOBIG;
	hub__v1__deliver__init(m);
	m->n_items = d->n;
	pack_span(&m->checkpoint, d->growth.checkpoint);
	m->since = d->growth.since;
	pack_hashes(&m->path, d->growth.path, d->growth.n_path);
	*ret_m = m;
	return put_items(d->items, d->n, mem, &m->items);
}

static enum err
put_announced(const struct announced *a, struct arena *mem, Hub__V1__Announced **ret_m)
{
	Hub__V1__Announced *m = NEW(mem, Hub__V1__Announced);

	if (m == NULL)
		return ERR_TOOBIG;
	hub__v1__announced__init(m);
	m->n_items = a->n;
	pack_span(&m->checkpoint, a->growth.checkpoint);
	m->since = a->growth.since;
	pack_hashes(&m->path, a->growth.path, a->growth.n_path);
	m->seen_before = a->seen_before;
	m->seen = a->seen;
	*ret_m = m;
	return put_items(a->items, a->n, mem, &m->items);
}

static enum err
put_taken(const struct taken *t, struct arena *mem, Hub__V1__Taken **ret_m)
{
	Hub__V1__Taken *m = NEW(mem, Hub__V1__Taken);

	if (m == NULL || t->n > FRAME_ITEMS_MAX)
		return ERR_TOOBIG;
	hub__v1__taken__init(m);
	m->n_queue_nos = t->n;
	m->queue_nos = t->queue_nos;
	*ret_m = m;
	return OK;
}

static enum err
put_statement_ask(const struct statement_ask *s, struct arena *mem, Hub__V1__StatementAsk **ret_m)
{
	Hub__V1__StatementAsk *m = NEW(mem, Hub__V1__StatementAsk);

	if (m == NULL)
		return ERR_TOOBIG;
	hub__v1__statement_ask__init(m);
	pack_fixed(&m->ask, s->ask, sizeof(s->ask));
	m->since = s->since;
	m->after = s->after;
	*ret_m = m;
	return OK;
}

static enum err
put_statement(const struct statement *s, struct arena *mem, Hub__V1__Statement **ret_m)
{
	Hub__V1__Statement *m = NEW(mem, Hub__V1__Statement);
	Hub__V1__StatementItem *items = arena_array(mem, s->n, sizeof(*items));

	if (m == NULL || items == NULL)
		return ERR_TOOBIG;
	hub__v1__statement__init(m);
	m->items = NEW_LIST(mem, s->n, Hub__V1__StatementItem);
	if (m->items == NULL || s->n > FRAME_ITEMS_MAX)
		return ERR_TOOBIG;
	m->n_items = s->n;
	pack_fixed(&m->ask, s->ask, sizeof(s->ask));
	m->after = s->after;
	pack_span(&m->checkpoint, s->growth.checkpoint);
	m->since = s->growth.since;
	pack_hashes(&m->path, s->growth.path, s->growth.n_path);
	pack_span(&m->head, s->head);
	pack_span(&m->sig, s->head.n == 0 ? SPAN_NONE : SPAN(s->sig, sizeof(s->sig)));
	for (size_t i = 0; i < s->n; i++) {
		const struct statement_item *from = &s->items[i];

		m->items[i] = &items[i];
		hub__v1__statement_item__init(&items[i]);
		pack_span(&items[i].row, from->row);
		pack_span(&items[i].leaf, from->leaf);
		pack_span(&items[i].salt, from->salt);
		pack_span(&items[i].detail, from->detail);
		pack_hashes(&items[i].path, from->path, from->n_path);
	}
	*ret_m = m;
	return OK;
}

static enum err
put_kind(const struct frame *f, struct arena *mem, Hub__V1__Frame *m)
{
	switch (f->kind) {
	case FRAME_HELLO:
		m->kind_case = HUB__V1__FRAME__KIND_HELLO;
		return put_hello(&f->hello, mem, &m->hello);
	case FRAME_WELCOME:
		m->kind_case = HUB__V1__FRAME__KIND_WELCOME;
		return put_welcome(&f->welcome, mem, &m->welcome);
	case FRAME_DIRECTORY:
		m->kind_case = HUB__V1__FRAME__KIND_DIRECTORY;
		return put_directory(&f->directory, mem, &m->directory);
	case FRAME_SUBMIT:
		m->kind_case = HUB__V1__FRAME__KIND_SUBMIT;
		return put_submit(&f->submit, mem, &m->submit);
	case FRAME_ACCEPTED:
		m->kind_case = HUB__V1__FRAME__KIND_ACCEPTED;
		return put_accepted(&f->accepted, mem, &m->accepted);
	case FRAME_REFUSED:
		m->kind_case = HUB__V1__FRAME__KIND_REFUSED;
		return put_refused(&f->refused, mem, &m->refused);
	case FRAME_DELIVER:
		m->kind_case = HUB__V1__FRAME__KIND_DELIVER;
		return put_deliver(&f->deliver, mem, &m->deliver);
	case FRAME_TAKEN:
		m->kind_case = HUB__V1__FRAME__KIND_TAKEN;
		return put_taken(&f->taken, mem, &m->taken);
	case FRAME_CREDIT:
		m->kind_case = HUB__V1__FRAME__KIND_CREDIT;
		return put_credit(&f->credit, mem, &m->credit);
	case FRAME_STATEMENT_ASK:
		m->kind_case = HUB__V1__FRAME__KIND_STATEMENT_ASK;
		return put_statement_ask(&f->statement_ask, mem, &m->statement_ask);
	case FRAME_STATEMENT:
		m->kind_case = HUB__V1__FRAME__KIND_STATEMENT;
		return put_statement(&f->statement, mem, &m->statement);
	case FRAME_ANNOUNCED:
		m->kind_case = HUB__V1__FRAME__KIND_ANNOUNCED;
		return put_announced(&f->announced, mem, &m->announced);
	}
	return ERR_FORMAT;
}

enum err
frame_encode(const struct frame *f, struct arena *mem, struct span *ret_bytes)
{
	Hub__V1__Frame m;
	struct span bytes;
	enum err e;

	hub__v1__frame__init(&m);
	m.epoch = f->epoch;
	m.announced_seen = f->announced_seen;
	if ((e = put_kind(f, mem, &m)) != OK)
		return e;
	if (protobuf_c_message_get_packed_size(&m.base) > FRAME_MAX)
		return ERR_TOOBIG;
	if ((e = pack_encode(&m.base, mem, &bytes)) != OK)
		return e;
	*ret_bytes = bytes;
	return OK;
}
