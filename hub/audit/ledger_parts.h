/* SPDX-License-Identifier: EUPL-1.2 */
/* ledger_parts - the ledger's state, and what its rules ask of it. Seen by its two files only. */
#ifndef AUDIT_LEDGER_PARTS_H
#define AUDIT_LEDGER_PARTS_H

#include "hub/audit/ledger.h"
#include "hub/audit/lookup.h"

struct seat { const char *agency; uint64_t seq; };
struct thread { struct thread_id id; struct seat seats[ENVELOPE_TO_MAX + 1]; size_t n; };

struct list { void **items; size_t n, cap; };

struct ledger {
	struct arena *mem;
	struct list messages, data, threads, names;
	struct lookup by_id, by_thread, by_name;
	uint64_t *skipped;
	size_t n_skipped, cap_skipped;
};

/* A message, receipt or notice under its id. */
enum err ledger_record(struct ledger *l, const struct leaf *leaf, const struct detail *d, struct ledger_message **ret_message) MUST_USE;
/* The thread of a detail, made with its sender and recipients if it is new. */
enum err ledger_thread(struct ledger *l, const struct detail *d, struct thread **ret_thread) MUST_USE;
struct seat *ledger_seat(struct thread *t, const char *agency);		/* NULL: no participant */
bool ledger_is_skipped(const struct ledger *l, uint64_t leaf);

#endif
