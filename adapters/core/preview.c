/* SPDX-License-Identifier: EUPL-1.2 */
/* preview - holding is a word in the thread's row; whoever opens a record for a door asks for it there.
 *
 * What is opened gets another place at the end of the inbox beside its own (an entry of ours with stage "seen"), since who polls
 * is past its first one.
 */
#include "adapters/core/preview.h"

#include <stdio.h>
#include <string.h>

#include "adapters/core/casework.h"
#include "adapters/core/compose.h"
#include "adapters/core/erasure.h"
#include "adapters/core/filebook.h"
#include "adapters/core/follow.h"
#include "adapters/core/register.h"
#include "adapters/core/turn.h"
#include "proto/kind.h"

bool
preview_is_wanted(const struct adapter *a, const struct thread *t, const struct record *record)
{
	const struct adapter_config *c = a->p.config;

	/* one that was given back after a lost disk may have been opened before */
	if (record->referral == NULL || t->state != STATE_REQUESTED)
		return false;
	for (size_t i = 0; i < c->preview.n_services; i++)
		if (strcmp(c->preview.services[i], "all") == 0 || strcmp(c->preview.services[i], record->referral->service_kind) == 0)
			return true;
	return false;
}

bool
preview_may_pass(const struct record *record)
{
	return record->status != NULL || record->cancellation != NULL;
}

/* -- what may be shown -- */

static struct party *
nobody_of(const struct party *p, struct arena *mem)
{
	struct party *copy = record_new(mem, "party");

	if (copy)
		*copy = (struct party){ .agency = p->agency, .service_id = p->service_id };
	return copy;
}

struct referral *
preview_hollow(const struct referral *full, struct arena *mem)
{
	struct person *nobody = record_new(mem, "person");
	struct referral *r = record_new(mem, "referral");

	if (nobody == NULL || r == NULL)
		return NULL;
	*nobody = (struct person){ .given = "–", .family = "–", .birth_date = "1900-01-01", .gender = "unknown" };
	*r = (struct referral){
		.referral_id = full->referral_id, .group_id = full->group_id, .child = nobody,
		.initiator = nobody_of(full->initiator, mem), .target = nobody_of(full->target, mem), .service_kind = full->service_kind,
		.reason_text = "–", .risk_level = full->risk_level, .priority = full->priority,
		.disposition_wanted = full->disposition_wanted, .legal_basis = "statutory-task", .respond_by = full->respond_by,
	};
	return r->initiator && r->target ? r : NULL;
}

struct record *
preview_of(const struct record *full, struct arena *mem)
{
	const struct preview *sent = full->referral->preview;
	struct record *r = record_new(mem, "record");
	struct preview *p = record_new(mem, "preview");

	if (r == NULL || p == NULL || (r->referral = preview_hollow(full->referral, mem)) == NULL)
		return NULL;
	r->kind = full->kind;
	r->case_id = full->case_id;
	r->created = full->created;
	/* who sent none, or says something else of the service than its referral, is not asked */
	*p = (struct preview){
		.age_band = sent ? sent->age_band : NULL, .service_kind = full->referral->service_kind, .priority = full->referral->priority,
		.municipality = sent ? sent->municipality : NULL,
	};
	r->referral->preview = p;
	return r;
}

/* -- what may be said -- */

static const char *
transition_of(const struct record *record)
{
	struct status step;

	return kind_step(record, &step) ? step.transition : "";
}

bool
preview_is_opened_by(const struct record *record)
{
	return strcmp(transition_of(record), "T02") == 0;
}

enum err
preview_check(const struct thread *t, const struct record *record, struct why *why)
{
	const char *transition = transition_of(record);

	/* what would be registered now would never be handed over */
	if (t->hold == HOLD_PREVIEW && strcmp(transition, "T02") == 0 && record->status && record->status->case_no)
		return why_set(why, ERR_HELD, "status.case_no", "open it first, and register what comes then");
	if (t->hold != HOLD_PREVIEW || strcmp(transition, "T02") == 0 || strcmp(transition, "T06") == 0 ||
	    strcmp(transition, "T21") == 0 || record->consent_answer)
		return OK;
	return why_set(why, ERR_HELD, "referral_id", "open it first, or decline it");
}

enum err
preview_check_heard(const struct thread *t, const struct record *record, struct why *why)
{
	if (t->hold != HOLD_DECLINED || preview_may_pass(record))
		return OK;
	return why_set(why, ERR_UNOPENED, "thread", "it was declined at its preview: nothing more of it is taken");
}

/* -- what ends it -- */

/* By the door of its sort; who polls finds it at the end. */
static enum err
hand_on(struct adapter *a, struct txn *txn, struct inbound *in, bool is_referral)
{
	const struct adapter_egress *egress = turn_egress(a, in, is_referral);
	struct inbound again = {
		.is_stage = true, .id = in->id, .first = in->first, .hash = in->hash, .thread = in->thread, .priority = in->priority,
		.stage = STAGE_SEEN, .state = INBOUND_TAKEN, .at_ms = core_now(a),
	};

	in->state = INBOUND_NEW;
	inbox_put(txn, a->mem, in);
	if (a->p.doors[egress->door]) {
		egress_put(txn, &(struct due){ .cursor = in->cursor, .due_ms = again.at_ms });
		return txn_error(txn);
	}
	snprintf(again.from, sizeof(again.from), "%s", a->p.config->agency);
	inbox_add(txn, a->mem, &again, SPAN_NONE);
	return txn_error(txn);
}

/* Did it go to our system in spite of the preview? What began the thread never does. */
static enum err
has_passed(struct adapter *a, struct txn *txn, const struct thread *t, const struct inbound *in, bool *ret_has)
{
	struct record *record;
	struct file file;
	enum err e;

	*ret_has = false;
	if (in->cursor == t->place || in->state == INBOUND_ERASED || filebook_of(txn, false, in->cursor, &file))
		return OK;
	e = compose_open(a, "inrecord", SPAN(in->first.b, MSGID_LEN), arena_span(a->mem, inbox_record(txn, in->cursor)), a->mem, &record);
	*ret_has = e == OK && preview_may_pass(record);
	return e;
}

/* The next record of the thread after `cursor`. */
static bool
next_of(struct txn *txn, const struct thread *t, uint64_t cursor, struct inbound *in)
{
	in->cursor = cursor;
	while (inbox_next(txn, in->cursor, in))
		if (!in->is_stage && memcmp(in->thread.b, t->id.b, THREAD_LEN) == 0)
			return true;
	return false;
}

enum err
preview_check_registered(struct adapter *a, struct txn *txn, const struct inbound *in, struct why *why)
{
	struct thread t;
	bool has;
	enum err e;

	if (!casebook_find(txn, &in->thread, &t) || t.hold != HOLD_PREVIEW)
		return OK;
	if ((e = has_passed(a, txn, &t, in, &has)) != OK || has)
		return e;
	return why_set(why, ERR_HELD, "confirms", "open it first, or decline it");
}

enum err
preview_release(struct adapter *a, struct txn *txn, struct thread *t)
{
	struct inbound in;
	bool has;
	enum err e;

	t->hold = HOLD_NONE;
	for (bool on = next_of(txn, t, t->place - 1, &in); on; on = next_of(txn, t, in.cursor, &in)) {
		if (in.state >= INBOUND_REGISTERED || filebook_is_hidden(txn, in.cursor))
			continue;
		if ((e = has_passed(a, txn, t, &in, &has)) != OK || (!has && (e = hand_on(a, txn, &in, in.cursor == t->place)) != OK))
			return e;
	}
	return OK;
}

enum err
preview_put_away(struct adapter *a, struct txn *txn, struct thread *t)
{
	char hex[2 * THREAD_LEN + 1];
	unsigned long long n = 0;
	struct inbound in;
	bool has;
	enum err e;

	if (!casebook_find(txn, &t->id, t))
		return ERR_CORRUPT;
	t->hold = HOLD_DECLINED;
	t->before = LIFECYCLE_PAST_UNKNOWN;	/* what would be asked for is not taken any more */
	t->changed_ms = core_now(a);
	casebook_put(txn, a->mem, t);
	for (bool on = next_of(txn, t, t->place - 1, &in); on; on = next_of(txn, t, in.cursor, &in)) {
		if ((e = has_passed(a, txn, t, &in, &has)) != OK)
			return e;
		if (has)
			continue;
		if (in.state < INBOUND_REGISTERED &&
		    (e = register_refused(a, txn, &in, ERR_UNOPENED, "declined at its preview; nobody has opened it")) != OK)
			return e;
		inbox_erase(txn, a->mem, &in);
		egress_del(txn, in.cursor);
		n++;
	}
	bytes_hex(t->id.b, THREAD_LEN, hex);
	core_tell(a, LOG_ERASED, "thread=%s records=%llu", hex, n);
	return casebook_find(txn, &t->id, t) ? erasure_hollow(a, txn, t) : ERR_CORRUPT;
}

enum err
preview_heard(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *record)
{
	const struct consent_change *change = record->consent_change;
	struct record *r;
	enum err e;

	if (t->hold != HOLD_PREVIEW)
		return OK;
	if (change && strcmp(change->change, "withdrawn") == 0) {
		if ((r = record_new(a->mem, "record")) == NULL || (r->consent_answer = record_new(a->mem, "consent_answer")) == NULL)
			return ERR_TOOBIG;
		r->kind = "consent-answer";
		r->case_id = arena_copy(a->mem, t->case_id, sizeof(t->case_id));
		r->created = record_int(a->mem, core_now(a));
		r->source = "nasoka";
		*r->consent_answer = (struct consent_answer){ .referral_id = t->referral_id, .result = "shredded", .at = r->created };
		if ((e = casework_keep(a, txn, t, r)) != OK)
			return e;
		return casework_keep_end(a, txn, t);
	}
	return lifecycle_is_final(t->state) ? casework_keep_end(a, txn, t) : OK;
}

/* -- as our people ask -- */

static enum err
say_step(struct adapter *a, struct txn *txn, struct thread *t, struct record *record, const char *transition, const char *to,
	 struct why *why)
{
	struct record *first;
	struct outbound o;

	record->kind = "status-change";
	record->source = "nasoka";
	record->status->referral_id = t->referral_id;
	record->status->transition = transition;
	record->status->to = to;
	return follow_say(a, txn, t, record, &first, &o, why);
}

static bool
is_opened(const struct thread *t)
{
	return t->hold != HOLD_PREVIEW && t->hold != HOLD_DECLINED;
}

static enum err
check_held(const struct thread *t, struct why *why)
{
	if (t->hold == HOLD_PREVIEW && !lifecycle_is_final(t->state))
		return OK;
	return is_opened(t) ? why_set(why, ERR_CONFLICT, "id", "it is open: answer it with a step") :
	    why_set(why, ERR_GONE, "id", "it has ended unopened, and its content is erased");
}

enum err
preview_open(struct adapter *a, struct txn *txn, struct thread *t, struct record *record, struct why *why)
{
	enum err e;

	if (is_opened(t))
		return OK;	/* open already: the same again */
	if ((e = check_held(t, why)) != OK)
		return e;
	if (t->state == STATE_REQUESTED)
		return say_step(a, txn, t, record, "T02", "received", why);
	if ((e = preview_release(a, txn, t)) != OK || (e = follow_seen(a, txn, t, why)) != OK)
		return e;
	casebook_put(txn, a->mem, t);
	return txn_error(txn);
}

enum err
preview_decline(struct adapter *a, struct txn *txn, struct thread *t, struct record *record, struct why *why)
{
	enum err e;

	if (t->hold == HOLD_DECLINED && lifecycle_is_final(t->state))
		return OK;
	if ((e = check_held(t, why)) != OK)
		return e;
	return t->state == STATE_CANCEL_REQUESTED ? say_step(a, txn, t, record, "T21", "cancelled", why) :
	    say_step(a, txn, t, record, "T06", "declined", why);
}
