/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_report - the answer to REF^I15 and REF^I13: the referral's state as RF1, OBR-25 and OBX `to`, and the other side's number.
 *
 * Called by hl7_answer.c, which writes MSH and MSA.
 */
#include "adapters/health/hl7_out.h"

static void
put_state(struct hl7_writing *t, const char *state)
{
	hl7_begin(&t->w, "OBX");
	hl7_put(&t->w, 1, 1, 1, hl7_number(t, ++t->n_obx));
	hl7_put(&t->w, 2, 1, 1, "CE");
	hl7_put(&t->w, 3, 1, 1, "to");
	hl7_put(&t->w, 3, 1, 3, HL7_SYSTEM);
	hl7_put(&t->w, 5, 1, 1, state);
	hl7_put(&t->w, 5, 1, 3, HL7_SYSTEM);
	hl7_put(&t->w, 11, 1, 1, "F");
	hl7_end(&t->w);
}

void
hl7_put_report(struct hl7_writing *t, const struct progress *p)
{
	const struct referral *ref = p->referral->referral;
	const char *rf1, *obr25;

	hl7_state_out(p->state, &rf1, &obr25);
	hl7_begin(&t->w, "RF1");
	hl7_put(&t->w, 1, 1, 1, rf1);
	hl7_put(&t->w, 1, 1, 3, "HL70283");
	hl7_put(&t->w, 6, 1, 1, ref->referral_id);
	hl7_put(&t->w, 11, 1, 1, p->is_initiator ? p->external_no : p->case_no);
	hl7_end(&t->w);
	hl7_put_parties(t, NULL);
	hl7_put_short_pid(t);
	hl7_begin(&t->w, "OBR");
	hl7_put(&t->w, 1, 1, 1, "1");
	hl7_put(&t->w, 2, 1, 1, ref->referral_id);
	hl7_put(&t->w, 4, 1, 1, ref->service_kind);
	hl7_put(&t->w, 4, 1, 3, HL7_SYSTEM);
	hl7_put(&t->w, 25, 1, 1, obr25);
	hl7_end(&t->w);
	put_state(t, p->state);
}
