/* SPDX-License-Identifier: EUPL-1.2 */
/* What a sector may ask: names and codes as the agency's configuration has them, and the directory where it has none. */
#include "adapters/core/sector_env.h"
#include "tests/support/paper_hub.h"

/* A code is found under its system, else bare; the way back gives the first of that system, and of no other. */
static void
codes(void **state)
{
	static const struct adapter_pair concepts[] = {
		{ "urn:a|1", "boy" }, { "urn:ab|7", "girl" }, { "urn:a|2", "girl" }, { "urn:a|3", "girl" }, { "9", "unknown" },
	};
	struct paper *p = paper_up();
	const struct sector_env *env = &p->party[0].desk.adapter->env;

	(void)state;
	p->party[0].desk.config.concepts = concepts;
	p->party[0].desk.config.n_concepts = 5;
	assert_string_equal(env->concept(env->arg, "urn:a", "1"), "boy");
	assert_string_equal(env->concept(env->arg, "urn:a", "9"), "unknown");
	assert_string_equal(env->concept(env->arg, NULL, "9"), "unknown");
	assert_null(env->concept(env->arg, "urn:b", "1"));
	assert_null(env->concept(env->arg, NULL, "1"));
	assert_string_equal(env->native_of(env->arg, "urn:a", "girl"), "2");
	assert_null(env->native_of(env->arg, "urn:a", "unknown"));
	paper_down(p);
}

/* An alias goes before an id of the directory, and an agency without one is known by its id; a name of nobody is nobody. */
static void
names(void **state)
{
	static const struct adapter_pair aliases[] = { { "ОЗД", "ozd-plovdiv" } };
	struct paper *p = paper_up();
	const struct sector_env *env = &p->party[0].desk.adapter->env;

	(void)state;
	p->party[0].desk.config.aliases = aliases;
	p->party[0].desk.config.n_aliases = 1;
	assert_string_equal(env->agency_of(env->arg, "ОЗД"), "ozd-plovdiv");
	assert_string_equal(env->agency_of(env->arg, world_ids[1]), world_ids[1]);
	assert_null(env->agency_of(env->arg, "nobody"));
	assert_string_equal(env->alias_of(env->arg, "ozd-plovdiv"), "ОЗД");
	assert_string_equal(env->alias_of(env->arg, world_ids[1]), world_ids[1]);
	paper_down(p);
}

/* A referral's progress is told by its number; there is no roster where nobody gives one. */
static void
progress(void **state)
{
	struct paper *p = paper_up();
	const struct sector_env *env = &p->party[0].desk.adapter->env;
	struct progress found;

	(void)state;
	assert_string_equal(env->agency, world_ids[0]);
	assert_null(env->roster);
	paper_refer(p, "R-1", "routine");
	assert_int_equal(env->progress_of(env->core, "R-1", p->mem, &found), OK);
	assert_string_equal(found.referral_no, "R-1");
	assert_int_equal(env->progress_of(env->core, "R-2", p->mem, &found), ERR_UNKNOWN_REFERRAL);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes), cmocka_unit_test(names), cmocka_unit_test(progress),
	};

	return cmocka_run_group_tests_name("sector_env", tests, NULL, NULL);
}
