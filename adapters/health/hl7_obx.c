/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_obx - OBX-3 and OBX-11, looked at without being marked as read. Called by the readers of OBX. */
#include "adapters/health/hl7_obx.h"

#include <strings.h>

#include "adapters/health/hl7_map.h"

bool
hl7_is_our_obx(const struct hl7 *m, const struct hl7_segment *s)
{
	const char *system = hl7_peek(m, s, 3, 1, 3);

	return system && (strcmp(system, HL7_SYSTEM) == 0 || strcmp(system, HL7_SYSTEM_SHORT) == 0);
}

bool
hl7_is_void_obx(const struct hl7 *m, const struct hl7_segment *s)
{
	const char *status = hl7_peek(m, s, 11, 1, 1);

	return status && (strcasecmp(status, "D") == 0 || strcasecmp(status, "W") == 0 || strcasecmp(status, "X") == 0);
}
