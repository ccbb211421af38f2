/* SPDX-License-Identifier: EUPL-1.2 */
/* lost_disk - an agency on paper (paper_hub.h) whose disk is lost, and what the hub's statement says then of what there was. Header-only. */
#ifndef SUPPORT_LOST_DISK_H
#define SUPPORT_LOST_DISK_H

#include "adapters/core/inventory.h"
#include "adapters/core/rebuild.h"
#include "tests/support/paper_hub.h"

static inline struct rebuilt
lost_disk_view(struct paper *p, size_t i)
{
	struct txn *txn = store_read(p->party[i].desk.store);
	struct rebuilt r;

	rebuild_view(txn, &r);
	txn_abort(txn);
	return r;
}

/* The disk of party `i` is lost; its process starts anew. */
static inline void
lost_disk_lose(struct paper *p, size_t i)
{
	struct adesk *d = &p->party[i].desk;

	adesk_stop(d);
	adesk_wipe(d);
	adesk_start(d);
	paper_greet(p, i, 1000);
	p->party[i].told[0] = '\0';
}

/* What the statement says of the message that one of the parties submitted. */
static inline struct standing
lost_disk_row(struct paper *p, struct span bytes, unsigned stages)
{
	struct envelope env = paper_decode(p, bytes);
	const struct header *h = &env.header;

	return (struct standing){
		.leaf = p->size, .id = h->id, .env_hash = env.hash, .from = h->from, .to = { h->to[0] }, .n_to = 1, .thread = h->thread,
		.seq = h->seq, .priority = h->priority, .created_ms = h->created_ms, .submitted_ms = p->now_ms, .stages = { stages },
	};
}

/* The statement, whole. */
static inline void
lost_disk_state(struct paper *p, size_t i, const struct standing *rows, size_t n)
{
	struct adapter *a = p->party[i].desk.adapter;
	struct txn *txn = store_write(p->party[i].desk.store);

	arena_reset(a->mem);
	for (size_t k = 0; k < n; k++)
		assert_int_equal(inventory_row(a, txn, &rows[k]), OK);
	assert_int_equal(inventory_conclude(a, txn), OK);
	assert_int_equal(txn_commit(txn), OK);
}

#endif
