/* SPDX-License-Identifier: EUPL-1.2 */
/* source_export - an export reads like the store that it was made from */
#include "tests/support/audit_desk.h"
#include "hub/audit/image.h"
#include "hub/audit/layout.h"

/* Every leaf, detail, envelope, checkpoint and subtree is the store's. */
static void
export_equals_store(void **state)
{
	struct desk *d = desk_new(120);
	struct image *image;
	struct source *x;
	struct source_entry a, b;
	struct place place;
	struct why why;
	struct arena *mem = arena_new((size_t)8 << 20);
	struct source_notes one, other;
	struct hash h, g;

	d->source = log_source(d->l);
	image = log_image(d->source);
	assert_int_equal(source_open_export(image, &x, &why), OK);
	assert_int_equal(x->size, d->source->size);
	for (uint64_t i = 0; i < x->size; i++) {
		arena_reset(mem);
		assert_int_equal(d->source->ops->entry(d->source, i, mem, &a, &place), OK);
		assert_int_equal(x->ops->entry(x, i, mem, &b, &place), OK);
		assert_memory_equal(a.leaf, b.leaf, LEAF_LEN);
		assert_true(span_eq(a.detail, b.detail) && span_eq(a.envelope, b.envelope) && span_eq(a.body, b.body));
	}
	for (unsigned level = 0; x->size >> level > 0; level++) {
		assert_true(source_node(x, level, (x->size >> level) - 1, &h));
		assert_true(source_node(d->source, level, (x->size >> level) - 1, &g));
		assert_true(hash_eq(&h, &g));
	}
	for (uint64_t n = 0; n <= x->size / 256; n++) {
		arena_reset(mem);
		assert_int_equal(d->source->ops->checkpoints(d->source, n, mem, &one, &place), OK);
		assert_int_equal(x->ops->checkpoints(x, n, mem, &other, &place), OK);
		assert_int_equal(one.n, other.n);
	}
	assert_false(source_node(x, 0, x->size, &h));
	source_close(x);
	image_free(image);
	arena_free(mem);
	desk_free(d);
	(void)state;
}

/* A bundle with a byte behind its last item gives that item no more. */
static void
export_trailing(void **state)
{
	struct desk *d = desk_new(2);
	struct image *image;
	struct source *x;
	struct source_entry a, b;
	struct place place;
	struct why why;
	char name[LAYOUT_NAME_MAX];
	size_t i;

	d->source = log_source(d->l);
	image = log_image(d->source);
	i = image_find(image, layout_details(0, (unsigned)d->source->size, name));
	image->files[i].bytes.p = memcpy(arena_alloc(d->l->w->mem, image->files[i].bytes.n + 1), image->files[i].bytes.p, image->files[i].bytes.n);
	image->files[i].bytes.n++;
	assert_int_equal(source_open_export(image, &x, &why), OK);
	assert_int_equal(x->ops->entry(x, x->size - 2, d->l->w->mem, &a, &place), OK);
	assert_int_equal(x->ops->entry(x, x->size - 1, d->l->w->mem, &a, &place), ERR_FORMAT);
	source_close(x);
	image_free(image);
	(void)b;
	desk_free(d);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(export_equals_store),
		cmocka_unit_test(export_trailing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
