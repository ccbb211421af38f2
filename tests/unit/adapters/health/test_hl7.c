/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "adapters/health/hl7.h"
#include "tests/support/arena_fixture.h"

/* The delimiters are those that MSH names, and MSH's own fields count its separator as the first. */
static void
own_delimiters(void **state)
{
	struct hl7 m;

	(void)state;
	assert_int_equal(hl7_parse(span_str("MSH#*!%@#APP*x#FAC\rPID#1##a*b@c!d*e%F%f\r"), NULL, mem, &m, NULL), OK);
	assert_string_equal(hl7_get(&m, hl7_find(&m, "MSH", 1), 3, 1, 1), "APP");
	assert_string_equal(hl7_get(&m, hl7_find(&m, "MSH", 1), 4, 1, 1), "FAC");
	assert_string_equal(hl7_get(&m, hl7_find(&m, "PID", 1), 3, 1, 2), "b");
	assert_string_equal(hl7_get(&m, hl7_find(&m, "PID", 1), 3, 2, 2), "e#f");
	assert_int_equal(hl7_repeats(&m, hl7_find(&m, "PID", 1), 3), 2);
	assert_int_equal(hl7_fields(&m, hl7_find(&m, "PID", 1)), 3);
}

/* What is empty, null or beyond the end is absent. */
static void
absent(void **state)
{
	struct hl7 m;

	(void)state;
	assert_int_equal(hl7_parse(span_str("MSH|^~\\&|A\rPID|\"\"| |x^^y\r"), NULL, mem, &m, NULL), OK);
	for (unsigned f = 1; f < 3; f++)
		assert_null(hl7_get(&m, hl7_find(&m, "PID", 1), f, 1, 1));
	assert_null(hl7_get(&m, hl7_find(&m, "PID", 1), 3, 1, 2));
	assert_null(hl7_get(&m, hl7_find(&m, "PID", 1), 3, 1, 9));
	assert_null(hl7_get(&m, hl7_find(&m, "PID", 1), 3, 5, 1));
	assert_null(hl7_get(&m, hl7_find(&m, "PID", 1), 99, 1, 1));
	assert_null(hl7_get(&m, hl7_find(&m, "PV1", 1), 1, 1, 1));
	assert_null(hl7_find(&m, "PID", 2));
}

/* A line feed within the text of a message that ends segments with CR is text. */
static void
line_feed_in_text(void **state)
{
	struct hl7 m;

	(void)state;
	assert_int_equal(hl7_parse(span_str("MSH|^~\\&|A\rNTE|1||one\ntwo\r\nPID|1\n"), NULL, mem, &m, NULL), OK);
	assert_int_equal(m.n, 3);
	assert_string_equal(hl7_get(&m, hl7_find(&m, "NTE", 1), 3, 1, 1), "one\ntwo");
}

/* An end in letters counts before a line's end, and alone where a message has no other; in a text that has one, or no segment behind it, it is text.
 * MSH-18 before it is what it is. */
static void
written_ends(void **state)
{
	static const struct { const char *text, *note; size_t n; } CASES[] = {
		{ "MSH|^~\\&|A|||||||||||||||UNICODE UTF-8<cr>\nNTE|1||one<cr>\n", "one", 2 },
		{ "MSH|^~\\&|A|||||||||||||||UNICODE UTF-8<cr>NTE|1||one<cr>PID|1<cr>", "one", 3 },
		{ "MSH|^~\\&|A|||||||||||||||UNICODE UTF-8<CR>NTE|1||one<CR>", "one", 2 },
		{ "MSH|^~\\&|A<cr> NTE|1||one<cr>two<cr><cr>PID|1<cr>", "one<cr>two", 3 },
		{ "MSH|^~\\&|A\rNTE|1||one<cr>PID|1\r", "one<cr>PID", 2 },
	};
	struct hl7 m;

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		assert_int_equal(hl7_parse(span_str(CASES[i].text), NULL, mem, &m, NULL), OK);
		assert_int_equal(m.n, CASES[i].n);
		assert_string_equal(hl7_get(&m, hl7_find(&m, "NTE", 1), 3, 1, 1), CASES[i].note);
	}
}

/* Of several character sets the first is the message's own; behind ASCII the next one that we know is meant. */
static void
several_charsets(void **state)
{
	static const struct { const char *said, *letter, *charset; enum err e; unsigned rep; } CASES[] = {
		{ "ASCII~UNICODE UTF-8", "\u045d", "UTF-8", OK, 2 }, { "ASCII~8859/5", "\xfd", "ISO-8859-5", OK, 2 },
		{ "ASCII~ISO IR87", "x", "US-ASCII", OK, 1 },
		{ "ASCII~US-ASCII~UNICODE UTF-8", "Ж", "UTF-8", OK, 3 }, { "8859/5~UNICODE UTF-8", "\xb6", "ISO-8859-5", OK, 1 },
		{ "UNICODE UTF-8~8859/5", "Ж", "UTF-8", OK, 1 }, { "~UNICODE UTF-8", "Ж", "UTF-8", OK, 0 }, { "ASCII", "Ж", "US-ASCII", ERR_CHARSET, 1 },
		{ "KLINGON~UNICODE UTF-8", "x", "UTF-8", ERR_CHARSET, 0 },
	};
	struct hl7 m;

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		const char *text = arena_fmt(mem, "MSH|^~\\&|A|||||||||||||||%s\rNTE|1||%s\r", CASES[i].said, CASES[i].letter);

		assert_int_equal(hl7_parse(span_str(text), NULL, mem, &m, NULL), CASES[i].e);
		assert_string_equal(m.charset, CASES[i].charset);
		assert_int_equal(m.charset_rep, CASES[i].rep);
	}
}

/* More segments or bytes than the limit are refused. */
static void
limits(void **state)
{
	struct buf b;
	struct hl7 m;

	(void)state;
	buf_init(&b, mem);
	buf_str(&b, "MSH|^~\\&|A\r");
	for (int i = 1; i < HL7_SEGMENTS_MAX; i++)
		buf_str(&b, "NTE|1\r");
	assert_int_equal(hl7_parse(buf_bytes(&b), NULL, mem, &m, NULL), OK);
	buf_str(&b, "NTE|1\r");
	assert_int_equal(hl7_parse(buf_bytes(&b), NULL, mem, &m, NULL), ERR_TOOMANY);
	buf_init(&b, mem);
	buf_str(&b, "MSH|^~\\&|A<cr>");
	for (int i = 0; i < HL7_SEGMENTS_MAX; i++)
		buf_str(&b, "NTE<cr>");
	assert_int_equal(hl7_parse(buf_bytes(&b), NULL, mem, &m, NULL), ERR_TOOMANY);
	assert_int_equal(m.n, HL7_SEGMENTS_MAX);
	assert_int_equal(hl7_parse(SPAN(buf_bytes(&b).p, HL7_BYTES_MAX + 1), NULL, mem, &m, NULL), ERR_TOOBIG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(own_delimiters, setup, teardown),
		cmocka_unit_test_setup_teardown(absent, setup, teardown),
		cmocka_unit_test_setup_teardown(line_feed_in_text, setup, teardown),
		cmocka_unit_test_setup_teardown(written_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(several_charsets, setup, teardown),
		cmocka_unit_test_setup_teardown(limits, setup, teardown),
	};

	return cmocka_run_group_tests_name("hl7", tests, NULL, NULL);
}
