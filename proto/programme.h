/* SPDX-License-Identifier: EUPL-1.2 */
/* programme - the Coordination Programme's own words: programmes, kinds of service, kinds of agency, in both languages.
 *
 * Tables made from programme.def. Pure; texts are static. Called by whoever lists, checks or compares them.
 */
#ifndef PROTO_PROGRAMME_H
#define PROTO_PROGRAMME_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/base/err.h"

struct programme_word { const char *code, *of, *bg, *en; };	/* of: a kind's programme, an agency kind's sector; NULL: nothing */

const char *programme_of_service(const char *kind);	/* "P1" to "P3", "statutory"; NULL: of none, or unknown */
bool programme_is_agency_kind(const char *kind);
/* NULL if there is none. */
const struct programme_word *programme_word(const char *programme);
const struct programme_word *programme_service(const char *kind);
const struct programme_word *programme_agency_kind(const char *kind);
const char *programme_text(const struct programme_word *word, enum lang lang);	/* of NULL: "?" */
/* All of them; NULL from n on. */
const struct programme_word *programme_agency_kind_at(size_t i);
const struct programme_word *programme_service_at(size_t i);

#endif
