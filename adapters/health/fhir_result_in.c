/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_result_in - what kind of record the resources are that fhir_gather_in.c found, when and by whom it was done.
 *
 * They are all of one child, and of the referral's: one that names another child is refused. Called by fhir_reply_in.c and fhir_to_record.c.
 */
#include "adapters/health/fhir_result.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "proto/base/clock.h"

#define PERFORMERS_MAX 200u	/* bytes of the record's done_by and closed_by */

static bool
is_among(const char *word, const char *const *list)
{
	while (word != NULL && *list != NULL && strcmp(*list, word) != 0)
		list++;
	return word != NULL && *list != NULL;
}

/* -- whose -- */

/* All of one child, and of the one that was referred, as far as anything tells. */
static void
check_subjects(struct fhir_reading *r, const struct fhir_results *results)
{
	const struct fhir_resource *first = fhir_doc_resolve(r->doc, results->task, fhir_at(results->task->json, "for"));

	for (size_t i = 0; i < results->n; i++) {
		const struct fhir_resource *it = results->items[i], *child = fhir_doc_resolve(r->doc, it, fhir_at(it->json, "subject"));
		bool is_other = fhir_is_anothers(r, it, fhir_at(it->json, "subject"), &results->at);

		if (child != NULL && strcmp(child->type, "Patient") == 0) {
			first = first != NULL ? first : child;
			is_other = is_other || child != first;
		}
		if (is_other)
			fhir_fail(r, ERR_INCONSISTENT, arena_fmt(r->mem, "%s.subject", it->type), "another child than the referral's");
	}
}

/* -- of which kind -- */

/* "assess" in any letters, or "оценк" */
static bool
speaks_of_assessment(const char *text)
{
	static const char word[] = "assess";
	size_t n = 0;

	if (text == NULL)
		return false;
	for (const char *p = text; *p != '\0' && n < sizeof(word) - 1; p++)
		n = tolower((unsigned char)*p) == word[n] ? n + 1 : tolower((unsigned char)*p) == word[0] ? 1 : 0;
	return n == sizeof(word) - 1 || strstr(text, "ценк") != NULL;
}

static bool
is_assessment_concept(const json_t *concept)
{
	const json_t *coding;

	if (speaks_of_assessment(fhir_peek(concept, "text")))
		return true;
	for (size_t i = 0; (coding = fhir_item(concept, "coding", i)) != NULL; i++)
		if (speaks_of_assessment(fhir_peek(coding, "code")) || speaks_of_assessment(fhir_peek(coding, "display")))
			return true;
	return false;
}

/* Was it asked for? */
static bool
is_assessment_wanted(const struct referral *referral)
{
	static const char *const services[] = { "needs-assessment", "specialist-consult", NULL };
	static const char *const wishes[] = { "assess-and-return", "second-opinion", NULL };

	return referral != NULL && (is_among(referral->service_kind, services) || is_among(referral->disposition_wanted, wishes));
}

static bool
is_assessment(const struct fhir_results *results)
{
	static const char *const ends[] = { "completed", "failed", NULL };
	const json_t *task = results->task->json, *output;

	if (is_assessment_concept(fhir_at(task, "code")))
		return true;
	for (size_t i = 0; (output = fhir_item(task, "output", i)) != NULL; i++)
		if (is_assessment_concept(fhir_at(output, "type")))
			return true;
	if (results->n == 0)
		return false;
	return is_assessment_wanted(results->at.referral != NULL ? results->at.referral->referral : NULL) ||
	       !is_among(fhir_text(task, "status"), ends);
}

/* -- how it went -- */

const char *
fhir_goal_result(const struct fhir_resource *goal)
{
	static const struct { const char *code, *result; } rows[] = {
		{ "achieved", "achieved" }, { "sustaining", "achieved" }, { "in-progress", "partly" }, { "improving", "partly" },
		{ "no-change", "not" }, { "worsening", "not" }, { "not-achieved", "not" }, { "no-progress", "not" }, { "not-attainable", "not" },
	};
	const char *code = fhir_text(goal->json, "achievementStatus.coding.code"), *now = fhir_peek(goal->json, "lifecycleStatus");

	for (size_t i = 0; code != NULL && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].code, code) == 0)
			return rows[i].result;
	if (code == NULL && now != NULL && strcmp(now, "completed") == 0)
		return fhir_text(goal->json, "lifecycleStatus") != NULL ? "achieved" : NULL;
	return NULL;
}

const char *
fhir_result_outcome(struct fhir_reading *r, const struct fhir_results *results)
{
	size_t n = 0, n_achieved = 0, n_not = 0;

	(void)r;
	for (size_t i = 0; i < results->n; i++) {
		const char *result = strcmp(results->items[i]->type, "Goal") == 0 ? fhir_goal_result(results->items[i]) : NULL;

		n += result != NULL;
		n_achieved += result != NULL && strcmp(result, "achieved") == 0;
		n_not += result != NULL && strcmp(result, "not") == 0;
	}
	return n == 0 ? NULL : n_achieved == n ? "need-met" : n_not == n ? "not-met" : "partly-met";
}

/* -- when and by whom -- */

static const char *const day_paths[] = {
	"effectiveDateTime", "effectivePeriod.end", "effectivePeriod.start", "effectiveInstant", "performedDateTime", "performedPeriod.end",
	"authored", "recordedDate", "issued", NULL,
};

/* The day in Bulgaria of the first of its times; NULL: it names none, or no whole day. */
static const char *
day_of(struct fhir_reading *r, const struct fhir_resource *it, const char **ret_path)
{
	struct civil c;
	int64_t ms;

	for (size_t i = 0; day_paths[i] != NULL; i++) {
		const char *text = fhir_peek(it->json, day_paths[i]);

		if (text == NULL)
			continue;
		*ret_path = day_paths[i];
		if (strchr(text, 'T') == NULL && clock_parse_date(text, &c) == OK)
			return text;
		if (strchr(text, 'T') == NULL && strlen(text) < 8)
			return NULL;	/* a month or a year */
		if (clock_parse(text, &ms) != OK) {
			fhir_fail(r, ERR_BAD_DATE, arena_fmt(r->mem, "%s.%s", it->type, day_paths[i]), "a date, or a date and time with offset");
			return NULL;
		}
		c = clock_to_sofia(ms, NULL);
		return arena_fmt(r->mem, "%04d-%02d-%02d", c.year % 10000, c.month % 100, c.day % 100);
	}
	return NULL;
}

static void
read_day(struct fhir_reading *r, const struct fhir_results *results, const char *path)
{
	const json_t *task = results->task->json, *end = fhir_at(task, "executionPeriod.end");
	const char *day, *set = r->e == OK ? record_get(r->record, r->mem, path) : NULL, *latest = set, *where;
	struct civil c;

	for (size_t i = 0; set == NULL && i < results->n; i++)
		if ((day = day_of(r, results->items[i], &where)) != NULL && (latest == NULL || strcmp(day, latest) > 0))
			latest = day;
	for (size_t i = 0; latest != NULL && i < results->n; i++)
		if ((day = day_of(r, results->items[i], &where)) != NULL && strcmp(day, latest) == 0)
			for (size_t k = 0; day_paths[k] != NULL; k++)	/* of one that says it twice, both are read */
				if (strcmp(day_paths[k], where) == 0 || strncmp(fhir_peek(results->items[i]->json, day_paths[k]) != NULL ?
				    fhir_peek(results->items[i]->json, day_paths[k]) : "", latest, 10) == 0)
					(void)fhir_text(results->items[i]->json, day_paths[k]);
	if (latest != NULL) {
		fhir_set(r, path, latest);
		return;
	}
	if (end == NULL)
		end = fhir_at(task, "lastModified");
	if (end != NULL) {
		fhir_take_date(r, path, end);
	} else {
		c = clock_to_sofia(r->env->now_ms, NULL);
		fhir_set(r, path, arena_fmt(r->mem, "%04d-%02d-%02d", c.year % 10000, c.month % 100, c.day % 100));
	}
	fhir_set(r, "assumed", path);
}

static void
add_name(struct buf *to, const char *name)
{
	const char *had = to->n > 0 ? buf_text(to) : "";

	if (name == NULL || strstr(had != NULL ? had : "", name) != NULL || to->n + (to->n > 0 ? 2 : 0) + strlen(name) > PERFORMERS_MAX)
		return;
	buf_fmt(to, "%s%s", to->n > 0 ? "; " : "", name);
}

static void
read_performers(struct fhir_reading *r, const struct fhir_results *results, const char *path)
{
	static const char *const who[] = { "performer", "resultsInterpreter", "author", "recorder", "asserter", NULL };
	const json_t *reference;
	struct buf b;

	buf_init(&b, r->mem);
	for (size_t i = 0; i < results->n; i++)
		for (size_t k = 0; who[k] != NULL && strcmp(results->items[i]->type, "DocumentReference") != 0; k++)
			for (size_t j = 0; (reference = fhir_item(results->items[i]->json, who[k], j)) != NULL; j++) {
				const json_t *actor = fhir_at(reference, "actor");	/* of a Procedure */

				add_name(&b, fhir_party_name(r, results->items[i], actor != NULL ? actor : reference));
			}
	if (b.n == 0) {
		const json_t *owner = fhir_at(results->task->json, "owner");

		add_name(&b, owner != NULL ? fhir_party_name(r, results->task, owner) : NULL);
		if (b.n == 0)
			add_name(&b, r->env->agency);
		fhir_set(r, "assumed", path);
	}
	fhir_set(r, path, buf_text(&b));
}

void
fhir_read_done(struct fhir_reading *r, const struct fhir_results *results, const char *day, const char *by)
{
	read_day(r, results, day);
	read_performers(r, results, by);
}

/* -- as a record -- */

/* The same resources again are the same message. */
static void
name_it(struct fhir_reading *r, const struct fhir_results *results, const char *no)
{
	struct buf b;

	buf_init(&b, r->mem);
	for (size_t i = 0; i < results->n; i++)
		buf_fmt(&b, "/%s", fhir_content_id(r, results->items[i]->json));
	r->item->native_id = arena_fmt(r->mem, "Task/%s/result%s", no, b.n > 0 ? buf_text(&b) : "");
	fhir_set(r, "native_id", fhir_text(results->task->json, "id"));
}

/* Where in FHIR a field of the record comes from, for whoever is told that it is wrong. */
static void
place_fault(struct fhir_reading *r, const struct fhir_results *results)
{
	static const struct { const char *path, *fhir; } rows[] = {
		{ "assessment.domains", "Observation" }, { "assessment.conclusions", "DiagnosticReport.conclusion" },
		{ "assessment.done_on", "DiagnosticReport.effectiveDateTime" }, { "assessment.done_by", "DiagnosticReport.performer" },
		{ "assessment.valid_until", "DiagnosticReport.extension" }, { "assessment.child_view", "DiagnosticReport.extension" },
		{ "assessment.carer_view", "DiagnosticReport.extension" }, { "assessment.plan.goals", "Goal" },
		{ "assessment.plan", "CarePlan" }, { "assessment.recommended_services", "CarePlan.activity.detail" },
		{ "assessment.attachments", "DocumentReference" }, { "outcome_report.services_delivered", "Procedure" },
		{ "outcome_report.goals", "Goal" }, { "outcome_report.measures", "Observation" }, { "outcome_report.follow_up", "CarePlan.activity.detail" },
		{ "outcome_report.remaining_needs", "Condition" }, { "outcome_report.closed_by", "Procedure.performer" },
		{ "outcome_report", "Task.output" }, { "assessment", "Task.output" }, { "assumed", "Task.output" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strncmp(r->why.where, rows[i].path, strlen(rows[i].path)) == 0) {
			snprintf(r->why.where, sizeof(r->why.where), "%s", strcmp(rows[i].fhir, "Task.output") != 0 ||
				 strcmp(results->task->type, "Task") == 0 ? rows[i].fhir : results->task->type);
			return;
		}
}

/* What the adapter will check before it sends, while it can still be said in FHIR's terms: it adds the case and the time. */
static void
check_whole(struct fhir_reading *r, const struct fhir_results *results)
{
	static const uint8_t some_case[16] = { 1 };

	if (r->e == OK) {
		r->record->case_id = some_case;
		r->record->created = record_int(r->mem, r->env->now_ms);
		r->e = record_check(r->record, &r->why);
		r->record->case_id = NULL;
		r->record->created = NULL;
	}
	if (r->e != OK)
		place_fault(r, results);
}

void
fhir_read_results(struct fhir_reading *r, const struct fhir_results *results)
{
	const char *no = results->no;
	bool assesses = is_assessment(results);

	if (no == NULL)
		fhir_fail(r, ERR_REQUIRED, "Task.identifier", "an identifier of type PLAC says which referral this is about");
	for (size_t i = 0; i < results->n; i++)
		fhir_check_modifiers(r, results->items[i]);
	check_subjects(r, results);
	if (r->e != OK)
		return;
	fhir_begin_record(r, assesses ? "assessment-result" : "outcome-report");
	fhir_set(r, assesses ? "assessment.referral_id" : "outcome_report.referral_id", no);
	name_it(r, results, no);
	if (assesses)
		fhir_read_assessment(r, results);
	else
		fhir_read_outcome_report(r, results);
	check_whole(r, results);
}
