/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_result - what a Task brings in its output, or comes as a report by itself: the resources of a foreign system that are an assessment, or tell
 * how a referral went; and the same written.
 *
 * Gathered with what they refer to (fhir_gather_in.c), then read as one record: fhir_assessment_in.c or fhir_outcome_in.c, by the findings of
 * fhir_finding_in.c. Called by fhir_reply_in.c. MAPPING.md, "Results", is the manual.
 */
#ifndef HEALTH_FHIR_RESULT_H
#define HEALTH_FHIR_RESULT_H

#include "adapters/health/fhir.h"

#define FHIR_SYS_GRAVITY "http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes"
#define FHIR_RESULTS_MAX 100u		/* resources that one Task brings */
#define FHIR_RESULT_TEXTS_MAX 32u	/* of a foreign QuestionnaireResponse: findings */

struct fhir_results {
	struct fhir_resource *task;	/* or the report that came by itself */
	const char *no;			/* of the referral; NULL: not said */
	struct progress at;		/* of its referral; at.referral NULL: not known here */
	struct fhir_resource *items[FHIR_RESULTS_MAX];	/* each once, in the order of the output */
	size_t n;
	size_t n_activities;		/* of the output that are only a code (Gravity's resulting-activity) */
};

/* One thing found out. NULL: not said. */
struct fhir_finding {
	const char *code, *name, *score, *scale, *text, *strength, *before;
	bool is_measure;		/* as our own writer names one: whatever its value is */
};

/* Fills in the rest of *results from its task. A reference to a result that is not in the document is refused; what is no result is passed over. */
void fhir_gather_results(struct fhir_reading *r, struct fhir_results *results);
/* The same of reports that come by themselves, from the first of them: they name the referral by their basedOn, and it must be known here. */
void fhir_gather_reports(struct fhir_reading *r, struct fhir_results *results);
bool fhir_is_report(const struct fhir_resource *it);	/* an entry that may come by itself */
bool fhir_is_activity(const struct json_t *output);	/* what was done, as a code */
/* The record of them all: r->record, and the item's native_id. */
void fhir_read_results(struct fhir_reading *r, const struct fhir_results *results);
/* "need-met", by the goals that were achieved or not; NULL: none is told of */
const char *fhir_result_outcome(struct fhir_reading *r, const struct fhir_results *results);
/* "achieved" of a Goal; NULL: it does not say */
const char *fhir_goal_result(const struct fhir_resource *goal);

void fhir_read_assessment(struct fhir_reading *r, const struct fhir_results *results);
void fhir_read_outcome_report(struct fhir_reading *r, const struct fhir_results *results);

/* An Observation or a Condition. One that was entered in error, or says that it is not so, is refused. */
void fhir_read_finding(struct fhir_reading *r, struct fhir_resource *it, struct fhir_finding *ret_finding);
/* Questions and answers, as many of them in one finding as it holds. How many findings. */
size_t fhir_read_answers(struct fhir_reading *r, struct fhir_resource *it, struct fhir_finding ret_findings[static FHIR_RESULT_TEXTS_MAX]);
/* "Name: text", of what there is; never NULL unless there is no room */
const char *fhir_finding_text(struct fhir_reading *r, const struct fhir_finding *f);
const char *fhir_notes(struct fhir_reading *r, const struct json_t *of);	/* note.text of all, joined; NULL: none */
const char *fhir_concept_words(const struct json_t *concept);	/* text, display or code */

/* Sets `day`, unless it stands there, to the last day that the results name, and `by` to who they name as their performers, at most 200 bytes.
 * What they do not name is the Task's, else today and the agency, and stands in `assumed`. */
void fhir_read_done(struct fhir_reading *r, const struct fhir_results *results, const char *day, const char *by);

/* -- writing (fhir_result_out.c, fhir_assessment_out.c, fhir_outcome_out.c) -- */

bool fhir_has_results(const struct record *record);	/* an assessment or an outcome report; NULL is fine */
/* Adds w->out->record's resources to the entries, and what leads to them to the Task's output. */
void fhir_write_results(struct fhir_writing *w, struct json_t *task);
void fhir_write_assessment(struct fhir_writing *w, struct json_t *task, const struct assessment *a);
void fhir_write_outcome_report(struct fhir_writing *w, struct json_t *task, const struct outcome_report *o);
struct json_t *fhir_new_subject(const struct fhir_writing *w);		/* a Reference to the child */
/* A resource about the child; `name` is its part's, "Observation-3", as fhir_result_name makes it of a type and a place from 0. */
struct json_t *fhir_new_result(struct fhir_writing *w, const char *name);
const char *fhir_result_name(struct fhir_writing *w, const char *type, size_t i);
/* Takes the resource: an entry, and an output of that code of Gravity, or (NULL) of its type's name. */
void fhir_add_result(struct fhir_writing *w, struct json_t *task, const char *name, const char *code, struct json_t *resource);
struct json_t *fhir_new_named(const char *system, const char *code);	/* a CodeableConcept; one that is no code of FHIR is its text. NULL: NULL */
void fhir_put_value(struct json_t *to, const char *text);		/* valueInteger or valueString */
void fhir_add_component(struct json_t *observation, const char *part, const char *text);	/* of `urn:nasoka:domain` */

#endif
