/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_native - a message of ours as a hospital would send it that knows no record: its resources alone, and a Task that brings them. */
#ifndef TEST_FHIR_NATIVE_H
#define TEST_FHIR_NATIVE_H

#include <stdlib.h>

#include <jansson.h>

#include "proto/kind.h"
#include "tests/support/record_random.h"
#include "tests/unit/adapters/health/fhir_results.h"

/* The message Bundle of the record. */
static inline json_t *
native_message(struct arena *mem, const struct record *record)
{
	struct outgoing out = fixture_out(record, fixture_item(mem, "fhir-referral-message.json")->record);
	struct native native;
	json_t *root;

	assert_int_equal(health_fhir_from_record(&out, FORMAT_FHIR, &fixture_env, mem, &native, NULL), OK);
	root = json_loadb((const char *)native.bytes.p, native.bytes.n, 0, NULL);
	assert_non_null(root);
	return root;
}

/* The same without what names our record: no QuestionnaireResponse, and a Task of that status that only says which referral. */
static inline struct intake
native_read(struct arena *mem, const struct record *record, const char *status)
{
	json_t *root = native_message(mem, record), *entries = json_object_get(root, "entry");
	struct native native = { .format = FORMAT_FHIR };

	for (size_t i = json_array_size(entries); i-- > 0;) {
		json_t *resource = json_object_get(json_array_get(entries, i), "resource");
		const char *type = fhir_text(resource, "resourceType");

		if (strcmp(type, "QuestionnaireResponse") == 0 || strcmp(type, "MessageHeader") == 0) {
			json_array_remove(entries, i);
		} else if (strcmp(type, "Task") == 0) {
			json_object_set_new(resource, "status", json_string(status));
			json_object_del(resource, "code");
			json_object_del(resource, "businessStatus");
			json_object_del(resource, "extension");
		}
	}
	json_object_set_new(root, "type", json_string("transaction"));
	assert_int_equal(fhir_finish(root, mem, &native), OK);
	return fixture_read(mem, native.bytes);
}

static inline void
assert_same_fields(struct arena *mem, const struct record *was, const struct record *is, const char *prefix, const struct record_type *type,
		   const char *const *but)
{
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];
		const char *path = arena_fmt(mem, "%s.%s", prefix, f->name);
		bool is_left = false;

		for (const char *const *b = but; *b != NULL; b++)
			is_left |= strcmp(*b, f->name) == 0;
		if (is_left)
			continue;
		if (f->kind == FIELD_MSG) {
			assert_same_fields(mem, was, is, path, f->of, but);
		} else if (f->kind == FIELD_MSGS) {
			for (unsigned k = 0; k < f->limit; k++)
				assert_same_fields(mem, was, is, arena_fmt(mem, "%s[%u]", path, k), f->of, but);
		} else {
			assert_field(mem, is, path, record_get(was, mem, path));
		}
	}
}

#endif
