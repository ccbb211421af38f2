/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_parties_out - parties, doctors and workers to PRD and CTD, agencies by the names that the receiver knows them by.
 *
 * Called by hl7_from_record.c.
 */
#include "adapters/health/hl7_out.h"

const char *
hl7_alias_of(const struct hl7_writing *t, const char *agency)
{
	const char *alias = agency && t->env->alias_of ? t->env->alias_of(t->env->arg, agency) : NULL;

	return alias ? alias : agency;
}

/* PRD-1 the role and, as its second repetition, what the worker is in words. */
void
hl7_put_prd(struct hl7_writing *t, const char *role, const char *table_text, const struct party *party)
{
	const struct worker *worker = party ? party->worker : NULL;
	const char *agency = party ? party->agency : NULL;

	hl7_begin(&t->w, "PRD");
	hl7_put(&t->w, 1, 1, 1, role);
	hl7_put(&t->w, 1, 1, 2, table_text);
	hl7_put(&t->w, 1, 1, 3, "HL70286");
	if (worker) {
		hl7_put(&t->w, 1, 2, 2, worker->role);
		hl7_put_name(t, 2, worker->name);
	}
	if (party)
		hl7_put(&t->w, 4, 1, 9, party->unit);
	if (worker)
		hl7_put_telecom(t, 5, worker->phone, worker->email, true);
	if (agency) {
		hl7_put(&t->w, 7, 1, 1, hl7_alias_of(t, agency));
		hl7_put(&t->w, 7, 1, 2, HL7_SYSTEM);
	}
	if (party && party->service_id) {
		hl7_put(&t->w, 7, agency ? 2 : 1, 1, party->service_id);
		hl7_put(&t->w, 7, agency ? 2 : 1, 2, "SVC");
	}
	hl7_end(&t->w);
}

void
hl7_put_gp(struct hl7_writing *t, const struct gp *gp)
{
	if (!gp)
		return;
	hl7_begin(&t->w, "PRD");
	hl7_put(&t->w, 1, 1, 1, "PP");
	hl7_put(&t->w, 1, 1, 2, "Primary Care Provider");
	hl7_put(&t->w, 1, 1, 3, "HL70286");
	if (gp->uin) {
		hl7_put(&t->w, 7, 1, 1, gp->uin);
		hl7_put(&t->w, 7, 1, 2, "UIN");
	}
	if (gp->practice) {
		hl7_put(&t->w, 7, gp->uin ? 2 : 1, 1, gp->practice);
		hl7_put(&t->w, 7, gp->uin ? 2 : 1, 2, "RCZ");
	}
	hl7_end(&t->w);
}

void
hl7_put_ctd(struct hl7_writing *t, const struct worker *worker)
{
	if (!worker)
		return;
	hl7_begin(&t->w, "CTD");
	hl7_put(&t->w, 1, 1, 1, "CW");
	hl7_put(&t->w, 1, 1, 2, worker->role);
	hl7_put(&t->w, 1, 1, 3, HL7_SYSTEM);
	hl7_put_name(t, 2, worker->name);
	hl7_put_telecom(t, 5, worker->phone, worker->email, true);
	hl7_end(&t->w);
}

void
hl7_put_parties(struct hl7_writing *t, const struct worker *actor)
{
	const struct referral *ref = t->out->referral ? t->out->referral->referral : NULL;
	struct party rp = { .agency = NULL }, rt = { .agency = NULL };

	if (ref && ref->initiator)
		rp = *ref->initiator;
	if (ref && ref->target)
		rt = *ref->target;
	/* whoever acted speaks: the recipient at home, the initiator of a cancellation abroad */
	*(t->out->is_initiator ? &rt.worker : &rp.worker) = actor ? arena_copy(t->mem, actor, sizeof(*actor)) : NULL;
	if (!t->out->is_initiator)	/* its own, who did nothing here */
		rt.worker = NULL;
	hl7_put_prd(t, "RP", "Referring Provider", &rp);
	hl7_put_prd(t, "RT", "Referred to Provider", &rt);
}
