/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/hl7_fixture.h"

#include "adapters/health/hl7_change.h"

static struct record *
referral_with(const char *path, const char *value)
{
	struct record *record = record_of_lines(world_file("tests/vectors/health/full.record", mem), mem);
	char *lines = arena_str(mem, record_lines(record, mem)), *at;

	if (!path)
		return record;
	/* the line of that path is put anew, or left out */
	at = strstr(lines, arena_fmt(mem, "\n%s=", path));
	assert_non_null(at);
	return record_of_lines(arena_fmt(mem, "%.*s\n%s%s%s%s", (int)(at - lines), lines, value ? path : "", value ? "=" : "",
					 value ? value : "", strchr(at + 1, '\n')), mem);
}

/* The same referral says nothing new, whatever it leaves out and however it was sent. */
static void
nothing_new(void **state)
{
	static const char *const LEFT_OUT[] = { "referral.child.phone", "referral.risk_level", "referral.authored_on" };
	struct record *was = referral_with(NULL, NULL);

	(void)state;
	assert_null(hl7_changes(was, referral_with(NULL, NULL), mem));
	assert_null(hl7_changes(was, referral_with("referral.respond_by", "2027-01-01T00:00:00Z"), mem));
	for (size_t i = 0; i < sizeof(LEFT_OUT) / sizeof(LEFT_OUT[0]); i++)
		assert_null(hl7_changes(was, referral_with(LEFT_OUT[i], NULL), mem));
}

/* Each field that differs is a line with its path; a reason in words comes first, without. */
static void
changes_told(void **state)
{
	struct record *was = referral_with(NULL, NULL), *is = referral_with("referral.child.phone", "032 000 001");

	(void)state;
	assert_string_equal(hl7_changes(was, is, mem), "child.phone: 032 000 001");
	is->referral->reason_text = "Вече има и оценка.";
	assert_string_equal(hl7_changes(was, is, mem), "Вече има и оценка.\nchild.phone: 032 000 001");
	is = referral_with("referral.carers[0].name", "Друга Примерна");
	assert_string_equal(hl7_changes(was, is, mem), "carers[1].name: Друга Примерна");
	was = record_of_lines("kind=referral\nreferral.referral_id=R-1\n", mem);
	assert_non_null(strstr(hl7_changes(was, is, mem), "child.given: "));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_new, setup, teardown),
		cmocka_unit_test_setup_teardown(changes_told, setup, teardown),
	};

	return cmocka_run_group_tests_name("hl7_change", tests, NULL, NULL);
}
