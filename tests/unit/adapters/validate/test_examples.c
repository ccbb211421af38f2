/* SPDX-License-Identifier: EUPL-1.2 */
/* The examples that an agency's developer gets (config/examples): one of each kind in each format that has it, the same record in all,
 * nothing wrong with any, and the table of their README as they are. A new kind without its example fails here.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/education/education.h"
#include "adapters/health/sector.h"
#include "adapters/social/social.h"
#include "adapters/validate/judge.h"
#include "proto/kind.h"
#include "tests/support/record_lines.h"

#include "tests/support/arena_fixture.h"

#define ROOT "config/examples/"
#define FILES_MAX 64
#define BYTES_MAX (1 << 20)
#define NOT_HERE "not in this format"

static const struct form {
	const char *folder;
	enum format format;
	const struct sector *sector;
	bool is_other;			/* of the same case, but less than its record */
	const char *lacks;		/* what of a record it has no place for, as its MAPPING says: words within "path=", joined by blanks */
} forms[] = {
	{ "json", FORMAT_JSON, &social_sector, false, NULL },
	{ "xml", FORMAT_XML, &social_sector, false, NULL },
	{ "fhir", FORMAT_FHIR, &health_sector, false, NULL },
	{ "hl7", FORMAT_HL7, &health_sector, false, "attachment.att_id=" },
	{ "csv", FORMAT_CSV, &education_sector, false, "referral.initiator.unit= attachment.att_id= attachment.media_type= attachment.size= "
	  "attachment.sha256= attachment.part= attachment.parts= attachment.data=" },	/* the file has them */
	{ "nhis", FORMAT_NHIS, &health_sector, true, NULL },
	{ "oscar", FORMAT_OSCAR, &social_sector, true, NULL },
	{ "primero", FORMAT_PRIMERO, &social_sector, true, NULL },
};
#define N_FORMS (sizeof(forms) / sizeof(forms[0]))

static const char *const codes[] = {
#define KIND(number, code, body, topic, place, who, when) code,
#include "proto/kind.def"
#undef KIND
};

static const char *
same(const void *arg, const char *name)
{
	(void)arg;
	return name;
}

static const char *
no_concept(const void *arg, const char *system, const char *code)
{
	(void)arg;
	(void)system;
	(void)code;
	return NULL;
}

static struct span
file_of(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *bytes = arena_alloc(mem, BYTES_MAX);
	size_t n;

	if (!f)
		fail_msg("there is no %s", path);
	assert_non_null(bytes);
	n = fread(bytes, 1, BYTES_MAX, f);
	fclose(f);
	return SPAN(bytes, n);
}

/* What agencies' systems say: all kinds but those between adapters. */
static bool
is_said(const struct kind *kind)
{
	return kind->topic != TOPIC_THREAD && kind->topic != TOPIC_REPORT;
}

/* Is `name` an example of the kind: "02-receiver-info-request.csv"? */
static bool
is_of(const char *name, const char *kind)
{
	const char *who = strlen(name) > 3 ? name + 3 : "";
	size_t n = strlen(kind);

	who += strncmp(who, "sender-", 7) == 0 ? 7 : strncmp(who, "receiver-", 9) == 0 ? 9 : strlen(who);
	return strncmp(who, kind, n) == 0 && who[n] == '.';
}

/* The example of a kind in a format; NULL: there is none. More than one is one too many. */
static const char *
example(const struct form *form, const char *kind)
{
	DIR *dir = opendir(arena_fmt(mem, ROOT "%s", form->folder));
	const struct dirent *entry;
	const char *found = NULL;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (!is_of(entry->d_name, kind))
			continue;
		if (found)
			fail_msg("%s and %s are both of %s", found, entry->d_name, kind);
		found = arena_fmt(mem, "%s/%s", form->folder, entry->d_name);
	}
	closedir(dir);
	return found;
}

static struct intake
intake_of(const struct form *form, const char *name)
{
	const char *path = arena_fmt(mem, ROOT "%s", name);
	struct native in = { .format = form->format, .bytes = file_of(path), .file = name };
	struct sector_env env = { .agency = strstr(name, "-sender-") ? "SENDER" : "RECEIVER", .now_ms = INT64_C(1795700000000),
				  .concept = no_concept, .agency_of = same, .alias_of = same };
	struct intake intake;

	form->sector->to_records(&in, &env, mem, &intake);
	return intake;
}

static const struct record *
read_example(const struct form *form, const char *name)
{
	struct intake intake = intake_of(form, name);

	if (intake.e != OK || intake.n != 1 || intake.items[0].e != OK || !intake.items[0].record)
		fail_msg("%s: %s %s %s", name, err_name(intake.e), intake.n ? err_name(intake.items[0].e) : "",
			 intake.n ? intake.items[0].why.where : intake.why.where);
	return intake.items[0].record;
}

/* The record's lines without what is the format's own, or has no place in it. */
static const char *
lines_of(const struct record *record, const char *lacks)
{
	char *text = arena_str(mem, record_lines(record, mem)), *line, *word, *words, *rest;
	bool is_left_out;
	struct buf b;

	buf_init(&b, mem);
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		words = arena_fmt(mem, "source= native_id= %s", lacks ? lacks : "");
		is_left_out = false;
		for (word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
			is_left_out = is_left_out || strncmp(line, word, strlen(word)) == 0;
		if (!is_left_out)
			buf_fmt(&b, "%s\n", line);
	}
	return buf_text(&b);
}

/* Every kind has its example in JSON, and wherever else it has one, it is the same record. */
static void
same_in_every_format(void **state)
{
	(void)state;
	for (size_t k = 0; k < sizeof(codes) / sizeof(codes[0]); k++) {
		const char *first;

		if (!is_said(kind_by_code(codes[k])))
			continue;
		if ((first = example(&forms[0], codes[k])) == NULL)
			fail_msg("no example of %s", codes[k]);
		for (size_t i = 1; i < N_FORMS; i++) {
			const char *name = example(&forms[i], codes[k]);
			const struct record *own = name ? read_example(&forms[i], name) : NULL;
			const char *want = name ? lines_of(read_example(&forms[0], first), forms[i].lacks) : NULL;

			if (own && !forms[i].is_other && strcmp(lines_of(own, forms[i].lacks), want) != 0)
				fail_msg("%s is\n%s, and not\n%s", name, lines_of(own, forms[i].lacks), want);
		}
		arena_reset(mem);
	}
}

/* The same assessment in FHIR's own resources: all that the JSON example says, and a diagnosis besides. */
static void
same_natively(void **state)
{
	static const struct form native = { "fhir-native", FORMAT_FHIR, &health_sector, true, NULL };
	struct intake intake = intake_of(&native, example(&native, "assessment-result"));
	struct judge_request request = { .file = "native.json" };
	struct judgement j;
	const char *lines;
	char *want, *line;

	(void)state;
	assert_int_equal(intake.n, 2);	/* where the referral is not known its state is a step */
	assert_int_equal(intake.items[1].e, OK);
	lines = arena_fmt(mem, "\n%s", record_lines(intake.items[1].record, mem));
	want = arena_str(mem, lines_of(read_example(&forms[0], example(&forms[0], "assessment-result")), NULL));
	for (line = strtok(want, "\n"); line; line = strtok(NULL, "\n"))
		if (!strstr(lines, arena_fmt(mem, "\n%s\n", line)))
			fail_msg("no %s in %s", line, lines);
	assert_non_null(strstr(lines, "=F43.2\n"));
	assert_null(strstr(lines, "\ndropped="));
	assert_null(strstr(lines, "\nassumed="));
	request.bytes = file_of(arena_fmt(mem, ROOT "%s", example(&native, "assessment-result")));
	assert_int_equal(judge(&request, mem, &j), OK);
	assert_int_equal(j.n_errors, 0);
}

/* The validator has nothing to say against any file, and each is of a kind that there is. */
static void
nothing_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_FORMS; i++) {
		DIR *dir = opendir(arena_fmt(mem, ROOT "%s", forms[i].folder));
		const struct dirent *entry;

		assert_non_null(dir);
		while ((entry = readdir(dir)) != NULL) {
			const char *path = arena_fmt(mem, ROOT "%s/%s", forms[i].folder, entry->d_name);
			struct judge_request request = { .file = entry->d_name };
			struct judgement j;
			bool is_known = false;

			if (*entry->d_name == '.' || strcmp(entry->d_name, "stanovishte.txt") == 0)	/* a table names it */
				continue;
			for (size_t k = 0; k < sizeof(codes) / sizeof(codes[0]); k++)
				is_known = is_known || is_of(entry->d_name, codes[k]);
			if (!is_known)
				fail_msg("%s is of no kind", path);
			request.bytes = file_of(path);
			assert_int_equal(judge(&request, mem, &j), OK);
			if (j.n_errors != 0 || j.n_items != 1)
				fail_msg("%s: %zu errors, first at %s", path, j.n_errors, j.n_findings ? j.findings[0].why.where : "-");
			assert_string_equal(j.format, forms[i].folder);
			arena_reset(mem);
		}
		closedir(dir);
	}
}

/* A row of README's table for each kind: the files that there are, and nothing where there is none. */
static void
table_is_true(void **state)
{
	struct span text = file_of(ROOT "README.md");
	const char *readme = arena_strn(mem, text.p, text.n);

	(void)state;
	for (size_t k = 0; k < sizeof(codes) / sizeof(codes[0]); k++) {
		const char *row = strstr(readme, arena_fmt(mem, "\n| `%s` |", codes[k])), *name, *cell, *want;

		if (!is_said(kind_by_code(codes[k])))
			continue;
		if (!row)
			fail_msg("README.md has no row of %s", codes[k]);
		row = arena_strn(mem, row + 1, strcspn(row + 1, "\n"));
		cell = strchr(strchr(row + 1, '|') + 1, '|');	/* behind kind and who */
		for (size_t i = 0; i < N_FORMS; i++) {
			name = example(&forms[i], codes[k]);
			want = name ? arena_fmt(mem, "| [%s](%s) |", forms[i].folder, name) : "| " NOT_HERE " |";
			if (!cell || strncmp(cell, want, strlen(want)) != 0)
				fail_msg("README.md, %s: not %s, but %s", codes[k], want, cell ? cell : row);
			cell = strchr(cell + 1, '|');
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(same_in_every_format, setup, teardown),
		cmocka_unit_test_setup_teardown(same_natively, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_wrong, setup, teardown),
		cmocka_unit_test_setup_teardown(table_is_true, setup, teardown),
	};

	return cmocka_run_group_tests_name("examples", tests, NULL, NULL);
}
