/* SPDX-License-Identifier: EUPL-1.2 */
/* case - what the parts share that read and write the JSON of case management systems: OSCaR's clients and Primero's cases.
 *
 * A body holds clients, a client services, and one service is one referral (or the word on one): that is a unit. Reading is as in the
 * health sector: a fault is kept by case_fail, and every setter does nothing after it. Seen by the social sector only.
 */
#ifndef SOCIAL_CASE_H
#define SOCIAL_CASE_H

#include "adapters/social/social.h"

#define CASE_UNITS_MAX 100		/* services of one body */
#define CASE_PRIOR_MAX 16		/* services that a child gets already, in one referral */

enum case_shape { CASE_NONE, CASE_OSCAR, CASE_PRIMERO };

struct case_unit {
	struct json_t *client;		/* borrowed from the body */
	struct json_t *service;		/* NULL: the client object itself speaks of one referral */
	const char *client_at, *service_at;	/* "organization", "organization.services[1]"; "" is the body itself */
};

struct case_reading {
	enum case_shape shape;
	const struct case_unit *unit;
	const struct sector_env *env;
	struct arena *mem;
	struct intake_item *item;
	struct record *record;
	const char *number;		/* of the referral, by its sender's system; NULL: the body has none */
	struct json_t *transition;	/* Primero's word on the service; NULL: none */
	int64_t dropped;
	enum err e;			/* sticky; its reason is the item's */
};

/* What a status says, in either system's words. */
enum case_word { CASE_SILENT, CASE_ASKED, CASE_ACCEPTED, CASE_EXITED, CASE_REJECTED, CASE_DONE, CASE_REVOKED, CASE_FOREIGN };

/* -- case_map: the members that are read, and the words -- */
struct case_row {
	enum case_shape shape;
	bool is_of_service;
	const char *member;		/* one that ends in '*' stands for all that begin so */
	const char *path;		/* of the record; NULL: it is read, but is no field of its own */
};
extern const struct case_row case_rows[];	/* ends with member NULL */
bool case_is_read(enum case_shape shape, bool is_of_service, const char *member);
/* Where in the body that is, which the record has at `path`: "organization.services[0].name"; `path` itself if nothing is known of it. */
const char *case_where(enum case_shape shape, const struct case_unit *unit, const char *path, struct arena *mem);
enum case_word case_word_by_text(enum case_shape shape, const char *text, const struct sector_env *env);
/* The words of each shape for a state of ours. `word` NULL: the state's own. */
const char *case_word_of_state(enum case_shape shape, const char *state, const struct sector_env *env);
/* A code of ours for a word of theirs, by the configuration's concepts of `system`, or as it is; NULL: none. */
const char *case_code(const struct sector_env *env, const char *system, const char *list, const char *word, struct arena *mem);
/* Theirs for ours; NULL: the configuration has none. */
const char *case_native(const struct sector_env *env, const char *system, const char *code);
const char *case_system(enum case_shape shape, const char *what, struct arena *mem);	/* "oscar-service" */
const char *case_reason(enum case_shape shape, const char *list, const char *word, const struct sector_env *env, struct arena *mem);
extern const struct case_pace { const char *timeframe, *priority; } case_paces[];	/* ends with timeframe NULL; the first of a priority is written */

/* -- case_walk: the units of a body -- */
enum err case_walk(enum case_shape shape, struct json_t *root, struct arena *mem, struct case_unit **ret_units, size_t *ret_n,
		   struct why *why) MUST_USE;
bool case_is_running(const struct json_t *service);	/* a service that the child gets already */
/* Primero's transition on a service of a case, the last one; NULL: none. */
struct json_t *case_transition(struct json_t *client, struct json_t *service);

/* -- case_value: single values, tolerant in their form -- */
/* A text or a whole number as text, without blanks around it; NULL where there is nothing. */
const char *case_text(struct arena *mem, const struct json_t *object, const char *member);
const char *case_text_like(struct arena *mem, struct json_t *object, const char *prefix);	/* of the first member that begins so */
enum case_truth { CASE_UNSAID, CASE_FALSE, CASE_TRUE } case_truth(const struct json_t *object, const char *member);
void case_fail(struct case_reading *r, enum err e, const char *where, const char *text);
void case_set(struct case_reading *r, const char *path, const char *text);
void case_set_date(struct case_reading *r, const char *path, const char *text);	/* either form; a time behind it does not count */
void case_set_time(struct case_reading *r, const char *path, const char *text);
/* A place's code as five characters; one that is none is left out and counted. */
void case_set_ekatte(struct case_reading *r, const char *path, const char *text);
void case_add_id(struct case_reading *r, const char *type, const char *value);
void case_add_state_number(struct case_reading *r, const char *value);	/* EGN, LNCH, or nothing */
void case_set_phone(struct case_reading *r, const char *path, const char *text);	/* zeroes alone stand for none */
void case_set_target(struct case_reading *r, const char *name, const char *prefix);
void case_count_dropped(struct case_reading *r);

/* -- the referral -- */
struct case_consent { enum case_truth given; const char *on, *form, *word; bool is_overridden; };
void case_read_consent(struct case_reading *r, const struct case_consent *c);
void case_read_oscar(struct case_reading *r);
void case_read_primero(struct case_reading *r);
const char *case_number_oscar(const struct case_unit *unit, struct arena *mem);
const char *case_number_primero(const struct case_unit *unit, struct arena *mem);

/* -- case_step: what a unit is by its word and by where the referral stands -- */
enum case_act { CASE_REFER, CASE_STEP, CASE_REGISTER, CASE_KNOWN };
enum case_act case_step(struct case_reading *r);

/* -- out: one item, its shape first and our own behind it -- */
void case_write(struct buf *b, enum case_shape shape, const struct outgoing *out, const struct sector_env *env);
void case_write_oscar_referral(struct buf *b, const struct outgoing *out, const struct sector_env *env);
void case_write_primero_referral(struct buf *b, const struct outgoing *out, const struct sector_env *env);
/* Who it is about in the words of the system that this is for. */
struct case_said { const char *number, *case_ref, *child_ref, *word, *reason, *outcome; bool is_ours; };
void case_write_oscar_status(struct buf *b, const struct case_said *said);
void case_write_primero_status(struct buf *b, const struct case_said *said, const struct sector_env *env);
const char *case_id_of(const struct person *child, const char *type, struct arena *mem);	/* NULL: none */
const char *case_state_number(const struct person *child);

#endif
