/* SPDX-License-Identifier: EUPL-1.2 */
/* wording - events, latencies, ids */
#include "tests/unit/proto/trust_world.h"
#include "hub/audit/wording.h"
#include "proto/base/clock.h"

/* Every kind of leaf has a word in both languages. */
static void
wording_words(void **state)
{
	for (int type = LEAF_SUBMIT; type <= LEAF_RESEAL; type++)
		for (int lang = LANG_EN; lang <= LANG_BG; lang++)
			assert_string_not_equal(wording_event((enum leaf_type)type, (enum lang)lang), "?");
	assert_string_equal(wording_event((enum leaf_type)99, LANG_EN), "?");
	assert_string_equal(wording_stage(LEAF_SUBMIT), "stored");
	assert_string_equal(wording_stage(LEAF_SEEN), "seen");
	assert_null(wording_stage(LEAF_START));
	assert_string_equal(wording_fact("no-answer", LANG_EN), "not answered in time");
	assert_string_equal(wording_fact("late", LANG_BG), "незаведено в срок");
	assert_null(wording_fact("?", LANG_EN));
	assert_null(wording_fact(NULL, LANG_EN));
	(void)state;
}

/* A latency is told in the unit that suits it. */
static void
wording_latencies(void **state)
{
	static const struct { int64_t ms; const char *text; } cases[] = {
		{ -1, "" }, { 0, "0.000 s" }, { 1234, "1.234 s" }, { 45 * CLOCK_SECOND, "45 s" }, { 5 * CLOCK_MINUTE, "5 min" },
		{ 30 * CLOCK_HOUR, "30 h" }, { 9 * CLOCK_DAY, "9 d" },
	};
	char text[WORDING_LATENCY_LEN];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(wording_latency(cases[i].ms, LANG_EN, text), cases[i].text);
	assert_string_equal(wording_latency(5 * CLOCK_MINUTE, LANG_BG, text), "5 мин");
	(void)state;
}

/* What is all zero is nothing. */
static void
wording_nothing(void **state)
{
	struct msgid id = { { 0 } };
	uint8_t bytes[2] = { 0, 0 };
	char text[MSGID_TEXT_LEN];

	assert_string_equal(wording_id(&id, text), "");
	assert_string_equal(wording_hex(bytes, 2, text), "");
	bytes[1] = 0xa5;
	assert_string_equal(wording_hex(bytes, 2, text), "00a5");
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wording_words),
		cmocka_unit_test(wording_latencies),
		cmocka_unit_test(wording_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
