/* SPDX-License-Identifier: EUPL-1.2 */
/* state - what the hub's core holds in memory, and how its stages read and write durable rows.
 *
 * Seen by the files of the core only. A row is looked for in the forming batch, then in the one under way, then in the
 * journal's view of this event: so the next batch is decided while the last one syncs. The counters of an agency live in
 * its party and are written once a batch.
 */
#ifndef HUB_STATE_H
#define HUB_STATE_H

#include "hub/hub.h"
#include "hub/roster.h"
#include "hub/rows.h"
#include "proto/base/clock.h"

#define INFLIGHT_MAX 1024			/* messages sent to a peer and not yet taken */
#define INFLIGHT_BYTES (8u << 20)
#define NODE_CACHE 4096				/* of complete subtrees; a power of two */
#define CHECKPOINT_ROOM 2048			/* bytes of a signed checkpoint, at most */
#define EVENT_ROOM ((size_t)2 << 20)		/* left of the event's arena, and of the batch's, before a message's first row: */
#define BATCH_ROOM ((size_t)16 << 20)		/* what is begun is put whole */

enum session_state { SESSION_NONE, SESSION_OPENING /* its epoch is being committed */, SESSION_UP };

/* `from`: whose share it is in, NULL nobody's; is_dropped: its row is gone otherwise than by being taken */
struct inflight { uint64_t no; enum lane lane; uint32_t bytes; bool is_taken, is_dropped; struct party *from; };

/* The checkpoint that a session was sent last: the next one is proven to continue it. */
struct shown { uint64_t size; size_t n; uint8_t note[CHECKPOINT_ROOM]; };

/* The statement that a session asked for last, as far as it has been sent. */
struct asked {
	uint8_t ask[STATEMENT_ASK_LEN];
	uint64_t since, after, rows;
	struct hash digest;
	bool is_open;				/* pages are to come */
	bool is_due;				/* one is owed, at a tick */
};

/* One adapter's connection. Zero when there is none. */
struct session {
	enum session_state state;
	uint64_t conn, epoch;
	const struct round *opening_in;		/* the round that commits the epoch; NULL when it is durable */
	uint8_t id[16];				/* the adapter's, of its HELLO */
	uint64_t pin_size;
	struct shown shown;			/* n 0: none yet */
	uint64_t directory_version, sheets_seen;
	uint64_t announced_seen;		/* leaf index + 1 of the last announcement that its adapter has */
	uint64_t bulletin_looked;		/* up to which leaf all of them were sent */
	/* to the agency: what it grants, what was sent */
	struct credit granted, sent, reserve;	/* reserve: kept for EMERGENCY */
	uint64_t cursor[N_LANES];		/* the queue number sent last */
	uint64_t top_no;			/* the greatest sent: only up to it may a row be in flight */
	size_t inflight_begin, n_inflight;	/* of the party's ring */
	uint64_t inflight_bytes;
	int64_t moved_ms;			/* when something was taken last, or sent with nothing in flight */
	size_t n_ahead;				/* in flight and taken, while one sent before them is not: */
	int64_t passed_ms;			/* since when that is so */
	bool is_blocked;			/* the socket said "not now" */
	struct asked asked;
	/* from the agency: what came, what has been answered, what was granted last */
	struct credit came, done, told;
};

struct party {
	char id[AGENCY_ID_MAX + 1];
	struct agency_row row;
	struct hub *hub;
	bool is_dirty;				/* row must be written with the forming batch */
	bool is_touched;			/* its queue has grown or its credit */
	struct party *next_dirty, *next_touched;
	int64_t statement_ms;			/* when its last statement was begun; 0: not since the start */
	bool are_offers_counted;		/* then: */
	size_t n_offers, n_names;		/* its services, and with those that have ended */
	int64_t minute_ms;			/* since when its announcements are counted */
	unsigned in_minute;
	int64_t sheet_ms;			/* when it brought a new key sheet last; 0: not since the start */
	struct session session;
	struct inflight *inflight;		/* INFLIGHT_MAX; made with the first session */
};

/* To be said when the batch is durable. */
struct answer {
	struct party *to;
	struct msgid id;
	struct hash hash;
	uint64_t leaf;
	uint32_t bytes;
	enum err code;
	const char *text;		/* of a refusal, in the batch's arena; NULL: the code's own */
};
struct rewind { struct party *party; uint64_t no; };	/* rows were moved into the first lane behind its cursor */

struct round {
	struct batch *batch;
	struct answer *answers;			/* in the batch's arena, as are the next */
	size_t n_answers, cap_answers;
	struct rewind *rewinds;
	size_t n_rewinds, cap_rewinds;
	bool is_awaited;			/* somebody waits for rows of it: a session's epoch */
};

struct node { uint64_t index; uint8_t level; bool is_set; struct hash hash; };

struct signed_root { struct hash root; struct key_id key; uint8_t sig[KEY_SIG_LEN]; bool is_set; };

struct hub {
	const struct hub_config *config;
	struct journal *journal;
	struct hub_doer doer;
	const struct key *notice_key;
	const char *version;
	int64_t now_ms;
	struct roster *roster;
	struct party **parties;			/* sorted by id */
	size_t n_parties, cap_parties;
	struct party *dirty;			/* lists: an event must not cost by the number of agencies */
	struct party *touched, **touched_end;	/* in the order in which they were touched */

	bool leans;				/* since it was cleared: a row was read that is not durable yet */
	struct arena *mem;			/* this event's */
	struct journal_view *view;		/* this event's; NULL until it is needed */
	struct round rounds[2];
	struct round *forming, *committing;	/* committing NULL: none under way */
	int64_t beat_ms;			/* when the tick last looked at all peers */
	struct due_key stuck;			/* the last damaged row of TABLE_DUE that operators were told of */
	int64_t waiting_ms;			/* since when the forming one holds only what nobody waits for; 0: it does not */
	const struct batch *done;		/* while its answers go out; NULL otherwise */

	uint64_t directory_leaf;		/* of the current directory */
	uint64_t bulletin_end;			/* the leaf after that of the newest announcement; 0: there is none */
	uint64_t size;				/* of the committed tree */
	struct hash root;
	uint8_t checkpoint[CHECKPOINT_ROOM];
	size_t checkpoint_n;
	int64_t checkpoint_ms;
	uint64_t seconds;			/* of the last leaf: they never go back */
	uint64_t room, total;			/* of the store; 0: unknown */
	bool is_disk_low;			/* what was said last of it */
	struct hub_recovered recovered;
	struct signed_root verified;		/* the batch signature checked last */
	struct node nodes[NODE_CACHE];
};

void state_begin(struct hub *hub, int64_t now_ms);	/* of an event: fresh arena and view */
void state_end(struct hub *hub);
void state_log(struct hub *hub, enum log_event event, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The agency's party, made if it is new here; NULL only when the row cannot be read. */
struct party *state_party(struct hub *hub, const char *agency);
void state_touch(struct party *p, bool is_dirty);	/* look at its queue and credit at the end of this event */
void state_dirty(struct party *p);			/* its row has changed */

struct journal_view *state_view(struct hub *hub);
struct span state_get(struct hub *hub, enum batch_table table, struct span key);
/* A batch that is not done yet deletes it: the view still has it. */
bool state_is_deleted(const struct hub *hub, enum batch_table table, struct span key);
void state_put(struct hub *hub, enum batch_table table, struct span key, struct span value);
void state_del(struct hub *hub, enum batch_table table, struct span key);
bool state_node(void *hub, unsigned level, uint64_t index, struct hash *ret_hash);	/* cached; a merkle_read_fn */

bool state_has_room(const struct hub *hub);		/* for all that one message puts */

/* A new leaf in the forming batch. `bytes`: the envelope as it came, body_n its body's length; or SPAN_NONE. */
struct log_item {
	enum leaf_type type;
	enum retention retention;
	uint64_t aux;
	const struct detail *detail;
	struct span envelope;
	size_t body_n;
};
enum err state_append(struct hub *hub, const struct log_item *item, uint64_t *ret_leaf) MUST_USE;
enum err state_answer(struct hub *hub, const struct answer *a) MUST_USE;
enum err state_rewind(struct hub *hub, struct party *p, uint64_t no) MUST_USE;
void state_write_parties(struct hub *hub);		/* the dirty ones, into the forming batch */
/* ERR_PEER_DOWN: the session is over. ERR_BUSY: nothing was sent; what is only an answer may be dropped then. */
enum err state_send(struct hub *hub, struct party *p, const struct frame *f);

#endif
