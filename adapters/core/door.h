/* SPDX-License-Identifier: EUPL-1.2 */
/* door - between the adapter and the agency's system: what a door must do, and what it may ask.
 *
 * A door in (HTTP, MLLP, folder) collects the bytes of one request, checks who calls, and calls adapter_request or
 * adapter_take; both answer at once, after the commit. A door out (webhook, MLLP, folder) gets a handover, and tells later, once,
 * what became of it, by adapter_handed; it may do so before `hand` returns.
 */
#ifndef ADAPTER_DOOR_H
#define ADAPTER_DOOR_H

#include <stdint.h>

#include "adapters/core/circuit.h"
#include "adapters/core/sector.h"

struct adapter;

struct handover {
	uint64_t cursor;		/* names the handover in adapter_handed */
	/* Together the idempotency key towards the agency's system: a message of ours may reach several stages. */
	const char *msg_id;		/* UUID text */
	const char *stage;		/* of that message; NULL: it is a message itself */
	struct native native;		/* borrowed until `hand` returns */
};

struct door {
	const char *name;		/* "webhook"; as in the log */
	unsigned capacity;		/* handovers at once */
	unsigned in_flight;		/* kept by the core, as is the next */
	struct circuit circuit;
	/* ERR_BUSY: not now. Any other answer than OK counts as a failed try. */
	enum err (*hand)(void *arg, const struct handover *h);
	void *arg;
};

/* -- asked by doors in -- */

/* One HTTP request, whole: finds the sector's route and answers, errors included, in the form of its path. `key`: the
 * Idempotency-Key header or NULL. The answer lives in `mem`. A FATAL result: answer nothing, stop the process. */
enum err adapter_request(struct adapter *a, const struct native *request, const char *key, struct arena *mem, struct native *ret_answer) MUST_USE;
/* An error that the door itself found (unauthorised, too large), in the form of the request's path. */
enum err adapter_problem(struct adapter *a, enum err e, const struct why *why, const struct native *request, struct arena *mem,
			 struct native *ret_answer) MUST_USE;
/* One native message of MLLP or a folder. The answer (ACK, result file) may be empty. ret_refused: why nothing of it was taken, OK
 * if all or a part was. */
enum err adapter_take(struct adapter *a, const struct native *in, const char *door, const char *key, struct arena *mem,
		      struct native *ret_answer, enum err *ret_refused) MUST_USE;
/* A native message that the door itself refuses (cut off, too large, not framed): its answer, as for a refused intake. Nothing is
 * taken of it. */
enum err adapter_refuse(struct adapter *a, enum err e, const struct why *why, const struct native *in, const char *door,
			struct arena *mem, struct native *ret_answer) MUST_USE;
/* May this file be taken yet? */
bool adapter_is_complete(const struct adapter *a, const char *file, struct span bytes);

/* -- told by doors out -- */

/* e OK: the agency's system answered `answer` (NULL: the door has no answers, the bytes are durably where they should be);
 * else why it could not be handed over. A FATAL result: stop the process. */
enum err adapter_handed(struct adapter *a, struct door *door, uint64_t cursor, enum err e, const struct native *answer) MUST_USE;

#endif
