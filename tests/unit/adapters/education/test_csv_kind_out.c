/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/education/csv_world.h"

#include "adapters/education/csv_kind.h"
#include "tests/support/record_random.h"
#include "tests/support/arena_fixture.h"

#define MSG_ID "019c7d2e-5a11-7c3b-9d42-6f0e1a2b3c4d"
#define ROUNDS 60

static const char *const codes[] = {
#define KIND(number, code, body, topic, place, who, when) code,
#include "proto/kind.def"
#undef KIND
};
#define N_KINDS (sizeof(codes) / sizeof(codes[0]))

static struct native
write_as(const struct record *record, const char *charset)
{
	struct outgoing out = { .msg_id = MSG_ID, .thread = "00", .from = "ozd-plovdiv", .record = record };
	struct sector_env env = world_env();
	struct native native = { .charset = charset };
	struct why why;

	assert_int_equal(education_from_record(&out, FORMAT_CSV, &env, mem, &native, &why), OK);
	return native;
}

/* Told by the first line that differs: a whole record is longer than a test's message may be. */
static void
same_lines(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	if (*a || *b)
		fail_msg("from here: \"%.200s\" is \"%.200s\"", a, b);
}

/* A record of every kind whose rows hold it all, with random contents, is the same after the way to its table and back: in UTF-8, and in
 * windows-1251 where that has its letters. What has none is not written at all. */
static void
every_kind_round_trip(void **state)
{
	unsigned n_tried = 0;

	(void)state;
	for (size_t k = 0; k < N_KINDS; k++) {
		const struct kind *kind = kind_by_code(codes[k]);

		for (unsigned i = 0; csv_kind_has_rows(kind) && !csv_kind_is_file(kind) && i < ROUNDS; i++) {
			struct record_random r = { .state = k * 1000 + i, .mem = mem };
			struct record *record = random_record(&r, kind);
			struct native native;
			struct intake intake;

			assert_non_null(record);
			record->source = "csv";
			record->native_id = arena_fmt(mem, "Н-%u", i);
			native = write_as(record, i % 2 ? "windows-1251" : NULL);
			intake = world_read_bytes(native.bytes, mem);
			assert_int_equal(intake.e, OK);
			assert_int_equal(intake.n, 1);
			assert_string_equal(intake.items[0].why.where, "");
			same_lines(record_lines(record, mem), record_lines(intake.items[0].record, mem));
			assert_string_equal(intake.items[0].native_id, arena_fmt(mem, "%s|Н-%u", kind->code, i));
			arena_reset(mem);
			n_tried++;
		}
	}
	assert_int_equal(n_tried, ROUNDS * (N_KINDS - 5));	/* referral, status-change, attachment, and the two between adapters */
}

static size_t
columns_of(const char *bytes)
{
	size_t n = 1;

	for (; *bytes && *bytes != '\r'; bytes++)
		n += *bytes == ';';
	return n;
}

static bool
has_lists_in_lists(const struct record_type *type, bool is_in)
{
	for (size_t i = 0; i < type->n_fields; i++)
		if (type->fields[i].of && ((is_in && type->fields[i].kind == FIELD_MSGS) ||
					   has_lists_in_lists(type->fields[i].of, is_in || type->fields[i].kind == FIELD_MSGS)))
			return true;
	return false;
}

/* Every kind's columns are no more than a table may have, and an element of its lists has no list of its own: the shape can hold all
 * kinds, and a new one that it cannot fails here. */
static void
shape_holds_every_kind(void **state)
{
	(void)state;
	for (size_t k = 0; k < N_KINDS; k++) {
		const struct kind *kind = kind_by_code(codes[k]);
		struct record_random r = { .state = k, .mem = mem };

		if (!csv_kind_has_rows(kind))
			continue;
		assert_true(columns_of((const char *)write_as(random_record(&r, kind), NULL).bytes.p) <= CSV_COLUMNS_MAX);
		assert_false(has_lists_in_lists(record_field(record_type(), kind->body)->of, false));
	}
}

static void
names_lists(const char *manual, const char *prefix, const struct record_type *type)
{
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];
		const char *name = arena_fmt(mem, "%s%s%s", prefix, *prefix ? "." : "", f->name);

		if (f->kind == FIELD_MSG)
			names_lists(manual, name, f->of);
		else if ((f->kind == FIELD_MSGS || f->kind == FIELD_TEXTS) && !strstr(manual, name))
			fail_msg("MAPPING.md lacks the list %s", name);
	}
}

/* MAPPING.md has every kind that has rows, and each list whose elements are rows. */
static void
manual_names_every_kind(void **state)
{
	struct span text = world_file("adapters/education/MAPPING.md", mem);
	const char *manual = arena_strn(mem, text.p, text.n), *line;

	(void)state;
	manual = strstr(manual, "## Records");
	assert_non_null(manual);
	for (size_t k = 0; k < N_KINDS; k++) {
		if (!csv_kind_has_rows(kind_by_code(codes[k])))
			continue;
		line = strstr(manual, arena_fmt(mem, "| `%s`", codes[k]));
		if (!line)
			line = strstr(manual, arena_fmt(mem, ", `%s`", codes[k]));
		if (!line)
			fail_msg("MAPPING.md lacks %s", codes[k]);
		names_lists(arena_strn(mem, line, strcspn(line, "\n")), "", record_field(record_type(), kind_by_code(codes[k])->body)->of);
	}
}

/* What a school sees: the columns by their paths, a row for each question, times of this country, the alias of an agency. */
static void
readable(void **state)
{
	static const char asked[] = "kind=info-request\ninfo_request.referral_id=У-7\ninfo_request.questions[0].qid=q1\n"
		"info_request.questions[0].text=Идва ли; редовно?\ninfo_request.questions[0].answer_type=bool\n"
		"info_request.questions[1].qid=q2\ninfo_request.questions[1].text=Кой води?\n"
		"info_request.answer_by=2026-03-05T15:00:00Z\n";
	struct record *record = record_of_lines(asked, mem);
	static const char want[] = "\xEF\xBB\xBF" "kind;record_id;msg_id;from_agency;referral_id;questions.qid;questions.text;questions.code;"
		"questions.answer_type;questions.required;questions.why_needed;answer_by;legal_basis\r\n"
		"info-request;;" MSG_ID ";ОЗД Пловдив;У-7;q1;\"Идва ли; редовно?\";;bool;;;2026-03-05T17:00:00+02:00;\r\n"
		";;;;;q2;Кой води?;;;;;;\r\n";
	struct native native;

	(void)state;
	assert_non_null(record);
	native = write_as(record, NULL);
	assert_string_equal(arena_strn(mem, native.bytes.p, native.bytes.n), want);
}

/* A file that came is a row that names it and says whose it is; given back to another adapter, the row is the same, and nothing tells how the
 * file was cut.
 */
static void
files(void **state)
{
	static const char said[] = "attachment.referral_id=У-7\nattachment.att_id=A-1\nattachment.filename=Молба; препис.pdf\n"
		"attachment.media_type=application/pdf\nattachment.size=3\n"
		"attachment.sha256=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n"
		"attachment.category=certificate\nattachment.retain_until=2031-01-01\n";
	struct record *record = record_of_lines(arena_fmt(mem, "kind=attachment\n%sattachment.part=1\nattachment.parts=1\nattachment.data=YWJj\n", said), mem);
	struct outgoing out = { .msg_id = MSG_ID, .from = "ozd-plovdiv", .record = record, .file = MSG_ID ".pdf", .href = "/v1/files/x/content" };
	struct sector_env env = world_env();
	struct native native = { .charset = NULL };
	struct intake intake;
	struct why why;
	const char *text;

	(void)state;
	assert_int_equal(education_from_record(&out, FORMAT_CSV, &env, mem, &native, &why), OK);
	text = arena_strn(mem, native.bytes.p, native.bytes.n);
	assert_non_null(strstr(text, "kind;record_id;msg_id;from_agency;file;href;referral_id;conference_id;att_id;of_msg;filename;media_type;size;sha256;"
			       "category;confidentiality;retain_until\r\n"
			       "attachment;;" MSG_ID ";ОЗД Пловдив;" MSG_ID ".pdf;/v1/files/x/content;У-7;;A-1;;\"Молба; препис.pdf\";application/pdf;3;"));
	intake = world_read_bytes(native.bytes, mem);
	assert_int_equal(intake.n, 1);
	assert_string_equal(intake.items[0].file, MSG_ID ".pdf");
	assert_string_equal(record_lines(intake.items[0].record, mem), arena_fmt(mem, "kind=attachment\nsource=csv\n%s", said));
}

/* A row that would be longer than is read back is refused, and never cut; so is a record that does not fit into the memory. */
static void
limits(void **state)
{
	struct record *record = record_of_lines("kind=consent-answer\nconsent_answer.referral_id=У-7\n", mem);
	struct outgoing out = { .msg_id = MSG_ID, .from = "ozd-plovdiv", .record = record };
	struct sector_env env = world_env();
	char *text = arena_alloc(mem, CSV_ROW_BYTES_MAX + 1);
	enum err e = ERR_TOOBIG;

	(void)state;
	for (size_t cap = 128; e != OK; cap += 128) {
		struct arena *small = arena_new(cap);
		struct native native = { .charset = NULL };

		e = education_from_record(&out, FORMAT_CSV, &env, small, &native, NULL);
		assert_true(e == OK || (e == ERR_TOOBIG && native.bytes.n == 0));
		arena_free(small);
	}
	memset(text, 'x', CSV_ROW_BYTES_MAX);
	record->consent_answer->ground = text;
	for (int i = 0; i < 2; i++) {
		struct native native = { .charset = NULL };

		assert_int_equal(education_from_record(&out, FORMAT_CSV, &env, mem, &native, NULL), i ? OK : ERR_TOOBIG);
		text[CSV_ROW_BYTES_MAX - 200] = '\0';
	}
}

/* A path is told by the school's column, whichever element it is of. */
static void
columns_by_path(void **state)
{
	(void)state;
	assert_string_equal(csv_kind_column("info_request.questions[2].text", mem), "questions.text");
	assert_string_equal(csv_kind_column("assessment.plan.goals[0].text", mem), "plan.goals.text");
	assert_string_equal(csv_kind_column("rsvp.native_id", mem), CSV_KIND_ID);
	assert_string_equal(csv_kind_column("info_request.questions[2", mem), "questions");
	assert_null(csv_kind_column("referral.child.given", mem));
	assert_null(csv_kind_column("row 7", mem));
	assert_null(csv_kind_column("", mem));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_kind_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(shape_holds_every_kind, setup, teardown),
		cmocka_unit_test_setup_teardown(manual_names_every_kind, setup, teardown),
		cmocka_unit_test_setup_teardown(readable, setup, teardown),
		cmocka_unit_test_setup_teardown(files, setup, teardown),
		cmocka_unit_test_setup_teardown(limits, setup, teardown),
		cmocka_unit_test_setup_teardown(columns_by_path, setup, teardown),
	};

	return cmocka_run_group_tests_name("csv_kind_out", tests, NULL, NULL);
}
