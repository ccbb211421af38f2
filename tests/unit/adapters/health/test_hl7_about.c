/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/hl7_fixture.h"

#define MSH(type) "MSH|^~\\&|HIS|UMBAL|NASOKA|OZD|20260302100000||" type "|M1|P|2.5.1||||||UNICODE UTF-8\r"
#define RRI MSH("RRI^I12^RRI_I12")
#define ORU MSH("ORU^R01^ORU_R01")
#define SIU MSH("SIU^S12^SIU_S12")
#define FILE_SEGMENT "OBX|9|ED|assessment^a.pdf^L||^application^pdf^Base64^JVBERi0xLjQK||||||F\r"
#define NAMED(number) "OBX|1|ST|referral_id^^NASOKA||" number "||||||F\r"
#define ASKED "OBX|2|ST|questions.text^^NASOKA|1|Кой?||||||F\r"
#define NEW "RF1||A|Psy|RP||R-1|20260305|20260304|20260302\rPRD|RP\rPID|1||1||Т^К||20150307|F\rOBR|1|R-2||psych-counselling^^NASOKA\r"

/* are known here, and 7 is a number that two agencies gave, to one each. */
static void
know(void)
{
	static const char *const NUMBERS[][5] = {	/* number, thread, case number, message id, what the other agency calls it */
		{ "R-1", "01", "C-1", "id-1", NULL }, { "R-2", "02", "C-2", "id-2", NULL }, { "7", "03", NULL, "id-3", NULL }, { "8", "04", NULL, "id-4", "7" },
	};
	size_t n = sizeof(NUMBERS) / sizeof(NUMBERS[0]);
	struct progress *known = arena_alloc(mem, n * sizeof(*known));

	for (size_t i = 0; i < n; i++) {
		struct record *referral = record_new(mem, "record");

		assert_int_equal(record_set(referral, mem, "referral.referral_id", NUMBERS[i][0], NULL), OK);
		known[i] = (struct progress){ .thread = NUMBERS[i][1], .case_no = NUMBERS[i][2], .msg_id = NUMBERS[i][3],
			.external_no = NUMBERS[i][4], .referral_no = NUMBERS[i][0], .referral = referral };
	}
	world_known = known;
	world_n_known = n;
}

/* What names two referrals that are known here is refused whole, at the place of the second. */
static void
two(void **state)
{
	static const struct { const char *text, *where; } BAD[] = {
		{ RRI "RF1|A|||||R-1\r" NAMED("R-2"), "OBX-5" }, { RRI "RF1|A|||||R-1\rORC|OK|R-2\r", "ORC-2" }, { RRI "RF1|A|||||R-1\rOBR|1|C-2\r", "OBR-2" },
		{ RRI "RF1|A|||||R-1\rORC|OK|X-9\rOBR|1|R-2\r", "OBR-2" }, { RRI "RF1|A|||||X-9\rORC|OK|R-1\rOBR|1|R-2\r", "OBR-2" },
		{ RRI "RF1|A|||||R-1\rNTE|1||х\rOBX|1|ST|referral_id^^NSK||R-1\rOBX|2|ST|referral_id^^NSK||id-2\r", "OBX[2]-5" },
		{ RRI "RF1|A|||||R-1\rRF1|R|||||R-2\r", "RF1[2]-6" }, { RRI "RF1|A|||||X-8\rRF1|R|||||X-9\r", "RF1[2]-6" },
		{ RRI "RF1|A|MED^Medical^HL70280|AM^^HL70282|O^Outpatient|R-1\rRF1|R|MED|AM^^HL70282|O|R-2\r", "RF1[2]-5" },
		{ RRI "RF1||||||R-1|||||C-9\rORC|OK|R-2\r" FILE_SEGMENT, "ORC-2" },
		{ MSH("REF^I14^REF_I12") "RF1||||||R-1\rORC|CA|R-2\r", "ORC-2" }, { MSH("REF^I13^REF_I12") NEW, "OBR-2" },
		{ MSH("REF^I12^REF_I12") "RF1|||||||||||\r" NEW "RF1||||||R-2\r", "RF1[3]-6" },
		{ MSH("OSU^O51^OSU_O51") "ORC|OK|R-1\rOBR|1|R-2\r", "OBR-2" }, { MSH("ORM^O01^ORM_O01") "ORC|SC|R-1|||IP\rOBR|1|R-1\r" NAMED("R-2"), "OBX-5" },
		{ SIU "SCH|1||||||||||^^^20270111080000|||||||||||||||R-1\rORC|SC|R-2\r", "ORC-2" },
		{ ORU "OBR|1|R-1||info-request^^NASOKA\r" NAMED("R-2") ASKED, "OBX-5" }, { ORU "OBR|1|R-1||LAB^x^L\rORC|RE|R-2\r" FILE_SEGMENT, "OBR-2" },
	};

	(void)state;
	know();
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		struct intake intake = world_read(BAD[i].text, mem);

		if (intake.n != 1 || intake.items[0].e != ERR_INCONSISTENT || strcmp(intake.items[0].why.where, BAD[i].where) != 0)
			fail_msg("%zu: %zu items, %s at %s", i, intake.n, intake.n ? err_name(intake.items[0].e) : err_name(intake.e),
				 intake.n ? intake.items[0].why.where : intake.why.where);
		assert_null(intake.items[0].record);
		assert_null(intake.items[0].confirms);
	}
}

/* A question that names two is not answered with the state of one. */
static void
two_asked(void **state)
{
	struct intake intake;

	(void)state;
	know();
	intake = world_read(MSH("REF^I15^REF_I12") "RF1||||||R-1\rOBR|1|R-2\r", mem);
	assert_int_equal(intake.e, ERR_INCONSISTENT);
	assert_string_equal(intake.why.where, "OBR-2");
	intake = world_read(MSH("REF^I15^REF_I12") "RF1||||||R-1\rOBR|1|C-1\r", mem);
	assert_int_equal(intake.e, OK);
}

/* One referral by two of its names, a number that nobody here knows, and one that two agencies gave, are no contradiction. */
static void
one(void **state)
{
	static const struct { const char *text, *path, *number; } GOOD[] = {
		{ RRI "RF1|A|||||R-1\rORC|OK|C-1\rOBR|1|id-1\r", "status.referral_id", "R-1" },
		{ RRI "RF1|A|||||R-1\rORC|OK|X-9\rOBR|1|X-8\r", "status.referral_id", "R-1" },
		{ RRI "RF1|A|||||R-1\r" NAMED("X-9"), "status.referral_id", "X-9" },
		{ RRI "RF1|A|||||7\rOBR|1|id-4\r", "status.referral_id", "7" }, { RRI "RF1|A|||||id-4\rOBR|1|7\r", "status.referral_id", "id-4" },
		{ RRI "RF1|A|||||R-1|||||R-2\r", "status.referral_id", "R-1" },	/* our own number of it may be another agency's of another */
		{ RRI "RF1|A|||||R-1\rRF1|A|||||R-1\r", "status.referral_id", "R-1" }, { RRI "RF1|A|||||R-1\rRF1|R\r", "status.referral_id", "R-1" },
		{ ORU "OBR|1|R-1||info-request^^NASOKA\r" NAMED("C-1") ASKED, "info_request.referral_id", "C-1" },
		{ ORU "OBR|1|R-1||info-request^^NASOKA\rOBX|1|ST|referral_id^^LOCAL||R-2\r" ASKED, "info_request.referral_id", "R-1" },
		{ MSH("REF^I12^REF_I12") NEW, "referral.referral_id", "R-1" },
	};

	(void)state;
	know();
	for (size_t i = 0; i < sizeof(GOOD) / sizeof(GOOD[0]); i++)
		assert_string_equal(world_get(world_read_item(GOOD[i].text, mem), GOOD[i].path, mem), GOOD[i].number);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(two, setup, teardown),
		cmocka_unit_test_setup_teardown(two_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(one, setup, teardown),
	};

	return cmocka_run_group_tests_name("hl7_about", tests, NULL, NULL);
}
