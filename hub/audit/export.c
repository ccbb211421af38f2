/* SPDX-License-Identifier: EUPL-1.2 */
/* export - nasoka-audit export. Files are made anew and never over others; all is synced once, at the end. */
#define _GNU_SOURCE /* syncfs */
#include "hub/audit/export.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hub/audit/exporter.h"
#include "hub/audit/opening.h"
#include "hub/ctl/command.h"
#include "proto/base/durable.h"

const struct command_option export_options[] = {
	{ "config", "FILE", true, { "the hub's configuration", "настройките на концентратора" } },
	{ "out", "DIR", true, { "the folder to make", "папката, която да се създаде" } },
	{ "json", NULL, false, { "as JSON", "като JSON" } },
	{ .name = NULL },
};

enum err
export_make_dir(const char *dir, struct why *why)
{
	if (mkdir(dir, 0700) != 0)
		return why_set(why, errno == EEXIST ? ERR_EXISTS : ERR_SYSTEM, dir, "%s", strerror(errno));
	return OK;
}

/* The folders above the file. */
static void
make_parents(char *path, size_t from)
{
	for (char *p = path + from; (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		(void)mkdir(path, 0700);	/* if it cannot be made, the file cannot either */
		*p = '/';
	}
}

enum err
export_put_file(void *arg, const char *name, struct span bytes, struct why *why)
{
	const char *dir = arg;
	char path[PATH_MAX];
	enum err e = OK;
	int fd;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >= sizeof(path))
		return why_set(why, ERR_TOOBIG, name, "the path is too long");
	make_parents(path, strlen(dir) + 1);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return why_set(why, errno == EEXIST ? ERR_EXISTS : ERR_SYSTEM, path, "%s", strerror(errno));
	if (!durable_write(fd, bytes.p, bytes.n))
		e = why_set(why, ERR_SYSTEM, path, "%s", strerror(errno));
	if (close(fd) != 0 && e == OK)
		e = why_set(why, ERR_SYSTEM, path, "%s", strerror(errno));
	return e;
}

static enum err
sync_dir(const char *dir, struct why *why)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum err e = OK;

	if (fd < 0 || syncfs(fd) != 0)
		e = why_set(why, ERR_SYSTEM, dir, "%s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return e;
}

static void
tell(const struct call *call, const struct source *s, const char *dir)
{
	if (command_value(call, "json")) {
		json_t *root = json_object();

		json_object_set_new(root, "out", json_string(dir));
		json_object_set_new(root, "size", json_integer((json_int_t)s->latest.number));
		json_object_set_new(root, "newer_entries", json_integer((json_int_t)(s->size - s->latest.number)));
		json_dumpf(root, call->out, JSON_INDENT(2));
		fputc('\n', call->out);
		json_decref(root);
		return;
	}
	fprintf(call->out, call->lang == LANG_BG ? "%s: %llu записа\n" : "%s: %llu entries\n", dir, (unsigned long long)s->latest.number);
}

int
export_log(const struct call *call)
{
	const char *dir = command_value(call, "out");
	char root[PATH_MAX];
	struct source *s = NULL;
	struct why why = { .where = "" };
	enum err e;

	(void)snprintf(root, sizeof(root), "%s", dir);
	if ((e = opening_source(call, &s, &why)) == OK && (e = export_make_dir(root, &why)) == OK &&
	    (e = exporter_run(s, export_put_file, root, &why)) == OK && (e = sync_dir(root, &why)) == OK)
		tell(call, s, dir);
	opening_close(s);
	return e != OK ? opening_fail(call, e, &why) : EXIT_OK;
}
