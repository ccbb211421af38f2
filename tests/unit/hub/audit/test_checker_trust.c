/* SPDX-License-Identifier: EUPL-1.2 */
/* checker_trust - who is believed */
#include "tests/support/audit_desk.h"

/* Other registrars than those who signed: the directory is found, and nothing else is judged. */
static void
trust_strangers(void **state)
{
	struct desk *d = desk_new(1);
	struct note_verifier stranger;
	struct trust trust;
	struct checker_input input;
	struct why why = { .where = "" };

	stranger = (struct note_verifier){ "stranger", *key_public(d->l->w->witness[0]) };
	trust = (struct trust){ &stranger, 1, 1 };
	d->source = log_source(d->l);
	input = (struct checker_input){ .source = d->source, .trust = &trust };
	assert_int_equal(checker_run(&input, &d->findings, &d->counts, &why), OK);
	assert_int_equal(d->findings.n, 1);
	assert_int_equal(d->findings.items[0].id, FOUND_DIRECTORY);
	assert_int_equal(d->counts.leaves, 0);
	desk_free(d);
	(void)state;
}

/* A threshold that the signatures do not reach is found. */
static void
trust_threshold(void **state)
{
	struct desk *d = desk_new(1);
	struct trust trust;
	struct checker_input input;
	struct why why = { .where = "" };

	trust = log_trusted(d->l);
	trust.threshold = 3;
	d->source = log_source(d->l);
	input = (struct checker_input){ .source = d->source, .trust = &trust };
	assert_int_equal(checker_run(&input, &d->findings, &d->counts, &why), OK);
	assert_int_equal(d->findings.items[0].id, FOUND_DIRECTORY);
	desk_free(d);
	(void)state;
}

/* A signature line in the directory that nobody needs is found. */
static void
trust_exact(void **state)
{
	struct desk *d = desk_new(1);
	struct span note;

	assert_int_equal(note_add(d->l->w->note, &(struct note_signer){ "somebody", d->l->w->witness[0] }, d->l->w->mem, &note), OK);
	d->source = log_source(d->l);
	d->source->directories.items[0].bytes = note;
	desk_judge_source(d, d->source);
	assert_int_equal(d->findings.items[0].id, FOUND_DIRECTORY);
	desk_free(d);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trust_strangers),
		cmocka_unit_test(trust_threshold),
		cmocka_unit_test(trust_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
