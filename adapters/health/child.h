/* SPDX-License-Identifier: EUPL-1.2 */
/* child - is the child that a message speaks of the one that was referred? One rule for FHIR and HL7.
 *
 * Names are spelt in many ways, so the numbers alone tell: of one type that both have, at least one has to agree. A number that each house gives
 * by itself (local, other) tells nothing of another house's.
 */
#ifndef HEALTH_CHILD_H
#define HEALTH_CHILD_H

#include <stdbool.h>

#include "adapters/core/sector.h"

/* False also where nothing tells. Either may be NULL. */
bool child_is_another(const struct person *a, const struct person *b);
/* What names the referral of the child said: `number`, by which `at` was found, or where that number is of two referrals and the child of one of
 * them, that one's id. NULL: the child is another than was referred. */
const char *child_referral(const struct progress *at, const char *number, const struct person *said);

#endif
