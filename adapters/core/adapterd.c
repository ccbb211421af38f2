/* SPDX-License-Identifier: EUPL-1.2 */
/* adapterd - builds the adapter from its configuration and lets it run. All parts are fields, NULL until made, so one drop
 * copes with any state.
 */
#include "adapters/core/adapterd.h"

#include <assert.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/core/adapter.h"
#include "adapters/core/control.h"
#include "adapters/core/doors.h"
#include "adapters/core/resume.h"
#include "adapters/core/roster_files.h"
#include "adapters/core/services_view.h"
#include "adapters/core/sheet_files.h"
#include "adapters/core/storage.h"
#include "adapters/core/uplink.h"
#include "config/config.h"
#include "proto/base/clock.h"
#include "proto/base/daemon.h"
#include "proto/base/log.h"
#include "proto/base/loop.h"

#define EX_USAGE 64
#define SMALL_FILE_MAX (8 * 1024 * 1024)

struct adapterd {
	const struct sector *sector;
	struct arena *mem;			/* configuration, file contents: for life */
	struct adapter_config *config;
	struct key *signing, *transport, *local;
	struct keychest *chest;
	struct store *store;
	struct contacts *contacts;
	struct loop *loop;
	struct doors *doors;
	struct uplink *uplink;
	struct control *control;
	struct adapter *adapter;
	enum err fatal;				/* why the loop was stopped; OK: a signal */
};

/* -- links -- */

static int64_t
link_now(void *arg)
{
	(void)arg;
	return clock_wall_ms();
}

static void
link_random(void *arg, void *to, size_t n)
{
	uint8_t *p = to;

	(void)arg;
	while (n > 0) {
		ssize_t got = getrandom(p, n, 0);

		if (got > 0) {
			p += got;
			n -= (size_t)got;
		}
	}
}

static void
link_tell(void *arg, enum log_event event, const char *text)
{
	(void)arg;
	log_event(event, "%s", text);
}

static enum err
link_roster(void *arg, const char *file, struct arena *mem, struct span *ret_bytes)
{
	struct adapterd *d = arg;

	return roster_files_read(d->config->roster_dir, file, mem, ret_bytes);
}

static enum err
link_send(void *arg, struct span frame)
{
	struct adapterd *d = arg;

	return d->uplink ? uplink_send(d->uplink, frame) : ERR_BUSY;
}

/* -- events -- */

static void
on_fatal(void *arg, enum err e)
{
	struct adapterd *d = arg;

	if (d->fatal == OK)
		d->fatal = e;
	loop_stop(d->loop);
}

static int64_t
on_tick(void *arg)
{
	struct adapterd *d = arg;
	int64_t next = CLOCK_SECOND;
	enum err e;

	if ((e = adapter_on_tick(d->adapter, &next)) != OK)
		on_fatal(d, e);
	return next;
}

static enum err
on_up(void *arg)
{
	struct adapterd *d = arg;

	return adapter_on_up(d->adapter);
}

static void
on_down(void *arg)
{
	struct adapterd *d = arg;

	log_event(LOG_UPLINK_DOWN, "reason=transport");
	adapter_on_down(d->adapter);
}

static enum err
on_frame(void *arg, struct span frame)
{
	struct adapterd *d = arg;
	enum err e = adapter_on_frame(d->adapter, frame);

	loop_tick_now(d->loop, d);	/* what came may be handed over at once */
	return e;
}

/* -- making -- */

static enum err
read_file(struct adapterd *d, const char *path, struct span *ret_bytes, struct why *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	uint8_t *p = NULL;
	size_t got = 0;
	ssize_t n = 0;
	enum err e = OK;

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		e = why_set(why, ERR_NOTFOUND, path, "cannot be read");
		goto out;
	}
	if (st.st_size > SMALL_FILE_MAX || (p = arena_alloc(d->mem, (size_t)st.st_size + 1)) == NULL) {
		e = why_set(why, ERR_TOOBIG, path, "more than %d bytes", SMALL_FILE_MAX);
		goto out;
	}
	while (got < (size_t)st.st_size && (n = read(fd, p + got, (size_t)st.st_size - got)) > 0)
		got += (size_t)n;
	*ret_bytes = SPAN(p, got);
	if (n < 0)
		e = why_set(why, ERR_SYSTEM, path, "cannot be read");
out:
	if (fd >= 0)
		close(fd);
	return e;
}

static enum err
load_key(struct adapterd *d, enum key_use use, struct key **ret_key, struct why *why)
{
	const char *path = arena_fmt(d->mem, "%s/%s.key", d->config->keys_dir, key_use_name(use));

	return path ? key_load(path, use, ret_key, why) : ERR_NOMEM;
}

static enum err
open_store(struct adapterd *d, struct why *why)
{
	static const char *const tables[] = { ADAPTER_TABLE_NAMES };
	struct store_options options = {
		.path = d->config->store_dir,
		.tables = tables,
		.map_bytes = d->config->store_map_bytes,
		.schema = ADAPTER_SCHEMA,
	};

	return store_open(&options, &d->store, why);
}

static enum err
open_contacts(struct adapterd *d, struct why *why)
{
	struct span trust, note;
	enum err e;

	if ((e = read_file(d, d->config->trust_file, &trust, why)) != OK ||
	    (e = read_file(d, d->config->directory_file, &note, why)) != OK)
		return e;
	if ((e = contacts_open(d->store, trust, note, clock_wall_ms(), &d->contacts, why)) != OK || d->config->sheets_dir == NULL)
		return e;
	return sheet_files_take(d->config->sheets_dir, d->contacts, clock_wall_ms(), why);
}

static enum err
open_adapter(struct adapterd *d, struct why *why)
{
	struct adapter_parts parts = {
		.config = d->config,
		.sector = d->sector,
		.store = d->store,
		.contacts = d->contacts,
		.signing = d->signing,
		.local = d->local,
		.links = { d, link_now, link_random, link_send, link_tell, d->config->roster_dir ? link_roster : NULL },
	};
	enum err e;

	parts.chest = d->chest;
	if ((e = doors_open_out(d->config, d->loop, on_fatal, d, parts.doors, &d->doors, why)) != OK)
		return e;
	parts.mailer = doors_mailer(d->doors);
	if ((e = adapter_new(&parts, &d->adapter, why)) != OK)
		return e;
	return doors_open_in(d->doors, d->adapter, why);
}

static enum err
open_uplink(struct adapterd *d)
{
	const struct adapter_config *c = d->config;
	struct uplink_options options = {
		.hubs = c->hubs,
		.n_hubs = c->n_hubs,
		.transport = d->transport,
		.hub_key = contacts_directory(d->contacts)->curve,
		.handshake_ms = c->transport.handshake_ms,
		.silent_ms = c->transport.silent_ms,
		.reconnect_min_ms = c->transport.reconnect_min_ms,
		.reconnect_max_ms = c->transport.reconnect_max_ms,
		.arg = d,
		.on_up = on_up,
		.on_down = on_down,
		.on_frame = on_frame,
		.on_fatal = on_fatal,
	};

	return uplink_open(&options, d->loop, &d->uplink);
}

static enum err
open_control(struct adapterd *d, struct why *why)
{
	const struct control_options options = { d->config->control_socket, d->loop, d->adapter, on_fatal, d };

	return control_open(&options, &d->control, why);
}

/* What is wrong in the file stops the start: it is configuration. */
static enum err
announce_services(struct adapterd *d, struct why *why)
{
	struct span text;
	enum err e = read_file(d, d->config->services_file, &text, why);

	if (e == OK && (e = services_view_file(d->adapter, text, why)) != OK && !err_is_fatal(e)) {
		log_event(LOG_ANNOUNCE_REFUSED, "agency=%s service=? code=%s where=%s", d->config->agency, err_code(e), why->where);
		e = ERR_CONFIG;
	}
	return e;
}

static enum err
adapterd_open(struct adapterd *d, struct why *why)
{
	enum err e;

	if ((e = daemon_init()) != OK || (e = loop_new(&d->loop)) != OK ||
	    (e = loop_catch_signals(d->loop, NULL, NULL)) != OK ||	/* before any thread starts */
	    (e = load_key(d, KEY_SIGNING, &d->signing, why)) != OK ||
	    (e = keychest_open(d->config->keys_dir, d->config->agency, d->signing, &d->chest, why)) != OK ||
	    (e = load_key(d, KEY_TRANSPORT, &d->transport, why)) != OK || (e = load_key(d, KEY_LOCAL, &d->local, why)) != OK ||
	    (e = open_store(d, why)) != OK || (e = open_contacts(d, why)) != OK || (e = open_adapter(d, why)) != OK ||
	    (e = open_uplink(d)) != OK)
		return e;
	if (d->config->services_file && (e = announce_services(d, why)) != OK)
		return e;
	return open_control(d, why);
}

static void
adapterd_close(struct adapterd *d)
{
	control_close(d->control);
	uplink_close(d->uplink);
	doors_close(d->doors);
	adapter_free(d->adapter);
	contacts_free(d->contacts);
	store_close(d->store);
	loop_free(d->loop);
	key_free(d->local);
	key_free(d->transport);
	keychest_close(d->chest);
	key_free(d->signing);
	arena_free(d->mem);
}

/* What the run before left, said once: how it ended, and what there is to do of it. */
static enum err
say_resumed(struct adapterd *d, struct why *why)
{
	int64_t now_ms = clock_wall_ms();
	struct adapter_status status;
	struct resumed r;
	enum err e;

	adapter_status(d->adapter, &status);
	if ((e = resume_begin(d->store, now_ms, &r)) != OK)
		return why_set(why, e, d->config->store_dir, "the first commit of this run failed");
	log_event(LOG_RESUMED, "last=%s pending=%llu unregistered=%llu waiting=%llu down_s=%lld", resume_last_name(r.last),
		  (unsigned long long)status.pending, (unsigned long long)status.unregistered,
		  (unsigned long long)status.egress_waiting,
		  r.last_ms > 0 && now_ms > r.last_ms ? (long long)((now_ms - r.last_ms) / CLOCK_SECOND) : 0LL);
	return OK;
}

/* -- the command line -- */

static void
usage(FILE *to, const char *program)
{
	fprintf(to,
		"Usage: %s --config FILE [--check-config | --print-config]\n"
		"       %s --version\n", program, program);
}

static enum adapter_sector
sector_of(const char *name)
{
	static const char *const names[] = {
		[ADAPTER_SOCIAL] = "social", [ADAPTER_HEALTH] = "health", [ADAPTER_EDUCATION] = "education",
	};
	const size_t n = sizeof(names) / sizeof(names[0]);
	size_t i = 0;

	while (i < n && strcmp(names[i], name) != 0)
		i++;
	assert(i < n);	/* the configuration must know each sector */
	return (enum adapter_sector)i;
}

/* True to go on; else *ret_exit. */
static bool
parse_options(int argc, char **argv, const char *program, struct config_start *start, int *ret_exit)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check-config", no_argument, NULL, 'k' },
		{ "print-config", no_argument, NULL, 'p' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	*ret_exit = 0;
	while ((c = getopt_long(argc, argv, "c:", options, NULL)) != -1) {
		switch (c) {
		case 'c':
			start->file = optarg;
			break;
		case 'k':
			start->mode = CONFIG_CHECK;
			break;
		case 'p':
			start->mode = CONFIG_PRINT;
			break;
		case 'v':
			printf("%s %s\n", program, NASOKA_VERSION);
			return false;
		case 'h':
			usage(stdout, program);
			return false;
		default:
			usage(stderr, program);
			*ret_exit = EX_USAGE;
			return false;
		}
	}
	if (start->file != NULL && optind == argc)
		return true;
	usage(stderr, program);
	*ret_exit = EX_USAGE;
	return false;
}

int
adapterd_main(int argc, char **argv, const struct sector *sector)
{
	struct config_start start = { .mode = CONFIG_RUN };
	struct adapterd d = { .sector = sector };
	int64_t begun = clock_mono_ms();
	struct why why = { 0 };
	char program[64];
	int code = 0;
	enum err e;

	snprintf(program, sizeof(program), "nasoka-%s", sector->name);
	if (!parse_options(argc, argv, program, &start, &code))
		return code;
	if ((d.mem = arena_new(CONFIG_ARENA_BYTES + 3 * SMALL_FILE_MAX)) == NULL)
		return err_exit_code(ERR_NOMEM);
	if (!config_start_adapter(&start, sector_of(sector->name), d.mem, &d.config, &code)) {
		arena_free(d.mem);
		return code;
	}
	log_set_level(d.config->log_level);
	log_event(LOG_START, "program=%s version=%s agency=%s", program, NASOKA_VERSION, d.config->agency);
	if ((e = adapterd_open(&d, &why)) == OK && (e = say_resumed(&d, &why)) == OK) {
		loop_add_tick(d.loop, on_tick, &d);
		daemon_ready(d.loop, "ready");
		log_event(LOG_READY, "ms=%lld", (long long)(clock_mono_ms() - begun));
		loop_run(d.loop);
		daemon_stopping();
		e = d.fatal;
	}
	if (e == OK) {
		resume_end(d.store, clock_wall_ms());
		log_event(LOG_STOP, "reason=signal");
	} else {
		log_event(LOG_FATAL, "code=%s what=\"%s\" where=%s why=\"%s\"", err_code(e), err_text(e, LANG_EN), why.where, why.text);
	}
	adapterd_close(&d);
	return err_exit_code(e);
}
