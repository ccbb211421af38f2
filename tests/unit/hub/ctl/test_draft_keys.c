/* SPDX-License-Identifier: EUPL-1.2 */
/* Tests of hub/ctl/draft_keys.c: public keys as text, and tables that explain themselves. */
#include "hub/ctl/draft_keys.h"

#include "tests/unit/hub/ctl/ctl_world.h"

/* Only the one spelling of 32 bytes is a key. */
static void
draft_keys_parse_strict(void **state)
{
	static const char *const wrong[] = { "", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=",
					     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
					     " AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" };
	struct public_key key;

	(void)state;
	assert_true(draft_keys_parse("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", &key));
	assert_int_equal(key.b[0], 1);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(draft_keys_parse(wrong[i], &key));
}

/* What is required says what it is and how to give it. */
static void
draft_keys_explain(void **state)
{
	const struct bind_row *const tables[] = { draft_keys, draft_keys_hub, draft_keys_agency, draft_keys_auditor };

	(void)state;
	for (size_t i = 0; i < 4; i++)
		for (const struct bind_row *row = tables[i]; row->path != NULL; row++)
			if ((row->flags & BIND_REQUIRED) && (row->help == NULL || row->hint == NULL))
				fail_msg("%s", row->path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(draft_keys_parse_strict),
		cmocka_unit_test(draft_keys_explain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
