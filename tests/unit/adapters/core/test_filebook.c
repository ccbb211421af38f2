/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/support/paper_hub.h"

#include "adapters/core/filebook.h"

static struct file
sample(bool is_ours, uint8_t mark)
{
	struct file f = {
		.state = is_ours ? FILE_SENDING : FILE_GATHERING, .is_ours = is_ours, .thread = { { mark } }, .name = { { mark, 1 } },
		.said = { { mark, 2 } }, .began_ms = 5, .changed_ms = 6, .code = ERR_FILE_PARTS,
	};

	f.whole = (struct whole){ .size = WHOLE_PART_BYTES + mark, .sha256 = { { mark, 3 } }, .parts = 2, .at = { 0, 77 } };
	if (!is_ours)
		strcpy(f.from, "plovdiv-cop");
	return f;
}

/* A row comes back as it was, by its number, its name and each of its messages, and one side's never for the other's. */
static void
filebook_found(void **state)
{
	struct paper *p = paper_up();
	struct txn *txn = store_write(p->party[0].desk.store);
	struct file ours = sample(true, 1), theirs = sample(false, 2), back;
	static const struct thread_id none = { .b = { 0 } };

	(void)state;
	filebook_add(txn, p->mem, &ours);
	filebook_add(txn, p->mem, &theirs);
	filebook_name(txn, &ours);
	filebook_name(txn, &theirs);
	filebook_join(txn, &ours, 77);
	filebook_join(txn, &theirs, 78);
	assert_true(filebook_get(txn, theirs.number, &back));
	assert_memory_equal(&back, &theirs, sizeof(back));
	assert_true(filebook_named(txn, true, &none, &ours.name, &back));
	assert_memory_equal(&back, &ours, sizeof(back));
	assert_false(filebook_named(txn, true, &ours.thread, &ours.name, &back));
	assert_true(filebook_named(txn, false, &theirs.thread, &theirs.name, &back));
	assert_int_equal(back.number, theirs.number);
	assert_true(filebook_of(txn, true, 77, &back));
	assert_int_equal(back.number, ours.number);
	assert_false(filebook_of(txn, false, 77, &back));
	assert_true(filebook_of(txn, false, 78, &back));
	txn_abort(txn);
	paper_down(p);
}

/* Who said a number first is known by thread and side, apart from the files' own names. */
static void
filebook_first_said(void **state)
{
	struct paper *p = paper_up();
	struct txn *txn = store_write(p->party[0].desk.store);
	struct thread_id one = { { 1 } }, two = { { 2 } };
	struct hash name = { { 3 } };
	struct file back;

	(void)state;
	assert_int_equal(filebook_first(txn, true, &one, &name), 0);
	filebook_put_first(txn, true, &one, &name, 7);
	filebook_put_first(txn, false, &two, &name, 8);
	assert_int_equal(filebook_first(txn, true, &one, &name), 7);
	assert_int_equal(filebook_first(txn, false, &two, &name), 8);
	assert_int_equal(filebook_first(txn, false, &one, &name) + filebook_first(txn, true, &two, &name), 0);
	assert_false(filebook_named(txn, false, &two, &name, &back));
	txn_abort(txn);
	paper_down(p);
}

/* A part is hidden until it is the one that stands for the whole. */
static void
filebook_hidden(void **state)
{
	struct paper *p = paper_up();
	struct txn *txn = store_write(p->party[0].desk.store);
	struct file f = sample(false, 3);

	(void)state;
	filebook_add(txn, p->mem, &f);
	filebook_join(txn, &f, 77);
	filebook_join(txn, &f, 78);
	assert_true(filebook_is_hidden(txn, 77));
	assert_false(filebook_is_hidden(txn, 79));
	f.state = FILE_WHOLE;
	f.face = 78;
	filebook_put(txn, p->mem, &f);
	assert_true(filebook_is_hidden(txn, 77));
	assert_false(filebook_is_hidden(txn, 78));
	txn_abort(txn);
	paper_down(p);
}

/* Files that are not done with are stepped through by number; one that is done, or forgotten, is not among them, and leaves no bytes. */
static void
filebook_open_ones(void **state)
{
	struct paper *p = paper_up();
	struct txn *txn = store_write(p->party[0].desk.store);
	struct file a = sample(true, 1), b = sample(false, 2), c = sample(true, 3), f = { .number = 0 };

	(void)state;
	filebook_add(txn, p->mem, &a);
	filebook_add(txn, p->mem, &b);
	filebook_add(txn, p->mem, &c);
	filebook_stage(txn, c.number, 0, SPAN_LIT("said"));
	filebook_stage(txn, c.number, 2, SPAN_LIT("bytes"));
	assert_true(span_eq(filebook_staged(txn, c.number, 2), SPAN_LIT("bytes")));
	assert_null(filebook_staged(txn, c.number, 1).p);
	a.state = FILE_SENT;
	filebook_put(txn, p->mem, &a);
	assert_true(filebook_next_open(txn, 0, &f));
	assert_int_equal(f.number, b.number);
	assert_true(filebook_next_open(txn, f.number, &f));
	assert_int_equal(f.number, c.number);
	assert_false(filebook_next_open(txn, f.number, &f));
	filebook_forget(txn, &c);
	assert_false(filebook_next_open(txn, b.number, &f));
	assert_false(filebook_get(txn, c.number, &f));
	assert_int_equal(txn_count(txn, TABLE_STAGED), 0);
	txn_abort(txn);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filebook_found), cmocka_unit_test(filebook_first_said),
		cmocka_unit_test(filebook_hidden), cmocka_unit_test(filebook_open_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
