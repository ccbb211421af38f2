/* SPDX-License-Identifier: EUPL-1.2 */
/* image - files by name */
#include "tests/support/audit_desk.h"
#include "hub/audit/image.h"
#include <sys/stat.h>
#include <unistd.h>

/* A folder and memory hold the same export. */
static void
image_same(void **state)
{
	struct desk *d = desk_new(5);
	struct image *disk, *memory;
	struct span bytes;
	struct why why;

	desk_export(d);
	memory = log_image(d->source);
	assert_int_equal(image_open_dir(d->dir, &disk, &why), OK);
	assert_int_equal(disk->n, memory->n);
	for (size_t i = 0; i < disk->n; i++) {
		assert_string_equal(disk->files[i].name, memory->files[i].name);
		assert_int_equal(image_read(disk, i, d->l->w->mem, &bytes), OK);
		assert_true(span_eq(bytes, memory->files[i].bytes));
	}
	assert_int_equal(image_find(disk, "tile/9/000"), IMAGE_NONE);
	image_free(disk);
	image_free(memory);
	desk_free(d);
	(void)state;
}

/* Links are refused, so that an export cannot point outside of itself. */
static void
image_links(void **state)
{
	struct desk *d = desk_new(1);
	struct image *disk;
	char path[128];
	struct why why;

	desk_export(d);
	(void)snprintf(path, sizeof(path), "%s/message/link", d->dir);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(image_open_dir(d->dir, &disk, &why), ERR_FORMAT);
	assert_int_equal(image_open_dir("/nonexistent", &disk, &why), ERR_NOTFOUND);
	desk_free(d);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(image_same),
		cmocka_unit_test(image_links),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
