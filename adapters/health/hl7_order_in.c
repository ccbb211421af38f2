/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_order_in - OMG^O19, ORM^O01 and OSU^O51 to the record: an order for a service is a referral, its status a status.
 *
 * Written as IHE 360X writes them, and read as older systems do as well: the timing in TQ1, ORC-7 or OBR-27, the orderer in
 * ORC-12 or OBR-16. Called by hl7_to_record.c.
 */
#include "adapters/health/hl7_in.h"

#include "adapters/health/hl7_order.h"

/* Where timing stands in each version: start, end and priority as fields of TQ1, else as components of a TQ. */
static void
set_timing(struct hl7_reading *r, const struct hl7_segment *s, unsigned field)
{
	const char *priority;

	if (!s)
		return;
	if (!record_get(r->record, r->mem, "referral.requested_start"))
		hl7_set_date(r, "referral.requested_start", hl7_get(&r->m, s, field ? field : 7, 1, field ? 4 : 1), hl7_place(r, s, field ? field : 7));
	if (!record_get(r->record, r->mem, "referral.respond_by"))
		hl7_set_time(r, "referral.respond_by", hl7_get(&r->m, s, field ? field : 8, 1, field ? 5 : 1), hl7_place(r, s, field ? field : 8));
	priority = field ? hl7_code_in("priority", hl7_get(&r->m, s, field, 1, 6)) : hl7_code_of(r, s, 9, 1, "priority");
	if (!priority && hl7_get(&r->m, s, field ? field : 9, 1, field ? 6 : 1))
		hl7_fail(r, ERR_UNKNOWN_CODE, hl7_place(r, s, field ? field : 9), NULL);
	else if (!record_get(r->record, r->mem, "referral.priority"))
		hl7_set(r, "referral.priority", priority, hl7_place(r, s, field ? field : 9));
}

static void
read_timing(struct hl7_reading *r, const struct hl7_segment *orc, const struct hl7_segment *obr)
{
	const struct hl7_segment *tq1 = hl7_find(&r->m, "TQ1", 1);

	if (r->e == OK)
		set_timing(r, tq1, 0);
	if (r->e == OK)
		set_timing(r, orc, 7);
	if (r->e == OK)
		set_timing(r, obr, 27);
}

/* OBR-31 says why, in a text or a code that is one; OBR-13 what else is known. */
static const char *
reason_of(struct hl7_reading *r, const struct hl7_segment *obr)
{
	const char *text = NULL, *one;

	for (unsigned rep = 1; obr && rep <= hl7_repeats(&r->m, obr, 31); rep++) {
		one = hl7_get(&r->m, obr, 31, rep, 2);
		if (!one)
			one = hl7_get(&r->m, obr, 31, rep, 1);
		if (one)
			text = text ? arena_fmt(r->mem, "%s\n%s", text, one) : one;
	}
	return hl7_add_text(r, text, obr, 13, 0);
}

void
hl7_read_order(struct hl7_reading *r)
{
	const struct hl7_segment *orc = hl7_find(&r->m, "ORC", 1), *obr = hl7_find(&r->m, "OBR", 1);

	hl7_begin_record(r, "referral");
	hl7_read_providers(r);
	if (orc)
		hl7_read_rows(r, &HL7_ORC_REFERRAL, orc, -1, 0);
	if (r->e == OK && !record_get(r->record, r->mem, "referral.referral_id"))
		hl7_set(r, "referral.referral_id", hl7_get(&r->m, obr, 2, 1, 1), "OBR-2");
	hl7_need(r, "referral.referral_id", "ORC-2");
	read_timing(r, orc, obr);
	if (r->e == OK && obr && !record_get(r->record, r->mem, "referral.initiator.worker.name"))
		hl7_set(r, "referral.initiator.worker.name", hl7_person_of(r, obr, 16), "OBR-16");
	hl7_read_child(r);
	hl7_read_service(r, NULL, 0);
	hl7_read_texts(r, reason_of(r, obr));
}

/* A reason in words: the text of a coded value, or its code where that is none of ours. */
const char *
hl7_words_of(struct hl7_reading *r, const struct hl7_segment *s, unsigned field)
{
	const char *text = hl7_get(&r->m, s, field, 1, 2), *system = hl7_get(&r->m, s, field, 1, 3);

	if (text || (system && strcmp(system, HL7_SYSTEM) == 0))
		return text;
	return hl7_code_of(r, s, field, 1, "reason") ? NULL : hl7_get(&r->m, s, field, 1, 1);
}

void
hl7_read_order_step(struct hl7_reading *r)
{
	const struct hl7_segment *orc = hl7_find(&r->m, "ORC", 1), *obr = hl7_find(&r->m, "OBR", 1), *ctd = hl7_find(&r->m, "CTD", 1);
	const char *control = hl7_get(&r->m, orc, 1, 1, 1), *status = hl7_get(&r->m, orc, 5, 1, 1), *to;

	hl7_begin_record(r, "status-change");
	hl7_read_rows(r, &HL7_ORC_STATUS, orc, -1, 0);
	hl7_need(r, "status.referral_id", "ORC-2");
	hl7_read_texts(r, hl7_words_of(r, orc, 16));
	if (r->e == OK && !record_get(r->record, r->mem, "status.to")) {
		to = hl7_order_state_in(control, status);
		if (!to && status)
			hl7_fail(r, ERR_UNKNOWN_CODE, "ORC-5", NULL);
		hl7_set(r, "status.to", to, "ORC-5");
	}
	if (r->e == OK && !r->record->status->appointment)
		hl7_set_time(r, "status.appointment.start", hl7_get(&r->m, obr, 36, 1, 1), "OBR-36");
	if (ctd)
		hl7_read_worker(r, ctd, "status.assigned_worker");
	hl7_end_status(r, "ORC-5");
}
