/* SPDX-License-Identifier: EUPL-1.2 */
/* exporter - a log as files */
#include "tests/support/audit_desk.h"
#include "hub/audit/image.h"
#include "hub/audit/layout.h"

static enum err
refuse(void *arg, const char *name, struct span bytes, struct why *why)
{
	unsigned *left = arg;

	(void)name;
	(void)bytes;
	return (*left)-- == 0 ? why_set(why, ERR_FULL, NULL, "full") : OK;
}

/* The same log gives the same files, the checkpoint last. */
static void
exporter_repeats(void **state)
{
	struct desk *d = desk_new(6);
	struct image *one, *two;

	d->source = log_source(d->l);
	one = log_image(d->source);
	two = log_image(d->source);
	assert_int_equal(one->n, two->n);
	for (size_t i = 0; i < one->n; i++) {
		assert_string_equal(one->files[i].name, two->files[i].name);
		assert_true(span_eq(one->files[i].bytes, two->files[i].bytes));
	}
	assert_int_not_equal(image_find(one, LAYOUT_CHECKPOINT), IMAGE_NONE);
	image_free(one);
	image_free(two);
	desk_free(d);
	(void)state;
}

/* Wherever writing fails, the export ends with that error. */
static void
exporter_fails(void **state)
{
	struct desk *d = desk_new(3);
	struct why why;
	unsigned left;

	d->source = log_source(d->l);
	for (unsigned at = 0; at < 12; at++) {
		left = at;
		assert_int_equal(exporter_run(d->source, refuse, &left, &why), ERR_FULL);
	}
	desk_free(d);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exporter_repeats),
		cmocka_unit_test(exporter_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
