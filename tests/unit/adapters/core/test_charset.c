/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <iconv.h>

#include "adapters/core/charset.h"

static size_t
by_iconv(const char *from, uint8_t byte, char to[static 8])
{
	iconv_t cd = iconv_open("UTF-8", from);
	char in[1] = { (char)byte }, *p = in, *q = to;
	size_t n_in = 1, n_out = 8;
	bool ok;

	assert_true(cd != (iconv_t)-1);
	ok = iconv(cd, &p, &n_in, &q, &n_out) != (size_t)-1;
	iconv_close(cd);
	return ok ? 8 - n_out : 0;
}

/* Every byte of every set is the character that the C library says it is, both ways; the C1 controls alone are refused. */
static void
same_as_iconv(void **state)
{
	static const char *const SETS[] = { "windows-1251", "ISO-8859-5", "ISO-8859-1" };
	struct arena *mem = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(SETS) / sizeof(SETS[0]); i++) {
		for (unsigned b = 1; b < 256; b++) {
			uint8_t byte = (uint8_t)b;
			char want[8];
			size_t n = by_iconv(SETS[i], byte, want);
			struct span got, back;
			enum err e = charset_decode(SETS[i], SPAN(&byte, 1), mem, &got, NULL);

			if (n == 0 || (i > 0 && b >= 0x80 && b < 0xA0)) {
				assert_int_equal(e, ERR_CHARSET);
				continue;
			}
			assert_int_equal(e, OK);
			assert_true(span_eq(got, SPAN(want, n)));
			assert_int_equal(charset_encode(SETS[i], got, mem, &back, NULL), OK);
			assert_true(span_eq(back, SPAN(&byte, 1)));
		}
	}
	arena_free(mem);
}

/* The names that HL7, MIME and Windows give are known in any case, others are not. */
static void
names(void **state)
{
	(void)state;
	assert_string_equal(charset_name("UNICODE UTF-8"), "UTF-8");
	assert_string_equal(charset_name("8859/5"), "ISO-8859-5");
	assert_string_equal(charset_name("CP1251"), "windows-1251");
	assert_null(charset_name("KOI8-R"));
	assert_null(charset_name(""));
	assert_null(charset_name(NULL));
}

/* A fault is told with its line and column; a character that a set lacks is refused and not replaced. */
static void
places(void **state)
{
	struct arena *mem = arena_new(1 << 16);
	struct span out;
	struct why why;

	(void)state;
	assert_int_equal(charset_decode("UTF-8", SPAN_LIT("ab\r\nc\xC0"), mem, &out, &why), ERR_CHARSET);
	assert_int_equal(why.line, 2);
	assert_int_equal(why.col, 2);
	assert_int_equal(charset_decode("US-ASCII", SPAN_LIT("а"), mem, &out, &why), ERR_CHARSET);
	assert_int_equal(charset_decode("windows-1251", SPAN_LIT("\x98"), mem, &out, &why), ERR_CHARSET);
	assert_int_equal(charset_encode("windows-1251", SPAN_LIT("aΩ"), mem, &out, &why), ERR_CHARSET);
	assert_int_equal(why.col, 2);
	assert_int_equal(charset_encode("windows-1251", SPAN_LIT("\xF0\x9F\x98\x80"), mem, &out, &why), ERR_CHARSET);
	assert_int_equal(charset_decode("UTF-8", SPAN_LIT("\xEF\xBB\xBFх"), mem, &out, &why), OK);
	assert_true(span_eq(out, SPAN_LIT("х")));
	arena_free(mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_as_iconv),
		cmocka_unit_test(names),
		cmocka_unit_test(places),
	};

	return cmocka_run_group_tests_name("charset", tests, NULL, NULL);
}
