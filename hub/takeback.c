/* SPDX-License-Identifier: EUPL-1.2 */
/* takeback - an end by the sender, where a receipt is one by the recipient; the first of the two that is decided stands. */
#include "hub/takeback.h"

#include "hub/closure.h"
#include "hub/delivery.h"
#include "hub/receipt.h"
#include "proto/base/bug.h"

static bool
is_of(const struct id_row *about, const struct header *h)
{
	if (about->class != CLASS_DATA || about->n_to != h->n_to || about->seq != h->seq ||
	    memcmp(about->thread.b, h->thread.b, THREAD_LEN) != 0)
		return false;
	for (size_t i = 0; i < h->n_to; i++)
		if (strcmp(about->to[i], h->to[i]) != 0)
			return false;
	return true;
}

enum err
takeback_check(struct hub *hub, const struct header *h, struct id_row *ret_about, struct why *why)
{
	struct row_key key;
	struct span value = state_get(hub, TABLE_IDS, row_key_id(&h->in_reply_to, h->from, &key));
	uint16_t stages, all = 0;
	bool is_open = false;

	if (value.p == NULL)
		return why_set(why, ERR_NOTFOUND, "in_reply_to", "no such message of this sender");
	if (row_decode_id(value, hub->mem, ret_about) != OK)
		return ERR_CORRUPT;
	if (!is_of(ret_about, h))
		return why_set(why, ERR_NOT_ALLOWED, "in_reply_to", "not a message of this thread, place and circle");
	if (!hash_eq(&h->received, &ret_about->hash))
		return why_set(why, ERR_INCONSISTENT, "received", "not what was submitted");
	for (size_t i = 0; i < h->n_to; i++) {
		stages = receipt_stages(hub, ret_about->leaf, h->to[i]);
		is_open |= (stages & STAGES_END) == 0;
		all |= stages;
	}
	if (all & STAGES_WITHDRAWN)
		return why_set(why, ERR_EXISTS, "stage", "withdrawn already");
	return is_open ? OK : why_set(why, ERR_CONFLICT, "stage", "the message has ended already");
}

enum err
takeback_put(struct hub *hub, const struct header *h, const struct id_row *about)
{
	struct row_key key;
	struct span at = row_key_thread(&h->thread, &key), value = state_get(hub, TABLE_THREADS, at);
	struct thread_row thread;
	enum err e;

	if (value.p == NULL || row_decode_thread(value, hub->mem, &thread) != OK)
		return ERR_CORRUPT;
	for (size_t i = 0; i < h->n_to; i++) {
		if (receipt_has_ended(hub, about->leaf, h->to[i]))
			continue;
		receipt_withdraw(hub, about->leaf, h->to[i]);
		if (!bug(BUG_WITHDRAWN_DELIVERED) && (e = delivery_drop(hub, h->to[i], about->leaf, &thread)) != OK)
			return e;
	}
	state_put(hub, TABLE_THREADS, at, row_thread(&thread, hub->mem));
	closure_undo(hub, h->from, about);
	return OK;
}
