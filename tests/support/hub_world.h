/* SPDX-License-Identifier: EUPL-1.2 */
/* hub_world - a small synthetic world for tests of the hub: keys from seeds, a directory of a few agencies and auditors, their
 * sheets, and signed envelopes whose sealed parts are random bytes (the hub is blind to them). Header-only.
 */
#ifndef SUPPORT_HUB_WORLD_H
#define SUPPORT_HUB_WORLD_H

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "config/hub_config.h"
#include "proto/base/clock.h"
#include "proto/directory.h"
#include "proto/envelope.h"

#define WORLD_AGENCIES 4
#define WORLD_AUDITORS 3
#define WORLD_ORIGIN "hub.example/log"
#define WORLD_T0 INT64_C(1772445600000)		/* 2026-03-02T10:00Z */

struct world {
	struct arena *mem;
	struct key *log, *notice, *curve, *registrar;
	struct key *signing[WORLD_AGENCIES], *sealing[WORLD_AGENCIES], *transport[WORLD_AGENCIES], *witness[WORLD_AGENCIES];
	struct key *auditor[WORLD_AUDITORS];
	struct agency agencies[WORLD_AGENCIES];
	struct auditor auditors[WORLD_AUDITORS];
	struct note_verifier verifier;
	struct directory d;
	struct span note, sheets[WORLD_AGENCIES];
	struct hub_config config;
	uint64_t random;
};

static const char *const world_ids[WORLD_AGENCIES] = { "gp-ivanova", "hospital-1", "ozd-plovdiv", "school-7" };
static const char *const world_all[] = { "*" };

static inline uint64_t
world_random(struct world *w)
{
	uint64_t z = w->random += UINT64_C(0x9e3779b97f4a7c15);	/* splitmix64 */

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static inline void
world_fill(struct world *w, void *to, size_t n)
{
	uint8_t *p = to;

	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)world_random(w);
}

static inline struct key *
world_key(struct world *w, enum key_use use)
{
	uint8_t seed[KEY_LEN];
	struct key *key = NULL;
	enum err e;

	world_fill(w, seed, sizeof(seed));
	e = key_from_seed(use, seed, &key);
	assert(e == OK);
	return key;
}

static inline void
world_sheet(struct world *w, size_t i, uint64_t version)
{
	struct sheet s = { .agency = world_ids[i], .version = version, .made_ms = WORLD_T0, .n_sealing = 1 };
	enum err e;

	s.sealing[0].pub = *key_public(w->sealing[i]);
	key_id_of(KEY_SEALING, &s.sealing[0].pub, &s.sealing[0].id);
	s.sealing[0].not_after_ms = WORLD_T0 + 365 * CLOCK_DAY;
	s.transport = *key_public(w->transport[i]);
	s.witness = *key_public(w->witness[i]);
	e = sheet_sign(&s, w->signing[i], w->mem, &w->sheets[i]);
	assert(e == OK);
}

/* Sign the directory as it stands in w->d (again, after a change). */
static inline void
world_sign_directory(struct world *w)
{
	struct note_signer signer = { .name = w->verifier.name, .key = w->registrar };
	struct span text, bytes;
	struct directory *again;
	struct why why;
	enum err e;

	e = directory_encode(&w->d, w->mem, &bytes);
	assert(e == OK);
	e = directory_decode(bytes, w->mem, &again, &why);
	if (e != OK)
		fprintf(stderr, "directory: %s: %s\n", why.where, why.text);
	assert(e == OK);
	w->d.hash = again->hash;
	e = directory_text(&w->d, w->mem, &text);
	assert(e == OK);
	e = note_sign(text, &signer, 1, w->mem, &w->note);
	assert(e == OK);
}

static inline void
world_init(struct world *w, uint64_t seed)
{
	*w = (struct world){ .random = seed, .mem = arena_new((size_t)1 << 30) };
	assert(w->mem);
	w->log = world_key(w, KEY_LOG);
	w->notice = world_key(w, KEY_NOTICE);
	w->curve = world_key(w, KEY_TRANSPORT);
	w->registrar = world_key(w, KEY_REGISTRAR);
	w->verifier = (struct note_verifier){ .name = "registrar.example", .pub = *key_public(w->registrar) };
	for (size_t i = 0; i < WORLD_AGENCIES; i++) {
		w->signing[i] = world_key(w, KEY_SIGNING);
		w->sealing[i] = world_key(w, KEY_SEALING);
		w->transport[i] = world_key(w, KEY_TRANSPORT);
		w->witness[i] = world_key(w, KEY_WITNESS);
		w->agencies[i] = (struct agency){
			.id = world_ids[i], .kind = "ozd", .municipality = "PDV22", .name_bg = "Проба", .name_en = "Sample",
			.signing = *key_public(w->signing[i]), .may_send = (const char **)(uintptr_t)world_all, .n_may_send = 1,
		};
		key_id_of(KEY_SIGNING, &w->agencies[i].signing, &w->agencies[i].signing_id);
	}
	for (size_t i = 0; i < WORLD_AUDITORS; i++) {
		w->auditor[i] = world_key(w, KEY_AUDITOR);
		w->auditors[i].name = arena_fmt(w->mem, "auditor-%zu", i + 1);
		w->auditors[i].pub = *key_public(w->auditor[i]);
		key_id_of(KEY_AUDITOR, &w->auditors[i].pub, &w->auditors[i].id);
	}
	w->d = (struct directory){
		.version = 1, .valid_from_ms = WORLD_T0 - CLOCK_DAY, .valid_until_ms = WORLD_T0 + 300 * CLOCK_DAY,
		.origin = WORLD_ORIGIN, .log = *key_public(w->log), .notice = *key_public(w->notice),
		.curve = *key_public(w->curve), .agencies = w->agencies, .n_agencies = WORLD_AGENCIES,
		.auditors = w->auditors, .n_auditors = WORLD_AUDITORS, .threshold = 2, .registrars = &w->verifier,
		.n_registrars = 1, .registrar_threshold = 1,
	};
	world_sign_directory(w);
	for (size_t i = 0; i < WORLD_AGENCIES; i++)
		world_sheet(w, i, 1);
	w->config = (struct hub_config){ .origin = WORLD_ORIGIN };
	w->config.transport.heartbeat_ms = 5 * CLOCK_SECOND;
	w->config.limits.envelope_bytes = 1152 * 1024;
	w->config.limits.queued_messages = 10000;
	w->config.limits.queued_bytes = (uint64_t)1 << 30;
	w->config.limits.sender_percent = 100;
	w->config.limits.sent_messages = 10000;
	w->config.limits.sent_bytes = (uint64_t)1 << 30;
	w->config.limits.credit_messages = 64;
	w->config.limits.credit_bytes = 8 << 20;
	w->config.limits.emergency_percent = 10;
	w->config.limits.duplicate_horizon_ms = 400 * CLOCK_DAY;
	w->config.limits.reseal_grace_ms = 7 * CLOCK_DAY;
	w->config.limits.disk_low_percent = 5;
	w->config.limits.disk_low_bytes = 1 << 20;
}

static inline void
world_done(struct world *w)
{
	for (size_t i = 0; i < WORLD_AGENCIES; i++) {
		key_free(w->signing[i]);
		key_free(w->sealing[i]);
		key_free(w->transport[i]);
		key_free(w->witness[i]);
	}
	for (size_t i = 0; i < WORLD_AUDITORS; i++)
		key_free(w->auditor[i]);
	key_free(w->log);
	key_free(w->notice);
	key_free(w->curve);
	key_free(w->registrar);
	arena_free(w->mem);
}

static inline struct span
world_bytes(struct world *w, size_t n)
{
	uint8_t *p = arena_alloc(w->mem, n);

	assert(p);
	world_fill(w, p, n);
	return SPAN(p, n);
}

/* A DATA header from agency `from` to agency `to`, ready to be changed before it is signed. */
static inline void
world_header(struct world *w, size_t from, size_t to, const struct thread_id *thread, uint64_t seq, int64_t now_ms,
	     struct header *h)
{
	uint8_t random[10];

	memset(h, 0, sizeof(*h));
	world_fill(w, random, sizeof(random));
	msgid_make(now_ms, random, &h->id);
	h->version = ENVELOPE_VERSION;
	h->class = CLASS_DATA;
	h->from = world_ids[from];
	h->to[h->n_to++] = world_ids[to];
	h->thread = *thread;
	h->seq = seq;
	h->priority = PRIORITY_ROUTINE;
	h->created_ms = now_ms;
	h->directory_version = w->d.version;
	h->signing_key = w->agencies[from].signing_id;
	h->wraps[0].agency = world_ids[to];
	key_id_of(KEY_SEALING, key_public(w->sealing[to]), &h->wraps[0].key);
	h->wraps[0].box = world_bytes(w, 200);
	h->n_wraps = 1;
	h->capsule = world_bytes(w, ENVELOPE_CAPSULE_LEN);
	h->n_shares = WORLD_AUDITORS;
	h->shares = arena_array(w->mem, WORLD_AUDITORS, sizeof(*h->shares));
	for (uint32_t i = 0; i < WORLD_AUDITORS; i++) {
		h->shares[i].auditor = i + 1;
		h->shares[i].key = w->auditors[i].id;
		h->shares[i].box = world_bytes(w, 200);
		world_fill(w, h->shares[i].hash.b, sizeof(h->shares[i].hash.b));
	}
	world_fill(w, h->commit.b, sizeof(h->commit.b));
}

/* A receipt of agency `from` for the message `about` that it received; without a sealed detail. */
static inline void
world_receipt(struct world *w, size_t from, const struct envelope *about, enum stage stage, int64_t now_ms, struct header *h)
{
	uint8_t random[10];

	memset(h, 0, sizeof(*h));
	world_fill(w, random, sizeof(random));
	msgid_make(now_ms, random, &h->id);
	h->version = ENVELOPE_VERSION;
	h->class = CLASS_RECEIPT;
	h->from = world_ids[from];
	h->to[h->n_to++] = about->header.from;
	h->thread = about->header.thread;
	h->priority = about->header.priority;
	h->created_ms = now_ms;
	h->in_reply_to = about->header.id;
	h->stage = stage;
	h->refusal = stage == STAGE_REFUSED ? REFUSAL_PERMANENT : REFUSAL_NONE;
	h->received = about->hash;
	h->directory_version = w->d.version;
	h->signing_key = w->agencies[from].signing_id;
}

/* Encoded and signed by agency `from`; lives in the world's memory. */
static inline struct span
world_envelope(struct world *w, size_t from, const struct header *h, size_t body_n, struct envelope *ret_env)
{
	struct envelope *e = arena_alloc(w->mem, sizeof(*e));
	struct span bytes = SPAN_NONE;
	enum err err;

	assert(e);
	e->header = *h;
	err = header_encode(h, w->mem, &e->header_bytes);
	assert(err == OK);
	e->body = body_n ? world_bytes(w, body_n) : SPAN_NONE;
	envelope_hash(e->header_bytes, e->body, &e->hash);
	key_id_of(KEY_SIGNING, key_public(w->signing[from]), &e->header.signing_key);	/* whatever the header says */
	err = envelope_sign(&e, 1, w->signing[from], w->mem);
	assert(err == OK);
	err = envelope_encode(e, w->mem, &bytes);
	assert(err == OK);
	if (ret_env)
		*ret_env = *e;
	return bytes;
}

#endif
