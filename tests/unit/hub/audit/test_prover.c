/* SPDX-License-Identifier: EUPL-1.2 */
/* prover - inclusion proofs */
#include "tests/support/audit_desk.h"
#include "hub/audit/prover.h"

/* Every entry has a proof that leads to the checkpoint's root, and its text holds all of it. */
static void
prover_all(void **state)
{
	struct desk *d = desk_new(30);
	struct inclusion p;
	struct hash leaf;
	struct span text;
	struct why why;

	d->source = log_source(d->l);
	for (uint64_t i = 0; i < d->source->size; i++) {
		assert_int_equal(prover_make(d->source, i, d->l->w->mem, &p, &why), OK);
		leaf_hash(p.leaf, &leaf);
		assert_true(merkle_check_inclusion(&leaf, i, p.size, p.path, p.n_path, &p.root));
	}
	assert_int_equal(prover_text(&p, d->l->w->mem, &text), OK);
	assert_memory_equal(text.p, "c2sp.org/tlog-proof@v1\nextra ", 29);
	assert_memory_equal(text.p + text.n - p.checkpoint.n, p.checkpoint.p, p.checkpoint.n);
	assert_int_equal(prover_make(d->source, d->source->size, d->l->w->mem, &p, &why), ERR_NOTFOUND);
	desk_free(d);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prover_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
