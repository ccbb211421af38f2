/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/nhis_world.h"

#define BEGIN "<n:message xmlns:n='https://www.his.bg'><n:header><n:messageType value='R001'/></n:header>"
#define HEAD BEGIN "<n:contents><n:referral><n:lrn value='7'/>"
#define NAME "<n:name><n:given value='А'/><n:family value='Б'/></n:name>"
#define CHILD "<n:subject><n:birthDate value='2019-11-30'/><n:gender value='1'/>" NAME "</n:subject>"
#define SUBJECT "</n:referral>" CHILD "<n:requester/></n:contents></n:message>"
#define EMPTY(type) "<message xmlns='https://www.his.bg'><header><messageType value='" type "'/></header><contents/></message>"

static const struct intake_item *
one(const struct intake *intake)
{
	assert_int_equal(intake->e, OK);
	assert_int_equal(intake->n, 1);
	return &intake->items[0];
}

/* The vectors give the records beside them: every element of R001 that has a field, the rest counted. */
static void
reads_the_vectors(void **state)
{
	static const char *const NAMES[] = { "nhis-r001", "nhis-r001-r3-minimal", "nhis-r007" };

	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		struct intake intake = nhis_world_read(world_file(arena_fmt(*state, NHIS_VECTOR("%s.xml"), NAMES[i]), *state), *state);
		const struct intake_item *item = one(&intake);

		assert_int_equal(item->e, OK);
		assert_non_null(item->native_id);
		world_same_as_file(arena_fmt(*state, NHIS_VECTOR("%s.record"), NAMES[i]), record_lines(item->record, *state), *state);
	}
}

/* The record of a full R001 passes the record's own checks once the core has completed it. */
static void
full_one_is_a_good_record(void **state)
{
	struct intake intake = nhis_world_read(world_file(NHIS_VECTOR("nhis-r001.xml"), *state), *state);
	struct why why;

	assert_int_equal(record_check(nhis_world_complete(one(&intake)->record, *state), &why), OK);
	assert_int_equal(*intake.items[0].record->dropped, 7);	/* basedOn, financingSource, age, three of the requester, and a type that nobody maps */
}

/* Only what another agency can do is taken: the rest says wrong-service, with the place. */
static void
other_categories_are_refused(void **state)
{
	static const char *const OTHERS[] = { "R1", "R4", "R5", "R8", "r2", "X" };

	for (size_t i = 0; i < sizeof(OTHERS) / sizeof(OTHERS[0]); i++) {
		struct intake intake = nhis_world_read(arena_fmt(*state, HEAD "\n<n:category value='%s'/>" SUBJECT, OTHERS[i]), *state);
		const struct intake_item *item = one(&intake);

		assert_int_equal(item->e, ERR_WRONG_SERVICE);
		assert_string_equal(item->why.where, "referral/category");
		assert_non_null(strstr(item->why.text, "wrong-service"));
		assert_int_equal(item->why.line, 2);
		assert_int_equal(item->why.col, 1);
		assert_null(item->record);
	}
}

/* Older programs leave the category out: the element that they fill in says it. */
static void
category_by_its_element(void **state)
{
	struct intake intake = nhis_world_read(HEAD "<n:consultation><n:qualification value='1042'/></n:consultation>" SUBJECT, *state);

	assert_int_equal(one(&intake)->e, OK);
	assert_string_equal(intake.items[0].record->referral->service_kind, "speech-therapy");
	intake = nhis_world_read(HEAD "<n:laboratory><n:code value='01'/></n:laboratory>" SUBJECT, *state);
	assert_int_equal(one(&intake)->e, ERR_REQUIRED);
}

/* A specialty that nobody has mapped is `other`, with its codes in words; nothing is guessed. */
static void
unmapped_specialty(void **state)
{
	struct intake intake = nhis_world_read(HEAD "<n:category value='R2'/><n:priority value='2'/><n:consultation>"
						    "<n:qualification value='9999' nhifCode='01'/></n:consultation>" SUBJECT, *state);
	const struct referral *r = one(&intake)->record->referral;

	assert_string_equal(r->service_kind, "other");
	assert_string_equal(r->service_text, "CL006 9999, nhifCode 01");
	assert_string_equal(r->priority, "urgent");
	assert_non_null(strstr(r->reason_text, "CL006 9999"));
	assert_int_equal(intake.items[0].record->assumed.n, 1);	/* the reason was not written by the sender */
}

/* What is missing or wrong names its element. */
static void
faults_name_their_element(void **state)
{
	static const struct { const char *body; enum err e; const char *where; } CASES[] = {
		{ "<n:category value='R2'/><n:authoredOn value='02.03.2026'/>", ERR_BAD_DATE, "referral/authoredOn" },
		{ "<n:category value='R2'/><n:diagnosis><n:code value='F80'/><n:rank value='first'/></n:diagnosis>", ERR_BAD_NUMBER,
		  "referral/diagnosis" },
		{ "", ERR_REQUIRED, "referral/category" },
	};
	struct intake intake;

	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		intake = nhis_world_read(arena_fmt(*state, HEAD "%s" SUBJECT, CASES[i].body), *state);
		assert_int_equal(one(&intake)->e, CASES[i].e);
		assert_string_equal(intake.items[0].why.where, CASES[i].where);
		assert_true(intake.items[0].why.line == 1 && intake.items[0].why.col > 1);
	}
	intake = nhis_world_read("<message xmlns='https://www.his.bg'><header><messageType value='R001'/></header><contents><referral>"
				 "<category value='R2'/></referral></contents></message>", *state);
	assert_int_equal(one(&intake)->e, ERR_REQUIRED);
	assert_string_equal(intake.items[0].why.where, "referral/lrn");
}

/* Other messages, other namespaces and what is no XML at all are refused whole. */
static void
other_messages_are_refused(void **state)
{
	assert_int_equal(nhis_world_read(EMPTY("X001"), *state).e, ERR_UNSUPPORTED);
	assert_int_equal(nhis_world_read("<message xmlns='https://www.his.bg'><contents/></message>", *state).e, ERR_REQUIRED);
	assert_int_equal(nhis_world_read("<message xmlns='urn:other'><contents/></message>", *state).e, ERR_UNSUPPORTED);
	assert_int_equal(nhis_world_read("<html/>", *state).e, ERR_UNSUPPORTED);
	assert_int_equal(nhis_world_read("{}", *state).e, ERR_SYNTAX);
	assert_int_equal(nhis_world_read("", *state).e, ERR_CUT_OFF);
	assert_int_equal(nhis_world_read("<!DOCTYPE x><x/>", *state).e, ERR_SYNTAX);
}

/* An R002 is the practice's confirmation of what it was handed: both numbers must be there. */
static void
r002_confirms(void **state)
{
	static const char text[] = "<message xmlns='https://www.his.bg'><header><messageType value='R002'/></header><contents>"
		"<nrnReferral value=' 23061A000124 '/><lrn value='PDV22-17'/></contents></message>";
	struct intake intake = nhis_world_read(text, *state);

	assert_int_equal(one(&intake)->e, OK);
	assert_null(intake.items[0].record);
	assert_string_equal(intake.items[0].confirms, "PDV22-17");
	assert_string_equal(intake.items[0].case_no, "23061A000124");
	intake = nhis_world_read("<message xmlns='https://www.his.bg'><header><messageType value='R002'/></header><contents>"
				 "<lrn value='PDV22-17'/></contents></message>", *state);
	assert_int_equal(one(&intake)->e, ERR_REQUIRED);
	assert_null(intake.items[0].confirms);
}

/* More diagnoses than the record holds are refused, not cut. */
static void
too_many_diagnoses(void **state)
{
	struct intake intake;
	struct buf b;

	buf_init(&b, *state);
	buf_str(&b, HEAD "<n:category value='R2'/>");
	for (int i = 0; i <= NHIS_DIAGNOSES_MAX; i++)
		buf_fmt(&b, "<n:diagnosis><n:code value='F%02d'/></n:diagnosis>", i);
	buf_str(&b, SUBJECT);
	intake = nhis_world_read(buf_text(&b), *state);
	assert_int_equal(one(&intake)->e, ERR_TOOMANY);
}

/* Each value that nobody reads is counted, whatever it is: an element, one that stands again, an attribute, a code without a meaning. */
static void
each_unread_value_counts(void **state)
{
#define R2 HEAD "<n:category value='R2'/>"
	static const struct { const char *text; int n; } ROWS[] = {
		{ R2 SUBJECT, 0 },
		{ R2 "<n:basedOn value='1'/>" SUBJECT, 1 },
		{ R2 "<n:lrn value='8'/>" SUBJECT, 1 },
		{ R2 "<n:priority value='no-such'/><n:type value='no-such'/><n:rhifAreaNumber value='9999'/>" SUBJECT, 3 },
		{ R2 "<n:diagnosis><n:code value='F80.1' display='x'/></n:diagnosis><n:diagnosis><n:code value='F81'/></n:diagnosis>" SUBJECT, 1 },
		{ R2 "<n:diagnosis><n:use value='3'/><n:rank value='1'/><n:note value='x'/></n:diagnosis>" SUBJECT, 2 },
		{ R2 "<n:consultation><n:qualification value='1042' nhifCode='64' more='x'/></n:consultation>" SUBJECT, 1 },
		{ R2 "</n:referral>" CHILD "<n:subject><n:phone value='1'/>" NAME "</n:subject><n:requester/></n:contents></n:message>", 3 },
		{ R2 "</n:referral>" CHILD "<n:requester><n:phone value='1'/><n:phone value='2'/></n:requester></n:contents></n:message>", 1 },
	};

	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct intake intake = nhis_world_read(ROWS[i].text, *state);
		const struct record *record = one(&intake)->record;

		if (intake.items[0].e != OK || (record->dropped != NULL ? *record->dropped : 0) != ROWS[i].n)
			fail_msg("%s: %lld", ROWS[i].text, record != NULL && record->dropped != NULL ? (long long)*record->dropped : -1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		NHIS_TEST(reads_the_vectors), NHIS_TEST(full_one_is_a_good_record), NHIS_TEST(other_categories_are_refused),
		NHIS_TEST(category_by_its_element), NHIS_TEST(unmapped_specialty), NHIS_TEST(faults_name_their_element),
		NHIS_TEST(other_messages_are_refused), NHIS_TEST(r002_confirms), NHIS_TEST(too_many_diagnoses),
		NHIS_TEST(each_unread_value_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
