/* SPDX-License-Identifier: EUPL-1.2 */
/* export - the command */
#include "tests/support/audit_desk.h"
#include "hub/audit/export.h"
#include "hub/audit/opening.h"

static const struct command command = { "export", NULL, export_options, { "", "" }, export_log };

/* A folder that is there is not written into; a configuration that is missing is told. */
static void
export_refuses(void **state)
{
	struct desk *d = desk_new(1);
	struct why why;

	desk_export(d);
	assert_int_equal(export_make_dir(d->dir, &why), ERR_EXISTS);
	assert_int_equal(export_put_file(d->dir, "format", SPAN_LIT("x"), &why), ERR_EXISTS);
	assert_int_equal(export_put_file(d->dir, "a/b/c", SPAN_LIT("x"), &why), OK);
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "export", "--config", "/nonexistent", "--out", d->dir, NULL }), 1);
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "export", "--out", d->dir, NULL }), EXIT_USAGE);
	desk_free(d);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(export_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
