/* SPDX-License-Identifier: EUPL-1.2 */
/* clocks - the deadlines of a message, kept over its header alone: what each recipient still owes, and what is due when.
 *
 * A recipient owes that it registers a message, and, where the header has respond_by, an answer. A row of TABLE_CLOCKS stands while
 * it owes anything; a row of TABLE_DUE for the fact that comes next, and one for the first missed deadline that was said. All
 * three follow from the clock and the stage bits, so whatever changes the bits (hub/receipt.c) comes by here. Rules: PROTOCOL.md 5.1.
 */
#ifndef HUB_CLOCKS_H
#define HUB_CLOCKS_H

#include "hub/state.h"

#define CLOCKS_EXPIRING_PART 10		/* `expiring` is said a tenth of the span before `expires` */
#define CLOCKS_AHEAD_MS (731 * CLOCK_DAY)	/* a deadline further ahead is a mistake of the sender */

/* -- pure -- */

struct moment { enum notice_fact fact; int64_t at_ms; };	/* at_ms 0: none */

int64_t clocks_moment(const struct clock_row *c, enum notice_fact fact);	/* when it falls due; 0: never */
int64_t clocks_deadline(const struct clock_row *c, enum notice_fact fact);	/* that it is about, of the header */
bool clocks_holds(const struct clock_row *c, uint16_t stages, enum notice_fact fact);	/* what it warns of is still owed */
enum owed clocks_owed(const struct clock_row *c, uint16_t stages);
struct moment clocks_next(const struct clock_row *c, uint16_t stages);		/* the first that holds and was not said */
struct moment clocks_missed(const struct clock_row *c, uint16_t stages);	/* the first deadline that was said to be missed, and is owed */
/* ERR_BAD_CLOCK: a deadline before the message was made, or beyond CLOCKS_AHEAD_MS. */
enum err clocks_check(const struct header *h, int64_t now_ms, struct why *why) MUST_USE;

/* -- rows -- */

/* The recipient owes something from now on; `stages`: what its row says already. */
void clocks_begin(struct hub *hub, uint64_t leaf, const char *recipient, const struct clock_row *c, uint16_t stages);
/* Its stages have changed. */
void clocks_change(struct hub *hub, uint64_t leaf, const char *recipient, uint16_t had, uint16_t stages);
bool clocks_find(struct hub *hub, uint64_t leaf, const char *recipient, uint16_t stages, struct clock_row *ret_clock);
/* An answer that stopped `clock` was taken back or refused: what its recipient owed is owed again. */
void clocks_reopen(struct hub *hub, uint64_t leaf, const char *recipient, const struct clock_row *clock, uint16_t had, uint16_t stages);
/* Of messages of `from` that supersede each other, the newest after `leaf`; `leaf` itself if there is none. */
uint64_t clocks_newest(struct hub *hub, const char *from, uint64_t leaf);
/* What `leaf` owed is owed for `newer` from now on, also to who knows only the older id. */
void clocks_pass_on(struct hub *hub, const char *from, uint64_t leaf, uint64_t newer);

/* The messages that a header closes, by their leaves; its own ones too, which want no answer any more. ERR_NOTFOUND: no participant
 * sent it. ERR_NOT_ALLOWED: it is not of this thread, or was not sent to the closer. */
struct closing {
	uint64_t leaves[ENVELOPE_CLOSES_MAX];
	bool is_own[ENVELOPE_CLOSES_MAX];
	uint8_t by[ENVELOPE_CLOSES_MAX];	/* place in `to` of who sent it, unless it is its own */
	size_t n;
};
enum err clocks_find_closed(struct hub *hub, const struct header *h, struct closing *ret_closing, struct why *why) MUST_USE;

#endif
