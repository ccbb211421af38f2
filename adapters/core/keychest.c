/* SPDX-License-Identifier: EUPL-1.2 */
/* keychest - names of files, durable steps; the sheet is judged by the signing key that signs it here. */
#define _GNU_SOURCE	/* openat, fdopendir */
#include "adapters/core/keychest.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/durable.h"

#define KEYCHEST_ARENA ((size_t)256 * 1024)
#define FIRST_NAME "sealing.key"
#define NUMBERED "sealing-"
#define BESIDE ".new"		/* the ending of what is not finished */
#define GONE ".gone"		/* and of what is being destroyed */

struct held { uint64_t number; struct key *key; };

struct keychest {
	char *dir;
	char agency[AGENCY_ID_MAX + 1];
	const struct key *signing;
	struct held held[KEYCHEST_KEYS_MAX];		/* the newest first */
	const struct key *keys[KEYCHEST_KEYS_MAX];	/* the same */
	size_t n;
	struct arena *mem;				/* of the sheet */
	struct sheet *sheet;
	struct span bytes;
};

static void
key_name(uint64_t number, char name[static 40])
{
	if (number == 0)
		snprintf(name, 40, FIRST_NAME);
	else
		snprintf(name, 40, NUMBERED "%06llu.key", (unsigned long long)number);
}

/* The number of a sealing key's file; false for any other. */
static bool
number_of(const char *name, uint64_t *ret_number)
{
	uint64_t number = strncmp(name, NUMBERED, strlen(NUMBERED)) == 0 ? strtoull(name + strlen(NUMBERED), NULL, 10) : 0;
	char again[40];

	key_name(number, again);
	*ret_number = number;
	return strcmp(name, again) == 0;
}

static char *
path_of(const struct keychest *c, const char *name, const char *ending)
{
	char *path;

	return asprintf(&path, "%s/%s%s", c->dir, name, ending) < 0 ? NULL : path;
}

static void
insert(struct keychest *c, uint64_t number, struct key *key)
{
	size_t at = 0;

	while (at < c->n && c->held[at].number > number)
		at++;
	memmove(&c->held[at + 1], &c->held[at], (c->n - at) * sizeof(c->held[0]));
	c->held[at] = (struct held){ number, key };
	c->n++;
	for (size_t i = 0; i < c->n; i++)
		c->keys[i] = c->held[i].key;
}

/* -- opening -- */

static enum err
load_key(struct keychest *c, const char *name, uint64_t number, struct why *why)
{
	char *path = path_of(c, name, "");
	struct key *key;
	enum err e;

	if (path == NULL)
		return ERR_NOMEM;
	if (c->n == KEYCHEST_KEYS_MAX)
		e = why_set(why, ERR_KEYFILE, c->dir, "more than %d sealing keys", KEYCHEST_KEYS_MAX);
	else if ((e = key_load(path, KEY_SEALING, &key, why)) == OK)
		insert(c, number, key);
	free(path);
	return e;
}

/* On most file systems this overwrites where the secret stood; where one copies on write it does not, and the manual says so. */
static bool
wipe(const char *path)
{
	uint8_t zeroes[512] = { 0 };
	struct stat st;
	int fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	bool is_wiped = fd >= 0 && fstat(fd, &st) == 0 && (size_t)st.st_size <= sizeof(zeroes) &&
		durable_write(fd, zeroes, (size_t)st.st_size) && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return is_wiped && unlink(path) == 0;
}

static bool
ends_in(const char *name, const char *ending)
{
	size_t n = strlen(name), m = strlen(ending);

	return n > m && strcmp(name + n - m, ending) == 0;
}

/* What a step left that was interrupted: not finished, or not quite gone. A secret is overwritten either way. */
static enum err
clear(const struct keychest *c, const char *name, struct why *why)
{
	char *path = path_of(c, name, "");
	enum err e = path == NULL ? ERR_NOMEM : OK;

	if (e == OK && !(ends_in(name, ".sheet" BESIDE) ? unlink(path) == 0 : wipe(path)))
		e = why_set(why, ERR_KEYFILE, path, "cannot be removed: %s", strerror(errno));
	free(path);
	return e;
}

static enum err
load_keys(struct keychest *c, struct why *why)
{
	DIR *folder = opendir(c->dir);
	const struct dirent *entry;
	uint64_t number;
	enum err e = OK;

	if (folder == NULL)
		return why_set(why, ERR_KEYFILE, c->dir, "%s", strerror(errno));
	while (e == OK && (entry = readdir(folder)) != NULL) {
		if (ends_in(entry->d_name, ".sheet" BESIDE) || ends_in(entry->d_name, ".key" BESIDE) ||
		    ends_in(entry->d_name, ".key" GONE))
			e = clear(c, entry->d_name, why);
		else if (number_of(entry->d_name, &number))
			e = load_key(c, entry->d_name, number, why);
	}
	closedir(folder);
	if (e == OK && c->n == 0)
		e = why_set(why, ERR_KEYFILE, c->dir, "there is no sealing key");
	return e;
}

/* The signed sheet's bytes, verified as any reader would by the directory: here it is one of this agency alone. */
static enum err
take_sheet(struct keychest *c, struct span bytes, struct why *why)
{
	struct agency self = { .id = c->agency, .signing = *key_public(c->signing), .signing_id = *key_id(c->signing) };
	struct directory d = { .agencies = &self, .n_agencies = 1 };
	struct arena *mem = arena_new(KEYCHEST_ARENA);
	struct sheet *sheet;
	enum err e = ERR_NOMEM;

	if (mem == NULL)
		return e;
	bytes = arena_span(mem, bytes);
	if (bytes.p != NULL && (e = sheet_open(bytes, &d, 0, mem, &sheet, why)) == OK) {
		arena_free(c->mem);
		c->mem = mem;
		c->sheet = sheet;
		c->bytes = bytes;
		return OK;
	}
	arena_free(mem);
	return e;
}

static enum err
load_sheet(struct keychest *c, struct why *why)
{
	char *path;
	uint8_t bytes[SHEET_MAX + 1];
	size_t n = 0;
	ssize_t got;
	enum err e;
	int fd;

	if (asprintf(&path, "%s/%s.sheet", c->dir, c->agency) < 0)
		return ERR_NOMEM;
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)) < 0) {
		e = why_set(why, ERR_NOTFOUND, path, "cannot be read");
	} else {
		while (n < sizeof(bytes) && (got = read(fd, bytes + n, sizeof(bytes) - n)) > 0)
			n += (size_t)got;
		close(fd);
		e = take_sheet(c, SPAN(bytes, n), why);
	}
	free(path);
	return e;
}

enum err
keychest_open(const char *dir, const char *agency, const struct key *signing, struct keychest **ret_chest, struct why *why)
{
	struct keychest *c = calloc(1, sizeof(*c));
	enum err e = ERR_NOMEM;

	if (c == NULL || (c->dir = strdup(dir)) == NULL)
		goto out;
	c->signing = signing;
	snprintf(c->agency, sizeof(c->agency), "%s", agency);
	if ((e = load_keys(c, why)) != OK || (e = load_sheet(c, why)) != OK)
		goto out;
	*ret_chest = c;
	c = NULL;
out:
	keychest_close(c);
	return e;
}

void
keychest_close(struct keychest *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n; i++)
		key_free(c->held[i].key);
	arena_free(c->mem);
	free(c->dir);
	free(c);
}

/* -- what is at hand -- */

const struct key *const *
keychest_keys(const struct keychest *c, size_t *ret_n)
{
	*ret_n = c->n;
	return c->keys;
}

uint64_t
keychest_number(const struct keychest *c, size_t i)
{
	return c->held[i].number;
}

const struct key *
keychest_find(const struct keychest *c, const struct key_id *id)
{
	for (size_t i = 0; i < c->n; i++)
		if (key_id_eq(key_id(c->keys[i]), id))
			return c->keys[i];
	return NULL;
}

const struct sheet *
keychest_sheet(const struct keychest *c)
{
	return c->sheet;
}

struct span
keychest_signed(const struct keychest *c)
{
	return c->bytes;
}

/* -- durable steps -- */

static bool
settle(const struct keychest *c, const char *from, const char *to)
{
	return rename(from, to) == 0 && durable_folder(c->dir);
}

enum err
keychest_add(struct keychest *c, struct key *key, uint64_t number, struct why *why)
{
	char name[40], *path, *beside;
	enum err e = ERR_NOMEM;

	assert(c->n == 0 || number > c->held[0].number);
	key_name(number, name);
	path = path_of(c, name, "");
	beside = path_of(c, name, BESIDE);
	if (path == NULL || beside == NULL)
		goto out;
	if (c->n == KEYCHEST_KEYS_MAX) {
		e = why_set(why, ERR_FULL, c->dir, "%d sealing keys are kept, and none may be destroyed yet", KEYCHEST_KEYS_MAX);
		goto out;
	}
	(void)unlink(beside);
	if (key_save(key, beside) != OK || !settle(c, beside, path)) {
		e = why_set(why, ERR_KEYFILE, path, "cannot be written: %s", strerror(errno));
		goto out;
	}
	insert(c, number, key);
	key = NULL;
	e = OK;
out:
	key_free(key);
	free(path);
	free(beside);
	return e;
}

static bool
write_beside(const char *beside, struct span bytes)
{
	int fd;
	bool is_written;

	(void)unlink(beside);
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	is_written = fd >= 0 && durable_write(fd, bytes.p, bytes.n) && fsync(fd) == 0;
	if (fd >= 0 && close(fd) != 0)
		is_written = false;
	return is_written;
}

enum err
keychest_put_sheet(struct keychest *c, const struct sheet *sheet, struct why *why)
{
	struct arena *mem = arena_new(KEYCHEST_ARENA);
	char *path = NULL, *beside = NULL;
	struct span bytes;
	enum err e = ERR_NOMEM;

	if (mem == NULL || asprintf(&path, "%s/%s.sheet", c->dir, c->agency) < 0 || asprintf(&beside, "%s" BESIDE, path) < 0)
		goto out;
	if ((e = sheet_sign(sheet, c->signing, mem, &bytes)) != OK)
		goto out;
	if (!write_beside(beside, bytes) || !settle(c, beside, path))
		e = why_set(why, ERR_KEYFILE, path, "cannot be written: %s", strerror(errno));
	else
		e = take_sheet(c, bytes, why);
out:
	free(beside);
	free(path);
	arena_free(mem);
	return e;
}

static bool
is_named(const struct sheet *s, const struct key_id *id)
{
	for (size_t i = 0; i < s->n_sealing; i++)
		if (key_id_eq(&s->sealing[i].id, id))
			return true;
	return false;
}

enum err
keychest_destroy(struct keychest *c, uint64_t number, struct why *why)
{
	char name[40], *path, *gone;
	size_t at = 0;
	enum err e = OK;

	while (at < c->n && c->held[at].number != number)
		at++;
	if (at == c->n)
		return why_set(why, ERR_NOTFOUND, c->dir, "no sealing key has this number");
	assert(!is_named(c->sheet, key_id(c->keys[at])));
	key_name(number, name);
	path = path_of(c, name, "");
	gone = path_of(c, name, GONE);
	if (path == NULL || gone == NULL)
		e = ERR_NOMEM;
	/* out of the way first: half overwritten it would be a damaged key at the next start */
	else if (!settle(c, path, gone) || !wipe(gone) || !durable_folder(c->dir))
		e = why_set(why, ERR_KEYFILE, path, "cannot be destroyed: %s", strerror(errno));
	free(path);
	free(gone);
	if (e != OK)
		return e;
	key_free(c->held[at].key);
	memmove(&c->held[at], &c->held[at + 1], (c->n - at - 1) * sizeof(c->held[0]));
	c->n--;
	for (size_t i = 0; i < c->n; i++)
		c->keys[i] = c->held[i].key;
	return OK;
}
