/* SPDX-License-Identifier: EUPL-1.2 */
/* report - nothing is said here that the catalogue of errors does not say; no value of the file is repeated but codes that no
 * concept maps, which are no person's.
 */
#include "adapters/validate/report.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

static void
text_finding(const struct finding *f, const char *file, FILE *to)
{
	fprintf(to, "%s", file);
	if (f->why.line != 0)
		fprintf(to, ":%u", f->why.line);
	if (f->why.line != 0 && f->why.col != 0)
		fprintf(to, ":%u", f->why.col);
	fprintf(to, ": %s%s", f->is_note ? "(note, бележка) " : "", err_code(f->e));
	if (f->row != 0)
		fprintf(to, " row %u", f->row);
	if (f->why.where[0] != '\0' && strncmp(f->why.where, "row ", 4) != 0)
		fprintf(to, " %s", f->why.where);
	fprintf(to, ": %s / %s", err_text(f->e, LANG_EN), err_text(f->e, LANG_BG));
	if (f->why.text[0] != '\0' && strcmp(f->why.text, err_text(f->e, LANG_EN)) != 0)
		fprintf(to, " (%s)", f->why.text);
	if (f->is_note)
		fputs("\n    the agency's defaults must give it / трябва да го дават defaults на институцията\n", to);
	else
		fprintf(to, "\n    %s\n    %s\n", err_remedy(f->e, LANG_EN), err_remedy(f->e, LANG_BG));
}

void
report_text(const struct judgement *j, const char *file, FILE *to)
{
	for (size_t i = 0; i < j->n_findings; i++)
		text_finding(&j->findings[i], file, to);
	for (size_t i = 0; i < j->n_codes; i++)
		fprintf(to, "%s: unmapped code / несвързан код: \"%s|%s\"\n", file, j->codes[i].system, j->codes[i].code);
	if (j->n_left_out > 0)
		fprintf(to, "%s: fields left out, for which there is no place / изпуснати полета, за които няма място: %" PRIu64 "\n",
			file, j->n_left_out);
	if (j->has_more)
		fprintf(to, "%s: and more / и още\n", file);
	fprintf(to, "%s: %s, %s: %zu items, %zu errors / %zu елемента, %zu грешки\n", file, j->sector, j->format, j->n_items, j->n_errors,
		j->n_items, j->n_errors);
}

static json_t *
json_finding(const struct finding *f)
{
	json_t *said = json_pack("{s:s, s:b, s:s, s:s, s:s, s:s}", "code", err_code(f->e), "note", f->is_note, "title",
				 err_text(f->e, LANG_EN), "title_bg", err_text(f->e, LANG_BG), "remedy", err_remedy(f->e, LANG_EN),
				 "remedy_bg", err_remedy(f->e, LANG_BG));

	if (f->why.where[0] != '\0')
		json_object_set_new(said, "where", json_string(f->why.where));
	if (f->why.text[0] != '\0')
		json_object_set_new(said, "detail", json_string(f->why.text));
	if (f->why.line != 0)
		json_object_set_new(said, "line", json_integer(f->why.line));
	if (f->why.line != 0 && f->why.col != 0)
		json_object_set_new(said, "col", json_integer(f->why.col));
	if (f->row != 0)
		json_object_set_new(said, "row", json_integer(f->row));
	return said;
}

bool
report_json(const struct judgement *j, const char *file, FILE *to)
{
	json_t *problems = json_array(), *codes = json_array(), *said;
	bool is_written;

	for (size_t i = 0; i < j->n_findings; i++)
		json_array_append_new(problems, json_finding(&j->findings[i]));
	for (size_t i = 0; i < j->n_codes; i++)
		json_array_append_new(codes, json_pack("{s:s, s:s}", "system", j->codes[i].system, "code",
						       j->codes[i].code));
	said = json_pack("{s:s, s:s, s:s, s:b, s:I, s:I, s:I, s:b, s:o, s:o}", "file", file, "sector", j->sector, "format", j->format, "ok",
			 j->n_errors == 0, "items", (json_int_t)j->n_items, "errors", (json_int_t)j->n_errors, "left_out",
			 (json_int_t)j->n_left_out, "more", j->has_more, "problems", problems, "unmapped", codes);
	is_written = said != NULL && json_dumpf(said, to, JSON_INDENT(2)) == 0;
	fputc('\n', to);
	json_decref(said);
	return is_written;
}
