/* SPDX-License-Identifier: EUPL-1.2 */
/* placecheck - stat, and what it says about the places that a configuration names. Called by bind_value.c for one path
 * and by the two configurations' checks for two. Nothing is opened or changed. A secret's row never shows its path.
 */
#include "config/placecheck.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "proto/base/arena.h"

char *
placecheck_absolute(const char *dir, const char *text, struct arena *mem)
{
	char *path = text[0] == '/' ? arena_str(mem, text) : arena_fmt(mem, "%s/%s", dir, text);
	char *from, *to;

	if (path == NULL)
		return NULL;
	for (from = to = path; *from != '\0'; from++) {
		if (from[0] == '/' && from[1] == '/')
			continue;
		if (from[0] == '/' && from[1] == '.' && (from[2] == '/' || from[2] == '\0')) {
			from++;
			continue;
		}
		*to++ = *from;
	}
	while (to > path + 1 && to[-1] == '/')
		to--;
	if (to == path)
		*to++ = '/';
	*to = '\0';
	return path;
}

/* The path's directory: everything before its last slash. */
static void
parent_of(const char *path, char to[static BIND_PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	size_t n = slash > path ? (size_t)(slash - path) : 1;

	snprintf(to, BIND_PATH_MAX, "%.*s", (int)n, path);
}

static bool
has_parent(const char *path, struct problems *problems, struct problem_place place)
{
	char parent[BIND_PATH_MAX];
	struct stat st;

	parent_of(path, parent);
	if (stat(parent, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return true;
	} else if (errno != ENOENT && errno != ENOTDIR) {
		problems_add_errno(problems, place, PROBLEM_NO_ACCESS, errno);
		return false;
	}
	problems_add(problems, place, PROBLEM_NO_PARENT, parent, NULL, NULL);
	return false;
}

static void
add_absent(const struct bind_row *row, const char *path, int why, struct problems *problems, struct problem_place place)
{
	const char *hint = row->hint ? row->hint : row->help;

	if (why != ENOENT && why != ENOTDIR)
		problems_add_errno(problems, place, PROBLEM_NO_ACCESS, why);
	else if (row->need & NEED_SECRET)
		problems_add(problems, place, PROBLEM_NO_SECRET, hint, NULL, NULL);
	else
		problems_add(problems, place, row->need & NEED_DIR ? PROBLEM_NO_DIR : PROBLEM_NO_FILE, path, hint, NULL);
}

bool
placecheck(const struct bind_row *row, const char *path, struct problems *problems, struct problem_place place)
{
	enum problem_id id = N_PROBLEMS;
	struct stat st;
	char mode[8];

	if ((row->need & NEED_PARENT) && !has_parent(path, problems, place))
		return false;
	if (row->need == NEED_NOTHING)
		return true;
	if (stat(path, &st) != 0) {
		if (!(row->need & (NEED_FILE | NEED_DIR)))
			return true;
		add_absent(row, path, errno, problems, place);
		return false;
	}
	if ((row->need & NEED_FILE) && !S_ISREG(st.st_mode))
		id = PROBLEM_NOT_FILE;
	else if ((row->need & (NEED_DIR | NEED_OWN)) && !S_ISDIR(st.st_mode))
		id = PROBLEM_NOT_DIR;
	else if ((row->need & NEED_SECRET) && (st.st_mode & 077))
		id = PROBLEM_SECRET_MODE;
	else if ((row->need & NEED_OWN) && (st.st_mode & 022))
		id = PROBLEM_DIR_MODE;
	if (id == N_PROBLEMS)
		return true;
	snprintf(mode, sizeof(mode), "%03o", (unsigned)(st.st_mode & 0777));
	problems_add(problems, place, id, mode, NULL, NULL);
	return false;
}

enum placecheck_relation
placecheck_relate(const char *a, const char *b)
{
	struct stat of_a, of_b;

	if (strcmp(a, b) == 0)
		return PLACE_SAME;
	if (stat(a, &of_a) != 0 || stat(b, &of_b) != 0)
		return PLACE_APART;
	if (of_a.st_dev != of_b.st_dev)
		return PLACE_OTHER_FS;
	return of_a.st_ino == of_b.st_ino ? PLACE_SAME : PLACE_APART;
}

/* Symbolic links count by where they lead: the deepest part of the path that exists is resolved. */
static void
resolve(const char *path, char to[static PATH_MAX])
{
	char head[BIND_PATH_MAX], parent[BIND_PATH_MAX];

	snprintf(head, sizeof(head), "%s", path);
	while (realpath(head, to) == NULL && strcmp(head, "/") != 0) {
		parent_of(head, parent);
		memcpy(head, parent, sizeof(head));
	}
	if (strcmp(to, "/") != 0 && strlen(to) + strlen(path) - strlen(head) < PATH_MAX)
		strcat(to, path + strlen(head));
	else
		snprintf(to, PATH_MAX, "%s", path);
}

bool
placecheck_is_inside(const char *path, const char *dir)
{
	char real_path[PATH_MAX] = "", real_dir[PATH_MAX] = "";
	size_t n;

	resolve(path, real_path);
	resolve(dir, real_dir);
	n = strlen(real_dir);
	return strncmp(real_path, real_dir, n) == 0 && (real_path[n] == '/' || real_path[n] == '\0');
}
