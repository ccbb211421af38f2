/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/hl7_fixture.h"

#include "adapters/health/hl7_batch.h"

#define FHS "FHS|^~\\&|HIS|UMBAL|NASOKA|OZD|20260302||||F-1\r"
#define BHS(id) "BHS|^~\\&|HIS|UMBAL|NASOKA|OZD|20260302||||" id "\r"
#define GOOD(id) "MSH|^~\\&|HIS|UMBAL|NASOKA|OZD|20260302100000||REF^I12^REF_I12|" id "|P|2.5||||||UNICODE UTF-8\r" \
	"RF1||A||RP||R-" id "|20260305|20260304|20260302\rPRD|RP|Иванова^Мария\r" \
	"PID|1||1543079013^^^GRAO^NI||Тест^Калина||20150307|F\rOBR|1|R-" id "||psych-counselling^^NASOKA\r"
#define BAD(id) "MSH|^~\\&|HIS|UMBAL|NASOKA|OZD|2026||ADT^A01|" id "|P|2.5\rPID|1\r"

static struct hl7_batch *
split(const char *text, enum err expected, const char *where)
{
	struct hl7_batch *b = arena_alloc(mem, sizeof(*b));
	struct why why = { .where = "" };

	assert_int_equal(hl7_batch_split(span_str(text), mem, b, &why), expected);
	assert_string_equal(why.where, where);
	return b;
}

/* Messages and the batch of each are found, with and without a file around them, by CR and by LF. */
static void
taken_apart(void **state)
{
	struct hl7_batch *b = split(FHS BHS("1") GOOD("a") GOOD("b") "BTS|2\r" BHS("2") GOOD("c") "BTS|1\rFTS|2\r", OK, "");

	(void)state;
	assert_int_equal(b->n, 3);
	assert_int_equal(b->n_groups, 2);
	assert_int_equal(b->messages[1].group, 0);
	assert_int_equal(b->messages[2].group, 1);
	assert_memory_equal(b->messages[1].bytes.p, GOOD("b"), b->messages[1].bytes.n);
	assert_int_equal(b->messages[1].bytes.n, sizeof(GOOD("b")) - 2);
	b = split("\xEF\xBB\xBF" BHS("1") GOOD("a") "BTS\r", OK, "");
	assert_int_equal(b->n, 1);
	b = split(FHS GOOD("a") GOOD("b") "FTS|2\r", OK, "");
	assert_int_equal(b->n, 2);
	assert_int_equal(b->groups[0].n, 0);
	b = split("BHS|^~\\&|A|B\nMSH|^~\\&|A|B\nPID|1\n\nMSH|^~\\&|A|B\nBTS|2\n", OK, "");
	assert_int_equal(b->n, 2);
	assert_int_equal(split(BHS("1") "BTS|0\r", OK, "")->n, 0);
	assert_int_equal(split(BHS("1") GOOD("a") "BTS| 001 |so many\r", OK, "")->n, 1);
	assert_int_equal(split(BHS("1") GOOD("a") "BTS|\"\"|one\r", OK, "")->n, 1);
	/* <cr> in letters, before a line's end and as all the end that there is */
	assert_int_equal(split("BHS|^~\\&|A|B<cr>\nMSH|^~\\&|A|B<cr>\nBTS|1<cr>\n", OK, "")->n, 1);
	b = split("BHS|^~\\&|A|B<cr>MSH|^~\\&|A|B<cr>PID|1<cr>MSH|^~\\&|A|B<cr>BTS|2<cr>", OK, "");
	assert_int_equal(b->n, 2);
	assert_int_equal(b->messages[0].bytes.n, strlen("MSH|^~\\&|A|B<cr>PID|1"));
}

/* What is not whole is refused whole: no trailer, another count, segments outside a message, something behind the end. */
static void
refused_whole(void **state)
{
	static const struct { const char *text; enum err e; const char *where; } BAD[] = {
		{ BHS("1") GOOD("a"), ERR_CUT_OFF, "BTS" }, { FHS BHS("1") GOOD("a") "BTS|1\r", ERR_CUT_OFF, "FTS" },
		{ BHS("1") GOOD("a") "BTS|2\r", ERR_CUT_OFF, "BTS-1" }, { FHS BHS("1") GOOD("a") "BTS|1\rFTS|2\r", ERR_CUT_OFF, "FTS-1" },
		{ BHS("1") "PID|1\rBTS|0\r", ERR_SYNTAX, "" }, { BHS("1") GOOD("a") "BTS|1\r" GOOD("b"), ERR_SYNTAX, "" },
		{ BHS("1") GOOD("a") BHS("2") "BTS\r", ERR_CUT_OFF, "BTS" }, { FHS FHS "FTS\r", ERR_SYNTAX, "FHS" },
		{ BHS("1") GOOD("a") "BTS|-1\r", ERR_CUT_OFF, "BTS-1" }, { BHS("1") GOOD("a") "BTS|one\r", ERR_CUT_OFF, "BTS-1" },
		{ BHS("1") GOOD("a") "BTS|1x\r", ERR_CUT_OFF, "BTS-1" }, { BHS("1") GOOD("a") "BTS1\r", ERR_CUT_OFF, "BTS-1" },
		{ BHS("1") GOOD("a") "BTS|0000000001\r", ERR_CUT_OFF, "BTS-1" }, { FHS BHS("1") GOOD("a") "BTS|1\rFTS|+1\r", ERR_CUT_OFF, "FTS-1" },
		{ "FHSABCDEF\r" GOOD("a") "FTS\r", ERR_SYNTAX, "FHS-1" }, { "BHS|^\r" GOOD("a") "BTS|1\r", ERR_CUT_OFF, "BHS-2" },
		{ "FHS\r" GOOD("a") "FTS\r", ERR_CUT_OFF, "FHS-2" }, { "BHS|^~^&\r" GOOD("a") "BTS\r", ERR_SYNTAX, "BHS-2" },
		{ FHS "BHS\r" GOOD("a") "BTS\rFTS\r", ERR_CUT_OFF, "BHS-2" },
		{ FHS BHS("1") GOOD("a") "FTS|1\r", ERR_SYNTAX, "FTS" }, { FHS "BTS\r", ERR_SYNTAX, "BTS" }, { BHS("1") "FTS\r", ERR_SYNTAX, "" },
	};
	struct buf b;

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		struct intake intake = world_read(BAD[i].text, mem);

		(void)split(BAD[i].text, BAD[i].e, BAD[i].where);
		assert_int_equal(intake.e, BAD[i].e);
		assert_int_equal(intake.n, 0);
	}
	buf_init(&b, mem);
	buf_str(&b, BHS("1"));
	for (int i = 0; i <= HL7_BATCH_MAX; i++)
		buf_str(&b, "MSH|^~\\&|A\r");
	(void)split(buf_text(&b), ERR_TOOMANY, "MSH");
}

/* A file of the folder is whole when its trailer is. */
static void
whole(void **state)
{
	(void)state;
	assert_true(hl7_is_batch(span_str("\n" BHS("1"))));
	assert_false(hl7_is_batch(span_str(GOOD("a"))));
	assert_true(hl7_is_whole_batch(span_str(BHS("1") GOOD("a") "BTS|1\r")));
	assert_false(hl7_is_whole_batch(span_str(BHS("1") GOOD("a") "BTS|1")));
	assert_false(hl7_is_whole_batch(span_str(FHS BHS("1") GOOD("a") "BTS|1\r")));
	assert_true(hl7_is_whole_batch(span_str(FHS BHS("1") GOOD("a") "BTS|1\rFTS|1\r\n")));
}

/* Each message is taken or refused by itself, and answered in its place in a batch of answers of the same form. */
static void
answered_each(void **state)
{
	const char *text = FHS BHS("B-1") GOOD("a") BAD("b") "BTS|2\r" BHS("B-2") GOOD("c") "BTS|1\rFTS|2\r", *said, *p;
	static const char *const ORDER[] = { "FHS|^~\\&|NASOKA|OZD|HIS|UMBAL|", "|F-1\rBHS|^~\\&|NASOKA|OZD|HIS|UMBAL|", "|B-1\rMSH|",
		"\rMSA|AA|a\rMSH|", "\rMSA|AR|b|NSK-1504", "\rBTS|2\rBHS|", "|B-2\rMSH|", "\rMSA|AA|c\rBTS|1\rFTS|2\r" };
	struct intake intake = world_read(text, mem);

	(void)state;
	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.n, 3);
	assert_string_equal(intake.items[0].record->referral->referral_id, "R-a");
	assert_int_equal(intake.items[1].e, ERR_UNSUPPORTED);
	assert_string_equal(intake.items[2].native_id, "HIS|UMBAL|c");
	p = said = world_answer(text, mem);
	for (size_t i = 0; i < sizeof(ORDER) / sizeof(ORDER[0]); i++) {
		p = strstr(p, ORDER[i]);
		if (!p) {
			fail_msg("no %s in %s", ORDER[i], said);
			return;
		}
	}
	assert_string_equal(said, world_answer(text, mem));
}

/* A batch that was refused as a whole is answered once, about its own number. */
static void
answered_whole(void **state)
{
	const char *said = world_answer(BHS("B-1") GOOD("a"), mem);

	(void)state;
	assert_non_null(strstr(said, "\rMSA|AR|B-1|NSK-1503"));
	said = world_answer(FHS BHS("B-1") GOOD("a") "BTS|2\rFTS|1\r", mem);
	assert_memory_equal(said, "FHS|", 4);
	assert_non_null(strstr(said, "\rMSA|AR|B-1|NSK-1503"));
	assert_non_null(strstr(said, "\rFTS|1\r"));
}

/* One whose header says no delimiters is answered with the place and no header of ours. */
static void
answered_without_head(void **state)
{
	const char *said = world_answer("FHSABCDEF\r" GOOD("a") "FTS\r", mem);

	(void)state;
	assert_memory_equal(said, "MSH|", 4);
	assert_non_null(strstr(said, "\rMSA|AR||NSK-1501"));
	assert_non_null(strstr(said, "\rERR||FHS^1^1^1|"));
	assert_null(strstr(said, "MSA|AA"));
}

/* Every beginning of a batch is taken whole or refused whole. */
static void
any_prefix(void **state)
{
	const char *text = FHS BHS("B-1") GOOD("a") GOOD("b") "BTS|2\rFTS|1\r";
	size_t n = strlen(text);

	(void)state;
	for (size_t i = 4; i < n; i++) {
		struct arena *own = arena_new(1 << 20);
		struct intake intake = world_read(arena_strn(own, text, i), own);

		assert_true(intake.e != OK ? intake.n == 0 : i + 3 >= n);
		arena_free(own);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(taken_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(refused_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(whole, setup, teardown),
		cmocka_unit_test_setup_teardown(answered_each, setup, teardown),
		cmocka_unit_test_setup_teardown(answered_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(answered_without_head, setup, teardown),
		cmocka_unit_test_setup_teardown(any_prefix, setup, teardown),
	};

	return cmocka_run_group_tests_name("hl7_batch", tests, NULL, NULL);
}
