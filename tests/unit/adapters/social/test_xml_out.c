/* SPDX-License-Identifier: EUPL-1.2 */
/* test_xml_out - who gets XML, and that it says what the JSON says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "adapters/core/xml.h"
#include "adapters/core/xml_record.h"
#include "adapters/social/social.h"
#include "tests/support/sample_record.h"
#include "tests/support/arena_fixture.h"

/* Accept decides by its weights; where it says neither, what was sent does. */
static void
accept_decides(void **state)
{
	static const struct { const char *accept, *sent; bool is_xml; } CASES[] = {
		{ NULL, NULL, false }, { NULL, "application/json", false }, { NULL, "application/xml", true },
		{ NULL, "text/xml; charset=utf-8", true }, { "*/*", "application/xml", true }, { "*/*", NULL, false },
		{ "application/xml", NULL, true }, { "application/xml", "application/json", true },
		{ "application/json", "application/xml", false }, { "text/html, application/xml;q=0.9, */*;q=0.8", NULL, true },
		{ "application/json;q=0.5,application/xml;q=0.25", "application/xml", false },
		{ "application/json; q=0.5 , text/xml ; q=0.75", NULL, true }, { "application/xml;q=0", NULL, false },
		{ "application/json, application/xml", "application/xml", true }, { "text/html", NULL, false }, { ",,;q=", NULL, false },
		{ "application/problem+xml", NULL, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct native in = { .path = "/v1/inbox", .accept = CASES[i].accept, .media_type = CASES[i].sent };

		if (social_xml_is_wanted(&in) != CASES[i].is_xml)
			fail_msg("Accept: %s", CASES[i].accept);
	}
}

static const struct xml_node *
turned(const char *json, const char *media_type, const char *root)
{
	struct native native = { .bytes = span_str(json), .media_type = media_type };
	const struct xml_node *node;

	assert_int_equal(social_xml_turn(&native, root, mem), OK);
	assert_int_equal(native.format, FORMAT_XML);
	assert_int_equal(xml_parse(native.bytes, NULL, mem, &node, NULL), OK);
	return node;
}

/* Every sort of JSON value has its element; a problem is one of RFC 7807. */
static void
values_become_elements(void **state)
{
	const struct xml_node *node = turned("{\"a\":[{\"b\":\"Ѝ <&>\"},{\"b\":null}],\"n\":7,\"t\":true,\"f\":false,\"e\":[],\"o\":{}}",
					     "application/json", "inbox");

	(void)state;
	assert_string_equal(node->name, "inbox");
	assert_string_equal(node->ns, XML_RECORD_NS);
	assert_string_equal(xml_child(xml_child(node, "a"), "b")->text, "Ѝ <&>");
	assert_null(xml_child(xml_again(xml_child(node, "a")), "b"));
	assert_string_equal(xml_child(node, "n")->text, "7");
	assert_string_equal(xml_child(node, "t")->text, "true");
	assert_string_equal(xml_child(node, "f")->text, "false");
	assert_null(xml_child(node, "e"));
	assert_non_null(xml_child(node, "o"));
	node = turned("{\"code\":\"NSK-1301\"}", "application/problem+json", "answer");
	assert_string_equal(node->name, "problem");
	assert_string_equal(node->ns, "urn:ietf:rfc:7807");
}

/* What is handed over in XML has the fields of the JSON, of every kind, and reads again as the same record. */
static void
hands_over_every_kind(void **state)
{
	static const struct sector_env env = { .agency = "dsp-plovdiv" };

	(void)state;
	for (size_t i = 0; sample_kinds[i] != NULL; i++) {
		const struct kind *kind = kind_by_code(sample_kinds[i]);
		struct record *record = sample_record(mem, kind->code);
		const struct outgoing out = { .msg_id = "01-m", .thread = "ff", .from = "gp-1", .record = record, .referral = record,
					      .cursor = 7, .at_ms = INT64_C(1772445600000), .state = "requested" };
		const struct xml_node *node, *body;
		struct native native;
		struct buf written;
		struct why why;

		assert_int_equal(social_from_record(&out, FORMAT_XML, &env, mem, &native, &why), OK);
		assert_string_equal(native.media_type, "application/xml; charset=utf-8");
		assert_int_equal(xml_parse(native.bytes, NULL, mem, &node, NULL), OK);
		assert_string_equal(node->name, "item");
		assert_string_equal(xml_child(node, "kind")->text, kind->code);
		assert_string_equal(xml_child(node, "cursor")->text, "7");
		body = xml_child(node, "record");
		buf_init(&written, mem);
		xml_record_put_fields(&written, record_field(record_type(), kind->body)->of, kind_body(record));
		assert_non_null(body->first);
		/* the same elements in the same order, by both ways */
		assert_non_null(strstr(arena_strn(mem, native.bytes.p, native.bytes.n), buf_text(&written)));
		arena_reset(mem);
	}
}

/* The agency's system may confirm in XML as well. */
static void
reads_a_confirmation(void **state)
{
	static const struct { const char *body, *case_no; } CASES[] = {
		{ "<registered xmlns='" XML_RECORD_NS "'><case_no>ОЗД-7</case_no></registered>", "ОЗД-7" },
		{ "<?xml version='1.0'?><r><case_no/></r>", "" }, { "<html><body>ok</body></html>", NULL }, { "<html><br></html>", NULL },
		{ "<r><case_no>a&#10;b</case_no></r>", "a\nb" },	/* the core judges it */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct native answer = { .status = 200, .bytes = span_str(CASES[i].body) };
		const char *case_no;
		struct why why;

		assert_int_equal(social_read_answer(NULL, &answer, mem, &case_no, &why), OK);
		if (CASES[i].case_no == NULL)
			assert_null(case_no);
		else
			assert_string_equal(case_no, CASES[i].case_no);
	}
}

/* A full arena refuses, at any size. */
static void
full_is_told(void **state)
{
	struct arena *small = arena_new(64);
	struct native native = { .bytes = SPAN_LIT("{\"a\":\"0123456789012345678901234567890123456789\"}") };

	(void)state;
	assert_int_equal(social_xml_turn(&native, "a", small), ERR_TOOBIG);
	arena_free(small);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(accept_decides), TEST(values_become_elements), TEST(hands_over_every_kind), TEST(reads_a_confirmation), TEST(full_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
