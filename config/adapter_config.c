/* SPDX-License-Identifier: EUPL-1.2 */
/* adapter_config - what must hold between the keys of an adapter's configuration, and what follows from them. The keys
 * themselves stand in adapter_keys.c. Called by config.c: checks run on a struct in which wrong values have their defaults
 * and wrong items are NULL, so that one bad key does not hide another.
 */
#include "config/adapter_config.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "config/placecheck.h"
#include "config/setting.h"
#include "config/tables.h"
#include "proto/base/arena.h"

static bool
is_given(const struct binder *b, const char *path)
{
	return node_at(b->root, path, NULL) != NULL;
}

static bool
is_loopback(const char *listen)
{
	struct setting_address a;

	return listen != NULL && setting_parse_address(listen, &a) && a.loopback;
}

/* Certificate and key go together, and client certificates need both. The keys are looked for in the file, so that a wrong
 * path is not called a missing one.
 */
static void
check_tls(const struct binder *b, const char *section)
{
	char cert[64], key[64], client_ca[64];

	snprintf(cert, sizeof(cert), "%s.tls.cert", section);
	snprintf(key, sizeof(key), "%s.tls.key", section);
	snprintf(client_ca, sizeof(client_ca), "%s.tls.client_ca", section);
	if (is_given(b, cert) && !is_given(b, key))
		binder_problem(b, cert, PROBLEM_NEEDS, "tls.key", NULL);
	if (is_given(b, key) && !is_given(b, cert))
		binder_problem(b, key, PROBLEM_NEEDS, "tls.cert", NULL);
	if (is_given(b, client_ca) && !is_given(b, cert))
		binder_problem(b, client_ca, PROBLEM_NEEDS, "tls.cert", NULL);
}

static void
check_http(const struct binder *b, const struct adapter_config *c)
{
	bool proof = is_given(b, "in.http.tokens_file") || is_given(b, "in.http.tls.client_ca");

	if (!c->in_http.on)
		return;
	check_tls(b, "in.http");
	if (is_loopback(c->in_http.listen)) {
		if (!proof)
			binder_problem(b, "in.http", PROBLEM_LOOPBACK_TOKEN, NULL, NULL);
		return;
	}
	if (!is_given(b, "in.http.tls.cert"))
		binder_problem(b, "in.http.listen", PROBLEM_NEEDS_TLS, NULL, NULL);
	if (!proof)
		binder_problem(b, "in.http.listen", PROBLEM_NEEDS_TOKEN, NULL, NULL);
}

static void
check_mllp(const struct binder *b, const struct adapter_config *c)
{
	if (c->in_mllp.on) {
		check_tls(b, "in.mllp");
		if (!is_loopback(c->in_mllp.listen) && !is_given(b, "in.mllp.peers"))
			binder_problem(b, "in.mllp.listen", PROBLEM_NEEDS_PEERS, NULL, NULL);
	}
	if (c->out_mllp.on && !c->out_mllp.tls && c->out_mllp.host != NULL && !setting_is_loopback(c->out_mllp.host))
		binder_problem(b, "out.mllp.host", PROBLEM_PLAIN_MLLP, NULL, NULL);
}

/* A file is claimed and handed on by rename, which must neither cross filesystems nor meet itself. */
static void
check_folders(const struct binder *b, const struct adapter_config *c)
{
	const struct {
		const char *key, *dir;
	} places[] = {
		{ "in.folder.in", c->in_folder.in_dir },
		{ "in.folder.done", c->in_folder.done_dir },
		{ "in.folder.bad", c->in_folder.bad_dir },
		{ "in.folder.out", c->in_folder.out_dir },
		{ "out.folder.dir", c->out_folder.dir },
	};
	enum { N_PLACES = sizeof(places) / sizeof(places[0]), N_IN = 4 };
	size_t i, j;

	for (i = 1; i < N_PLACES; i++) {
		/* what goes out may go where the result files go */
		for (j = 0; j < i && j < N_IN - 1; j++) {
			enum placecheck_relation r = PLACE_APART;

			if (places[i].dir != NULL && places[j].dir != NULL)
				r = placecheck_relate(places[i].dir, places[j].dir);
			if (r == PLACE_SAME)
				binder_problem(b, places[i].key, PROBLEM_SAME_PATH, places[j].key, NULL);
			else if (r == PLACE_OTHER_FS && i < N_IN && j == 0)
				binder_problem(b, places[i].key, PROBLEM_OTHER_FS, places[j].key, NULL);
			if (r == PLACE_SAME)
				break;
		}
	}
	if (c->out_folder.on && !is_given(b, "out.folder.dir") && !c->in_folder.on)
		binder_problem(b, "out.folder.dir", PROBLEM_MISSING, "where files for the agency appear",
			       "name a directory, or give in.folder.out");
}

static void
check_webhook(const struct binder *b, const struct adapter_config *c)
{
	struct setting_url url;
	size_t i;

	if (!c->out_webhook.on || c->out_webhook.url == NULL || !setting_parse_url(c->out_webhook.url, &url))
		return;
	if (!url.tls && !url.loopback)
		binder_problem(b, "out.webhook.url", PROBLEM_PLAIN_OUT, NULL, NULL);
	if (c->out_webhook.n_allowed_hosts == 0)
		return;
	for (i = 0; i < c->out_webhook.n_allowed_hosts; i++)
		if (strcasecmp(c->out_webhook.allowed_hosts[i], url.host) == 0)
			return;
	binder_problem(b, "out.webhook.url", PROBLEM_HOST_NOT_ALLOWED, NULL, NULL);
}

static const char *const door_names[] = {
	[ADAPTER_DOOR_NONE] = "none",	  [ADAPTER_DOOR_WEBHOOK] = "webhook", [ADAPTER_DOOR_MLLP] = "mllp",
	[ADAPTER_DOOR_FOLDER] = "folder", [ADAPTER_DOOR_POLLING] = "polling",
};
static const char *const format_names[] = {
	[ADAPTER_FORMAT_NATIVE] = "native", [ADAPTER_FORMAT_FHIR] = "fhir", [ADAPTER_FORMAT_HL7V2] = "hl7v2",
	[ADAPTER_FORMAT_JSON] = "json",	    [ADAPTER_FORMAT_CSV] = "csv",
	[ADAPTER_FORMAT_NHIS] = "nhis",	    [ADAPTER_FORMAT_XML] = "xml",
	[ADAPTER_FORMAT_OSCAR] = "oscar",   [ADAPTER_FORMAT_PRIMERO] = "primero",
};

static bool
is_open(const struct adapter_config *c, enum adapter_door door)
{
	switch (door) {
	case ADAPTER_DOOR_NONE:
		return true;
	case ADAPTER_DOOR_WEBHOOK:
		return c->out_webhook.on;
	case ADAPTER_DOOR_MLLP:
		return c->out_mllp.on;
	case ADAPTER_DOOR_FOLDER:
		return c->out_folder.on;
	case ADAPTER_DOOR_POLLING:
		return c->out_polling.on;
	}
	return false;
}

/* The only door out, or NONE. */
static enum adapter_door
only_door(const struct adapter_config *c, unsigned *ret_n)
{
	enum adapter_door door, only = ADAPTER_DOOR_NONE;

	*ret_n = 0;
	for (door = ADAPTER_DOOR_WEBHOOK; door <= ADAPTER_DOOR_POLLING; door++) {
		if (is_open(c, door)) {
			only = door;
			++*ret_n;
		}
	}
	return *ret_n == 1 ? only : ADAPTER_DOOR_NONE;
}

static const char *
sector_formats(enum adapter_sector sector)
{
	return sector == ADAPTER_SOCIAL ? "json, xml, oscar, primero" : sector == ADAPTER_HEALTH ? "fhir, hl7v2, nhis" : "csv";
}

static void
check_way(const struct binder *b, const struct adapter_config *c, const char *what, const struct adapter_egress *way)
{
	char door[32], format[32];
	const char *name = format_names[way->format];

	snprintf(door, sizeof(door), "egress.%s.door", what);
	snprintf(format, sizeof(format), "egress.%s.format", what);
	if (!is_open(c, way->door))
		binder_problem(b, door, PROBLEM_DOOR_CLOSED, door_names[way->door], NULL);
	if (way->format == ADAPTER_FORMAT_NATIVE)
		return;
	if (strstr(sector_formats(c->sector), name) == NULL)
		binder_problem(b, format, PROBLEM_FORMAT_SECTOR, name, sector_formats(c->sector));
	else if (way->door == ADAPTER_DOOR_MLLP && way->format != ADAPTER_FORMAT_HL7V2)
		binder_problem(b, format, PROBLEM_FORMAT_DOOR, name, "mllp");
}

static void
check_egress(const struct binder *b, const struct adapter_config *c)
{
	unsigned n;

	only_door(c, &n);
	if (n == 0)
		binder_problem(b, "out", PROBLEM_NO_DOOR, NULL, NULL);
	else if (n > 1 && !is_given(b, "egress.referrals.door"))
		binder_problem(b, "egress.referrals.door", PROBLEM_WHICH_DOOR, NULL, NULL);
	check_way(b, c, "referrals", &c->egress.referrals);
	check_way(b, c, "statuses", &c->egress.statuses);
	check_way(b, c, "receipts", &c->egress.receipts);
	if (c->out_mllp.on && c->sector != ADAPTER_HEALTH)
		binder_problem(b, "out.mllp", PROBLEM_FORMAT_SECTOR, "hl7v2", sector_formats(c->sector));
	if (c->in_mllp.on && c->sector != ADAPTER_HEALTH)
		binder_problem(b, "in.mllp", PROBLEM_FORMAT_SECTOR, "hl7v2", sector_formats(c->sector));
	if (c->out_polling.on && !c->in_http.on)
		binder_problem(b, "out.polling", PROBLEM_NEEDS, "in.http", NULL);
}

/* A referral that nobody has opened is shown by HTTP, or leaves as a preview by webhook or folder; whoever was told answers with a
 * status. Where a door for either is missing, only nasokactl is left, and somebody must think of it.
 */
static void
check_preview(const struct binder *b, const struct adapter_config *c)
{
	unsigned n;
	enum adapter_door door = is_given(b, "egress.referrals.door") ? c->egress.referrals.door : only_door(c, &n);
	bool is_told = c->in_http.on || door == ADAPTER_DOOR_WEBHOOK || door == ADAPTER_DOOR_FOLDER;
	bool may_answer = c->in_http.on || c->in_mllp.on || (c->in_folder.on && c->sector != ADAPTER_SOCIAL);

	if (c->preview.n_services > 0 && !(is_told && may_answer))
		binder_problem(b, "preview.services", PROBLEM_PREVIEW_BY_HAND, NULL, NULL);
}

/* `a` takes all that `b` takes. */
static bool
covers(const struct adapter_route *a, const struct adapter_route *b)
{
	return (a->service_kind == NULL || (b->service_kind != NULL && strcmp(a->service_kind, b->service_kind) == 0)) &&
	       (a->municipality == NULL || (b->municipality != NULL && strcmp(a->municipality, b->municipality) == 0));
}

static void
check_routes(const struct binder *b, const struct adapter_config *c)
{
	const struct node *routes = node_at(b->root, "routes", NULL);
	size_t before = problems_errors(b->problems), i, j;
	char path[48], number[24];

	for (i = 0; i < c->n_routes; i++) {
		const struct adapter_route *route = &c->routes[i];
		struct problem_place place = { routes->kids[i].line, routes->kids[i].col, path };

		snprintf(path, sizeof(path), "routes[%zu]", i + 1);
		if (route->to != NULL && c->agency != NULL && strcmp(route->to, c->agency) == 0)
			problems_add(b->problems, place, PROBLEM_ROUTE_SELF, NULL, NULL, NULL);
		for (j = 0; before == 0 && j < i; j++) {
			if (!covers(&c->routes[j], route))
				continue;
			snprintf(number, sizeof(number), "%zu", j + 1);
			problems_add(b->problems, place, PROBLEM_ROUTE_LATE, number, NULL, NULL);
			break;
		}
	}
}

static void
check_orders(const struct binder *b, const struct adapter_config *c)
{
	const int64_t envelope = (int64_t)c->limits.envelope_bytes, heartbeat = c->transport.heartbeat_ms;
	const struct config_order orders[] = {
		{ "retry.min", "retry.max", c->retry_min_ms, c->retry_max_ms, false },
		{ "limits.envelope_bytes", "limits.credit_bytes", envelope, (int64_t)c->limits.credit_bytes, true },
		{ "limits.envelope_bytes", "limits.outbox_bytes", envelope, (int64_t)c->limits.outbox_bytes, true },
		{ "transport.heartbeat", "transport.silence", heartbeat, c->transport.silent_ms, false },
		{ "transport.reconnect_min", "transport.reconnect_max", c->transport.reconnect_min_ms,
		  c->transport.reconnect_max_ms, false },
	};
	size_t i;

	for (i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		config_check_order(b, &orders[i]);
}

void
adapter_config_check(const struct binder *b, const struct adapter_config *c)
{
	if (c->keys_dir != NULL && c->store_dir != NULL && placecheck_is_inside(c->keys_dir, c->store_dir))
		binder_problem(b, "keys.dir", PROBLEM_INSIDE, "store.dir", NULL);
	check_http(b, c);
	check_mllp(b, c);
	check_folders(b, c);
	check_webhook(b, c);
	check_egress(b, c);
	check_preview(b, c);
	check_routes(b, c);
	check_orders(b, c);
	adapter_deadlines_check(b, c);
}

static void
complete_format(enum adapter_sector sector, struct adapter_egress *way)
{
	static const enum adapter_format own[] = {
		[ADAPTER_SOCIAL] = ADAPTER_FORMAT_JSON,
		[ADAPTER_HEALTH] = ADAPTER_FORMAT_FHIR,
		[ADAPTER_EDUCATION] = ADAPTER_FORMAT_CSV,
	};

	if (way->format == ADAPTER_FORMAT_NATIVE)
		way->format = way->door == ADAPTER_DOOR_MLLP ? ADAPTER_FORMAT_HL7V2 : own[sector];
}

/* What is not said goes the way of what is: referrals by the only door, statuses as referrals, receipts as statuses. */
static void
complete_egress(const struct binder *b, struct adapter_config *c)
{
	unsigned n;

	if (!is_given(b, "egress.referrals.door"))
		c->egress.referrals.door = only_door(c, &n);
	if (!is_given(b, "egress.statuses.door"))
		c->egress.statuses.door = c->egress.referrals.door;
	if (!is_given(b, "egress.receipts.door"))
		c->egress.receipts.door = c->egress.statuses.door;
	complete_format(c->sector, &c->egress.referrals);
	complete_format(c->sector, &c->egress.statuses);
	complete_format(c->sector, &c->egress.receipts);
}

static enum err
complete_address(const struct binder *b, const char *listen, const char **ret_host, uint16_t *ret_port, bool *ret_loopback)
{
	struct setting_address a = { .port = 0 };
	bool good = setting_parse_address(listen, &a);

	assert(good);			/* its form was checked */
	*ret_host = arena_str(b->mem, a.host);
	*ret_port = a.port;
	*ret_loopback = a.loopback;
	return *ret_host != NULL ? OK : ERR_TOOBIG;
}

static enum err
complete_peers(const struct binder *b, struct adapter_config *c)
{
	struct adapter_cidr *peers = arena_array(b->mem, c->in_mllp.n_peers + 1, sizeof(*peers));
	size_t i;

	if (peers == NULL)
		return ERR_TOOBIG;
	for (i = 0; i < c->in_mllp.n_peers; i++) {
		bool good = setting_parse_cidr(c->in_mllp.peers_text[i], peers[i].addr, &peers[i].bits);

		assert(good);
	}
	c->in_mllp.peers = peers;
	return OK;
}

enum err
adapter_config_complete(const struct binder *b, struct adapter_config *c)
{
	enum err e;

	if ((e = complete_address(b, c->in_http.listen, &c->in_http.host, &c->in_http.port, &c->in_http.loopback)) != OK)
		return e;
	if ((e = complete_address(b, c->in_mllp.listen, &c->in_mllp.host, &c->in_mllp.port, &c->in_mllp.loopback)) != OK)
		return e;
	if (c->out_folder.on && c->out_folder.dir == NULL)
		c->out_folder.dir = c->in_folder.out_dir;
	complete_egress(b, c);
	return complete_peers(b, c);
}

const char *
adapter_config_find(const struct adapter_pair *pairs, size_t n_pairs, const char *key)
{
	size_t i;

	for (i = 0; i < n_pairs; i++)
		if (strcmp(pairs[i].key, key) == 0)
			return pairs[i].value;
	return NULL;
}

const char *
adapter_config_charset(enum adapter_charset charset)
{
	static const char *const names[] = {
		[ADAPTER_UTF8] = "UTF-8", [ADAPTER_WINDOWS_1251] = "windows-1251", [ADAPTER_ISO_8859_5] = "ISO-8859-5",
	};

	return names[charset];
}
