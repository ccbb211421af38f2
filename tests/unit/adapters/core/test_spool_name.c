/* SPDX-License-Identifier: EUPL-1.2 */
/* Names of files at the folder doors. */
#include "adapters/core/spool_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Hidden and unfinished files are left alone. */
static void
readiness(void **state)
{
	(void)state;
	assert_true(spool_name_is_ready("a.csv"));
	assert_true(spool_name_is_ready("насочване.CSV"));
	assert_true(spool_name_is_ready("tmp"));
	assert_false(spool_name_is_ready(".a.csv"));
	assert_false(spool_name_is_ready("a.csv.tmp"));
	assert_false(spool_name_is_ready("a.PART"));
	assert_false(spool_name_is_ready("a.csv~"));
	assert_false(spool_name_is_ready("~lock.a.csv"));
	assert_false(spool_name_is_ready(""));
}

/* The ending names the format where it can. */
static void
endings(void **state)
{
	(void)state;
	assert_int_equal(spool_name_format("a.CSV"), FORMAT_CSV);
	assert_int_equal(spool_name_format("a.hl7"), FORMAT_HL7);
	assert_int_equal(spool_name_format("a.json"), FORMAT_NONE);
	assert_int_equal(spool_name_format("csv"), FORMAT_NONE);
	assert_int_equal(spool_name_format(".csv"), FORMAT_NONE);
}

/* A message's file has the time of its id, always the same name, and nothing but a message id gets one. */
static void
out_names(void **state)
{
	char name[SPOOL_NAME_LEN];

	(void)state;
	/* 0x017F22E279B0 ms is 2022-02-22T19:22:22Z, the example of RFC 9562 */
	assert_int_equal(spool_name_out("017F22E2-79B0-7CC3-98C4-DC0C0C07398F", NULL, FORMAT_CSV, name), OK);
	assert_string_equal(name, "20220222T192222-017f22e2-79b0-7cc3-98c4-dc0c0c07398f.csv");
	assert_int_equal(spool_name_out("017f22e279b07cc398c4dc0c0c07398f", NULL, FORMAT_FHIR, name), OK);
	assert_string_equal(name, "20220222T192222-017f22e2-79b0-7cc3-98c4-dc0c0c07398f.json");
	/* a stage has a file of its own beside the message's and the other stages' */
	assert_int_equal(spool_name_out("017f22e279b07cc398c4dc0c0c07398f", "registered", FORMAT_JSON, name), OK);
	assert_string_equal(name, "20220222T192222-017f22e2-79b0-7cc3-98c4-dc0c0c07398f-registered.json");
	assert_int_equal(spool_name_out("../../etc/passwd", NULL, FORMAT_CSV, name), ERR_FORMAT);
}

/* Results and second names keep within the limits of a file system, and cut no character in two. */
static void
long_names(void **state)
{
	char longest[256], name[SPOOL_NAME_LEN];
	size_t i;

	(void)state;
	spool_name_result("a.csv", FORMAT_CSV, name);
	assert_string_equal(name, "a.csv.result.csv");
	spool_name_again("a.csv", 2, name);
	assert_string_equal(name, "a.2.csv");
	spool_name_again("a", 12, name);
	assert_string_equal(name, "a.12");
	longest[0] = 'x';
	for (i = 1; i < 255; i += 2)
		memcpy(longest + i, "\xD0\x90", 2);	/* one letter of two bytes */
	longest[255] = '\0';
	spool_name_result(longest, FORMAT_HL7, name);
	assert_true(strlen(name) < 220);
	assert_true(bytes_is_utf8(span_str(name)));
	memcpy(longest + 251, ".csv", 5);
	spool_name_again(longest, 999, name);
	assert_true(strlen(name) < 220);
	assert_true(bytes_is_utf8(span_str(name)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readiness),
		cmocka_unit_test(endings),
		cmocka_unit_test(out_names),
		cmocka_unit_test(long_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
