/* SPDX-License-Identifier: EUPL-1.2 */
/* ledger_book - what the ledger keeps: messages in the order of their leaves, found by id through a lookup; threads, names. */
#include "hub/audit/ledger_parts.h"

#include <stdlib.h>

#define LEDGER_ARENA ((size_t)1 << 36)	/* a bound by memory alone: the whole log's messages stand in it */

struct ledger *
ledger_new(void)
{
	struct ledger *l = calloc(1, sizeof(*l));

	if (l && (l->mem = arena_new(LEDGER_ARENA)) == NULL) {
		free(l);
		l = NULL;
	}
	return l;
}

void
ledger_free(struct ledger *l)
{
	if (l == NULL)
		return;
	lookup_done(&l->by_id);
	lookup_done(&l->by_thread);
	lookup_done(&l->by_name);
	free(l->messages.items);
	free(l->data.items);
	free(l->threads.items);
	free(l->names.items);
	free(l->skipped);
	arena_free(l->mem);
	free(l);
}

static enum err
list_add(struct list *list, void *item)
{
	size_t cap = list->cap ? 2 * list->cap : 64;
	void **items;

	if (list->n == list->cap) {
		if (list->n >= LOOKUP_NONE / 2 || (items = realloc(list->items, cap * sizeof(*items))) == NULL)
			return ERR_NOMEM;
		list->items = items;
		list->cap = cap;
	}
	list->items[list->n++] = item;
	return OK;
}

/* One copy of each agency's name. NULL without memory. */
static const char *
name_of(struct ledger *l, const char *agency)
{
	uint64_t hash = lookup_hash(span_str(agency), SPAN_NONE);
	size_t at = 0;
	uint32_t i;
	char *name;

	while ((i = lookup_next(&l->by_name, hash, &at)) != LOOKUP_NONE)
		if (strcmp(l->names.items[i], agency) == 0)
			return l->names.items[i];
	if ((name = arena_str(l->mem, agency)) == NULL || list_add(&l->names, name) != OK ||
	    lookup_add(&l->by_name, hash, (uint32_t)l->names.n - 1) != OK)
		return NULL;
	return name;
}

/* -- finding -- */

static uint64_t
id_hash(const struct msgid *id)
{
	return lookup_hash(SPAN(id->b, MSGID_LEN), SPAN_NONE);
}

struct ledger_message *
ledger_find(struct ledger *l, const struct msgid *id, const char *from)
{
	uint64_t hash = id_hash(id);
	size_t at = 0;
	uint32_t i;

	while ((i = lookup_next(&l->by_id, hash, &at)) != LOOKUP_NONE) {
		struct ledger_message *m = l->messages.items[i];

		if (msgid_eq(&m->id, id) && (from == NULL || strcmp(m->from, from) == 0))
			return m;
	}
	return NULL;
}

struct ledger_message *
ledger_at(struct ledger *l, uint64_t leaf)
{
	size_t low = 0, high = l->messages.n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		struct ledger_message *m = l->messages.items[mid];

		if (m->leaf == leaf)
			return m;
		if (m->leaf < leaf)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

struct ledger_message *
ledger_message(struct ledger *l, size_t i)
{
	return i < l->data.n ? l->data.items[i] : NULL;
}

bool
ledger_is_skipped(const struct ledger *l, uint64_t leaf)
{
	for (size_t i = 0; i < l->n_skipped; i++)
		if (l->skipped[i] == leaf)
			return true;
	return false;
}

enum err
ledger_skip(struct ledger *l, uint64_t leaf)
{
	size_t cap = l->cap_skipped ? 2 * l->cap_skipped : 16;
	uint64_t *more;

	if (l->n_skipped == l->cap_skipped) {
		if ((more = realloc(l->skipped, cap * sizeof(*more))) == NULL)
			return ERR_NOMEM;
		l->skipped = more;
		l->cap_skipped = cap;
	}
	l->skipped[l->n_skipped++] = leaf;
	return OK;
}

struct ledger_party *
ledger_party(struct ledger_message *m, const char *agency)
{
	for (size_t i = 0; i < m->n_to; i++)
		if (strcmp(m->to[i].agency, agency) == 0)
			return &m->to[i];
	return NULL;
}

/* -- putting -- */

enum err
ledger_record(struct ledger *l, const struct leaf *leaf, const struct detail *d, struct ledger_message **ret_message)
{
	struct ledger_message *m = arena_alloc(l->mem, sizeof(*m));

	if (m == NULL || (m->from = name_of(l, d->from)) == NULL)
		return ERR_NOMEM;
	m->id = d->id;
	m->env_hash = d->env_hash;
	m->thread = d->thread;
	m->seq = d->thread_seq;
	m->leaf = leaf->seq;
	m->at_ms = d->at_ms;
	m->is_receipt = leaf->type != LEAF_SUBMIT;
	if (!m->is_receipt) {
		m->n_to = d->n_to;
		if ((m->to = arena_array(l->mem, d->n_to, sizeof(*m->to))) == NULL)
			return ERR_NOMEM;
		for (size_t i = 0; i < d->n_to; i++)
			if ((m->to[i].agency = name_of(l, d->to[i])) == NULL)
				return ERR_NOMEM;
		if (list_add(&l->data, m) != OK)
			return ERR_NOMEM;
	}
	if (list_add(&l->messages, m) != OK)
		return ERR_NOMEM;
	*ret_message = m;
	return lookup_add(&l->by_id, id_hash(&m->id), (uint32_t)l->messages.n - 1);
}

static struct thread *
find_thread(const struct ledger *l, const struct thread_id *id, uint64_t hash)
{
	size_t at = 0;
	uint32_t i;

	while ((i = lookup_next(&l->by_thread, hash, &at)) != LOOKUP_NONE) {
		struct thread *t = l->threads.items[i];

		if (memcmp(t->id.b, id->b, THREAD_LEN) == 0)
			return t;
	}
	return NULL;
}

enum err
ledger_thread(struct ledger *l, const struct detail *d, struct thread **ret_thread)
{
	uint64_t hash = lookup_hash(SPAN(d->thread.b, THREAD_LEN), SPAN_NONE);
	struct thread *t = find_thread(l, &d->thread, hash);

	if (t == NULL) {
		if ((t = arena_alloc(l->mem, sizeof(*t))) == NULL || list_add(&l->threads, t) != OK ||
		    lookup_add(&l->by_thread, hash, (uint32_t)l->threads.n - 1) != OK)
			return ERR_NOMEM;
		t->id = d->thread;
		t->seats[t->n++].agency = name_of(l, d->from);
		for (size_t i = 0; i < d->n_to; i++)
			t->seats[t->n++].agency = name_of(l, d->to[i]);
		for (size_t i = 0; i < t->n; i++)
			if (t->seats[i].agency == NULL)
				return ERR_NOMEM;
	}
	*ret_thread = t;
	return OK;
}

struct seat *
ledger_seat(struct thread *t, const char *agency)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->seats[i].agency, agency) == 0)
			return &t->seats[i];
	return NULL;
}
