/* SPDX-License-Identifier: EUPL-1.2 */
/* test_from_record - what a social agency's system gets, and what its answers mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "adapters/social/social.h"
#include "tests/support/arena_fixture.h"

#define ARENA_CAP (4 * 1024 * 1024)
#define NOW INT64_C(1772445600000)	/* 2026-03-02T10:00:00Z */

static const struct sector_env env = { .agency = "cop-plovdiv", .now_ms = NOW };

static json_t *
parse(struct span bytes)
{
	json_t *root;
	struct why why;

	assert_int_equal(social_json_parse(bytes, &root, &why), OK);
	return root;
}

static const char *
text_of(const json_t *root, const char *name)
{
	return json_string_value(json_object_get(root, name));
}

/* A record out of the body of a post. */
static struct record *
record_of(const char *path, const char *body)
{
	struct native in = { .format = FORMAT_JSON, .bytes = span_str(body), .path = path };
	struct intake intake;

	social_to_records(&in, &env, mem, &intake);
	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.items[0].e, OK);
	return intake.items[0].record;
}

#define REFERRAL "{\"referral_id\":\"PDV22-17\",\"initiator\":{\"agency\":\"cop-plovdiv\",\"worker\":{\"name\":\"А. Б.\"}}," \
	"\"target\":{\"agency\":\"dsp-plovdiv\"},\"child\":{\"ids\":[{\"type\":\"EGN\",\"value\":\"1543079013\"}]," \
	"\"given\":\"Пробна \\\"П\\\"\",\"family\":\"Син\\\\тетична\",\"birth_date\":\"2015-03-07\",\"gender\":\"female\"}," \
	"\"carers\":[{\"name\":\"Майка\",\"relation\":\"mother\"},{\"name\":\"Баща\"}],\"household_size\":0," \
	"\"service_kind\":\"other\",\"need\":[\"neglect\",\"stress\"],\"reason_text\":\"ред 1\\nред 2\\tтаб\"," \
	"\"interpreter\":false,\"respond_by\":\"2026-03-09T10:00:00Z\"}"

/* What was posted comes out of the other side's webhook the same, and the frame around it says who and where. */
static void
from_record_gives_back_what_was_posted(void **state)
{
	static const uint8_t case_id[16] = { 0xab };
	int64_t dropped = 3;
	struct record *record = record_of("/v1/referrals", REFERRAL);
	const struct outgoing out = {
		.msg_id = "01958-x", .thread = "00ff", .from = "gp-1", .record = record, .referral = record,
		.state = "requested", .cursor = 7, .at_ms = NOW, .case_no = "C-1",
	};
	json_t *posted = parse(SPAN_LIT(REFERRAL)), *item;
	struct native native;
	struct why why;

	(void)state;
	record->case_id = case_id;
	record->dropped = &dropped;
	assert_int_equal(record_set(record, mem, "assumed", "referral.priority", &why), OK);
	assert_int_equal(social_from_record(&out, FORMAT_JSON, &env, mem, &native, &why), OK);
	assert_string_equal(native.media_type, "application/json");
	item = parse(native.bytes);
	assert_true(json_equal(json_object_get(item, "record"), posted));
	assert_string_equal(text_of(item, "kind"), "referral");
	assert_string_equal(text_of(item, "referral_id"), "PDV22-17");
	assert_string_equal(text_of(item, "received_at"), "2026-03-02T10:00:00Z");
	assert_string_equal(text_of(item, "case_id"), "ab000000000000000000000000000000");
	assert_string_equal(text_of(item, "case_no"), "C-1");
	assert_int_equal(json_integer_value(json_object_get(item, "cursor")), 7);
	assert_true(json_is_false(json_object_get(item, "is_initiator")));
	assert_int_equal(json_array_size(json_object_get(item, "assumed")), 1);
	assert_int_equal(json_integer_value(json_object_get(item, "dropped")), 3);
	assert_null(json_object_get(item, "stage"));
	json_decref(item);
	json_decref(posted);
}

/* Of a referral that nobody has opened there is its preview, and no record; in XML the same. */
static void
from_record_writes_previews(void **state)
{
	struct record *record = record_of("/v1/referrals", REFERRAL);
	struct preview preview = { .age_band = "7-11", .service_kind = "other", .municipality = "PDV22", .priority = "routine" };
	const struct outgoing out = {
		.msg_id = "01958-x", .thread = "00ff", .from = "gp-1", .referral = record, .state = "requested", .cursor = 7,
		.at_ms = NOW, .stage = "preview",
	};
	struct native native;
	struct why why;
	json_t *item, *said;

	(void)state;
	record->referral->preview = &preview;
	assert_int_equal(social_from_record(&out, FORMAT_JSON, &env, mem, &native, &why), OK);
	item = parse(native.bytes);
	said = json_object_get(item, "preview");
	assert_string_equal(text_of(item, "kind"), "preview");
	assert_null(json_object_get(item, "stage"));
	assert_null(json_object_get(item, "record"));
	assert_string_equal(text_of(item, "referral_id"), "PDV22-17");
	assert_string_equal(text_of(said, "age_band"), "7-11");
	assert_string_equal(text_of(said, "municipality"), "PDV22");
	assert_int_equal(json_object_size(said), 4);
	json_decref(item);
	assert_int_equal(social_from_record(&out, FORMAT_XML, &env, mem, &native, &why), OK);
	assert_non_null(strstr(arena_strn(mem, native.bytes.p, native.bytes.n), "<age_band>7-11</age_band>"));
	assert_null(strstr(arena_strn(mem, native.bytes.p, native.bytes.n), "1543079013"));
}

/* A status comes home with the referral's number; a stage has no record, and a refusal says why in both languages. */
static void
from_record_writes_statuses_and_stages(void **state)
{
	struct record *status = record_of("/v1/statuses", "{\"referral_id\":\"PDV22-17\",\"to\":\"declined\",\"status_id\":\"1\","
							  "\"reason_code\":\"no-capacity\"}");
	struct outgoing out = { .msg_id = "m", .thread = "t", .from = "f", .record = status, .is_initiator = true };
	struct native native;
	struct why why;
	json_t *item;

	(void)state;
	assert_int_equal(social_from_record(&out, FORMAT_JSON, &env, mem, &native, &why), OK);
	item = parse(native.bytes);
	assert_string_equal(text_of(item, "kind"), "status-change");
	assert_string_equal(text_of(item, "referral_id"), "PDV22-17");
	assert_string_equal(text_of(json_object_get(item, "record"), "reason_code"), "no-capacity");
	json_decref(item);
	out.record = NULL;
	out.stage = "refused";
	out.stage_err = ERR_BAD_TRANSITION;
	assert_int_equal(social_from_record(&out, FORMAT_JSON, &env, mem, &native, &why), OK);
	item = parse(native.bytes);
	assert_string_equal(text_of(item, "kind"), "stage");
	assert_string_equal(text_of(json_object_get(item, "refusal"), "code"), "NSK-1401");
	assert_null(json_object_get(item, "record"));
	json_decref(item);
}

/* Another format is not written, and a full arena is told. */
static void
from_record_refuses(void **state)
{
	struct record *record = record_of("/v1/referrals", REFERRAL);
	const struct outgoing out = { .msg_id = "m", .thread = "t", .from = "f", .record = record };
	struct arena *small = arena_new(256);
	struct native native;
	struct why why;

	(void)state;
	assert_int_equal(social_from_record(&out, FORMAT_HL7, &env, mem, &native, &why), ERR_UNSUPPORTED);
	assert_int_equal(social_from_record(&out, FORMAT_JSON, &env, small, &native, &why), ERR_TOOBIG);
	assert_null(native.bytes.p);
	arena_free(small);
}

/* 2xx with a case number registers, 2xx without only takes, what is about the message refuses for good, the rest waits. */
static void
read_answer_tells_registered_taken_refused_later(void **state)
{
	static const struct {
		unsigned status;
		const char *body;
		enum err e;
		const char *case_no;
	} answers[] = {
		{ 200, "{\"case_no\":\"ДСП-1\"}", OK, "ДСП-1" },
		{ 201, "{\"ok\":true,\"case_no\":314}", OK, "314" },
		{ 202, "", OK, NULL }, { 204, "", OK, NULL }, { 200, "OK", OK, NULL }, { 200, "{\"case_no\":\"\"}", OK, "" },
		{ 200, "{\"case_no\":\"a\\u0001\"}", OK, "a\x01" }, { 200, "{\"case_no\":[1]}", OK, NULL },
		{ 400, "", ERR_SYSTEM_REFUSED, NULL }, { 410, "", ERR_SYSTEM_REFUSED, NULL },
		{ 422, "{\"case_no\":\"1\"}", ERR_SYSTEM_REFUSED, NULL }, { 413, "", ERR_SYSTEM_REFUSED, NULL },
		{ 401, "", ERR_PEER_REFUSED, NULL }, { 403, "", ERR_PEER_REFUSED, NULL }, { 404, "", ERR_PEER_REFUSED, NULL },
		{ 408, "", ERR_PEER_REFUSED, NULL }, { 409, "", ERR_PEER_REFUSED, NULL }, { 425, "", ERR_PEER_REFUSED, NULL },
		{ 429, "", ERR_PEER_REFUSED, NULL }, { 301, "", ERR_PEER_REFUSED, NULL }, { 500, "", ERR_PEER_REFUSED, NULL },
		{ 503, "{\"case_no\":\"1\"}", ERR_PEER_REFUSED, NULL }, { 0, "", ERR_PEER_REFUSED, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		const struct native answer = { .bytes = span_str(answers[i].body), .status = answers[i].status };
		const char *case_no;
		struct why why;

		assert_int_equal(social_read_answer(NULL, &answer, mem, &case_no, &why), answers[i].e);
		if (answers[i].case_no == NULL)
			assert_null(case_no);
		else
			assert_string_equal(case_no, answers[i].case_no);
	}
}

/* A page names the cursor to go on with: its last item's, or the one asked with when it is empty. */
static void
listing_pages(void **state)
{
	const struct outgoing items[] = { { .msg_id = "a", .cursor = 3 }, { .msg_id = "b", .cursor = 9 } };
	const struct native request = { .path = "/v1/inbox?limit=5&after=12" };
	struct native list;
	json_t *page;

	(void)state;
	assert_int_equal(social_listing(items, 2, &request, &env, mem, &list), OK);
	page = parse(list.bytes);
	assert_int_equal(list.status, 200);
	assert_int_equal(json_array_size(json_object_get(page, "items")), 2);
	assert_int_equal(json_integer_value(json_object_get(page, "next_after")), 9);
	json_decref(page);
	assert_int_equal(social_listing(NULL, 0, &request, &env, mem, &list), OK);
	page = parse(list.bytes);
	assert_int_equal(json_array_size(json_object_get(page, "items")), 0);
	assert_int_equal(json_integer_value(json_object_get(page, "next_after")), 12);
	json_decref(page);
}

/* Progress shows the stages reached, with their times, and no others. */
static void
progress_shows_stages(void **state)
{
	const struct record *record = record_of("/v1/referrals", REFERRAL);
	const struct progress p = {
		.msg_id = "m", .thread = "t", .state = "requested", .other_agency = "dsp-plovdiv", .is_initiator = true,
		.queued_ms = NOW, .stored_ms = NOW + 5, .delivered_ms = NOW + 9, .referral = record, .external_no = "7",
	};
	struct native view;
	json_t *root, *stages;

	(void)state;
	assert_int_equal(social_progress(&p, NULL, mem, &view), OK);
	root = parse(view.bytes);
	stages = json_object_get(root, "stages");
	assert_int_equal(json_object_size(stages), 3);
	assert_string_equal(text_of(stages, "stored"), "2026-03-02T10:00:00.005Z");
	assert_string_equal(text_of(root, "referral_id"), "PDV22-17");
	assert_string_equal(text_of(root, "external_no"), "7");
	assert_string_equal(text_of(json_object_get(root, "referral"), "service_kind"), "other");
	json_decref(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(from_record_gives_back_what_was_posted, setup, teardown),
		cmocka_unit_test_setup_teardown(from_record_writes_previews, setup, teardown),
		cmocka_unit_test_setup_teardown(from_record_writes_statuses_and_stages, setup, teardown),
		cmocka_unit_test_setup_teardown(from_record_refuses, setup, teardown),
		cmocka_unit_test_setup_teardown(read_answer_tells_registered_taken_refused_later, setup, teardown),
		cmocka_unit_test_setup_teardown(listing_pages, setup, teardown),
		cmocka_unit_test_setup_teardown(progress_shows_stages, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
