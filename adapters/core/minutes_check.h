/* SPDX-License-Identifier: EUPL-1.2 */
/* minutes_check - are a conference's minutes to be believed?
 *
 * What their reader has of others is the writer's word. It is checked by what the hub has proven (who called the conference, who is party to it,
 * how many messages of each the writer had) and by the table of proto/council.h. All parties hear the same minutes, and each compares
 * what they say of itself. Nothing here writes. Called by thread_state.c.
 */
#ifndef ADAPTER_MINUTES_CHECK_H
#define ADAPTER_MINUTES_CHECK_H

#include "adapters/core/hollow.h"

/* Can they be true, told under header `h` about thread `missing`? ERR_INCONSISTENT. */
enum err minutes_check_all(struct adapter *a, const struct header *h, const struct hollow *missing, const struct minutes *m,
			   struct why *why) MUST_USE;
/* Do they say of us what we have said ourselves, as far as their author had heard of us? ERR_INCONSISTENT. */
enum err minutes_check_ours(struct adapter *a, struct txn *txn, const struct thread *t, const struct header *h, const struct minutes *m,
			    struct why *why) MUST_USE;

#endif
