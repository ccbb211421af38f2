/* SPDX-License-Identifier: EUPL-1.2 */
/* adapter_desk - a real adapter core of one agency of a hub_world, over a real store in a folder of its own, with the null sector
 * and one door out ("webhook"). Who uses it gives the links. Header-only.
 */
#ifndef SUPPORT_ADAPTER_DESK_H
#define SUPPORT_ADAPTER_DESK_H

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "adapters/core/adapter.h"
#include "adapters/core/storage.h"
#include "tests/support/hub_world.h"
#include "tests/support/null_sector.h"

#define DESK_MAP ((size_t)64 << 20)

struct adesk {
	struct world *world;
	size_t place;
	char dir[64];
	struct store *store;
	struct contacts *contacts;
	char keys[64];
	struct keychest *chest;
	struct key *local;
	struct adapter_config config;
	struct door door;
	struct adapter_links links;
	struct adapter *adapter;	/* NULL: the process is not running */
};

static inline void
adesk_config(struct adapter_config *c, const char *agency)
{
	static const struct adapter_deadlines by = { { .ms = CLOCK_DAY }, { .ms = 7 * CLOCK_DAY }, { .ms = 30 * CLOCK_DAY } };

	*c = (struct adapter_config){ .agency = agency, .retry_min_ms = 1000, .retry_max_ms = 60000, .park_after = 10,
		.reconcile_ms = CLOCK_DAY };
	c->egress.referrals = (struct adapter_egress){ ADAPTER_DOOR_WEBHOOK, ADAPTER_FORMAT_JSON };
	c->egress.statuses = c->egress.receipts = c->egress.referrals;
	c->deadlines.answer_by = (struct setting_term){ .working_days = 3 };
	c->deadlines.cancel_by = (struct setting_term){ .working_days = 2 };
	c->deadlines.review = (struct setting_term){ .ms = 30 * CLOCK_DAY };
	c->deadlines.acknowledge = (struct setting_term){ .ms = 14 * CLOCK_DAY };
	c->deadlines.assessment = (struct setting_term){ .ms = 20 * CLOCK_DAY };
	c->registered_timeout_ms = 2 * CLOCK_DAY;
	c->deadlines.routine = c->deadlines.urgent = c->deadlines.emergency = by;
	c->transport.heartbeat_ms = 5 * CLOCK_SECOND;
	c->limits.credit_messages = 64;
	c->limits.credit_bytes = 8 << 20;
	c->limits.outbox_messages = 10000;
	c->limits.disk_low_bytes = 1 << 20;
}

/* A new folder with the sealing key and the sheet that the world has of an agency. */
static inline void
adesk_keys(struct world *w, size_t place, char ret_dir[64])
{
	char path[160];
	FILE *f;
	enum err e;

	snprintf(ret_dir, 64, "%s/nasoka-keys-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert(mkdtemp(ret_dir));
	snprintf(path, sizeof(path), "%s/sealing.key", ret_dir);
	e = key_save(w->sealing[place], path);
	assert(e == OK);
	snprintf(path, sizeof(path), "%s/%s.sheet", ret_dir, world_ids[place]);
	f = fopen(path, "w");
	assert(f && fwrite(w->sheets[place].p, 1, w->sheets[place].n, f) == w->sheets[place].n);
	fclose(f);
}

static inline void
adesk_no_keys(const char *dir)
{
	DIR *folder = opendir(dir);
	const struct dirent *entry;

	while (folder && (entry = readdir(folder)) != NULL)
		(void)unlinkat(dirfd(folder), entry->d_name, 0);
	if (folder)
		closedir(folder);
	rmdir(dir);
}

/* The keys are lost, or turned over by hand: another sealing key, named by the next sheet. The process must not be running. */
static inline void
adesk_rekey(struct adesk *d, uint64_t version)
{
	assert(d->chest == NULL);
	adesk_no_keys(d->keys);
	key_free(d->world->sealing[d->place]);
	d->world->sealing[d->place] = world_key(d->world, KEY_SEALING);
	world_sheet(d->world, d->place, version);
	adesk_keys(d->world, d->place, d->keys);
}

/* The process starts: store, contacts, adapter. */
static inline void
adesk_start(struct adesk *d)
{
	static const char *const tables[] = { ADAPTER_TABLE_NAMES };
	struct store_options options = {
		.path = d->dir, .tables = tables, .map_bytes = DESK_MAP, .schema = ADAPTER_SCHEMA,
	};
	struct adapter_parts parts = {
		.config = &d->config, .sector = &null_sector, .signing = d->world->signing[d->place],
		.local = d->local, .links = d->links,
	};
	char *trust = arena_fmt(d->world->mem, "threshold 1\n%s\n", note_verifier_format(&d->world->verifier, d->world->mem));
	struct why why = { .where = "" };
	enum err e;

	if ((e = store_open(&options, &d->store, &why)) != OK ||
	    (e = keychest_open(d->keys, world_ids[d->place], d->world->signing[d->place], &d->chest, &why)) != OK ||
	    (e = contacts_open(d->store, span_str(trust), d->world->note, d->links.now(d->links.arg), &d->contacts, &why)) != OK)
		fprintf(stderr, "desk: %s %s: %s\n", err_name(e), why.where, why.text);
	assert(e == OK);
	d->door.in_flight = 0;
	parts.store = d->store;
	parts.contacts = d->contacts;
	parts.chest = d->chest;
	parts.doors[ADAPTER_DOOR_WEBHOOK] = &d->door;
	e = adapter_new(&parts, &d->adapter, &why);
	assert(e == OK);
}

/* The process dies: what was not committed is gone. */
static inline void
adesk_stop(struct adesk *d)
{
	adapter_free(d->adapter);
	contacts_free(d->contacts);
	store_close(d->store);
	keychest_close(d->chest);
	d->adapter = NULL;
	d->chest = NULL;
	d->contacts = NULL;
	d->store = NULL;
}

static inline void
adesk_init(struct adesk *d, struct world *world, size_t place)
{
	memset(d, 0, sizeof(*d));
	d->world = world;
	d->place = place;
	snprintf(d->dir, sizeof(d->dir), "%s/nasoka-desk-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert(mkdtemp(d->dir));
	adesk_keys(world, place, d->keys);
	d->local = world_key(world, KEY_LOCAL);
	adesk_config(&d->config, world_ids[place]);
	d->door = (struct door){ .name = "webhook", .capacity = 4 };
}

/* Is the text among the bytes? */
static inline bool
adesk_has(struct span bytes, const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; i + n <= bytes.n; i++)
		if (memcmp(bytes.p + i, text, n) == 0)
			return true;
	return false;
}

/* The disk with its store is lost. The process must not be running. */
static inline void
adesk_wipe(struct adesk *d)
{
	char path[128];

	assert(d->store == NULL);
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", d->dir, i ? "lock.mdb" : "data.mdb");
		unlink(path);
	}
}

static inline void
adesk_done(struct adesk *d)
{
	adesk_stop(d);
	key_free(d->local);
	adesk_wipe(d);
	rmdir(d->dir);
	adesk_no_keys(d->keys);
}

/* A referral as the null sector reads it. */
static inline char *
adesk_referral(struct arena *mem, const char *id, const char *to, const char *priority, const char *reason)
{
	return arena_fmt(mem,
		"id=%s\ntarget=%s\nkind=referral\nreferral.referral_id=%s\nreferral.child.given=Проба\n"
		"referral.child.family=Измислена\nreferral.child.birth_date=2018-05-06\nreferral.child.gender=female\n"
		"referral.child.address.municipality=PDV22\nreferral.service_kind=needs-assessment\n"
		"referral.reason_text=%s\nreferral.risk_level=medium\nreferral.priority=%s\n"
		"referral.disposition_wanted=take-over\nreferral.legal_basis=duty-to-protect\n",
		id, to, id, reason, priority);
}

/* A step of the referral that `number` names. */
static inline char *
adesk_status(struct arena *mem, const char *id, const char *number, const char *to, const char *more)
{
	return arena_fmt(mem, "id=%s\nkind=status-change\nstatus.referral_id=%s\nstatus.to=%s\n%s", id, number, to, more);
}

/* What the adapter answers to `text`, in `mem`; NULL: nothing, it must stop. */
static inline const char *
adesk_take(struct adesk *d, const char *text, const char *key, struct arena *mem)
{
	struct native in = { .format = FORMAT_JSON, .bytes = span_str(text) }, answer = { 0 };
	enum err refused = OK;

	if (adapter_take(d->adapter, &in, "test", key, mem, &answer, &refused) != OK)
		return NULL;
	return (const char *)answer.bytes.p;
}

#endif
