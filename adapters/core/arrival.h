/* SPDX-License-Identifier: EUPL-1.2 */
/* arrival - what the hub delivers: its place in the log checked, opened, judged, and put into the inbox, or refused with a
 * sealed reason.
 */
#ifndef ADAPTER_ARRIVAL_H
#define ADAPTER_ARRIVAL_H

#include "adapters/core/core.h"

/* Decide about one delivered item and write what follows into `txn`; a->mem is given back at its begin. OK: durable with the
 * commit (taken, or refused for good, or had before). Anything else: not taken, nothing written, the session ends; ERR_STALE: our
 * directory is older; ERR_ORDER: one before it in its thread is missing; ERR_INCONSISTENT: the hub's proof is wrong. */
enum err arrival_item(struct adapter *a, struct txn *txn, const struct deliver_item *item, const struct checkpoint *cp,
		      struct why *why) MUST_USE;
/* A leaf, its detail and salt belong to this message: what both ACCEPTED and DELIVER must prove. */
bool arrival_leaf_is_of(struct adapter *a, struct span leaf_bytes, struct span salt, struct span detail_bytes, const struct msgid *id,
			const struct hash *env_hash, const char *from, struct leaf *ret_leaf);
/* The type that the leaf of such a message has. */
enum leaf_type arrival_leaf_type(enum envelope_class class, enum stage stage);
/* A stage of one of our messages becomes known: outbox, thread and the entry for our system change together. */
enum err arrival_stage(struct adapter *a, struct txn *txn, struct outbound *o, const char *from, enum stage stage,
		       const struct receipt_detail *detail, int64_t at_ms) MUST_USE;

#endif
