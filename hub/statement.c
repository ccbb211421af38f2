/* SPDX-License-Identifier: EUPL-1.2 */
/* statement - a page is one walk over the open messages before `since`, then one over all from there on. */
#include "hub/statement.h"

#include "hub/answer.h"
#include "hub/receipt.h"
#include "proto/standing.h"

/* -- the table -- */

void
statement_begin(struct hub *hub, const struct header *h, uint64_t leaf)
{
	struct party_row row = {
		.from = h->from, .n_to = h->n_to, .priority = h->priority, .registered_by_ms = h->registered_by_ms,
		.respond_by_ms = h->respond_by_ms, .expires_ms = h->expires_ms,
	};
	struct span value;
	struct row_key key;

	for (size_t i = 0; i < h->n_to; i++)
		row.to[i] = h->to[i];
	value = row_party(&row, hub->mem);
	for (size_t i = 0; i <= h->n_to; i++) {
		const char *agency = i < h->n_to ? h->to[i] : h->from;

		state_put(hub, TABLE_PARTY, row_key_party(agency, PARTY_ALL, leaf, &key), value);
		state_put(hub, TABLE_PARTY, row_key_party(agency, PARTY_OPEN, leaf, &key), SPAN_LIT("\1"));
	}
}

void
statement_end(struct hub *hub, uint64_t leaf, const char *recipient)
{
	struct party_row row;
	struct row_key key;
	struct span value = state_get(hub, TABLE_PARTY, row_key_party(recipient, PARTY_ALL, leaf, &key));

	state_del(hub, TABLE_PARTY, row_key_party(recipient, PARTY_OPEN, leaf, &key));
	if (value.p == NULL || row_decode_party(value, hub->mem, &row) != OK)
		return;
	for (size_t i = 0; i < row.n_to; i++)
		if (!receipt_has_ended(hub, leaf, row.to[i]))
			return;
	state_del(hub, TABLE_PARTY, row_key_party(row.from, PARTY_OPEN, leaf, &key));
}

/* -- a page -- */

struct page {
	struct hub *hub;
	const char *agency;
	struct asked asked;		/* becomes the session's when the page is sent */
	struct statement_item items[STATEMENT_PAGE];
	size_t n;
	bool has_more;
};

/* Stages are read from the view alone: what a batch under way says of them is not durable. */
static void
fill_stages(const struct page *page, const struct party_row *row, struct standing *s)
{
	struct journal_view *view = state_view(page->hub);
	bool is_sender = strcmp(row->from, page->agency) == 0;
	struct row_key key;
	uint16_t bits;

	for (size_t i = 0; i < row->n_to; i++) {
		struct span value = SPAN_NONE;

		if (is_sender || strcmp(row->to[i], page->agency) == 0)
			value = journal_get(view, TABLE_STAGES, row_key_stage(s->leaf, row->to[i], &key));
		if (value.p && row_decode_stages(value, &bits) == OK)
			s->stages[i] = bits & ~STAGES_CONFLICT;
	}
}

/* A row of the statement. Of a message whose detail is erased nothing could be proven any more: it is left out. */
static enum err
add_row(struct page *page, uint64_t leaf)
{
	struct hub *hub = page->hub;
	struct statement_item *item = &page->items[page->n];
	struct standing s = { .leaf = leaf };
	struct journal_entry entry;
	struct party_row row;
	struct row_key key;
	enum err e;

	if ((e = row_decode_party(journal_get(state_view(hub), TABLE_PARTY, row_key_party(page->agency, PARTY_ALL, leaf, &key)),
				  hub->mem, &row)) != OK ||
	    (e = journal_detail(state_view(hub), leaf, hub->mem, &entry)) != OK)
		return e;
	if (!entry.has_detail)
		return OK;
	s.n_to = row.n_to;
	s.priority = row.priority;
	s.registered_by_ms = row.registered_by_ms;
	s.respond_by_ms = row.respond_by_ms;
	s.expires_ms = row.expires_ms;
	fill_stages(page, &row, &s);
	if ((e = standing_encode(&s, hub->mem, &item->row)) != OK)
		return e;
	item->leaf = arena_span(hub->mem, SPAN(entry.leaf, LEAF_LEN));
	item->salt = arena_span(hub->mem, SPAN(entry.salt, LEAF_SALT_LEN));
	item->detail = entry.detail;
	item->path = arena_array(hub->mem, MERKLE_PATH_MAX, sizeof(*item->path));
	if (item->leaf.p == NULL || item->salt.p == NULL || item->path == NULL)
		return ERR_TOOBIG;
	if (!merkle_inclusion(leaf, hub->size, state_node, hub, item->path, &item->n_path))
		return ERR_CORRUPT;
	standing_digest(&page->asked.digest, item->row);
	page->asked.rows++;
	page->asked.after = leaf;
	page->n++;
	return OK;
}

/* The rows [from, until) of a range. */
static enum err
add_range(struct page *page, enum party_range range, uint64_t from, uint64_t until)
{
	struct journal_walk walk;
	struct row_key key;
	uint64_t leaf;
	enum err e = OK;
	bool more;

	for (more = from < until && journal_walk_from(state_view(page->hub), TABLE_PARTY,
						      row_key_party(page->agency, range, from, &key), &walk);
	     more && e == OK && row_party_leaf(walk.key, page->agency, range, &leaf) && leaf < until;
	     more = journal_walk_next(&walk)) {
		if (page->n == STATEMENT_PAGE) {
			page->has_more = true;
			break;
		}
		e = add_row(page, leaf);
	}
	if (from < until)
		journal_walk_end(&walk);
	return e;
}

static enum err
send_page(struct page *page, struct party *p)
{
	struct hub *hub = page->hub;
	const struct asked *asked = &page->asked;
	struct frame f = { .kind = FRAME_STATEMENT, .epoch = p->session.epoch };
	struct statement *s = &f.statement;
	struct standing_head head = {
		.agency = p->id, .at_ms = hub->now_ms, .since = asked->since, .size = hub->size, .root = hub->root,
		.rows = asked->rows, .digest = asked->digest,
	};
	enum err e;

	memcpy(s->ask, asked->ask, sizeof(s->ask));
	s->after = p->session.asked.after;	/* as it was before this page */
	memcpy(head.ask, asked->ask, sizeof(head.ask));
	s->items = page->items;
	s->n = page->n;
	if (!answer_growth(hub, p, &s->growth))
		return ERR_TOOBIG;
	if (!page->has_more && (e = standing_sign(&head, hub->notice_key, hub->mem, &s->head, s->sig)) != OK)
		return e;
	return state_send(hub, p, &f);
}

static bool
goes_on(const struct asked *asked, const struct statement_ask *ask)
{
	return asked->is_open && memcmp(asked->ask, ask->ask, sizeof(asked->ask)) == 0 && asked->since == ask->since &&
	       asked->after == ask->after;
}

static bool
is_too_soon(const struct hub *hub, const struct party *p)
{
	return p->statement_ms != 0 && hub->now_ms >= p->statement_ms && hub->now_ms - p->statement_ms < STATEMENT_EVERY_MS;
}

/* The next page of what the session asked for. */
static void
answer(struct hub *hub, struct party *p)
{
	struct page page = { .hub = hub, .agency = p->id, .asked = p->session.asked };
	const uint64_t since = page.asked.since;
	uint64_t next = page.asked.after == 0 ? 0 : page.asked.after + 1;
	enum err e;

	if (page.asked.rows == 0)
		p->statement_ms = hub->now_ms;
	page.asked.is_due = p->session.asked.is_due = false;
	if ((e = add_range(&page, PARTY_OPEN, next, since < hub->size ? since : hub->size)) == OK && !page.has_more)
		e = add_range(&page, PARTY_ALL, next > since ? next : since, hub->size);
	page.asked.is_open = page.has_more;
	if (e == OK && (e = send_page(&page, p)) == OK) {
		p->session.asked = page.asked;
		answer_shown(hub, p);
	} else if (e == ERR_BUSY) {
		p->session.asked.is_due = true;
	} else if (e != ERR_PEER_DOWN) {
		state_log(hub, LOG_FATAL, "code=%s what=statement why=\"%s\"", err_code(e), err_text(e, LANG_EN));
	}
}

void
statement_on_ask(struct hub *hub, struct party *p, const struct statement_ask *ask)
{
	struct asked *asked = &p->session.asked;

	if (ask->after == 0) {
		*asked = (struct asked){ .since = ask->since, .is_open = true, .is_due = is_too_soon(hub, p) };
		memcpy(asked->ask, ask->ask, sizeof(asked->ask));
	} else if (!goes_on(asked, ask)) {
		state_log(hub, LOG_PEER_FRAME, "agency=%s code=%s", p->id, err_code(ERR_BUSY));
		return;
	}
	if (ask->after != 0 || !asked->is_due)
		answer(hub, p);
}

int64_t
statement_tick(struct hub *hub)
{
	int64_t next_ms = INT64_MAX;

	for (size_t i = 0; i < hub->n_parties; i++) {
		struct party *p = hub->parties[i];

		if (p->session.state != SESSION_UP || !p->session.asked.is_due)
			continue;
		if (!is_too_soon(hub, p)) {
			arena_reset(hub->mem);
			answer(hub, p);
		}
		if (p->session.asked.is_due)
			next_ms = STATEMENT_EVERY_MS;
	}
	return next_ms;
}
