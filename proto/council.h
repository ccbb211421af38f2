/* SPDX-License-Identifier: EUPL-1.2 */
/* council - which step a conference and its commitments may take, who may take it, and what holds where two acted at once.
 *
 * One table (council.def). A conference's state is said by its coordinator alone. A commitment is said by two: its coordinator
 * (versions, and that it is cancelled) and its owner (all else), so its state is a function of what both have said, whatever the
 * order in which it came to a third one; and whether a step is allowed is judged by what its author had seen. The sending
 * adapter asks before it seals, each receiving one before it stores. Pure.
 */
#ifndef PROTO_COUNCIL_H
#define PROTO_COUNCIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/err.h"

struct record;

#define PROMISE_EVENTS_MAX 128		/* changes of state kept of one commitment */

enum conference_state {
	CONFERENCE_NONE,
#define CONFERENCE_STATE(id, wire, code, final) id = wire,
#include "proto/council.def"
#undef CONFERENCE_STATE
};

enum promise_state {
	PROMISE_NONE,
#define PROMISE_STATE(id, wire, code, final) id = wire,
#include "proto/council.def"
#undef PROMISE_STATE
};

enum seat { SEAT_COORDINATOR = 1, SEAT_MEMBER = 2 };

const char *council_state_code(enum conference_state state);	/* "called"; NULL for none */
enum conference_state council_state_by_code(const char *code);		/* CONFERENCE_NONE; NULL is fine */
bool council_is_final(enum conference_state state);
/* The state after `record` is said in state `now` from that seat. `are_ended`: no commitment is open. ERR_BAD_TRANSITION,
 * ERR_BAD_ACTOR. */
enum err council_step(enum conference_state now, const struct record *record, enum seat seat, bool are_ended,
		      enum conference_state *ret_state, struct why *why) MUST_USE;

/* What was said of one commitment: by whom in which place of its author's messages, about which version. */
struct promise_event {
	bool is_owners;			/* else the coordinator's */
	uint64_t seq;
	uint32_t version;
	enum promise_state to;
};
struct promise { struct promise_event events[PROMISE_EVENTS_MAX]; size_t n; };
struct promise_view { uint64_t coordinator, owner; };	/* the last seq of each that counts; UINT64_MAX: all */

const char *council_promise_code(enum promise_state state);		/* "accepted"; NULL for none */
enum promise_state council_promise_by_code(const char *code);		/* PROMISE_NONE; NULL is fine */
bool council_promise_is_open(enum promise_state state);			/* something is still to come of it: not refused, not ended */
uint32_t council_promise_version(const struct promise *p, const struct promise_view *view);
/* What its owner says of its end holds against all else; then what its coordinator has cancelled; then the newest version, as
 * its owner has answered that one. The order of the events does not matter. */
enum promise_state council_promise_state(const struct promise *p, const struct promise_view *view);
/* May `record`, a commitment or an update of it, be said as `seq` by an author who had that view? The event that it makes goes to
 * *ret_event. ERR_BAD_TRANSITION, ERR_BAD_ACTOR, ERR_REQUIRED (why->where names the field). */
struct promise_author { bool is_coordinator, is_owner; uint64_t seq; };
enum err council_promise_check(const struct promise *p, const struct promise_view *view, const struct record *record,
			       const struct promise_author *author, struct promise_event *ret_event, struct why *why) MUST_USE;
/* What the record, a commitment or an update of one, says as `seq` of its author. */
struct promise_event council_promise_event(const struct record *record, uint64_t seq);
/* Could they have said all this, the coordinator in its messages up to `most`'s, the owner in its own? For who has it from a third one.
 * ERR_INCONSISTENT. */
enum err council_promise_sound(const struct promise *p, const struct promise_view *most, struct why *why) MUST_USE;
/* It counts from now on; what changes nothing for anybody's view is not kept. ERR_TOOMANY. */
enum err council_promise_add(struct promise *p, const struct promise_event *event) MUST_USE;

#endif
