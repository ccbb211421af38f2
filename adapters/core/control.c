/* SPDX-License-Identifier: EUPL-1.2 */
/* control - a listening Unix socket and a few clients, never waited for.
 *
 * A request is one line under a cap; what an answer says is gone from memory when it is sent. Called by adapterd.c.
 */
#define _GNU_SOURCE /* accept4 */
#include "adapters/core/control.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "proto/base/clock.h"
#include "proto/note.h"

#define FIRST_ROOM 4096
#define SUBMIT_ARENA ((size_t)32 * 1024 * 1024)
#define FILE_NAME_MAX 255
#define DOOR "control"

struct client {
	struct control *control;
	int fd;				/* -1: free */
	struct loop_item *item;		/* NULL when free */
	int64_t active_ms;		/* monotonic */
	char *in;			/* the request so far; NULL when idle */
	size_t n, room;
	char *out;			/* the answer; NULL when there is none */
	size_t out_n, sent;
};

struct control {
	struct control_options o;
	int fd;
	struct loop_item *item;
	struct client clients[CONTROL_CLIENTS_MAX];
};

/* -- answers -- */

static json_t *
refusal(enum err e, const char *text)
{
	return json_pack("{s:b, s:s, s:s}", "ok", 0, "code", err_code(e), "error", text != NULL ? text : err_text(e, LANG_EN));
}

static json_int_t
number(uint64_t v)
{
	return (json_int_t)v;
}

/* How long ago; 0 when there is none. */
static json_int_t
age(int64_t now_ms, int64_t at_ms)
{
	return at_ms == 0 || at_ms > now_ms ? 0 : now_ms - at_ms;
}

static json_t *
say_status(struct control *c)
{
	int64_t now = clock_wall_ms();
	struct adapter_status st;

	adapter_status(c->o.adapter, &st);
	return json_pack("{s:b, s:s+, s:s, s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "ok", 1, "program", "nasoka-", st.sector,
			 "version", NASOKA_VERSION, "agency", st.agency, "connected", st.is_up, "epoch", number(st.epoch), "log_size", number(st.pin_size),
			 "unsent", number(st.pending), "oldest_unsent_ms", age(now, st.oldest_pending_ms), "inbox", number(st.inbox),
			 "egress_waiting", number(st.egress_waiting), "unregistered", number(st.unregistered), "oldest_unregistered_ms",
			 age(now, st.oldest_unregistered_ms), "directory_version", number(st.directory_version));
}

static bool
ends_in(const char *name, const char *ending)
{
	size_t n = strlen(name), m = strlen(ending);

	return n > m && strcasecmp(name + n - m, ending) == 0;
}

/* JSON is FHIR when it names a FHIR resource. */
static bool
is_fhir(struct span bytes)
{
	json_t *root = json_loadb((const char *)bytes.p, bytes.n, 0, NULL);
	bool is = json_is_string(json_object_get(root, "resourceType"));

	json_decref(root);
	return is;
}

static enum format
format_of(const char *name, struct span bytes)
{
	if (ends_in(name, ".csv"))
		return FORMAT_CSV;
	if (ends_in(name, ".hl7"))
		return FORMAT_HL7;
	if (ends_in(name, ".json"))
		return is_fhir(bytes) ? FORMAT_FHIR : FORMAT_JSON;
	return FORMAT_NONE;
}

/* What adapter_take has said, as an object. */
static json_t *
submitted(const struct native *answer, enum err refused, struct arena *mem)
{
	json_t *said = refused == OK ? json_pack("{s:b}", "ok", 1) : refusal(refused, NULL);
	const char *text = answer->bytes.n > 0 ? note_base64(answer->bytes, mem) : "";

	json_object_set_new(said, "answer", json_string(text != NULL ? text : ""));
	return said;
}

/* NULL: the process stops, and nothing is answered. */
static json_t *
do_submit(struct control *c, const json_t *request)
{
	const char *name = json_string_value(json_object_get(request, "name"));
	const json_t *bytes = json_object_get(request, "bytes");
	struct arena *mem = arena_new(SUBMIT_ARENA);
	struct native in = { 0 }, answer = { 0 };
	enum err e = ERR_NOMEM, refused = OK;
	json_t *said = NULL;

	if (mem == NULL)
		goto out;
	e = ERR_REQUIRED;
	if (name == NULL || !json_is_string(bytes) || strlen(name) > FILE_NAME_MAX || strchr(name, '/') != NULL)
		goto out;
	if ((e = note_unbase64(SPAN(json_string_value(bytes), json_string_length(bytes)), mem, &in.bytes)) != OK)
		goto out;
	in.format = format_of(name, in.bytes);
	in.file = name;
	e = ERR_UNSUPPORTED;
	if (in.format == FORMAT_NONE)
		goto out;
	e = adapter_take(c->o.adapter, &in, DOOR, NULL, mem, &answer, &refused);
	if (e == OK)
		said = submitted(&answer, refused, mem);
	else if (err_is_fatal(e))
		c->o.on_fatal(c->o.arg, e);
out:
	if (e != OK && !err_is_fatal(e))
		said = refusal(e, NULL);
	arena_free(mem);
	return said;
}

static json_t *
answer(struct control *c, const char *line, size_t n)
{
	json_t *request = json_loadb(line, n, JSON_REJECT_DUPLICATES, NULL), *said;
	const char *verb = json_string_value(json_object_get(request, "verb"));

	if (verb != NULL && strcmp(verb, "status") == 0)
		said = say_status(c);
	else if (verb != NULL && strcmp(verb, "submit") == 0)
		said = do_submit(c, request);
	else
		said = refusal(ERR_UNSUPPORTED, request == NULL ? "not a line of JSON" : "unknown verb");
	json_decref(request);
	return said;
}

/* -- clients -- */

static void
drop(struct client *k)
{
	loop_del(k->control->o.loop, k->item);
	if (k->fd >= 0)
		close(k->fd);
	free(k->in);
	free(k->out);
	*k = (struct client){ .control = k->control, .fd = -1 };
}

static void
send_rest(struct client *k)
{
	ssize_t n = send(k->fd, k->out + k->sent, k->out_n - k->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		drop(k);
		return;
	}
	k->sent += n > 0 ? (size_t)n : 0;
	if (k->sent < k->out_n) {
		loop_set_events(k->item, LOOP_OUT);
		return;
	}
	free(k->out);
	k->out = NULL;
	loop_set_events(k->item, LOOP_IN);
}

/* The line is whole: answer it. One request at a time, so what stands behind the line is no request of ours. */
static void
serve(struct client *k, size_t line_n)
{
	json_t *said = answer(k->control, k->in, line_n);
	char *text = said != NULL ? json_dumps(said, JSON_COMPACT) : NULL;

	json_decref(said);
	free(k->in);
	k->in = NULL;
	k->n = k->room = k->sent = 0;
	if (text == NULL) {
		drop(k);
		return;
	}
	k->out_n = strlen(text) + 1;
	text[k->out_n - 1] = '\n';	/* in place of the NUL: sent by its length */
	k->out = text;
	send_rest(k);
}

/* False when there is no more room to be had. */
static bool
make_room(struct client *k)
{
	size_t room = k->room == 0 ? FIRST_ROOM : 2 * k->room;
	char *in;

	if (k->n < k->room)
		return true;
	if (k->room >= CONTROL_REQUEST_MAX)
		return false;
	room = room < CONTROL_REQUEST_MAX ? room : CONTROL_REQUEST_MAX;
	if ((in = realloc(k->in, room)) == NULL)
		return false;
	k->in = in;
	k->room = room;
	return true;
}

static void
refuse_long(struct client *k)
{
	json_t *said = refusal(ERR_TOOBIG, NULL);
	char *text = json_dumps(said, JSON_COMPACT);

	json_decref(said);
	if (text != NULL) {	/* what still comes is not read, so the answer is all that there is room for */
		(void)!send(k->fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
		(void)!send(k->fd, "\n", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	free(text);
	(void)shutdown(k->fd, SHUT_WR);
	drop(k);
}

static void
on_client(void *arg, int events)
{
	struct client *k = arg;
	const char *end;
	ssize_t n;

	k->active_ms = clock_mono_ms();
	if (k->out != NULL) {
		if (events & LOOP_OUT)
			send_rest(k);
		return;
	}
	if (!make_room(k)) {
		refuse_long(k);
		return;
	}
	n = recv(k->fd, k->in + k->n, k->room - k->n, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop(k);
		return;
	}
	end = memchr(k->in + k->n, '\n', (size_t)n);
	k->n += (size_t)n;
	if (end != NULL)
		serve(k, (size_t)(end - k->in));
}

static void
on_connect(void *arg, int events)
{
	struct control *c = arg;
	struct client *k = &c->clients[0];
	int fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd < 0)
		return;
	for (size_t i = 1; i < CONTROL_CLIENTS_MAX && k->fd >= 0; i++)
		if (c->clients[i].fd < 0 || c->clients[i].active_ms < k->active_ms)
			k = &c->clients[i];
	if (k->fd >= 0)
		drop(k);
	k->fd = fd;
	k->active_ms = clock_mono_ms();
	k->item = loop_add_fd(c->o.loop, fd, LOOP_IN, on_client, k);
}

/* -- life -- */

enum err
control_open(const struct control_options *options, struct control **ret_control, struct why *why)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct control *c = calloc(1, sizeof(*c));
	mode_t mask;
	int bound;

	if (c == NULL)
		return ERR_NOMEM;
	c->o = *options;
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		c->clients[i] = (struct client){ .control = c, .fd = -1 };
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if ((size_t)snprintf(at.sun_path, sizeof(at.sun_path), "%s", options->path) >= sizeof(at.sun_path)) {
		errno = ENAMETOOLONG;
		goto fail;
	}
	if (c->fd < 0)
		goto fail;
	(void)unlink(options->path);	/* of a process that died; a living one holds the store */
	mask = umask(0177);		/* never open to others, not even between bind and chmod */
	bound = bind(c->fd, (struct sockaddr *)&at, sizeof(at));
	umask(mask);
	if (bound != 0 || chmod(options->path, 0600) != 0 || listen(c->fd, CONTROL_CLIENTS_MAX) != 0)
		goto fail;
	c->item = loop_add_fd(options->loop, c->fd, LOOP_IN, on_connect, c);
	*ret_control = c;
	return OK;
fail:
	why_set(why, ERR_SYSTEM, "control.socket", "%s: %s", options->path, strerror(errno));
	if (c->fd >= 0)
		close(c->fd);
	free(c);
	return ERR_SYSTEM;
}

void
control_close(struct control *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (c->clients[i].fd >= 0)
			drop(&c->clients[i]);
	loop_del(c->o.loop, c->item);
	close(c->fd);
	(void)unlink(c->o.path);
	free(c);
}
