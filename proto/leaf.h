/* SPDX-License-Identifier: EUPL-1.2 */
/* leaf - one entry of the audit log: 64 fixed bytes in the tree, and the detail that its hash stands for.
 *
 * Leaf: "NSKL", type u8, retention class u8, zero u16, seq u64 (= index in the tree), seconds u64 (never decreasing), aux u64,
 * SHA-256(salt || detail). Integers big-endian. The detail is kept apart, so that it can be erased and the tree still verifies.
 */
#ifndef PROTO_LEAF_H
#define PROTO_LEAF_H

#include "proto/base/arena.h"
#include "proto/envelope.h"

#define LEAF_LEN 64
#define LEAF_SALT_LEN 16
#define DETAIL_MAX 8192

enum leaf_type {
	LEAF_SUBMIT = 1, LEAF_DELIVERED, LEAF_REGISTERED, LEAF_SEEN, LEAF_REFUSED, LEAF_WITHDRAWN, LEAF_SUPERSEDED,
	LEAF_NOTICE, LEAF_DEAD_LETTER, LEAF_CONFLICT, LEAF_DIRECTORY, LEAF_SHEET, LEAF_ENROL, LEAF_REVOKE,
	LEAF_AUDIT_OPEN, LEAF_AUDIT_SHARE, LEAF_AUDIT_DISCLOSE, LEAF_REPLAY, LEAF_EXPORT, LEAF_SHRED, LEAF_HOLD,
	LEAF_START, LEAF_STOP, LEAF_CONFIG, LEAF_RESTORE, LEAF_QUARANTINE, LEAF_ANNOUNCE,
	LEAF_RESEAL,
};

enum retention { RETAIN_SERVICE = 1 /* start, stop, config */, RETAIN_MESSAGE /* 10 years */, RETAIN_TRUST /* directory, keys: for ever */ };

struct leaf {
	enum leaf_type type;
	enum retention retention;
	uint64_t seq;
	uint64_t seconds;
	uint64_t aux;		/* what the type says: the leaf index of the submit that a later event belongs to; else 0 */
	struct hash detail;
};

/* What happened, as the log tells it. Absent texts NULL, ids zero. */
struct detail {
	struct msgid id;		/* the envelope that caused this leaf */
	struct msgid about;		/* the message that it is about (receipts, notices); zero: itself */
	struct hash env_hash;
	const char *from;		/* who did it */
	const char *to[ENVELOPE_TO_MAX];
	size_t n_to;
	struct thread_id thread;
	uint64_t thread_seq;
	int64_t at_ms;			/* the hub's clock */
	int64_t created_ms;		/* the sender's */
	enum err code;			/* refused, conflict, dead letter */
	uint64_t version;		/* directory, sheet: its version */
	struct hash object;		/* directory, sheet, config: its SHA-256 */
	const char *text;		/* start: the program's version; export: purpose … never personal data */
};

const char *leaf_type_name(enum leaf_type type);	/* "submit"; "?" if unknown */
void leaf_encode(const struct leaf *leaf, uint8_t to[static LEAF_LEN]);
enum err leaf_decode(struct span bytes, struct leaf *ret_leaf) MUST_USE;	/* exactly LEAF_LEN, known type, zero where zero */
void leaf_hash(const uint8_t leaf[static LEAF_LEN], struct hash *ret_hash);
enum err detail_encode(const struct detail *d, struct arena *mem, struct span *ret_bytes) MUST_USE;
enum err detail_decode(struct span bytes, struct arena *mem, struct detail *ret_detail) MUST_USE;
void detail_hash(const uint8_t salt[static LEAF_SALT_LEN], struct span detail, struct hash *ret_hash);

#endif
