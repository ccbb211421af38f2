/* SPDX-License-Identifier: EUPL-1.2 */
/* test_record_path - fields by their path: exact, bounded, and nothing half done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/record.h"

#define ARENA_CAP (256 * 1024)

static struct arena *mem;
static struct record *record;

static int
setup(void **state)
{
	(void)state;
	mem = arena_new(ARENA_CAP);
	record = record_new(mem, "record");
	return record == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(mem);
	return 0;
}

static enum err
set(const char *path, const char *text)
{
	struct why why = { 0 };
	enum err e = record_set(record, mem, path, text, &why);

	if (e != OK)
		assert_string_equal(why.where, path);
	return e;
}

/* A text in which nothing can be seen is none: it sets nothing, makes no message on the way, and its path must be there all the same. */
static void
blank_is_absent(void **state)
{
	static const char *const blanks[] = { "", " ", "\t\n", "\u00a0", "\u200b\ufeff", "\u3000 \u2003" };

	(void)state;
	for (size_t i = 0; i < sizeof(blanks) / sizeof(blanks[0]); i++) {
		assert_int_equal(set("referral.child.given", blanks[i]), OK);
		assert_int_equal(set("referral.siblings_also_referred", blanks[i]), OK);
		assert_null(record->referral);
		assert_int_equal(set("referral.child.nick", blanks[i]), ERR_UNKNOWN_FIELD);
	}
	assert_int_equal(set("referral.child.given", "\u00a0Иво"), OK);
	assert_string_equal(record->referral->child->given, "\u00a0Иво");
}

/* What is set at a path is there as a member and is got back from the path; the messages on the way are made once. */
static void
set_and_get_agree(void **state)
{
	static const char *const pairs[][2] = {
		{ "kind", "referral" }, { "case_id", "00112233445566778899aabbccddeeff" },
		{ "created", "2026-03-02T10:00:00.123Z" }, { "referral.child.given", "Пробна" },
		{ "referral.child.address.ekatte", "00702" }, { "referral.child.ids[0].type", "EGN" },
		{ "referral.child.ids[0].value", "1543079013" }, { "referral.child.ids[1].type", "local" },
		{ "referral.household_size", "0" }, { "referral.interpreter", "false" },
		{ "referral.requested_start", "2026-02-28" }, { "status.outcome.outcome", "need-met" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		assert_int_equal(set(pairs[i][0], pairs[i][1]), OK);
		assert_string_equal(record_get(record, mem, pairs[i][0]), pairs[i][1]);
	}
	assert_string_equal(record->referral->child->ids[1]->type, "local");
	assert_int_equal(record->referral->child->n_ids, 2);
	assert_int_equal(*record->referral->household_size, 0);
}

/* Lists of texts and codes append, an index puts in place, and the list is got joined. */
static void
set_appends_to_lists(void **state)
{
	(void)state;
	assert_null(record_get(record, mem, "referral.need"));
	for (int i = 0; i < 5; i++)
		assert_int_equal(set("referral.need", i % 2 ? "stress" : "neglect"), OK);
	assert_string_equal(record_get(record, mem, "referral.need"), "neglect|stress|neglect|stress|neglect");
	assert_int_equal(set("referral.need[1]", "other"), OK);
	assert_int_equal(set("referral.need[5]", "disability"), OK);
	assert_string_equal(record_get(record, mem, "referral.need"), "neglect|other|neglect|stress|neglect|disability");
	assert_string_equal(record_get(record, mem, "referral.need[1]"), "other");
	assert_null(record_get(record, mem, "referral.need[6]"));
	assert_int_equal(set("referral.need[7]", "other"), ERR_UNKNOWN_FIELD);
}

/* A path that the description does not have is refused, and no message is made by it; nor by a bad value or an empty one. */
static void
set_refuses_and_leaves_no_trace(void **state)
{
	static const struct {
		const char *path, *text;
		enum err e;
	} bad[] = {
		{ "", "x", ERR_UNKNOWN_FIELD }, { "referral", "x", ERR_UNKNOWN_FIELD }, { "referral.", "x", ERR_UNKNOWN_FIELD },
		{ ".kind", "x", ERR_UNKNOWN_FIELD }, { "child.given", "x", ERR_UNKNOWN_FIELD },
		{ "referral.child", "x", ERR_UNKNOWN_FIELD }, { "referral.child.name", "x", ERR_UNKNOWN_FIELD },
		{ "referral.child.given.x", "x", ERR_UNKNOWN_FIELD }, { "referral.child[0].given", "x", ERR_UNKNOWN_FIELD },
		{ "referral.child.given[0]", "x", ERR_UNKNOWN_FIELD }, { "referral.carers.name", "x", ERR_UNKNOWN_FIELD },
		{ "referral.carers[].name", "x", ERR_UNKNOWN_FIELD }, { "referral.carers[0]", "x", ERR_UNKNOWN_FIELD },
		{ "referral.carers[0.name", "x", ERR_UNKNOWN_FIELD }, { "referral.carers[-1].name", "x", ERR_UNKNOWN_FIELD },
		{ "referral.carers[0]name", "x", ERR_UNKNOWN_FIELD }, { "referral.carers[00000].name", "x", ERR_UNKNOWN_FIELD },
		{ "referral.n_carers", "1", ERR_UNKNOWN_FIELD }, { "referral.child.given", "", OK },
		{ "referral.child.given", NULL, OK }, { "referral.child.nothing", "", ERR_UNKNOWN_FIELD },
		{ "referral.child.birth_date", "2015-02-29", ERR_BAD_DATE }, { "referral.child.birth_date", "20150307", ERR_BAD_DATE },
		{ "referral.child.gender", "F", ERR_UNKNOWN_CODE }, { "referral.respond_by", "soon", ERR_BAD_DATE },
		{ "referral.household_size", "-1", ERR_BAD_NUMBER }, { "referral.household_size", "100", ERR_BAD_NUMBER },
		{ "referral.household_size", "4 ", ERR_BAD_NUMBER }, { "referral.household_size", "0x4", ERR_BAD_NUMBER },
		{ "referral.household_size", "99999999999999999999", ERR_BAD_NUMBER },
		{ "referral.interpreter", "yes", ERR_UNKNOWN_CODE }, { "referral.need", "hunger", ERR_UNKNOWN_CODE },
		{ "case_id", "0011", ERR_BAD_NUMBER }, { "case_id", "zz112233445566778899aabbccddeeff", ERR_BAD_NUMBER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (set(bad[i].path, bad[i].text) != bad[i].e)
			fail_msg("%s", bad[i].path);
		assert_null(record->referral);
		assert_null(record->case_id);
	}
	assert_int_equal(set("referral.carers[1].name", "x"), ERR_UNKNOWN_FIELD);
}

/* A list takes its limit and not one more. */
static void
set_holds_the_limits_of_lists(void **state)
{
	char path[64];

	(void)state;
	for (int i = 0; i < 8; i++) {
		snprintf(path, sizeof(path), "referral.child.ids[%d].value", i);
		assert_int_equal(set(path, "1"), OK);
	}
	assert_int_equal(set("referral.child.ids[8].value", "1"), ERR_TOOMANY);
	assert_int_equal(record->referral->child->n_ids, 8);
	for (int i = 0; i < 32; i++)
		assert_int_equal(set("referral.need", "other"), OK);
	assert_int_equal(set("referral.need", "other"), ERR_TOOMANY);
}

/* A full arena is told, and the record stays readable. */
static void
set_tells_a_full_arena(void **state)
{
	struct arena *small = arena_new(700);
	struct record *r = record_new(small, "record");
	enum err e = OK;

	(void)state;
	for (int i = 0; i < 100 && e == OK; i++)
		e = record_set(r, small, "assumed", "0123456789012345678901234567890123456789", NULL);
	assert_int_equal(e, ERR_TOOBIG);
	for (size_t i = 0; i < r->assumed.n; i++)
		assert_int_equal(strlen(r->assumed.items[i]), 40);
	arena_free(small);
}

/* record_append gives an empty item each time and keeps those before it. */
static void
append_grows(void **state)
{
	struct referral *r = record_new(mem, "referral");
	char name[16];

	(void)state;
	for (int i = 0; i < 16; i++) {
		struct carer *carer = record_append(mem, "carer", &r->carers, &r->n_carers);

		assert_null(carer->name);
		snprintf(name, sizeof(name), "%d", i);
		carer->name = arena_str(mem, name);
	}
	assert_int_equal(r->n_carers, 16);
	assert_string_equal(r->carers[0]->name, "0");
	assert_string_equal(r->carers[15]->name, "15");
	assert_null(record_append(mem, "nothing", &r->carers, &r->n_carers));
	assert_int_equal(r->n_carers, 16);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(blank_is_absent, setup, teardown),
		cmocka_unit_test_setup_teardown(set_and_get_agree, setup, teardown),
		cmocka_unit_test_setup_teardown(set_appends_to_lists, setup, teardown),
		cmocka_unit_test_setup_teardown(set_refuses_and_leaves_no_trace, setup, teardown),
		cmocka_unit_test_setup_teardown(set_holds_the_limits_of_lists, setup, teardown),
		cmocka_unit_test_setup_teardown(set_tells_a_full_arena, setup, teardown),
		cmocka_unit_test_setup_teardown(append_grows, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
