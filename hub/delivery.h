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

/* Queue rows for all recipients; fills in their last_no in `thread` (NULL for receipts). A withdrawal goes into the first lane. */
enum err delivery_put(struct hub *hub, const struct header *h, uint64_t leaf, size_t bytes, struct thread_row *thread) MUST_USE;
/* A message has ended at this recipient before it took it: its queue row goes, and `thread` forgets its number. */
enum err delivery_drop(struct hub *hub, const char *recipient, uint64_t leaf, struct thread_row *thread) MUST_USE;
void delivery_on_taken(struct hub *hub, struct party *p, const struct taken *taken);
void delivery_on_credit(struct party *p, const struct credit *credit);
/* Send one frame of what the credit allows, of what is durable. True: there is more to send. */
bool delivery_pump(struct hub *hub, struct party *p);
/* Begin again with what is not taken. */
void delivery_restart(struct party *p);
bool delivery_is_stalled(const struct party *p, int64_t now_ms);

#endif
