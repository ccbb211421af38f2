/* SPDX-License-Identifier: EUPL-1.2 */
/* rival - the chosen thread of each group stands in a row of its own; who is responsible follows from the case's offers. */
#include "adapters/core/rival.h"

#include <string.h>

#include "adapters/core/casebook.h"
#include "adapters/core/compose.h"
#include "adapters/core/storage.h"
#include "proto/lifecycle.h"
#include "proto/merkle.h"

/* -- a family's choice -- */

#define KEY_CHOICE "choice:"	/* and the group's hash: the thread that was chosen last */

struct choice_key { uint8_t b[sizeof(KEY_CHOICE) - 1 + sizeof(struct hash)]; };

static struct span
choice_key(const struct record *record, struct choice_key *key)
{
	struct hash hash;

	hash_sha256(span_str(record->choice->group_id), &hash);
	memcpy(key->b, KEY_CHOICE, sizeof(KEY_CHOICE) - 1);
	memcpy(key->b + sizeof(KEY_CHOICE) - 1, hash.b, sizeof(hash.b));
	return SPAN(key->b, sizeof(key->b));
}

enum err
rival_check_choice(struct txn *txn, const struct thread *t, const struct record *record, struct why *why)
{
	struct thread_id id;
	struct choice_key key;
	struct thread chosen;
	struct span had;

	if (record->choice == NULL)
		return OK;
	had = txn_get(txn, TABLE_META, choice_key(record, &key));
	if (had.n != sizeof(id.b))
		return OK;
	memcpy(id.b, had.p, sizeof(id.b));
	if (memcmp(id.b, t->id.b, sizeof(id.b)) == 0 || !casebook_find(txn, &id, &chosen) || chosen.refused != OK ||
	    lifecycle_is_final(chosen.state) || chosen.state == STATE_CANCEL_REQUESTED)
		return OK;
	return why_set(why, ERR_BAD_TRANSITION, "choice.group_id", "another provider of the group was chosen: cancel that referral first");
}

void
rival_note_choice(struct txn *txn, const struct thread *t, const struct record *record)
{
	struct choice_key key;

	if (record->choice)
		txn_put(txn, TABLE_META, choice_key(record, &key), SPAN(t->id.b, sizeof(t->id.b)));
}

/* -- responsibility -- */

static bool
is_of_responsibility(const struct record *record)
{
	return record->transfer && record->transfer->ownership && *record->transfer->ownership;
}

/* Our answered and unanswered offers of responsibility in the case of `t`, and the other side's. */
struct offers {
	bool is_away;		/* the last one accepted was ours */
	struct thread open;	/* of ours, unanswered; n_others 0: none */
};

static enum err
look_through(struct adapter *a, struct txn *txn, const struct thread *t, struct offers *ret_offers)
{
	struct thread next = { .id = { .b = { 0 } } };
	int64_t newest_ms = 0;
	struct record *offer;
	enum err e;

	*ret_offers = (struct offers){ .is_away = false };
	while (casebook_of_case(txn, t->case_id, &next.id, &next)) {
		if (next.topic != TOPIC_TRANSFER || next.refused != OK || lifecycle_is_final(next.state) ||
		    memcmp(next.id.b, t->id.b, sizeof(t->id.b)) == 0)
			continue;
		if ((e = compose_referral(a, txn, &next.id, &offer)) != OK)
			return e;
		if (!is_of_responsibility(offer))
			continue;
		if (next.state == STATE_ACCEPTED) {
			/* who accepts says so but once, so offers follow each other as they were made */
			ret_offers->is_away = *offer->created > newest_ms ? next.is_initiator : ret_offers->is_away;
			newest_ms = *offer->created > newest_ms ? *offer->created : newest_ms;
		} else if (next.is_initiator) {
			ret_offers->open = next;
		}
	}
	return OK;
}

enum err
rival_check_offer(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *record, struct why *why)
{
	struct offers offers;
	enum err e;

	if (!is_of_responsibility(record))
		return OK;
	if ((e = look_through(a, txn, t, &offers)) != OK)
		return e;
	if (offers.open.n_others > 0)
		return why_set(why, ERR_BAD_TRANSITION, "transfer.case_ref",
			       "it is offered to %s by %s: take that back first (transfer-answer, withdraw), answered or not in time",
			       offers.open.others[0].agency, offers.open.referral_id);
	if (offers.is_away)
		return why_set(why, ERR_BAD_TRANSITION, "transfer.case_ref", "another agency has accepted the responsibility for this child");
	return OK;
}

enum err
rival_check_acceptance(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *record, struct why *why)
{
	struct offers offers;
	struct outbound o;
	struct record *offer;
	enum err e;

	if (record->transfer_answer == NULL || !t->is_initiator || t->state != STATE_ACCEPTED)
		return OK;
	if (outbox_find(txn, &t->referral, &o) && o.withdrawn_ms != 0)
		return why_set(why, ERR_BAD_TRANSITION, "transfer_answer.answer", "the offer is being taken back");
	if ((e = compose_referral(a, txn, &t->id, &offer)) != OK || !is_of_responsibility(offer))
		return e;
	if ((e = look_through(a, txn, t, &offers)) == OK && offers.is_away)
		e = why_set(why, ERR_BAD_TRANSITION, "transfer_answer.answer", "another agency has accepted the responsibility for this child");
	return e;
}
