/* SPDX-License-Identifier: EUPL-1.2 */
/* test_xml_in - bodies in XML: what the JSON can say they can say, and what is wrong has its element's place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "adapters/core/charset.h"
#include "adapters/core/xml.h"
#include "adapters/core/xml_record.h"
#include "adapters/social/social.h"
#include "tests/support/sample_record.h"
#include "tests/support/arena_fixture.h"

#define ARENA_CAP (8 * 1024 * 1024)
#define NS " xmlns='" XML_RECORD_NS "'"

static const struct sector_env env = { .agency = "dsp-plovdiv", .now_ms = INT64_C(1772445600000) };

static struct intake
post(const char *path, const char *text)
{
	struct native in = { .format = path != NULL ? FORMAT_JSON : FORMAT_NONE, .bytes = span_str(text), .path = path,
			     .media_type = path != NULL ? "application/xml" : NULL, .file = path != NULL ? NULL : "a.xml" };
	struct intake intake;

	social_to_records(&in, &env, mem, &intake);
	return intake;
}

static const struct intake_item *
taken(const char *path, const char *text)
{
	static struct intake intake;

	intake = post(path, text);
	if (intake.e != OK)
		fail_msg("%u:%u %s", intake.why.line, intake.why.col, intake.why.text);
	if (intake.items[0].e != OK)
		fail_msg("%s: %s", intake.items[0].why.where, intake.items[0].why.text);
	return &intake.items[0];
}

/* A body of every kind, with every field that there is, reads as it was written; at an address, and from the folder. */
static void
reads_every_kind(void **state)
{
	(void)state;
	for (size_t i = 0; sample_kinds[i] != NULL; i++) {
		const struct kind *kind = kind_by_code(sample_kinds[i]);
		const struct record_type *type = record_field(record_type(), kind->body)->of;
		bool is_record = strcmp(kind->body, "referral") != 0 && strcmp(kind->body, "status") != 0;
		const char *path = is_record ? "/v1/records" : strcmp(kind->body, "status") == 0 ? "/v1/statuses" : "/v1/referrals";
		struct record *record = sample_record(mem, kind->code);
		struct buf b;

		if (record->referral != NULL)
			record->referral->initiator->agency = env.agency;
		buf_init(&b, mem);
		buf_fmt(&b, "<%s" NS ">", is_record ? "record" : kind->body);
		if (is_record)
			buf_fmt(&b, "<kind>%s</kind><record_id>R-1</record_id><%s>", kind->code, kind->body);
		xml_record_put_fields(&b, type, kind_body(record));
		buf_fmt(&b, is_record ? "</%s></record>" : "</%s>", kind->body);
		for (int k = 0; k < 2; k++) {
			const struct intake_item *item = taken(k == 0 ? path : NULL, buf_text(&b));

			assert_string_equal(item->record->kind, kind->code);
			assert_string_equal(item->record->source, "social-xml");
			if (!sample_same(type, kind_body(record), kind_body(item->record), mem))
				fail_msg("%s is not the same", kind->code);
		}
	}
}

/* What stands around a record is read as well: the case, the status's own id, the number under which it is registered. */
static void
reads_what_stands_around(void **state)
{
	const struct intake_item *item = taken("/v1/statuses", "<status" NS "><status_id>S-1</status_id><referral_id>7</referral_id>"
								"<to>\n  accepted\n</to></status>");

	(void)state;
	assert_string_equal(item->native_id, "S-1");
	assert_string_equal(item->record->status->to, "accepted");
	item = taken("/v1/inbox/01-m/registered", "<registered" NS "><case_no>К 1</case_no></registered>");
	assert_string_equal(item->confirms, "01-m");
	assert_string_equal(item->case_no, "К 1");
	item = taken("/v1/referrals", "<referral><case_id>00112233445566778899AABBCCDDEEFF</case_id><referral_id>7</referral_id>"
				      "<interpreter>1</interpreter><household_size> 3 </household_size><child><given>  Ѝ</given></child></referral>");
	assert_int_equal(item->record->case_id[15], 0xff);
	assert_true(*item->record->referral->interpreter);
	assert_int_equal(*item->record->referral->household_size, 3);
	assert_string_equal(item->record->referral->child->given, "  Ѝ");	/* a text is kept as it is */
}

/* windows-1251 and ISO-8859-5 are read as declared; ѝ as the reference that such a system writes. */
static void
reads_other_charsets(void **state)
{
	static const char *const SETS[] = { "windows-1251", "ISO-8859-5" };
	struct span bytes;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const char *text = arena_fmt(mem, "<?xml version='1.0' encoding='%s'?><referral" NS "><referral_id>7</referral_id>"
					     "<reason_text>Той каза &quot;да&quot; и &#x45d; даде</reason_text></referral>", SETS[i]);
		struct native in = { .format = FORMAT_NONE, .file = "a.xml" };
		struct intake intake;

		assert_int_equal(charset_encode(SETS[i], span_str(text), mem, &bytes, NULL), OK);
		in.bytes = bytes;
		social_to_records(&in, &env, mem, &intake);
		assert_int_equal(intake.items[0].e, OK);
		assert_string_equal(intake.items[0].record->referral->reason_text, "Той каза \"да\" и ѝ даде");
	}
}

/* What is not as the description says is refused: with its line where the text is wrong, with its path where the value is. */
static void
refuses_what_is_wrong(void **state)
{
	static const struct { const char *body; enum err e; const char *where; } CASES[] = {
		{ "<letter" NS "/>", ERR_UNSUPPORTED, NULL },
		{ "<referral xmlns='urn:other'/>", ERR_UNSUPPORTED, NULL },
		{ "<referral" NS "><child id='7'/></referral>", ERR_UNKNOWN_FIELD, NULL },
		{ "<referral" NS ">text<child/></referral>", ERR_SYNTAX, NULL },
		{ "<referral" NS "><priority>routine</priority><priority>urgent</priority></referral>", ERR_SYNTAX, NULL },
		{ "<referral" NS "><reason_text><b/></reason_text></referral>", ERR_SYNTAX, NULL },
		{ "<referral" NS "><x:child xmlns:x='urn:x'/></referral>", ERR_UNSUPPORTED, NULL },
		/* what stands in examples for "and so on" is not XML's, nor JSON's, and is never passed over */
		{ "<referral" NS ">...</referral>", ERR_SYNTAX, NULL },
		{ "<referral" NS "><child>...</child></referral>", ERR_SYNTAX, NULL },
		{ "<referral" NS "><child/>...</referral>", ERR_SYNTAX, NULL },
		{ "<!DOCTYPE referral><referral" NS "/>", ERR_SYNTAX, NULL },
		{ "<referral" NS ">", ERR_CUT_OFF, NULL },
		{ "<referral" NS "><colour>red</colour></referral>", ERR_UNKNOWN_FIELD, "referral.colour" },
		{ "<referral" NS "><household_size>many</household_size></referral>", ERR_BAD_NUMBER, "referral.household_size" },
		{ "<referral" NS "><interpreter>perhaps</interpreter></referral>", ERR_SYNTAX, "referral.interpreter" },
		{ "<referral" NS "><need>weather</need></referral>", ERR_UNKNOWN_CODE, "referral.need[0]" },
		{ "<referral" NS "><child><ids/></child></referral>", ERR_REQUIRED, "referral.child.ids[0]" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct intake in = post("/v1/referrals", CASES[i].body);
		const struct why *why = CASES[i].where != NULL && in.n > 0 ? &in.items[0].why : &in.why;

		if ((CASES[i].where != NULL && in.n > 0 ? in.items[0].e : in.e) != CASES[i].e)
			fail_msg("case %zu: %s", i, err_code(in.e));
		if (CASES[i].where != NULL)
			assert_string_equal(why->where, CASES[i].where);
		else
			assert_true(why->line == 1 && why->col > 0);
	}
	assert_int_equal(post("/v1/referrals", arena_fmt(mem, "<referral>%*s</referral>", SOCIAL_JSON_MAX, "")).e, ERR_TOOBIG);
}

/* A fault told by its path gets the place of its element; one that is missing, of where it should stand. */
static void
faults_have_their_place(void **state)
{
	static const char body[] = "<referral" NS ">\n <child>\n  <ids><type>EGN</type></ids>\n  <ids>\n   <value>1</value></ids>\n </child>\n"
		" <need>stress</need>\n <need>neglect</need>\n</referral>";
	static const struct { const char *where; unsigned line, col; } CASES[] = {
		{ "referral.child.ids[1].value", 5, 4 }, { "referral.child.ids[0].value", 3, 3 }, { "referral.need[1]", 8, 2 },
		{ "referral.child.given", 2, 2 }, { "referral.target.agency", 1, 1 }, { "need[0]", 7, 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct why why;

		why_set(&why, ERR_REQUIRED, CASES[i].where, "x");
		social_xml_place(span_str(body), NULL, mem, &why);
		assert_int_equal(why.line, CASES[i].line);
		assert_int_equal(why.col, CASES[i].col);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_every_kind), TEST(reads_what_stands_around), TEST(reads_other_charsets), TEST(refuses_what_is_wrong),
		TEST(faults_have_their_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
