/* SPDX-License-Identifier: EUPL-1.2 */
/* standing - what a statement says: where each message of an agency stands, proven and signed. PROTOCOL.md 9.5.
 *
 * A row is hashed as the bytes that were sent; what it leaves out stands in the detail of the submit's leaf, which is proven
 * beside it. The digest chains over all rows, so that both sides hold 32 bytes between two pages. The head, signed with the
 * hub's notice key, closes the statement. Pure. The hub makes statements, adapters and audit tools verify them.
 */
#ifndef PROTO_STANDING_H
#define PROTO_STANDING_H

#include "proto/frame.h"
#include "proto/note.h"

struct standing {
	uint64_t leaf;			/* index of the submit */
	struct msgid id;
	struct hash env_hash;
	const char *from;
	const char *to[ENVELOPE_TO_MAX];
	size_t n_to;
	struct thread_id thread;
	uint64_t seq;
	enum priority priority;
	int64_t created_ms;		/* the sender's clock */
	int64_t submitted_ms;		/* the hub's */
	int64_t registered_by_ms, respond_by_ms, expires_ms;	/* 0: none */
	/* For each of `to` the bits of the hub's stage row: 1 << STAGE_*, and from 0x100 up what PROTOCOL.md 9.5 says. A sender
	 * sees all of them, a recipient its own only: the others are 0. */
	unsigned stages[ENVELOPE_TO_MAX];
};

struct standing_head {
	uint8_t ask[STATEMENT_ASK_LEN];
	const char *agency;
	int64_t at_ms;
	uint64_t since;
	uint64_t size;			/* of the last page's checkpoint */
	struct hash root;
	uint64_t rows;
	struct hash digest;		/* all zero without rows */
};

/* -- the hub's side -- */
/* Only what the wire carries of it: leaf, priority, clocks, stages. ERR_FORMAT: what standing_page would refuse. */
enum err standing_encode(const struct standing *s, struct arena *mem, struct span *ret_row) MUST_USE;
void standing_digest(struct hash *digest, struct span row);	/* digest := H(tag || digest || row) */
enum err standing_sign(const struct standing_head *head, const struct key *notice, struct arena *mem, struct span *ret_bytes,
		       uint8_t ret_sig[KEY_SIG_LEN]) MUST_USE;

/* -- the other side -- */
struct standing_sum {			/* of the pages taken so far; zero but for the first three */
	uint8_t ask[STATEMENT_ASK_LEN];
	const char *agency;		/* whose statement it must be */
	uint64_t since;
	uint64_t rows;
	uint64_t after;			/* leaf of the last row: what the next page is asked to continue from */
	struct hash digest;
};

/* Is it the page that was asked for? Another one (of a statement given up, or the same once more) is ignored. */
bool standing_is_next(const struct standing_sum *sum, const struct statement *page);
/* Verify one page and add it to `sum`. `cp`: the page's checkpoint, opened, and proven to continue the one before it.
 * `notice`: the hub's notice key by the directory. With the last page *ret_is_whole is true, and *ret_head the head.
 * ERR_FORMAT: a row or the head is malformed, or it is not the next page. ERR_INCONSISTENT: a row is not what its detail and leaf say,
 * its leaf is not in the log, it is out of order, about somebody else, or the head tells other rows than came.
 * ERR_BAD_SIGNATURE: the head is not the hub's. ERR_TOOBIG. After an error the statement counts for nothing. */
enum err standing_page(struct standing_sum *sum, const struct statement *page, const struct checkpoint *cp,
		       const struct public_key *notice, struct arena *mem, struct standing **ret_rows, bool *ret_is_whole,
		       struct standing_head *ret_head, struct why *why) MUST_USE;

#endif
