/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_texts_in - OBX and NTE to the record: fields of ours by their path in OBX-3, all else as the reason in words.
 *
 * The items of a list are numbered by OBX-4; the record's lists grow at their end, so the OBX are read in turns, one index at
 * a time. Called by hl7_to_record.c.
 */
#include "adapters/health/hl7_in.h"
#include "adapters/health/hl7_order.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

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
		const char *code = hl7_get(&r->m, s, 3, 1, 1), *system = hl7_get(&r->m, s, 3, 1, 3);
		const char *key = hl7_get(&r->m, s, 4, 1, 1);

		if (!code || strncmp(code, list, n) != 0 || code[n] != '.' || !system || strcmp(system, HL7_SYSTEM) != 0)
			continue;
		if (!hl7_get(&r->m, s, 5, 1, 0) || find_item(r, list, key ? key : "1") >= 0 || strlen(key ? key : "1") >= HL7_KEY_LEN)
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

static const struct field *
field_at(const char *type, const char *path)
{
	const struct record_type *t = record_type_by_name(type);
	const struct field *f = NULL;
	char name[64];

	while (t && *path) {
		size_t n = strcspn(path, ".[");

		if (n >= sizeof(name))
			return NULL;
		memcpy(name, path, n);
		name[n] = '\0';
		f = record_field(t, name);
		t = f ? f->of : NULL;
		path += n;
		path += strcspn(path, ".");
		path += *path == '.';
	}
	return f;
}

static void
set_observation(struct hl7_reading *r, const struct hl7_segment *s, const struct field *f, const char *path)
{
	const char *where = hl7_place(r, s, 5), *v;

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
		if (!record_field_is_list(f))
			break;
	}
}

/* Where a path of ours stands in the tables of its body; NULL: in none. Those of orders and appointments are taken in any message. */
static const char *const *
find_path(struct hl7_reading *r, const char *code)
{
	static const char *const *const REFERRAL[] = { HL7_OBX_REFERRAL, HL7_OBX_ORDER_REFERRAL };
	static const char *const *const STATUS[] = { HL7_OBX_STATUS, HL7_OBX_ORDER_STATUS, HL7_OBX_APPOINTMENT };
	size_t n = r->is_status ? sizeof(STATUS) / sizeof(STATUS[0]) : sizeof(REFERRAL) / sizeof(REFERRAL[0]);

	for (size_t i = 0; i < n; i++) {
		for (const char *const *p = r->is_status ? STATUS[i] : REFERRAL[i]; *p; p++) {
			const char *flat = hl7_path_index(*p, -1, r->mem);

			if (flat && strcmp(flat, code) == 0)
				return p;
		}
	}
	return NULL;
}

/* One OBX of ours, by its path in OBX-3; false if it is none. In each turn only the items of lists with that index are read,
 * since the record's lists grow at their end; *ret_more tells that a later turn has something to do. */
static bool
read_observation(struct hl7_reading *r, const struct hl7_segment *s, int turn, bool *ret_more)
{
	const char *const *paths;
	const char *code = hl7_get(&r->m, s, 3, 1, 1), *system = hl7_get(&r->m, s, 3, 1, 3), *key, *hole;
	const struct field *f;
	int index;

	if (!code || !system || strcmp(system, HL7_SYSTEM) != 0)
		return false;
	if (strcmp(code, "outcome") == 0)
		code = "outcome.outcome";
	if ((paths = find_path(r, code))) {
		f = field_at(r->is_status ? "status" : "referral", *paths);
		key = hl7_get(&r->m, s, 4, 1, 1);
		hole = strstr(*paths, "[]");
		index = hole ? item_index(r, arena_strn(r->mem, *paths, (size_t)(hole - *paths)), key ? key : "1") : 0;
		if (hole && !hl7_get(&r->m, s, 5, 1, 0))
			return true;
		*ret_more = *ret_more || index > turn;
		if (index < 0)
			hl7_fail(r, ERR_TOOMANY, hl7_place(r, s, 4), NULL);
		else if (f && index == turn)
			set_observation(r, s, f, arena_fmt(r->mem, "%s%s", hl7_body(r), hl7_path_index(*paths, index, r->mem)));
		return true;
	}
	hl7_fail(r, ERR_UNKNOWN_FIELD, hl7_place(r, s, 3), NULL);
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

/* The reason in words: what stands elsewhere, then narrative OBX (FT, TX), then NTE-3. */
void
hl7_read_texts(struct hl7_reading *r, const char *text)
{
	const struct hl7_segment *s;
	const char *type;
	bool has_more = false;

	for (unsigned i = 1; (s = hl7_find(&r->m, "OBX", i)); i++) {
		if (read_observation(r, s, 0, &has_more))
			continue;
		type = hl7_get(&r->m, s, 2, 1, 1);
		if (type && (strcmp(type, "FT") == 0 || strcmp(type, "TX") == 0))
			text = hl7_add_text(r, text, s, 5, 0);
		else
			r->dropped++;
	}
	for (int turn = 1; has_more && r->e == OK; turn++) {
		has_more = false;
		for (unsigned i = 1; (s = hl7_find(&r->m, "OBX", i)); i++)
			(void)read_observation(r, s, turn, &has_more);
	}
	for (unsigned i = 1; (s = hl7_find(&r->m, "NTE", i)); i++)
		text = hl7_add_text(r, text, s, 3, 0);
	hl7_set(r, arena_fmt(r->mem, "%sreason_text", hl7_body(r)), text, "NTE-3");
}
