/* SPDX-License-Identifier: EUPL-1.2 */
/* view_json - what the views' answers are made of: members that are left out where there is nothing, and the answer's end. */
#ifndef ADAPTER_VIEW_JSON_H
#define ADAPTER_VIEW_JSON_H

#include <stdint.h>

#include "adapters/core/sector.h"

struct json_t;

void view_json_text(struct json_t *to, const char *name, const char *text);	/* NULL or empty: left out */
void view_json_time(struct json_t *to, const char *name, int64_t ms);		/* 0: left out */

/* `root` as an answer whose bytes lie in `mem`. Takes `root` in every case; ERR_TOOBIG. */
enum err view_json_answer(struct json_t *root, unsigned status, struct arena *mem, struct native *ret_answer) MUST_USE;

#define VIEW_NAME_LEN 41	/* with its end */
/* A name that came from outside, to be told again: the first letters, digits, '_', '-' and '.' of it. */
void view_json_name(const char *text, size_t n, char to[static VIEW_NAME_LEN]);

#endif
