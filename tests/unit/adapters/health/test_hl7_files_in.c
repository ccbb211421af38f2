/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/hl7_fixture.h"

#define REFERRAL "MSH|^~\\&|HIS|UMBAL|NASOKA|OZD|20260302100000||REF^I12^REF_I12|M1|P|2.5.1||||||UNICODE UTF-8\r" \
	"RF1||A|Psy|RP||R-1|20260305|20260304|20260302\rPRD|RP|Иванова^Мария\r" \
	"PID|1||1543079013^^^GRAO^NI||Тест^Калина||20150307|F\rOBR|1|R-1||psych-counselling^^NASOKA\r"
#define PDF "JVBERi0xLjQKJSBwcm9iYQo="

/* A document in a referral is an attachment of its thread, with its hash and a name, and the referral names it. */
static void
in_referral(void **state)
{
	struct intake intake = world_read(REFERRAL "OBX|1|ED|assessment^Оценка^L||HIS^application^pdf^Base64^" PDF "||||||F\r"
					  "OBX|2|ED|PDF^scan.jpg^L||^IM^JPEG^Base64^/9j/4A==||||||F\r", mem);
	const struct file_part *file;

	(void)state;
	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.n, 3);
	assert_int_equal(intake.items[0].e, OK);
	file = intake.items[1].record->attachment;
	assert_string_equal(intake.items[1].record->kind, "attachment");
	assert_string_equal(file->referral_id, "R-1");
	assert_string_equal(file->media_type, "application/pdf");
	assert_string_equal(file->filename, "Оценка.pdf");
	assert_string_equal(file->category, "assessment");
	assert_int_equal(*file->size, 17);
	assert_int_equal(file->data->n, 17);
	assert_int_equal(strlen(file->sha256), 64);
	assert_int_equal(*file->parts, 1);
	assert_string_equal(intake.items[0].record->referral->attachments.items[0], file->att_id);
	assert_int_equal(intake.items[0].record->referral->attachments.n, 2);
	assert_string_equal(intake.items[2].record->attachment->filename, "scan.jpg");
	assert_string_not_equal(intake.items[1].native_id, intake.items[2].native_id);
	assert_string_not_equal(intake.items[0].native_id, intake.items[1].native_id);
	assert_int_equal(*intake.items[0].record->dropped, 1);	/* RF1-3: of the files nothing */
	assert_null(intake.items[1].record->dropped);
}

/* The first form of consent beside a consent is its evidence, unless the message names another; without a consent it is a file like any. */
static void
evidence_of_consent(void **state)
{
#define GIVEN "OBX|1|CE|consent.given_by^^NASOKA||parent^^NASOKA||||||F\rOBX|2|DT|consent.given_on^^NASOKA||20260220||||||F\r"
#define FORM(n) "OBX|" n "|ED|consent-form^съгласие.pdf^L||^application^pdf^Base64^" PDF "||||||F\r"
#define OTHER "OBX|3|ED|assessment^Оценка^L||^application^pdf^Base64^" PDF "||||||F\r"
	struct intake intake = world_read(REFERRAL GIVEN OTHER FORM("4") FORM("5"), mem);
	const struct record *r = intake.items[0].record;

	(void)state;
	assert_int_equal(intake.n, 4);
	assert_string_equal(r->referral->consent->evidence, intake.items[2].record->attachment->att_id);
	assert_string_equal(r->referral->attachments.items[1], r->referral->consent->evidence);
	intake = world_read(REFERRAL GIVEN "OBX|3|ST|consent.evidence^^NASOKA||С-7||||||F\r" FORM("4"), mem);
	assert_string_equal(intake.items[0].record->referral->consent->evidence, "С-7");
	intake = world_read(REFERRAL FORM("1"), mem);
	assert_int_equal(intake.n, 2);
	assert_int_equal(intake.items[0].e, OK);
	assert_null(intake.items[0].record->referral->consent);
}

/* A file of more than one part's bytes is several records, in order, that say the same of the whole. */
static void
in_parts(void **state)
{
	size_t n = 700 * 1024;
	char *base64 = arena_alloc(mem, 4 * n / 3 + 5);
	struct intake intake;

	(void)state;
	memset(base64, 'Q', n / 3 * 4);
	intake = world_read(arena_fmt(mem, "%sOBX|1|ED|x^a.txt||^text^plain^Base64^%s\r", REFERRAL, base64), mem);
	assert_int_equal(intake.n, 3);
	for (size_t i = 1; i < 3; i++) {
		const struct file_part *file = intake.items[i].record->attachment;

		assert_int_equal(*file->part, i);
		assert_int_equal(*file->parts, 2);
		assert_int_equal(*file->size, n / 3 * 3);
		assert_int_equal(file->data->n, i == 1 ? 512 * 1024 : n / 3 * 3 - 512 * 1024);
		assert_string_equal(file->sha256, intake.items[1].record->attachment->sha256);
	}
}

/* An ORU of another system with nothing but documents gives them to the referral that it names. */
static void
alone(void **state)
{
	struct intake intake = world_read("MSH|^~\\&|HIS|UMBAL|||2026||ORU^R01^ORU_R01|M2|P|2.5||||||UNICODE UTF-8\rPID|1||1||T^K\r"
					  "OBR|1|R-1|C-1|11488-4^Consult note^LN\rOBX|1|ED|11488-4^Епикриза^LN||^AP^PDF^Base64^" PDF "\r", mem);

	(void)state;
	assert_int_equal(intake.n, 1);
	assert_int_equal(intake.items[0].e, OK);
	assert_string_equal(intake.items[0].record->kind, "attachment");
	assert_string_equal(intake.items[0].record->attachment->referral_id, "R-1");
	assert_string_equal(intake.items[0].record->attachment->filename, "Епикриза.pdf");
}

/* One file that cannot be taken refuses the whole message, at its place. */
static void
bad_files(void **state)
{
	static const struct { const char *ed; enum err e; } BAD[] = {
		{ "^application^pdf^Base64^JVB!", ERR_SYNTAX }, { "^application^x-msdownload^Base64^QQ==", ERR_MEDIA_TYPE },
		{ "^application^pdf^uuencode^QQ==", ERR_UNSUPPORTED }, { "^application^pdf^Base64", ERR_SYNTAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		struct intake intake = world_read(arena_fmt(mem, REFERRAL "OBX|1|ED|a^a.pdf||^application^pdf^Base64^" PDF "\r"
							    "OBX|2|ED|b||%s\r", BAD[i].ed), mem);

		assert_int_equal(intake.n, 1);
		assert_int_equal(intake.items[0].e, BAD[i].e);
		assert_string_equal(intake.items[0].why.where, "OBX[2]-5");
		assert_null(intake.items[0].record);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(in_referral, setup, teardown),
		cmocka_unit_test_setup_teardown(evidence_of_consent, setup, teardown),
		cmocka_unit_test_setup_teardown(in_parts, setup, teardown),
		cmocka_unit_test_setup_teardown(alone, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_files, setup, teardown),
	};

	return cmocka_run_group_tests_name("hl7_files_in", tests, NULL, NULL);
}
