/* SPDX-License-Identifier: EUPL-1.2 */
/* envelope - the one message on the wire: a clear header, a signature, a sealed body. Struct <-> bytes; generated types stop
 * here.
 *
 * A header is serialised once, by its sender, in canonical form; everybody else keeps and hashes those bytes. Decoding refuses
 * unknown fields, fields given twice, and any other form than the canonical one. What is decoded borrows from the input or lives in `mem`.
 */
#ifndef PROTO_ENVELOPE_H
#define PROTO_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/agency.h"
#include "proto/base/arena.h"
#include "proto/base/bytes.h"
#include "proto/keyring.h"
#include "proto/merkle.h"
#include "proto/msgid.h"

#define ENVELOPE_VERSION 1
#define ENVELOPE_HEADER_MAX (64 * 1024)
#define ENVELOPE_BODY_MAX (1024 * 1024 + 16)
#define ENVELOPE_RECEIPT_BODY_MAX (4096 + 16)	/* a detail, padded and sealed */
#define ENVELOPE_BYTES_MAX (ENVELOPE_HEADER_MAX + ENVELOPE_BODY_MAX + 4096)	/* with a signature of 64 hashes */
#define ENVELOPE_TO_MAX 16
#define ENVELOPE_CLOSES_MAX 16
#define ENVELOPE_ATTACHMENTS_MAX 16
#define ENVELOPE_ATTACHMENT_MAX (25 * 1024 * 1024)
#define ENVELOPE_SHARES_MAX 64
#define ENVELOPE_BOX_MAX 512
#define ENVELOPE_CAPSULE_LEN (256 + 16)	/* ciphertext */
#define ENVELOPE_BATCH_MAX 1024		/* envelopes under one signature */
#define THREAD_LEN 16

enum envelope_class { CLASS_DATA = 1, CLASS_RECEIPT, CLASS_NOTICE, CLASS_ANNOUNCE };
enum priority { PRIORITY_ROUTINE = 1, PRIORITY_URGENT, PRIORITY_EMERGENCY };
enum stage { STAGE_NONE, STAGE_STORED, STAGE_DELIVERED, STAGE_REGISTERED, STAGE_SEEN, STAGE_REFUSED, STAGE_WITHDRAWN,
	     STAGE_RESEAL /* no end: its recipient has lost the key */ };
enum refusal { REFUSAL_NONE, REFUSAL_PERMANENT, REFUSAL_CONFLICT };	/* with STAGE_REFUSED */

/* As agencies' systems and operators read them. NULL: no stage that they know (none yet, or sealing again). */
const char *envelope_stage_name(enum stage stage);
const char *envelope_priority_name(enum priority priority);

struct thread_id { uint8_t b[THREAD_LEN]; };

struct basis { const char *agency; uint64_t seq; };	/* the last seq of the other party that the author had seen */
struct wrap { const char *agency; struct key_id key; struct span box; };
struct share { uint32_t auditor; struct key_id key; struct span box; struct hash hash; };	/* auditor: 1-based place in the directory */
struct attachment { struct hash hash; uint64_t len; };

struct header {
	uint32_t version;
	struct msgid id;
	enum envelope_class class;
	const char *from;
	const char *to[ENVELOPE_TO_MAX];
	size_t n_to;
	struct thread_id thread;
	uint64_t seq;				/* per (thread, from), from 1; a withdrawal: the withdrawn message's; else 0 */
	struct basis basis[ENVELOPE_TO_MAX];
	size_t n_basis;
	enum priority priority;
	int64_t created_ms, registered_by_ms, respond_by_ms, expires_ms;	/* 0: none */
	struct msgid in_reply_to, supersedes;	/* all zero: none */
	struct msgid closes[ENVELOPE_CLOSES_MAX];
	size_t n_closes;
	enum stage stage;
	enum refusal refusal;
	struct hash received;			/* receipts: the env_hash received */
	uint64_t directory_version;
	struct key_id signing_key;
	struct wrap wraps[ENVELOPE_TO_MAX];
	size_t n_wraps;
	struct span capsule;			/* ciphertext */
	struct share *shares;
	size_t n_shares;
	struct attachment attachments[ENVELOPE_ATTACHMENTS_MAX];
	size_t n_attachments;
	struct hash commit;
};

/* Over a batch: Ed25519 of a tag and the RFC 6962 root of the env_hashes; each envelope carries its place and path. */
struct signature {
	struct key_id key;
	uint8_t sig[KEY_SIG_LEN];
	uint32_t index, size;
	struct hash path[MERKLE_PATH_MAX];
	size_t n_path;
};

struct envelope {
	struct span header_bytes;	/* as its sender wrote it */
	struct header header;
	struct signature signature;
	struct span body;		/* ciphertext; may be empty */
	struct hash hash;		/* env_hash: BLAKE2b-256(tag || H(header) || H(body)), the message's identity */
};

/* Writes what it is given, without judging it; ERR_TOOBIG. */
enum err header_encode(const struct header *h, struct arena *mem, struct span *ret_bytes) MUST_USE;
/* Limits and the rules of each class (PROTOCOL.md, "What each class carries") are checked here: ERR_FORMAT, ERR_VERSION,
 * ERR_TOOBIG, with the field in why->where. Wraps stand in the order of `to`, shares are numbered from 1. */
enum err header_decode(struct span bytes, struct arena *mem, struct header *ret_header, struct why *why) MUST_USE;
enum err header_check(const struct header *h, struct why *why) MUST_USE;	/* the rules alone */
/* The last seq of `agency` in the thread that the header's author had seen; of its own, the one before. 0: none. */
uint64_t header_seen(const struct header *h, const char *agency);
void envelope_hash(struct span header, struct span body, struct hash *ret_hash);
enum err envelope_encode(const struct envelope *e, struct arena *mem, struct span *ret_bytes) MUST_USE;
/* Header as above; a body where the class has one, and only there; the signature's place and path make sense and name the
 * header's key. The signature itself is not verified, nor anything sealed. */
enum err envelope_decode(struct span bytes, struct arena *mem, struct envelope *ret_envelope, struct why *why) MUST_USE;

/* Sign 1 to ENVELOPE_BATCH_MAX envelopes (header_bytes, header and hash set) with one signature. The key must be the one that
 * the headers name: ERR_UNKNOWN_KEY; ERR_TOOMANY, ERR_TOOBIG. */
enum err envelope_sign(struct envelope *const *batch, size_t n, const struct key *signing, struct arena *mem) MUST_USE;
/* The batch root that an envelope's path leads to: one Ed25519 check serves all envelopes of equal root and signature. */
bool envelope_batch_root(const struct envelope *e, struct hash *ret_root);
/* The one check itself, over a root made above. */
bool envelope_is_root_signed(const struct hash *root, uint32_t size, const uint8_t sig[KEY_SIG_LEN], const struct public_key *signer);
bool envelope_is_signed(const struct envelope *e, const struct public_key *signer);

#endif
