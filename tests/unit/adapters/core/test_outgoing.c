/* SPDX-License-Identifier: EUPL-1.2 */
/* What the agency's own system is told of an entry. */
#include "adapters/core/outgoing.h"

#include "adapters/core/compose.h"
#include "adapters/core/preview.h"
#include "tests/support/preview_paper.h"

/* The newest entry of party 1. */
static enum err
newest(struct paper *p, struct outgoing *ret_out)
{
	struct adapter *a = p->party[1].desk.adapter;
	struct txn *txn = store_read(p->party[1].desk.store);
	struct inbound in;
	enum err e = ERR_NOTFOUND;

	arena_reset(a->mem);
	for (uint64_t cursor = 20; cursor > 0 && e == ERR_NOTFOUND; cursor--)
		if (inbox_get(txn, cursor, &in))
			e = outgoing_of(a, txn, &in, a->mem, ret_out);
	txn_abort(txn);
	return e;
}

/* A referral goes with its record and no number of ours yet; a status with the referral that it is about, and where it leads. */
static void
record_and_thread(void **state)
{
	struct paper *p = paper_up();
	struct outgoing out;

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	assert_int_equal(newest(p, &out), OK);
	assert_string_equal(out.record->kind, "referral");
	assert_string_equal(out.record->referral->referral_id, "R-1");
	assert_string_equal(out.from, world_ids[0]);
	assert_false(out.is_initiator);
	assert_string_equal(out.state, "requested");
	assert_null(out.case_no);
	assert_null(out.stage);
	assert_null(out.bytes);
	assert_int_equal(strncmp(paper_take(p, 1, "confirms=R-1\ncase_no=C-1\n"), "OK ", 3), 0);
	paper_run(p);
	assert_non_null(paper_take(p, 0, adesk_status(p->mem, "S-1", "R-1", "withdrawn", "")));
	paper_run(p);
	assert_int_equal(newest(p, &out), OK);
	assert_string_equal(out.record->kind, "status-change");
	assert_string_equal(out.referral->referral->referral_id, "R-1");
	assert_string_equal(out.state, "withdrawn");
	assert_string_equal(out.case_no, "C-1");
	paper_down(p);
}

/* Of a thread that is held there is its preview and no record, and nothing in it that the preview has not. */
static void
held_back(void **state)
{
	struct paper *p = held(true);
	struct outgoing out;

	(void)state;
	assert_int_equal(newest(p, &out), OK);
	assert_null(out.record);
	assert_string_equal(out.stage, PREVIEW_STAGE);
	assert_string_not_equal(out.referral->referral->reason_text, SECRET);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(record_and_thread),
		cmocka_unit_test(held_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
