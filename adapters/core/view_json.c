/* SPDX-License-Identifier: EUPL-1.2 */
/* view_json - called by the views, for HTTP and for webhooks. */
#include "adapters/core/view_json.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>

#include "proto/base/clock.h"

void
view_json_text(struct json_t *to, const char *name, const char *text)
{
	if (text && *text != '\0')
		json_object_set_new(to, name, json_string(text));
}

void
view_json_time(struct json_t *to, const char *name, int64_t ms)
{
	char text[CLOCK_TEXT_LEN];

	if (ms == 0)
		return;
	clock_format(ms, text);
	json_object_set_new(to, name, json_string(text));
}

enum err
view_json_answer(struct json_t *root, unsigned status, struct arena *mem, struct native *ret_answer)
{
	char *text = json_dumps(root, JSON_COMPACT);
	const char *copy = text ? arena_str(mem, text) : NULL;

	free(text);
	json_decref(root);
	if (copy == NULL)
		return ERR_TOOBIG;
	*ret_answer = (struct native){ .format = FORMAT_JSON, .bytes = span_str(copy), .media_type = "application/json", .status = status };
	return OK;
}

void
view_json_name(const char *text, size_t n, char to[static VIEW_NAME_LEN])
{
	size_t i = 0;

	while (i < n && i < VIEW_NAME_LEN - 1 && (isalnum((unsigned char)text[i]) || (text[i] != '\0' && strchr("_-.", text[i]) != NULL))) {
		to[i] = text[i];
		i++;
	}
	to[i] = '\0';
}
