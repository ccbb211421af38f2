/* SPDX-License-Identifier: EUPL-1.2 */
/* lifecycle - the table of lifecycle.def, read.
 *
 * A set of states is a bit set by wire number; a row holds if the state we come from, the state we go to and the side that
 * acts are in its sets. Which fields a step requires is a bit set too, each bit one rule with the field that it names.
 */
#include "proto/lifecycle.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "proto/record.h"

/* The names that the rows are written with. */
enum from_to {
	DRAFT = 1 << STATE_DRAFT,
	REQUESTED = 1 << STATE_REQUESTED,
	RECEIVED = 1 << STATE_RECEIVED,
	INFO_REQUESTED = 1 << STATE_INFO_REQUESTED,
	ACCEPTED = 1 << STATE_ACCEPTED,
	WAITLISTED = 1 << STATE_WAITLISTED,
	SCHEDULED = 1 << STATE_SCHEDULED,
	IN_PROGRESS = 1 << STATE_IN_PROGRESS,
	ON_HOLD = 1 << STATE_ON_HOLD,
	CANCEL_REQUESTED = 1 << STATE_CANCEL_REQUESTED,
	LATE_OFFERED = 1 << STATE_LATE_OFFERED,
	DECLINED = 1 << STATE_DECLINED,
	REDIRECTED = 1 << STATE_REDIRECTED,
	EXPIRED = 1 << STATE_EXPIRED,
	CANCELLED = 1 << STATE_CANCELLED,
	WITHDRAWN = 1 << STATE_WITHDRAWN,
	TRANSFERRED = 1 << STATE_TRANSFERRED,
	COMPLETED = 1 << STATE_COMPLETED,
	FAILED = 1 << STATE_FAILED,
	ENTERED_IN_ERROR = 1 << STATE_ENTERED_IN_ERROR,
	OPEN = REQUESTED | RECEIVED | INFO_REQUESTED | ACCEPTED | WAITLISTED | SCHEDULED | IN_PROGRESS | ON_HOLD |
	    CANCEL_REQUESTED | LATE_OFFERED,
	SAME = 0,
};

enum actors { I = ACTOR_INITIATOR, R = ACTOR_RECIPIENT };

enum need {
	NOTHING = 0,
	QUESTIONS = 1 << 0,
	REASON = 1 << 1,
	ANY_REASON = 1 << 2,
	REASON_TEXT = 1 << 3,
	NOTE = 1 << 4,
	NEW_TARGET = 1 << 5,
	WAITLIST = 1 << 6,
	APPOINTMENT = 1 << 7,
	ATTEMPT_NO = 1 << 8,
	OUTCOME = 1 << 9,
	SUPERSEDES = 1 << 10,
	SATISFIED = 1 << 11,
};

#define N_NEEDS 12

enum before { ANYTHING, NO_SHOWS, HANDED_ON };

struct row {
	const char *id;
	unsigned from, to, actors, need;
	enum before before;
};

static const struct row rows[] = {
#define TRANSITION(id, from, to, actors, need, before) { id, from, to, actors, need, before },
#include "proto/lifecycle.def"
#undef TRANSITION
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct {
	enum state state;
	const char *code;
	bool is_final;
} states[] = {
#define STATE(id, wire, code, final) { id, code, final },
#include "proto/lifecycle.def"
#undef STATE
};

#define N_STATES (sizeof(states) / sizeof(states[0]))

/* Of two endings that crossed, the later in this list holds. */
static const enum state rank_of_final[] = {
	STATE_EXPIRED, STATE_DECLINED, STATE_REDIRECTED, STATE_CANCELLED, STATE_FAILED, STATE_COMPLETED,
	STATE_TRANSFERRED, STATE_WITHDRAWN, STATE_ENTERED_IN_ERROR,
};

const char *
lifecycle_state_code(enum state state)
{
	for (size_t i = 0; i < N_STATES; i++)
		if (states[i].state == state)
			return states[i].code;
	return NULL;
}

enum state
lifecycle_state_by_code(const char *code)
{
	for (size_t i = 0; code != NULL && i < N_STATES; i++)
		if (strcmp(states[i].code, code) == 0)
			return states[i].state;
	return STATE_NONE;
}

bool
lifecycle_is_final(enum state state)
{
	for (size_t i = 0; i < N_STATES; i++)
		if (states[i].state == state)
			return states[i].is_final;
	return false;
}

bool
lifecycle_is_transition(const char *id)
{
	for (size_t i = 0; id != NULL && i < N_ROWS; i++)
		if (strcmp(rows[i].id, id) == 0)
			return true;
	return false;
}

static unsigned
bit_of(enum state state)
{
	return state == STATE_NONE ? 0 : 1U << state;
}

enum state
lifecycle_target(const char *id, enum state from)
{
	for (size_t i = 0; i < N_ROWS; i++) {
		if (strcmp(rows[i].id, id) != 0)
			continue;
		if (rows[i].to == SAME)
			return from;
		for (size_t k = 0; k < N_STATES; k++)
			if (rows[i].to == bit_of(states[k].state))
				return states[k].state;
	}
	return STATE_NONE;
}

static bool
row_has(const struct row *row, enum state from, enum state to)
{
	if ((row->from & bit_of(from)) == 0)
		return false;
	return row->to == SAME ? from == to : (row->to & bit_of(to)) != 0;
}

/* The field that rule `need` misses in the status; NULL if it is satisfied. */
static const char *
missing(unsigned need, const struct status *s)
{
	const bool is_other = s->reason_code != NULL && strcmp(s->reason_code, "other") == 0;

	switch ((enum need)need) {
	case QUESTIONS:
		return s->n_questions > 0 ? NULL : "status.questions";
	case REASON:
		if (s->reason_code == NULL)
			return "status.reason_code";
		return is_other && s->reason_text == NULL ? "status.reason_text" : NULL;
	case ANY_REASON:
		return s->reason_code != NULL || s->reason_text != NULL ? NULL : "status.reason_text";
	case REASON_TEXT:
		return s->reason_text != NULL ? NULL : "status.reason_text";
	case NOTE:
		return s->reason_text != NULL || s->milestone != NULL ? NULL : "status.reason_text";
	case NEW_TARGET:
		return s->new_target != NULL ? NULL : "status.new_target";
	case WAITLIST:
		return s->waitlist != NULL ? NULL : "status.waitlist";
	case APPOINTMENT:
		return s->appointment != NULL ? NULL : "status.appointment";
	case ATTEMPT_NO:
		return s->attempt_no != NULL ? NULL : "status.attempt_no";
	case OUTCOME:
		return s->outcome != NULL ? NULL : "status.outcome";
	case SUPERSEDES:
		return s->supersedes != NULL ? NULL : "status.supersedes";
	case SATISFIED:
		return s->satisfied != NULL || s->reason_text != NULL ? NULL : "status.satisfied";
	case NOTHING:
		break;
	}
	return NULL;
}

static const char *
first_missing(const struct row *row, const struct status *s)
{
	const char *field = NULL;

	for (unsigned i = 0; i < N_NEEDS && field == NULL; i++)
		if ((row->need & 1U << i) != 0)
			field = missing(1U << i, s);
	return field;
}

/* How well a row fits: rows whose fields are all there before others, then the one that asks for more. */
static int
fit(const struct row *row, const struct status *s)
{
	int n = __builtin_popcount(row->need);

	return first_missing(row, s) == NULL ? 1 + n : -n;
}

/* The best row for the step; NULL if there is none, and then *ret_e says whether it is the other side's. */
static const struct row *
find_row(enum state from, enum state to, enum actor actor, const struct status *s, enum err *ret_e)
{
	const struct row *best = NULL;

	*ret_e = ERR_BAD_TRANSITION;
	for (size_t i = 0; i < N_ROWS; i++) {
		const struct row *row = &rows[i];

		if (!row_has(row, from, to) || (s->transition != NULL && strcmp(s->transition, row->id) != 0))
			continue;
		if ((row->actors & actor) == 0)
			*ret_e = ERR_BAD_ACTOR;
		else if (best == NULL || fit(row, s) > fit(best, s))
			best = row;
	}
	return best;
}

#define POSSIBLE_MAX 180	/* bytes of such a list */

/* Where the side may lead it from there, one after the other. */
static const char *
list_possible(enum state from, enum actor actor, char text[static POSSIBLE_MAX])
{
	size_t n = 0;

	snprintf(text, POSSIBLE_MAX, "nothing");
	for (size_t k = 0; k < N_STATES && n < POSSIBLE_MAX; k++)
		for (size_t i = 0; i < N_ROWS; i++)
			if ((rows[i].actors & actor) != 0 && row_has(&rows[i], from, states[k].state)) {
				n += (size_t)snprintf(text + n, POSSIBLE_MAX - n, "%s%s", n > 0 ? ", " : "", states[k].code);
				break;
			}
	return text;
}

static enum err
refuse(enum err e, enum state from, enum state to, enum actor actor, const char *transition, struct why *why)
{
	const char *by = actor == ACTOR_INITIATOR ? "the initiator" : "the recipient";
	const bool is_known = lifecycle_is_transition(transition);
	char possible[POSSIBLE_MAX];

	return why_set(why, e, "status.to", "%s to %s%s%s by %s; possible now: %s", lifecycle_state_code(from), lifecycle_state_code(to),
		       is_known ? " as " : "", is_known ? transition : "", by, list_possible(from, actor, possible));
}

enum err
lifecycle_infer(enum state from, enum actor actor, const struct status *status, const char **ret_transition,
		struct why *why)
{
	const enum state to = lifecycle_state_by_code(status->to);
	const struct row *row;
	enum err e;

	*ret_transition = NULL;
	if (lifecycle_state_code(from) == NULL)
		return why_set(why, ERR_BAD_TRANSITION, "status.from", "no such state");
	if (status->to == NULL)
		return why_set(why, ERR_REQUIRED, "status.to", "is missing");
	if (to == STATE_NONE)
		return why_set(why, ERR_UNKNOWN_CODE, "status.to", "not a state");
	if ((row = find_row(from, to, actor, status, &e)) == NULL)
		return refuse(e, from, to, actor, status->transition, why);
	*ret_transition = row->id;
	return OK;
}

enum err
lifecycle_check(enum state now, enum actor actor, const struct status *status, struct why *why)
{
	const enum state from = lifecycle_state_by_code(status->from), to = lifecycle_state_by_code(status->to);
	char possible[POSSIBLE_MAX];
	const char *field;
	const struct row *row;
	enum err e;

	if (status->from == NULL || status->to == NULL)
		return why_set(why, ERR_REQUIRED, status->from == NULL ? "status.from" : "status.to", "is missing");
	if (status->transition == NULL)
		return why_set(why, ERR_REQUIRED, "status.transition", "is missing");
	if (from == STATE_NONE || to == STATE_NONE || !lifecycle_is_transition(status->transition))
		return why_set(why, ERR_UNKNOWN_CODE, from == STATE_NONE ? "status.from" : to == STATE_NONE ? "status.to" :
			       "status.transition", "not in the lifecycle");
	if (from != now)
		return why_set(why, ERR_BAD_TRANSITION, "status.from", "the referral is now %s; possible now: %s",
			       now == STATE_NONE ? "in no state" : lifecycle_state_code(now), list_possible(now, actor, possible));
	if ((row = find_row(from, to, actor, status, &e)) == NULL)
		return refuse(e, from, to, actor, status->transition, why);
	if ((field = first_missing(row, status)) != NULL)
		return why_set(why, ERR_REQUIRED, field, "%s requires it%s", row->id,
			       row->need == SATISFIED ? ", or in reason_text why it is not known" : "");
	return OK;
}

static bool
is_given_up(const struct status *s)
{
	return s->outcome && s->outcome->outcome && strcmp(s->outcome->outcome, "could-not-contact") == 0;
}

enum err
lifecycle_check_past(const struct lifecycle_past *past, const struct status *status, struct why *why)
{
	const enum state from = lifecycle_state_by_code(status->from);
	enum before before = ANYTHING;

	for (size_t i = 0; status->transition && i < N_ROWS; i++)
		if (strcmp(rows[i].id, status->transition) == 0)
			before = rows[i].before;
	if (before == NO_SHOWS && past->no_shows < LIFECYCLE_NO_SHOWS && from == STATE_SCHEDULED && is_given_up(status))
		return why_set(why, ERR_UNPREPARED, "status.outcome.outcome",
			       "an appointment stands, and %u of the %u that were missed are said: say them (T13), or cancel it (T14)",
			       past->no_shows, LIFECYCLE_NO_SHOWS);
	if (before == HANDED_ON && !past->is_handed_on)
		return why_set(why, ERR_UNPREPARED, "status.to",
			       "who is responsible now has not been said here: offer the transfer, or say a responsibility-change, first");
	return OK;
}

bool
lifecycle_is_no_show(const char *transition)
{
	return transition && strcmp(transition, "T13") == 0;
}

static size_t
rank(enum state state)
{
	for (size_t i = 0; i < sizeof(rank_of_final) / sizeof(rank_of_final[0]); i++)
		if (rank_of_final[i] == state)
			return i;
	return 0;
}

/* Two open states: the higher number, by which a cancellation asked for is never lost. */
enum state
lifecycle_resolve(enum state a, enum state b)
{
	if (lifecycle_is_final(a) != lifecycle_is_final(b))
		return lifecycle_is_final(a) ? a : b;
	if (lifecycle_is_final(a))
		return rank(a) >= rank(b) ? a : b;
	return a > b ? a : b;
}
