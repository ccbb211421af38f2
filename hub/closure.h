/* SPDX-License-Identifier: EUPL-1.2 */
/* closure - which messages an answer closes, for as long as it may be taken back or refused: what nothing else closes is owed again then.
 *
 * A row of TABLE_CLOCKS for an answer says what it closes, and one for each closed message and recipient keeps the clock that it
 * stopped, with the answers that stop it. A question is between two: the one of them that the answer went to decides. Where it
 * registers the answer that stays one and the rows go; where it refuses it, or the answer is taken back before, it was none. Called by
 * ingest.c, receipt.c and takeback.c. Rules: PROTOCOL.md 5.1.
 */
#ifndef HUB_CLOSURE_H
#define HUB_CLOSURE_H

#include "hub/clocks.h"

/* The message `h` at `leaf` closes these, but where what it supersedes was refused: `had` are the stages of that, as `to` is. */
void closure_note(struct hub *hub, const struct header *h, uint64_t leaf, const struct closing *closing,
		  const uint16_t had[ENVELOPE_TO_MAX]);
/* Its recipient `by` has registered (`stands`) or refused the message `answer` of `from`. */
void closure_ended(struct hub *hub, const char *from, const struct id_row *answer, const char *by, bool stands);
/* It was taken back, or another stands in its place (that is noted before). */
void closure_undo(struct hub *hub, const char *from, const struct id_row *answer);
/* What is owed for the message at `old` is owed for that at `leaf` from now on, by `clock`. */
void closure_pass_on(struct hub *hub, const char *recipient, uint64_t old, uint64_t leaf, const struct clock_row *clock);

#endif
