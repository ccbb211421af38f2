/* SPDX-License-Identifier: EUPL-1.2 */
/* lifecycle - which step a referral may take, who may take it, and what it must say.
 *
 * One table (lifecycle.def) of states and of transitions T01 to T33, numbered and harmonised as in BSeR and IHE 360X.
 * The sending adapter checks with it before it seals and the receiving adapter before it stores. Pure.
 */
#ifndef PROTO_LIFECYCLE_H
#define PROTO_LIFECYCLE_H

#include <stdbool.h>

#include "proto/base/err.h"

struct status;

enum state {
#define STATE(id, wire, code, final) id = wire,
#include "proto/lifecycle.def"
#undef STATE
	STATE_NONE = -1
};

#define LIFECYCLE_NO_SHOWS 3u	/* so many are asked for */

/* What later steps may ask for of what went before in the thread. */
struct lifecycle_past {
	unsigned no_shows;		/* T13 */
	bool is_handed_on;		/* a responsibility-change was said */
};

/* Of a thread whose past is not known, nothing is asked. */
#define LIFECYCLE_PAST_UNKNOWN ((struct lifecycle_past){ LIFECYCLE_NO_SHOWS, true })

enum actor { ACTOR_INITIATOR = 1, ACTOR_RECIPIENT = 2 };

const char *lifecycle_state_code(enum state state);		/* "accepted" */
enum state lifecycle_state_by_code(const char *code);		/* STATE_NONE if there is none; NULL is fine */
bool lifecycle_is_final(enum state state);
bool lifecycle_is_transition(const char *id);			/* "T05" */
/* Where a transition leads; STATE_NONE if it may lead to several states. */
enum state lifecycle_target(const char *id, enum state from);

/* Complete a status that a native format gave in part: from `from`, taken by `actor`, to status->to, and with
 * status->transition where the native system named it. Gives the id of the one transition that fits ("T05", static).
 * ERR_BAD_TRANSITION: no row has it; ERR_BAD_ACTOR: a row has it, for the other side. */
enum err lifecycle_infer(enum state from, enum actor actor, const struct status *status, const char **ret_transition,
			 struct why *why) MUST_USE;
/* Check a whole status change (from, to, transition, and the fields that this transition requires) against the state in
 * which the thread is. ERR_BAD_TRANSITION, ERR_BAD_ACTOR, ERR_REQUIRED (why->where names the field). */
enum err lifecycle_check(enum state now, enum actor actor, const struct status *status, struct why *why) MUST_USE;
/* May this step follow what has gone before? ERR_UNPREPARED: why->text says what is missing. Beside lifecycle_check. */
enum err lifecycle_check_past(const struct lifecycle_past *past, const struct status *status, struct why *why) MUST_USE;
bool lifecycle_is_no_show(const char *transition);	/* T13; NULL is fine */
/* Both sides acted at once: which of the two states holds. Terminal beats open; among terminals a fixed rank. */
enum state lifecycle_resolve(enum state a, enum state b);

#endif
