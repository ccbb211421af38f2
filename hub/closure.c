/* SPDX-License-Identifier: EUPL-1.2 */
/* closure - rows hold the leaves as they were closed; one that was superseded since is followed to its newest. */
#include "hub/closure.h"

#include "hub/receipt.h"

static bool
get_closed(struct hub *hub, const char *recipient, uint64_t leaf, struct closed_row *ret_row)
{
	struct row_key key;
	struct span value = state_get(hub, TABLE_CLOCKS, row_key_clock(recipient, OWED_CLOSED, leaf, &key));

	return value.p && row_decode_closed(value, hub->mem, ret_row) == OK;
}

static void
put_closed(struct hub *hub, const char *recipient, uint64_t leaf, const struct closed_row *row)
{
	struct row_key key;

	state_put(hub, TABLE_CLOCKS, row_key_clock(recipient, OWED_CLOSED, leaf, &key), row_closed(row, hub->mem));
}

static void
del_closed(struct hub *hub, const char *recipient, uint64_t leaf)
{
	struct row_key key;

	state_del(hub, TABLE_CLOCKS, row_key_clock(recipient, OWED_CLOSED, leaf, &key));
}

/* -- an answer comes -- */

/* False: it was closed for good, or nothing was owed. */
static bool
note_one(struct hub *hub, uint64_t leaf, const char *recipient, uint64_t answer)
{
	uint16_t had = receipt_stages(hub, leaf, recipient);
	struct closed_row row = { .n_answers = 0 };

	if (!get_closed(hub, recipient, leaf, &row) &&
	    ((had & STAGES_CLOSED) || !clocks_find(hub, leaf, recipient, had, &row.clock) || row.clock.respond_by_ms == 0))
		return false;
	if (row.n_answers == CLOSED_ANSWERS_MAX) {	/* one of so many will stand */
		del_closed(hub, recipient, leaf);
		return false;
	}
	row.answers[row.n_answers++] = answer;
	put_closed(hub, recipient, leaf, &row);
	return true;
}

/* Another's message is answered by who closes it; one's own is answered no more by anybody (a thread's participants are fixed). */
void
closure_note(struct hub *hub, const struct header *h, uint64_t leaf, const struct closing *closing,
	     const uint16_t had[ENVELOPE_TO_MAX])
{
	struct closes_row row = { .n_others = 0 };
	struct row_key key;

	for (size_t i = 0; i < closing->n; i++) {
		uint64_t closed = closing->leaves[i];
		bool may_open = false;

		for (size_t k = 0; k < (closing->is_own[i] ? h->n_to : 1); k++) {
			const char *recipient = closing->is_own[i] ? h->to[k] : h->from;

			if (had[closing->is_own[i] ? k : closing->by[i]] & STAGES_AT(STAGE_REFUSED))
				continue;	/* what this one supersedes: it will be refused there again */
			may_open |= note_one(hub, closed, recipient, leaf);
			receipt_close(hub, closed, recipient);
		}
		if (may_open && closing->is_own[i])
			row.own[row.n_own++] = closed;
		else if (may_open)
			row.others[row.n_others++] = closed;
	}
	if (row.n_own + row.n_others > 0)
		state_put(hub, TABLE_CLOCKS, row_key_clock(h->from, OWED_CLOSES, leaf, &key), row_closes(&row, hub->mem));
}

/* -- and ends -- */

struct ending { const char *by; bool stands; };	/* whose word it is; NULL: the sender's, of all */

/* The newest of what a participant sent first at `leaf`: nobody else has superseded that. */
static uint64_t
newest_of(struct hub *hub, const char *from, const struct id_row *answer, uint64_t leaf)
{
	uint64_t newest = clocks_newest(hub, from, leaf);

	for (size_t i = 0; i < answer->n_to && newest == leaf; i++)
		newest = clocks_newest(hub, answer->to[i], leaf);
	return newest;
}

/* Of the two whom a question is between, the one that the answer went to decides of it. True: it may open this one still. */
static bool
end_one(struct hub *hub, uint64_t leaf, const char *recipient, uint64_t answer, const struct ending *ending)
{
	struct closed_row row;
	size_t i = 0;

	if (!get_closed(hub, recipient, leaf, &row))
		return false;
	while (i < row.n_answers && row.answers[i] != answer)
		i++;
	if (i == row.n_answers)
		return false;
	if (ending->by && strcmp(ending->by, row.clock.from) != 0 && strcmp(ending->by, recipient) != 0)
		return true;
	row.answers[i] = row.answers[--row.n_answers];
	if (!ending->stands && row.n_answers > 0) {
		put_closed(hub, recipient, leaf, &row);
		return false;
	}
	del_closed(hub, recipient, leaf);
	if (!ending->stands)
		receipt_reopen(hub, leaf, recipient, &row.clock);
	return false;
}

static void
end(struct hub *hub, const char *from, const struct id_row *answer, struct ending ending)
{
	struct closes_row row;
	struct row_key key;
	struct span at = row_key_clock(from, OWED_CLOSES, answer->leaf, &key), value = state_get(hub, TABLE_CLOCKS, at);
	bool may_open = false;

	if (value.p == NULL || row_decode_closes(value, &row) != OK)
		return;
	for (size_t i = 0; i < row.n_others; i++)
		may_open |= end_one(hub, newest_of(hub, from, answer, row.others[i]), from, answer->leaf, &ending);
	for (size_t i = 0; i < row.n_own; i++)
		for (size_t k = 0; k < answer->n_to; k++)
			may_open |= end_one(hub, newest_of(hub, from, answer, row.own[i]), answer->to[k], answer->leaf, &ending);
	if (!may_open)
		state_del(hub, TABLE_CLOCKS, at);
}

void
closure_ended(struct hub *hub, const char *from, const struct id_row *answer, const char *by, bool stands)
{
	end(hub, from, answer, (struct ending){ by, stands });
}

void
closure_undo(struct hub *hub, const char *from, const struct id_row *answer)
{
	end(hub, from, answer, (struct ending){ NULL, false });
}

void
closure_pass_on(struct hub *hub, const char *recipient, uint64_t old, uint64_t leaf, const struct clock_row *clock)
{
	struct closed_row row;

	if (!get_closed(hub, recipient, old, &row))
		return;
	row.clock = *clock;
	del_closed(hub, recipient, old);
	put_closed(hub, recipient, leaf, &row);
}
