/* SPDX-License-Identifier: EUPL-1.2 */
/* receipt - what became of a message at each recipient: delivered, registered, seen, refused; each once, one end at most. */
#ifndef HUB_RECEIPT_H
#define HUB_RECEIPT_H

#include "hub/state.h"

/* ERR_NOTFOUND: no such message of that sender. ERR_NOT_ALLOWED: not one of its recipients. ERR_EXISTS: that stage is there
 * already. ERR_CONFLICT: the message has ended at this recipient. ERR_INCONSISTENT: another env_hash was received. */
enum err receipt_check(struct hub *hub, const struct header *h, struct id_row *ret_about, struct why *why) MUST_USE;
enum leaf_type receipt_leaf(const struct header *h);
enum err receipt_code(const struct header *h);		/* of a refusal or a wish to reseal, for the detail; OK otherwise */
/* Before delivery_put of the receipt itself: a withdrawal changes the recipients' queues. */
enum err receipt_put(struct hub *hub, const struct header *h, const struct id_row *about) MUST_USE;

/* A message begins to be unregistered at its recipient, `stages` (of one that it supersedes) said already; it ends for it
 * otherwise than by a receipt; has it ended? */
void receipt_begin(struct hub *hub, uint64_t leaf, const char *recipient, const struct clock_row *clock, uint16_t stages);
void receipt_end(struct hub *hub, uint64_t leaf, const char *recipient);
void receipt_close(struct hub *hub, uint64_t leaf, const char *recipient);	/* by an answer of this recipient */
/* No answer of it stands any more: its answer is owed again, by `clock`. */
void receipt_reopen(struct hub *hub, uint64_t leaf, const char *recipient, const struct clock_row *clock);
void receipt_say(struct hub *hub, uint64_t leaf, const char *recipient, enum notice_fact fact);	/* a NOTICE tells it: never again */
void receipt_withdraw(struct hub *hub, uint64_t leaf, const char *recipient);
/* The sender contradicted itself about its message `leaf`: false if that is on record already. */
bool receipt_note_conflict(struct hub *hub, uint64_t leaf, const char *sender);
uint16_t receipt_stages(struct hub *hub, uint64_t leaf, const char *recipient);	/* STAGES_*, of hub/rows.h */
bool receipt_has_ended(struct hub *hub, uint64_t leaf, const char *recipient);

#endif
