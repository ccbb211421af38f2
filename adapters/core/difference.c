/* SPDX-License-Identifier: EUPL-1.2 */
/* difference - one row against outbox, inbox and what was refused. */
#include "adapters/core/difference.h"

#include <stdio.h>

#include "adapters/core/reseal.h"
#include "adapters/core/storage.h"

#define DIFFERENCE_VERSION 1
#define AT(stage) (1u << (stage))

const char *
difference_name(enum difference_kind kind)
{
	static const char *const names[] = {
		"none", "undelivered", "unregistered", "unconfirmed", "unknown-there", "unknown-here", "untold-here", "untold-there",
	};

	return kind < N_DIFFERENCES ? names[kind] : "?";
}

bool
difference_is_wrong(enum difference_kind kind)
{
	return kind >= DIFFERENCE_UNKNOWN_THERE;
}

bool
difference_is_late(const struct difference *d, int64_t now_ms)
{
	return d->due_ms != 0 && d->due_ms < now_ms;
}

bool
difference_is_superseded(const struct standing *s)
{
	for (size_t i = 0; i < s->n_to; i++)
		if (s->stages[i] & DIFFERENCE_SUPERSEDED)
			return true;
	return false;
}

static enum difference_kind
of_ours(struct txn *txn, const struct standing *s, const char *recipient, unsigned bits)
{
	const struct outbound_to *to;
	struct outbound o;

	if (!outbox_find(txn, &s->id, &o))	/* a lost disk may have taken the ids that it had before */
		return difference_is_superseded(s) ? DIFFERENCE_NONE : DIFFERENCE_UNKNOWN_HERE;
	if (o.class != CLASS_DATA)
		return DIFFERENCE_UNKNOWN_HERE;
	if (!msgid_eq(&o.id, &s->id))
		return DIFFERENCE_NONE;		/* sealed again since: the new one has a row of its own */
	if (!hash_eq(&o.hash, &s->env_hash) || (to = outbox_to(&o, recipient)) == NULL)
		return DIFFERENCE_UNKNOWN_HERE;
	if (((bits & AT(STAGE_REGISTERED)) && to->registered_ms == 0) || ((bits & AT(STAGE_REFUSED)) && to->refused_ms == 0))
		return DIFFERENCE_UNTOLD_HERE;
	if (bits & DIFFERENCE_ENDED)
		return DIFFERENCE_NONE;
	return bits & AT(STAGE_DELIVERED) ? DIFFERENCE_UNREGISTERED : DIFFERENCE_UNDELIVERED;
}

static enum difference_kind
of_theirs(struct txn *txn, const struct standing *s, unsigned bits)
{
	struct inbound in;
	uint64_t cursor;
	struct hash had;

	if (!inbox_seen(txn, s->from, &s->id, &cursor, &had)) {
		if (bits & DIFFERENCE_ENDED)	/* what ended long ago may have been forgotten, or was never for us to see */
			return bits & AT(STAGE_REGISTERED) ? DIFFERENCE_UNKNOWN_HERE : DIFFERENCE_NONE;
		return bits & AT(STAGE_DELIVERED) ? DIFFERENCE_UNKNOWN_HERE : DIFFERENCE_UNDELIVERED;
	}
	if (bits & DIFFERENCE_ENDED)
		return DIFFERENCE_NONE;
	if (cursor == 0 && ((bits & AT(STAGE_RESEAL)) || reseal_is_asked(txn, &s->thread, s->from, s->seq)))
		return DIFFERENCE_UNDELIVERED;		/* asked for under a newer key */
	if (cursor == 0 || !inbox_get(txn, cursor, &in))
		return DIFFERENCE_UNTOLD_THERE;		/* refused here */
	if (in.state == INBOUND_REGISTERED || in.state == INBOUND_REFUSED)
		return DIFFERENCE_UNTOLD_THERE;
	return in.state == INBOUND_WITHDRAWN ? DIFFERENCE_NONE : DIFFERENCE_UNCONFIRMED;
}

void
difference_of(struct adapter *a, struct txn *txn, const struct standing *s, size_t place, struct difference *ret_d)
{
	bool is_ours = strcmp(s->from, a->p.config->agency) == 0;

	*ret_d = (struct difference){
		.id = s->id, .is_ours = is_ours, .submitted_ms = s->submitted_ms, .due_ms = s->registered_by_ms,
	};
	snprintf(ret_d->other, sizeof(ret_d->other), "%s", is_ours ? s->to[place] : s->from);
	ret_d->kind = is_ours ? of_ours(txn, s, s->to[place], s->stages[place]) : of_theirs(txn, s, s->stages[place]);
	/* a stage is on its way to the one side or the other: no matter while anything is */
	if (ret_d->kind == DIFFERENCE_UNTOLD_THERE && outbox_count_pending(txn) > 0)
		ret_d->kind = DIFFERENCE_NONE;
}

/* -- the list -- */

void
difference_clear(struct txn *txn)
{
	struct walk w;

	for (bool more = walk_from(txn, TABLE_DIFFERENCES, SPAN_NONE, &w); more; more = walk_next(&w))
		txn_del(txn, TABLE_DIFFERENCES, w.key);
	walk_end(&w);
}

void
difference_put(struct txn *txn, struct arena *mem, uint64_t n, const struct difference *d)
{
	struct key8 key = storage_key(n);
	struct buf b;

	buf_init(&b, mem);
	buf_u8(&b, DIFFERENCE_VERSION);
	buf_u8(&b, (uint8_t)d->kind);
	buf_add(&b, d->id.b, MSGID_LEN);
	buf_u8(&b, d->is_ours);
	buf_var(&b, span_str(d->other));
	buf_u64(&b, (uint64_t)d->submitted_ms);
	buf_u64(&b, (uint64_t)d->due_ms);
	txn_put(txn, TABLE_DIFFERENCES, SPAN(key.b, 8), buf_bytes(&b));
}

bool
difference_get(struct txn *txn, uint64_t n, struct difference *ret_d)
{
	struct key8 key = storage_key(n);
	struct span row = txn_get(txn, TABLE_DIFFERENCES, SPAN(key.b, 8));
	struct cursor c;

	if (row.p == NULL)
		return false;
	memset(ret_d, 0, sizeof(*ret_d));
	cursor_init(&c, row);
	if (cursor_u8(&c) != DIFFERENCE_VERSION)
		return false;
	ret_d->kind = (enum difference_kind)cursor_u8(&c);
	cursor_copy(&c, ret_d->id.b, MSGID_LEN);
	ret_d->is_ours = cursor_u8(&c) != 0;
	storage_text(&c, ret_d->other, sizeof(ret_d->other));
	ret_d->submitted_ms = (int64_t)cursor_u64(&c);
	ret_d->due_ms = (int64_t)cursor_u64(&c);
	return cursor_end(&c) == OK && ret_d->kind < N_DIFFERENCES;
}
