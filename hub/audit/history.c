/* SPDX-License-Identifier: EUPL-1.2 */
/* history - walks a source from its first leaf, so that each event finds the message that it is about. */
#include "hub/audit/history.h"

#include "proto/base/clock.h"

#define ENTRY_ARENA ((size_t)16 << 20)
#define TOLD_ARENA ((size_t)1 << 36)

struct history {
	struct source *source;
	struct ledger *ledger;
	const struct key *auditor;
	const struct history_filter *filter;
	struct arena *mem;		/* of one entry */
	struct arena *told;		/* of all messages */
};

static const char *
keep(struct arena *mem, const char *s)
{
	return arena_str(mem, s);
}

/* The capsule's texts live with the entry: what is kept is copied. */
static void
keep_capsule(struct arena *mem, const struct capsule *c, struct capsule *to)
{
	*to = (struct capsule){
		.kind = keep(mem, c->kind), .state_from = keep(mem, c->state_from), .state_to = keep(mem, c->state_to),
		.transition = keep(mem, c->transition), .reason_code = keep(mem, c->reason_code),
		.service_kind = keep(mem, c->service_kind), .legal_basis = keep(mem, c->legal_basis),
		.outcome = keep(mem, c->outcome), .municipality = keep(mem, c->municipality),
	};
	memcpy(to->case_id, c->case_id, sizeof(to->case_id));
}

static struct history_told *
ask_capsule(struct history *h, const struct source_entry *entry)
{
	struct history_told *told = arena_alloc(h->told, sizeof(*told));
	struct opened_share share;
	struct envelope env;
	struct capsule capsule;
	struct why why;

	if (told == NULL || entry->envelope.n == 0 || envelope_decode(entry->envelope, h->mem, &env, &why) != OK)
		return told;
	told->share = SHARE_UNREADABLE;		/* not one of its auditors, or a box that does not open */
	if (seal_audit(&env.header, h->auditor, h->mem, &capsule, &share, &why) == OK) {
		told->share = share.is_as_named ? SHARE_GOOD : SHARE_FALSE;
		keep_capsule(h->told, &capsule, &told->capsule);
	}
	return told;
}

static bool
is_party(const struct history_row *row, const char *agency)
{
	const struct detail *d = &row->detail;

	if (d->from && strcmp(d->from, agency) == 0)
		return true;
	for (size_t i = 0; i < d->n_to; i++)
		if (strcmp(d->to[i], agency) == 0)
			return true;
	return false;
}

static bool
is_code(const char *have, const char *want)
{
	return want == NULL || (have && strcmp(have, want) == 0);
}

static bool
passes(const struct history_filter *f, const struct history_row *row)
{
	const struct detail *d = &row->detail;
	int64_t at = row->is_erased ? (int64_t)row->leaf.seconds * CLOCK_SECOND : d->at_ms;

	if ((f->from_ms && at < f->from_ms) || (f->to_ms && at >= f->to_ms))
		return false;
	if (row->message == NULL && (!f->all || f->thread || f->id || f->kind || f->state))
		return false;
	if (f->thread && memcmp(f->thread->b, row->message->thread.b, THREAD_LEN) != 0)
		return false;
	if (f->id && !msgid_eq(f->id, &row->message->id) && !msgid_eq(f->id, &d->id))
		return false;
	if (f->agency && !is_party(row, f->agency))
		return false;
	if (f->kind || f->state)
		return row->told && is_code(row->told->capsule.kind, f->kind) && is_code(row->told->capsule.state_to, f->state);
	return true;
}

static enum err
make_row(struct history *h, const struct source_entry *entry, struct history_row *row)
{
	struct ledger_event event;
	struct why why;
	enum err e;

	row->latency_ms = -1;
	if ((e = leaf_decode(SPAN(entry->leaf, LEAF_LEN), &row->leaf)) != OK)
		return e;
	if (!entry->has_detail) {
		row->is_erased = true;
		return ledger_skip(h->ledger, row->leaf.seq);
	}
	if ((e = detail_decode(entry->detail, h->mem, &row->detail)) != OK)
		return e;
	e = ledger_take(h->ledger, &row->leaf, &row->detail, &event, &why);
	if (e != OK && e != ERR_TAMPERED)
		return e;
	row->is_odd = e != OK;
	row->message = event.message;
	row->party = event.party;
	if (event.message == NULL)
		return OK;
	if (row->leaf.type == LEAF_SUBMIT && h->auditor)
		event.message->tag = ask_capsule(h, entry);
	row->told = event.message->tag;
	if (row->leaf.type != LEAF_SUBMIT)
		row->latency_ms = row->detail.at_ms - event.message->at_ms;
	return OK;
}

static enum err
walk(struct history *h, enum err (*each)(void *arg, const struct history_row *row), void *arg, struct why *why)
{
	struct source_entry entry;
	struct place where;
	enum err e = OK;

	for (uint64_t i = 0; i < h->source->size && e == OK; i++) {
		struct history_row row = { .message = NULL };

		arena_reset(h->mem);
		e = h->source->ops->entry(h->source, i, h->mem, &entry, &where);
		if (e == OK)
			e = make_row(h, &entry, &row);
		if (e != OK)
			return why_set(why, e, where.name, "leaf %llu cannot be read: run verify", (unsigned long long)i);
		if (passes(h->filter, &row))
			e = each(arg, &row);
	}
	return e;
}

enum err
history_run(struct source *s, const struct key *auditor, const struct history_filter *filter,
	    enum err (*each)(void *arg, const struct history_row *row), void *arg, struct why *why)
{
	struct history h = { .source = s, .auditor = auditor, .filter = filter };
	enum err e = ERR_NOMEM;

	h.ledger = ledger_new();
	h.mem = arena_new(ENTRY_ARENA);
	h.told = arena_new(TOLD_ARENA);
	if (h.ledger && h.mem && h.told)
		e = walk(&h, each, arg, why);
	arena_free(h.told);
	arena_free(h.mem);
	ledger_free(h.ledger);
	return e;
}
