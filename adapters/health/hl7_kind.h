/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_kind - which message an MSH-9 names, what it does to a referral, and which way it is written.
 *
 * One table of all messages that are taken. A family is a way of writing the same thing: the referral chapter's REF and RRI,
 * the order chapter's OMG, ORM and OSU (as IHE 360X uses them), the scheduling chapter's SIU; ORU for
 * what none of these has a message for.
 */
#ifndef HEALTH_HL7_KIND_H
#define HEALTH_HL7_KIND_H

#include <stdbool.h>

enum hl7_family { HL7_REFERRALS, HL7_ORDERS, HL7_APPOINTMENTS, HL7_RESULTS };

enum hl7_act {
	HL7_REFER,		/* a new referral */
	HL7_CHANGE,		/* the initiator's changed referral, in answer to questions */
	HL7_CANCEL,		/* the initiator cancels, or the recipient confirms it */
	HL7_ASK,		/* how far is it? Answered at once, no record */
	HL7_STEP,		/* a step, or a registration */
	HL7_TELL,		/* a record of the kind that OBR-4 names, or files */
	HL7_BY_CONTROL,		/* ORC-1 says which of these */
};

struct hl7_kind {
	const char *type, *event;	/* MSH-9.1 and .2 */
	enum hl7_family family;
	enum hl7_act act;
	const char *step;		/* of an appointment: the transition, "T11"; NULL elsewhere */
};

const struct hl7_kind *hl7_kind_of(const char *type, const char *event);	/* NULL: not taken; NULL texts are fine */
/* What an order's control code (ORC-1, table 0119) asks for. False if the code is none that we take. */
bool hl7_kind_by_control(const char *control, enum hl7_act *ret_act);

#endif
