/* SPDX-License-Identifier: EUPL-1.2 */
/* spool_in - a scan lists what has settled, oldest first; claimed files are then taken a few at a turn.
 *
 * The list in memory is only a hint: what counts is where a file lies. Names are data of others and go into no log.
 */
#define _GNU_SOURCE
#include "adapters/core/spool_in.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/core/charset.h"
#include "adapters/core/spool_name.h"
#include "proto/base/clock.h"
#include "proto/base/daemon.h"
#include "proto/base/log.h"

#define TURN_MAX 4			/* files taken in one turn */
#define ANSWER_ARENA ((size_t)48 * 1024 * 1024)
#define RESULT_MODE 0640		/* the folder's group is the agency's system */
#define READ_TRIES 5
#define NAMES_MAX 1000			/* files of one name in done_dir or bad_dir */

struct found {
	char name[SPOOL_NAME_LEN];
	int64_t at_ms;			/* last touched, wall clock */
};

struct spool_in {
	const struct adapter_config *config;
	const struct door_host *host;
	struct arena *mem;
	struct loop_item *item;
	char claimed_path[PATH_MAX];
	int in_fd, claimed_fd, done_fd, bad_fd, notify_fd;
	struct found found[SPOOL_IN_LOOK_MAX];	/* settled, in in_dir or claimed, oldest first */
	size_t n_found, at;
	int64_t scan_ms;		/* monotonic: when to look into in_dir */
	int64_t retry_ms;		/* monotonic: no claimed file is taken before */
	unsigned n_unread;		/* tries in a row at a file that the disk did not give */
	bool is_dead, is_told;
};

/* -- looking -- */

static int
by_age(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->at_ms != y->at_ms)
		return x->at_ms < y->at_ms ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* ctime, since no copying program can set it. One that lies in the future (another machine's clock) is not waited for. */
static int64_t
touched_ms(const struct stat *st)
{
	return (int64_t)st->st_ctim.tv_sec * 1000 + st->st_ctim.tv_nsec / 1000000;
}

static void
add_found(struct spool_in *d, const char *name, int64_t at_ms)
{
	struct found *f = &d->found[d->n_found++];

	memcpy(f->name, name, strlen(name) + 1);
	f->at_ms = at_ms;
}

/* List `dir_fd`. Of in_dir only what has settled; ret_wait_ms shrinks to when the next one will have. */
static void
list(struct spool_in *d, int dir_fd, bool is_claimed, int64_t *ret_wait_ms)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int64_t now_ms = clock_wall_ms();
	struct dirent *entry;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		if (!d->is_told)
			log_event(LOG_DOOR_REFUSED, "door=folder code=%s where=in.folder", err_code(ERR_NOTFOUND));
		d->is_told = true;
		return;
	}
	d->is_told = false;
	while (d->n_found < SPOOL_IN_LOOK_MAX && (entry = readdir(dir)) != NULL) {
		struct stat st;
		int64_t age_ms;

		if (!spool_name_is_ready(entry->d_name) || strlen(entry->d_name) >= SPOOL_NAME_LEN ||
		    fstatat(dir_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
			continue;
		age_ms = now_ms - touched_ms(&st);
		if (is_claimed || age_ms < 0 || age_ms >= d->config->in_folder.settle_ms)
			add_found(d, entry->d_name, touched_ms(&st));
		else if (d->config->in_folder.settle_ms - age_ms < *ret_wait_ms)
			*ret_wait_ms = d->config->in_folder.settle_ms - age_ms;
	}
	closedir(dir);
	qsort(d->found, d->n_found, sizeof(d->found[0]), by_age);
}

/* -- reading -- */

/* By errno: a disk in trouble is asked again a few times, so that no file is refused for it, and none keeps the others out. */
static enum err
unreadable(struct spool_in *d)
{
	if (err_from_errno(errno, OK) == OK || ++d->n_unread >= READ_TRIES) {
		d->n_unread = 0;
		return ERR_UNSUPPORTED;
	}
	return ERR_BUSY;
}

/* The whole file, NULL and OK if it vanished. ERR_TOOBIG: over file_bytes; ERR_UNSUPPORTED: not a file that can be read;
 * ERR_BUSY: not now.
 */
static enum err
read_file(struct spool_in *d, int dir_fd, const char *name, uint8_t **ret_bytes, size_t *ret_n)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	uint8_t *bytes = NULL;
	enum err e = OK;
	size_t n = 0;
	struct stat st;

	*ret_bytes = NULL;
	*ret_n = 0;
	if (fd < 0)
		return errno == ENOENT ? OK : unreadable(d);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		e = ERR_UNSUPPORTED;
	else if ((uint64_t)st.st_size > d->config->in_folder.file_bytes)
		e = ERR_TOOBIG;
	else if (!(bytes = malloc((size_t)st.st_size + 1)))
		e = ERR_OVERLOAD;
	while (e == OK && n < (size_t)st.st_size) {
		ssize_t got = read(fd, bytes + n, (size_t)st.st_size - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			e = unreadable(d);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	close(fd);
	if (e != OK) {
		free(bytes);
		return e;
	}
	d->n_unread = 0;
	*ret_bytes = bytes;
	*ret_n = n;
	return OK;
}

static void
forget(uint8_t *bytes, size_t n)
{
	if (bytes)
		explicit_bzero(bytes, n);
	free(bytes);
}

/* Does a settled file look as if its writer were not done? Not for ever: then it is cut off. */
static bool
is_unfinished(struct spool_in *d, const struct found *f)
{
	int64_t settle_ms = d->config->in_folder.settle_ms > CLOCK_SECOND ? d->config->in_folder.settle_ms : CLOCK_SECOND;
	bool is_whole;
	uint8_t *bytes;
	size_t n;

	if (clock_wall_ms() - f->at_ms >= SPOOL_IN_PATIENCE * settle_ms)
		return false;
	if (read_file(d, d->in_fd, f->name, &bytes, &n) != OK || !bytes)
		return false;
	is_whole = adapter_is_complete(d->host->adapter, f->name, SPAN(bytes, n));
	forget(bytes, n);
	return !is_whole;
}

/* -- taking -- */

static bool
sync_dir(int fd)
{
	return fsync(fd) == 0;
}

/* Claimed now, or claimed before: true. */
static bool
claim(struct spool_in *d, const char *name)
{
	if (faccessat(d->claimed_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return true;
	return renameat2(d->in_fd, name, d->claimed_fd, name, RENAME_NOREPLACE) == 0;
}

static enum err
write_result(struct spool_in *d, const char *name, const struct native *answer, enum format format)
{
	char result[SPOOL_NAME_LEN], path[PATH_MAX];

	if (answer->bytes.n == 0)
		return OK;
	spool_name_result(name, answer->format != FORMAT_NONE ? answer->format : format, result);
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", d->config->in_folder.out_dir, result) >= sizeof(path))
		return ERR_TOOBIG;
	return daemon_write_file(path, answer->bytes.p, answer->bytes.n, RESULT_MODE);
}

static bool
put_away(struct spool_in *d, const char *name, bool is_taken)
{
	int to = is_taken ? d->done_fd : d->bad_fd;
	char other[SPOOL_NAME_LEN];
	unsigned n;

	if (renameat2(d->claimed_fd, name, to, name, RENAME_NOREPLACE) == 0)
		return sync_dir(to) && sync_dir(d->claimed_fd);
	for (n = 2; errno == EEXIST && n < NAMES_MAX; n++) {
		spool_name_again(name, n, other);
		if (renameat2(d->claimed_fd, name, to, other, RENAME_NOREPLACE) == 0)
			return sync_dir(to) && sync_dir(d->claimed_fd);
	}
	return false;
}

/* Give the file to the adapter. ret_refused OK: something of it was taken. */
static enum err
ask(struct spool_in *d, const char *name, struct native *ret_answer, enum err *ret_refused)
{
	struct native in = {
		.format = spool_name_format(name),
		.file = name,
		.charset = adapter_config_charset(d->config->in_folder.charset),
	};
	uint8_t *bytes;
	size_t n;
	enum err e;

	arena_reset(d->mem);
	*ret_refused = read_file(d, d->claimed_fd, name, &bytes, &n);
	in.bytes = SPAN(bytes, n);
	e = *ret_refused;
	if (e == OK && bytes)
		e = adapter_take(d->host->adapter, &in, "folder", NULL, d->mem, ret_answer, ret_refused);
	if (e != OK && !err_is_fatal(e)) {	/* too large, or its answer was */
		*ret_refused = e;
		arena_reset(d->mem);
		e = adapter_refuse(d->host->adapter, e, NULL, &in, "folder", d->mem, ret_answer);
		if (e != OK && !err_is_fatal(e)) {	/* not even that: it goes to bad_dir without a word */
			*ret_answer = (struct native){ 0 };
			e = OK;
		}
	}
	forget(bytes, n);
	return e;
}

/* One claimed file to its end. False: nothing more in this turn. */
static bool
take(struct spool_in *d, const char *name)
{
	struct native answer = { 0 };
	enum err refused, e = ask(d, name, &answer, &refused);

	if (err_is_fatal(e)) {
		d->is_dead = true;
		d->host->on_fatal(d->host->arg, e);
		return false;
	}
	if (refused != OK && err_verdict(refused) == VERDICT_RETRY)
		goto later;
	if (e == OK)
		e = write_result(d, name, &answer, spool_name_format(name));
	if (e == OK && put_away(d, name, refused == OK))
		return true;
	log_event(LOG_DOOR_REFUSED, "door=folder code=%s where=in.folder.out", err_code(e != OK ? e : ERR_FULL));
later:
	d->retry_ms = clock_mono_ms() + SPOOL_IN_RETRY_MS;
	d->n_found = d->at = 0;		/* listed again then */
	return false;
}

/* -- the loop -- */

static int64_t
scan(struct spool_in *d)
{
	int64_t wait_ms = d->config->in_folder.scan_ms;

	d->n_found = d->at = 0;
	list(d, d->claimed_fd, true, &wait_ms);
	if (d->n_found == 0)
		list(d, d->in_fd, false, &wait_ms);
	else
		wait_ms = 0;	/* what was left over first */
	return wait_ms;
}

static int64_t
on_tick(void *arg)
{
	struct spool_in *d = arg;
	int64_t now_ms = clock_mono_ms();
	int turn = TURN_MAX;

	if (d->is_dead)
		return CLOCK_MINUTE;
	if (now_ms < d->retry_ms)
		return d->retry_ms - now_ms;
	if (d->at == d->n_found && now_ms >= d->scan_ms)
		d->scan_ms = now_ms + scan(d);
	while (d->at < d->n_found && turn-- > 0) {
		const struct found *f = &d->found[d->at++];

		if (faccessat(d->claimed_fd, f->name, F_OK, AT_SYMLINK_NOFOLLOW) < 0 && is_unfinished(d, f))
			continue;
		if (claim(d, f->name) && !take(d, f->name))
			return SPOOL_IN_RETRY_MS;
	}
	if (d->at < d->n_found)
		return 0;
	now_ms = clock_mono_ms();
	return d->scan_ms > now_ms ? d->scan_ms - now_ms : 0;
}

/* Something was written or moved in: look now. The events' own text is not needed. */
static void
on_notify(void *arg, int events)
{
	struct spool_in *d = arg;
	char bytes[4096];

	(void)events;
	while (read(d->notify_fd, bytes, sizeof(bytes)) > 0)
		;
	d->scan_ms = 0;
	loop_tick_now(d->host->loop, d);
}

/* -- opening -- */

static enum err
open_dir(const char *path, const char *key, int *ret_fd, struct why *why)
{
	*ret_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*ret_fd < 0)
		return why_set(why, err_from_errno(errno, ERR_CONFIG), key, "%s", strerror(errno));
	if (faccessat(*ret_fd, ".", W_OK | X_OK, 0) < 0)
		return why_set(why, err_from_errno(errno, ERR_CONFIG), key, "not writable");
	return OK;
}

static enum err
open_dirs(struct spool_in *d, struct why *why)
{
	const struct adapter_config *c = d->config;
	int out_fd = -1;
	enum err e;

	if ((size_t)snprintf(d->claimed_path, sizeof(d->claimed_path), "%s/.claimed-%s", c->in_folder.in_dir, c->agency) >=
	    sizeof(d->claimed_path))
		return why_set(why, ERR_CONFIG, "in.folder.in", "too long");
	if ((e = open_dir(c->in_folder.in_dir, "in.folder.in", &d->in_fd, why)) != OK ||
	    (e = open_dir(c->in_folder.done_dir, "in.folder.done", &d->done_fd, why)) != OK ||
	    (e = open_dir(c->in_folder.bad_dir, "in.folder.bad", &d->bad_fd, why)) != OK ||
	    (e = open_dir(c->in_folder.out_dir, "in.folder.out", &out_fd, why)) != OK)
		return e;
	close(out_fd);
	if (mkdir(d->claimed_path, 0700) < 0 && errno != EEXIST)
		return why_set(why, err_from_errno(errno, ERR_CONFIG), "in.folder.in", "%s", strerror(errno));
	return open_dir(d->claimed_path, "in.folder.in", &d->claimed_fd, why);
}

enum err
spool_in_open(const struct adapter_config *config, const struct door_host *host, struct spool_in **ret_door, struct why *why)
{
	struct spool_in *d = calloc(1, sizeof(*d));
	enum err e;

	*ret_door = NULL;
	if (!d)
		return ERR_NOMEM;
	d->config = config;
	d->host = host;
	d->in_fd = d->claimed_fd = d->done_fd = d->bad_fd = d->notify_fd = -1;
	if (!(d->mem = arena_new(ANSWER_ARENA)))
		e = ERR_NOMEM;
	else
		e = open_dirs(d, why);
	if (e != OK) {
		spool_in_close(d);
		return e;
	}
	d->notify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (d->notify_fd >= 0 && inotify_add_watch(d->notify_fd, config->in_folder.in_dir, IN_CLOSE_WRITE | IN_MOVED_TO) >= 0)
		d->item = loop_add_fd(host->loop, d->notify_fd, LOOP_IN, on_notify, d);	/* without it scans suffice */
	loop_add_tick(host->loop, on_tick, d);
	*ret_door = d;
	return OK;
}

void
spool_in_close(struct spool_in *d)
{
	const int fds[] = { d ? d->in_fd : -1, d ? d->claimed_fd : -1, d ? d->done_fd : -1, d ? d->bad_fd : -1,
			    d ? d->notify_fd : -1 };
	size_t i;

	if (!d)
		return;
	loop_del(d->host->loop, d->item);
	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	arena_free(d->mem);
	free(d);
}
