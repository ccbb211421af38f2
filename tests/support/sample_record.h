/* SPDX-License-Identifier: EUPL-1.2 */
/* sample_record - a record of any kind with every field set: zeroes, falses and lists of two included. For tests that every
 * field survives something. Synthetic.
 */
#ifndef TESTS_SAMPLE_RECORD_H
#define TESTS_SAMPLE_RECORD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/kind.h"
#include "proto/record.h"

/* A text that the field takes, whatever it is. */
static inline const char *
sample_text(const struct record_type *type, const struct field *f)
{
	if (strstr(f->name, "municipality") != NULL)
		return "PDV22";
	if (strcmp(f->name, "ekatte") == 0)
		return "00702";
	if (strcmp(f->name, "sha256") == 0)
		return "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
	if (strcmp(type->name, "person_id") == 0 && strcmp(f->name, "type") == 0)
		return "EGN";
	if (strcmp(type->name, "person_id") == 0 && strcmp(f->name, "value") == 0)
		return "1543079013";
	switch (f->kind) {
	case FIELD_CODE:
	case FIELD_CODES:
		return f->codes[0];
	case FIELD_DATE:
		return "2015-03-07";
	case FIELD_TIME:
		return "2026-03-02T10:00:00.001Z";
	case FIELD_INT:
		return "0";
	case FIELD_BOOL:
		return "false";
	case FIELD_ID:
		return "00112233445566778899aabbccddeeff";
	case FIELD_BYTES:
		return "AAEC/w==";
	case FIELD_TEXT:
	case FIELD_TEXTS:
	case FIELD_MSG:
	case FIELD_MSGS:
		break;
	}
	return f->limit < 8 ? "BG" : "дете";
}

static inline void
sample_set(struct record *record, struct arena *mem, const char *path, const char *text)
{
	struct why why = { .text = "" };

	if (record_set(record, mem, path, text, &why) != OK)
		fail_msg("%s: %s", path, why.text);
}

/* Set every field below `path` to its sample. */
static inline void
sample_fill(struct record *record, struct arena *mem, const struct record_type *type, const char *path)
{
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];
		char step[300];

		for (int item = 0; item < (record_field_is_list(f) ? 2 : 1); item++) {
			snprintf(step, sizeof(step), record_field_is_list(f) ? "%s.%s[%d]" : "%s.%s", path, f->name, item);
			if (f->of != NULL)
				sample_fill(record, mem, f->of, step);
			else
				sample_set(record, mem, step, sample_text(type, f));
		}
	}
}

/* What the rules of whole messages want beyond that every field is there. */
static inline void
sample_mend(struct record *record, struct arena *mem)
{
	for (size_t i = 0; record->info_response != NULL && i < record->info_response->n_answers; i++) {
		struct info_answer *a = record->info_response->answers[i];

		a->code = a->date = a->refused = NULL;
		a->yes = a->unknown = NULL;
	}
	if (record->attachment != NULL) {
		record->attachment->conference_id = NULL;
		sample_set(record, mem, "attachment.size", "4");
		sample_set(record, mem, "attachment.part", "1");
		sample_set(record, mem, "attachment.parts", "1");
	}
	if (record->consent_change != NULL)
		record->consent_change->conference_id = record->consent_change->transfer_id = NULL;
	if (record->consent_answer != NULL)
		record->consent_answer->conference_id = record->consent_answer->transfer_id = NULL;
	if (record->thread_state != NULL) {
		record->thread_state->transfer = NULL;
		record->thread_state->minutes = NULL;
	}
	if (record->commitment != NULL)
		sample_set(record, mem, "commitment.version", "2");
	if (record->outcome_report != NULL)
		sample_set(record, mem, "outcome_report.family_feedback.score", "1");
	if (record->info_request != NULL || record->info_response != NULL || record->cancellation != NULL) {
		sample_set(record, mem, "step.from", "requested");
		sample_set(record, mem, "step.to", record->cancellation != NULL ? "cancel-requested" : "info-requested");
		sample_set(record, mem, "step.transition",
			   record->info_request != NULL ? "T03" : record->info_response != NULL ? "T04" : "T20");
	}
}

static inline struct record *
sample_record(struct arena *mem, const char *kind)
{
	const struct record_type *type = record_type();
	struct record *record = record_new(mem, "record");

	for (size_t i = 0; i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];

		if (f->of != NULL && strcmp(f->name, kind_by_code(kind)->body) == 0)
			sample_fill(record, mem, f->of, f->name);
		else if (f->of == NULL)
			sample_set(record, mem, f->name, sample_text(type, f));
	}
	sample_set(record, mem, "assumed", "дете");
	sample_set(record, mem, "kind", kind);
	sample_mend(record, mem);
	return record;
}

/* All kinds, ends with NULL. */
static const char *const sample_kinds[] = {
#define KIND(number, code, body, topic, place, who, when) code,
#include "proto/kind.def"
#undef KIND
	NULL
};

/* Are two messages of one type equal, field by field? */
static inline bool
sample_same(const struct record_type *type, const void *a, const void *b, struct arena *mem)
{
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];

		if (record_has(a, f) != record_has(b, f))
			return false;
		if (!record_has(a, f))
			continue;
		if (f->kind == FIELD_MSG && !sample_same(f->of, record_at(a, f), record_at(b, f), mem))
			return false;
		if (f->kind == FIELD_MSG)
			continue;
		if (!record_field_is_list(f)) {
			if (strcmp(record_text(a, f, mem), record_text(b, f, mem)) != 0)
				return false;
			continue;
		}
		if (record_count(a, f) != record_count(b, f))
			return false;
		for (size_t k = 0; k < record_count(a, f); k++) {
			const void *x = ((const void *const *)record_at(a, f))[k];
			const void *y = ((const void *const *)record_at(b, f))[k];

			if (f->kind == FIELD_MSGS ? !sample_same(f->of, x, y, mem) : strcmp(x, y) != 0)
				return false;
		}
	}
	return true;
}

#endif
