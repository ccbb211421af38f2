/* SPDX-License-Identifier: EUPL-1.2 */
/* spool_set - one file at a time is open, and a block of it in memory. */
#define _GNU_SOURCE
#include "adapters/core/spool_set.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapters/core/spool_name.h"
#include "adapters/core/whole.h"
#include "proto/base/clock.h"

#define BLOCK_BYTES ((size_t)64 * 1024)
#define BLOCKS_AT_ONCE 8	/* half a MiB in one turn */
#define READ_TRIES 5
#define NAMES_MAX 1000		/* files of one name in a folder */

enum state { ABSENT, UNSETTLED, READY, STRANGE };

struct spool_set {
	const struct spool_place *place;
	struct adapter *adapter;
	struct enclosures *files;
	bool is_left_over, is_begun;
	size_t at;			/* the one whose turn it is */
	unsigned n_unread;		/* tries in a row at it that the disk did not give */
	struct upload *upload;		/* of it; NULL: not begun */
	int fd;				/* -1 without an upload */
	struct stat st;			/* when it was begun */
	uint64_t n_read;
	uint8_t block[BLOCK_BYTES];
};

int64_t
spool_set_touched_ms(const struct stat *st)
{
	return (int64_t)st->st_ctim.tv_sec * 1000 + st->st_ctim.tv_nsec / 1000000;
}

/* -- looking -- */

static bool
is_name(const char *file)
{
	return whole_is_name(file) && strlen(file) < SPOOL_NAME_LEN && spool_name_is_ready(file);
}

static bool
is_ended(int dir_fd, const struct enclosure *f, const struct stat *before)
{
	int fd = openat(dir_fd, f->file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	off_t from = before->st_size > WHOLE_END_BYTES ? before->st_size - WHOLE_END_BYTES : 0;
	uint8_t end[WHOLE_END_BYTES];
	ssize_t n = fd < 0 ? -1 : pread(fd, end, sizeof(end), from);

	if (fd >= 0)
		close(fd);
	return n >= 0 && whole_is_ended(f->media_type, SPAN(end, (size_t)n));
}

/* How a file lies in the folder. */
static enum state
look(const struct spool_set *s, const struct enclosure *f, struct stat *st)
{
	int64_t age_ms;

	if (!is_name(f->file))
		return STRANGE;
	if (fstatat(s->place->in_fd, f->file, st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? ABSENT : err_from_errno(errno, OK) != OK ? UNSETTLED : STRANGE;
	if (!S_ISREG(st->st_mode))
		return STRANGE;
	age_ms = clock_wall_ms() - spool_set_touched_ms(st);
	return age_ms < 0 || age_ms >= s->place->settle_ms ? READY : UNSETTLED;
}

bool
spool_set_is_here(const struct spool_set *s)
{
	for (size_t i = 0; i < s->files->n; i++) {
		const struct enclosure *f = &s->files->all[i];
		struct stat st;
		enum state state = f->is_settled ? STRANGE : look(s, f, &st);

		if (state == STRANGE)	/* waiting would not help */
			continue;
		if (state != READY || st.st_size == 0 || (f->size >= 0 && st.st_size != f->size) || !is_ended(s->place->in_fd, f, &st))
			return false;
	}
	return true;
}

/* -- taking -- */

static bool
is_claimed(const struct spool_set *s, const char *file)
{
	return faccessat(s->place->claimed_fd, file, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* What is no file that a row may name stays where it is, as does a new one of a name whose file was taken before. */
static bool
is_ours(const struct spool_set *s, const struct enclosure *f)
{
	return is_name(f->file) && adapter_beside(s->adapter, f->file) != BESIDE_NOT && !(s->is_left_over && f->is_known);
}

/* One that nobody had left alone when its table's time was over is refused, and goes with it all the same. */
static void
claim(struct spool_set *s)
{
	for (size_t i = 0; i < s->files->n; i++) {
		struct enclosure *f = &s->files->all[i];
		struct stat st;
		enum state state = look(s, f, &st);

		if (!is_ours(s, f) || is_claimed(s, f->file) || (state != READY && state != UNSETTLED))
			continue;
		if (state == UNSETTLED && !f->is_settled)
			adapter_enclosure_refuse(f, ERR_FILE_CHANGING, NULL);
		(void)!renameat2(s->place->in_fd, f->file, s->place->claimed_fd, f->file, RENAME_NOREPLACE);	/* tried again in its turn */
	}
	s->is_begun = true;
}

enum err
spool_set_open(const struct spool_place *place, const struct door_host *host, const struct native *table, bool is_left_over,
	       struct spool_set **ret_set)
{
	struct enclosures *files;
	struct spool_set *s;
	enum err e;

	*ret_set = NULL;
	if ((e = adapter_enclosures(host->adapter, table, &files)) != OK || files == NULL)
		return e;
	if ((s = calloc(1, sizeof(*s))) == NULL) {
		adapter_enclosures_free(files);
		return ERR_OVERLOAD;
	}
	s->place = place;
	s->adapter = host->adapter;
	s->files = files;
	s->is_left_over = is_left_over;
	s->fd = -1;
	*ret_set = s;
	return OK;
}

const struct enclosures *
spool_set_files(const struct spool_set *s)
{
	return s->files;
}

static void
close_file(struct spool_set *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->upload = NULL;
	explicit_bzero(s->block, sizeof(s->block));
}

void
spool_set_close(struct spool_set *s)
{
	if (s == NULL)
		return;
	(void)!adapter_upload_drop(s->upload);	/* what a fatal error leaves is swept at the next start */
	close_file(s);
	adapter_enclosures_free(s->files);
	free(s);
}

/* By errno: a disk in trouble is asked again a few times. */
static enum err
unreadable(struct spool_set *s, struct enclosure *f)
{
	if (err_from_errno(errno, OK) != OK && ++s->n_unread < READ_TRIES)
		return ERR_BUSY;
	adapter_enclosure_refuse(f, ERR_FILE_NAME, NULL);
	return OK;
}

/* It is not among the claimed ones. */
static enum err
absent(struct spool_set *s, struct enclosure *f)
{
	struct stat st;
	enum state state = is_ours(s, f) ? look(s, f, &st) : is_name(f->file) ? ABSENT : STRANGE;

	if (state == READY || state == UNSETTLED) {
		if (renameat2(s->place->in_fd, f->file, s->place->claimed_fd, f->file, RENAME_NOREPLACE) != 0)
			return unreadable(s, f);
		return OK;	/* in the next turn */
	}
	adapter_enclosure_refuse(f, state == STRANGE ? ERR_FILE_NAME : ERR_FILE_MISSING, NULL);
	return OK;
}

static enum err
begin(struct spool_set *s, struct enclosure *f)
{
	enum err e;

	if (!is_name(f->file) || !is_claimed(s, f->file))
		return absent(s, f);
	s->fd = openat(s->place->claimed_fd, f->file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (s->fd < 0 || fstat(s->fd, &s->st) < 0) {
		e = unreadable(s, f);
		close_file(s);
		return e;
	}
	if (!S_ISREG(s->st.st_mode))
		adapter_enclosure_refuse(f, ERR_FILE_NAME, NULL);
	s->n_read = 0;
	e = f->is_settled ? OK : adapter_enclosure_begin(s->adapter, f, (uint64_t)s->st.st_size, &s->upload);
	if (e != OK || s->upload == NULL)
		close_file(s);
	return e;
}

/* Nothing is left of what has come of it; settled or to be begun again. */
static enum err
drop(struct spool_set *s, struct enclosure *f, enum err refused, const struct why *why)
{
	enum err e = adapter_upload_drop(s->upload);

	close_file(s);
	if (refused != OK)
		adapter_enclosure_refuse(f, refused, why);
	return e;
}

static bool
has_changed(const struct spool_set *s)
{
	struct stat now;

	return fstat(s->fd, &now) < 0 || now.st_size != s->st.st_size || s->n_read != (uint64_t)now.st_size ||
	    now.st_mtim.tv_sec != s->st.st_mtim.tv_sec || now.st_mtim.tv_nsec != s->st.st_mtim.tv_nsec ||
	    now.st_ctim.tv_sec != s->st.st_ctim.tv_sec || now.st_ctim.tv_nsec != s->st.st_ctim.tv_nsec;
}

/* Its last byte has been read. */
static enum err
end(struct spool_set *s, struct enclosure *f)
{
	struct upload *u = s->upload;

	if (has_changed(s))
		return drop(s, f, ERR_FILE_CHANGING, NULL);
	s->n_unread = 0;
	close_file(s);
	return adapter_enclosure_end(s->adapter, f, u);
}

static enum err
read_on(struct spool_set *s, struct enclosure *f)
{
	struct why why = { .where = "" };
	enum err e, broken;

	for (int i = 0; i < BLOCKS_AT_ONCE; i++) {
		ssize_t n = read(s->fd, s->block, sizeof(s->block));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int number = errno;

			if ((e = drop(s, f, OK, NULL)) != OK)
				return e;
			errno = number;
			return unreadable(s, f);
		}
		if (n == 0)
			return end(s, f);
		s->n_read += (uint64_t)n;
		if (s->n_read > (uint64_t)s->st.st_size)
			return drop(s, f, ERR_FILE_CHANGING, NULL);
		if ((e = adapter_upload_more(s->upload, SPAN(s->block, (size_t)n), &why)) != OK) {
			if (err_is_fatal(e))
				return e;
			broken = drop(s, f, err_verdict(e) == VERDICT_RETRY ? OK : e, &why);
			return broken != OK ? broken : err_verdict(e) == VERDICT_RETRY ? e : OK;
		}
	}
	return OK;
}

enum err
spool_set_run(struct spool_set *s, bool *ret_is_over)
{
	enum err e = OK;

	*ret_is_over = false;
	if (!s->is_begun)
		claim(s);
	while (s->at < s->files->n && s->files->all[s->at].is_settled)
		s->at++;
	if (s->at < s->files->n)
		e = s->upload ? read_on(s, &s->files->all[s->at]) : begin(s, &s->files->all[s->at]);
	*ret_is_over = e == OK && s->at == s->files->n;
	return e;
}

/* -- putting away -- */

bool
spool_set_move(int from_fd, int to_fd, const char *name)
{
	char other[SPOOL_NAME_LEN];

	if (renameat2(from_fd, name, to_fd, name, RENAME_NOREPLACE) == 0)
		return fsync(to_fd) == 0 && fsync(from_fd) == 0;
	for (unsigned n = 2; errno == EEXIST && n < NAMES_MAX; n++) {
		spool_name_again(name, n, other);
		if (renameat2(from_fd, name, to_fd, other, RENAME_NOREPLACE) == 0)
			return fsync(to_fd) == 0 && fsync(from_fd) == 0;
	}
	return false;
}

static bool
is_taken_for_any(const struct spool_set *s, const char *file)
{
	for (size_t i = 0; i < s->files->n; i++)
		if (s->files->all[i].e == OK && strcmp(s->files->all[i].file, file) == 0)
			return true;
	return false;
}

bool
spool_set_put_away(struct spool_set *s, bool is_taken)
{
	for (size_t i = 0; i < s->files->n; i++) {
		const char *file = s->files->all[i].file;

		if (!is_name(file) || is_taken_for_any(s, file) != is_taken || !is_claimed(s, file))
			continue;
		if (!spool_set_move(s->place->claimed_fd, is_taken ? s->place->done_fd : s->place->bad_fd, file))
			return false;
	}
	return true;
}
