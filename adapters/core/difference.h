/* SPDX-License-Identifier: EUPL-1.2 */
/* difference - what the hub's statement and this adapter's own tables say of one message, compared; and the list of what differs.
 *
 * Some of it is the course of things (a message that nobody has registered yet), and is a matter of its age; some is not: a message
 * that one side knows and the other does not.
 */
#ifndef ADAPTER_DIFFERENCE_H
#define ADAPTER_DIFFERENCE_H

#include "adapters/core/core.h"
#include "proto/standing.h"

#define DIFFERENCES_MAX 1000	/* kept of one statement; all are counted */

/* Of a statement's stage bits: registered, refused, withdrawn, superseded (PROTOCOL.md 9.5). */
#define DIFFERENCE_SUPERSEDED 0x100u
#define DIFFERENCE_ENDED (1u << STAGE_REGISTERED | 1u << STAGE_REFUSED | 1u << STAGE_WITHDRAWN | DIFFERENCE_SUPERSEDED)

enum difference_kind {
	DIFFERENCE_NONE,
	/* open: as the messages go, until their time is over */
	DIFFERENCE_UNDELIVERED,		/* stored at the hub, not at its recipient */
	DIFFERENCE_UNREGISTERED,	/* delivered, and the other agency's system has not confirmed it */
	DIFFERENCE_UNCONFIRMED,		/* here, and our own system has not confirmed it */
	/* wrong: nobody but a person can say why */
	DIFFERENCE_UNKNOWN_THERE,	/* the hub accepted it from us and does not list it */
	DIFFERENCE_UNKNOWN_HERE,	/* the hub lists it as ours, or as delivered here, and we have it not */
	DIFFERENCE_UNTOLD_HERE,		/* the hub has a stage of it that never came here */
	DIFFERENCE_UNTOLD_THERE,	/* our system registered or refused it, and the hub does not know */
	N_DIFFERENCES
};

struct difference {
	enum difference_kind kind;
	struct msgid id;
	bool is_ours;			/* we sent it */
	char other[AGENCY_ID_MAX + 1];
	int64_t submitted_ms;
	int64_t due_ms;			/* registered_by; 0: none */
};

const char *difference_name(enum difference_kind kind);		/* "unknown-there" */
bool difference_is_wrong(enum difference_kind kind);
bool difference_is_late(const struct difference *d, int64_t now_ms);
/* Sealed again since, at whichever of its recipients it had not ended: the new one has a row of its own. Pure. */
bool difference_is_superseded(const struct standing *s);
/* One row of a statement; `place`: which of its recipients, for a message of ours. */
void difference_of(struct adapter *a, struct txn *txn, const struct standing *s, size_t place, struct difference *ret_d);

/* -- the list of the last statement -- */
void difference_clear(struct txn *txn);
void difference_put(struct txn *txn, struct arena *mem, uint64_t n, const struct difference *d);
bool difference_get(struct txn *txn, uint64_t n, struct difference *ret_d);	/* by its number, from 0 */

#endif
