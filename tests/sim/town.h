/* SPDX-License-Identifier: EUPL-1.2 */
/* town - a whole small world in virtual time: the real hub core, real adapters and the agencies' systems behind them, a network,
 * and what may go wrong with each. Everything is drawn from one seed, so a run repeats itself to the last byte (town_digest).
 *
 * The shadow is what the agencies' systems know: what each was told is accepted (struct input), what each registered. It is
 * compared after each step, with what passes the wire (wiretap), and with the hub's log (logwatch).
 */
#ifndef SIM_TOWN_H
#define SIM_TOWN_H

#include "tests/sim/simhub.h"
#include "tests/sim/wiretap.h"
#include "tests/support/adapter_desk.h"

#define TOWN_INPUTS_MAX 1024

/* What may go wrong, in a thousand steps or commits; chosen by the seed, zero in peace. */
struct climate {
	struct lossy_faults wire;
	struct simhub_faults hub;
	unsigned lines, cuts, pauses, jumps;		/* in ten thousand steps */
	unsigned hub_dies, adapter_dies;		/* between two events */
	unsigned commit_dies, commit_full;		/* adapters' commits */
	unsigned systems;				/* an agency's system changes its mood */
	unsigned poison, strangers;
	unsigned takebacks, turns, losses;		/* a message taken back; sealing keys turned over; lost */
	unsigned load;					/* new inputs */
};

enum mood { MOOD_UP, MOOD_DOWN, MOOD_SLOW, MOOD_ERROR /* 500 */, MOOD_HALF /* closes before it answers */, MOOD_TWICE, N_MOODS };
enum poison { POISON_NONE, POISON_ERROR /* 500 while there are faults */, POISON_NEVER /* refused for good */ };

/* One thing that an agency's system said to its adapter, and what became of it. */
struct input {
	size_t no, from, to, referral;	/* referral: the input that began the thread; its own number if it is one */
	bool is_referral, is_told, is_dropped;	/* the system was told: accepted, refused */
	enum poison poison;
	char id[24], step[20];
	char msg_id[40];		/* once told, or once it came */
	char came_as[40];		/* at its recipient: another id only where it was sealed again before the hub had it */
	unsigned order;			/* among its sender's in its thread */
	/* at the recipient's system */
	bool is_seen, is_registered, is_closed;	/* closed: the adapter knows, and must not bring it again */
	bool is_refused;
	bool is_passed;			/* a later one of its sender came, and it had not: it must end refused, or taken back */
	bool is_asked_back;		/* its sender's system may have asked for it back */
	bool is_told_back;		/* the recipient's system was told that it is taken back */
	/* at the sender's system: stages that it was told of, and those it will not hear again */
	unsigned stages, closed_stages;
};

struct bureau {
	struct town *town;
	struct adesk desk;
	unsigned life;			/* events of an earlier life are nothing */
	uint64_t conn;
	int64_t skew_ms, paused_ms, down_ms;	/* down: not started before */
	bool is_dying;			/* its last commit is on the disk, and nothing else of it will be heard */
	bool is_hindered;		/* a commit of this event found the disk full */
	enum mood mood;
	struct input *open;		/* said, and not answered: said again */
	unsigned starts;
	int64_t lost_ms;		/* when it lost its sealing keys last */
};

struct town {
	uint64_t seed, step, digest;
	size_t n_bureaus;
	struct world world;
	struct lossy *wire;
	struct simhub *hub;
	struct logwatch *log;
	struct wiretap *tap;
	struct bureau bureaus[WORLD_AGENCIES];
	struct input inputs[TOWN_INPUTS_MAX];
	size_t n_inputs;
	struct climate climate;
	bool is_peace;
	int64_t paused_ms;		/* nobody is stopped longer */
	struct arena *mem;		/* of one step */
	uint64_t crashes, handed, again, turned;	/* for the report */
};

/* -- town.c -- */
void town_init(struct town *t, uint64_t seed, const struct climate *climate);
void town_done(struct town *t);
bool town_step(struct town *t, int64_t until_ms);	/* one event; false: none before */
bool town_is_quiet(struct town *t);		/* nothing is under way anywhere */
const char *town_why(struct town *t);		/* what is not quiet, in words */
void town_settle(struct town *t, int64_t within_ms);	/* faults stop; everything arrives within that time (I27) */
void town_check_end(struct town *t);
void town_tape(struct town *t, uint64_t tag, struct span bytes);	/* into the digest */

/* -- bureau.c -- */
void bureau_init(struct bureau *b, struct town *t, size_t place);
void bureau_done(struct bureau *b);
void bureau_die(struct bureau *b, int64_t down_ms);
void bureau_start(struct bureau *b);
void bureau_drop_line(struct bureau *b);
void bureau_tend(struct bureau *b);	/* what got no answer is said again; an operator lets what is parked be tried anew */
void bureau_say(struct bureau *b, struct input *in);	/* its system says something (again) */
void bureau_take_back(struct bureau *b, struct input *in);	/* its system asks for what it said before */
void bureau_turn_keys(struct bureau *b);
void bureau_lose_keys(struct bureau *b);	/* its machine is replaced, and of its sealing keys nothing is left */

/* -- hearing.c: the agency's system hears -- */
enum err hearing_hand(void *bureau, const struct handover *h);
bool hearing_is_over(const struct town *t, const struct input *in);	/* its recipient's system has it, or nobody will */
bool hearing_is_shaken(const struct town *t, const struct input *in);	/* something of its case was asked back, or refused */
bool hearing_is_back(const struct input *in);		/* its sender's system was told that it is taken back */
void hearing_check_end(struct town *t);

#endif
