/* SPDX-License-Identifier: EUPL-1.2 */
/* steps - the step that a record takes in its thread, and what becomes of it: one that its author took back, or that its recipient or the
 * hub refused, has never been, and both sides stand as if it were not (PROTOCOL.md 5).
 *
 * Undone in the transaction of what takes it back or refuses it. What is no step changes nothing, nor does what is said at a conference: its
 * other members have it.
 */
#ifndef ADAPTER_STEPS_H
#define ADAPTER_STEPS_H

#include "adapters/core/core.h"
#include "proto/record.h"

/* The step of a record of whichever kind, its message having that first id. False: it takes none. Pure. */
bool steps_of(const struct record *record, const struct msgid *id, struct thread_step *ret_step);
/* May `actor` take this step in `t`, which is `now` in that state, after what has gone before in it? As lifecycle_check, and lifecycle_check_past. Pure. */
enum err steps_check(const struct thread *t, enum state now, enum actor actor, const struct status *status, struct why *why) MUST_USE;
/* What the record says that later steps ask for, though it is none. It stays, whatever becomes of its message: a system may refuse to be told. Pure. */
void steps_note(struct thread *t, const struct record *record);
/* Our message `o` says the record: `t` has its step, for the caller to put. False: it takes none. Pure. */
bool steps_said(struct thread *t, const struct record *record, const struct outbound *o);
/* Undo that of our message `o`, or of one that came, if it took one. */
enum err steps_undo_sent(struct adapter *a, struct txn *txn, const struct outbound *o) MUST_USE;
enum err steps_undo_taken(struct adapter *a, struct txn *txn, const struct inbound *in) MUST_USE;

#endif
