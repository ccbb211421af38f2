/* SPDX-License-Identifier: EUPL-1.2 */
/* Tests of hub/ctl/view.c: one object as tables and as JSON. */
#include "hub/ctl/view.h"

#include <jansson.h>
#include <locale.h>

#include "tests/unit/hub/ctl/ctl_world.h"

static const char *shown;

static int
show(const struct call *call)
{
	return view_show(call, json_loads(shown, 0, NULL));
}

static const struct command_option options[] = { { "json", NULL, false, { "", "" } }, { .name = NULL } };
static const struct command command = { "show", NULL, options, { "", "" }, .run = show };

/* Names are in the language asked for, times readable, columns of Cyrillic as wide as they look. */
static void
view_show_tables(void **state)
{
	struct world *w = *state;

	shown = "{\"version\": \"1\", \"uptime_ms\": 90061000, \"tree\": {\"size\": 4}, \"none\": null,"
		"\"agencies\": [{\"name\": \"Пловдив\", \"queued\": 3}, {\"name\": \"x\", \"oldest_queued_ms\": 61000, \"asks\": \"late-offer\"}]}";
	assert_int_equal(WORLD_RUN(w, &command, "show", "--lang", "bg"), EXIT_OK);
	assert_non_null(strstr(w->out, "работи от         1d 01h 01m"));
	assert_non_null(strstr(w->out, "записи в дневника 4"));
	assert_non_null(strstr(w->out, "институции\nиме "));
	assert_non_null(strstr(w->out, "1m 01s"));
	assert_non_null(strstr(w->out, "Пловдив      3"));
	assert_non_null(strstr(w->out, "x            -"));
	assert_non_null(strstr(w->out, "иска се"));
	assert_non_null(strstr(w->out, "отговор на късно предложение"));
	w->call.lang = LANG_EN;
	assert_int_equal(WORLD_RUN(w, &command, "show"), EXIT_OK);
	assert_non_null(strstr(w->out, "running for"));
}

/* JSON is the same object, whole. */
static void
view_show_json(void **state)
{
	struct world *w = *state;
	json_t *back, *want;

	shown = "{\"a\": [1, \"две\", null], \"b\": {\"c\": true}}";
	assert_int_equal(WORLD_RUN(w, &command, "show", "--json"), EXIT_OK);
	back = json_loads(w->out, 0, NULL);
	want = json_loads(shown, 0, NULL);
	assert_true(json_equal(back, want));
	json_decref(back);
	json_decref(want);
}

/* Times are of where people are; what is no time stays. */
static void
view_local_times_are_local(void **state)
{
	json_t *rows = json_loads("[{\"due\": \"2026-07-01T10:00:00Z\"}, {\"due\": \"soon\"}, {}]", 0, NULL);

	(void)state;
	view_local_times(rows, "due");
	assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 0), "due")), "2026-07-01T13:00:00+03:00");
	assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 1), "due")), "soon");
	json_decref(rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(view_show_tables, world_open, world_close),
		cmocka_unit_test_setup_teardown(view_show_json, world_open, world_close),
		cmocka_unit_test(view_local_times_are_local),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
