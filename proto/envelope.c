/* SPDX-License-Identifier: EUPL-1.2 */
/* envelope - header bytes, signature and body in one message, and the signature over a batch of them.
 *
 * env_hash names a message everywhere: it covers header and body, not the signature, so that the same message submitted in
 * another batch is the same message. Pure. Called by both adapters, the hub's ingest, audit tools.
 */
#include "proto/envelope.h"

#include "proto/pack.h"
#include "proto/schema/envelope.pb-c.h"
#include "proto/sign.h"

#define TAG_ENVELOPE "nasoka/v1/envelope"
#define TAG_BATCH "nasoka/v1/batch"

const char *
envelope_stage_name(enum stage stage)
{
	static const char *const names[] = { NULL, "stored", "delivered", "registered", "seen", "refused", "withdrawn", NULL };

	return names[stage];
}

const char *
envelope_priority_name(enum priority priority)
{
	return priority == PRIORITY_EMERGENCY ? "emergency" : priority == PRIORITY_URGENT ? "urgent" : "routine";
}

void
envelope_hash(struct span header, struct span body, struct hash *ret_hash)
{
	uint8_t bytes[sizeof(TAG_ENVELOPE) + 2 * sizeof(ret_hash->b)];
	struct hash part;

	memcpy(bytes, TAG_ENVELOPE, sizeof(TAG_ENVELOPE));	/* with its zero byte */
	hash_blake2b(header, &part);
	memcpy(bytes + sizeof(TAG_ENVELOPE), part.b, sizeof(part.b));
	hash_blake2b(body, &part);
	memcpy(bytes + sizeof(TAG_ENVELOPE) + sizeof(part.b), part.b, sizeof(part.b));
	hash_blake2b(SPAN(bytes, sizeof(bytes)), ret_hash);
}

enum err
envelope_encode(const struct envelope *e, struct arena *mem, struct span *ret_bytes)
{
	Hub__V1__Signature s;
	Hub__V1__Envelope m;

	if (e->header_bytes.n > ENVELOPE_HEADER_MAX || e->body.n > ENVELOPE_BODY_MAX)
		return ERR_TOOBIG;
	hub__v1__signature__init(&s);
	pack_fixed(&s.key, e->signature.key.b, KEY_ID_LEN);
	pack_span(&s.sig, SPAN(e->signature.sig, KEY_SIG_LEN));
	s.index = e->signature.index;
	s.size = e->signature.size;
	pack_hashes(&s.path, e->signature.path, e->signature.n_path);
	hub__v1__envelope__init(&m);
	pack_span(&m.header, e->header_bytes);
	m.signature = &s;
	pack_span(&m.body, e->body);
	return pack_encode(&m.base, mem, ret_bytes);
}

static enum err
take_signature(const Hub__V1__Signature *s, const struct header *h, struct signature *ret_signature, struct why *why)
{
	struct hash *path;

	if (s == NULL || s->sig.len != KEY_SIG_LEN || !pack_take_fixed(&s->key, ret_signature->key.b, KEY_ID_LEN) ||
	    !pack_take_hashes(&s->path, MERKLE_PATH_MAX, &path, &ret_signature->n_path))
		return why_set(why, ERR_FORMAT, "signature", "missing or of a wrong length");
	if (s->size == 0 || s->size > ENVELOPE_BATCH_MAX || s->index >= s->size)
		return why_set(why, ERR_FORMAT, "signature", "no such place in a batch");
	if (!key_id_eq(&ret_signature->key, &h->signing_key))
		return why_set(why, ERR_FORMAT, "signature", "of another key than the header names");
	memcpy(ret_signature->sig, s->sig.data, KEY_SIG_LEN);
	ret_signature->index = s->index;
	ret_signature->size = s->size;
	if (ret_signature->n_path > 0)
		memcpy(ret_signature->path, path, ret_signature->n_path * sizeof(*path));
	return OK;
}

/* A sealed message has a body, a receipt exactly if it has a wrap; a clear one must say something. */
static enum err
check_body(const struct header *h, struct span body, struct why *why)
{
	bool has_body = h->class != CLASS_RECEIPT || h->n_wraps != 0;

	if (body.n > (h->class == CLASS_RECEIPT ? ENVELOPE_RECEIPT_BODY_MAX : ENVELOPE_BODY_MAX))
		return why_set(why, ERR_TOOBIG, "body", "%zu bytes", body.n);
	if ((body.n != 0) != has_body)
		return why_set(why, ERR_FORMAT, "body", "missing, or not of this class");
	return OK;
}

enum err
envelope_decode(struct span bytes, struct arena *mem, struct envelope *ret_envelope, struct why *why)
{
	struct envelope env = { 0 };
	const Hub__V1__Envelope *m;
	ProtobufCMessage *base;
	enum err e;

	if (bytes.n > ENVELOPE_BYTES_MAX)
		return why_set(why, ERR_TOOBIG, "envelope", "%zu bytes", bytes.n);
	if ((e = pack_decode(&hub__v1__envelope__descriptor, bytes, true, mem, &base)) != OK)
		return why_set(why, e, "envelope", "not an envelope in canonical form");
	m = (const Hub__V1__Envelope *)base;
	env.header_bytes = pack_take_span(&m->header);
	env.body = pack_take_span(&m->body);
	if ((e = header_decode(env.header_bytes, mem, &env.header, why)) != OK)
		return e;
	if ((e = check_body(&env.header, env.body, why)) != OK)
		return e;
	if ((e = take_signature(m->signature, &env.header, &env.signature, why)) != OK)
		return e;
	envelope_hash(env.header_bytes, env.body, &env.hash);
	if (!merkle_path_fits(env.signature.index, env.signature.size, env.signature.n_path))
		return why_set(why, ERR_FORMAT, "signature", "its path is not one of that place");
	*ret_envelope = env;
	return OK;
}

/* -- the signature over a batch -- */

/* Complete subtrees of the batch's tree, kept by level as they are made: at[level] + index. */
struct levels {
	struct hash *at[32];
};

static void
levels_put(void *arg, unsigned level, uint64_t index, const struct hash *hash)
{
	struct levels *levels = arg;

	levels->at[level][index] = *hash;
}

static bool
levels_read(void *arg, unsigned level, uint64_t index, struct hash *ret_hash)
{
	struct levels *levels = arg;

	*ret_hash = levels->at[level][index];
	return true;
}

static enum err
levels_make(struct envelope *const *batch, size_t n, struct arena *mem, struct levels *levels, struct hash *ret_root)
{
	struct frontier f;

	for (unsigned level = 0; n >> level > 0; level++) {
		levels->at[level] = arena_array(mem, n >> level, sizeof(struct hash));
		if (levels->at[level] == NULL)
			return ERR_TOOBIG;
	}
	frontier_init(&f);
	for (size_t i = 0; i < n; i++) {
		struct hash leaf;

		merkle_leaf(SPAN(batch[i]->hash.b, sizeof(batch[i]->hash.b)), &leaf);
		frontier_add(&f, &leaf, levels_put, levels);
	}
	frontier_root(&f, ret_root);
	return OK;
}

/* What the key signs: u32 size, big-endian, and the root. */
static struct span
batch_text(const struct hash *root, uint32_t size, uint8_t text[4 + sizeof(root->b)])
{
	for (unsigned i = 0; i < 4; i++)
		text[i] = (uint8_t)(size >> (24 - 8 * i));
	memcpy(text + 4, root->b, sizeof(root->b));
	return SPAN(text, 4 + sizeof(root->b));
}

enum err
envelope_sign(struct envelope *const *batch, size_t n, const struct key *signing, struct arena *mem)
{
	uint8_t text[4 + sizeof(struct hash)], sig[KEY_SIG_LEN];
	struct levels levels;
	struct hash root;
	enum err e;

	if (n == 0 || n > ENVELOPE_BATCH_MAX)
		return ERR_TOOMANY;
	for (size_t i = 0; i < n; i++)
		if (!key_id_eq(&batch[i]->header.signing_key, key_id(signing)))
			return ERR_UNKNOWN_KEY;
	if ((e = levels_make(batch, n, mem, &levels, &root)) != OK)
		return e;
	if ((e = sign_bytes(signing, TAG_BATCH, batch_text(&root, (uint32_t)n, text), sig)) != OK)
		return e;
	for (size_t i = 0; i < n; i++) {
		struct signature *s = &batch[i]->signature;

		s->key = *key_id(signing);
		memcpy(s->sig, sig, KEY_SIG_LEN);
		s->index = (uint32_t)i;
		s->size = (uint32_t)n;
		if (!merkle_inclusion(i, n, levels_read, &levels, s->path, &s->n_path))
			return ERR_FORMAT;
	}
	return OK;
}

bool
envelope_batch_root(const struct envelope *e, struct hash *ret_root)
{
	struct hash leaf;

	merkle_leaf(SPAN(e->hash.b, sizeof(e->hash.b)), &leaf);
	return merkle_path_root(&leaf, e->signature.index, e->signature.size, e->signature.path, e->signature.n_path, ret_root);
}

bool
envelope_is_root_signed(const struct hash *root, uint32_t size, const uint8_t sig[KEY_SIG_LEN], const struct public_key *signer)
{
	uint8_t text[4 + sizeof(struct hash)];

	return sign_is_valid(signer, TAG_BATCH, batch_text(root, size, text), sig);
}

bool
envelope_is_signed(const struct envelope *e, const struct public_key *signer)
{
	struct hash root;

	return envelope_batch_root(e, &root) && envelope_is_root_signed(&root, e->signature.size, e->signature.sig, signer);
}
