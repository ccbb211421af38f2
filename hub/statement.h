/* SPDX-License-Identifier: EUPL-1.2 */
/* statement - where the messages of one agency stand, told page by page and signed (PROTOCOL.md 9.5).
 *
 * TABLE_PARTY finds them: a row a message and party, and a mark while it has not ended for that party. A page is read from what is
 * durable and in the checkpoint that it is proven under; between two pages the session keeps the digest and nothing else. A page
 * is a bounded piece of work for the core, whatever the agency has sent.
 */
#ifndef HUB_STATEMENT_H
#define HUB_STATEMENT_H

#include "hub/state.h"

#define STATEMENT_PAGE 64			/* rows */
#define STATEMENT_EVERY_MS CLOCK_SECOND		/* begun by one agency; an earlier question is answered at a later tick */

/* A DATA message with this leaf begins to be in statements. */
void statement_begin(struct hub *hub, const struct header *h, uint64_t leaf);
/* It has ended at a recipient, whose stages are put already: it is open there no longer, nor at its sender if this was the last. */
void statement_end(struct hub *hub, uint64_t leaf, const char *recipient);
/* The next page, now or at a tick; silence to a question that continues nothing. */
void statement_on_ask(struct hub *hub, struct party *p, const struct statement_ask *ask);
/* Pages that came too soon to be answered, or that a socket did not take. Gives the time to the next look. */
int64_t statement_tick(struct hub *hub);

#endif
