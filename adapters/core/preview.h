/* SPDX-License-Identifier: EUPL-1.2 */
/* preview - a referral that its agency has not opened: what may be shown of it, and what ends that.
 *
 * Where the configuration wants it, a new referral is held: the adapter has checked it and keeps it closed on its disk, and no door gives more
 * of it than its preview. The agency opens it (T02; from then on it is as any other, and its sender is told "seen"), or declines it
 * (T06; of a wish to cancel T21): then its content is erased here, and unless the agency gave it a number, its sender is told "refused",
 * ERR_UNOPENED. What its sender ends while it is held ends the same way. Clocks run all the while, and nothing of it is registered.
 */
#ifndef ADAPTER_PREVIEW_H
#define ADAPTER_PREVIEW_H

#include "adapters/core/core.h"
#include "proto/record.h"

/* Is the referral that begins `t` here to be held? */
bool preview_is_wanted(const struct adapter *a, const struct thread *t, const struct record *record);
/* Goes to the agency's system while its thread is held: words of its sender about the referral, not of the child. */
bool preview_may_pass(const struct record *record);
/* The same referral with nothing in it of the child, its carers, the reason or any worker. NULL: no room. */
struct referral *preview_hollow(const struct referral *full, struct arena *mem);
/* A record of it with its preview, for whoever may see no more. NULL: no room. */
#define PREVIEW_STAGE "preview"		/* what struct outgoing calls it */
struct record *preview_of(const struct record *full, struct arena *mem);

/* May our system say `record`, whose step is complete, in `t`? Of a held one: what opens or declines it, and an answer about consent. ERR_HELD. */
enum err preview_check(const struct thread *t, const struct record *record, struct why *why) MUST_USE;
/* May its sender say it, where it was declined unopened? ERR_UNOPENED. */
enum err preview_check_heard(const struct thread *t, const struct record *record, struct why *why) MUST_USE;
/* May our system give the entry a number? ERR_HELD. */
enum err preview_check_registered(struct adapter *a, struct txn *txn, const struct inbound *in, struct why *why) MUST_USE;
bool preview_is_opened_by(const struct record *record);		/* T02 */
/* The content goes to our system from now on, in the order in which it came. The caller puts `t`. */
enum err preview_release(struct adapter *a, struct txn *txn, struct thread *t) MUST_USE;
/* Nobody will open it: what is not registered is refused, all content is erased. */
enum err preview_put_away(struct adapter *a, struct txn *txn, struct thread *t) MUST_USE;
/* `record` has come in a thread that is held: it may end that. */
enum err preview_heard(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *record) MUST_USE;

/* Open it; decline it: `record` is a status without its step. The referral is named by message id or number. */
enum err preview_open(struct adapter *a, struct txn *txn, struct thread *t, struct record *record, struct why *why) MUST_USE;
enum err preview_decline(struct adapter *a, struct txn *txn, struct thread *t, struct record *record, struct why *why) MUST_USE;

#endif
