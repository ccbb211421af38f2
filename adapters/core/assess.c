/* SPDX-License-Identifier: EUPL-1.2 */
/* assess - who asks for an assessment is told when it has not come. */
#include "adapters/core/assess.h"

#include <stdio.h>

#include "adapters/core/compose.h"
#include "adapters/core/terms.h"

static bool
is_code(const char *code, const char *wanted)
{
	return code && strcmp(code, wanted) == 0;
}

/* Of another service only who says so wants one: a value that a configuration filled in asks for nothing. */
static bool
wants_assessment(const struct record *record)
{
	const struct referral *r = record->referral;

	if (r == NULL || is_code(r->service_kind, "needs-assessment"))
		return r != NULL;
	for (size_t i = 0; i < record->assumed.n; i++)
		if (strcmp(record->assumed.items[i], "referral.disposition_wanted") == 0)
			return false;
	return is_code(r->disposition_wanted, "assess-and-return");
}

void
assess_begin(const struct adapter *a, const struct record *record, struct duty *d)
{
	const struct setting_term *term = &a->p.config->deadlines.assessment;

	if (!wants_assessment(record) || (term->ms == 0 && term->working_days == 0))
		return;
	d->upkeep = DUTY_UNASSESSED;
	d->upkeep_ms = terms_end(&a->calendar, *record->created, term);
}

void
assess_given(struct adapter *a, struct txn *txn, const struct thread_id *thread, const struct msgid *first)
{
	struct duty_at at = { .n = 0 };
	struct duty d;

	while (duty_of_thread(txn, thread, &at, &d))
		if (d.upkeep == DUTY_UNASSESSED)
			duty_kept_up(txn, a->mem, &d, first, core_now(a));
}

/* Of a referral that expired nothing is asked any more; of one that is taken late again, by the day that it had. */
static enum err
ask_again(struct adapter *a, struct txn *txn, const struct thread *t, const struct msgid *first)
{
	struct duty d = { .about = *first, .thread = t->id, .priority = t->priority, .created_ms = core_now(a) };
	const char *us = a->p.config->agency, *them = t->others[0].agency;
	struct record *referral;
	enum err e = compose_referral(a, txn, &t->id, &referral);

	if (e != OK)
		return e;
	assess_begin(a, referral, &d);
	if (d.upkeep == 0)
		return OK;
	snprintf(d.from, sizeof(d.from), "%s", t->is_initiator ? us : them);
	snprintf(d.to, sizeof(d.to), "%s", t->is_initiator ? them : us);
	duty_keep_up(txn, a->mem, &d, core_now(a));
	return OK;
}

enum err
assess_step(struct adapter *a, struct txn *txn, const struct thread *t, const struct status *s, const struct msgid *first)
{
	const struct thread_step *holds = casebook_last_step(t);	/* where two acted at once: what the thread rests on ended it */
	struct duty_at at = { .n = 0 };
	struct duty d;

	if (strcmp(s->transition, "T33") == 0 && t->state == STATE_ACCEPTED)
		return ask_again(a, txn, t, first);
	if (!lifecycle_is_final(t->state) && t->state != STATE_CANCEL_REQUESTED)
		return OK;
	while (duty_of_thread(txn, &t->id, &at, &d))
		if (d.upkeep == DUTY_UNASSESSED)
			duty_kept_up(txn, a->mem, &d, holds ? &holds->id : first, core_now(a));
	return OK;
}
