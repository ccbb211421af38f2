/* SPDX-License-Identifier: EUPL-1.2 */
/* upkeep - each step ends what an earlier one of its thread asked for, unless the thread still stands in that state for another reason:
 * two who act at once leave a clock that nobody stops otherwise. A step that is taken back or refused has ended nothing (duty.c).
 */
#include "adapters/core/upkeep.h"

#include <stdio.h>

#include "adapters/core/assess.h"
#include "adapters/core/casework.h"
#include "adapters/core/fill.h"
#include "adapters/core/promise.h"
#include "adapters/core/terms.h"
#include "proto/base/clock.h"
#include "proto/kind.h"

static bool
is_set(const struct setting_term *t)
{
	return t->ms != 0 || t->working_days != 0;
}

/* -- waiting lists, and what rests -- */

static bool
is_listing(const struct status *s)
{
	return strcmp(s->transition, "T08") == 0 || strcmp(s->transition, "T10") == 0;
}

/* What nobody looks at again would be forgotten: a place on a list, a service that rests (T17). */
static bool
is_waiting(const struct status *s)
{
	return is_listing(s) || strcmp(s->transition, "T17") == 0;
}

static bool
waits(enum state state)
{
	return state == STATE_WAITLISTED || state == STATE_ON_HOLD;
}

static const char *
review_day(const struct adapter *a, int64_t created_ms, struct arena *mem)
{
	struct civil c = clock_to_sofia(terms_end(&a->calendar, created_ms, &a->p.config->deadlines.review), NULL);

	return arena_fmt(mem, "%04d-%02d-%02d", c.year, c.month, c.day);
}

enum err
upkeep_complete(struct adapter *a, struct record *record, struct why *why)
{
	const struct status *s = record->status;

	if (s == NULL || s->transition == NULL || !is_listing(s) || s->waitlist == NULL || !is_set(&a->p.config->deadlines.review))
		return OK;
	return fill_assume(a, record, "status.waitlist.review_by", review_day(a, *record->created, a->mem), why);
}

/* One whose author has named no day is looked at again as ours would be. */
static int64_t
review_ms(const struct adapter *a, const struct record *record, const struct status *s)
{
	if (s->waitlist && s->waitlist->review_by)
		return promise_due(s->waitlist->review_by);
	return is_set(&a->p.config->deadlines.review) ? promise_due(review_day(a, *record->created, a->mem)) : 0;
}

/* -- outcomes -- */

static bool
is_closed(enum state state)
{
	return state == STATE_COMPLETED || state == STATE_FAILED || state == STATE_DECLINED;
}

static bool
is_ours_to_acknowledge(const struct thread *t, const struct status *s)
{
	return t->is_initiator && is_closed(lifecycle_state_by_code(s->to)) && strcmp(s->transition, "T31") != 0;
}

enum err
upkeep_due(struct adapter *a, struct txn *txn, const struct duty *d)
{
	struct record *record = record_new(a->mem, "record");
	struct status *s = record_new(a->mem, "status");
	struct thread t;

	if (!casebook_find(txn, &d->thread, &t) || !t.is_initiator || !is_closed(t.state))
		return OK;
	if (record == NULL || s == NULL)
		return ERR_TOOBIG;
	record->kind = "status-change";
	record->case_id = arena_copy(a->mem, t.case_id, sizeof(t.case_id));
	record->created = record_int(a->mem, core_now(a));
	record->source = "nasoka";
	*s = (struct status){
		.referral_id = t.referral_id, .from = lifecycle_state_code(t.state), .to = lifecycle_state_code(t.state),
		.transition = "T31", .at = record->created,
		.reason_text = "Прието без отговор в срока. / Acknowledged by itself: nobody answered in time.",
	};
	record->status = s;
	return casework_keep(a, txn, &t, record);
}

bool
upkeep_is_owed(struct txn *txn, const struct thread *t)
{
	struct duty_at at = { .n = 0 };
	struct duty d;

	while (duty_of_thread(txn, &t->id, &at, &d))
		if (d.upkeep == DUTY_ACKNOWLEDGED && !d.is_kept_up)
			return true;
	return false;
}

/* -- steps -- */

/* Ends what is asked for no more, as long as the step `first` is one. */
static void
end_earlier(struct adapter *a, struct txn *txn, const struct thread *t, const struct status *s, const struct msgid *first)
{
	struct duty_at at = { .n = 0 };
	struct duty d;

	while (duty_of_thread(txn, &t->id, &at, &d)) {
		bool is_over = d.upkeep == DUTY_UNREVIEWED ? is_waiting(s) || !waits(t->state) :
			       strcmp(s->transition, "T31") == 0 || !is_closed(t->state);

		if (is_over && d.upkeep != DUTY_UNASSESSED)
			duty_kept_up(txn, a->mem, &d, first, core_now(a));
	}
}

enum err
upkeep_note(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *record, const struct msgid *first)
{
	const struct setting_term *term = &a->p.config->deadlines.acknowledge;
	int64_t now = core_now(a);
	const char *us = a->p.config->agency, *them = t->others[0].agency;
	struct duty d = { .about = *first, .thread = t->id, .priority = t->priority, .created_ms = now };
	const struct thread_step *holds;
	struct status s;
	enum err e;

	if (t->topic != TOPIC_REFERRAL || !kind_step(record, &s))
		return OK;
	if ((e = assess_step(a, txn, t, &s, first)) != OK)
		return e;
	end_earlier(a, txn, t, &s, first);
	if (is_waiting(&s)) {
		d.upkeep = DUTY_UNREVIEWED;
		d.upkeep_ms = review_ms(a, record, &s);
	} else if (is_ours_to_acknowledge(t, &s) && is_set(term)) {
		d.upkeep = DUTY_ACKNOWLEDGED;
		d.upkeep_ms = terms_end(&a->calendar, now, term);
	}
	if (d.upkeep_ms == 0)
		return OK;
	/* one that the other side's step overrode, taken at the same time, asks for it once that is taken back */
	if (lifecycle_state_by_code(s.to) != t->state) {
		if ((holds = casebook_last_step(t)) == NULL)
			return OK;
		d.keepers[0] = holds->id;
		d.n_keepers = 1;
	}
	/* both are of a step that the recipient took */
	snprintf(d.from, sizeof(d.from), "%s", t->is_initiator ? them : us);
	snprintf(d.to, sizeof(d.to), "%s", t->is_initiator ? us : them);
	duty_keep_up(txn, a->mem, &d, now);
	return OK;
}
