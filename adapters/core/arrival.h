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

#endif
