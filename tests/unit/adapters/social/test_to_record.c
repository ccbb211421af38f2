/* SPDX-License-Identifier: EUPL-1.2 */
/* test_to_record - what a social agency posts: the good becomes a record, the bad gets its exact code and place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/social/social.h"
#include "tests/support/sample_record.h"
#include "tests/support/arena_fixture.h"

#define ARENA_CAP (4 * 1024 * 1024)
#define NOW INT64_C(1772445600000)	/* 2026-03-02T10:00:00Z */

static const struct sector_env env = { .agency = "dsp-plovdiv", .now_ms = NOW };

static struct intake
post_bytes(const char *path, const char *type, const char *bytes, size_t n)
{
	uint8_t *copy = malloc(n + 1);	/* of its own, so that a read past the end is seen */
	struct native in = { .format = FORMAT_JSON, .bytes = SPAN(copy, n), .media_type = type, .method = "POST", .path = path };
	struct intake intake;

	memcpy(copy, bytes, n);
	social_to_records(&in, &env, mem, &intake);
	free(copy);			/* nothing may point into it any more */
	return intake;
}

static struct intake
post(const char *path, const char *body)
{
	return post_bytes(path, "application/json", body, strlen(body));
}

#define CHILD "\"child\":{\"ids\":[{\"type\":\"EGN\",\"value\":\"1543079013\"}],\"given\":\"Пробна\",\"family\":\"Синтетична\"," \
	"\"birth_date\":\"2015-03-07\",\"gender\":\"female\",\"address\":{\"municipality\":\"PDV22\",\"ekatte\":\"56784\"}}"
#define REST "\"service_kind\":\"psych-counselling\",\"need\":[\"neglect\",\"absenteeism\"],\"risk_level\":\"medium\"," \
	"\"priority\":\"urgent\",\"legal_basis\":\"statutory-task\",\"disposition_wanted\":\"assess-and-return\"," \
	"\"reason_text\":\"Подкрепа.\",\"household_size\":0,\"interpreter\":false,\"respond_by\":\"2026-03-09T10:00:00Z\""
#define REFERRAL "{\"referral_id\":\"PDV22-2026-00017\",\"target\":{\"agency\":\"cop-plovdiv\"}," CHILD "," REST "}"

/* A whole referral becomes a record that lacks only what the core completes. */
static void
to_records_reads_a_referral(void **state)
{
	static const uint8_t case_id[16] = { 1 };
	struct intake in = post("/v1/referrals", REFERRAL);
	struct intake_item *item = &in.items[0];
	struct why why;

	(void)state;
	assert_int_equal(in.e, OK);
	assert_int_equal(in.n, 1);
	assert_int_equal(item->e, OK);
	assert_string_equal(item->native_id, "PDV22-2026-00017");
	assert_string_equal(item->target, "cop-plovdiv");
	assert_string_equal(item->record->referral->child->given, "Пробна");
	assert_string_equal(item->record->referral->initiator->agency, "dsp-plovdiv");
	assert_string_equal(record_get(item->record, mem, "referral.need"), "neglect|absenteeism");
	assert_int_equal(*item->record->referral->household_size, 0);
	assert_false(*item->record->referral->interpreter);
	item->record->case_id = case_id;
	item->record->created = record_int(mem, NOW);
	assert_int_equal(record_check(item->record, &why), OK);
}

/* The case's pseudonym goes along with an onward referral. */
static void
to_records_takes_the_case(void **state)
{
	struct intake in = post("/v1/referrals", "{\"referral_id\":\"r\",\"case_id\":\"00112233445566778899aabbccddeeff\"}");

	(void)state;
	assert_int_equal(in.items[0].e, OK);
	assert_int_equal(in.items[0].record->case_id[15], 0xff);
}

/* A status needs no previous state and no transition; it is known again by its own id or by referral, state and time. */
static void
to_records_reads_a_status(void **state)
{
	struct intake in = post("/v1/statuses", "{\"referral_id\":\"r-1\",\"to\":\"accepted\",\"at\":\"2026-03-02T12:00:00+02:00\","
						"\"case_no\":\"ДСП-7\",\"transition\":null}");

	(void)state;
	assert_int_equal(in.items[0].e, OK);
	assert_string_equal(in.items[0].native_id, "r-1/accepted/2026-03-02T10:00:00Z");
	assert_string_equal(in.items[0].record->status->case_no, "ДСП-7");
	assert_null(in.items[0].record->status->from);
	assert_null(in.items[0].confirms);
	in = post("/v1/statuses", "{\"referral_id\":\"r-1\",\"to\":\"accepted\",\"status_id\":\"s-9\"}");
	assert_int_equal(in.items[0].e, OK);
	assert_string_equal(in.items[0].native_id, "s-9");
	assert_null(in.items[0].record->status->at);
}

/* "registered" is a confirmation of the id in the path and no record. */
static void
to_records_reads_a_confirmation(void **state)
{
	struct intake in = post("/v1/inbox/0190-ab/registered?x=1", "{\"case_no\":\"314\"}");

	(void)state;
	assert_int_equal(in.items[0].e, OK);
	assert_null(in.items[0].record);
	assert_string_equal(in.items[0].confirms, "0190-ab");
	assert_string_equal(in.items[0].case_no, "314");
	in = post("/v1/inbox/%D0%94%2f2026%2F7%/registered", "{\"case_no\":\"314\"}");
	assert_string_equal(in.items[0].confirms, "Д/2026/7%");
}

/* In the folder the body itself tells what it is; a byte order mark does no harm, nor does no media type. */
static void
to_records_tells_bodies_apart_without_a_path(void **state)
{
	static const char status[] = "\xef\xbb\xbf{\"referral_id\":\"r\",\"to\":\"received\",\"status_id\":\"1\"}";
	struct intake in = post_bytes(NULL, NULL, status, sizeof(status) - 1);

	(void)state;
	assert_non_null(in.items[0].record->status);
	in = post_bytes(NULL, NULL, REFERRAL, sizeof(REFERRAL) - 1);
	assert_non_null(in.items[0].record->referral);
}

#define R "/v1/referrals"
#define S "/v1/statuses"
#define G "/v1/inbox/1/registered"
#define L10 "aaaaaaaaaa"
#define L70 L10 L10 L10 L10 L10 L10 L10

/* Every bad input gets its code and its place, whole messages (at a line and column) and single fields alike. */
static void
to_records_refuses_with_code_and_place(void **state)
{
	static const struct {
		const char *path, *body;
		enum err e;
		const char *where;
		unsigned line, col;
	} bad[] = {
		{ R, "", ERR_CUT_OFF, "", 1, 1 },
		{ R, " \n ", ERR_CUT_OFF, "", 1, 1 },
		{ R, "{\"referral_id\":\"r\",", ERR_CUT_OFF, "", 1, 19 },
		{ R, "{\n \"referral_id\": ...\n}", ERR_SYNTAX, "", 2, 17 },
		{ R, "{\"referral_id\":\"r\"} x", ERR_SYNTAX, "", 1, 21 },
		{ R, "[1]", ERR_SYNTAX, "", 1, 1 },
		{ R, "{'referral_id':'r'}", ERR_SYNTAX, "", 1, 2 },
		{ R, "{\"referral_id\":\"r\",\"referral_id\":\"r\"}", ERR_SYNTAX, "", 1, 32 },
		{ R, "{\"referral_id\":\"\xcf\xf0\"}", ERR_CHARSET, "", 1, 16 },
		{ R, "{\"referral_id\":\"a\\u0000b\"}", ERR_CHARSET, "", 1, 25 },
		{ R, "[[[[[[[[[[[[[[[[", ERR_SYNTAX, "", 1, 13 },
		{ R, "{\"household_size\":99999999999999999999}", ERR_BAD_NUMBER, "", 1, 38 },
		{ R, "{}", ERR_REQUIRED, "referral.referral_id", 0, 0 },
		{ R, "{\"service_kind\":\"other\"}", ERR_REQUIRED, "referral.referral_id", 0, 0 },
		{ R, "{\"referral_id\":\"\"}", ERR_REQUIRED, "referral.referral_id", 0, 0 },
		{ R, "{\"referral_id\":17}", ERR_SYNTAX, "referral.referral_id", 0, 0 },
		{ R, "{\"referral_id\":\"" L70 "\"}", ERR_TOOLONG, "referral.referral_id", 0, 0 },
		{ R, "{\"referral_id\":\"r\",\"childs\":{}}", ERR_UNKNOWN_FIELD, "referral.childs", 0, 0 },
		{ R, "{\"referral_id\":\"r\",\"Иван Иванов\":1}", ERR_UNKNOWN_FIELD, "referral.?", 0, 0 },
		{ R, "{\"child\":{\"ids\":[{\"typ\":\"EGN\"}]}}", ERR_UNKNOWN_FIELD, "referral.child.ids[0].typ", 0, 0 },
		{ R, "{\"child\":\"Иван\"}", ERR_SYNTAX, "referral.child", 0, 0 },
		{ R, "{\"child\":{\"ids\":{\"type\":\"EGN\"}}}", ERR_SYNTAX, "referral.child.ids", 0, 0 },
		{ R, "{\"child\":{\"birth_date\":\"2015-13-07\"}}", ERR_BAD_DATE, "referral.child.birth_date", 0, 0 },
		{ R, "{\"child\":{\"birth_date\":\"07.03.2015\"}}", ERR_BAD_DATE, "referral.child.birth_date", 0, 0 },
		{ R, "{\"child\":{\"birth_date\":20150307}}", ERR_BAD_DATE, "referral.child.birth_date", 0, 0 },
		{ R, "{\"respond_by\":\"tomorrow\"}", ERR_BAD_DATE, "referral.respond_by", 0, 0 },
		{ R, "{\"child\":{\"gender\":\"F\"}}", ERR_UNKNOWN_CODE, "referral.child.gender", 0, 0 },
		{ R, "{\"need\":[\"neglect\",\"hunger\"]}", ERR_UNKNOWN_CODE, "referral.need[1]", 0, 0 },
		{ R, "{\"need\":\"neglect\"}", ERR_SYNTAX, "referral.need", 0, 0 },
		{ R, "{\"need\":[7]}", ERR_SYNTAX, "referral.need[0]", 0, 0 },
		{ R, "{\"household_size\":\"4\"}", ERR_BAD_NUMBER, "referral.household_size", 0, 0 },
		{ R, "{\"household_size\":-1}", ERR_BAD_NUMBER, "referral.household_size", 0, 0 },
		{ R, "{\"household_size\":100}", ERR_BAD_NUMBER, "referral.household_size", 0, 0 },
		{ R, "{\"household_size\":1.5}", ERR_BAD_NUMBER, "referral.household_size", 0, 0 },
		{ R, "{\"interpreter\":\"no\"}", ERR_SYNTAX, "referral.interpreter", 0, 0 },
		{ R, "{\"carers\":[{}]}", ERR_REQUIRED, "referral.carers[0]", 0, 0 },
		{ R, "{\"child\":{\"ids\":[1,2,3,4,5,6,7,8,9]}}", ERR_TOOMANY, "referral.child.ids", 0, 0 },
		{ R, "{\"referral_id\":\"r\",\"initiator\":{\"agency\":\"other\"}}", ERR_NOT_YOU, "referral.initiator.agency", 0, 0 },
		{ R, "{\"referral_id\":\"r\",\"case_id\":\"xyz\"}", ERR_BAD_NUMBER, "case_id", 0, 0 },
		{ S, "{\"referral_id\":\"r\",\"at\":\"2026-03-02\"}", ERR_REQUIRED, "status.to", 0, 0 },
		{ S, "{\"to\":\"accepted\",\"at\":\"2026-03-02\"}", ERR_REQUIRED, "status.referral_id", 0, 0 },
		{ S, "{\"referral_id\":\"r\",\"to\":\"accepted\"}", ERR_REQUIRED, "status.at", 0, 0 },
		{ S, "{\"referral_id\":\"r\",\"to\":\"approved\"}", ERR_UNKNOWN_CODE, "status.to", 0, 0 },
		{ S, "{\"referral_id\":\"r\",\"to\":\"accepted\",\"transition\":\"T34\"}", ERR_UNKNOWN_CODE, "status.transition", 0, 0 },
		{ S, "{\"referral_id\":\"r\",\"to\":\"accepted\",\"status_id\":5}", ERR_SYNTAX, "status_id", 0, 0 },
		{ S, "{\"referral_id\":\"r\",\"child\":{}}", ERR_UNKNOWN_FIELD, "status.child", 0, 0 },
		{ G, "{}", ERR_REQUIRED, "case_no", 0, 0 },
		{ G, "{\"case_no\":\"\"}", ERR_REQUIRED, "case_no", 0, 0 },
		{ G, "{\"case_no\":12}", ERR_SYNTAX, "case_no", 0, 0 },
		{ G, "{\"case_no\":\"" L70 "\"}", ERR_TOOLONG, "case_no", 0, 0 },
		{ G, "{\"case_no\":\"a\\u000bb\"}", ERR_CHARSET, "case_no", 0, 0 },
		{ G, "{\"case_no\":\"1\",\"note\":\"x\"}", ERR_UNKNOWN_FIELD, "?", 0, 0 },
		{ "/v1/inbox//registered", "{\"case_no\":\"1\"}", ERR_NOTFOUND, "", 0, 0 },
		{ "/v1/inbox/%00a/registered", "{\"case_no\":\"1\"}", ERR_NOTFOUND, "", 0, 0 },
		{ "/v2/referrals", "{}", ERR_NOTFOUND, "", 0, 0 },
	};
	unsigned n_wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct intake in = post(bad[i].path, bad[i].body);
		const enum err e = in.e != OK ? in.e : in.items[0].e;
		const struct why *why = in.e != OK ? &in.why : &in.items[0].why;

		if (e != bad[i].e || strcmp(why->where, bad[i].where) != 0 || why->line != bad[i].line ||
		    why->col != bad[i].col) {
			print_error("%s: %s at \"%s\" %u:%u\n", bad[i].body, err_name(e), why->where, why->line, why->col);
			n_wrong++;
		}
		if (in.n > 0)
			assert_null(in.items[0].record);
	}
	assert_int_equal(n_wrong, 0);
}

/* Another media type or another charset is refused before the body is looked at. */
static void
to_records_refuses_other_media(void **state)
{
	static const struct {
		const char *type;
		enum err e;
	} types[] = {
		{ "application/json", OK }, { "Application/JSON ; Charset=\"UTF-8\"", OK },
		{ "application/json;charset=utf-8", OK }, { "application/json; charset=windows-1251", ERR_CHARSET },
		{ "application/jsonp", ERR_MEDIA_TYPE }, { "text/plain", ERR_MEDIA_TYPE },
		{ "application/x-www-form-urlencoded", ERR_MEDIA_TYPE }, { "", ERR_MEDIA_TYPE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		assert_int_equal(post_bytes(R, types[i].type, REFERRAL, sizeof(REFERRAL) - 1).e, types[i].e);
}

/* More bytes, values or memory than allowed refuse that body and nothing else. */
static void
to_records_has_limits(void **state)
{
	const size_t n = SOCIAL_JSON_MAX + 1;
	char *many = malloc(n);
	struct arena *small = arena_new(1024);
	struct native in = { .format = FORMAT_JSON, .bytes = SPAN_LIT(REFERRAL), .path = R };
	struct intake intake;

	(void)state;
	memset(many, ',', n);
	many[0] = '[';
	assert_int_equal(post_bytes(R, NULL, many, n).e, ERR_TOOBIG);
	assert_int_equal(post_bytes(R, NULL, many, n - 1).e, ERR_TOOMANY);
	social_to_records(&in, &env, small, &intake);
	assert_int_equal(intake.e != OK ? intake.e : intake.items[0].e, ERR_TOOBIG);
	arena_free(small);
	free(many);
}

/* A body cut at any byte, and one with any byte changed, is read or refused and never anything else. */
static void
to_records_survives_cuts_and_changes(void **state)
{
	char body[] = REFERRAL;
	const size_t n = sizeof(body) - 1;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct intake in = post_bytes(R, NULL, body, i);
		const char was = body[i];

		assert_int_not_equal(in.e, OK);
		body[i] = (char)(i * 37);
		in = post_bytes(R, NULL, body, n);
		assert_true(in.e != OK || in.items[0].e != OK || in.items[0].record != NULL);
		body[i] = was;
		arena_reset(mem);
	}
}

/* Examples in documents say "..." where more would follow; copied as they are, they are no JSON, and the answer says where. */
static void
to_records_refuses_an_ellipsis(void **state)
{
	static const char *const BODIES[] = {
		"{\"referral_id\":\"7\",\n...\n}", "{\"child\":{...}}", "{\"need\":[\"neglect\", ...]}", "...", "{\"referral_id\": ...",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(BODIES) / sizeof(BODIES[0]); i++) {
		struct intake in = post("/v1/referrals", BODIES[i]);
		struct native answer;

		assert_int_equal(in.e, ERR_SYNTAX);
		assert_true(in.why.line > 0 && in.why.col > 0);
		assert_int_equal(social_answer(NULL, &in, &env, mem, &answer), OK);
		assert_int_equal(answer.status, 400);
	}
}

/* A settlement's code that lost its zeros is not guessed at: as a number it is no text, as a text the answer says what to write. */
static void
short_ekatte_is_told(void **state)
{
	static const char head[] = "{\"referral_id\":\"7\",\"child\":{\"address\":{\"ekatte\":";
	struct intake in = post("/v1/referrals", arena_fmt(mem, "%s702}}}", head));
	struct record *record;
	struct why why;

	(void)state;
	assert_int_equal(in.items[0].e, ERR_SYNTAX);
	assert_string_equal(in.items[0].why.where, "referral.child.address.ekatte");
	in = post("/v1/referrals", arena_fmt(mem, "%s\"702\"}}}", head));
	assert_int_equal(in.items[0].e, OK);
	record = sample_record(mem, "referral");
	record->referral->child->address = in.items[0].record->referral->child->address;
	assert_int_not_equal(record_check(record, &why), OK);
	assert_string_equal(why.where, "referral.child.address.ekatte");
	assert_non_null(strstr(why.text, "702 is 00702"));
}

/* A body of every kind, with every field that there is, reads as it was written; at an address, and from the folder. */
static void
to_records_reads_every_kind(void **state)
{
	(void)state;
	for (size_t i = 0; sample_kinds[i] != NULL; i++) {
		const struct kind *kind = kind_by_code(sample_kinds[i]);
		const struct record_type *type = record_field(record_type(), kind->body)->of;
		struct record *record = sample_record(mem, kind->code);
		struct intake in;
		struct buf b;

		if (strcmp(kind->body, "referral") == 0 || strcmp(kind->body, "status") == 0)
			continue;
		buf_init(&b, mem);
		buf_u8(&b, '{');
		social_json_member(&b, "kind", kind->code);
		social_json_member(&b, "record_id", "R-1");
		social_json_key(&b, kind->body);
		social_json_message(&b, type, kind_body(record));
		buf_u8(&b, '}');
		for (int k = 0; k < 2; k++) {
			in = post(k == 0 ? "/v1/records" : NULL, buf_text(&b));
			assert_int_equal(in.e, OK);
			if (in.items[0].e != OK)
				fail_msg("%s: %s %s", kind->code, in.items[0].why.where, in.items[0].why.text);
			assert_string_equal(in.items[0].record->kind, kind->code);
			assert_string_equal(in.items[0].native_id, "R-1");
			assert_true(sample_same(type, kind_body(record), kind_body(in.items[0].record), mem));
		}
	}
}

/* What is no record, or not the one that its kind names, gets its code and place. */
static void
to_records_refuses_other_bodies(void **state)
{
	static const struct { const char *body; enum err e; const char *where; } rows[] = {
		{ "{\"record_id\":\"1\",\"info_request\":{}}", ERR_REQUIRED, "kind" },
		{ "{\"kind\":\"telegram\",\"record_id\":\"1\"}", ERR_UNKNOWN_CODE, "kind" },
		{ "{\"kind\":\"referral\",\"record_id\":\"1\",\"referral\":{}}", ERR_UNKNOWN_CODE, "kind" },
		{ "{\"kind\":\"info-request\",\"record_id\":\"1\"}", ERR_REQUIRED, "info_request" },
		{ "{\"kind\":\"info-request\",\"info_request\":{\"referral_id\":\"1\"}}", ERR_REQUIRED, "record_id" },
		{ "{\"kind\":\"info-request\",\"record_id\":\"1\",\"info_request\":{}}", ERR_REQUIRED, "info_request" },
		{ "{\"kind\":\"info-request\",\"record_id\":\"1\",\"info_request\":{\"x\":1}}", ERR_UNKNOWN_FIELD, "info_request.x" },
		{ "{\"kind\":\"info-request\",\"record_id\":\"1\",\"status\":{},\"info_request\":{}}", ERR_UNKNOWN_FIELD, "?" },
		{ "{\"kind\":\"attachment\",\"record_id\":\"1\",\"attachment\":{\"data\":\"*\"}}", ERR_FORMAT, "attachment.data" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct intake in = post("/v1/records", rows[i].body);

		assert_int_equal(in.e, OK);
		assert_int_equal(in.items[0].e, rows[i].e);
		assert_string_equal(in.items[0].why.where, rows[i].where);
		assert_null(in.items[0].record);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(to_records_reads_a_referral, setup, teardown),
		cmocka_unit_test_setup_teardown(to_records_takes_the_case, setup, teardown),
		cmocka_unit_test_setup_teardown(to_records_reads_a_status, setup, teardown),
		cmocka_unit_test_setup_teardown(to_records_reads_a_confirmation, setup, teardown),
		cmocka_unit_test_setup_teardown(to_records_tells_bodies_apart_without_a_path, setup, teardown),
		cmocka_unit_test_setup_teardown(to_records_refuses_with_code_and_place, setup, teardown),
		cmocka_unit_test_setup_teardown(to_records_refuses_an_ellipsis, setup, teardown),
		cmocka_unit_test_setup_teardown(short_ekatte_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(to_records_reads_every_kind, setup, teardown),
		cmocka_unit_test_setup_teardown(to_records_refuses_other_bodies, setup, teardown),
		cmocka_unit_test_setup_teardown(to_records_refuses_other_media, setup, teardown),
		cmocka_unit_test_setup_teardown(to_records_has_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(to_records_survives_cuts_and_changes, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
