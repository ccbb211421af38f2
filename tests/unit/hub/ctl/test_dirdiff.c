/* SPDX-License-Identifier: EUPL-1.2 */
/* Tests of hub/ctl/dirdiff.c: nothing that is signed can change unseen. */
#include "hub/ctl/dirdiff.h"

#include <jansson.h>

#include "tests/support/rules_sample.h"
#include "tests/unit/hub/ctl/ctl_world.h"

struct change { const char *part, *change, *of; };

/* What is told of one difference is exactly this, in both languages. */
static void
assert_told(struct world *w, const struct directory *after, const struct change *wanted, size_t n)
{
	json_t *list = dirdiff(world_directory(w), after);

	if (json_array_size(list) != n)
		fail_msg("%s", json_dumps(list, 0));
	for (size_t i = 0; i < n; i++) {
		json_t *c = json_array_get(list, i);

		assert_string_equal(json_string_value(json_object_get(c, "part")), wanted[i].part);
		assert_string_equal(json_string_value(json_object_get(c, "change")), wanted[i].change);
		assert_string_equal(json_string_value(json_object_get(c, "of")), wanted[i].of);
		assert_true(json_string_length(json_object_get(c, "en")) > 0 && json_string_length(json_object_get(c, "bg")) > 0);
	}
	json_decref(list);
}

#define TOLD(w, after, ...) \
	assert_told(w, after, (const struct change[]){ __VA_ARGS__ }, sizeof((const struct change[]){ __VA_ARGS__ }) / sizeof(struct change))

/* The same directory changes nothing; its version alone is not a change. */
static void
same(void **state)
{
	struct world *w = *state;
	struct directory *d = world_directory(w);

	d->version++;
	assert_told(w, d, NULL, 0);
}

/* Who takes part: each field of an agency, and agencies that come and go. */
static void
agencies(void **state)
{
	static const char *some[] = { "kind:gp" }, *services[] = { "s-1" };
	struct world *w = *state;
	struct directory *d = world_directory(w);

	d->agencies[1].kind = "cop";
	d->agencies[1].municipality = "PDV01";
	d->agencies[1].name_bg = "ЦОП";
	d->agencies[1].name_en = NULL;
	d->agencies[1].signing.b[0] ^= 1;
	d->agencies[1].may_send = some;
	d->agencies[1].services = services;
	d->agencies[1].n_services = 1;
	TOLD(w, d, { "agency", "changed", "b-ozd" }, { "agency", "changed", "b-ozd" }, { "agency", "changed", "b-ozd" },
	     { "agency", "changed", "b-ozd" }, { "agency", "changed", "b-ozd" }, { "agency", "changed", "b-ozd" },
	     { "agency", "changed", "b-ozd" });
	d = world_directory(w);
	d->agencies[1].id = "c-school";
	TOLD(w, d, { "agency", "removed", "b-ozd" }, { "agency", "added", "c-school" });
}

/* Offices and the hub: coordinators, auditors in their order, registrars, both thresholds, keys, times. */
static void
offices(void **state)
{
	struct world *w = *state;
	struct directory *d = world_directory(w);

	d->coordinators[0].agency = "a-gp";
	d->auditors[1].name = "auditor-9";
	d->auditors[0].pub.b[3] ^= 1;
	d->threshold = 1;
	d->registrars[2].pub.b[3] ^= 1;
	d->registrar_threshold = 3;
	d->valid_until_ms += CLOCK_DAY;
	d->log.b[0] ^= 1;
	TOLD(w, d, { "directory", "changed", "valid_until" }, { "hub", "changed", "log" }, { "coordinator", "changed", "PDV22" },
	     { "auditor", "changed", "1" }, { "auditor", "changed", "2" }, { "auditor", "changed", "threshold" },
	     { "registrar", "changed", "3" }, { "registrar", "changed", "threshold" });
	d = world_directory(w);
	d->n_coordinators = 0;
	d->n_auditors = 1;
	d->n_registrars = 2;
	TOLD(w, d, { "coordinator", "changed", "PDV22" }, { "auditor", "changed", "2" }, { "auditor", "changed", "2" },
	     { "registrar", "changed", "3" }, { "registrar", "changed", "3" });
}

/* The programme's rules come, change, change places and go; their sentences name what people know. */
static void
rules(void **state)
{
	struct world *w = *state;
	struct directory *d = world_directory(w), *other;
	struct rule_deadline turned[2];
	json_t *list;
	char *text;

	d->rules = sample_rules();
	TOLD(w, d, { "service", "changed", "*" }, { "service", "added", "attendance-support" }, { "service", "added", "psych-counselling" },
	     { "who may refer", "added", "ozd / *" }, { "who may refer", "added", "school / attendance-support" }, { "deadline", "added", "1" },
	     { "deadline", "added", "2" });
	list = dirdiff(world_directory(w), d);
	text = json_dumps(list, JSON_ENSURE_ASCII * 0);
	assert_non_null(strstr(text, "School (school) may refer for Support for attendance (attendance-support) to: ozd"));
	assert_non_null(strstr(text, "обикновено; Психологическо консултиране (psych-counselling), завеждане до 2 работни дни, отговор до 10 дни"));
	assert_non_null(strstr(text, "Plovdiv"));
	free(text);
	json_decref(list);
	other = world_directory(w);
	other->rules = d->rules;
	turned[0] = d->rules.deadlines[1];
	turned[1] = d->rules.deadlines[0];
	other->rules.deadlines = turned;
	list = dirdiff(d, other);
	assert_int_equal(json_array_size(list), 1);
	json_decref(list);
	list = dirdiff(d, world_directory(w));
	assert_int_equal(json_array_size(list), 5);	/* all services again, two rules and two deadlines less */
	json_decref(list);
	other->rules = d->rules;
	other->rules.sends = arena_copy(w->mem, d->rules.sends, 2 * sizeof(*d->rules.sends));
	other->rules.sends[1].to = d->rules.sends[0].to;
	list = dirdiff(d, other);
	assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "change")), "changed");
	json_decref(list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(same, world_open, world_close),
		cmocka_unit_test_setup_teardown(agencies, world_open, world_close),
		cmocka_unit_test_setup_teardown(offices, world_open, world_close),
		cmocka_unit_test_setup_teardown(rules, world_open, world_close),
	};

	return cmocka_run_group_tests_name("dirdiff", tests, NULL, NULL);
}
