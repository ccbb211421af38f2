/* SPDX-License-Identifier: EUPL-1.2 */
/* services_json - a service as JSON, by the field names of announce.proto, both ways. Called by the views.
 *
 * Read strictly: an unknown field, or one of another type, is refused with its name. Times are RFC 3339 or a date.
 */
#ifndef ADAPTER_SERVICES_JSON_H
#define ADAPTER_SERVICES_JSON_H

#include "adapters/core/services_find.h"

struct json_t;

/* Sets what `root` gives in `announce`, which the caller has filled with what stays otherwise. `as_of` that is not given is now.
 * `valid_days` (1 to 366) may stand for `valid_until`; with neither, it is true as long after as_of as it was before, where it was said
 * before. Texts live in `mem`. ERR_SYNTAX: not an object; ERR_UNKNOWN_FIELD, ERR_BAD_NUMBER, ERR_BAD_DATE, ERR_TOOMANY, ERR_FORMAT. */
enum err services_json_read(const struct json_t *root, int64_t now_ms, struct arena *mem, struct announce *announce, struct why *why) MUST_USE;
/* Nothing is said yet. */
void services_json_blank(struct announce *announce);
/* All of it, and what a reader needs beside it: agency's names, room now, whether the hub has it. NULL without memory. */
struct json_t *services_json_write(const struct service *s, int64_t now_ms);

#endif
