/* SPDX-License-Identifier: EUPL-1.2 */
/* json - from JSON text to the fields of a record.
 *
 * First a scan of the bytes, which bounds depth and number of values before the parser may allocate; then jansson, which
 * refuses double keys, bad UTF-8 and NUL; then a walk that asks the type description for every member. No value is ever
 * put into an error: the parser's own texts are not used because they quote the input.
 */
#include "adapters/social/social.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define PATH_MAX_LEN 200
#define KEY_SHOWN_MAX 40

struct scan {
	size_t tokens;
	unsigned depth, line, col;
	bool is_in_string, is_escaped;
	bool has_begun;		/* something but white space was there */
};

static enum err
refuse_at(struct why *why, enum err e, const struct scan *s, const char *text)
{
	why_set(why, e, NULL, "%s", text);
	if (why != NULL) {
		why->line = s->line;
		why->col = s->col;
	}
	return e;
}

/* One byte. Columns count characters, so UTF-8's continuation bytes do not. */
static void
scan_byte(struct scan *s, uint8_t c)
{
	if (c == '\n') {
		s->line++;
		s->col = 0;
	} else if ((c & 0xc0) != 0x80) {
		s->col++;
	}
	if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
		s->has_begun = true;
	if (s->is_in_string) {
		if (s->is_escaped)
			s->is_escaped = false;
		else if (c == '\\')
			s->is_escaped = true;
		else if (c == '"')
			s->is_in_string = false;
		return;
	}
	if (c == '"')
		s->is_in_string = true;
	if (c == '{' || c == '[')
		s->depth++;
	if ((c == '}' || c == ']') && s->depth > 0)
		s->depth--;
	if (c == '{' || c == '[' || c == ',' || c == ':')
		s->tokens++;
}

static enum err
scan_text(struct span text, struct scan *ret_scan, struct why *why)
{
	struct scan s = { .line = 1 };

	for (size_t i = 0; i < text.n; i++) {
		scan_byte(&s, text.p[i]);
		if (s.depth > SOCIAL_DEPTH_MAX)
			return refuse_at(why, ERR_SYNTAX, &s, "nested too deep");
		if (s.tokens > SOCIAL_TOKENS_MAX)
			return refuse_at(why, ERR_TOOMANY, &s, "too many values");
	}
	*ret_scan = s;
	return OK;
}

bool
social_json_is_whole(struct span text)
{
	struct scan s;

	return scan_text(text, &s, NULL) != OK || (s.has_begun && s.depth == 0 && !s.is_in_string);
}

static enum err
explain(const json_error_t *error, struct why *why)
{
	const struct scan at = {
		.line = error->line > 0 ? (unsigned)error->line : 1, .col = error->column > 0 ? (unsigned)error->column : 1,
	};
	const enum json_error_code code = json_error_code(error);

	if (code == json_error_out_of_memory)
		return refuse_at(why, ERR_NOMEM, &at, "no memory for the JSON parser");
	if (code == json_error_premature_end_of_input)
		return refuse_at(why, ERR_CUT_OFF, &at, "the JSON text ends too early");
	if (code == json_error_invalid_utf8)
		return refuse_at(why, ERR_CHARSET, &at, "not UTF-8");
	if (code == json_error_null_character || code == json_error_null_byte_in_key)
		return refuse_at(why, ERR_CHARSET, &at, "a NUL in a text");
	if (code == json_error_duplicate_key)
		return refuse_at(why, ERR_SYNTAX, &at, "a name is given twice in one object");
	if (code == json_error_numeric_overflow)
		return refuse_at(why, ERR_BAD_NUMBER, &at, "a number is out of range");
	if (code == json_error_end_of_input_expected)
		return refuse_at(why, ERR_SYNTAX, &at, "something follows the JSON text");
	return refuse_at(why, ERR_SYNTAX, &at, "not JSON");
}

enum err
social_json_parse(struct span text, json_t **ret_root, struct why *why)
{
	const struct scan start = { .line = 1, .col = 1 };
	json_error_t error;
	struct scan s;
	enum err e;

	*ret_root = NULL;
	if (text.n > SOCIAL_JSON_MAX)
		return why_set(why, ERR_TOOBIG, NULL, "a body has at most %d bytes", SOCIAL_JSON_MAX);
	if (text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0)	/* what some editors put in front */
		text = SPAN(text.p + 3, text.n - 3);
	if ((e = scan_text(text, &s, why)) != OK)
		return e;
	if (!s.has_begun)
		return refuse_at(why, ERR_CUT_OFF, &start, "the body is empty");
	*ret_root = json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES, &error);
	if (*ret_root == NULL)
		return explain(&error, why);
	if (json_is_object(*ret_root))
		return OK;
	json_decref(*ret_root);
	*ret_root = NULL;
	return refuse_at(why, ERR_SYNTAX, &start, "an object is expected");
}

/* -- the walk -- */
struct reader {
	struct record *record;
	struct arena *mem;
	struct why *why;
	size_t n_set;		/* values put so far: an item that adds none is an empty one */
};

static enum err read_object(struct reader *r, json_t *object, const struct record_type *type, const char *path,
			    const char *extra);

/* A member's name may be shown if it looks like a name; else it could be anything, a child's name too. */
static enum err
refuse_member(struct reader *r, const char *path, const char *key)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	char where[PATH_MAX_LEN];
	const bool is_name = *key != '\0' && strlen(key) <= KEY_SHOWN_MAX && strspn(key, letters) == strlen(key);

	snprintf(where, sizeof(where), "%s.%s", path, is_name ? key : "?");
	return why_set(r->why, ERR_UNKNOWN_FIELD, where, "the API has no such field here");
}

static enum err
read_text(struct reader *r, const json_t *value, const char *path)
{
	enum err e;

	if (*json_string_value(value) == '\0')
		return OK;
	if ((e = record_set(r->record, r->mem, path, json_string_value(value), r->why)) == OK)
		r->n_set++;
	return e;
}

static enum err
read_plain(struct reader *r, const char *text, const char *path)
{
	enum err e = record_set(r->record, r->mem, path, text, r->why);

	if (e == OK)
		r->n_set++;
	return e;
}

static enum err
read_scalar(struct reader *r, const json_t *value, const struct field *f, const char *path)
{
	char digits[24];

	if (f->kind == FIELD_INT) {
		if (!json_is_integer(value))
			return why_set(r->why, ERR_BAD_NUMBER, path, "a whole number is expected");
		snprintf(digits, sizeof(digits), "%lld", (long long)json_integer_value(value));
		return read_plain(r, digits, path);
	}
	if (f->kind == FIELD_BOOL) {
		if (!json_is_boolean(value))
			return why_set(r->why, ERR_SYNTAX, path, "true or false is expected");
		return read_plain(r, json_is_true(value) ? "true" : "false", path);
	}
	if (!json_is_string(value))
		return why_set(r->why, f->kind == FIELD_DATE || f->kind == FIELD_TIME ? ERR_BAD_DATE : ERR_SYNTAX, path,
			       "a text is expected");
	return read_text(r, value, path);
}

static enum err
read_list(struct reader *r, const json_t *list, const struct field *f, const char *path)
{
	char step[PATH_MAX_LEN];
	enum err e;

	if (!json_is_array(list))
		return why_set(r->why, ERR_SYNTAX, path, "a list is expected");
	if (json_array_size(list) > f->limit)
		return why_set(r->why, ERR_TOOMANY, path, "at most %zu", f->limit);
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *item = json_array_get(list, i);
		const size_t before = r->n_set;

		if (snprintf(step, sizeof(step), "%s[%zu]", path, i) >= PATH_MAX_LEN)
			return why_set(r->why, ERR_UNKNOWN_FIELD, path, "a path too long");
		e = f->kind == FIELD_MSGS ? read_object(r, item, f->of, step, NULL) :
		    json_is_string(item) ? read_text(r, item, step) :
		    why_set(r->why, ERR_SYNTAX, step, "a text is expected");
		if (e != OK)
			return e;
		if (r->n_set == before)
			return why_set(r->why, ERR_REQUIRED, step, "is empty");
	}
	return OK;
}

static enum err
read_object(struct reader *r, json_t *object, const struct record_type *type, const char *path, const char *extra)
{
	char step[PATH_MAX_LEN];
	enum err e;

	if (!json_is_object(object))
		return why_set(r->why, ERR_SYNTAX, path, "an object is expected");
	for (void *i = json_object_iter(object); i != NULL;
	     i = json_object_iter_next(object, i)) {
		const char *key = json_object_iter_key(i);
		json_t *value = json_object_iter_value(i);
		const struct field *f = record_field(type, key);

		if (extra != NULL && strcmp(key, extra) == 0)
			continue;
		if (f == NULL)
			return refuse_member(r, path, key);
		if (json_is_null(value))
			continue;
		if (snprintf(step, sizeof(step), "%s.%s", path, key) >= PATH_MAX_LEN)
			return why_set(r->why, ERR_UNKNOWN_FIELD, path, "a path too long");
		e = record_field_is_list(f) ? read_list(r, value, f, step) :
		    f->kind == FIELD_MSG ? read_object(r, value, f->of, step, NULL) : read_scalar(r, value, f, step);
		if (e != OK)
			return e;
	}
	return OK;
}

enum err
social_json_read(json_t *object, const char *path, const char *extra, struct record *record, struct arena *mem,
		 struct why *why)
{
	struct reader r = { .record = record, .mem = mem, .why = why };

	return read_object(&r, object, record_field(record_type(), path)->of, path, extra);
}
