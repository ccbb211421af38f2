/* SPDX-License-Identifier: EUPL-1.2 */
/* dirdiff - what one version of a directory changes of another, in sentences that a working group can read, in both languages.
 *
 * Nothing that is signed is left out: who takes part and with which key, who may write to whom, coordinators, auditors, registrars, the
 * hub's keys, how long it holds, and the programme's rules. Pure. Called by dirreview.c.
 */
#ifndef CTL_DIRDIFF_H
#define CTL_DIRDIFF_H

#include "proto/directory.h"

struct json_t;

/* A list of {"part", "change": "added", "removed" or "changed", "of", "en", "bg"}, in the order of parts; NULL without memory. */
struct json_t *dirdiff(const struct directory *before, const struct directory *after);

#endif
