/* SPDX-License-Identifier: EUPL-1.2 */
/* What the hub replies counts with its proof, once. */
#include "adapters/core/reply.h"

#include "tests/support/paper_hub.h"

/* An ACCEPTED that proves nothing is refused, ends the session, and the message stays pending; an honest one settles it. */
static void
reply_lies(void **state)
{
	static const enum lie lies[] = { LIE_PATH, LIE_LEAF, LIE_DETAIL, LIE_TYPE, LIE_CHECKPOINT, LIE_GROWTH };
	struct paper *p = paper_up();

	(void)state;
	paper_refer(p, "R-0", "routine");
	assert_int_equal(paper_accept(p, 0, p->party[0].sent[0], LIE_NOT), OK);
	paper_refer(p, "R-1", "routine");
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		assert_int_equal(paper_accept(p, 0, p->party[0].sent[1], lies[i]), OK);
		assert_false(paper_is_up(p, 0));
		assert_int_equal(paper_count(p, 0, TABLE_PENDING), 1);
		assert_int_equal(paper_thread(p, 0, "R-1").stored_ms, 0);
		paper_greet(p, 0, 100);
	}
	assert_int_equal(paper_accept(p, 0, p->party[0].sent[1], LIE_NOT), OK);
	assert_true(paper_is_up(p, 0));
	assert_int_equal(paper_count(p, 0, TABLE_PENDING), 0);
	assert_int_not_equal(paper_thread(p, 0, "R-1").stored_ms, 0);
	paper_down(p);
}

/* The same ACCEPTED again changes nothing. */
static void
reply_twice(void **state)
{
	struct paper *p = paper_up();
	uint64_t n;

	(void)state;
	paper_refer(p, "R-1", "routine");
	assert_int_equal(paper_accept(p, 0, p->party[0].sent[0], LIE_NOT), OK);
	n = paper_count(p, 0, TABLE_INBOX);
	assert_int_equal(paper_accept(p, 0, p->party[0].sent[0], LIE_NOT), OK);
	assert_int_equal(paper_count(p, 0, TABLE_INBOX), n);
	assert_true(paper_is_up(p, 0));
	paper_down(p);
}

/* Refused with RETRY: sent again after the time named, not before. Refused for good: settled, and the stage told. */
static void
reply_verdicts(void **state)
{
	struct paper *p = paper_up();

	(void)state;
	paper_refer(p, "R-1", "routine");
	assert_int_equal(paper_refuse(p, 0, p->party[0].sent[0], ERR_FULL, 5000), OK);
	paper_tick(p, 0, 3000);
	assert_int_equal(p->party[0].n_sent, 1);
	paper_tick(p, 0, 3000);
	assert_int_equal(p->party[0].n_sent, 2);
	assert_int_equal(paper_count(p, 0, TABLE_PENDING), 1);
	assert_int_equal(paper_refuse(p, 0, p->party[0].sent[1], ERR_NOT_ALLOWED, 0), OK);
	assert_int_equal(paper_count(p, 0, TABLE_PENDING), 0);
	assert_int_equal(paper_thread(p, 0, "R-1").refused, ERR_NOT_ALLOWED);
	paper_tick(p, 0, 1000);
	assert_string_equal(p->party[0].handed[0].text, "stage refused R-1 - NSK-1202");
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reply_lies),
		cmocka_unit_test(reply_twice),
		cmocka_unit_test(reply_verdicts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
