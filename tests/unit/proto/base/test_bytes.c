/* SPDX-License-Identifier: EUPL-1.2 */
/* The bounded reader and writer: nothing outside, errors that stick, and the text forms. */
#include "proto/base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/base/arena.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static int
setup(void **state)
{
	*state = arena_new(1024 * 1024);
	return *state == NULL;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

/* Integers are read big-endian, in a row, to the last byte. */
static void
cursor_reads_integers(void **state)
{
	static const uint8_t in[] = { 0x01, 0xFE, 0xFF, 0x80, 0, 0, 1, 0x80, 1, 2, 3, 4, 5, 6, 0xFF };
	struct cursor c;

	(void)state;
	cursor_init(&c, SPAN(in, sizeof(in)));
	assert_int_equal(cursor_left(&c), 15);
	assert_int_equal(cursor_u8(&c), 1);
	assert_int_equal(cursor_u16(&c), 0xFEFF);
	assert_int_equal(cursor_u32(&c), 0x80000001);
	assert_true(cursor_u64(&c) == UINT64_C(0x80010203040506FF));
	assert_int_equal(cursor_left(&c), 0);
	assert_int_equal(cursor_end(&c), OK);
}

/* For every length of input a read past the end gives zeroes, sets the error, and nothing is read after it. */
static void
cursor_error_sticks(void **state)
{
	uint8_t copied[4];
	size_t n;

	(void)state;
	for (n = 0; n < 8; n++) {
		uint8_t *in = malloc(n + 1);	/* of exact size under ASan */
		struct cursor c;

		in = realloc(in, n > 0 ? n : 1);
		assert_non_null(in);
		memset(in, 0xEE, n > 0 ? n : 1);
		cursor_init(&c, SPAN(in, n));
		assert_true(cursor_u64(&c) == 0);
		assert_int_equal(c.e, ERR_FORMAT);
		assert_int_equal(cursor_left(&c), 0);
		assert_int_equal(cursor_u8(&c), 0);
		assert_int_equal(cursor_u16(&c), 0);
		assert_int_equal(cursor_u32(&c), 0);
		assert_null(cursor_take(&c, 0).p);
		assert_null(cursor_var(&c).p);
		memset(copied, 0xAA, sizeof(copied));
		cursor_copy(&c, copied, sizeof(copied));
		assert_memory_equal(copied, "\0\0\0\0", 4);
		assert_int_equal(cursor_end(&c), ERR_FORMAT);
		free(in);
	}
}

/* A length in the input, however large, never leads outside: it is an error. */
static void
cursor_lengths_are_bounded(void **state)
{
	static const struct {
		const char *in;
		size_t n;
		bool ok;
		size_t len;
	} rows[] = {
		{ "\0\0\0\0", 4, true, 0 },	    { "\0\0\0\1x", 5, true, 1 },
		{ "\0\0\0\2x", 5, false, 0 },	    { "\xff\xff\xff\xffx", 5, false, 0 },
		{ "\x80\0\0\0x", 5, false, 0 },	    { "\0\0\0", 3, false, 0 },
		{ "", 0, false, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		struct cursor c;
		struct span got;

		cursor_init(&c, SPAN(rows[i].in, rows[i].n));
		got = cursor_var(&c);
		assert_int_equal(cursor_end(&c), rows[i].ok ? OK : ERR_FORMAT);
		assert_int_equal(got.n, rows[i].len);
		assert_int_equal(got.p != NULL, rows[i].ok);
	}
	{
		struct cursor c;

		cursor_init(&c, SPAN_LIT("abc"));
		assert_int_equal(cursor_u8(&c), 'a');
		assert_null(cursor_take(&c, SIZE_MAX).p);	/* at + n would wrap */
		assert_int_equal(c.e, ERR_FORMAT);
	}
}

/* Bytes left over are an error; an absent span reads as an empty one, and an empty value is there. */
static void
cursor_ends(void **state)
{
	struct cursor c;

	(void)state;
	cursor_init(&c, SPAN_LIT("ab"));
	assert_int_equal(cursor_u8(&c), 'a');
	assert_int_equal(cursor_end(&c), ERR_FORMAT);
	assert_int_equal(cursor_u8(&c), 0);	/* the error of the end sticks as well */
	cursor_init(&c, SPAN_NONE);
	assert_non_null(cursor_take(&c, 0).p);
	assert_int_equal(cursor_end(&c), OK);
	cursor_init(&c, (struct span){ NULL, 5 });
	assert_int_equal(cursor_u8(&c), 0);
	assert_int_equal(cursor_end(&c), ERR_FORMAT);
}

/* What a buf writes, a cursor reads back. */
static void
buf_and_cursor_agree(void **state)
{
	struct buf b;
	struct cursor c;

	buf_init(&b, *state);
	buf_u8(&b, 0x7F);
	buf_u16(&b, 0xABCD);
	buf_u32(&b, 0xDEADBEEF);
	buf_u64(&b, UINT64_C(0x0123456789ABCDEF));
	buf_var(&b, SPAN_LIT("value"));
	buf_var(&b, SPAN_NONE);
	buf_str(&b, "text");
	buf_str(&b, NULL);
	buf_fmt(&b, "%d-%s", 42, "x");
	assert_int_equal(b.e, OK);
	cursor_init(&c, buf_bytes(&b));
	assert_int_equal(cursor_u8(&c), 0x7F);
	assert_int_equal(cursor_u16(&c), 0xABCD);
	assert_int_equal(cursor_u32(&c), 0xDEADBEEF);
	assert_true(cursor_u64(&c) == UINT64_C(0x0123456789ABCDEF));
	assert_true(span_eq(cursor_var(&c), SPAN_LIT("value")));
	assert_int_equal(cursor_var(&c).n, 0);
	assert_true(span_eq(cursor_take(&c, 8), SPAN_LIT("text42-x")));
	assert_int_equal(cursor_end(&c), OK);
}

/* A buf keeps all its bytes over any number of growths, with other allocations between them. */
static void
buf_grows(void **state)
{
	struct arena *mem = *state;
	struct buf b;
	struct span s;
	size_t i;

	buf_init(&b, mem);
	for (i = 0; i < 20000; i++) {
		buf_u8(&b, (uint8_t)(i % 251));
		if (i % 1000 == 0)
			assert_non_null(arena_alloc(mem, 10));
	}
	s = buf_bytes(&b);
	assert_int_equal(s.n, 20000);
	for (i = 0; i < s.n; i++)
		assert_int_equal(s.p[i], i % 251);
}

/* When the arena is full the error sticks and nothing of the buf is given out. */
static void
buf_error_sticks(void **state)
{
	struct arena *small = arena_new(4096);
	static const char block[3000];
	struct buf b;

	(void)state;
	buf_init(&b, small);
	buf_add(&b, block, sizeof(block));
	assert_int_equal(b.e, OK);
	assert_int_equal(buf_bytes(&b).n, sizeof(block));
	buf_add(&b, block, sizeof(block));
	assert_int_equal(b.e, ERR_TOOBIG);
	buf_u8(&b, 1);
	buf_fmt(&b, "%d", 1);
	assert_int_equal(b.e, ERR_TOOBIG);
	assert_null(buf_bytes(&b).p);
	assert_int_equal(buf_bytes(&b).n, 0);
	assert_null(buf_text(&b));
	arena_free(small);
}

/* A buf may fill its arena nearly to the cap: doubling does not refuse what would fit. */
static void
buf_uses_the_whole_arena(void **state)
{
	struct arena *mem = arena_new(100 * 1024);
	struct buf b;
	size_t i;

	(void)state;
	assert_non_null(arena_alloc(mem, 16));
	buf_init(&b, mem);
	buf_add(&b, memset(arena_alloc(mem, 16), 'x', 16), 16);
	for (i = 0; i < 80 * 1024; i++)
		buf_u8(&b, 'y');
	assert_int_equal(b.e, OK);
	assert_int_equal(buf_bytes(&b).n, 16 + 80 * 1024);
	arena_free(mem);
}

/* The text of a buf ends in a NUL that is not counted, at every length, also of nothing. */
static void
buf_text_is_terminated(void **state)
{
	struct buf b;
	size_t i;

	buf_init(&b, *state);
	assert_string_equal(buf_text(&b), "");
	assert_int_equal(buf_bytes(&b).n, 0);
	assert_non_null(buf_bytes(&b).p);
	for (i = 1; i < 300; i++) {
		buf_u8(&b, 'z');
		assert_int_equal(strlen(buf_text(&b)), i);
		assert_int_equal(buf_bytes(&b).n, i);
	}
}

/* An impossible length is refused, not wrapped. */
static void
buf_refuses_huge(void **state)
{
	struct buf b;

	buf_init(&b, *state);
	buf_add(&b, "x", SIZE_MAX);
	assert_int_equal(b.e, ERR_TOOBIG);
	buf_init(&b, *state);
	buf_var(&b, (struct span){ (const uint8_t *)"x", (size_t)UINT32_MAX + 1 });
	assert_int_equal(b.e, ERR_TOOBIG);
}

/* Spans are equal by their bytes alone. */
static void
spans_compare(void **state)
{
	(void)state;
	assert_true(span_eq(SPAN_NONE, SPAN_NONE));
	assert_true(span_eq(SPAN_NONE, SPAN_LIT("")));
	assert_true(span_eq(SPAN_LIT("a\0b"), SPAN("a\0b", 3)));
	assert_false(span_eq(SPAN_LIT("a"), SPAN_LIT("ab")));
	assert_false(span_eq(SPAN_LIT("a"), SPAN_LIT("b")));
	assert_null(span_str(NULL).p);
	assert_int_equal(span_str(NULL).n, 0);
}

/* Hexadecimal of all bytes goes there and back, in either case of digits. */
static void
hex_round_trip(void **state)
{
	uint8_t in[256], out[256];
	char text[513];
	size_t i;

	(void)state;
	for (i = 0; i < 256; i++)
		in[i] = (uint8_t)i;
	bytes_hex(in, sizeof(in), text);
	assert_int_equal(strlen(text), 512);
	assert_memory_equal(text, "000102", 6);
	assert_string_equal(text + 508, "feff");
	assert_int_equal(bytes_unhex(text, out, sizeof(out)), OK);
	assert_memory_equal(in, out, sizeof(in));
	assert_int_equal(bytes_unhex("AbCdEF", out, 3), OK);
	assert_memory_equal(out, "\xab\xcd\xef", 3);
	bytes_hex(in, 0, text);
	assert_string_equal(text, "");
	assert_int_equal(bytes_unhex("", out, 0), OK);
}

/* Anything but exactly 2n digits is refused and leaves the output as it was. */
static void
unhex_is_strict(void **state)
{
	static const char *const bad[] = { "",	   "0",	    "000",   "00000", "0g00", "00 0", " 0000", "0x00",
					   "00-0", ("\xd0\xb0" "00"), "0000\n", "/000", ":000", "@000", "G000", "`000" };
	uint8_t out[2] = { 0xAA, 0xBB };
	size_t i;

	(void)state;
	for (i = 0; i < N(bad); i++)
		assert_int_equal(bytes_unhex(bad[i], out, 2), ERR_FORMAT);
	assert_int_equal(bytes_unhex(NULL, out, 2), ERR_FORMAT);
	assert_memory_equal(out, "\xaa\xbb", 2);
}

/* Valid UTF-8 is taken, everything that decoders disagree about is not. */
static void
utf8_is_strict(void **state)
{
	static const struct {
		const char *in;
		size_t n;
		bool ok;
	} rows[] = {
		{ "", 0, true },
		{ "abc", 3, true },
		{ "\x01\x7f", 2, true },
		{ "насока", 12, true },
		{ "\xc2\x80", 2, true },		/* U+0080 */
		{ "\xdf\xbf", 2, true },		/* U+07FF */
		{ "\xe0\xa0\x80", 3, true },		/* U+0800 */
		{ "\xed\x9f\xbf", 3, true },		/* U+D7FF */
		{ "\xee\x80\x80", 3, true },		/* U+E000 */
		{ "\xef\xbf\xbf", 3, true },		/* U+FFFF */
		{ "\xf0\x90\x80\x80", 4, true },	/* U+10000 */
		{ "\xf4\x8f\xbf\xbf", 4, true },	/* U+10FFFF */
		{ "\0", 1, false },
		{ "a\0b", 3, false },
		{ "\x80", 1, false },			/* continuation alone */
		{ "\xbf", 1, false },
		{ "\xc0\x80", 2, false },		/* overlong NUL */
		{ "\xc1\xbf", 2, false },		/* overlong U+007F */
		{ "\xe0\x80\x80", 3, false },
		{ "\xe0\x9f\xbf", 3, false },		/* overlong U+07FF */
		{ "\xf0\x80\x80\x80", 4, false },
		{ "\xf0\x8f\xbf\xbf", 4, false },	/* overlong U+FFFF */
		{ "\xed\xa0\x80", 3, false },		/* U+D800 */
		{ "\xed\xbf\xbf", 3, false },		/* U+DFFF */
		{ "\xf4\x90\x80\x80", 4, false },	/* U+110000 */
		{ "\xf5\x80\x80\x80", 4, false },
		{ "\xf8\x88\x80\x80\x80", 5, false },
		{ "\xff", 1, false },
		{ "\xfe", 1, false },
		{ "\xc2", 1, false },			/* cut off */
		{ "\xe2\x82", 2, false },
		{ "\xf0\x9d\x84", 3, false },
		{ "\xc2\x41", 2, false },
		{ "\xe2\x82\x41", 3, false },
		{ "\xf0\x9d\x84\x41", 4, false },
		{ "\xe2\xc2\x80", 3, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		uint8_t *exact = malloc(rows[i].n + 1);	/* ASan sees a read past the end */

		assert_non_null(exact);
		memcpy(exact + 1, rows[i].in, rows[i].n);
		if (bytes_is_utf8(SPAN(exact + 1, rows[i].n)) != rows[i].ok)
			fail_msg("row %zu", i);
		free(exact);
	}
	assert_true(bytes_is_utf8(SPAN_NONE));
}

/* Each scalar value encodes to exactly one accepted form, of its length. */
static void
utf8_knows_every_character(void **state)
{
	uint32_t u;

	(void)state;
	for (u = 1; u <= 0x10FFFF; u++) {
		uint8_t s[4];
		size_t n = u < 0x80 ? 1 : u < 0x800 ? 2 : u < 0x10000 ? 3 : 4;
		bool is_scalar = u < 0xD800 || u > 0xDFFF;

		if (n == 1) {
			s[0] = (uint8_t)u;
		} else if (n == 2) {
			s[0] = (uint8_t)(0xC0 | u >> 6);
		} else if (n == 3) {
			s[0] = (uint8_t)(0xE0 | u >> 12);
		} else {
			s[0] = (uint8_t)(0xF0 | u >> 18);
		}
		for (size_t i = 1; i < n; i++)
			s[i] = (uint8_t)(0x80 | (u >> (6 * (n - 1 - i)) & 0x3F));
		if (bytes_utf8_len(SPAN(s, n)) != (is_scalar ? n : 0))
			fail_msg("U+%04X", u);
	}
}

/* Nothing of a text that is made to be shown moves a terminal, ends a line, or turns it around; all else stays. */
static void
shown_is_harmless(void **state)
{
	static const char *const cases[][2] = {
		{ "", "" }, { "tile/0/000", "tile/0/000" }, { "Пловдив, 4000", "Пловдив, 4000" },
		{ "a\x1b[2Kb\r\nc\x7f", "a?[2Kb??c?" }, { "\xc2\x9b" "31m", "??31m" }, { "\xff\xc0z", "??z" },
		{ "a\xe2\x80\xae" "fdp", "a???fdp" }, { "\xe2\x81\xa6x", "???x" }, { "cut \xd0", "cut ?" },
	};
	char text[32];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		strcpy(text, cases[i][0]);
		bytes_make_shown(text);
		assert_string_equal(text, cases[i][1]);
	}
}

/* One bit anywhere is not zero; no bytes are. */
static void
zero_is_all_zero(void **state)
{
	uint8_t bytes[33] = { 0 };

	(void)state;
	assert_true(bytes_is_zero(bytes, sizeof(bytes)));
	assert_true(bytes_is_zero(NULL, 0));
	for (size_t i = 0; i < 8 * sizeof(bytes); i++) {
		bytes[i / 8] = (uint8_t)(1 << i % 8);
		assert_false(bytes_is_zero(bytes, sizeof(bytes)));
		bytes[i / 8] = 0;
	}
	bytes[32] = 1;
	assert_true(bytes_is_zero(bytes, 32));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cursor_reads_integers),
		cmocka_unit_test(cursor_error_sticks),
		cmocka_unit_test(cursor_lengths_are_bounded),
		cmocka_unit_test(cursor_ends),
		cmocka_unit_test_setup_teardown(buf_and_cursor_agree, setup, teardown),
		cmocka_unit_test_setup_teardown(buf_grows, setup, teardown),
		cmocka_unit_test(buf_error_sticks),
		cmocka_unit_test(buf_uses_the_whole_arena),
		cmocka_unit_test_setup_teardown(buf_text_is_terminated, setup, teardown),
		cmocka_unit_test_setup_teardown(buf_refuses_huge, setup, teardown),
		cmocka_unit_test(spans_compare),
		cmocka_unit_test(zero_is_all_zero),
		cmocka_unit_test(hex_round_trip),
		cmocka_unit_test(unhex_is_strict),
		cmocka_unit_test(utf8_is_strict),
		cmocka_unit_test(shown_is_harmless),
		cmocka_unit_test(utf8_knows_every_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
