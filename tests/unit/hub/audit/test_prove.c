/* SPDX-License-Identifier: EUPL-1.2 */
/* prove - the command */
#include "tests/support/audit_desk.h"
#include "hub/audit/prove.h"
#include "hub/audit/opening.h"

static const struct command command = { "prove", "[DIR] ID", prove_options, { "", "" }, prove_message };

/* A proof goes to a new file or to standard output; an id that the log does not have has none. */
static void
prove_one(void **state)
{
	struct desk *d = desk_new(1);
	struct log_message m;
	char id[MSGID_TEXT_LEN], file[96];

	m = log_submit(d->l, NULL);
	log_commit(d->l);
	desk_export(d);
	msgid_format(&m.header.id, id);
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "prove", d->dir, id, NULL }), 0);
	assert_memory_equal(d->out, "c2sp.org/tlog-proof@v1\n", 23);
	(void)snprintf(file, sizeof(file), "%s/p.tlog-proof", d->dir);
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "prove", d->dir, id, "--out", file, NULL }), 0);
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "prove", d->dir, id, "--out", file, NULL }), 1);
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "prove", d->dir, "leaf:0", NULL }), 0);
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "prove", d->dir, "leaf:9999", NULL }), 1);
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "prove", d->dir, "leaf:x", NULL }), EXIT_USAGE);
	desk_free(d);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prove_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
