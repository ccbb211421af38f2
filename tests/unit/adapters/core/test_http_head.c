/* SPDX-License-Identifier: EUPL-1.2 */
/* The head of a request: media type, character set, key and path. */
#include "adapters/core/http_head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
content_types(void **state)
{
	static const struct {
		const char *said;
		enum err e;
		const char *media_type, *charset;
	} rows[] = {
		{ NULL, OK, "", NULL },
		{ "application/json", OK, "application/json", NULL },
		{ "Application/FHIR+JSON; fhirVersion=4.0; charset=UTF-8", OK, "application/fhir+json", "UTF-8" },
		{ "text/csv;charset=\"cp1251\";header=present", OK, "text/csv", "windows-1251" },
		{ "text/csv; charset=koi9", ERR_CHARSET, NULL, NULL },
		{ "text/csv; charset=", ERR_CHARSET, NULL, NULL },
		{ "", ERR_MEDIA_TYPE, NULL, NULL },
		{ "json", ERR_MEDIA_TYPE, NULL, NULL },
		{ "; charset=utf-8", ERR_MEDIA_TYPE, NULL, NULL },
	};
	char longest[300];
	struct http_head head;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(http_head_content(rows[i].said, &head, NULL), rows[i].e);
		if (rows[i].e != OK)
			continue;
		assert_string_equal(head.media_type, rows[i].media_type);
		if (rows[i].charset)
			assert_string_equal(head.charset, rows[i].charset);
		else
			assert_null(head.charset);
	}
	memset(longest, 'a', sizeof(longest));
	longest[1] = '/';
	longest[HTTP_HEAD_MEDIA_MAX + 1] = '\0';
	assert_int_equal(http_head_content(longest, &head, NULL), ERR_MEDIA_TYPE);
	longest[HTTP_HEAD_MEDIA_MAX] = '\0';
	assert_int_equal(http_head_content(longest, &head, NULL), OK);
}

static void
keys_and_paths(void **state)
{
	char text[HTTP_HEAD_PATH_MAX + 2];

	(void)state;
	memset(text, 'k', sizeof(text));
	text[HTTP_HEAD_KEY_MAX + 1] = '\0';
	assert_false(http_head_is_key(text));
	text[HTTP_HEAD_KEY_MAX] = '\0';
	assert_true(http_head_is_key(text));
	assert_false(http_head_is_key(""));
	assert_false(http_head_is_key("a\tb"));
	memset(text, 'k', sizeof(text));
	text[0] = '/';
	text[HTTP_HEAD_PATH_MAX + 1] = '\0';
	assert_int_equal(http_head_path(text, NULL), ERR_ADDRESS);
	assert_int_equal(strlen(text), HTTP_HEAD_PATH_MAX);
	assert_int_equal(http_head_path(text, NULL), OK);
	assert_true(http_head_is_at("/livez", "/livez"));
	assert_true(http_head_is_at("/livez?x", "/livez"));
	assert_false(http_head_is_at("/livezz", "/livez"));
	assert_false(http_head_is_at("/live", "/livez"));
}

/* What cannot be read of an address is told with its place, and what can be read before it is left, without its query. */
static void
addresses(void **state)
{
	static const struct { const char *said, *left, *text; } rows[] = {
		{ "*", "/", "start with /" }, { "\xD0\x90", "/", "character 1 " }, { "/a b", "/a", "character 3 " },
		{ "/fhir/Task?patient=\xD0\x90", "/fhir/Task", "percent-encode" }, { "/fhir/\xD0\x90?a", "/fhir/", "character 7 " },
		{ "/a\x7F", "/a", "percent-encode" }, { "/?\t", "/", "character 3 " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct why why = { 0 };
		char path[64];

		strcpy(path, rows[i].said);
		assert_int_equal(http_head_path(path, &why), ERR_ADDRESS);
		assert_string_equal(path, rows[i].left);
		assert_non_null(strstr(why.text, rows[i].text));
	}
}

/* Other headers are printable and bounded; a Host is what may stand in a URL; a date is as HTTP writes it. */
static void
values_hosts_dates(void **state)
{
	char text[HTTP_HEAD_PATH_MAX + 2], date[HTTP_HEAD_DATE_LEN];

	(void)state;
	memset(text, 'k', sizeof(text));
	text[HTTP_HEAD_PATH_MAX + 1] = '\0';
	assert_false(http_head_is_value(text));
	text[HTTP_HEAD_PATH_MAX] = '\0';
	assert_true(http_head_is_value(text));
	assert_false(http_head_is_value("a\r\nb"));
	assert_true(http_head_is_host("[::1]:8443"));
	assert_true(http_head_is_host("gp-1.example"));
	assert_false(http_head_is_host(""));
	assert_false(http_head_is_host("a/b"));
	assert_false(http_head_is_host("a\"b"));
	text[HTTP_HEAD_HOST_MAX + 1] = '\0';
	assert_false(http_head_is_host(text));
	http_head_date(0, date);
	assert_string_equal(date, "Thu, 01 Jan 1970 00:00:00 GMT");
	http_head_date(INT64_C(1795330799000), date);
	assert_string_equal(date, "Sun, 22 Nov 2026 06:59:59 GMT");
}

/* One range of bytes is read as RFC 9110 has it; what is none, or is of another version, asks for all; one that begins behind the end for nothing. */
static void
ranges(void **state)
{
	static const struct { const char *range, *if_range; enum http_range is; uint64_t from, n; } cases[] = {
		{ NULL, NULL, HTTP_ALL, 0, 1000 }, { "bytes=0-", NULL, HTTP_PART, 0, 1000 }, { "bytes=10-19", NULL, HTTP_PART, 10, 10 },
		{ "Bytes= 999-", NULL, HTTP_PART, 999, 1 }, { "bytes=990-5000", NULL, HTTP_PART, 990, 10 }, { "bytes=-10", NULL, HTTP_PART, 990, 10 },
		{ "bytes=-5000", NULL, HTTP_PART, 0, 1000 }, { "bytes=0-0 ", NULL, HTTP_PART, 0, 1 },
		{ "bytes=0-18446744073709551615", NULL, HTTP_PART, 0, 1000 }, { "bytes=10-99999999999999999999999", NULL, HTTP_PART, 10, 990 },
		{ "bytes=1000-", NULL, HTTP_NO_SUCH_PART, 0, 0 }, { "bytes=1000-1001", NULL, HTTP_NO_SUCH_PART, 0, 0 },
		{ "bytes=99999999999999999999999-", NULL, HTTP_NO_SUCH_PART, 0, 0 }, { "bytes=-0", NULL, HTTP_NO_SUCH_PART, 0, 0 },
		{ "bytes=19-10", NULL, HTTP_ALL, 0, 1000 }, { "bytes=0-1,5-6", NULL, HTTP_ALL, 0, 1000 }, { "bytes=", NULL, HTTP_ALL, 0, 1000 },
		{ "bytes=-", NULL, HTTP_ALL, 0, 1000 }, { "bytes=a-b", NULL, HTTP_ALL, 0, 1000 }, { "bytes=1-2x", NULL, HTTP_ALL, 0, 1000 },
		{ "bytes=--5", NULL, HTTP_ALL, 0, 1000 }, { "bytes=5", NULL, HTTP_ALL, 0, 1000 }, { "lines=1-2", NULL, HTTP_ALL, 0, 1000 },
		{ "bytes=10-", "\"AAAA\"", HTTP_PART, 10, 990 }, { "bytes=10-", "\"BBBB\"", HTTP_ALL, 0, 1000 },
		{ "bytes=10-", "W/\"AAAA\"", HTTP_ALL, 0, 1000 }, { "bytes=10-", "Sun, 22 Nov 2026 06:59:59 GMT", HTTP_ALL, 0, 1000 },
		{ "bytes=5000-", "\"BBBB\"", HTTP_ALL, 0, 1000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_part part;
		enum http_range is = http_head_range(cases[i].range, cases[i].if_range, "\"AAAA\"", 1000, &part);

		assert_int_equal(part.of, 1000);
		if (is != cases[i].is || part.n != cases[i].n || (is != HTTP_NO_SUCH_PART && part.from != cases[i].from))
			fail_msg("%s: %d %llu %llu", cases[i].range, (int)is, (unsigned long long)part.from, (unsigned long long)part.n);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(content_types),
		cmocka_unit_test(keys_and_paths),
		cmocka_unit_test(addresses),
		cmocka_unit_test(values_hosts_dates),
		cmocka_unit_test(ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
