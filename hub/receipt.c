/* SPDX-License-Identifier: EUPL-1.2 */
/* receipt - TABLE_STAGES holds one octet a message and recipient, a bit a stage; TABLE_CLOCKS what is still open. */
#include "hub/receipt.h"

#define BIT(stage) ((uint8_t)(1u << (stage)))
#define BIT_SUPERSEDED 0x80u
#define BIT_CONFLICT 0x40u	/* in the row of the sender itself */
#define BITS_END (BIT(STAGE_REGISTERED) | BIT(STAGE_REFUSED) | BIT_SUPERSEDED)

static uint8_t
stages(struct hub *hub, uint64_t leaf, const char *recipient)
{
	struct row_key key;
	struct span value = state_get(hub, TABLE_STAGES, row_key_stage(leaf, recipient, &key));

	return value.n == 1 ? value.p[0] : 0;
}

bool
receipt_has_ended(struct hub *hub, uint64_t leaf, const char *recipient)
{
	return (stages(hub, leaf, recipient) & BITS_END) != 0;
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
	struct span value = state_get(hub, TABLE_IDS, row_key_id(&h->in_reply_to, h->to[0], &key));
	uint8_t had;

	if (value.p == NULL)
		return why_set(why, ERR_NOTFOUND, "in_reply_to", "no such message of that sender");
	if (row_decode_id(value, hub->mem, ret_about) != OK)
		return ERR_CORRUPT;
	if (ret_about->class != CLASS_DATA || !is_recipient(ret_about, h->from) ||
	    memcmp(ret_about->thread.b, h->thread.b, THREAD_LEN) != 0)
		return why_set(why, ERR_NOT_ALLOWED, "in_reply_to", "not a message to this agency");
	/* one that refuses may say that it received something else: that is its reason */
	if (h->stage != STAGE_REFUSED && !hash_eq(&h->received, &ret_about->hash))
		return why_set(why, ERR_INCONSISTENT, "received", "not what was submitted");
	had = stages(hub, ret_about->leaf, h->from);
	if (had & BIT(h->stage))
		return why_set(why, ERR_EXISTS, "stage", "confirmed already");
	if ((had & BITS_END) && (BIT(h->stage) & BITS_END))
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
	if (h->stage != STAGE_REFUSED)
		return OK;
	return h->refusal == REFUSAL_CONFLICT ? ERR_CONFLICT : ERR_SYSTEM_REFUSED;
}

static void
put_bits(struct hub *hub, uint64_t leaf, const char *recipient, uint8_t more)
{
	uint8_t had = stages(hub, leaf, recipient), bits = had | more;
	struct party *p = state_party(hub, recipient);
	struct row_key key;

	state_put(hub, TABLE_STAGES, row_key_stage(leaf, recipient, &key), SPAN(&bits, 1));
	if ((had & BITS_END) || !(bits & BITS_END))
		return;
	state_del(hub, TABLE_CLOCKS, row_key_clock(recipient, leaf, &key));
	if (p && p->row.unregistered > 0) {
		p->row.unregistered--;
		state_dirty(p);
	}
}

void
receipt_put(struct hub *hub, const struct header *h, const struct id_row *about)
{
	put_bits(hub, about->leaf, h->from, BIT(h->stage));
}

void
receipt_end(struct hub *hub, uint64_t leaf, const char *recipient)
{
	put_bits(hub, leaf, recipient, BIT_SUPERSEDED);
}

bool
receipt_note_conflict(struct hub *hub, uint64_t leaf, const char *sender)
{
	uint8_t had = stages(hub, leaf, sender), bits = had | BIT_CONFLICT;
	struct row_key key;

	if (had & BIT_CONFLICT)
		return false;
	state_put(hub, TABLE_STAGES, row_key_stage(leaf, sender, &key), SPAN(&bits, 1));
	return true;
}

void
receipt_begin(struct hub *hub, uint64_t leaf, const char *recipient)
{
	struct party *p = state_party(hub, recipient);
	struct row_key key;

	state_put(hub, TABLE_CLOCKS, row_key_clock(recipient, leaf, &key), row_time(hub->now_ms, hub->mem));
	if (p) {
		p->row.unregistered++;
		state_dirty(p);
	}
}
