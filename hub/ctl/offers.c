/* SPDX-License-Identifier: EUPL-1.2 */
/* offers - questions and sayings as lines of JSON; for people a table of what matters, with the room first. */
#include "hub/ctl/offers.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "hub/ctl/ask.h"
#include "hub/ctl/plainfile.h"
#include "hub/ctl/view.h"
#include "proto/announce.h"
#include "proto/programme.h"

#define OFFERS_ARENA ((size_t)16 * 1024 * 1024)

/* clang-format off */
#define SOCKET_OPTION { "socket", "PATH", false, { "the adapter's control socket", "управляващият сокет на адаптера" } }
#define CONFIG_OPTION { "config", "FILE", false, { "the adapter's configuration, which names its socket", "настройките на адаптера, които посочват сокета" } }
#define JSON_OPTION { "json", NULL, false, { "as JSON", "като JSON" } }
const struct command_option offers_services_options[] = {
	SOCKET_OPTION, CONFIG_OPTION,
	{ "kind", "CODE", false, { "of this kind", "от този вид" } },
	{ "programme", "CODE", false, { "of this programme: P1, P2, P3, statutory", "от тази програма: P1, P2, P3, statutory" } },
	{ "municipality", "CODE", false, { "for children of this municipality: a code, a name, a settlement",
					   "за деца от тази община: код, име, населено място" } },
	{ "age", "YEARS", false, { "for a child of this age", "за дете на тази възраст" } },
	{ "agency", "ID", false, { "of this agency", "на тази институция" } },
	{ "text", "WORD", false, { "with this in its name or conditions", "с това в името или условията" } },
	{ "free", NULL, false, { "with free places now", "със свободни места сега" } },
	JSON_OPTION, { .name = NULL },
};
const struct command_option offers_announce_options[] = {
	SOCKET_OPTION, CONFIG_OPTION,
	{ "status", "CODE", false, { "capacity, no-capacity, waitlist, additional-assessment-required",
				     "capacity, no-capacity, waitlist, additional-assessment-required" } },
	{ "available", "N", false, { "free places", "свободни места" } },
	{ "waiting", "N", false, { "children who wait", "чакащи деца" } },
	{ "valid-days", "N", false, { "for how many days it is true", "колко дни важи" } },
	{ "end", NULL, false, { "the service is offered no more", "услугата вече не се предлага" } },
	JSON_OPTION, { .name = NULL },
};
/* clang-format on */

static void
copy(json_t *to, const char *as, const json_t *from, const char *name)
{
	json_t *value = json_object_get(from, name);

	if (value)
		json_object_set(to, as, value);
}

/* What people compare services by. */
static json_t *
row_of(const json_t *service, enum lang lang)
{
	const char *kind = json_string_value(json_object_get(service, "service_kind"));
	const char *name = lang == LANG_EN && json_object_get(service, "name_en") ? "name_en" : "name_bg";
	const struct programme_word *word = programme_service(kind);
	json_t *row = json_object();

	copy(row, "room", service, "room");
	copy(row, "available", service, "available");
	copy(row, "waiting", service, "waiting");
	copy(row, "agency", service, "agency");
	copy(row, "service_id", service, "service_id");
	json_object_set_new(row, "service_kind", json_string(word ? programme_text(word, lang) : kind));
	copy(row, "programme", service, "programme");
	copy(row, "name", service, name);
	copy(row, "municipalities", service, "municipalities");
	copy(row, "min_age", service, "min_age");
	copy(row, "max_age", service, "max_age");
	copy(row, "valid_until", service, "valid_until");
	return row;
}

static int
show(const struct call *call, json_t *answer)
{
	json_t *services = json_object_get(answer, "services"), *rows, *service;
	size_t i;

	if (json_array_size(services) == 0)
		command_say(call, "no service fits", "няма подходяща услуга", NULL);
	if (command_value(call, "json") != NULL)
		return view_show(call, answer);
	rows = json_array();
	json_array_foreach(services, i, service)
		json_array_append_new(rows, row_of(service, call->lang));
	json_decref(answer);
	return view_show(call, rows);
}

int
offers_services(const struct call *call)
{
	static const char *const names[] = { "kind", "programme", "municipality", "age", "agency", "text" };
	json_t *request = json_pack("{s:s}", "verb", "services"), *answer = NULL;
	struct why why = { .where = "" };
	enum err e;

	if (request == NULL)
		return command_fail(call, ERR_NOMEM, NULL);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (command_value(call, names[i]))
			json_object_set_new(request, names[i], json_string(command_value(call, names[i])));
	if (command_value(call, "free"))
		json_object_set_new(request, "free", json_true());
	e = ask_adapter(call, request, &answer, &why);
	return e == OK ? show(call, answer) : command_fail(call, e, &why);
}

/* -- announce -- */

static enum err
set_number(const struct call *call, const char *option, const char *name, json_t *to, struct why *why)
{
	const char *text = command_value(call, option);
	char *end = NULL;
	long n;

	if (text == NULL)
		return OK;
	n = strtol(text, &end, 10);
	if (end == text || *end != '\0' || n < 0 || n > ANNOUNCE_COUNT_MAX)
		return why_set(why, ERR_BAD_NUMBER, option, "a whole number");
	json_object_set_new(to, name, json_integer(n));
	return OK;
}

/* What the options say of the service that is named; NULL: they say nothing, so the operand is a file. */
static enum err
changes_of(const struct call *call, json_t **ret_changes, struct why *why)
{
	json_t *to = json_object();
	enum err e;

	if (command_value(call, "status"))
		json_object_set_new(to, "capacity_status", json_string(command_value(call, "status")));
	if ((e = set_number(call, "available", "available", to, why)) != OK || (e = set_number(call, "waiting", "waiting", to, why)) != OK ||
	    (e = set_number(call, "valid-days", "valid_days", to, why)) != OK || json_object_size(to) == 0) {
		json_decref(to);
		to = NULL;
	}
	*ret_changes = to;
	return e;
}

static enum err
say(const struct call *call, const char *how, const char *id, json_t *service, json_t *all, struct why *why)
{
	json_t *answer = NULL;
	enum err e = ask_adapter(call, json_pack("{s:s, s:s, s:s*, s:O?}", "verb", "announce", "how", how, "id", id, "service", service),
				 &answer, why);

	if (e != OK)
		return e;
	json_array_append(all, json_object_get(answer, "service"));
	json_decref(answer);
	return OK;
}

static enum err
say_file(const struct call *call, struct arena *mem, json_t *all, struct why *why)
{
	json_error_t error;
	struct span bytes;
	json_t *root, *one;
	size_t i;
	enum err e;

	if ((e = plainfile_read(call->operand, OFFERS_FILE_MAX, mem, &bytes, why)) != OK)
		return e;
	root = json_loadb((const char *)bytes.p, bytes.n, JSON_REJECT_DUPLICATES, &error);
	if (json_is_object(root))
		e = say(call, "put", NULL, root, all, why);
	else if (!json_is_array(root))
		e = why_set(why, ERR_SYNTAX, call->operand, root ? "neither an announcement nor a list of them" : "not JSON: line %d", error.line);
	json_array_foreach(root, i, one)
		if (e == OK)
			e = say(call, "put", NULL, one, all, why);
	json_decref(root);
	return e;
}

int
offers_announce(const struct call *call)
{
	struct arena *mem = arena_new(OFFERS_ARENA);
	json_t *changes = NULL, *all = json_array();
	struct why why = { .where = "" };
	int code = EXIT_FAILED;
	enum err e;

	if (mem == NULL || all == NULL)
		return command_fail(call, ERR_NOMEM, NULL);
	if ((e = changes_of(call, &changes, &why)) == OK) {
		if (command_value(call, "end"))
			e = changes ? why_set(&why, ERR_UNSUPPORTED, "--end", "not with others") :
				      say(call, "end", call->operand, NULL, all, &why);
		else if (changes)
			e = say(call, "patch", call->operand, changes, all, &why);
		else
			e = say_file(call, mem, all, &why);
	}
	if (e == OK)
		code = show(call, json_pack("{s:O}", "services", all));
	else
		code = command_fail(call, e, &why);
	json_decref(changes);
	json_decref(all);
	arena_free(mem);
	return code;
}
