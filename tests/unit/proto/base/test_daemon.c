/* SPDX-License-Identifier: EUPL-1.2 */
/* The process and its host: limits, what systemd hears, and files that are old or new. */
#define _GNU_SOURCE
#include "proto/base/daemon.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/base/loop.h"

static char root[64];

static int
setup(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "%s", "/tmp/nasoka-test-daemon-XXXXXX");
	return mkdtemp(root) == NULL;
}

static int
teardown(void **state)
{
	char path[512];
	DIR *dir = opendir(root);
	struct dirent *entry;

	(void)state;
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", root, entry->d_name);
		if (entry->d_name[0] != '.' || strlen(entry->d_name) > 2)
			(void)!remove(path);
	}
	if (dir != NULL)
		closedir(dir);
	rmdir(root);
	return 0;
}

static const char *
in_root(const char *name)
{
	static char path[200];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	return path;
}

static size_t
n_entries(void)
{
	DIR *dir = opendir(root);
	size_t n = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n - 2;
}

static void
assert_file(const char *path, const char *text, unsigned mode)
{
	char got[64] = "";
	struct stat st;
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(read(fd, got, sizeof(got) - 1), strlen(text));
	assert_string_equal(got, text);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, mode);
	close(fd);
}

/* A process that went through daemon_init dumps no core, keeps its files private and survives a broken pipe. */
static void
limits_are_set(void **state)
{
	pid_t child = fork();
	int status;

	(void)state;
	if (child == 0) {
		struct rlimit core, files;
		int ends[2];

		if (daemon_init() != OK || umask(0) != 077)
			_exit(1);
		if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_cur != 0 || core.rlim_max != 0)
			_exit(2);
		if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur != files.rlim_max)
			_exit(3);
		if (pipe(ends) != 0 || close(ends[0]) != 0 || write(ends[1], "x", 1) != -1)
			_exit(4);	/* SIGPIPE would have ended it with a signal */
#ifndef __SANITIZE_ADDRESS__
		if (prctl(PR_GET_DUMPABLE) != 0)
			_exit(5);
#endif
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* -- what systemd hears -- */

static int
listen_as_systemd(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/notify", root);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	setenv("NOTIFY_SOCKET", addr.sun_path, 1);
	return fd;
}

static const char *
heard(int fd)
{
	static char text[1024];
	ssize_t n = recv(fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

/* Status, ready and stopping reach systemd, and a line break in a status is no second assignment. */
static void
notifications(void **state)
{
	struct loop *loop;
	int fd = listen_as_systemd();

	(void)state;
	assert_int_equal(loop_new(&loop), OK);
	daemon_ready(loop, "3 agencies");
	assert_string_equal(heard(fd), "STATUS=3 agencies");
	assert_string_equal(heard(fd), "READY=1");
	daemon_status("%s\nREADY=1\r", "x");
	assert_string_equal(heard(fd), "STATUS=x READY=1 ");
	daemon_stopping();
	assert_string_equal(heard(fd), "STOPPING=1");
	assert_string_equal(heard(fd), "");
	loop_free(loop);
	unsetenv("NOTIFY_SOCKET");
	daemon_status("%s", "nobody listens");
	close(fd);
}

static int64_t
stop_after_350(void *arg)
{
	static int calls;

	if (++calls == 8)
		loop_stop(arg);
	return 50;
}

/* With a watchdog of 200 ms the loop gives a sign of life about every 100 ms, the first at once. */
static void
watchdog(void **state)
{
	struct loop *loop;
	int fd = listen_as_systemd(), n = 0;

	(void)state;
	setenv("WATCHDOG_USEC", "200000", 1);
	assert_int_equal(loop_new(&loop), OK);
	daemon_ready(loop, NULL);
	loop_add_tick(loop, stop_after_350, loop);
	loop_run(loop);
	assert_string_equal(heard(fd), "STATUS=");
	assert_string_equal(heard(fd), "READY=1");
	while (strcmp(heard(fd), "WATCHDOG=1") == 0)
		n++;
	assert_in_range(n, 3, 5);
	loop_free(loop);
	unsetenv("WATCHDOG_USEC");
	unsetenv("NOTIFY_SOCKET");
	close(fd);
}

/* -- files -- */

/* A file is made or replaced whole, with the mode asked for whatever the umask, and nothing else is left beside it. */
static void
files_are_replaced(void **state)
{
	mode_t old = umask(077);

	(void)state;
	assert_int_equal(daemon_write_file(in_root("f"), "first text", 10, 0640), OK);
	assert_file(in_root("f"), "first text", 0640);
	assert_int_equal(daemon_write_file(in_root("f"), "2", 1, 0600), OK);
	assert_file(in_root("f"), "2", 0600);
	assert_int_equal(daemon_write_file(in_root("f"), NULL, 0, 0644), OK);
	assert_file(in_root("f"), "", 0644);
	assert_int_equal(n_entries(), 1);
	umask(old);
}

/* A name without a folder is of the working directory. */
static void
bare_names(void **state)
{
	char here[256];

	(void)state;
	assert_non_null(getcwd(here, sizeof(here)));
	assert_int_equal(chdir(root), 0);
	assert_int_equal(daemon_write_file("bare", "x", 1, 0600), OK);
	assert_int_equal(chdir(here), 0);
	assert_file(in_root("bare"), "x", 0600);
}

/* What cannot be written is told, the old file stays, and no temp is left. */
static void
failures_leave_the_old(void **state)
{
	char path[5000];
	struct rlimit old, small = { 4096, RLIM_INFINITY };
	static char big[100 * 1024];

	(void)state;
	assert_int_equal(daemon_write_file(in_root("none/f"), "x", 1, 0600), ERR_NOTFOUND);
	assert_int_equal(daemon_write_file(in_root(""), "x", 1, 0600), ERR_NOTFOUND);
	assert_int_equal(daemon_write_file("", "x", 1, 0600), ERR_NOTFOUND);
	memset(path, 'a', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(daemon_write_file(path, "x", 1, 0600), ERR_NOTFOUND);
	assert_int_equal(mkdir(in_root("folder"), 0700), 0);
	assert_int_equal(daemon_write_file(in_root("folder"), "x", 1, 0600), ERR_SYSTEM);
	assert_int_equal(rmdir(in_root("folder")), 0);

	assert_int_equal(daemon_write_file(in_root("f"), "old", 3, 0600), OK);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small.rlim_max = old.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(daemon_write_file(in_root("f"), big, sizeof(big), 0600), ERR_SYSTEM);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_file(in_root("f"), "old", 0600);
	assert_int_equal(n_entries(), 1);
}

/* A reader beside the writer sees the old file or the new one, never a part. */
static void
readers_see_no_part(void **state)
{
	static char a[3000], b[3000];
	pid_t child;
	int i, status;

	(void)state;
	memset(a, 'a', sizeof(a));
	memset(b, 'b', sizeof(b));
	assert_int_equal(daemon_write_file(in_root("f"), a, sizeof(a), 0600), OK);
	child = fork();
	if (child == 0) {
		for (i = 0; i < 200; i++)
			if (daemon_write_file(in_root("f"), i % 2 ? a : b, sizeof(a), 0600) != OK)
				_exit(1);
		_exit(0);
	}
	while (waitpid(child, &status, WNOHANG) == 0) {
		char got[4000];
		int fd = open(in_root("f"), O_RDONLY);

		assert_true(fd >= 0);
		assert_int_equal(read(fd, got, sizeof(got)), sizeof(a));
		assert_true(memcmp(got, a, sizeof(a)) == 0 || memcmp(got, b, sizeof(b)) == 0);
		close(fd);
	}
	assert_int_equal(status, 0);
	assert_int_equal(n_entries(), 1);
}

#define IN_ROOT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_ROOT(limits_are_set),     IN_ROOT(notifications), IN_ROOT(watchdog),
		IN_ROOT(files_are_replaced), IN_ROOT(bare_names),    IN_ROOT(failures_leave_the_old),
		IN_ROOT(readers_see_no_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
