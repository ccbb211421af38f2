/* SPDX-License-Identifier: EUPL-1.2 */
/* notifier - at the tick, what has fallen due of the clocks becomes a leaf and a signed NOTICE, once: PROTOCOL.md 5.1.
 *
 * Leaf, NOTICE, its places in the queues and the bit that says so are in one batch: after any crash it was said, or it will be.
 */
#ifndef HUB_NOTIFIER_H
#define HUB_NOTIFIER_H

#include "hub/state.h"

#define NOTIFIER_STEP 128	/* facts said in one tick */

/* Ms to the next moment at which something falls due; INT64_MAX: nothing is. */
int64_t notifier_tick(struct hub *hub);

#endif
