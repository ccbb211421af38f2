/* SPDX-License-Identifier: EUPL-1.2 */
/* daemons - asks, and shows what was said. What a daemon says more than this program knows is shown by its own name. */
#include "hub/ctl/daemons.h"

#include <jansson.h>
#include <string.h>
#include <time.h>

#include "hub/ctl/ask.h"
#include "hub/ctl/view.h"
#include "proto/base/arena.h"
#include "proto/base/clock.h"

#define STATEMENT_TRIES 100	/* looked at five times a second */
#define DAEMONS_ARENA ((size_t)16 * 1024 * 1024)

/* clang-format off */
#define SOCKET_OPTION { "socket", "PATH", false, { "the daemon's control socket; the hub's if not given", "управляващият сокет; без него на концентратора" } }
#define ADAPTER_SOCKET_OPTION { "socket", "PATH", false, { "the adapter's control socket", "управляващият сокет на адаптера" } }
#define CONFIG_OPTION { "config", "FILE", false, { "the daemon's configuration, which names its socket", "настройките, които посочват сокета" } }
#define JSON_OPTION { "json", NULL, false, { "as JSON", "като JSON" } }
const struct command_option daemons_options[] = { SOCKET_OPTION, CONFIG_OPTION, JSON_OPTION, { .name = NULL } };
const struct command_option daemons_rotate_options[] = { ADAPTER_SOCKET_OPTION, CONFIG_OPTION, JSON_OPTION, { .name = NULL } };
const struct command_option daemons_plain_options[] = { SOCKET_OPTION, CONFIG_OPTION, { .name = NULL } };
const struct command_option daemons_queues_options[] = {
	SOCKET_OPTION, CONFIG_OPTION,
	{ "agency", "ID", false, { "each message that waits for this agency", "всяко съобщение, което чака тази институция" } },
	JSON_OPTION, { .name = NULL },
};
const struct command_option daemons_requeue_options[] = {
	SOCKET_OPTION, CONFIG_OPTION,
	{ "all", NULL, false, { "all that are parked", "всички спрени" } },
	JSON_OPTION, { .name = NULL },
};
const struct command_option daemons_resend_options[] = {
	SOCKET_OPTION, CONFIG_OPTION,
	{ "drop", NULL, false, { "do not send it; it has been seen to", "не изпращай; погрижено е" } },
	JSON_OPTION, { .name = NULL },
};
const struct command_option daemons_refuse_options[] = {
	SOCKET_OPTION, CONFIG_OPTION,
	{ "reason", "TEXT", true, { "what its sender is told; no personal data", "какво се казва на подателя; без лични данни" } },
	JSON_OPTION, { .name = NULL },
};
const struct command_option daemons_deadlines_options[] = {
	SOCKET_OPTION, CONFIG_OPTION,
	{ "agency", "ID", false, { "from or to this agency", "от или до тази институция" } },
	{ "late", NULL, false, { "only what is late", "само просроченото" } },
	JSON_OPTION, { .name = NULL },
};
const struct command_option daemons_deadletters_options[] = {
	SOCKET_OPTION, CONFIG_OPTION,
	{ "agency", "ID", false, { "what this agency refused, or had refused", "каквото тази институция е отказала или са ѝ отказали" } },
	JSON_OPTION, { .name = NULL },
};
/* clang-format on */

/* The daemon's answer, or the failure told. */
static enum err
put(const struct call *call, json_t *request, json_t **ret_answer)
{
	struct arena *mem = arena_new(DAEMONS_ARENA);
	struct why why = { 0 };
	const char *path;
	enum err e = mem == NULL ? ERR_NOMEM : ask_socket(call, mem, &path, &why);

	if (e != OK) {
		json_decref(request);
	} else if ((e = ask(path, request, ret_answer, &why)) == OK && (e = ask_refused(*ret_answer, &why)) != OK) {
		json_decref(*ret_answer);
	}
	if (e != OK)
		command_fail(call, e, &why);
	arena_free(mem);
	return e;
}

/* People do not need to be told that the daemon answered. */
static int
show(const struct call *call, json_t *answer)
{
	if (command_value(call, "json") == NULL)
		json_object_del(answer, "ok");
	return view_show(call, answer);
}

int
daemons_status(const struct call *call)
{
	json_t *answer;

	if (put(call, json_pack("{s:s}", "verb", "status"), &answer) != OK)
		return EXIT_FAILED;
	return show(call, answer);
}

/* Of each agency what a queue is judged by; all of it stands in `status`. */
static json_t *
queues_of(json_t *status)
{
	static const char *const fields[] = { "agency", "connected", "queued", "queued_bytes", "oldest_queued_ms", "unregistered",
					      "oldest_unregistered_ms", "late" };
	json_t *queues = json_array(), *agency, *row, *value;
	size_t i;

	json_array_foreach(json_object_get(status, "agencies"), i, agency) {
		row = json_object();
		for (size_t k = 0; k < sizeof(fields) / sizeof(fields[0]); k++)
			if ((value = json_object_get(agency, fields[k])) != NULL)
				json_object_set(row, fields[k], value);
		json_array_append_new(queues, row);
	}
	return queues;
}

int
daemons_queues(const struct call *call)
{
	const char *agency = command_value(call, "agency");
	json_t *answer, *queues;

	if (agency != NULL) {
		if (put(call, json_pack("{s:s, s:s}", "verb", "queues", "agency", agency), &answer) != OK)
			return EXIT_FAILED;
		return show(call, answer);
	}
	if (put(call, json_pack("{s:s}", "verb", "status"), &answer) != OK)
		return EXIT_FAILED;
	if (!json_is_array(json_object_get(answer, "agencies")))
		return show(call, answer);	/* an adapter: its queues are its status */
	queues = json_pack("{s:b, s:o}", "ok", 1, "queues", queues_of(answer));
	json_decref(answer);
	return show(call, queues);
}

int
daemons_deadlines(const struct call *call)
{
	const char *agency = command_value(call, "agency");
	json_t *answer, *request = json_pack("{s:s}", "verb", "deadlines"), *rows;
	bool is_json = command_value(call, "json") != NULL, has_late;

	if (request && agency)
		json_object_set_new(request, "agency", json_string(agency));
	if (request && command_value(call, "late"))
		json_object_set_new(request, "late", json_true());
	if (put(call, request, &answer) != OK)
		return EXIT_FAILED;
	has_late = json_integer_value(json_object_get(answer, "late")) > 0;
	rows = json_object_get(answer, "deadlines");
	if (!is_json)
		view_local_times(rows, "due");
	if (json_array_size(rows) == 0)
		command_say(call, "nothing is due", "няма срокове", NULL);
	else if (json_is_false(json_object_get(answer, "all")))
		command_say(call, "there are more; these come first", "има и още; тези са първи", NULL);
	if (!is_json)
		json_object_del(answer, "all");
	if (show(call, answer) != EXIT_OK)
		return EXIT_FAILED;
	return has_late ? EXIT_LATE : EXIT_OK;
}

int
daemons_conferences(const struct call *call)
{
	json_t *answer, *row;
	bool has_late = false;
	size_t i;

	if (put(call, json_pack("{s:s, s:s*}", "verb", "conferences", "id", call->operand), &answer) != OK)
		return EXIT_FAILED;
	json_array_foreach(json_object_get(answer, "commitments"), i, row)
		has_late |= json_is_true(json_object_get(row, "overdue"));
	if (command_value(call, "json") == NULL) {
		view_local_times(json_object_get(answer, "commitments"), "due_at");
		view_local_times(json_object_get(answer, "commitments"), "since");
	}
	if (show(call, answer) != EXIT_OK)
		return EXIT_FAILED;
	return has_late ? EXIT_LATE : EXIT_OK;
}

int
daemons_rotate_sealing(const struct call *call)
{
	struct why why = { 0 };
	json_t *answer;

	if (command_value(call, "socket") == NULL && command_value(call, "config") == NULL)
		return command_fail(call, why_set(&why, ERR_REQUIRED, "--socket", "name the adapter by --socket or --config"), &why);
	if (put(call, json_pack("{s:s, s:s}", "verb", "rotate", "what", "sealing"), &answer) != OK)
		return EXIT_FAILED;
	return show(call, answer);
}

int
daemons_deadletters(const struct call *call)
{
	json_t *answer;

	if (put(call, json_pack("{s:s, s:s*}", "verb", "deadletters", "agency", command_value(call, "agency")), &answer) != OK)
		return EXIT_FAILED;
	return show(call, answer);
}

int
daemons_checkpoint(const struct call *call)
{
	const char *text;
	json_t *answer;

	if (put(call, json_pack("{s:s}", "verb", "checkpoint"), &answer) != OK)
		return EXIT_FAILED;
	text = json_string_value(json_object_get(answer, "checkpoint"));
	fputs(text != NULL ? text : "", call->out);
	json_decref(answer);
	return text != NULL && fflush(call->out) == 0 ? EXIT_OK : EXIT_FAILED;
}

int
daemons_reload(const struct call *call)
{
	json_t *answer;
	json_int_t bad;

	if (put(call, json_pack("{s:s}", "verb", "reload"), &answer) != OK)
		return EXIT_FAILED;
	bad = json_integer_value(json_object_get(answer, "bad_sheets"));
	if (bad > 0)
		command_say(call, "some key sheets were refused; see: nasokactl directory check --sheets",
			    "някои листове с ключове са отказани; вижте: nasokactl directory check --sheets", NULL);
	return show(call, answer) == EXIT_OK && bad == 0 ? EXIT_OK : EXIT_FAILED;
}

int
daemons_parked(const struct call *call)
{
	json_t *answer;

	if (put(call, json_pack("{s:s}", "verb", "parked"), &answer) != OK)
		return EXIT_FAILED;
	return show(call, answer);
}

int
daemons_requeue(const struct call *call)
{
	bool all = command_value(call, "all") != NULL;
	json_t *answer;

	if (put(call, json_pack("{s:s, s:s*, s:b}", "verb", "requeue", "id", call->operand, "all", all), &answer) != OK)
		return EXIT_FAILED;
	return show(call, answer);
}

int
daemons_resend(const struct call *call)
{
	const char *verb = command_value(call, "drop") != NULL ? "drop" : "resend";
	json_t *answer;

	if (put(call, json_pack("{s:s, s:s}", "verb", verb, "id", call->operand), &answer) != OK)
		return EXIT_FAILED;
	return show(call, answer);
}

/* Asked for now, and waited for: what it says is of this moment. */
static enum err
ask_statement(const struct call *call, json_t **ret_answer)
{
	struct timespec pause = { .tv_nsec = 200 * 1000000L };
	bool is_now = true;
	enum err e;

	for (int i = 0; i < STATEMENT_TRIES; i++) {
		if ((e = put(call, json_pack("{s:s, s:b}", "verb", "reconcile", "now", is_now), ret_answer)) != OK)
			return e;
		if (!is_now && !json_is_true(json_object_get(*ret_answer, "running")))
			return OK;
		is_now = false;
		if (i + 1 < STATEMENT_TRIES)
			json_decref(*ret_answer);
		nanosleep(&pause, NULL);
	}
	command_say(call, "the hub has not answered yet; this is the last statement", "концентраторът още не е отговорил; това е последната справка",
		    NULL);
	return OK;
}

int
daemons_reconcile(const struct call *call)
{
	json_t *answer;
	bool is_well;

	if (ask_statement(call, &answer) != OK)
		return EXIT_FAILED;
	is_well = json_integer_value(json_object_get(answer, "wrong")) == 0 && json_integer_value(json_object_get(answer, "late")) == 0;
	return show(call, answer) == EXIT_OK && is_well ? EXIT_OK : EXIT_FAILED;
}

int
daemons_withdraw(const struct call *call)
{
	json_t *answer;

	if (put(call, json_pack("{s:s, s:s}", "verb", "withdraw", "id", call->operand), &answer) != OK)
		return EXIT_FAILED;
	return show(call, answer);
}

int
daemons_refuse(const struct call *call)
{
	json_t *request = json_pack("{s:s, s:s, s:s}", "verb", "refuse", "id", call->operand, "reason", command_value(call, "reason"));
	json_t *answer;

	if (put(call, request, &answer) != OK)
		return EXIT_FAILED;
	return show(call, answer);
}
