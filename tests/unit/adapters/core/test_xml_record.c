/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "adapters/core/xml.h"
#include "adapters/core/xml_record.h"

/* Every field of the record is an element under its own name; lists are repeated, texts escaped, and all is well formed. */
static void
fields_are_elements(void **state)
{
	static const char *const SET[][2] = {
		{ "kind", "referral" }, { "case_id", "00112233445566778899aabbccddeeff" }, { "dropped", "3" },
		{ "referral.child.given", "Ѝ <&> \"" }, { "referral.need", "neglect" }, { "referral.need", "stress" },
		{ "referral.child.ids[0].type", "EGN" }, { "referral.child.ids[1].type", "local" }, { "referral.interpreter", "true" },
		{ "referral.respond_by", "2026-03-02T10:00:00Z" },
	};
	struct arena *mem = arena_new(1 << 20);
	struct record *record = record_new(mem, "record");
	const struct xml_node *root, *referral, *child, *id;
	struct buf b;

	(void)state;
	for (size_t i = 0; i < sizeof(SET) / sizeof(SET[0]); i++)
		assert_int_equal(record_set(record, mem, SET[i][0], SET[i][1], NULL), OK);
	buf_init(&b, mem);
	xml_record_put(&b, record);
	assert_int_equal(xml_parse(buf_bytes(&b), NULL, mem, &root, NULL), OK);
	assert_string_equal(root->ns, XML_RECORD_NS);
	assert_string_equal(xml_child(root, "case_id")->text, SET[1][1]);
	assert_string_equal(xml_child(root, "dropped")->text, "3");
	referral = xml_child(root, "referral");
	child = xml_child(referral, "child");
	assert_string_equal(child->ns, XML_RECORD_NS);
	assert_string_equal(xml_child(child, "given")->text, SET[3][1]);
	assert_string_equal(xml_child(referral, "need")->text, "neglect");
	assert_string_equal(xml_again(xml_child(referral, "need"))->text, "stress");
	id = xml_child(child, "ids");
	assert_string_equal(xml_child(xml_again(id), "type")->text, "local");
	assert_string_equal(xml_child(referral, "interpreter")->text, "true");
	assert_string_equal(xml_child(referral, "respond_by")->text, SET[9][1]);
	arena_free(mem);
}

/* A full arena leaves its error in the buf. */
static void
full_is_told(void **state)
{
	struct arena *mem = arena_new(1 << 12), *small = arena_new(64);
	struct record *record = record_new(mem, "record");
	struct buf b;

	(void)state;
	assert_int_equal(record_set(record, mem, "referral.respond_by", "2026-03-02T10:00:00Z", NULL), OK);
	buf_init(&b, small);
	xml_record_put(&b, record);
	assert_int_equal(b.e, ERR_TOOBIG);
	arena_free(small);
	arena_free(mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(fields_are_elements), cmocka_unit_test(full_is_told) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
