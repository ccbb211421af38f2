/* SPDX-License-Identifier: EUPL-1.2 */
/* preview_view - referrals that are held, as JSON, and what the agency's people do with them; the same in all sectors.
 *
 * GET: {"previews":[{"msg_id","thread","from","referral_id","received_at","respond_by","state","preview":{"age_band","service_kind",
 * "municipality","priority"}}],"next"}. POST open: {"actor":{"role","name"}} or nothing. POST decline: the same, with "reason_code",
 * "reason_text" and "case_no". Both answer with the referral's number and state; the same again gets the same answer.
 */
#ifndef ADAPTER_PREVIEW_VIEW_H
#define ADAPTER_PREVIEW_VIEW_H

#include "adapters/core/core.h"

struct json_t;

#define PREVIEW_VIEW_MAX 200	/* in one answer */
#define PREVIEW_BODY_MAX 8192	/* of what is posted */

enum err preview_view_list(struct adapter *a, const struct native *request, struct arena *mem, struct native *ret_answer,
			   struct why *why) MUST_USE;
enum err preview_view_open(struct adapter *a, const char *id, const struct native *request, struct arena *mem, struct native *ret_answer,
			   struct why *why) MUST_USE;
enum err preview_view_decline(struct adapter *a, const char *id, const struct native *request, struct arena *mem,
			      struct native *ret_answer, struct why *why) MUST_USE;
/* The same over the control socket: `asked` has "after", or "id" and what is posted by HTTP, beside "verb". The caller's reference. */
enum err preview_view_ask_list(struct adapter *a, const struct json_t *asked, struct arena *mem, struct json_t **ret_said,
			       struct why *why) MUST_USE;
enum err preview_view_ask_open(struct adapter *a, const struct json_t *asked, struct arena *mem, struct json_t **ret_said,
			       struct why *why) MUST_USE;
enum err preview_view_ask_decline(struct adapter *a, const struct json_t *asked, struct arena *mem, struct json_t **ret_said,
				  struct why *why) MUST_USE;
uint64_t preview_view_count(struct txn *txn);	/* of those that are held */
/* One of them, for a door whose format has no shape for it. */
enum err preview_view_one(const struct outgoing *out, struct arena *mem, struct native *ret_native) MUST_USE;

#endif
