/* SPDX-License-Identifier: EUPL-1.2 */
/* sector_env - what a sector's translation may know of its agency: its names, codes, roster and progress, out of the adapter. */
#ifndef ADAPTER_SECTOR_ENV_H
#define ADAPTER_SECTOR_ENV_H

#include "adapters/core/core.h"

/* Sets a->env, once; the time in it is set before each use. The configuration is asked anew at each question. */
void sector_env_fill(struct adapter *a);

#endif
