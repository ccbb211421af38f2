/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/education/csv_world.h"
#include "tests/support/sample_record.h"
#include "tests/support/arena_fixture.h"

#define VECTORS "tests/vectors/education/"
#define MSG_ID "019c7d2e-5a11-7c3b-9d42-6f0e1a2b3c4d"

static struct record *
record_file(const char *path)
{
	struct span text = world_file(path, mem);
	struct record *record = record_of_lines(arena_strn(mem, text.p, text.n), mem);

	assert_non_null(record);
	return record;
}

static struct native
write_as(const struct outgoing *out, const char *charset)
{
	struct sector_env env = world_env();
	struct native native = { .charset = charset };
	struct why why;

	assert_int_equal(education_from_record(out, FORMAT_CSV, &env, mem, &native, &why), OK);
	return native;
}

static void
assert_comes_back(const struct record *record, struct span bytes)
{
	struct intake intake = world_read_bytes(bytes, mem);

	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.n, 1);
	assert_string_equal(intake.items[0].why.where, "");
	assert_string_equal(record_lines(record, mem), record_lines(intake.items[0].record, mem));
}

static struct outgoing
outgoing_of(const struct record *record, const struct record *referral)
{
	return (struct outgoing){ .msg_id = MSG_ID, .thread = "00", .from = "ozd-plovdiv", .record = record,
		.referral = referral, .at_ms = WORLD_NOW };
}

/* Every field that the table has survives the way to it and back, in UTF-8 and in windows-1251; the text is the golden one. */
static void
referral_round_trip(void **state)
{
	struct record *record = record_file(VECTORS "full.record");
	struct outgoing out = outgoing_of(record, record);
	struct native native = write_as(&out, NULL);

	(void)state;
	assert_string_equal(native.charset, "UTF-8");
	world_same_as_file(VECTORS "full.csv", native.bytes, mem);
	assert_comes_back(record, native.bytes);
	native = write_as(&out, "windows-1251");
	assert_string_equal(native.charset, "windows-1251");
	assert_comes_back(record, native.bytes);
}

/* So does every field of a status. */
static void
status_round_trip(void **state)
{
	struct record *referral = record_file(VECTORS "full.record"), *status = record_file(VECTORS "status_full.record");
	struct outgoing out = outgoing_of(status, referral);
	struct native native = write_as(&out, NULL);

	(void)state;
	world_same_as_file(VECTORS "status_full.csv", native.bytes, mem);
	assert_comes_back(status, native.bytes);
}

static const char *
last_cell(const struct native *native)
{
	const char *text = arena_strn(mem, native->bytes.p, native->bytes.n);

	return strrchr(text, ';');
}

/* What no column holds is counted and named in the last one, and its words stand nowhere. */
static void
what_is_left_out_is_said(void **state)
{
	struct record *record = record_file(VECTORS "full.record"), *status = record_file(VECTORS "status_full.record");
	struct outgoing out = outgoing_of(record, record);
	struct native native;

	(void)state;
	sample_set(record, mem, "referral.goals[0].text", "Тайна");
	sample_set(record, mem, "referral.carers[1].name", "Баща");
	sample_set(record, mem, "referral.carers[0].address.city", "Куклен");
	sample_set(record, mem, "referral.child.ids[1].type", "local");
	sample_set(record, mem, "referral.child.ids[1].value", "7");
	sample_set(record, mem, "referral.household_size", "4");
	sample_set(record, mem, "referral.preview.age_band", "7-11");
	native = write_as(&out, NULL);
	assert_string_equal(last_cell(&native), ";\"5: child.ids[1], carers[0].address, carers[1], household_size, goals[0]\"\r\n");
	assert_null(strstr(arena_strn(mem, native.bytes.p, native.bytes.n), "Тайна"));
	out = outgoing_of(status, record);
	sample_set(status, mem, "status.questions[0].why_needed", "Тайна");
	sample_set(status, mem, "status.continuity[0].item", "school");
	sample_set(status, mem, "status.continuity[0].kept", "true");
	native = write_as(&out, NULL);
	assert_string_equal(last_cell(&native), ";\"2: questions[0].why_needed, continuity[0]\"\r\n");
}

/* The published columns stand first and in their order. */
static void
published_columns(void **state)
{
	static const char REFERRAL[] = "\xEF\xBB\xBF"
		"referral_no;created_on;institution_code;institution_name;municipality_code;settlement_ekatte;class_or_group;"
		"id_type;id_number;first_name;middle_name;last_name;birth_date;gender;carer_name;carer_relation;carer_phone;"
		"service_kind;need_codes;risk_level;priority;reason;absences_excused;absences_unexcused;period_from;period_to;"
		"measures_taken;legal_basis;consent_date;consent_by;respond_by;author_name;author_role;author_phone;";
	static const char STATUS[] = "\xEF\xBB\xBF" "referral_no;transition;from;to;at;reason_code;reason;outcome;case_no;";
	struct record *referral = record_file(VECTORS "full.record"), *status = record_file(VECTORS "status_full.record");
	struct outgoing out = outgoing_of(referral, referral);

	(void)state;
	assert_memory_equal(write_as(&out, NULL).bytes.p, REFERRAL, sizeof(REFERRAL) - 1);
	out = outgoing_of(status, referral);
	assert_memory_equal(write_as(&out, NULL).bytes.p, STATUS, sizeof(STATUS) - 1);
}

/* A character that windows-1251 lacks turns the file to UTF-8 with a byte order mark; it never becomes a question mark. */
static void
never_spoilt(void **state)
{
	struct record *record = record_file(VECTORS "full.record");
	struct outgoing out = outgoing_of(record, record);
	struct native native;

	(void)state;
	record->referral->child->given = "Ελένη";
	native = write_as(&out, "windows-1251");
	assert_string_equal(native.charset, "UTF-8");
	assert_memory_equal(native.bytes.p, "\xEF\xBB\xBF", 3);
	assert_comes_back(record, native.bytes);
}

/* No cell begins as a formula, but a telephone number and a negative number stay as they are. */
static void
no_formulas(void **state)
{
	struct record *record = record_file(VECTORS "full.record");
	struct outgoing out = outgoing_of(record, record);
	const char *text;
	struct native native;

	(void)state;
	record->referral->child->given = "=HYPERLINK(\"http://x\")";
	record->referral->child->middle = "@SUM(A1)";
	record->referral->child->family = "+cmd|x";
	native = write_as(&out, NULL);
	text = arena_strn(mem, native.bytes.p, native.bytes.n);
	assert_non_null(strstr(text, ";\"'=HYPERLINK(\"\"http://x\"\")\";'@SUM(A1);'+cmd|x;"));
	assert_non_null(strstr(text, ";+359 888 000 003;"));
	assert_comes_back(record, native.bytes);
}

/* Of the stages a school hears the registration, with the other's number, and a refusal; nothing else makes a file. */
static void
stages(void **state)
{
	struct record *referral = record_file(VECTORS "full.record");
	struct outgoing out = outgoing_of(NULL, referral);
	struct intake intake;
	struct native native;

	(void)state;
	out.stage = "delivered";
	assert_int_equal(write_as(&out, NULL).bytes.n, 0);
	out.stage = "registered";
	out.external_no = "OZD-1";
	intake = world_read_bytes(write_as(&out, NULL).bytes, mem);
	assert_int_equal(intake.n, 1);
	assert_null(intake.items[0].record);
	assert_string_equal(intake.items[0].confirms, "У-2026-7");
	assert_string_equal(intake.items[0].case_no, "OZD-1");
	out.stage = "refused";
	out.stage_err = ERR_CANNOT_OPEN;
	native = write_as(&out, NULL);
	assert_non_null(strstr(arena_strn(mem, native.bytes.p, native.bytes.n), "У-2026-7;refused;;NSK-1105 "));
	/* what was said on a conference's thread has its number */
	out.referral = record_of_lines("kind=conference-invite\nconference.conference_id=КОН-1\n", mem);
	native = write_as(&out, NULL);
	assert_non_null(strstr(arena_strn(mem, native.bytes.p, native.bytes.n), "КОН-1;refused;;NSK-1105 "));
}

/* Of a referral that nobody has opened the four words of its preview, and cells for the answer; the table put back with those filled in is
 * the answer, of the very referral that it was about, and nothing of it is left out and counted.
 */
static void
preview_and_its_answer(void **state)
{
	static const char HEAD[] = "\xEF\xBB\xBF" "referral_no;msg_id;from_agency;received_at;respond_by;age_band;service_kind;municipality_code;"
				   "priority;to;reason_code;reason;case_no;worker_name;worker_role\r\n";
	struct record *record = record_file(VECTORS "full.record");
	struct outgoing out = outgoing_of(NULL, record);
	struct intake intake;
	struct native native;
	const char *text;

	(void)state;
	record->referral->preview = record_new(mem, "preview");
	*record->referral->preview = (struct preview){ .age_band = "7-11", .service_kind = "psych-counselling", .municipality = "PDV22",
						       .priority = "urgent" };
	out.stage = "preview";
	native = write_as(&out, NULL);
	text = arena_strn(mem, native.bytes.p, native.bytes.n);
	assert_memory_equal(text, HEAD, sizeof(HEAD) - 1);
	assert_non_null(strstr(text, "\nУ-2026-7;" MSG_ID ";"));
	assert_non_null(strstr(text, ";7-11 г.;psych-counselling;PDV22;urgent;;;;;;\r\n"));
	assert_null(strstr(text, record->referral->reason_text));
	assert_null(strstr(text, record->referral->child->family));

	intake = world_read(text, mem);		/* nothing filled in: no answer */
	assert_int_equal(intake.items[0].e, ERR_REQUIRED);
	assert_string_equal(intake.items[0].why.where, "to");
	text = arena_strn(mem, text, (size_t)(strstr(text, ";urgent;") - text));
	intake = world_read(arena_fmt(mem, "%s;urgent;Отказан;wrong-service;Не е за нас.;вх-9;Проба;психолог\r\n", text), mem);
	assert_int_equal(intake.n, 1);
	assert_int_equal(intake.items[0].e, OK);
	assert_string_equal(intake.items[0].record->status->referral_id, MSG_ID);
	assert_string_equal(intake.items[0].record->status->to, "declined");
	assert_string_equal(intake.items[0].record->status->reason_code, "wrong-service");
	assert_string_equal(intake.items[0].record->status->actor->role, "психолог");
	assert_string_equal(intake.items[0].case_no, "вх-9");
	assert_null(intake.items[0].record->dropped);
	intake = world_read(arena_fmt(mem, "%s;urgent;отворен;;;;;\r\n", text), mem);
	assert_string_equal(intake.items[0].record->status->to, "received");
}

/* A record that does not fit into the memory of one message is refused, wherever the memory ends, and never cut. */
static void
any_memory(void **state)
{
	struct record *record = record_file(VECTORS "full.record");
	struct outgoing out = outgoing_of(record, record);
	struct sector_env env = world_env();
	enum err e = ERR_TOOBIG;

	(void)state;
	for (size_t cap = 128; e != OK; cap += 128) {
		struct arena *small = arena_new(cap);
		struct native native = { .charset = "windows-1251" };

		e = education_from_record(&out, FORMAT_CSV, &env, small, &native, NULL);
		assert_true(e == OK || (e == ERR_TOOBIG && native.bytes.n == 0));
		arena_free(small);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(referral_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(status_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_left_out_is_said, setup, teardown),
		cmocka_unit_test_setup_teardown(published_columns, setup, teardown),
		cmocka_unit_test_setup_teardown(never_spoilt, setup, teardown),
		cmocka_unit_test_setup_teardown(no_formulas, setup, teardown),
		cmocka_unit_test_setup_teardown(stages, setup, teardown),
		cmocka_unit_test_setup_teardown(preview_and_its_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(any_memory, setup, teardown),
	};

	return cmocka_run_group_tests_name("from_record", tests, NULL, NULL);
}
