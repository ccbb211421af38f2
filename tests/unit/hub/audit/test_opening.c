/* SPDX-License-Identifier: EUPL-1.2 */
/* opening - what a command line names */
#include "tests/support/audit_desk.h"
#include "hub/audit/opening.h"

/* The registrars' file is read; a folder and a configuration together are wrong usage. */
static void
opening_trusts(void **state)
{
	struct desk *d = desk_new(1);
	static const struct command_option options[] = { { "config", "FILE", false, { "", "" } }, { .name = NULL } };
	const struct command command = { .words = "x", .operand = "[DIR]", .options = options };
	struct call both = { .command = &command, .values = { "a" }, .operand = "b" };
	struct trust trust;
	struct source *s;
	struct why why;

	desk_export(d);
	assert_int_equal(opening_trust(d->trust, d->l->w->mem, &trust, &why), OK);
	assert_int_equal(trust.n, WORLD_REGISTRARS);
	assert_int_equal(trust.threshold, 2);
	assert_int_equal(opening_trust("/nonexistent", d->l->w->mem, &trust, &why), ERR_NOTFOUND);
	assert_int_equal(opening_source(&both, &s, &why), ERR_UNSUPPORTED);
	both.values[0] = NULL;
	both.operand = d->dir;
	assert_int_equal(opening_source(&both, &s, &why), OK);
	opening_close(s);
	desk_free(d);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opening_trusts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
