/* SPDX-License-Identifier: EUPL-1.2 */
/* intake - one thing that the agency's system said becomes a message in the outbox, or is told why not. */
#ifndef ADAPTER_INTAKE_H
#define ADAPTER_INTAKE_H

#include "adapters/core/core.h"

/* Decide about `item` and write what follows into `txn`. A refusal stands in item->e and nothing of it is written; the result
 * is not OK only when the process must stop. `key`: the caller's idempotency key; NULL: the item's native_id. */
enum err intake_item(struct adapter *a, struct txn *txn, struct intake_item *item, const char *key) MUST_USE;

/* Beside what it is warned of already, in the agency's language and in English: `text` by enum lang, and, unless NULL, `detail`, which ends it. */
void intake_warn(struct adapter *a, struct intake_item *item, const char *const text[], const char *detail);

/* -- files that lie beside a table go by their own way (enclose.c); their rows are known as all else is -- */
/* What the item's words are known by, of its native_id and record; in the event's arena. */
enum err intake_native(struct adapter *a, const struct intake_item *item, struct span *ret_key, struct hash *ret_digest) MUST_USE;
/* Were they said before? Then the item has its stored ids, or its refusal: the same native_id with another content. */
bool intake_had(struct adapter *a, struct txn *txn, struct span key, const struct hash *digest, struct intake_item *item);
/* The same by its native_id alone, whatever it said then. */
bool intake_is_known(struct adapter *a, struct txn *txn, const struct intake_item *item);
/* They became message `o`. */
void intake_note(struct adapter *a, struct txn *txn, struct span key, const struct hash *digest, const struct outbound *o);

#endif
