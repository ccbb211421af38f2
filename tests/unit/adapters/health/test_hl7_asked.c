/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/hl7_fixture.h"

#include "adapters/health/hl7_asked.h"

/* What the head of a message says is found, whatever its version; what is no HL7 asks for nothing. */
static void
head_read(void **state)
{
	struct hl7_asked a;

	(void)state;
	hl7_read_asked(SPAN_LIT("MSH|^~\\&|HIS|UMBAL|NASOKA|OZD|2026||REF^I15|7|P|2.5|||AL|NE||8859/5\rRF1||||||R-1\r"), NULL, mem, &a);
	assert_string_equal(a.app, "HIS");
	assert_string_equal(a.to_facility, "OZD");
	assert_string_equal(a.accept, "AL");
	assert_string_equal(a.application, "NE");
	assert_string_equal(a.charset_said, "8859/5");
	assert_string_equal(a.number, "R-1");
	assert_int_equal(a.act, HL7_ASK);
	hl7_read_asked(SPAN_LIT("MSH|^~\\&|HIS|UMBAL|NASOKA|OZD|2026||REF^I15|7|P|2.5||||||ASCII~UNICODE UTF-8\r"), NULL, mem, &a);
	assert_string_equal(a.charset_said, "UNICODE UTF-8");	/* what the answer is written in, and says */
	hl7_read_asked(SPAN_LIT("hello"), NULL, mem, &a);
	assert_null(a.type);
	assert_null(a.kind);
}

/* The number of the referral is found where each kind of message has it. */
static void
numbers(void **state)
{
	static const char *const TEXTS[] = { "RF1||||||R-1", "ORC|NW|R-1", "SCH|A-1" "||||||||||||||||||||||||" "|R-1", "OBR|1|R-1^HIS" };
	struct hl7_asked a;

	(void)state;
	for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
		hl7_read_asked(span_str(arena_fmt(mem, "MSH|^~\\&|A|B|C|D|2026||REF^I12|7|P|2.5\r%s\r", TEXTS[i])), NULL, mem, &a);
		assert_string_equal(a.number, "R-1");
	}
}

/* An order does what its control code says. */
static void
act_of_order(void **state)
{
	struct hl7_asked a;

	(void)state;
	hl7_read_asked(SPAN_LIT("MSH|^~\\&|A|B|C|D|2026||OMG^O19|7|P|2.5\rORC|XO|R-1\r"), NULL, mem, &a);
	assert_int_equal(a.act, HL7_CHANGE);
	hl7_read_asked(SPAN_LIT("MSH|^~\\&|A|B|C|D|2026||OMG^O19|7|P|2.5\r"), NULL, mem, &a);
	assert_int_equal(a.act, HL7_STEP);
}

/* An acknowledgement is never acknowledged. */
static void
acks_end(void **state)
{
	struct hl7_asked a = { .type = "ACK", .accept = "AL", .application = "AL" };
	struct hl7_due due;

	(void)state;
	hl7_acks_due(&a, OK, "", &due);
	assert_null(due.commit);
	assert_null(due.application);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(head_read, setup, teardown),
		cmocka_unit_test_setup_teardown(numbers, setup, teardown),
		cmocka_unit_test_setup_teardown(act_of_order, setup, teardown),
		cmocka_unit_test_setup_teardown(acks_end, setup, teardown),
	};

	return cmocka_run_group_tests_name("hl7_asked", tests, NULL, NULL);
}
