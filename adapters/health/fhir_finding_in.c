/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_finding_in - an Observation, a Condition, questions and answers as findings: a code, a score on a scale, words.
 *
 * A measured value is a score; words are the score where something else says what they mean (an interpretation, a note), and the finding
 * where they stand alone. What has no place of its own goes into the words: nothing that is read here is thrown away.
 */
#include "adapters/health/fhir_result.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#define CODE_MAX 64u	/* of the record's assessed_domain */
#define SCORE_MAX 40u
#define SCALE_MAX 64u
#define TEXT_MAX 2000u
#define GROUPS_MAX 8u	/* items within items */

/* -- words -- */

static void
add(struct buf *to, const char *text)
{
	if (text != NULL)
		buf_fmt(to, "%s%s", to->n > 0 ? "; " : "", text);
}

static const char *
words(struct buf *b)
{
	return b->n > 0 ? buf_text(b) : NULL;
}

const char *
fhir_concept_words(const json_t *concept)
{
	const char *text = fhir_concept_text(concept);

	return text != NULL ? text : fhir_text(concept, "coding.code");
}

static void
add_concepts(struct buf *to, const json_t *of, const char *key)
{
	const json_t *concept;

	for (size_t i = 0; (concept = fhir_item(of, key, i)) != NULL; i++)
		add(to, fhir_concept_words(concept));
}

static void
add_notes(struct buf *to, const json_t *of)
{
	const json_t *note;

	for (size_t i = 0; (note = fhir_item(of, "note", i)) != NULL; i++)
		add(to, fhir_text(note, "text"));
}

const char *
fhir_notes(struct fhir_reading *r, const json_t *of)
{
	struct buf b;

	buf_init(&b, r->mem);
	add_notes(&b, of);
	return words(&b);
}

/* -- values -- */

/* As short as it says the same; NULL: no number */
static const char *
number_words(struct fhir_reading *r, const json_t *v)
{
	char text[40];
	double back = 0;

	if (json_is_integer(v))
		return arena_fmt(r->mem, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	if (!json_is_real(v))
		return NULL;
	snprintf(text, sizeof(text), "%.15g", json_real_value(v));
	if (sscanf(text, "%lf", &back) != 1 || back < json_real_value(v) || back > json_real_value(v))
		snprintf(text, sizeof(text), "%.17g", json_real_value(v));
	return arena_str(r->mem, text);
}

/* "<15 points" */
static const char *
quantity_words(struct fhir_reading *r, const json_t *quantity)
{
	const char *number = number_words(r, fhir_at(quantity, "value")), *than = fhir_text(quantity, "comparator");
	const char *unit = fhir_text(quantity, "unit");

	if (unit == NULL)
		unit = fhir_text(quantity, "code");
	else
		(void)fhir_text(quantity, "code");	/* the same for machines */
	if (number == NULL)
		return NULL;
	return arena_fmt(r->mem, "%s%s%s%s", than != NULL ? than : "", number, unit != NULL ? " " : "", unit != NULL ? unit : "");
}

static const char *
pair_words(struct fhir_reading *r, const json_t *a, const char *between, const json_t *b)
{
	const char *first = quantity_words(r, a), *second = quantity_words(r, b);

	if (first == NULL && second == NULL)
		return NULL;
	return arena_fmt(r->mem, "%s%s%s", first != NULL ? first : "", between, second != NULL ? second : "");
}

/* The value[x] of an Observation, a component or an answer. *ret_is_measured: no words of somebody's. NULL: none that is read here. */
static const char *
value_words(struct fhir_reading *r, const json_t *of, bool *ret_is_measured)
{
	static const char *const plain[] = { "valueTime", "valueDateTime", "valueDate", "valueDecimal", "valueInteger", NULL };
	const json_t *v;
	const char *text;

	*ret_is_measured = true;
	for (size_t i = 0; plain[i] != NULL; i++)
		if ((v = fhir_at(of, plain[i])) != NULL)
			return json_is_string(v) ? json_string_value(v) : number_words(r, v);
	if ((v = fhir_at(of, "valueBoolean")) != NULL)
		return json_is_true(v) ? "true" : "false";
	if ((v = fhir_at(of, "valueQuantity")) != NULL)
		return quantity_words(r, v);
	if ((v = fhir_at(of, "valueRange")) != NULL)
		return pair_words(r, fhir_at(v, "low"), " - ", fhir_at(v, "high"));
	if ((v = fhir_at(of, "valueRatio")) != NULL)
		return pair_words(r, fhir_at(v, "numerator"), ":", fhir_at(v, "denominator"));
	*ret_is_measured = false;
	if ((v = fhir_at(of, "valueCodeableConcept")) != NULL)
		return fhir_concept_words(v);
	if ((v = fhir_at(of, "valueCoding")) != NULL)
		return (text = fhir_text(v, "display")) != NULL ? text : fhir_text(v, "code");
	if ((v = fhir_at(of, "valueReference")) != NULL)
		return fhir_text(v, "display");
	text = fhir_text(of, "valueUri");
	return text != NULL ? text : fhir_text(of, "valueString");
}

/* -- Observation -- */

static bool
is_of(const json_t *concept, const char *system, const char *code)
{
	const char *its = fhir_peek(concept, "coding.system"), *said = fhir_peek(concept, "coding.code");

	return its != NULL && said != NULL && strcmp(its, system) == 0 && strcmp(said, code) == 0;
}

static void
add_components(struct fhir_reading *r, const json_t *observation, struct buf *to, struct fhir_finding *f)
{
	const json_t *one;
	bool is_measured;

	for (size_t i = 0; (one = fhir_item(observation, "component", i)) != NULL; i++) {
		const char *value = value_words(r, one, &is_measured), *name;
		struct buf meant;

		if (is_of(fhir_at(one, "code"), FHIR_SYS_DOMAIN, "strength")) {
			(void)fhir_text(one, "code.coding.code");
			f->strength = value;
			continue;
		}
		if (is_of(fhir_at(one, "code"), FHIR_SYS_DOMAIN, "before")) {
			(void)fhir_text(one, "code.coding.code");
			f->before = value;
			continue;
		}
		name = fhir_concept_words(fhir_at(one, "code"));
		buf_init(&meant, r->mem);
		add_concepts(&meant, one, "interpretation");
		if (value == NULL)
			value = fhir_concept_words(fhir_at(one, "dataAbsentReason"));
		if (name != NULL || value != NULL)
			add(to, arena_fmt(r->mem, "%s%s%s%s%s%s", name != NULL ? name : "", name != NULL && value != NULL ? ": " : "",
					  value != NULL ? value : "", meant.n > 0 ? " (" : "", meant.n > 0 ? words(&meant) : "",
					  meant.n > 0 ? ")" : ""));
	}
}

static void
add_ranges(struct fhir_reading *r, const json_t *observation, struct buf *to)
{
	const json_t *one;

	for (size_t i = 0; (one = fhir_item(observation, "referenceRange", i)) != NULL; i++) {
		const char *pair = pair_words(r, fhir_at(one, "low"), " - ", fhir_at(one, "high")), *text = fhir_text(one, "text");

		if (text != NULL || pair != NULL)
			add(to, arena_fmt(r->mem, "(%s%s%s)", text != NULL ? text : "", text != NULL && pair != NULL ? " " : "",
					  pair != NULL ? pair : ""));
	}
}

/* The first code of it; one of our kinds says only what sort of thing it is. */
static void
read_code(const json_t *concept, struct fhir_finding *f)
{
	const char *system = fhir_text(concept, "coding.system"), *code = fhir_text(concept, "coding.code");

	f->name = fhir_concept_text(concept);
	f->is_measure = is_of(concept, FHIR_SYS_KIND, "outcome-report");
	if (code != NULL && (system == NULL || strcmp(system, FHIR_SYS_KIND) != 0) && strlen(code) <= CODE_MAX)
		f->code = code;
	if (f->code == NULL && f->name != NULL && strlen(f->name) <= CODE_MAX) {
		f->code = f->name;
		f->name = NULL;
	}
}

static void
check_status(struct fhir_reading *r, const json_t *of, const char *where)
{
	const char *status = fhir_text(of, "status");

	if (status != NULL && (strcmp(status, "entered-in-error") == 0 || strcmp(status, "cancelled") == 0))
		fhir_fail(r, ERR_UNSUPPORTED, where, "what was taken back is no result");
	if (status != NULL && (strcmp(status, "in-progress") == 0 || strcmp(status, "registered") == 0))
		fhir_fail(r, ERR_UNSUPPORTED, where, "what is not finished is not sent");
}

static void
read_observation(struct fhir_reading *r, const json_t *o, struct fhir_finding *f)
{
	const char *value, *method;
	bool is_measured;
	struct buf b;

	check_status(r, o, "Observation.status");
	read_code(fhir_at(o, "code"), f);
	value = value_words(r, o, &is_measured);
	method = fhir_concept_words(fhir_at(o, "method"));
	buf_init(&b, r->mem);
	add_concepts(&b, o, "interpretation");
	add_notes(&b, o);
	if (value != NULL && strlen(value) <= SCORE_MAX && (is_measured || b.n > 0)) {
		f->score = value;
	} else if (value != NULL) {
		struct buf rest = b;

		buf_init(&b, r->mem);
		add(&b, value);
		add(&b, words(&rest));
	}
	add_components(r, o, &b, f);
	add_ranges(r, o, &b);
	add(&b, fhir_concept_words(fhir_at(o, "dataAbsentReason")));
	if (method != NULL && strlen(method) <= SCALE_MAX)
		f->scale = method;
	else
		add(&b, method);
	f->text = words(&b);
}

/* -- Condition -- */

static void
read_condition(struct fhir_reading *r, const json_t *c, struct fhir_finding *f)
{
	static const char *const doubts[] = { "unconfirmed", "provisional", "differential" };
	static const char *const past[] = { "inactive", "remission", "resolved" };
	const char *sure = fhir_text(c, "verificationStatus.coding.code"), *now = fhir_text(c, "clinicalStatus.coding.code");
	const char *system = fhir_peek(c, "code.coding.system");
	struct buf b;

	if (sure != NULL && (strcmp(sure, "entered-in-error") == 0 || strcmp(sure, "refuted") == 0))
		fhir_fail(r, ERR_UNSUPPORTED, "Condition.verificationStatus", "what is not so is no result");
	read_code(fhir_at(c, "code"), f);
	if (system != NULL && strcmp(system, FHIR_SYS_ICD10) == 0)
		f->scale = "ICD-10";
	buf_init(&b, r->mem);
	add(&b, fhir_concept_words(fhir_at(c, "severity")));
	add_notes(&b, c);
	for (size_t i = 0; i < sizeof(doubts) / sizeof(doubts[0]); i++)
		add(&b, sure != NULL && strcmp(sure, doubts[i]) == 0 ? sure : NULL);
	for (size_t i = 0; i < sizeof(past) / sizeof(past[0]); i++)
		add(&b, now != NULL && strcmp(now, past[i]) == 0 ? now : NULL);
	f->text = words(&b);
}

void
fhir_read_finding(struct fhir_reading *r, struct fhir_resource *it, struct fhir_finding *ret_finding)
{
	*ret_finding = (struct fhir_finding){ .code = NULL };
	it->is_used = true;
	if (strcmp(it->type, "Observation") == 0)
		read_observation(r, it->json, ret_finding);
	else
		read_condition(r, it->json, ret_finding);
}

const char *
fhir_finding_text(struct fhir_reading *r, const struct fhir_finding *f)
{
	const char *name = f->name, *text = f->text;

	if (name == NULL && text == NULL)
		return f->code != NULL ? f->code : f->score;
	if (name == NULL || text == NULL)
		return name != NULL ? name : text;
	return arena_fmt(r->mem, "%s: %s", name, text);
}

/* -- questions and answers -- */

struct answers {
	struct fhir_reading *r;
	struct fhir_finding *to;
	size_t n;
	struct buf b;
	const char *code;
};

static void
end_finding(struct answers *a)
{
	if (a->b.n == 0)
		return;
	if (a->n == FHIR_RESULT_TEXTS_MAX) {
		fhir_fail(a->r, ERR_TOOMANY, "QuestionnaireResponse.item", "more answers than an assessment holds");
		return;
	}
	a->to[a->n++] = (struct fhir_finding){ .code = a->code, .text = words(&a->b) };
	buf_init(&a->b, a->r->mem);
}

static void
add_answers(struct answers *a, const json_t *item, unsigned depth)
{
	const char *question, *text;
	const json_t *answer;
	bool is_measured;
	struct buf said;

	buf_init(&said, a->r->mem);
	for (size_t i = 0; (answer = fhir_item(item, "answer", i)) != NULL; i++)
		add(&said, value_words(a->r, answer, &is_measured));
	if (said.n > 0) {
		question = fhir_text(item, "text");
		if (question == NULL)
			question = fhir_text(item, "linkId");
		text = question != NULL ? arena_fmt(a->r->mem, "%s: %s", question, words(&said)) : words(&said);
		if (text != NULL && a->b.n > 0 && a->b.n + 2 + strlen(text) > TEXT_MAX)
			end_finding(a);
		add(&a->b, text);
	}
	if (fhir_item(item, "item", 0) != NULL && depth == GROUPS_MAX)
		fhir_fail(a->r, ERR_TOOMANY, "QuestionnaireResponse.item", "groups within groups within groups");
	for (size_t i = 0; a->r->e == OK && fhir_item(item, "item", i) != NULL; i++)
		add_answers(a, fhir_item(item, "item", i), depth + 1);
}

size_t
fhir_read_answers(struct fhir_reading *r, struct fhir_resource *it, struct fhir_finding ret_findings[static FHIR_RESULT_TEXTS_MAX])
{
	const char *of = fhir_text(it->json, "questionnaire"), *last = of != NULL ? strrchr(of, '/') : NULL;
	struct answers a = { .r = r, .to = ret_findings };

	it->is_used = true;
	check_status(r, it->json, "QuestionnaireResponse.status");
	if (last != NULL)
		of = last + 1;
	a.code = of != NULL && *of != '\0' && strlen(of) <= CODE_MAX ? of : NULL;
	buf_init(&a.b, r->mem);
	for (size_t i = 0; r->e == OK && fhir_item(it->json, "item", i) != NULL; i++)
		add_answers(&a, fhir_item(it->json, "item", i), 0);
	end_finding(&a);
	return a.n;
}
