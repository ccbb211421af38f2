/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "adapters/health/hl7.h"
#include "proto/base/clock.h"

static struct arena *mem;

static int
setup(void **state)
{
	(void)state;
	mem = arena_new(4u << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(mem);
	return 0;
}

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
	assert_int_equal(hl7_parse(SPAN(buf_bytes(&b).p, HL7_BYTES_MAX + 1), NULL, mem, &m, NULL), ERR_TOOBIG);
}

/* Times of every exactness are read, Bulgaria's where no zone is named; what is none is refused. */
static void
times(void **state)
{
	static const struct { const char *text, *iso; unsigned digits; } GOOD[] = {
		{ "2026", "2025-12-31T22:00:00Z", 4 }, { "20260302", "2026-03-01T22:00:00Z", 8 },
		{ "202603021000", "2026-03-02T08:00:00Z", 12 }, { "2026030210000", "2026-03-02T08:00:00Z", 12 },
		{ "20260702100000.25", "2026-07-02T07:00:00.250Z", 14 }, { "20260302100000+0000", "2026-03-02T10:00:00Z", 14 },
		{ "20260302100000-0530", "2026-03-02T15:30:00Z", 14 },
	};
	static const char *const BAD[] = { "", "x", "203", "20261301", "20260230", "2026030224", "202603021060",
		"20260302100000+02", "20260302100000Z", "20260302100000+9900", "202603021000001234", "2026-03-02" };
	char text[CLOCK_TEXT_LEN], back[HL7_TIME_LEN];
	unsigned digits;
	int64_t ms, again;

	(void)state;
	for (size_t i = 0; i < sizeof(GOOD) / sizeof(GOOD[0]); i++) {
		assert_int_equal(hl7_time(GOOD[i].text, &ms, &digits), OK);
		clock_format(ms, text);
		assert_string_equal(text, GOOD[i].iso);
		assert_int_equal(digits, GOOD[i].digits);
		hl7_format_time(ms, back);
		assert_int_equal(hl7_time(back, &again, NULL), OK);
		assert_int_equal(again, ms);
	}
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_int_equal(hl7_time(BAD[i], &ms, NULL), ERR_BAD_DATE);
}

/* What is written is read back, whatever characters it has, and no separator trails. */
static void
written_is_read(void **state)
{
	static const char TEXT[] = "a|b^c&d~e\\f\ng \x01 Ж";
	struct hl7_writer w;
	struct hl7 m;

	(void)state;
	hl7_writer_init(&w, mem);
	hl7_begin(&w, "MSH");
	hl7_put(&w, 3, 1, 1, "A");
	hl7_end(&w);
	hl7_begin(&w, "NTE");
	hl7_put(&w, 3, 2, 4, TEXT);
	hl7_put_sub(&w, 3, 2, 4, 2, "sub");
	hl7_put(&w, 5, 1, 1, NULL);
	hl7_end(&w);
	assert_string_equal(buf_text(&w.b), "MSH|^~\\&|A\rNTE|||~^^^a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f\\.br\\g \\X01\\ Ж&sub\r");
	assert_int_equal(hl7_parse(buf_bytes(&w.b), NULL, mem, &m, NULL), OK);
	assert_string_equal(hl7_get(&m, hl7_find(&m, "NTE", 1), 3, 2, 4), TEXT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(own_delimiters, setup, teardown),
		cmocka_unit_test_setup_teardown(absent, setup, teardown),
		cmocka_unit_test_setup_teardown(line_feed_in_text, setup, teardown),
		cmocka_unit_test_setup_teardown(limits, setup, teardown),
		cmocka_unit_test_setup_teardown(times, setup, teardown),
		cmocka_unit_test_setup_teardown(written_is_read, setup, teardown),
	};

	return cmocka_run_group_tests_name("hl7", tests, NULL, NULL);
}
