/* SPDX-License-Identifier: EUPL-1.2 */
/* withdrawal - to all recipients at once: whoever never got the message must know which seq of the thread it used up. */
#include "proto/withdrawal.h"

void
withdrawal_header(const struct header *message, const struct hash *hash, const struct msgid *id, int64_t now_ms,
		  struct header *ret_header)
{
	struct header h = {
		.version = ENVELOPE_VERSION, .id = *id, .class = CLASS_RECEIPT, .from = message->from, .n_to = message->n_to,
		.thread = message->thread, .seq = message->seq, .priority = message->priority, .created_ms = now_ms,
		.in_reply_to = message->id, .stage = STAGE_WITHDRAWN, .received = *hash,
	};

	for (size_t i = 0; i < message->n_to; i++)
		h.to[i] = message->to[i];
	*ret_header = h;
}
