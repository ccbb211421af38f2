/* SPDX-License-Identifier: EUPL-1.2 */
/* The two tables of keys as tables: what every row must have, whatever it says. */
#include "config/tables.h"

#include "tests/unit/config/config_world.h"

static const struct bind_row *const tables[] = { hub_config_rows, adapter_config_rows };

/* No key stands twice, none is both a value and a section, and each has its sentence. */
static void
keys_are_sound(void **state)
{
	const struct bind_row *a, *b;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		for (a = tables[i]; a->path != NULL; a++) {
			assert_true(a->type == BIND_SECTION || a->help != NULL);
			assert_true(!(a->flags & BIND_REQUIRED) || (a->hint != NULL && a->def == NULL));
			assert_true(a->type != BIND_ENUM || a->names != NULL);
			for (b = a + 1; b->path != NULL; b++) {
				size_t n = strlen(a->path);

				assert_string_not_equal(a->path, b->path);
				if (a->type != BIND_SECTION && strncmp(a->path, b->path, n) == 0 && b->path[n] == '.')
					fail_msg("%s", b->path);
			}
		}
	}
}

/* Keys of one section stand together in the table, so that the printer opens each section once. */
static void
keys_stand_together(void **state)
{
	const struct bind_row *a, *b;
	size_t i, n;

	(void)state;
	for (i = 0; i < 2; i++)
		for (a = tables[i]; a->path != NULL; a++)
			for (n = 0; a->path[n] != '\0'; n++) {
				bool left = false;

				for (b = a; a->path[n] == '.' && b->path != NULL; b++) {
					bool in = strncmp(a->path, b->path, n + 1) == 0 ||
						  (strncmp(a->path, b->path, n) == 0 && b->path[n] == '\0');

					if (in && left)
						fail_msg("%s stands apart from %s", b->path, a->path);
					left = left || !in;
				}
			}
}

/* Every default is one that the file itself might give: within its range, of its shape. */
static void
keys_defaults_are_right(void **state)
{
	struct world *w = *state;
	struct adapter_config adapter = { 0 };
	struct hub_config hub = { 0 };
	void *const into[] = { &hub, &adapter };
	struct node root = { .kind = NODE_MAP, .line = 1, .col = 1 };
	const struct bind_row *row;
	size_t i, p;

	for (i = 0; i < 2; i++) {
		struct binder b = { tables[i], into[i], &root, "/", w->mem, problems_new("t"), false };
		size_t required = 0;

		assert_int_equal(binder_run(&b), ERR_CONFIG);	/* a wrong default would end the test at its assertion */
		for (row = tables[i]; row->path != NULL; row++)
			required += (row->flags & BIND_REQUIRED) && binder_is_active(&b, row);
		assert_int_equal(problems_errors(b.problems), required);
		for (p = 0; p < required; p++)
			assert_int_equal(problems_get(b.problems, p)->id, PROBLEM_MISSING);
		problems_free(b.problems);
	}
	assert_int_equal(adapter.deadlines.emergency.registered_by.ms, 3600000);
	assert_int_equal(hub.transport.heartbeat_ms, 5000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_sound),
		cmocka_unit_test(keys_stand_together),
		cmocka_unit_test_setup_teardown(keys_defaults_are_right, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
