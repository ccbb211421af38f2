/* SPDX-License-Identifier: EUPL-1.2 */
/* council - the tables of council.def, read; sets of states are bit sets by wire number. */
#include "proto/council.h"

#include <stdio.h>
#include <string.h>

#include "proto/record.h"

#define BIT(state) (1u << (state))

enum who { C = 1, M = 2, O = 4 };
enum need { NOTHING = 0, ENDED = 1, REASON = 2, NEW_DUE = 4 };
enum saying { SAYS_VERSION, SAYS_STATE };
enum { NONE = 1, SAME = 0 };		/* the bit of state 0; to the state it comes from */

/* -- conferences -- */

static const struct { enum conference_state state; const char *code; bool is_final; } conference_states[] = {
#define CONFERENCE_STATE(id, wire, code, final) { id, code, final },
#include "proto/council.def"
#undef CONFERENCE_STATE
};

#define N_CONFERENCE_STATES (sizeof(conference_states) / sizeof(conference_states[0]))

struct conference_row { const char *kind, *result; unsigned from, to, who, need; };

static const struct conference_row conference_rows[] = {
#define CALLED BIT(CONFERENCE_CALLED)
#define DECIDED BIT(CONFERENCE_DECIDED)
#define CLOSED BIT(CONFERENCE_CLOSED)
#define CANCELLED BIT(CONFERENCE_CANCELLED)
#define CONFERENCE_STEP(kind, result, from, to, who, need) { kind, result, from, to, who, need },
#include "proto/council.def"
#undef CONFERENCE_STEP
#undef CALLED
#undef DECIDED
#undef CLOSED
#undef CANCELLED
};

const char *
council_state_code(enum conference_state state)
{
	for (size_t i = 0; i < N_CONFERENCE_STATES; i++)
		if (conference_states[i].state == state)
			return conference_states[i].code;
	return NULL;
}

enum conference_state
council_state_by_code(const char *code)
{
	for (size_t i = 0; code != NULL && i < N_CONFERENCE_STATES; i++)
		if (strcmp(conference_states[i].code, code) == 0)
			return conference_states[i].state;
	return CONFERENCE_NONE;
}

bool
council_is_final(enum conference_state state)
{
	for (size_t i = 0; i < N_CONFERENCE_STATES; i++)
		if (conference_states[i].state == state)
			return conference_states[i].is_final;
	return false;
}

static enum conference_state
state_of_bit(unsigned bit)
{
	for (size_t i = 0; i < N_CONFERENCE_STATES; i++)
		if (BIT(conference_states[i].state) == bit)
			return conference_states[i].state;
	return CONFERENCE_NONE;
}

static bool
is_row_of(const struct conference_row *row, const struct record *record)
{
	const char *result = record->decision ? record->decision->result : NULL;

	return strcmp(row->kind, record->kind) == 0 &&
	       (row->result == NULL || (result != NULL && strcmp(row->result, result) == 0));
}

#define POSSIBLE_MAX 180	/* bytes of such a list */

/* What may be said from that seat while the conference stands there. */
static const char *
list_kinds(enum conference_state now, enum seat seat, char text[static POSSIBLE_MAX])
{
	size_t n = 0;

	snprintf(text, POSSIBLE_MAX, "nothing");
	for (size_t i = 0; i < sizeof(conference_rows) / sizeof(conference_rows[0]) && n < POSSIBLE_MAX; i++) {
		const struct conference_row *row = &conference_rows[i];

		if ((row->from & BIT(now)) && (row->who & (unsigned)seat))
			n += (size_t)snprintf(text + n, POSSIBLE_MAX - n, "%s%s%s%s", n > 0 ? ", " : "", row->kind, row->result ? " " : "",
					      row->result ? row->result : "");
	}
	return text;
}

enum err
council_step(enum conference_state now, const struct record *record, enum seat seat, bool are_ended,
	     enum conference_state *ret_state, struct why *why)
{
	char possible[POSSIBLE_MAX];
	enum err e = why_set(why, ERR_BAD_TRANSITION, "kind", "%s is not possible where the conference is %s; possible now: %s",
			     record->kind, now == CONFERENCE_NONE ? "not called" : council_state_code(now), list_kinds(now, seat, possible));

	for (size_t i = 0; i < sizeof(conference_rows) / sizeof(conference_rows[0]); i++) {
		const struct conference_row *row = &conference_rows[i];

		if (!is_row_of(row, record) || !(row->from & BIT(now)))
			continue;
		if (!(row->who & (unsigned)seat))
			return why_set(why, ERR_BAD_ACTOR, "kind", "%s comes from %s", record->kind,
				       row->who & C ? "the coordinator" : "a member");
		if ((row->need & ENDED) && !are_ended)
			return why_set(why, ERR_BAD_TRANSITION, "decision.result", "a commitment is still open");
		*ret_state = row->to == SAME ? now : state_of_bit(row->to);
		return OK;
	}
	return e;
}

/* -- commitments -- */

static const struct { enum promise_state state; const char *code; bool is_final; } promise_states[] = {
#define PROMISE_STATE(id, wire, code, final) { id, code, final },
#include "proto/council.def"
#undef PROMISE_STATE
};

#define N_PROMISE_STATES (sizeof(promise_states) / sizeof(promise_states[0]))

struct promise_row { enum saying saying; unsigned from, to, who, need; };

static const struct promise_row promise_rows[] = {
#define PROPOSED BIT(PROMISE_PROPOSED)
#define ACCEPTED BIT(PROMISE_ACCEPTED)
#define REFUSED BIT(PROMISE_REFUSED)
#define IN_PROGRESS BIT(PROMISE_IN_PROGRESS)
#define DONE BIT(PROMISE_DONE)
#define PARTLY_DONE BIT(PROMISE_PARTLY_DONE)
#define NOT_DONE BIT(PROMISE_NOT_DONE)
#define CANCELLED BIT(PROMISE_CANCELLED)
#define PROMISE_STEP(saying, from, to, who, need) { saying, from, to, who, need },
#include "proto/council.def"
#undef PROMISE_STEP
};

const char *
council_promise_code(enum promise_state state)
{
	for (size_t i = 0; i < N_PROMISE_STATES; i++)
		if (promise_states[i].state == state)
			return promise_states[i].code;
	return NULL;
}

enum promise_state
council_promise_by_code(const char *code)
{
	for (size_t i = 0; code != NULL && i < N_PROMISE_STATES; i++)
		if (strcmp(promise_states[i].code, code) == 0)
			return promise_states[i].state;
	return PROMISE_NONE;
}

static bool
is_final(enum promise_state state)
{
	for (size_t i = 0; i < N_PROMISE_STATES; i++)
		if (promise_states[i].state == state)
			return promise_states[i].is_final;
	return false;
}

bool
council_promise_is_open(enum promise_state state)
{
	return state != PROMISE_NONE && state != PROMISE_REFUSED && !is_final(state);
}

static bool
is_seen(const struct promise_event *e, const struct promise_view *view)
{
	return e->seq <= (e->is_owners ? view->owner : view->coordinator);
}

uint32_t
council_promise_version(const struct promise *p, const struct promise_view *view)
{
	uint32_t version = 0;

	for (size_t i = 0; i < p->n; i++)
		if (!p->events[i].is_owners && is_seen(&p->events[i], view) && p->events[i].version > version)
			version = p->events[i].version;
	return version;
}

/* The last word of the owner about `version`; about any, where `version` is 0 and the word is an end. */
static enum promise_state
word_of_owner(const struct promise *p, const struct promise_view *view, uint32_t version)
{
	const struct promise_event *last = NULL;

	for (size_t i = 0; i < p->n; i++) {
		const struct promise_event *e = &p->events[i];

		if (e->is_owners && is_seen(e, view) && (version ? e->version == version : is_final(e->to)) &&
		    (last == NULL || e->seq > last->seq))
			last = e;
	}
	return last ? last->to : PROMISE_NONE;
}

enum promise_state
council_promise_state(const struct promise *p, const struct promise_view *view)
{
	uint32_t version = council_promise_version(p, view);
	enum promise_state word = word_of_owner(p, view, 0);

	if (word != PROMISE_NONE)
		return word;
	for (size_t i = 0; i < p->n; i++)
		if (!p->events[i].is_owners && p->events[i].to == PROMISE_CANCELLED && is_seen(&p->events[i], view))
			return PROMISE_CANCELLED;
	if (version == 0)
		return PROMISE_NONE;
	word = word_of_owner(p, view, version);
	return word == PROMISE_NONE ? PROMISE_PROPOSED : word;
}

/* What a record says of a commitment. */
struct said {
	enum saying saying;
	enum promise_state to;
	uint32_t version;
	bool has_reason, has_new_due;
	const char *body;
};

static struct said
said_of(const struct record *record)
{
	const struct commitment_update *u = record->commitment_update;
	const struct commitment *c = record->commitment;

	if (c != NULL)
		return (struct said){ SAYS_VERSION, PROMISE_PROPOSED, (uint32_t)*c->version, c->reason != NULL, false, "commitment" };
	return (struct said){
		SAYS_STATE, council_promise_by_code(u->state), (uint32_t)*u->version, u->reason != NULL, u->new_due != NULL,
		"commitment_update",
	};
}

static enum err
check_needs(const struct promise_row *row, const struct said *said, struct why *why)
{
	if ((row->need & NEW_DUE) && !said->has_new_due)
		return why_set(why, ERR_REQUIRED, "commitment_update.new_due", "it says what it was; which date is wished for?");
	if (((row->need & REASON) || said->has_new_due) && !said->has_reason)
		return why_set(why, ERR_REQUIRED, said->saying == SAYS_VERSION ? "commitment.reason" : "commitment_update.reason",
			       "the reason");
	return OK;
}

static enum err
check_version(enum promise_state now, uint32_t stands, const struct said *said, struct why *why)
{
	const char *where = said->saying == SAYS_VERSION ? "commitment.version" : "commitment_update.version";

	if (said->saying == SAYS_VERSION && said->version != stands + 1)
		return why_set(why, ERR_BAD_TRANSITION, where, "the next version is %u", (unsigned)stands + 1);
	if (said->saying == SAYS_STATE && now != PROMISE_NONE && said->version != stands)
		return why_set(why, ERR_BAD_TRANSITION, where, "version %u stands", (unsigned)stands);
	return OK;
}

struct promise_event
council_promise_event(const struct record *record, uint64_t seq)
{
	struct said said = said_of(record);
	bool is_owners = said.saying == SAYS_STATE && said.to != PROMISE_CANCELLED;

	return (struct promise_event){ is_owners, seq, said.version, said.to };
}

/* What those may say of a commitment that stands there. */
static const char *
list_states(enum promise_state now, unsigned by, char text[static POSSIBLE_MAX])
{
	size_t n = 0;

	snprintf(text, POSSIBLE_MAX, "nothing");
	for (size_t k = 0; k < N_PROMISE_STATES && n < POSSIBLE_MAX; k++)
		for (size_t i = 0; i < sizeof(promise_rows) / sizeof(promise_rows[0]); i++) {
			const struct promise_row *row = &promise_rows[i];

			if (!(row->from & BIT(now)) || !(row->who & by) || !(row->to & BIT(promise_states[k].state)))
				continue;
			n += (size_t)snprintf(text + n, POSSIBLE_MAX - n, "%s%s%s", n > 0 ? ", " : "", promise_states[k].code,
					      row->saying == SAYS_VERSION ? " (the next version)" : "");
			break;
		}
	return text;
}

enum err
council_promise_check(const struct promise *p, const struct promise_view *view, const struct record *record,
		      const struct promise_author *author, struct promise_event *ret_event, struct why *why)
{
	enum promise_state now = council_promise_state(p, view);
	unsigned by = (author->is_coordinator ? C : 0) | (author->is_owner ? O : 0);
	struct said said = said_of(record);
	const char *state = council_promise_code(now);
	char possible[POSSIBLE_MAX];
	enum err e;

	for (size_t i = 0; i < sizeof(promise_rows) / sizeof(promise_rows[0]); i++) {
		const struct promise_row *row = &promise_rows[i];

		if (row->saying != said.saying || !(row->from & BIT(now)) || !(row->to & BIT(said.to)))
			continue;
		if (!(row->who & by))
			return why_set(why, ERR_BAD_ACTOR, said.body, "only %s says this",
				       row->who & C ? "the coordinator" : "the owner");
		if ((e = check_version(now, council_promise_version(p, view), &said, why)) != OK ||
		    (e = check_needs(row, &said, why)) != OK)
			return e;
		*ret_event = council_promise_event(record, author->seq);
		return OK;
	}
	return why_set(why, ERR_BAD_TRANSITION, said.body, "not possible where it is %s; possible now: %s", state ? state : "not proposed",
		       list_states(now, by, possible));
}

enum err
council_promise_add(struct promise *p, const struct promise_event *event)
{
	const struct promise_event *last = NULL;

	for (size_t i = 0; i < p->n; i++)
		if (p->events[i].is_owners == event->is_owners && (last == NULL || p->events[i].seq > last->seq))
			last = &p->events[i];
	if (last && last->version == event->version && last->to == event->to)
		return OK;	/* progress: in each view it says what the one before said */
	if (p->n == PROMISE_EVENTS_MAX)
		return ERR_TOOMANY;
	p->events[p->n++] = *event;
	return OK;
}

/* The next word of one side after its message `seq`; NULL: none. */
static const struct promise_event *
next_word(const struct promise *p, bool is_owners, uint64_t seq)
{
	const struct promise_event *next = NULL;

	for (size_t i = 0; i < p->n; i++) {
		const struct promise_event *e = &p->events[i];

		if (e->is_owners == is_owners && e->seq > seq && (next == NULL || e->seq < next->seq))
			next = e;
	}
	return next;
}

/* Versions one by one, and nothing after it is cancelled. */
static bool
is_sound_coordinator(const struct promise *p, uint64_t most, size_t *ret_n)
{
	const struct promise_event *e;
	uint32_t version = 0;
	uint64_t seq = 0;
	bool is_over = false;

	for (; (e = next_word(p, false, seq)) != NULL; seq = e->seq, ++*ret_n) {
		bool is_cancelled = e->to == PROMISE_CANCELLED;

		if (e->seq > most || is_over || (!is_cancelled && e->to != PROMISE_PROPOSED) ||
		    e->version != version + (is_cancelled ? 0 : 1))
			return false;
		version = e->version;
		is_over = is_cancelled;
	}
	return version > 0;
}

/* About versions that there are, never an older one again, and nothing after an end. */
static bool
is_sound_owner(const struct promise *p, uint64_t most, size_t *ret_n)
{
	const struct promise_view all = { UINT64_MAX, UINT64_MAX };
	uint32_t newest = council_promise_version(p, &all), version = 1;
	const struct promise_event *e;
	uint64_t seq = 0;
	bool is_over = false;

	for (; (e = next_word(p, true, seq)) != NULL; seq = e->seq, ++*ret_n) {
		if (e->seq > most || is_over || e->to == PROMISE_CANCELLED || council_promise_code(e->to) == NULL ||
		    e->version < version || e->version > newest)
			return false;
		version = e->version;
		is_over = is_final(e->to);
	}
	return true;
}

enum err
council_promise_sound(const struct promise *p, const struct promise_view *most, struct why *why)
{
	size_t n = 0;

	if (!is_sound_coordinator(p, most->coordinator, &n))
		return why_set(why, ERR_INCONSISTENT, "words", "its coordinator cannot have said this");
	if (!is_sound_owner(p, most->owner, &n))
		return why_set(why, ERR_INCONSISTENT, "words", "its owner cannot have said this");
	return n == p->n ? OK : why_set(why, ERR_INCONSISTENT, "words", "two in one message");	/* or in none */
}
