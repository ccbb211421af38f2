/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_in - what the parts of hl7_to_record.c share: one message being read into one record. Seen by them only.
 *
 * Nothing is returned but values: a fault is kept in `e` and `why` by hl7_fail, and after it every setter does nothing. Paths
 * and texts may be NULL, which sets nothing; `where` is the place in the message, for the fault.
 */
#ifndef HEALTH_HL7_IN_H
#define HEALTH_HL7_IN_H

#include "adapters/core/sector.h"
#include "adapters/health/hl7.h"
#include "adapters/health/hl7_kind.h"
#include "adapters/health/hl7_map.h"

#define HL7_ITEMS_MAX 64		/* distinct OBX-4, all lists together */
#define HL7_KEY_LEN 24			/* of an OBX-4, with its end */

struct hl7_said;			/* the fields that an OBX has set: hl7_texts_in */

struct hl7_reading {
	struct hl7 m;
	const struct sector_env *env;
	struct arena *mem;
	const struct hl7_kind *kind;
	enum hl7_act act;		/* of the kind, or what ORC-1 makes of it */
	struct intake *intake;		/* that this message's items are appended to */
	size_t first;			/* the message's own item in it; more may follow */
	unsigned row;
	const char *native_id;		/* MSH-10 */
	struct intake_item *item;	/* the message's own */
	struct record *record;
	const char *body;		/* of the record: "referral", "status", "assessment" */
	struct { const char *list; char key[HL7_KEY_LEN]; int index; } items[HL7_ITEMS_MAX];
	size_t n_items;
	const struct hl7_said *said;
	enum err e;			/* sticky */
	struct why why;
};

/* -- hl7_to_record: parts that more than one kind of message has -- */
void hl7_begin_record(struct hl7_reading *r, const char *kind);
/* One more item of the same message; its record is the caller's to set. NULL when full. */
struct intake_item *hl7_add_item(struct hl7_reading *r);
void hl7_read_child(struct hl7_reading *r);		/* PID, which must be there, NK1, DG1 */
/* OBR-4, PR1-3 or RF1-3; `rf1` may be NULL. */
void hl7_read_service(struct hl7_reading *r, const struct hl7_segment *rf1, int shift);
/* By how many fields the values of an RF1 have moved: -1, 0 or 1. */
int hl7_rf1_shift(struct hl7_reading *r, const struct hl7_segment *rf1);
/* What every status ends with: a decline in words has the reason "other"; a number without a state is a confirmation. */
void hl7_end_status(struct hl7_reading *r, const char *where);
void hl7_need(struct hl7_reading *r, const char *path, const char *where);	/* ERR_REQUIRED if the record has it not */

/* -- hl7_values_in -- */
void hl7_fail(struct hl7_reading *r, enum err e, const char *where, const char *text);	/* text NULL: the error's own */
const char *hl7_place(struct hl7_reading *r, const struct hl7_segment *s, unsigned field);	/* "PID-7", "NK1[2]-3" */
void hl7_set(struct hl7_reading *r, const char *path, const char *text, const char *where);
const char *hl7_join(struct hl7_reading *r, const char *prefix, const char *name);	/* with a dot; NULL if prefix is */
const char *hl7_body(struct hl7_reading *r);		/* "status.", "referral.", "assessment." */
const struct record_type *hl7_body_type(const struct hl7_reading *r);
void hl7_set_time(struct hl7_reading *r, const char *path, const char *text, const char *where);
void hl7_set_date(struct hl7_reading *r, const char *path, const char *text, const char *where);
/* The code of `list` that a coded value means; NULL: none. */
const char *hl7_code_of(struct hl7_reading *r, const struct hl7_segment *s, unsigned field, unsigned rep, const char *list);
const char *hl7_name_of(struct hl7_reading *r, const struct hl7_segment *s, unsigned field);
const char *hl7_person_of(struct hl7_reading *r, const struct hl7_segment *s, unsigned field);	/* of an XCN */
void hl7_set_telecom(struct hl7_reading *r, const struct hl7_segment *s, unsigned field, const char *prefix, bool has_email);
/* One number of a person (CX); false: there is none. Whether it is a good one of its type is not looked at. */
bool hl7_read_id(struct hl7_reading *r, const struct hl7_segment *s, unsigned field, unsigned rep, struct person_id *ret_id);
/* PID-19, where older systems write the EGN, since HL7 had the number of social insurance there; NULL: it is none. */
const char *hl7_read_old_egn(struct hl7_reading *r, const struct hl7_segment *pid);
/* All rows of a table from one segment; `index` for lists, else -1; every field is looked for `shift` further. */
void hl7_read_rows(struct hl7_reading *r, const struct hl7_rows *t, const struct hl7_segment *s, int index, int shift);

/* -- hl7_parties_in -- */
void hl7_read_worker(struct hl7_reading *r, const struct hl7_segment *s, const char *prefix);
/* The nth (1-based) PRD of that role; NULL if there is none. */
const struct hl7_segment *hl7_find_prd(struct hl7_reading *r, const char *role, unsigned nth);
void hl7_read_providers(struct hl7_reading *r);		/* of a referral; and item->target */

/* -- hl7_texts_in -- */
/* All OBX and NTE; `text` (NULL: none) is what the message says elsewhere of the reason, and comes first. */
void hl7_read_texts(struct hl7_reading *r, const char *text);
/* The text of all repetitions of a component (0: whole), a line each, behind `text` (may be NULL). */
const char *hl7_add_text(struct hl7_reading *r, const char *text, const struct hl7_segment *s, unsigned field, unsigned comp);

/* -- hl7_order_in: OMG, ORM and OSU -- */
void hl7_read_order(struct hl7_reading *r);		/* as a referral */
const char *hl7_words_of(struct hl7_reading *r, const struct hl7_segment *s, unsigned field);	/* of a coded reason; NULL: none */
void hl7_read_order_step(struct hl7_reading *r);	/* as a status, a cancellation among them */

/* -- hl7_about: which referral it is -- */
void hl7_check_rf1(struct hl7_reading *r);	/* ERR_INCONSISTENT where a second RF1 has another number */
/* Once the record is begun: ERR_INCONSISTENT where two numbers in it are of two referrals that are known here. */
void hl7_check_names(struct hl7_reading *r);
/* ERR_INCONSISTENT where a PID is of another child than was referred. Of a number of two referrals the child tells which is meant: the record then
 * names that one by its id. */
void hl7_check_child(struct hl7_reading *r);

/* -- hl7_files_in: OBX of type ED -- */
void hl7_read_files(struct hl7_reading *r);		/* after all else of the message */

/* -- hl7_unread: after the files -- */
/* Counts what nobody has read in record.dropped of the message's own record, or where it has none, of its first file. */
void hl7_count_dropped(struct hl7_reading *r);

/* -- hl7_result_in: ORU -- */
void hl7_read_result(struct hl7_reading *r);

/* -- hl7_appointment_in: SIU -- */
void hl7_read_appointment(struct hl7_reading *r);

#endif
