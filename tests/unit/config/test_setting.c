/* SPDX-License-Identifier: EUPL-1.2 */
/* One value's text: what is read, what is refused, and that what is printed reads back. */
#include "config/setting.h"

#include "tests/unit/config/config_world.h"

/* Whole numbers are decimal, without signs of octal, hexadecimal or fractions; what overflows becomes the largest. */
static void
setting_int(void **state)
{
	static const char *const bad[] = { "", "-", "+1", "01", "00", "0x1", "1_000", "1.0", "1e3", " 1", "1 ", "one", "--1" };
	int64_t v = 7;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(setting_parse_int(bad[i], &v));
	assert_int_equal(v, 7);
	assert_true(setting_parse_int("0", &v) && v == 0);
	assert_true(setting_parse_int("-42", &v) && v == -42);
	assert_true(setting_parse_int("9223372036854775807", &v) && v == INT64_MAX);
	assert_true(setting_parse_int("9223372036854775808", &v) && v == INT64_MAX);
	assert_true(setting_parse_int("99999999999999999999999999", &v) && v == INT64_MAX);
}

/* YAML's many yeses are no booleans here. */
static void
setting_bool(void **state)
{
	static const char *const bad[] = { "yes", "no", "on", "off", "True", "FALSE", "1", "" };
	bool v = true;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(setting_parse_bool(bad[i], &v));
	assert_true(setting_parse_bool("false", &v) && !v);
	assert_true(setting_parse_bool("true", &v) && v);
}

/* Sizes and durations need a unit, and only ours. */
static void
setting_units(void **state)
{
	static const char *const bad[] = { "1", "MiB", "1MB", "1kib", "1 MiB", "-1MiB", "1.5GiB", "1MiBB", "01MiB" };
	static const char *const bad_times[] = { "1", "s", "1sec", "1 s", "-1s", "1.5h", "1M", "1w", "5m0s" };
	int64_t v;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(setting_parse_size(bad[i], &v));
	for (i = 0; i < sizeof(bad_times) / sizeof(bad_times[0]); i++)
		assert_false(setting_parse_duration(bad_times[i], &v));
	assert_true(setting_parse_size("256MiB", &v) && v == INT64_C(256) << 20);
	assert_true(setting_parse_size("0B", &v) && v == 0);
	assert_true(setting_parse_size("8388608TiB", &v) && v == INT64_MAX);
	assert_true(setting_parse_duration("500ms", &v) && v == 500);
	assert_true(setting_parse_duration("400d", &v) && v == INT64_C(400) * 86400000);
}

/* A term is a duration or a number of working days, spelt in one way; both read back as printed. */
static void
setting_terms(void **state)
{
	static const char *const bad[] = { "", "3", "3 days", "3working days", "3  working days", "3 Working days", "-1 working days",
					   "working days", "01 working days", "2 working day", "3 working days ", "1 d" };
	static const char *const good[] = { "1 working day", "3 working days", "24h", "7d", "90m" };
	struct setting_term t = { .ms = 5, .working_days = 5 };
	char text[SETTING_TEXT_LEN];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (setting_parse_term(bad[i], &t))
			fail_msg("%s", bad[i]);
	assert_true(t.ms == 5 && t.working_days == 5);
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(setting_parse_term(good[i], &t));
		assert_true((t.ms == 0) != (t.working_days == 0));
		setting_format_term(&t, text);
		assert_string_equal(text, strcmp(good[i], "24h") == 0 ? "1d" : good[i]);
	}
	assert_true(setting_parse_term("3 working days", &t) && t.working_days == 3);
}

/* What is printed reads back to the same value, in the largest unit that is exact. */
static void
setting_format_reads_back(void **state)
{
	static const int64_t values[] = { 0, 1, 999, 1000, 1023, 1024, 1025, 60000, 86400000, 86400001, 1 << 20, INT64_C(3) << 40 };
	char text[SETTING_TEXT_LEN];
	int64_t v;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		setting_format_size(values[i], text);
		assert_true(setting_parse_size(text, &v) && v == values[i]);
		setting_format_duration(values[i], text);
		assert_true(setting_parse_duration(text, &v) && v == values[i]);
	}
	setting_format_duration(86400000, text);
	assert_string_equal(text, "1d");
	setting_format_size(1536, text);
	assert_string_equal(text, "1536B");
}

/* Addresses are numeric, ports 1 to 65535, and loopback is 127.0.0.0/8 and ::1 alone. */
static void
setting_address(void **state)
{
	static const char *const bad[] = { "", ":80", "1.2.3.4", "1.2.3.4:", "1.2.3.4:0", "1.2.3.4:65536", "1.2.3:80", "host:80",
					   "::1:80", "[::1]", "[::1]80", "[1.2.3.4]:80", "1.2.3.4:80 ", "1.2.3.4:+80" };
	struct setting_address a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (setting_parse_address(bad[i], &a))
			fail_msg("%s", bad[i]);
	assert_true(setting_parse_address("127.8.8.8:1", &a) && a.loopback && a.port == 1);
	assert_true(setting_parse_address("0.0.0.0:65535", &a) && !a.loopback && a.port == 65535);
	assert_true(setting_parse_address("[::1]:80", &a) && a.loopback);
	assert_string_equal(a.host, "::1");
	assert_true(setting_parse_address("[::]:80", &a) && !a.loopback);
}

/* A network has no host bits, and one of IPv4 is told in its mapped form. */
static void
setting_cidr(void **state)
{
	static const char *const bad[] = { "10.0.0.0", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "::1/64", "::/129", "/8", "" };
	uint8_t addr[16], bits;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(setting_parse_cidr(bad[i], addr, &bits));
	assert_true(setting_parse_cidr("10.1.2.3/32", addr, &bits) && bits == 128 && addr[15] == 3 && addr[11] == 0xFF);
	assert_true(setting_parse_cidr("0.0.0.0/0", addr, &bits) && bits == 96);
	assert_true(setting_parse_cidr("fd00::/8", addr, &bits) && bits == 8 && addr[0] == 0xFD);
}

/* An address to call has no user, password, fragment or foreign scheme, and its host is told in small letters. */
static void
setting_url(void **state)
{
	static const char *const bad[] = { "", "https://", "https:///x", "ftp://h/x", "https://u@h/", "https://u:p@h/", "https://h/#f",
					   "https://h:0/", "https://h:99999/", "https://h?x", "https://h /", "https://-h/", "//h/x",
					   "HTTPS://h/", "https://h/\"" };
	struct setting_url url;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (setting_parse_url(bad[i], &url))
			fail_msg("%s", bad[i]);
	assert_true(setting_parse_url("https://Cases.Test.Example:8443/a?b=c", &url) && url.tls && !url.loopback);
	assert_string_equal(url.host, "cases.test.example");
	assert_true(setting_parse_url("http://[::1]:8080/x", &url) && url.loopback && !url.tls);
	assert_true(setting_parse_url("http://[::1]/x", &url) && url.loopback);
	assert_true(setting_parse_url("http://localhost", &url) && url.loopback);
	assert_true(setting_parse_url("http://127.0.0.1.evil.example/", &url) && !url.loopback);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(setting_int),	    cmocka_unit_test(setting_bool),
		cmocka_unit_test(setting_units),    cmocka_unit_test(setting_terms),
		cmocka_unit_test(setting_format_reads_back),
		cmocka_unit_test(setting_address),  cmocka_unit_test(setting_cidr),
		cmocka_unit_test(setting_url),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
