/* SPDX-License-Identifier: EUPL-1.2 */
/* rules_check - each slip that a machine can see is refused before anybody signs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/rules_sample.h"

static struct rules r;
static struct rule_send sends[2];
static struct rule_deadline deadlines[2];

static void
begin(void)
{
	r = sample_rules();
	memcpy(sends, r.sends, sizeof(sends));
	memcpy(deadlines, r.deadlines, sizeof(deadlines));
	r.sends = sends;
	r.deadlines = deadlines;
	assert_int_equal(rules_check(&r, NULL), OK);
}

static void
assert_bad(const char *where)
{
	struct why why;

	assert_int_equal(rules_check(&r, &why), ERR_FORMAT);
	assert_string_equal(why.where, where);
	begin();
}

/* Kinds and who may refer: codes, in order, none twice, to somebody. */
static void
test_sends(void **state)
{
	const char *twice[] = { "mentoring", "mentoring" }, *odd[] = { "Mentoring" }, *star[] = { "*" }, *down[] = { "ozd", "cop" };

	(void)state;
	begin();
	r.kinds = twice;
	assert_bad("rules.kinds");
	r.kinds = odd;
	r.n_kinds = 1;
	assert_bad("rules.kinds");
	r.kinds = star;
	r.n_kinds = 1;
	assert_bad("rules.kinds");
	sends[0].from = "Ozd";
	assert_bad("rules.send");
	sends[0].service = NULL;
	assert_bad("rules.send");
	sends[0].n_to = 0;
	assert_bad("rules.send");
	sends[0].from = "school";
	sends[0].service = "attendance-support";
	assert_bad("rules.send");
	sends[0].from = "teacher";
	assert_bad("rules.send");
	sends[0].to = down;
	sends[0].n_to = 2;
	assert_bad("rules.send.to");
	r.n_sends = RULES_SENDS_MAX + 1;
	assert_bad("rules");
}

/* Deadlines: a priority, codes, and at least one term that is one. */
static void
test_deadlines(void **state)
{
	(void)state;
	begin();
	deadlines[0].priority = 4;
	assert_bad("rules.deadlines");
	deadlines[0].service_kind = "no such thing";
	assert_bad("rules.deadlines");
	deadlines[1].municipality = "Plovdiv";
	assert_bad("rules.deadlines");
	deadlines[0].respond_by.ms = -1;
	assert_bad("rules.deadlines");
	deadlines[0].respond_by.ms = RULES_TERM_MAX_MS + 1;
	assert_bad("rules.deadlines");
	deadlines[0].registered_by.working_days = RULES_WORKING_DAYS_MAX + 1;
	assert_bad("rules.deadlines");
	deadlines[0].registered_by.ms = 1;
	assert_bad("rules.deadlines");
	deadlines[1].respond_by.ms = deadlines[1].expires.ms = 0;
	assert_bad("rules.deadlines");
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_sends), cmocka_unit_test(test_deadlines) };

	return cmocka_run_group_tests_name("rules_check", tests, NULL, NULL);
}
