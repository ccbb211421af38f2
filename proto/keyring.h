/* SPDX-License-Identifier: EUPL-1.2 */
/* keyring - secret keys by use, and their public halves.
 *
 * A key serves one use only and is never converted. Secrets live in sodium_malloc memory owned here and in files of mode 0600;
 * a file that group or others may read is refused. Others borrow `const struct key *`; no secret leaves except into a call.
 */
#ifndef PROTO_KEYRING_H
#define PROTO_KEYRING_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/err.h"

#define KEY_LEN 32
#define KEY_ID_LEN 8
#define KEY_SIG_LEN 64

enum key_use {
	KEY_SIGNING = 1,	/* Ed25519: an agency's envelopes and key sheets */
	KEY_SEALING,		/* X25519: what is sealed to an agency */
	KEY_TRANSPORT,		/* CURVE */
	KEY_WITNESS,		/* Ed25519: cosigned checkpoints */
	KEY_AUDITOR,		/* X25519: capsules and shares */
	KEY_REGISTRAR,		/* Ed25519: the directory */
	KEY_LOG,		/* Ed25519: checkpoints */
	KEY_NOTICE,		/* Ed25519: the hub's own notices */
	KEY_LOCAL,		/* symmetric: the outbox's records at rest */
	KEY_KEK,		/* symmetric: the journal's month keys */
};

struct public_key { uint8_t b[KEY_LEN]; };
struct key_id { uint8_t b[KEY_ID_LEN]; };	/* first 8 bytes of SHA-256(use as one byte || public key) */

struct key;		/* a secret key and its public half */

const char *key_use_name(enum key_use use);	/* "signing" */
enum err key_make(enum key_use use, struct key **ret_key) MUST_USE;
/* From its 32 secret bytes (Ed25519 seed, X25519 scalar, symmetric key): tests and simulated runs. */
enum err key_from_seed(enum key_use use, const uint8_t seed[KEY_LEN], struct key **ret_key) MUST_USE;
void key_free(struct key *key);			/* wipes; NULL is fine */
/* Text of two lines: "nasoka-key v1 <use> <key id>" and base64 of the 32 secret bytes. ERR_KEYFILE with what is wrong in `why`:
 * missing, a link, readable by group or others, of another use, damaged. */
enum err key_load(const char *path, enum key_use use, struct key **ret_key, struct why *why) MUST_USE;
/* Mode 0600, synced with its folder. ERR_EXISTS: never over an existing file; ERR_KEYFILE: it cannot be written. */
enum err key_save(const struct key *key, const char *path) MUST_USE;
/* Of a symmetric key the "public half" is a hash that names it and tells nothing of it. */
const struct public_key *key_public(const struct key *key);
const struct key_id *key_id(const struct key *key);
enum key_use key_use_of(const struct key *key);
void key_id_of(enum key_use use, const struct public_key *pub, struct key_id *ret_id);
bool key_id_eq(const struct key_id *a, const struct key_id *b);
/* For one call into a library that needs the raw secret (CURVE takes Z85 of it; sealing, signing inside proto). */
const uint8_t *key_secret(const struct key *key);	/* 32 bytes of seed / scalar / symmetric key, guarded memory */

#endif
