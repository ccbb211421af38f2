/* SPDX-License-Identifier: EUPL-1.2 */
/* test_sector - the social sector's table, its answers and its document. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "adapters/core/xml.h"
#include "adapters/social/social.h"
#include "tests/support/arena_fixture.h"

static json_t *
answer_to(const struct intake *intake, unsigned status, const char *media_type)
{
	struct native answer;
	json_t *root;

	assert_int_equal(social_answer(NULL, intake, NULL, mem, &answer), OK);
	assert_int_equal(answer.status, status);
	assert_string_equal(answer.media_type, media_type);
	assert_int_equal(social_json_parse(answer.bytes, &root, NULL), OK);
	return root;
}

static const char *
text_of(const json_t *root, const char *name)
{
	return json_string_value(json_object_get(root, name));
}

/* A post that was taken is answered 202 with its ids, a confirmation 200. */
static void
answer_says_queued_or_registered(void **state)
{
	struct record record = { .kind = "referral" };
	struct intake_item item = { .record = &record, .msg_id = "01-m", .thread = "ff", .is_repeat = true };
	struct intake intake = { .items = &item, .n = 1 };
	json_t *root = answer_to(&intake, 202, "application/json");

	(void)state;
	assert_string_equal(text_of(root, "msg_id"), "01-m");
	assert_string_equal(text_of(root, "thread"), "ff");
	assert_string_equal(text_of(root, "state"), "queued");
	assert_true(json_is_true(json_object_get(root, "is_repeat")));
	json_decref(root);
	item.stage = "refused";
	root = answer_to(&intake, 202, "application/json");
	assert_string_equal(text_of(root, "state"), "refused");
	json_decref(root);
	item = (struct intake_item){ .confirms = "01-m", .case_no = "К\"1\"" };
	root = answer_to(&intake, 200, "application/json");
	assert_string_equal(text_of(root, "state"), "registered");
	assert_string_equal(text_of(root, "case_no"), "К\"1\"");
	json_decref(root);
}

/* A refusal names the code, in both languages, and the place as the agency wrote it. */
static void
answer_is_a_problem_when_refused(void **state)
{
	struct intake_item item = { .e = ERR_BAD_DATE };
	struct intake intake = { .items = &item, .n = 1 };
	json_t *root;

	(void)state;
	(void)why_set(&item.why, ERR_BAD_DATE, "referral.child.birth_date", "not a date");
	root = answer_to(&intake, 422, "application/problem+json");
	assert_string_equal(text_of(root, "code"), "NSK-1304");
	assert_string_equal(text_of(root, "where"), "child.birth_date");
	assert_string_equal(text_of(root, "title_bg"), err_text(ERR_BAD_DATE, LANG_BG));
	assert_int_equal(json_integer_value(json_object_get(root, "status")), 422);
	assert_null(json_object_get(root, "line"));
	json_decref(root);
	(void)why_set(&item.why, ERR_BAD_DATE, "referral.native_id", "-");
	root = answer_to(&intake, 422, "application/problem+json");
	assert_string_equal(text_of(root, "where"), "referral_id");
	json_decref(root);
	(void)why_set(&item.why, ERR_BAD_DATE, "status.native_id", "-");
	root = answer_to(&intake, 422, "application/problem+json");
	assert_string_equal(text_of(root, "where"), "status_id");
	json_decref(root);
	(void)why_set(&item.why, ERR_BAD_DATE, "confirms", "-");
	root = answer_to(&intake, 422, "application/problem+json");
	assert_string_equal(text_of(root, "where"), "id");
	json_decref(root);
	intake = (struct intake){ .e = ERR_SYNTAX, .why = { .line = 3, .col = 14 } };
	root = answer_to(&intake, 400, "application/problem+json");
	assert_int_equal(json_integer_value(json_object_get(root, "line")), 3);
	assert_int_equal(json_integer_value(json_object_get(root, "col")), 14);
	assert_null(json_object_get(root, "where"));
	json_decref(root);
}

/* Every error of the catalogue has an answer with a status that a client understands. */
static void
problem_knows_every_error(void **state)
{
	(void)state;
	for (int e = OK + 1; e < N_ERR; e++) {
		const enum verdict verdict = err_verdict((enum err)e);
		struct native problem;

		assert_int_equal(social_problem((enum err)e, NULL, NULL, mem, &problem), OK);
		assert_true(problem.status >= 400 && problem.status <= 503);
		if (verdict == VERDICT_FATAL)
			assert_int_equal(problem.status, 500);
		if (verdict == VERDICT_REJECT)
			assert_true(problem.status < 500);
	}
}

/* A file is taken from the folder when its brackets are closed, and not before. */
static void
is_complete_waits_for_the_end(void **state)
{
	(void)state;
	assert_true(social_sector.is_complete("a.json", SPAN_LIT("{\"a\":[1,\"}\"]} \n")));
	assert_false(social_sector.is_complete("a.json", SPAN_LIT("{\"a\":[1,\"}\"]")));
	assert_false(social_sector.is_complete("a.json", SPAN_LIT("{\"a\":\"}")));
	assert_false(social_sector.is_complete("a.json", SPAN_LIT("")));
}

static void
camel(const char *snake, char *to)
{
	bool up = true;

	for (; *snake != '\0'; snake++) {
		if (*snake == '_') {
			up = true;
			continue;
		}
		*to++ = (char)(up ? *snake - 'a' + 'A' : *snake);
		up = false;
	}
	*to = '\0';
}

/* The end of the block that begins at `block` with four spaces: where the next one begins. */
static const char *
block_end(const char *block)
{
	const char *p = strchr(block, '\n');

	while (p != NULL && (strncmp(p + 1, "     ", 5) == 0))
		p = strchr(p + 1, '\n');
	return p != NULL ? p : block + strlen(block);
}

static const char *const bodies[] = {
#define KIND(number, code, body, topic, place, who, when) #body,
#include "proto/kind.def"
#undef KIND
	NULL
};

static const char *
find_within(const char *begin, const char *end, const char *what)
{
	const char *p = strstr(begin, what);

	return p != NULL && p < end ? p : NULL;
}

static void
check_type(const char *doc, const struct record_type *type)
{
	char name[80], title[64];
	const char *block, *end;

	camel(type->name, title);
	snprintf(name, sizeof(name), "\n    %s:\n", title);
	block = strstr(doc, name);
	if (block == NULL)
		fail_msg("no schema %s", title);
	block++;
	end = block_end(block);
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];

		snprintf(name, sizeof(name), "\n        %s:\n", f->name);
		if (find_within(block, end, name) == NULL)
			fail_msg("%s lacks %s", title, f->name);
		if (f->of != NULL)
			check_type(doc, f->of);
		for (const char *const *code = f->codes; code != NULL && *code != NULL; code++) {
			snprintf(name, sizeof(name), "- %s\n", *code);
			if (strstr(doc, name) == NULL) {
				snprintf(name, sizeof(name), "- '%s'\n", *code);
				assert_non_null(strstr(doc, name));
			}
		}
	}
}

/* The document served is the OpenAPI file, and has every field and code that a body can have, and every address. */
static void
document_describes_every_field_and_route(void **state)
{
	struct native native;
	const char *doc;
	char path[80];

	(void)state;
	assert_int_equal(social_document(NULL, mem, &native), OK);
	assert_int_equal(native.status, 200);
	doc = (const char *)native.bytes.p;
	assert_non_null(strstr(doc, "openapi: 3.1.0\n"));
	for (size_t i = 0; bodies[i] != NULL; i++)
		if (strncmp(bodies[i], "thread_", 7) != 0)	/* between adapters alone */
			check_type(doc, record_field(record_type(), bodies[i])->of);
	for (const struct route *r = social_sector.routes; r->method != NULL; r++) {
		snprintf(path, sizeof(path), "\n  %s:\n", r->pattern);
		assert_non_null(strstr(doc, path));
	}
}

/* MAPPING.md, which the agencies sign, names every field as well, and of each kind that is posted the body. */
static void
mapping_names_every_field(void **state)
{
	static const struct { unsigned number; const char *kind, *body; } KINDS[] = {
#define KIND(number, code, body, topic, place, who, when) { number, code, #body },
#include "proto/kind.def"
#undef KIND
	};
	static const char *const names[] = {
#define NAME(type) #type,
		RECORD_TYPES(NAME)
#undef NAME
	};
	FILE *f = fopen("adapters/social/MAPPING.md", "r");
	char *text = calloc(1, 131072), cell[80];

	(void)state;
	assert_non_null(f);
	assert_true(fread(text, 1, 131071, f) > 0);
	fclose(f);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct record_type *type = record_type_by_name(names[i]);

		if (type == record_type() || strcmp(names[i], "life_step") == 0 || strncmp(names[i], "thread_", 7) == 0 ||
		    strncmp(names[i], "kept_", 5) == 0 || strcmp(names[i], "minutes") == 0)
			continue;	/* nobody writes these */
		for (size_t k = 0; k < type->n_fields; k++) {
			snprintf(cell, sizeof(cell), "| `%s` |", type->fields[k].name);
			if (strstr(text, cell) == NULL)
				fail_msg("MAPPING.md lacks %s of %s", type->fields[k].name, names[i]);
		}
	}
	for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++) {
		snprintf(cell, sizeof(cell), "| `%s` | `%s` |", KINDS[i].kind, KINDS[i].body);
		if (KINDS[i].number > 2 && KINDS[i].number < 20 && strstr(text, cell) == NULL)
			fail_msg("MAPPING.md lacks the body of %s", KINDS[i].kind);
	}
	free(text);
}

/* Every address of the sector answers in XML who asks in XML, with the fault's line; and in JSON who does not. */
static void
answers_in_the_callers_form(void **state)
{
	static const char body[] = "<referral>\n<referral_id>7</referral_id>\n<child><birth_date>07.03.2015</birth_date></child></referral>";
	struct native in = { .format = FORMAT_JSON, .path = "/v1/referrals", .bytes = span_str(body), .media_type = "text/xml" }, said;
	struct native asked = { .path = "/v1/inbox?after=3", .accept = "application/xml" };
	const struct sector_env env = { .agency = "dsp-plovdiv" };
	const struct progress progress = { .msg_id = "01-m", .thread = "ff", .state = "requested", .other_agency = "cop" };
	const struct xml_node *root;
	struct intake intake;
	struct why why = { .line = 0 };

	(void)state;
	social_sector.to_records(&in, &env, mem, &intake);
	assert_int_equal(social_sector.answer(&in, &intake, &env, mem, &said), OK);
	assert_int_equal(said.status, 422);
	assert_string_equal(said.media_type, "application/problem+xml; charset=utf-8");
	assert_int_equal(xml_parse(said.bytes, NULL, mem, &root, NULL), OK);
	assert_string_equal(xml_child(root, "where")->text, "child.birth_date");
	assert_string_equal(xml_child(root, "line")->text, "3");
	assert_string_equal(xml_child(root, "col")->text, "8");
	in.accept = "application/json";
	assert_int_equal(social_sector.answer(&in, &intake, &env, mem, &said), OK);
	assert_string_equal(said.media_type, "application/problem+json");
	assert_int_equal(social_sector.listing(NULL, 0, &asked, &env, mem, &said), OK);
	assert_int_equal(xml_parse(said.bytes, NULL, mem, &root, NULL), OK);
	assert_string_equal(root->name, "inbox");
	assert_string_equal(xml_child(root, "next_after")->text, "3");
	assert_int_equal(social_sector.progress(&progress, &asked, mem, &said), OK);
	assert_int_equal(xml_parse(said.bytes, NULL, mem, &root, NULL), OK);
	assert_string_equal(xml_child(root, "msg_id")->text, "01-m");
	assert_int_equal(social_sector.problem(ERR_NOTFOUND, &why, &asked, mem, &said), OK);
	assert_int_equal(said.status, 404);
	assert_string_equal(said.media_type, "application/problem+xml; charset=utf-8");
	assert_true(social_sector.is_complete("a.xml", SPAN_LIT("<a><b/></a>\n")));
	assert_false(social_sector.is_complete("a.xml", SPAN_LIT("<a><b/>")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(answers_in_the_callers_form, setup, teardown),
		cmocka_unit_test_setup_teardown(answer_says_queued_or_registered, setup, teardown),
		cmocka_unit_test_setup_teardown(answer_is_a_problem_when_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(problem_knows_every_error, setup, teardown),
		cmocka_unit_test_setup_teardown(is_complete_waits_for_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(document_describes_every_field_and_route, setup, teardown),
		cmocka_unit_test_setup_teardown(mapping_names_every_field, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
