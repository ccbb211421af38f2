/* SPDX-License-Identifier: EUPL-1.2 */
/* rules - a part of the directory that comes back whole, and answers what adapters ask; without it nothing is restricted. */
#include "trust_world.h"

#include "tests/support/rules_sample.h"

/* In the directory and back; one without rules has the bytes that it always had. */
static void
test_in_directory(void **state)
{
	struct world *w = world_new();
	struct directory d = w->draft, *back;
	struct span without, with, again;
	struct why why;

	(void)state;
	assert_int_equal(directory_encode(&d, w->mem, &without), OK);
	assert_int_equal(directory_decode(without, w->mem, &back, &why), OK);
	assert_true(rules_is_empty(&back->rules));
	d.rules = sample_rules();
	assert_int_equal(directory_encode(&d, w->mem, &with), OK);
	assert_true(with.n > without.n && memcmp(with.p, without.p, without.n) == 0);
	assert_int_equal(directory_decode(with, w->mem, &back, &why), OK);
	assert_true(back->rules.n_kinds == 2 && back->rules.n_sends == 2 && back->rules.n_deadlines == 2);
	assert_string_equal(back->rules.sends[1].to[0], "ozd");
	assert_int_equal(back->rules.deadlines[0].registered_by.working_days, 2);
	assert_int_equal(back->rules.deadlines[1].expires.ms, 60 * CLOCK_DAY);
	assert_null(back->rules.deadlines[1].service_kind);
	assert_int_equal(directory_encode(back, w->mem, &again), OK);
	assert_true(span_eq(with, again));
	world_free(w);
}

/* Rules that say nothing, and terms that say nothing or two things, are no second form of their absence. */
static void
test_one_form(void **state)
{
	static const struct { const char *bytes; size_t n; } bad[] = {
		{ "\x72\x00", 2 },					/* no rules, written */
		{ "\x72\x06\x1a\x04\x08\x01\x22\x00", 8 },		/* a term of nothing */
		{ "\x72\x0a\x1a\x08\x08\x01\x22\x04\x08\x01\x10\x01", 12 },	/* a term of both */
	};
	struct world *w = world_new();
	struct directory *back;
	struct span bytes;
	struct why why;
	struct buf b;

	(void)state;
	assert_int_equal(directory_encode(&w->draft, w->mem, &bytes), OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		buf_init(&b, w->mem);
		buf_span(&b, bytes);
		buf_add(&b, bad[i].bytes, bad[i].n);
		assert_int_equal(directory_decode(buf_bytes(&b), w->mem, &back, &why), ERR_FORMAT);
	}
	world_free(w);
}

/* Who may refer what to whom: by kinds, "*" for all, and everything where there is no rule. */
static void
test_who_may(void **state)
{
	struct rules r = sample_rules(), none = { .n_kinds = 0 };
	struct why why;

	(void)state;
	assert_int_equal(rules_judge(&r, "school", "attendance-support", "ozd", &why), OK);
	assert_int_equal(rules_judge(&r, "school", "attendance-support", "gp", &why), ERR_NOT_ALLOWED);
	assert_int_equal(rules_judge(&r, "school", "psych-counselling", "ozd", &why), ERR_NOT_ALLOWED);
	assert_int_equal(rules_judge(&r, "ozd", "psych-counselling", "gp", &why), OK);
	assert_int_equal(rules_judge(&r, "ozd", "mentoring", "gp", &why), ERR_UNKNOWN_CODE);
	assert_string_equal(why.where, "referral.service_kind");
	assert_int_equal(rules_judge(&none, "school", "mentoring", "gp", &why), OK);
	assert_true(rules_has_service(&none, "mentoring") && !rules_has_service(&r, NULL));
}

/* Of each deadline the first rule that fits and gives it. */
static void
test_terms(void **state)
{
	struct rules r = sample_rules();
	struct rule_deadline t;

	(void)state;
	rules_terms(&r, 1, "psych-counselling", "PDV22", &t);
	assert_true(t.registered_by.working_days == 2 && t.respond_by.ms == 10 * CLOCK_DAY && t.expires.ms == 60 * CLOCK_DAY);
	rules_terms(&r, 2, "psych-counselling", "PDV22", &t);
	assert_true(t.registered_by.working_days == 0 && t.respond_by.ms == 5 * CLOCK_DAY);
	rules_terms(&r, 1, "mentoring", NULL, &t);
	assert_true(t.respond_by.ms == 0 && t.expires.ms == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_directory), cmocka_unit_test(test_one_form), cmocka_unit_test(test_who_may),
		cmocka_unit_test(test_terms),
	};

	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
