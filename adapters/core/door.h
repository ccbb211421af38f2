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

#define FILE_PARTS_MAX 50
#define FILE_ID_LEN 37

/* A whole file that came here, ready to be read part by part. */
struct file_bytes {
	char id[FILE_ID_LEN];		/* UUID text */
	char digest[45];		/* its SHA-256 in base64 */
	const char *media_type;		/* a constant */
	char name[201];			/* as its sender calls it, UTF-8: a name and no path */
	uint64_t size;
	unsigned parts;
	uint64_t at[FILE_PARTS_MAX];	/* the core's */
};

struct handover {
	uint64_t cursor;		/* names the handover in adapter_handed */
	/* Together the idempotency key towards the agency's system: a message of ours may reach several stages. */
	const char *msg_id;		/* UUID text */
	const char *stage;		/* of that message; NULL: it is a message itself */
	struct native native;		/* borrowed until `hand` returns */
	const struct file_bytes *file;	/* the file that it tells of; NULL: none. Borrowed as well */
	const char *file_name;		/* what it calls the file; NULL: none */
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

/* -- whole files: taken and given part by part, so that none is ever in memory as a whole -- */

struct upload;
/* A request of which the head has come. Where its address takes whole files, *ret_upload is to get its body, and then `end` or
 * `drop`; NULL with OK: collect the body for adapter_request. `length`: of the body, as the head says it; 0: it does not. */
enum err adapter_upload_begin(struct adapter *a, const struct native *request, const char *key, uint64_t length,
			      struct upload **ret_upload, struct why *why) MUST_USE;
enum err adapter_upload_more(struct upload *u, struct span bytes, struct why *why) MUST_USE;
/* All of it has come: durable when OK. After an error nothing is left of it. The upload is gone either way. */
enum err adapter_upload_end(struct upload *u, struct arena *mem, struct native *ret_answer, struct why *why) MUST_USE;
enum err adapter_upload_drop(struct upload *u) MUST_USE;	/* broken off: nothing is left. NULL is fine; FATAL or OK */
/* -- files that lie beside a message in a folder, which names them: taken one by one, before adapter_take gets the message with them -- */

#define ENCLOSURES_MAX 100	/* files of one message; rows beyond them are refused */

/* May a file of this name be one that a message names? */
enum beside { BESIDE_NOT, BESIDE_MAYBE, BESIDE_ONLY };	/* MAYBE: or a message itself; ONLY: by itself it is nothing */
enum beside adapter_beside(const struct adapter *a, const char *file);

struct enclosure {
	const char *file;		/* as the message says it: any text */
	const char *media_type;		/* NULL: of no type that is taken */
	int64_t size;			/* as the message says it; -1: it does not */
	bool is_known;			/* the same was taken before: it need not be there any more */
	bool is_settled;		/* nothing is to be done for it any more */
	enum err e;			/* of a settled one: OK, it was taken */
	struct enclosed *own;		/* the core's */
};
struct enclosures {
	struct enclosure *all;
	size_t n;
	struct arena *mem;
};

/* Which files the message names; *ret_set NULL: none. ERR_OVERLOAD, or FATAL. */
enum err adapter_enclosures(struct adapter *a, const struct native *in, struct enclosures **ret_set) MUST_USE;
void adapter_enclosures_free(struct enclosures *set);	/* NULL is fine */
/* A file of `length` bytes comes: *ret_upload is to get them, and then adapter_enclosure_end. NULL with OK: it is settled, by a refusal.
 * A RETRY verdict: not now. */
enum err adapter_enclosure_begin(struct adapter *a, struct enclosure *f, uint64_t length, struct upload **ret_upload) MUST_USE;
/* All of it has come: it is settled when OK. A RETRY verdict: nothing is left of it, begin again. The upload is gone either way. */
enum err adapter_enclosure_end(struct adapter *a, struct enclosure *f, struct upload *u) MUST_USE;
/* It is settled: it cannot be had. One that is known is what it was. */
void adapter_enclosure_refuse(struct enclosure *f, enum err e, const struct why *why);

/* Part 1, 2 ... of a file, in `mem`. ERR_GONE: destroyed meanwhile. */
enum err adapter_file_part(struct adapter *a, const struct file_bytes *f, unsigned part, struct arena *mem, struct span *ret_bytes) MUST_USE;

/* -- told by doors out -- */

/* e OK: the agency's system answered `answer` (NULL: the door has no answers, the bytes are durably where they should be);
 * else why it could not be handed over. A FATAL result: stop the process. */
enum err adapter_handed(struct adapter *a, struct door *door, uint64_t cursor, enum err e, const struct native *answer) MUST_USE;

#endif
