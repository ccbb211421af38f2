/* SPDX-License-Identifier: EUPL-1.2 */
/* pinned - reads small files whole, within limits; a folder of sheets in the order of their names. */
#include "hub/pinned.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX ((size_t)8 << 20)
#define LOAD_ARENA ((size_t)64 << 20)

static enum err
read_file(const char *path, struct arena *mem, struct span *ret_bytes, struct why *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	ssize_t got = 1;
	struct stat st;
	uint8_t *p;
	enum err e = OK;

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		e = why_set(why, ERR_NOTFOUND, path, "cannot be read");
	} else if ((size_t)st.st_size > FILE_MAX || (p = arena_alloc(mem, (size_t)st.st_size + 1)) == NULL) {
		e = why_set(why, ERR_TOOBIG, path, "too large");
	} else {
		while (n < (size_t)st.st_size && (got = read(fd, p + n, (size_t)st.st_size - n)) > 0)
			n += (size_t)got;
		*ret_bytes = SPAN(p, n);
		if (got < 0)
			e = why_set(why, ERR_SYSTEM, path, "cannot be read");
	}
	if (fd >= 0)
		close(fd);
	return e;
}

/* -- the registrars -- */

static enum err
parse_line(const char *line, unsigned no, struct arena *mem, struct note_verifier *verifiers, struct trust *trust,
	   struct why *why)
{
	char *end;
	unsigned long k;

	if (line[0] == '\0' || line[0] == '#')
		return OK;
	if (strncmp(line, "threshold ", 10) == 0) {
		k = strtoul(line + 10, &end, 10);
		if (*end != '\0' || k == 0 || k > DIRECTORY_REGISTRARS_MAX || trust->threshold != 0)
			return why_set(why, ERR_KEYFILE, "trust_file", "line %u: not a threshold", no);
		trust->threshold = (unsigned)k;
		return OK;
	}
	if (trust->n == DIRECTORY_REGISTRARS_MAX || note_verifier_parse(line, mem, &verifiers[trust->n]) != OK)
		return why_set(why, ERR_KEYFILE, "trust_file", "line %u: not a registrar's verifier key", no);
	trust->n++;
	return OK;
}

enum err
pinned_parse(struct span text, struct arena *mem, struct trust *ret_trust, struct why *why)
{
	struct note_verifier *verifiers = arena_array(mem, DIRECTORY_REGISTRARS_MAX, sizeof(*verifiers));
	char *rest = arena_strn(mem, text.p ? text.p : (const uint8_t *)"", text.n), *line;
	enum err e;

	if (verifiers == NULL || rest == NULL)
		return ERR_TOOBIG;
	*ret_trust = (struct trust){ .registrars = verifiers };
	for (unsigned no = 1; (line = strsep(&rest, "\n")) != NULL; no++)
		if ((e = parse_line(line, no, mem, verifiers, ret_trust, why)) != OK)
			return e;
	if (ret_trust->threshold == 0 || ret_trust->threshold > ret_trust->n)
		return why_set(why, ERR_KEYFILE, "trust_file", "the threshold must be 1 to %zu", ret_trust->n);
	return OK;
}

/* -- the directory -- */

static enum err
check_self(const struct directory *d, const struct pinned_self *self, struct why *why)
{
	if (strcmp(d->origin, self->origin) != 0)
		return why_set(why, ERR_CONFIG, "origin", "the directory names %s", d->origin);
	if (memcmp(d->log.b, self->log->b, KEY_LEN) != 0)
		return why_set(why, ERR_KEYFILE, "log.key", "the directory names another");
	if (memcmp(d->notice.b, self->notice->b, KEY_LEN) != 0)
		return why_set(why, ERR_KEYFILE, "notice.key", "the directory names another");
	if (memcmp(d->curve.b, self->curve->b, KEY_LEN) != 0)
		return why_set(why, ERR_KEYFILE, "transport.key", "the directory names another");
	return OK;
}

static enum err
load_directory(const struct hub_config *config, const struct pinned_self *self, struct hub *hub, int64_t now_ms,
	       struct arena *mem, struct why *why)
{
	const struct directory *known = hub_directory(hub);
	uint64_t last = known ? known->version : 0;
	struct span text, note;
	struct directory *d;
	struct trust trust;
	enum err e;

	if ((e = read_file(config->trust_file, mem, &text, why)) != OK || (e = pinned_parse(text, mem, &trust, why)) != OK ||
	    (e = read_file(config->directory_file, mem, &note, why)) != OK)
		return e;
	e = directory_open(note, &trust, last, now_ms, mem, &d, why);
	/* a restart after its end must not stop what is under way */
	if (e == ERR_EXPIRED && known && directory_open(note, &trust, last, 0, mem, &d, why) == OK && d->version == last)
		e = OK;
	if (e != OK || (e = check_self(d, self, why)) != OK)
		return e;
	return hub_put_directory(hub, d, note, now_ms, why);
}

/* -- the sheets -- */

static int
is_sheet(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static enum err
load_sheets(const char *dir, struct hub *hub, int64_t now_ms, struct arena *mem, size_t *ret_bad, struct why *why)
{
	struct dirent **names = NULL;
	int n = scandir(dir, &names, is_sheet, alphasort);
	struct why sheet_why;
	char path[PATH_MAX];
	struct span bytes;
	enum err e;

	if (n < 0)
		return why_set(why, ERR_NOTFOUND, dir, "cannot be read");
	for (int i = 0; i < n; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		if ((e = read_file(path, mem, &bytes, &sheet_why)) == OK)
			e = hub_put_sheet(hub, bytes, now_ms, &sheet_why);
		*ret_bad += e != OK && e != ERR_STALE;	/* a newer one came by the adapter itself */
		free(names[i]);
	}
	free(names);
	return OK;
}

enum err
pinned_load(const struct hub_config *config, const struct pinned_self *self, struct hub *hub, int64_t now_ms,
	    size_t *ret_bad_sheets, struct why *why)
{
	struct arena *mem = arena_new(LOAD_ARENA);
	enum err e;

	*ret_bad_sheets = 0;
	if (mem == NULL)
		return ERR_NOMEM;
	if ((e = load_directory(config, self, hub, now_ms, mem, why)) == OK)
		e = load_sheets(config->sheets_dir, hub, now_ms, mem, ret_bad_sheets, why);
	arena_free(mem);
	return e;
}
