/* SPDX-License-Identifier: EUPL-1.2 */
/* conference_view - one read transaction, so all is of one moment. Called by adapter.c and verbs.c. */
#include "adapters/core/conference_view.h"

#include <jansson.h>

#include "adapters/core/compose.h"
#include "adapters/core/conference.h"
#include "adapters/core/promise.h"
#include "adapters/core/storage.h"
#include "adapters/core/view_json.h"

struct seen_from { struct adapter *a; struct txn *txn; struct arena *mem; const struct thread *t; };

static bool
is_overdue(const struct promise_row *row, int64_t now_ms)
{
	return row->due_ms <= now_ms && council_promise_is_open(council_promise_state(&row->said, &promise_all));
}

/* -- members -- */

static enum err
member_of(const struct seen_from *f, const struct member *m, json_t **ret_json)
{
	struct record *paper;
	enum err e = promise_paper(f->a, f->txn, &f->t->id, PAPER_ANSWER, m->agency, f->mem, &paper);
	json_t *one, *delegate;

	if (e != OK)
		return e;
	one = json_pack("{s:s, s:s, s:s?}", "agency", m->agency, "role", m->role, "answer", paper ? paper->rsvp->answer : NULL);
	view_json_text(one, "name", m->name);
	if (paper) {
		view_json_text(one, "reason", paper->rsvp->reason);
		view_json_time(one, "at", *paper->created);
	}
	if (paper && paper->rsvp->delegate) {
		delegate = json_object();
		view_json_text(delegate, "name", paper->rsvp->delegate->name);
		view_json_text(delegate, "role", paper->rsvp->delegate->role);
		json_object_set_new(one, "delegate", delegate);
	}
	*ret_json = one;
	return OK;
}

static enum err
put_members(const struct seen_from *f, const struct conference *c, json_t *to)
{
	json_t *list = json_array(), *one;
	enum err e = OK;

	json_object_set_new(to, "members", list);
	for (size_t i = 0; i < c->n_members && e == OK; i++)
		if ((e = member_of(f, c->members[i], &one)) == OK)
			json_array_append_new(list, one);
	return e;
}

/* -- the decision -- */

static enum err
put_decision(const struct seen_from *f, const char *result, const char *name, json_t *to)
{
	struct record *paper;
	enum err e = promise_paper(f->a, f->txn, &f->t->id, PAPER_DECISION, result, f->mem, &paper);
	json_t *one, *dissent;

	if (e != OK || paper == NULL)
		return e;
	one = json_pack("{s:s}", "text", paper->decision->text);
	view_json_text(one, "lead_agency", paper->decision->lead_agency);
	view_json_text(one, "next_review", paper->decision->next_review);
	view_json_time(one, "at", *paper->created);
	dissent = json_array();
	for (size_t i = 0; i < paper->decision->n_dissent; i++)
		json_array_append_new(dissent, json_pack("{s:s, s:s}", "agency", paper->decision->dissent[i]->agency, "text",
							 paper->decision->dissent[i]->text));
	json_object_set_new(one, "dissent", dissent);
	json_object_set_new(to, name, one);
	return OK;
}

/* -- commitments -- */

/* What an operator may see of it: no word. */
static json_t *
row_of(const struct promise_row *row, int64_t now_ms)
{
	json_t *one = json_pack("{s:s, s:i, s:s, s:s?, s:b}", "commitment_id", row->id, "version",
				(int)council_promise_version(&row->said, &promise_all), "owner_agency", row->owner, "state",
				council_promise_code(council_promise_state(&row->said, &promise_all)), "overdue",
				is_overdue(row, now_ms));

	view_json_time(one, "due_at", row->due_ms);
	view_json_time(one, "since", row->since_ms);
	view_json_text(one, "asked_due", row->asked_due);
	return one;
}

static enum err
put_words(const struct seen_from *f, const struct promise_row *row, json_t *to)
{
	const char *name = promise_version_name(f->mem, row->id, council_promise_version(&row->said, &promise_all));
	struct record *version, *update;
	enum err e;

	if (name == NULL)
		return ERR_TOOBIG;
	if ((e = promise_paper(f->a, f->txn, &f->t->id, PAPER_VERSION, name, f->mem, &version)) != OK ||
	    (e = promise_paper(f->a, f->txn, &f->t->id, PAPER_UPDATE, row->id, f->mem, &update)) != OK)
		return e;
	if (version) {
		view_json_text(to, "action_code", version->commitment->action_code);
		view_json_text(to, "text", version->commitment->text);
		view_json_text(to, "measurable_result", version->commitment->measurable_result);
		view_json_text(to, "due", version->commitment->due);
	}
	if (update) {
		view_json_text(to, "progress_text", update->commitment_update->progress_text);
		view_json_text(to, "reason", update->commitment_update->reason);
		view_json_text(to, "blocked_by", update->commitment_update->blocked_by);
	}
	return OK;
}

static enum err
put_promises(const struct seen_from *f, bool has_words, json_t *to)
{
	struct promise_row row = { .id = "" };
	json_t *list = json_array(), *one;
	enum err e = OK;

	json_object_set_new(to, "commitments", list);
	while (e == OK && promise_next(f->txn, &f->t->id, &row)) {
		if (row.said.n == 0)
			continue;	/* the hub would not have it */
		one = row_of(&row, core_now(f->a));
		json_array_append_new(list, one);
		if (has_words)
			e = put_words(f, &row, one);
	}
	return e;
}

/* -- whole -- */

static json_t *
head_of(const struct seen_from *f)
{
	char hex[2 * THREAD_LEN + 1];

	bytes_hex(f->t->id.b, THREAD_LEN, hex);
	return json_pack("{s:s, s:s, s:s?, s:s, s:b}", "conference_id", f->t->referral_id, "thread", hex, "state", casebook_state(f->t),
			 "coordinator", conference_coordinator(f->a, f->t), "is_coordinator", f->t->is_initiator);
}

static enum err
whole_of(const struct seen_from *f, json_t *to)
{
	const struct conference *c;
	struct record *invite;
	enum err e;

	if ((e = compose_referral(f->a, f->txn, &f->t->id, &invite)) != OK)
		return e;
	c = invite->conference;
	view_json_text(to, "mechanism", c->mechanism);
	view_json_text(to, "urgency", c->urgency);
	view_json_time(to, "start", *c->start);
	view_json_time(to, "end", c->end ? *c->end : 0);
	view_json_text(to, "place_or_link", c->place_or_link);
	if ((e = put_members(f, c, to)) != OK || (e = put_decision(f, "decided", "decision", to)) != OK ||
	    (e = put_decision(f, "closed", "closing", to)) != OK || (e = put_decision(f, "cancelled", "cancellation", to)) != OK)
		return e;
	return put_promises(f, true, to);
}

enum err
conference_view_answer(struct adapter *a, const char *id, struct arena *mem, struct native *ret_answer, struct why *why)
{
	struct txn *txn = store_read(a->p.store);
	struct thread t;
	const struct seen_from f = { a, txn, mem, &t };
	json_t *all = NULL;
	enum err e;

	if (!casebook_by_number(txn, id, NULL, &t) || t.topic != TOPIC_CONFERENCE) {
		e = why_set(why, ERR_UNKNOWN_REFERRAL, "id", "no conference here has this number");
	} else {
		all = head_of(&f);
		e = whole_of(&f, all);
	}
	txn_abort(txn);
	if (e == OK)
		return view_json_answer(all, 200, mem, ret_answer);
	json_decref(all);
	return e;
}

/* -- for operators -- */

static json_t *
summary_of(const struct seen_from *f)
{
	json_t *one = head_of(f), *members = json_array();
	struct record *paper = NULL;
	enum err e = OK;

	for (size_t i = 0; i < f->t->n_others && e == OK; i++)
		if ((e = promise_paper(f->a, f->txn, &f->t->id, PAPER_ANSWER, f->t->others[i].agency, f->mem, &paper)) == OK)
			json_array_append_new(members, json_pack("{s:s, s:s}", "agency", f->t->others[i].agency, "answer",
								 paper ? paper->rsvp->answer : "-"));
	json_object_set_new(one, "members", members);
	if (e == OK)
		e = put_promises(f, false, one);
	if (e == OK)
		return one;
	json_decref(one);
	return NULL;
}

json_t *
conference_view_rows(struct adapter *a, const char *id)
{
	struct txn *txn = store_read(a->p.store);
	struct arena *mem = arena_new(EVENT_ARENA);
	json_t *list = json_array(), *one;
	struct thread t;
	const struct seen_from f = { a, txn, mem, &t };
	struct walk w;

	if (mem && id && casebook_by_number(txn, id, NULL, &t) && t.topic == TOPIC_CONFERENCE) {
		if ((one = summary_of(&f)) != NULL)
			json_array_append_new(list, one);
	} else if (mem && id == NULL) {
		for (bool on = walk_from(txn, TABLE_THREAD, SPAN_NONE, &w); on && json_array_size(list) < CONFERENCES_MAX; on = walk_next(&w)) {
			struct thread_id thread;

			memcpy(thread.b, w.key.p, THREAD_LEN);
			if (casebook_find(txn, &thread, &t) && t.topic == TOPIC_CONFERENCE)
				json_array_append_new(list, head_of(&f));
		}
		walk_end(&w);
	}
	txn_abort(txn);
	arena_free(mem);
	return list;
}
