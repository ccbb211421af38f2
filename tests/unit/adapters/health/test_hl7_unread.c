/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/hl7_fixture.h"
#include "tests/unit/adapters/health/hl7_world.h"

#define MSH "MSH|^~\\&|HIS|UMBAL|NSK|OZD|20260302100000||REF^I12|M-1|P|2.5\r"
#define RF1 "RF1||A|psych-counselling|RP||R-1^UMBAL|20260305|20260304|20260302\r"
#define PRD "PRD|RP|Иванова^Мария\rPRD|RT|||||||\r"
#define PID "PID|1||1543079013^^^GRAO^NI||Тест^Калина^Стоянова^^^^L||20150307|F|||ул. Х^^Пловдив^^^^H||0888^PRN^PH\r"
#define OBR "OBR|1|R-1||psych-counselling^^NASOKA\r"
#define NTE "NTE|1||Нужда\r"

static int64_t
dropped(const char *text)
{
	const struct record *record = world_read_one(text, mem);

	return record->dropped ? *record->dropped : 0;
}

/* Each value of a message that nobody reads is counted, whatever it is: a field, a repetition, a component, a subcomponent. */
static void
each_unread_value_counts(void **state)
{
	static const struct { const char *text; int n; } ROWS[] = {
		{ MSH RF1 PRD PID OBR NTE, 0 },
		/* a second name, more of the first, a family name in parts */
		{ MSH RF1 PRD "PID|1||1543079013^^^GRAO^NI||Тест^Калина^^^^^L~Друга^Калина^Я^^^^M||20150307|F\r" OBR NTE, 1 },
		{ MSH RF1 PRD "PID|1||1543079013^^^GRAO^NI||Тест^Калина^^мл.^г-ца||20150307|F\r" OBR NTE, 2 },
		{ MSH RF1 PRD "PID|1||1543079013^^^GRAO^NI||Тест&ван&Тест^Калина||20150307|F\r" OBR NTE, 2 },
		{ MSH RF1 PRD "PID|1||1543079013^8^M11^GRAO^NI^UMBAL||Тест^Калина||20150307|F\r" OBR NTE, 3 },
		/* further telephones and addresses, wherever they stand */
		{ MSH RF1 PRD "PID|1||1543079013^^^GRAO^NI||Т^К||20150307|F|||||0888~0999^WPN^PH"
		  "~^NET^Internet^a@example.org~^^Internet^b@example.org\r" OBR NTE, 2 },
		{ MSH RF1 PRD "PID|1||1543079013^^^GRAO^NI||Т^К||20150307|F|||ул. А^^Б^^^^H~ул. В^^Г^^1000^^H~ул. Д^^^^^^C\r" OBR NTE, 1 },
		{ MSH RF1 PRD "PID|1||1543079013^^^GRAO^NI||Т^К||20150307|F|||ул. А^^Б^^^^H^^^^^20200101\r" OBR NTE, 1 },
		{ MSH RF1 PRD PID "NK1|1|Х^Й|MTH|ул. А~ул. Б|0888~^NET^Internet^c@example.org||EMC\r" OBR NTE, 3 },
		/* a code that is understood is one with its words; one that is not is lost as `other` */
		{ MSH RF1 PRD PID "NK1|1|Х^Й|MTH^Майка^HL70063^М^майка^L\r" OBR NTE, 0 },
		{ MSH RF1 PRD PID "NK1|1|Х^Й|ZZ^кръстница\r" OBR NTE, 1 },
		/* observations count as one, notes each, and units beside a value that is read */
		{ MSH RF1 PRD PID OBR NTE "OBX|1|NM|8302-2^Ръст^LN||120|cm|100-130|N\r", 1 },
		{ MSH RF1 PRD PID OBR NTE "OBX|1|NM|household_size^^NASOKA||3|души\r", 1 },
		{ MSH RF1 PRD PID OBR NTE "OBX|1|NM|household_size^^NASOKA||3~4\r", 1 },
		{ MSH RF1 PRD PID OBR NTE "OBX|1|CWE|risk_level^^NASOKA||high^Висок^NASOKA\r", 0 },
		/* the first OBX of a field counts, a second is left out; not of a list, nor of another item */
		{ MSH RF1 PRD PID OBR NTE "OBX|1|ST|consent.evidence^^NASOKA||a\rOBX|2|ST|consent.evidence^^NASOKA||b\r", 1 },
		{ MSH RF1 PRD PID OBR NTE "OBX|1|CE|need^^NASOKA||neglect^^NASOKA\rOBX|2|CE|need^^NASOKA||parental-separation^^NASOKA\r", 0 },
		{ MSH RF1 PRD PID OBR NTE "OBX|1|ST|goals.text^^NASOKA|1|a\rOBX|2|ST|goals.text^^NASOKA|2|b\rOBX|3|ST|goals.text^^NASOKA|2|c\r", 1 },
		/* what is taken back is no value, a file, words and an unknown path neither */
		{ MSH RF1 PRD PID OBR NTE "OBX|1|CE|risk_level^^NASOKA||high^^NASOKA||||||D\r", 1 },
		{ MSH RF1 PRD PID OBR NTE "OBX|1|CE|risk_level^^NASOKA||high^^NASOKA||||||W\rOBX|2|CE|risk_level^^NASOKA||low^^NASOKA||||||C\r", 1 },
		{ MSH RF1 PRD PID OBR NTE "OBX|1|FT|1^x^L||думи||||||X\rOBX|2|ST|horoscope^^NASOKA||риби||||||d\r", 2 },
		{ MSH RF1 PRD PID OBR NTE "OBX|1|ED|1^x.pdf^L||^application^pdf^Base64^JVBERi0xLjQK||||||D\r", 1 },
		{ MSH RF1 PRD PID OBR NTE "OBX|1|CE|risk_level^^NASOKA||||||||X\r", 0 },
		/* what our side says itself, and a reason beside the reason */
		{ MSH RF1 PRD PID OBR NTE "OBX|1|ST|initiator.agency^^NASOKA||school-1||||||F\rOBX|2|ST|target.agency^^NASOKA||x||||||F\r", 2 },
		{ MSH RF1 PRD PID OBR NTE "OBX|1|TX|reason_text^^NASOKA||Друга||||||F\r", 1 },
		{ MSH RF1 PRD PID OBR "OBX|1|TX|reason_text^^NASOKA||Друга||||||F\r", 0 },
		{ MSH RF1 PRD PID OBR "OBX|1|TX|reason_text^^NASOKA||Друга||||||F\rOBX|2|TX|reason_text^^NASOKA||Трета||||||F\r", 1 },
		/* doctors that nobody asks for */
		{ MSH RF1 "PRD|RP|Иванова^Мария|ул. А|||PH|123^UIN\rPRD|RT\r" PID OBR NTE, 3 },
		/* the HL7 null is nothing */
		{ MSH RF1 PRD PID OBR NTE "PV1|1|\"\"|\r", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
		if (dropped(ROWS[i].text) != ROWS[i].n)
			fail_msg("%lld, not %d: %s", (long long)dropped(ROWS[i].text), ROWS[i].n, ROWS[i].text + sizeof(MSH) - 1);
}

/* On the way of a referral that is known the child is named again, and what is more than that counts. */
static void
who_is_known_counts_not(void **state)
{
	static const char HEAD[] = "MSH|^~\\&|HIS|UMBAL|NSK|OZD|20260302100000||RRI^I12|M-1|P|2.5\rMSA|AA|1\rRF1|A|||||R-1|||||C-7\rPRD|RT|Х^Й\r";

	(void)state;
	assert_int_equal(dropped(HEAD), 0);
	assert_int_equal(dropped(arena_fmt(mem, "%s" PID, HEAD)), 0);
	assert_int_equal(dropped(arena_fmt(mem, "%sPID|1||1543079013||Т^К|Моминско||||2106-3\r", HEAD)), 2);
}

/* A message of nothing but a file tells it of the file. */
static void
of_a_file_alone(void **state)
{
	static const char ORU[] = "MSH|^~\\&|HIS|UMBAL|NSK|OZD|20260302100000||ORU^R01|M-2|P|2.5\rPID|1||1||Т|Моминско\rOBR|1|R-1||x^Доклад^L\r"
		"OBX|1|ED|1^доклад.pdf^L||^application^pdf^Base64^JVBERi0xLjQKJSBwcm9iYQo=\rOBX|2|FT|2^x^L||думи\rNTE|1||още\r";
	struct intake intake = world_read(ORU, mem);

	(void)state;
	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.n, 1);
	assert_int_equal(intake.items[0].e, OK);
	assert_int_equal(*intake.items[0].record->dropped, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_unread_value_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(who_is_known_counts_not, setup, teardown),
		cmocka_unit_test_setup_teardown(of_a_file_alone, setup, teardown),
	};

	return cmocka_run_group_tests_name("hl7_unread", tests, NULL, NULL);
}
