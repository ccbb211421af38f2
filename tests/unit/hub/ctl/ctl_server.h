/* SPDX-License-Identifier: EUPL-1.2 */
/* ctl_server - a process that listens on a Unix socket and gives one canned answer, for the tests of those who ask. */
#ifndef TESTS_CTL_SERVER_H
#define TESTS_CTL_SERVER_H

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "tests/unit/hub/ctl/ctl_world.h"

/* Serves `n` connections: reads to the newline, writes the line to the file "request", sends `answer` (NULL: none) and closes. */
static inline pid_t
server_start(struct world *w, const char *name, const char *answer, int n)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	pid_t pid;

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", world_path(w, name));
	unlink(at.sun_path);
	assert(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 && listen(fd, 4) == 0);
	fflush(NULL);
	pid = fork();
	assert(pid >= 0);
	if (pid > 0) {
		close(fd);
		return pid;
	}
	alarm(20);	/* a test that fails leaves nobody behind */
	for (; n > 0; n--) {
		FILE *keep = fopen(world_path(w, "request"), "w");
		int client = accept(fd, NULL, NULL);
		char c = 0;

		while (c != '\n' && read(client, &c, 1) == 1)
			fputc(c, keep);
		fclose(keep);
		if (answer != NULL)
			(void)!write(client, answer, strlen(answer));
		close(client);
	}
	_exit(0);
}

static inline void
server_end(pid_t pid)
{
	int status;

	assert(waitpid(pid, &status, 0) == pid && status == 0);
}

static inline const char *
server_request(struct world *w)
{
	struct span line;
	struct why why;

	assert(plainfile_read(world_path(w, "request"), 4 << 20, w->mem, &line, &why) == OK);
	return arena_strn(w->mem, line.p, line.n);
}

#endif
