/* SPDX-License-Identifier: EUPL-1.2 */
/* hub - the broker's deciding part: frames in, commits and frames out, in one straight line (hub.c).
 *
 * A state machine: no socket, clock, disk or log in it. Events are calls, with the time as an argument; effects go out
 * through `struct hub_doer`. Durable state is read through the journal, and changed by handing a batch to doer.commit,
 * whose end comes back as hub_on_commit. One batch is under way at a time; what arrives meanwhile forms the next.
 * Nothing that stands for something durable is sent before its commit (PROTOCOL.md 5).
 */
#ifndef HUB_HUB_H
#define HUB_HUB_H

#include <stdbool.h>
#include <stdint.h>

#include "config/hub_config.h"
#include "hub/batch.h"
#include "hub/journal.h"
#include "proto/base/err.h"
#include "proto/base/log.h"
#include "proto/directory.h"
#include "proto/frame.h"
#include "proto/notice.h"

struct hub;

/* The effects. None of them may call back into the hub before it returns. */
struct hub_doer {
	void *arg;
	/* ERR_BUSY: not now, nothing was sent; ERR_PEER_DOWN: that connection is gone. `frame` lives until the call returns. */
	enum err (*send)(void *arg, uint64_t conn, struct span frame);
	void (*commit)(void *arg, struct batch *batch);	/* hub_on_commit follows, in a later event */
	void (*log)(void *arg, enum log_event event, const char *line);
	void (*random)(void *arg, void *to, size_t n);
};

struct hub_options {
	const struct hub_config *config;	/* limits; borrowed for the hub's life */
	struct journal *journal;		/* borrowed as well; no commit under way */
	struct hub_doer doer;
	const struct key *notice_key;		/* signs what the hub says of its own accord; borrowed for the hub's life */
	const char *version;			/* of the program, for the log */
	int64_t now_ms;
};

/* Directory and sheets are read back from the journal; nothing else is: the start does not grow with the log. */
enum err hub_new(const struct hub_options *options, struct hub **ret_hub, struct why *why) MUST_USE;
void hub_free(struct hub *hub);

/* -- events -- */
/* `agency`: whose CURVE key the connection has. */
void hub_on_frame(struct hub *hub, uint64_t conn, const char *agency, struct span frame, int64_t now_ms);
void hub_on_peer_down(struct hub *hub, uint64_t conn, int64_t now_ms);
/* `e` other than OK: the process must end without another word; given back. */
enum err hub_on_commit(struct hub *hub, struct batch *batch, enum err e, int64_t now_ms) MUST_USE;
int64_t hub_on_tick(struct hub *hub, int64_t now_ms);		/* ms to the next */
/* After any of the others: commit what stands, if no commit is under way. Once for a row of frames that came together. Rows that
 * nobody waits for (TAKEN) wait for company, about a second. */
void hub_flush(struct hub *hub, int64_t now_ms);

bool hub_may_take(const struct hub *hub);	/* false: leave further frames in the sockets until a commit is done */
bool hub_is_idle(const struct hub *hub);	/* nothing to commit and no commit under way */
void hub_set_room(struct hub *hub, uint64_t room, uint64_t total);	/* free bytes of the store; 0: unknown */

/* -- trust: what has been verified by the caller against its registrars; journalled when it is new -- */
enum err hub_put_directory(struct hub *hub, const struct directory *d, struct span note, int64_t now_ms, struct why *why)
	MUST_USE;
/* Verified here against the directory. ERR_STALE: not newer than the one known. */
enum err hub_put_sheet(struct hub *hub, struct span sheet, int64_t now_ms, struct why *why) MUST_USE;
const struct directory *hub_directory(const struct hub *hub);		/* NULL before the first */
const char *hub_agency_of(const struct hub *hub, const uint8_t transport[KEY_LEN]);	/* NULL: nobody's key */
/* LEAF_START (and one line of the log: what was found of the last run), LEAF_STOP: with the program's version. */
void hub_log_service(struct hub *hub, enum leaf_type type, int64_t now_ms);

/* -- for the operator -- */
enum hub_last_run { HUB_LAST_NONE /* the store is new */, HUB_LAST_CLEAN, HUB_LAST_CRASH };

/* What the start found. */
struct hub_recovered {
	enum hub_last_run last;
	int64_t last_ms;		/* when the last leaf before was made; 0: none */
	uint64_t size;			/* of the log */
	uint64_t checkpoint;		/* the newest signed one that the store held */
	uint64_t queued, unregistered;	/* over all agencies */
};

struct hub_status {
	uint64_t size;
	struct hash root;
	int64_t checkpoint_ms;		/* when it was signed */
	struct span checkpoint;		/* lives until the next event */
	uint64_t directory_version;
	size_t peers;			/* sessions up */
	struct hub_recovered recovered;
	uint64_t room, room_of;		/* free bytes of the store, of how many; 0: unknown */
	bool is_disk_low;		/* new messages wait at their senders */
};
struct hub_agency {
	const char *id;
	bool is_connected;
	uint64_t epoch, queued, queued_bytes;
	int64_t oldest_queued_ms;	/* age; 0: none */
	uint64_t unregistered;
	int64_t oldest_unregistered_ms;	/* age; 0: none */
	uint64_t accepted, delivered;
	uint64_t late;			/* messages to it of which a missed deadline was said and still stands */
	uint64_t under_way, under_way_bytes;	/* of its own messages: not taken yet by their recipients */
};
struct hub_dead { const char *agency, *sender; uint64_t leaf, submit; enum err code; int64_t age_ms; };
struct hub_queued { uint64_t no; bool is_emergency; uint64_t leaf; uint32_t bytes; int64_t age_ms; bool is_sent; };

/* What one recipient owes for one message. */
struct hub_deadline {
	const char *from, *to;
	struct msgid id;
	enum priority priority;
	bool is_late;			/* a missed deadline was said, and stands */
	enum notice_fact fact;		/* that one; else what will be said next */
	int64_t due_ms;			/* the deadline that it is about */
	int64_t age_ms;			/* since the submit */
	enum stage stage;		/* reached: stored, delivered, registered, seen */
};
struct hub_deadline_ask {
	const char *agency;		/* from or to it; NULL: all */
	bool late_only;
	size_t max;			/* at most so many */
};

void hub_get_status(const struct hub *hub, struct hub_status *ret_status);
/* All agencies of the directory; `each` is called in the order of their ids. */
enum err hub_each_agency(struct hub *hub, int64_t now_ms, void (*each)(void *arg, const struct hub_agency *a), void *arg)
	MUST_USE;
/* What recipients refused for good, oldest first for each, at most `max`; `agency`: refused by it or sent by it, NULL all. */
enum err hub_each_deadletter(struct hub *hub, const char *agency, size_t max, int64_t now_ms,
			     void (*each)(void *arg, const struct hub_dead *d), void *arg) MUST_USE;
/* What waits for one agency, in the order of delivery, at most `max`. ERR_UNKNOWN_AGENCY. */
enum err hub_each_queued(struct hub *hub, const char *agency, size_t max, int64_t now_ms,
			 void (*each)(void *arg, const struct hub_queued *q), void *arg) MUST_USE;
/* Late ones first, by the deadline missed; then the others, by what is said next. *ret_is_all: false if there may be more.
 * ERR_UNKNOWN_AGENCY. */
enum err hub_each_deadline(struct hub *hub, const struct hub_deadline_ask *ask, int64_t now_ms,
			   void (*each)(void *arg, const struct hub_deadline *d), void *arg, bool *ret_is_all) MUST_USE;

#endif
