/* SPDX-License-Identifier: EUPL-1.2 */
/* reseal - what we sent and its recipient, or the hub, cannot take under the keys it was sealed to goes again under newer ones
 * (PROTOCOL.md 5, "Sealed again"); and the other side of it: asking for what cannot be opened here.
 */
#ifndef ADAPTER_RESEAL_H
#define ADAPTER_RESEAL_H

#include "adapters/core/compose.h"
#include "adapters/core/core.h"

/* It was refused with RESEAL, or its recipient asks for it: at once where newer keys are known, else later, ever more rarely. */
void reseal_ask(struct adapter *a, struct txn *txn, const struct outbound *o);
/* Seal again what is due; called at the tick. Only the store's failures are given back. */
enum err reseal_run(struct adapter *a) MUST_USE;

/* A message that came cannot be opened: note it as had, and its place in the thread as awaited; tell its sender. */
enum err reseal_wish(struct adapter *a, struct txn *txn, const struct envelope *env) MUST_USE;
/* Note it as had, and its place as awaited. Its sender has been told, or will be. */
void reseal_await(struct txn *txn, const char *from, const struct msgid *id, const struct hash *hash, const struct thread_id *thread,
		  uint64_t seq);
/* The same, and tell its sender; all that is known of the message stands in `about`. */
enum err reseal_request(struct adapter *a, struct txn *txn, const char *from, const struct receipt_of *about, uint64_t seq) MUST_USE;
/* Was the message of this place (the `seq` of `from` in the thread) asked for, and has not come? */
bool reseal_is_asked(struct txn *txn, const struct thread_id *thread, const char *from, uint64_t seq);
/* Is there a message of `from` before `seq` in the thread that was asked for, and has not come? `last`: the last seq taken. */
bool reseal_is_awaited(struct txn *txn, const struct thread_id *thread, const char *from, uint64_t last, uint64_t seq);
/* How many have been asked for and have not come; when the oldest of them was made, 0: none. */
uint64_t reseal_awaited(struct txn *txn, int64_t *ret_oldest_ms);
/* Its place is filled, or given up. The first id that it came under goes to *ret_first (or NULL), if one is known. */
void reseal_came(struct txn *txn, const struct thread_id *thread, const char *from, uint64_t seq, struct msgid *ret_first);
/* What came supersedes entry `in`. Is it the same record? Then the entry goes under the new id, and its receipts are said for it. */
bool reseal_is_same(struct adapter *a, struct txn *txn, const struct inbound *in, const struct record *record);
enum err reseal_had(struct adapter *a, struct txn *txn, const struct envelope *env, struct inbound *in) MUST_USE;

#endif
