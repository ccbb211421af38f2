/* SPDX-License-Identifier: EUPL-1.2 */
/* source - what stores and exports have in common */
#include "tests/support/audit_desk.h"

/* Head and body joined are the envelope as it was submitted, of any length. */
static void
source_joins(void **state)
{
	struct desk *d = desk_new(1);
	struct envelope env;
	struct span whole, head;

	static const size_t lengths[] = { 1, 127, 128, 1040, 16383, 16384, 70000 };
	struct world *w = d->l->w;

	env = world_seal(w, 1);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		env.body = SPAN(arena_alloc(w->mem, lengths[i]), lengths[i]);
		assert_int_equal(envelope_encode(&env, w->mem, &whole), OK);
		env.body = SPAN_NONE;
		assert_int_equal(envelope_encode(&env, w->mem, &head), OK);
		assert_true(span_eq(source_join(head, SPAN(arena_alloc(w->mem, lengths[i]), lengths[i]), w->mem), whole));
	}
	assert_true(span_eq(source_join(head, SPAN_NONE, w->mem), head));
	desk_free(d);
	(void)state;
}

/* Every size belongs to one bundle of checkpoints. */
static void
source_bundles(void **state)
{
	uint64_t first, last, next = 0;

	for (uint64_t n = 0; n < 4; n++) {
		source_bundle_sizes(n, &first, &last);
		assert_int_equal(first, next);
		next = last + 1;
	}
	assert_int_equal(next, 4 * 256 + 1);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(source_joins),
		cmocka_unit_test(source_bundles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
