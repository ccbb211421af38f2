/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "adapters/health/child.h"

/* Only numbers of one type, and of one country, tell two children apart; one that agrees makes them one. */
static void
child_is_another_numbers(void **state)
{
	static const struct { struct person_id a[2], b[2]; bool is_another; } ROWS[] = {
		{ { { .type = "EGN", .value = "1" } }, { { .type = "EGN", .value = "2" } }, true },
		{ { { .type = "EGN", .value = "1" } }, { { .type = "EGN", .value = "1" } }, false },
		{ { { .type = "EGN", .value = "1" } }, { { .type = "LNCH", .value = "2" } }, false },
		{ { { .type = "EGN", .value = "1" }, { .type = "LNCH", .value = "3" } },
		  { { .type = "EGN", .value = "2" }, { .type = "LNCH", .value = "3" } }, false },
		{ { { .type = "EGN", .value = "1" }, { .type = "local", .value = "3" } },
		  { { .type = "EGN", .value = "2" }, { .type = "local", .value = "3" } }, true },
		{ { { .type = "local", .value = "1" } }, { { .type = "local", .value = "2" } }, false },
		{ { { .type = "other", .value = "1" } }, { { .type = "other", .value = "2" } }, false },
		{ { { .type = "EU", .value = "1", .country = "ROU" } }, { { .type = "EU", .value = "2", .country = "GRC" } }, false },
		{ { { .type = "EU", .value = "1", .country = "ROU" } }, { { .type = "EU", .value = "2" } }, true },
		{ { { .type = "passport", .value = "ab1" } }, { { .type = "passport", .value = "AB1" } }, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct person_id a[2] = { ROWS[i].a[0], ROWS[i].a[1] }, b[2] = { ROWS[i].b[0], ROWS[i].b[1] };
		struct person_id *as[2] = { &a[0], &a[1] }, *bs[2] = { &b[0], &b[1] };
		struct person x = { .ids = as, .n_ids = a[1].type ? 2 : 1 }, y = { .ids = bs, .n_ids = b[1].type ? 2 : 1 };

		if (child_is_another(&x, &y) != ROWS[i].is_another || child_is_another(&y, &x) != ROWS[i].is_another)
			fail_msg("row %zu", i);
		assert_false(child_is_another(&x, &(struct person){ .n_ids = 0 }));
		assert_false(child_is_another(NULL, &x));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(child_is_another_numbers),
	};

	return cmocka_run_group_tests_name("child", tests, NULL, NULL);
}
