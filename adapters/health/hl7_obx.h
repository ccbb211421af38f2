/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_obx - what an OBX says of itself: a field of ours or another system's observation, a value or none. */
#ifndef HEALTH_HL7_OBX_H
#define HEALTH_HL7_OBX_H

#include "adapters/health/hl7.h"

/* OBX-3 is a path of ours, by either name of our system. */
bool hl7_is_our_obx(const struct hl7 *m, const struct hl7_segment *s);
/* OBX-11 (table 0085) takes back what stands there: deleted (D), wrong (W), or not to be obtained (X). It is not read, and so counted. */
bool hl7_is_void_obx(const struct hl7 *m, const struct hl7_segment *s);
/* The OBX of ours that says this path of a record, "referral.goals[1].text"; NULL: none does. */
const struct hl7_segment *hl7_find_obx(const struct hl7 *m, const char *path, struct arena *mem);

#endif
