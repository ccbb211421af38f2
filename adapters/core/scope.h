/* SPDX-License-Identifier: EUPL-1.2 */
/* scope - how much of a record of ours may go, and to whom: by the consent of its thread as it stands today, and the sectors of its recipients.
 *
 * Finds the ground in the record itself or in the store; what it means is grounds' and minimise's to say. Called before anything is sealed, so what
 * is refused is refused at the door. ERR_CONSENT_CATEGORY of a record or a file that cannot go in part.
 */
#ifndef ADAPTER_SCOPE_H
#define ADAPTER_SCOPE_H

#include "adapters/core/core.h"
#include "adapters/core/minimise.h"

/* A referral or an offer of transfer, whole, with its target: as grounds_check says; then what may not go is dropped and counted in the record. Names
 * of recipients_allowed that are aliases here become the agencies' ids. */
enum err scope_begin(struct adapter *a, struct txn *txn, struct record *record, struct why *why) MUST_USE;
/* An invitation of ours to the parties of `t`: by the consent of the referral that it is about, where that is known here. */
enum err scope_call(struct adapter *a, struct txn *txn, const struct thread *t, struct record *record, struct why *why) MUST_USE;
/* What goes on in a thread, each part of a file too. ERR_CONSENT_ENDED: the family has withdrawn the consent, and this rests on it. */
enum err scope_follow(struct adapter *a, struct txn *txn, const struct thread *t, struct record *record, struct why *why) MUST_USE;
/* A file for a thread, by its category; `where` names the place. */
enum err scope_file(struct adapter *a, struct txn *txn, const struct thread *t, const char *category, const char *where, struct why *why) MUST_USE;
/* Files that come inside one message with what they belong to: where one may not go, or is not what it says, that does not go either, since the
 * message has one answer. The items are refused; nothing is written. */
void scope_enclosed(struct adapter *a, struct txn *txn, struct intake *intake);
/* ERR_CONSENT_ENDED: the consent of the thread was withdrawn whole, and `record` rests on it: only what its end needs goes on. Pure. */
enum err scope_over(const struct thread *t, const struct record *record, struct why *why) MUST_USE;
/* `record` came in a thread that we have shredded: ERR_CONSENT_ENDED, unless its end needs it. Pure. */
enum err scope_heard(const struct thread *t, const struct record *record, struct why *why) MUST_USE;
/* Does what renews the consent of a thread, which rests on it, hold today, for all who are in it, and was it given since the withdrawal? As grounds
 * and revoked say. `change` NULL, and another change: OK. */
enum err scope_change(struct adapter *a, struct txn *txn, const struct thread *t, const struct consent_change *change, struct why *why) MUST_USE;
/* An answer of ours about consent: ERR_UNASKED where none was changed, since `shredded` ends a referral for good. Other records: OK. */
enum err scope_answer(struct txn *txn, const struct thread *t, const struct record *record, struct why *why) MUST_USE;
/* Consent was changed in thread `t`, by us or by the other side: what goes there from now on is judged by the new one. The caller puts `t`. */
enum err scope_changed(struct adapter *a, struct txn *txn, struct thread *t, const struct consent_change *change) MUST_USE;

/* How it will be after a change that is said or heard now (NULL: all of it is shredded here), for what is queued. Writes nothing. */
struct scope_after {
	bool is_over;			/* withdrawn whole */
	struct ground ground;		/* with the consent as it will stand */
	const char *kinds[ENVELOPE_TO_MAX];
};
enum err scope_after(struct adapter *a, struct txn *txn, const struct thread *t, const struct consent_change *change,
		     struct scope_after *ret_after) MUST_USE;
/* May a queued record of the thread still go, whole? What it loses is lost from `record`. Pure. */
bool scope_may_stay(const struct scope_after *after, struct record *record);

#endif
