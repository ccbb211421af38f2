/* SPDX-License-Identifier: EUPL-1.2 */
/* sheet_files - all files are read first and taken in one transaction; each sheet is judged by itself, so a bad one hides no other. */
#define _GNU_SOURCE	/* openat, fdopendir */
#include "adapters/core/sheet_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".sheet"
#define SHEET_FILES_ARENA ((size_t)DIRECTORY_AGENCIES_MAX * 4096)

static bool
is_sheet_name(const char *name)
{
	size_t n = strlen(name);

	return n > strlen(SUFFIX) && name[0] != '.' && strcmp(name + n - strlen(SUFFIX), SUFFIX) == 0;
}

/* A copy in `mem`; SPAN_NONE for what is no plain file within its limit. */
static struct span
read_sheet(int dir, const char *name, struct arena *mem)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct span sheet = SPAN_NONE;
	uint8_t bytes[SHEET_FILE_MAX];
	struct stat st;
	size_t n = 0;
	ssize_t got;

	if (fd < 0)
		return SPAN_NONE;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= SHEET_FILE_MAX) {
		while (n < SHEET_FILE_MAX && (got = read(fd, bytes + n, SHEET_FILE_MAX - n)) > 0)
			n += (size_t)got;
		sheet = arena_span(mem, SPAN(bytes, n));
	}
	close(fd);
	return sheet;
}

static size_t
read_all(DIR *folder, struct span *sheets, struct arena *mem)
{
	const struct dirent *entry;
	size_t n = 0;

	while (n < DIRECTORY_AGENCIES_MAX && (entry = readdir(folder)) != NULL)
		if (is_sheet_name(entry->d_name) && (sheets[n] = read_sheet(dirfd(folder), entry->d_name, mem)).n > 0)
			n++;
	return n;
}

enum err
sheet_files_take(const char *dir, struct contacts *contacts, int64_t now_ms, struct why *why)
{
	struct arena *mem = arena_new(SHEET_FILES_ARENA);
	struct span *sheets = mem ? arena_array(mem, DIRECTORY_AGENCIES_MAX, sizeof(*sheets)) : NULL;
	DIR *folder = opendir(dir);
	size_t n;
	enum err e = OK;

	if (sheets == NULL || folder == NULL) {
		e = sheets == NULL ? ERR_NOMEM : why_set(why, ERR_NOTFOUND, dir, "no such folder");
		goto out;
	}
	if ((n = read_all(folder, sheets, mem)) > 0)
		e = contacts_take(contacts, SPAN_NONE, sheets, n, contacts_sheets_seen(contacts), now_ms, why);
out:
	if (folder)
		closedir(folder);
	arena_free(mem);
	return e;
}
