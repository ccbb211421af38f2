/* SPDX-License-Identifier: EUPL-1.2 */
/* balance - the command statement: an agency's messages and what became of them, from the log alone */
#include "tests/support/audit_desk.h"
#include "hub/audit/balance.h"
#include "hub/audit/opening.h"

#include <jansson.h>

static const struct command command = { "statement", "[DIR] AGENCY", balance_options, { "", "" }, balance_statement };

static json_t *
statement(struct desk *d, const char *agency, const char *option)
{
	json_t *root;

	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "statement", d->dir, (char *)(uintptr_t)agency, "--json",
							   (char *)(uintptr_t)option, NULL }), 0);
	root = json_loads(d->out, 0, NULL);
	assert_non_null(root);
	return root;
}

static const char *
text_of(json_t *root, size_t row, const char *name)
{
	return json_string_value(json_object_get(json_array_get(json_object_get(root, "messages"), row), name));
}

/* Sender and recipient see the same messages with their stages; what ended is left out with --open; who is no party sees none. */
static void
statement_shows(void **state)
{
	struct desk *d = desk_new(0);
	struct log_message done = log_submit(d->l, NULL), open = log_submit(d->l, &done);
	json_t *root, *stages;
	char id[MSGID_TEXT_LEN];

	(void)log_receipt(d->l, &done, STAGE_DELIVERED);
	(void)log_receipt(d->l, &done, STAGE_REGISTERED);
	(void)log_receipt(d->l, &open, STAGE_DELIVERED);
	log_commit(d->l);
	desk_export(d);
	for (unsigned i = 0; i < 2; i++) {
		root = statement(d, world_ids[i], NULL);
		assert_int_equal(json_array_size(json_object_get(root, "messages")), 2);
		assert_int_equal(json_integer_value(json_object_get(root, "open")), 1);
		msgid_format(&done.header.id, id);
		assert_string_equal(text_of(root, 0, "id"), id);
		assert_string_equal(text_of(root, 0, "to"), world_ids[1]);
		stages = json_object_get(json_array_get(json_object_get(root, "messages"), 0), "stages");
		assert_int_equal(json_array_size(stages), 2);
		assert_string_equal(json_string_value(json_array_get(stages, 1)), "registered");
		json_decref(root);
	}
	root = statement(d, world_ids[0], "--open");
	assert_int_equal(json_array_size(json_object_get(root, "messages")), 1);
	msgid_format(&open.header.id, id);
	assert_string_equal(text_of(root, 0, "id"), id);
	json_decref(root);
	root = statement(d, world_ids[2], NULL);
	assert_int_equal(json_array_size(json_object_get(root, "messages")), 0);
	json_decref(root);
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "statement", d->dir, (char *)(uintptr_t)world_ids[0], NULL }), 0);
	assert_non_null(strstr(d->out, "registered"));
	desk_free(d);
	(void)state;
}

/* A name that is none is wrong usage; with --trust a log that was altered is told and not read. */
static void
statement_refuses(void **state)
{
	struct desk *d = desk_new(3);

	desk_export(d);
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "statement", d->dir, "No Agency", NULL }), EXIT_USAGE);
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "statement", d->dir, "plovdiv-gp", "--trust", d->trust, NULL }), 0);
	desk_damage(d, "checkpoint", 30);
	assert_int_equal(desk_run(d, &command, (char *[]){ "x", "statement", d->dir, "plovdiv-gp", "--trust", d->trust, NULL }), EXIT_TAMPERED);
	desk_free(d);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(statement_shows), cmocka_unit_test(statement_refuses) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
