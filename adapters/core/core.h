/* SPDX-License-Identifier: EUPL-1.2 */
/* core - the one owner struct of an adapter process, seen by the files of the core only. */
#ifndef ADAPTER_CORE_H
#define ADAPTER_CORE_H

#include "adapters/core/adapter.h"
#include "adapters/core/casebook.h"
#include "adapters/core/inbox.h"
#include "adapters/core/mailing.h"
#include "adapters/core/outbox.h"
#include "adapters/core/terms.h"
#include "proto/calendar.h"
#include "proto/frame.h"

#define FLIGHT_MAX 1024			/* submitted, not yet answered */
#define FLIGHT_EMERGENCY 64		/* of them: kept for EMERGENCY */
#define HANDING_MAX 64			/* handed to doors, not yet answered */
#define EVENT_ARENA ((size_t)96 * 1024 * 1024)	/* of one event: a frame of 4 MiB, opened and sealed again */
#define WRITE_ROOM ((size_t)16 * 1024 * 1024)	/* must be left in it before the first write of an item */

enum link { LINK_DOWN, LINK_HELLO, LINK_UP };

struct flight {
	uint64_t seq;			/* in the outbox */
	struct msgid id;
	uint64_t bytes;			/* of credit used; 0: the hub has answered, and counts it itself */
	int64_t again_ms;		/* sent again when this comes without an answer */
	bool is_late;			/* it has come: it goes before anything else gets the credit that it holds */
	bool is_first;			/* it never went before: one answer is all of them */
};

struct handing { uint64_t cursor; struct door *door; bool is_preview; };

struct adapter {
	struct adapter_parts p;
	struct sector_env env;
	struct calendar calendar;	/* with the days that the configuration moves */
	int32_t *calendar_days;
	struct mailing mailing;		/* the mail under way */
	struct arena *mem;		/* of the event in hand */
	struct arena *out_mem;		/* of the handover being made: a door may answer before it returns */
	struct arena *frame_mem;	/* of the frame in hand: `mem` is given back after each of its items */

	enum link link;
	bool is_transport_up;
	int64_t tick_ms;		/* of the last tick */
	int64_t gather_ms;		/* when it was looked last for files whose parts stay away */
	int64_t hello_ms;		/* when to greet (again) if the session does not stand */
	uint8_t session[16];
	uint64_t epoch;
	struct msgid last_id;		/* the newest that we made; the next sorts after it */
	uint64_t pin_size;		/* the newest checkpoint that we verified */
	struct hash pin_root;
	struct credit may;		/* what the hub lets us send, cumulative in this session */
	struct credit reserve;		/* of it: kept for EMERGENCY */
	struct credit sent;
	struct credit expected;		/* what this event has put into the outbox, and is sent at its end */
	uint64_t fresh;			/* the first of it; 0: none */
	struct credit got;		/* what came from the hub in this session */
	int64_t credit_ms;		/* when it is told again what may come */
	int64_t up_ms;			/* since when the session stands */
	bool is_sheet_missed;		/* a key sheet was needed that has not come */
	uint64_t announced_seen;	/* leaf index + 1 of the newest announcement that the hub has sent us */
	struct msgid gap;		/* came before its thread's turn, lately in session gap_epoch, in so many of them */
	uint64_t gap_epoch;
	unsigned n_gaps;
	struct flight flights[FLIGHT_MAX];
	size_t n_flights;
	struct handing handing[HANDING_MAX];
	size_t n_handing;
	uint64_t unsure;		/* inbox entries up to it may have been handed over, whatever their rows say: before a start, or on a full disk */
	int64_t turnover_ms;		/* when it is looked again whether sealing keys must turn over */
	bool is_turnover_asked;
	uint64_t brought_version;	/* of our sheet, brought to the hub last */
	uint64_t foreign_version;	/* of a sheet of ours that we did not make, told already */
	int64_t echo_ms;		/* how long the hub may take to show us our sheet */
	int64_t reseal_ms;		/* when wishes to seal again are looked at next */
	int64_t rebuild_ms;		/* when it was looked last for what is missing */
	uint64_t reseal_seq;		/* after which, in the outbox */
	struct reconcile *reconcile;	/* the statement under way */
	bool is_submit_due;		/* something was added to the outbox in this event */
};

static inline int64_t
core_now(const struct adapter *a)
{
	return a->p.links.now(a->p.links.arg);
}

/* What deadlines come from: our configuration, and the rules of the newest directory. */
static inline struct terms_from
core_terms(const struct adapter *a)
{
	return (struct terms_from){ a->p.config, &contacts_directory(a->p.contacts)->rules };
}

void core_tell(struct adapter *a, enum log_event event, const char *fmt, ...) PRINTF_LIKE(3, 4);
void core_random(struct adapter *a, void *to, size_t n);
/* Encode and send a frame of this session. */
enum err core_send(struct adapter *a, struct frame *frame) MUST_USE;

#endif
