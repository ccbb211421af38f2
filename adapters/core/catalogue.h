/* SPDX-License-Identifier: EUPL-1.2 */
/* catalogue - what the agency's system may search and read: its referrals as they stand, and the messages on them. Read only.
 *
 * For sectors whose format has resources with an address. In the order of the inbox, then of the outbox; steps that the agency
 * sent itself are found by their id only.
 */
#ifndef ADAPTER_CATALOGUE_H
#define ADAPTER_CATALOGUE_H

#include "adapters/core/core.h"

#define CATALOGUE_VERSION_LEN 64

enum err catalogue_search(struct adapter *a, const struct native *request, struct arena *mem, struct native *ret_answer,
		       struct why *why) MUST_USE;
/* By message id or number. ERR_UNKNOWN_REFERRAL; ERR_GONE. */
enum err catalogue_show(struct adapter *a, const char *id, const struct native *request, struct arena *mem, struct native *ret_answer,
		     struct why *why) MUST_USE;
/* What a submission supposes of what is there. With If-None-Exist and one thing that fits, *ret_answer is it, and nothing is to be
 * taken; otherwise ret_answer->status stays 0. A PUT or PATCH of {id} gets `in->current`; ERR_PRECONDITION: it is not the version of
 * If-Match. */
enum err catalogue_suppose(struct adapter *a, const char *id, struct native *in, struct arena *mem, struct native *ret_answer,
			struct why *why) MUST_USE;
/* The body of an answer that names what stands behind it. */
enum err catalogue_answer(struct adapter *a, const struct native *in, struct arena *mem, struct native *answer) MUST_USE;

#endif
