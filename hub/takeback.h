/* SPDX-License-Identifier: EUPL-1.2 */
/* takeback - a sender takes its message back: a receipt of stage "withdrawn" to all its recipients (PROTOCOL.md 5).
 *
 * It ends the message at each recipient where it has not ended; what waits of it in their queues goes, and each is told. The
 * gap in a recipient's queue numbers is explained by its leaf. Called by ingest.c, through receipt.c.
 */
#ifndef HUB_TAKEBACK_H
#define HUB_TAKEBACK_H

#include "hub/state.h"

/* ERR_NOTFOUND: no such message of this sender. ERR_NOT_ALLOWED: not a message with exactly these recipients, thread and seq.
 * ERR_INCONSISTENT: another content. ERR_EXISTS: withdrawn already. ERR_CONFLICT: it has ended at all of them. */
enum err takeback_check(struct hub *hub, const struct header *h, struct id_row *ret_about, struct why *why) MUST_USE;
enum err takeback_put(struct hub *hub, const struct header *h, const struct id_row *about) MUST_USE;

#endif
