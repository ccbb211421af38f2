/* SPDX-License-Identifier: EUPL-1.2 */
/* services - one table for all: agency and service are the key, and the announcement's own bytes the most of a row. */
#include "adapters/core/services.h"

#include <stdio.h>

#include "adapters/core/compose.h"
#include "adapters/core/flights.h"
#include "adapters/core/proof.h"
#include "adapters/core/session.h"
#include "adapters/core/storage.h"
#include "proto/programme.h"

#define LOOK_ARENA ((size_t)4 << 20)	/* every agency's services, to look through */
#define SERVICE_VERSION 1
#define KEY_SEEN SPAN_LIT("announced-seen")

struct key { uint8_t b[2 * (AGENCY_ID_MAX + 1)]; };

static struct span
key_of(const char *agency, const char *service, struct key *key)
{
	int n = snprintf((char *)key->b, sizeof(key->b), "%s%c%s", agency, '\0', service);

	return SPAN(key->b, (size_t)n);
}

/* -- rows -- */

static void
put(struct adapter *a, struct txn *txn, const struct service *s, struct span body)
{
	struct key key;
	struct buf b;

	buf_init(&b, a->mem);
	buf_u8(&b, SERVICE_VERSION);
	buf_u64(&b, (uint64_t)s->created_ms);
	buf_u64(&b, s->leaf);
	buf_u64(&b, s->seq);
	buf_u16(&b, (uint16_t)err_number(s->refused));
	buf_add(&b, s->digest.b, sizeof(s->digest.b));
	buf_var(&b, body);
	txn_put(txn, TABLE_SERVICES, key_of(s->announce.agency, s->announce.service_id, &key), buf_bytes(&b));
}

/* The row's own part; its body is decoded into `mem` where that is given. */
static bool
decode(const struct adapter *a, struct span row, struct arena *mem, struct service *s, struct span *ret_body)
{
	struct cursor c;
	uint8_t version;

	*s = (struct service){ .leaf = 0 };
	cursor_init(&c, row);
	version = cursor_u8(&c);
	s->created_ms = (int64_t)cursor_u64(&c);
	s->leaf = cursor_u64(&c);
	s->seq = cursor_u64(&c);
	s->refused = err_by_number(cursor_u16(&c));
	cursor_copy(&c, s->digest.b, sizeof(s->digest.b));
	*ret_body = cursor_var(&c);
	if (cursor_end(&c) != OK || version != SERVICE_VERSION)
		return false;
	if (mem == NULL)
		return true;
	*ret_body = arena_span(mem, *ret_body);
	if (ret_body->p == NULL || announce_decode(*ret_body, mem, &s->announce, NULL) != OK)
		return false;
	s->is_ours = strcmp(s->announce.agency, a->p.config->agency) == 0;
	s->agency = directory_find(contacts_directory(a->p.contacts), s->announce.agency);
	return true;
}

static bool
get(struct adapter *a, struct txn *txn, const char *agency, const char *service, struct arena *mem, struct service *s, struct span *ret_body)
{
	struct key key;
	struct span row = txn_get(txn, TABLE_SERVICES, key_of(agency, service, &key));

	return row.p != NULL && decode(a, row, mem, s, ret_body);
}

bool
services_ours(struct adapter *a, struct txn *txn, struct arena *mem, const char *service_id, struct service *ret_service)
{
	struct span body;

	return announce_is_service_id(service_id) && get(a, txn, a->p.config->agency, service_id, mem, ret_service, &body);
}

enum err
services_all(struct adapter *a, struct txn *txn, struct arena *mem, struct service **ret_services, size_t *ret_n)
{
	size_t max = (size_t)txn_count(txn, TABLE_SERVICES), n = 0;
	struct service *all = arena_array(mem, max, sizeof(*all));
	struct span body;
	struct walk w;
	bool more;

	if (all == NULL && max > 0)
		return ERR_TOOBIG;
	more = walk_from(txn, TABLE_SERVICES, SPAN_LIT(""), &w);
	for (; more && n < max && !arena_is_full(mem); more = walk_next(&w))
		if (decode(a, w.value, mem, &all[n], &body) && all[n].agency && !all[n].announce.is_ended)
			n++;
	walk_end(&w);
	*ret_services = all;
	*ret_n = n;
	return arena_is_full(mem) ? ERR_TOOBIG : OK;
}

/* -- whose it is -- */

/* By the directory; *ret_n counts who has it. */
static const char *
listed(const struct directory *d, const char *service, size_t *ret_n)
{
	const char *found = NULL;

	*ret_n = 0;
	for (size_t i = 0; i < d->n_agencies; i++)
		for (size_t k = 0; k < d->agencies[i].n_services; k++)
			if (strcmp(d->agencies[i].services[k], service) == 0) {
				found = d->agencies[i].id;
				++*ret_n;
			}
	return found;
}

/* By what agencies say; one id may be said by several. */
static const char *
announced(struct adapter *a, struct txn *txn, const char *service, size_t *ret_n)
{
	const struct directory *d = contacts_directory(a->p.contacts);
	const char *found = NULL;
	struct service s;
	struct span body;

	*ret_n = 0;
	for (size_t i = 0; i < d->n_agencies; i++)
		if (get(a, txn, d->agencies[i].id, service, a->mem, &s, &body) && !s.announce.is_ended) {
			found = d->agencies[i].id;
			++*ret_n;
		}
	return found;
}

enum err
services_agency(struct adapter *a, struct txn *txn, const char *service_id, const char **ret_agency, struct why *why)
{
	const char *agency = NULL;
	size_t n = 0;

	if (announce_is_service_id(service_id))
		agency = listed(contacts_directory(a->p.contacts), service_id, &n);
	if (n == 0 && announce_is_service_id(service_id))
		agency = announced(a, txn, service_id, &n);
	if (n == 0)
		return why_set(why, ERR_NOTFOUND, "referral.target.service_id", "no agency of the directory has or announces this service");
	if (n > 1)
		return why_set(why, ERR_UNROUTABLE, "referral.target.service_id", "%zu agencies have a service of this name: name the agency", n);
	*ret_agency = agency;
	return OK;
}

enum announce_room
services_room(struct adapter *a, struct txn *txn, const char *agency, const char *service_id)
{
	struct service s;
	struct span body;

	if (!announce_is_service_id(service_id) || !get(a, txn, agency, service_id, a->mem, &s, &body))
		return ANNOUNCE_STALE;
	return s.announce.is_ended ? ANNOUNCE_FULL : announce_room(&s.announce, core_now(a));
}

/* How much that is to somebody who looks for a place; what is stale may be any of them. */
static int
rank(enum announce_room room)
{
	switch (room) {
	case ANNOUNCE_FREE: return 4;
	case ANNOUNCE_ASSESSMENT_FIRST: return 3;
	case ANNOUNCE_STALE: return 2;
	case ANNOUNCE_WAITLIST: return 1;
	case ANNOUNCE_FULL: break;
	}
	return 0;
}

bool
services_offered(struct adapter *a, struct txn *txn, const char *agency, const char *service_kind, enum announce_room *ret_room)
{
	struct arena *mem = arena_new(LOOK_ARENA);	/* a table asks for each of its rows */
	bool is_any = false, is_offered = false;
	struct service *all = NULL;
	enum announce_room room;
	size_t n = 0;

	*ret_room = ANNOUNCE_STALE;
	if (mem == NULL || services_all(a, txn, mem, &all, &n) != OK)
		goto out;
	for (size_t i = 0; i < n; i++) {
		const struct announce *it = &all[i].announce;

		if (strcmp(it->agency, agency) != 0)
			continue;
		is_any = true;
		if (strcmp(it->service_kind, service_kind) != 0)
			continue;
		room = announce_room(it, core_now(a));
		if (!is_offered || rank(room) > rank(*ret_room))
			*ret_room = room;
		is_offered = true;
	}
out:
	arena_free(mem);
	return is_offered || !is_any;
}

/* -- ours -- */

/* What was said before and has not left yet is not said any more. */
static void
hold_back(struct txn *txn, const struct service *before)
{
	struct outbound o;

	if (before->seq != 0 && outbox_get(txn, before->seq, &o) && !o.is_accepted) {
		outbox_settle(txn, &o);
		outbox_no_wish(txn, before->seq);
	}
}

static enum err
send(struct adapter *a, struct txn *txn, struct service *s, struct span body, struct why *why)
{
	struct outbound o;
	enum err e;

	if ((e = compose_announcement(a, txn, s->created_ms, body, &o, why)) != OK)
		return e;
	s->seq = o.seq;
	s->leaf = 0;
	s->refused = OK;
	put(a, txn, s, body);
	return OK;
}

static enum err
say(struct adapter *a, struct txn *txn, const struct announce *announce, const struct hash *digest, struct why *why)
{
	struct service before, s = { .announce = *announce, .created_ms = core_now(a) };
	struct span body, old;
	enum err e;

	if ((e = announce_encode(announce, a->mem, &body, why)) != OK)
		return e;
	if (get(a, txn, announce->agency, announce->service_id, NULL, &before, &old)) {
		hold_back(txn, &before);
		s.digest = before.digest;
		if (s.created_ms < before.created_ms)	/* our clock was put back: what is newer says so */
			s.created_ms = before.created_ms;
	} else if (announce->is_ended) {
		return why_set(why, ERR_NOTFOUND, "service_id", "this agency offers no such service");
	}
	if (digest)
		s.digest = *digest;
	return send(a, txn, &s, body, why);
}

enum err
services_say(struct adapter *a, struct announce *announce, const struct hash *digest, struct why *why)
{
	struct txn *txn;
	size_t n = 0;
	const char *owner;
	enum err e;

	announce->agency = a->p.config->agency;
	announce->programme = programme_of_service(announce->service_kind);
	if ((e = announce_check(announce, why)) != OK || (e = announce_check_sense(announce, core_now(a), why)) != OK)
		return e;
	owner = listed(contacts_directory(a->p.contacts), announce->service_id, &n);
	if (n > 0 && (n > 1 || strcmp(owner, a->p.config->agency) != 0))
		return why_set(why, ERR_NOT_ALLOWED, "service_id", "another agency's by the directory");
	arena_reset(a->mem);
	txn = store_write(a->p.store);
	e = say(a, txn, announce, digest, why);
	if (e == OK && txn_error(txn) == OK && !arena_is_full(a->mem)) {
		if ((e = txn_commit(txn)) != OK)
			return e;
		e = flights_submit(a);	/* it is in the outbox: what hinders its sending is no news for the caller */
		return err_is_fatal(e) ? e : OK;
	}
	if (e == OK)
		e = txn_error(txn) != OK ? txn_error(txn) : ERR_TOOBIG;
	txn_abort(txn);
	return e;
}

/* The row of ours that this outbox entry is of; *ret_id is its key's service. */
static bool
find_by_seq(struct adapter *a, struct txn *txn, uint64_t seq, struct service *s, struct span *ret_body)
{
	struct key key;
	struct span prefix = key_of(a->p.config->agency, "", &key);
	bool found = false, more;
	struct walk w;

	more = walk_from(txn, TABLE_SERVICES, prefix, &w);
	for (; more && !found && w.key.n > prefix.n && memcmp(w.key.p, prefix.p, prefix.n) == 0; more = walk_next(&w))
		found = decode(a, w.value, NULL, s, ret_body) && s->seq == seq && decode(a, w.value, a->mem, s, ret_body);
	walk_end(&w);
	return found;
}

void
services_stored(struct adapter *a, struct txn *txn, const struct outbound *o)
{
	struct service s;
	struct span body;

	if (!find_by_seq(a, txn, o->seq, &s, &body))
		return;
	s.leaf = o->leaf;
	put(a, txn, &s, body);
}

void
services_refused(struct adapter *a, struct txn *txn, const struct outbound *o, enum err code)
{
	struct service s;
	struct span body;

	if (!find_by_seq(a, txn, o->seq, &s, &body))
		return;
	s.refused = code;
	put(a, txn, &s, body);
	core_tell(a, LOG_ANNOUNCE_REFUSED, "agency=%s service=%s code=%s where=hub", s.announce.agency, s.announce.service_id, err_code(code));
}

enum err
services_again(struct adapter *a, struct txn *txn, struct outbound *o)
{
	struct service s;
	struct span body;

	outbox_settle(txn, o);
	return find_by_seq(a, txn, o->seq, &s, &body) ? send(a, txn, &s, body, NULL) : OK;
}

/* -- the others' -- */

void
services_load(struct adapter *a, struct txn *txn)
{
	struct span seen = txn_get(txn, TABLE_META, KEY_SEEN);

	a->announced_seen = seen.n == 8 ? storage_number(seen) : 0;
}

static enum err
check(struct adapter *a, const struct envelope *env, struct announce *announce, struct why *why)
{
	const struct directory *newest = contacts_directory(a->p.contacts), *d;
	const struct header *h = &env->header;
	const struct agency *from;
	enum err e;

	if (h->directory_version > newest->version)
		return why_set(why, ERR_STALE, "directory_version", "not at hand");
	d = contacts_version(a->p.contacts, h->directory_version);
	if ((from = directory_find(d ? d : newest, h->from)) == NULL)
		return why_set(why, ERR_UNKNOWN_AGENCY, "from", "not in the directory");
	if (!key_id_eq(&from->signing_id, &env->signature.key) || !envelope_is_signed(env, &from->signing))
		return why_set(why, ERR_BAD_SIGNATURE, "signature", "not its agency's");
	if ((e = announce_decode(env->body, a->mem, announce, why)) != OK)
		return e;
	return strcmp(announce->agency, h->from) == 0 ? OK : why_set(why, ERR_INCONSISTENT, "agency", "not the sender");
}

static enum err
take(struct adapter *a, struct txn *txn, const struct deliver_item *item, const struct checkpoint *cp, struct why *why)
{
	struct service before, s = { .leaf = 0 };
	struct envelope env;
	struct leaf leaf;
	struct span old;
	enum err e;

	arena_reset(a->mem);
	if ((e = envelope_decode(item->envelope, a->frame_mem, &env, why)) != OK)
		return e;
	if (env.header.class != CLASS_ANNOUNCE || !proof_of_delivery(a, item, &env, cp) || leaf_decode(item->leaf, &leaf) != OK)
		return why_set(why, ERR_INCONSISTENT, "proof", "the hub did not prove that this announcement is in its log");
	if ((e = check(a, &env, &s.announce, why)) == ERR_STALE || err_is_fatal(e))
		return e;
	if (e != OK) {	/* its agency's fault, and nobody else's: the others follow */
		core_tell(a, LOG_ANNOUNCE_REFUSED, "agency=%s service=? code=%s where=%s", env.header.from, err_code(e), why->where);
		return OK;
	}
	s.created_ms = env.header.created_ms;
	s.leaf = leaf.seq;
	if (get(a, txn, s.announce.agency, s.announce.service_id, NULL, &before, &old)) {
		if (before.created_ms > s.created_ms)
			return OK;	/* ours, said anew since */
		s.seq = before.seq;
		s.digest = before.digest;
	}
	put(a, txn, &s, env.body);
	core_tell(a, LOG_ANNOUNCE, "agency=%s service=%s room=%s", s.announce.agency, s.announce.service_id,
		  s.announce.is_ended ? "ended" : announce_room_name(announce_room(&s.announce, core_now(a))));
	return OK;
}

enum err
services_frame(struct adapter *a, const struct announced *f)
{
	struct key8 seen = storage_key(f->seen);
	struct why why = { .where = "" };
	struct checkpoint cp;
	struct txn *txn;
	enum err e;

	if ((e = session_checkpoint(a, &f->growth, &cp)) != OK)
		return e;
	/* one before it was lost: the next greeting says what is here */
	if (f->seen_before > a->announced_seen)
		return ERR_ORDER;
	if (store_room(a->p.store) < a->p.config->limits.disk_low_bytes / 2)
		return ERR_FULL;
	txn = store_write(a->p.store);
	for (size_t i = 0; i < f->n && e == OK; i++)
		e = take(a, txn, &f->items[i], &cp, &why);
	arena_reset(a->mem);
	if (e != OK) {
		core_tell(a, LOG_ANNOUNCE_REFUSED, "agency=? service=? code=%s where=%s", err_code(e), why.where);
		txn_abort(txn);
		return e;
	}
	session_put_pin(a, txn);
	txn_put(txn, TABLE_META, KEY_SEEN, SPAN(seen.b, sizeof(seen.b)));
	if ((e = txn_commit(txn)) == OK)
		a->announced_seen = f->seen;	/* not before: the next greeting would say that they are here */
	return e;
}
