/* SPDX-License-Identifier: EUPL-1.2 */
/* rival - what only one may have: the family's choice among providers who were asked together, and the responsibility for a child.
 *
 * Asked of who chooses or offers, before anything is sealed and when an acceptance comes: two choices would discontinue each other's providers, so that the
 * child has none, and two offers accepted would make two agencies responsible. What is not known here (another adapter's words) is not judged.
 */
#ifndef ADAPTER_RIVAL_H
#define ADAPTER_RIVAL_H

#include "adapters/core/core.h"
#include "proto/record.h"

/* ERR_BAD_TRANSITION: another provider of the group was chosen, and that referral is open and not being cancelled. The same one again is no other. */
enum err rival_check_choice(struct txn *txn, const struct thread *t, const struct record *record, struct why *why) MUST_USE;
/* The choice in thread `t` goes out in this transaction. */
void rival_note_choice(struct txn *txn, const struct thread *t, const struct record *record);

/* An offer of responsibility (`ownership`), in the case of `t`. ERR_BAD_TRANSITION: an earlier offer of ours is neither answered nor taken back, in its
 * time or after it, or was accepted and nothing has brought responsibility back since. An offer without ownership is no bar. */
enum err rival_check_offer(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *record, struct why *why) MUST_USE;
/* The other side's acceptance of our offer has brought `t` to accepted. ERR_BAD_TRANSITION: we are taking the offer's message back, or another agency
 * has accepted meanwhile, by an offer that a lost disk hid from us. It is refused then, and so has never been at either side. */
enum err rival_check_acceptance(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *record, struct why *why) MUST_USE;

#endif
