/* SPDX-License-Identifier: EUPL-1.2 */
/* receipt - TABLE_STAGES holds a bit a stage for each message and recipient; the clocks follow its changes. */
#include "hub/receipt.h"

#include "hub/clocks.h"
#include "hub/closure.h"
#include "hub/statement.h"
#include "hub/takeback.h"
#include "proto/base/bug.h"

uint16_t
receipt_stages(struct hub *hub, uint64_t leaf, const char *recipient)
{
	struct row_key key;
	struct span value = state_get(hub, TABLE_STAGES, row_key_stage(leaf, recipient, &key));
	uint16_t bits = 0;

	return value.p && row_decode_stages(value, &bits) == OK ? bits : 0;
}

static void
put_stages(struct hub *hub, uint64_t leaf, const char *agency, uint16_t bits)
{
	struct row_key key;

	state_put(hub, TABLE_STAGES, row_key_stage(leaf, agency, &key), row_stages(bits, hub->mem));
}

bool
receipt_has_ended(struct hub *hub, uint64_t leaf, const char *recipient)
{
	return (receipt_stages(hub, leaf, recipient) & STAGES_END) != 0;
}

static bool
is_recipient(const struct id_row *about, const char *agency)
{
	for (size_t i = 0; i < about->n_to; i++)
		if (strcmp(about->to[i], agency) == 0)
			return true;
	return false;
}

enum err
receipt_check(struct hub *hub, const struct header *h, struct id_row *ret_about, struct why *why)
{
	struct row_key key;
	struct span value;
	uint16_t had;

	if (h->stage == STAGE_WITHDRAWN)
		return takeback_check(hub, h, ret_about, why);
	value = state_get(hub, TABLE_IDS, row_key_id(&h->in_reply_to, h->to[0], &key));
	if (value.p == NULL)
		return why_set(why, ERR_NOTFOUND, "in_reply_to", "no such message of that sender");
	if (row_decode_id(value, hub->mem, ret_about) != OK)
		return ERR_CORRUPT;
	if (ret_about->class != CLASS_DATA || !is_recipient(ret_about, h->from) ||
	    memcmp(ret_about->thread.b, h->thread.b, THREAD_LEN) != 0)
		return why_set(why, ERR_NOT_ALLOWED, "in_reply_to", "not a message to this agency");
	/* one that refuses may say that it received something else: that is its reason */
	if (h->stage != STAGE_REFUSED && !hash_eq(&h->received, &ret_about->hash) && !bug(BUG_RECEIPT_FOR_ANOTHER))
		return why_set(why, ERR_INCONSISTENT, "received", "not what was submitted");
	had = receipt_stages(hub, ret_about->leaf, h->from);
	if (had & STAGES_AT(h->stage))
		return why_set(why, ERR_EXISTS, "stage", "confirmed already");
	if ((had & STAGES_END) && ((STAGES_AT(h->stage) & STAGES_END) || h->stage == STAGE_RESEAL))
		return why_set(why, ERR_CONFLICT, "stage", "the message has ended already");
	return OK;
}

enum leaf_type
receipt_leaf(const struct header *h)
{
	switch (h->stage) {
	case STAGE_REGISTERED:
		return LEAF_REGISTERED;
	case STAGE_SEEN:
		return LEAF_SEEN;
	case STAGE_REFUSED:
		return LEAF_REFUSED;
	case STAGE_WITHDRAWN:
		return LEAF_WITHDRAWN;
	case STAGE_RESEAL:
		return LEAF_RESEAL;
	case STAGE_NONE:
	case STAGE_STORED:
	case STAGE_DELIVERED:
		break;
	}
	return LEAF_DELIVERED;
}

enum err
receipt_code(const struct header *h)
{
	if (h->stage == STAGE_RESEAL)
		return ERR_RESEAL;
	if (h->stage != STAGE_REFUSED)
		return OK;
	return h->refusal == REFUSAL_CONFLICT ? ERR_CONFLICT : ERR_SYSTEM_REFUSED;
}

static void
put_bits(struct hub *hub, uint64_t leaf, const char *recipient, uint16_t more)
{
	uint16_t had = receipt_stages(hub, leaf, recipient), bits = had | more;
	struct party *p = state_party(hub, recipient);

	if (bits == had)
		return;
	put_stages(hub, leaf, recipient, bits);
	clocks_change(hub, leaf, recipient, had, bits);
	if ((had & STAGES_END) || !(bits & STAGES_END))
		return;
	statement_end(hub, leaf, recipient);
	if (p && p->row.unregistered > 0) {
		p->row.unregistered--;
		state_dirty(p);
	}
}

enum err
receipt_put(struct hub *hub, const struct header *h, const struct id_row *about)
{
	if (h->stage == STAGE_WITHDRAWN)
		return takeback_put(hub, h, about);
	put_bits(hub, about->leaf, h->from, STAGES_AT(h->stage));
	if (STAGES_AT(h->stage) & STAGES_END)
		closure_ended(hub, h->to[0], about, h->from, h->stage == STAGE_REGISTERED);
	return OK;
}

void
receipt_end(struct hub *hub, uint64_t leaf, const char *recipient)
{
	put_bits(hub, leaf, recipient, STAGES_SUPERSEDED);
}

void
receipt_withdraw(struct hub *hub, uint64_t leaf, const char *recipient)
{
	put_bits(hub, leaf, recipient, STAGES_WITHDRAWN);
}

bool
receipt_note_conflict(struct hub *hub, uint64_t leaf, const char *sender)
{
	uint16_t had = receipt_stages(hub, leaf, sender);

	if (had & STAGES_CONFLICT)
		return false;
	put_stages(hub, leaf, sender, had | STAGES_CONFLICT);
	return true;
}

void
receipt_close(struct hub *hub, uint64_t leaf, const char *recipient)
{
	put_bits(hub, leaf, recipient, STAGES_CLOSED);
}

void
receipt_reopen(struct hub *hub, uint64_t leaf, const char *recipient, const struct clock_row *clock)
{
	uint16_t had = receipt_stages(hub, leaf, recipient), bits = had & (uint16_t)~STAGES_CLOSED;

	if (bits == had)
		return;
	put_stages(hub, leaf, recipient, bits);
	clocks_reopen(hub, leaf, recipient, clock, had, bits);
}

void
receipt_say(struct hub *hub, uint64_t leaf, const char *recipient, enum notice_fact fact)
{
	put_bits(hub, leaf, recipient, STAGES_SAID(fact));
}

void
receipt_begin(struct hub *hub, uint64_t leaf, const char *recipient, const struct clock_row *clock, uint16_t stages)
{
	struct party *p = state_party(hub, recipient);

	if (stages != 0)
		put_stages(hub, leaf, recipient, stages);
	clocks_begin(hub, leaf, recipient, clock, stages);
	if (p) {
		p->row.unregistered++;
		state_dirty(p);
	}
}
