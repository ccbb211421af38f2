/* SPDX-License-Identifier: EUPL-1.2 */
/* However many connections one key makes, a bounded number stands, and those that say nothing are named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "hub/lines.h"

#define SILENT_MS 1000

/* Admitted and heard ones count together, for each agency by itself; what is closed counts no more. */
static void
bounded_per_agency(void **state)
{
	struct lines *l = lines_new(3, 5, SILENT_MS);

	(void)state;
	for (int fd = 10; fd < 13; fd++) {
		lines_open(l, fd, 0);
		assert_true(lines_admit(l, "ozd", 0));
	}
	lines_open(l, 13, 0);
	assert_false(lines_admit(l, "ozd", 0));
	assert_true(lines_admit(l, "gp", 0));
	lines_open(l, 14, 0);
	lines_heard(l, 10, "ozd", 10);
	assert_int_equal(lines_of(l, "ozd", 10), 3);
	assert_false(lines_admit(l, "ozd", 10));
	lines_close(l, 10);
	assert_int_equal(lines_of(l, "ozd", 10), 2);
	assert_true(lines_admit(l, "ozd", 10));
	lines_open(l, 15, 10);
	assert_true(lines_admit(l, "gp", 10));
	lines_open(l, 16, 10);
	assert_false(lines_admit(l, "school", 10));	/* all together */
	lines_free(l);
}

/* An admission that is not heard is forgotten with the connection that it was for. */
static void
admissions_end(void **state)
{
	struct lines *l = lines_new(2, 10, SILENT_MS);

	(void)state;
	for (int fd = 3; fd < 8; fd++)
		lines_open(l, fd, 0);
	assert_true(lines_admit(l, "ozd", 0) && lines_admit(l, "ozd", 500));
	assert_false(lines_admit(l, "ozd", 999));
	assert_true(lines_admit(l, "ozd", 1000));
	assert_false(lines_admit(l, "ozd", 1001));
	assert_int_equal(lines_of(l, "ozd", 3000), 0);
	lines_free(l);
}

/* One that comes and goes and says nothing does not lock itself out. */
static void
closed_ones_are_forgotten(void **state)
{
	struct lines *l = lines_new(2, 10, SILENT_MS);

	(void)state;
	for (int i = 0; i < 20; i++) {
		lines_open(l, 5, i);
		assert_true(lines_admit(l, "ozd", i));
		lines_close(l, 5);
	}
	lines_free(l);
}

/* Each silent one is named once a period, heard ones are not, and none that is closed; a pause of our own is nobody's silence. */
static void
silent_ones_are_named(void **state)
{
	struct lines *l = lines_new(8, 8, SILENT_MS);

	(void)state;
	lines_open(l, 7, 0);
	lines_open(l, 300, 0);
	lines_open(l, 9, 0);
	lines_open(l, -1, 0);
	lines_open(l, LINES_FD_MAX, 0);
	lines_heard(l, 9, "ozd", 500);
	lines_heard(l, 8, "ozd", 500);		/* nobody's */
	assert_int_equal(lines_next_silent(l, 999), -1);
	assert_int_equal(lines_next_silent(l, 1000), 7);
	assert_int_equal(lines_next_silent(l, 1000), 300);
	assert_int_equal(lines_next_silent(l, 1000), -1);
	lines_close(l, 300);
	lines_refresh(l, 5000);
	assert_int_equal(lines_next_silent(l, 5500), -1);
	assert_int_equal(lines_next_silent(l, 6000), 7);
	assert_int_equal(lines_next_silent(l, 6000), 9);
	assert_int_equal(lines_next_silent(l, 6000), -1);
	lines_free(l);
	lines_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounded_per_agency),
		cmocka_unit_test(admissions_end),
		cmocka_unit_test(closed_ones_are_forgotten),
		cmocka_unit_test(silent_ones_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
