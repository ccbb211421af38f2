/* SPDX-License-Identifier: EUPL-1.2 */
/* adapterd - the daemon around an adapter: options, keys, store, doors, loop. A sector's main is one call of it. */
#ifndef ADAPTER_ADAPTERD_H
#define ADAPTER_ADAPTERD_H

#include "adapters/core/sector.h"

int adapterd_main(int argc, char **argv, const struct sector *sector);	/* gives the exit code */

#endif
