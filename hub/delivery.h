/* SPDX-License-Identifier: EUPL-1.2 */
/* delivery - the queues of the recipients: a number each, sent within credit, kept until taken.
 *
 * First in, first out per thread; an EMERGENCY overtakes other threads, and the messages of its own that wait before it go
 * along. A tenth of a session's credit is kept for the first lane. What was sent and is not taken is sent again in a new
 * session, or when nothing has moved for a while.
 */
#ifndef HUB_DELIVERY_H
#define HUB_DELIVERY_H

#include "hub/state.h"

/* ERR_FULL: a recipient's queue has reached its quota; the last part of it is kept for EMERGENCY. */
enum err delivery_has_room(struct hub *hub, const struct header *h, struct why *why) MUST_USE;
/* Queue rows for all recipients; fills in their last_no in `thread` (NULL for receipts). */
enum err delivery_put(struct hub *hub, const struct header *h, uint64_t leaf, size_t bytes, struct thread_row *thread) MUST_USE;
void delivery_on_taken(struct hub *hub, struct party *p, const struct taken *taken);
void delivery_on_credit(struct party *p, const struct credit *credit);
/* Send what the credit allows, of what is durable. */
void delivery_pump(struct hub *hub, struct party *p);
/* Begin again with what is not taken. */
void delivery_restart(struct party *p);
bool delivery_is_stalled(const struct party *p, int64_t now_ms);

#endif
