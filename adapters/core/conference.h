/* SPDX-License-Identifier: EUPL-1.2 */
/* conference - one thread of several agencies: the invitation, its answers, the decision, and the commitments made there.
 *
 * The coordinator is who called it. What is said is checked by the table of proto/council.h, here before it is sealed and there
 * before it is stored; what was said counts at all members alike, in whatever order it came to them. All functions work inside the
 * caller's transaction.
 */
#ifndef ADAPTER_CONFERENCE_H
#define ADAPTER_CONFERENCE_H

#include "adapters/core/core.h"

struct promise_row;

/* -- ours -- */

/* May our system say it now? Writes nothing. */
enum err conference_judge_own(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *record,
			      struct why *why) MUST_USE;
/* The hub refused our messages of this thread from `seq` on: what they said does not count. The caller puts `t`. */
enum err conference_recall(struct adapter *a, struct txn *txn, struct thread *t, uint64_t seq) MUST_USE;

/* -- another's -- */

/* An invitation that begins thread `t`: who called it, and whom; they join it. Writes nothing. */
enum err conference_judge_call(struct adapter *a, const struct header *h, const struct conference *c, struct thread *t,
			       struct why *why) MUST_USE;
/* What goes on in the thread, by a party of it: judged by what its author had seen. Writes nothing. */
enum err conference_judge(struct adapter *a, struct txn *txn, const struct header *h, const struct record *record,
			  const struct thread *t, struct why *why) MUST_USE;
/* It counts, said by `from` as `seq`, known by its first id: rows, papers and clocks. The caller puts `t`. */
enum err conference_keep(struct adapter *a, struct txn *txn, struct thread *t, const struct record *record, const char *from,
			 uint64_t seq, const struct msgid *first) MUST_USE;

/* Its owner and its coordinator have a commitment's clock, unless nothing is to come of it. */
void conference_set_clock(struct adapter *a, struct txn *txn, const struct thread *t, const struct promise_row *row);
const char *conference_coordinator(const struct adapter *a, const struct thread *t);

#endif
