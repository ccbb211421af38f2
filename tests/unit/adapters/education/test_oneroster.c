/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/education/oneroster.h"
#include "tests/unit/adapters/education/roster_world.h"
#include "tests/support/arena_fixture.h"

static struct oneroster *
opened(const char *without)
{
	struct sector_env env = roster_world_env(without);
	struct oneroster *r;
	struct why why;

	assert_int_equal(oneroster_open(&env, mem, &r, &why), OK);
	return r;
}

/* A pupil is found by each number, with birth date, school, grade and carers from the other tables. */
static void
pupil_is_whole(void **state)
{
	static const char *const NUMBERS[] = { "1543079013", "77", "u1" };
	struct oneroster *r = opened(NULL);
	struct pupil p;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_true(oneroster_find(r, NUMBERS[i], &p));
		assert_string_equal(p.given, "Мария");
		assert_string_equal(p.middle, "Петрова");
		assert_string_equal(p.family, "Ангелова-\"Ѝ\"");
		assert_string_equal(p.birth_date, "2015-03-07");
		assert_string_equal(p.gender, "female");
		assert_string_equal(p.school_code, "1690001");	/* of the primary enrolment that is in use */
		assert_string_equal(p.school_name, "ОУ „Св. Климент“");
		assert_string_equal(p.grade, "03");
		assert_string_equal(p.ids[0].type, "EGN");
		assert_string_equal(p.ids[0].value, "1543079013");
		assert_int_equal(p.n_carers, 2);		/* the teacher is no carer */
		assert_string_equal(p.carers[0].name, "Елена Ангелова");
		assert_string_equal(p.carers[0].relation, "mother");
		assert_string_equal(p.carers[0].phone, "+359000000011");
		assert_string_equal(p.carers[1].relation, "father");
		assert_string_equal(p.carers[1].phone, "+359000000012");
	}
}

/* A child without a national number has the school's own; without an enrolment, the school of the user. */
static void
child_without_numbers(void **state)
{
	struct oneroster *r = opened(NULL);
	struct pupil p;

	(void)state;
	assert_true(oneroster_find(r, "901", &p));
	assert_string_equal(p.ids[0].type, "local");
	assert_string_equal(p.ids[0].value, "901");
	assert_string_equal(p.school_code, "1690002");
	assert_int_equal(p.n_carers, 0);
}

/* Who has left, who is no student and who is not there are not found. */
static void
others_are_not_found(void **state)
{
	static const char *const NUMBERS[] = { "900", "902", "903", "", "u2" };
	struct oneroster *r = opened(NULL);
	struct pupil p;

	(void)state;
	for (size_t i = 0; i < sizeof(NUMBERS) / sizeof(NUMBERS[0]); i++)
		assert_false(oneroster_find(r, NUMBERS[i], &p));
}

/* Only users.csv must be there; without it, or without a folder, there is no roster. */
static void
tables_may_be_missing(void **state)
{
	static const char *const OTHERS[] = { "demographics.csv", "enrollments.csv", "orgs.csv" };
	struct sector_env env = world_env();
	struct oneroster *r;
	struct pupil p;
	struct why why;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_true(oneroster_find(opened(OTHERS[i]), "u1", &p));
	assert_null(opened("users.csv"));
	assert_int_equal(oneroster_open(&env, mem, &r, &why), OK);
	assert_null(r);
}

static enum err
broken(const void *arg, const char *file, struct arena *a, struct span *ret_bytes)
{
	(void)a;
	*ret_bytes = strcmp(file, "users.csv") == 0 ? span_str(arg) : SPAN_NONE;
	return OK;
}

/* A table that cannot be read refuses, by its name: a wrong number of cells, an open quote, a file that fails. */
static void
bad_tables_are_told(void **state)
{
	static const char *const BAD[] = { "sourcedId,role\nu1\n", "sourcedId,role\nu1,\"student\n", "sourcedId,sourcedId\n" };
	struct sector_env env = roster_world_env("bad");
	struct oneroster *r;
	struct why why;

	(void)state;
	assert_int_equal(oneroster_open(&env, mem, &r, &why), ERR_BUSY);
	assert_string_equal(why.where, "users.csv");
	env.roster = broken;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		env.arg = BAD[i];
		assert_int_not_equal(oneroster_open(&env, mem, &r, &why), OK);
		assert_string_equal(why.where, "users.csv");
		assert_null(r);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pupil_is_whole), TEST(child_without_numbers), TEST(others_are_not_found), TEST(tables_may_be_missing), TEST(bad_tables_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
