/* SPDX-License-Identifier: EUPL-1.2 */
/* What is put into a record so that its next fault shows. */
#include "adapters/validate/mend.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "config/adapter_config.h"
#include "tests/support/arena_fixture.h"

static struct record *
referral(void)
{
	struct record *record = record_new(mem, "record");
	struct why why;

	assert_int_equal(record_set(record, mem, "kind", "referral", &why), OK);
	assert_int_equal(record_set(record, mem, "referral.reason_text", "x", &why), OK);
	return record;
}

/* The core's own fields are there, the agency's defaults are, what the file says stays, and no other body comes to be. */
static void
completes(void **state)
{
	static const struct adapter_pair defaults[] = {
		{ "child.address.municipality", "PDV22" }, { "referral.reason_text", "y" }, { "status.reason_text", "z" },
	};
	struct adapter_config config = { .defaults = defaults, .n_defaults = 3 };
	struct record *record = referral();

	(void)state;
	mend_complete(record, &config, mem);
	assert_non_null(record_get(record, mem, "case_id"));
	assert_non_null(record_get(record, mem, "referral.target.agency"));
	assert_string_equal(record_get(record, mem, "referral.child.address.municipality"), "PDV22");
	assert_string_equal(record_get(record, mem, "referral.reason_text"), "x");
	assert_null(record->status);
	assert_null(record->attachment);
	mend_complete(referral(), NULL, mem);
}

/* Fault by fault a referral that says next to nothing of a child becomes one that the rules take; that there is a child nobody else can say. */
static void
mends_to_the_end(void **state)
{
	struct record *record = referral();
	struct why why;
	enum err e;
	int n = 0;

	(void)state;
	mend_complete(record, NULL, mem);
	assert_false(mend_fault(record, "referral.child", ERR_REQUIRED, mem));
	assert_int_equal(record_set(record, mem, "referral.child.given", "А", &why), OK);
	while ((e = record_check(record, &why)) != OK && n++ < 40)
		if (!mend_fault(record, why.where, e, mem))
			fail_msg("%s: %s", why.where, err_code(e));
	assert_int_equal(e, OK);
	assert_true(n > 3);
}

/* There is nothing to put where no field is, or a whole message. */
static void
nothing_to_put(void **state)
{
	struct record *record = referral();

	(void)state;
	assert_false(mend_fault(record, "referral", ERR_REQUIRED, mem));
	assert_false(mend_fault(record, "referral.nothing", ERR_REQUIRED, mem));
	assert_false(mend_fault(record, "", ERR_REQUIRED, mem));
}

/* Of a file that is not here all is there that a row cannot say; a record without one is left alone. */
static void
files(void **state)
{
	struct record *record = record_new(mem, "record"), *other = referral();
	struct why why;

	(void)state;
	assert_int_equal(record_set(record, mem, "attachment.filename", "a.pdf", &why), OK);
	mend_file(record, mem);
	assert_string_equal(record_get(record, mem, "attachment.parts"), "1");
	assert_string_equal(record_get(record, mem, "attachment.filename"), "a.pdf");
	mend_file(other, mem);
	assert_null(other->attachment);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(completes, setup, teardown),
		cmocka_unit_test_setup_teardown(mends_to_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_to_put, setup, teardown),
		cmocka_unit_test_setup_teardown(files, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
