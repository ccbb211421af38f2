/* SPDX-License-Identifier: EUPL-1.2 */
/* closure - which messages an answer closes, for as long as it may be taken back: what nothing else closes is owed again then.
 *
 * A row of TABLE_CLOCKS for an answer says what it closes, and one for each closed message and recipient keeps the clock that it
 * stopped, with the answers that stop it. All go when a recipient has registered or refused the answer: then it stays one. Called by
 * ingest.c, receipt.c and takeback.c. Rules: PROTOCOL.md 5.1.
 */
#ifndef HUB_CLOSURE_H
#define HUB_CLOSURE_H

#include "hub/clocks.h"

/* The message `h` at `leaf` closes these. */
void closure_note(struct hub *hub, const struct header *h, uint64_t leaf, const struct closing *closing);
/* The message `answer` of `from` has ended at one of its recipients: what it closes stays closed. */
void closure_stands(struct hub *hub, const char *from, const struct id_row *answer);
/* It was taken back, or another stands in its place (that is noted before). */
void closure_undo(struct hub *hub, const char *from, const struct id_row *answer);
/* What is owed for the message at `old` is owed for that at `leaf` from now on, by `clock`. */
void closure_pass_on(struct hub *hub, const char *recipient, uint64_t old, uint64_t leaf, const struct clock_row *clock);

#endif
