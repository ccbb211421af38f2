/* SPDX-License-Identifier: EUPL-1.2 */
/* handover - the inbox is handed to the agency's own system, thread by thread in order, until it has confirmed. */
#ifndef ADAPTER_HANDOVER_H
#define ADAPTER_HANDOVER_H

#include "adapters/core/core.h"

/* Hand over what is due. Gives the ms until something is due next. */
enum err handover_run(struct adapter *a, int64_t *ret_next_ms) MUST_USE;

#endif
