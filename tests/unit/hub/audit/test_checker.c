/* SPDX-License-Identifier: EUPL-1.2 */
/* checker - a whole log judged, as store and as export */
#include "tests/support/audit_desk.h"
#include "hub/audit/image.h"

/* A log as the hub writes it verifies, from the store and from its export, with the same counts. */
static void
checker_passes(void **state)
{
	struct desk *d = desk_new(40);
	struct checker_counts store;
	struct image *image;
	struct source *s;
	struct why why;

	desk_judge(d);
	assert_int_equal(d->findings.n, 0);
	assert_int_equal(d->counts.submits, 40);
	assert_int_equal(d->counts.signatures, d->counts.envelopes);
	assert_int_equal(d->counts.unsigned_leaves, 0);
	assert_string_equal(d->counts.origin, "hub.example/plovdiv");
	store = d->counts;
	image = log_image(d->source);
	assert_int_equal(source_open_export(image, &s, &why), OK);
	desk_judge_source(d, s);
	assert_int_equal(d->findings.n, 0);
	assert_int_equal(d->counts.leaves, store.leaves);
	assert_int_equal(d->counts.registered, store.registered);
	assert_true(hash_eq(&d->counts.root, &store.root));
	source_close(s);
	image_free(image);
	desk_free(d);
	(void)state;
}

/* A file that belongs nowhere is found. */
static void
checker_strays(void **state)
{
	struct desk *d = desk_new(2);
	struct image *image;
	struct source *s;
	struct why why;

	d->source = log_source(d->l);
	image = log_image(d->source);
	assert_int_equal(image_add(image, "message/zzz", SPAN_LIT("x")), OK);
	image_sort(image);
	assert_int_equal(source_open_export(image, &s, &why), OK);
	desk_judge_source(d, s);
	assert_int_equal(d->findings.n, 1);
	assert_int_equal(d->findings.items[0].id, FOUND_UNKNOWN_FILE);
	source_close(s);
	image_free(image);
	desk_free(d);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checker_passes),
		cmocka_unit_test(checker_strays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
