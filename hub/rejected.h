/* SPDX-License-Identifier: EUPL-1.2 */
/* rejected - what recipients refused for good, kept for the operator's eyes beside its REFUSED leaf. The hub does nothing with
 * it: the sender was told by the receipt, and sends anew what it has put right.
 */
#ifndef HUB_REJECTED_H
#define HUB_REJECTED_H

#include "hub/state.h"

/* With the refusal `h` of the message `about`, whose leaf is `leaf`. */
void rejected_put(struct hub *hub, const struct header *h, const struct id_row *about, uint64_t leaf);

#endif
