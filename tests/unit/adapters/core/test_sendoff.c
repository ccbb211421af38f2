/* SPDX-License-Identifier: EUPL-1.2 */
#define _GNU_SOURCE
#include "tests/support/paper_files.h"

#include "adapters/core/compose.h"
#include "adapters/core/sendoff.h"

#define SIZE (9 * WHOLE_PART_BYTES + 1)

/* What is said of a file is closed at rest and comes back as it was; what older versions kept had no source, and came by HTTP. */
static void
sendoff_said_round_trip(void **state)
{
	struct paper *p = files_up();
	struct adapter *a = p->party[0].desk.adapter;
	struct sendoff_said said = { "A-1", "Писмо.pdf", "application/pdf", "assessment", NULL, "2031-01-01", "csv" }, back;
	struct file_place place;
	struct txn *txn = store_write(p->party[0].desk.store);
	struct span closed;
	struct buf b;

	(void)state;
	assert_int_equal(sendoff_close_said(a, txn, 7, &said), OK);
	closed = filebook_staged(txn, 7, 0);
	assert_null(memmem(closed.p, closed.n, "Писмо", strlen("Писмо")));
	assert_int_equal(sendoff_open_said(a, txn, 7, p->mem, &back), OK);
	assert_string_equal(back.filename, said.filename);
	assert_string_equal(back.retain_until, said.retain_until);
	assert_string_equal(back.source, "csv");
	assert_null(back.confidentiality);
	buf_init(&b, p->mem);
	buf_u8(&b, 1);
	for (int i = 0; i < 6; i++)
		buf_var(&b, span_str("x"));
	assert_int_equal(compose_close(a, "staged", filebook_place(8, 0, &place), buf_bytes(&b), &closed), OK);
	filebook_stage(txn, 8, 0, closed);
	assert_int_equal(sendoff_open_said(a, txn, 8, p->mem, &back), OK);
	assert_string_equal(back.source, "http");
	assert_int_equal(sendoff_open_said(a, txn, 9, p->mem, &back), ERR_CORRUPT);
	txn_abort(txn);
	paper_down(p);
}

/* Parts become messages a few at a tick, one file after the other; none is left over, and none is made twice. */
static void
sendoff_few_at_a_tick(void **state)
{
	struct paper *p = files_up();
	struct adapter *a = p->party[0].desk.adapter;
	uint64_t before = paper_count(p, 0, TABLE_OUTBOX);
	struct why why = { .where = "" };
	bool is_more;

	(void)state;
	assert_int_equal(files_upload(p, 0, &(struct files_ask){ 0 }, files_make(p, SIZE), NULL, &why), OK);
	assert_int_equal(paper_count(p, 0, TABLE_OUTBOX), before + 1);
	for (unsigned want = 5; want <= 9; want += 4) {
		assert_int_equal(sendoff_run(a, &is_more), OK);
		assert_int_equal(paper_count(p, 0, TABLE_OUTBOX), before + want);
		assert_true(is_more);
	}
	for (int i = 0; i < 2; i++) {
		assert_int_equal(sendoff_run(a, &is_more), OK);
		assert_false(is_more);
		assert_int_equal(paper_count(p, 0, TABLE_OUTBOX), before + 10);
	}
	paper_run(p);
	assert_non_null(files_in_inbox(p, 1, "attachment", NULL));
	paper_down(p);
}

/* While too much waits for the hub no part is added to it. */
static void
sendoff_waits(void **state)
{
	struct paper *p = files_up();
	struct adapter *a = p->party[0].desk.adapter;
	uint64_t before;
	struct why why = { .where = "" };
	bool is_more;

	(void)state;
	assert_int_equal(files_upload(p, 0, &(struct files_ask){ 0 }, files_make(p, SIZE), NULL, &why), OK);
	before = paper_count(p, 0, TABLE_OUTBOX);
	p->party[0].desk.config.limits.outbox_messages = 1;
	assert_int_equal(sendoff_run(a, &is_more), OK);
	assert_false(is_more);
	assert_int_equal(paper_count(p, 0, TABLE_OUTBOX), before);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sendoff_said_round_trip), cmocka_unit_test(sendoff_few_at_a_tick), cmocka_unit_test(sendoff_waits),
	};

	return cmocka_run_group_tests_name("sendoff", tests, NULL, NULL);
}
