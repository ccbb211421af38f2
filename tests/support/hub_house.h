/* SPDX-License-Identifier: EUPL-1.2 */
/* hub_house - a folder with all that a real nasoka-hub needs, made of a hub_world; the daemon started in it, and DEALERs that
 * speak with it as adapters do. Header-only.
 */
#ifndef SUPPORT_HUB_HOUSE_H
#define SUPPORT_HUB_HOUSE_H

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include "proto/frame.h"
#include "tests/support/hub_world.h"

struct house {
	struct world *world;
	char dir[64];
	char program[512];		/* nasoka-hub, built beside the test */
	pid_t pid;			/* 0: not running */
	void *context;
};

static inline void
house_write(const struct house *h, const char *name, struct span bytes)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", h->dir, name);
	f = fopen(path, "w");
	assert(f && fwrite(bytes.p, 1, bytes.n, f) == bytes.n);
	fclose(f);
	chmod(path, 0600);
}

static inline void
house_key(const struct house *h, const struct key *key, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/keys/%s", h->dir, name);
	assert(key_save(key, path) == OK);
}

static inline void
house_folder(const struct house *h, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", h->dir, name);
	assert(mkdir(path, 0700) == 0);
}

/* False: there is no nasoka-hub beside this test. */
static inline bool
house_init(struct house *h, struct world *w)
{
	char self[256] = "", *up;
	struct buf b;

	*h = (struct house){ .world = w, .dir = "/tmp/nasoka-house-XXXXXX", .context = zmq_ctx_new() };
	assert(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0 && mkdtemp(h->dir));
	if ((up = strstr(self, "/tests/")) != NULL)
		*up = '\0';
	snprintf(h->program, sizeof(h->program), "%s/bin/nasoka-hub", getenv("NASOKA_BUILD") ? getenv("NASOKA_BUILD") : self);
	house_folder(h, "keys");
	house_folder(h, "sheets");
	house_key(h, w->log, "log.key");
	house_key(h, w->notice, "notice.key");
	house_key(h, w->curve, "transport.key");
	house_write(h, "directory.note", w->note);
	for (size_t i = 0; i < WORLD_AGENCIES; i++)
		house_write(h, arena_fmt(w->mem, "sheets/%s.sheet", world_ids[i]), w->sheets[i]);
	buf_init(&b, w->mem);
	buf_fmt(&b, "threshold 1\n%s\n", note_verifier_format(&w->verifier, w->mem));
	house_write(h, "registrars.txt", buf_bytes(&b));
	buf_init(&b, w->mem);
	buf_fmt(&b, "origin: %s\nstore:\n  dir: %s/store\n  map_size: 1GiB\nkeys:\n  dir: %s/keys\n  kek_dir: %s/kek\n", WORLD_ORIGIN,
		h->dir, h->dir, h->dir);
	buf_fmt(&b, "directory:\n  file: %s/directory.note\n  sheets_dir: %s/sheets\n  trust_file: %s/registrars.txt\n", h->dir,
		h->dir, h->dir);
	buf_fmt(&b, "listen:\n  - ipc://%s/hub.sock\ncontrol:\n  socket: %s/control.sock\ncheckpoint:\n  file: %s/checkpoint\n",
		h->dir, h->dir, h->dir);
	buf_fmt(&b, "limits:\n  disk_low_bytes: 16MiB\n  disk_low_percent: 1\nlog_level: debug\nlanguage: en\n");
	house_write(h, "hub.yaml", buf_bytes(&b));
	return access(h->program, X_OK) == 0;
}

static inline void
house_start(struct house *h)
{
	char config[128], log[128];

	snprintf(config, sizeof(config), "%s/hub.yaml", h->dir);
	snprintf(log, sizeof(log), "%s/log", h->dir);
	h->pid = fork();
	assert(h->pid >= 0);
	if (h->pid == 0) {
		assert(freopen(log, "a", stderr));
		execl(h->program, "nasoka-hub", "--config", config, (char *)NULL);
		_exit(127);
	}
}

/* The daemon's exit code, or 128 and its signal. */
static inline int
house_stop(struct house *h, int sig)
{
	int status = 0;

	kill(h->pid, sig);
	assert(waitpid(h->pid, &status, 0) == h->pid);
	h->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static inline void
house_done(struct house *h)
{
	char command[128];

	if (h->pid)
		(void)house_stop(h, SIGKILL);
	zmq_ctx_term(h->context);
	snprintf(command, sizeof(command), "rm -rf %s", h->dir);
	if (getenv("NASOKA_KEEP") == NULL)
		assert(system(command) == 0);
}

/* A DEALER with the transport key of agency `i`. */
static inline void *
house_dealer(struct house *h, size_t i)
{
	void *s = zmq_socket(h->context, ZMQ_DEALER);
	int linger = 0, wait = 10000;

	assert(s);
	zmq_setsockopt(s, ZMQ_LINGER, &linger, sizeof(linger));
	zmq_setsockopt(s, ZMQ_RCVTIMEO, &wait, sizeof(wait));
	zmq_setsockopt(s, ZMQ_CURVE_SERVERKEY, key_public(h->world->curve)->b, KEY_LEN);
	zmq_setsockopt(s, ZMQ_CURVE_PUBLICKEY, key_public(h->world->transport[i])->b, KEY_LEN);
	zmq_setsockopt(s, ZMQ_CURVE_SECRETKEY, key_secret(h->world->transport[i]), KEY_LEN);
	assert(zmq_connect(s, arena_fmt(h->world->mem, "ipc://%s/hub.sock", h->dir)) == 0);
	return s;
}

static inline void
house_send(struct house *h, void *dealer, const struct frame *f)
{
	struct span bytes;

	assert(frame_encode(f, h->world->mem, &bytes) == OK);
	assert(zmq_send(dealer, bytes.p, bytes.n, 0) == (int)bytes.n);
}

/* The next frame of that kind (others are skipped); false after ten seconds of silence. */
static inline bool
house_recv(struct house *h, void *dealer, enum frame_kind kind, struct frame *ret_frame)
{
	zmq_msg_t msg;
	struct span bytes;
	struct why why;

	for (;;) {
		zmq_msg_init(&msg);
		if (zmq_msg_recv(&msg, dealer, 0) < 0)
			return false;
		bytes = arena_span(h->world->mem, SPAN(zmq_msg_data(&msg), zmq_msg_size(&msg)));
		zmq_msg_close(&msg);
		assert(bytes.p && frame_decode(bytes, h->world->mem, ret_frame, &why) == OK);
		if (ret_frame->kind == kind)
			return true;
	}
}

/* HELLO and WELCOME; the session's epoch. */
static inline uint64_t
house_hello(struct house *h, void *dealer, size_t i)
{
	struct frame f = { .kind = FRAME_HELLO };

	f.hello = (struct hello){ .agency = world_ids[i], .credit = { 1000, 64 << 20 }, .software = "test 0" };
	world_fill(h->world, f.hello.session, sizeof(f.hello.session));
	house_send(h, dealer, &f);
	return house_recv(h, dealer, FRAME_WELCOME, &f) ? f.epoch : 0;
}

#endif
