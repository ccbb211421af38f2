/* SPDX-License-Identifier: EUPL-1.2 */
/* rows - keys and values of the core's tables, to bytes and back. Pure.
 *
 * Integers are big-endian, so that keys sort by number; an agency in a key ends in a zero byte. A key is written into the
 * caller's ROW_KEY_MAX bytes; a value is encoded in an arena. Decoding is strict: a row that we wrote and cannot read is
 * ERR_CORRUPT.
 */
#ifndef HUB_ROWS_H
#define HUB_ROWS_H

#include "proto/directory.h"
#include "proto/envelope.h"
#include "proto/notice.h"

#define ROW_KEY_MAX (2 * AGENCY_ID_MAX + 32)

struct row_key { uint8_t b[ROW_KEY_MAX]; };

/* TABLE_STAGES: what became of a message at one recipient, a bit each: STAGES_AT(STAGE_*) for the stages reached, and these.
 * The sender's own row has STAGES_CONFLICT alone. */
#define STAGES_AT(stage) ((uint16_t)(1u << (stage)))
#define STAGES_WITHDRAWN STAGES_AT(STAGE_WITHDRAWN)	/* by its sender */
#define STAGES_SUPERSEDED 0x0100u
#define STAGES_CONFLICT 0x0200u		/* the sender contradicted itself about the message */
#define STAGES_CLOSED 0x0400u		/* a message of this recipient closes it: no answer is owed any more */
/* what was said of its clocks: a NOTICE each, once */
#define STAGES_SAID(fact) ((uint16_t)(0x0400u << (fact)))	/* NOTICE_*, as named below */
#define STAGES_SAID_HALF_TIME 0x0800u
#define STAGES_SAID_LATE 0x1000u	/* registered_by */
#define STAGES_SAID_NO_ANSWER 0x2000u	/* respond_by */
#define STAGES_SAID_EXPIRING 0x4000u
#define STAGES_SAID_EXPIRED 0x8000u
#define STAGES_SAID_ANY 0xf800u
/* the message has ended at this recipient */
#define STAGES_END (STAGES_AT(STAGE_REGISTERED) | STAGES_AT(STAGE_REFUSED) | STAGES_WITHDRAWN | STAGES_SUPERSEDED)

/* Lanes of a queue: an EMERGENCY passes by what is not of its own thread. */
enum lane { LANE_EMERGENCY, LANE_OTHER, N_LANES };

struct id_row {				/* TABLE_IDS: a message or receipt that is in the log */
	struct hash hash;
	uint64_t leaf;
	enum envelope_class class;
	struct thread_id thread;
	uint64_t seq;
	const char *to[ENVELOPE_TO_MAX];
	size_t n_to;
};

struct queue_row {			/* TABLE_QUEUE: on its way to one recipient */
	uint64_t leaf;
	uint32_t bytes;			/* of the envelope */
	int64_t at_ms;
	struct thread_id thread;
	uint64_t before;		/* the queue number before it of the same thread; 0: none */
	char from[AGENCY_ID_MAX + 1];	/* whose share of the queue it is in; "": nobody's (receipts of recipients, notices) */
};

struct share_row { uint64_t messages, bytes; };	/* TABLE_SHARES: what waits for one recipient of one sender */

struct dead_row {			/* TABLE_DEAD: what a recipient refused for good */
	uint64_t submit;
	uint32_t code;
	int64_t at_ms;
	char from[AGENCY_ID_MAX + 1];
};

struct offer_row {			/* TABLE_OFFERS: the newest announcement of one service */
	uint64_t leaf;
	int64_t created_ms;		/* as in its header */
	bool is_ended;
};

struct party_place { const char *agency; uint64_t seq, last_no; };
struct thread_row {			/* TABLE_THREADS */
	struct party_place at[ENVELOPE_TO_MAX + 1];
	size_t n;
};

struct agency_row {			/* TABLE_AGENCIES */
	uint64_t last_no;		/* queue number given last */
	uint64_t epoch;			/* of the last session */
	uint64_t queued, queued_bytes;
	uint64_t unregistered;		/* messages to this agency that no terminal receipt has ended */
	uint64_t accepted, delivered;	/* messages from it, messages it has taken */
	uint64_t late;			/* messages to it of which a missed deadline was said and still stands */
	uint64_t under_way, under_way_bytes;	/* of its messages: what recipients have not taken, once for each */
};

/* What an agency owes for a message that it received: to register it, and then, where one is asked for, an answer. A sender's
 * own rows say which of its messages have passed on what is owed for them to one that supersedes them, and what they close as long as
 * they may be taken back (closure.h). */
enum owed { OWED_REGISTRATION, OWED_ANSWER, OWED_PASSED_ON, OWED_NOTHING, OWED_CLOSES, OWED_CLOSED };

struct clock_row {			/* TABLE_CLOCKS: while anything is owed */
	int64_t since_ms;		/* when it was submitted; of the first, if it supersedes another */
	int64_t registered_by_ms, respond_by_ms, expires_ms;	/* as in the header; 0: none */
	enum priority priority;
	uint8_t place;			/* of the recipient in `to` */
	const char *from;
	struct msgid id;
	struct hash hash;
	struct thread_id thread;
};

struct closes_row {			/* TABLE_CLOCKS, OWED_CLOSES of an answer's sender: leaves, of others' messages and its own */
	uint64_t others[ENVELOPE_CLOSES_MAX], own[ENVELOPE_CLOSES_MAX];
	size_t n_others, n_own;
};

#define CLOSED_ANSWERS_MAX 16
struct closed_row {			/* TABLE_CLOCKS, OWED_CLOSED: the clock of a closed message, and the answers that close it */
	struct clock_row clock;
	uint64_t answers[CLOSED_ANSWERS_MAX];
	size_t n_answers;
};

/* Lanes of TABLE_DUE: deadlines missed that were said and still stand, and what comes next of each message and recipient. */
enum due_lane { DUE_MISSED, DUE_NEXT };
struct due_row {
	enum notice_fact fact;
	enum priority priority;
	const char *from, *to;
};
struct due_key { enum due_lane lane; int64_t at_ms; uint64_t leaf; uint8_t place; };

/* TABLE_PARTY: what a statement says of a message beside its detail and stages; a row each for its sender and its recipients. */
struct party_row {
	const char *from;
	const char *to[ENVELOPE_TO_MAX];
	size_t n_to;
	enum priority priority;
	int64_t registered_by_ms, respond_by_ms, expires_ms;
};
enum party_range { PARTY_ALL, PARTY_OPEN };	/* open: it has not ended for this agency; no value */

struct directory_row { int64_t since_ms; uint64_t leaf; struct span bytes, note; };
struct sheet_row { uint64_t leaf; struct span bytes; };

struct span row_key_id(const struct msgid *id, const char *from, struct row_key *key);
struct span row_key_queue(const char *agency, enum lane lane, uint64_t no, struct row_key *key);
struct span row_key_thread(const struct thread_id *thread, struct row_key *key);
struct span row_key_stage(uint64_t leaf, const char *recipient, struct row_key *key);
struct span row_key_agency(const char *agency, struct row_key *key);
struct span row_key_clock(const char *agency, enum owed owed, uint64_t leaf, struct row_key *key);
struct span row_key_due(const struct due_key *due, struct row_key *key);
struct span row_key_directory(uint64_t version, struct row_key *key);
/* The number that such a queue key ends in, if it is of that agency and lane. */
bool row_queue_no(struct span key, const char *agency, enum lane lane, uint64_t *ret_no);
bool row_clock_leaf(struct span key, const char *agency, enum owed owed, uint64_t *ret_leaf);
bool row_due_at(struct span key, struct due_key *ret_due);
struct span row_key_party(const char *agency, enum party_range range, uint64_t leaf, struct row_key *key);
bool row_party_leaf(struct span key, const char *agency, enum party_range range, uint64_t *ret_leaf);
struct span row_key_share(const char *recipient, const char *sender, struct row_key *key);
struct span row_key_offer(const char *agency, const char *service, struct row_key *key);
struct span row_key_bulletin(uint64_t leaf, struct row_key *key);
bool row_bulletin_leaf(struct span key, uint64_t *ret_leaf);
struct span row_key_dead(const char *recipient, uint64_t leaf, struct row_key *key);
/* Who refused, and the leaf of that, of such a key. */
enum err row_dead_key(struct span key, char ret_recipient[AGENCY_ID_MAX + 1], uint64_t *ret_leaf) MUST_USE;

struct span row_id(const struct id_row *r, struct arena *mem);
struct span row_queue(const struct queue_row *r, struct arena *mem);
struct span row_thread(const struct thread_row *r, struct arena *mem);
struct span row_agency(const struct agency_row *r, struct arena *mem);
struct span row_party(const struct party_row *r, struct arena *mem);
struct span row_directory(const struct directory_row *r, struct arena *mem);
struct span row_sheet(const struct sheet_row *r, struct arena *mem);
struct span row_clock(const struct clock_row *r, struct arena *mem);
struct span row_closes(const struct closes_row *r, struct arena *mem);
struct span row_closed(const struct closed_row *r, struct arena *mem);
struct span row_due(const struct due_row *r, struct arena *mem);
struct span row_leaf(uint64_t leaf, struct arena *mem);		/* TABLE_CLOCKS, OWED_PASSED_ON: the leaf of the newer one */
struct span row_share(const struct share_row *r, struct arena *mem);
struct span row_dead(const struct dead_row *r, struct arena *mem);
struct span row_offer(const struct offer_row *r, struct arena *mem);
struct span row_stages(uint16_t bits, struct arena *mem);

enum err row_decode_id(struct span value, struct arena *mem, struct id_row *ret_row) MUST_USE;
enum err row_decode_queue(struct span value, struct queue_row *ret_row) MUST_USE;
enum err row_decode_thread(struct span value, struct arena *mem, struct thread_row *ret_row) MUST_USE;
enum err row_decode_agency(struct span value, struct agency_row *ret_row) MUST_USE;
enum err row_decode_party(struct span value, struct arena *mem, struct party_row *ret_row) MUST_USE;
enum err row_decode_directory(struct span value, struct directory_row *ret_row) MUST_USE;	/* borrows */
enum err row_decode_sheet(struct span value, struct sheet_row *ret_row) MUST_USE;		/* borrows */
enum err row_decode_clock(struct span value, struct arena *mem, struct clock_row *ret_row) MUST_USE;
enum err row_decode_closes(struct span value, struct closes_row *ret_row) MUST_USE;
enum err row_decode_closed(struct span value, struct arena *mem, struct closed_row *ret_row) MUST_USE;
enum err row_decode_due(struct span value, struct arena *mem, struct due_row *ret_row) MUST_USE;
enum err row_decode_leaf(struct span value, uint64_t *ret_leaf) MUST_USE;
enum err row_decode_share(struct span value, struct share_row *ret_row) MUST_USE;
enum err row_decode_dead(struct span value, struct dead_row *ret_row) MUST_USE;
enum err row_decode_offer(struct span value, struct offer_row *ret_row) MUST_USE;
enum err row_decode_stages(struct span value, uint16_t *ret_bits) MUST_USE;

#endif
