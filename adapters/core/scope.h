/* SPDX-License-Identifier: EUPL-1.2 */
/* scope - how much of a record of ours may go, and to whom: by the consent of its thread as it stands today, and the sectors of its recipients.
 *
 * Finds the ground in the record itself or in the store; what it means is grounds' and minimise's to say. Called before anything is sealed, so what
 * is refused is refused at the door. ERR_CONSENT_CATEGORY of a record or a file that cannot go in part.
 */
#ifndef ADAPTER_SCOPE_H
#define ADAPTER_SCOPE_H

#include "adapters/core/core.h"

/* A referral or an offer of transfer, whole, with its target: as grounds_check says; then what may not go is dropped and counted in the record. Names
 * of recipients_allowed that are aliases here become the agencies' ids. */
enum err scope_begin(struct adapter *a, struct txn *txn, struct record *record, struct why *why) MUST_USE;
/* An invitation of ours to the parties of `t`: by the consent of the referral that it is about, where that is known here. */
enum err scope_call(struct adapter *a, struct txn *txn, const struct thread *t, struct record *record, struct why *why) MUST_USE;
/* What goes on in a thread. Files are not asked about here, but once, when they are taken. */
enum err scope_follow(struct adapter *a, struct txn *txn, const struct thread *t, struct record *record, struct why *why) MUST_USE;
/* A file for a thread, by its category; `where` names the place. */
enum err scope_file(struct adapter *a, struct txn *txn, const struct thread *t, const char *category, const char *where, struct why *why) MUST_USE;
/* Files that come inside one message with what they belong to: where one may not go, that does not go either, since the message has one answer. The
 * items are refused; nothing is written. */
void scope_enclosed(struct adapter *a, struct txn *txn, struct intake *intake);
/* Consent was changed in thread `t`, by us or by the other side: what goes there from now on is judged by the new one. */
enum err scope_changed(struct adapter *a, struct txn *txn, const struct thread *t, const struct consent_change *change) MUST_USE;

#endif
