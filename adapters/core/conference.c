/* SPDX-License-Identifier: EUPL-1.2 */
/* conference - completing and checking what is said in a conference's thread, and keeping what it changes.
 *
 * Sender and receivers ask the same tables. A receiver judges by the author's view: what that one had seen of the coordinator and of
 * the commitment's owner, which the header's basis says, and which has come here before (arrival.c).
 */
#include "adapters/core/conference.h"

#include <stdio.h>

#include "adapters/core/begin.h"
#include "adapters/core/casework.h"
#include "adapters/core/compose.h"
#include "adapters/core/duty.h"
#include "adapters/core/fill.h"
#include "adapters/core/follow.h"
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

	if (v->h == NULL)
		return UINT64_MAX;
	if (strcmp(agency, v->author) == 0)
		return v->seq - 1;
	for (size_t i = 0; i < v->h->n_basis; i++)
		if (strcmp(v->h->basis[i].agency, agency) == 0)
			return v->h->basis[i].seq;
	return 0;
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

static const char *
version_name(struct adapter *a, const char *id, uint32_t version)
{
	return arena_fmt(a->mem, "%s/%u", id, (unsigned)version);
}

/* Its owner and its coordinator have its clock, unless nothing is to come of it. */
static void
set_clock(struct adapter *a, struct txn *txn, const struct thread *t, const struct promise_row *row)
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
	set_clock(a, txn, t, &row);
	return promise_keep_paper(a, txn, &t->id, PAPER_VERSION, version_name(a, row.id, event.version), record);
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
	set_clock(a, txn, t, &row);
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

/* -- sending -- */

static const char *
by_alias(const struct adapter *a, const char *agency)
{
	const char *known = adapter_config_find(a->p.config->aliases, a->p.config->n_aliases, agency);

	return known ? known : agency;
}

static enum err
complete_members(struct adapter *a, struct conference *c, struct thread *t, struct why *why)
{
	const struct directory *d = contacts_directory(a->p.contacts);
	enum err e = OK;

	for (size_t i = 0; i < c->n_members && e == OK; i++) {
		struct member *m = c->members[i];

		if (m->agency == NULL)
			return why_set(why, ERR_REQUIRED, "conference.members.agency", "which agency");
		m->agency = by_alias(a, m->agency);
		if (strcmp(m->agency, a->p.config->agency) == 0)
			continue;
		if (casebook_party(t, m->agency))
			return why_set(why, ERR_INCONSISTENT, "conference.members", "an agency is named twice");
		if (directory_find(d, m->agency) == NULL)
			return why_set(why, ERR_UNKNOWN_AGENCY, "conference.members.agency", "a member is not in the directory");
		if (!directory_may_send(d, a->p.config->agency, m->agency))
			return why_set(why, ERR_NOT_ALLOWED, "conference.members.agency", "this agency may not send to a member");
		e = casebook_join(t, m->agency);
	}
	if (e != OK)
		return why_set(why, e, "conference.members", "at most %d others", ENVELOPE_TO_MAX);
	return t->n_others > 0 ? OK : why_set(why, ERR_REQUIRED, "conference.members", "who is invited?");
}

/* The case that it is about, where its number is known here: auditors join it with the referral. */
static void
case_of(struct adapter *a, struct txn *txn, const struct record *record, uint8_t case_id[16])
{
	struct thread of;

	if (record->case_id)
		memcpy(case_id, record->case_id, 16);
	else if (record->conference->case_ref && casebook_by_number(txn, record->conference->case_ref, NULL, &of))
		memcpy(case_id, of.case_id, 16);
	else
		core_random(a, case_id, 16);
}

enum err
conference_call(struct adapter *a, struct txn *txn, struct intake_item *item, struct outbound *ret_o)
{
	struct thread t = { .topic = TOPIC_CONFERENCE, .is_initiator = true, .conference = CONFERENCE_CALLED };
	struct record *record = item->record;
	struct conference *c = record->conference;
	struct why *why = &item->why;
	enum err e;

	core_random(a, t.id.b, THREAD_LEN);
	case_of(a, txn, record, t.case_id);
	if (c->called_by == NULL && (c->called_by = record_new(a->mem, "party")) == NULL)
		return ERR_TOOBIG;
	c->called_by->agency = a->p.config->agency;
	if ((e = fill_record(a, record, t.case_id, why)) != OK || (e = complete_members(a, c, &t, why)) != OK ||
	    (e = record_check(record, why)) != OK)
		return e;
	t.priority = terms_priority(c->urgency);
	return begin_open(a, txn, item, &t, c->conference_id, ret_o);
}

/* What our system may leave open: when, and which version. */
static enum err
complete(struct adapter *a, struct txn *txn, const struct thread *t, struct record *record)
{
	struct commitment_update *u = record->commitment_update;
	struct commitment *c = record->commitment;
	const char *id = c ? c->commitment_id : u ? u->commitment_id : NULL;
	struct promise_row row = { .id = "" };
	int64_t stands = 0;

	if (id && promise_find(txn, &t->id, id, &row))
		stands = council_promise_version(&row.said, &promise_all);
	if (c && c->owner_agency)
		c->owner_agency = by_alias(a, c->owner_agency);
	if (c && c->version == NULL && (c->version = record_int(a->mem, stands + 1)) == NULL)
		return ERR_TOOBIG;
	if (u && u->at == NULL)
		u->at = record->created;
	if (u && u->version == NULL && (u->version = record_int(a->mem, stands ? stands : 1)) == NULL)
		return ERR_TOOBIG;
	return OK;
}

enum err
conference_say(struct adapter *a, struct txn *txn, struct thread *t, struct record *record, struct record **ret_first,
	       struct outbound *ret_o, struct why *why)
{
	const struct view v = { NULL, a->p.config->agency, conference_coordinator(a, t), t->my_seq + 1 };
	const char *body = kind_by_code(record->kind)->body;
	enum err e;

	if ((e = record_set(record, a->mem, arena_fmt(a->mem, "%s.conference_id", body), t->referral_id, why)) != OK ||
	    (e = fill_record(a, record, t->case_id, why)) != OK || (e = complete(a, txn, t, record)) != OK ||
	    (e = record_check(record, why)) != OK || (e = judge(a, txn, t, &v, record, why)) != OK ||
	    (e = compose_referral(a, txn, &t->id, ret_first)) != OK || (e = compose_data(a, txn, t, record, ret_o, why)) != OK)
		return e;
	/* written from here on: what follows cannot fail but for memory */
	e = conference_keep(a, txn, t, record, a->p.config->agency, ret_o->thread_seq, &ret_o->first);
	if (e == OK)
		e = follow_seen(a, txn, t, why);
	casebook_put(txn, a->mem, t);
	return e == OK ? OK : ERR_NOMEM;
}

/* -- further up -- */

/* A directory names the coordinator of an oblast under the number 00 that no municipality has: "PDV00". NULL: none, or it is we. */
static const char *
oblast_coordinator(struct adapter *a)
{
	const struct directory *d = contacts_directory(a->p.contacts);
	const struct agency *us = directory_find(d, a->p.config->agency);
	const char *found;

	if (us == NULL || strlen(us->municipality) < 3)
		return NULL;
	found = directory_coordinator(d, arena_fmt(a->mem, "%.3s00", us->municipality));
	return found && strcmp(found, us->id) != 0 ? found : NULL;
}

static bool
find_by_message(struct txn *txn, const struct thread_id *thread, const struct msgid *message, struct promise_row *row)
{
	memset(row, 0, sizeof(*row));
	while (promise_next(txn, thread, row))
		if (msgid_eq(&row->message, message))
			return true;
	return false;
}

enum err
conference_escalate(struct adapter *a, struct txn *txn, const struct duty *d)
{
	struct record *version, *record = record_new(a->mem, "record");
	struct overdue *o = record_new(a->mem, "overdue");
	struct promise_row row;
	struct thread t;
	uint8_t random[8];
	char hex[2 * sizeof(random) + 1];
	uint32_t stands;
	enum err e;

	if (oblast_coordinator(a) == NULL || !casebook_find(txn, &d->thread, &t) || !t.is_initiator ||
	    !find_by_message(txn, &d->thread, &d->about, &row))
		return OK;
	if (record == NULL || o == NULL)
		return ERR_TOOBIG;
	stands = council_promise_version(&row.said, &promise_all);
	e = promise_paper(a, txn, &t.id, PAPER_VERSION, version_name(a, row.id, stands), a->mem, &version);
	if (e != OK || version == NULL)
		return e;
	core_random(a, random, sizeof(random));
	bytes_hex(random, sizeof(random), hex);
	*o = (struct overdue){
		.report_id = arena_fmt(a->mem, "overdue-%s", hex), .conference_id = t.referral_id, .commitment_id = row.id,
		.version = record_int(a->mem, stands), .owner_agency = row.owner, .action_code = version->commitment->action_code,
		.due = version->commitment->due,
		.state = council_promise_code(council_promise_state(&row.said, &promise_all)),
	};
	record->kind = "commitment-overdue";
	record->case_id = arena_copy(a->mem, t.case_id, sizeof(t.case_id));
	record->created = record_int(a->mem, core_now(a));
	record->source = "nasoka";
	record->overdue = o;
	return casework_keep(a, txn, &t, record);
}

enum err
conference_report(struct adapter *a, struct txn *txn, const struct thread *t, struct record *record, struct why *why)
{
	struct intake_item item = { .record = record };
	struct thread report = { .topic = TOPIC_REPORT, .is_initiator = true, .state = STATE_REQUESTED, .priority = t->priority };
	const char *to = oblast_coordinator(a);
	struct outbound o;
	enum err e;

	if (to == NULL)
		return why_set(why, ERR_UNROUTABLE, "to", "the directory names no coordinator of the oblast");
	core_random(a, report.id.b, THREAD_LEN);
	memcpy(report.case_id, t->case_id, sizeof(report.case_id));
	if ((e = casebook_join(&report, to)) != OK || (e = fill_record(a, record, report.case_id, why)) != OK ||
	    (e = record_check(record, why)) != OK)
		return e;
	e = begin_open(a, txn, &item, &report, record->overdue->report_id, &o);
	*why = item.why;
	return e;
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
		e = promise_paper(a, txn, &t->id, PAPER_VERSION, version_name(a, row->id, version), a->mem, &paper);
		if (e != OK)
			return e;
		row->due_ms = paper ? promise_due(paper->commitment->due) : row->due_ms;
	}
	promise_put(txn, a->mem, &t->id, row);
	set_clock(a, txn, t, row);
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
