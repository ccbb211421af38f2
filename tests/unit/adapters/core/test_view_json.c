/* SPDX-License-Identifier: EUPL-1.2 */
/* What every view says alike: nothing is absent, times are texts, an answer is JSON in the caller's memory. */
#include "adapters/core/view_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "tests/support/arena_fixture.h"

/* A text or a time that there is not makes no member; what there is makes one. */
static void
members(void **state)
{
	json_t *o = json_object();

	(void)state;
	view_json_text(o, "none", NULL);
	view_json_text(o, "empty", "");
	view_json_time(o, "never", 0);
	assert_int_equal(json_object_size(o), 0);
	view_json_text(o, "name", "Асеновград");
	view_json_time(o, "at", INT64_C(1772442000000));
	assert_int_equal(json_object_size(o), 2);
	assert_string_equal(json_string_value(json_object_get(o, "name")), "Асеновград");
	assert_string_equal(json_string_value(json_object_get(o, "at")), "2026-03-02T09:00:00Z");
	json_decref(o);
}

/* An answer says what it is, and its bytes live in the caller's memory. */
static void
answer_whole(void **state)
{
	struct native answer = { .status = 0 };

	(void)state;
	arena_reset(mem);
	assert_int_equal(view_json_answer(json_pack("{s:i}", "n", 3), 202, mem, &answer), OK);
	assert_int_equal(answer.format, FORMAT_JSON);
	assert_int_equal(answer.status, 202);
	assert_string_equal(answer.media_type, "application/json");
	assert_true(span_eq(answer.bytes, span_str("{\"n\":3}")));
}

/* What the memory cannot hold, or JSON cannot say, is refused; the tree is gone all the same, and the answer untouched. */
static void
answer_no_room(void **state)
{
	struct native answer = { .status = 99 };
	struct arena *small = arena_new(1024);
	char text[2048];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(view_json_answer(json_pack("{s:s}", "text", text), 200, small, &answer), ERR_TOOBIG);
	assert_int_equal(view_json_answer(NULL, 200, small, &answer), ERR_TOOBIG);
	assert_int_equal(answer.status, 99);
	arena_free(small);
}

/* Of a name from outside no more is told again than looks like one. */
static void
name_is_cut(void **state)
{
	char to[VIEW_NAME_LEN], text[64];

	(void)state;
	view_json_name("shoe_size-2.x y", 15, to);
	assert_string_equal(to, "shoe_size-2.x");
	view_json_name("colour", 3, to);
	assert_string_equal(to, "col");
	view_json_name("\n{", 2, to);
	assert_string_equal(to, "");
	memset(text, 'a', sizeof(text));
	view_json_name(text, sizeof(text), to);
	assert_int_equal(strlen(to), VIEW_NAME_LEN - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members), cmocka_unit_test(answer_whole), cmocka_unit_test(answer_no_room),
		cmocka_unit_test(name_is_cut),
	};

	return cmocka_run_group_tests_name("view_json", tests, setup, teardown);
}
