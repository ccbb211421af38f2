/* SPDX-License-Identifier: EUPL-1.2 */
/* follow - completed by the thread's state, checked by the tables of proto, sealed to the thread's parties. */
#include "adapters/core/follow.h"

#include "adapters/core/closing.h"
#include "adapters/core/compose.h"
#include "adapters/core/convene.h"
#include "adapters/core/duty.h"
#include "adapters/core/fill.h"
#include "adapters/core/gather.h"
#include "adapters/core/halt.h"
#include "adapters/core/preview.h"
#include "adapters/core/questions.h"
#include "adapters/core/rebuild.h"
#include "adapters/core/register.h"
#include "adapters/core/rival.h"
#include "adapters/core/scope.h"
#include "adapters/core/steps.h"
#include "adapters/core/terms.h"
#include "adapters/core/upkeep.h"
#include "adapters/core/whole.h"
#include "proto/base/clock.h"
#include "proto/kind.h"

/* The transition of a status that its format did not name. */
static enum err
infer_transition(struct thread *t, enum actor actor, struct status *s, struct why *why)
{
	const char *transition;
	enum err e = lifecycle_infer(t->state, actor, s, &transition, why);

	/* a native "cancel" is a wish once somebody has opened the referral */
	if (e != OK && s->to && strcmp(s->to, "cancelled") == 0 && t->is_initiator) {
		s->to = "cancel-requested";
		e = lifecycle_infer(t->state, actor, s, &transition, why);
	}
	if (e == OK)
		s->transition = transition;
	return e;
}

/* Who accepts what has expired offers it: its initiator, who may have gone elsewhere meanwhile, decides. */
static void
offer_late(const struct thread *t, struct status *s)
{
	if (!t->is_initiator && t->state == STATE_EXPIRED && s->transition == NULL && s->to && strcmp(s->to, "accepted") == 0)
		s->to = "late-offered";
}

static enum err
complete_status(struct adapter *a, struct thread *t, enum actor actor, struct record *record, struct why *why)
{
	struct status *s = record->status;
	enum err e;

	if (s->from == NULL)
		s->from = lifecycle_state_code(t->state);
	if (s->at == NULL)
		s->at = record->created;
	if (s->case_no == NULL && t->case_no[0] != '\0')
		s->case_no = arena_str(a->mem, t->case_no);
	offer_late(t, s);
	if (s->transition == NULL && (e = infer_transition(t, actor, s, why)) != OK)
		return e;
	if ((e = upkeep_complete(a, record, why)) != OK || (e = steps_check(t, t->state, actor, s, why)) != OK)
		return e;
	return record_check(record, why);
}

/* One without a step ends nothing: only a request that stands can be refused (the referral goes on), and nobody shall believe that the rest ended
 * anything. */
static enum err
check_cancels(const struct thread *t, enum actor actor, const struct cancellation *c, struct why *why)
{
	bool is_refusal = strcmp(c->type, "cancel-refused") == 0;

	if (is_refusal && actor == ACTOR_RECIPIENT && t->state == STATE_CANCEL_REQUESTED)
		return OK;
	if (actor == (is_refusal || strcmp(c->type, "cancel-confirm") == 0 ? ACTOR_INITIATOR : ACTOR_RECIPIENT))
		return why_set(why, ERR_BAD_ACTOR, "cancellation.type", "%s comes from the other side of the referral", c->type);
	return why_set(why, ERR_BAD_TRANSITION, "cancellation.type", "%s: the referral is %s", c->type, lifecycle_state_code(t->state));
}

/* A record of another kind, whole before anything in it is looked at; and the step that it takes here and now, if any. */
static enum err
complete_step(struct adapter *a, const struct thread *t, enum actor actor, struct record *record, struct why *why)
{
	const char *transition = kind_transition(record, t->state, actor);
	struct status step;
	enum err e;

	record->step = NULL;	/* nobody says it but we */
	if ((e = record_check(record, why)) != OK || (e = whole_check(record->attachment, why)) != OK ||
	    (e = kind_check(record, actor, kind_is_open(t->topic, t->state), why)) != OK)
		return e;
	if (transition == NULL)
		return record->cancellation ? check_cancels(t, actor, record->cancellation, why) : OK;
	if ((record->step = record_new(a->mem, "life_step")) == NULL)
		return ERR_TOOBIG;
	record->step->from = lifecycle_state_code(t->state);
	record->step->to = lifecycle_state_code(lifecycle_target(transition, t->state));
	record->step->transition = transition;
	kind_step(record, &step);
	return steps_check(t, t->state, actor, &step, why);
}

/* What goes on in a thread: the initiator's number, the step, and when. */
static enum err
complete_follower(struct adapter *a, struct thread *t, struct record *record, struct why *why)
{
	enum actor actor = t->is_initiator ? ACTOR_INITIATOR : ACTOR_RECIPIENT;
	const struct field *body = record_field(record_type(), kind_by_code(record->kind)->body);
	char now[CLOCK_TEXT_LEN];
	enum err e;

	clock_format(*record->created, now);
	e = record_set(record, a->mem, arena_fmt(a->mem, "%s.%s", body->name, kind_reference_field(record)), t->referral_id, why);
	if (e == OK && record->status == NULL && record_field(body->of, "at"))
		e = fill_assume(a, record, arena_fmt(a->mem, "%s.at", body->name), now, why);
	if (e != OK)
		return e;
	return record->status ? complete_status(a, t, actor, record, why) : complete_step(a, t, actor, record, why);
}

enum err
follow_seen(struct adapter *a, struct txn *txn, struct thread *t, struct why *why)
{
	struct inbound in;
	struct receipt_of r = { .to = t->others[0].agency, .thread = t->id, .priority = t->priority, .stage = STAGE_SEEN };

	if (t->is_initiator || t->is_seen_sent || !inbox_get(txn, t->place, &in))
		return OK;
	r.in_reply_to = in.id;
	r.received = in.hash;
	t->is_seen_sent = true;
	t->seen_ms = core_now(a);
	return compose_receipt(a, txn, &r, why);
}

/* May the side say this, with the referral in that state? Of another kind than a step or a cancellation: ever. */
static bool
may_say(const struct record *record, enum state now, enum actor actor)
{
	const struct kind *kind = kind_by_code(record->kind);
	const char *transition;

	if (kind == NULL || (kind->actors & actor) == 0)
		return false;
	if (record->status)
		return record->status->to && lifecycle_infer(now, actor, record->status, &transition, NULL) == OK;
	return record->cancellation == NULL || kind_transition(record, now, actor) != NULL;
}

static bool
may_either(const struct record *record, enum state now)
{
	return may_say(record, now, ACTOR_INITIATOR) && may_say(record, now, ACTOR_RECIPIENT);
}

/* A number of ours that another agency gave as well means the one whose side alone may say this. Where either side may nobody guesses, also if one of
 * the two has ended: what was meant for it would be another child's. */
static enum err
find_of_two(const struct thread *ours, const struct thread *theirs, const struct record *record, struct thread *ret_thread, struct why *why)
{
	bool is_ours = ours->topic == kind_topic(record), is_theirs = theirs->topic == kind_topic(record);

	if (is_ours && is_theirs) {
		is_ours = may_say(record, ours->state, ACTOR_INITIATOR);
		is_theirs = may_say(record, theirs->state, ACTOR_RECIPIENT);
		if (is_ours == is_theirs || may_either(record, ours->state) || may_either(record, theirs->state))
			return why_set(why, ERR_TWO_REFERRALS, "status.referral_id", "one of ours, and one of %s", theirs->others[0].agency);
	}
	*ret_thread = is_theirs ? *theirs : *ours;
	return is_ours || is_theirs ? OK : why_set(why, ERR_UNKNOWN_REFERRAL, "status.referral_id", "no referral here has this number");
}

static enum err
find_thread(struct txn *txn, const struct record *record, struct thread *ret_thread, struct why *why)
{
	const char *number = kind_reference(record), *case_no = record->status ? record->status->case_no : NULL;
	struct thread ours, theirs;
	bool is_found;

	/* two numbers that agree name it surely: of ours and theirs with the same number, theirs */
	if (number && case_no && casebook_by_number(txn, case_no, NULL, ret_thread) && strcmp(ret_thread->referral_id, number) == 0)
		return OK;
	if (number && casebook_is_of_two(txn, number) && casebook_ours(txn, number, &ours) && casebook_theirs(txn, number, NULL, &theirs))
		return find_of_two(&ours, &theirs, record, ret_thread, why);
	is_found = number ? register_find_thread(txn, number, ret_thread) : casebook_by_number(txn, case_no, NULL, ret_thread);
	if (!is_found || ret_thread->topic != kind_topic(record))
		return rebuild_unknown(txn, why_set(why, ERR_UNKNOWN_REFERRAL, "status.referral_id", "no referral here has this number"), why);
	return OK;
}

enum err
follow_find(struct txn *txn, const struct record *record, struct thread *ret_thread, struct why *why)
{
	if (kind_reference(record) == NULL && (record->status == NULL || record->status->case_no == NULL))
		return why_set(why, ERR_REQUIRED, "status.referral_id", "name the referral");
	return find_thread(txn, record, ret_thread, why);
}

/* Questions that name no day get one. */
static enum err
complete_answer_by(struct adapter *a, struct record *record, const struct record *referral, struct why *why)
{
	char text[CLOCK_TEXT_LEN];
	struct terms_from from = core_terms(a);
	struct terms terms;
	struct status step;

	kind_step(record, &step);
	if (closing_ask(step.transition) != ASK_QUESTIONS)
		return OK;
	terms_status(&from, &a->calendar, referral->referral, &step, *record->created, &terms);
	clock_format(terms.respond_by_ms, text);
	return fill_assume(a, record, record->status ? "status.answer_by" : "info_request.answer_by", text, why);
}

/* Who was chosen must be of those who were asked together: under another group's name others would be discontinued, or nobody. */
static enum err
check_choice(const struct record *record, const struct record *first, struct why *why)
{
	const char *group = record->choice ? first->referral->group_id : NULL;

	if (record->choice == NULL || (group && strcmp(group, record->choice->group_id) == 0))
		return OK;
	return why_set(why, ERR_INCONSISTENT, "choice.group_id", "this referral is not of that group");
}

/* From when on the referral may be called expired: its own clock as we set it, or that of the last of ours in its thread for which no
 * decision has come. */
static int64_t
expiry_ms(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *first)
{
	struct terms_from from = core_terms(a);
	struct duty_at at = { .n = 0 };
	struct terms terms;
	struct duty d;

	terms_referral(&from, &a->calendar, first->referral, *first->created, &terms);
	while (duty_of_thread(txn, &t->id, &at, &d))
		if ((d.ask == ASK_REFERRAL || d.ask == ASK_DECISION) && !d.is_answered && d.expires_ms > terms.expires_ms)
			terms.expires_ms = d.expires_ms;
	return terms.expires_ms;
}

/* Nobody calls a referral expired while the other agency still has time to answer it. The side that hears it does not ask: see PROTOCOL.md. */
static enum err
check_expiry(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *record, const struct record *first,
	     struct why *why)
{
	char from[CLOCK_TEXT_LEN];
	int64_t from_ms;

	if (record->status == NULL || strcmp(record->status->transition, "T25") != 0 || t->state == STATE_LATE_OFFERED ||
	    (from_ms = expiry_ms(a, txn, t, first)) <= core_now(a))
		return OK;
	clock_format_sofia(from_ms, from);
	return why_set(why, ERR_TOO_EARLY, "status.to", "not before %s", from);
}

enum err
follow_say(struct adapter *a, struct txn *txn, struct thread *t, struct record *record, struct record **ret_first,
	      struct outbound *ret_o, struct why *why)
{
	const char *case_no = record->status ? record->status->case_no : NULL;
	const struct number_of number = { .thread = &t->id, .from = a->p.config->agency, .is_ours = true, .file = record->attachment };
	bool was_held = t->hold == HOLD_PREVIEW;
	struct inbound in;
	enum err e;

	if (t->topic == TOPIC_CONFERENCE)
		return convene_say(a, txn, t, record, ret_first, ret_o, why);
	if ((e = fill_record(a, record, t->case_id, why)) != OK || (e = questions_number(a, txn, t, record, why)) != OK ||
	    (e = complete_follower(a, t, record, why)) != OK || (e = gather_check_number(a, txn, &number, ret_o, why)) != OK ||
	    (e = questions_answered(a, txn, t, record, why)) != OK ||
	    (e = preview_check(t, record, why)) != OK || (e = compose_referral(a, txn, &t->id, ret_first)) != OK ||
	    (e = check_choice(record, *ret_first, why)) != OK || (e = rival_check_choice(txn, t, record, why)) != OK ||
	    (e = check_expiry(a, txn, t, record, *ret_first, why)) != OK ||
	    (e = complete_answer_by(a, record, *ret_first, why)) != OK || (e = scope_answer(txn, t, record, why)) != OK ||
	    (e = scope_change(a, txn, t, record->consent_change, why)) != OK || (e = scope_follow(a, txn, t, record, why)) != OK ||
	    (e = halt_say(a, txn, t, record, ret_o, why)) != OK)
		return e;
	/* written from here on: what follows seals to the same agency, and cannot fail but for memory */
	gather_note_number(txn, &number, ret_o->seq);
	t->changed_ms = ret_o->queued_ms;
	rival_note_choice(txn, t, record);
	e = steps_said(t, record, ret_o) ? upkeep_note(a, txn, t, record, &ret_o->first) : OK;
	if (e == OK && was_held && preview_is_opened_by(record))
		e = preview_release(a, txn, t);
	if (e == OK && record->consent_change)
		e = scope_changed(a, txn, t, record->consent_change);
	if (e == OK && t->hold != HOLD_PREVIEW && t->hold != HOLD_DECLINED)
		e = follow_seen(a, txn, t, why);
	if (kind_is_shredded(record) && t->hold != HOLD_PREVIEW)
		t->hold = HOLD_SHREDDED;
	casebook_put(txn, a->mem, t);
	/* an answer under the agency's own number says as well that the referral is registered there */
	if (e == OK && !t->is_initiator && case_no && inbox_get(txn, t->place, &in) && register_check(&in, case_no, NULL) == OK)
		e = register_inbound(a, txn, &in, case_no, why);
	if (e == OK && was_held && t->hold == HOLD_PREVIEW && record->consent_answer == NULL)
		e = preview_put_away(a, txn, t);
	return e == OK ? OK : ERR_NOMEM;
}
