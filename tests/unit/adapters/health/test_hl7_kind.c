/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/hl7_fixture.h"

#include "adapters/health/hl7_kind.h"

/* Each message that is taken does what it is for; what is none is told. */
static void
kinds(void **state)
{
	static const struct { const char *type, *event; enum hl7_family family; enum hl7_act act; } KINDS[] = {
		{ "REF", "I12", HL7_REFERRALS, HL7_REFER }, { "REF", "I13", HL7_REFERRALS, HL7_CHANGE },
		{ "REF", "I14", HL7_REFERRALS, HL7_CANCEL }, { "REF", "I15", HL7_REFERRALS, HL7_ASK },
		{ "RRI", "I12", HL7_REFERRALS, HL7_STEP }, { "RRI", "I14", HL7_REFERRALS, HL7_CANCEL },
		{ "OMG", "O19", HL7_ORDERS, HL7_BY_CONTROL }, { "ORM", "O01", HL7_ORDERS, HL7_BY_CONTROL },
		{ "OSU", "O51", HL7_ORDERS, HL7_BY_CONTROL }, { "SIU", "S26", HL7_APPOINTMENTS, HL7_STEP },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++) {
		const struct hl7_kind *kind = hl7_kind_of(KINDS[i].type, KINDS[i].event);

		assert_non_null(kind);
		assert_int_equal(kind->family, KINDS[i].family);
		assert_int_equal(kind->act, KINDS[i].act);
	}
	assert_null(hl7_kind_of("ADT", "A01"));
	assert_null(hl7_kind_of("REF", "O19"));
	assert_null(hl7_kind_of(NULL, "I12"));
	assert_null(hl7_kind_of("REF", NULL));
}

/* A control code says what an order is for; one that is none is told, so that no order is taken for another. */
static void
controls(void **state)
{
	enum hl7_act act;

	(void)state;
	assert_true(hl7_kind_by_control("NW", &act) && act == HL7_REFER);
	assert_true(hl7_kind_by_control("ca", &act) && act == HL7_CANCEL);
	assert_true(hl7_kind_by_control("XO", &act) && act == HL7_CHANGE);
	assert_true(hl7_kind_by_control("SC", &act) && act == HL7_STEP);
	assert_false(hl7_kind_by_control("ZZ", &act));
	assert_false(hl7_kind_by_control(NULL, &act));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(kinds, setup, teardown),
		cmocka_unit_test_setup_teardown(controls, setup, teardown),
	};

	return cmocka_run_group_tests_name("hl7_kind", tests, NULL, NULL);
}
