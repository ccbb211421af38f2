/* SPDX-License-Identifier: EUPL-1.2 */
/* left_out - what of a message was left out, in words for its sender: how many fields, and never what stood in them. */
#ifndef ADAPTER_LEFT_OUT_H
#define ADAPTER_LEFT_OUT_H

#include "adapters/core/sector.h"

/* A line about `n` fields, in `mem`. NULL: none was, or `mem` is full. */
const char *left_out_text(int64_t n, enum lang lang, struct arena *mem);

/* How many of this item's fields; 0 for one that was refused or has no record. */
int64_t left_out_of(const struct intake_item *item);

#endif
