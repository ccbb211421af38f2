/* SPDX-License-Identifier: EUPL-1.2 */
/* replay - the command */
#include "tests/support/audit_desk.h"
#include "hub/audit/replay.h"
#include "hub/audit/opening.h"

static const struct command command = { "replay", "[DIR]", replay_options, { "", "" }, replay_log };

/* Filters come from the command line; a kind needs a key; what does not verify is not shown. */
static void
replay_runs(void **state)
{
	struct desk *d = desk_new(5);

	desk_export(d);
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "replay", d->dir, "--json", NULL }), 0);
	assert_non_null(strstr(d->out, "\"events\""));
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "replay", d->dir, "--agency", "nobody", NULL }), 0);
	assert_non_null(strstr(d->err, "No event matches"));
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "replay", d->dir, "--kind", "referral", NULL }), EXIT_USAGE);
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "replay", d->dir, "--thread", "xyz", NULL }), EXIT_USAGE);
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "replay", d->dir, "--from", "yesterday", NULL }), EXIT_USAGE);
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "replay", d->dir, "--json", "--csv", NULL }), EXIT_USAGE);
	desk_damage(d, "checkpoint", 30);
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "replay", d->dir, "--trust", d->trust, NULL }), EXIT_TAMPERED);
	assert_int_equal(d->out_n, 0);
	desk_free(d);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replay_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
