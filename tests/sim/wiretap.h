/* SPDX-License-Identifier: EUPL-1.2 */
/* wiretap - looks at every frame that the hub sends or gets, and knows what may not be in it: nothing that is not durable (I2),
 * nothing for others (I3, I9), no other bytes than were accepted (I4), one leaf a queue number (I7), no checkpoint of another
 * tree (I12, I13), no more than the receiver has granted (I24, I29). */
#ifndef SIM_WIRETAP_H
#define SIM_WIRETAP_H

#include "tests/sim/logwatch.h"
#include "tests/support/hub_world.h"

struct wiretap;

struct wiretap *wiretap_new(const struct world *world, const struct logwatch *log);
void wiretap_free(struct wiretap *t);
void wiretap_on_sent(struct wiretap *t, const char *agency, struct span frame);	/* by the hub */
void wiretap_on_came(struct wiretap *t, const char *agency, struct span frame);	/* to the hub */
/* The SUBMIT that `agency` sent last, as if `other` had sent it in its own session; SPAN_NONE: none yet. */
struct span wiretap_submit(struct wiretap *t, const char *agency, const char *other, struct arena *mem);
/* At the end: every queue number up to the last was delivered. */
void wiretap_check_numbers(const struct wiretap *t);

#endif
