/* SPDX-License-Identifier: EUPL-1.2 */
/* left_out - what of a message was left out, in words for its sender.
 *
 * A sector counts what has no place in the record, and scope.c what is outside of consent or need: to the sender they are
 * one number, record.dropped. Called by the sectors whose answers are read by people; a member of JSON needs no words.
 */
#include "adapters/core/left_out.h"

#include <inttypes.h>

int64_t
left_out_of(const struct intake_item *item)
{
	return item->e == OK && item->record != NULL && item->record->dropped != NULL ? *item->record->dropped : 0;
}

const char *
left_out_text(int64_t n, enum lang lang, struct arena *mem)
{
	if (n <= 0)
		return NULL;
	if (lang == LANG_BG)
		return arena_fmt(mem, "Изпуснати полета: %" PRId64 ". За тях няма място или не ги покрива съгласието или нуждата.", n);
	return arena_fmt(mem, "Fields left out: %" PRId64 ". They have no place, or consent or need does not cover them.", n);
}
