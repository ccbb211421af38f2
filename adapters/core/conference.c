/* SPDX-License-Identifier: EUPL-1.2 */
/* conference - checking what is said in a conference's thread, and keeping what it changes.
 *
 * Sender and receivers ask the same tables. A receiver judges by the author's view: what that one had seen of the coordinator and of
 * the commitment's owner, which the header's basis says, and which has come here before (arrival.c).
 */
#include "adapters/core/conference.h"

#include <stdio.h>

#include "adapters/core/compose.h"
#include "adapters/core/duty.h"
#include "adapters/core/promise.h"
#include "adapters/core/storage.h"
#include "adapters/core/terms.h"
#include "proto/base/clock.h"

/* What the author of a message had seen when it wrote it. */
struct view {
	const struct header *h;		/* NULL: it is ours, and it is all that is here */
	const char *author, *coordinator;
	uint64_t seq;			/* of the message itself */
};

const char *
conference_coordinator(const struct adapter *a, const struct thread *t)
{
	return t->is_initiator ? a->p.config->agency : t->others[0].agency;
}

static bool
is_member(const struct adapter *a, const struct thread *t, const char *agency)
{
	struct thread copy = *t;

	return strcmp(agency, a->p.config->agency) == 0 || casebook_party(&copy, agency) != NULL;
}

/* The last seq of `agency` that the author had seen. */
static uint64_t
seen(const void *arg, const char *agency)
{
	const struct view *v = arg;

	return v->h ? header_seen(v->h, agency) : UINT64_MAX;
}

static enum conference_state
state_seen(const struct thread *t, uint64_t coordinator)
{
	if (t->ended_seq != 0 && t->ended_seq <= coordinator)
		return t->conference;
	return t->decided_seq != 0 && t->decided_seq <= coordinator ? CONFERENCE_DECIDED : CONFERENCE_CALLED;
}

/* -- judging: the same for both sides -- */

static enum err
check_decision(const struct adapter *a, const struct thread *t, const struct decision *d, struct why *why)
{
	if (d->lead_agency && !is_member(a, t, d->lead_agency))
		return why_set(why, ERR_INCONSISTENT, "decision.lead_agency", "not a member of the conference");
	for (size_t i = 0; i < d->n_dissent; i++)
		if (!is_member(a, t, d->dissent[i]->agency))
			return why_set(why, ERR_INCONSISTENT, "decision.dissent.agency", "not a member of the conference");
	return OK;
}

static enum err
check_promise(struct adapter *a, struct txn *txn, const struct thread *t, const struct view *v, const struct record *record,
	      struct why *why)
{
	const struct commitment *c = record->commitment;
	const char *id = c ? c->commitment_id : record->commitment_update->commitment_id;
	struct promise_author author = { .seq = v->seq };
	struct promise_event event;
	struct promise_view view;
	struct promise_row row;
	bool is_known = promise_find(txn, &t->id, id, &row) && row.said.n > 0;
	const char *owner = is_known ? row.owner : c ? c->owner_agency : "";
	enum err e;

	if (!is_known && c == NULL)
		return why_set(why, ERR_NOTFOUND, "commitment_update.commitment_id", "no such commitment in this conference");
	if (c && !is_member(a, t, c->owner_agency))
		return why_set(why, ERR_INCONSISTENT, "commitment.owner_agency", "not a member of the conference");
	if (c && strcmp(owner, c->owner_agency) != 0)
		return why_set(why, ERR_INCONSISTENT, "commitment.owner_agency", "what another owes is another commitment");
	if (!is_known && promise_count(txn, &t->id) == PROMISES_MAX)
		return why_set(why, ERR_TOOMANY, "commitment.commitment_id", "at most %d in a conference", PROMISES_MAX);
	author.is_coordinator = strcmp(v->author, v->coordinator) == 0;
	author.is_owner = strcmp(v->author, owner) == 0;
	view = (struct promise_view){ seen(v, v->coordinator), seen(v, owner) };
	if ((e = council_promise_check(&row.said, &view, record, &author, &event, why)) != OK)
		return e;
	return council_promise_add(&row.said, &event) == OK ? OK :
	    why_set(why, ERR_TOOMANY, "commitment_update.state", "it has changed too often");
}

static enum err
judge(struct adapter *a, struct txn *txn, const struct thread *t, const struct view *v, const struct record *record, struct why *why)
{
	bool is_coordinator = strcmp(v->author, v->coordinator) == 0;
	uint64_t of_coordinator = seen(v, v->coordinator);
	enum conference_state now = state_seen(t, of_coordinator), to;
	enum err e;

	e = council_step(now, record, is_coordinator ? SEAT_COORDINATOR : SEAT_MEMBER,
			 record->decision == NULL || promise_are_ended(txn, &t->id, of_coordinator, seen, v), &to, why);
	if (e == OK && record->decision)
		e = check_decision(a, t, record->decision, why);
	if (e == OK && (record->commitment || record->commitment_update))
		e = check_promise(a, txn, t, v, record, why);
	return e;
}

enum err
conference_judge(struct adapter *a, struct txn *txn, const struct header *h, const struct record *record, const struct thread *t,
		 struct why *why)
{
	const struct view v = { h, h->from, conference_coordinator(a, t), h->seq };

	return judge(a, txn, t, &v, record, why);
}

enum err
conference_judge_own(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *record, struct why *why)
{
	const struct view v = { NULL, a->p.config->agency, conference_coordinator(a, t), t->my_seq + 1 };

	return judge(a, txn, t, &v, record, why);
}

/* The members of an invitation are its sender and exactly those that it went to. */
static enum err
check_members(const struct conference *c, const struct header *h, struct why *why)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_members; i++) {
		const char *agency = c->members[i]->agency;
		size_t at = 0;

		for (size_t k = 0; k < i; k++)
			if (strcmp(c->members[k]->agency, agency) == 0)
				return why_set(why, ERR_INCONSISTENT, "conference.members", "an agency is named twice");
		if (strcmp(agency, h->from) == 0)
			continue;
		while (at < h->n_to && strcmp(h->to[at], agency) != 0)
			at++;
		if (at == h->n_to)
			return why_set(why, ERR_INCONSISTENT, "conference.members", "one that the invitation did not go to");
		n++;
	}
	return n == h->n_to ? OK : why_set(why, ERR_INCONSISTENT, "to", "somebody who is no member");
}

enum err
conference_judge_call(struct adapter *a, const struct header *h, const struct conference *c, struct thread *t, struct why *why)
{
	enum err e;

	if (c->called_by->agency == NULL || strcmp(c->called_by->agency, h->from) != 0)
		return why_set(why, ERR_INCONSISTENT, "conference.called_by.agency", "is not the sender");
	if ((e = check_members(c, h, why)) != OK || (e = casebook_join(t, h->from)) != OK)
		return e;
	for (size_t i = 0; i < h->n_to && e == OK; i++)
		if (strcmp(h->to[i], a->p.config->agency) != 0)
			e = casebook_join(t, h->to[i]);
	t->conference = CONFERENCE_CALLED;
	return e;
}

/* -- keeping -- */

void
conference_set_clock(struct adapter *a, struct txn *txn, const struct thread *t, const struct promise_row *row)
{
	const char *us = a->p.config->agency, *coordinator = conference_coordinator(a, t);
	int64_t now = core_now(a);
	struct duty d = {
		.about = row->message, .thread = t->id, .priority = t->priority, .created_ms = now, .promised_ms = row->due_ms,
	};

	if (!council_promise_is_open(council_promise_state(&row->said, &promise_all))) {
		duty_kept(txn, a->mem, &t->id, &row->message, row->owner, now);
		return;
	}
	if (strcmp(us, row->owner) != 0 && !t->is_initiator)
		return;
	snprintf(d.from, sizeof(d.from), "%s", coordinator);
	snprintf(d.to, sizeof(d.to), "%s", row->owner);
	if (t->is_initiator)
		d.escalate_ms = calendar_add_working(&a->calendar, row->due_ms, PROMISE_ESCALATE_DAYS);
	duty_promised(txn, a->mem, &d, now);
}

static enum err
keep_version(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *record, uint64_t seq,
	     const struct msgid *first)
{
	const struct commitment *c = record->commitment;
	const struct promise_event event = council_promise_event(record, seq);
	struct promise_row row;

	if (promise_find(txn, &t->id, c->commitment_id, &row))
		duty_kept(txn, a->mem, &t->id, &row.message, row.owner, core_now(a));
	snprintf(row.id, sizeof(row.id), "%s", c->commitment_id);
	snprintf(row.owner, sizeof(row.owner), "%s", c->owner_agency);
	row.message = *first;
	row.due_ms = promise_due(c->due);
	row.since_ms = core_now(a);
	row.asked_due[0] = '\0';
	if (council_promise_add(&row.said, &event) != OK)
		return ERR_TOOMANY;
	promise_put(txn, a->mem, &t->id, &row);
	conference_set_clock(a, txn, t, &row);
	return promise_keep_paper(a, txn, &t->id, PAPER_VERSION, promise_version_name(a->mem, row.id, event.version), record);
}

static enum err
keep_update(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *record, uint64_t seq)
{
	const struct commitment_update *u = record->commitment_update;
	const struct promise_event event = council_promise_event(record, seq);
	struct promise_row row;

	if (!promise_find(txn, &t->id, u->commitment_id, &row) || council_promise_add(&row.said, &event) != OK)
		return ERR_CORRUPT;
	row.since_ms = core_now(a);
	if (event.version == council_promise_version(&row.said, &promise_all))
		snprintf(row.asked_due, sizeof(row.asked_due), "%s", u->new_due ? u->new_due : "");
	promise_put(txn, a->mem, &t->id, &row);
	conference_set_clock(a, txn, t, &row);
	return promise_keep_paper(a, txn, &t->id, PAPER_UPDATE, row.id, record);
}

enum err
conference_keep(struct adapter *a, struct txn *txn, struct thread *t, const struct record *record, const char *from, uint64_t seq,
		const struct msgid *first)
{
	const struct decision *d = record->decision;

	if (record->commitment)
		return keep_version(a, txn, t, record, seq, first);
	if (record->commitment_update)
		return keep_update(a, txn, t, record, seq);
	if (record->rsvp)
		return promise_keep_paper(a, txn, &t->id, PAPER_ANSWER, from, record);
	if (d == NULL)
		return OK;
	if (strcmp(d->result, "decided") == 0) {
		t->conference = CONFERENCE_DECIDED;
		t->decided_seq = t->decided_seq ? t->decided_seq : seq;
	} else {
		t->conference = strcmp(d->result, "closed") == 0 ? CONFERENCE_CLOSED : CONFERENCE_CANCELLED;
		t->ended_seq = seq;
	}
	return promise_keep_paper(a, txn, &t->id, PAPER_DECISION, d->result, record);
}

/* -- the hub refused it -- */

/* What of the row we did not say from `seq` on; its date is that of the version that stands then. */
static enum err
recall_row(struct adapter *a, struct txn *txn, const struct thread *t, struct promise_row *row, uint64_t seq)
{
	bool is_ours_too = strcmp(row->owner, a->p.config->agency) == 0;
	struct promise left = { .n = 0 };
	struct record *paper;
	uint32_t version;
	enum err e;

	for (size_t i = 0; i < row->said.n; i++) {
		const struct promise_event *event = &row->said.events[i];
		bool is_ours = event->is_owners ? is_ours_too : t->is_initiator;

		if (!is_ours || event->seq < seq)
			left.events[left.n++] = *event;
	}
	if (left.n == row->said.n)
		return OK;
	row->said = left;
	if ((version = council_promise_version(&left, &promise_all)) != 0) {
		e = promise_paper(a, txn, &t->id, PAPER_VERSION, promise_version_name(a->mem, row->id, version), a->mem, &paper);
		if (e != OK)
			return e;
		row->due_ms = paper ? promise_due(paper->commitment->due) : row->due_ms;
	}
	promise_put(txn, a->mem, &t->id, row);
	conference_set_clock(a, txn, t, row);
	return txn_error(txn);
}

enum err
conference_recall(struct adapter *a, struct txn *txn, struct thread *t, uint64_t seq)
{
	struct promise_row row = { .id = "" };
	enum err e = OK;

	if (seq <= 1)
		casebook_cancel(t);
	if (t->is_initiator && seq > 1) {
		t->decided_seq = t->decided_seq >= seq ? 0 : t->decided_seq;
		t->ended_seq = t->ended_seq >= seq ? 0 : t->ended_seq;
		t->conference = t->ended_seq ? t->conference : t->decided_seq ? CONFERENCE_DECIDED : CONFERENCE_CALLED;
	}
	while (e == OK && promise_next(txn, &t->id, &row))
		e = recall_row(a, txn, t, &row, seq);
	return e;
}
