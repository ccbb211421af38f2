/* SPDX-License-Identifier: EUPL-1.2 */
/* The catalogue of errors: complete, without doubles, and the same in every form. */
#include "proto/base/err.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/base/bytes.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* Every error has its own number, a code made of it, a name, and words in both languages. */
static void
rows_are_complete(void **state)
{
	char code[16];
	unsigned i, k;

	(void)state;
	for (i = 1; i < N_ERR; i++) {
		enum err e = (enum err)i;

		assert_in_range(err_number(e), 1001, 1999);
		snprintf(code, sizeof(code), "NSK-%u", err_number(e));
		assert_string_equal(err_code(e), code);
		assert_memory_equal(err_name(e), "ERR_", 4);
		assert_true(strlen(err_text(e, LANG_EN)) > 3 && strlen(err_text(e, LANG_BG)) > 3);
		assert_true(strlen(err_remedy(e, LANG_EN)) > 3 && strlen(err_remedy(e, LANG_BG)) > 3);
		assert_true(bytes_is_utf8(span_str(err_text(e, LANG_BG))));
		assert_true((unsigned char)err_text(e, LANG_BG)[0] >= 0xD0);	/* Cyrillic */
		assert_true((unsigned char)err_text(e, LANG_EN)[0] < 0x80);
		for (k = i + 1; k < N_ERR; k++)
			assert_int_not_equal(err_number(e), err_number((enum err)k));
	}
}

/* An error found by its number is the error itself, and an unknown number is none. */
static void
numbers_lead_back(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < N_ERR; i++)
		assert_int_equal(err_by_number(err_number((enum err)i)), i);
	assert_int_equal(err_by_number(1), OK);
	assert_int_equal(err_by_number(9999), OK);
	assert_int_equal(err_by_number(UINT32_MAX), OK);
}

/* OK is no error in any form. */
static void
ok_is_ok(void **state)
{
	(void)state;
	assert_int_equal(OK, 0);
	assert_int_equal(err_verdict(OK), VERDICT_OK);
	assert_int_equal(err_number(OK), 0);
	assert_int_equal(err_exit_code(OK), 0);
	assert_false(err_is_fatal(OK));
	assert_string_equal(err_name(OK), "OK");
}

/* The exit code follows from the verdict but where sysexits has a better word. */
static void
exit_codes(void **state)
{
	static const struct {
		enum err e;
		int code;
	} rows[] = {
		{ ERR_FORMAT, 65 },  { ERR_TAMPERED, 65 }, { ERR_NOTFOUND, 65 }, { ERR_PEER_DOWN, 69 },
		{ ERR_STORE, 70 },   { ERR_NOMEM, 70 },	   { ERR_CORRUPT, 70 },	 { ERR_FULL, 75 },
		{ ERR_BUSY, 75 },    { ERR_CONFIG, 78 },   { ERR_KEYFILE, 78 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		assert_int_equal(err_exit_code(rows[i].e), rows[i].code);
	for (i = 1; i < N_ERR; i++) {
		enum err e = (enum err)i;
		int code = err_exit_code(e);

		assert_true(code == 65 || code == 69 || code == 70 || code == 75 || code == 78);
		assert_int_equal(err_is_fatal(e), err_verdict(e) == VERDICT_FATAL);
		if (err_verdict(e) == VERDICT_REJECT)
			assert_int_equal(code, 65);
	}
}

/* What may be gone at the next start is never said to need a hand; what is simply not there stays what the caller says. */
static void
passing_trouble(void **state)
{
	static const int passing[] = { EIO, EINTR, ENOSPC, EMFILE, ENOMEM, EROFS, EADDRINUSE };
	static const int lasting[] = { ENOENT, EACCES, ENOTDIR, ELOOP, EINVAL, 0 };

	(void)state;
	for (size_t i = 0; i < N(passing); i++) {
		assert_int_equal(err_from_errno(passing[i], ERR_CONFIG), ERR_SYSTEM);
		assert_int_not_equal(err_exit_code(err_from_errno(passing[i], ERR_KEYFILE)), err_exit_code(ERR_CONFIG));
	}
	for (size_t i = 0; i < N(lasting); i++)
		assert_int_equal(err_from_errno(lasting[i], ERR_KEYFILE), ERR_KEYFILE);
}

/* A refusal is one statement: the error comes back, place and words are kept, the line is 0. */
static void
why_is_filled(void **state)
{
	struct why why;

	(void)state;
	memset(&why, 0xAA, sizeof(why));
	assert_int_equal(why_set(&why, ERR_REQUIRED, "child.birth_date", "row %d", 3), ERR_REQUIRED);
	assert_string_equal(why.where, "child.birth_date");
	assert_string_equal(why.text, "row 3");
	assert_int_equal(why.line, 0);
	assert_int_equal(why.col, 0);
	assert_int_equal(why_set(&why, ERR_SYNTAX, NULL, "%s", ""), ERR_SYNTAX);
	assert_string_equal(why.where, "");
	assert_string_equal(why.text, "");
	assert_int_equal(why_set(NULL, ERR_SYNTAX, "x", "y"), ERR_SYNTAX);
}

/* What is too long is cut inside its array and never inside a character, at any alignment. */
static void
why_is_cut_between_characters(void **state)
{
	static const char *const letters[] = { "a", "ж", "€", "𝄞" };
	char text[1024];
	struct why why;
	size_t i, pad, at;

	(void)state;
	for (i = 0; i < N(letters); i++) {
		for (pad = 0; pad < 8; pad++) {
			memset(text, 'x', pad);
			for (at = pad; at + 5 < sizeof(text); at += strlen(letters[i]))
				memcpy(text + at, letters[i], strlen(letters[i]) + 1);
			why_set(&why, ERR_SYNTAX, text, "%s", text);
			assert_true(bytes_is_utf8(span_str(why.where)));
			assert_true(bytes_is_utf8(span_str(why.text)));
			assert_in_range(strlen(why.where), sizeof(why.where) - 5, sizeof(why.where) - 1);
			assert_in_range(strlen(why.text), sizeof(why.text) - 5, sizeof(why.text) - 1);
			assert_memory_equal(why.text, text, strlen(why.text));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_complete), cmocka_unit_test(numbers_lead_back),
		cmocka_unit_test(ok_is_ok),	     cmocka_unit_test(exit_codes),
		cmocka_unit_test(why_is_filled),     cmocka_unit_test(why_is_cut_between_characters),
		cmocka_unit_test(passing_trouble),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
