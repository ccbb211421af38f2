/* SPDX-License-Identifier: EUPL-1.2 */
/* turn - whose turn it is: which entries of the inbox go to the agency's system next, and by which door.
 *
 * The first of each thread that is due, EMERGENCY before the rest; a door keeps one of its places for EMERGENCY. A door whose
 * circuit is open gets one entry at a time, the one that has failed least, so that no message can keep it shut for the others.
 */
#ifndef ADAPTER_TURN_H
#define ADAPTER_TURN_H

#include "adapters/core/core.h"

#define TURN_MAX 32		/* handovers begun in one pass */

/* ERR_TOOBIG: no room to look. *ret_next_ms: until something else is due. */
enum err turn_choose(struct adapter *a, struct txn *txn, uint64_t cursors[TURN_MAX], size_t *ret_n, int64_t *ret_next_ms) MUST_USE;
/* How the configuration sends such an entry on. */
const struct adapter_egress *turn_egress(const struct adapter *a, const struct inbound *in, bool is_referral);
/* Is it the second place of what came here and was opened since? */
bool turn_is_opened(const struct adapter *a, const struct inbound *in);
/* Is the entry the news that its sender took back what came here? */
bool turn_is_taken_back(const struct adapter *a, const struct inbound *in);
bool turn_is_handing(const struct adapter *a, uint64_t cursor);

#endif
