/* SPDX-License-Identifier: EUPL-1.2 */
/* verify - the command */
#include "tests/support/audit_desk.h"
#include "hub/audit/verify.h"
#include "hub/audit/opening.h"

static const struct command command = { "verify", "[DIR]", verify_options, { "", "" }, verify_log };

/* An untouched export exits 0, a damaged one 3 and names the place, wrong usage 2, no export 1. */
static void
verify_exits(void **state)
{
	struct desk *d = desk_new(5);

	desk_export(d);
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "verify", d->dir, "--trust", d->trust, NULL }), 0);
	assert_non_null(strstr(d->out, "The log verifies"));
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "verify", d->dir, NULL }), EXIT_USAGE);
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "verify", NULL }), EXIT_USAGE);
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "verify", "/nonexistent", "--trust", d->trust, NULL }), 1);
	desk_damage(d, "message/005.head", 40);
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "verify", d->dir, "--trust", d->trust, NULL }), EXIT_TAMPERED);
	assert_non_null(strstr(d->out, "message/005.head"));
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "verify", d->dir, "--trust", d->trust, "--json", NULL }), EXIT_TAMPERED);
	assert_non_null(strstr(d->out, "\"verifies\": false"));
	desk_free(d);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verify_exits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
