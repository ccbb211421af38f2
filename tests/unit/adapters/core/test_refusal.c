/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/support/paper_hub.h"

/* A native message that the door itself refuses gets the answer of a refused intake, and nothing of it is taken. */
static void
adapter_refuse_answer(void **state)
{
	struct paper *p = paper_up();
	struct native in = { .bytes = span_str(adesk_referral(p->mem, "R-1", world_ids[1], "routine", "x")) }, answer = { 0 };
	struct why why = { .where = "frame" };

	(void)state;
	assert_int_equal(adapter_refuse(p->party[0].desk.adapter, ERR_CUT_OFF, &why, &in, "mllp", p->mem, &answer), OK);
	assert_true(adesk_has(answer.bytes, "NSK-1503 frame"));
	assert_int_equal(adapter_refuse(p->party[0].desk.adapter, ERR_TOOBIG, NULL, &in, "mllp", p->mem, &answer), OK);
	assert_true(adesk_has(answer.bytes, "NSK-1005"));
	assert_int_equal(paper_count(p, 0, TABLE_OUTBOX), 0);
	assert_non_null(strstr(p->party[0].told, "code=NSK-1503"));
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adapter_refuse_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
