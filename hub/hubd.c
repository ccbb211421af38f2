/* SPDX-License-Identifier: EUPL-1.2 */
/* hubd - builds the hub from its configuration and lets it run. All parts are fields, NULL until made, so one close copes
 * with any state. The effects of the core are done here: frames to peer, batches to the committer, lines to the log.
 */
#include <fcntl.h>
#include <getopt.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "config/config.h"
#include "hub/committer.h"
#include "hub/hub.h"
#include "hub/peer.h"
#include "hub/pinned.h"
#include "hub/service.h"
#include "proto/base/clock.h"
#include "proto/base/daemon.h"
#include "proto/base/log.h"
#include "proto/base/loop.h"

#define EX_USAGE 64
#define CHECKPOINT_MAX 4096
#define STOP_MS (4 * CLOCK_SECOND)	/* a good end takes a commit or two; one that hangs must not be waited for */
#define STOP_LOOK_MS 100
#define HEAP_KEPT (16 << 20)		/* free memory not given back to the system */
#define HEAP_PIECE (4 << 20)		/* larger pieces are mapped, and given back, one by one */

struct hubd {
	struct arena *mem;
	struct hub_config *config;
	struct key *log, *notice, *transport;
	struct rowkey *keys;
	struct journal *journal;
	struct loop *loop;
	struct committer *committer;
	struct hub *hub;
	struct peer *peer;
	struct service *service;
	int64_t started_ms;
	uint8_t pool[1024];		/* random bytes, drawn in rows */
	size_t pool_left;
	bool is_stopping;
	int64_t stop_by_ms;		/* by the steady clock */
	enum err fatal;			/* why the loop was stopped; OK: a signal */
};

/* -- the core's effects -- */

static enum err
do_send(void *arg, uint64_t conn, struct span frame)
{
	struct hubd *d = arg;

	return d->peer ? peer_send(d->peer, conn, frame) : ERR_PEER_DOWN;
}

static void
do_commit(void *arg, struct batch *batch)
{
	struct hubd *d = arg;

	committer_commit(d->committer, batch);
}

static void
do_log(void *arg, enum log_event event, const char *line)
{
	(void)arg;
	log_event(event, "%s", line);
}

static void
do_random(void *arg, void *to, size_t n)
{
	struct hubd *d = arg;

	if (d->pool_left < n) {
		for (size_t got = 0; got < sizeof(d->pool); ) {
			ssize_t r = getrandom(d->pool + got, sizeof(d->pool) - got, 0);

			got += r > 0 ? (size_t)r : 0;
		}
		d->pool_left = sizeof(d->pool);
	}
	d->pool_left -= n;
	memcpy(to, d->pool + d->pool_left, n);
}

/* -- events -- */

static enum zap_verdict
on_who(void *arg, const uint8_t key[32], const char *address, const char **ret_agency)
{
	struct hubd *d = arg;
	struct hub_status status;

	*ret_agency = hub_agency_of(d->hub, key);
	if (*ret_agency == NULL) {
		log_event(LOG_PEER_REFUSED, "address=%s code=%s", address, err_code(ERR_UNKNOWN_KEY));
		return ZAP_NEVER;
	}
	hub_get_status(d->hub, &status);
	if (status.peers >= d->config->transport.max_peers) {
		log_event(LOG_PEER_REFUSED, "address=%s code=%s", address, err_code(ERR_BUSY));
		return ZAP_LATER;
	}
	return ZAP_YES;
}

static void
on_frame(void *arg, uint64_t conn, const char *agency, struct span frame)
{
	struct hubd *d = arg;

	hub_on_frame(d->hub, conn, agency, frame, clock_wall_ms());
}

static void
on_drained(void *arg)
{
	struct hubd *d = arg;

	hub_flush(d->hub, clock_wall_ms());
}

static bool
on_may_take(void *arg)
{
	struct hubd *d = arg;

	return hub_may_take(d->hub);
}

static void
on_commit_done(void *arg, struct batch *batch, enum err e)
{
	struct hubd *d = arg;

	if ((e = hub_on_commit(d->hub, batch, e, clock_wall_ms())) != OK) {
		d->fatal = e;
		loop_stop(d->loop);
		return;
	}
	hub_flush(d->hub, clock_wall_ms());
	if (d->peer)
		peer_resume(d->peer);
	if (d->is_stopping && hub_is_idle(d->hub))
		loop_stop(d->loop);
}

/* The store may grow to its map, or as far as its disk goes. */
static void
look_at_room(struct hubd *d)
{
	uint64_t total = d->config->store_map_bytes;
	struct statvfs fs;

	if (statvfs(d->config->store_dir, &fs) == 0 && fs.f_blocks > 0 && total / fs.f_frsize > fs.f_blocks)
		total = fs.f_blocks * fs.f_frsize;
	hub_set_room(d->hub, journal_room(d->journal), total);
}

/* A commit that does not come back: as with a crash, the next start says so. */
static int64_t
look_at_end(const struct hubd *d)
{
	if (clock_mono_ms() > d->stop_by_ms) {
		log_event(LOG_FATAL, "code=%s what=stop why=\"a commit does not end\"", err_code(ERR_STORE));
		_exit(err_exit_code(ERR_STORE));
	}
	return STOP_LOOK_MS;
}

static int64_t
on_tick(void *arg)
{
	struct hubd *d = arg;
	int64_t next;

	if (d->is_stopping)
		return look_at_end(d);
	if (peer_watch(d->peer) != OK) {
		log_event(LOG_FATAL, "code=%s what=zap why=\"nobody can get in\"", err_code(ERR_SYSTEM));
		d->fatal = ERR_SYSTEM;
		loop_stop(d->loop);
		return STOP_LOOK_MS;
	}
	next = hub_on_tick(d->hub, clock_wall_ms());
	look_at_room(d);
	hub_flush(d->hub, clock_wall_ms());
	return next;
}

static enum err
reload(void *arg, size_t *ret_bad_sheets, struct why *why)
{
	struct hubd *d = arg;
	struct pinned_self self = {
		d->config->origin, key_public(d->log), key_public(d->notice), key_public(d->transport),
	};
	enum err e = pinned_load(d->config, &self, d->hub, clock_wall_ms(), ret_bad_sheets, why);

	if (*ret_bad_sheets > 0)
		log_event(LOG_SHEETS, "bad=%zu", *ret_bad_sheets);
	hub_flush(d->hub, clock_wall_ms());
	return e;
}

static void
on_hup(void *arg)
{
	struct why why = { .where = "" };
	struct hubd *d = arg;
	size_t bad;
	enum err e;

	if (d->is_stopping)
		return;
	if ((e = reload(arg, &bad, &why)) != OK)
		log_event(LOG_RELOAD, "code=%s why=\"%s: %s\"", err_code(e), why.where, why.text);
}

/* -- making -- */

static enum err
load_key(struct hubd *d, enum key_use use, struct key **ret_key, struct why *why)
{
	const char *path = arena_fmt(d->mem, "%s/%s.key", d->config->keys_dir, key_use_name(use));

	return path ? key_load(path, use, ret_key, why) : ERR_NOMEM;
}

/* The copy outside the store shows whether the store is an older one, put back. */
static enum err
check_outside(struct hubd *d, struct why *why)
{
	uint8_t note[CHECKPOINT_MAX];
	int fd = d->config->checkpoint_file ? open(d->config->checkpoint_file, O_RDONLY | O_CLOEXEC) : -1;
	ssize_t n;

	if (fd < 0)
		return OK;	/* the first start */
	n = read(fd, note, sizeof(note));
	close(fd);
	return n > 0 ? journal_check_outside(d->journal, SPAN(note, (size_t)n), why) : OK;
}

static enum err
open_journal(struct hubd *d, struct why *why)
{
	struct journal_options options = { .origin = d->config->origin, .log = d->log };
	enum err e;

	if ((e = rowkey_open(d->config->kek_dir, false, &d->keys, why)) != OK)
		return e;
	options.keys = d->keys;
	if ((e = journal_open_lmdb(&options, d->config->store_dir, d->config->store_map_bytes, &d->journal, why)) != OK)
		return e;
	return check_outside(d, why);
}

static enum err
open_hub(struct hubd *d, struct why *why)
{
	struct committer_options committer = {
		.loop = d->loop, .journal = d->journal, .checkpoint_file = d->config->checkpoint_file,
		.on_done = on_commit_done, .arg = d,
	};
	struct hub_options hub = {
		.config = d->config, .journal = d->journal, .version = NASOKA_VERSION, .now_ms = clock_wall_ms(),
		.doer = { d, do_send, do_commit, do_log, do_random }, .notice_key = d->notice,
	};
	size_t bad;
	enum err e;

	if ((e = committer_start(&committer, &d->committer)) != OK || (e = hub_new(&hub, &d->hub, why)) != OK)
		return e;
	look_at_room(d);
	hub_log_service(d->hub, LEAF_START, clock_wall_ms());
	return reload(d, &bad, why);
}

static enum err
hubd_open(struct hubd *d, struct why *why)
{
	struct peer_options peer = {
		.arg = d, .who = on_who, .on_frame = on_frame, .on_drained = on_drained, .may_take = on_may_take,
	};
	struct service_options service = { .version = NASOKA_VERSION, .reload = reload, .arg = d };
	enum err e;

	if ((e = daemon_init()) != OK || (e = loop_new(&d->loop)) != OK ||
	    (e = loop_catch_signals(d->loop, on_hup, d)) != OK ||	/* before any thread starts */
	    (e = load_key(d, KEY_LOG, &d->log, why)) != OK || (e = load_key(d, KEY_NOTICE, &d->notice, why)) != OK ||
	    (e = load_key(d, KEY_TRANSPORT, &d->transport, why)) != OK || (e = open_journal(d, why)) != OK ||
	    (e = open_hub(d, why)) != OK)
		return e;
	peer.loop = service.loop = d->loop;
	peer.config = d->config;
	peer.transport = d->transport;
	if ((e = peer_open(&peer, &d->peer, why)) != OK)
		return e;
	service.hub = d->hub;
	service.path = d->config->control_socket;
	service.origin = d->config->origin;
	service.started_ms = d->started_ms;
	if ((e = service_open(&service, &d->service, why)) != OK)
		return e;
	loop_add_tick(d->loop, on_tick, d);
	return OK;
}

/* No further frame is taken; what was taken is committed and answered. A good end is on record too: its leaf is the last one,
 * and the loop goes on until it is durable. So nothing may come after it: no tick, no operator.
 */
static void
stop_in_order(struct hubd *d)
{
	daemon_stopping();
	log_event(LOG_STOP, "reason=signal");
	service_close(d->service);
	d->service = NULL;
	peer_stop(d->peer);
	d->is_stopping = true;
	d->stop_by_ms = clock_mono_ms() + STOP_MS;
	loop_tick_now(d->loop, d);
	hub_log_service(d->hub, LEAF_STOP, clock_wall_ms());
	hub_flush(d->hub, clock_wall_ms());
	loop_run(d->loop);
}

static void
hubd_close(struct hubd *d)
{
	service_close(d->service);
	peer_close(d->peer);
	committer_stop(d->committer);
	hub_free(d->hub);
	if (d->fatal == OK)
		journal_close(d->journal);
	else
		journal_crash(d->journal);
	rowkey_close(d->keys);
	loop_free(d->loop);
	key_free(d->transport);
	key_free(d->notice);
	key_free(d->log);
	arena_free(d->mem);
}

static int
serve(struct hubd *d)
{
	struct why why = { .where = "" };
	enum err e;

	d->started_ms = clock_wall_ms();
	log_set_level(d->config->log_level);
	log_event(LOG_START, "program=nasoka-hub version=%s", NASOKA_VERSION);
	if ((e = hubd_open(d, &why)) != OK) {
		log_event(LOG_FATAL, "code=%s what=start why=\"%s: %s\"", err_code(e), why.where,
			  why.text[0] ? why.text : err_text(e, LANG_EN));
		d->fatal = e;
		return err_exit_code(e);
	}
	log_event(LOG_READY, "ms=%lld", (long long)(clock_wall_ms() - d->started_ms));
	daemon_ready(d->loop, "serving");
	loop_run(d->loop);
	if (d->fatal == OK)
		stop_in_order(d);
	return d->fatal == OK ? 0 : err_exit_code(d->fatal);
}

static void
usage(FILE *to)
{
	fputs("Usage: nasoka-hub --config FILE [--check-config | --print-config]\n       nasoka-hub --version\n", to);
}

/* True to go on; else *ret_exit. */
static bool
parse_options(int argc, char **argv, struct config_start *start, int *ret_exit)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' }, { "check-config", no_argument, NULL, 'k' },
		{ "print-config", no_argument, NULL, 'p' }, { "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 },
	};
	int c;

	*ret_exit = 0;
	while ((c = getopt_long(argc, argv, "c:", options, NULL)) != -1) {
		if (c == 'c') {
			start->file = optarg;
		} else if (c == 'k') {
			start->mode = CONFIG_CHECK;
		} else if (c == 'p') {
			start->mode = CONFIG_PRINT;
		} else if (c == 'v') {
			puts("nasoka-hub " NASOKA_VERSION);
			return false;
		} else {
			*ret_exit = c == 'h' ? 0 : EX_USAGE;
			usage(c == 'h' ? stdout : stderr);
			return false;
		}
	}
	if (start->file && optind == argc)
		return true;
	usage(stderr);
	*ret_exit = EX_USAGE;
	return false;
}

int
main(int argc, char **argv)
{
	struct config_start start = { .mode = CONFIG_RUN };
	struct hubd d = { .mem = arena_new(CONFIG_ARENA_BYTES) };
	int code = err_exit_code(ERR_NOMEM);

	if (d.mem == NULL)
		return code;
	if (!parse_options(argc, argv, &start, &code) || !config_start_hub(&start, d.mem, &d.config, &code)) {
		arena_free(d.mem);
		return code;
	}
	/* each event's and batch's memory would otherwise be faulted in anew, a tenth of the CPU time under load */
	(void)mallopt(M_TRIM_THRESHOLD, HEAP_KEPT);
	(void)mallopt(M_MMAP_THRESHOLD, HEAP_PIECE);
	code = serve(&d);
	hubd_close(&d);
	return code;
}
