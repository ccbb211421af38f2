/* SPDX-License-Identifier: EUPL-1.2 */
/* service - a listening socket and at most CLIENTS_MAX clients; a request is one line of at most REQUEST_MAX bytes. */
#define _GNU_SOURCE	/* accept4 */
#include "hub/service.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "proto/base/clock.h"

#define CLIENTS_MAX 16
#define REQUEST_MAX 4096
#define QUEUES_MAX 1000
#define DEADLINES_MAX 1000
#define DEADLETTERS_MAX 1000

struct client {
	struct service *service;
	int fd;				/* -1: free */
	struct loop_item *item;
	char request[REQUEST_MAX];
	size_t n;
	char *answer;			/* NULL: none; what is left of it begins at `sent` */
	size_t answer_n, sent;
};

struct service {
	struct service_options o;
	int fd;
	struct loop_item *item;
	struct client clients[CLIENTS_MAX];
};

/* -- answers -- */

static json_t *
refusal(enum err e, const char *text)
{
	return json_pack("{s:b, s:s, s:s}", "ok", 0, "code", err_code(e), "error", text ? text : err_text(e, LANG_EN));
}

static json_int_t
number(uint64_t v)
{
	return (json_int_t)v;
}

static void
add_agency(void *arg, const struct hub_agency *a)
{
	(void)json_array_append_new(arg, json_pack("{s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
		"agency", a->id, "connected", a->is_connected, "epoch", number(a->epoch), "queued", number(a->queued),
		"queued_bytes", number(a->queued_bytes), "oldest_queued_ms", (json_int_t)a->oldest_queued_ms,
		"unregistered", number(a->unregistered), "oldest_unregistered_ms", (json_int_t)a->oldest_unregistered_ms,
		"late", number(a->late), "accepted", number(a->accepted), "delivered", number(a->delivered), "under_way", number(a->under_way),
		"under_way_bytes", number(a->under_way_bytes)));
}

static json_t *
say_recovered(const struct hub_recovered *r)
{
	static const char *const last[] = { [HUB_LAST_NONE] = "none", [HUB_LAST_CLEAN] = "clean", [HUB_LAST_CRASH] = "crash" };
	char at[CLOCK_TEXT_LEN] = "";

	if (r->last_ms > 0)
		clock_format(r->last_ms, at);
	return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I}", "last_run", last[r->last], "last_run_until", at, "found_size",
			 number(r->size), "found_checkpoint", number(r->checkpoint), "found_queued", number(r->queued),
			 "found_unregistered", number(r->unregistered));
}

static json_t *
say_status(struct service *s, const json_t *request)
{
	int64_t now = clock_wall_ms();
	json_t *agencies = json_array();
	char root[2 * sizeof(struct hash) + 1];
	struct hub_status st;

	(void)request;
	hub_get_status(s->o.hub, &st);
	bytes_hex(st.root.b, sizeof(st.root.b), root);
	if (hub_each_agency(s->o.hub, now, add_agency, agencies) != OK) {
		json_decref(agencies);
		return refusal(ERR_STORE, NULL);
	}
	return json_pack("{s:b, s:s, s:s, s:s, s:I, s:{s:I, s:s}, s:I, s:I, s:I, s:o, s:I, s:I, s:b, s:o}", "ok", 1, "program", "nasoka-hub",
		"version", s->o.version, "origin", s->o.origin, "uptime_ms", (json_int_t)(now - s->o.started_ms), "tree",
		"size", number(st.size), "root", root, "checkpoint_age_ms", (json_int_t)(now - st.checkpoint_ms),
		"directory_version", number(st.directory_version), "peers", number(st.peers), "recovered",
		say_recovered(&st.recovered), "room_bytes", number(st.room), "room_of_bytes", number(st.room_of), "disk_low",
		st.is_disk_low, "agencies", agencies);
}

static void
add_queued(void *arg, const struct hub_queued *q)
{
	(void)json_array_append_new(arg, json_pack("{s:I, s:s, s:I, s:I, s:I, s:b}", "no", number(q->no), "priority",
		q->is_emergency ? "emergency" : "other", "leaf", number(q->leaf), "bytes", (json_int_t)q->bytes, "age_ms",
		(json_int_t)q->age_ms, "sent", q->is_sent));
}

static json_t *
say_queues(struct service *s, const json_t *request)
{
	const char *agency = json_string_value(json_object_get(request, "agency"));
	json_t *rows;
	enum err e;

	if (agency == NULL)
		return refusal(ERR_REQUIRED, "agency is missing");
	rows = json_array();
	if ((e = hub_each_queued(s->o.hub, agency, QUEUES_MAX, clock_wall_ms(), add_queued, rows)) != OK) {
		json_decref(rows);
		return refusal(e, NULL);
	}
	return json_pack("{s:b, s:s, s:o}", "ok", 1, "agency", agency, "rows", rows);
}

struct deadlines { json_t *rows; size_t n_late; };

static void
add_deadline(void *arg, const struct hub_deadline *d)
{
	struct deadlines *list = arg;
	char due[CLOCK_TEXT_LEN], id[MSGID_TEXT_LEN];

	clock_format(d->due_ms, due);
	msgid_format(&d->id, id);
	list->n_late += d->is_late;
	(void)json_array_append_new(list->rows, json_pack("{s:s, s:b, s:s, s:s, s:s, s:s, s:I, s:s, s:s}", "due", due, "late", d->is_late,
		"fact", notice_fact_name(d->fact), "priority", envelope_priority_name(d->priority), "from", d->from, "to", d->to, "age_ms",
		(json_int_t)d->age_ms, "stage", envelope_stage_name(d->stage), "id", id));
}

static json_t *
say_deadlines(struct service *s, const json_t *request)
{
	const struct hub_deadline_ask ask = {
		.agency = json_string_value(json_object_get(request, "agency")),
		.late_only = json_is_true(json_object_get(request, "late")), .max = DEADLINES_MAX,
	};
	struct deadlines list = { .rows = json_array() };
	bool is_all;
	enum err e;

	if ((e = hub_each_deadline(s->o.hub, &ask, clock_wall_ms(), add_deadline, &list, &is_all)) != OK) {
		json_decref(list.rows);
		return refusal(e, NULL);
	}
	return json_pack("{s:b, s:I, s:b, s:o}", "ok", 1, "late", number(list.n_late), "all", is_all, "deadlines", list.rows);
}

static void
add_dead(void *arg, const struct hub_dead *d)
{
	(void)json_array_append_new(arg, json_pack("{s:s, s:s, s:I, s:I, s:s, s:I}", "agency", d->agency, "sender", d->sender,
		"submit", number(d->submit), "leaf", number(d->leaf), "code", err_code(d->code), "age_ms", (json_int_t)d->age_ms));
}

static json_t *
say_deadletters(struct service *s, const json_t *request)
{
	json_t *rows = json_array();
	enum err e;

	if ((e = hub_each_deadletter(s->o.hub, json_string_value(json_object_get(request, "agency")), DEADLETTERS_MAX,
				     clock_wall_ms(), add_dead, rows)) != OK) {
		json_decref(rows);
		return refusal(e, NULL);
	}
	return json_pack("{s:b, s:o}", "ok", 1, "deadletters", rows);
}

static json_t *
say_checkpoint(struct service *s, const json_t *request)
{
	struct hub_status st;

	(void)request;
	hub_get_status(s->o.hub, &st);
	return json_pack("{s:b, s:I, s:s%}", "ok", 1, "size", number(st.size), "checkpoint",
			 (const char *)st.checkpoint.p, st.checkpoint.n);
}

static json_t *
say_directory(struct service *s, const json_t *request)
{
	const struct directory *d = hub_directory(s->o.hub);
	char until[CLOCK_TEXT_LEN];

	(void)request;
	if (d == NULL)
		return refusal(ERR_NOTFOUND, NULL);
	clock_format(d->valid_until_ms, until);
	return json_pack("{s:b, s:I, s:s, s:I, s:I, s:I}", "ok", 1, "version", number(d->version), "valid_until", until,
			 "agencies", number(d->n_agencies), "auditors", number(d->n_auditors), "threshold",
			 (json_int_t)d->threshold);
}

static json_t *
do_reload(struct service *s, const json_t *request)
{
	struct why why = { .where = "" };
	size_t bad = 0;
	enum err e = s->o.reload(s->o.arg, &bad, &why);

	if (e != OK)
		return refusal(e, why.text[0] ? why.text : NULL);
	(void)request;
	return json_pack("{s:b, s:I, s:I}", "ok", 1, "directory_version", number(hub_directory(s->o.hub)->version),
			 "bad_sheets", number(bad));
}

static const struct verb {
	const char *name;
	json_t *(*say)(struct service *s, const json_t *request);
} verbs[] = {
	{ "status", say_status }, { "queues", say_queues }, { "deadlines", say_deadlines }, { "deadletters", say_deadletters },
	{ "checkpoint", say_checkpoint },
	{ "directory", say_directory }, { "reload", do_reload },
};

static json_t *
answer(struct service *s, const char *line, size_t n)
{
	json_t *request = json_loadb(line, n, JSON_REJECT_DUPLICATES, NULL), *said = NULL;
	const char *verb = json_string_value(json_object_get(request, "verb"));

	for (size_t i = 0; verb && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verb, verbs[i].name) == 0)
			said = verbs[i].say(s, request);
	if (said == NULL)
		said = refusal(ERR_UNSUPPORTED, request == NULL ? "not a line of JSON" : "unknown verb");
	json_decref(request);
	return said;
}

/* -- clients -- */

static void
drop(struct client *c)
{
	loop_del(c->service->o.loop, c->item);
	close(c->fd);
	free(c->answer);
	c->item = NULL;
	c->answer = NULL;
	c->fd = -1;
}

static void
send_rest(struct client *c)
{
	ssize_t n = send(c->fd, c->answer + c->sent, c->answer_n - c->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && errno != EAGAIN) {
		drop(c);
		return;
	}
	c->sent += n > 0 ? (size_t)n : 0;
	if (c->sent < c->answer_n) {
		loop_set_events(c->item, LOOP_OUT);
		return;
	}
	free(c->answer);
	c->answer = NULL;
	loop_set_events(c->item, LOOP_IN);
}

static void
serve(struct client *c)
{
	char *end = memchr(c->request, '\n', c->n);
	json_t *said;
	char *text;
	size_t n;

	if (end == NULL) {
		if (c->n == sizeof(c->request))
			drop(c);
		return;
	}
	n = (size_t)(end - c->request) + 1;
	said = answer(c->service, c->request, n - 1);
	text = json_dumps(said, JSON_COMPACT);
	json_decref(said);
	c->n -= n;
	memmove(c->request, c->request + n, c->n);
	c->answer_n = text ? strlen(text) + 1 : 0;
	c->sent = 0;
	if (text == NULL || (c->answer = realloc(text, c->answer_n + 1)) == NULL) {
		free(text);
		drop(c);
		return;
	}
	c->answer[c->answer_n - 1] = '\n';
	send_rest(c);
}

static void
on_client(void *arg, int events)
{
	struct client *c = arg;
	ssize_t n;

	if (c->answer) {
		if (events & LOOP_OUT)
			send_rest(c);
		return;
	}
	n = recv(c->fd, c->request + c->n, sizeof(c->request) - c->n, MSG_DONTWAIT);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		drop(c);
		return;
	}
	c->n += (size_t)n;
	serve(c);
}

static void
on_connect(void *arg, int events)
{
	struct service *s = arg;
	int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd < 0)
		return;
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		struct client *c = &s->clients[i];

		if (c->fd >= 0)
			continue;
		c->fd = fd;
		c->n = 0;
		if ((c->item = loop_add_fd(s->o.loop, fd, LOOP_IN, on_client, c)) == NULL)
			drop(c);
		return;
	}
	close(fd);
}

/* -- life -- */

enum err
service_open(const struct service_options *options, struct service **ret_service, struct why *why)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct service *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return ERR_NOMEM;
	s->o = *options;
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		s->clients[i] = (struct client){ .service = s, .fd = -1 };
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd < 0 || (size_t)snprintf(at.sun_path, sizeof(at.sun_path), "%s", options->path) >= sizeof(at.sun_path))
		goto fail;
	(void)unlink(options->path);	/* of a process that died; a living one holds the store */
	if (bind(s->fd, (struct sockaddr *)&at, sizeof(at)) != 0 || chmod(options->path, 0660) != 0 ||
	    listen(s->fd, CLIENTS_MAX) != 0 ||
	    (s->item = loop_add_fd(options->loop, s->fd, LOOP_IN, on_connect, s)) == NULL)
		goto fail;
	*ret_service = s;
	return OK;
fail:
	(void)why_set(why, ERR_SYSTEM, "control_socket", "%s: %s", options->path, strerror(errno));
	service_close(s);
	return ERR_SYSTEM;
}

void
service_close(struct service *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		if (s->clients[i].fd >= 0)
			drop(&s->clients[i]);
	loop_del(s->o.loop, s->item);
	if (s->fd >= 0)
		close(s->fd);
	if (s->item)
		(void)unlink(s->o.path);
	free(s);
}
