/* SPDX-License-Identifier: EUPL-1.2 */
/* recall - a message that the hub refuses for good takes back what was built on it. */
#ifndef ADAPTER_RECALL_H
#define ADAPTER_RECALL_H

#include "adapters/core/core.h"

/* `o` will never be in the log: it and what waits behind it in its thread are refused with `detail`, and the thread goes back to
 * where it was, so that the agency's system may take another step. For a receipt: it alone. */
enum err recall_outbound(struct adapter *a, struct txn *txn, struct outbound *o, const struct receipt_detail *detail) MUST_USE;

#endif
