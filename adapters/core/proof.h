/* SPDX-License-Identifier: EUPL-1.2 */
/* proof - what the hub must prove of a message before we believe that it has it, or that it came through its log.
 *
 * Writes nothing; what it decodes lies in a->mem. Called for each item of an ACCEPTED (session.c) and of a DELIVER (arrival.c).
 */
#ifndef ADAPTER_PROOF_H
#define ADAPTER_PROOF_H

#include "adapters/core/core.h"

/* The type that the leaf of such a message has. */
enum leaf_type proof_leaf_type(enum envelope_class class, enum stage stage);
/* A leaf, its detail and salt belong to this message. Its type and its place in the log are not looked at. */
bool proof_is_of(struct adapter *a, struct span leaf_bytes, struct span salt, struct span detail_bytes, const struct msgid *id,
		 const struct hash *env_hash, const char *from, struct leaf *ret_leaf);
/* What is delivered is in the log under this checkpoint, with a leaf of its type. */
bool proof_of_delivery(struct adapter *a, const struct deliver_item *item, const struct envelope *env, const struct checkpoint *cp);

#endif
