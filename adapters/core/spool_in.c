/* SPDX-License-Identifier: EUPL-1.2 */
/* spool_in - a scan lists what has settled, oldest first; claimed files are then taken a few at a turn.
 *
 * The list in memory is only a hint: what counts is where a file lies. Names are data of others and go into no log.
 */
#define _GNU_SOURCE
#include "adapters/core/spool_in.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/core/spool_file.h"
#include "adapters/core/spool_job.h"
#include "adapters/core/spool_list.h"
#include "adapters/core/spool_set.h"
#include "proto/base/clock.h"
#include "proto/base/log.h"

#define TURN_MAX 4			/* files taken in one turn */
#define ANSWER_ARENA ((size_t)48 * 1024 * 1024)

struct spool_in {
	const struct adapter_config *config;
	const struct door_host *host;
	struct loop_item *item;
	struct spool_place place;
	int notify_fd;
	struct spool_job job;
	struct spool_list list;		/* of what is looked at one by one */
	size_t at;			/* in it */
	bool is_left_over;		/* they were claimed by the run before, or hindered since */
	int64_t scan_ms;		/* monotonic: when to look into in_dir */
	int64_t retry_ms;		/* monotonic: no claimed file is taken before */
	bool is_dead, is_told;
	bool is_lost;			/* told that one of the folders is not there */
};

/* -- waiting -- */

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
	struct spool_bytes file;
	struct native native;

	if (f->is_beside || !(may_be_cut || may_lack))
		return f->is_beside && d->list.is_table_coming && !spool_list_has_waited(f->at_ms, 2 * d->config->in_folder.file_wait_ms);
	if (spool_file_read(d->place.in_fd, f->name, d->config->in_folder.file_bytes, &d->job.n_unread, &file) != OK || !file.p)
		return false;
	native = spool_file_native(d->config, f->name, &file);
	is_cut = may_be_cut && !adapter_is_complete(d->host->adapter, f->name, native.bytes);
	lacks = !is_cut && may_lack && lacks_files(d, f, &native);
	d->list.is_table_coming = d->list.is_table_coming || is_cut || lacks;
	spool_file_forget(&file);
	return is_cut || lacks;
}

/* -- finding -- */

/* Claimed now, or claimed before: true. */
static bool
claim(struct spool_in *d, const char *name)
{
	if (faccessat(d->place.claimed_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return true;
	return renameat2(d->place.in_fd, name, d->place.claimed_fd, name, RENAME_NOREPLACE) == 0;
}

static enum spool_course
take_found(struct spool_in *d, const struct spool_found *f)
{
	if (faccessat(d->is_left_over ? d->place.claimed_fd : d->place.in_fd, f->name, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return SPOOL_OVER;	/* a table took it along, or somebody else */
	if (!d->is_left_over && is_early(d, f))
		return d->is_dead ? SPOOL_DEAD : SPOOL_OVER;
	if (adapter_beside(d->host->adapter, f->name) == BESIDE_ONLY)
		return spool_job_refuse(&d->job, f->name, d->is_left_over);
	return claim(d, f->name) ? spool_job_begin(&d->job, f->name, d->is_left_over) : SPOOL_OVER;
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

static void
watch(struct spool_in *d)
{
	if (d->notify_fd >= 0 && inotify_add_watch(d->notify_fd, d->config->in_folder.in_dir, IN_CLOSE_WRITE | IN_MOVED_TO) >= 0 && !d->item)
		d->item = loop_add_fd(d->host->loop, d->notify_fd, LOOP_IN, on_notify, d);	/* without it scans suffice */
}

/* Another folder under the old name? What was under way in the old one lies there, or is gone with it; files come in the new one. False: one of them is
 * not there, so nothing is taken. */
static bool
renew(struct spool_in *d)
{
	struct why why = { .where = "" };
	bool is_moved;
	enum err e = spool_place_renew(&d->place, d->config, &is_moved, &why);

	if (is_moved) {
		spool_job_end(&d->job);
		d->list.n = d->at = 0;
		watch(d);
	}
	if (e != OK && !d->is_lost)
		log_event(LOG_DOOR_REFUSED, "door=folder code=%s where=%s", err_code(e), why.where);
	d->is_lost = e != OK;
	return e == OK;
}

/* What has no job of its own any more is found again. */
static void
put_off(struct spool_in *d)
{
	d->retry_ms = clock_mono_ms() + SPOOL_IN_RETRY_MS;
	if (d->job.name[0] == '\0')
		d->list.n = d->at = 0;
}

static int64_t
on_tick(void *arg)
{
	struct spool_in *d = arg;
	int64_t now_ms = clock_mono_ms();
	enum spool_course course = SPOOL_OVER;
	int turn = TURN_MAX;

	if (d->is_dead)
		return CLOCK_MINUTE;
	if (now_ms < d->retry_ms)
		return d->retry_ms - now_ms;
	if ((d->retry_ms > 0 || (d->job.name[0] == '\0' && d->at == d->list.n && now_ms >= d->scan_ms)) && !renew(d)) {
		put_off(d);
		return SPOOL_IN_RETRY_MS;
	}
	d->retry_ms = 0;
	if (d->job.name[0] != '\0')
		course = spool_job_go_on(&d->job);
	else if (d->at == d->list.n && now_ms >= d->scan_ms)
		d->scan_ms = now_ms + scan(d);
	while (course == SPOOL_OVER && d->at < d->list.n && turn-- > 0)
		course = take_found(d, &d->list.found[d->at++]);
	d->is_dead = course == SPOOL_DEAD;
	if (course == SPOOL_LATER)
		put_off(d);
	if (course == SPOOL_LATER || course == SPOOL_DEAD)
		return SPOOL_IN_RETRY_MS;
	if (course == SPOOL_GOES_ON || d->at < d->list.n)
		return 0;
	now_ms = clock_mono_ms();
	return d->scan_ms > now_ms ? d->scan_ms - now_ms : 0;
}

/* -- opening -- */

/* The answers' folder is opened anew for each: here only to say at once where it cannot be. */
static enum err
check_out(const struct adapter_config *c, struct why *why)
{
	if (access(c->in_folder.out_dir, W_OK | X_OK) < 0)
		return why_set(why, err_from_errno(errno, ERR_CONFIG), "in.folder.out", "%s", strerror(errno));
	return OK;
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
	d->notify_fd = -1;
	e = spool_place_open(&d->place, config, why);
	d->job = (struct spool_job){ .config = config, .host = host, .place = &d->place, .mem = arena_new(ANSWER_ARENA) };
	if (e == OK && !d->job.mem)
		e = ERR_NOMEM;
	if (e == OK)
		e = check_out(config, why);
	if (e != OK) {
		spool_in_close(d);
		return e;
	}
	d->notify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	watch(d);
	loop_add_tick(host->loop, on_tick, d);
	*ret_door = d;
	return OK;
}

void
spool_in_close(struct spool_in *d)
{
	if (!d)
		return;
	loop_del(d->host->loop, d->item);
	spool_job_end(&d->job);
	spool_place_close(&d->place);
	if (d->notify_fd >= 0)
		close(d->notify_fd);
	arena_free(d->job.mem);
	free(d);
}
