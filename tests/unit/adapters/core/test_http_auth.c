/* SPDX-License-Identifier: EUPL-1.2 */
/* The tokens of the HTTP door: what a file may hold, and what proves a caller. */
#include "adapters/core/http_auth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define A "0123456789abcdef"
#define B "fedcba9876543210fedcba9876543210"

/* Each token proves its own name; a part of one, more than one, or another scheme proves nothing. */
static void
finding(void **state)
{
	static const struct {
		const char *said, *name;
	} rows[] = {
		{ "Bearer " A, "clinic" },
		{ "bearer  " B, "his.2" },
		{ "Bearer " A "0", NULL },
		{ "Bearer 0123456789abcde", NULL },
		{ "Bearer ", NULL },
		{ "Bearer", NULL },
		{ "Basic " A, NULL },
		{ A, NULL },
		{ "", NULL },
		{ NULL, NULL },
	};
	struct http_auth *auth;
	char longest[400] = "Bearer ";
	size_t i;

	(void)state;
	assert_int_equal(http_auth_parse(SPAN_LIT("# comment\n\nclinic:" A "\r\nhis.2:" B), &auth, NULL), OK);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *name = http_auth_find(auth, rows[i].said);

		if (rows[i].name)
			assert_string_equal(name, rows[i].name);
		else
			assert_null(name);
	}
	memset(longest + 7, 'x', sizeof(longest) - 8);
	longest[sizeof(longest) - 1] = '\0';
	assert_null(http_auth_find(auth, longest));
	http_auth_free(auth);
}

/* A bad line is refused with its number. */
static void
bad_files(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
	} rows[] = {
		{ "", 0 },
		{ "# nothing\n", 0 },
		{ "clinic " A "\n", 1 },
		{ "a:" A "\n\nb:short\n", 3 },
		{ "a:" A "\na:" B "\n", 2 },
		{ "с:" A "\n", 1 },
		{ ":" A "\n", 1 },
		{ "a:0123456789 abcdef\n", 1 },
		{ "a:" B B B B B "\n", 1 },
		{ "a123456789012345678901234567890123:" A "\n", 1 },
	};
	struct http_auth *auth;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct why why = { 0 };

		assert_int_equal(http_auth_parse(span_str(rows[i].text), &auth, &why), ERR_KEYFILE);
		assert_null(auth);
		assert_int_equal(why.line, rows[i].line);
	}
}

/* More tokens than the limit are refused, the limit is not. */
static void
limit(void **state)
{
	char text[(HTTP_AUTH_TOKENS_MAX + 1) * 32] = "";
	struct http_auth *auth;
	size_t i, n = 0;

	(void)state;
	for (i = 0; i <= HTTP_AUTH_TOKENS_MAX; i++) {
		if (i == HTTP_AUTH_TOKENS_MAX) {
			assert_int_equal(http_auth_parse(SPAN(text, n), &auth, NULL), OK);
			http_auth_free(auth);
		}
		n += (size_t)sprintf(text + n, "n%zu:" A "\n", i);
	}
	assert_int_equal(http_auth_parse(SPAN(text, n), &auth, NULL), ERR_KEYFILE);
}

/* A file that others may read, or a link, is refused. */
static void
files(void **state)
{
	char path[] = "/tmp/test-tokens-XXXXXX", link[64];
	int fd = mkstemp(path);
	struct http_auth *auth;
	struct why why;

	(void)state;
	snprintf(link, sizeof(link), "%s.link", path);
	assert_int_equal(write(fd, "a:" A, 18), 18);
	close(fd);
	assert_int_equal(http_auth_load(path, &auth, &why), OK);
	http_auth_free(auth);
	assert_int_equal(symlink(path, link), 0);
	assert_int_equal(http_auth_load(link, &auth, &why), ERR_KEYFILE);
	assert_int_equal(chmod(path, 0604), 0);
	assert_int_equal(http_auth_load(path, &auth, &why), ERR_KEYFILE);
	assert_null(strstr(why.text, A));
	unlink(link);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finding),
		cmocka_unit_test(bad_files),
		cmocka_unit_test(limit),
		cmocka_unit_test(files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
