/* SPDX-License-Identifier: EUPL-1.2 */
/* reconcile - once a day, and when asked, the hub says under signature where every message of this agency stands; it is compared
 * with our own tables, and what differs is raised (PROTOCOL.md 9.5).
 *
 * A statement comes in pages, and counts only when it has come whole and verified; until then the last one stands.
 */
#ifndef ADAPTER_RECONCILE_H
#define ADAPTER_RECONCILE_H

#include "adapters/core/difference.h"

/* Of the last whole statement; at_ms 0: there was none yet. */
struct reconciled {
	int64_t at_ms;			/* the hub's clock */
	int64_t taken_ms;		/* ours */
	uint64_t size;			/* of the log that it is proven against */
	uint64_t since;			/* messages submitted from this leaf on, and what is open of the older ones */
	uint64_t rows;
	uint64_t counts[N_DIFFERENCES], late;
	uint64_t listed;		/* differences that can be looked at */
};

enum err reconcile_new(struct adapter *a) MUST_USE;
void reconcile_free(struct adapter *a);
void reconcile_drop(struct adapter *a);			/* the session is over: begin anew in the next one */
void reconcile_ask(struct adapter *a);			/* at the next tick, whatever the time */
enum err reconcile_tick(struct adapter *a) MUST_USE;
enum err reconcile_page(struct adapter *a, const struct statement *page) MUST_USE;
bool reconcile_is_running(const struct adapter *a);	/* asked, or a page is awaited */
void reconcile_last(struct txn *txn, struct reconciled *ret_r);

#endif
