/* SPDX-License-Identifier: EUPL-1.2 */
/* record_path - making a record: new messages, list items, and fields named by their path.
 *
 * What a translator's table needs: one call with a path and a text puts a native value in its place, making the messages
 * on the way. A path is resolved against the type description first, so that a wrong one never leaves half a record.
 */
#include "proto/record.h"

#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/visible.h"
#include "proto/note.h"

#define STEP_MAX 64		/* bytes of a field's name in a path */
#define INDEX_NONE SIZE_MAX
#define INDEX_DIGITS 4

struct target {
	void *msg;			/* the message that holds the field; NULL: not there */
	const struct field *field;
	size_t index;			/* INDEX_NONE when the last step has none */
};

void *
record_new(struct arena *mem, const char *type)
{
	const struct record_type *t = record_type_by_name(type);

	return t == NULL ? NULL : arena_alloc(mem, t->size);
}

const int64_t *
record_int(struct arena *mem, int64_t v)
{
	return arena_copy(mem, &v, sizeof(v));
}

const bool *
record_bool(struct arena *mem, bool v)
{
	return arena_copy(mem, &v, sizeof(v));
}

static void
put(void *msg, const struct field *f, const void *p)
{
	memcpy((char *)msg + f->offset, &p, sizeof(p));
}

/* Grown by doubling: there is room whenever n is no power of two. */
static bool
list_push(struct arena *mem, void *list, size_t *n, const void *item)
{
	void **items;

	memcpy(&items, list, sizeof(items));
	if ((*n & (*n - 1)) == 0) {
		void **wider = arena_array(mem, *n == 0 ? 1 : *n * 2, sizeof(*wider));

		if (wider == NULL)
			return false;
		if (*n > 0)
			memcpy(wider, items, *n * sizeof(*wider));
		items = wider;
		memcpy(list, &items, sizeof(items));
	}
	memcpy(&items[*n], &item, sizeof(item));
	(*n)++;
	return true;
}

void *
record_append(struct arena *mem, const char *type, void *list, size_t *n)
{
	void *item = record_new(mem, type);

	return item != NULL && list_push(mem, list, n, item) ? item : NULL;
}

static bool
field_push(struct arena *mem, void *msg, const struct field *f, const void *item)
{
	size_t n = record_count(msg, f);

	if (!list_push(mem, (char *)msg + f->offset, &n, item))
		return false;
	memcpy((char *)msg + f->offset + sizeof(void *), &n, sizeof(n));
	return true;
}

/* One step: "child", "ids[0]", at *path, which moves behind the dot. */
static bool
parse_step(const char **path, char name[static STEP_MAX], size_t *ret_index)
{
	const char *p = *path;
	size_t n = strcspn(p, ".["), digits;

	if (n == 0 || n >= STEP_MAX)
		return false;
	memcpy(name, p, n);
	name[n] = '\0';
	p += n;
	*ret_index = INDEX_NONE;
	if (*p == '[') {
		digits = strspn(++p, "0123456789");
		if (digits == 0 || digits > INDEX_DIGITS || p[digits] != ']')
			return false;
		for (*ret_index = 0; digits > 0; digits--)
			*ret_index = *ret_index * 10 + (size_t)(*p++ - '0');
		p++;
	}
	if (*p == '.' && p[1] != '\0')
		p++;
	else if (*p != '\0')
		return false;
	*path = p;
	return true;
}

/* The message that a MSG or MSGS step leads into; NULL with OK if it is absent and not made. */
static enum err
enter(struct target *at, struct arena *mem, bool make, void **ret_msg)
{
	const struct field *f = at->field;
	void *msg = NULL;
	size_t n;

	*ret_msg = NULL;
	if (f->of == NULL || (f->kind == FIELD_MSGS) != (at->index != INDEX_NONE))
		return ERR_UNKNOWN_FIELD;
	if (at->msg == NULL)
		return OK;
	if (f->kind == FIELD_MSG) {
		memcpy(&msg, (char *)at->msg + f->offset, sizeof(msg));
	} else if (at->index < (n = record_count(at->msg, f))) {
		void **items;

		memcpy(&items, (char *)at->msg + f->offset, sizeof(items));
		msg = items[at->index];
	} else if (make && at->index >= f->limit) {
		return ERR_TOOMANY;
	} else if (make && at->index > n) {
		return ERR_UNKNOWN_FIELD;
	}
	if (msg == NULL && make) {
		if ((msg = arena_alloc(mem, f->of->size)) == NULL)
			return ERR_TOOBIG;
		if (f->kind == FIELD_MSG)
			put(at->msg, f, msg);
		else if (!field_push(mem, at->msg, f, msg))
			return ERR_TOOBIG;
	}
	*ret_msg = msg;
	return OK;
}

static enum err
resolve(void *record, struct arena *mem, const char *path, bool make, struct target *ret_target)
{
	const struct record_type *type = record_type();
	char name[STEP_MAX];
	void *msg = record;
	enum err e;

	for (;;) {
		if (!parse_step(&path, name, &ret_target->index))
			return ERR_UNKNOWN_FIELD;
		ret_target->msg = msg;
		if ((ret_target->field = record_field(type, name)) == NULL)
			return ERR_UNKNOWN_FIELD;
		if (*path == '\0')
			break;
		if ((e = enter(ret_target, mem, make, &msg)) != OK)
			return e;
		type = ret_target->field->of;
	}
	if (ret_target->index != INDEX_NONE && !record_field_is_list(ret_target->field))
		return ERR_UNKNOWN_FIELD;
	return OK;
}

static enum err
parse_int(const char *text, size_t limit, struct arena *mem, const void **ret_value)
{
	uint64_t v = 0;
	size_t n = strspn(text, "0123456789");

	if (n == 0 || n > 18 || text[n] != '\0')
		return ERR_BAD_NUMBER;
	for (const char *p = text; *p != '\0'; p++)
		v = v * 10 + (uint64_t)(*p - '0');
	if (v > limit)
		return ERR_BAD_NUMBER;
	*ret_value = record_int(mem, (int64_t)v);
	return OK;
}

static bool
is_in(const char *const *codes, const char *code)
{
	for (; *codes != NULL; codes++)
		if (strcmp(*codes, code) == 0)
			return true;
	return false;
}

/* Standard base64; line ends in it are left out first. */
static enum err
parse_bytes(const struct field *f, const char *text, struct arena *mem, const void **ret_value)
{
	size_t n = strlen(text), k = 0;
	struct span *value = arena_alloc(mem, sizeof(*value));
	char *line = n / 4 * 3 > 2 * f->limit ? NULL : arena_alloc(mem, n + 1);

	if (n / 4 * 3 > 2 * f->limit)
		return ERR_TOOLONG;
	if (value == NULL || line == NULL)
		return OK;
	for (size_t i = 0; i < n; i++)
		if (text[i] != '\r' && text[i] != '\n')
			line[k++] = text[i];
	if (note_unbase64(SPAN(line, k), mem, value) != OK)
		return ERR_FORMAT;
	if (value->n > f->limit)
		return ERR_TOOLONG;
	*ret_value = value;
	return OK;
}

/* From text to what the field points to; *ret_value stays NULL when the arena is full. */
static enum err
parse_value(const struct field *f, const char *text, struct arena *mem, const void **ret_value)
{
	struct civil date;
	uint8_t *id;
	int64_t ms;

	*ret_value = NULL;
	switch (f->kind) {
	case FIELD_CODE:
	case FIELD_CODES:
		if (!is_in(f->codes, text))
			return ERR_UNKNOWN_CODE;
		break;
	case FIELD_DATE:
		if (clock_parse_date(text, &date) != OK)
			return ERR_BAD_DATE;
		break;
	case FIELD_TIME:
		if (clock_parse(text, &ms) != OK)
			return ERR_BAD_DATE;
		*ret_value = record_int(mem, ms);
		return OK;
	case FIELD_INT:
		return parse_int(text, f->limit, mem, ret_value);
	case FIELD_BOOL:
		if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
			return ERR_UNKNOWN_CODE;
		*ret_value = record_bool(mem, *text == 't');
		return OK;
	case FIELD_ID:
		if ((id = arena_alloc(mem, f->limit)) != NULL && bytes_unhex(text, id, f->limit) != OK)
			return ERR_BAD_NUMBER;
		*ret_value = id;
		return OK;
	case FIELD_BYTES:
		return parse_bytes(f, text, mem, ret_value);
	case FIELD_MSG:
	case FIELD_MSGS:
		return ERR_UNKNOWN_FIELD;
	case FIELD_TEXT:
	case FIELD_TEXTS:
		break;
	}
	*ret_value = arena_str(mem, text);
	return OK;
}

static enum err
put_value(struct target *to, struct arena *mem, const void *value)
{
	const struct field *f = to->field;
	const void **items;
	size_t n;

	if (!record_field_is_list(f)) {
		put(to->msg, f, value);
		return OK;
	}
	n = record_count(to->msg, f);
	if (to->index != INDEX_NONE && to->index > n)
		return ERR_UNKNOWN_FIELD;
	if (to->index != INDEX_NONE && to->index < n) {
		memcpy(&items, (char *)to->msg + f->offset, sizeof(items));
		items[to->index] = value;
		return OK;
	}
	if (n >= f->limit)
		return ERR_TOOMANY;
	return field_push(mem, to->msg, f, value) ? OK : ERR_TOOBIG;
}

static enum err
fault(enum err e, const struct field *f, const char *path, struct why *why)
{
	char codes[sizeof(why->text)];

	if (e != ERR_UNKNOWN_CODE || f == NULL || f->codes == NULL)
		return why_set(why, e, path, "%s", e == ERR_UNKNOWN_FIELD ? "the record has no such field" : err_text(e, LANG_EN));
	record_say_codes(f->codes, codes, sizeof(codes));
	return why_set(why, e, path, "%s", codes);
}

enum err
record_set(struct record *record, struct arena *mem, const char *path, const char *text, struct why *why)
{
	const bool is_empty = text == NULL || !visible_any(span_str(text));
	struct target to = { .field = NULL };
	const void *value;
	enum err e;

	if ((e = resolve(record, mem, path, false, &to)) != OK)
		goto out;
	if (to.field->of != NULL) {
		e = ERR_UNKNOWN_FIELD;
		goto out;
	}
	if (is_empty)
		return OK;
	if ((e = parse_value(to.field, text, mem, &value)) != OK)
		goto out;
	if (value == NULL) {
		e = ERR_TOOBIG;
		goto out;
	}
	if ((e = resolve(record, mem, path, true, &to)) != OK)
		goto out;
	e = put_value(&to, mem, value);
out:
	return e == OK ? OK : fault(e, to.field, path, why);
}

const char *
record_get(const struct record *record, struct arena *mem, const char *path)
{
	const char *const *items;
	struct target at;
	struct buf joined;
	void *root;
	size_t n;

	memcpy(&root, &record, sizeof(root));	/* resolve does not write when it makes nothing */
	if (resolve(root, mem, path, false, &at) != OK || at.msg == NULL)
		return NULL;
	if (!record_field_is_list(at.field))
		return record_text(at.msg, at.field, mem);
	n = record_count(at.msg, at.field);
	items = record_at(at.msg, at.field);
	if (n == 0 || at.field->kind == FIELD_MSGS)
		return NULL;
	if (at.index != INDEX_NONE)
		return at.index < n ? items[at.index] : NULL;
	buf_init(&joined, mem);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_str(&joined, "|");
		buf_str(&joined, items[i]);
	}
	return buf_text(&joined);
}
