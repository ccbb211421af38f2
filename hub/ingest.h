/* SPDX-License-Identifier: EUPL-1.2 */
/* ingest - an envelope on its way into the forming batch: decode, who is it really, duplicate, signature, policy, order. */
#ifndef HUB_INGEST_H
#define HUB_INGEST_H

#include "hub/state.h"

/* All envelopes of one SUBMIT. Refusals, and duplicates of what is durable, are answered at once; the rest by the commit. */
void ingest_submit(struct hub *hub, struct party *p, const struct submit *submit);

#endif
