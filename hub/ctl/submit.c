/* SPDX-License-Identifier: EUPL-1.2 */
/* submit - the file travels in base64 and so does the answer: neither need be UTF-8. */
#include "hub/ctl/submit.h"

#include <jansson.h>
#include <string.h>

#include "hub/ctl/ask.h"
#include "hub/ctl/plainfile.h"
#include "hub/ctl/view.h"
#include "proto/note.h"

#define SUBMIT_ARENA ((size_t)64 * 1024 * 1024)

/* clang-format off */
const struct command_option submit_options[] = {
	{ "socket", "PATH", false, { "the adapter's control socket", "управляващият сокет на адаптера" } },
	{ "config", "FILE", false, { "the adapter's configuration, which names its socket", "настройките на адаптера, които посочват сокета" } },
	{ "json", NULL, false, { "the answer within JSON", "отговорът в JSON" } },
	{ .name = NULL },
};
/* clang-format on */

static const char *
name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static enum err
hand_over(const struct call *call, struct arena *mem, json_t **ret_answer, struct why *why)
{
	const char *socket, *text;
	struct span bytes;
	enum err e;

	if (command_value(call, "socket") == NULL && command_value(call, "config") == NULL)
		return why_set(why, ERR_REQUIRED, "--socket", "name the adapter by --socket or --config");
	if ((e = ask_socket(call, mem, &socket, why)) != OK ||
	    (e = plainfile_read(call->operand, SUBMIT_FILE_MAX, mem, &bytes, why)) != OK)
		return e;
	if ((text = note_base64(bytes, mem)) == NULL)
		return ERR_TOOBIG;
	return ask(socket, json_pack("{s:s, s:s, s:s}", "verb", "submit", "name", name_of(call->operand), "bytes", text), ret_answer, why);
}

/* The agency's own answer: result rows, an ACK, an OperationOutcome. */
static int
print_answer(const struct call *call, json_t *answer, struct arena *mem)
{
	const char *text = json_string_value(json_object_get(answer, "answer"));
	struct span bytes = SPAN_NONE;

	if (text != NULL && note_unbase64(span_str(text), mem, &bytes) != OK)
		bytes = SPAN_NONE;
	if (command_value(call, "json") != NULL) {
		if (bytes_is_utf8(bytes))
			json_object_set_new(answer, "text", json_stringn((const char *)bytes.p, bytes.n));
		return view_show(call, json_incref(answer));
	}
	if (bytes.n > 0) {
		fwrite(bytes.p, 1, bytes.n, call->out);
		if (bytes.p[bytes.n - 1] != '\n')
			fputc('\n', call->out);
	}
	return fflush(call->out) == 0 ? EXIT_OK : EXIT_FAILED;
}

int
submit_file(const struct call *call)
{
	struct arena *mem = arena_new(SUBMIT_ARENA);
	struct why why = { 0 };
	json_t *answer = NULL;
	int code = EXIT_FAILED;
	enum err e;

	if (mem == NULL)
		return command_fail(call, ERR_NOMEM, NULL);
	if ((e = hand_over(call, mem, &answer, &why)) == OK) {
		code = print_answer(call, answer, mem);
		e = ask_refused(answer, &why);
	}
	if (e != OK)
		code = command_fail(call, e, &why);
	else if (code == EXIT_OK)
		command_say(call, "taken:", "приет:", call->operand);
	json_decref(answer);
	arena_free(mem);
	return code;
}
