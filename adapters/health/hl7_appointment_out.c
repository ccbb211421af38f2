/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_appointment_out - steps about an appointment as SIU: made (S12), moved (S13), called off (S15), not kept (S26).
 *
 * The referral is SCH-26, the case SCH-27; the service, the place and the worker are the resources of one RGS. Called by
 * hl7_from_record.c.
 */
#include "adapters/health/hl7_out.h"

#include "adapters/health/hl7_order.h"

static const struct { const char *transition, *to, *event, *filler_status; } EVENTS[] = {
	{ "T09", "scheduled", "S12", "Booked" }, { "T11", "scheduled", "S12", "Booked" }, { "T12", "scheduled", "S13", "Booked" },
	{ "T13", "scheduled", "S26", "Noshow" }, { "T14", "accepted", "S15", "Cancelled" },
};

static size_t
event_of(const struct status *s)
{
	size_t i, n = sizeof(EVENTS) / sizeof(EVENTS[0]);

	for (i = 0; i < n; i++)
		if (s->transition && s->to && strcmp(EVENTS[i].transition, s->transition) == 0 && strcmp(EVENTS[i].to, s->to) == 0)
			break;
	return i;
}

bool
hl7_is_appointment(const struct status *s)
{
	size_t i = event_of(s);

	/* made or moved without a time it is none */
	return i < sizeof(EVENTS) / sizeof(EVENTS[0]) && (s->appointment || i > 2);
}

static const char *
time_of(struct hl7_writing *t, const int64_t *ms)
{
	return ms ? hl7_time_text(t, *ms) : NULL;
}

static void
put_sch(struct hl7_writing *t, const char *filler_status)
{
	const struct status *s = t->record->status;
	const struct appointment *a = s->appointment;

	hl7_begin(&t->w, "SCH");
	hl7_put(&t->w, 1, 1, 1, s->referral_id);
	hl7_put(&t->w, 2, 1, 1, hl7_case_no(t));
	if (s->reason_code) {
		hl7_put_rows(t, &HL7_SCH_STATUS, -1, 6, 6);
	} else {	/* the standard wants one: how it was booked, which is no reason */
		hl7_put(&t->w, 6, 1, 1, "ROUTINE");
		hl7_put(&t->w, 6, 1, 3, HL7_TABLE_BOOKED);
	}
	if (a) {
		hl7_put(&t->w, 11, 1, 4, time_of(t, a->start));
		hl7_put(&t->w, 11, 1, 5, time_of(t, a->end));
	}
	hl7_put_rows(t, &HL7_SCH_STATUS, -1, 16, 17);
	hl7_put(&t->w, 25, 1, 1, filler_status);
	hl7_put(&t->w, 25, 1, 3, "HL70278");
	hl7_put_rows(t, &HL7_SCH_STATUS, -1, 26, 26);
	hl7_put(&t->w, 27, 1, 1, hl7_case_no(t));
	hl7_end(&t->w);
}

/* One line each: the service, where, and with whom. */
static void
put_resources(struct hl7_writing *t, const char *action)
{
	const struct referral *ref = t->out->referral ? t->out->referral->referral : NULL;
	const struct status *s = t->record->status;
	const struct appointment *a = s->appointment;

	hl7_begin(&t->w, "RGS");
	hl7_put(&t->w, 1, 1, 1, "1");
	hl7_put(&t->w, 2, 1, 1, action);
	hl7_end(&t->w);
	hl7_begin(&t->w, "AIS");
	hl7_put(&t->w, 1, 1, 1, "1");
	hl7_put(&t->w, 2, 1, 1, action);
	hl7_put(&t->w, 3, 1, 1, ref ? ref->service_kind : "other");
	hl7_put(&t->w, 3, 1, 3, HL7_SYSTEM);
	hl7_put(&t->w, 4, 1, 1, a ? time_of(t, a->start) : NULL);
	hl7_end(&t->w);
	if (a && a->place) {
		hl7_begin(&t->w, "AIL");
		hl7_put(&t->w, 1, 1, 1, "1");
		hl7_put(&t->w, 2, 1, 1, action);
		hl7_put(&t->w, 3, 1, 9, a->place);
		hl7_end(&t->w);
	}
	if (s->assigned_worker && s->assigned_worker->name) {
		hl7_begin(&t->w, "AIP");
		hl7_put(&t->w, 1, 1, 1, "1");
		hl7_put(&t->w, 2, 1, 1, action);
		hl7_put_person(t, 3, s->assigned_worker->name);
		hl7_end(&t->w);
	}
}

void
hl7_write_appointment(struct hl7_writing *t)
{
	const struct status *s = t->record->status;
	size_t i = event_of(s);

	hl7_put_msh(t, "SIU", EVENTS[i].event, "SIU_S12");
	put_sch(t, EVENTS[i].filler_status);
	hl7_put_nte(t, s->reason_text);
	hl7_put_short_pid(t);
	hl7_put_observations(t, HL7_HELD_APPOINTMENT, s, "status");
	put_resources(t, strcmp(EVENTS[i].event, "S12") == 0 ? "A" : strcmp(EVENTS[i].event, "S15") == 0 ? "D" : "U");
}
