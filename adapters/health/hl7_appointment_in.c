/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_appointment_in - SIU to the record: an appointment made (S12), moved (S13), called off (S15) or not kept (S26).
 *
 * The referral is the placer's order of the appointment (SCH-26); times stand in SCH-11, TQ1, or with the resources. Called by
 * hl7_to_record.c.
 */
#include "adapters/health/hl7_in.h"

#include <stdlib.h>

#include "adapters/health/hl7_asked.h"
#include "adapters/health/hl7_order.h"
#include "proto/base/clock.h"

#define MINUTES_MAX (60 * 24 * 31)

struct place { const char *segment; unsigned field, comp; };

/* The first of these places that has something. */
static const char *
first_of(struct hl7_reading *r, const struct place *places, size_t n, const char **ret_where)
{
	for (size_t i = 0; i < n; i++) {
		const struct hl7_segment *s = hl7_find(&r->m, places[i].segment, 1);
		const char *v = hl7_get(&r->m, s, places[i].field, 1, places[i].comp);

		if (v) {
			*ret_where = hl7_place(r, s, places[i].field);
			return v;
		}
	}
	return NULL;
}

/* How long it lasts, in minutes; 0: it says nothing that can be told. */
static long
duration(struct hl7_reading *r)
{
	static const struct { const char *segment; unsigned value, unit; } PLACES[] = { { "SCH", 9, 10 }, { "AIS", 7, 8 } };

	for (size_t i = 0; i < sizeof(PLACES) / sizeof(PLACES[0]); i++) {
		const struct hl7_segment *s = hl7_find(&r->m, PLACES[i].segment, 1);
		const char *value = hl7_get(&r->m, s, PLACES[i].value, 1, 1), *unit = hl7_get(&r->m, s, PLACES[i].unit, 1, 1);
		long n = value ? strtol(value, NULL, 10) : 0;

		if (n <= 0 || n > MINUTES_MAX)
			continue;
		if (!unit || *unit == 'm' || *unit == 'M')
			return n;
		if (*unit == 'h' || *unit == 'H')
			return 60 * n;
	}
	return 0;
}

static void
read_times(struct hl7_reading *r)
{
	static const struct place STARTS[] = { { "SCH", 11, 4 }, { "TQ1", 7, 1 }, { "AIS", 4, 1 }, { "AIL", 6, 1 }, { "AIP", 6, 1 } };
	static const struct place ENDS[] = { { "SCH", 11, 5 }, { "TQ1", 8, 1 } };
	const char *where = "SCH-11", *start = first_of(r, STARTS, sizeof(STARTS) / sizeof(STARTS[0]), &where), *end;
	char iso[CLOCK_TEXT_LEN];
	int64_t ms;

	if (r->e != OK)
		return;
	hl7_set_time(r, "status.appointment.start", start, where);
	if ((end = first_of(r, ENDS, sizeof(ENDS) / sizeof(ENDS[0]), &where))) {
		hl7_set_time(r, "status.appointment.end", end, where);
	} else if (start && duration(r) > 0 && hl7_time(start, &ms, NULL) == OK) {
		clock_format(ms + duration(r) * CLOCK_MINUTE, iso);
		hl7_set(r, "status.appointment.end", iso, "SCH-9");
	}
}

/* AIL-3 in words: its description, else facility, point of care and room. */
static void
read_place(struct hl7_reading *r)
{
	static const unsigned PARTS[] = { 4, 1, 2 };
	const struct hl7_segment *ail = hl7_find(&r->m, "AIL", 1);
	const char *place = hl7_get(&r->m, ail, 3, 1, 9), *part;

	for (size_t i = 0; !hl7_get(&r->m, ail, 3, 1, 9) && i < sizeof(PARTS) / sizeof(PARTS[0]); i++)
		if ((part = hl7_get(&r->m, ail, 3, 1, PARTS[i])))
			place = place ? arena_fmt(r->mem, "%s, %s", place, part) : part;
	if (ail)
		hl7_set(r, "status.appointment.place", place, "AIL-3");
}

/* SCH-6 that says how it was booked is nobody's reason, nor is that of a new one, unless it is a code of ours. */
static bool
has_reason(struct hl7_reading *r, const struct hl7_segment *sch)
{
	const char *table = hl7_get(&r->m, sch, 6, 1, 3);

	if (strcmp(r->kind->step, "T11") == 0)
		return table && strcmp(table, HL7_SYSTEM) == 0;
	return !(table && strcmp(table, HL7_TABLE_BOOKED) == 0);
}

/* The how-many-th it was that was not kept; who does not count says the first, and that it is assumed. */
static void
read_attempt(struct hl7_reading *r, const struct hl7_segment *sch)
{
	const char *said = hl7_get(&r->m, sch, 3, 1, 1);

	if (r->e != OK || record_get(r->record, r->mem, "status.attempt_no"))
		return;
	hl7_set(r, "status.attempt_no", said ? said : "1", "SCH-3");
	if (!said)
		hl7_set(r, "assumed", "status.attempt_no", "SCH-3");
}

void
hl7_read_appointment(struct hl7_reading *r)
{
	const struct hl7_segment *sch = hl7_find(&r->m, "SCH", 1), *aip = hl7_find(&r->m, "AIP", 1);
	const char *step = r->kind->step;
	bool is_new = strcmp(step, "T11") == 0;
	const char *words = NULL;

	hl7_begin_record(r, "status-change");
	if (!sch)
		hl7_fail(r, ERR_REQUIRED, "SCH", NULL);
	if (r->e != OK)
		return;
	hl7_read_rows(r, &HL7_SCH_STATUS, sch, -1, 0);
	if (has_reason(r, sch))
		words = hl7_words_of(r, sch, 6);
	else if (r->e == OK && r->record->status)
		r->record->status->reason_code = NULL;
	if (!is_new && r->e == OK && !record_get(r->record, r->mem, "status.reason_code"))
		hl7_set(r, "status.reason_code", hl7_code_of(r, sch, 7, 1, "reason"), "SCH-7");
	if (!words && !is_new)
		words = hl7_words_of(r, sch, 7);
	if (r->e == OK && !record_get(r->record, r->mem, "status.referral_id"))
		hl7_set(r, "status.referral_id", hl7_number_asked(&r->m), "SCH-26");
	hl7_need(r, "status.referral_id", "SCH-26");
	hl7_read_texts(r, words);
	if (r->e == OK && !record_get(r->record, r->mem, "status.to"))
		hl7_set(r, "status.to", strcmp(step, "T14") == 0 ? "accepted" : "scheduled", "MSH-9");
	/* a new one may follow a place in the list, an acceptance or work begun: which, the core knows */
	if (r->e == OK && !is_new && !record_get(r->record, r->mem, "status.transition"))
		hl7_set(r, "status.transition", step, "MSH-9");
	read_times(r);
	if (r->e == OK && r->record->status->appointment)
		read_place(r);
	if (strcmp(step, "T13") == 0)
		read_attempt(r, sch);
	if (aip)
		hl7_set(r, "status.assigned_worker.name", hl7_person_of(r, aip, 3), "AIP-3");
	hl7_end_status(r, "SCH-26");
}
