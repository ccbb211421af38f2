/* SPDX-License-Identifier: EUPL-1.2 */
/* show - the command */
#include "tests/support/audit_desk.h"
#include "hub/audit/show.h"
#include "hub/audit/opening.h"

static const struct command command = { "show", "[DIR] ID", show_options, { "", "" }, show_message };

/* One message is shown with its stages and proof; another id is not found. */
static void
show_one(void **state)
{
	struct desk *d = desk_new(1);
	struct log_message m;
	char id[MSGID_TEXT_LEN];

	m = log_submit(d->l, NULL);
	(void)log_receipt(d->l, &m, STAGE_REGISTERED);
	log_commit(d->l);
	desk_export(d);
	msgid_format(&m.header.id, id);
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "show", d->dir, id, NULL }), 0);
	assert_non_null(strstr(d->out, "registered"));
	assert_non_null(strstr(d->out, "Proof: leaf"));
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "show", d->dir, id, "--json", NULL }), 0);
	assert_non_null(strstr(d->out, "\"proof\""));
	id[35] ^= 1;
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "show", d->dir, id, NULL }), 1);
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "show", d->dir, "x", NULL }), EXIT_USAGE);
	desk_free(d);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(show_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
