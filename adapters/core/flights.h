/* SPDX-License-Identifier: EUPL-1.2 */
/* flights - what of the outbox is on its way to the hub: sent within the hub's credit, each until it is answered or its time is over.
 *
 * Nothing of it is durable, nor need it be: what is pending in the outbox goes again in the next session.
 */
#ifndef ADAPTER_FLIGHTS_H
#define ADAPTER_FLIGHTS_H

#include "adapters/core/core.h"

/* A session begins with this credit, or (none) ends: nothing is under way. */
void flights_begin(struct adapter *a, struct credit credit);
void flights_allow(struct adapter *a, struct credit credit);	/* the hub's newest word on credit, which never sinks */
/* Sign and send what is pending, as far as the hub's credit goes. */
enum err flights_submit(struct adapter *a) MUST_USE;
/* Answered: it uses its credit up. One that is not under way is fine, here and below. */
void flights_land(struct adapter *a, const struct msgid *id);
/* Answered "later". True: it went once, so the hub surely does not have it. */
bool flights_put_off(struct adapter *a, const struct msgid *id, int64_t until_ms);
/* `o` was just put into the outbox, `bytes` long: it goes in this event, or it waits (outbox_wait). */
void flights_expect(struct adapter *a, struct txn *txn, const struct outbound *o, size_t bytes);
/* What got no answer in time goes again at the next submit. */
void flights_tick(struct adapter *a, int64_t now_ms);
void flights_hurry(struct adapter *a, int64_t now_ms);	/* the clock has gone back: all times are now */

#endif
