/* SPDX-License-Identifier: EUPL-1.2 */
/* withdrawal - the receipt by which a sender takes its own message back (PROTOCOL.md 3.2, stage 6). Pure. */
#ifndef PROTO_WITHDRAWAL_H
#define PROTO_WITHDRAWAL_H

#include "proto/envelope.h"

/* The header that withdraws `message` (DATA, as its sender sealed it), whose env_hash is `hash`; texts are borrowed from
 * `message`. seal_receipt without a detail closes it, which also says by which directory and key. */
void withdrawal_header(const struct header *message, const struct hash *hash, const struct msgid *id, int64_t now_ms,
		       struct header *ret_header);

#endif
