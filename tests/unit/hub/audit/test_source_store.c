/* SPDX-License-Identifier: EUPL-1.2 */
/* source_store - a journal as a source */
#include "tests/support/audit_desk.h"

/* Directory, sheets and the newest checkpoint are there; older checkpoints come by bundles, without the newest. */
static void
store_notes(void **state)
{
	struct desk *d = desk_new(10);
	struct source_notes notes;
	struct place place;

	d->source = log_source(d->l);
	assert_int_equal(d->source->directories.n, 1);
	assert_int_equal(d->source->directories.items[0].number, 7);
	assert_int_equal(d->source->sheets.n, WORLD_AGENCIES);
	assert_true(d->source->sheets.items[0].number < d->source->sheets.items[1].number);
	assert_int_equal(d->source->latest.number, d->source->size);
	assert_int_equal(d->source->ops->checkpoints(d->source, 0, d->l->w->mem, &notes, &place), OK);
	assert_true(notes.n > 2);
	for (size_t i = 0; i < notes.n; i++)
		assert_true(notes.items[i].number < d->source->size);
	desk_free(d);
	(void)state;
}

/* Beyond the end there is nothing, and a configuration that is not there is told. */
static void
store_nothing(void **state)
{
	struct desk *d = desk_new(1);
	uint8_t leaf[LEAF_LEN];
	struct place place;
	struct source *s;
	struct why why;
	char *text;
	size_t n;
	FILE *talk;

	d->source = log_source(d->l);
	assert_int_equal(d->source->ops->leaf(d->source, d->source->size, leaf, &place), ERR_NOTFOUND);
	talk = open_memstream(&text, &n);
	assert_int_equal(source_open_store("/nonexistent.yaml", talk, &s, &why), ERR_CONFIG);
	fclose(talk);
	assert_true(n > 0);
	free(text);
	desk_free(d);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(store_notes),
		cmocka_unit_test(store_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
