/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir - FHIR R4 (JSON) as one of the health sector's formats.
 *
 * The first part is what sector.c calls: the functions of struct sector for FORMAT_FHIR. The rest is shared by the files
 * fhir_*.c and is nobody else's: a parsed document with its resources and their references (fhir_json.c), the code tables
 * (fhir_codes.c, fhir_fields.c), reading into a record (fhir_read.c, fhir_*_in.c) and writing one (fhir_write.c,
 * fhir_*_out.c). MAPPING.md is the manual.
 */
#ifndef HEALTH_FHIR_H
#define HEALTH_FHIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapters/core/sector.h"

struct json_t;
struct fhir_doc;

#define FHIR_MEDIA_TYPE "application/fhir+json"
#define FHIR_BYTES_MAX (2u * 1024 * 1024)	/* of one document */
#define FHIR_DEPTH_MAX 40u			/* of nested objects and arrays */
#define FHIR_NODES_MAX 100000u			/* values in one document: bounds the parser's memory */
#define FHIR_ENTRIES_MAX 400u			/* resources in one document, contained ones counted */

/* -- the functions of struct sector -- */
void health_fhir_to_records(const struct native *in, const struct sector_env *env, struct arena *mem, struct intake *ret_intake);
/* Bundle: a response Bundle; a lone resource: the resource with its new id; refused: OperationOutcome. ret_answer->path is
 * the Location to say when the status is 201. */
enum err health_fhir_answer(const struct native *in, const struct intake *intake, const struct sector_env *env,
			    struct arena *mem, struct native *ret_answer) MUST_USE;
/* A message Bundle (MessageHeader first) of a record that record_check has passed. Of the stages only "registered" and "refused" have a message. */
enum err health_fhir_from_record(const struct outgoing *out, enum format format, const struct sector_env *env,
				 struct arena *mem, struct native *ret_native, struct why *why) MUST_USE;
enum err health_fhir_read_answer(const struct outgoing *out, const struct native *answer, struct arena *mem,
				 const char **ret_case_no, struct why *why) MUST_USE;
/* A searchset of Task, ServiceRequest or Patient, by the type in the path. */
enum err health_fhir_search(const struct catalogue *all, const struct native *request, const struct sector_env *env, struct arena *mem,
			    struct native *ret_list, struct why *why) MUST_USE;
/* The Task, ServiceRequest or Patient at the path. 304 where the caller has it already. */
enum err health_fhir_show(const struct subject *subject, const struct native *request, const struct sector_env *env,
			  struct arena *mem, struct native *ret_view, struct why *why) MUST_USE;
/* HealthcareService: one at the path, or a searchset of what its query asks for. */
enum err health_fhir_services(const struct service *items, size_t n, const struct native *request, const struct sector_env *env,
			      struct arena *mem, struct native *ret_list, struct why *why) MUST_USE;
enum err health_fhir_problem(enum err e, const struct why *why, const struct native *request, struct arena *mem,
			     struct native *ret_problem) MUST_USE;
enum err health_fhir_document(const struct native *request, struct arena *mem, struct native *ret_document) MUST_USE;
/* Do the bytes hold one whole JSON object, by its brackets? */
bool fhir_is_complete(struct span bytes);

/* -- what a request asks for (fhir_query.c) -- */
#define FHIR_TERMS_MAX 16u
#define FHIR_PARAMS_MAX 100u		/* of one query, known or not */
#define FHIR_COUNT_MAX 100u		/* matches on one page */

enum fhir_param {
	FHIR_ID, FHIR_LAST_UPDATED, FHIR_IDENTIFIER, FHIR_STATUS, FHIR_OWNER, FHIR_REQUESTER, FHIR_PATIENT, FHIR_PATIENT_NUMBER,
	FHIR_FOCUS, FHIR_PART_OF, FHIR_BIRTHDATE, FHIR_QUESTIONNAIRE, FHIR_SERVICE_TYPE, FHIR_PROGRAMME, FHIR_AREA, FHIR_NAME, FHIR_ROOM,
	FHIR_AGE,
};

/* One condition; all of them must hold. The value's parts between commas are alternatives. */
struct fhir_term {
	enum fhir_param param;
	const char *value;
	bool is_not;			/* what fits none of them is meant */
};

struct fhir_query {
	const char *type;		/* "Task" */
	struct fhir_term terms[FHIR_TERMS_MAX];
	size_t n_terms;
	size_t n_params;
	const char *self;		/* what of it was understood, as it is said in links: "status=requested&" */
	const char *position;		/* the last match of the page before; NULL: from the beginning */
	size_t count;			/* 0: only the total is asked for */
};

/* From the path's query and a form in the body. A parameter that is not known is left aside, or with "Prefer: handling=strict"
 * refused; a modifier that is not known is always refused (ERR_SEARCH). ERR_BAD_DATE, ERR_BAD_NUMBER, ERR_TOOMANY. */
enum err fhir_query_parse(const struct native *request, struct arena *mem, struct fhir_query *ret_query, struct why *why) MUST_USE;
/* "Task" of "/fhir/Task/7"; NULL if there is none */
const char *fhir_path_type(const char *path, struct arena *mem);
/* May it be answered in JSON, by Accept and _format? ERR_NOT_ACCEPTABLE. */
enum err fhir_check_accept(const struct native *request, struct arena *mem, struct why *why) MUST_USE;
/* "minimal" of "Prefer: handling=strict; return=minimal"; NULL if it is not said */
const char *fhir_prefers(const struct native *request, const char *name, struct arena *mem);

/* Does the time fit one of a date parameter's values, "ge2026-03,2025-12-24" (fhir_period.c)? ERR_BAD_DATE: one of them is none. */
enum err fhir_periods_hold(const char *list, int64_t ms, bool *ret_holds) MUST_USE;

/* The resource of this type that stands at the subject, with references to what is served; NULL if there is none. */
struct json_t *fhir_new_shown(const struct subject *subject, const char *type, const struct sector_env *env, struct arena *mem);
const char *fhir_request_status(const char *state);	/* of a ServiceRequest whose referral is in that state */

/* -- beside the content (fhir_envelope.c) -- */
enum err fhir_check_type(const struct fhir_doc *doc, struct why *why) MUST_USE;	/* of the Bundle: ERR_UNSUPPORTED */
enum err fhir_check_entries(const struct fhir_doc *doc, struct arena *mem, struct why *why) MUST_USE;	/* what a batch or transaction asks for */
/* Each address takes its own resource, PUT the one that it names. Gives the {id} of a PUT. ERR_UNSUPPORTED, ERR_SYNTAX. */
enum err fhir_check_path(const struct native *in, const struct fhir_doc *doc, struct arena *mem, const char **ret_id, struct why *why) MUST_USE;
enum err fhir_check_media_type(const struct native *in, struct why *why) MUST_USE;	/* ERR_MEDIA_TYPE */

/* -- PUT and PATCH of what is known (fhir_revise.c) -- */

/* The Task that the request means, without what it only repeats of the Task that stands there (in->current): a client that reads,
 * changes a status and writes back says the status and nothing else. *ret_bytes is empty if nothing was changed. Anything but a
 * whole Task passes through. ERR_UNSUPPORTED, ERR_PRECONDITION (a test of the patch fails), and what is wrong with the JSON. */
enum err fhir_revise(const struct native *in, const struct sector_env *env, struct arena *mem, struct span *ret_bytes, struct why *why)
	MUST_USE;

/* -- a parsed document (fhir_json.c) -- */
struct fhir_reading;

struct fhir_resource {
	const struct json_t *json;
	const char *type;			/* resourceType; never NULL */
	const char *full_url;			/* Bundle.entry.fullUrl; NULL if none */
	const struct fhir_resource *parent;	/* that contains it; NULL for an entry */
	unsigned row;				/* 1-based entry; 0 for a lone resource and what it contains */
	bool is_used;				/* what it says went into the record */
	bool is_passed;				/* it is the message, or says again what was read: nothing of it is counted */
	struct intake_item *owner;		/* the first item that it was used for; NULL if none */
};

struct fhir_doc {
	struct json_t *root;			/* owned: fhir_doc_done */
	const char *bundle_type;		/* NULL: a lone resource */
	struct fhir_resource *items;
	size_t n;
	struct json_t *made;			/* owned: resources that stand for a part of one; NULL: none */
};

/* ERR_TOOBIG, ERR_SYNTAX, ERR_CHARSET, ERR_CUT_OFF, ERR_REQUIRED (no resourceType), ERR_TOOMANY. `why` names line and column of
 * what is not JSON. The texts of the document live until fhir_doc_done. */
enum err fhir_doc_parse(struct span bytes, struct arena *mem, struct fhir_doc *ret_doc, struct why *why) MUST_USE;
/* The same limits and faults for JSON of any kind; *ret_root is the caller's. */
enum err fhir_json_parse(struct span bytes, struct json_t **ret_root, struct why *why) MUST_USE;
void fhir_doc_done(struct fhir_doc *doc);
struct fhir_resource *fhir_doc_first(const struct fhir_doc *doc, const char *type);
size_t fhir_doc_count(const struct fhir_doc *doc, const char *type);	/* entries only */
/* What a Reference leads to: contained (#id), fullUrl, relative, absolute. NULL if it is not in the document. */
struct fhir_resource *fhir_doc_resolve(const struct fhir_doc *doc, const struct fhir_resource *from,
				       const struct json_t *reference);

/* The value at a dotted path ("code.coding.code"). Where a list stands, its first item is meant: senders write a list
 * where the standard has one value and one value where it has a list. NULL if there is none. */
const struct json_t *fhir_at(const struct json_t *from, const char *path);
const char *fhir_text(const struct json_t *from, const char *path);	/* NULL if it is no text */
const char *fhir_peek(const struct json_t *from, const char *path);	/* the same, for one that may be passed over: not marked as read */
/* Item i of a list; one value counts as a list of one. NULL past the end. */
const struct json_t *fhir_item(const struct json_t *from, const char *key, size_t i);
const struct json_t *fhir_extension(const struct json_t *from, const char *url);	/* its value[x]; NULL if none */
/* The value of the first identifier with this type code (PLAC, FILL); NULL if none */
const char *fhir_identifier(const struct json_t *resource, const char *type);

/* -- what nobody has read (fhir_unread.c) -- */

/* From begin to end every value that the functions above give is marked as read. False: no room; end says of all between. */
bool fhir_marks_begin(void) MUST_USE;
bool fhir_marks_end(void) MUST_USE;
/* By who takes a value without them: the member at an iterator of its object, the item of a list. Objects and lists of them have no mark. */
void fhir_mark_member(const void *member, const struct json_t *value);
void fhir_mark_item(const struct json_t *list, size_t i);
/* What was used since r->item began is that item's. A file is an item of its own: its owner is set where it is read. */
void fhir_own(struct fhir_reading *r);
/* Sets record.dropped. A resource that nothing was read of counts one, of the others what was not read: each for its owner, or else for the
 * first item with a record. MAPPING.md, "What is left out". */
void fhir_count_dropped(struct fhir_reading *r, struct intake *intake);

/* -- names and codes (fhir_codes.c) -- */
#define FHIR_SYS_SERVICE "urn:nasoka:service-kind"
#define FHIR_SYS_NEED "urn:nasoka:need"
#define FHIR_SYS_REASON "urn:nasoka:reason"
#define FHIR_SYS_OUTCOME "urn:nasoka:outcome"
#define FHIR_SYS_STATE "urn:nasoka:state"
#define FHIR_SYS_STAGE "urn:nasoka:stage"
#define FHIR_SYS_ERROR "urn:nasoka:error"
#define FHIR_SYS_AGENCY "urn:nasoka:agency"
#define FHIR_SYS_SERVICE_ID "urn:nasoka:service"
#define FHIR_SYS_REFERRAL_NO "urn:nasoka:referral-no"
#define FHIR_SYS_CASE_NO "urn:nasoka:case-no"
#define FHIR_SYS_CATEGORY "urn:nasoka:data-category"
#define FHIR_SYS_UIN "urn:nasoka:uin"
#define FHIR_SYS_PRACTICE "urn:nasoka:practice"
#define FHIR_SYS_INPUT "urn:nasoka:task-input"
#define FHIR_SYS_EVENT "urn:nasoka:event"
#define FHIR_SYS_KIND "urn:nasoka:kind"
#define FHIR_KIND "urn:nasoka:kind:"		/* + a kind: the questionnaire of its QuestionnaireResponse */
#define FHIR_SYS_ASSESSMENT "urn:nasoka:assessment-kind"
#define FHIR_SYS_BASIS "urn:nasoka:legal-basis"
#define FHIR_SYS_DOMAIN "urn:nasoka:domain"
#define FHIR_SYS_FILE "urn:nasoka:file"
#define FHIR_SYS_FILE_CATEGORY "urn:nasoka:attachment-category"
#define FHIR_SYS_PROGRAMME "urn:nasoka:programme"
#define FHIR_SYS_ROOM "urn:nasoka:room"
#define FHIR_SYS_MUNICIPALITY "urn:nasoka:municipality"
#define FHIR_SYS_EKATTE "urn:nasoka:ekatte"
#define FHIR_EXT "urn:nasoka:"			/* + a name of MAPPING.md */
#define FHIR_EXT_FIELD "urn:nasoka:field:"	/* + a path of the record */
#define FHIR_SYS_BSER "http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS"
#define FHIR_SYS_IDTYPE "http://terminology.hl7.org/CodeSystem/v2-0203"
#define FHIR_SYS_ROLE "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
#define FHIR_SYS_ICD10 "http://hl7.org/fhir/sid/icd-10"
#define FHIR_EXT_GOAL "http://hl7.org/fhir/StructureDefinition/resource-pertainsToGoal"
#define FHIR_EXT_NATIONALITY "http://hl7.org/fhir/StructureDefinition/patient-nationality"
#define FHIR_EXT_INTERPRETER "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired"

struct fhir_id_system {
	const char *type;	/* ours: "EGN" */
	const char *system;	/* FHIR Identifier.system */
	const char *code;	/* Identifier.type.coding.code of table 0203 */
};

const struct fhir_id_system *fhir_id_by_type(const char *type);		/* NULL if there is none */
/* Our type of an Identifier by its system, its type code, or the digits themselves. Never NULL. */
const char *fhir_id_type(const char *system, const char *code, const char *value);
const char *fhir_relation_code(const char *relation);		/* "mother" -> "MTH"; NULL if none */
const char *fhir_relation_of(const char *code);			/* "MTH" -> "mother"; "other" for what is not in the table */
const char *fhir_priority_code(const char *priority);		/* "emergency" -> "stat" */
const char *fhir_priority_of(const char *code);			/* NULL if FHIR has no such priority */
const char *fhir_task_status(const char *state);		/* "declined" -> "rejected" */
/* Of a message that was refused, in a thread that is in `state`: "failed", but where nobody has opened it the thread's own end. */
const char *fhir_refused_status(enum err refused, const char *state);
const char *fhir_bser_code(const char *state);			/* NULL if BSeR has none */
/* The state that Task.status and businessStatus say together (MAPPING.md, "Status"). NULL if neither is known. */
const char *fhir_state_of(const char *status, const char *business_system, const char *business_code);
unsigned fhir_http_status(enum err e);
const char *fhir_issue_code(enum err e);
/* The FHIRPath of what a record path or a place in the document names; `where` itself if it has no row. */
const char *fhir_expression(const char *where, struct arena *mem);

/* Fields that FHIR has no element for, each an extension FHIR_EXT_FIELD + path, on one resource type. */
struct fhir_field {
	const char *path;	/* below the body: "attendance.period_from" */
	const char *on;		/* "ServiceRequest", "Patient", "Task" */
	const char *value;	/* "valueDate" */
};

const struct fhir_field *fhir_fields(void);	/* ends with path NULL */

/* -- reading (fhir_read.c, fhir_*_in.c) -- */
struct fhir_reading {
	struct fhir_doc *doc;
	const struct sector_env *env;
	struct arena *mem;
	struct intake_item *item;
	struct record *record;		/* NULL while there is none */
	const char *path_id;		/* the {id} of PUT /fhir/Task/{id}; NULL elsewhere */
	const struct subject *current;	/* what stands at that address; NULL elsewhere */
	const char *base;		/* "https://host", as the caller reached us; NULL where that is unknown */
	enum err e;			/* sticky: the first fault; nothing is set after it */
	struct why why;
};

/* What is read between the two is this item's; `about` is where it stands in its Bundle. */
void fhir_begin_item(struct fhir_reading *r, struct intake_item *item, const struct fhir_resource *about);
void fhir_end_item(struct fhir_reading *r);
void fhir_begin_record(struct fhir_reading *r, const char *kind);
void fhir_check_modifiers(struct fhir_reading *r, const struct fhir_resource *of);	/* none is known; NULL is fine */
/* A Task that is no new request, or a ServiceRequest under a case number: a step, a confirmation, and what its output brings, which is an
 * item of its own. How many items, at most two. */
size_t fhir_read_reply(struct fhir_reading *r, struct fhir_resource *reply, struct intake_item *items);
void fhir_fail(struct fhir_reading *r, enum err e, const char *where, const char *text);
void fhir_set(struct fhir_reading *r, const char *path, const char *text);	/* NULL leaves it absent */
void fhir_take(struct fhir_reading *r, const char *path, const struct json_t *value);	/* must be a text */
void fhir_take_scalar(struct fhir_reading *r, const char *path, const struct json_t *value);	/* text, number, true or false */
void fhir_take_date(struct fhir_reading *r, const char *path, const struct json_t *value);	/* dateTime to a date in Bulgaria */
void fhir_take_fields(struct fhir_reading *r, const char *body, const char *on, const struct json_t *resource);
/* The code of `list` that a CodeableConcept means: a coding of `system` itself, or what the concept map makes of the
 * others; NULL if none. A code of `system` that is not in the list is ERR_UNKNOWN_CODE at `where`. */
const char *fhir_concept(struct fhir_reading *r, const struct json_t *concept, const char *system, const char *list,
			 const char *where);
const char *fhir_concept_text(const struct json_t *concept);	/* text, else a display; NULL if none */
/* The agency that a Reference (with its resource, if in the document) names; NULL if unknown. */
const char *fhir_agency(struct fhir_reading *r, const struct fhir_resource *from, const struct json_t *reference);

void fhir_read_referral(struct fhir_reading *r, struct fhir_resource *request, struct fhir_resource *task);
void fhir_read_patient(struct fhir_reading *r, struct fhir_resource *patient);
/* What kind of number it is, by what it says or its digits; `patient` says when the child was born, if anything does. */
const char *fhir_child_id_type(const struct json_t *patient, const struct json_t *id, const char *value);
void fhir_read_carers(struct fhir_reading *r, struct fhir_resource *patient);
void fhir_read_address(struct fhir_reading *r, const char *path, const struct json_t *address);
/* What a reference to a person or an organisation calls it: its name, else its number; NULL if it does not say. */
const char *fhir_party_name(struct fhir_reading *r, const struct fhir_resource *from, const struct json_t *reference);
/* A worker (name, role, phone, email) from a Practitioner, PractitionerRole or Organization; and the organisation's name. */
void fhir_read_party(struct fhir_reading *r, const char *path, const struct fhir_resource *from, const struct json_t *reference);
void fhir_read_worker(struct fhir_reading *r, const char *path, const struct fhir_resource *from, const struct json_t *reference);
void fhir_read_status(struct fhir_reading *r, struct fhir_resource *task, const char *no);
/* The fields of a Consent, below `path` ("referral.consent"). */
void fhir_read_consent_fields(struct fhir_reading *r, const char *path, struct fhir_resource *consent);
void fhir_read_consent(struct fhir_reading *r, struct fhir_resource *consent);	/* a bare one, as the change that it is */
/* Does the Task of a change of consent say that what was sent is gone, or kept? Under a case number it only confirms. */
bool fhir_is_consent_answer(const struct fhir_resource *task);
void fhir_read_consent_answer(struct fhir_reading *r, struct fhir_resource *task);
void fhir_read_revoked(struct fhir_reading *r, struct fhir_resource *request);
/* The kind of record that a QuestionnaireResponse holds; NULL: it is none of ours. */
const char *fhir_kind_of(const struct fhir_doc *doc, const struct fhir_resource *response, struct arena *mem);
void fhir_read_response(struct fhir_reading *r, struct fhir_resource *response, const char *kind);
/* Parts of the file in a DocumentReference, each an item from `items` on: at most one for each begun 512 KiB. How many. It is about what it
 * says itself, or else what `about` (or NULL) is about. */
size_t fhir_read_file(struct fhir_reading *r, struct fhir_resource *of, const struct record *about, struct intake_item *items);
/* What a resource shows as a file itself: a DiagnosticReport's presentedForm i, a Consent's sourceAttachment. */
const struct json_t *fhir_form(const struct fhir_resource *of, size_t i);
/* The same as the DocumentReference that it would be; NULL: there is none, or its bytes are not in it. A report's is passed over where its type is
 * not taken: what the report says stands without it. */
struct fhir_resource *fhir_form_file(struct fhir_reading *r, const struct fhir_resource *from, size_t i);
const char *fhir_file_id(struct fhir_reading *r, const struct fhir_resource *of);	/* its att_id */
void fhir_read_appointment(struct fhir_reading *r, struct fhir_resource *appointment);
void fhir_read_beside(struct fhir_reading *r, struct fhir_resource *appointment);	/* of the status that was read from a Task */
/* Is it the Task that stands beside a message of another kind? It is confirmed, and never a step. */
bool fhir_is_kind_task(const struct fhir_resource *task);
const char *fhir_content_id(struct fhir_reading *r, const struct json_t *json);	/* the same for the same content */
const char *fhir_task_state(const struct fhir_resource *task);	/* NULL if it says none */
/* -- a Reference to a referral (fhir_reference.c) -- */
struct fhir_named {
	const char *number;		/* the referral's, or an id that we gave out; NULL: none */
	enum err e;			/* why none is named, where something is said */
	const char *text, *where;	/* where: of one among several */
};

bool fhir_is_request(const char *type);	/* one that stands for a referral: ServiceRequest, Task */
/* By what it leads to in the document, by its identifier, or by our address of a ServiceRequest or Task, also of a version of it.
 * ERR_INCONSISTENT: two of them name two that are known here. */
struct fhir_named fhir_named_by(const struct fhir_reading *r, const struct fhir_resource *from, const struct json_t *reference);
/* The same, read: NULL if it names none. Two fail r. */
const char *fhir_number_behind(struct fhir_reading *r, const struct fhir_resource *from, const struct json_t *reference);
/* What it says is read, and what it leads to is used. */
void fhir_use_reference(const struct fhir_reading *r, const struct fhir_resource *from, const struct json_t *reference);

/* -- which referral a resource is about (fhir_about.c) -- */
#define FHIR_BASED_ON_MAX 16u	/* references of one kind in one resource: each is looked up; more are left out */
/* Is a referral known here under this number or id? Always false where nothing is looked up. */
bool fhir_known(const struct fhir_reading *r, const char *number, struct progress *ret_at);
/* May two names mean one referral? Only where both are known they can mean two. *ret_number is the one that tells more. */
bool fhir_same(const struct fhir_reading *r, const char *a, const char *b, const char **ret_number);
/* Is it a number that an agency gave? Another agency may have given it as well, and a client may have chosen it by itself. */
bool fhir_is_number_of(const struct progress *at, const char *number);
/* Of a Task or a ServiceRequest. Where it names two that are known here r fails with ERR_INCONSISTENT. NULL: it names none, and *ret_wrong (may
 * be NULL) is what is wrong with the first reference that should. */
const char *fhir_referral_no(struct fhir_reading *r, const struct fhir_resource *of, struct fhir_named *ret_wrong);
/* Of a bare Consent; `request` in the same document may be NULL. *ret_at is empty where it is not known here. */
const char *fhir_consent_no(struct fhir_reading *r, const struct fhir_resource *consent, struct fhir_resource *request, struct progress *ret_at);
/* Of a file; of a conference, which is an Encounter, its number. */
const char *fhir_file_no(struct fhir_reading *r, const struct fhir_resource *of, bool *ret_is_conference);
/* -- whose it is (fhir_subject.c) -- */
/* Does the Reference lead to another child than that referral's, as far as numbers tell? */
bool fhir_is_anothers(struct fhir_reading *r, const struct fhir_resource *from, const struct json_t *reference, const struct progress *at);
/* Whatever `of` says of its subject is to be the child of the referral that `number` led to, else r fails with ERR_INCONSISTENT and it is NULL. Of
 * a number of two referrals the child tells which: then it is that one's id. */
const char *fhir_check_child(struct fhir_reading *r, const struct fhir_resource *of, const char *number, const struct progress *at);

/* Of basedOn, the first that is known here, or else the first that names one; those beside it that name another are not read. NULL: none does, and
 * *ret_fault is what is wrong with the first of them. */
const char *fhir_number_based_on(const struct fhir_reading *r, const struct fhir_resource *of, struct fhir_named *ret_fault);
/* Its PLAC, or what it is based on; where that names none, or the two name two, r fails with its place. NULL also where it says nothing of the kind. */
const char *fhir_number_needed(struct fhir_reading *r, const struct fhir_resource *of);

/* Does the request stand in the document only to be named by the report? It is none of its own then. */
bool fhir_is_only_named(const struct fhir_doc *doc, const struct fhir_resource *request, const struct fhir_resource *report);

/* -- writing -- */
struct fhir_writing {
	const struct outgoing *out;
	const struct sector_env *env;	/* NULL: names of agencies are written as they are */
	struct arena *mem;
	struct json_t *entries;		/* the Bundle's; owned by its Bundle */
	bool is_full;			/* an allocation failed: the result is thrown away */
};

/* Put a text, or a new value (whose reference is taken), under `key`; absent stays absent. */
void fhir_put(struct json_t *to, const char *key, const char *text);
void fhir_put_new(struct json_t *to, const char *key, struct json_t *value);
void fhir_put_time(struct json_t *to, const char *key, const int64_t *ms);
void fhir_add_new(struct json_t *to, const char *key, struct json_t *value);	/* append to the list at `key`, made if missing */
struct json_t *fhir_new_coded(const char *system, const char *code, const char *text);	/* a CodeableConcept */
struct json_t *fhir_new_identifier(const char *type, const char *system, const char *value);
struct json_t *fhir_new_logical(const char *type, const char *system, const char *value);	/* a Reference by identifier */
void fhir_put_extension(struct json_t *to, const char *url, const char *value, struct json_t *what);
void fhir_put_fields(struct fhir_writing *w, const char *body, const char *on, struct json_t *resource);
const char *fhir_uuid(struct fhir_writing *w, const char *name);	/* of a part of this message, from its msg_id: always the same */
struct json_t *fhir_new_reference(struct fhir_writing *w, const char *name);	/* to the entry of that name */
void fhir_add_entry(struct fhir_writing *w, const char *name, struct json_t *resource);
/* Take `root` (its reference) and give its text. ERR_TOOBIG when the arena is full. */
enum err fhir_finish(struct json_t *root, struct arena *mem, struct native *ret_native) MUST_USE;

void fhir_write_referral(struct fhir_writing *w, const struct referral *referral);
void fhir_write_patient(struct fhir_writing *w, const struct referral *referral);
void fhir_write_carers(struct fhir_writing *w, const struct referral *referral);
struct json_t *fhir_new_worker(const struct worker *worker, struct json_t *organization);	/* a PractitionerRole */
/* The Appointment that a step fixes; NULL: none, or one without an end. */
struct json_t *fhir_new_appointment(const struct fhir_writing *w);
struct json_t *fhir_new_response(struct fhir_writing *w);	/* QuestionnaireResponse of w->out->record; NULL if it has no body */
/* DocumentReference of w->out->record, an attachment; `msg_id`: what its Binary is read by, NULL where it cannot be. */
struct json_t *fhir_new_file(struct fhir_writing *w, const char *msg_id);
/* Consent of w->out->record, a change of one: inactive where it was withdrawn, else as it is now. */
struct json_t *fhir_new_consent(struct fhir_writing *w);
/* The same for a referral's, or as it is now; `c` NULL: nothing more is known of it. */
struct json_t *fhir_new_consent_of(const struct consent *c, const char *given_on, struct json_t *patient);
bool fhir_has_response(const struct record *record);	/* is it of a kind that goes as one? */
/* The Task of a referral (state requested), of a status, of another kind, or of a stage. */
struct json_t *fhir_new_task(struct fhir_writing *w);
struct json_t *fhir_new_warning(const struct intake_item *item);	/* OperationOutcome: taken, but; NULL: nothing */
struct json_t *fhir_new_outcome(enum err e, const struct why *why, struct arena *mem);	/* OperationOutcome */

#endif
