/* SPDX-License-Identifier: EUPL-1.2 */
/* wording - what events are called for people, in two languages, and times and latencies as text. Pure. */
#ifndef AUDIT_WORDING_H
#define AUDIT_WORDING_H

#include "hub/audit/history.h"

#define WORDING_LATENCY_LEN 32

const char *wording_event(enum leaf_type type, enum lang lang);
const char *wording_fact(const char *name, enum lang lang);	/* of a notice, by the name in its detail; NULL: none that is known */
const char *wording_share(enum history_share share, enum lang lang);
const char *wording_stage(enum leaf_type type);		/* "stored" ... "refused" for JSON; NULL: not a stage */
/* "0.8 s", "12 min", "3 h", "5 d"; "" for a negative one. */
const char *wording_latency(int64_t ms, enum lang lang, char to[static WORDING_LATENCY_LEN]);
const char *wording_id(const struct msgid *id, char to[static MSGID_TEXT_LEN]);	/* "" for none */
const char *wording_hex(const void *p, size_t n, char *to);	/* 2n + 1 bytes; "" when all are zero */

#endif
