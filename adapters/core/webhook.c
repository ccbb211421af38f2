/* SPDX-License-Identifier: EUPL-1.2 */
/* webhook - libcurl's multi interface, turned by our loop through its socket and timer callbacks.
 *
 * A call owns all that its transfer uses until it ends. Nothing of libcurl is called from within one of its callbacks: they
 * only note what is to be watched, and when to come back.
 */
#define _GNU_SOURCE
#include "adapters/core/webhook.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "adapters/core/webhook_sign.h"
#include "proto/base/clock.h"

#define TYPE_LEN 128
#define HEADER_LEN 256
#define ID_LEN 64		/* a UUID and the name of a stage */

struct call {
	struct webhook *webhook;
	CURL *easy;			/* kept from call to call */
	struct curl_slist *headers;
	uint8_t *body, *answer;
	size_t body_n, answer_n, answer_cap;
	enum format format;
	uint64_t cursor;
	bool is_busy, is_too_large;
};

/* A descriptor that libcurl wants watched. */
struct watched {
	struct webhook *webhook;
	struct loop_item *item;
	curl_socket_t fd;
};

struct webhook {
	const struct adapter_config *config;
	const struct door_host *host;
	struct door door;
	struct webhook_secret secret;
	CURLM *multi;
	struct call calls[WEBHOOK_CALLS_MAX];
	int64_t due_ms;			/* monotonic: when libcurl wants to be called; INT64_MAX: it does not */
	bool is_global, is_dead;
};

/* -- the end of a call -- */

static void
wipe(uint8_t *p, size_t n)
{
	if (p)
		explicit_bzero(p, n);
	free(p);
}

static void
drop_call(struct call *c)
{
	curl_slist_free_all(c->headers);
	wipe(c->body, c->body_n);
	wipe(c->answer, c->answer_n);
	*c = (struct call){ .webhook = c->webhook, .easy = c->easy };
}

/* The place is free again before the adapter is told: it may hand over the next one at once. */
static void
finish(struct webhook *w, struct call *c, CURLcode code)
{
	struct native answer = { .format = c->format, .bytes = SPAN(c->answer, c->answer_n) };
	size_t answer_n = c->answer_n;
	uint8_t *bytes = c->answer;
	uint64_t cursor = c->cursor;
	char type[TYPE_LEN] = "";
	const char *said = NULL;
	long status = 0;
	enum err e = OK;

	if (code != CURLE_OK)
		e = c->is_too_large ? ERR_PEER_REFUSED : ERR_PEER_DOWN;
	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(c->easy, CURLINFO_CONTENT_TYPE, &said);
	if (said)
		snprintf(type, sizeof(type), "%s", said);
	answer.status = (unsigned)status;
	answer.media_type = said ? type : NULL;
	curl_multi_remove_handle(w->multi, c->easy);
	c->answer = NULL;
	c->answer_n = 0;
	drop_call(c);
	e = adapter_handed(w->host->adapter, &w->door, cursor, e, e == OK ? &answer : NULL);
	wipe(bytes, answer_n);
	if (err_is_fatal(e)) {
		w->is_dead = true;
		w->host->on_fatal(w->host->arg, e);
	}
}

/* Let libcurl work on what is ready, then end what has ended. */
static void
act(struct webhook *w, curl_socket_t fd, int events)
{
	int running, left;
	CURLMsg *msg;

	curl_multi_socket_action(w->multi, fd, events, &running);
	while (!w->is_dead && (msg = curl_multi_info_read(w->multi, &left)) != NULL) {
		CURLcode code = msg->data.result;
		char *private = NULL;

		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &private);
		finish(w, (struct call *)(void *)private, code);
	}
}

/* -- the loop -- */

static void
on_fd(void *arg, int events)
{
	struct watched *f = arg;	/* may be gone after act */
	struct webhook *w = f->webhook;

	if (!w->is_dead)
		act(w, f->fd, (events & LOOP_IN ? CURL_CSELECT_IN : 0) | (events & LOOP_OUT ? CURL_CSELECT_OUT : 0));
}

static int64_t
on_tick(void *arg)
{
	struct webhook *w = arg;
	int64_t now_ms = clock_mono_ms();

	if (w->is_dead || w->due_ms == INT64_MAX)
		return CLOCK_MINUTE;
	if (w->due_ms <= now_ms) {
		w->due_ms = INT64_MAX;
		act(w, CURL_SOCKET_TIMEOUT, 0);
	}
	return w->due_ms == INT64_MAX ? CLOCK_MINUTE : w->due_ms > now_ms ? w->due_ms - now_ms : 0;
}

/* -- libcurl's callbacks -- */

static int
on_timer(CURLM *multi, long wait_ms, void *arg)
{
	struct webhook *w = arg;

	(void)multi;
	w->due_ms = wait_ms < 0 ? INT64_MAX : clock_mono_ms() + wait_ms;
	loop_tick_now(w->host->loop, w);
	return 0;
}

static int
on_watch(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	struct webhook *w = arg;
	struct watched *f = socket_arg;
	int events = (what & CURL_POLL_IN ? LOOP_IN : 0) | (what & CURL_POLL_OUT ? LOOP_OUT : 0);

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (f)
			loop_del(w->host->loop, f->item);
		free(f);
		return 0;
	}
	if (f) {
		loop_set_events(f->item, events);
		return 0;
	}
	if (!(f = malloc(sizeof(*f))))
		return -1;
	*f = (struct watched){ .webhook = w, .fd = fd };
	f->item = loop_add_fd(w->host->loop, fd, events, on_fd, f);
	curl_multi_assign(w->multi, fd, f);
	return 0;
}

/* Less than `n` ends the transfer. */
static size_t
on_answer(char *data, size_t each, size_t n, void *arg)
{
	struct call *c = arg;
	size_t cap = c->answer_cap ? c->answer_cap : 4096;
	uint8_t *grown;

	n *= each;
	c->is_too_large = n > WEBHOOK_ANSWER_MAX - c->answer_n;
	if (c->is_too_large)
		return 0;
	while (cap < c->answer_n + n)
		cap *= 2;
	if (cap > c->answer_cap) {
		if (!(grown = malloc(cap)))
			return 0;
		if (c->answer_n)
			memcpy(grown, c->answer, c->answer_n);
		wipe(c->answer, c->answer_n);
		c->answer = grown;
		c->answer_cap = cap;
	}
	if (n)
		memcpy(c->answer + c->answer_n, data, n);
	c->answer_n += n;
	return n;
}

/* -- a call -- */

static bool
add_header(struct call *c, const char *name, const char *value)
{
	char line[HEADER_LEN];
	struct curl_slist *grown;

	if ((size_t)snprintf(line, sizeof(line), "%s%s", name, value) >= sizeof(line))
		return false;
	if (!(grown = curl_slist_append(c->headers, line)))
		return false;
	c->headers = grown;
	return true;
}

static const char *
type_of(const struct native *native)
{
	if (native->media_type)
		return native->media_type;
	switch (native->format) {
	case FORMAT_FHIR:
		return "application/fhir+json";
	case FORMAT_CSV:
	case FORMAT_ONEROSTER:
		return "text/csv";
	case FORMAT_NHIS:
	case FORMAT_XML:
		return "application/xml";
	case FORMAT_HL7:
		return "x-application/hl7-v2+er7";
	case FORMAT_JSON:
	case FORMAT_OSCAR:
	case FORMAT_PRIMERO:
	case FORMAT_NONE:
		break;
	}
	return "application/json";
}

static enum err
make_headers(struct webhook *w, struct call *c, const struct handover *h)
{
	int64_t seconds = clock_wall_ms() / 1000;
	char id[ID_LEN], signature[WEBHOOK_SIGN_LEN], when[24];
	enum err e;

	/* no dot, it is the signature's own separator */
	if ((size_t)snprintf(id, sizeof(id), "%s%s%s", h->msg_id, h->stage ? "-" : "", h->stage ? h->stage : "") >= sizeof(id))
		return ERR_TOOBIG;
	if ((e = webhook_sign_make(&w->secret, id, seconds, h->native.bytes, signature)) != OK)
		return e;
	snprintf(when, sizeof(when), "%lld", (long long)seconds);
	if (!add_header(c, "Content-Type: ", type_of(&h->native)) || !add_header(c, "webhook-id: ", id) ||
	    !add_header(c, "webhook-timestamp: ", when) || !add_header(c, "webhook-signature: ", signature) ||
	    !add_header(c, "Expect:", "") || !add_header(c, "Accept:", " */*"))
		return ERR_TOOBIG;
	return OK;
}

static bool
set_options(struct webhook *w, struct call *c)
{
	long timeout_ms = (long)w->config->out_webhook.timeout_ms;
	CURL *easy = c->easy;

	curl_easy_reset(easy);
	return curl_easy_setopt(easy, CURLOPT_URL, w->config->out_webhook.url) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
		   timeout_ms < WEBHOOK_CONNECT_MS ? timeout_ms : (long)WEBHOOK_CONNECT_MS) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_USERAGENT, "nasoka/" NASOKA_VERSION) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)c->body_n) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_POSTFIELDS, (const char *)c->body) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_HTTPHEADER, c->headers) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_answer) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_WRITEDATA, c) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_PRIVATE, c) == CURLE_OK &&
	       (!w->config->out_webhook.ca_file ||
		   curl_easy_setopt(easy, CURLOPT_CAINFO, w->config->out_webhook.ca_file) == CURLE_OK);
}

static enum err
begin(struct webhook *w, struct call *c, const struct handover *h)
{
	enum err e;

	c->format = h->native.format;
	c->cursor = h->cursor;
	if (!(c->body = malloc(h->native.bytes.n + 1)))
		return ERR_BUSY;
	if (h->native.bytes.n)
		memcpy(c->body, h->native.bytes.p, h->native.bytes.n);
	c->body_n = h->native.bytes.n;
	if ((e = make_headers(w, c, h)) != OK)
		return e;
	if (!set_options(w, c) || curl_multi_add_handle(w->multi, c->easy) != CURLM_OK)
		return ERR_BUSY;
	c->is_busy = true;
	return OK;
}

static enum err
hand(void *arg, const struct handover *h)
{
	struct webhook *w = arg;
	struct call *c = NULL;
	size_t i;
	enum err e;

	for (i = 0; i < WEBHOOK_CALLS_MAX && !c; i++)
		if (!w->calls[i].is_busy)
			c = &w->calls[i];
	if (!c)
		return ERR_BUSY;
	if ((e = begin(w, c, h)) != OK)
		drop_call(c);
	return e;
}

/* -- opening -- */

/* The one address is checked once: as nothing follows a redirect, no other is ever called. */
static enum err
check_url(const struct adapter_config *config, struct why *why)
{
	char *host = NULL, *user = NULL;
	CURLU *url = curl_url();
	enum err e = OK;
	size_t i;

	if (!url)
		return ERR_NOMEM;
	if (curl_url_set(url, CURLUPART_URL, config->out_webhook.url, 0) != CURLUE_OK ||
	    curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK) {
		e = why_set(why, ERR_CONFIG, "out.webhook.url", "not an address");
		goto out;
	}
	if (curl_url_get(url, CURLUPART_USER, &user, 0) == CURLUE_OK) {
		e = why_set(why, ERR_CONFIG, "out.webhook.url", "no names or passwords in it");
		goto out;
	}
	for (i = 0; i < config->out_webhook.n_allowed_hosts; i++)
		if (strcasecmp(config->out_webhook.allowed_hosts[i], host) == 0)
			goto out;
	e = why_set(why, ERR_CONFIG, "out.webhook.allowed_hosts", "the url's host is not one of them");
out:
	curl_free(host);
	curl_free(user);
	curl_url_cleanup(url);
	return e;
}

static enum err
make_handles(struct webhook *w)
{
	size_t i;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return ERR_SYSTEM;
	w->is_global = true;
	if (!(w->multi = curl_multi_init()))
		return ERR_NOMEM;
	curl_multi_setopt(w->multi, CURLMOPT_SOCKETFUNCTION, on_watch);
	curl_multi_setopt(w->multi, CURLMOPT_SOCKETDATA, w);
	curl_multi_setopt(w->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(w->multi, CURLMOPT_TIMERDATA, w);
	curl_multi_setopt(w->multi, CURLMOPT_MAXCONNECTS, (long)WEBHOOK_CALLS_MAX);
	for (i = 0; i < WEBHOOK_CALLS_MAX; i++) {
		w->calls[i].webhook = w;
		if (!(w->calls[i].easy = curl_easy_init()))
			return ERR_NOMEM;
	}
	return OK;
}

enum err
webhook_open(const struct adapter_config *config, const struct door_host *host, struct webhook **ret_door, struct why *why)
{
	struct webhook *w = calloc(1, sizeof(*w));
	enum err e;

	*ret_door = NULL;
	if (!w)
		return ERR_NOMEM;
	w->config = config;
	w->host = host;
	w->due_ms = INT64_MAX;
	w->door = (struct door){ .name = "webhook", .capacity = WEBHOOK_CALLS_MAX, .hand = hand, .arg = w };
	if ((e = make_handles(w)) != OK || (e = check_url(config, why)) != OK ||
	    (e = webhook_sign_load(config->out_webhook.secret_file, &w->secret, why)) != OK) {
		webhook_close(w);
		return e;
	}
	loop_add_tick(host->loop, on_tick, w);
	*ret_door = w;
	return OK;
}

void
webhook_close(struct webhook *w)
{
	size_t i;

	if (!w)
		return;
	for (i = 0; i < WEBHOOK_CALLS_MAX; i++) {
		if (w->calls[i].is_busy)
			curl_multi_remove_handle(w->multi, w->calls[i].easy);
		drop_call(&w->calls[i]);
		curl_easy_cleanup(w->calls[i].easy);
	}
	curl_multi_cleanup(w->multi);
	if (w->is_global)
		curl_global_cleanup();
	explicit_bzero(&w->secret, sizeof(w->secret));
	free(w);
}

struct door *
webhook_door(struct webhook *w)
{
	return &w->door;
}
