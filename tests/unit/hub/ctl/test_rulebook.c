/* SPDX-License-Identifier: EUPL-1.2 */
/* Tests of hub/ctl/rulebook.c: the programme's rules as people write them, right and wrong. */
#include "hub/ctl/rulebook.h"

#include "proto/programme.h"

#include "tests/unit/hub/ctl/ctl_world.h"

static enum err
load(struct world *w, const char *text, struct rules *ret_rules)
{
	enum err e;

	rewind(w->call.err);
	e = rulebook_load(world_file(w, "rules.yaml", text), LANG_EN, w->call.err, w->mem, ret_rules);
	fputc('\0', w->call.err);
	fflush(w->call.err);
	return e;
}

/* As a directory can hold them: sorted, and a row for each service. */
static void
rulebook_sorts(void **state)
{
	struct world *w = *state;
	struct rules r;

	assert_int_equal(load(w, "kinds: [psych-counselling, mentoring]\n"
				 "send:\n  - { from: school, service: [mentoring, attendance-support], to: [ozd, cop] }\n"
				 "  - { from: '*', to: ['*'] }\n"
				 "deadlines:\n  - { priority: urgent, respond_by: 6h }\n  - { municipality: PDV22, registered_by: 3 working days }\n", &r), OK);
	assert_int_equal(rules_check(&r, NULL), OK);
	assert_string_equal(r.kinds[0], "mentoring");
	assert_int_equal(r.n_sends, 3);
	assert_string_equal(r.sends[0].from, "*");
	assert_string_equal(r.sends[0].service, "*");
	assert_string_equal(r.sends[1].service, "attendance-support");
	assert_string_equal(r.sends[2].to[0], "cop");
	assert_true(r.deadlines[0].priority == 2 && r.deadlines[0].respond_by.ms == 6 * CLOCK_HOUR);
	assert_int_equal(r.deadlines[1].registered_by.working_days, 3);
}

/* Kinds of the programme's lists only, told with their place. */
static void
rulebook_refuses(void **state)
{
	static const struct { const char *text, *said; } bad[] = {
		{ "kinds: [magic]\n", ":1:" },
		{ "\nsend: [{ from: wizard, to: [ozd] }]\n", ":2:" },
		{ "send: [{ from: ozd, to: [] }]\n", "send" },
		{ "send: [{ from: ozd, service: [magic], to: [cop] }]\n", "magic" },
		{ "deadlines: [{ respond_by: soon }]\n", "respond_by" },
		{ "deadlines: [{ priority: high, respond_by: 1d }]\n", "priority" },
		{ "colour: blue\n", "colour" },
	};
	struct world *w = *state;
	struct rules r;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(load(w, bad[i].text, &r), ERR_CONFIG);
		if (strstr(w->err, bad[i].said) == NULL)
			fail_msg("%s: %s", bad[i].text, w->err);
	}
}

/* Who writes a kind that is none is told all that are, of services and of agencies. */
static void
rulebook_tells_the_kinds(void **state)
{
	struct world *w = *state;
	struct rules r;

	assert_int_not_equal(load(w, "send: [{ from: wizard, to: [ozd] }]\nkinds: [magic]\n", &r), OK);
	for (size_t i = 0; programme_agency_kind_at(i) != NULL; i++)
		assert_non_null(strstr(w->err, programme_agency_kind_at(i)->code));
	for (size_t i = 0; programme_service_at(i) != NULL; i++)
		assert_non_null(strstr(w->err, programme_service_at(i)->code));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rulebook_sorts, world_open, world_close),
		cmocka_unit_test_setup_teardown(rulebook_refuses, world_open, world_close),
		cmocka_unit_test_setup_teardown(rulebook_tells_the_kinds, world_open, world_close),
	};

	return cmocka_run_group_tests_name("rulebook", tests, NULL, NULL);
}
