/* SPDX-License-Identifier: EUPL-1.2 */
/* The seeded bugs: nothing of them in an ordinary build; in the other one, the one that is named. */
#include "proto/base/bug.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* An ordinary build holds the constant false; one with bugs has exactly the one that is named. */
static void
bug_is_as_built(void **state)
{
	(void)state;
#ifdef NASOKA_SEEDED_BUGS
	int status;

	if (fork() == 0) {
		setenv("NASOKA_BUG", "skip-sync", 1);
		_exit(bug(BUG_SKIP_SYNC) && !bug(BUG_ORDER_BROKEN) ? 0 : 1);
	}
	assert_true(wait(&status) > 0 && status == 0);
#else
	_Static_assert(!bug(BUG_THAT_NOBODY_KNOWS), "not even its name is read");
	assert_false(bug(BUG_THAT_NOBODY_KNOWS));
#endif
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(bug_is_as_built) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
