/* SPDX-License-Identifier: EUPL-1.2 */
/* one_way - what the fuzz targets of the sectors share: an agency's environment, and the whole way of a native message. */
#ifndef FUZZ_ONE_WAY_H
#define FUZZ_ONE_WAY_H

#include "adapters/core/sector.h"

/* Native to records, each good record through its codec and out again in `format`, and the door's answer; all bounded by one
 * arena. Aborts where a property does not hold: an accepted record must encode and decode to the same bytes. */
void one_way(const struct sector *sector, enum format format, const char *path, struct span input);

#endif
