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

#define EGN "1543079013"
#define EGN_2 "1545123455"
#define PID(ids) "PID|1||" ids "||Друг^Петър||20150512|M\r"

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

/* A referral of a child with those numbers: types and values by turns, ended by NULL. */
static void
put(struct progress *p, const char *number, const char *id, const char *const *ids)
{
	struct record *referral = record_new(mem, "record");

	assert_int_equal(record_set(referral, mem, "referral.referral_id", number, NULL), OK);
	assert_int_equal(record_set(referral, mem, "referral.child.given", "Калина", NULL), OK);
	for (unsigned i = 0; ids[2 * i]; i++) {
		assert_int_equal(record_set(referral, mem, arena_fmt(mem, "referral.child.ids[%u].type", i), ids[2 * i], NULL), OK);
		assert_int_equal(record_set(referral, mem, arena_fmt(mem, "referral.child.ids[%u].value", i), ids[2 * i + 1], NULL), OK);
	}
	*p = (struct progress){ .thread = id, .msg_id = id, .referral_no = number, .referral = referral };
}

/* K-1 is of a child with numbers, K-2 of one without; 7 is of ours, and of another agency's for another child. */
static void
know_children(void)
{
	static const char *const MANY[] = { "EGN", EGN, "passport", "P1", "local", "55", NULL }, *const NONE[] = { NULL };
	static const char *const ONE[] = { "EGN", EGN, NULL }, *const OTHER[] = { "EGN", EGN_2, NULL };
	struct progress *known = arena_alloc(mem, 4 * sizeof(*known));

	put(&known[0], "K-1", "id-1", MANY);
	put(&known[1], "K-2", "id-2", NONE);
	put(&known[2], "7", "id-3", ONE);
	put(&known[3], "7", "id-4", OTHER);
	known[2].namesake = &known[3];
	world_known = known;
	world_n_known = 4;
}

#define STEP(number, pid) RRI "RF1|A|||||" number "\r" pid

/* Whatever goes on about a child that was not referred is refused, with its files. */
static void
another_child(void **state)
{
	static const struct { const char *text, *where; } BAD[] = {
		{ STEP("K-1", PID(EGN_2 "^^^GRAO^NNBGR")), "PID-3" }, { STEP("id-1", PID(EGN_2 "^^^GRAO^NNBGR")), "PID-3" },
		{ STEP("K-1", PID("55^^^HIS^MR~" EGN_2)), "PID-3" }, { STEP("K-1", PID("1545123451^^^GRAO^NNBGR")), "PID-3" },
		{ STEP("K-1", PID("P2^^^^PPN")), "PID-3" }, { STEP("K-1", "PID|1||55^^^HIS^MR||Т^К||20150512|M|||||||||||" EGN_2 "\r"), "PID-3" },
		{ STEP("K-1", PID(EGN "^^^GRAO^NNBGR") PID(EGN_2 "^^^GRAO^NNBGR")), "PID[2]-3" },
		{ RRI "RF1||||||K-1|||||C-9\r" PID(EGN_2 "^^^GRAO^NNBGR") FILE_SEGMENT, "PID-3" },
		{ ORU PID(EGN_2 "^^^GRAO^NNBGR") "OBR|1|K-1||LAB^x^L\r" FILE_SEGMENT, "PID-3" },
		{ ORU PID(EGN_2 "^^^GRAO^NNBGR") "OBR|1|K-1||info-request^^NASOKA\r" ASKED, "PID-3" },
		{ SIU "SCH|1||||||||||^^^20270111080000|||||||||||||||K-1\r" PID(EGN_2 "^^^GRAO^NNBGR"), "PID-3" },
		{ MSH("OSU^O51^OSU_O51") PID(EGN_2 "^^^GRAO^NNBGR") "ORC|OK|K-1\r", "PID-3" },
		{ MSH("ORM^O01^ORM_O01") PID(EGN_2 "^^^GRAO^NNBGR") "ORC|CA|K-1\r", "PID-3" },
		{ MSH("REF^I14^REF_I12") "RF1||||||K-1\r" PID(EGN_2 "^^^GRAO^NNBGR"), "PID-3" },
		{ STEP("7", PID(EGN "^^^GRAO^NNBGR") PID(EGN_2 "^^^GRAO^NNBGR")), "PID[2]-3" },
	};

	(void)state;
	know_children();
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		struct intake intake = world_read(BAD[i].text, mem);

		if (intake.n != 1 || intake.items[0].e != ERR_INCONSISTENT || strcmp(intake.items[0].why.where, BAD[i].where) != 0)
			fail_msg("%zu: %zu items, %s at %s", i, intake.n, intake.n ? err_name(intake.items[0].e) : err_name(intake.e),
				 intake.n ? intake.items[0].why.where : intake.why.where);
		assert_null(intake.items[0].record);
		assert_null(intake.items[0].confirms);
	}
}

/* The child that was referred, by one of its numbers, and one that nothing tells from it; of two referrals with one number the child's. */
static void
the_child(void **state)
{
	static const struct { const char *text, *number; } GOOD[] = {
		{ STEP("K-1", PID(EGN "^^^GRAO^NNBGR")), "K-1" }, { STEP("K-1", PID("P2^^^^PPN~" EGN "^^^GRAO^NNBGR")), "K-1" }, { STEP("K-1", ""), "K-1" },
		{ STEP("K-1", PID("56^^^HIS^MR")), "K-1" }, { STEP("K-1", PID("")), "K-1" }, { STEP("K-2", PID(EGN_2 "^^^GRAO^NNBGR")), "K-2" },
		{ STEP("X-9", PID(EGN_2 "^^^GRAO^NNBGR")), "X-9" }, { STEP("7", PID(EGN "^^^GRAO^NNBGR")), "id-3" },
		{ STEP("7", PID(EGN_2 "^^^GRAO^NNBGR")), "id-4" }, { STEP("7", PID("56^^^HIS^MR")), "7" },
	};
	const struct intake_item *item;

	(void)state;
	know_children();
	for (size_t i = 0; i < sizeof(GOOD) / sizeof(GOOD[0]); i++)
		assert_string_equal(world_get(world_read_item(GOOD[i].text, mem), "status.referral_id", mem), GOOD[i].number);
	item = world_read_item(RRI "RF1||||||7|||||C-9\r" PID(EGN_2 "^^^GRAO^NNBGR"), mem);
	assert_string_equal(item->confirms, "id-4");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(two, setup, teardown),
		cmocka_unit_test_setup_teardown(two_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(one, setup, teardown),
		cmocka_unit_test_setup_teardown(another_child, setup, teardown),
		cmocka_unit_test_setup_teardown(the_child, setup, teardown),
	};

	return cmocka_run_group_tests_name("hl7_about", tests, NULL, NULL);
}
