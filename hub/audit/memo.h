/* SPDX-License-Identifier: EUPL-1.2 */
/* memo - what has been found signed already: one Ed25519 check serves all that carry the same signature over the same root.
 *
 * A statement is remembered by the SHA-256 of all that went into its check, so equal statements are equal checks.
 */
#ifndef AUDIT_MEMO_H
#define AUDIT_MEMO_H

#include <stdbool.h>

#include "hub/audit/lookup.h"
#include "proto/envelope.h"

struct memo;

struct memo *memo_new(void);		/* NULL only without memory */
void memo_free(struct memo *m);		/* NULL is fine */
bool memo_has(const struct memo *m, const struct hash *statement);
void memo_put(struct memo *m, const struct hash *statement);	/* without memory it is forgotten, and checked again */

bool memo_is_signed(struct memo *m, const struct envelope *e, const struct public_key *signer);

#endif
