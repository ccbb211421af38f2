/* SPDX-License-Identifier: EUPL-1.2 */
/* test_fill - what a format left open is filled in and named as assumed; what it said stays. */
#include "adapters/core/fill.h"
#include "tests/support/paper_hub.h"

static void
absent_is_assumed(void **state)
{
	struct paper *p = paper_up();
	struct adapter *a = p->party[0].desk.adapter;
	struct record *record = record_new(p->mem, "record");
	struct why why;

	(void)state;
	assert_int_equal(record_set(record, p->mem, "referral.risk_level", "low", &why), OK);
	assert_int_equal(fill_assume(a, record, "referral.risk_level", "high", &why), OK);
	assert_int_equal(fill_assume(a, record, "referral.priority", "urgent", &why), OK);
	assert_string_equal(record->referral->risk_level, "low");
	assert_string_equal(record->referral->priority, "urgent");
	assert_int_equal(record->assumed.n, 1);
	assert_string_equal(record->assumed.items[0], "referral.priority");
	assert_int_equal(fill_assume(a, record, "referral.gender", "female", &why), ERR_UNKNOWN_FIELD);
	paper_down(p);
}

/* Case and time are ours; defaults of a status do not make a referral of it, nor of any other kind. */
static void
every_record_has_case_and_time(void **state)
{
	static struct adapter_pair defaults[] = { { "risk_level", "high" }, { "status.reason_code", "other" } };
	static const uint8_t case_id[16] = { 7 };
	struct paper *p = paper_up();
	struct adapter *a = p->party[0].desk.adapter;
	struct record *record = record_new(p->mem, "record");
	struct why why;

	(void)state;
	p->party[0].desk.config.defaults = defaults;
	p->party[0].desk.config.n_defaults = 2;
	assert_int_equal(record_set(record, p->mem, "kind", "info-request", &why), OK);
	assert_int_equal(record_set(record, p->mem, "info_request.referral_id", "R", &why), OK);
	assert_int_equal(fill_record(a, record, case_id, &why), OK);
	assert_memory_equal(record->case_id, case_id, sizeof(case_id));
	assert_int_equal(*record->created, p->now_ms);
	assert_null(record->referral);
	assert_null(record->status);
	assert_int_equal(record->assumed.n, 0);
	assert_int_equal(record_set(record, p->mem, "status.to", "accepted", &why), OK);
	assert_int_equal(fill_record(a, record, case_id, &why), OK);
	assert_string_equal(record->status->reason_code, "other");
	assert_null(record->referral);
	p->party[0].desk.config.n_defaults = 0;
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(absent_is_assumed),
		cmocka_unit_test(every_record_has_case_and_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
