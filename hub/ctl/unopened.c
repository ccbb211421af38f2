/* SPDX-License-Identifier: EUPL-1.2 */
/* unopened - the list is asked for page by page; for people a row has what there is to decide by. */
#include "hub/ctl/unopened.h"

#include <jansson.h>
#include <string.h>

#include "hub/ctl/ask.h"
#include "hub/ctl/view.h"
#include "proto/programme.h"

/* clang-format off */
#define SOCKET_OPTION { "socket", "PATH", false, { "the adapter's control socket", "управляващият сокет на адаптера" } }
#define CONFIG_OPTION { "config", "FILE", false, { "the adapter's configuration, which names its socket", "настройките на адаптера, които посочват сокета" } }
#define ROLE_OPTION { "role", "TEXT", false, \
	{ "what the person is who decides, as the sender is to read it", "какъв е човекът, който решава, както ще го прочете подателят" } }
#define NAME_OPTION { "name", "TEXT", false, { "and their name", "и името му" } }
#define JSON_OPTION { "json", NULL, false, { "as JSON", "като JSON" } }
const struct command_option unopened_list_options[] = { SOCKET_OPTION, CONFIG_OPTION, JSON_OPTION, { .name = NULL } };
const struct command_option unopened_open_options[] = { SOCKET_OPTION, CONFIG_OPTION, ROLE_OPTION, NAME_OPTION, JSON_OPTION, { .name = NULL } };
const struct command_option unopened_decline_options[] = {
	SOCKET_OPTION, CONFIG_OPTION,
	{ "reason", "CODE", true, { "why: wrong-service, outside-territory, no-capacity, duplicate, not-eligible-age, other ...",
				    "защо: wrong-service, outside-territory, no-capacity, duplicate, not-eligible-age, other ..." } },
	{ "text", "TEXT", false, { "the same in words, for the sender; required with other", "същото с думи, за подателя; задължително при other" } },
	{ "case-no", "NUMBER", false, { "the agency's own number, if it registers what it declines", "входящ номер, ако отказаното се завежда" } },
	ROLE_OPTION, NAME_OPTION, JSON_OPTION, { .name = NULL },
};
/* clang-format on */

static void
copy(json_t *to, const char *name, const json_t *from)
{
	json_t *value = json_object_get(from, name);

	if (value)
		json_object_set(to, name, value);
}

/* What people decide by, and what they name it by then. */
static json_t *
row_of(const json_t *held, enum lang lang)
{
	const json_t *preview = json_object_get(held, "preview");
	const char *kind = json_string_value(json_object_get(preview, "service_kind"));
	const struct programme_word *word = programme_service(kind);
	json_t *row = json_object();

	copy(row, "received_at", held);
	copy(row, "from", held);
	json_object_set_new(row, "service_kind", json_string(word ? programme_text(word, lang) : kind));
	copy(row, "age_band", preview);
	copy(row, "municipality", preview);
	copy(row, "priority", preview);
	copy(row, "respond_by", held);
	copy(row, "state", held);
	copy(row, "referral_id", held);
	copy(row, "msg_id", held);
	return row;
}

/* All pages in one. */
static enum err
ask_all(const struct call *call, json_t *all, struct why *why)
{
	json_t *answer = NULL, *next;
	json_int_t after = 0;
	enum err e;

	do {
		if ((e = ask_adapter(call, json_pack("{s:s, s:I}", "verb", "previews", "after", after), &answer, why)) != OK)
			return e;
		json_array_extend(all, json_object_get(answer, "previews"));
		next = json_object_get(answer, "next");
		/* it only grows: an adapter that says otherwise is not asked for ever */
		after = json_integer_value(next) > after ? json_integer_value(next) : 0;
		json_decref(answer);
	} while (after != 0);
	return OK;
}

int
unopened_list(const struct call *call)
{
	json_t *all = json_array(), *rows, *held;
	struct why why = { .where = "" };
	size_t i;
	enum err e;

	if (all == NULL)
		return command_fail(call, ERR_NOMEM, NULL);
	if ((e = ask_all(call, all, &why)) != OK) {
		json_decref(all);
		return command_fail(call, e, &why);
	}
	if (json_array_size(all) == 0)
		command_say(call, "nothing waits to be opened", "нищо не чака да бъде отворено", NULL);
	if (command_value(call, "json") != NULL)
		return view_show(call, json_pack("{s:b, s:o}", "ok", 1, "previews", all));
	rows = json_array();
	json_array_foreach(all, i, held)
		json_array_append_new(rows, row_of(held, call->lang));
	json_decref(all);
	view_local_times(rows, "received_at");
	view_local_times(rows, "respond_by");
	return view_show(call, rows);
}

static void
put_text(json_t *to, const char *name, const char *text)
{
	if (text != NULL)
		json_object_set_new(to, name, json_string(text));
}

static int
say(const struct call *call, json_t *request)
{
	json_t *actor = json_object(), *answer = NULL;
	struct why why = { .where = "" };
	enum err e;

	put_text(actor, "role", command_value(call, "role"));
	put_text(actor, "name", command_value(call, "name"));
	if (json_object_size(actor) > 0)
		json_object_set(request, "actor", actor);
	json_decref(actor);
	if ((e = ask_adapter(call, request, &answer, &why)) != OK)
		return command_fail(call, e, &why);
	if (command_value(call, "json") == NULL) {
		json_object_del(answer, "ok");
		json_object_del(answer, "thread");
	}
	return view_show(call, answer);
}

int
unopened_open(const struct call *call)
{
	json_t *request = json_pack("{s:s, s:s}", "verb", "open", "id", call->operand);

	return request ? say(call, request) : command_fail(call, ERR_NOMEM, NULL);
}

int
unopened_decline(const struct call *call)
{
	json_t *request = json_pack("{s:s, s:s}", "verb", "decline", "id", call->operand);

	if (request == NULL)
		return command_fail(call, ERR_NOMEM, NULL);
	put_text(request, "reason_code", command_value(call, "reason"));
	put_text(request, "reason_text", command_value(call, "text"));
	put_text(request, "case_no", command_value(call, "case-no"));
	return say(call, request);
}
