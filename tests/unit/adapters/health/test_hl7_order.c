/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/hl7_fixture.h"

#include "adapters/health/hl7_order.h"

/* A state that ORC can say comes back from what is written for it, for the side that may say it. */
static void
states(void **state)
{
	static const struct { const char *state; bool is_initiator, is_said; } STATES[] = {
		{ "accepted", false, true }, { "scheduled", false, true }, { "in-progress", false, true }, { "on-hold", false, true },
		{ "declined", false, true }, { "completed", false, true }, { "cancelled", false, true }, { "cancelled", true, true },
		{ "received", false, false }, { "waitlisted", false, false }, { "withdrawn", true, false }, { "expired", true, false },
		{ "accepted", true, false },
	};
	const char *control, *status;

	(void)state;
	for (size_t i = 0; i < sizeof(STATES) / sizeof(STATES[0]); i++) {
		bool is_said = hl7_order_state_out(STATES[i].state, STATES[i].is_initiator, &control, &status);

		assert_int_equal(is_said, STATES[i].is_said);
		assert_non_null(control);
		if (is_said)
			assert_string_equal(hl7_order_state_in(control, status), STATES[i].state);
	}
	assert_null(hl7_order_state_in("SC", "ZZ"));
	assert_null(hl7_order_state_in("NA", NULL));
	assert_null(hl7_order_state_in(NULL, "IP"));
}

/* A fault is told by the place that this kind of message has for the field, and only by places that it has. */
static void
places(void **state)
{
	(void)state;
	assert_string_equal(hl7_order_place("status.reason_code", HL7_ORDERS), "ORC-16");
	assert_string_equal(hl7_order_place("status.reason_code", HL7_APPOINTMENTS), "SCH-6");
	assert_string_equal(hl7_order_place("referral.initiator.worker.name", HL7_ORDERS), "ORC-12");
	assert_null(hl7_order_place("status.reason_code", HL7_REFERRALS));
	assert_null(hl7_order_place("referral.child.given", HL7_ORDERS));
	assert_null(hl7_order_place("status.toward", HL7_ORDERS));
	assert_string_equal(hl7_place_of("status.reason_code", HL7_APPOINTMENTS, mem), "SCH-6");
	assert_string_equal(hl7_place_of("referral.child.given", HL7_ORDERS, mem), "PID-5.2");
}

/* Every path that has a place of its own is one of the record. */
static void
paths_exist(void **state)
{
	static const struct { const char *type; const char *const *paths; } LISTS[] = {
		{ "referral", HL7_HELD_REFERRAL }, { "status", HL7_HELD_STATUS }, { "referral", HL7_HELD_ORDER },
		{ "status", HL7_HELD_ORDER_STATUS }, { "status", HL7_HELD_APPOINTMENT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(LISTS) / sizeof(LISTS[0]); i++) {
		for (const char *const *p = LISTS[i].paths; *p; p++) {
			const struct record_type *type = record_type_by_name(LISTS[i].type);
			char *path = arena_str(mem, *p);

			for (char *name = strtok(path, "."); name; name = strtok(NULL, ".")) {
				const struct field *f = type ? record_field(type, name) : NULL;

				if (!f) {
					fail_msg("%s", *p);
					return;
				}
				type = f->of;
			}
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(states, setup, teardown),
		cmocka_unit_test_setup_teardown(places, setup, teardown),
		cmocka_unit_test_setup_teardown(paths_exist, setup, teardown),
	};

	return cmocka_run_group_tests_name("hl7_order", tests, NULL, NULL);
}
