/* SPDX-License-Identifier: EUPL-1.2 */
/* policy - what the directory allows: who may write to whom, sealed to which keys, with which auditors. Pure. */
#ifndef HUB_POLICY_H
#define HUB_POLICY_H

#include "hub/roster.h"
#include "proto/envelope.h"

struct policy_ask {
	const struct header *header;
	const struct roster *roster;
	const struct directory *named;		/* the version that the header names */
	int64_t now_ms, horizon_ms;		/* a submit older than the horizon is refused: erased ids cannot return */
};

/* ERR_NOT_ALLOWED, ERR_UNKNOWN_AGENCY, ERR_INCONSISTENT (wraps or shares are not exactly the recipients, the auditors),
 * ERR_RESEAL (to a key that its recipient does not name, or whose time has passed), ERR_STALE, ERR_UNSUPPORTED. */
enum err policy_check(const struct policy_ask *ask, struct why *why) MUST_USE;
/* The sender's key in the directory version that the header names. ERR_RESEAL: that version is past its grace. ERR_BUSY:
 * newer than ours. ERR_UNKNOWN_AGENCY, ERR_UNKNOWN_KEY. */
enum err policy_signer(const struct envelope *e, const struct roster *roster, int64_t now_ms, int64_t grace_ms,
		       const struct directory **ret_named, const struct agency **ret_signer, struct why *why) MUST_USE;

#endif
