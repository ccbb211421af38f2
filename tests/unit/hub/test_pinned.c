/* SPDX-License-Identifier: EUPL-1.2 */
/* The trust file: a threshold and verifier keys, and nothing that is neither. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "hub/pinned.h"
#include "tests/support/hub_world.h"

/* What is right is taken, and what is not is refused with its line. */
static void
trust_is_parsed(void **state)
{
	struct world w;
	struct trust trust;
	struct why why;
	const char *key;

	(void)state;
	world_init(&w, 2);
	key = note_verifier_format(&w.verifier, w.mem);
	const struct { const char *text; enum err e; } table[] = {
		{ arena_fmt(w.mem, "# registrars\n\nthreshold 1\n%s\n", key), OK },
		{ arena_fmt(w.mem, "threshold 1\n%s", key), OK },
		{ arena_fmt(w.mem, "threshold 2\n%s\n", key), ERR_KEYFILE },
		{ arena_fmt(w.mem, "threshold 0\n%s\n", key), ERR_KEYFILE },
		{ arena_fmt(w.mem, "threshold 1x\n%s\n", key), ERR_KEYFILE },
		{ arena_fmt(w.mem, "threshold 1\nthreshold 1\n%s\n", key), ERR_KEYFILE },
		{ arena_fmt(w.mem, "%s\n", key), ERR_KEYFILE },
		{ "threshold 1\nnonsense\n", ERR_KEYFILE },
		{ "", ERR_KEYFILE },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_int_equal(pinned_parse(span_str(table[i].text), w.mem, &trust, &why), table[i].e);
	assert_int_equal(pinned_parse(span_str(table[0].text), w.mem, &trust, &why), OK);
	assert_true(trust.n == 1 && trust.threshold == 1);
	assert_memory_equal(trust.registrars[0].pub.b, w.verifier.pub.b, KEY_LEN);
	world_done(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(trust_is_parsed) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
