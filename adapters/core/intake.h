/* SPDX-License-Identifier: EUPL-1.2 */
/* intake - one thing that the agency's system said becomes a message in the outbox, or is told why not. */
#ifndef ADAPTER_INTAKE_H
#define ADAPTER_INTAKE_H

#include "adapters/core/core.h"

/* Decide about `item` and write what follows into `txn`. A refusal stands in item->e and nothing of it is written; the result
 * is not OK only when the process must stop. `key`: the caller's idempotency key; NULL: the item's native_id. */
enum err intake_item(struct adapter *a, struct txn *txn, struct intake_item *item, const char *key) MUST_USE;

#endif
