/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_out - what the parts of hl7_from_record.c share: one message being written of one record. Seen by them only.
 *
 * A value that is NULL writes nothing. Places come in ascending order (hl7.h); a full arena is seen at the end.
 */
#ifndef HEALTH_HL7_OUT_H
#define HEALTH_HL7_OUT_H

#include "adapters/core/sector.h"
#include "adapters/health/hl7.h"
#include "adapters/health/hl7_map.h"

struct hl7_writing {
	struct hl7_writer w;
	const struct outgoing *out;
	const struct sector_env *env;
	const struct record *record;	/* out->record, or for a stage the referral */
	struct arena *mem;
	const char *charset;		/* that MSH-18 names */
	enum dialect dialect;
	unsigned n_obx;
};

/* -- hl7_from_record: parts that more than one kind of message has -- */
void hl7_put_msh(struct hl7_writing *t, const char *type, const char *event, const char *structure);
void hl7_put_child(struct hl7_writing *t);		/* PID and NK1 of t->record, a referral */
void hl7_put_diagnosis(struct hl7_writing *t);		/* DG1 */
void hl7_put_service(struct hl7_writing *t, unsigned field);	/* of t->record, a referral */
const char *hl7_case_no(const struct hl7_writing *t);	/* that a status is told under; NULL: none yet */
void hl7_put_short_pid(struct hl7_writing *t);		/* who the child of out->referral is, and no more */

/* -- hl7_order_out: each writes a whole message; t->record is what it says -- */
/* OMG^O19 (ORM^O01 where t->dialect is the old one); with `change` the same again, and what the initiator says of it now. */
void hl7_write_order(struct hl7_writing *t, const struct status *change);
void hl7_write_order_step(struct hl7_writing *t);	/* OSU^O51 where it holds all, else as an order with OBX */
void hl7_write_order_stage(struct hl7_writing *t);	/* t->record is the referral: registered, or refused */

/* -- hl7_appointment_out -- */
bool hl7_is_appointment(const struct status *s);	/* a step that SIU has an event for */
void hl7_write_appointment(struct hl7_writing *t);	/* SIU */

/* -- hl7_result_out -- */
void hl7_write_result(struct hl7_writing *t);		/* ORU^R01: a record of any kind that has no message of its own */

/* -- hl7_report -- */
/* What follows MSH and MSA in an RRI that tells how far a referral is; t->out names it (referral, is_initiator). */
void hl7_put_report(struct hl7_writing *t, const struct progress *p);

/* -- hl7_values_out -- */
const char *hl7_value(struct hl7_writing *t, const char *path);		/* of the record; NULL if it is not there */
const char *hl7_number(struct hl7_writing *t, unsigned n);
const char *hl7_compact_date(struct hl7_writing *t, const char *iso);	/* yyyymmdd; NULL if it is none */
const char *hl7_compact_time(struct hl7_writing *t, const char *iso);
const char *hl7_time_text(struct hl7_writing *t, int64_t ms);
void hl7_put_name(struct hl7_writing *t, unsigned field, const char *name);
void hl7_put_person(struct hl7_writing *t, unsigned field, const char *name);	/* XCN */
void hl7_put_telecom(struct hl7_writing *t, unsigned field, const char *phone, const char *email, bool is_work);
/* The fields `from` to `to` of a segment by its table, `index` for lists, else -1; the caller begins and ends it. */
void hl7_put_rows(struct hl7_writing *t, const struct hl7_rows *rows, int index, unsigned from, unsigned to);

/* -- hl7_parties_out -- */
const char *hl7_alias_of(const struct hl7_writing *t, const char *agency);	/* as the receiver knows it; NULL for NULL */
void hl7_put_prd(struct hl7_writing *t, const char *role, const char *table_text, const struct party *party);
void hl7_put_gp(struct hl7_writing *t, const struct gp *gp);
void hl7_put_ctd(struct hl7_writing *t, const struct worker *worker);
/* Both sides of the referral that this is about; who acted stands on the side that speaks. */
void hl7_put_parties(struct hl7_writing *t, const struct worker *actor);

/* -- hl7_texts_out -- */
/* Every field of `msg`, a record type of that name, that `held` does not name, each as an OBX; bytes as ED. */
void hl7_put_observations(struct hl7_writing *t, const char *const *held, const void *msg, const char *type);
void hl7_put_nte(struct hl7_writing *t, const char *text);

#endif
