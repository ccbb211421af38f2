/* SPDX-License-Identifier: EUPL-1.2 */
/* directory - struct directory <-> canonical bytes <-> signed note, and the questions that others ask it.
 *
 * What a directory must be like to be taken stands in directory_check.c. A directory is opened by two sets of registrars:
 * those that are trusted so far, and those that it names itself; where nothing changes they are the same. Pure.
 */
#include "proto/directory.h"

#include <assert.h>
#include <stdlib.h>

#include "proto/directory_check.h"
#include "proto/pack.h"
#include "proto/schema/directory.pb-c.h"

#define TEXT_HEAD "nasoka directory v1\nversion "
#define TEXT_LINE 76	/* base64 characters a line */

/* `n` items of `type` in the arena, and the array of pointers to them that protobuf-c wants; sticky. */
static void *
list(struct arena *mem, size_t n, size_t each, void *ret_pointers)
{
	uint8_t *items = arena_array(mem, n, each);
	void **pointers = arena_array(mem, n, sizeof(*pointers));

	for (size_t i = 0; items != NULL && pointers != NULL && i < n; i++)
		pointers[i] = items + i * each;
	memcpy(ret_pointers, &pointers, sizeof(pointers));
	return pointers == NULL ? NULL : items;
}

static char **
texts(struct arena *mem, const char *const *from, size_t n)
{
	char **to = arena_array(mem, n, sizeof(*to));

	for (size_t i = 0; to != NULL && i < n; i++)
		to[i] = pack_text(from[i]);
	return to;
}

static bool
put_agencies(const struct directory *d, struct arena *mem, Hub__V1__Directory *m)
{
	Hub__V1__Agency *items = list(mem, d->n_agencies, sizeof(*items), &m->agencies);

	for (size_t i = 0; items != NULL && i < d->n_agencies; i++) {
		const struct agency *a = &d->agencies[i];

		hub__v1__agency__init(&items[i]);
		items[i].id = pack_text(a->id);
		items[i].kind = pack_text(a->kind);
		items[i].municipality = pack_text(a->municipality);
		items[i].name_bg = pack_text(a->name_bg);
		items[i].name_en = pack_text(a->name_en);
		pack_fixed(&items[i].signing_key, a->signing.b, KEY_LEN);
		items[i].may_send = texts(mem, a->may_send, a->n_may_send);
		items[i].n_may_send = a->n_may_send;
		items[i].services = texts(mem, a->services, a->n_services);
		items[i].n_services = a->n_services;
		if (items[i].may_send == NULL || items[i].services == NULL)
			return false;
	}
	m->n_agencies = d->n_agencies;
	return items != NULL;
}

static bool
put_offices(const struct directory *d, struct arena *mem, Hub__V1__Directory *m)
{
	Hub__V1__Coordinator *coordinators = list(mem, d->n_coordinators, sizeof(*coordinators), &m->coordinators);
	Hub__V1__Auditor *auditors = list(mem, d->n_auditors, sizeof(*auditors), &m->auditors);
	Hub__V1__Registrar *registrars = list(mem, d->n_registrars, sizeof(*registrars), &m->registrars);

	if (coordinators == NULL || auditors == NULL || registrars == NULL)
		return false;
	for (size_t i = 0; i < d->n_coordinators; i++) {
		hub__v1__coordinator__init(&coordinators[i]);
		coordinators[i].municipality = pack_text(d->coordinators[i].municipality);
		coordinators[i].agency = pack_text(d->coordinators[i].agency);
	}
	for (size_t i = 0; i < d->n_auditors; i++) {
		hub__v1__auditor__init(&auditors[i]);
		auditors[i].name = pack_text(d->auditors[i].name);
		pack_fixed(&auditors[i].key, d->auditors[i].pub.b, KEY_LEN);
	}
	for (size_t i = 0; i < d->n_registrars; i++) {
		hub__v1__registrar__init(&registrars[i]);
		registrars[i].name = pack_text(d->registrars[i].name);
		pack_fixed(&registrars[i].key, d->registrars[i].pub.b, KEY_LEN);
	}
	m->n_coordinators = d->n_coordinators;
	m->n_auditors = d->n_auditors;
	m->n_registrars = d->n_registrars;
	return true;
}

enum err
directory_encode(const struct directory *d, struct arena *mem, struct span *ret_bytes)
{
	Hub__V1__Directory m;

	hub__v1__directory__init(&m);
	m.version = d->version;
	m.valid_from_ms = d->valid_from_ms;
	m.valid_until_ms = d->valid_until_ms;
	m.origin = pack_text(d->origin);
	pack_fixed(&m.log_key, d->log.b, KEY_LEN);
	pack_fixed(&m.notice_key, d->notice.b, KEY_LEN);
	pack_fixed(&m.curve_key, d->curve.b, KEY_LEN);
	m.threshold = d->threshold;
	m.registrar_threshold = d->registrar_threshold;
	if (!put_agencies(d, mem, &m) || !put_offices(d, mem, &m) || rules_pack(&d->rules, mem, &m.rules) != OK)
		return ERR_TOOBIG;
	return pack_encode(&m.base, mem, ret_bytes);
}

static const char **
take_texts(char **from, size_t n, struct arena *mem)
{
	const char **to = arena_array(mem, n, sizeof(*to));

	for (size_t i = 0; to != NULL && i < n; i++)
		to[i] = from[i];
	return to;
}

static bool
take_agencies(const Hub__V1__Directory *m, struct arena *mem, struct directory *d)
{
	d->agencies = arena_array(mem, m->n_agencies, sizeof(*d->agencies));
	if (d->agencies == NULL)
		return false;
	d->n_agencies = m->n_agencies;
	for (size_t i = 0; i < m->n_agencies; i++) {
		const Hub__V1__Agency *from = m->agencies[i];
		struct agency *a = &d->agencies[i];

		a->id = pack_take_text(from->id);
		a->kind = pack_take_text(from->kind);
		a->municipality = pack_take_text(from->municipality);
		a->name_bg = pack_take_text(from->name_bg);
		a->name_en = pack_take_text(from->name_en);
		a->may_send = take_texts(from->may_send, from->n_may_send, mem);
		a->n_may_send = from->n_may_send;
		a->services = take_texts(from->services, from->n_services, mem);
		a->n_services = from->n_services;
		if (a->may_send == NULL || a->services == NULL || !pack_take_fixed(&from->signing_key, a->signing.b, KEY_LEN))
			return false;
		key_id_of(KEY_SIGNING, &a->signing, &a->signing_id);
	}
	return true;
}

static bool
take_offices(const Hub__V1__Directory *m, struct arena *mem, struct directory *d)
{
	bool is_ok = true;

	d->coordinators = arena_array(mem, m->n_coordinators, sizeof(*d->coordinators));
	d->auditors = arena_array(mem, m->n_auditors, sizeof(*d->auditors));
	d->registrars = arena_array(mem, m->n_registrars, sizeof(*d->registrars));
	if (d->coordinators == NULL || d->auditors == NULL || d->registrars == NULL)
		return false;
	d->n_coordinators = m->n_coordinators;
	for (size_t i = 0; i < m->n_coordinators; i++) {
		d->coordinators[i].municipality = pack_take_text(m->coordinators[i]->municipality);
		d->coordinators[i].agency = pack_take_text(m->coordinators[i]->agency);
	}
	d->n_auditors = m->n_auditors;
	for (size_t i = 0; i < m->n_auditors; i++) {
		d->auditors[i].name = pack_take_text(m->auditors[i]->name);
		is_ok &= pack_take_fixed(&m->auditors[i]->key, d->auditors[i].pub.b, KEY_LEN);
		key_id_of(KEY_AUDITOR, &d->auditors[i].pub, &d->auditors[i].id);
	}
	d->n_registrars = m->n_registrars;
	for (size_t i = 0; i < m->n_registrars; i++) {
		d->registrars[i].name = pack_take_text(m->registrars[i]->name);
		is_ok &= pack_take_fixed(&m->registrars[i]->key, d->registrars[i].pub.b, KEY_LEN);
	}
	return is_ok;
}

enum err
directory_decode(struct span bytes, struct arena *mem, struct directory **ret_directory, struct why *why)
{
	struct directory *d = arena_alloc(mem, sizeof(*d));
	const Hub__V1__Directory *m;
	ProtobufCMessage *base;
	enum err e;

	if (d == NULL)
		return ERR_TOOBIG;
	if ((e = pack_decode(&hub__v1__directory__descriptor, bytes, true, mem, &base)) != OK)
		return why_set(why, e, "directory", "not a directory in canonical form");
	m = (const Hub__V1__Directory *)base;
	d->version = m->version;
	d->valid_from_ms = m->valid_from_ms;
	d->valid_until_ms = m->valid_until_ms;
	d->origin = pack_take_text(m->origin);
	d->threshold = m->threshold;
	d->registrar_threshold = m->registrar_threshold;
	if (!pack_take_fixed(&m->log_key, d->log.b, KEY_LEN) || !pack_take_fixed(&m->notice_key, d->notice.b, KEY_LEN) ||
	    !pack_take_fixed(&m->curve_key, d->curve.b, KEY_LEN) || !take_agencies(m, mem, d) || !take_offices(m, mem, d))
		return arena_is_full(mem) ? ERR_TOOBIG : why_set(why, ERR_FORMAT, "directory", "a key has a wrong length");
	if ((e = rules_unpack(m->rules, mem, &d->rules)) != OK)
		return why_set(why, e, "rules", "malformed");
	hash_sha256(bytes, &d->hash);
	if ((e = directory_check(d, why)) != OK)
		return e;
	*ret_directory = d;
	return OK;
}

/* -- as text, to be signed -- */

enum err
directory_text(const struct directory *d, struct arena *mem, struct span *ret_text)
{
	struct span bytes;
	const char *b64;
	struct buf b;
	enum err e;

	if ((e = directory_encode(d, mem, &bytes)) != OK)
		return e;
	if ((b64 = note_base64(bytes, mem)) == NULL)
		return ERR_TOOBIG;
	buf_init(&b, mem);
	buf_fmt(&b, TEXT_HEAD "%llu\n", (unsigned long long)d->version);
	for (size_t n = strlen(b64); n > 0;) {
		size_t part = n < TEXT_LINE ? n : TEXT_LINE;

		buf_add(&b, b64, part);
		buf_u8(&b, '\n');
		b64 += part;
		n -= part;
	}
	if (b.e != OK)
		return b.e;
	*ret_text = buf_bytes(&b);
	return OK;
}

/* The directory's bytes out of the text; the version line is for people and judged by comparison with what is inside. */
static enum err
bytes_of_text(struct span text, struct arena *mem, struct span *ret_bytes)
{
	const size_t head = sizeof(TEXT_HEAD) - 1;
	const uint8_t *line;
	struct buf b64;

	if (text.n < head || memcmp(text.p, TEXT_HEAD, head) != 0)
		return ERR_FORMAT;
	line = memchr(text.p + head, '\n', text.n - head);
	if (line == NULL)
		return ERR_FORMAT;
	buf_init(&b64, mem);
	for (const uint8_t *p = line + 1, *end = text.p + text.n; p < end; p = line + 1) {
		line = memchr(p, '\n', (size_t)(end - p));
		if (line == NULL || line == p || line - p > TEXT_LINE)
			return ERR_FORMAT;
		buf_add(&b64, p, (size_t)(line - p));
	}
	if (b64.e != OK)
		return b64.e;
	return note_unbase64(buf_bytes(&b64), mem, ret_bytes);
}

/* The text as it is made, before anybody has signed it: a note has an empty line before its signatures. */
static bool
is_unsigned(struct span note)
{
	const size_t head = sizeof(TEXT_HEAD) - 1;

	if (note.n <= head || memcmp(note.p, TEXT_HEAD, head) != 0 || note.p[note.n - 1] != '\n')
		return false;
	for (size_t i = 1; i < note.n; i++)
		if (note.p[i] == '\n' && note.p[i - 1] == '\n')
			return false;
	return true;
}

static enum err
check_quorum(struct span note, const struct trust *by, const char *who, struct span *ret_text, struct why *why)
{
	uint64_t valid;
	unsigned n;
	enum err e;

	if (by->n > NOTE_SIGS_MAX || by->threshold == 0)
		return why_set(why, ERR_QUORUM, "directory", "no %s registrars to trust", who);
	if ((e = note_verify(note, by->registrars, by->n, ret_text, &valid)) != OK && is_unsigned(note))
		return why_set(why, ERR_QUORUM, "directory", "nobody has signed it: %u of the %s registrars must", by->threshold, who);
	if (e != OK)
		return why_set(why, e, "directory", "not a signed directory (nasokactl directory make writes its text, directory sign signs it), "
			       "or a signature is wrong");
	n = (unsigned)__builtin_popcountll(valid);
	if (n < by->threshold)
		return why_set(why, ERR_QUORUM, "directory", "%u of the %s registrars signed, %u must", n, who, by->threshold);
	return OK;
}

enum err
directory_open(struct span note, const struct trust *trusted, uint64_t last_version, int64_t now_ms, struct arena *mem,
	       struct directory **ret_directory, struct why *why)
{
	struct span text, again, bytes;
	struct directory *d;
	struct trust own;
	enum err e;

	if ((e = check_quorum(note, trusted, "trusted", &text, why)) != OK)
		return e;
	if ((e = bytes_of_text(text, mem, &bytes)) != OK)
		return why_set(why, e, "directory", "not the text of a directory");
	if ((e = directory_decode(bytes, mem, &d, why)) != OK)
		return e;
	own = (struct trust){ d->registrars, d->n_registrars, d->registrar_threshold };
	if ((e = check_quorum(note, &own, "new", &text, why)) != OK)
		return e;
	if ((e = directory_text(d, mem, &again)) != OK)
		return e;
	if (!span_eq(text, again))
		return why_set(why, ERR_FORMAT, "directory", "its text is not the one made of its content");
	if (d->version < last_version)
		return why_set(why, ERR_STALE, "directory", "version %llu after %llu", (unsigned long long)d->version,
			       (unsigned long long)last_version);
	if (now_ms != 0 && (now_ms < d->valid_from_ms || now_ms > d->valid_until_ms))
		return why_set(why, ERR_EXPIRED, "directory", "%s", now_ms < d->valid_from_ms ? "not valid yet" : "expired");
	*ret_directory = d;
	return OK;
}

/* -- questions -- */

static int
compare_agency(const void *key, const void *item)
{
	return strcmp(key, ((const struct agency *)item)->id);
}

const struct agency *
directory_find(const struct directory *d, const char *agency)
{
	if (agency == NULL || d->n_agencies == 0)
		return NULL;
	return bsearch(agency, d->agencies, d->n_agencies, sizeof(*d->agencies), compare_agency);
}

bool
directory_may_send(const struct directory *d, const char *from, const char *to)
{
	const struct agency *a = directory_find(d, from), *b = directory_find(d, to);

	if (a == NULL || b == NULL || a == b)
		return false;
	for (size_t i = 0; i < a->n_may_send; i++) {
		const char *rule = a->may_send[i];

		if (strcmp(rule, DIRECTORY_ALL) == 0 || strcmp(rule, b->id) == 0)
			return true;
		if (strncmp(rule, DIRECTORY_KIND, sizeof(DIRECTORY_KIND) - 1) == 0 &&
		    strcmp(rule + sizeof(DIRECTORY_KIND) - 1, b->kind) == 0)
			return true;
	}
	return false;
}

const char *
directory_coordinator(const struct directory *d, const char *municipality)
{
	for (size_t i = 0; municipality != NULL && i < d->n_coordinators; i++)
		if (strcmp(d->coordinators[i].municipality, municipality) == 0)
			return d->coordinators[i].agency;
	return NULL;
}
