/* SPDX-License-Identifier: EUPL-1.2 */
/* test_record_type - the description of the types says what the structs are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/record.h"

#define ARENA_CAP (64 * 1024)

/* Every type has its fields by rising tags, lists have limits, codes have lists, and every type is found by its name. */
static void
types_are_well_formed(void **state)
{
	static const char *const names[] = {
#define NAME(type) #type,
		RECORD_TYPES(NAME)
#undef NAME
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct record_type *type = record_type_by_name(names[i]);
		unsigned tag = 0;

		assert_string_equal(type->name, names[i]);
		assert_true(type->n_fields > 0);
		for (size_t k = 0; k < type->n_fields; k++) {
			const struct field *f = &type->fields[k];

			assert_true(f->tag > tag);
			tag = f->tag;
			assert_true(f->offset + sizeof(void *) <= type->size);
			assert_ptr_equal(record_field(type, f->name), f);
			assert_int_equal(f->of != NULL, f->kind == FIELD_MSG || f->kind == FIELD_MSGS);
			assert_int_equal(f->codes != NULL, f->kind == FIELD_CODE || f->kind == FIELD_CODES);
			if (record_field_is_list(f) || f->kind == FIELD_TEXT || f->kind == FIELD_ID || f->kind == FIELD_BYTES)
				assert_true(f->limit > 0);
		}
	}
	assert_ptr_equal(record_type(), record_type_by_name("record"));
	assert_null(record_type_by_name("envelope"));
	assert_null(record_field(record_type(), "envelope"));
}

/* The offsets are the members': what is put by name is found by description, and the other way round. */
static void
fields_are_the_members(void **state)
{
	const int64_t five = 5;
	struct carer carer = { .name = "А" }, *carers[] = { &carer };
	struct referral r = { .referral_id = "r", .household_size = &five, .carers = carers, .n_carers = 1 };
	const struct record_type *type = record_type_by_name("referral");

	(void)state;
	assert_ptr_equal(record_at(&r, record_field(type, "referral_id")), r.referral_id);
	assert_ptr_equal(record_at(&r, record_field(type, "household_size")), &five);
	assert_ptr_equal(record_at(&r, record_field(type, "carers")), carers);
	assert_int_equal(record_count(&r, record_field(type, "carers")), 1);
	assert_true(record_has(&r, record_field(type, "carers")));
	assert_false(record_has(&r, record_field(type, "need")));
	assert_false(record_has(&r, record_field(type, "child")));
}

/* Scalars have one text form each; messages and lists have none. */
static void
text_is_the_text_form(void **state)
{
	static const uint8_t id[16] = { 0xfe, 1 };
	const int64_t at = 1;
	const bool no = false;
	struct texts need = { .n = 0 };
	struct record record = { .kind = "referral", .case_id = id, .created = &at };
	struct referral r = { .interpreter = &no, .need = need };
	struct arena *mem = arena_new(ARENA_CAP);

	(void)state;
	assert_string_equal(record_text(&record, record_field(record_type(), "kind"), mem), "referral");
	assert_string_equal(record_text(&record, record_field(record_type(), "case_id"), mem),
			    "fe010000000000000000000000000000");
	assert_string_equal(record_text(&record, record_field(record_type(), "created"), mem), "1970-01-01T00:00:00.001Z");
	assert_null(record_text(&record, record_field(record_type(), "source"), mem));
	assert_string_equal(record_text(&r, record_field(record_type_by_name("referral"), "interpreter"), mem), "false");
	assert_null(record_text(&r, record_field(record_type_by_name("referral"), "need"), mem));
	arena_free(mem);
}

/* Codes are of their own list only; states and transitions are lists too. */
static void
codes_are_of_their_list(void **state)
{
	(void)state;
	assert_true(record_is_code("gender", "female"));
	assert_true(record_is_code("state", "info-requested"));
	assert_true(record_is_code("transition", "T01"));
	assert_true(record_is_code("transition", "T33"));
	assert_false(record_is_code("transition", "T34"));
	assert_false(record_is_code("gender", "Female"));
	assert_false(record_is_code("gender", "neglect"));
	assert_false(record_is_code("gender", NULL));
	assert_false(record_is_code("colour", "female"));
}

/* A list is said whole where there is room, else as far as whole codes go, and that there are more. */
static void
codes_are_said(void **state)
{
	static const char WHOLE[] = "routine, urgent, emergency";
	char text[64];

	(void)state;
	record_say_codes(record_codes("priority"), text, sizeof(text));
	assert_string_equal(text, WHOLE);
	for (size_t cap = 6; cap < sizeof(text); cap++) {
		size_t n;

		memset(text, 'x', sizeof(text));
		record_say_codes(record_codes("priority"), text, cap);
		n = strlen(text);
		assert_true(n < cap);
		if (strcmp(text, WHOLE) == 0)
			continue;
		assert_true(n >= 5 && strcmp(text + n - 5, ", ...") == 0 && strncmp(text, WHOLE, n - 5) == 0);
		assert_true(n == 5 || WHOLE[n - 5] == ',');
	}
	record_say_codes(record_codes("colour"), text, sizeof(text));
	assert_string_equal(text, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_are_well_formed),
		cmocka_unit_test(fields_are_the_members),
		cmocka_unit_test(text_is_the_text_form),
		cmocka_unit_test(codes_are_of_their_list),
		cmocka_unit_test(codes_are_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
