/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_fixture.h"

#include "proto/merkle.h"

#define FILE_AS(more, content) "{\"resourceType\":\"DocumentReference\",\"id\":\"d1\",\"status\":\"current\"" \
	more ",\"content\":[{\"attachment\":" content "}]}"
#define ON_R1 ",\"context\":{\"related\":[{\"identifier\":{\"value\":\"R-1\"}}]}"
#define PDF "{\"contentType\":\"application/pdf\",\"title\":\"Епикриза.pdf\",\"data\":\"JVBERi0xLjQK\"}"

static struct intake
lone(struct arena *mem, const char *text)
{
	struct native in = fixture_native(span_str(text));
	struct intake intake;

	in.path = "/fhir/DocumentReference";
	health_fhir_to_records(&in, &fixture_env, mem, &intake);
	return intake;
}

/* A document by itself is a file on the thread that it names, with its hash, its name and what it is. */
static void
by_itself(void **state)
{
	struct intake intake = lone(*state, FILE_AS(ON_R1 ",\"masterIdentifier\":{\"value\":\"E-7\"},\"type\":{\"coding\":[{\"system\":"
		"\"urn:nasoka:attachment-category\",\"code\":\"assessment\"}]},\"securityLabel\":[{\"coding\":[{\"code\":\"V\"}]}]", PDF));
	const struct file_part *f;
	struct hash h;
	char hex[65];

	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.n, 1);
	assert_int_equal(intake.items[0].e, OK);
	f = intake.items[0].record->attachment;
	assert_string_equal(intake.items[0].record->kind, "attachment");
	assert_string_equal(f->referral_id, "R-1");
	assert_string_equal(f->att_id, "E-7");
	assert_string_equal(f->filename, "Епикриза.pdf");
	assert_string_equal(f->category, "assessment");
	assert_string_equal(f->confidentiality, "V");
	assert_true(span_eq(*f->data, SPAN_LIT("%PDF-1.4\n")));
	hash_sha256(*f->data, &h);
	bytes_hex(h.b, sizeof(h.b), hex);
	assert_string_equal(f->sha256, hex);
	assert_int_equal(*f->size, 9);
	assert_int_equal(*f->part, 1);
	assert_int_equal(*f->parts, 1);
}

/* One paper may prove two referrals: the same bytes on each are two messages, and on one of them once more the same. */
static void
on_two_referrals(void **state)
{
	struct intake one = lone(*state, FILE_AS(ON_R1, PDF)), again = lone(*state, FILE_AS(ON_R1, PDF));
	struct intake other = lone(*state, FILE_AS(",\"context\":{\"related\":[{\"identifier\":{\"value\":\"R-2\"}}]}", PDF));

	assert_int_equal(other.items[0].e, OK);
	assert_string_equal(one.items[0].native_id, again.items[0].native_id);
	assert_string_not_equal(one.items[0].native_id, other.items[0].native_id);
}

/* What it belongs to may stand in it, only to be named. */
static void
names_a_contained_request(void **state)
{
	struct intake intake = lone(*state, FILE_AS(",\"context\":{\"related\":[{\"reference\":\"#sr\"}]},\"contained\":[{\"resourceType\":"
		"\"ServiceRequest\",\"id\":\"sr\",\"identifier\":[{\"type\":{\"coding\":[{\"code\":\"PLAC\"}]},\"value\":\"R-1\"}]}]", PDF));

	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.n, 1);
	assert_int_equal(intake.items[0].e, OK);
	assert_string_equal(intake.items[0].record->attachment->referral_id, "R-1");
}

/* One of more than 512 KiB becomes parts that say the same of the whole. */
static void
in_parts(void **state)
{
	struct arena *mem = *state;
	size_t n = 1200000;
	char *data = arena_alloc(mem, n + 1);
	struct intake intake;

	memset(data, 'A', n);	/* 900,000 zeroes */
	intake = lone(mem, arena_fmt(mem, FILE_AS(ON_R1, "{\"contentType\":\"text/plain\",\"data\":\"%s\"}"), data));
	assert_int_equal(intake.e, OK);
	if (intake.n != 2)
		fail_msg("%s %s", err_code(intake.items[0].e), intake.items[0].why.where);
	assert_int_equal(intake.items[0].record->attachment->data->n, 524288);
	assert_int_equal(intake.items[1].record->attachment->data->n, 900000 - 524288);
	assert_int_equal(*intake.items[1].record->attachment->part, 2);
	assert_string_equal(intake.items[0].record->attachment->sha256, intake.items[1].record->attachment->sha256);
	assert_string_not_equal(intake.items[0].native_id, intake.items[1].native_id);
	assert_string_equal(intake.items[0].record->attachment->att_id, "d1");
}

/* In the Bundle of a referral it belongs to that, and the referral names it; the same document again is the same message. */
static void
beside_referral(void **state)
{
	struct arena *mem = *state;
	struct span vector = fixture_file(mem, "fhir-referral-message.json");
	const char *all = arena_strn(mem, vector.p, vector.n);
	struct intake intake, again;
	const char *text;

	text = arena_fmt(mem, "%.*s", (int)(strrchr(all, ']') - all), all);
	text = arena_fmt(mem, "%s,{\"resource\":" FILE_AS("", PDF) "}%s", text, strrchr(all, ']'));
	intake = fixture_read(mem, span_str(text));
	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.n, 2);
	assert_int_equal(intake.items[0].e, OK);
	assert_int_equal(intake.items[1].e, OK);
	assert_string_equal(intake.items[1].record->attachment->referral_id, intake.items[0].record->referral->referral_id);
	assert_string_equal(intake.items[0].record->referral->attachments.items[0], "d1");
	assert_int_equal(*intake.items[0].record->dropped, *fixture_read(mem, vector).items[0].record->dropped);	/* it is not among them */
	again = fixture_read(mem, span_str(text));
	assert_string_equal(again.items[1].native_id, intake.items[1].native_id);
}

#define REQUEST_WITH "{\"resourceType\":\"ServiceRequest\",\"id\":\"s\",\"status\":\"active\",\"intent\":\"order\"," \
	"\"identifier\":[{\"value\":\"R-8\"}],\"code\":{\"text\":\"оценка\"},\"reasonCode\":[{\"text\":\"страх\"}],\"subject\":{\"reference\":\"#p\"}," \
	"\"supportingInfo\":[{\"reference\":\"#d1\"}],\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"p\",\"gender\":\"female\"," \
	"\"birthDate\":\"2015-03-07\",\"name\":[{\"family\":\"Тест\",\"given\":[\"Калина\"]}]},"

/* Contained in a request, as its supportingInfo, it is one of the referral's files, too; both are taken or neither. */
static void
contained_in_request(void **state)
{
	struct arena *mem = *state;
	struct intake intake = fixture_read(mem, SPAN_LIT(REQUEST_WITH FILE_AS("", PDF) "]}"));

	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.n, 2);
	assert_int_equal(intake.items[0].e, OK);
	assert_int_equal(intake.items[1].e, OK);
	assert_true(intake.is_one_act);
	assert_string_equal(intake.items[0].record->referral->attachments.items[0], "d1");
	assert_string_equal(intake.items[1].record->attachment->referral_id, "R-8");
	assert_null(intake.items[0].record->dropped);
}

/* The document that a new referral's consent rests on is its evidence, and a form of consent unless it says what else it is. */
static void
evidence_of_referral(void **state)
{
	static const struct { const char *more, *category; } rows[] = {
		{ "", "consent-form" },
		{ ",\"type\":{\"coding\":[{\"system\":\"urn:nasoka:attachment-category\",\"code\":\"court-act\"}]}", "court-act" },
	};
	struct arena *mem = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *text = arena_fmt(mem, "%s{\"resourceType\":\"Consent\",\"status\":\"active\",\"dateTime\":\"2026-02-20\",\"sourceReference\":"
					     "{\"reference\":\"#d1\"}},{\"resourceType\":\"DocumentReference\",\"id\":\"d1\",\"status\":\"current\"%s,"
					     "\"content\":[{\"attachment\":" PDF "}]}]}", REQUEST_WITH, rows[i].more);
		struct intake intake = fixture_read(mem, span_str(text));

		assert_int_equal(intake.e, OK);
		assert_int_equal(intake.n, 2);
		assert_int_equal(intake.items[0].e, OK);
		assert_string_equal(intake.items[0].record->referral->consent->evidence, "d1");
		assert_string_equal(intake.items[1].record->attachment->category, rows[i].category);
		assert_null(intake.items[0].record->dropped);
	}
}

/* What cannot be a file is told with its place. */
static void
refused(void **state)
{
	static const struct { const char *text; enum err e; } rows[] = {
		{ FILE_AS("", PDF), ERR_REQUIRED }, { FILE_AS(ON_R1, "{\"contentType\":\"application/pdf\",\"url\":\"http://x/y\"}"), ERR_REQUIRED },
		{ FILE_AS(ON_R1, "{\"contentType\":\"application/x-msdownload\",\"data\":\"TVo=\"}"), ERR_MEDIA_TYPE },
		{ FILE_AS(ON_R1, "{\"contentType\":\"application/pdf\",\"data\":\"***\"}"), ERR_SYNTAX },
		{ FILE_AS(ON_R1 ",\"modifierExtension\":[{\"url\":\"x\"}]", PDF), ERR_UNSUPPORTED },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct intake intake = lone(*state, rows[i].text);

		assert_int_equal(intake.e, OK);
		assert_int_equal(intake.n, 1);
		if (intake.items[0].e != rows[i].e || intake.items[0].record != NULL)
			fail_msg("%s: %s %s", rows[i].text, err_code(intake.items[0].e), intake.items[0].why.text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(by_itself, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(on_two_referrals, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(names_a_contained_request, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(in_parts, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(beside_referral, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(contained_in_request, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(evidence_of_referral, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(refused, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
