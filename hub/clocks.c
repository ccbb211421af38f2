/* SPDX-License-Identifier: EUPL-1.2 */
/* clocks - the rules are pure functions of a clock and the stage bits; rows are put where their results differ. */
#include "hub/clocks.h"
#include "proto/base/bug.h"

#define PASSED_ON_MAX 16	/* messages that supersede each other, followed when one is closed */
#define STAGES_GONE (STAGES_AT(STAGE_REFUSED) | STAGES_WITHDRAWN | STAGES_SUPERSEDED)

/* -- pure -- */

int64_t
clocks_deadline(const struct clock_row *c, enum notice_fact fact)
{
	switch (fact) {
	case NOTICE_HALF_TIME:
		return c->registered_by_ms ? c->registered_by_ms : c->respond_by_ms;
	case NOTICE_LATE_REGISTERED:
		return c->registered_by_ms;
	case NOTICE_LATE_RESPONSE:
		return c->respond_by_ms;
	case NOTICE_EXPIRING:
	case NOTICE_EXPIRED:
		return c->expires_ms;
	}
	return 0;
}

int64_t
clocks_moment(const struct clock_row *c, enum notice_fact fact)
{
	int64_t by = clocks_deadline(c, fact), span = by - c->since_ms;

	if (by == 0 || fact == NOTICE_LATE_REGISTERED || fact == NOTICE_LATE_RESPONSE || fact == NOTICE_EXPIRED)
		return by;
	if (span <= 0)
		return 0;	/* it is over already: nothing to warn of */
	return fact == NOTICE_HALF_TIME ? c->since_ms + span / 2 : by - span / CLOCKS_EXPIRING_PART;
}

static bool
owes_registration(uint16_t stages)
{
	return (stages & STAGES_END) == 0 || bug(BUG_CLOCK_NOT_STOPPED);
}

static bool
owes_answer(const struct clock_row *c, uint16_t stages)
{
	return c->respond_by_ms != 0 && (stages & (STAGES_GONE | STAGES_CLOSED)) == 0;
}

bool
clocks_holds(const struct clock_row *c, uint16_t stages, enum notice_fact fact)
{
	switch (fact) {
	case NOTICE_HALF_TIME:
		return c->registered_by_ms ? owes_registration(stages) : owes_answer(c, stages);
	case NOTICE_LATE_REGISTERED:
		return owes_registration(stages);
	case NOTICE_LATE_RESPONSE:
		return owes_answer(c, stages);
	case NOTICE_EXPIRING:
	case NOTICE_EXPIRED:
		return c->respond_by_ms ? owes_answer(c, stages) : owes_registration(stages);
	}
	return false;
}

enum owed
clocks_owed(const struct clock_row *c, uint16_t stages)
{
	if (owes_registration(stages))
		return OWED_REGISTRATION;
	return owes_answer(c, stages) ? OWED_ANSWER : OWED_NOTHING;
}

static void
take_earlier(const struct clock_row *c, enum notice_fact fact, struct moment *best)
{
	int64_t at = clocks_moment(c, fact);

	if (at != 0 && (best->at_ms == 0 || at < best->at_ms))
		*best = (struct moment){ fact, at };
}

struct moment
clocks_next(const struct clock_row *c, uint16_t stages)
{
	struct moment best = { .at_ms = 0 };

	for (enum notice_fact fact = NOTICE_HALF_TIME; fact <= NOTICE_EXPIRED; fact++)
		if ((stages & STAGES_SAID(fact)) == 0 && clocks_holds(c, stages, fact))
			take_earlier(c, fact, &best);
	return best;
}

struct moment
clocks_missed(const struct clock_row *c, uint16_t stages)
{
	static const enum notice_fact missed[] = { NOTICE_LATE_REGISTERED, NOTICE_LATE_RESPONSE, NOTICE_EXPIRED };
	struct moment best = { .at_ms = 0 };

	for (size_t i = 0; i < sizeof(missed) / sizeof(missed[0]); i++)
		if ((stages & STAGES_SAID(missed[i])) != 0 && clocks_holds(c, stages, missed[i]))
			take_earlier(c, missed[i], &best);
	return best;
}

enum err
clocks_check(const struct header *h, int64_t now_ms, struct why *why)
{
	const struct { const char *name; int64_t at_ms; bool may_be_over; } clocks[] = {
		{ "registered_by", h->registered_by_ms, false },
		{ "respond_by", h->respond_by_ms, true },	/* people write it, and a late letter is better than none */
		{ "expires", h->expires_ms, false },
	};

	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		if (clocks[i].at_ms == 0)
			continue;
		if (clocks[i].at_ms <= h->created_ms && !clocks[i].may_be_over)
			return why_set(why, ERR_BAD_CLOCK, clocks[i].name, "not after the message was made");
		if (clocks[i].at_ms > now_ms + CLOCKS_AHEAD_MS)
			return why_set(why, ERR_BAD_CLOCK, clocks[i].name, "more than two years ahead");
	}
	return OK;
}

/* -- rows -- */

static void
move_owed(struct hub *hub, uint64_t leaf, const char *recipient, const struct clock_row *c, enum owed before, enum owed after)
{
	struct row_key key;

	if (before == after)
		return;
	if (before != OWED_NOTHING)
		state_del(hub, TABLE_CLOCKS, row_key_clock(recipient, before, leaf, &key));
	if (after != OWED_NOTHING)
		state_put(hub, TABLE_CLOCKS, row_key_clock(recipient, after, leaf, &key), row_clock(c, hub->mem));
}

static void
move_due(struct hub *hub, struct due_key *due, const struct due_row *row, const struct moment *before, const struct moment *after)
{
	struct due_row value = *row;
	struct row_key key;

	if (before->at_ms == after->at_ms && before->fact == after->fact)
		return;
	if (before->at_ms != 0) {
		due->at_ms = before->at_ms;
		state_del(hub, TABLE_DUE, row_key_due(due, &key));
	}
	if (after->at_ms != 0) {
		due->at_ms = after->at_ms;
		value.fact = after->fact;
		state_put(hub, TABLE_DUE, row_key_due(due, &key), row_due(&value, hub->mem));
	}
}

struct standing { enum owed owed; struct moment next, missed; };

static struct standing
standing_of(const struct clock_row *c, uint16_t stages)
{
	return (struct standing){ clocks_owed(c, stages), clocks_next(c, stages), clocks_missed(c, stages) };
}

static void
move(struct hub *hub, uint64_t leaf, const char *recipient, const struct clock_row *c, const struct standing *before,
     const struct standing *after)
{
	struct due_key due = { .lane = DUE_NEXT, .leaf = leaf, .place = c->place };
	struct due_row row = { .priority = c->priority, .from = c->from, .to = recipient };
	bool was_late = before->missed.at_ms != 0, is_late = after->missed.at_ms != 0;
	struct party *p = state_party(hub, recipient);

	move_owed(hub, leaf, recipient, c, before->owed, after->owed);
	move_due(hub, &due, &row, &before->next, &after->next);
	due.lane = DUE_MISSED;
	move_due(hub, &due, &row, &before->missed, &after->missed);
	if (p == NULL || was_late == is_late)
		return;
	if (is_late)
		p->row.late++;
	else if (p->row.late > 0)
		p->row.late--;
	state_dirty(p);
}

void
clocks_begin(struct hub *hub, uint64_t leaf, const char *recipient, const struct clock_row *c, uint16_t stages)
{
	const struct standing nothing = { .owed = OWED_NOTHING };
	struct standing after = standing_of(c, stages);

	move(hub, leaf, recipient, c, &nothing, &after);
}

bool
clocks_find(struct hub *hub, uint64_t leaf, const char *recipient, uint16_t stages, struct clock_row *ret_clock)
{
	enum owed owed = owes_registration(stages) ? OWED_REGISTRATION : OWED_ANSWER;
	struct row_key key;
	struct span value = state_get(hub, TABLE_CLOCKS, row_key_clock(recipient, owed, leaf, &key));

	return value.p && row_decode_clock(value, hub->mem, ret_clock) == OK;
}

void
clocks_change(struct hub *hub, uint64_t leaf, const char *recipient, uint16_t had, uint16_t stages)
{
	struct standing before, after;
	struct clock_row c;

	if (had == stages || !clocks_find(hub, leaf, recipient, had, &c))
		return;		/* nothing is owed: nothing is due */
	before = standing_of(&c, had);
	after = standing_of(&c, stages);
	move(hub, leaf, recipient, &c, &before, &after);
}

void
clocks_reopen(struct hub *hub, uint64_t leaf, const char *recipient, const struct clock_row *clock, uint16_t had, uint16_t stages)
{
	struct standing before = standing_of(clock, had), after = standing_of(clock, stages);

	move(hub, leaf, recipient, clock, &before, &after);
}

void
clocks_pass_on(struct hub *hub, const char *from, uint64_t leaf, uint64_t newer)
{
	struct row_key key;

	state_put(hub, TABLE_CLOCKS, row_key_clock(from, OWED_PASSED_ON, leaf, &key), row_leaf(newer, hub->mem));
}

/* -- closes -- */

uint64_t
clocks_newest(struct hub *hub, const char *from, uint64_t leaf)
{
	struct row_key key;
	struct span value;

	for (int i = 0; i < PASSED_ON_MAX; i++) {
		value = state_get(hub, TABLE_CLOCKS, row_key_clock(from, OWED_PASSED_ON, leaf, &key));
		if (value.p == NULL || row_decode_leaf(value, &leaf) != OK)
			break;
	}
	return leaf;
}

static bool
is_addressee(const struct id_row *row, const char *agency)
{
	for (size_t i = 0; i < row->n_to; i++)
		if (strcmp(row->to[i], agency) == 0)
			return true;
	return false;
}

/* An id counts with its sender, so each of the others in the thread (they are in `to`) may have one like it. */
static enum err
find_closed(struct hub *hub, const struct header *h, const struct msgid *id, struct closing *closing, struct why *why)
{
	enum err e = why_set(why, ERR_NOTFOUND, "closes", "no such message of a participant");
	struct id_row row;
	struct row_key key;
	struct span value;

	for (size_t i = 0; i <= h->n_to; i++) {
		bool is_own = i == h->n_to;
		const char *from = is_own ? h->from : h->to[i];

		value = state_get(hub, TABLE_IDS, row_key_id(id, from, &key));
		if (value.p == NULL)
			continue;
		if (row_decode_id(value, hub->mem, &row) != OK)
			return ERR_CORRUPT;
		if (row.class == CLASS_DATA && (is_own || is_addressee(&row, h->from)) &&
		    memcmp(row.thread.b, h->thread.b, THREAD_LEN) == 0) {
			closing->is_own[closing->n] = is_own;
			closing->by[closing->n] = (uint8_t)i;
			closing->leaves[closing->n++] = clocks_newest(hub, from, row.leaf);
			return OK;
		}
		e = why_set(why, ERR_NOT_ALLOWED, "closes", "not a message of this agency or to it in this thread");
	}
	return e;
}

enum err
clocks_find_closed(struct hub *hub, const struct header *h, struct closing *ret_closing, struct why *why)
{
	enum err e = OK;

	ret_closing->n = 0;
	for (size_t i = 0; i < h->n_closes && e == OK; i++)
		e = find_closed(hub, h, &h->closes[i], ret_closing, why);
	return e;
}
