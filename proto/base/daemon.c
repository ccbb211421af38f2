/* SPDX-License-Identifier: EUPL-1.2 */
/* daemon - the process and its host: limits, systemd, and the one safe way to replace a small file.
 *
 * Called by the mains, and daemon_write_file by whoever keeps a file of its own (keys, spool, exports). Without systemd
 * (no NOTIFY_SOCKET) every notification is nothing.
 */
#define _GNU_SOURCE	/* mkostemp */
#include "proto/base/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "proto/base/clock.h"
#include "proto/base/durable.h"
#include "proto/base/loop.h"

#define STATUS_LEN 256

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define WITH_ASAN 1
#endif

/* The leak check of ASan reads the process by ptrace, which is what this forbids. */
static int
forbid_reading(void)
{
#ifdef WITH_ASAN
	return 0;
#else
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

enum err
daemon_init(void)
{
	struct rlimit none = { 0, 0 }, files;

	umask(077);
	if (forbid_reading() != 0 || setrlimit(RLIMIT_CORE, &none) != 0 || getrlimit(RLIMIT_NOFILE, &files) != 0)
		return ERR_SYSTEM;
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) != 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return ERR_SYSTEM;
	return OK;
}

/* A line break in a status would be another assignment of the notify protocol. */
static void
one_line(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20)
			*text = ' ';
}

/* The loop that comes back to its ticks is what lives; half the time leaves room for a slow disk. */
static int64_t
on_watchdog(void *arg)
{
	uint64_t usec;

	(void)arg;
	if (sd_watchdog_enabled(0, &usec) <= 0)
		return CLOCK_MINUTE;
	sd_notify(0, "WATCHDOG=1");
	return usec / 2000 < (uint64_t)CLOCK_MINUTE ? (int64_t)(usec / 2000) : CLOCK_MINUTE;
}

void
daemon_ready(struct loop *loop, const char *status)
{
	static char watchdog;	/* only its address: a tick of its own for loop_tick_now */

	daemon_status("%s", status != NULL ? status : "");
	sd_notify(0, "READY=1");
	if (sd_watchdog_enabled(0, NULL) > 0)
		loop_add_tick(loop, on_watchdog, &watchdog);
}

void
daemon_status(const char *fmt, ...)
{
	char text[STATUS_LEN];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	one_line(text);
	sd_notifyf(0, "STATUS=%s", text);
}

void
daemon_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

/* -- files -- */

static enum err
from_errno(void)
{
	if (errno == ENOSPC || errno == EDQUOT)
		return ERR_FULL;
	return errno == ENOENT || errno == ENOTDIR ? ERR_NOTFOUND : ERR_SYSTEM;
}

/* Split a path; the folder of a bare name is ".". ERR_NOTFOUND when no file can have this name. */
static enum err
split(const char *path, char folder[static PATH_MAX], const char **ret_name)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash == NULL ? 1 : slash == path ? 1 : (size_t)(slash - path);

	*ret_name = slash == NULL ? path : slash + 1;
	if (n >= PATH_MAX || **ret_name == '\0')
		return ERR_NOTFOUND;
	memcpy(folder, slash == NULL ? "." : path, n);
	folder[n] = '\0';
	return OK;
}

enum err
daemon_write_file(const char *path, const void *bytes, size_t n, unsigned mode)
{
	char folder[PATH_MAX], temp[PATH_MAX] = "";
	const char *name;
	int fd = -1;
	enum err e;

	if ((e = split(path, folder, &name)) != OK)
		return e;
	/* The leading dot keeps it out of sight of whoever watches the folder for *.csv and the like. */
	if ((size_t)snprintf(temp, sizeof(temp), "%s/.%s.XXXXXX", folder, name) >= sizeof(temp))
		return ERR_NOTFOUND;
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return from_errno();
	if (!durable_write(fd, bytes, n) || fchmod(fd, mode & 0777) != 0 || fsync(fd) != 0) {
		e = from_errno();
		close(fd);
		goto out;
	}
	if (close(fd) != 0 || rename(temp, path) != 0) {
		e = from_errno();
		goto out;
	}
	temp[0] = '\0';
	if (!durable_folder(folder))
		e = from_errno();
out:
	if (temp[0] != '\0')
		unlink(temp);
	return e;
}
