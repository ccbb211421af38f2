/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_order - the tables of orders (ORC, TQ1, OBR) and of appointments (SCH), read in both directions, as hl7_map.h's are.
 *
 * What stands in PRD and RF1 of a REF stands elsewhere in an order; what has no place there either is an OBX of ours.
 */
#ifndef HEALTH_HL7_ORDER_H
#define HEALTH_HL7_ORDER_H

#include "adapters/health/hl7_kind.h"
#include "adapters/health/hl7_map.h"

extern const struct hl7_rows HL7_ORC_REFERRAL, HL7_ORC_STATUS, HL7_SCH_STATUS;

#define HL7_TABLE_BOOKED "HL70276"	/* SCH-6 of this table says how it was booked, not why it is moved */

/* As HL7_HELD_REFERRAL, for these messages. */
extern const char *const HL7_HELD_ORDER[], *const HL7_HELD_ORDER_STATUS[], *const HL7_HELD_APPOINTMENT[];

/* ORC-1 and ORC-5 for a state; *ret_status may be NULL. False: these two cannot say it, an OBX `to` must. */
bool hl7_order_state_out(const char *state, bool is_initiator, const char **ret_control, const char **ret_status);
/* And back; NULL if they say none. */
const char *hl7_order_state_in(const char *control, const char *status);
/* "status.reason_code" -> "ORC-16" or "SCH-6"; NULL if the family has no place of its own for it. */
const char *hl7_order_place(const char *path, enum hl7_family family);

#endif
