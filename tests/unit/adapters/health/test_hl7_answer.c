/* SPDX-License-Identifier: EUPL-1.2 */
#define _GNU_SOURCE
#include "tests/unit/adapters/health/hl7_world.h"

#define MSG_ID "019c7d2e-5a11-7c3b-9d42-6f0e1a2b3c4d"
#define CONTROL "Nc3b9d426f0e1a2b3c4d"
#define GOOD "RF1||A|Psy|RP||R-1|20260305|20260304|20260302\rPRD|RP|Иванова^Мария\r" \
	"PID|1||1543079013^^^GRAO^NI||Тест^Калина||20150307|F\rOBR|1|R-1||psych-counselling^^NASOKA\r"
#define BAD "RF1||A||||R-1\rPRD|RP\rPID|1||1||T^K||19761325|F\rOBR|1|R-1||other^^NASOKA\r"

static struct arena *mem;

static int
setup(void **state)
{
	(void)state;
	mem = arena_new(WORLD_MEM);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(mem);
	return 0;
}

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

/* MSH-15 and MSH-16 decide what is answered, by table: original mode AA, AE, AR, enhanced mode CA, CR, or nothing. */
static void
modes(void **state)
{
	static const struct { const char *accept, *application, *good, *bad; } MODES[] = {
		{ "", "", "AA", "AE" }, { "AL", "", "CA", "CR" }, { "AL", "AL", "CA", "CR" }, { "AL", "NE", "CA", "CR" },
		{ "NE", "NE", NULL, NULL }, { "NE", "AL", "AA", "AE" }, { "ER", "NE", NULL, "CR" }, { "SU", "NE", "CA", NULL },
		{ "NE", "ER", NULL, "AE" }, { "", "SU", "AA", NULL }, { "ER", "AL", "AA", "CR" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(MODES) / sizeof(MODES[0]); i++) {
		for (int bad = 0; bad < 2; bad++) {
			const char *want = bad ? MODES[i].bad : MODES[i].good;
			const char *ack = world_answer(message(MODES[i].accept, MODES[i].application, "", bad ? BAD : GOOD), mem);

			if (want)
				assert_has(ack, arena_fmt(mem, "\rMSA|%s|MSG1", want));
			else
				assert_string_equal(ack, "");
		}
	}
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
	/* what is no place of HL7 is none in the answer */
	intake.items[0].e = why_set(&intake.items[0].why, ERR_CUT_OFF, "MLLP", "-");
	assert_int_equal(health_hl7_answer(&in, &intake, &env, mem, &answer), OK);
	assert_has(arena_strn(mem, answer.bytes.p, answer.bytes.n), "\rERR|||100^^HL70357|");
	intake.items[0].e = why_set(&intake.items[0].why, ERR_FULL, NULL, "-");
	assert_int_equal(health_hl7_answer(&in, &intake, &env, mem, &answer), OK);
	assert_has(arena_strn(mem, answer.bytes.p, answer.bytes.n), "\rMSA|AR|MSG1|NSK-1003");
}

/* What a hospital's system answers means: registered, taken, later, or never; by table. */
static void
answers_read(void **state)
{
	static const struct { const char *text; enum verdict verdict; const char *case_no; } ANSWERS[] = {
		{ "MSA|AA|" CONTROL "\r", VERDICT_OK, NULL }, { "MSA|CA|" CONTROL "\r", VERDICT_OK, NULL },
		{ "MSA|AA|" CONTROL "\rRF1|P|||||UMBAL-2026-00017|||||C-77\r", VERDICT_OK, "C-77" },
		{ "MSA|AA|OTHER\rRF1|P|||||UMBAL-2026-00017|||||C-77\r", VERDICT_OK, "C-77" },
		{ "MSA|AA|OTHER\r", VERDICT_RETRY, NULL }, { "PID|1\r", VERDICT_RETRY, NULL },
		{ "MSA|AA|OTHER\rRF1|P|||||R-9|||||C-77\r", VERDICT_RETRY, NULL },
		{ "MSA|CE|" CONTROL "\r", VERDICT_RETRY, NULL }, { "MSA|CR|" CONTROL "\r", VERDICT_REJECT, NULL },
		{ "MSA|AE|" CONTROL "\rERR|||207^^HL70357|E\r", VERDICT_REJECT, NULL },
		{ "MSA|AE|" CONTROL "\rERR|||206^^HL70357|E\r", VERDICT_RETRY, NULL },
		{ "MSA|AR|" CONTROL "\rERR|||207^^HL70357|E\r", VERDICT_RETRY, NULL },
		{ "MSA|AR|" CONTROL "\rERR|||200^^HL70357|E\r", VERDICT_REJECT, NULL },
		{ "MSA|AR|" CONTROL "\r", VERDICT_REJECT, NULL }, { "MSA|AE|" CONTROL "\r", VERDICT_REJECT, NULL },
	};
	struct record *record = record_of_lines(world_file("tests/vectors/health/full.record", mem), mem);
	struct outgoing out = { .msg_id = MSG_ID, .record = record, .referral = record };
	struct native answer = { .format = FORMAT_HL7 };
	const char *case_no;
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof(ANSWERS) / sizeof(ANSWERS[0]); i++) {
		answer.bytes = span_str(arena_fmt(mem, "MSH|^~\\&|H|U|N||2026||RRI^I12|9|P|2.5.1\r%s", ANSWERS[i].text));
		if (err_verdict(health_hl7_read_answer(&out, &answer, mem, &case_no, &why)) != ANSWERS[i].verdict)
			fail_msg("%s", ANSWERS[i].text);
		if (ANSWERS[i].case_no)
			assert_string_equal(case_no, ANSWERS[i].case_no);
		else
			assert_null(case_no);
	}
	answer.bytes = SPAN_NONE;
	assert_int_equal(health_hl7_read_answer(&out, &answer, mem, &case_no, &why), ERR_PEER_REFUSED);
}

/* The application's AA to a status of the system's own referral registers it under the referral's number; CA does not. */
static void
status_home_registered(void **state)
{
	static const struct { const char *text; bool is_initiator; const char *case_no; } ANSWERS[] = {
		{ "MSA|AA|" CONTROL "\r", true, "UMBAL-2026-00017" }, { "MSA|CA|" CONTROL "\r", true, NULL },
		{ "MSA|AA|" CONTROL "\rRF1|||||||||||C-77\r", true, "C-77" }, { "MSA|AA|" CONTROL "\r", false, NULL },
	};
	struct record *referral = record_of_lines(world_file("tests/vectors/health/full.record", mem), mem);
	struct record *record = record_new(mem, "record");
	struct outgoing out = { .msg_id = MSG_ID, .record = record, .referral = referral };
	struct native answer = { .format = FORMAT_HL7 };
	const char *case_no;
	struct why why;

	(void)state;
	assert_int_equal(record_set(record, mem, "status.to", "accepted", &why), OK);
	for (size_t i = 0; i < sizeof(ANSWERS) / sizeof(ANSWERS[0]); i++) {
		out.is_initiator = ANSWERS[i].is_initiator;
		answer.bytes = span_str(arena_fmt(mem, "MSH|^~\\&|H|U|N||2026||ACK|9|P|2.5.1\r%s", ANSWERS[i].text));
		assert_int_equal(health_hl7_read_answer(&out, &answer, mem, &case_no, &why), OK);
		if (ANSWERS[i].case_no)
			assert_string_equal(case_no, ANSWERS[i].case_no);
		else
			assert_null(case_no);
	}
	/* and an AA to the news of a stage is about nothing that could be registered */
	out.record = NULL;
	out.is_initiator = true;
	answer.bytes = span_str("MSH|^~\\&|H|U|N||2026||ACK|9|P|2.5.1\rMSA|AA|" CONTROL "\r");
	assert_int_equal(health_hl7_read_answer(&out, &answer, mem, &case_no, &why), OK);
	assert_null(case_no);
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
		cmocka_unit_test_setup_teardown(answers_read, setup, teardown),
		cmocka_unit_test_setup_teardown(status_home_registered, setup, teardown),
	};

	return cmocka_run_group_tests_name("hl7_answer", tests, NULL, NULL);
}
