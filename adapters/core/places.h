/* SPDX-License-Identifier: EUPL-1.2 */
/* places - who holds which place at a listening door, until when, and who gives way when all are taken.
 *
 * Pure: it closes nothing. A place is held for a time that its holder's bytes prolong, so that neither silence nor a
 * trickle keeps it. Whose request is being answered gives way to nobody.
 */
#ifndef ADAPTER_PLACES_H
#define ADAPTER_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define PLACES_GRACE_MS 1000	/* nobody gives way earlier: who has just come may have said all, and we not read it */

enum place_state {
	PLACE_FREE,
	PLACE_WAITING,		/* for the end of a request: gives way first */
	PLACE_IDLE,		/* between requests: gives way when nobody waits */
	PLACE_SERVED,		/* its request is whole, or an answer is owed to it */
};

struct place {
	enum place_state state;
	uint8_t peer[16];	/* IPv6, or IPv4 in its mapped form */
	int64_t from_ms;	/* in this state, monotonic */
	int64_t due_ms;		/* its time is up */
};

struct places {
	struct place *all;
	size_t n;
};

bool places_has_free(const struct places *p);
/* Waiting from now on. NULL: none is free. */
struct place *places_take(const struct places *p, const struct sockaddr_storage *peer, int64_t now_ms, int64_t due_ms);
void place_turn(struct place *place, enum place_state state, int64_t now_ms, int64_t due_ms);
/* Who has the most of the worst state loses the one that is due first. NULL: nobody gives way now. */
struct place *places_yielding(const struct places *p, int64_t now_ms);
struct place *places_overdue(const struct places *p, int64_t now_ms);	/* one whose time is up; NULL: none */
/* Until a place is overdue, or, where none is free, until one may give way; at least 0, at most `most_ms`. */
int64_t places_wait_ms(const struct places *p, int64_t now_ms, int64_t most_ms);

#endif
