/* SPDX-License-Identifier: EUPL-1.2 */
/* sector - everything an agency's sector must bring: pure translation between what its systems speak and the record.
 *
 * All functions are pure: they see only their arguments, allocate only from `mem`, and explain a refusal in `why` or in
 * the item. The core (adapter.c) owns order, store, doors, lifecycle, sealing and time; it completes what a sector leaves
 * open: case_id, created, assumed defaults, target by route, the status's `from` and transition.
 */
#ifndef ADAPTER_SECTOR_H
#define ADAPTER_SECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/record.h"

struct service;

enum format {
	FORMAT_NONE, FORMAT_JSON, FORMAT_FHIR, FORMAT_HL7, FORMAT_CSV, FORMAT_NHIS, FORMAT_XML, FORMAT_ONEROSTER, FORMAT_OSCAR, FORMAT_PRIMERO,
};

struct subject;

/* What an HTTP request says in its head, beside what struct native has. NULL: not said. */
struct request_head {
	const char *base;		/* "https://host:8443", as the caller reached us; NULL where its Host is none */
	const char *accept, *prefer;
	const char *if_match, *if_none_match, *if_none_exist;
	const char *digest;		/* Content-Digest, Repr-Digest or Digest */
};

struct file_bytes;
struct enclosures;

/* Bytes of an agency's system, and how they came or go. */
struct native {
	enum format format;
	struct span bytes;
	const char *media_type;		/* HTTP doors: Content-Type to say or as said; NULL elsewhere */
	const char *accept;		/* HTTP doors: the Accept header as said; NULL elsewhere, and where it was not */
	const char *method, *path;	/* HTTP doors: "PUT", "/fhir/Task/4"; NULL elsewhere */
	const char *file;		/* folder doors: the file's name; NULL elsewhere */
	const char *charset;		/* "windows-1251" when the door knows; NULL: find out */
	unsigned status;		/* HTTP status of an answer; 0 elsewhere */
	const char *allow;		/* of an answer: the methods that its address takes, "GET, POST"; NULL elsewhere */
	struct span then;		/* of an answer over MLLP: a second message, to follow in a frame of its own; empty elsewhere */
	const struct request_head *head;	/* of a request; NULL elsewhere */
	const char *etag;		/* of an answer; NULL: none */
	int64_t modified_ms;		/* of an answer; 0: not known */
	const char *shown;		/* of an answer: the path of what stands behind it; its show goes before the bytes. NULL: none */
	const struct file_bytes *content;	/* of an answer: its bytes come part by part (adapter_file_part), `bytes` are empty. NULL elsewhere */
	const struct enclosures *enclosed;	/* folder doors: the files that it names, each taken or refused (door.h); NULL: none */
	const struct subject *current;	/* of a PUT or PATCH: what stands at its address, opened; NULL elsewhere */
};

struct progress;

/* Of formats that say the same in more than one way: HL7's REF and RRI; OMG, OSU and SIU; or ORM. */
enum dialect { DIALECT_REFERRAL, DIALECT_ORDER, DIALECT_OLD_ORDER };

/* What the agency's configuration says that translation needs. */
struct sector_env {
	const char *agency;			/* our own id */
	int64_t now_ms;
	bool is_test;				/* a test installation: HL7 processing ids D and T are taken */
	/* "system|code" or a bare code -> our code; NULL if unmapped */
	const char *(*concept)(const void *arg, const char *system, const char *code);
	/* the other way: the code of `system` that is mapped to ours; NULL if none is. The first in the configuration counts */
	const char *(*native_of)(const void *arg, const char *system, const char *code);
	/* a file of the agency's roster folder; one that is not there gives SPAN_NONE. NULL: the agency has no roster */
	enum err (*roster)(const void *arg, const char *file, struct arena *mem, struct span *ret_bytes);
	/* a native name (HL7 application, FHIR endpoint, institution code) -> agency id; NULL if unknown */
	const char *(*agency_of)(const void *arg, const char *alias);
	/* HL7 MSH-3 and MSH-4, MSH-5 and MSH-6 of what we hand over, where the configuration names them; NULL otherwise */
	const char *our_application, *our_facility, *their_application, *their_facility;
	enum dialect dialect;			/* of what we hand over, where what it is about does not say */
	/* agency id -> the native name that this agency's system knows it by; the id itself if none */
	const char *(*alias_of)(const void *arg, const char *agency);
	/* How far the referral has come that a number of either agency or a message id names; texts and record in `mem`. May be
	 * NULL. ERR_UNKNOWN_REFERRAL. */
	enum err (*progress_of)(void *core, const char *number, struct arena *mem, struct progress *ret_progress);
	const void *arg;
	void *core;				/* for progress_of */
};

/* One thing that a native message says: a record, or that our agency's system has registered what it was handed, or both. */
struct intake_item {
	enum err e;			/* OK, or why this one is refused while its neighbours go on */
	struct why why;
	unsigned row;			/* 1-based row or entry; 0 when the message is one thing */
	const char *native_id;		/* stable in the agency's system: the same again is the same message. Never NULL for a record */
	const char *target;		/* agency id where the message names one; NULL: the core's routes decide */
	struct record *record;		/* NULL: only a confirmation. A status may lack from and transition */
	/* A record of kind attachment whose bytes are in a file that lies beside this one in the folder: its name, as it was said. Such a record
	 * lacks data, part and parts; size, sha256 and media_type it may have. NULL: nothing lies beside. Set of a refused item as well */
	const char *file;
	bool is_named;			/* of an item with `file`: native_id is a number that the agency gave, and not made of what is said */
	const char *confirms;		/* msg_id (hex or UUID) or referral_id of what was registered; NULL: none */
	const char *case_no;		/* the agency's own number for it; needed with `confirms` */
	/* filled in by the core before `answer` is called */
	const char *msg_id;		/* UUID text; NULL if refused */
	const char *thread;		/* hex */
	bool is_repeat;			/* the same native_id and content were taken before: this is the stored answer */
	const char *stage;		/* of a repeat, how far it has come, as in struct outgoing; NULL: it is queued */
	const struct record *referral;	/* of the thread; NULL if refused or unknown */
	const char *warning;		/* for people, in the agency's language: it was taken, but; NULL: nothing */
	const char *warning_en;		/* the same in English, for what holds no Cyrillic */
};

struct intake {
	struct intake_item *items;
	size_t n;
	const char *control_id;		/* HL7 MSH-10 */
	enum err e;			/* not OK: the whole message is refused, items stay empty */
	struct why why;
	bool is_one_act;		/* of its sender: where one item is refused, nothing is taken */
};

/* One thing to hand to the agency's system. */
struct outgoing {
	const char *msg_id;		/* UUID text; the idempotency key towards the agency's system */
	const char *thread;		/* hex */
	const char *from;		/* agency id */
	const struct record *record;	/* what arrived; NULL for a stage */
	const struct record *referral;	/* the thread's referral; equals `record` when that is it */
	bool is_initiator;		/* the referral is ours: this is a status of it coming home */
	const char *state;		/* the thread's state after it */
	const char *case_no;		/* our own number for it, once registered; NULL before */
	const char *external_no;	/* the other side's case number; NULL when unknown */
	uint64_t cursor;		/* place in the inbox, for polling */
	int64_t at_ms;
	const char *stage;		/* of what we sent: "stored", "delivered", "registered", "seen", "refused", "withdrawn"; "erased": what
					 * came is gone; "preview": what came is held, `referral` has nothing but its preview; NULL for a
					 * record */
	enum err stage_err;		/* for "refused" */
	/* of a file that is here whole (kind attachment): where its bytes are to be had by HTTP, and its name beside this in a folder. If it
	 * came in several parts the record says what it is, without part, parts and data. NULL elsewhere */
	const char *href, *file;
	const struct file_bytes *bytes;
};

/* Progress of one referral, for GET of it. Times are 0 when not reached. */
struct progress {
	const char *msg_id, *thread, *state, *other_agency, *external_no, *case_no;
	const char *referral_no;	/* the initiator's */
	bool is_initiator;
	int64_t queued_ms, stored_ms, delivered_ms, registered_ms, seen_ms, refused_ms;
	enum err refused;
	const struct record *referral;
	const struct progress *namesake;	/* another agency's referral that has the number asked by, too; NULL: none */
};

/* One thing that a client may look up: a referral as it stands, or a message that came or went on its thread. */
struct subject {
	struct progress p;		/* of its thread; p.referral is NULL until it is opened */
	const char *msg_id;		/* UUID text of its own; of a referral it equals p.msg_id */
	const char *position;		/* its place in the order of all, for ever: "i7", "o12" */
	const char *version;		/* another one after each change; letters, digits, '-' */
	const char *from;		/* agency id of who sent it */
	const char *stage;		/* how far a message of ours came: "registered"; NULL: not ours, or not stored yet */
	int64_t changed_ms;
	bool is_referral, is_ours;	/* is_ours: this agency sent it */
	/* once opened: of a referral the step that brought it where it is, NULL if there is none; else the message itself */
	const struct record *record;
	uint64_t cursor;		/* place in the inbox; 0: it was sent */
};

/* All of them, in an order that only grows at its ends: what came, then the referrals that were sent. */
struct catalogue {
	void *arg;
	/* The next one, without its content; false: there is none. It lives until the next call. */
	bool (*next)(void *arg, struct subject *ret_subject);
	/* Its content, until the next call. ERR_GONE: destroyed. */
	enum err (*open)(void *arg, struct subject *subject);
};

enum route_act {
	ROUTE_SUBMIT,		/* native in: to_records, then answer */
	ROUTE_INBOX,		/* list what waits: listing */
	ROUTE_CONFIRM,		/* "registered" for the {id} in the path: to_records gives a confirmation */
	ROUTE_PROGRESS,		/* one referral by {id}: progress */
	ROUTE_WITHDRAW,		/* take back our referral {id}, or message, that is not registered; answered by its progress */
	ROUTE_SEARCH,		/* what fits a query, of all there is: search */
	ROUTE_SHOW,		/* one thing by {id}: show */
	ROUTE_DOCUMENT,		/* a fixed document: document */
	ROUTE_DEADLINES,	/* what is owed by when: the core's own, the same in all sectors */
	ROUTE_SERVICES,		/* who offers what where: the core's own in JSON; in another format `services` of the sector */
	ROUTE_SERVICE_SAY,	/* a service of ours by {id}: announced, changed, ended */
	ROUTE_CONFERENCE,	/* one conference by {id}: the core's own as well */
	ROUTE_PREVIEWS,		/* referrals that are held unopened, and what is done with them by {id}: the core's own as well */
	ROUTE_PREVIEW_OPEN,
	ROUTE_PREVIEW_DECLINE,
	ROUTE_FILE_IN,		/* a whole file for the thread {id}, taken as it comes: the core's own, not by adapter_request */
	ROUTE_FILE,		/* a file by {id}: what it is and how far it came; the core's own */
	ROUTE_FILE_BYTES,	/* its bytes, streamed */
};

struct route {
	const char *method, *pattern;	/* "POST", "/v1/inbox/{id}/registered" */
	enum route_act act;
	enum format format;
};

struct sector {
	const char *name;			/* "health" */
	const struct route *routes;		/* HTTP, ends with method NULL */
	const enum format *formats;		/* that it reads and writes, ends with FORMAT_NONE */

	/* Native to records. An unreadable message is told in ret_intake->e; a bad row in its item. */
	void (*to_records)(const struct native *in, const struct sector_env *env, struct arena *mem, struct intake *ret_intake);
	/* What the door answers: 202 with ids, OperationOutcome, ACK, result CSV; also for a refused intake. */
	enum err (*answer)(const struct native *in, const struct intake *intake, const struct sector_env *env, struct arena *mem,
			   struct native *ret_answer) MUST_USE;
	/* A record (or stage) to `format`. Empty bytes: this format has no such message, nothing to hand over. ret_native->charset
	 * says beforehand what the agency's system wants (NULL: UTF-8), and afterwards what the bytes are. */
	enum err (*from_record)(const struct outgoing *out, enum format format, const struct sector_env *env, struct arena *mem,
				struct native *ret_native, struct why *why) MUST_USE;
	/* The agency's system answered what we handed it (webhook body, MLLP answer). OK with *ret_case_no set: registered.
	 * OK with NULL: taken, not yet registered. ERR_PEER_REFUSED: try again later; a REJECT verdict: it refuses for good. */
	enum err (*read_answer)(const struct outgoing *out, const struct native *answer, struct arena *mem,
				const char **ret_case_no, struct why *why) MUST_USE;
	/* NULL, as the next: the sector has no route of that act */
	enum err (*listing)(const struct outgoing *items, size_t n, const struct native *request, const struct sector_env *env,
			    struct arena *mem, struct native *ret_list) MUST_USE;
	enum err (*progress)(const struct progress *p, const struct native *request, struct arena *mem, struct native *ret_view) MUST_USE;
	/* All services that agencies announce (services_find.h), in the format of a route that the sector has for it; what of them is asked for
	 * stands in request->path. NULL: the sector has no such route. */
	enum err (*services)(const struct service *items, size_t n, const struct native *request, const struct sector_env *env,
			     struct arena *mem, struct native *ret_list, struct why *why) MUST_USE;
	/* What request->path and a form in the body ask for (ROUTE_SEARCH). With request->head->if_none_exist, whose query then stands
	 * in the path: the only one that fits; ERR_NOTFOUND if none does, ERR_PRECONDITION if several do. NULL: no such route. */
	enum err (*search)(const struct catalogue *all, const struct native *request, const struct sector_env *env, struct arena *mem,
			   struct native *ret_list, struct why *why) MUST_USE;
	enum err (*show)(const struct subject *subject, const struct native *request, const struct sector_env *env, struct arena *mem,
			 struct native *ret_view, struct why *why) MUST_USE;	/* NULL: no such route */
	/* An error outside a message (unauthorised, not found, too large) in the form of `request->path`. */
	enum err (*problem)(enum err e, const struct why *why, const struct native *request, struct arena *mem, struct native *ret_problem) MUST_USE;
	enum err (*document)(const struct native *request, struct arena *mem, struct native *ret_document) MUST_USE;
	/* May the folder door take this file yet (whole, by its format)? */
	bool (*is_complete)(const char *file, struct span bytes);
	bool names_files;			/* its messages may name files that lie beside them (intake_item.file) */
};

#endif
