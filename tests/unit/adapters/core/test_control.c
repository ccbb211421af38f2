/* SPDX-License-Identifier: EUPL-1.2 */
/* Tests of adapters/core/control.c, over a real socket and loop, with an adapter of four lines. */
#include "adapters/core/control.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
/* after the above */
#include <cmocka.h>

static struct native taken;
static char taken_bytes[64];
static enum err take_gives, take_refuses, fatal;

void
adapter_status(struct adapter *a, struct adapter_status *ret_status)
{
	(void)a;
	*ret_status = (struct adapter_status){ .agency = "plovdiv-cop", .sector = "social", .is_up = true, .epoch = 3, .pending = 5, .directory_version = 7 };
}

enum err
adapter_take(struct adapter *a, const struct native *in, const char *door, const char *key, struct arena *mem,
	     struct native *ret_answer, enum err *ret_refused)
{
	(void)a, (void)door, (void)key, (void)mem;
	taken = *in;
	snprintf(taken_bytes, sizeof(taken_bytes), "%.*s", (int)(in->bytes.n < 60 ? in->bytes.n : 60), (const char *)in->bytes.p);
	ret_answer->bytes = SPAN_LIT("\xcf\xf0");	/* windows-1251 */
	*ret_refused = take_refuses;
	return take_gives;
}

struct world {
	char dir[64], path[96];
	struct loop *loop;
	struct control *control;
	const char *request;
	size_t request_n;
	char answer[4096];		/* all that came back */
};

static void
on_fatal(void *arg, enum err e)
{
	struct world *w = arg;

	fatal = e;
	loop_stop(w->loop);
}

static int
world_open(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct control_options options = { .arg = w, .on_fatal = on_fatal };
	struct why why;

	strcpy(w->dir, "/tmp/nasoka-control-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	snprintf(w->path, sizeof(w->path), "%s/s", w->dir);
	assert_int_equal(loop_new(&w->loop), OK);
	options.path = w->path;
	options.loop = w->loop;
	assert_int_equal(control_open(&options, &w->control, &why), OK);
	take_gives = take_refuses = fatal = OK;
	*state = w;
	return 0;
}

static int
world_close(void **state)
{
	struct world *w = *state;

	control_close(w->control);
	assert_int_equal(access(w->path, F_OK), -1);
	loop_free(w->loop);
	rmdir(w->dir);
	free(w);
	return 0;
}

/* The client: sends all it can, then reads to the line's end or the connection's, and stops the loop. */
static void *
client(void *arg)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct world *w = arg;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	size_t n = 0;
	ssize_t got;

	strcpy(at.sun_path, w->path);
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0) {
		for (size_t sent = 0; sent < w->request_n; sent += (size_t)got)
			if ((got = send(fd, w->request + sent, w->request_n - sent, MSG_NOSIGNAL)) <= 0)
				break;
		while (n < sizeof(w->answer) - 1 && (got = recv(fd, w->answer + n, sizeof(w->answer) - 1 - n, 0)) > 0) {
			n += (size_t)got;
			if (memchr(w->answer, '\n', n) != NULL)
				break;
		}
	}
	w->answer[n] = '\0';
	close(fd);
	loop_stop(w->loop);
	return NULL;
}

static int64_t
tick(void *arg)
{
	(void)arg;
	return 10;		/* so that loop_stop from the other thread is seen */
}

static const char *
ask_bytes(struct world *w, const char *request, size_t n)
{
	pthread_t thread;

	w->request = request;
	w->request_n = n;
	loop_add_tick(w->loop, tick, w);
	assert_int_equal(pthread_create(&thread, NULL, client, w), 0);
	loop_run(w->loop);
	if (fatal != OK) {	/* what the process would do next; the client sees the end */
		control_close(w->control);
		w->control = NULL;
	}
	pthread_join(thread, NULL);
	return w->answer;
}

static const char *
ask(struct world *w, const char *request)
{
	return ask_bytes(w, request, strlen(request));
}

/* The socket file is the owner's alone. */
static void
control_socket_is_private(void **state)
{
	struct world *w = *state;
	struct stat st;

	assert_int_equal(stat(w->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

/* Status says whose adapter it is, and what the adapter says of itself. */
static void
control_status(void **state)
{
	const char *said = ask(*state, "{\"verb\":\"status\"}\n");

	assert_non_null(strstr(said, "\"program\":\"nasoka-social\""));
	assert_non_null(strstr(said, "\"agency\":\"plovdiv-cop\""));
	assert_non_null(strstr(said, "\"connected\":true"));
	assert_non_null(strstr(said, "\"unsent\":5"));
	assert_non_null(strstr(said, "\"directory_version\":7,"));
}

/* A submitted file arrives with its name, bytes and format; the answer comes back in base64. */
static void
control_submit(void **state)
{
	const char *said = ask(*state, "{\"verb\":\"submit\",\"name\":\"x.csv\",\"bytes\":\"YTtiCg==\"}\n");

	assert_string_equal(said, "{\"ok\":true,\"answer\":\"z/A=\"}\n");
	assert_int_equal(taken.format, FORMAT_CSV);
	assert_string_equal(taken_bytes, "a;b\n");
}

/* JSON that names a resource is FHIR. */
static void
control_submit_fhir(void **state)
{
	ask(*state, "{\"verb\":\"submit\",\"name\":\"x.json\",\"bytes\":\"eyJyZXNvdXJjZVR5cGUiOiJCdW5kbGUifQ==\"}\n");
	assert_int_equal(taken.format, FORMAT_FHIR);
}

/* What the agency's sector refuses is not "ok", and its answer is given all the same. */
static void
control_submit_refused(void **state)
{
	const char *said;

	take_refuses = ERR_BAD_ROW;
	said = ask(*state, "{\"verb\":\"submit\",\"name\":\"x.hl7\",\"bytes\":\"TVNI\"}\n");
	assert_non_null(strstr(said, "\"ok\":false,\"code\":\"NSK-1505\""));
	assert_non_null(strstr(said, "\"answer\":\"z/A=\""));
}

/* After a fatal error nothing is answered and the process stops. */
static void
control_submit_fatal(void **state)
{
	take_gives = ERR_STORE;
	assert_string_equal(ask(*state, "{\"verb\":\"submit\",\"name\":\"x.hl7\",\"bytes\":\"TVNI\"}\n"), "");
	assert_int_equal(fatal, ERR_STORE);
}

/* Whatever else is sent is refused with a code, and the adapter is not bothered. */
static void
control_wrong(void **state)
{
	static const struct { const char *line, *code; } wrongs[] = {
		{ "\n", "NSK-1504" }, { "status\n", "NSK-1504" }, { "[]\n", "NSK-1504" }, { "{\"verb\":1}\n", "NSK-1504" },
		{ "{\"verb\":\"stop\"}\n", "NSK-1504" }, { "{\"verb\":\"status\",\"verb\":\"status\"}\n", "NSK-1504" },
		{ "{\"verb\":\"submit\"}\n", "NSK-1301" }, { "{\"verb\":\"submit\",\"name\":\"../x.csv\",\"bytes\":\"\"}\n", "NSK-1301" },
		{ "{\"verb\":\"submit\",\"name\":\"x.csv\",\"bytes\":\"a\"}\n", "NSK-1101" },
		{ "{\"verb\":\"submit\",\"name\":\"x.exe\",\"bytes\":\"YQ==\"}\n", "NSK-1504" },
		{ "{\"verb\":\"submit\",\"name\":\".csv\",\"bytes\":\"YQ==\"}\n", "NSK-1504" },
	};
	struct world *w = *state;

	taken.file = NULL;
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++)
		if (strstr(ask(w, wrongs[i].line), wrongs[i].code) == NULL)
			fail_msg("%s: %s", wrongs[i].line, w->answer);
	assert_null(taken.file);
}

/* A line without an end is refused at the limit, and the next client is served. */
static void
control_too_long(void **state)
{
	struct world *w = *state;
	char *big = malloc(CONTROL_REQUEST_MAX + 4096);

	memset(big, ' ', CONTROL_REQUEST_MAX + 4096);
	assert_non_null(strstr(ask_bytes(w, big, CONTROL_REQUEST_MAX + 4096), "NSK-1005"));
	free(big);
	assert_non_null(strstr(ask(w, "{\"verb\":\"status\"}\n"), "\"ok\":true"));
}

/* Silent clients do not keep others out. */
static void
control_silent_clients(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct world *w = *state;
	int fds[CONTROL_CLIENTS_MAX];

	strcpy(at.sun_path, w->path);
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		fds[i] = socket(AF_UNIX, SOCK_STREAM, 0);
		assert_int_equal(connect(fds[i], (struct sockaddr *)&at, sizeof(at)), 0);
	}
	assert_non_null(strstr(ask(w, "{\"verb\":\"status\"}\n"), "\"ok\":true"));
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		close(fds[i]);
}

int
main(void)
{
#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, world_open, world_close)
	const struct CMUnitTest tests[] = {
		IN_WORLD(control_socket_is_private), IN_WORLD(control_status), IN_WORLD(control_submit), IN_WORLD(control_submit_fhir),
		IN_WORLD(control_submit_refused), IN_WORLD(control_submit_fatal), IN_WORLD(control_wrong), IN_WORLD(control_too_long),
		IN_WORLD(control_silent_clients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
