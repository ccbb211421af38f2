/* SPDX-License-Identifier: EUPL-1.2 */
/* bind_value - checks one value and stores it. What is wrong is a problem at the value's own place, and the struct keeps
 * its default. Called by binder.c only. The value of a secret's row is never given to a problem: somebody may have
 * written the secret itself there.
 */
#include "config/bind_value.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config/placecheck.h"
#include "config/setting.h"
#include "proto/base/arena.h"

struct spot {
	const struct binder *b;
	const struct bind_row *row;
	char *into;
	const struct node *node;	/* NULL: a default */
	const char *path;
};

static void
add(const struct spot *s, enum problem_id id, const char *arg1, const char *arg2, const char *arg3)
{
	assert(s->node != NULL);	/* a default is right by construction */
	problems_add(s->b->problems, (struct problem_place){ s->node->line, s->node->col, s->path }, id, arg1, arg2, arg3);
}

static void
add_range(const struct spot *s, const char *text)
{
	char min[SETTING_TEXT_LEN], max[SETTING_TEXT_LEN];

	if (s->row->type == BIND_BYTES) {
		setting_format_size(s->row->min, min);
		setting_format_size(s->row->max, max);
	} else if (s->row->type == BIND_MS) {
		setting_format_duration(s->row->min, min);
		setting_format_duration(s->row->max, max);
	} else {
		snprintf(min, sizeof(min), "%" PRId64, s->row->min);
		snprintf(max, sizeof(max), "%" PRId64, s->row->max);
	}
	add(s, PROBLEM_RANGE, text, min, max);
}

static void
put_number(const struct spot *s, const char *text)
{
	void *to = s->into + s->row->offset;
	enum problem_id id = PROBLEM_INT;
	bool good = false;
	int64_t value = 0;

	if (s->row->type == BIND_INT) {
		good = setting_parse_int(text, &value);
	} else if (s->row->type == BIND_BYTES) {
		good = setting_parse_size(text, &value);
		id = PROBLEM_SIZE;
	} else {
		good = setting_parse_duration(text, &value);
		id = PROBLEM_DURATION;
	}
	if (!good) {
		add(s, id, text, NULL, NULL);
	} else if (value < s->row->min || value > s->row->max) {
		add_range(s, text);
	} else if (s->row->type == BIND_MS) {
		*(int64_t *)to = value;
	} else if (s->row->type == BIND_BYTES) {
		*(uint64_t *)to = (uint64_t)value;
	} else if (s->row->size == sizeof(uint16_t)) {
		assert(value <= UINT16_MAX);
		*(uint16_t *)to = (uint16_t)value;
	} else {
		assert(s->row->size == sizeof(uint32_t) && value <= UINT32_MAX);
		*(uint32_t *)to = (uint32_t)value;
	}
}

static void
put_term(const struct spot *s, const char *text)
{
	struct setting_term *to = (void *)(s->into + s->row->offset), term;
	char min[SETTING_TEXT_LEN], max[SETTING_TEXT_LEN];
	const int64_t days = SETTING_WORKING_DAYS_MAX;

	if (!setting_parse_term(text, &term)) {
		add(s, PROBLEM_TERM, text, NULL, NULL);
	} else if (term.ms == 0 && (term.working_days < 1 || term.working_days > days)) {
		setting_format_term(&(struct setting_term){ .working_days = 1 }, min);
		setting_format_term(&(struct setting_term){ .working_days = days }, max);
		add(s, PROBLEM_RANGE, text, min, max);
	} else if (term.working_days == 0 && (term.ms < s->row->min || term.ms > s->row->max)) {
		setting_format_duration(s->row->min, min);
		setting_format_duration(s->row->max, max);
		add(s, PROBLEM_RANGE, text, min, max);
	} else {
		*to = term;
		to->is_default = s->node == NULL;
	}
}

static void
put_bool(const struct spot *s, const char *text)
{
	bool value;

	if (!setting_parse_bool(text, &value))
		add(s, PROBLEM_BOOL, text, NULL, NULL);
	else
		*(bool *)(s->into + s->row->offset) = value;
}

static void
put_enum(const struct spot *s, const char *text)
{
	const struct bind_name *name;
	char all[128] = "";

	for (name = s->row->names; name->name != NULL; name++) {
		if (strcmp(name->name, text) == 0) {
			assert(s->row->size == sizeof(name->value));
			memcpy(s->into + s->row->offset, &name->value, sizeof(name->value));
			return;
		}
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", all[0] ? ", " : "", name->name);
	}
	add(s, PROBLEM_ENUM, text, all, NULL);
}

/* Length, control characters, shape. */
static bool
is_good_text(const struct spot *s, const char *text)
{
	size_t max = s->row->type == BIND_TEXT && s->row->max > 0 ? (size_t)s->row->max : BIND_TEXT_MAX;
	char max_text[24];
	const char *c;

	if (strlen(text) > max) {
		snprintf(max_text, sizeof(max_text), "%zu", max);
		add(s, PROBLEM_TEXT_LENGTH, max_text, NULL, NULL);
		return false;
	}
	for (c = text; *c != '\0'; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7F) {
			add(s, PROBLEM_TEXT_CONTROL, NULL, NULL, NULL);
			return false;
		}
	}
	if (s->row->form != NULL && !s->row->form->is(text)) {
		add(s, s->row->form->problem, text, NULL, NULL);
		return false;
	}
	return true;
}

static void
put_text(const struct spot *s, const char *text)
{
	if (is_good_text(s, text))
		*(const char **)(s->into + s->row->offset) = arena_str(s->b->mem, text);
}

/* Away from the daemon's machine what its disk holds is said to be unknown, once, and refuses nothing. */
static bool
is_in_place(const struct spot *s, const char *path)
{
	const struct problem_place place = { s->node->line, s->node->col, s->path };
	struct problems *found;

	if (!s->b->is_away)
		return placecheck(s->row, path, s->b->problems, place);
	if ((found = problems_new("")) == NULL)
		return false;
	if (!placecheck(s->row, path, found, place))
		problems_add(s->b->problems, place, PROBLEM_NOT_LOOKED_AT, NULL, NULL, NULL);
	problems_free(found);
	return true;
}

static void
put_path(const struct spot *s, const char *text)
{
	char *path;

	if (text[0] == '\0') {
		add(s, PROBLEM_EMPTY, NULL, NULL, NULL);
		return;
	}
	path = placecheck_absolute(s->b->dir, text, s->b->mem);
	if (path == NULL)
		return;
	if (strlen(path) >= BIND_PATH_MAX)
		add(s, PROBLEM_PATH_LENGTH, "1023", NULL, NULL);
	else if (s->node == NULL || is_in_place(s, path))
		*(const char **)(s->into + s->row->offset) = path;
}

/* A value on one line. */
static void
put_one(const struct spot *s, const char *text)
{
	switch (s->row->type) {
	case BIND_BOOL:
		put_bool(s, text);
		break;
	case BIND_INT:
	case BIND_BYTES:
	case BIND_MS:
		put_number(s, text);
		break;
	case BIND_TERM:
		put_term(s, text);
		break;
	case BIND_ENUM:
		put_enum(s, text);
		break;
	case BIND_TEXT:
		put_text(s, text);
		break;
	case BIND_PATH:
		put_path(s, text);
		break;
	case BIND_SECTION:
	case BIND_TEXTS:
	case BIND_MAP:
	case BIND_LIST:
		assert(s->row->type == BIND_TEXT);	/* not one value: bind_value has sent it elsewhere */
	}
}

/* The node is one value: not a list, not a section, not nothing. */
static bool
is_one(const struct spot *s)
{
	if (s->node->kind != NODE_TEXT)
		add(s, PROBLEM_WANT_VALUE, NULL, NULL, NULL);
	else if (s->node->text[0] == '\0' && !s->node->quoted)
		add(s, PROBLEM_EMPTY, NULL, NULL, NULL);
	else
		return true;
	return false;
}

/* Room for as many items as the node has; NULL if it is of another kind, or has too many or none. */
static char *
new_items(const struct spot *s, enum node_kind kind, size_t each)
{
	const struct node *node = s->node;
	char n[24], max[24];

	if (node->kind == NODE_TEXT && node->text[0] == '\0' && !node->quoted) {
		add(s, PROBLEM_EMPTY, NULL, NULL, NULL);
		return NULL;
	}
	if (node->kind != kind) {
		add(s, kind == NODE_LIST ? PROBLEM_WANT_LIST : PROBLEM_WANT_SECTION, NULL, NULL, NULL);
		return NULL;
	}
	if ((int64_t)node->n_kids > s->row->max) {
		snprintf(n, sizeof(n), "%zu", node->n_kids);
		snprintf(max, sizeof(max), "%" PRId64, s->row->max);
		add(s, PROBLEM_TOO_MANY, n, max, NULL);
		return NULL;
	}
	if ((int64_t)node->n_kids < s->row->min) {
		add(s, PROBLEM_TOO_FEW, NULL, NULL, NULL);
		return NULL;
	}
	return arena_array(s->b->mem, node->n_kids + 1, each);
}

static void
put_items(const struct spot *s, char *items, size_t n)
{
	*(char **)(s->into + s->row->offset) = items;
	*(size_t *)(s->into + s->row->n_offset) = n;
}

static void
put_texts(const struct spot *s)
{
	const char **texts = (const char **)(void *)new_items(s, NODE_LIST, sizeof(*texts));
	size_t i, j, n = 0;

	if (texts == NULL)
		return;
	for (i = 0; i < s->node->n_kids; i++) {
		char path[PROBLEM_KEY_LEN];
		struct spot item = *s;

		snprintf(path, sizeof(path), "%s[%zu]", s->path, i + 1);
		item.path = path;
		item.node = &s->node->kids[i];
		if (!is_one(&item) || !is_good_text(&item, item.node->text))
			continue;
		for (j = 0; j < n && strcmp(texts[j], item.node->text) != 0; j++)
			;
		if (j < n)
			add(&item, PROBLEM_REPEATED, item.node->text, NULL, NULL);
		else
			texts[n++] = arena_str(s->b->mem, item.node->text);
	}
	put_items(s, (char *)(void *)texts, n);
}

/* A map of what is not known before: each key is a value, too, with a row of its own. */
static void
put_map(const struct spot *s)
{
	const struct bind_row *key_row = &s->row->items[0], *value_row = &s->row->items[1];
	char *items = new_items(s, NODE_MAP, s->row->size);
	size_t i;

	if (items == NULL)
		return;
	for (i = 0; i < s->node->n_kids; i++) {
		const struct node *kid = &s->node->kids[i];
		struct node key = { .kind = NODE_TEXT, .line = kid->key_line, .col = kid->key_col, .text = kid->key };
		char path[PROBLEM_KEY_LEN];

		snprintf(path, sizeof(path), "%s.%s", s->path, kid->key);
		bind_value(s->b, key_row, items + i * s->row->size, &key, path);
		bind_value(s->b, value_row, items + i * s->row->size, kid, path);
	}
	put_items(s, items, s->node->n_kids);
}

static void
put_list(const struct spot *s)
{
	char *items = new_items(s, NODE_LIST, s->row->size);
	size_t i;

	if (items == NULL)
		return;
	for (i = 0; i < s->node->n_kids; i++) {
		char path[PROBLEM_KEY_LEN];

		snprintf(path, sizeof(path), "%s[%zu]", s->path, i + 1);
		binder_item(s->b, s->row->items, items + i * s->row->size, &s->node->kids[i], path);
	}
	put_items(s, items, s->node->n_kids);
}

void
bind_value(const struct binder *b, const struct bind_row *row, void *into, const struct node *node, const char *path)
{
	struct spot s = { .b = b, .row = row, .into = into, .node = node, .path = path };

	if (row->type == BIND_TEXTS)
		put_texts(&s);
	else if (row->type == BIND_MAP)
		put_map(&s);
	else if (row->type == BIND_LIST)
		put_list(&s);
	else if (is_one(&s))
		put_one(&s, node->text);
}

void
bind_default(const struct binder *b, const struct bind_row *row, void *into)
{
	struct spot s = { .b = b, .row = row, .into = into, .path = row->path };

	if (row->def != NULL)
		put_one(&s, row->def);
}
