/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_read - how FHIR's values get into the record: texts, dates, codes, references to agencies. The first fault is kept. */
#include "adapters/health/fhir.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "proto/base/clock.h"

void
fhir_fail(struct fhir_reading *r, enum err e, const char *where, const char *text)
{
	if (r->e == OK)
		r->e = why_set(&r->why, e, where, "%s", text);
}

void
fhir_set(struct fhir_reading *r, const char *path, const char *text)
{
	if (r->e != OK || text == NULL)
		return;
	r->e = record_set(r->record, r->mem, path, text, &r->why);
	if (r->e != OK && r->why.where[0] == '\0')
		r->e = why_set(&r->why, r->e, path, "not taken");
}

void
fhir_take(struct fhir_reading *r, const char *path, const json_t *value)
{
	if (json_is_array(value))
		value = json_array_get(value, 0);
	if (value == NULL || json_is_null(value))
		return;
	if (!json_is_string(value)) {
		fhir_fail(r, ERR_SYNTAX, path, "must be a text");
		return;
	}
	fhir_set(r, path, json_string_value(value));
}

void
fhir_take_scalar(struct fhir_reading *r, const char *path, const json_t *value)
{
	char digits[32];

	if (json_is_boolean(value)) {
		fhir_set(r, path, json_is_true(value) ? "true" : "false");
	} else if (json_is_integer(value)) {
		snprintf(digits, sizeof(digits), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		fhir_set(r, path, digits);
	} else {
		fhir_take(r, path, value);
	}
}

/* A date stays as it is; a dateTime becomes the day that it is in Bulgaria. */
void
fhir_take_date(struct fhir_reading *r, const char *path, const json_t *value)
{
	const char *text = json_string_value(value);
	char day[16];
	struct civil c;
	int64_t ms;

	if (text == NULL || strchr(text, 'T') == NULL) {
		fhir_take(r, path, value);
		return;
	}
	if (clock_parse(text, &ms) != OK) {
		fhir_fail(r, ERR_BAD_DATE, path, "a date, or a date and time with offset");
		return;
	}
	c = clock_to_sofia(ms, NULL);
	snprintf(day, sizeof(day), "%04d-%02d-%02d", c.year % 10000, c.month % 100, c.day % 100);
	fhir_set(r, path, day);
}

void
fhir_take_fields(struct fhir_reading *r, const char *body, const char *on, const json_t *resource)
{
	const json_t *x;
	char path[96];

	for (size_t i = 0; (x = fhir_item(resource, "extension", i)) != NULL; i++) {
		const char *url = fhir_text(x, "url");

		if (url == NULL || strncmp(url, FHIR_EXT_FIELD, strlen(FHIR_EXT_FIELD)) != 0)
			continue;
		for (const struct fhir_field *f = fhir_fields(); f->path != NULL; f++) {
			if (strcmp(f->on, on) != 0 || strcmp(f->path, url + strlen(FHIR_EXT_FIELD)) != 0)
				continue;
			snprintf(path, sizeof(path), "%s.%s", body, f->path);
			fhir_take_scalar(r, path, fhir_at(x, f->value));
		}
	}
}

const char *
fhir_concept(struct fhir_reading *r, const json_t *concept, const char *system, const char *list, const char *where)
{
	const json_t *coding;

	for (size_t i = 0; (coding = fhir_item(concept, "coding", i)) != NULL; i++) {
		const char *its = fhir_text(coding, "system"), *code = fhir_peek(coding, "code"), *ours;

		if (code == NULL)
			continue;
		if (its != NULL && strcmp(its, system) == 0) {
			if (record_is_code(list, code))
				return fhir_text(coding, "code");
			char codes[sizeof(r->why.text)];

			record_say_codes(record_codes(list), codes, sizeof(codes));
			fhir_fail(r, ERR_UNKNOWN_CODE, where, codes);
			return NULL;
		}
		ours = r->env->concept(r->env->arg, its != NULL ? its : "", code);
		if (ours != NULL && record_is_code(list, ours))
			return fhir_text(coding, "code") != NULL ? ours : NULL;
	}
	return NULL;
}

const char *
fhir_concept_text(const json_t *concept)
{
	const char *text = fhir_text(concept, "text");
	const json_t *coding;

	for (size_t i = 0; text == NULL && (coding = fhir_item(concept, "coding", i)) != NULL; i++)
		text = fhir_text(coding, "display");
	return text;
}

static const char *
agency_of_identifiers(struct fhir_reading *r, const json_t *holder)
{
	const json_t *id;

	for (size_t i = 0; (id = fhir_item(holder, "identifier", i)) != NULL; i++) {
		const char *system = fhir_text(id, "system"), *value = fhir_text(id, "value"), *agency;

		if (value == NULL)
			continue;
		if (system != NULL && strcmp(system, FHIR_SYS_AGENCY) == 0)
			return value;
		agency = r->env->agency_of(r->env->arg, value);
		if (agency != NULL)
			return agency;
	}
	return NULL;
}

const char *
fhir_agency(struct fhir_reading *r, const struct fhir_resource *from, const json_t *reference)
{
	struct fhir_resource *to = fhir_doc_resolve(r->doc, from, reference);
	const char *agency = agency_of_identifiers(r, reference), *text;
	const json_t *next;

	if (agency != NULL || to == NULL) {
		text = fhir_text(reference, "reference");
		return agency != NULL || text == NULL ? agency : r->env->agency_of(r->env->arg, text);
	}
	to->is_used = true;
	if ((agency = agency_of_identifiers(r, to->json)) != NULL)
		return agency;
	next = fhir_at(to->json, strcmp(to->type, "HealthcareService") == 0 ? "providedBy" : "organization");
	if (next == NULL || (to = fhir_doc_resolve(r->doc, to, next)) == NULL)
		return agency_of_identifiers(r, next);
	to->is_used = true;	/* one step is enough: a role's or a service's organisation */
	return agency_of_identifiers(r, to->json);
}
