/* SPDX-License-Identifier: EUPL-1.2 */
/* small - a hub and four agencies so small that every order of what may happen to them can be tried: two senders, two recipients,
 * three messages, at most one crash of the hub and two lost frames.
 *
 * The hub is the real core over the memory journal. The adapters are the least that a correct adapter must do (PROTOCOL.md 5 and 6):
 * the real one is covered by the town (town.h), and its store and keys would tell apart states that the hub does not. What the hub
 * says is checked to the last byte when it says it, so that afterwards only its meaning tells states apart (alike.c). Frames
 * of one direction of a connection keep their order, as on TCP. A timeout comes when nothing else can.
 */
#ifndef SIM_SMALL_H
#define SIM_SMALL_H

#include "hub/hub.h"
#include "proto/frame.h"
#include "tests/sim/logwatch.h"
#include "tests/support/hub_world.h"

#define SMALL_AGENTS 4			/* 0 and 1 send, 2 and 3 receive */
#define SMALL_MESSAGES 3
#define SMALL_FRAMES 12			/* on the way at once, in one direction */

struct small_message {
	size_t from;
	struct span bytes;
	struct msgid id;
	struct thread_id thread;
	uint64_t seq;
};

struct small_agent {
	/* durable */
	bool is_accepted[SMALL_MESSAGES];	/* its own: the hub has proven it */
	uint64_t leaf[SMALL_MESSAGES];
	bool inbox[SMALL_MESSAGES];
	/* of the connection */
	uint64_t pin_size;			/* the checkpoint seen last in this session */
	struct hash pin_root;
	uint64_t conn, n_sessions, epoch;	/* epoch 0: not welcomed yet */
	bool is_greeting;
	unsigned said;				/* messages that the hub has sent it in this session, heard or not, a bit each */
	bool is_sent[SMALL_MESSAGES];		/* in this session, and not to be said again before a timeout */
};

/* A frame on its way, and what it says. */
struct small_frame {
	struct span bytes;
	enum frame_kind kind;
	uint64_t epoch;
	uint8_t session;			/* HELLO, WELCOME */
	unsigned messages;			/* that it holds or is about, a bit each */
	uint64_t since, size;			/* of the log: its checkpoint, and the one before; 0: none */
	uint64_t detail;			/* the print of what it says besides */
};
struct small_way { struct small_frame frames[SMALL_FRAMES]; size_t n; };

enum small_commit { COMMIT_NONE, COMMIT_WAITS, COMMIT_DURABLE };

struct small {
	struct world world;
	struct rowkey *keys;
	struct journal_disk *disk;
	struct journal *journal;
	struct journal_view *view;		/* while a print is made */
	struct hub *hub;
	struct batch *batch;
	enum small_commit commit;
	struct logwatch *log;
	struct arena *mem;
	int64_t now_ms;
	unsigned crashes, losses;		/* that may still happen */
	unsigned starts;			/* of the hub */
	struct small_message messages[SMALL_MESSAGES];
	struct small_agent agents[SMALL_AGENTS];
	struct small_way up[SMALL_AGENTS], down[SMALL_AGENTS];
};

/* -- small.c: the hub's side and the ways -- */
void small_init(struct small *s, unsigned crashes, unsigned losses, bool has_all);	/* or without the second message */
void small_put(struct small_way *way, const struct small_frame *frame);	/* copies its bytes */
void small_drop(struct small_way *way);				/* the first */
size_t small_find(const struct small *s, const struct msgid *id);	/* SMALL_MESSAGES: none of ours */
void small_hub_hears(struct small *s, size_t from);		/* the frame that is first on its way */
void small_commit(struct small *s);				/* to the disk */
void small_told(struct small *s);				/* the hub hears that it is there */
void small_crash(struct small *s);
void small_timeout(struct small *s);				/* time passes, longer than anybody waits */
bool small_is_still(const struct small *s);			/* nothing is on its way, nothing to commit */

/* -- alike.c -- */
uint64_t alike_print(struct small *s);				/* of all that decides what may follow */
uint64_t alike_mix(uint64_t print, uint64_t number);
uint64_t alike_shown(const struct small *s, size_t i);		/* the size that the hub has shown it last in its session; UINT64_MAX: none */

/* -- least.c: the least adapter -- */
enum least_effect { LEAST_NOTHING, LEAST_FORGETS /* nothing that a crash would leave */, LEAST_KEEPS };

void least_greet(struct small *s, size_t i);
void least_submit(struct small *s, size_t i);			/* its next message, in a frame of its own */
bool least_has_more(const struct small *s, size_t i);
bool least_is_sure(const struct small *s, size_t i);		/* its session goes on, if no frame is lost any more */
void least_reads(struct small *s, size_t i, struct span bytes, struct small_frame *ret_frame);	/* what the hub has sent: all checked */
enum least_effect least_effect(const struct small *s, size_t i);	/* of the frame that is first on its way to it */
void least_hears(struct small *s, size_t i);
void least_falls(struct small *s, size_t i);			/* its connection is gone */

#endif
