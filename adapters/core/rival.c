/* SPDX-License-Identifier: EUPL-1.2 */
/* rival - the chosen thread of each group stands in a row of its own; who is responsible follows from the case's offers. */
#include "adapters/core/rival.h"

#include <string.h>

#include "adapters/core/casebook.h"
#include "adapters/core/compose.h"
#include "adapters/core/storage.h"
#include "proto/base/clock.h"
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

enum err
rival_check_offer(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *record, struct why *why)
{
	struct thread next = { .id = { .b = { 0 } } };
	char until[CLOCK_TEXT_LEN];
	int64_t newest_ms = 0;
	struct record *offer;
	bool is_away = false;
	enum err e;

	if (!is_of_responsibility(record))
		return OK;
	while (casebook_of_case(txn, t->case_id, &next.id, &next)) {
		if (next.topic != TOPIC_TRANSFER || next.refused != OK || lifecycle_is_final(next.state))
			continue;
		if ((e = compose_referral(a, txn, &next.id, &offer)) != OK)
			return e;
		if (!is_of_responsibility(offer))
			continue;
		if (next.state == STATE_ACCEPTED) {
			/* who accepts says so but once, so offers follow each other as they were made */
			is_away = *offer->created > newest_ms ? next.is_initiator : is_away;
			newest_ms = *offer->created > newest_ms ? *offer->created : newest_ms;
		} else if (next.is_initiator && *offer->transfer->respond_by > core_now(a)) {
			clock_format_sofia(*offer->transfer->respond_by, until);
			return why_set(why, ERR_BAD_TRANSITION, "transfer.case_ref", "it is offered to %s, which may answer until %s",
				       next.others[0].agency, until);
		}
	}
	if (!is_away)
		return OK;
	return why_set(why, ERR_BAD_TRANSITION, "transfer.case_ref", "another agency has accepted the responsibility for this child");
}
