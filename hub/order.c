/* SPDX-License-Identifier: EUPL-1.2 */
/* order - reads and writes TABLE_THREADS; see PROTOCOL.md 5. */
#include "hub/order.h"

#include "hub/clocks.h"
#include "hub/delivery.h"
#include "hub/receipt.h"
#include "proto/base/bug.h"

static size_t
place_of(const struct thread_row *t, const char *agency)
{
	size_t i = 0;

	while (i < t->n && strcmp(t->at[i].agency, agency) != 0)
		i++;
	return i;
}

static void
begin_thread(const struct header *h, struct thread_row *t)
{
	memset(t, 0, sizeof(*t));
	t->at[t->n++].agency = h->from;
	for (size_t i = 0; i < h->n_to; i++)
		t->at[t->n++].agency = h->to[i];
}

/* Sender and recipients together are exactly the participants; `to` has nobody twice (header_decode). */
static bool
is_same_circle(const struct thread_row *t, const struct header *h)
{
	if (t->n != h->n_to + 1 || place_of(t, h->from) == t->n)
		return false;
	for (size_t i = 0; i < h->n_to; i++)
		if (place_of(t, h->to[i]) == t->n)
			return false;
	return true;
}

static enum err
check_old(struct hub *hub, const struct header *h, struct order *o, struct why *why)
{
	struct row_key key;
	struct span value = state_get(hub, TABLE_IDS, row_key_id(&h->supersedes, h->from, &key));
	const struct id_row *old = &o->old;
	size_t ended = 0;

	if (value.p == NULL)
		return why_set(why, ERR_NOTFOUND, "supersedes", "no such message");
	if (row_decode_id(value, hub->mem, &o->old) != OK)
		return ERR_CORRUPT;
	if (old->class != CLASS_DATA || memcmp(old->thread.b, h->thread.b, THREAD_LEN) != 0 || old->seq != h->seq ||
	    old->n_to != h->n_to)
		return why_set(why, ERR_CONFLICT, "supersedes", "another place");
	for (size_t i = 0; i < h->n_to; i++) {
		if (strcmp(old->to[i], h->to[i]) != 0)
			return why_set(why, ERR_CONFLICT, "supersedes", "other recipients");
		o->stages[i] = receipt_stages(hub, old->leaf, h->to[i]);
		/* who has it, or has refused it, says so once more, and owes nothing by any clock */
		if (o->stages[i] & STAGES_END) {
			o->clocks[i] = (struct clock_row){ .since_ms = hub->now_ms };
			ended++;
		} else if (!clocks_find(hub, old->leaf, h->to[i], o->stages[i], &o->clocks[i])) {
			return ERR_CORRUPT;
		}
	}
	if (ended == h->n_to)
		return why_set(why, ERR_CONFLICT, "supersedes", "has ended");
	o->supersedes = true;
	return OK;
}

/* Nobody has seen what is not here: after an older store was restored it may come again, and this after it. */
static enum err
check_basis(const struct thread_row *t, const struct header *h, struct why *why)
{
	for (size_t i = 0; i < h->n_basis; i++)
		if (h->basis[i].seq > t->at[place_of(t, h->basis[i].agency)].seq)
			return why_set(why, ERR_ORDER, "basis", "beyond what that party has sent");
	return OK;
}

enum err
order_check(struct hub *hub, const struct header *h, struct order *ret_order, struct why *why)
{
	struct thread_row *t = &ret_order->thread;
	struct row_key key;
	struct span value = state_get(hub, TABLE_THREADS, row_key_thread(&h->thread, &key));
	uint64_t next;
	enum err e;

	memset(ret_order, 0, sizeof(*ret_order));
	if (value.p == NULL)
		begin_thread(h, t);
	else if (row_decode_thread(value, hub->mem, t) != OK)
		return ERR_CORRUPT;
	if (!is_same_circle(t, h))
		return why_set(why, ERR_UNKNOWN_THREAD, "to", "not exactly the participants");
	ret_order->from = place_of(t, h->from);
	if ((e = check_basis(t, h, why)) != OK)
		return e;
	if (!msgid_is_zero(&h->supersedes))
		return check_old(hub, h, ret_order, why);
	next = t->at[ret_order->from].seq + 1;
	if (h->seq != next && !(bug(BUG_ORDER_BROKEN) && h->seq > next))
		return why_set(why, h->seq > next ? ERR_ORDER : ERR_STALE, "seq", "the next one is %llu", (unsigned long long)next);
	t->at[ret_order->from].seq = next;
	return OK;
}

enum err
order_end_old(struct hub *hub, const struct envelope *e, struct order *o)
{
	struct detail d = {
		.id = e->header.id, .about = e->header.supersedes, .env_hash = o->old.hash, .from = e->header.from,
		.thread = e->header.thread, .thread_seq = e->header.seq, .at_ms = hub->now_ms, .created_ms = e->header.created_ms,
	};
	struct log_item item = {
		.type = LEAF_SUPERSEDED, .retention = RETAIN_MESSAGE, .aux = o->old.leaf, .detail = &d,
	};
	uint64_t leaf;
	enum err err;

	for (size_t i = 0; i < o->old.n_to; i++)
		if (!(o->stages[i] & STAGES_END))
			d.to[d.n_to++] = o->old.to[i];
	if ((err = state_append(hub, &item, &leaf)) != OK)
		return err;
	for (size_t i = 0; i < o->old.n_to; i++) {
		if (o->stages[i] & STAGES_END)
			continue;
		receipt_end(hub, o->old.leaf, o->old.to[i]);
		if ((err = delivery_drop(hub, o->old.to[i], o->old.leaf, &o->thread)) != OK)
			return err;
	}
	return OK;
}

void
order_put(struct hub *hub, const struct header *h, const struct order *o)
{
	struct row_key key;

	state_put(hub, TABLE_THREADS, row_key_thread(&h->thread, &key), row_thread(&o->thread, hub->mem));
}
