/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_order - the tables of hl7_order.h and the look-ups in them. Nothing here reads or writes a message.
 *
 * Used by the readers and writers of orders and appointments, and through hl7_map.c by the acknowledgements.
 */
#include "adapters/health/hl7_order.h"

#include <string.h>
#include <strings.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct hl7_row ORC_REFERRAL[] = {
	{ 2, 1, "referral_id", HL7_TEXT, NULL },
	{ 3, 1, "external_id", HL7_TEXT, NULL },
	{ 4, 1, "group_id", HL7_TEXT, NULL },
	{ 9, 1, "authored_on", HL7_TIME, NULL },
	{ 12, 1, "initiator.worker.name", HL7_PERSON, NULL },
	{ 14, 1, "initiator.worker", HL7_TELECOM, NULL },
	{ 15, 1, "requested_start", HL7_DATE, NULL },
	{ 21, 1, "initiator.unit", HL7_TEXT, NULL },
	{ 0, 0, NULL, HL7_TEXT, NULL },
};
static const struct hl7_row ORC_STATUS[] = {
	{ 2, 1, "referral_id", HL7_TEXT, NULL },
	{ 3, 1, "case_no", HL7_TEXT, NULL },
	{ 9, 1, "at", HL7_TIME, NULL },
	{ 14, 1, "actor", HL7_TELECOM, NULL },
	{ 15, 1, "expected_start", HL7_DATE, NULL },
	{ 16, 1, "reason_code", HL7_CODE, "reason" },
	{ 19, 1, "actor.name", HL7_PERSON, NULL },
	{ 0, 0, NULL, HL7_TEXT, NULL },
};
static const struct hl7_row SCH_STATUS[] = {
	{ 6, 1, "reason_code", HL7_CODE, "reason" },
	{ 16, 1, "actor.name", HL7_PERSON, NULL },
	{ 17, 1, "actor", HL7_TELECOM, NULL },
	{ 26, 1, "referral_id", HL7_TEXT, NULL },
	{ 27, 1, "case_no", HL7_TEXT, NULL },
	{ 0, 0, NULL, HL7_TEXT, NULL },
};

const struct hl7_rows HL7_ORC_REFERRAL = { "ORC", "referral.", ORC_REFERRAL };
const struct hl7_rows HL7_ORC_STATUS = { "ORC", "status.", ORC_STATUS };
const struct hl7_rows HL7_SCH_STATUS = { "SCH", "status.", SCH_STATUS };

const char *const HL7_HELD_ORDER[] = {
	"referral_id", "external_id", "group_id", "initiator.agency", "initiator.unit", "initiator.worker.name",
	"initiator.worker.phone", "initiator.worker.email", "target.agency", "child.ids", "child.given", "child.middle",
	"child.family", "child.birth_date", "child.gender", "child.address", "child.actual_address", "child.phone", "child.email",
	"child.nationality", "carers", "service_kind", "service_text", "reason_text", "diagnosis", "priority", "requested_start",
	"respond_by", "language", "authored_on", "preview",
	NULL,
};
const char *const HL7_HELD_ORDER_STATUS[] = {
	"referral_id", "at", "actor.name", "actor.phone", "actor.email", "reason_code", "reason_text", "case_no", "expected_start",
	"assigned_worker",
	NULL,
};
const char *const HL7_HELD_APPOINTMENT[] = {
	"referral_id", "actor.name", "actor.phone", "actor.email", "reason_code", "reason_text", "case_no", "appointment",
	"assigned_worker.name",
	NULL,
};

/* Tables 0119 and 0038. Reading takes the first row that fits, an empty ORC-5 fits any; writing the first row of the state for
 * that side. */
static const struct { const char *control, *status, *state; bool is_initiators; } STATES[] = {
	{ "CA", "", "cancelled", true },
	{ "DC", "", "cancelled", true },
	{ "CR", "CA", "cancelled", false },
	{ "CR", "", "cancelled", false },
	{ "DR", "", "cancelled", false },
	{ "UA", "CA", "declined", false },
	{ "UA", "", "declined", false },
	{ "OC", "", "declined", false },
	{ "OD", "", "declined", false },
	{ "OH", "HD", "on-hold", false },
	{ "OH", "", "on-hold", false },
	{ "OE", "", "in-progress", false },
	{ "SC", "A", "in-progress", false },
	{ "OK", "SC", "scheduled", false },
	{ "OK", "IP", "accepted", false },
	{ "OK", "", "accepted", false },
	/* status changed, or results to follow: ORC-5 alone says it */
	{ "SC", "IP", "accepted", false },
	{ "SC", "SC", "scheduled", false },
	{ "SC", "HD", "on-hold", false },
	{ "SC", "CM", "completed", false },
	{ "SC", "DC", "declined", false },
	{ "SC", "CA", "cancelled", false },
	{ "RE", "A", "in-progress", false },
	{ "RE", "CM", "completed", false },
	{ "RE", "IP", "in-progress", false },
};

/* What else a placer's cancellation may mean; an OBX `to` says which. */
static const char *const ENDS[] = { "cancel-requested", "withdrawn", "expired", "entered-in-error" };

bool
hl7_order_state_out(const char *state, bool is_initiator, const char **ret_control, const char **ret_status)
{
	*ret_control = "SC";
	*ret_status = NULL;
	for (size_t i = 0; state && is_initiator && i < COUNT(ENDS); i++)
		if (strcmp(ENDS[i], state) == 0)
			*ret_control = "CA";
	for (size_t i = 0; state && i < COUNT(STATES); i++) {
		if (strcmp(STATES[i].state, state) != 0 || STATES[i].is_initiators != is_initiator)
			continue;
		*ret_control = STATES[i].control;
		*ret_status = *STATES[i].status ? STATES[i].status : NULL;
		return true;
	}
	return false;
}

const char *
hl7_order_state_in(const char *control, const char *status)
{
	for (size_t i = 0; control && i < COUNT(STATES); i++)
		if (strcasecmp(STATES[i].control, control) == 0 &&
		    (*STATES[i].status == '\0' || (status && strcasecmp(STATES[i].status, status) == 0)))
			return STATES[i].state;
	return NULL;
}

const char *
hl7_order_place(const char *path, enum hl7_family family)
{
	static const struct { const char *path, *of_order, *of_appointment; } PLACES[] = {
		{ "referral.referral_id", "ORC-2", NULL }, { "referral.external_id", "ORC-3", NULL },
		{ "referral.group_id", "ORC-4", NULL }, { "referral.authored_on", "ORC-9", NULL },
		{ "referral.initiator.worker", "ORC-12", NULL }, { "referral.initiator.unit", "ORC-21", NULL },
		{ "referral.target", "MSH-6", NULL }, { "referral.requested_start", "TQ1-7", NULL },
		{ "referral.respond_by", "TQ1-8", NULL }, { "referral.priority", "TQ1-9", NULL },
		{ "referral.disposition_wanted", "OBX-5", NULL }, { "referral.child.gp", "OBX-5", NULL },
		{ "referral.reason_text", "OBR-31", NULL },
		{ "status.referral_id", "ORC-2", "SCH-26" }, { "status.case_no", "ORC-3", "SCH-27" },
		{ "status.to", "ORC-5", "MSH-9" }, { "status.transition", "ORC-1", "MSH-9" }, { "status.at", "ORC-9", "OBX-5" },
		{ "status.actor", "ORC-19", "SCH-16" }, { "status.expected_start", "ORC-15", "OBX-5" },
		{ "status.reason_code", "ORC-16", "SCH-6" }, { "status.reason_text", "NTE-3", "NTE-3" },
		{ "status.appointment.start", "OBX-5", "SCH-11" }, { "status.appointment.end", "OBX-5", "SCH-11" },
		{ "status.appointment.place", "OBX-5", "AIL-3" }, { "status.appointment", "OBX-5", "SCH-11" },
		{ "status.assigned_worker", "CTD", "AIP-3" }, { "status.attempt_no", "OBX-5", "SCH-3" },
	};
	size_t n;

	for (size_t i = 0; (family == HL7_ORDERS || family == HL7_APPOINTMENTS) && i < COUNT(PLACES); i++) {
		n = strlen(PLACES[i].path);
		if (strncmp(PLACES[i].path, path, n) == 0 && (path[n] == '\0' || path[n] == '.' || path[n] == '['))
			return family == HL7_ORDERS ? PLACES[i].of_order : PLACES[i].of_appointment;
	}
	return NULL;
}
