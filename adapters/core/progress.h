/* SPDX-License-Identifier: EUPL-1.2 */
/* progress - how far our own messages have come: stored, delivered, registered, seen, refused, withdrawn. */
#ifndef ADAPTER_PROGRESS_H
#define ADAPTER_PROGRESS_H

#include "adapters/core/core.h"

/* A stage of one of our messages becomes known, by `from`: one of its recipients, or this agency itself for what the hub says of all
 * of them. Stages may overtake one another: each is noted, none goes back. `detail` is what a receipt said under seal; NULL: nothing. */
enum err progress_note(struct adapter *a, struct txn *txn, struct outbound *o, const char *from, enum stage stage,
		       const struct receipt_detail *detail, int64_t at_ms) MUST_USE;
/* An entry for our system: `from` says this stage of a message of ours. */
enum err progress_tell(struct adapter *a, struct txn *txn, const struct outbound *o, const char *from, enum stage stage,
		       enum err code) MUST_USE;

#endif
