/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/core/proof.h"
#include "tests/support/paper_hub.h"

/* A DELIVER that proves nothing is not TAKEN and leaves nothing; the honest one of it is. */
static void
proof_of_delivery_lies(void **state)
{
	static const enum lie lies[] = { LIE_PATH, LIE_LEAF, LIE_DETAIL, LIE_TYPE, LIE_CHECKPOINT, LIE_GROWTH };
	struct paper *p = paper_up();

	(void)state;
	paper_refer(p, "R-0", "routine");
	paper_run(p);
	paper_refer(p, "R-1", "routine");
	p->party[1].n_taken = 0;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		assert_int_equal(paper_deliver(p, 1, p->party[0].sent[0], lies[i]), OK);
		assert_int_equal(p->party[1].n_taken, 0);
		assert_int_equal(paper_count(p, 1, TABLE_INBOX), 1);
		paper_greet(p, 1, 100);
	}
	assert_int_equal(paper_deliver(p, 1, p->party[0].sent[0], LIE_NOT), OK);
	assert_int_equal(p->party[1].n_taken, 1);
	assert_int_equal(paper_count(p, 1, TABLE_INBOX), 2);
	paper_down(p);
}

/* Each class and stage has a leaf type of its own, and none has that of a conflict. */
static void
proof_leaf_type_each(void **state)
{
	static const struct { enum envelope_class class; enum stage stage; enum leaf_type type; } rows[] = {
		{ CLASS_DATA, STAGE_NONE, LEAF_SUBMIT },
		{ CLASS_NOTICE, STAGE_NONE, LEAF_NOTICE },
		{ CLASS_RECEIPT, STAGE_DELIVERED, LEAF_DELIVERED },
		{ CLASS_RECEIPT, STAGE_REGISTERED, LEAF_REGISTERED },
		{ CLASS_RECEIPT, STAGE_SEEN, LEAF_SEEN },
		{ CLASS_RECEIPT, STAGE_REFUSED, LEAF_REFUSED },
		{ CLASS_RECEIPT, STAGE_WITHDRAWN, LEAF_WITHDRAWN },
		{ CLASS_RECEIPT, STAGE_RESEAL, LEAF_RESEAL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(proof_leaf_type(rows[i].class, rows[i].stage), rows[i].type);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proof_of_delivery_lies),
		cmocka_unit_test(proof_leaf_type_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
