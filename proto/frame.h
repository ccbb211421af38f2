/* SPDX-License-Identifier: EUPL-1.2 */
/* frame - both halves of the conversation between an adapter and the hub. One protobuf message a ZeroMQ frame.
 *
 *	adapter                          hub
 *	HELLO        ->                       who I am, what I have, what I can take
 *	             <-  WELCOME              session epoch, checkpoint and consistency from the adapter's pin
 *	             <-  DIRECTORY            where the adapter's is older: the signed directory and all key sheets
 *	SUBMIT       ->                       1 to n envelopes
 *	             <-  ACCEPTED             they are durable: leaf, detail and proof of each
 *	             <-  REFUSED              they are not, and why
 *	             <-  DELIVER              1 to n envelopes, each with its own leaf's proof
 *	TAKEN        ->                       queue numbers that are durable here (or refused for good)
 *	CREDIT      <->                       cumulative: how much may come
 *	STATEMENT_ASK ->                      where do my messages stand?
 *	             <-  STATEMENT            a page of them, each with its proof; signed as a whole with the last page
 *	             <-  ANNOUNCED            where the adapter has older ones or none: what agencies say to all, each with its proof
 *
 * Every frame but HELLO (and the refusal of one) carries the session epoch; a frame of another epoch is ignored. A frame is at
 * most FRAME_MAX bytes. Decoding is strict: unknown kinds and fields, wrong lengths and too many items are ERR_FORMAT. What is
 * decoded lives in `mem` (a copy: the arena wants about twice the frame).
 */
#ifndef PROTO_FRAME_H
#define PROTO_FRAME_H

#include "proto/envelope.h"
#include "proto/leaf.h"

#define FRAME_MAX (4 * 1024 * 1024)
#define FRAME_ITEMS_MAX 1024
#define FRAME_WIRE_MAX (FRAME_MAX + 64)	/* sealed by CURVE: command name, nonce, authenticator, flags */
#define STATEMENT_ASK_LEN 16
#define STATEMENT_ROW_MAX 256
#define STATEMENT_HEAD_MAX 256

enum frame_kind {
	FRAME_HELLO = 1, FRAME_WELCOME, FRAME_DIRECTORY, FRAME_SUBMIT, FRAME_ACCEPTED, FRAME_REFUSED, FRAME_DELIVER, FRAME_TAKEN,
	FRAME_CREDIT, FRAME_STATEMENT_ASK, FRAME_STATEMENT, FRAME_ANNOUNCED,
};

struct credit { uint64_t messages, bytes; };	/* cumulative since the session began */

struct hello {
	const char *agency;
	uint8_t session[16];		/* random, made anew at each connect */
	uint64_t pin_size;		/* the last checkpoint verified here; 0: none */
	struct hash pin_root;
	uint64_t directory_version;	/* 0: none */
	uint64_t sheets_seen;		/* leaf index + 1 of the newest key sheet known; 0: none */
	struct credit credit;
	const char *software;		/* "nasoka-health 0.1.0" */
	struct span sheet;		/* the adapter's own key sheet, signed */
	uint64_t announced_seen;	/* leaf index + 1 of the newest announcement known; 0: none */
};
struct welcome {
	uint8_t session[16];
	struct span checkpoint;		/* signed note */
	struct hash path[MERKLE_PATH_MAX];	/* consistency from the pin */
	size_t n_path;
	struct credit credit;
	int64_t now_ms;
};
struct directory_frame {
	struct span note;		/* empty: the adapter's is current */
	struct span *sheets;
	size_t n_sheets;
	uint64_t sheets_seen;
	uint64_t since;		/* sheets_seen of the DIRECTORY before, or of HELLO: less than it was lost on the way */
};
struct submit { struct span *envelopes; size_t n; };
struct accepted_item {
	struct msgid id;
	struct span leaf;		/* LEAF_LEN */
	struct span salt;		/* LEAF_SALT_LEN */
	struct span detail;
};
struct run {				/* leaves [begin, begin + n) under one range proof */
	uint64_t begin;
	struct accepted_item *items;
	size_t n;
	struct hash *path;
	size_t n_path;
};
/* A checkpoint, and that its log continues the one sent before it in this session, which had `since` leaves. */
struct growth { struct span checkpoint; uint64_t since; struct hash *path; size_t n_path; };
struct accepted { struct growth growth; struct run *runs; size_t n_runs; };
/* id and env_hash are zero where the envelope could not be decoded or was not looked at (ERR_OVERLOAD). */
struct refused_item { struct msgid id; struct hash env_hash; enum err code; const char *text; uint64_t retry_after_ms; };
struct refused { struct refused_item *items; size_t n; };
struct deliver_item {
	uint64_t queue_no;		/* per recipient, from 1, without gaps; 0 in ANNOUNCED */
	struct span envelope;
	struct span leaf, salt, detail;
	struct hash *path;		/* inclusion of the leaf under the frame's checkpoint */
	size_t n_path;
};
struct deliver { struct growth growth; struct deliver_item *items; size_t n; };
struct taken { uint64_t *queue_nos; size_t n; };
struct announced {
	struct growth growth;
	struct deliver_item *items;	/* ascending by leaf */
	size_t n;
	uint64_t seen_before;		/* `seen` of the ANNOUNCED before, or of HELLO: more than it, and one was lost on the way */
	uint64_t seen;			/* leaf index + 1 of the last item */
};

struct statement_ask {
	uint8_t ask[STATEMENT_ASK_LEN];	/* random; the same for all pages of one statement */
	uint64_t since;			/* messages submitted from this leaf on, and older ones that have not ended */
	uint64_t after;			/* the last row that came; 0: from the beginning */
};
struct statement_item {
	struct span row;		/* see standing.h */
	struct span leaf, salt, detail;	/* of the submit */
	struct hash *path;		/* inclusion of the leaf under the frame's checkpoint */
	size_t n_path;
};
struct statement {
	uint8_t ask[STATEMENT_ASK_LEN];	/* as asked, as is `after` */
	uint64_t after;
	struct growth growth;
	struct statement_item *items;	/* may be none with the head */
	size_t n;
	struct span head;		/* see standing.h; empty but with the last page */
	uint8_t sig[KEY_SIG_LEN];
};

struct frame {
	enum frame_kind kind;
	uint64_t epoch;			/* 0 in HELLO */
	uint64_t announced_seen;	/* CREDIT of the hub: `seen` of the ANNOUNCED before it; 0 in all others */
	union {
		struct hello hello;
		struct welcome welcome;
		struct directory_frame directory;
		struct submit submit;
		struct accepted accepted;
		struct refused refused;
		struct deliver deliver;
		struct taken taken;
		struct credit credit;
		struct statement_ask statement_ask;
		struct statement statement;
		struct announced announced;
	};
};

enum err frame_encode(const struct frame *f, struct arena *mem, struct span *ret_bytes) MUST_USE;
enum err frame_decode(struct span bytes, struct arena *mem, struct frame *ret_frame, struct why *why) MUST_USE;

#endif
