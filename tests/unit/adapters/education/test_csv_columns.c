/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/education/csv_columns.h"
#include "proto/record.h"

/* Every column with a path names a field of the record, and is found by it. */
static void
paths(void **state)
{
	static const struct column *const TABLES[] = { CSV_REFERRAL, CSV_STATUS };
	struct arena *mem = arena_new(1 << 16);
	struct record *record = record_new(mem, "record");

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		for (const struct column *c = TABLES[i]; c->name; c++) {
			const char *inner = c->conv == COLUMN_ID ? "[0].value" : "";

			if (!c->path)
				continue;
			assert_int_equal(record_set(record, mem, arena_fmt(mem, "%s%s", c->path, inner), NULL, NULL), OK);
			assert_string_equal(csv_column_of(c->path), c->name);
		}
	}
	assert_string_equal(csv_column_of("referral.child.ids[0].value"), "id_number");
	assert_string_equal(csv_column_of("referral.native_id"), "referral_no");
	assert_string_equal(csv_column_of("status.native_id"), "referral_no");
	assert_string_equal(csv_column_of("confirms"), "msg_id");
	assert_null(csv_column_of("referral.child.birth_date_accuracy"));
	arena_free(mem);
}

/* Bulgarian words stand for codes in any case, and each for a code that exists. */
static void
words(void **state)
{
	(void)state;
	assert_string_equal(csv_code_of_word("gender", "Ж"), "female");
	assert_string_equal(csv_code_of_word("relation", "МАЙКА"), "mother");
	assert_string_equal(csv_code_of_word("priority", "Спешен"), "emergency");
	assert_true(record_is_code("state", csv_code_of_word("state", "приет")));
	assert_null(csv_code_of_word("gender", "майка"));
	assert_null(csv_code_of_word("gender", ""));
}

/* A word that stands in several lists is the code of the list that is asked. */
static void
words_among(void **state)
{
	static const char *const gender[] = { "male", "female", NULL }, *const id_type[] = { "EGN", "LNCH", NULL };
	struct arena *mem = arena_new(1024);

	(void)state;
	assert_string_equal(csv_code_of_word_among(gender, "1"), "male");
	assert_string_equal(csv_code_of_word_among(id_type, "1"), "EGN");
	assert_string_equal(csv_code_of_word_among(id_type, "ЛНЧ"), "LNCH");
	assert_null(csv_code_of_word_among(gender, "друг"));
	assert_null(csv_code_of_word_among(gender, "ж, но с повече от шестдесет и три байта в думата, която никой не е писал"));
	assert_string_equal(csv_lower("ДА Z9", mem), "да z9");
	arena_free(mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths),
		cmocka_unit_test(words),
		cmocka_unit_test(words_among),
	};

	return cmocka_run_group_tests_name("csv_columns", tests, NULL, NULL);
}
