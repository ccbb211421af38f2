/* SPDX-License-Identifier: EUPL-1.2 */
/* answer - rows of consecutive leaves become runs under one range proof each. */
#include "hub/answer.h"

#define RETRY_FULL_MS UINT64_C(10000)	/* who is back gets all within half a minute */
#define RETRY_FULL_EMERGENCY_MS UINT64_C(5000)	/* the next look at the disk */
#define RETRY_SOON_MS UINT64_C(1000)

void
answer_init(struct hub *hub, struct replies *r, size_t n)
{
	memset(r, 0, sizeof(*r));
	r->refused = arena_array(hub->mem, n, sizeof(*r->refused));
	r->again = arena_array(hub->mem, n, sizeof(*r->again));
}

static uint64_t
retry_after(enum err code, enum priority priority)
{
	if (err_verdict(code) != VERDICT_RETRY)
		return 0;
	if (code != ERR_FULL)
		return RETRY_SOON_MS;
	return priority == PRIORITY_EMERGENCY ? RETRY_FULL_EMERGENCY_MS : RETRY_FULL_MS;
}

void
answer_refuse(struct hub *hub, struct replies *r, const struct envelope *e, enum err code, const struct why *why)
{
	char id[MSGID_TEXT_LEN];

	msgid_format(&e->header.id, id);
	state_log(hub, LOG_SUBMIT_REFUSED, "id=%s from=%s code=%s", id, e->header.from ? e->header.from : "?", err_code(code));
	if (r->refused == NULL)
		return;
	r->refused[r->n_refused++] = (struct refused_item){
		.id = e->header.id, .env_hash = e->hash, .code = code,
		.text = why->text[0] ? arena_fmt(hub->mem, "%s: %s", why->where, why->text) : err_text(code, LANG_EN),
		.retry_after_ms = retry_after(code, e->header.priority),
	};
}

void
answer_again(struct replies *r, const struct answer *a)
{
	if (r->again)
		r->again[r->n_again++] = *a;
}

struct span
answer_checkpoint(const struct hub *hub)
{
	return SPAN(hub->checkpoint, hub->checkpoint_n);
}

bool
answer_growth(struct hub *hub, const struct party *p, struct growth *ret_growth)
{
	struct growth g = { .checkpoint = answer_checkpoint(hub), .since = p->session.shown.size };

	g.path = arena_array(hub->mem, MERKLE_PATH_MAX, sizeof(*g.path));
	if (g.path == NULL || !merkle_consistency(g.since, hub->size, state_node, hub, g.path, &g.n_path))
		return false;
	*ret_growth = g;
	return true;
}

void
answer_shown(struct hub *hub, struct party *p)
{
	struct shown *s = &p->session.shown;

	s->size = hub->size;
	s->n = hub->checkpoint_n;
	memcpy(s->note, hub->checkpoint, s->n);
}

enum err
answer_entry(struct hub *hub, uint64_t leaf, struct journal_entry *ret_entry)
{
	const struct batch *b = hub->done;
	const struct entry *entry;

	if (b == NULL || leaf < b->first || leaf >= b->first + b->n_entries)
		return journal_entry(state_view(hub), leaf, hub->mem, ret_entry);
	entry = &b->entries[leaf - b->first];
	memset(ret_entry, 0, sizeof(*ret_entry));
	memcpy(ret_entry->leaf, entry->leaf, LEAF_LEN);
	memcpy(ret_entry->salt, entry->salt, LEAF_SALT_LEN);
	ret_entry->has_detail = true;
	ret_entry->detail = entry->detail;
	ret_entry->head = entry->head;
	ret_entry->body = entry->body;
	/* the three are one copy of what came: see state_append */
	ret_entry->envelope = SPAN(entry->head.p, entry->head.n + entry->seam.n + entry->body.n);
	return OK;
}

static bool
fill_item(struct hub *hub, const struct answer *a, struct accepted_item *item)
{
	struct journal_entry entry;

	if (answer_entry(hub, a->leaf, &entry) != OK || !entry.has_detail)
		return false;
	item->id = a->id;
	item->leaf = arena_span(hub->mem, SPAN(entry.leaf, LEAF_LEN));
	item->salt = arena_span(hub->mem, SPAN(entry.salt, LEAF_SALT_LEN));
	item->detail = entry.detail;
	return item->salt.p != NULL;
}

/* The answers from a[0] on whose leaves follow each other. */
static size_t
run_of(struct hub *hub, const struct answer *a, size_t n, struct run *run)
{
	size_t len = 1;

	while (len < n && a[len].leaf == a[len - 1].leaf + 1)
		len++;
	run->begin = a[0].leaf;
	run->items = arena_array(hub->mem, len, sizeof(*run->items));
	run->path = arena_array(hub->mem, MERKLE_RANGE_MAX, sizeof(*run->path));
	if (run->items == NULL || run->path == NULL)
		return len;
	for (run->n = 0; run->n < len; run->n++)
		if (!fill_item(hub, &a[run->n], &run->items[run->n]))
			break;
	if (run->n > 0 && !merkle_range(run->begin, run->begin + run->n, hub->size, state_node, hub, run->path, &run->n_path))
		run->n = 0;
	return len;
}

static void
send_accepted(struct hub *hub, struct party *p, const struct answer *a, size_t n)
{
	struct frame f = { .kind = FRAME_ACCEPTED, .epoch = p->session.epoch };

	if (!answer_growth(hub, p, &f.accepted.growth))
		return;
	f.accepted.runs = arena_array(hub->mem, n, sizeof(*f.accepted.runs));
	for (size_t i = 0; f.accepted.runs && i < n; ) {
		struct run *run = &f.accepted.runs[f.accepted.n_runs];

		i += run_of(hub, a + i, n - i, run);
		f.accepted.n_runs += run->n > 0;
	}
	if (f.accepted.n_runs > 0 && state_send(hub, p, &f) == OK)	/* lost or not now: the sender asks again */
		answer_shown(hub, p);
}

static void
count_done(struct party *p, uint32_t bytes)
{
	p->session.done.messages++;
	p->session.done.bytes += bytes;
	state_touch(p, false);
}

void
answer_send(struct hub *hub, struct party *p, const struct replies *r)
{
	struct frame f = { .kind = FRAME_REFUSED, .epoch = p->session.epoch };

	f.refused.items = r->refused;
	f.refused.n = r->n_refused;
	if (r->n_refused > 0)
		(void)state_send(hub, p, &f);
	if (r->n_again > 0)
		send_accepted(hub, p, r->again, r->n_again);
}

static void
send_late_refusal(struct hub *hub, const struct answer *a)
{
	struct refused_item item = {
		.id = a->id, .env_hash = a->hash, .code = a->code, .text = a->text ? a->text : err_text(a->code, LANG_EN),
	};
	struct frame f = { .kind = FRAME_REFUSED, .epoch = a->to->session.epoch, .refused = { &item, 1 } };
	char id[MSGID_TEXT_LEN];

	msgid_format(&a->id, id);
	state_log(hub, LOG_SUBMIT_REFUSED, "id=%s from=%s code=%s", id, a->to->id, err_code(a->code));
	(void)state_send(hub, a->to, &f);
}

void
answer_round(struct hub *hub, const struct round *r)
{
	char id[MSGID_TEXT_LEN];
	size_t n;

	for (size_t i = 0; i < r->n_answers; i += n) {
		const struct answer *a = &r->answers[i];

		for (n = 1; i + n < r->n_answers && n < FRAME_ITEMS_MAX && a[n].to == a->to && a[n].code == a->code; n++)
			;
		for (size_t k = 0; k < n; k++) {
			count_done(a->to, a[k].bytes);
			msgid_format(&a[k].id, id);
			if (a->code == OK)
				state_log(hub, LOG_SUBMIT_ACCEPTED, "id=%s from=%s leaf=%llu", id, a->to->id,
					  (unsigned long long)a[k].leaf);
			else
				send_late_refusal(hub, &a[k]);
		}
		if (a->code == OK && a->to->session.state == SESSION_UP)
			send_accepted(hub, a->to, a, n);
	}
}
