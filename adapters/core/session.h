/* SPDX-License-Identifier: EUPL-1.2 */
/* session - the adapter's half of the conversation with the hub (frame.h): greeting, sign of life, pin.
 *
 * The pin is the newest checkpoint verified here; the hub proves at each greeting, and with each checkpoint after it, that its
 * log continues it. Nothing else moves the pin.
 */
#ifndef ADAPTER_SESSION_H
#define ADAPTER_SESSION_H

#include "adapters/core/core.h"

enum err session_load(struct adapter *a) MUST_USE;			/* the pin, from the store */
/* Greet: anew (`is_again` false), or once more because no welcome came. */
enum err session_hello(struct adapter *a, bool is_again) MUST_USE;
void session_drop(struct adapter *a);
enum err session_welcome(struct adapter *a, const struct welcome *w, uint64_t epoch) MUST_USE;
enum err session_directory(struct adapter *a, const struct directory_frame *d) MUST_USE;
/* The pin, with whatever else the transaction holds: it moves with every checkpoint verified. */
void session_put_pin(struct adapter *a, struct txn *txn);
/* Tell the hub what is durable here, and how much more may come. */
enum err session_taken(struct adapter *a, const uint64_t *queue_nos, size_t n) MUST_USE;
/* A checkpoint that the log signed and that continues the pin, which moves to it. ERR_ORDER: a frame before this one is missing.
 * ERR_INCONSISTENT: another history, which is told; the pin stays. */
enum err session_checkpoint(struct adapter *a, const struct growth *g, struct checkpoint *ret_cp) MUST_USE;
/* A frame that came before: its checkpoint follows one that the pin has left behind. */
bool session_is_old(const struct adapter *a, const struct frame *f) MUST_USE;
/* Time passed: greet again where no session stands, let what got no answer go again. */
enum err session_tick(struct adapter *a, int64_t now_ms) MUST_USE;

#endif
