/* SPDX-License-Identifier: EUPL-1.2 */
/* standing - rows and head of a statement <-> canonical bytes, and the verifying of a page, in the order of PROTOCOL.md 9.5. */
#include "proto/standing.h"

#include "proto/pack.h"
#include "proto/schema/statement.pb-c.h"
#include "proto/sign.h"

#define TAG_STATEMENT "nasoka/v1/statement"
#define TAG_ROW "nasoka/v1/row"
#define STAGES_MAX 0xffffu

/* -- rows -- */

enum err
standing_encode(const struct standing *s, struct arena *mem, struct span *ret_row)
{
	uint32_t stages[ENVELOPE_TO_MAX];
	Hub__V1__StatementRow m;
	struct span row;
	enum err e;

	if (s->n_to == 0 || s->n_to > ENVELOPE_TO_MAX)
		return ERR_FORMAT;
	hub__v1__statement_row__init(&m);
	m.leaf = s->leaf;
	m.priority = (uint32_t)s->priority;
	m.registered_by_ms = s->registered_by_ms;
	m.respond_by_ms = s->respond_by_ms;
	m.expires_ms = s->expires_ms;
	for (size_t i = 0; i < s->n_to; i++)
		stages[i] = s->stages[i];
	m.stages = stages;
	m.n_stages = s->n_to;
	if ((e = pack_encode(&m.base, mem, &row)) != OK)
		return e;
	*ret_row = row;
	return OK;
}

static enum err
decode_row(struct span bytes, struct arena *mem, struct standing *s, struct why *why)
{
	ProtobufCMessage *base;
	const Hub__V1__StatementRow *m;
	enum err e;

	if (bytes.n > STATEMENT_ROW_MAX)
		return why_set(why, ERR_FORMAT, "row", "%zu bytes", bytes.n);
	if ((e = pack_decode(&hub__v1__statement_row__descriptor, bytes, true, mem, &base)) != OK)
		return why_set(why, e, "row", "not a row in canonical form");
	m = (const Hub__V1__StatementRow *)base;
	if (m->priority < PRIORITY_ROUTINE || m->priority > PRIORITY_EMERGENCY || m->registered_by_ms < 0 || m->respond_by_ms < 0 ||
	    m->expires_ms < 0 || m->n_stages == 0 || m->n_stages > ENVELOPE_TO_MAX)
		return why_set(why, ERR_FORMAT, "row", "a part is missing or malformed");
	s->leaf = m->leaf;
	s->priority = (enum priority)m->priority;
	s->registered_by_ms = m->registered_by_ms;
	s->respond_by_ms = m->respond_by_ms;
	s->expires_ms = m->expires_ms;
	s->n_to = m->n_stages;
	for (size_t i = 0; i < s->n_to; i++) {
		if (m->stages[i] > STAGES_MAX)
			return why_set(why, ERR_FORMAT, "row", "unknown stages");
		s->stages[i] = m->stages[i];
	}
	return OK;
}

void
standing_digest(struct hash *digest, struct span row)
{
	uint8_t bytes[sizeof(TAG_ROW) + sizeof(digest->b) + sizeof(digest->b)];
	struct hash part;

	hash_blake2b(row, &part);
	memcpy(bytes, TAG_ROW, sizeof(TAG_ROW));	/* with its zero byte */
	memcpy(bytes + sizeof(TAG_ROW), digest->b, sizeof(digest->b));
	memcpy(bytes + sizeof(TAG_ROW) + sizeof(digest->b), part.b, sizeof(part.b));
	hash_blake2b(SPAN(bytes, sizeof(bytes)), digest);
}

/* The submit's leaf stands where the row says, and its detail tells what the row leaves out. */
static enum err
check_leaf(const struct statement_item *item, const struct checkpoint *cp, struct arena *mem, struct standing *s, struct why *why)
{
	struct hash hash, detail_is;
	struct detail d;
	struct leaf leaf;

	if (item->leaf.n != LEAF_LEN || item->salt.n != LEAF_SALT_LEN || leaf_decode(item->leaf, &leaf) != OK ||
	    detail_decode(item->detail, mem, &d) != OK)
		return why_set(why, arena_is_full(mem) ? ERR_TOOBIG : ERR_FORMAT, "leaf", "leaf or detail is malformed");
	merkle_leaf(item->leaf, &hash);
	detail_hash(item->salt.p, item->detail, &detail_is);
	if (leaf.type != LEAF_SUBMIT || leaf.seq != s->leaf || !hash_eq(&detail_is, &leaf.detail))
		return why_set(why, ERR_INCONSISTENT, "leaf", "not the submit that the row names");
	if (!merkle_check_inclusion(&hash, leaf.seq, cp->size, item->path, item->n_path, &cp->root))
		return why_set(why, ERR_INCONSISTENT, "leaf", "not in the log");
	if (d.n_to != s->n_to || d.from == NULL)
		return why_set(why, ERR_INCONSISTENT, "row", "other parties than its leaf");
	s->id = d.id;
	s->env_hash = d.env_hash;
	s->from = d.from;
	memcpy(s->to, d.to, sizeof(s->to));
	s->thread = d.thread;
	s->seq = d.thread_seq;
	s->created_ms = d.created_ms;
	s->submitted_ms = d.at_ms;
	return OK;
}

/* A sender is told all, a recipient of itself. */
static enum err
check_party(const char *agency, const struct standing *s, struct why *why)
{
	bool is_there = false;

	if (strcmp(s->from, agency) == 0)
		return OK;
	for (size_t i = 0; i < s->n_to; i++) {
		bool is_own = strcmp(s->to[i], agency) == 0;

		if (!is_own && s->stages[i] != 0)
			return why_set(why, ERR_INCONSISTENT, "row", "tells what is another's");
		is_there |= is_own;
	}
	return is_there ? OK : why_set(why, ERR_INCONSISTENT, "row", "of a message that is not this agency's");
}

static enum err
take_row(struct standing_sum *sum, const struct statement_item *item, const struct checkpoint *cp, struct arena *mem,
	 struct standing *s, struct why *why)
{
	enum err e;

	memset(s, 0, sizeof(*s));
	if ((e = decode_row(item->row, mem, s, why)) != OK || (e = check_leaf(item, cp, mem, s, why)) != OK ||
	    (e = check_party(sum->agency, s, why)) != OK)
		return e;
	if (sum->rows > 0 && s->leaf <= sum->after)
		return why_set(why, ERR_INCONSISTENT, "row", "out of order");
	sum->rows++;
	sum->after = s->leaf;
	standing_digest(&sum->digest, item->row);
	return OK;
}

/* -- the head -- */

enum err
standing_sign(const struct standing_head *head, const struct key *notice, struct arena *mem, struct span *ret_bytes,
	      uint8_t ret_sig[KEY_SIG_LEN])
{
	Hub__V1__StatementHead m;
	struct span bytes;
	enum err e;

	hub__v1__statement_head__init(&m);
	pack_fixed(&m.ask, head->ask, sizeof(head->ask));
	m.agency = pack_text(head->agency);
	m.at_ms = head->at_ms;
	m.since = head->since;
	m.size = head->size;
	pack_fixed(&m.root, head->root.b, sizeof(head->root.b));
	m.rows = head->rows;
	pack_fixed(&m.digest, head->digest.b, sizeof(head->digest.b));
	if ((e = pack_encode(&m.base, mem, &bytes)) != OK || (e = sign_bytes(notice, TAG_STATEMENT, bytes, ret_sig)) != OK)
		return e;
	*ret_bytes = bytes;
	return OK;
}

static enum err
open_head(const struct statement *page, const struct public_key *notice, struct arena *mem, struct standing_head *h, struct why *why)
{
	ProtobufCMessage *base;
	const Hub__V1__StatementHead *m;
	enum err e;

	if (page->head.n > STATEMENT_HEAD_MAX)
		return why_set(why, ERR_FORMAT, "head", "%zu bytes", page->head.n);
	if (!sign_is_valid(notice, TAG_STATEMENT, page->head, page->sig))
		return why_set(why, ERR_BAD_SIGNATURE, "head", "not signed with the hub's notice key");
	if ((e = pack_decode(&hub__v1__statement_head__descriptor, page->head, true, mem, &base)) != OK)
		return why_set(why, e, "head", "not a head in canonical form");
	m = (const Hub__V1__StatementHead *)base;
	memset(h, 0, sizeof(*h));
	h->agency = pack_take_text(m->agency);
	h->at_ms = m->at_ms;
	h->since = m->since;
	h->size = m->size;
	h->rows = m->rows;
	if (!pack_take_fixed(&m->ask, h->ask, sizeof(h->ask)) || !pack_take_fixed(&m->root, h->root.b, sizeof(h->root.b)) ||
	    !pack_take_fixed(&m->digest, h->digest.b, sizeof(h->digest.b)) || !agency_is_id(h->agency) || h->at_ms <= 0)
		return why_set(why, ERR_FORMAT, "head", "a part is missing or malformed");
	return OK;
}

static enum err
check_head(const struct standing_sum *sum, const struct standing_head *h, const struct checkpoint *cp, struct why *why)
{
	if (memcmp(h->ask, sum->ask, sizeof(h->ask)) != 0 || strcmp(h->agency, sum->agency) != 0 || h->since != sum->since)
		return why_set(why, ERR_INCONSISTENT, "head", "of another statement");
	if (h->size != cp->size || !hash_eq(&h->root, &cp->root))
		return why_set(why, ERR_INCONSISTENT, "head", "names another checkpoint");
	if (h->rows != sum->rows || !hash_eq(&h->digest, &sum->digest))
		return why_set(why, ERR_INCONSISTENT, "head", "signed for other rows than came");
	return OK;
}

bool
standing_is_next(const struct standing_sum *sum, const struct statement *page)
{
	return memcmp(page->ask, sum->ask, sizeof(sum->ask)) == 0 && page->after == sum->after;
}

enum err
standing_page(struct standing_sum *sum, const struct statement *page, const struct checkpoint *cp, const struct public_key *notice,
	      struct arena *mem, struct standing **ret_rows, bool *ret_is_whole, struct standing_head *ret_head, struct why *why)
{
	struct standing *rows = arena_array(mem, page->n, sizeof(*rows));
	struct standing_head head;
	bool is_whole = page->head.n != 0;
	enum err e;

	if (rows == NULL)
		return ERR_TOOBIG;
	if (!standing_is_next(sum, page))
		return why_set(why, ERR_FORMAT, "ask", "an answer to something else");
	if (page->n == 0 && !is_whole)	/* one that gets no further could go on for ever */
		return why_set(why, ERR_FORMAT, "page", "neither a row nor the head");
	for (size_t i = 0; i < page->n; i++)
		if ((e = take_row(sum, &page->items[i], cp, mem, &rows[i], why)) != OK)
			return e;
	if (is_whole) {
		if ((e = open_head(page, notice, mem, &head, why)) != OK || (e = check_head(sum, &head, cp, why)) != OK)
			return e;
		*ret_head = head;
	}
	*ret_rows = rows;
	*ret_is_whole = is_whole;
	return OK;
}
