/* SPDX-License-Identifier: EUPL-1.2 */
/* paper_system - the agency's system of party 1 of a paper_hub: what waits for it, and what it answers. Header-only. */
#ifndef SUPPORT_PAPER_SYSTEM_H
#define SUPPORT_PAPER_SYSTEM_H

#include "tests/support/paper_hub.h"

/* `n` referrals in the inbox of party 1, each in a thread of its own. */
static inline struct paper *
system_up(unsigned n)
{
	struct paper *p = paper_up();

	p->party[1].desk.config.egress.receipts.door = ADAPTER_DOOR_NONE;
	for (unsigned i = 0; i < n; i++)
		paper_refer(p, arena_fmt(p->mem, "R-%u", i), "routine");
	paper_run(p);
	return p;
}

static inline void
system_answer(struct paper *p, uint64_t cursor, const char *text)
{
	struct paper_party *q = &p->party[1];
	struct native native = { .bytes = span_str(text) };

	assert_int_equal(adapter_handed(q->desk.adapter, &q->desk.door, cursor, OK, text ? &native : NULL), OK);
}

/* Everything that was handed over from `*done` on is answered: "later" where the text has `bad`, else a number of its own. */
static inline void
system_answer_all(struct paper *p, size_t *done, const char *bad)
{
	for (; *done < p->party[1].n_handed; ++*done) {
		uint64_t cursor = p->party[1].handed[*done].cursor;
		bool is_bad = strstr(p->party[1].handed[*done].text, bad) != NULL;

		system_answer(p, cursor, is_bad ? "later" : arena_fmt(p->mem, "case C-%llu", (unsigned long long)cursor));
	}
}

/* How much waits for it. */
static inline uint64_t
system_waiting(struct paper *p)
{
	return paper_count(p, 1, TABLE_EGRESS);
}

static inline struct due
system_due(struct paper *p, uint64_t cursor)
{
	struct txn *txn = store_read(p->party[1].desk.store);
	struct due due = { 0 };

	assert_true(egress_get(txn, cursor, &due));
	txn_abort(txn);
	return due;
}

#endif
