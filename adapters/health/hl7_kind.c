/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_kind - the table of the messages that are taken, and of the control codes of orders. Used by readers and answers. */
#include "adapters/health/hl7_kind.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct hl7_kind KINDS[] = {
	{ "REF", "I12", HL7_REFERRALS, HL7_REFER, NULL },
	{ "REF", "I11", HL7_REFERRALS, HL7_REFER, NULL },	/* as the standard's own examples have it */
	{ "REF", "I13", HL7_REFERRALS, HL7_CHANGE, NULL },
	{ "REF", "I14", HL7_REFERRALS, HL7_CANCEL, NULL },
	{ "REF", "I15", HL7_REFERRALS, HL7_ASK, NULL },
	{ "RRI", "I12", HL7_REFERRALS, HL7_STEP, NULL },
	{ "RRI", "I11", HL7_REFERRALS, HL7_STEP, NULL },
	{ "RRI", "I13", HL7_REFERRALS, HL7_STEP, NULL },
	{ "RRI", "I14", HL7_REFERRALS, HL7_CANCEL, NULL },
	{ "RRI", "I15", HL7_REFERRALS, HL7_STEP, NULL },
	{ "OMG", "O19", HL7_ORDERS, HL7_BY_CONTROL, NULL },
	{ "ORM", "O01", HL7_ORDERS, HL7_BY_CONTROL, NULL },
	{ "OSU", "O51", HL7_ORDERS, HL7_BY_CONTROL, NULL },
	{ "SIU", "S12", HL7_APPOINTMENTS, HL7_STEP, "T11" },
	{ "SIU", "S13", HL7_APPOINTMENTS, HL7_STEP, "T12" },
	{ "SIU", "S15", HL7_APPOINTMENTS, HL7_STEP, "T14" },
	{ "SIU", "S26", HL7_APPOINTMENTS, HL7_STEP, "T13" },
	{ "ORU", "R01", HL7_RESULTS, HL7_TELL, NULL },
};

/* Table 0119. What only a filler may say (OK, UA, OC, CR) is a step: its state stands in hl7_map's table of orders. */
static const struct { const char *code; enum hl7_act act; } CONTROLS[] = {
	{ "NW", HL7_REFER },		/* new */
	{ "XO", HL7_CHANGE },		/* change */
	{ "CA", HL7_CANCEL },		/* cancel, a request */
	{ "DC", HL7_CANCEL },		/* discontinue, a request */
	{ "CR", HL7_CANCEL },		/* cancelled as requested */
	{ "DR", HL7_CANCEL },		/* discontinued as requested */
	{ "OC", HL7_STEP },		/* cancelled by the filler: a decline */
	{ "OD", HL7_STEP },		/* discontinued by the filler */
	{ "UA", HL7_STEP },		/* unable to accept */
	{ "OK", HL7_STEP },		/* accepted */
	{ "OH", HL7_STEP },		/* held by the filler */
	{ "OE", HL7_STEP },		/* released by the filler */
	{ "SC", HL7_STEP },		/* status changed: ORC-5 says to what */
	{ "SN", HL7_STEP },		/* send number: a registration */
	{ "NA", HL7_STEP },		/* number assigned: a registration */
	{ "RE", HL7_STEP },		/* observations to follow */
};

const struct hl7_kind *
hl7_kind_of(const char *type, const char *event)
{
	for (size_t i = 0; type && event && i < COUNT(KINDS); i++)
		if (strcmp(KINDS[i].type, type) == 0 && strcmp(KINDS[i].event, event) == 0)
			return &KINDS[i];
	return NULL;
}

bool
hl7_kind_by_control(const char *control, enum hl7_act *ret_act)
{
	for (size_t i = 0; control && i < COUNT(CONTROLS); i++) {
		if (strcasecmp(CONTROLS[i].code, control) == 0) {
			*ret_act = CONTROLS[i].act;
			return true;
		}
	}
	return false;
}
