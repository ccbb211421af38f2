/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_texts_in - OBX and NTE to the record: fields of ours by their path in OBX-3, all else as the reason in words.
 *
 * The items of a list are numbered by OBX-4; the record's lists grow at their end, so the OBX are read in turns, one index at
 * a time. Called by hl7_to_record.c.
 */
#include "adapters/health/hl7_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "adapters/health/hl7_obx.h"

struct hl7_said {
	const char *path;
	const struct hl7_said *before;
};

static bool
is_said(const struct hl7_reading *r, const char *path)
{
	for (const struct hl7_said *s = r->said; s && path; s = s->before)
		if (strcmp(s->path, path) == 0)
			return true;
	return false;
}

static void
remember_said(struct hl7_reading *r, const char *path)
{
	struct hl7_said *s = path ? arena_alloc(r->mem, sizeof(*s)) : NULL;

	if (s) {	/* a full arena is told at the end */
		*s = (struct hl7_said){ path, r->said };
		r->said = s;
	}
}

static int
find_item(const struct hl7_reading *r, const char *list, const char *key)
{
	for (size_t i = 0; i < r->n_items; i++)
		if (strcmp(r->items[i].list, list) == 0 && strcmp(r->items[i].key, key) == 0)
			return r->items[i].index;
	return -1;
}

/* Which item of a list each OBX-4 means: by number where all of them are numbers, since a writer may go field by field and
 * then names the second item first; else in order of appearance, since senders may count as they like. */
static void
number_items(struct hl7_reading *r, const char *list)
{
	size_t first = r->n_items, n = strlen(list);
	const struct hl7_segment *s;
	bool is_counted = true;

	for (unsigned i = 1; (s = hl7_find(&r->m, "OBX", i)); i++) {
		const char *code = hl7_get(&r->m, s, 3, 1, 1);
		const char *key = hl7_get(&r->m, s, 4, 1, 1);

		if (!code || strncmp(code, list, n) != 0 || code[n] != '.' || !hl7_is_our_obx(&r->m, s) || hl7_is_void_obx(&r->m, s))
			continue;
		if (!hl7_peek(&r->m, s, 5, 1, 0) || find_item(r, list, key ? key : "1") >= 0 || strlen(key ? key : "1") >= HL7_KEY_LEN)
			continue;
		if (r->n_items == sizeof(r->items) / sizeof(r->items[0]))
			break;
		r->items[r->n_items].list = list;
		r->items[r->n_items].index = (int)(r->n_items - first);
		snprintf(r->items[r->n_items].key, HL7_KEY_LEN, "%s", key ? key : "1");
		is_counted = is_counted && strspn(r->items[r->n_items].key, "0123456789") == strlen(r->items[r->n_items].key);
		r->n_items++;
	}
	for (size_t i = first; is_counted && i < r->n_items; i++) {
		unsigned long long number = strtoull(r->items[i].key, NULL, 10), other;

		r->items[i].index = 0;
		for (size_t k = first; k < r->n_items; k++) {
			other = strtoull(r->items[k].key, NULL, 10);
			r->items[i].index += other < number || (other == number && k < i);
		}
	}
}

static int
item_index(struct hl7_reading *r, const char *list, const char *key)
{
	bool is_known = false;

	if (!list)
		return -1;
	for (size_t i = 0; i < r->n_items; i++)
		is_known = is_known || strcmp(r->items[i].list, list) == 0;
	if (!is_known)
		number_items(r, list);
	return find_item(r, list, key);
}

/* "goals.text" of this body: the field, and its path with the list's place in it, "goals[].text". NULL: it has no such field, or
 * one that nobody sends. */
static const struct field *
find_leaf(struct hl7_reading *r, const char *code, const char **ret_path)
{
	const struct record_type *t = hl7_body_type(r);
	const struct field *f = NULL;
	const char *path = "";
	char name[64];

	while (t && *code) {
		size_t n = strcspn(code, ".");

		if (n == 0 || n >= sizeof(name))
			return NULL;
		memcpy(name, code, n);
		name[n] = '\0';
		if (!(f = record_field(t, name)) || strcmp(name, "preview") == 0)
			return NULL;
		path = arena_fmt(r->mem, "%s%s%s%s", path, *path ? "." : "", name, f->kind == FIELD_MSGS ? "[]" : "");
		t = f->of;
		code += n;
		code += *code == '.';
		if (!path)
			return NULL;
	}
	*ret_path = path;
	return f && !t && !*code && f->kind != FIELD_BYTES ? f : NULL;
}

/* Of a field that holds one value the first is read: a second OBX of it is left out, as a second repetition is. */
static void
set_observation(struct hl7_reading *r, const struct hl7_segment *s, const struct field *f, const char *path)
{
	const char *where = hl7_place(r, s, 5), *v;

	if (!record_field_is_list(f) && is_said(r, path))
		return;
	for (unsigned rep = 1; rep <= hl7_repeats(&r->m, s, 5) && r->e == OK; rep++) {
		bool is_text = f->kind == FIELD_TEXT || f->kind == FIELD_TEXTS;

		if (!(v = hl7_get(&r->m, s, 5, rep, is_text ? 0 : 1)))
			continue;
		if (f->kind == FIELD_BOOL)
			v = strcasecmp(v, "Y") == 0 ? "true" : strcasecmp(v, "N") == 0 ? "false" : v;
		if (f->kind == FIELD_DATE)
			hl7_set_date(r, path, v, where);
		else if (f->kind == FIELD_TIME)
			hl7_set_time(r, path, v, where);
		else
			hl7_set(r, path, v, where);
		if (!record_field_is_list(f)) {
			remember_said(r, path);
			break;
		}
	}
}

/* Who a referral is from and to stands elsewhere, and is found by our side; the reason is read when all that may say it is known. */
static bool
is_left_for_others(const struct hl7_reading *r, const char *code)
{
	return strcmp(code, "reason_text") == 0 ||
	       (strcmp(r->body, "referral") == 0 && (strcmp(code, "initiator.agency") == 0 || strcmp(code, "target.agency") == 0));
}

/* One OBX of ours, by its path in OBX-3; false if it is none. In each turn only the items of lists with that index are read,
 * since the record's lists grow at their end; *ret_more tells that a later turn has something to do. */
static bool
read_observation(struct hl7_reading *r, const struct hl7_segment *s, int turn, bool *ret_more)
{
	const char *code = hl7_get(&r->m, s, 3, 1, 1), *key = hl7_get(&r->m, s, 4, 1, 1), *type = hl7_get(&r->m, s, 2, 1, 1);
	const char *path = NULL, *hole;
	const struct field *f;
	int index;

	if (!code || !hl7_is_our_obx(&r->m, s))
		return false;
	if ((type && strcmp(type, "ED") == 0) || strcmp(code, "kind") == 0)
		return true;	/* a file, or what the message is: read elsewhere */
	if (!(f = find_leaf(r, code, &path)) && strcmp(code, "outcome") == 0)
		f = find_leaf(r, "outcome.outcome", &path);
	if (!f) {
		hl7_fail(r, ERR_UNKNOWN_FIELD, hl7_place(r, s, 3), NULL);
		return true;
	}
	if (is_left_for_others(r, code))
		return true;
	hole = strstr(path, "[]");
	index = hole ? item_index(r, arena_strn(r->mem, path, (size_t)(hole - path)), key ? key : "1") : 0;
	if (hole && !hl7_peek(&r->m, s, 5, 1, 0))
		return true;
	*ret_more = *ret_more || index > turn;
	if (index < 0)
		hl7_fail(r, ERR_TOOMANY, hl7_place(r, s, 4), NULL);
	else if (index == turn)
		set_observation(r, s, f, arena_fmt(r->mem, "%s%s", hl7_body(r), hl7_path_index(path, index, r->mem)));
	return true;
}

const char *
hl7_add_text(struct hl7_reading *r, const char *text, const struct hl7_segment *s, unsigned field, unsigned comp)
{
	const char *v;

	for (unsigned rep = 1; s && rep <= hl7_repeats(&r->m, s, field); rep++)
		if ((v = hl7_get(&r->m, s, field, rep, comp)))
			text = text ? arena_fmt(r->mem, "%s\n%s", text, v) : v;
	return text;
}

/* The words of the message are the reason; where it has none, an OBX of ours that says it. One beside them is left out. */
static void
set_reason(struct hl7_reading *r, const char *text)
{
	const struct field *f = record_field(hl7_body_type(r), "reason_text");
	const char *path = arena_fmt(r->mem, "%sreason_text", hl7_body(r)), *code;
	const struct hl7_segment *s;

	if (text) {
		hl7_set(r, path, text, "NTE-3");
		return;
	}
	for (unsigned i = 1; r->e == OK && (s = hl7_find(&r->m, "OBX", i)); i++) {
		code = hl7_get(&r->m, s, 3, 1, 1);
		if (!code || strcmp(code, "reason_text") != 0 || !hl7_is_our_obx(&r->m, s) || hl7_is_void_obx(&r->m, s))
			continue;
		set_observation(r, s, f, path);
	}
}

/* The reason in words: what stands elsewhere, then narrative OBX (FT, TX), then NTE-3. A kind without one leaves them out. */
void
hl7_read_texts(struct hl7_reading *r, const char *text)
{
	bool has_more = false, has_text = record_field(hl7_body_type(r), "reason_text") != NULL;
	const struct hl7_segment *s;
	const char *type;

	for (unsigned i = 1; (s = hl7_find(&r->m, "OBX", i)); i++) {
		if (hl7_is_void_obx(&r->m, s) || read_observation(r, s, 0, &has_more) || !has_text)
			continue;
		type = hl7_get(&r->m, s, 2, 1, 1);
		if (type && (strcmp(type, "FT") == 0 || strcmp(type, "TX") == 0))
			text = hl7_add_text(r, text, s, 5, 0);
	}
	for (int turn = 1; has_more && r->e == OK; turn++) {
		has_more = false;
		for (unsigned i = 1; (s = hl7_find(&r->m, "OBX", i)); i++)
			if (!hl7_is_void_obx(&r->m, s))
				(void)read_observation(r, s, turn, &has_more);
	}
	for (unsigned i = 1; has_text && (s = hl7_find(&r->m, "NTE", i)); i++)
		text = hl7_add_text(r, text, s, 3, 0);
	if (has_text)
		set_reason(r, text);
}
