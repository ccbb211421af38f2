/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/core/charset.h"
#include "adapters/education/csv.h"
#include "tests/unit/adapters/education/roster_world.h"
#include "tests/support/arena_fixture.h"

#define VECTORS "tests/vectors/education/"
#define HEAD "referral_no;institution_code;id_number;first_name;last_name;birth_date;gender;need_codes;respond_by\n"

static const char *
lines_of(const struct intake *intake)
{
	struct buf b;

	buf_init(&b, mem);
	for (size_t i = 0; i < intake->n; i++) {
		const struct intake_item *item = &intake->items[i];

		buf_fmt(&b, "# row %u %s %s native_id=%s target=%s confirms=%s case_no=%s\n", item->row, err_name(item->e),
			item->why.where, item->native_id ? item->native_id : "", item->target ? item->target : "",
			item->confirms ? item->confirms : "", item->case_no ? item->case_no : "");
		if (item->record)
			buf_str(&b, record_lines(item->record, mem));
	}
	return buf_text(&b);
}

static const char *
get(const struct intake *intake, size_t i, const char *path)
{
	const char *v;

	assert_int_equal(intake->items[i].e, OK);
	v = record_get(intake->items[i].record, mem, path);
	return v ? v : "";
}

/* What school software exports, each file with its oddity, becomes the records beside it. */
static void
vectors(void **state)
{
	static const char *const FILES[] = { "referrals_utf8", "referrals_windows1251", "referrals_comma", "statuses", "confirm",
		"one_bad_row", "excel_texts" };

	(void)state;
	for (size_t i = 0; i < sizeof(FILES) / sizeof(FILES[0]); i++) {
		struct intake intake = world_read_bytes(world_file(arena_fmt(mem, VECTORS "%s.csv", FILES[i]), mem), mem);

		assert_int_equal(intake.e, OK);
		world_same_as_file(arena_fmt(mem, VECTORS "%s.records", FILES[i]), span_str(lines_of(&intake)), mem);
	}
}

/* The same table in windows-1251, in UTF-8 and in Excel's UTF-16 with tabs says the same. */
static void
same_in_every_encoding(void **state)
{
	struct intake a = world_read_bytes(world_file(VECTORS "referrals_utf8.csv", mem), mem);
	struct intake b = world_read_bytes(world_file(VECTORS "referrals_windows1251.csv", mem), mem);
	struct intake c = world_read_bytes(world_file(VECTORS "referrals_utf16.csv", mem), mem);

	(void)state;
	assert_string_equal(lines_of(&a), lines_of(&b));
	assert_string_equal(lines_of(&a), lines_of(&c));
}

/* The same table in every charset that a school writes, told or found out, is the same record: quotes, and ѝ where the charset has it. */
static void
every_charset(void **state)
{
	static const struct { const char *charset, *said, *bom, *name; } CASES[] = {
		{ "UTF-8", NULL, "", "Петя-„Ѝ“ ѝ" }, { "UTF-8", NULL, "\xEF\xBB\xBF", "Петя-„Ѝ“ ѝ" },
		{ "UTF-8", "windows-1251", "", "Петя-„Ѝ“ ѝ" }, { "windows-1251", NULL, "", "Петя „Ж“ «Я»" },
		{ "windows-1251", "windows-1251", "", "Петя „Ж“ «Я»" }, { "ISO-8859-5", "iso-8859-5", "", "Петя \"\"Ж\"\" №1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		const char *text = arena_fmt(mem, "referral_no;first_name;last_name\nA;\"%s\";Т\n", CASES[i].name), *want = CASES[i].name;
		struct native in = { .format = FORMAT_CSV, .file = "a.csv", .charset = charset_name(CASES[i].said) };
		struct sector_env env = world_env();
		struct intake intake;
		struct span body;
		struct buf b;

		assert_int_equal(charset_encode(CASES[i].charset, span_str(text), mem, &body, NULL), OK);
		buf_init(&b, mem);
		buf_str(&b, CASES[i].bom);
		buf_span(&b, body);
		in.bytes = buf_bytes(&b);
		education_to_records(&in, &env, mem, &intake);
		assert_int_equal(intake.n, 1);
		assert_string_equal(get(&intake, 0, "referral.child.given"), strchr(want, '"') ? "Петя \"Ж\" №1" : want);
	}
}

/* Each way for a row to be wrong has its own error and column, and the good row beside it is taken. */
static void
bad_rows(void **state)
{
	static const char GOOD[] = "OK-1;1690001;1543079013;К;Т;2015-03-07;female;neglect;2026-03-09\n";
	static const struct { const char *name, *row; enum err e; const char *where; } BAD[] = {
		{ "no number", ";1;1543079013;К;Т;2015-03-07;female;;", ERR_REQUIRED, "referral_no" },
		{ "a column short", "B;1;1543079013;К;Т;2015-03-07;female;", ERR_BAD_ROW, "row 2" },
		{ "a column more", "B;1;1543079013;К;Т;2015-03-07;female;;;x", ERR_BAD_ROW, "row 2" },
		{ "month 13", "B;1;1543079013;К;Т;2015-13-07;female;;", ERR_BAD_DATE, "birth_date" },
		{ "month 13, our way", "B;1;1543079013;К;Т;07.13.2015;female;;", ERR_BAD_DATE, "birth_date" },
		{ "30 February", "B;1;1543079013;К;Т;30.02.2015;female;;", ERR_BAD_DATE, "birth_date" },
		{ "a year of two digits", "B;1;1543079013;К;Т;07.03.15;female;;", ERR_BAD_DATE, "birth_date" },
		{ "a date in words", "B;1;1543079013;К;Т;вчера;female;;", ERR_BAD_DATE, "birth_date" },
		{ "a date and more", "B;1;1543079013;К;Т;2015-03-07x;female;;", ERR_BAD_DATE, "birth_date" },
		{ "hour 25", "B;1;1543079013;К;Т;2015-03-07;female;;09.03.2026 25:00", ERR_BAD_DATE, "respond_by" },
		{ "wrong EGN", "B;1;1543079014;К;Т;2015-03-07;female;;", ERR_BAD_ID, "id_number" },
		{ "letters as EGN", "B;1;ABC;К;Т;2015-03-07;female;;", ERR_BAD_ID, "id_number" },
		{ "unknown gender", "B;1;1543079013;К;Т;2015-03-07;котка;;", ERR_UNKNOWN_CODE, "gender" },
		{ "unknown need", "B;1;1543079013;К;Т;2015-03-07;female;neglect|hunger;", ERR_UNKNOWN_CODE, "need_codes" },
		{ "text behind a quote", "B;1;1543079013;\"К\"x;Т;2015-03-07;female;;", ERR_SYNTAX, "row 2" },
		{ "an open quote", "B;1;1543079013;\"К;Т;2015-03-07;female;;", ERR_SYNTAX, "row 2" },
		{ "a byte of no charset", "B;1;1543079013;\xCA;Т;2015-03-07;female;;", ERR_CHARSET, "row 2" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		struct intake intake = world_read(arena_fmt(mem, HEAD "%s\n%s", BAD[i].row, GOOD), mem);

		assert_int_equal(intake.e, OK);
		assert_int_equal(intake.n, 2);
		if (intake.items[0].e != BAD[i].e || strcmp(intake.items[0].why.where, BAD[i].where) != 0)
			fail_msg("%s: %s at %s", BAD[i].name, err_name(intake.items[0].e), intake.items[0].why.where);
		assert_null(intake.items[0].record);
		assert_string_equal(get(&intake, 1, "referral.referral_id"), "OK-1");
	}
}

/* Each way for a whole table to be wrong has its own error. */
static void
bad_tables(void **state)
{
	static const struct { const char *name, *text; enum err e; const char *where; } BAD[] = {
		{ "nothing", "", ERR_CUT_OFF, "" },
		{ "empty lines", "\r\n\r\n", ERR_CUT_OFF, "" },
		{ "no header", "B;1;1543079013;К;Т;2015-03-07;female;;\n", ERR_UNSUPPORTED, "row 1" },
		{ "JSON", "{\"a\": 1}", ERR_UNSUPPORTED, "row 1" },
		{ "a column twice", "referral_no;to;to\nA;accepted;declined\n", ERR_SYNTAX, "row 1" },
		{ "no number column", "first_name;last_name\nК;Т\n", ERR_REQUIRED, "referral_no" },
		{ "an open quote", "\"referral_no;to\nA;accepted\n", ERR_UNSUPPORTED, "row 1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		struct intake intake = world_read(BAD[i].text, mem);

		if (intake.e != BAD[i].e || strcmp(intake.why.where, BAD[i].where) != 0)
			fail_msg("%s: %s at %s", BAD[i].name, err_name(intake.e), intake.why.where);
		assert_int_equal(intake.n, 0);
	}
}

/* Statuses and confirmations have rows of their own kind of wrong. */
static void
bad_statuses(void **state)
{
	static const struct { const char *text; enum err e; const char *where; } BAD[] = {
		{ "referral_no;to\nA;", ERR_REQUIRED, "to" },
		{ "referral_no;to\nA;eaten", ERR_UNKNOWN_CODE, "to" },
		{ "referral_no;to;at\nA;accepted;31.06.2026", ERR_BAD_DATE, "at" },
		{ "referral_no;to;transition\nA;accepted;T99", ERR_UNKNOWN_CODE, "transition" },
		{ "referral_no;to;outcome\nA;completed;bliss", ERR_UNKNOWN_CODE, "outcome" },
		{ "msg_id;case_no;registered_on\n;5;", ERR_REQUIRED, "msg_id" },
		{ "msg_id;case_no;registered_on\nx;;", ERR_REQUIRED, "case_no" },
		{ "msg_id;case_no;registered_on\nx;5;утре", ERR_BAD_DATE, "registered_on" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		struct intake intake = world_read(BAD[i].text, mem);

		assert_int_equal(intake.n, 1);
		assert_int_equal(intake.items[0].e, BAD[i].e);
		assert_string_equal(intake.items[0].why.where, BAD[i].where);
		assert_null(intake.items[0].confirms);
	}
}

/* Rows beyond the limit are refused once, those before it are taken; a file of any size costs no more than its size. */
static void
limits(void **state)
{
	struct intake intake;
	struct buf b;

	(void)state;
	buf_init(&b, mem);
	buf_str(&b, "msg_id;case_no\n");
	for (int i = 0; i < 10005; i++)
		buf_fmt(&b, "m%d;%d\n", i, i);
	intake = world_read_bytes(buf_bytes(&b), mem);
	assert_int_equal(intake.n, 10001);
	assert_int_equal(intake.items[9999].e, OK);
	assert_int_equal(intake.items[10000].e, ERR_TOOMANY);

	buf_init(&b, mem);
	buf_str(&b, "msg_id;case_no\nm1;");
	for (int i = 0; i < 40000; i++)
		buf_u8(&b, 'x');
	buf_str(&b, "\nm2;2\n");
	intake = world_read_bytes(buf_bytes(&b), mem);
	assert_int_equal(intake.n, 2);
	assert_int_equal(intake.items[0].e, ERR_TOOBIG);
	assert_string_equal(intake.items[1].case_no, "2");

	buf_init(&b, mem);
	for (int i = 0; i < CSV_COLUMNS_MAX + 1; i++)
		buf_fmt(&b, "c%d;", i);
	intake = world_read_bytes(buf_bytes(&b), mem);
	assert_int_equal(intake.e, ERR_TOOMANY);
}

/* When the memory of a message ends the whole table is refused, so that it can be given again in parts. */
static void
any_memory(void **state)
{
	struct native in = { .format = FORMAT_CSV, .bytes = world_file(VECTORS "referrals_utf8.csv", mem) };
	struct sector_env env = world_env();
	struct intake intake = { .e = ERR_TOOBIG };

	(void)state;
	for (size_t cap = 256; intake.e != OK; cap += 256) {
		struct arena *small = arena_new(cap);

		education_to_records(&in, &env, small, &intake);
		assert_true(intake.e == OK || (intake.e == ERR_TOOBIG && intake.n == 0));
		arena_free(small);
	}
}

/* A spreadsheet eats leading zeros: settlement codes and numbers get them back where the check digit agrees. */
static void
leading_zeros(void **state)
{
	struct intake intake = world_read("referral_no;id_type;id_number;last_name;settlement_ekatte\n"
					  "A;ЕГН;0;T;702\n" "B;ЕГН;942010015;T;702\n", mem);

	(void)state;
	assert_int_equal(intake.n, 2);
	assert_int_equal(intake.items[0].e, ERR_BAD_ID);
	assert_string_equal(get(&intake, 1, "referral.child.ids[0].value"), "0942010015");
	assert_string_equal(get(&intake, 1, "referral.child.address.ekatte"), "00702");
}

static struct intake
read_with_roster(const char *text, const char *without)
{
	struct sector_env env = roster_world_env(without);
	struct native in = { .format = FORMAT_CSV, .bytes = span_str(text), .file = "a.csv" };
	struct intake intake;

	education_to_records(&in, &env, mem, &intake);
	return intake;
}

#define SHORT_HEAD "referral_no;pupil_no;service_kind;reason;carer_name\n"

/* A row that names only the pupil's number gets the person from the roster; what the row says itself stands. */
static void
roster_fills_in(void **state)
{
	struct intake intake = read_with_roster(SHORT_HEAD "A;1543079013;mentoring;x;\nB;u1;mentoring;x;Баба Мария\nC;901;mentoring;x;\n", NULL);

	(void)state;
	assert_int_equal(intake.n, 3);
	assert_string_equal(get(&intake, 0, "referral.child.given"), "Мария");
	assert_string_equal(get(&intake, 0, "referral.child.family"), "Ангелова-\"Ѝ\"");
	assert_string_equal(get(&intake, 0, "referral.child.birth_date"), "2015-03-07");
	assert_string_equal(get(&intake, 0, "referral.child.gender"), "female");
	assert_string_equal(get(&intake, 0, "referral.child.ids[0].type"), "EGN");
	assert_string_equal(get(&intake, 0, "referral.child.ids[1].type"), "");	/* the school's own number stays at home */
	assert_string_equal(get(&intake, 0, "referral.child.school.code"), "1690001");
	assert_string_equal(get(&intake, 0, "referral.child.school.grade"), "03");
	assert_string_equal(get(&intake, 0, "referral.carers[1].relation"), "father");
	assert_string_equal(get(&intake, 0, "dropped"), "");
	assert_string_equal(get(&intake, 1, "referral.carers[0].name"), "Баба Мария");
	assert_string_equal(get(&intake, 1, "referral.carers[1].name"), "");
	assert_string_equal(get(&intake, 2, "referral.child.ids[0].type"), "local");
	assert_string_equal(get(&intake, 2, "referral.child.birth_date"), "2021-11-30");	/* written as people do */
	assert_string_equal(get(&intake, 2, "referral.child.gender"), "");
	intake = read_with_roster("referral_no;id_number;last_name;birth_date\nA;1543079013;;\nB;1543079013;Друга;2015-03-07\n", NULL);
	assert_string_equal(get(&intake, 0, "referral.child.given"), "Мария");
	assert_string_equal(get(&intake, 0, "referral.child.ids[0].value"), "1543079013");
	assert_string_equal(get(&intake, 1, "referral.child.family"), "Друга");
	assert_string_equal(get(&intake, 1, "referral.child.given"), "");	/* a row that says who it is asks nobody */
}

/* A pupil that the roster does not have, or a roster that is not there or cannot be read, refuses the row and says so. */
static void
roster_faults_are_told(void **state)
{
	static const struct { const char *no, *without; enum err e; const char *where; } CASES[] = {
		{ "900", NULL, ERR_NOTFOUND, "pupil_no" }, { "903", NULL, ERR_NOTFOUND, "pupil_no" },
		{ "u1", "users.csv", ERR_NOTFOUND, "pupil_no" }, { "u1", "bad", ERR_BUSY, "users.csv" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct intake intake = read_with_roster(arena_fmt(mem, SHORT_HEAD "A;%s;mentoring;x;\n", CASES[i].no), CASES[i].without);

		assert_int_equal(intake.items[0].e, CASES[i].e);
		assert_string_equal(intake.items[0].why.where, CASES[i].where);
		assert_null(intake.items[0].record);
	}
}

/* A spreadsheet's own file is refused whole, with what to do instead; nothing of it is unpacked. */
static void
spreadsheets_are_refused(void **state)
{
	static const struct span FILES[] = { SPAN_LIT("PK\x03\x04\x14\0\x06\0"), SPAN_LIT("\xD0\xCF\x11\xE0\xA1\xB1") };
	struct sector_env env = world_env();

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct native in = { .format = FORMAT_NONE, .bytes = FILES[i], .file = "a.xlsx" }, answer;
		struct intake intake;

		assert_true(education_sector.is_complete("a.xlsx", FILES[i]));
		education_to_records(&in, &env, mem, &intake);
		assert_int_equal(intake.e, ERR_SPREADSHEET);
		assert_int_equal(intake.n, 0);
		assert_int_equal(education_answer(&in, &intake, &env, mem, &answer), OK);
		assert_non_null(strstr(arena_strn(mem, answer.bytes.p, answer.bytes.n), "CSV"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(vectors, setup, teardown),
		cmocka_unit_test_setup_teardown(same_in_every_encoding, setup, teardown),
		cmocka_unit_test_setup_teardown(every_charset, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_rows, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_tables, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_statuses, setup, teardown),
		cmocka_unit_test_setup_teardown(limits, setup, teardown),
		cmocka_unit_test_setup_teardown(any_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(leading_zeros, setup, teardown),
		cmocka_unit_test_setup_teardown(roster_fills_in, setup, teardown),
		cmocka_unit_test_setup_teardown(roster_faults_are_told, setup, teardown),
		cmocka_unit_test_setup_teardown(spreadsheets_are_refused, setup, teardown),
	};

	return cmocka_run_group_tests_name("to_record", tests, NULL, NULL);
}
