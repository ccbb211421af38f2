/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_parties_in - who a message is from, to and about as providers: PRD and CTD to parties and workers, and the recipient.
 *
 * A recipient is an agency that the concentrator knows, never ourselves. Called by hl7_to_record.c.
 */
#include "adapters/health/hl7_in.h"

#include <strings.h>

static const char *
agency_of(const struct hl7_reading *r, const struct hl7_segment *s, unsigned field, unsigned rep, unsigned comp)
{
	const char *alias = hl7_peek(&r->m, s, field, rep, comp);
	const char *agency = alias && r->env->agency_of ? r->env->agency_of(r->env->arg, alias) : NULL;

	if (!agency)
		return NULL;
	(void)hl7_get(&r->m, s, field, rep, comp);
	return r->env->agency && strcmp(agency, r->env->agency) == 0 ? NULL : agency;
}

/* The agency that a PRD names: one of its ids (PRD-7), its organisation (PRD-10) or its place (PRD-4). */
static const char *
prd_agency(struct hl7_reading *r, const struct hl7_segment *s)
{
	const char *agency;

	for (unsigned rep = 1; rep <= hl7_repeats(&r->m, s, 7); rep++)
		if ((agency = agency_of(r, s, 7, rep, 1)))
			return agency;
	if ((agency = agency_of(r, s, 10, 1, 3)) || (agency = agency_of(r, s, 10, 1, 1)))
		return agency;
	if ((agency = agency_of(r, s, 4, 1, 4)))
		return agency;
	return agency_of(r, s, 2, 1, 1);
}

/* PRD-7 repetition of that type (PLN.2). */
static const char *
prd_id(struct hl7_reading *r, const struct hl7_segment *s, const char *type)
{
	const char *its;

	for (unsigned rep = 1; rep <= hl7_repeats(&r->m, s, 7); rep++)
		if ((its = hl7_peek(&r->m, s, 7, rep, 2)) && strcasecmp(its, type) == 0)
			return hl7_get(&r->m, s, 7, rep, 1);
	return NULL;
}

void
hl7_read_worker(struct hl7_reading *r, const struct hl7_segment *s, const char *prefix)
{
	bool is_prd = strcmp(s->name, "PRD") == 0;
	unsigned role = is_prd ? 2 : 1;

	hl7_set(r, hl7_join(r, prefix, "name"), hl7_name_of(r, s, 2), hl7_place(r, s, 2));
	hl7_set(r, hl7_join(r, prefix, "role"), hl7_get(&r->m, s, 1, role, 2), hl7_place(r, s, 1));
	hl7_set_telecom(r, s, 5, prefix, true);
}

static void
read_party(struct hl7_reading *r, const struct hl7_segment *s, const char *prefix)
{
	hl7_set(r, hl7_join(r, prefix, "unit"), hl7_get(&r->m, s, 4, 1, 9), hl7_place(r, s, 4));
	hl7_set(r, hl7_join(r, prefix, "service_id"), prd_id(r, s, "SVC"), hl7_place(r, s, 7));
	hl7_read_worker(r, s, hl7_join(r, prefix, "worker"));
}

const struct hl7_segment *
hl7_find_prd(struct hl7_reading *r, const char *role, unsigned nth)
{
	const struct hl7_segment *s;
	const char *its;

	for (unsigned i = 1; (s = hl7_find(&r->m, "PRD", i)); i++)
		if ((its = hl7_peek(&r->m, s, 1, 1, 1)) && strcasecmp(its, role) == 0 && --nth == 0)
			return s;
	return NULL;
}

/* The target is PRD RT; some senders write CP, and HL7's own examples a second RP, which counts if we know it; so does a PP that is
 * an agency and no doctor. */
void
hl7_read_providers(struct hl7_reading *r)
{
	const struct hl7_segment *rp = hl7_find_prd(r, "RP", 1), *rt = hl7_find_prd(r, "RT", 1), *pp = hl7_find_prd(r, "PP", 1);
	const struct hl7_segment *msh = hl7_find(&r->m, "MSH", 1);

	if (!rt)
		rt = hl7_find_prd(r, "CP", 1);
	if (!rt && (rt = hl7_find_prd(r, "RP", 2)) && !prd_agency(r, rt))
		rt = NULL;
	if (!rt && pp && prd_agency(r, pp)) {
		rt = pp;
		pp = NULL;
	}
	hl7_set(r, "referral.initiator.agency", r->env->agency, "MSH-4");
	if (rp) {
		read_party(r, rp, "referral.initiator");
		(void)prd_agency(r, rp);	/* ourselves: known, and so read */
	}
	if (rt) {
		read_party(r, rt, "referral.target");
		r->item->target = prd_agency(r, rt);
	}
	for (unsigned field = 6; !r->item->target && field >= 5; field--)
		for (unsigned comp = 1; !r->item->target && comp <= 2; comp++)
			r->item->target = agency_of(r, msh, field, 1, comp);
	hl7_set(r, "referral.target.agency", r->item->target, "PRD-7");
	if (pp) {
		hl7_set(r, "referral.child.gp.uin", prd_id(r, pp, "UIN"), hl7_place(r, pp, 7));
		hl7_set(r, "referral.child.gp.practice", prd_id(r, pp, "RCZ"), hl7_place(r, pp, 7));
	}
}
