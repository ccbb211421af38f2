/* SPDX-License-Identifier: EUPL-1.2 */
/* sector - the health sector as the adapter's core sees it. */
#ifndef HEALTH_SECTOR_H
#define HEALTH_SECTOR_H

#include "adapters/core/sector.h"

extern const struct sector health_sector;

#endif
