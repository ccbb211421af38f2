/* SPDX-License-Identifier: EUPL-1.2 */
/* seal - closing and opening envelopes: body, recipients' boxes, the auditors' capsule and shares, the commitment.
 *
 * Everything derives from one random content key (CEK) a message, so every recipient recomputes every box, share, share
 * hash and the capsule and refuses the message if anything differs. See PROTOCOL.md, "Sealing".
 */
#ifndef PROTO_SEAL_H
#define PROTO_SEAL_H

#include "proto/directory.h"
#include "proto/envelope.h"
#include "proto/record.h"

#define CAPSULE_LEN 256		/* padded plaintext */
#define RECEIPT_DETAIL_MAX 2048
#define RECEIPT_CASE_NO_MAX 64
#define RECEIPT_TEXT_MAX 512

/* What any one auditor reads: no personal data, no hash of the record. Absent texts are NULL. A function of the record. */
struct capsule {
	const char *kind, *state_from, *state_to, *transition, *reason_code, *service_kind, *legal_basis, *outcome, *municipality;
	uint8_t case_id[16];
};

/* What a receipt says under seal to the original sender. */
struct receipt_detail {
	const char *case_no;		/* registered */
	enum err code;			/* refused; OK otherwise */
	const char *text;		/* for people; NULL */
	int64_t at_ms;
};

/* A recipient's own sealing keys still alive, newest first. */
struct open_keys { const char *agency; const struct key *const *sealing; size_t n; };
/* All sheets known, to find a recipient's newest sealing key (sealing) or the one named in a wrap (recomputing). */
struct sheets { const struct sheet *const *items; size_t n; };
const struct sheet *sheets_find(const struct sheets *s, const char *agency);

void capsule_of(const struct record *record, struct capsule *ret_capsule);
/* Shares are exactly the directory's auditors, in its order: ERR_INCONSISTENT. For the hub's policy; seal_open does it too. */
enum err seal_check_auditors(const struct header *h, const struct directory *d, struct why *why) MUST_USE;

/* Seal a DATA record: fills wraps, shares, capsule, commit, version, directory_version and signing_key of `h` (the rest is the
 * caller's), encodes the header, and makes body and hash. `cek`: 32 random bytes of the caller's, wiped by it. Not yet signed.
 * ERR_UNKNOWN_AGENCY or ERR_UNKNOWN_KEY: a recipient has no sheet; ERR_TOOBIG. */
enum err seal_record(struct header *h, const struct record *record, const struct directory *d, const struct sheets *sheets,
		     const struct key_id *signing, const uint8_t cek[32], struct arena *mem, struct envelope *ret_envelope,
		     struct why *why) MUST_USE;
/* Seal a RECEIPT: one wrap to the original sender, no shares or capsule. `detail` NULL: no wrap, no body, `cek` is not used. */
enum err seal_receipt(struct header *h, const struct receipt_detail *detail, const struct directory *d, const struct sheets *sheets,
		      const struct key_id *signing, const uint8_t cek[32], struct arena *mem, struct envelope *ret_envelope,
		      struct why *why) MUST_USE;

/* Receiver's order of checks (PROTOCOL.md, "Receiving"): sender's key in the directory and signature, own box, commit, body,
 * padding, record, recomputation of every wrap, share and the capsule. The envelope comes from envelope_decode. `d` is the
 * directory of the version that the header names: a newer one than `d` is ERR_BUSY (fetch it first), an older one
 * ERR_UNKNOWN_KEY. ERR_RESEAL: its sender wrote it, to a key that is gone here (or that another recipient names no more).
 * ERR_UNKNOWN_AGENCY, ERR_BAD_SIGNATURE, ERR_CANNOT_OPEN, ERR_INCONSISTENT, or the record's error. */
enum err seal_open(const struct envelope *e, const struct directory *d, const struct sheets *sheets, const struct open_keys *keys,
		   struct arena *mem, struct record **ret_record, struct why *why) MUST_USE;
/* The same for a receipt; without a wrap the detail is empty (all zero). */
enum err seal_open_receipt(const struct envelope *e, const struct directory *d, const struct open_keys *keys, struct arena *mem,
			   struct receipt_detail *ret_detail, struct why *why) MUST_USE;

/* -- the auditor's side: a header alone, and the auditor's key -- */
struct opened_share { uint32_t auditor; uint8_t bytes[32]; bool is_as_named; };	/* is_as_named: equals the header's hash */
/* Open an auditor's own box: the capsule's clear text and the share. ERR_CANNOT_OPEN, ERR_INCONSISTENT. */
enum err seal_audit(const struct header *h, const struct key *auditor, struct arena *mem, struct capsule *ret_capsule,
		    struct opened_share *ret_share, struct why *why) MUST_USE;
/* k shares of one message give its CEK back, checked against the commitment, and the body opens. */
enum err seal_combine(const struct envelope *e, const struct opened_share *shares, size_t n, struct arena *mem,
		      struct record **ret_record, struct why *why) MUST_USE;

#endif
