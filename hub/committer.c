/* SPDX-License-Identifier: EUPL-1.2 */
/* committer - one mutex, one batch in, one batch out. */
#include "hub/committer.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "proto/base/clock.h"
#include "proto/base/daemon.h"

#define OUTSIDE_EVERY_MS CLOCK_SECOND
#define NOTE_BYTES 2048

struct committer {
	struct committer_options o;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct bell *bell;
	struct batch *todo, *done;	/* NULL when idle */
	enum err result;
	bool is_stopping;
	/* the thread's own */
	uint8_t note[NOTE_BYTES];
	size_t note_n;
	bool is_new;			/* the note is not in the file */
	int64_t written_ms;
};

/* Loss of this file costs a check, not a message: a failure is tried again with the next checkpoint. */
static void
write_outside(struct committer *c, bool now)
{
	if (!c->is_new || c->o.checkpoint_file == NULL || (!now && clock_mono_ms() - c->written_ms < OUTSIDE_EVERY_MS))
		return;
	if (daemon_write_file(c->o.checkpoint_file, c->note, c->note_n, 0644) == OK)
		c->is_new = false;
	c->written_ms = clock_mono_ms();
}

static void
commit(struct committer *c, struct batch *b)
{
	enum err e = journal_commit(c->o.journal, b);

	if (e == OK && b->checkpoint.n <= sizeof(c->note)) {
		memcpy(c->note, b->checkpoint.p, b->checkpoint.n);
		c->note_n = b->checkpoint.n;
		c->is_new = true;
	}
	pthread_mutex_lock(&c->lock);
	c->result = e;
	c->done = b;
	pthread_mutex_unlock(&c->lock);
	bell_ring(c->bell);
}

static struct batch *
wait_for_batch(struct committer *c, bool *ret_is_stopping)
{
	struct batch *b;
	struct timespec until;

	pthread_mutex_lock(&c->lock);
	while (c->todo == NULL && !c->is_stopping) {
		if (!c->is_new) {
			pthread_cond_wait(&c->changed, &c->lock);
			continue;
		}
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec += 1;
		if (pthread_cond_timedwait(&c->changed, &c->lock, &until) == ETIMEDOUT)
			break;
	}
	b = c->todo;
	c->todo = NULL;
	*ret_is_stopping = c->is_stopping;
	pthread_mutex_unlock(&c->lock);
	return b;
}

static void *
run(void *arg)
{
	struct committer *c = arg;
	bool is_stopping = false;

	while (!is_stopping) {
		struct batch *b = wait_for_batch(c, &is_stopping);

		if (b)
			commit(c, b);
		write_outside(c, is_stopping);
	}
	return NULL;
}

static void
on_bell(void *arg, int events)
{
	struct committer *c = arg;
	struct batch *b;
	enum err e;

	(void)events;
	pthread_mutex_lock(&c->lock);
	b = c->done;
	e = c->result;
	c->done = NULL;
	pthread_mutex_unlock(&c->lock);
	if (b)
		c->o.on_done(c->o.arg, b, e);
}

enum err
committer_start(const struct committer_options *options, struct committer **ret_committer)
{
	struct committer *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return ERR_NOMEM;
	c->o = *options;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->changed, NULL);
	if ((c->bell = loop_add_bell(options->loop, on_bell, c)) == NULL || pthread_create(&c->thread, NULL, run, c) != 0) {
		free(c);
		return ERR_SYSTEM;
	}
	*ret_committer = c;
	return OK;
}

void
committer_commit(struct committer *c, struct batch *batch)
{
	pthread_mutex_lock(&c->lock);
	assert(c->todo == NULL && c->done == NULL);
	c->todo = batch;
	pthread_cond_signal(&c->changed);
	pthread_mutex_unlock(&c->lock);
}

void
committer_stop(struct committer *c)
{
	if (c == NULL)
		return;
	pthread_mutex_lock(&c->lock);
	c->is_stopping = true;
	pthread_cond_signal(&c->changed);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	pthread_cond_destroy(&c->changed);
	pthread_mutex_destroy(&c->lock);
	free(c);
}
