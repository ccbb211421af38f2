/* SPDX-License-Identifier: EUPL-1.2 */
/* spool_job - what a claimed file becomes. The order at its end counts: the answer, the files that were taken, the file itself, the rest; so
 * what a crash leaves of any of them says what it was.
 */
#include "adapters/core/spool_job.h"

#include <string.h>

#include "proto/base/log.h"

static enum spool_course
die(struct spool_job *job, enum err e)
{
	job->host->on_fatal(job->host->arg, e);
	return SPOOL_DEAD;
}

void
spool_job_end(struct spool_job *job)
{
	spool_set_close(job->set);
	spool_file_forget(&job->file);
	job->set = NULL;
	job->name[0] = '\0';
}

/* What came so far is kept with the files that were read; without any it is taken anew. */
static enum spool_course
later(struct spool_job *job)
{
	if (!job->set)
		spool_job_end(job);
	return SPOOL_LATER;
}

/* Give the file to the adapter. ret_refused OK: something of it was taken. */
static enum err
ask(struct spool_job *job, struct native *ret_answer, enum err *ret_refused)
{
	enum err e = job->e;

	arena_reset(job->mem);
	*ret_refused = e;
	job->native.enclosed = job->set ? spool_set_files(job->set) : NULL;
	if (e == OK && job->file.p)
		e = adapter_take(job->host->adapter, &job->native, "folder", NULL, job->mem, ret_answer, ret_refused);
	if (e != OK && !err_is_fatal(e)) {	/* too large, or its answer was */
		*ret_refused = e;
		arena_reset(job->mem);
		e = adapter_refuse(job->host->adapter, e, NULL, &job->native, "folder", job->mem, ret_answer);
		if (e != OK && !err_is_fatal(e)) {	/* not even that: it goes to bad_dir without a word */
			*ret_answer = (struct native){ 0 };
			e = OK;
		}
	}
	return e;
}

static enum spool_course
hindered(struct spool_job *job, enum err e, const char *where)
{
	log_event(LOG_DOOR_REFUSED, "door=folder code=%s where=%s", err_code(e), where);
	return later(job);
}

static enum spool_course
finish(struct spool_job *job)
{
	struct native answer = { 0 };
	enum err refused, e = ask(job, &answer, &refused);

	if (err_is_fatal(e))
		return die(job, e);
	if (refused != OK && err_verdict(refused) == VERDICT_RETRY)
		return later(job);
	if (e == OK && (e = spool_file_answer(job->config, job->name, &answer, job->native.format)) != OK)
		return hindered(job, e, "in.folder.out");
	if ((job->set && !spool_set_put_away(job->set, true)) ||
	    !spool_set_move(job->place->claimed_fd, refused == OK ? job->place->done_fd : job->place->bad_fd, job->name))
		return hindered(job, ERR_FULL, refused == OK ? "in.folder.done" : "in.folder.bad");
	if (job->set)
		(void)spool_set_put_away(job->set, false);	/* what stays is put away when it is found among the claimed ones */
	spool_job_end(job);
	return SPOOL_OVER;
}

enum spool_course
spool_job_go_on(struct spool_job *job)
{
	bool is_over = true;
	enum err e = job->set ? spool_set_run(job->set, &is_over) : OK;

	if (err_is_fatal(e))
		return die(job, e);
	if (e != OK)
		return later(job);
	return is_over ? finish(job) : SPOOL_GOES_ON;
}

enum spool_course
spool_job_begin(struct spool_job *job, const char *name, bool is_left_over)
{
	enum err e = OK;

	memcpy(job->name, name, strlen(name) + 1);
	job->e = spool_file_read(job->place->claimed_fd, name, job->config->in_folder.file_bytes, &job->n_unread, &job->file);
	job->native = spool_file_native(job->config, job->name, &job->file);
	if (job->e == OK && job->file.p)
		e = spool_set_open(job->place, job->host, &job->native, is_left_over, &job->set);
	if (err_is_fatal(e))
		return die(job, e);
	return e != OK ? later(job) : spool_job_go_on(job);
}

enum spool_course
spool_job_refuse(struct spool_job *job, const char *name, bool is_left_over)
{
	struct native in = spool_file_native(job->config, name, &(struct spool_bytes){ .p = NULL }), answer = { 0 };
	enum err e = OK;

	if (is_left_over)
		return spool_set_move(job->place->claimed_fd, job->place->bad_fd, name) ? SPOOL_OVER : later(job);
	arena_reset(job->mem);
	e = adapter_refuse(job->host->adapter, ERR_FILE_ALONE, NULL, &in, "folder", job->mem, &answer);
	if (err_is_fatal(e))
		return die(job, e);
	if (e == OK)
		e = spool_file_answer(job->config, name, &answer, in.format);
	return e == OK && spool_set_move(job->place->in_fd, job->place->bad_fd, name) ? SPOOL_OVER : later(job);
}
