/* SPDX-License-Identifier: EUPL-1.2 */
/* agent_statement - see agent_statement.h; every assertion here is a promise of the hub. */
#include "tests/sim/agent_statement.h"

void
agent_statement_ask(struct agent_statement *st, struct lossy *wire, const char *agency, uint64_t pin_size, int64_t retry_ms,
		    struct frame *ret_frame)
{
	if (!st->is_asking || lossy_now(wire) - st->asked_ms > retry_ms) {
		st->is_asking = true;
		st->n_stands = 0;
		st->sum = (struct standing_sum){ .agency = agency, .since = lossy_chance(wire, 500) ? 0 : pin_size / 2 };
		for (size_t i = 0; i < sizeof(st->sum.ask); i++)
			st->sum.ask[i] = (uint8_t)lossy_random(wire);
	}
	st->asked_ms = lossy_now(wire);
	memcpy(ret_frame->statement_ask.ask, st->sum.ask, sizeof(st->sum.ask));
	ret_frame->statement_ask.since = st->sum.since;
	ret_frame->statement_ask.after = st->sum.after;
}

static const struct stand *
stand_of(const struct agent_statement *st, uint64_t leaf)
{
	for (size_t i = 0; i < st->n_stands; i++)
		if (st->stands[i].leaf == leaf)
			return &st->stands[i];
	return NULL;
}

/* What was accepted is in the statement, at its leaf, with each stage that its sender was told; left out is only what is older than
 * `since` and has ended. */
static void
check_whole(const struct agent_statement *st, const struct agent_book *b, const struct standing_head *head)
{
	size_t mine = 0;

	for (size_t i = 0; i < st->n_stands; i++)
		mine += st->stands[i].is_mine;
	for (size_t i = 0; i < b->n_sent; i++) {
		const struct sent *s = &b->sent[i];
		const struct stand *stand = s->is_receipt || !s->is_accepted ? NULL : stand_of(st, s->leaf);

		if (s->is_receipt || !s->is_accepted || s->leaf >= head->size)
			continue;
		if (stand == NULL) {
			assert(s->leaf < head->since);
			continue;
		}
		assert(msgid_eq(&stand->id, &s->id) && stand->is_mine && (stand->is_registered || !s->is_registered));
		mine--;
	}
	/* what remains was accepted, and its answer is still on the way */
	for (size_t i = 0; i < b->n_sent; i++)
		mine -= !b->sent[i].is_accepted && !b->sent[i].is_receipt && mine > 0;
	assert(mine == 0);
}

bool
agent_statement_take(struct agent_statement *st, const struct agent_book *b, const struct statement *s, const struct checkpoint *c,
		     struct arena *mem)
{
	struct standing_head head;
	struct standing *rows;
	bool is_whole;
	enum err e;

	if (!st->is_asking || !standing_is_next(&st->sum, s))
		return false;
	e = standing_page(&st->sum, s, c, &b->world->d.notice, mem, &rows, &is_whole, &head, NULL);
	assert(e == OK);
	for (size_t i = 0; i < s->n; i++) {
		bool is_registered = true;

		assert(st->n_stands < MESSAGES_MAX);
		for (size_t k = 0; k < rows[i].n_to; k++)
			is_registered = is_registered && (rows[i].stages[k] & 1u << STAGE_REGISTERED) != 0;
		st->stands[st->n_stands++] = (struct stand){
			rows[i].leaf, rows[i].id, strcmp(rows[i].from, world_ids[b->place]) == 0, is_registered,
		};
	}
	if (!is_whole)
		return true;
	check_whole(st, b, &head);
	st->whole++;
	st->is_asking = false;
	return false;
}
