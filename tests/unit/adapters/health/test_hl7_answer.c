/* SPDX-License-Identifier: EUPL-1.2 */
#define _GNU_SOURCE
#include "tests/unit/adapters/health/hl7_fixture.h"

#define GOOD "RF1||A||RP||R-1|20260305|20260304|20260302\rPRD|RP|Иванова^Мария\r" \
	"PID|1||1543079013^^^GRAO^NI||Тест^Калина||20150307|F\rOBR|1|R-1||psych-counselling^^NASOKA\r"
#define BAD "RF1||A||||R-1\rPRD|RP\rPID|1||1||T^K||19761325|F\rOBR|1|R-1||other^^NASOKA\r"

static const char *
message(const char *accept, const char *application, const char *charset, const char *rest)
{
	return arena_fmt(mem, "MSH|^~\\&|HIS|UMBAL|NASOKA|OZD|20260302100000||REF^I12^REF_I12|MSG1|P|2.5|||%s|%s||%s\r%s", accept,
		application, charset, rest);
}

static void
assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in '%s'", part, text);
}

/* An acknowledgement goes back the way the message came, with its trigger, version, mode, charset and control id. */
static void
addressed_back(void **state)
{
	const char *ack = world_answer(message("", "", "UNICODE UTF-8", GOOD), mem);

	(void)state;
	assert_memory_equal(ack, "MSH|^~\\&|NASOKA|OZD|HIS|UMBAL|20260302100000+0200||ACK^I12^ACK|A", 62);
	assert_has(ack, "|P|2.5||||||UNICODE UTF-8\rMSA|AA|MSG1\r");
	assert_null(strstr(ack, "ERR|"));
}

/* MSH-15 and MSH-16 decide what is answered, by table: original mode AA, AE, AR; enhanced mode the commit's CA or CR and the
 * application's AA or AE, each on its own; or nothing. */
static void
modes(void **state)
{
	static const struct { const char *accept, *application, *good, *bad; } MODES[] = {
		{ "", "", "AA", "AE" }, { "AL", "", "CA", "CR" }, { "AL", "NE", "CA", "CR" }, { "AL", "AL", "CA AA", "CA AE" },
		{ "AL", "SU", "CA AA", "CR" }, { "AL", "ER", "CA", "CA AE" }, { "NE", "NE", "", "" }, { "NE", "", "", "" },
		{ "ER", "NE", "", "CR" }, { "SU", "NE", "CA", "" }, { "NE", "AL", "AA", "AE" }, { "NE", "ER", "", "AE" },
		{ "NE", "SU", "AA", "" }, { "", "AL", "AA", "AE" }, { "", "SU", "AA", "" }, { "ER", "AL", "AA", "AE" },
		{ "SU", "AL", "CA AA", "CA AE" }, { "SU", "ER", "CA", "CA AE" }, { "ER", "SU", "AA", "CR" },
		{ "ER", "ER", "", "AE" }, { "SU", "SU", "CA AA", "" },
		/* what table 0155 does not know is answered always */
		{ "ZQ", "", "CA", "CR" }, { "al", "NE", "CA", "CR" }, { "ZQ", "ZQ", "CA AA", "CA AE" }, { "NE", "ZQ", "AA", "AE" },
		{ "", "ne", "AA", "AE" }, { "AL^x", "", "CA", "CR" }, { "\"\"", "\"\"", "AA", "AE" },
	};
	const char *answers[2], *want;

	(void)state;
	for (size_t i = 0; i < sizeof(MODES) / sizeof(MODES[0]); i++) {
		for (int bad = 0; bad < 2; bad++) {
			want = bad ? MODES[i].bad : MODES[i].good;
			world_answers(message(MODES[i].accept, MODES[i].application, "", bad ? BAD : GOOD), mem, answers);
			for (int k = 0; k < 2; k++) {
				if (strlen(want) < (size_t)(3 * k + 2))
					assert_string_equal(answers[k], "");
				else
					assert_has(answers[k], arena_fmt(mem, "\rMSA|%.2s|MSG1", want + 3 * k));
			}
		}
	}
}

/* What was taken with a warning is acknowledged as good, by the last of its answers, with an ERR of severity W; systems older than that
 * read it in MSA-3; a sender that names no charset in English. What is refused has no warning. */
static void
warned(void **state)
{
	static const struct { const char *msh, *want; bool bad; } CASES[] = {
		{ "2.5||||||UNICODE UTF-8\r", "MSA|AA|MSG1|It is full.\rERR|||0^Message accepted^HL70357|W|||It is full.|Няма места.\r", false },
		{ "2.5\r", "MSA|AA|MSG1|It is full.\rERR|||0^Message accepted^HL70357|W|||It is full.|It is full.\r", false },
		{ "2.3||||||UNICODE UTF-8\r", "MSA|AA|MSG1|It is full.\r", false },
		{ "2.5|||AL|AL||UNICODE UTF-8\r", "MSA|CA|MSG1\r", false },
		{ "2.5|||AL|NE||UNICODE UTF-8\r", "MSA|CA|MSG1|It is full.\rERR|||0^", false },
		{ "2.5||||||UNICODE UTF-8\r", "|E|NSK-", true },
	};
	struct sector_env env = world_env("umbal-plovdiv");

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		const char *text = arena_fmt(mem, "MSH|^~\\&|HIS|UMBAL|NASOKA|OZD|20260302100000||REF^I12^REF_I12|MSG1|P|%s%s", CASES[i].msh,
					     CASES[i].bad ? BAD : GOOD), *said;
		struct native in = { .format = FORMAT_HL7, .bytes = span_str(text) }, answer;
		struct intake intake = world_read(text, mem);

		if (intake.n > 0) {
			intake.items[0].warning = "Няма места.";
			intake.items[0].warning_en = "It is full.";
		}
		assert_int_equal(health_hl7_answer(&in, &intake, &env, mem, &answer), OK);
		said = arena_strn(mem, answer.bytes.p, answer.bytes.n);
		assert_has(said, CASES[i].want);
		assert_int_equal(strstr(said, "HL70357|W|") != NULL, strstr(CASES[i].want, "ERR|||0^") != NULL);
		if (answer.then.n > 0)
			assert_has(arena_strn(mem, answer.then.p, answer.then.n), "MSA|AA|MSG1|It is full.\rERR|||0^");
	}
}

/* How many fields were left out is told by the last of its answers, in MSA-3 where there is no severity: news, beside a warning; never
 * what stood in them. */
static void
left_out(void **state)
{
	static const struct { const char *msh, *want, *want_not; bool warned; } CASES[] = {
		{ "2.5||||||UNICODE UTF-8\r", "MSA|AA|MSG1\rERR|||0^Message accepted^HL70357|I|||Fields left out: 2.", "Алергия", false },
		{ "2.5||||||UNICODE UTF-8\r", "|Изпуснати полета: 2.", "|W|", false },
		{ "2.5\r", "MSA|AA|MSG1|It is full.\rERR|||0^Message accepted^HL70357|W|||It is full.|It is full.\r"
		  "ERR|||0^Message accepted^HL70357|I|||Fields left out: 2.", "Изпуснати", true },
		{ "2.3\r", "MSA|AA|MSG1|Fields left out: 2. They have no place, or consent or need does not cover them.\r", "ERR|", false },
		{ "2.5|||AL|AL\r", "MSA|CA|MSG1\r", "left out", false },
	};
	struct sector_env env = world_env("umbal-plovdiv");

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		const char *text = arena_fmt(mem, "MSH|^~\\&|HIS|UMBAL|NASOKA|OZD|20260302100000||REF^I12^REF_I12|MSG1|P|%s" GOOD "AL1|1||Алергия\r",
					     CASES[i].msh), *said;
		struct native in = { .format = FORMAT_HL7, .bytes = span_str(text) }, answer;
		struct intake intake = world_read(text, mem);

		assert_int_equal(intake.n, 1);
		if (CASES[i].warned)
			intake.items[0].warning = intake.items[0].warning_en = "It is full.";
		assert_int_equal(health_hl7_answer(&in, &intake, &env, mem, &answer), OK);
		said = arena_strn(mem, answer.bytes.p, answer.bytes.n);
		assert_has(said, CASES[i].want);
		assert_null(strstr(said, CASES[i].want_not));
	}
}

/* The two answers to one message are two messages, and only the one that refuses says why. */
static void
two_answers(void **state)
{
	const char *answers[2];

	(void)state;
	world_answers(message("AL", "AL", "UNICODE UTF-8", BAD), mem, answers);
	assert_non_null(strstr(answers[0], "||ACK^I12^ACK|C"));
	assert_null(strstr(answers[0], "ERR|"));
	assert_non_null(strstr(answers[1], "||ACK^I12^ACK|A"));
	assert_has(answers[1], "\rERR||PID^1^7^1|102^^HL70357|");
}

/* What cannot be taken as a message is refused by the commit; only who wants no commit hears it from the application. */
static void
modes_of_form(void **state)
{
	static const struct { const char *accept, *application, *want; } MODES[] = {
		{ "", "", "AR" }, { "AL", "AL", "CR" }, { "AL", "NE", "CR" }, { "NE", "AL", "AR" }, { "SU", "ER", "AR" },
		{ "SU", "SU", "" }, { "ZQ", "", "CR" }, { "ZQ", "AL", "CR" }, { "NE", "ZQ", "AR" },
	};
	const char *answers[2];

	(void)state;
	for (size_t i = 0; i < sizeof(MODES) / sizeof(MODES[0]); i++) {
		world_answers(arena_fmt(mem, "MSH|^~\\&|HIS|UMBAL|||2026||ADT^A01|MSG1|P|2.5|||%s|%s\rPID|1\r", MODES[i].accept,
					MODES[i].application), mem, answers);
		assert_string_equal(answers[1], "");
		if (*MODES[i].want)
			assert_has(answers[0], arena_fmt(mem, "\rMSA|%s|MSG1|NSK-1504", MODES[i].want));
		else
			assert_string_equal(answers[0], "");
	}
}

/* In a folder, which has no second frame, both answers stand in one file. */
static void
both_in_a_file(void **state)
{
	struct sector_env env = world_env("umbal-plovdiv");
	struct native in = { .format = FORMAT_HL7, .bytes = span_str(message("AL", "AL", "", GOOD)), .file = "1.hl7" }, answer;
	struct intake intake;
	const char *text;

	(void)state;
	health_hl7_to_records(&in, &env, mem, &intake);
	assert_int_equal(health_hl7_answer(&in, &intake, &env, mem, &answer), OK);
	text = arena_strn(mem, answer.bytes.p, answer.bytes.n);
	assert_int_equal(answer.then.n, 0);
	assert_has(text, "\rMSA|CA|MSG1\rMSH|");
	assert_has(text, "\rMSA|AA|MSG1\r");
}

static void
know(const char *state, bool is_initiator)
{
	static struct progress p;

	p = (struct progress){ .state = state, .is_initiator = is_initiator, .external_no = "OZD-2026-311", .case_no = "C-77",
		.referral = record_of_lines(world_file("tests/vectors/health/full.record", mem), mem) };
	world_known = &p;
}

#define QUESTION(event, number, rest) "MSH|^~\\&|HIS|UMBAL|NASOKA|OZD|20260302100000||REF^" event "|MSG1|P|2.5" \
	"||||||UNICODE UTF-8\rRF1||||||" number "\r" rest

/* REF^I15 is answered at once by RRI^I15 with the state as RF1, OBR-25 and OBX say it, and the number of the other side. */
static void
status_request(void **state)
{
	static const struct { const char *state, *rf1, *obr25; } STATES[] = {
		{ "requested", "P", "\r" }, { "accepted", "A", "\r" }, { "scheduled", "A", "||||||S\r" }, { "declined", "R", "\r" },
		{ "completed", "A", "|F\r" }, { "waitlisted", "A", "|O\r" },
	};
	const char *text;
	struct intake intake;

	(void)state;
	for (size_t i = 0; i < sizeof(STATES) / sizeof(STATES[0]); i++) {
		know(STATES[i].state, i % 2 == 0);
		text = world_answer(QUESTION("I15", "UMBAL-2026-00017", ""), mem);
		assert_memory_equal(text, "MSH|^~\\&|NASOKA|OZD|HIS|UMBAL|20260302100000+0200||RRI^I15^RRI_I12|A", 64);
		assert_has(text, arena_fmt(mem, "\rMSA|AA|MSG1\rRF1|%s^^HL70283|||||UMBAL-2026-00017|||||%s\rPRD|RP", STATES[i].rf1,
					   i % 2 ? "C-77" : "OZD-2026-311"));
		assert_has(text, STATES[i].obr25);
		assert_has(text, arena_fmt(mem, "\rOBX|1|CE|to^^NASOKA||%s^^NASOKA||||||F\r", STATES[i].state));
		assert_null(strstr(text, "NK1|"));
		/* whoever reads it as a status reads that state */
		intake = world_read(text, mem);
		assert_string_equal(intake.items[0].record->status->to, STATES[i].state);
	}
	world_known = NULL;
}

/* One about a referral that is not here, or about none, is refused and makes no record. */
static void
status_request_refused(void **state)
{
	(void)state;
	know("accepted", true);
	assert_has(world_answer(QUESTION("I15", "R-9", ""), mem), "\rMSA|AE|MSG1|NSK-1403");
	assert_has(world_answer(QUESTION("I15", "", ""), mem), "\rMSA|AE|MSG1|NSK-1301");
	assert_int_equal(world_read(QUESTION("I15", "UMBAL-2026-00017", ""), mem).n, 0);
	world_known = NULL;
}

/* A change that was taken is answered by RRI^I13 with the state; one that is not possible says what is. */
static void
change_answered(void **state)
{
	const char *text = QUESTION("I13", "UMBAL-2026-00017", "PRD|RP\rPID|1||1||Друга^Калина||20150307|F\r");
	struct sector_env env = world_env("umbal-plovdiv");
	struct native in = { .format = FORMAT_HL7, .bytes = span_str(text) }, answer;
	struct intake intake;
	const char *said;

	(void)state;
	know("received", true);
	said = world_answer(text, mem);
	assert_has(said, "||RRI^I13^RRI_I12|");
	assert_has(said, "\rMSA|AA|MSG1\rRF1|P^^HL70283|||||UMBAL-2026-00017|||||OZD-2026-311\r");
	intake = world_read(text, mem);
	intake.items[0].e = why_set(&intake.items[0].why, ERR_BAD_TRANSITION, "status.to", "-");
	assert_int_equal(health_hl7_answer(&in, &intake, &env, mem, &answer), OK);
	said = arena_strn(mem, answer.bytes.p, answer.bytes.n);
	assert_has(said, "||ACK^I13^ACK|");
	assert_has(said, "\rMSA|AE|MSG1|NSK-1401");
	assert_has(said, "отменете го (I14)");
	world_known = NULL;
}

/* A refusal names HL7's code, ours, the place and what to do, in Bulgarian where the sender's charset has it. */
static void
errors_told(void **state)
{
	const char *ack = world_answer(message("", "", "UNICODE UTF-8", BAD), mem);

	(void)state;
	assert_has(ack, "\rERR||PID^1^7^1|102^^HL70357|E|NSK-1304^not a valid date or time^NASOKA||");
	assert_has(ack, "невалидна дата");
	ack = world_answer(message("", "", "", BAD), mem);
	for (const char *p = ack; *p; p++)
		assert_true((unsigned char)*p < 0x80);
	ack = world_answer("MSH|^~\\&|A|B|C|D|2026||REF^I12|7|P|2.3\rPID|||1||T^K||19761325|F\rRF1||||||R\r", mem);
	assert_has(ack, "\rMSA|AE|7|NSK-1304 not a valid date or time\rERR|PID^1^7^102&&HL70357|");
}

/* What has no kind, no number, no head or no sense is refused with AR, and never left without an answer. */
static void
never_silent(void **state)
{
	static const struct { const char *text, *part; } TEXTS[] = {
		{ "", "MSA|AR||NSK-1503" }, { "hello", "MSA|AR||NSK-1501" }, { "MSH|^~", "MSA|AR||NSK-1503" },
		{ "MSH|^~\\&|A|B|C|D|2026||REF^I12||P|2.3\rPID|1\r", "MSA|AR||NSK-1301" },
		{ "MSH|^~\\&|A|B|C|D|2026||ADT^A01|5|P|2.3\rPID|1\r", "MSA|AR|5|NSK-1504" },
		{ "MSH|^~\\&|A|B|C|D|2026||REF^I12|5|T|2.3\rPID|1\r", "MSA|AR|5|NSK-1202" },
		{ "MSH|^~\\&|A|B|C|D|2026||REF^I12|5|P|3\rPID|1\r", "MSA|AR|5|NSK-1102" },
		{ "MSH|^~\\&|A|B|C|D|2026||REF^I12|5|P|2.3\rPID|1||\xC0\r", "MSA|AR|5|NSK-1502" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++)
		assert_has(world_answer(TEXTS[i].text, mem), TEXTS[i].part);
	assert_string_equal(world_answer("MSH|^~\\&|A|B|C|D|2026||ACK^I12|5|P|2.3\rMSA|AA|1\r", mem), "");
}

/* The answer is in the charset of the message, Cyrillic names of applications as well. */
static void
charset_echoed(void **state)
{
	struct sector_env env = world_env("umbal-plovdiv");
	struct span cyrillic = span_str("MSH|^~\\&|\xC1\xCE\xCB|UMBAL|||2026||ADT^A01|5|P|2.5||||||windows-1251\r");
	struct native in = { .format = FORMAT_HL7, .bytes = cyrillic }, answer;
	struct intake intake;

	(void)state;
	health_hl7_to_records(&in, &env, mem, &intake);
	assert_int_equal(health_hl7_answer(&in, &intake, &env, mem, &answer), OK);
	assert_string_equal(answer.charset, "windows-1251");
	assert_non_null(memmem(answer.bytes.p, answer.bytes.n, "|\xC1\xCE\xCB|UMBAL|", 11));
	assert_non_null(memmem(answer.bytes.p, answer.bytes.n, "|windows-1251\r", 14));
}

/* The same message gets an answer with the same control id; a fault that the core found by path is told by its place. */
static void
stable_and_placed(void **state)
{
	const char *text = message("", "", "UNICODE UTF-8", GOOD);
	struct sector_env env = world_env("umbal-plovdiv");
	struct native in = { .format = FORMAT_HL7, .bytes = span_str(text) }, answer;
	struct intake intake = world_read(text, mem);

	(void)state;
	assert_string_equal(world_answer(text, mem), world_answer(text, mem));
	intake.items[0].e = why_set(&intake.items[0].why, ERR_REQUIRED, "referral.carers[0].name", "-");
	assert_int_equal(health_hl7_answer(&in, &intake, &env, mem, &answer), OK);
	assert_has(arena_strn(mem, answer.bytes.p, answer.bytes.n), "\rERR||NK1^1^2^1|101^^HL70357|");
	intake.items[0].e = why_set(&intake.items[0].why, ERR_REQUIRED, "referral.carers[1].name", "-");
	assert_int_equal(health_hl7_answer(&in, &intake, &env, mem, &answer), OK);
	assert_has(arena_strn(mem, answer.bytes.p, answer.bytes.n), "\rERR||NK1^2^2^1|101^^HL70357|");
	/* of several OBX the one that says it */
	text = message("", "", "UNICODE UTF-8", GOOD "OBX|1|CE|risk_level^^NASOKA||low\rOBX|2|ST|consent.evidence^^NASOKA||x\r");
	in.bytes = span_str(text);
	intake = world_read(text, mem);
	intake.items[0].e = why_set(&intake.items[0].why, ERR_TOOLONG, "referral.consent.evidence", "-");
	assert_int_equal(health_hl7_answer(&in, &intake, &env, mem, &answer), OK);
	assert_has(arena_strn(mem, answer.bytes.p, answer.bytes.n), "\rERR||OBX^2^5^1|102^^HL70357|");
	/* what is no place of HL7 is none in the answer */
	intake.items[0].e = why_set(&intake.items[0].why, ERR_CUT_OFF, "MLLP", "-");
	assert_int_equal(health_hl7_answer(&in, &intake, &env, mem, &answer), OK);
	assert_has(arena_strn(mem, answer.bytes.p, answer.bytes.n), "\rERR|||100^^HL70357|");
	intake.items[0].e = why_set(&intake.items[0].why, ERR_FULL, NULL, "-");
	assert_int_equal(health_hl7_answer(&in, &intake, &env, mem, &answer), OK);
	assert_has(arena_strn(mem, answer.bytes.p, answer.bytes.n), "\rMSA|AR|MSG1|NSK-1003");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(addressed_back, setup, teardown),
		cmocka_unit_test_setup_teardown(modes, setup, teardown),
		cmocka_unit_test_setup_teardown(errors_told, setup, teardown),
		cmocka_unit_test_setup_teardown(never_silent, setup, teardown),
		cmocka_unit_test_setup_teardown(charset_echoed, setup, teardown),
		cmocka_unit_test_setup_teardown(stable_and_placed, setup, teardown),
		cmocka_unit_test_setup_teardown(left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(two_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(warned, setup, teardown),
		cmocka_unit_test_setup_teardown(modes_of_form, setup, teardown),
		cmocka_unit_test_setup_teardown(both_in_a_file, setup, teardown),
		cmocka_unit_test_setup_teardown(status_request, setup, teardown),
		cmocka_unit_test_setup_teardown(status_request_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(change_answered, setup, teardown),
	};

	return cmocka_run_group_tests_name("hl7_answer", tests, NULL, NULL);
}
