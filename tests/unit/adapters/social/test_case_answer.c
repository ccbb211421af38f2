/* SPDX-License-Identifier: EUPL-1.2 */
/* test_case_answer - the door's answer to a case of one service and of several, and the pages of what came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/adapters/social/case_world.h"

#define TWO "{'organization':{'given_name':'Калина','date_of_birth':'%s','services':[{'uuid':'u-1','name':'Йога'},{'uuid':'%s','name':'Арт'}]}}"

static struct native
answered(const char *body, json_t **ret_root)
{
	struct native in = { .format = FORMAT_OSCAR, .path = "/v1/oscar", .method = "POST", .bytes = span_str(quoted(body)) }, said;
	struct intake intake;

	memset(&standing, 0, sizeof(standing));
	social_to_records(&in, &case_env, mem, &intake);
	for (size_t i = 0; i < intake.n; i++)
		if (intake.items[i].e == OK) {
			intake.items[i].msg_id = STANDING_ID;
			intake.items[i].thread = "ff";
		}
	assert_int_equal(social_sector.answer(&in, &intake, &case_env, mem, &said), OK);
	*ret_root = json_loadb((const char *)said.bytes.p, said.bytes.n, 0, NULL);
	assert_non_null(*ret_root);
	return said;
}

static const char *
of_row(const json_t *root, size_t i, const char *member)
{
	return json_string_value(json_object_get(json_array_get(json_object_get(root, "data"), i), member));
}

/* Of several services each has its ids, in the order of the body; what was left out is counted. */
static void
each_service_is_answered(void **state)
{
	struct native said;
	json_t *root;

	(void)state;
	said = answered(arena_fmt(mem, TWO, "2015-03-07", "u-2"), &root);
	assert_int_equal(said.status, 202);
	assert_string_equal(said.media_type, "application/json");
	assert_int_equal(json_array_size(json_object_get(root, "data")), 2);
	assert_string_equal(of_row(root, 0, "referral_id"), "u-1");
	assert_string_equal(of_row(root, 1, "referral_id"), "u-2");
	assert_string_equal(of_row(root, 1, "state"), "queued");
	assert_string_equal(of_row(root, 1, "msg_id"), STANDING_ID);
	json_decref(root);
}

/* One that is refused does not stop its neighbour: the status is 207, and the fault has the body's own place. */
static void
a_refusal_stands_at_its_service(void **state)
{
	const json_t *problem;
	struct native said;
	json_t *root;

	(void)state;
	said = answered(arena_fmt(mem, TWO, "2015-03-07", ""), &root);
	assert_int_equal(said.status, 207);
	assert_string_equal(of_row(root, 0, "state"), "queued");
	problem = json_object_get(json_array_get(json_object_get(root, "data"), 1), "problem");
	assert_string_equal(json_string_value(json_object_get(problem, "code")), "NSK-1301");
	assert_string_equal(json_string_value(json_object_get(problem, "where")), "organization.services[1].uuid");
	json_decref(root);
	said = answered(arena_fmt(mem, TWO, "07.03.2015", "u-2"), &root);
	assert_int_equal(said.status, 422);
	problem = json_object_get(json_array_get(json_object_get(root, "data"), 1), "problem");
	assert_string_equal(json_string_value(json_object_get(problem, "where")), "organization.date_of_birth");
	json_decref(root);
}

/* One service alone is answered like any body; so is a body that cannot be read, with the place. */
static void
one_service_is_answered_like_a_body(void **state)
{
	struct native said;
	json_t *root;

	(void)state;
	said = answered("{'organization':{'likes':'x','services':[{'uuid':'u-1'}]}}", &root);
	assert_int_equal(said.status, 202);
	assert_string_equal(json_string_value(json_object_get(root, "referral_id")), "u-1");
	assert_int_equal(json_integer_value(json_object_get(root, "dropped")), 1);
	json_decref(root);
	said = answered("{'organization':{'gender':'x','services':[{'uuid':'u-1'}]}}", &root);
	assert_int_equal(said.status, 422);
	assert_string_equal(said.media_type, "application/problem+json");
	assert_string_equal(json_string_value(json_object_get(root, "where")), "organization.gender");
	json_decref(root);
	said = answered("{'organization':{\n'given_name':'Калина',\n...\n}}", &root);
	assert_int_equal(said.status, 400);
	assert_string_equal(said.media_type, "application/problem+json");
	assert_int_equal(json_integer_value(json_object_get(root, "line")), 3);
	json_decref(root);
}

/* A word that says nothing new is 200 and known. */
static void
what_is_known_is_said_so(void **state)
{
	struct native in = { .format = FORMAT_OSCAR, .path = "/v1/oscar",
			     .bytes = span_str(quoted("{'data':[{'uuid':'u-1','referral_status':'Accepted'}]}")) }, said;
	struct intake intake;
	json_t *root;

	(void)state;
	standing.numbers = standing.number = "u-1";
	standing.state = "completed";
	social_to_records(&in, &case_env, mem, &intake);
	assert_int_equal(social_sector.answer(&in, &intake, &case_env, mem, &said), OK);
	assert_int_equal(said.status, 200);
	root = json_loadb((const char *)said.bytes.p, said.bytes.n, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(root, "state")), "known");
	assert_string_equal(json_string_value(json_object_get(root, "msg_id")), STANDING_ID);
	assert_true(json_is_true(json_object_get(root, "is_repeat")));
	json_decref(root);
}

/* A page has each item in the shape that its address names, and says where to go on. */
static void
pages_are_in_the_shape_asked_for(void **state)
{
	struct record *status = record_new(mem, "record"), *referral = record_new(mem, "record");
	struct native asked = { .format = FORMAT_PRIMERO, .path = "/v1/primero?after=4" }, said;
	struct outgoing out = { .msg_id = STANDING_ID, .thread = "ff", .from = "a", .record = status, .referral = referral, .state = "accepted",
				.is_initiator = true, .cursor = 9, .at_ms = 1 };
	json_t *root;

	(void)state;
	status->kind = "status-change";
	status->status = record_new(mem, "status");
	referral->kind = "referral";
	referral->referral = record_new(mem, "referral");
	referral->referral->referral_id = "u-1";
	assert_int_equal(social_sector.listing(&out, 1, &asked, &case_env, mem, &said), OK);
	root = json_loadb((const char *)said.bytes.p, said.bytes.n, 0, NULL);
	assert_int_equal(json_integer_value(json_object_get(root, "next_after")), 9);
	assert_non_null(json_object_get(json_object_get(json_array_get(json_object_get(root, "items"), 0), "data"), "services_section"));
	json_decref(root);
	assert_int_equal(social_sector.listing(NULL, 0, &asked, &case_env, mem, &said), OK);
	root = json_loadb((const char *)said.bytes.p, said.bytes.n, 0, NULL);
	assert_int_equal(json_integer_value(json_object_get(root, "next_after")), 4);
	json_decref(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_service_is_answered, setup, teardown),
		cmocka_unit_test_setup_teardown(a_refusal_stands_at_its_service, setup, teardown),
		cmocka_unit_test_setup_teardown(one_service_is_answered_like_a_body, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_known_is_said_so, setup, teardown),
		cmocka_unit_test_setup_teardown(pages_are_in_the_shape_asked_for, setup, teardown),
	};

	return cmocka_run_group_tests_name("case_answer", tests, NULL, NULL);
}
