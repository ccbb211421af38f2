/* SPDX-License-Identifier: EUPL-1.2 */
/* catalogue - rows are read one by one in one read transaction; a record is opened only when the sector asks for it. */
#include "adapters/core/catalogue.h"

#include <stdio.h>

#include "adapters/core/compose.h"
#include "adapters/core/gather.h"
#include "adapters/core/register.h"
#include "adapters/core/storage.h"

struct catalogue_at {
	struct adapter *a;
	struct txn *txn;
	struct arena *mem;		/* of what is opened */
	bool is_out;			/* through with the inbox */
	uint64_t place;			/* the row of the last one: cursor or seq */
	/* the last one */
	struct thread t;
	struct inbound in;
	struct outbound o;
	char msg_id[MSGID_TEXT_LEN], referral[MSGID_TEXT_LEN], thread[2 * THREAD_LEN + 1];
	char version[CATALOGUE_VERSION_LEN], position[24];
};

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* What our system knows the referral by, for ever. */
static void
name_referral(struct catalogue_at *at)
{
	struct msgid first = at->t.referral;
	struct outbound o;
	struct inbound in;

	if (at->t.is_initiator && outbox_get(at->txn, at->t.place, &o))
		first = o.first;
	else if (!at->t.is_initiator && inbox_get(at->txn, at->t.place, &in))
		first = in.first;
	msgid_format(&first, at->referral);
}

static void
fill_progress(struct catalogue_at *at, struct progress *p)
{
	const struct thread *t = &at->t;

	name_referral(at);
	bytes_hex(t->id.b, THREAD_LEN, at->thread);
	*p = (struct progress){
		.msg_id = at->referral,
		.thread = at->thread,
		.state = lifecycle_state_code(t->state),
		.other_agency = t->n_others ? t->others[0].agency : "",
		.external_no = t->external_no[0] ? t->external_no : NULL,
		.case_no = t->case_no[0] ? t->case_no : NULL,
		.referral_no = t->referral_id,
		.is_initiator = t->is_initiator,
		.queued_ms = t->queued_ms,
		.stored_ms = t->stored_ms,
		.delivered_ms = t->delivered_ms,
		.registered_ms = t->registered_ms,
		.seen_ms = t->seen_ms,
		.refused_ms = t->refused_ms,
		.refused = t->refused,
	};
}

/* Every change of what is shown changes one of these. */
static void
fill_referral(struct catalogue_at *at, struct subject *s)
{
	const struct thread *t = &at->t;
	const int64_t times[] = { t->queued_ms, t->stored_ms, t->delivered_ms, t->registered_ms, t->seen_ms, t->refused_ms };
	uint64_t taken = 0;
	unsigned n = 0;

	for (size_t i = 0; i < t->n_others; i++)
		taken += t->others[i].taken;
	s->msg_id = s->p.msg_id;
	s->changed_ms = t->changed_ms;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		n += times[i] != 0;
		s->changed_ms = later(s->changed_ms, times[i]);
	}
	snprintf(at->version, sizeof(at->version), "%llx-%llu-%llu-%u", (unsigned long long)s->changed_ms, (unsigned long long)t->my_seq,
		 (unsigned long long)taken, n + (t->case_no[0] != '\0') + (t->external_no[0] != '\0'));
}

/* What counts for a client is whether the other side has it under a number; that a person saw it too takes nothing from that. */
static const char *
stage_of(const struct outbound *o)
{
	if (o->refused_ms == 0 && o->registered_ms != 0)
		return envelope_stage_name(STAGE_REGISTERED);
	return o->stored_ms != 0 || o->refused_ms != 0 ? envelope_stage_name(o->stage) : NULL;
}

static void
fill(struct catalogue_at *at, struct subject *s)
{
	*s = (struct subject){ .version = at->version, .position = at->position, .is_ours = at->is_out };
	fill_progress(at, &s->p);
	s->from = at->is_out ? at->a->p.config->agency : at->in.from;
	s->cursor = at->is_out ? 0 : at->place;
	s->is_referral = at->t.topic == TOPIC_REFERRAL && at->t.place == at->place && at->t.is_initiator == at->is_out;
	snprintf(at->position, sizeof(at->position), "%c%llu", at->is_out ? 'o' : 'i', (unsigned long long)at->place);
	if (s->is_referral) {
		fill_referral(at, s);
		return;
	}
	msgid_format(at->is_out ? &at->o.first : &at->in.first, at->msg_id);
	s->msg_id = at->msg_id;
	s->stage = at->is_out ? stage_of(&at->o) : NULL;
	s->changed_ms = at->is_out ? later(later(at->o.queued_ms, at->o.stored_ms), later(at->o.registered_ms, at->o.refused_ms)) :
		later(at->in.at_ms, at->in.registered_ms);
	snprintf(at->version, sizeof(at->version), "1-%d", at->is_out ? (int)at->o.stage : (int)at->in.state);
}

/* -- through all -- */

static bool
next_in(struct catalogue_at *at, struct subject *s)
{
	while (inbox_next(at->txn, at->place, &at->in)) {
		at->place = at->in.cursor;
		if (at->in.is_stage || filebook_is_hidden(at->txn, at->in.cursor) || !casebook_find(at->txn, &at->in.thread, &at->t) ||
		    at->t.hold == HOLD_PREVIEW)
			continue;
		fill(at, s);
		return true;
	}
	return false;
}

/* The next row of the outbox past at->place. */
static bool
step_out(struct catalogue_at *at)
{
	struct key8 key = storage_key(at->place + 1);
	struct walk w;
	bool found = walk_from(at->txn, TABLE_OUTBOX, SPAN(key.b, sizeof(key.b)), &w) && w.key.n == sizeof(key.b);

	if (found)
		at->place = storage_number(w.key);
	walk_end(&w);
	return found;
}

static bool
next_out(struct catalogue_at *at, struct subject *s)
{
	while (step_out(at)) {
		if (!outbox_get(at->txn, at->place, &at->o) || at->o.class != CLASS_DATA ||
		    !casebook_find(at->txn, &at->o.thread, &at->t) || !at->t.is_initiator || at->t.place != at->place)
			continue;
		fill(at, s);
		return true;
	}
	return false;
}

static bool
next(void *arg, struct subject *s)
{
	struct catalogue_at *at = arg;

	if (!at->is_out && next_in(at, s))
		return true;
	if (!at->is_out) {
		at->is_out = true;
		at->place = 0;
	}
	return next_out(at, s);
}

/* -- what it says -- */

static enum err
open_row(struct catalogue_at *at, const char *table, struct span key, struct span closed, struct record **ret_record)
{
	struct record *record = NULL;
	enum err e;

	if (closed.p == NULL)
		return ERR_GONE;
	if ((e = compose_open(at->a, table, key, arena_span(at->mem, closed), at->mem, &record)) == OK)
		*ret_record = record;
	return e;
}

static enum err
open_message(struct catalogue_at *at, bool is_ours, uint64_t place, struct record **ret_record)
{
	struct key8 key = storage_key(place);
	struct inbound in;
	struct outbound o;

	if (is_ours && outbox_get(at->txn, place, &o))
		return open_row(at, "outrecord", SPAN(o.first.b, MSGID_LEN), txn_get(at->txn, TABLE_OUTRECORD, SPAN(key.b, sizeof(key.b))),
				ret_record);
	if (!is_ours && inbox_get(at->txn, place, &in))
		return open_row(at, "inrecord", SPAN(in.first.b, MSGID_LEN), inbox_record(at->txn, place), ret_record);
	return ERR_GONE;
}

static enum err
open_here(struct catalogue_at *at, struct subject *s)
{
	const struct thread *t = &at->t;
	struct span key = SPAN(t->id.b, THREAD_LEN);
	struct file_bytes bytes;
	struct record *record = NULL;
	enum err e = open_row(at, "referral", key, txn_get(at->txn, TABLE_REFERRAL, key), &record);

	s->p.referral = record;
	if (e != OK || (s->is_referral && t->step == 0))
		return e;
	record = NULL;
	if (s->is_referral)
		e = open_message(at, t->is_step_ours, t->step, &record);
	else if ((e = open_message(at, at->is_out, at->place, &record)) == OK && !at->is_out)
		(void)gather_show(at->txn, &at->in, record, &bytes);
	s->record = record;
	return e == ERR_GONE && s->is_referral ? OK : e;	/* it stands without its last step */
}

/* One after the other in the event's memory: a search opens more than fits. */
static enum err
open_one(void *arg, struct subject *s)
{
	struct catalogue_at *at = arg;

	arena_reset(at->mem);
	return open_here(at, s);
}

/* -- one -- */

static enum err
find(struct catalogue_at *at, const char *id, struct subject *s, struct why *why)
{
	struct msgid msg;

	if (id == NULL || !register_find_thread(at->txn, id, &at->t))
		return why_set(why, ERR_UNKNOWN_REFERRAL, "id", "no referral here has this number");
	if (at->t.hold == HOLD_PREVIEW)
		return why_set(why, ERR_HELD, "id", "open it first: /v1/previews");
	at->is_out = at->t.is_initiator;
	at->place = at->t.place;
	if (msgid_parse(id, &msg) == OK && outbox_find(at->txn, &msg, &at->o)) {
		at->is_out = true;
		at->place = at->o.seq;
	} else if (msgid_parse(id, &msg) == OK && inbox_by_id(at->txn, &msg, &at->in)) {
		at->is_out = false;
		at->place = at->in.cursor;
	} else if (!at->is_out && !inbox_get(at->txn, at->place, &at->in)) {
		return ERR_CORRUPT;
	}
	fill(at, s);
	return OK;
}

enum err
catalogue_search(struct adapter *a, const struct native *request, struct arena *mem, struct native *ret_answer, struct why *why)
{
	struct catalogue_at at = { .a = a, .mem = a->mem };
	const struct catalogue all = { .arg = &at, .next = next, .open = open_one };
	enum err e;

	arena_reset(a->mem);
	at.txn = store_read(a->p.store);
	e = a->p.sector->search(&all, request, &a->env, mem, ret_answer, why);
	txn_abort(at.txn);
	arena_reset(a->mem);
	return e;
}

enum err
catalogue_show(struct adapter *a, const char *id, const struct native *request, struct arena *mem, struct native *ret_answer,
	    struct why *why)
{
	struct catalogue_at at = { .a = a, .mem = mem, .txn = store_read(a->p.store) };
	struct subject s;
	enum err e = find(&at, id, &s, why);

	if (e == OK && (e = open_here(&at, &s)) == ERR_GONE)
		e = why_set(why, e, "id", "its content was destroyed");
	if (e == OK)
		e = a->p.sector->show(&s, request, &a->env, mem, ret_answer, why);
	txn_abort(at.txn);
	return e;
}

/* -- what is supposed -- */

/* "W/"3-2-4-1"", "*" or several: is the version among them? */
static bool
is_version(const char *said, const char *version)
{
	size_t n = strlen(version);

	for (const char *p = said; *p != '\0'; p++) {
		if (*p == '*')
			return true;
		if (*p == '"' && strncmp(p + 1, version, n) == 0 && p[n + 1] == '"')
			return true;
	}
	return false;
}

static enum err
suppose_none(struct adapter *a, const struct native *in, struct arena *mem, struct native *ret_answer, struct why *why)
{
	const char *path = arena_strn(mem, in->path, strcspn(in->path, "?"));
	struct native asked = *in;
	enum err e;

	asked.bytes = SPAN_NONE;
	asked.path = arena_fmt(mem, "%s?%s", path ? path : "", in->head->if_none_exist);
	if (asked.path == NULL)
		return ERR_TOOBIG;
	e = catalogue_search(a, &asked, mem, ret_answer, why);
	if (e == ERR_NOTFOUND) {
		*ret_answer = (struct native){ .status = 0 };
		*why = (struct why){ 0 };
		e = OK;
	}
	return e;
}

enum err
catalogue_suppose(struct adapter *a, const char *id, struct native *in, struct arena *mem, struct native *ret_answer, struct why *why)
{
	struct catalogue_at *at;
	struct subject *s;
	enum err e;

	*ret_answer = (struct native){ .status = 0 };
	if (in->head == NULL || a->p.sector->search == NULL)
		return OK;
	if (id == NULL)
		return in->head->if_none_exist ? suppose_none(a, in, mem, ret_answer, why) : OK;
	/* what `in` points to afterwards lives as long as the request */
	at = arena_alloc(mem, sizeof(*at));
	s = arena_alloc(mem, sizeof(*s));
	if (at == NULL || s == NULL)
		return ERR_TOOBIG;
	*at = (struct catalogue_at){ .a = a, .mem = mem, .txn = store_read(a->p.store) };
	if ((e = find(at, id, s, NULL)) == OK && (e = open_here(at, s)) == OK)
		in->current = s;
	txn_abort(at->txn);
	if (err_is_fatal(e))
		return e;
	if (in->head->if_match && (in->current == NULL || !is_version(in->head->if_match, s->version)))
		return why_set(why, ERR_PRECONDITION, "If-Match", "it stands in another version now");
	return OK;
}

/* -- what was made of it -- */

enum err
catalogue_answer(struct adapter *a, const struct native *in, struct arena *mem, struct native *answer)
{
	struct native asked = *in, view = { 0 };
	const char *last = answer->shown ? strrchr(answer->shown, '/') : NULL;
	enum err e;

	if (last == NULL || a->p.sector->show == NULL)
		return OK;
	asked.path = answer->shown;
	if ((e = catalogue_show(a, last + 1, &asked, mem, &view, NULL)) != OK)
		return err_is_fatal(e) ? e : OK;	/* it was taken: its own words do */
	answer->bytes = view.bytes;
	answer->media_type = view.media_type;
	answer->etag = view.etag;
	answer->modified_ms = view.modified_ms;
	return OK;
}
