/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_control - MSH-10 of what we send: from the message id, so that a retry carries the same and an answer is recognised. */
#ifndef HEALTH_HL7_CONTROL_H
#define HEALTH_HL7_CONTROL_H

#include "adapters/core/sector.h"
#include "proto/base/arena.h"

/* At most 20 characters (the limit of v2.5.1): a letter for record or stage, and the last 19 hex digits of the id. */
const char *hl7_control_id(const struct outgoing *out, struct arena *mem);

#endif
