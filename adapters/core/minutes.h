/* SPDX-License-Identifier: EUPL-1.2 */
/* minutes - a conference as it stands, written for a party that has lost it, and made into one again there (PROTOCOL.md 7, "Thread states").
 * Its reader believes them as minutes_check.h says. All functions work inside the caller's transaction. Called by thread_state.c.
 */
#ifndef ADAPTER_MINUTES_H
#define ADAPTER_MINUTES_H

#include "adapters/core/core.h"
#include "adapters/core/promise.h"

/* Into record->thread_state, whose other fields and the record's are there already. What says how a commitment goes on is left out where
 * the record would be too large, of ended ones first. `invite`: the record that began it. ERR_TOOBIG: it is too large all the same. */
enum err minutes_write(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *invite,
		       struct record *record) MUST_USE;

/* Rows, papers and clocks of commitments, and the state into `t`, whose parties are there and which the caller puts. `case_id` is the
 * record's. */
enum err minutes_keep(struct adapter *a, struct txn *txn, struct thread *t, const struct record *record) MUST_USE;

/* What was said of a commitment. False: more than a row holds. Pure. */
bool minutes_words(const struct kept_commitment *c, struct promise *ret_said);
bool minutes_is_open(const struct kept_commitment *c);	/* something is still to come of it. Pure */

#endif
