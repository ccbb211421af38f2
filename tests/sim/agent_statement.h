/* SPDX-License-Identifier: EUPL-1.2 */
/* agent_statement - the hub's statements as an agent asks for them, page by page, and what they must say of its own messages.
 *
 * Called by agent.c alone, which sends what is to be asked and has checked the checkpoint of what came.
 */
#ifndef SIM_AGENT_STATEMENT_H
#define SIM_AGENT_STATEMENT_H

#include "proto/frame.h"
#include "proto/standing.h"
#include "tests/sim/agent_book.h"

struct stand { uint64_t leaf; struct msgid id; bool is_mine, is_registered; };	/* a row of the statement under way */

struct agent_statement {
	struct standing_sum sum;
	struct stand stands[MESSAGES_MAX];
	size_t n_stands, whole;			/* whole: statements taken to their end */
	bool is_asking;
	int64_t asked_ms;
};

/* What to ask: the next page, or a new statement where the last one is done or has not been answered for `retry_ms`. */
void agent_statement_ask(struct agent_statement *st, struct lossy *wire, const char *agency, uint64_t pin_size, int64_t retry_ms,
			 struct frame *ret_frame);
/* A page. True: there is more to ask for. */
bool agent_statement_take(struct agent_statement *st, const struct agent_book *b, const struct statement *s, const struct checkpoint *c,
			  struct arena *mem);

#endif
