/* SPDX-License-Identifier: EUPL-1.2 */
/* ask - the client's half of the control sockets, with a deadline on every wait. */
#include "hub/ctl/ask.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "config/document.h"
#include "config/placecheck.h"
#include "config/problem.h"
#include "proto/base/arena.h"
#include "proto/base/clock.h"

#define ASK_ARENA ((size_t)16 * 1024 * 1024)

/* -- where -- */

/* control.socket of a daemon's configuration, whichever daemon's; nothing else of the file matters here. */
static enum err
socket_of_config(const char *file, const struct call *call, struct arena *mem, const char **ret_path, struct why *why)
{
	struct problems *problems = problems_new(file);
	const struct node *at = NULL;
	struct node *root = NULL;
	char real[PATH_MAX];
	enum err e;

	if (problems == NULL)
		return ERR_NOMEM;
	e = document_load(file, mem, &root, problems);
	problems_print(problems, call->lang, call->err);
	problems_free(problems);
	if (root != NULL)
		at = node_at(root, "control.socket", NULL);
	if (e != OK || at == NULL || at->kind != NODE_TEXT || at->text[0] == '\0')
		return why_set(why, ERR_CONFIG, file, "names no control.socket");
	if (realpath(file, real) == NULL)
		return why_set(why, ERR_NOTFOUND, file, "%s", strerror(errno));
	*(strrchr(real, '/') + (strrchr(real, '/') == real)) = '\0';
	*ret_path = placecheck_absolute(real, at->text, mem);
	return *ret_path != NULL ? OK : ERR_TOOBIG;
}

enum err
ask_socket(const struct call *call, struct arena *mem, const char **ret_path, struct why *why)
{
	const char *path = command_value(call, "socket"), *config = command_value(call, "config");

	if (path != NULL && config != NULL)
		return why_set(why, ERR_FORMAT, "--socket", "give it or --config, not both");
	if (config != NULL)
		return socket_of_config(config, call, mem, ret_path, why);
	*ret_path = path != NULL ? path : ASK_DEFAULT_SOCKET;
	return OK;
}

/* -- how -- */

static enum err
down(const char *path, const char *what, struct why *why)
{
	return why_set(why, ERR_PEER_DOWN, path, "%s", what);
}

static enum err
connect_to(const char *path, int *ret_fd, struct why *why)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd, saved;

	if (strlen(path) >= sizeof(at.sun_path))
		return down(path, "the path is too long for a socket", why);
	strcpy(at.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0) {
		*ret_fd = fd;
		return OK;
	}
	saved = errno;
	if (fd >= 0)
		close(fd);
	return down(path, strerror(saved), why);
}

/* False when the time is over. */
static bool
wait_for(int fd, short events, int64_t until_ms)
{
	struct pollfd p = { .fd = fd, .events = events };
	int64_t left = until_ms - clock_mono_ms();
	int n;

	while ((n = poll(&p, 1, left > 0 ? (int)left : 0)) < 0 && errno == EINTR)
		left = until_ms - clock_mono_ms();
	return n > 0;
}

/* What cannot be sent is no failure yet: the daemon may have said why it does not listen. */
static void
send_line(int fd, const char *line, size_t n, int64_t until_ms)
{
	while (n > 0 && wait_for(fd, POLLOUT, until_ms)) {
		ssize_t put = send(fd, line, n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (put < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (put <= 0)
			return;
		line += put;
		n -= (size_t)put;
	}
}

/* The bytes up to the first newline; the caller frees *ret_line. */
static enum err
recv_line(int fd, const char *path, int64_t until_ms, char **ret_line, size_t *ret_n, struct why *why)
{
	size_t n = 0, room = 0;
	char *line = NULL, *more, *end = NULL;

	while (end == NULL) {
		ssize_t got;

		if (n == room) {
			room = room == 0 ? 65536 : 2 * room;
			if (room > ASK_ANSWER_MAX || (more = realloc(line, room)) == NULL) {
				free(line);
				return why_set(why, ERR_TOOBIG, path, "its answer is longer than %zu bytes", ASK_ANSWER_MAX);
			}
			line = more;
		}
		if (!wait_for(fd, POLLIN, until_ms)) {
			free(line);
			return down(path, "no answer in time", why);
		}
		got = recv(fd, line + n, room - n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			free(line);
			return down(path, "the connection ended without an answer", why);
		}
		end = memchr(line + n, '\n', (size_t)got);
		n += (size_t)got;
	}
	*ret_line = line;
	*ret_n = (size_t)(end - line);
	return OK;
}

enum err
ask(const char *path, json_t *request, json_t **ret_answer, struct why *why)
{
	char *line = request != NULL ? json_dumps(request, JSON_COMPACT) : NULL, *said = NULL;
	int64_t until_ms = clock_mono_ms() + ASK_WAIT_MS;
	json_t *answer = NULL;
	size_t n = 0;
	int fd = -1;
	enum err e = ERR_NOMEM;

	json_decref(request);
	if (line == NULL)
		goto out;
	if ((e = connect_to(path, &fd, why)) != OK)
		goto out;
	n = strlen(line);
	line[n] = '\n';		/* in place of the NUL: sent by its length */
	send_line(fd, line, n + 1, until_ms);
	if ((e = recv_line(fd, path, until_ms, &said, &n, why)) != OK)
		goto out;
	answer = json_loadb(said, n, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(answer)) {
		e = why_set(why, ERR_FORMAT, path, "its answer is not a line of JSON");
		goto out;
	}
	*ret_answer = answer;
	answer = NULL;
out:
	json_decref(answer);
	free(said);
	free(line);
	if (fd >= 0)
		close(fd);
	return e;
}

enum err
ask_refused(const json_t *answer, struct why *why)
{
	const char *code = json_string_value(json_object_get(answer, "code"));
	const char *text = json_string_value(json_object_get(answer, "error"));
	const char *where = json_string_value(json_object_get(answer, "where"));
	enum err e = OK;

	if (json_is_true(json_object_get(answer, "ok")))
		return OK;
	if (code != NULL && strncmp(code, "NSK-", 4) == 0)
		e = err_by_number((unsigned)strtoul(code + 4, NULL, 10));
	if (e == OK)
		e = ERR_FORMAT;
	return why_set(why, e, where, "%s", text != NULL && strcmp(text, err_text(e, LANG_EN)) != 0 ? text : "");
}

enum err
ask_adapter(const struct call *call, json_t *request, json_t **ret_answer, struct why *why)
{
	struct arena *mem = arena_new(ASK_ARENA);
	const char *path;
	enum err e = mem ? OK : ERR_NOMEM;

	if (e == OK && command_value(call, "socket") == NULL && command_value(call, "config") == NULL)
		e = why_set(why, ERR_REQUIRED, "--socket", "name the adapter by --socket or --config");
	if (e == OK)
		e = ask_socket(call, mem, &path, why);
	if (e != OK)
		json_decref(request);
	else if ((e = ask(path, request, ret_answer, why)) == OK && (e = ask_refused(*ret_answer, why)) != OK)
		json_decref(*ret_answer);
	arena_free(mem);
	return e;
}
