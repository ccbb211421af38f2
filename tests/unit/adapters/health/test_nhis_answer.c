/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/nhis_world.h"

#define LRN "8e2d1c3a-0b6f-4c0e-8b7e-61d3a9f4e502"

static const char *
vector(const char *name, struct arena *mem)
{
	return world_file(arena_fmt(mem, NHIS_VECTOR("%s"), name), mem);
}

/* A taken R001 is answered by R002 with the number that R007 will name, to the sender of the request. */
static void
r001_is_answered(void **state)
{
	const char *text = vector("nhis-r001.xml", *state);
	struct intake intake = nhis_world_read(text, *state);
	const struct xml_node *contents;
	unsigned status;

	intake.items[0].msg_id = NHIS_ID;
	intake.items[0].referral = intake.items[0].record;
	contents = nhis_world_contents(nhis_world_answer(text, &intake, *state, &status), *state);
	assert_int_equal(status, 200);
	assert_string_equal(contents->first->name, "nrnReferral");
	assert_string_equal(nhis_value(contents, "nrnReferral"), NHIS_ID);
	assert_string_equal(nhis_value(contents, "lrn"), LRN);
	assert_null(xml_child(contents, "error"));
	assert_string_equal(nhis_value(contents->parent, "header/messageType"), "R002");
	assert_string_equal(nhis_value(contents->parent, "header/recipientId"), "1600000017");
	assert_string_equal(nhis_value(contents->parent, "header/sender"), "4");
}

/* R008 says "cancelled" only when it is: not when the other agency is still asked, and not when a repeat cannot tell. */
static void
r007_is_answered(void **state)
{
	const char *text = vector("nhis-r007.xml", *state);
	struct intake intake = nhis_world_read(text, *state);
	const struct xml_node *contents;
	unsigned status;

	intake.items[0].msg_id = NHIS_ID;
	contents = nhis_world_contents(nhis_world_answer(text, &intake, *state, &status), *state);
	assert_string_equal(nhis_value(contents->parent, "header/messageType"), "R008");
	assert_string_equal(contents->first->next->name, "status");
	assert_string_equal(nhis_value(contents, "status"), "5");
	intake.items[0].record->status->to = "cancel-requested";
	contents = nhis_world_contents(nhis_world_answer(text, &intake, *state, &status), *state);
	assert_null(xml_child(contents, "status"));
	intake.items[0].record->status->to = "cancelled";
	intake.items[0].is_repeat = true;
	contents = nhis_world_contents(nhis_world_answer(text, &intake, *state, &status), *state);
	assert_null(xml_child(contents, "status"));
}

/* A fault that the core finds in the record is told as the element that it came from, with its line. */
static void
fault_of_the_record_has_its_element(void **state)
{
	const char *text = vector("nhis-r001.xml", *state), *said;
	struct intake intake = nhis_world_read(text, *state);
	const struct xml_node *contents;
	unsigned status;

	intake.items[0].e = why_set(&intake.items[0].why, ERR_BAD_ID, "referral.child.ids[0].value", "check digit");
	contents = nhis_world_contents(nhis_world_answer(text, &intake, *state, &status), *state);
	said = nhis_value(contents, "error/reason");
	assert_string_equal(nhis_value(contents, "error/code"), "NSK-1306");
	assert_non_null(strstr(said, "subject/identifier (ред 40, знак 13)"));
	assert_string_equal(nhis_value(contents, "lrn"), LRN);
	assert_int_equal(status, 422);
}

/* Whatever comes gets an answer: a refused message, a cut one, none at all. */
static void
everything_is_answered(void **state)
{
	static const char *const TEXTS[] = { "", "<", "{}", "<a/>", "<!DOCTYPE a><a/>", "\xff" };
	unsigned status;

	for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
		struct intake intake = nhis_world_read(TEXTS[i], *state);
		const struct xml_node *contents = nhis_world_contents(nhis_world_answer(TEXTS[i], &intake, *state, &status), *state);

		assert_non_null(nhis_value(contents, "error/code"));
		assert_true(status >= 400 && status < 500);
	}
}

/* A problem outside of any message has the same shape. */
static void
problem_has_the_shape(void **state)
{
	struct native request = { .path = "/nhis" }, answer;
	struct why why = { .where = "Authorization", .text = "no valid bearer token" };
	const struct xml_node *contents;

	assert_int_equal(health_nhis_problem(ERR_UNAUTHORIZED, &why, &request, *state, &answer), OK);
	contents = nhis_world_contents(arena_strn(*state, answer.bytes.p, answer.bytes.n), *state);
	assert_string_equal(nhis_value(contents, "error/code"), "NSK-1601");
	assert_int_equal(answer.status, 401);
}

static enum err
answered(unsigned status, const char *body, struct arena *mem, const char **ret_case_no)
{
	struct referral referral = { .referral_id = LRN };
	struct record record = { .kind = "referral", .referral = &referral };
	struct outgoing out = { .msg_id = NHIS_ID, .record = &record };
	struct native answer = { .status = status, .bytes = span_str(body) };
	struct why why;

	return health_nhis_read_answer(&out, &answer, mem, ret_case_no, &why);
}

/* The practice's R002 registers what it was handed; its error refuses; its status says when to try again. */
static void
reads_answers(void **state)
{
	static const char head[] = "<message xmlns='https://www.his.bg'><contents>";
	const char *no;

	assert_int_equal(answered(200, arena_fmt(*state, "%s<nrnReferral value='77'/></contents></message>", head), *state, &no), OK);
	assert_string_equal(no, "77");
	assert_int_equal(answered(200, arena_fmt(*state, "%s<error><code value='1'/></error></contents></message>", head), *state, &no),
			 ERR_SYSTEM_REFUSED);
	assert_int_equal(answered(200, arena_fmt(*state, "%s<nrnReferral value='77'/><lrn value='" LRN "'/></contents></message>", head), *state, &no), OK);
	assert_string_equal(no, "77");
	/* another referral's number, or another message's, is not ours */
	assert_int_equal(answered(200, arena_fmt(*state, "%s<nrnReferral value='77'/><lrn value='other'/></contents></message>", head), *state, &no), OK);
	assert_null(no);
	assert_int_equal(answered(200, "<message xmlns='https://www.his.bg'><header><messageType value='R999'/></header><contents><nrnReferral value='77'/>"
				  "</contents></message>", *state, &no), OK);
	assert_null(no);
	assert_int_equal(answered(200, "", *state, &no), OK);
	assert_null(no);
	assert_int_equal(answered(200, "<html>", *state, &no), OK);
	assert_null(no);
	assert_int_equal(answered(503, "<a/>", *state, &no), ERR_PEER_REFUSED);
	assert_int_equal(answered(422, "<a/>", *state, &no), ERR_SYSTEM_REFUSED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		NHIS_TEST(r001_is_answered), NHIS_TEST(r007_is_answered), NHIS_TEST(fault_of_the_record_has_its_element),
		NHIS_TEST(everything_is_answered), NHIS_TEST(problem_has_the_shape), NHIS_TEST(reads_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
