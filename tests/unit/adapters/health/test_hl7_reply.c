/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/hl7_fixture.h"

#define MSG_ID "019c7d2e-5a11-7c3b-9d42-6f0e1a2b3c4d"
#define CONTROL "Nc3b9d426f0e1a2b3c4d"

/* What a hospital's system answers means: registered, taken, later, or never; by table. */
static void
answers_read(void **state)
{
	static const struct { const char *text; enum verdict verdict; const char *case_no; } ANSWERS[] = {
		{ "MSA|AA|" CONTROL "\r", VERDICT_OK, NULL }, { "MSA|CA|" CONTROL "\r", VERDICT_OK, NULL },
		{ "MSA|AA|" CONTROL "\rRF1|P|||||UMBAL-2026-00017|||||C-77\r", VERDICT_OK, "C-77" },
		{ "MSA|AA|OTHER\rRF1|P|||||UMBAL-2026-00017|||||C-77\r", VERDICT_OK, "C-77" },
		/* a number beside another referral's is that one's; a code of no table says nothing */
		{ "MSA|AA|" CONTROL "\rRF1|P|||||R-9|||||C-77\r", VERDICT_OK, NULL },
		{ "MSA|AA|" CONTROL "\rORC|OK|R-9|F-7\r", VERDICT_OK, NULL },
		{ "MSA|ZZ|" CONTROL "\r", VERDICT_RETRY, NULL }, { "MSA|aa|" CONTROL "\r", VERDICT_RETRY, NULL },
		{ "MSA|AAA|" CONTROL "\r", VERDICT_RETRY, NULL },
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
		{ "MSA|AA|" CONTROL "\rRF1|||||||||||C-77\r", true, "C-77" }, { "MSA|AA|" CONTROL "\rRF1||||||R-9\r", true, NULL },
		{ "MSA|AA|" CONTROL "\rRF1||||||OZD-1\r", true, "UMBAL-2026-00017" }, { "MSA|AA|" CONTROL "\r", false, NULL },
	};
	struct record *referral = record_of_lines(world_file("tests/vectors/health/full.record", mem), mem);
	struct record *record = record_new(mem, "record");
	struct outgoing out = { .msg_id = MSG_ID, .record = record, .referral = referral };
	struct native answer = { .format = FORMAT_HL7 };
	const char *case_no;
	struct why why;

	(void)state;
	assert_int_equal(record_set(record, mem, "status.to", "accepted", &why), OK);
	out.external_no = "OZD-1";
	for (size_t i = 0; i < sizeof(ANSWERS) / sizeof(ANSWERS[0]); i++) {
		out.is_initiator = ANSWERS[i].is_initiator;
		answer.bytes = span_str(arena_fmt(mem, "MSH|^~\\&|H|U|N||2026||ACK|9|P|2.5.1\r%s", ANSWERS[i].text));
		assert_int_equal(health_hl7_read_answer(&out, &answer, mem, &case_no, &why), OK);
		if (ANSWERS[i].case_no)
			assert_string_equal(case_no, ANSWERS[i].case_no);
		else
			assert_null(case_no);
	}
	/* what follows a referral that the system has registered is registered there too; a referral needs its own number */
	out.is_initiator = false;
	out.case_no = "C-9";
	answer.bytes = span_str("MSH|^~\\&|H|U|N||2026||ACK|9|P|2.5.1\rMSA|AA|" CONTROL "\r");
	assert_int_equal(health_hl7_read_answer(&out, &answer, mem, &case_no, &why), OK);
	assert_string_equal(case_no, "C-9");
	out.record = referral;
	assert_int_equal(health_hl7_read_answer(&out, &answer, mem, &case_no, &why), OK);
	assert_null(case_no);
	answer.bytes = span_str("MSH|^~\\&|H|U|N||2026||ORG^O20|9|P|2.5.1\rMSA|AA|" CONTROL "\rORC|OK|UMBAL-2026-00017|F-7\r");
	assert_int_equal(health_hl7_read_answer(&out, &answer, mem, &case_no, &why), OK);
	assert_string_equal(case_no, "F-7");
	out.case_no = NULL;
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
		cmocka_unit_test_setup_teardown(answers_read, setup, teardown),
		cmocka_unit_test_setup_teardown(status_home_registered, setup, teardown),
	};

	return cmocka_run_group_tests_name("hl7_reply", tests, NULL, NULL);
}
