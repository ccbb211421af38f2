/* SPDX-License-Identifier: EUPL-1.2 */
/* checker_entries - details, directories, sheets, erasure */
#include "tests/support/audit_desk.h"

/* A log that records a directory which is not there, or another one, is found. */
static void
entries_directory(void **state)
{
	struct desk *d = desk_new(1);
	struct detail detail = { .at_ms = WORLD_NOW };
	struct log_leaf leaf = { .type = LEAF_DIRECTORY, .retention = RETAIN_TRUST, .detail = &detail };

	detail.version = 8;
	log_append(d->l, &leaf);
	log_commit(d->l);
	desk_judge(d);
	assert_int_equal(d->findings.items[0].id, FOUND_DIRECTORY_LEAF);
	assert_int_equal(d->findings.items[0].leaf, d->source->size - 1);
	desk_free(d);
	(void)state;
}

/* A key sheet that is recorded and not there is found, unless a newer one of the agency is. */
static void
entries_sheet(void **state)
{
	struct desk *d = desk_new(1);
	struct detail detail = { .at_ms = WORLD_NOW };
	struct log_leaf leaf = { .type = LEAF_SHEET, .retention = RETAIN_TRUST, .detail = &detail };

	detail.from = world_ids[2];
	detail.version = 2;
	log_append(d->l, &leaf);
	log_commit(d->l);
	desk_judge(d);
	assert_int_equal(d->findings.items[0].id, FOUND_SHEET);
	desk_free(d);
	(void)state;
}

/* An entry whose detail says a later time than itself is found. */
static void
entries_time(void **state)
{
	struct desk *d = desk_new(1);
	struct detail detail = { .at_ms = d->l->now_ms + 5000, .text = "x" };
	struct log_leaf leaf = { .type = LEAF_STOP, .retention = RETAIN_SERVICE, .detail = &detail };

	log_append(d->l, &leaf);
	log_commit(d->l);
	desk_judge(d);
	assert_int_equal(d->findings.items[0].id, FOUND_DETAIL_FORM);
	desk_free(d);
	(void)state;
}

/* Without the row keys every detail is gone, and no entry says why. */
static void
entries_gone(void **state)
{
	struct desk *d = desk_new(1);
	struct journal_options options = { .read_only = true };
	struct why why;

	journal_close(d->l->journal);
	assert_int_equal(journal_open_mem(&options, d->l->disk, &d->l->journal, &why), OK);
	assert_int_equal(source_open_journal(d->l->journal, &d->source, &why), OK);
	desk_judge_source(d, d->source);
	assert_int_equal(d->findings.items[0].id, FOUND_DETAIL_GONE);
	assert_int_equal(d->counts.erased, d->source->size);
	desk_free(d);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_directory),
		cmocka_unit_test(entries_sheet),
		cmocka_unit_test(entries_time),
		cmocka_unit_test(entries_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
