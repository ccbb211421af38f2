/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/education/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>
#include <iconv.h>
#include "tests/support/arena_fixture.h"


/* The whole table in one line: cells in brackets, rows by their number, faults by their code. */
static const char *
table(struct span bytes, const char *charset)
{
	const char *cells[CSV_COLUMNS_MAX];
	struct csv c;
	struct buf b;
	enum err e;

	buf_init(&b, mem);
	if ((e = csv_open(&c, bytes, charset, mem, NULL)) != OK)
		return err_name(e);
	while (csv_next(&c, cells, &e, NULL)) {
		buf_fmt(&b, "%u%s", c.row, e == OK ? "" : err_name(e));
		for (size_t i = 0; e == OK && i < c.n_columns; i++)
			buf_fmt(&b, "[%s]", cells[i]);
	}
	return buf_text(&b);
}

/* Quotes, separators, line ends, blanks and spreadsheets' habits are read as RFC 4180 and practice want them, by table. */
static void
reading(void **state)
{
	static const struct { const char *text, *want; } CASES[] = {
		{ "a;b\n1;2\n", "2[1][2]" }, { "a,b\n1,2", "2[1][2]" }, { "a;b\r\n1;2\r\n3;4\r\n", "2[1][2]3[3][4]" },
		{ "a;b\r1;2\r", "2[1][2]" }, { "sep=,\na,b\n1,2\n", "2[1][2]" }, { "a;b\n\n;\n1;2\n", "4[1][2]" },
		{ "\"a\";\"b\"\n\"1;\"\"x\"\"\r\ny\";2\n", "2[1;\"x\"\r\ny][2]" }, { "a;b\n 1 ; \"2\" \n", "2[1][2]" },
		{ "a;b\n1\"x\";2\n", "2[1\"x\"][2]" }, { "a;b\n;\"\"\n;x\n", "3[][x]" }, { "a;b\n;\"\"\"\"\n", "2[][\"]" },
		{ "a;b\n\"1;2\n3;4\n", "2ERR_SYNTAX3[3][4]" }, { "a;b\n\"1\"x;2\n3;4\n", "2ERR_SYNTAX3[3][4]" },
		{ "a;b\n\"1;2\n3\";4\n5;6\n", "2[1;2\n3][4]3[5][6]" }, { "a;b\n\"1\n2\n5;6\n", "2ERR_SYNTAX3ERR_BAD_ROW4[5][6]" },
		{ "a;b\n1\n1;2;3\n1;2\n", "2ERR_BAD_ROW3ERR_BAD_ROW4[1][2]" }, { "a;b\n'=1;'x\n", "2[=1]['x]" }, { "a;b\n''=1;''x\n", "2['=1][''x]" },
		{ "a\tb\n1\t2;3\n", "2[1][2;3]" }, { "a;b\n=\"0123\";\"=\"\"0456\"\"\"\n", "2[0123][0456]" }, { "a;b\n'0123;'1 234,5\n", "2[0123][1 234,5]" },
		{ "a;b\n'90-те;''5\n", "2['90-те]['5]" }, { "a;b\n'=\"x\";=\"x\n", "2[=\"x\"][=\"x]" },
		{ "a;b\n\u00a01\u00a0;\u202f Ж \u200b\n\u00a0;\u00a0\n3;4\n", "2[1][Ж]4[3][4]" },
		{ "A;a\n1;2\n", "ERR_SYNTAX" }, { "", "ERR_CUT_OFF" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
		if (strcmp(table(span_str(CASES[i].text), NULL), CASES[i].want) != 0)
			fail_msg("%zu: %s", i, table(span_str(CASES[i].text), NULL));
}

/* UTF-8 is known by any valid line of it, what is not UTF-8 is windows-1251 or what the door says, and one bad byte costs a row. */
static void
charsets(void **state)
{
	(void)state;
	assert_string_equal(table(SPAN_LIT("a\nЖ\n"), "windows-1251"), "2[Ж]");
	assert_string_equal(table(SPAN_LIT("a\n\xC6\n"), NULL), "2[Ж]");
	assert_string_equal(table(SPAN_LIT("a\n\xC6\n"), "UTF-8"), "2[Ж]");
	assert_string_equal(table(SPAN_LIT("a\n\xB6\n"), "ISO-8859-5"), "2[Ж]");
	assert_string_equal(table(SPAN_LIT("a\nЖ\n\xC6\nЖ\n"), NULL), "2[Ж]3ERR_CHARSET4[Ж]");
	assert_string_equal(table(SPAN_LIT("\xEF\xBB\xBF" "a\n\xC6\n"), NULL), "2ERR_CHARSET");
	assert_string_equal(table(SPAN_LIT("a\n\xC6\n\x98\n"), NULL), "2[Ж]3ERR_CHARSET");
	assert_string_equal(table(SPAN_LIT("a\nx\0y\n"), NULL), "2ERR_CHARSET");
}

/* Excel's "Unicode text", of either order, is read as the same table in UTF-8 would be; half a character is told with its line. */
static void
utf16(void **state)
{
	static const char *const ORDERS[] = { "UTF-16LE", "UTF-16BE" };
	const char *want = "2[Стояна \u045d][\U0001f476]";
	char in[] = "a\tb\r\nСтояна \u045d\t\U0001f476\r\n", out[128], *from, *to;
	struct why why;
	struct csv c;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		iconv_t cd = iconv_open(ORDERS[i], "UTF-8");
		size_t n_in = strlen(in), n_out = sizeof(out) - 2;

		assert_true(cd != (iconv_t)-1);
		memcpy(out, i == 0 ? "\xff\xfe" : "\xfe\xff", 2);
		from = in;
		to = out + 2;
		assert_int_equal(iconv(cd, &from, &n_in, &to, &n_out), 0);
		iconv_close(cd);
		assert_string_equal(table(SPAN(out, (size_t)(to - out)), NULL), want);
		assert_string_equal(table(SPAN(out, (size_t)(to - out)), "windows-1251"), want);
		assert_int_equal(csv_open(&c, SPAN(out, (size_t)(to - out) - 1), NULL, mem, &why), ERR_CHARSET);
		assert_int_equal(why.line, 2);
	}
	assert_int_equal(csv_open(&c, SPAN_LIT("\xff\xfe" "a\0\0\0"), NULL, mem, &why), ERR_CHARSET);
	assert_int_equal(csv_open(&c, SPAN_LIT("\xff\xfe" "\x00\xdc" "a\0"), NULL, mem, &why), ERR_CHARSET);
	assert_int_equal(csv_open(&c, SPAN_LIT("\xff\xfe" "\x3d\xd8" "a\0"), NULL, mem, &why), ERR_CHARSET);
	assert_int_equal(csv_open(&c, SPAN_LIT("\xff\xfe"), NULL, mem, &why), ERR_CUT_OFF);
}

/* A file of nothing but open quotes is read in time that grows with its size, not with its square. */
static void
open_quotes(void **state)
{
	const char *cells[CSV_COLUMNS_MAX];
	struct csv c;
	struct buf b;
	enum err e;
	size_t n = 0;

	(void)state;
	buf_init(&b, mem);
	buf_str(&b, "a;b\n");
	for (int i = 0; i < 9000; i++)
		buf_str(&b, "\"x\"\"y\n");
	assert_int_equal(csv_open(&c, buf_bytes(&b), NULL, mem, NULL), OK);
	while (csv_next(&c, cells, &e, NULL))
		n += e != OK;
	assert_true(n > 0);
}

/* What is written is read back, in any cell. */
static void
written_is_read(void **state)
{
	static const char *const CELLS[] = { "a", "", "a;b", "a,b", "a\"b", "a\nb", "=1+1", "@x", "+x", "-x", "-5", "+359 88", "'x",
		"\"", "Ж" };
	const size_t n = sizeof(CELLS) / sizeof(CELLS[0]);
	const char *cells[CSV_COLUMNS_MAX], *charset;
	struct csv_writer w;
	struct span bytes;
	struct csv c;
	enum err e;

	(void)state;
	for (int separator = 0; separator < 2; separator++) {
		csv_writer_init(&w, separator ? ',' : ';', mem);
		for (size_t i = 0; i < n; i++)
			csv_put(&w, arena_fmt(mem, "c%zu", i));
		csv_end(&w);
		for (size_t i = 0; i < n; i++)
			csv_put(&w, CELLS[i]);
		csv_end(&w);
		assert_int_equal(csv_bytes(&w, separator ? "windows-1251" : "UTF-8", &bytes, &charset), OK);
		assert_int_equal(csv_open(&c, bytes, NULL, mem, NULL), OK);
		assert_true(csv_next(&c, cells, &e, NULL));
		assert_int_equal(e, OK);
		for (size_t i = 0; i < n; i++)
			assert_string_equal(cells[i], CELLS[i]);
		assert_int_equal(csv_column(&c, "c3"), 3);
		assert_int_equal(csv_column(&c, "d"), -1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reading, setup, teardown),
		cmocka_unit_test_setup_teardown(charsets, setup, teardown),
		cmocka_unit_test_setup_teardown(utf16, setup, teardown),
		cmocka_unit_test_setup_teardown(open_quotes, setup, teardown),
		cmocka_unit_test_setup_teardown(written_is_read, setup, teardown),
	};

	return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
