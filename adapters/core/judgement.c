/* SPDX-License-Identifier: EUPL-1.2 */
/* judgement - what begins a thread, and what goes on in one (PROTOCOL.md, "Receiving"; lifecycle.def, kind.def). */
#include "adapters/core/judgement.h"

#include <stdio.h>

#include "adapters/core/compose.h"
#include "adapters/core/conference.h"
#include "adapters/core/gather.h"
#include "adapters/core/preview.h"
#include "adapters/core/rebuild.h"
#include "adapters/core/rival.h"
#include "adapters/core/scope.h"
#include "adapters/core/sequence.h"
#include "adapters/core/steps.h"
#include "proto/kind.h"

/* -- what begins a thread -- */

static enum err
check_parties(struct adapter *a, const struct header *h, const struct party *initiator, const struct party *target, struct why *why)
{
	if (h->n_to != 1)
		return why_set(why, ERR_TOOMANY, "to", "what begins this thread has one recipient");
	if (initiator->agency == NULL || strcmp(initiator->agency, h->from) != 0)
		return why_set(why, ERR_INCONSISTENT, "initiator.agency", "is not the sender");
	if (target->agency == NULL || strcmp(target->agency, a->p.config->agency) != 0)
		return why_set(why, ERR_INCONSISTENT, "target.agency", "is not this agency");
	return OK;
}

/* The programme's rules, as they stood in the directory that its sender named. */
static enum err
check_rules(struct adapter *a, const struct header *h, const struct referral *r, struct why *why)
{
	const struct directory *d = contacts_version(a->p.contacts, h->directory_version);
	const struct agency *from = directory_find(d ? d : contacts_directory(a->p.contacts), h->from);
	const struct agency *to = directory_find(d ? d : contacts_directory(a->p.contacts), a->p.config->agency);

	return d && from && to ? rules_judge(&d->rules, from->kind, r->service_kind, to->kind, why) : OK;
}

/* What begins a thread: a referral, an offer to take a child over, an invitation to a conference. */
static enum err
judge_beginning(struct adapter *a, struct txn *txn, const struct envelope *env, const struct record *record, struct thread *t,
		struct why *why)
{
	const struct header *h = &env->header;
	enum err e = OK;

	if (h->seq != 1)
		return why_set(why, ERR_INCONSISTENT, "seq", "it begins its thread");
	if (record->referral)
		e = check_parties(a, h, record->referral->initiator, record->referral->target, why);
	else if (record->transfer)
		e = check_parties(a, h, record->transfer->initiator, record->transfer->target, why);
	else if (record->overdue && h->n_to != 1)
		e = why_set(why, ERR_TOOMANY, "to", "a report has one recipient");
	if (e != OK)
		return e;
	if (record->referral && (e = check_rules(a, h, record->referral, why)) != OK)
		return e;
	if (casebook_is_used(txn, kind_reference(record), h->from))
		return why_set(why, ERR_DUPLICATE, arena_fmt(a->mem, "%s.%s", kind_by_code(record->kind)->body, kind_reference_field(record)),
			       "its sender has used it in another thread");
	memset(t, 0, sizeof(*t));
	t->id = h->thread;
	t->topic = kind_topic(record);
	casebook_begin(t, STATE_REQUESTED);
	t->priority = h->priority;
	t->referral = h->id;
	t->queued_ms = h->created_ms;
	snprintf(t->referral_id, sizeof(t->referral_id), "%s", kind_reference(record));
	memcpy(t->case_id, record->case_id, sizeof(t->case_id));
	return record->conference ? conference_judge_call(a, h, record->conference, t, why) : casebook_join(t, h->from);
}

/* -- what goes on in one -- */

/* What the other side says it has seen of us: our referral at least, nothing that we never sent, no less than it said before. */
static enum err
check_basis(const struct thread *t, const struct thread_party *party, uint64_t seen, struct why *why)
{
	if (seen > t->my_seq)
		return why_set(why, ERR_INCONSISTENT, "basis", "beyond what was sent to it");
	if (seen < party->basis || (t->is_initiator && seen == 0))
		return why_set(why, ERR_INCONSISTENT, "basis", "less than it has seen");
	return OK;
}

/* Its step, if the record takes one. Where both acted at once (`is_behind`: it had not seen our last, and that has moved the thread),
 * the two states are resolved alike on both sides. */
static enum err
judge_step(const struct header *h, const struct record *record, bool is_behind, struct thread *t, struct why *why)
{
	enum actor actor = t->is_initiator ? ACTOR_RECIPIENT : ACTOR_INITIATOR;
	struct thread_step step;
	struct status status;
	enum err e;

	if (!kind_step(record, &status))
		e = kind_check(record, actor, is_behind || kind_is_open(t->topic, t->state), why);
	else
		e = steps_check(t, is_behind ? lifecycle_state_by_code(status.from) : t->state, actor, &status, why);
	if (e != OK)
		return e;
	steps_note(t, record);
	if (steps_of(record, &h->id, &step)) {
		step.is_beside = is_behind;
		casebook_step(t, &step);
	}
	if (t->is_initiator && status.case_no && strlen(status.case_no) < sizeof(t->external_no))
		snprintf(t->external_no, sizeof(t->external_no), "%s", status.case_no);
	return OK;
}

/* What the other side says in a thread that has begun. */
static enum err
judge_follower(struct adapter *a, struct txn *txn, const struct envelope *env, const struct record *record, struct thread *t,
	       struct why *why)
{
	uint64_t seen = header_seen(&env->header, a->p.config->agency);
	struct thread_party *party;
	struct thread past;
	enum err e;

	if ((e = sequence_check_circle(a, t, &env->header, why)) != OK)
		return e;
	party = casebook_party(t, env->header.from);
	if (kind_topic(record) != t->topic || memcmp(record->case_id, t->case_id, sizeof(t->case_id)) != 0 ||
	    strcmp(kind_reference(record), t->referral_id) != 0)
		return why_set(why, ERR_INCONSISTENT, "referral_id", "belongs to another thread");
	if ((e = preview_check_heard(t, record, why)) != OK || (e = scope_heard(t, record, why)) != OK)
		return e;
	if (env->header.seq <= party->known) {	/* from before our disk was lost: the state that we got back holds it already */
		if (t->topic == TOPIC_CONFERENCE)
			return conference_judge(a, txn, &env->header, record, t, why);
		past = *t;
		return judge_step(&env->header, record, true, &past, why);
	}
	if ((e = check_basis(t, party, seen, why)) != OK)
		return e;
	e = t->topic == TOPIC_CONFERENCE ? conference_judge(a, txn, &env->header, record, t, why) :
	    judge_step(&env->header, record, seen < t->my_seq, t, why);
	if (e == OK)
		e = rival_check_acceptance(a, txn, t, record, why);
	if (e != OK)
		return e;
	party->basis = seen;
	return OK;
}

/* The referral of a thread that another gave back to us, which our system has not had: it changes nothing but its place. */
static bool
is_given_back(struct thread *t, const struct header *h, const struct record *record)
{
	const struct thread_party *party = casebook_party(t, h->from);

	return kind_by_code(record->kind)->begins && h->seq == 1 && !t->is_initiator && party && h->seq <= party->known &&
	       kind_topic(record) == t->topic && strcmp(t->referral_id, kind_reference(record)) == 0;
}

enum err
judgement_pass(struct adapter *a, struct txn *txn, const struct envelope *env, const struct record *record, struct thread *ret_thread,
	       struct why *why)
{
	bool is_known = casebook_find(txn, &env->header.thread, ret_thread);
	enum err e;

	if (!is_known && rebuild_holds(txn, &env->header, record))
		return why_set(why, ERR_RESEAL, "thread", "was lost with the disk, and is asked for");
	if ((e = sequence_check(a, txn, &env->header, why)) != OK)
		return e;
	if (arena_left(a->mem) < WRITE_ROOM)
		return why_set(why, ERR_TOOBIG, "record", "too many parts");
	if (is_known && is_given_back(ret_thread, &env->header, record))
		return OK;
	if (kind_by_code(record->kind)->begins)
		return is_known ? why_set(why, ERR_INCONSISTENT, "thread", "has begun already") :
		    judge_beginning(a, txn, env, record, ret_thread, why);
	if (!is_known)
		return why_set(why, ERR_UNKNOWN_THREAD, "thread", "its referral never came here");
	e = judge_follower(a, txn, env, record, ret_thread, why);
	return e == OK ? gather_judge(a, txn, &env->header, record, why) : e;
}
