/* SPDX-License-Identifier: EUPL-1.2 */
/* inventory - what there was on a disk that is lost, by the hub's statement: each message of ours is known again with its stages, each of theirs
 * that nobody registered is asked for, each thread is hollow (hollow.h) until another party tells of it. Nothing but while a new store asks
 * (rebuild.h).
 */
#ifndef ADAPTER_INVENTORY_H
#define ADAPTER_INVENTORY_H

#include "adapters/core/core.h"
#include "proto/standing.h"

enum err inventory_row(struct adapter *a, struct txn *txn, const struct standing *s) MUST_USE;
/* The statement has come whole: what is missing is known from now on. */
enum err inventory_conclude(struct adapter *a, struct txn *txn) MUST_USE;

#endif
