/* SPDX-License-Identifier: EUPL-1.2 */
/* trust_world - three agencies, five auditors (threshold 3), three registrars (threshold 2), all keys from fixed seeds, and one
 * synthetic referral: what the tests of envelopes, sealing, directory and frames stand on. Header only; any failure asserts.
 */
#ifndef TRUST_WORLD_H
#define TRUST_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/seal.h"

#define WORLD_AGENCIES 3
#define WORLD_AUDITORS 5
#define WORLD_REGISTRARS 3
#define WORLD_NOW INT64_C(1772445600000)	/* 2026-03-02T10:00:00Z */

struct world {
	struct arena *mem;
	struct key *signing[WORLD_AGENCIES], *sealing[WORLD_AGENCIES], *transport[WORLD_AGENCIES], *witness[WORLD_AGENCIES];
	struct key *auditors[WORLD_AUDITORS], *registrars[WORLD_REGISTRARS], *log, *notice, *curve;
	struct directory draft;		/* as it was written; `directory` is as it was opened */
	struct directory *directory;
	struct span note;
	struct sheet *sheet[WORLD_AGENCIES];
	struct sheets sheets;
	struct record *record;
	uint8_t cek[32];
};

static const char *const world_ids[WORLD_AGENCIES] = { "plovdiv-gp", "plovdiv-ozd", "plovdiv-school" };
static const char *const world_kinds[WORLD_AGENCIES] = { "gp", "ozd", "school" };

/* A key whose 32 bytes are `use` and `n` over and over. */
static inline struct key *
world_key(enum key_use use, unsigned n)
{
	uint8_t seed[KEY_LEN];
	struct key *key;

	for (size_t i = 0; i < KEY_LEN; i++)
		seed[i] = (uint8_t)(i % 2 == 0 ? (unsigned)use : n + 1);
	assert_int_equal(key_from_seed(use, seed, &key), OK);
	return key;
}

static inline void
world_keys(struct world *w)
{
	for (unsigned i = 0; i < WORLD_AGENCIES; i++) {
		w->signing[i] = world_key(KEY_SIGNING, i);
		w->sealing[i] = world_key(KEY_SEALING, i);
		w->transport[i] = world_key(KEY_TRANSPORT, i);
		w->witness[i] = world_key(KEY_WITNESS, i);
	}
	for (unsigned i = 0; i < WORLD_AUDITORS; i++)
		w->auditors[i] = world_key(KEY_AUDITOR, i);
	for (unsigned i = 0; i < WORLD_REGISTRARS; i++)
		w->registrars[i] = world_key(KEY_REGISTRAR, i);
	w->log = world_key(KEY_LOG, 0);
	w->notice = world_key(KEY_NOTICE, 0);
	w->curve = world_key(KEY_TRANSPORT, 99);
}

static inline void
world_draft(struct world *w)
{
	static const char *all[] = { "*" }, *kinds[] = { "kind:ozd" }, *services[] = { "svc-1" };
	static struct coordinator coordinators[] = { { "PDV22", "plovdiv-ozd" } };
	struct directory *d = &w->draft;

	d->version = 7;
	d->valid_from_ms = WORLD_NOW - 10 * CLOCK_DAY;
	d->valid_until_ms = WORLD_NOW + 300 * CLOCK_DAY;
	d->origin = "hub.example/plovdiv";
	d->log = *key_public(w->log);
	d->notice = *key_public(w->notice);
	d->curve = *key_public(w->curve);
	d->agencies = arena_array(w->mem, WORLD_AGENCIES, sizeof(*d->agencies));
	d->n_agencies = WORLD_AGENCIES;
	for (size_t i = 0; i < WORLD_AGENCIES; i++) {
		d->agencies[i] = (struct agency){
			.id = world_ids[i], .kind = world_kinds[i], .municipality = "PDV22", .name_bg = "Учреждение",
			.name_en = "Agency", .signing = *key_public(w->signing[i]),
			.may_send = i == 2 ? kinds : all, .n_may_send = 1, .services = services, .n_services = i == 1,
		};
	}
	d->coordinators = coordinators;
	d->n_coordinators = 1;
	d->auditors = arena_array(w->mem, WORLD_AUDITORS, sizeof(*d->auditors));
	d->n_auditors = WORLD_AUDITORS;
	for (unsigned i = 0; i < WORLD_AUDITORS; i++) {
		d->auditors[i].name = arena_fmt(w->mem, "auditor-%u", i + 1);
		d->auditors[i].pub = *key_public(w->auditors[i]);
	}
	d->threshold = 3;
	d->registrars = arena_array(w->mem, WORLD_REGISTRARS, sizeof(*d->registrars));
	d->n_registrars = WORLD_REGISTRARS;
	for (unsigned i = 0; i < WORLD_REGISTRARS; i++) {
		d->registrars[i].name = arena_fmt(w->mem, "registrar-%u", i + 1);
		d->registrars[i].pub = *key_public(w->registrars[i]);
	}
	d->registrar_threshold = 2;
}

/* The directory as note, signed by registrars [from, to). */
static inline struct span
world_sign_directory(struct world *w, const struct directory *d, unsigned from, unsigned to)
{
	struct note_signer signers[WORLD_REGISTRARS];
	struct span text, note;

	for (unsigned i = from; i < to; i++)
		signers[i - from] = (struct note_signer){ w->draft.registrars[i].name, w->registrars[i] };
	assert_int_equal(directory_text(d, w->mem, &text), OK);
	assert_int_equal(note_sign(text, signers, to - from, w->mem, &note), OK);
	return note;
}

static inline struct span
world_sign_sheet(struct world *w, unsigned i, uint64_t version)
{
	struct sheet s = {
		.agency = world_ids[i], .version = version, .made_ms = WORLD_NOW, .n_sealing = 1,
		.transport = *key_public(w->transport[i]), .witness = *key_public(w->witness[i]),
	};
	struct span bytes;

	s.sealing[0].pub = *key_public(w->sealing[i]);
	assert_int_equal(sheet_sign(&s, w->signing[i], w->mem, &bytes), OK);
	return bytes;
}

static inline void
world_record(struct world *w)
{
	static const char *const fields[][2] = {
		{ "kind", "referral" },
		{ "case_id", "00112233445566778899aabbccddeeff" },
		{ "created", "2026-03-02T10:00:00Z" },
		{ "referral.referral_id", "R-2026-17" },
		{ "referral.initiator.agency", "plovdiv-gp" },
		{ "referral.target.agency", "plovdiv-ozd" },
		{ "referral.child.given", "Проба" },
		{ "referral.child.family", "Измислена" },
		{ "referral.child.birth_date", "2018-05-06" },
		{ "referral.child.gender", "female" },
		{ "referral.child.address.municipality", "PDV22" },
		{ "referral.service_kind", "needs-assessment" },
		{ "referral.reason_text", "Измислен случай за проверка." },
		{ "referral.risk_level", "medium" },
		{ "referral.priority", "urgent" },
		{ "referral.disposition_wanted", "take-over" },
		{ "referral.legal_basis", "duty-to-protect" },
		{ "referral.respond_by", "2026-03-09T10:00:00Z" },
	};
	struct why why;

	w->record = record_new(w->mem, "record");
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		assert_int_equal(record_set(w->record, w->mem, fields[i][0], fields[i][1], &why), OK);
}

static inline struct world *
world_new(void)
{
	struct world *w = calloc(1, sizeof(*w));
	const struct sheet **items;
	struct trust trust;
	struct why why;

	assert_non_null(w);
	w->mem = arena_new(64 * 1024 * 1024);
	assert_non_null(w->mem);
	world_keys(w);
	world_draft(w);
	w->note = world_sign_directory(w, &w->draft, 0, 2);
	trust = (struct trust){ w->draft.registrars, WORLD_REGISTRARS, 2 };
	assert_int_equal(directory_open(w->note, &trust, 0, WORLD_NOW, w->mem, &w->directory, &why), OK);
	items = arena_array(w->mem, WORLD_AGENCIES, sizeof(*items));
	for (unsigned i = 0; i < WORLD_AGENCIES; i++) {
		assert_int_equal(sheet_open(world_sign_sheet(w, i, 1), w->directory, 0, w->mem, &w->sheet[i], &why), OK);
		items[i] = w->sheet[i];
	}
	w->sheets = (struct sheets){ items, WORLD_AGENCIES };
	world_record(w);
	for (size_t i = 0; i < sizeof(w->cek); i++)
		w->cek[i] = (uint8_t)(0xc0 + i);
	return w;
}

static inline void
world_free(struct world *w)
{
	for (unsigned i = 0; i < WORLD_AGENCIES; i++) {
		key_free(w->signing[i]);
		key_free(w->sealing[i]);
		key_free(w->transport[i]);
		key_free(w->witness[i]);
	}
	for (unsigned i = 0; i < WORLD_AUDITORS; i++)
		key_free(w->auditors[i]);
	for (unsigned i = 0; i < WORLD_REGISTRARS; i++)
		key_free(w->registrars[i]);
	key_free(w->log);
	key_free(w->notice);
	key_free(w->curve);
	arena_free(w->mem);
	free(w);
}

/* A DATA header from plovdiv-gp to the first `n_to` of plovdiv-ozd, plovdiv-school, all but what sealing fills in. */
static inline struct header
world_header(size_t n_to)
{
	static const uint8_t random[10] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
	struct header h = {
		.class = CLASS_DATA, .from = world_ids[0], .to = { world_ids[1], world_ids[2] }, .n_to = n_to, .seq = 1,
		.priority = PRIORITY_URGENT, .created_ms = WORLD_NOW, .registered_by_ms = WORLD_NOW + CLOCK_DAY,
		.respond_by_ms = WORLD_NOW + 7 * CLOCK_DAY,
	};

	msgid_make(WORLD_NOW, random, &h.id);
	memset(h.thread.b, 0x77, THREAD_LEN);
	return h;
}

/* The referral sealed and signed by plovdiv-gp. */
static inline struct envelope
world_seal(struct world *w, size_t n_to)
{
	struct header h = world_header(n_to);
	struct envelope env, *batch[1] = { &env };
	struct why why = { 0 };
	enum err e;

	e = seal_record(&h, w->record, w->directory, &w->sheets, key_id(w->signing[0]), w->cek, w->mem, &env, &why);
	if (e != OK)
		fail_msg("%s %s: %s", err_name(e), why.where, why.text);
	assert_int_equal(envelope_sign(batch, 1, w->signing[0], w->mem), OK);
	return env;
}

/* Open as agency `i`. */
static inline enum err
world_open(struct world *w, unsigned i, const struct envelope *env, struct arena *mem, struct record **ret_record, struct why *why)
{
	const struct key *own[1] = { w->sealing[i] };
	const struct open_keys keys = { world_ids[i], own, 1 };

	return seal_open(env, w->directory, &w->sheets, &keys, mem, ret_record, why);
}

#endif
