/* SPDX-License-Identifier: EUPL-1.2 */
/* register - the agency's own system has it, under its own number: the stage that ends a message well. */
#ifndef ADAPTER_REGISTER_H
#define ADAPTER_REGISTER_H

#include "adapters/core/core.h"

bool register_is_number(const char *case_no);	/* it can be seen; NULL is none. Pure */
/* May it be registered under this number? Writes nothing. */
enum err register_check(const struct inbound *in, const char *case_no, struct why *why) MUST_USE;
/* The same, and that its receipt can be sealed now: after this register_inbound fails for want of memory only. */
enum err register_try(struct adapter *a, const struct inbound *in, const char *case_no, struct why *why) MUST_USE;
/* Idempotent for the same number. ERR_DUPLICATE: it was registered under another number; the first stands. */
enum err register_inbound(struct adapter *a, struct txn *txn, struct inbound *in, const char *case_no, struct why *why) MUST_USE;
/* What `ref` names (message id, referral number or case number): the entry to confirm. ERR_NOTFOUND. */
enum err register_find(struct txn *txn, const char *ref, struct inbound *ret_in, struct why *why) MUST_USE;
/* The thread that `ref` names: a number of either agency, or the message id of anything in the thread, sent or received. */
bool register_find_thread(struct txn *txn, const char *ref, struct thread *ret_thread) MUST_USE;
/* May our system refuse it? Not an answer to an offer of transfer: it has told others who is responsible, so it waits for an operator. */
enum err register_may_refuse(struct adapter *a, struct txn *txn, const struct inbound *in, bool *ret_may) MUST_USE;
/* Our system refuses it for good: the sender is told, nothing more is tried. */
enum err register_refused(struct adapter *a, struct txn *txn, struct inbound *in, enum err code, const char *text) MUST_USE;

/* The hub has our receipt `o`: what it registers can be taken back no more, so what that has answered stays answered; what it refuses has
 * answered nothing. */
void register_stored(struct adapter *a, struct txn *txn, const struct outbound *o);

#endif
