/* SPDX-License-Identifier: EUPL-1.2 */
/* social - the sector of social agencies: the hub's own JSON, or the same as XML, over HTTP, a webhook or a folder; and the
 * JSON of two case management systems.
 *
 * A body has the record's field names and shape (record.def); see MAPPING.md and openapi.yaml. Everything here is
 * pure, as sector.h asks. Only main.c and the tests need more of it than social_sector.
 */
#ifndef SOCIAL_SOCIAL_H
#define SOCIAL_SOCIAL_H

#include "adapters/core/sector.h"

#define SOCIAL_JSON_MAX (1024 * 1024)	/* bytes of a body */
#define SOCIAL_DEPTH_MAX 12		/* a full referral needs 6 */
#define SOCIAL_TOKENS_MAX 20000		/* commas, colons and brackets: bounds what the parser can be made to allocate */
#define SOCIAL_CASE_NO_MAX 64
#define SOCIAL_ID_MAX 128		/* of an {id} in a path, and of a native id */

struct json_t;				/* jansson's */

extern const struct sector social_sector;

/* -- json.c: reading. `why` never holds a value; line and column are set where the text itself is wrong -- */
/* The root object; the caller gives it back with json_decref. ERR_TOOBIG, ERR_CUT_OFF, ERR_CHARSET, ERR_SYNTAX,
 * ERR_BAD_NUMBER, ERR_NOMEM. */
enum err social_json_parse(struct span text, struct json_t **ret_root, struct why *why) MUST_USE;
/* Put an object's members into the message at `path` of the record ("referral"), field by field; a member named `extra`
 * is left to the caller. ERR_UNKNOWN_FIELD, ERR_SYNTAX (another JSON type), and what record_set gives. */
enum err social_json_read(struct json_t *object, const char *path, const char *extra, struct record *record,
			  struct arena *mem, struct why *why) MUST_USE;
/* Are all brackets closed? */
bool social_json_is_whole(struct span text);

/* -- xml_in.c: a body in XML as the JSON that it stands for -- */
/* As social_json_parse; besides ERR_UNSUPPORTED (root element, namespace) and ERR_UNKNOWN_FIELD (an attribute). */
enum err social_xml_parse(struct span bytes, const char *charset, struct arena *mem, struct json_t **ret_root, struct why *why)
	MUST_USE;
/* Give a fault that has a path but no line that of its element; of the nearest one there is, if it is missing. */
void social_xml_place(struct span bytes, const char *charset, struct arena *mem, struct why *why);

/* -- xml_out.c -- */
/* Does the caller want its answer in XML: by Accept, else by the form of what it sent? */
bool social_xml_is_wanted(const struct native *request);
/* Is what came XML: by its media type, by the door's word, or by its first byte? */
bool social_xml_is(const struct native *in);
/* A finished answer in JSON becomes the same in XML: `root` around members under their own names. ERR_TOOBIG. */
enum err social_xml_turn(struct native *native, const char *root, struct arena *mem) MUST_USE;

/* -- json_write.c: writing into a buf, with commas where they belong; what is absent is left out -- */
void social_json_comma(struct buf *b);
void social_json_key(struct buf *b, const char *name);
void social_json_text(struct buf *b, const char *text);
void social_json_member(struct buf *b, const char *name, const char *text);	/* NULL: nothing */
void social_json_number(struct buf *b, const char *name, uint64_t v);
void social_json_bool(struct buf *b, const char *name, bool v);
void social_json_time(struct buf *b, const char *name, int64_t ms);		/* 0: nothing */
void social_json_message(struct buf *b, const struct record_type *type, const void *msg);
/* The finished text as an answer. ERR_TOOBIG when the arena is full. */
enum err social_json_finish(struct buf *b, unsigned status, const char *media_type, struct native *ret_native) MUST_USE;

/* -- case_in.c, case_out.c, case_answer.c: the JSON of OSCaR and of Primero -- */
/* Which of the two a body is, by its address or else by its members (`root` NULL: they are looked for): FORMAT_OSCAR, FORMAT_PRIMERO; FORMAT_NONE if it is
 * neither, or `in` is NULL. */
enum format social_case_format(const struct native *in, const struct json_t *root);
/* One item for each service. */
void social_case_to_records(enum format format, struct json_t *root, const struct sector_env *env, struct arena *mem,
			    struct intake *ret_intake);
enum err social_case_answer(const struct native *in, const struct intake *intake, struct arena *mem, struct native *ret_answer) MUST_USE;
enum err social_case_write(const struct outgoing *out, enum format format, const struct sector_env *env, struct arena *mem,
			   struct native *ret_native, struct why *why) MUST_USE;
enum err social_case_listing(const struct outgoing *items, size_t n, const struct native *request, const struct sector_env *env,
			     struct arena *mem, struct native *ret_list) MUST_USE;
/* Give a fault of the body's `i`th item its place in the body: "organization.date_of_birth". */
void social_case_place(const struct native *in, enum format format, size_t i, struct arena *mem, struct why *why);

/* -- what those share with the own JSON -- */
void social_item(struct buf *b, const struct outgoing *out);			/* from_record.c: the item, as in the inbox */
uint64_t social_after(const char *path);					/* from_record.c: after=N; 0: none */
unsigned social_http_status(enum err e);					/* sector.c */
void social_write_problem(struct buf *b, enum err e, const struct why *why);	/* sector.c: an object */

/* -- the sector's functions, see sector.h -- */
void social_to_records(const struct native *in, const struct sector_env *env, struct arena *mem, struct intake *ret_intake);
enum err social_answer(const struct native *in, const struct intake *intake, const struct sector_env *env,
		       struct arena *mem, struct native *ret_answer) MUST_USE;
enum err social_from_record(const struct outgoing *out, enum format format, const struct sector_env *env,
			    struct arena *mem, struct native *ret_native, struct why *why) MUST_USE;
enum err social_read_answer(const struct outgoing *out, const struct native *answer, struct arena *mem,
			    const char **ret_case_no, struct why *why) MUST_USE;
enum err social_listing(const struct outgoing *items, size_t n, const struct native *request,
			const struct sector_env *env, struct arena *mem, struct native *ret_list) MUST_USE;
enum err social_progress(const struct progress *p, const struct native *request, struct arena *mem,
			 struct native *ret_view) MUST_USE;
enum err social_problem(enum err e, const struct why *why, const struct native *request, struct arena *mem,
			struct native *ret_problem) MUST_USE;
enum err social_document(const struct native *request, struct arena *mem, struct native *ret_document) MUST_USE;

#endif
