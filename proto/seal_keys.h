/* SPDX-License-Identifier: EUPL-1.2 */
/* seal_keys - what is derived from a content key, each part a function of the key and the header (PROTOCOL.md 4).
 *
 * Sealing computes these parts to send them, opening computes them again to compare: the same calls, so the two cannot
 * drift apart. For the seal_ files only. Everything secret here is on the caller's stack, and the caller wipes it.
 */
#ifndef PROTO_SEAL_KEYS_H
#define PROTO_SEAL_KEYS_H

#include "proto/capsule.h"
#include "proto/shamir.h"

#define CEK_LEN 32
#define BOX_OVERHEAD 48				/* ephemeral public key and authenticator */
#define BOX_PLAIN_MAX (1 + AGENCY_ID_MAX + MSGID_LEN + 32 + 1 + AGENCY_ID_MAX + 64)
#define BOX_MAX (BOX_PLAIN_MAX + BOX_OVERHEAD)

struct box { uint8_t b[BOX_MAX]; size_t n; };
struct shares { uint8_t b[SHAMIR_MAX][SHAMIR_LEN]; };	/* secret */

/* Who a box is for. */
struct addressee {
	char name[AGENCY_ID_MAX + 1];	/* agency, or "#" and the auditor's number */
	const struct public_key *pub;
	bool is_auditor;
	uint64_t number;		/* 1-based place among its like */
};

void keys_commit(const uint8_t cek[CEK_LEN], struct hash *ret_commit);
void keys_body(const uint8_t cek[CEK_LEN], uint8_t ret_key[32]);
enum err keys_shares(const uint8_t cek[CEK_LEN], unsigned k, unsigned n, struct shares *ret_shares) MUST_USE;
void keys_share_hash(uint32_t auditor, const uint8_t share[SHAMIR_LEN], struct hash *ret_hash);

void addressee_recipient(const struct header *h, size_t place, const struct public_key *pub, struct addressee *ret_addressee);
void addressee_auditor(uint32_t number, const struct public_key *pub, struct addressee *ret_addressee);
/* The box of `cek` (recipient) or of capsule key and `share` (auditor; else NULL). The header's from, id and commit are bound
 * in. ERR_UNKNOWN_KEY: nothing can be sealed to that public key. */
enum err keys_box(const struct header *h, const uint8_t cek[CEK_LEN], const struct addressee *a, const uint8_t *share,
		  struct box *ret_box) MUST_USE;
/* Open one's own box: its `secret` part, 32 bytes for a recipient, 64 for an auditor. ERR_CANNOT_OPEN; ERR_INCONSISTENT: it was
 * made for another message or addressee. */
enum err keys_unbox(const struct header *h, struct span box, const struct key *own, const struct addressee *a,
		    uint8_t *ret_secret, struct why *why) MUST_USE;

enum err keys_capsule(const struct header *h, const uint8_t cek[CEK_LEN], const struct capsule *c,
		      uint8_t ret_closed[static ENVELOPE_CAPSULE_LEN]) MUST_USE;
/* With the capsule key out of an auditor's box. ERR_INCONSISTENT. */
enum err keys_uncapsule(const struct header *h, const uint8_t key[32], struct arena *mem, struct capsule *ret_capsule,
			struct why *why) MUST_USE;

/* Pad and close under the header's bytes; and the way back, which takes no other padding. ERR_TOOBIG; ERR_INCONSISTENT. */
enum err keys_close(const uint8_t cek[CEK_LEN], struct span header, struct span plain, struct arena *mem, struct span *ret_body) MUST_USE;
enum err keys_reopen(const uint8_t cek[CEK_LEN], struct span header, struct span body, struct arena *mem, struct span *ret_plain,
		     struct why *why) MUST_USE;

#endif
