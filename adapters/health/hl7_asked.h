/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_asked - what a message says about how it wants to be answered, and which acknowledgements are due to it.
 *
 * The rules are in MAPPING-hl7.md, "Answers". Pure.
 */
#ifndef HEALTH_HL7_ASKED_H
#define HEALTH_HL7_ASKED_H

#include "adapters/core/sector.h"
#include "adapters/health/hl7.h"
#include "adapters/health/hl7_kind.h"

struct hl7_asked {
	const char *type, *event, *version, *control_id, *processing, *charset_said, *charset;
	const char *app, *facility, *to_app, *to_facility;	/* MSH-3 to MSH-6, first components */
	const char *accept, *application;			/* MSH-15, MSH-16 */
	const struct hl7_kind *kind;				/* NULL: none that is taken */
	enum hl7_act act;					/* of the kind, or of ORC-1; meant with a kind only */
	const char *number;					/* of the referral that it is about; NULL: none named */
	const struct hl7 *m;					/* the message itself; NULL: it is none */
};

/* The acknowledgement codes of table 0008 that are due, in this order; NULL: none. */
struct hl7_due {
	const char *commit;		/* CA, CE, CR */
	const char *application;	/* AA, AE, AR */
};

/* Whatever the bytes hold, even no MSH at all. `charset` as for hl7_parse. */
void hl7_read_asked(struct span bytes, const char *charset, struct arena *mem, struct hl7_asked *ret_asked);
/* `e` is what became of the message, `where` the place of the fault. */
void hl7_acks_due(const struct hl7_asked *asked, enum err e, const char *where, struct hl7_due *ret_due);
/* The referral's number, where each family has it: RF1-6, ORC-2, SCH-26, OBR-2. NULL: it names none. */
const char *hl7_number_asked(const struct hl7 *m);

#endif
