/* SPDX-License-Identifier: EUPL-1.2 */
/* nhis - the referral messages of the national health information system (НЗИС) as one of the health sector's formats: R001
 * (issue) and R007 (cancel) with their answers R002 and R008, as a practice's software writes and reads them.
 *
 * The first part is what sector.c calls: the functions of struct sector for FORMAT_NHIS, pure like them. The rest is shared by
 * the files nhis_*.c: the table of fields that both directions read, and the tables of codes. The system itself is never
 * spoken to, and a signature is passed over: neither judged nor made. MAPPING-nhis.md is the manual.
 */
#ifndef HEALTH_NHIS_H
#define HEALTH_NHIS_H

#include "adapters/core/sector.h"
#include "adapters/core/xml.h"

#define NHIS_NS "https://www.his.bg"
#define NHIS_MEDIA_TYPE "application/xml; charset=utf-8"
#define NHIS_DIAGNOSES_MAX 16		/* as referral.diagnosis */

/* -- the functions of struct sector -- */
void health_nhis_to_records(const struct native *in, const struct sector_env *env, struct arena *mem, struct intake *ret_intake);
/* R002 or R008 with the numbers, or with the errors. Whatever `in` holds, even no XML at all, gets an answer. */
enum err health_nhis_answer(const struct native *in, const struct intake *intake, const struct sector_env *env,
			    struct arena *mem, struct native *ret_answer) MUST_USE;
/* R001 for a referral that can be said in it, R007 for one that is taken back, R002 for the stages "registered" and "refused";
 * anything else is the record itself in our own XML. Other stages give empty bytes. */
enum err health_nhis_from_record(const struct outgoing *out, enum format format, const struct sector_env *env,
				 struct arena *mem, struct native *ret_native, struct why *why) MUST_USE;
enum err health_nhis_read_answer(const struct outgoing *out, const struct native *answer, struct arena *mem,
				 const char **ret_case_no, struct why *why) MUST_USE;
enum err health_nhis_problem(enum err e, const struct why *why, const struct native *request, struct arena *mem,
			     struct native *ret_problem) MUST_USE;

/* -- the tables (nhis_map.c) -- */
struct nhis_row {
	const char *at;		/* below `contents`: "subject/name/given" */
	const char *path;	/* of the record; NULL: read and written by its own code */
};

extern const struct nhis_row NHIS_ROWS[];	/* ends with `at` NULL */

const char *nhis_id_type(const char *code);		/* CL004 "1" -> "EGN"; "other" for what is not in the table */
const char *nhis_id_code(const char *type);		/* "EGN" -> "1"; NULL if there is none */
const char *nhis_gender(const char *code);		/* CL001 "1" -> "male"; "unknown" for what is not in the table */
const char *nhis_gender_code(const char *gender);	/* NULL if there is none */
const char *nhis_municipality(const char *area);	/* CL029 "1609" -> "PDV22"; NULL outside the oblast's eight */
const char *nhis_area(const char *municipality);	/* NULL if there is none */
/* Where what stands at this path of the record came from, below `contents`; NULL: from nowhere. */
const char *nhis_at_of(const char *path);
/* Has a leaf at this place a field, or a reader of its own? Numbers of repetitions are not part of it. */
bool nhis_is_read(const char *at);
/* Does R001 hold what stands at this path of a referral (without indexes, below "referral.")? */
bool nhis_holds(const char *path);

/* -- reading -- */
const struct xml_node *nhis_find(const struct xml_node *from, const char *at);	/* "name/given"; NULL: there is none */
/* The value of an element: its attribute `value`, else its text; NULL if it is absent or blank. */
const char *nhis_value(const struct xml_node *from, const char *at);
const struct xml_node *nhis_contents(const struct xml_node *root);	/* NULL if it is no nhis:message */

#endif
