/* SPDX-License-Identifier: EUPL-1.2 */
/* test_json_write - a record into JSON text that any parser takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "adapters/social/social.h"
#include "tests/support/arena_fixture.h"

/* Every character that a text may hold comes back the same through a parser. */
static void
text_escapes_what_json_must(void **state)
{
	char every[0x80 + 32];
	size_t n = 0;
	struct buf b;
	json_t *root;

	(void)state;
	for (int c = 1; c < 0x80; c++)
		every[n++] = (char)c;
	strcpy(every + n, "Ж€😀");
	buf_init(&b, mem);
	buf_u8(&b, '{');
	social_json_member(&b, "t", every);
	buf_u8(&b, '}');
	root = json_loads(buf_text(&b), 0, NULL);
	assert_non_null(root);
	assert_string_equal(json_string_value(json_object_get(root, "t")), every);
	json_decref(root);
}

/* Commas stand between members and items, and nowhere else; what is absent leaves no trace. */
static void
members_are_separated(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, mem);
	buf_u8(&b, '{');
	social_json_member(&b, "none", NULL);
	social_json_number(&b, "n", UINT64_MAX);
	social_json_time(&b, "never", 0);
	social_json_time(&b, "at", 1000);
	social_json_bool(&b, "b", false);
	social_json_key(&b, "l");
	buf_str(&b, "[");
	social_json_comma(&b);
	social_json_text(&b, "x");
	social_json_comma(&b);
	social_json_text(&b, "{");
	buf_str(&b, "]}");
	assert_string_equal(buf_text(&b), "{\"n\":18446744073709551615,\"at\":\"1970-01-01T00:00:01Z\",\"b\":false,"
					  "\"l\":[\"x\",\"{\"]}");
}

/* A message is written in the order of its description, numbers and truths as such. */
static void
message_is_written_by_its_description(void **state)
{
	struct record *record = record_new(mem, "record");
	struct buf b;

	(void)state;
	assert_int_equal(record_set(record, mem, "status.waitlist.band", "б", NULL), OK);
	assert_int_equal(record_set(record, mem, "status.waitlist.position", "0", NULL), OK);
	assert_int_equal(record_set(record, mem, "status.questions[0].text", "Кога?", NULL), OK);
	assert_int_equal(record_set(record, mem, "status.answer_by", "2026-03-02T10:00:00Z", NULL), OK);
	buf_init(&b, mem);
	social_json_message(&b, record_type_by_name("status"), record->status);
	assert_string_equal(buf_text(&b), "{\"waitlist\":{\"position\":0,\"band\":\"б\"},\"questions\":[{\"text\":\"Кога?\"}],"
					  "\"answer_by\":\"2026-03-02T10:00:00Z\"}");
}

/* A full arena gives an error and no half text. */
static void
finish_tells_a_full_arena(void **state)
{
	struct arena *small = arena_new(64);
	struct native native;
	struct buf b;

	(void)state;
	buf_init(&b, small);
	for (int i = 0; i < 100; i++)
		social_json_text(&b, "0123456789");
	assert_int_equal(social_json_finish(&b, 200, "application/json", &native), ERR_TOOBIG);
	assert_null(native.bytes.p);
	arena_free(small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(text_escapes_what_json_must, setup, teardown),
		cmocka_unit_test_setup_teardown(members_are_separated, setup, teardown),
		cmocka_unit_test_setup_teardown(message_is_written_by_its_description, setup, teardown),
		cmocka_unit_test_setup_teardown(finish_tells_a_full_arena, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
