/* SPDX-License-Identifier: EUPL-1.2 */
/* spool_in - a scan lists what has settled, oldest first; claimed files are then taken a few at a turn.
 *
 * The list in memory is only a hint: what counts is where a file lies. Names are data of others and go into no log.
 */
#define _GNU_SOURCE
#include "adapters/core/spool_in.h"

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
#include "adapters/core/spool_list.h"
#include "adapters/core/spool_name.h"
#include "adapters/core/spool_set.h"
#include "proto/base/clock.h"
#include "proto/base/daemon.h"
#include "proto/base/log.h"

#define TURN_MAX 4			/* files taken in one turn */
#define ANSWER_ARENA ((size_t)48 * 1024 * 1024)
#define RESULT_MODE 0640		/* the folder's group is the agency's system */
#define READ_TRIES 5

/* The claimed file that is being taken. */
struct job {
	char name[SPOOL_NAME_LEN];
	uint8_t *bytes;			/* NULL: there is none, or it vanished */
	size_t n;
	enum err e;			/* of its reading */
	struct native native;
	struct spool_set *set;		/* the files that it names; NULL: none */
};

struct spool_in {
	const struct adapter_config *config;
	const struct door_host *host;
	struct arena *mem;
	struct loop_item *item;
	char claimed_path[PATH_MAX];
	struct spool_place place;
	int notify_fd;
	struct job job;
	struct spool_list list;		/* of what is looked at one by one */
	size_t at;			/* in it */
	bool is_left_over;		/* they were claimed by the run before, or hindered since */
	int64_t scan_ms;		/* monotonic: when to look into in_dir */
	int64_t retry_ms;		/* monotonic: no claimed file is taken before */
	unsigned n_unread;		/* tries in a row at a file that the disk did not give */
	bool is_dead, is_told;
};

enum course { GOES_ON, LATER, OVER };			/* of the job */

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

static struct native
native_of(const struct spool_in *d, const char *name, const uint8_t *bytes, size_t n)
{
	return (struct native){
		.format = spool_name_format(name),
		.file = name,
		.charset = adapter_config_charset(d->config->in_folder.charset),
		.bytes = SPAN(bytes, n),
	};
}

static void
die(struct spool_in *d, enum err e)
{
	d->is_dead = true;
	d->host->on_fatal(d->host->arg, e);
}

/* Does it name files that are not here yet? */
static bool
lacks_files(struct spool_in *d, const struct spool_found *f, const struct native *table)
{
	int64_t wait_ms = d->config->in_folder.file_wait_ms;
	struct spool_set *set;
	enum err e = spool_set_open(&d->place, d->host, table, false, &set);
	bool lacks;

	if (err_is_fatal(e))
		die(d, e);
	if (e != OK)
		return true;
	lacks = set && !spool_set_is_here(set);
	spool_set_close(set);
	if (lacks) {	/* looked at again when one comes, and when its time is over */
		wait_ms += f->at_ms - clock_wall_ms();
		if (clock_mono_ms() + wait_ms < d->scan_ms)
			d->scan_ms = clock_mono_ms() + (wait_ms > 0 ? wait_ms : 0);
	}
	return lacks;
}

/* Does a settled file look as if its writer were not done, or wait for files that it names? Neither for ever: then what is there is taken, and
 * its sender hears what is not.
 */
static bool
is_early(struct spool_in *d, const struct spool_found *f)
{
	bool may_be_cut = !spool_list_has_waited(f->at_ms, spool_list_patience_ms(d->config));
	bool may_lack = !spool_list_has_waited(f->at_ms, d->config->in_folder.file_wait_ms);
	bool is_cut = false, lacks = false;
	struct native native;
	uint8_t *bytes;
	size_t n;

	if (f->is_beside || !(may_be_cut || may_lack))
		return f->is_beside && d->list.is_table_coming && !spool_list_has_waited(f->at_ms, 2 * d->config->in_folder.file_wait_ms);
	if (read_file(d, d->place.in_fd, f->name, &bytes, &n) != OK || !bytes)
		return false;
	native = native_of(d, f->name, bytes, n);
	is_cut = may_be_cut && !adapter_is_complete(d->host->adapter, f->name, native.bytes);
	lacks = !is_cut && may_lack && lacks_files(d, f, &native);
	d->list.is_table_coming = d->list.is_table_coming || is_cut || lacks;
	forget(bytes, n);
	return is_cut || lacks;
}

/* -- taking -- */

/* Claimed now, or claimed before: true. */
static bool
claim(struct spool_in *d, const char *name)
{
	if (faccessat(d->place.claimed_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return true;
	return renameat2(d->place.in_fd, name, d->place.claimed_fd, name, RENAME_NOREPLACE) == 0;
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

/* Give the file to the adapter. ret_refused OK: something of it was taken. */
static enum err
ask(struct spool_in *d, struct native *ret_answer, enum err *ret_refused)
{
	struct job *job = &d->job;
	enum err e = job->e;

	arena_reset(d->mem);
	*ret_refused = e;
	job->native.enclosed = job->set ? spool_set_files(job->set) : NULL;
	if (e == OK && job->bytes)
		e = adapter_take(d->host->adapter, &job->native, "folder", NULL, d->mem, ret_answer, ret_refused);
	if (e != OK && !err_is_fatal(e)) {	/* too large, or its answer was */
		*ret_refused = e;
		arena_reset(d->mem);
		e = adapter_refuse(d->host->adapter, e, NULL, &job->native, "folder", d->mem, ret_answer);
		if (e != OK && !err_is_fatal(e)) {	/* not even that: it goes to bad_dir without a word */
			*ret_answer = (struct native){ 0 };
			e = OK;
		}
	}
	return e;
}

static void
end_job(struct spool_in *d)
{
	spool_set_close(d->job.set);
	forget(d->job.bytes, d->job.n);
	d->job = (struct job){ .name = "" };
}

/* What came so far is kept with the files that were read; without any it is listed again. */
static enum course
later(struct spool_in *d)
{
	d->retry_ms = clock_mono_ms() + SPOOL_IN_RETRY_MS;
	if (!d->job.set) {
		end_job(d);
		d->list.n = d->at = 0;
	}
	return LATER;
}

/* The answer, then what was taken, the table, and the rest: what a crash leaves of any of them says what it was. */
static enum course
finish(struct spool_in *d)
{
	struct job *job = &d->job;
	struct native answer = { 0 };
	enum err refused, e = ask(d, &answer, &refused);

	if (err_is_fatal(e)) {
		die(d, e);
		return LATER;
	}
	if (refused != OK && err_verdict(refused) == VERDICT_RETRY)
		return later(d);
	if (e == OK)
		e = write_result(d, job->name, &answer, job->native.format);
	if (e != OK || (job->set && !spool_set_put_away(job->set, true)) ||
	    !spool_set_move(d->place.claimed_fd, refused == OK ? d->place.done_fd : d->place.bad_fd, job->name)) {
		log_event(LOG_DOOR_REFUSED, "door=folder code=%s where=in.folder.out", err_code(e != OK ? e : ERR_FULL));
		return later(d);
	}
	if (job->set)
		(void)spool_set_put_away(job->set, false);	/* what stays is put away when it is found among the claimed ones */
	end_job(d);
	return OVER;
}

static enum course
go_on(struct spool_in *d)
{
	bool is_over = true;
	enum err e = d->job.set ? spool_set_run(d->job.set, &is_over) : OK;

	if (err_is_fatal(e)) {
		die(d, e);
		return LATER;
	}
	if (e != OK)
		return later(d);
	return is_over ? finish(d) : GOES_ON;
}

/* A claimed file becomes the job. */
static enum course
take(struct spool_in *d, const char *name)
{
	struct job *job = &d->job;
	enum err e = OK;

	memcpy(job->name, name, strlen(name) + 1);
	job->e = read_file(d, d->place.claimed_fd, name, &job->bytes, &job->n);
	job->native = native_of(d, job->name, job->bytes, job->n);
	if (job->e == OK && job->bytes)
		e = spool_set_open(&d->place, d->host, &job->native, d->is_left_over, &job->set);
	if (err_is_fatal(e)) {
		die(d, e);
		return LATER;
	}
	return e != OK ? later(d) : go_on(d);
}

/* No table names it: its answer says so, and it is refused unread. It was never claimed, so what lies among the claimed ones was answered by its
 * table's result.
 */
static enum course
refuse_alone(struct spool_in *d, const char *name)
{
	struct native in = native_of(d, name, NULL, 0), answer = { 0 };
	enum err e = OK;

	if (d->is_left_over)
		return spool_set_move(d->place.claimed_fd, d->place.bad_fd, name) ? OVER : later(d);
	arena_reset(d->mem);
	e = adapter_refuse(d->host->adapter, ERR_FILE_ALONE, NULL, &in, "folder", d->mem, &answer);
	if (err_is_fatal(e)) {
		die(d, e);
		return LATER;
	}
	if (e == OK)
		e = write_result(d, name, &answer, in.format);
	return e == OK && spool_set_move(d->place.in_fd, d->place.bad_fd, name) ? OVER : later(d);
}

static enum course
take_found(struct spool_in *d, const struct spool_found *f)
{
	if (faccessat(d->is_left_over ? d->place.claimed_fd : d->place.in_fd, f->name, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return OVER;	/* a table took it along, or somebody else */
	if (!d->is_left_over && is_early(d, f))
		return d->is_dead ? LATER : OVER;
	if (adapter_beside(d->host->adapter, f->name) == BESIDE_ONLY)
		return refuse_alone(d, f->name);
	return claim(d, f->name) ? take(d, f->name) : OVER;
}

/* -- the loop -- */

static bool
look(struct spool_in *d, enum spool_which which, int64_t *wait_ms)
{
	return spool_list_scan(&d->list, &d->place, d->config, d->host->adapter, which, wait_ms);
}

static int64_t
scan(struct spool_in *d)
{
	int64_t wait_ms = d->config->in_folder.scan_ms;

	bool is_readable;

	d->at = 0;
	d->is_left_over = true;		/* first */
	is_readable = look(d, SPOOL_CLAIMED_TABLES, &wait_ms);
	if (is_readable && d->list.n == 0)
		is_readable = look(d, SPOOL_CLAIMED_BESIDE, &wait_ms);
	if (d->list.n > 0)
		return 0;
	d->is_left_over = false;
	is_readable = look(d, SPOOL_COMING, &wait_ms) && is_readable;
	if (!is_readable && !d->is_told)
		log_event(LOG_DOOR_REFUSED, "door=folder code=%s where=in.folder", err_code(ERR_NOTFOUND));
	d->is_told = !is_readable;
	return wait_ms;
}

static int64_t
on_tick(void *arg)
{
	struct spool_in *d = arg;
	int64_t now_ms = clock_mono_ms();
	enum course course = OVER;
	int turn = TURN_MAX;

	if (d->is_dead)
		return CLOCK_MINUTE;
	if (now_ms < d->retry_ms)
		return d->retry_ms - now_ms;
	if (d->job.name[0] != '\0')
		course = go_on(d);
	else if (d->at == d->list.n && now_ms >= d->scan_ms)
		d->scan_ms = now_ms + scan(d);
	while (course == OVER && d->at < d->list.n && turn-- > 0)
		course = take_found(d, &d->list.found[d->at++]);
	if (course == LATER)
		return SPOOL_IN_RETRY_MS;
	if (course == GOES_ON || d->at < d->list.n)
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
	if ((e = open_dir(c->in_folder.in_dir, "in.folder.in", &d->place.in_fd, why)) != OK ||
	    (e = open_dir(c->in_folder.done_dir, "in.folder.done", &d->place.done_fd, why)) != OK ||
	    (e = open_dir(c->in_folder.bad_dir, "in.folder.bad", &d->place.bad_fd, why)) != OK ||
	    (e = open_dir(c->in_folder.out_dir, "in.folder.out", &out_fd, why)) != OK)
		return e;
	close(out_fd);
	if (mkdir(d->claimed_path, 0700) < 0 && errno != EEXIST)
		return why_set(why, err_from_errno(errno, ERR_CONFIG), "in.folder.in", "%s", strerror(errno));
	return open_dir(d->claimed_path, "in.folder.in", &d->place.claimed_fd, why);
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
	d->place.settle_ms = config->in_folder.settle_ms;
	d->place.in_fd = d->place.claimed_fd = d->place.done_fd = d->place.bad_fd = d->notify_fd = -1;
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
	const int fds[] = { d ? d->place.in_fd : -1, d ? d->place.claimed_fd : -1, d ? d->place.done_fd : -1, d ? d->place.bad_fd : -1,
			    d ? d->notify_fd : -1 };
	size_t i;

	if (!d)
		return;
	loop_del(d->host->loop, d->item);
	end_job(d);
	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	arena_free(d->mem);
	free(d);
}
