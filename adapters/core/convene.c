/* SPDX-License-Identifier: EUPL-1.2 */
/* convene - completed by configuration, casebook and what stands; checked by conference.c as its receivers will; sealed to all. */
#include "adapters/core/convene.h"

#include "adapters/core/begin.h"
#include "adapters/core/compose.h"
#include "adapters/core/conference.h"
#include "adapters/core/fill.h"
#include "adapters/core/follow.h"
#include "adapters/core/gather.h"
#include "adapters/core/halt.h"
#include "adapters/core/promise.h"
#include "adapters/core/scope.h"
#include "adapters/core/terms.h"
#include "adapters/core/whole.h"

static const char *
by_alias(const struct adapter *a, const char *agency)
{
	const char *known = adapter_config_find(a->p.config->aliases, a->p.config->n_aliases, agency);

	return known ? known : agency;
}

/* Each member's words go to all of them: where the directory does not allow that, its answer could never be sent. */
static enum err
check_pairs(const struct directory *d, const struct conference *c, struct why *why)
{
	for (size_t i = 0; i < c->n_members; i++)
		for (size_t k = 0; k < c->n_members; k++)
			if (i != k && !directory_may_send(d, c->members[i]->agency, c->members[k]->agency))
				return why_set(why, ERR_NOT_ALLOWED, "conference.members.agency", "%s may not send to %s",
					       c->members[i]->agency, c->members[k]->agency);
	return OK;
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
	if (t->n_others == 0)
		return why_set(why, ERR_REQUIRED, "conference.members", "who is invited?");
	return check_pairs(d, c, why);
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
convene_call(struct adapter *a, struct txn *txn, struct intake_item *item, struct outbound *ret_o)
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
	    (e = record_check(record, why)) != OK || (e = scope_call(a, txn, &t, record, why)) != OK)
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
	if (record->consent_change && record->consent_change->at == NULL)
		record->consent_change->at = record->created;
	if (record->consent_answer && record->consent_answer->at == NULL)
		record->consent_answer->at = record->created;
	if (u && u->version == NULL && (u->version = record_int(a->mem, stands ? stands : 1)) == NULL)
		return ERR_TOOBIG;
	return OK;
}

enum err
convene_say(struct adapter *a, struct txn *txn, struct thread *t, struct record *record, struct record **ret_first,
	       struct outbound *ret_o, struct why *why)
{
	const struct number_of number = { .thread = &t->id, .from = a->p.config->agency, .is_ours = true, .file = record->attachment };
	const char *body = kind_by_code(record->kind)->body;
	enum err e;

	if ((e = record_set(record, a->mem, arena_fmt(a->mem, "%s.conference_id", body), t->referral_id, why)) != OK ||
	    (e = fill_record(a, record, t->case_id, why)) != OK || (e = complete(a, txn, t, record)) != OK ||
	    (e = record_check(record, why)) != OK || (e = whole_check(record->attachment, why)) != OK ||
	    (e = gather_check_number(a, txn, &number, ret_o, why)) != OK ||
	    (e = conference_judge_own(a, txn, t, record, why)) != OK || (e = scope_answer(txn, t, record, why)) != OK ||
	    (e = scope_change(a, txn, t, record->consent_change, why)) != OK || (e = scope_follow(a, txn, t, record, why)) != OK ||
	    (e = compose_referral(a, txn, &t->id, ret_first)) != OK || (e = halt_say(a, txn, t, record, ret_o, why)) != OK)
		return e;
	/* written from here on: what follows cannot fail but for memory */
	gather_note_number(txn, &number, ret_o->seq);
	e = conference_keep(a, txn, t, record, a->p.config->agency, ret_o->thread_seq, &ret_o->first);
	if (e == OK && record->consent_change)
		e = scope_changed(a, txn, t, record->consent_change);
	if (e == OK)
		e = follow_seen(a, txn, t, why);
	if (kind_is_shredded(record))
		t->hold = HOLD_SHREDDED;
	casebook_put(txn, a->mem, t);
	return e == OK ? OK : ERR_NOMEM;
}
