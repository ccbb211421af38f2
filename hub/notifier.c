/* SPDX-License-Identifier: EUPL-1.2 */
/* notifier - collects what is due from the journal's view, makes the envelopes, signs them together, puts them one by one. */
#include "hub/notifier.h"

#include "hub/clocks.h"
#include "hub/delivery.h"
#include "hub/quota.h"
#include "hub/receipt.h"
#include "proto/base/bug.h"

#define STAGES_TOLD 0x7eu	/* of a stage row: what is a stage */
#define SOON_MS 20	/* to the next tick, while there is more to say or no room for it */

struct saying {
	uint64_t leaf;			/* of the submit */
	const char *recipient;
	struct clock_row clock;
	uint16_t stages;		/* before it is said */
	enum notice_fact fact;
	struct envelope env;
	struct span bytes;
};

struct sayings { struct saying *at; size_t n; };

/* A row that cannot be read, or whose message is gone: nothing can be said of it, and operators hear of it once. The walk is in the
 * order of keys, so what was told of is what lies before the last one. */
static void
tell_damaged(struct hub *hub, const struct due_key *due, const char *recipient)
{
	const struct due_key *last = &hub->stuck;

	if (due->at_ms < last->at_ms || (due->at_ms == last->at_ms &&
	    (due->leaf < last->leaf || (due->leaf == last->leaf && due->place <= last->place))))
		return;
	hub->stuck = *due;
	state_log(hub, LOG_NOTICE_STUCK, "leaf=%llu to=%s code=%s", (unsigned long long)due->leaf, recipient, err_code(ERR_CORRUPT));
}

/* All that is due of one message at one recipient, in the order of the moments. False: there is more than fits. */
static bool
collect(struct hub *hub, const struct due_key *due, const char *recipient, struct sayings *list)
{
	const uint64_t leaf = due->leaf;
	uint16_t stages = receipt_stages(hub, leaf, recipient);
	struct moment next;
	struct clock_row c;

	if (!clocks_find(hub, leaf, recipient, stages, &c)) {
		tell_damaged(hub, due, recipient);
		return true;
	}
	for (next = clocks_next(&c, stages); next.at_ms != 0 && next.at_ms <= hub->now_ms; next = clocks_next(&c, stages)) {
		if (list->n == NOTIFIER_STEP)
			return false;
		list->at[list->n++] = (struct saying){
			.leaf = leaf, .recipient = recipient, .clock = c, .stages = stages, .fact = next.fact,
		};
		stages |= STAGES_SAID(next.fact);
	}
	return true;
}

/* What the journal has due by now; the answer is the time to what comes after it. A row that a batch under way has changed is
 * looked at in a later tick.
 */
static int64_t
collect_due(struct hub *hub, struct sayings *list)
{
	struct due_key due = { .lane = DUE_NEXT };
	int64_t next_ms = INT64_MAX;
	struct journal_walk walk;
	struct row_key key;
	struct due_row row;
	bool more;

	more = journal_walk_from(state_view(hub), TABLE_DUE, row_key_due(&due, &key), &walk);
	for (; more && row_due_at(walk.key, &due); more = journal_walk_next(&walk)) {
		if (due.at_ms > hub->now_ms) {
			next_ms = due.at_ms - hub->now_ms;
			break;
		}
		if (state_is_deleted(hub, TABLE_DUE, walk.key))
			continue;
		if (row_decode_due(walk.value, hub->mem, &row) != OK) {
			tell_damaged(hub, &due, "?");
			continue;
		}
		if (!collect(hub, &due, row.to, list) || list->n == NOTIFIER_STEP) {
			next_ms = SOON_MS;
			break;
		}
	}
	journal_walk_end(&walk);
	return next_ms;
}

/* Both agencies, and the coordinator of the sender's municipality; whoever has left the directory cannot be told. */
static void
address(const struct directory *d, const struct saying *s, struct header *h)
{
	const struct agency *from = directory_find(d, s->clock.from);
	const char *coordinator = from ? directory_coordinator(d, from->municipality) : NULL;

	if (from)
		h->to[h->n_to++] = from->id;
	if (directory_find(d, s->recipient))
		h->to[h->n_to++] = s->recipient;
	if (coordinator && strcmp(coordinator, s->clock.from) != 0 && strcmp(coordinator, s->recipient) != 0)
		h->to[h->n_to++] = coordinator;
}

static enum err
make(struct hub *hub, struct saying *s)
{
	const struct notice n = {
		.fact = s->fact, .about = s->clock.id, .env_hash = s->clock.hash, .from = s->clock.from, .to = s->recipient,
		.thread = s->clock.thread, .priority = s->clock.priority, .submitted_ms = s->clock.since_ms,
		.due_ms = clocks_deadline(&s->clock, s->fact), .at_ms = hub->now_ms, .stages = s->stages & STAGES_TOLD, .leaf = s->leaf,
	};
	struct header *h = &s->env.header;
	uint8_t random[10];
	enum err e;

	*h = (struct header){
		.version = ENVELOPE_VERSION, .class = CLASS_NOTICE, .from = AGENCY_HUB, .thread = s->clock.thread,
		.priority = s->clock.priority, .created_ms = hub->now_ms, .in_reply_to = s->clock.id,
		.directory_version = hub_directory(hub)->version, .signing_key = *key_id(hub->notice_key),
	};
	address(hub_directory(hub), s, h);
	hub->doer.random(hub->doer.arg, random, sizeof(random));
	msgid_make(hub->now_ms, random, &h->id);
	if ((e = notice_encode(&n, hub->mem, &s->env.body)) != OK || (e = header_encode(h, hub->mem, &s->env.header_bytes)) != OK)
		return e;
	envelope_hash(s->env.header_bytes, s->env.body, &s->env.hash);
	return OK;
}

/* One signature for all of them. */
static enum err
make_all(struct hub *hub, struct sayings *list)
{
	struct envelope *batch[NOTIFIER_STEP];
	size_t n = 0;
	enum err e;

	for (size_t i = 0; i < list->n; i++) {
		if ((e = make(hub, &list->at[i])) != OK)
			return e;
		if (list->at[i].env.header.n_to > 0)
			batch[n++] = &list->at[i].env;
	}
	if (n > 0 && (e = envelope_sign(batch, n, hub->notice_key, hub->mem)) != OK)
		return e;
	for (size_t i = 0; i < n; i++) {
		struct saying *s = (struct saying *)((char *)batch[i] - offsetof(struct saying, env));

		if ((e = envelope_encode(&s->env, hub->mem, &s->bytes)) != OK)
			return e;
	}
	return OK;
}

/* With nobody left to tell, there is a leaf all the same. */
static enum err
put(struct hub *hub, const struct saying *s)
{
	const struct header *h = &s->env.header;
	struct detail d = {
		.id = h->id, .about = s->clock.id, .env_hash = s->env.hash, .from = AGENCY_HUB, .n_to = h->n_to, .thread = h->thread,
		.at_ms = hub->now_ms, .created_ms = h->created_ms, .text = notice_fact_name(s->fact),
	};
	struct log_item item = {
		.type = LEAF_NOTICE, .retention = RETAIN_MESSAGE, .aux = s->leaf, .detail = &d, .envelope = s->bytes,
		.body_n = s->bytes.n ? s->env.body.n : 0,
	};
	uint64_t leaf;
	enum err e;

	memcpy(d.to, h->to, sizeof(d.to));
	if ((e = state_append(hub, &item, &leaf)) != OK || (e = delivery_put(hub, h, leaf, s->bytes.n, NULL)) != OK)
		return e;
	if (!bug(BUG_NOTICE_TWICE))
		receipt_say(hub, s->leaf, s->recipient, s->fact);
	return OK;
}

static void
say(struct hub *hub, const struct saying *s)
{
	char id[MSGID_TEXT_LEN];
	enum err e = put(hub, s);

	if (e != OK) {
		state_log(hub, LOG_NOTICE_STUCK, "leaf=%llu to=%s code=%s", (unsigned long long)s->leaf, s->recipient, err_code(e));
		return;
	}
	msgid_format(&s->clock.id, id);
	state_log(hub, LOG_NOTICE, "about=%s fact=%s from=%s to=%s leaf=%llu", id, notice_fact_name(s->fact), s->clock.from,
		  s->recipient, (unsigned long long)s->leaf);
}

int64_t
notifier_tick(struct hub *hub)
{
	struct sayings list = { .n = 0 };
	int64_t next_ms;
	enum err e;

	/* a full disk would end the process at the commit: what is due waits for room, as receipts do */
	if (hub_directory(hub) == NULL || quota_is_disk_low(hub, CLASS_RECEIPT, PRIORITY_ROUTINE))
		return INT64_MAX;
	if (!hub_may_take(hub) || !state_has_room(hub))
		return SOON_MS;
	if ((list.at = arena_array(hub->mem, NOTIFIER_STEP, sizeof(*list.at))) == NULL)
		return SOON_MS;
	next_ms = collect_due(hub, &list);
	if (list.n == 0)
		return next_ms;
	if ((e = make_all(hub, &list)) != OK) {
		state_log(hub, LOG_NOTICE_STUCK, "leaf=%llu to=%s code=%s", (unsigned long long)list.at[0].leaf, list.at[0].recipient,
			  err_code(e));
		return INT64_MAX;
	}
	for (size_t i = 0; i < list.n; i++)
		say(hub, &list.at[i]);
	return next_ms;
}
