/* SPDX-License-Identifier: EUPL-1.2 */
/* bulletin - TABLE_OFFERS knows the newest of each service, TABLE_BULLETIN the same in the order of leaves. */
#include "hub/bulletin.h"

#include "hub/answer.h"

#define FRAME_BYTES (256u << 10)	/* a frame is closed when it holds as much */
#define FRAME_ITEMS 256

/* Counted once from the journal, by prefix, before this agency's first one in this run; then kept up to date. */
static bool
count(struct hub *hub, struct party *p)
{
	struct journal_walk walk;
	struct offer_row row;
	struct row_key key;
	struct span prefix = row_key_agency(p->id, &key);
	bool more, is_ok = true;

	if (p->are_offers_counted)
		return true;
	p->n_offers = p->n_names = 0;
	more = journal_walk_from(state_view(hub), TABLE_OFFERS, prefix, &walk);
	for (; more && is_ok && walk.key.n > prefix.n && memcmp(walk.key.p, prefix.p, prefix.n) == 0; more = journal_walk_next(&walk)) {
		is_ok = row_decode_offer(walk.value, &row) == OK;
		p->n_names++;
		p->n_offers += !row.is_ended;
	}
	journal_walk_end(&walk);
	p->are_offers_counted = is_ok;
	return is_ok;
}

static bool
find(struct hub *hub, const char *agency, const char *service, struct offer_row *ret_row)
{
	struct row_key key;
	struct span value = state_get(hub, TABLE_OFFERS, row_key_offer(agency, service, &key));

	return value.p != NULL && row_decode_offer(value, ret_row) == OK;
}

/* The directory may say whose a service is; what it says of nobody may be anybody's. */
static bool
is_anothers(const struct directory *d, const char *service, const char *agency)
{
	for (size_t i = 0; i < d->n_agencies; i++)
		for (size_t k = 0; k < d->agencies[i].n_services; k++)
			if (strcmp(d->agencies[i].services[k], service) == 0 && strcmp(d->agencies[i].id, agency) != 0)
				return true;
	return false;
}

static bool
is_too_fast(const struct hub *hub, const struct party *p)
{
	bool is_new_minute = hub->now_ms < p->minute_ms || hub->now_ms - p->minute_ms >= CLOCK_MINUTE;

	return !is_new_minute && p->in_minute >= BULLETIN_A_MINUTE;
}

enum err
bulletin_check(struct hub *hub, const struct envelope *env, struct announce *ret_announce, struct why *why)
{
	const struct header *h = &env->header;
	struct party *p = state_party(hub, h->from);
	struct offer_row had;
	bool is_known;
	enum err e;

	if (p == NULL || !count(hub, p))
		return ERR_STORE;
	if (msgid_time_ms(&h->id) < hub->now_ms - hub->config->limits.duplicate_horizon_ms)
		return why_set(why, ERR_STALE, "id", "older than the duplicate horizon");
	if ((e = announce_decode(env->body, hub->mem, ret_announce, why)) != OK)
		return e;
	if (strcmp(ret_announce->agency, h->from) != 0)
		return why_set(why, ERR_NOT_ALLOWED, "agency", "not the sender");
	if (is_anothers(hub_directory(hub), ret_announce->service_id, h->from))
		return why_set(why, ERR_NOT_ALLOWED, "service_id", "another agency's by the directory");
	is_known = find(hub, h->from, ret_announce->service_id, &had);
	if (is_known && h->created_ms < had.created_ms)
		return why_set(why, ERR_STALE, "created", "a newer one of this service is at hand");
	if (!is_known && p->n_names >= BULLETIN_NAMES_MAX)
		return why_set(why, ERR_TOOMANY, "service_id", "at most %d names were ever used", BULLETIN_NAMES_MAX);
	if (!ret_announce->is_ended && (!is_known || had.is_ended) && p->n_offers >= ANNOUNCE_SERVICES_MAX)
		return why_set(why, ERR_TOOMANY, "service_id", "at most %d services", ANNOUNCE_SERVICES_MAX);
	return is_too_fast(hub, p) ? why_set(why, ERR_OVERLOAD, "from", "too many announcements a minute") : OK;
}

void
bulletin_put(struct hub *hub, const struct envelope *env, const struct announce *a, uint64_t leaf)
{
	const struct header *h = &env->header;
	struct party *p = state_party(hub, h->from);
	struct offer_row had, row = { .leaf = leaf, .created_ms = h->created_ms, .is_ended = a->is_ended };
	struct row_key key;

	if (find(hub, h->from, a->service_id, &had)) {
		state_del(hub, TABLE_BULLETIN, row_key_bulletin(had.leaf, &key));
		p->n_offers -= !had.is_ended;
	} else {
		p->n_names++;
	}
	p->n_offers += !row.is_ended;
	if (hub->now_ms < p->minute_ms || hub->now_ms - p->minute_ms >= CLOCK_MINUTE) {
		p->minute_ms = hub->now_ms;
		p->in_minute = 0;
	}
	p->in_minute++;
	state_put(hub, TABLE_OFFERS, row_key_offer(h->from, a->service_id, &key), row_offer(&row, hub->mem));
	state_put(hub, TABLE_BULLETIN, row_key_bulletin(leaf, &key), span_str("1"));
	hub->bulletin_end = leaf + 1;
}

enum err
bulletin_load(struct hub *hub, struct journal_view *v)
{
	struct journal_walk walk;
	enum err e = OK;
	uint64_t leaf;

	if (journal_walk_last(v, TABLE_BULLETIN, &walk)) {
		if (row_bulletin_leaf(walk.key, &leaf))
			hub->bulletin_end = leaf + 1;
		else
			e = ERR_CORRUPT;
	}
	journal_walk_end(&walk);
	return e;
}

bool
bulletin_is_due(const struct hub *hub, const struct party *p)
{
	const struct session *s = &p->session;
	uint64_t end = hub->bulletin_end < hub->size ? hub->bulletin_end : hub->size;

	return s->state == SESSION_UP && !s->is_blocked && s->bulletin_looked < end;
}

/* False: no room for it in this frame or event. */
static bool
add(struct hub *hub, struct announced *f, uint64_t leaf, size_t *bytes)
{
	struct deliver_item *item = &f->items[f->n];
	struct journal_entry entry;

	if (f->n == FRAME_ITEMS || (f->n > 0 && *bytes >= FRAME_BYTES) || answer_entry(hub, leaf, &entry) != OK ||
	    !entry.has_detail || entry.envelope.p == NULL)
		return false;
	*item = (struct deliver_item){
		.envelope = entry.envelope, .leaf = arena_span(hub->mem, SPAN(entry.leaf, LEAF_LEN)),
		.salt = arena_span(hub->mem, SPAN(entry.salt, LEAF_SALT_LEN)), .detail = entry.detail,
		.path = arena_array(hub->mem, MERKLE_PATH_MAX, sizeof(*item->path)),
	};
	if (item->path == NULL || item->salt.p == NULL || item->leaf.p == NULL ||
	    !merkle_inclusion(leaf, hub->size, state_node, hub, item->path, &item->n_path))
		return false;
	*bytes += entry.envelope.n;
	f->n++;
	f->seen = leaf + 1;
	return true;
}

/* True: all that is durable is in the frame or was sent before. */
static bool
load(struct hub *hub, uint64_t from, struct announced *f)
{
	struct journal_walk walk;
	struct row_key key;
	bool more, is_drained = true;
	size_t bytes = 0;
	uint64_t leaf;

	more = journal_walk_from(state_view(hub), TABLE_BULLETIN, row_key_bulletin(from, &key), &walk);
	for (; more && row_bulletin_leaf(walk.key, &leaf) && leaf < hub->size; more = journal_walk_next(&walk))
		if (!add(hub, f, leaf, &bytes)) {
			is_drained = false;
			break;
		}
	journal_walk_end(&walk);
	return is_drained;
}

bool
bulletin_pump(struct hub *hub, struct party *p)
{
	struct session *s = &p->session;
	struct frame f = { .kind = FRAME_ANNOUNCED, .epoch = s->epoch };
	struct announced *a = &f.announced;
	bool is_drained;
	enum err e;

	if (!bulletin_is_due(hub, p) || (a->items = arena_array(hub->mem, FRAME_ITEMS, sizeof(*a->items))) == NULL)
		return false;
	a->seen_before = s->announced_seen;
	is_drained = load(hub, s->bulletin_looked > s->announced_seen ? s->bulletin_looked : s->announced_seen, a);
	if (a->n > 0) {
		e = answer_growth(hub, p, &a->growth) ? state_send(hub, p, &f) : ERR_TOOBIG;
		if (e != OK) {
			s->is_blocked |= e != ERR_PEER_DOWN;
			return false;
		}
		answer_shown(hub, p);
		s->announced_seen = a->seen;
		state_log(hub, LOG_ANNOUNCED, "to=%s n=%zu", p->id, a->n);
	}
	if (is_drained)
		s->bulletin_looked = hub->size;
	return a->n > 0 && !is_drained;
}
