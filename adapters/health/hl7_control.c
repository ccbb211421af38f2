/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_control - one function: both the writer of a message and the reader of its answer need the same MSH-10. */
#include "adapters/health/hl7_control.h"

#include <string.h>

#define TAIL_DIGITS 19

const char *
hl7_control_id(const struct outgoing *out, struct arena *mem)
{
	char digits[TAIL_DIGITS + 1];
	size_t n = sizeof(digits) - 1;
	char kind = 'N';

	digits[n] = '\0';
	if (!out->record && out->stage)
		kind = strcmp(out->stage, "refused") == 0 ? 'X' : 'G';
	for (const char *p = out->msg_id + strlen(out->msg_id); n > 0 && p > out->msg_id;)
		if (*--p != '-')
			digits[--n] = *p;
	return arena_fmt(mem, "%c%s", kind, digits + n);
}
