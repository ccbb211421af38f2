/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_err - our errors as HL7's: the ERR segment of an acknowledgement. */
#ifndef HEALTH_HL7_ERR_H
#define HEALTH_HL7_ERR_H

#include "adapters/health/hl7_asked.h"

bool hl7_is_before_25(const struct hl7_asked *asked);

/* ERR with place, code of table 0357, our code, and what to do; before version 2.5 with ERR-1. */
void hl7_put_err(struct hl7_writer *w, struct arena *mem, enum err e, const struct why *why, const struct hl7_asked *asked);

/* The ERR of what was taken, but: severity "W", a warning, or "I", a piece of news. Nothing before version 2.5, which has no severity. */
void hl7_put_note(struct hl7_writer *w, const char *severity, const char *text, const char *text_en, const struct hl7_asked *asked);

#endif
