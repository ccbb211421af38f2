/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/education/csv_world.h"
#include "tests/support/arena_fixture.h"

#define ANSWERS "kind;referral_id;answers.qid;answers.text;answers.yes\n"

/* What a table of one record becomes, or the code and column of its refusal. */
static const char *
lines_of(const char *table)
{
	struct intake intake = world_read(table, mem);

	assert_int_equal(intake.e, OK);
	assert_int_equal(intake.n, 1);
	return intake.items[0].e == OK ? record_lines(intake.items[0].record, mem) :
		arena_fmt(mem, "%s %s", err_name(intake.items[0].e), intake.items[0].why.where);
}

/* A row without a kind goes on with the record above it: each row is an element of its lists. The next kind begins the next. */
static void
rows_of_a_record(void **state)
{
	struct intake intake = world_read(ANSWERS "info-response;У-7;q1;Баба му.;\n;;q2;;да\n;;q3;;не\n"
		"info-response;У-8;q1;Няма;\n", mem);

	(void)state;
	assert_int_equal(intake.n, 2);
	assert_string_equal(record_lines(intake.items[0].record, mem), "kind=info-response\nsource=csv\n"
		"info_response.referral_id=У-7\ninfo_response.answers[0].qid=q1\ninfo_response.answers[0].text=Баба му.\n"
		"info_response.answers[1].qid=q2\ninfo_response.answers[1].yes=true\n"
		"info_response.answers[2].qid=q3\ninfo_response.answers[2].yes=false\n");
	assert_int_equal(intake.items[0].row, 2);
	assert_int_equal(intake.items[1].row, 5);
	assert_string_equal(intake.items[1].record->info_response->referral_id, "У-8");
}

/* A program that repeats all cells in every row says one record, if record_id is the same and nothing else differs. */
static void
repeated_cells(void **state)
{
	static const char head[] = "kind;record_id;referral_id;answers.qid;answers.text\n";
	struct intake intake = world_read(arena_fmt(mem, "%s%s", head, "info-response;A;У-7;q1;x\ninfo-response;A;У-7;q2;y\n"
		"info-response;B;У-7;q2;y\n"), mem);

	(void)state;
	assert_int_equal(intake.n, 2);
	assert_int_equal(intake.items[0].record->info_response->n_answers, 2);
	assert_string_equal(intake.items[0].native_id, "info-response|A");
	assert_string_equal(intake.items[0].record->native_id, "A");
	intake = world_read(arena_fmt(mem, "%s%s", head, "info-response;A;У-7;q1;x\ninfo-response;A;У-8;q2;y\n"), mem);
	assert_int_equal(intake.n, 1);
	assert_int_equal(intake.items[0].e, ERR_DUPLICATE);
	assert_string_equal(intake.items[0].why.where, "referral_id");
	assert_null(intake.items[0].record);
}

/* Paths may carry the body's name or an element's number; dates, words and numbers are read as in the other tables. */
static void
tolerant(void **state)
{
	static const struct { const char *table, *want; } CASES[] = {
		{ "KIND;commitment_update.Conference_ID;commitment_id;state;at;new_due;evidence\n"
		  "commitment-update;К-1;А-1;Изпълнен;7.3.2026 16:30;15.03.2026 г.;Писмо | №3\n",
		  "kind=commitment-update\nsource=csv\ncommitment_update.commitment_id=А-1\ncommitment_update.conference_id=К-1\n"
		  "commitment_update.state=done\ncommitment_update.at=2026-03-07T14:30:00Z\ncommitment_update.new_due=2026-03-15\n"
		  "commitment_update.evidence=Писмо | №3\n" },
		{ "kind;conference_id;answer;delegate.name\nconference-rsvp;К-1;Ще участва;Директор\n",
		  "kind=conference-rsvp\nsource=csv\nrsvp.conference_id=К-1\nrsvp.answer=accept\nrsvp.delegate.name=Директор\n" },
		{ "kind,referral_no,questions[0].text,questions[1].text,answer_by\ninfo-request,У-7,а?,б?,05.03.2026\n",
		  "kind=info-request\nsource=csv\ninfo_request.referral_id=У-7\ninfo_request.questions[0].text=а?\n"
		  "info_request.questions[1].text=б?\ninfo_request.answer_by=2026-03-05T21:59:59Z\n" },
		{ "kind;referral_id;answers.qid;answers.attachments\ninfo-response;У-7;q1;ф1|ф2 \\| б\n",
		  "kind=info-response\nsource=csv\ninfo_response.referral_id=У-7\ninfo_response.answers[0].qid=q1\n"
		  "info_response.answers[0].attachments=ф1\ninfo_response.answers[0].attachments=ф2 | б\n" },
		{ "kind;transfer_id;target.agency;child.ids.type;child.ids.value;child.address.ekatte\n"
		  "transfer-offer;П-1;ОЗД Пловдив;ЕГН;141010027;702\n",
		  "kind=transfer-offer\nsource=csv\ntransfer.transfer_id=П-1\ntransfer.child.ids[0].type=EGN\n"
		  "transfer.child.ids[0].value=0141010027\ntransfer.child.address.ekatte=00702\ntransfer.target.agency=ozd-plovdiv\n" },
		{ "kind;referral_id;type;reason;reason_code;asked_by;no_such_column\ncancellation;У-7;error;x;other;agency;y\n",
		  "kind=cancellation\ndropped=1\nsource=csv\ncancellation.referral_id=У-7\ncancellation.type=error\n"
		  "cancellation.reason=x\ncancellation.reason_code=other\ncancellation.asked_by=agency\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
		assert_string_equal(lines_of(CASES[i].table), CASES[i].want);
}

/* What is wrong is refused with its column, and no record is left. */
static void
refusals(void **state)
{
	static const struct { const char *table, *want; } CASES[] = {
		{ "kind;a\nreferral;x\n", "ERR_UNSUPPORTED kind" }, { "kind;a\nattachment;x\n", "ERR_REQUIRED file" },
		{ "kind;a\nthread-state;x\n", "ERR_UNSUPPORTED kind" }, { "kind;a\nno-kind;x\n;y\n", "ERR_UNKNOWN_CODE kind" },
		{ "kind;a\n;x\n;y\n", "ERR_REQUIRED kind" },
		{ "kind;conference_id;answer\nconference-rsvp;К-1;perhaps\n", "ERR_UNKNOWN_CODE answer" },
		{ "kind;referral_id;answer_by\ninfo-request;У-7;30.02.2026\n", "ERR_BAD_DATE answer_by" },
		{ "kind;referral_id;answers.yes\ninfo-response;У-7;понякога\n", "ERR_UNKNOWN_CODE answers.yes" },
		{ "kind;referral_id;questions[7].text\ninfo-request;У-7;x\n", "ERR_UNKNOWN_FIELD questions[7].text" },
		{ "kind;commitment_id;version\ncommitment;А-1;два\n", "ERR_BAD_NUMBER version" },
	};
	struct intake intake;
	struct buf b;

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
		assert_string_equal(lines_of(CASES[i].table), CASES[i].want);
	buf_init(&b, mem);
	buf_str(&b, ANSWERS "info-response;У-7;q;x;\n");
	for (int i = 1; i <= 32; i++)
		buf_fmt(&b, ";;q%d;x;\n", i);
	assert_string_equal(lines_of(buf_text(&b)), "ERR_TOOMANY answers.qid");
	/* columns with names that are no paths are left out, whatever they are */
	intake = world_read("kind;referral_id;a[;.;[0];questions;questions.;questions[99999].text;questions[0].text.x;referral_id[0]\n"
		"info-request;У-7;1;2;3;4;5;6;7;8\n", mem);
	assert_int_equal(intake.items[0].e, OK);
	assert_int_equal(*intake.items[0].record->dropped, 8);
}

/* A row that cannot be read refuses the record above too: it may have been its last. */
static void
unreadable_row(void **state)
{
	struct intake intake = world_read(ANSWERS "info-response;У-7;q1;x;\n;;q2;;да;x\ninfo-response;У-8;q1;x;\n", mem);

	(void)state;
	assert_int_equal(intake.n, 3);
	assert_int_equal(intake.items[0].e, ERR_BAD_ROW);
	assert_null(intake.items[0].record);
	assert_int_equal(intake.items[1].e, ERR_BAD_ROW);
	assert_int_equal(intake.items[2].e, OK);
	intake = world_read(ANSWERS "info-response;У-7;q1;x;\n;;\"q2;;да\n;;q3;;да\n", mem);
	assert_int_equal(intake.n, 3);
	for (size_t i = 0; i < intake.n; i++)
		assert_int_not_equal(intake.items[i].e, OK);
	assert_int_equal(intake.items[2].e, ERR_REQUIRED);
}

/* A row of kind attachment names a file; what else it is called by is its name, if nothing is said. Columns of other kinds of the same table are
 * its own, and theirs are not `file`.
 */
static void
files(void **state)
{
	static const char table[] = "kind;record_id;referral_no;file;filename;category;answers.text;part;data\n"
		"attachment;;У-7;молба.pdf;;Служебна бележка;;;\nattachment;Ф-2;У-7;б.docx;Становище.docx;;;2;YQ==\n"
		"info-response;О-1;У-7;x.pdf;;;Да.;;\nattachment;;У-7;;;;;;\nattachment;;У-7;a.pdf;;няма такава;;;\n"
		"attachment;;У-7;a.pdf;;;;;\n;;;b.pdf;;;;;\n";
	struct intake intake = world_read(table, mem);
	const struct intake_item *items = intake.items;

	(void)state;
	assert_int_equal(intake.n, 6);
	assert_string_equal(items[0].file, "молба.pdf");
	assert_false(items[0].is_named);
	assert_string_equal(record_lines(items[0].record, mem), "kind=attachment\nsource=csv\nattachment.referral_id=У-7\n"
			    "attachment.filename=молба.pdf\nattachment.category=certificate\n");
	assert_true(items[1].is_named);
	assert_string_equal(items[1].native_id, "attachment|Ф-2");
	assert_string_equal(record_lines(items[1].record, mem), "kind=attachment\ndropped=2\nsource=csv\nnative_id=Ф-2\nattachment.referral_id=У-7\n"
			    "attachment.filename=Становище.docx\n");
	assert_null(items[2].file);
	assert_int_equal(*items[2].record->dropped, 1);
	assert_int_equal(items[3].e, ERR_REQUIRED);
	assert_string_equal(items[3].why.where, "file");
	assert_int_equal(items[4].e, ERR_UNKNOWN_CODE);
	assert_string_equal(items[4].file, "a.pdf");
	/* a kind forgotten is no file forgotten */
	assert_int_equal(items[5].e, ERR_DUPLICATE);
	assert_string_equal(items[5].why.where, "file");
}

/* In the result a file's row calls itself by its number, or by the file. */
static void
files_results(void **state)
{
	static const char table[] = "kind;record_id;referral_no;file\nattachment;;У-7;молба.pdf\nattachment;Ф-2;У-7;б.docx\n";
	struct native in = { .format = FORMAT_CSV, .bytes = span_str(table) }, answer;
	struct sector_env env = world_env();
	struct intake intake = world_read(table, mem);
	const char *text;

	(void)state;
	intake.items[0].msg_id = "m-1";
	intake.items[1].e = why_set(&intake.items[1].why, ERR_FILE_MISSING, "file", "-");
	assert_int_equal(education_answer(&in, &intake, &env, mem, &answer), OK);
	text = arena_strn(mem, answer.bytes.p, answer.bytes.n);
	assert_non_null(strstr(text, "\r\nмолба.pdf;accepted;;m-1;\r\nФ-2;refused;file;\"NSK-1509 "));
	intake.items[1].e = why_set(&intake.items[1].why, ERR_UNKNOWN_REFERRAL, "attachment.referral_id", "-");
	assert_int_equal(education_answer(&in, &intake, &env, mem, &answer), OK);
	assert_non_null(strstr(arena_strn(mem, answer.bytes.p, answer.bytes.n), "Ф-2;refused;referral_id;NSK-1403 "));
}

/* Without a record_id the same rows are the same message, and any other cell makes another. */
static void
same_again(void **state)
{
	static const char *const TABLES[] = {
		ANSWERS "info-response;У-7;q1;x;\n;;q2;y;\n", ANSWERS "info-response;У-7;q1;x;\n;;q2;z;\n",
		ANSWERS "info-response;У-7;q1;x;\n", ANSWERS "info-response;У-7;q1x;;\n",
	};

	(void)state;
	for (size_t i = 0; i < 4; i++)
		for (size_t k = 0; k < 4; k++)
			assert_int_equal(strcmp(world_read(TABLES[i], mem).items[0].native_id,
						world_read(TABLES[k], mem).items[0].native_id) == 0, i == k);
}

/* The result has a line for each record, named by its number, with the column of what the core refuses. */
static void
results(void **state)
{
	static const char table[] = ANSWERS "info-response;У-7;q1;x;\n;;q2;;да\ninfo-response;У-8;q1;;понякога\n";
	struct native in = { .format = FORMAT_CSV, .bytes = span_str(table) }, answer;
	struct sector_env env = world_env();
	struct intake intake = world_read(table, mem);
	const char *text;

	(void)state;
	intake.items[0].msg_id = "m-1";
	intake.items[0].warning = "Бавно.";
	assert_int_equal(education_answer(&in, &intake, &env, mem, &answer), OK);
	text = arena_strn(mem, answer.bytes.p, answer.bytes.n);
	assert_non_null(strstr(text, "referral_no;result;field;message;warning\r\nУ-7;accepted;;m-1;Бавно.\r\nУ-8;refused;answers.yes;\"NSK-1303 "));
	intake.items[0].e = why_set(&intake.items[0].why, ERR_REQUIRED, "info_response.answers[1].qid", "-");
	assert_int_equal(education_answer(&in, &intake, &env, mem, &answer), OK);
	assert_non_null(strstr(arena_strn(mem, answer.bytes.p, answer.bytes.n), "У-7;refused;answers.qid;NSK-1301 "));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rows_of_a_record, setup, teardown),
		cmocka_unit_test_setup_teardown(repeated_cells, setup, teardown),
		cmocka_unit_test_setup_teardown(tolerant, setup, teardown),
		cmocka_unit_test_setup_teardown(refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(unreadable_row, setup, teardown),
		cmocka_unit_test_setup_teardown(same_again, setup, teardown),
		cmocka_unit_test_setup_teardown(results, setup, teardown),
		cmocka_unit_test_setup_teardown(files, setup, teardown),
		cmocka_unit_test_setup_teardown(files_results, setup, teardown),
	};

	return cmocka_run_group_tests_name("csv_kind_in", tests, NULL, NULL);
}
