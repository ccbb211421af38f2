/* SPDX-License-Identifier: EUPL-1.2 */
/* conference_view - a conference as it stands, as JSON: for the HTTP doors of every sector, and without a word of what was said for
 * the control socket. Read only.
 *
 * Over HTTP, GET /v1/conferences/{id}: {"conference_id","thread","state","coordinator","is_coordinator","mechanism","urgency","start",
 * "end","place_or_link","members":[{"agency","role","name","answer","reason","delegate","at"}],"decision":{"text","lead_agency",
 * "next_review","dissent":[{"agency","text"}],"at"},"commitments":[{"commitment_id","version","owner_agency","action_code","text",
 * "measurable_result","due","state","overdue","since","asked_due","progress_text","reason","blocked_by"}]}. What is not there is
 * absent; "answer" is then null.
 */
#ifndef ADAPTER_CONFERENCE_VIEW_H
#define ADAPTER_CONFERENCE_VIEW_H

#include "adapters/core/core.h"

#define CONFERENCES_MAX 200		/* listed at a time for operators */

struct json_t;

/* ERR_UNKNOWN_REFERRAL: no conference here has that number. */
enum err conference_view_answer(struct adapter *a, const char *id, struct arena *mem, struct native *ret_answer, struct why *why) MUST_USE;
/* nasokactl's, by number, or NULL: all. The caller's reference; NULL: there is none such, or the store failed. */
struct json_t *conference_view_rows(struct adapter *a, const char *id);

#endif
