/* SPDX-License-Identifier: EUPL-1.2 */
/* casework - what is said in one thread of a case goes on to its others.
 *
 * A change of consent is carried to every agency that got the child by a referral, a conference or a transfer of the case; when
 * another agency takes a child over, every other partner is told and the threads that were handed over end; when one of several
 * providers is chosen, the others are discontinued; what a family wants gone is erased. Each is an errand: kept in the transaction
 * of what caused it, done by the tick in one of its own, as a record of ours in its thread. So nothing is forgotten by a crash, and
 * nobody waits for a long list.
 */
#ifndef ADAPTER_CASEWORK_H
#define ADAPTER_CASEWORK_H

#include "adapters/core/core.h"
#include "proto/record.h"

#define CASE_THREADS_MAX 256	/* of one case here, that a word of it other than consent is carried to; what is beyond is told */

/* Our agency's own word went out in thread `t` (an errand's does not count: it would go round), or the other side's came in it: what follows elsewhere. */
enum err casework_said(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *record) MUST_USE;
enum err casework_heard(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *record) MUST_USE;
/* A held referral was ended by its sender: it is put away (preview.h) as soon as that can be told. */
enum err casework_keep_end(struct adapter *a, struct txn *txn, const struct thread *t) MUST_USE;
/* `record` is to be said in a thread of its own, or in `t` if it does not begin one. */
enum err casework_keep(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *record) MUST_USE;
/* Do what waits: each errand once, in a transaction of its own; one that is not possible any more is told and dropped. */
enum err casework_run(struct adapter *a) MUST_USE;
uint64_t casework_waiting(struct txn *txn);

#endif
