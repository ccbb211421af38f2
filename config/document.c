/* SPDX-License-Identifier: EUPL-1.2 */
/* document - YAML text to a tree of nodes in an arena, in two passes over the same bytes.
 *
 * The first pass reads libyaml's events and refuses what its document interface would hide (it resolves aliases and
 * forgets anchors); the second loads the document and copies it. After the first pass the tree is known to be finite
 * and shallow, so the copy may recurse. Called by binder users through config.c, and by the tests.
 */
#include "config/document.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "config/problem.h"
#include "proto/base/arena.h"

enum { KEY_PATH_LEN = PROBLEM_KEY_LEN };

struct copying {
	yaml_document_t *doc;
	struct arena *mem;
	struct problems *problems;
};

static struct problem_place
place_of(yaml_mark_t mark)
{
	return (struct problem_place){ .line = (unsigned)mark.line + 1, .col = (unsigned)mark.column + 1 };
}

/* Where byte `at` of the text stands; columns count characters. */
static struct problem_place
place_at(struct span text, size_t at)
{
	struct problem_place place = { .line = 1, .col = 1 };
	size_t i;

	for (i = 0; i < at && i < text.n; i++) {
		if (text.p[i] == '\n') {
			place.line++;
			place.col = 1;
		} else if ((text.p[i] & 0xC0) != 0x80) {
			place.col++;
		}
	}
	return place;
}

/* The first byte that makes the text bad UTF-8: the longest good prefix of whole characters ends there. */
static size_t
bad_utf8_at(struct span text)
{
	size_t at = 0, n;

	while (at < text.n) {
		uint8_t c = text.p[at];

		n = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
		if (n > text.n - at || !bytes_is_utf8(SPAN(text.p + at, n)))
			break;
		at += n;
	}
	return at;
}

static void
add_parser_problem(yaml_parser_t *parser, struct span text, struct problems *problems)
{
	struct problem_place place = place_of(parser->problem_mark);

	if (parser->error == YAML_READER_ERROR)
		place = place_at(text, parser->problem_offset);
	problems_add(problems, place, PROBLEM_YAML, parser->problem ? parser->problem : "out of memory", NULL, NULL);
}

/* Whether the event begins something nested; what must not be there is a problem. */
static enum problem_id
event_problem(const yaml_event_t *event)
{
	const yaml_char_t *anchor = NULL, *tag = NULL;

	if (event->type == YAML_ALIAS_EVENT)
		return PROBLEM_ALIAS;
	if (event->type == YAML_SCALAR_EVENT) {
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
	} else if (event->type == YAML_SEQUENCE_START_EVENT) {
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
	} else if (event->type == YAML_MAPPING_START_EVENT) {
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
	}
	return anchor ? PROBLEM_ALIAS : tag ? PROBLEM_TAG : N_PROBLEMS;
}

/* First pass: nothing but text, lists and maps, in one shallow document. */
static void
scan(yaml_parser_t *parser, struct span text, struct problems *problems)
{
	unsigned depth = 0, documents = 0;
	bool more = true;

	while (more) {
		enum problem_id id;
		yaml_event_t event;

		if (!yaml_parser_parse(parser, &event)) {
			add_parser_problem(parser, text, problems);
			return;
		}
		if ((id = event_problem(&event)) != N_PROBLEMS)
			problems_add(problems, place_of(event.start_mark), id, NULL, NULL, NULL);
		if (event.type == YAML_MAPPING_START_EVENT || event.type == YAML_SEQUENCE_START_EVENT)
			depth++;
		if (event.type == YAML_MAPPING_END_EVENT || event.type == YAML_SEQUENCE_END_EVENT)
			depth--;
		if (event.type == YAML_DOCUMENT_START_EVENT && ++documents == 2) {
			problems_add(problems, place_of(event.start_mark), PROBLEM_SECOND_DOCUMENT, NULL, NULL, NULL);
			more = false;
		}
		if (depth > DOCUMENT_MAX_DEPTH) {
			problems_add(problems, place_of(event.start_mark), PROBLEM_DEEP, "8", NULL, NULL);
			more = false;
		}
		more = more && event.type != YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
}

static bool copy_node(struct copying *c, int id, const char *path, struct node *to);

static void
add_at_key(struct copying *c, const yaml_node_t *key, const char *path, enum problem_id id, const char *arg)
{
	struct problem_place place = place_of(key->start_mark);

	place.key = path;
	problems_add(c->problems, place, id, arg, NULL, NULL);
}

static bool
add_too_many(struct copying *c, const yaml_node_t *from, const char *path, size_t n)
{
	struct problem_place place = place_of(from->start_mark);
	char count[24];

	place.key = path;
	snprintf(count, sizeof(count), "%zu", n);
	problems_add(c->problems, place, PROBLEM_TOO_MANY, count, "8192", NULL);
	return true;
}

/* A doubled key is reported and its second value left out, so that the rest is still checked. */
static bool
copy_map(struct copying *c, const yaml_node_t *from, const char *path, struct node *to)
{
	const yaml_node_pair_t *pair;
	size_t n = (size_t)(from->data.mapping.pairs.top - from->data.mapping.pairs.start);

	if (n > DOCUMENT_MAX_ITEMS)
		return add_too_many(c, from, path, n);
	if (n > 0 && (to->kids = arena_array(c->mem, n, sizeof(*to->kids))) == NULL)
		return false;
	for (pair = from->data.mapping.pairs.start; pair < from->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = yaml_document_get_node(c->doc, pair->key);
		struct node *kid = &to->kids[to->n_kids];
		char kid_path[KEY_PATH_LEN], line[16];
		const struct node *first;
		const char *word;

		word = key->type == YAML_SCALAR_NODE ? (const char *)key->data.scalar.value : "";
		if (word[0] == '\0' || strlen(word) != key->data.scalar.length) {
			add_at_key(c, key, path, PROBLEM_KEY_KIND, NULL);
			continue;
		}
		snprintf(kid_path, sizeof(kid_path), "%s%s%s", path, path[0] != '\0' ? "." : "", word);
		if ((first = node_find(to, word, strlen(word))) != NULL) {
			snprintf(line, sizeof(line), "%u", first->key_line);
			add_at_key(c, key, kid_path, PROBLEM_DUPLICATE, line);
			continue;
		}
		if (!copy_node(c, pair->value, kid_path, kid))
			return false;
		kid->key = arena_str(c->mem, word);
		kid->key_line = (unsigned)key->start_mark.line + 1;
		kid->key_col = (unsigned)key->start_mark.column + 1;
		if (kid->kind == NODE_TEXT && kid->text[0] == '\0' && !kid->quoted) {
			kid->line = kid->key_line;	/* nothing has no place: libyaml gives that of what follows */
			kid->col = kid->key_col;
		}
		to->n_kids++;
	}
	return !arena_is_full(c->mem);
}

static bool
copy_list(struct copying *c, const yaml_node_t *from, const char *path, struct node *to)
{
	size_t n = (size_t)(from->data.sequence.items.top - from->data.sequence.items.start), i;

	if (n > DOCUMENT_MAX_ITEMS)
		return add_too_many(c, from, path, n);
	if (n > 0 && (to->kids = arena_array(c->mem, n, sizeof(*to->kids))) == NULL)
		return false;
	for (i = 0; i < n; i++) {
		char kid_path[KEY_PATH_LEN];

		snprintf(kid_path, sizeof(kid_path), "%s[%zu]", path, i + 1);
		if (!copy_node(c, from->data.sequence.items.start[i], kid_path, &to->kids[i]))
			return false;
		to->n_kids++;
	}
	return true;
}

static bool
copy_node(struct copying *c, int id, const char *path, struct node *to)
{
	const yaml_node_t *from = yaml_document_get_node(c->doc, id);

	assert(from != NULL);
	to->line = (unsigned)from->start_mark.line + 1;
	to->col = (unsigned)from->start_mark.column + 1;
	if (from->type == YAML_MAPPING_NODE) {
		to->kind = NODE_MAP;
		return copy_map(c, from, path, to);
	}
	if (from->type == YAML_SEQUENCE_NODE) {
		to->kind = NODE_LIST;
		return copy_list(c, from, path, to);
	}
	to->kind = NODE_TEXT;
	to->quoted = from->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	to->text = arena_strn(c->mem, from->data.scalar.value, from->data.scalar.length);
	if (to->text != NULL && strlen(to->text) != from->data.scalar.length)
		problems_add(c->problems, (struct problem_place){ to->line, to->col, path }, PROBLEM_TEXT_CONTROL, NULL, NULL,
			     NULL);
	return to->text != NULL;
}

/* Second pass. */
static enum err
load(yaml_parser_t *parser, struct span text, struct arena *mem, struct node *root, struct problems *problems)
{
	struct copying c = { .mem = mem, .problems = problems };
	yaml_document_t doc;

	if (!yaml_parser_load(parser, &doc)) {
		add_parser_problem(parser, text, problems);
		return ERR_CONFIG;
	}
	c.doc = &doc;
	*root = (struct node){ .kind = NODE_MAP, .line = 1, .col = 1 };
	if (yaml_document_get_root_node(&doc) != NULL && !copy_node(&c, 1, "", root))
		problems_add(problems, (struct problem_place){ 0 }, PROBLEM_TOO_MUCH, NULL, NULL, NULL);
	yaml_document_delete(&doc);
	return arena_is_full(mem) ? ERR_CONFIG : OK;
}

enum err
document_parse(struct span text, struct arena *mem, struct node **ret_root, struct problems *problems)
{
	static const uint8_t nothing[1];
	size_t before = problems_errors(problems);
	struct node *root = arena_alloc(mem, sizeof(*root));
	enum err e = ERR_CONFIG;
	int pass;

	*ret_root = NULL;
	if (root == NULL)
		return ERR_TOOBIG;
	if (text.n > 0 && !bytes_is_utf8(text)) {
		problems_add(problems, place_at(text, bad_utf8_at(text)), PROBLEM_UTF8, NULL, NULL, NULL);
		return ERR_CONFIG;
	}
	for (pass = 1; pass <= 2; pass++) {
		yaml_parser_t parser;

		if (!yaml_parser_initialize(&parser))
			return ERR_NOMEM;
		yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
		yaml_parser_set_input_string(&parser, text.n > 0 ? text.p : nothing, text.n);
		if (pass == 1)
			scan(&parser, text, problems);
		else
			e = load(&parser, text, mem, root, problems);
		yaml_parser_delete(&parser);
		if (pass == 1 && problems_errors(problems) > before)
			return ERR_CONFIG;
	}
	if (e != OK)
		return e;
	*ret_root = root;
	return problems_errors(problems) > before ? ERR_CONFIG : OK;
}

enum err
document_load(const char *file, struct arena *mem, struct node **ret_root, struct problems *problems)
{
	uint8_t *bytes = arena_alloc(mem, DOCUMENT_MAX_BYTES + 1);
	FILE *in = NULL;
	enum err e = ERR_CONFIG;
	size_t n;

	*ret_root = NULL;
	if (bytes == NULL)
		return ERR_TOOBIG;
	errno = 0;
	if ((in = fopen(file, "re")) == NULL || ((n = fread(bytes, 1, DOCUMENT_MAX_BYTES + 1, in)), ferror(in))) {
		problems_add_errno(problems, (struct problem_place){ 0 }, PROBLEM_READ, errno);
		goto out;
	}
	if (n > DOCUMENT_MAX_BYTES) {
		problems_add(problems, (struct problem_place){ 0 }, PROBLEM_FILE_SIZE, "1MiB", NULL, NULL);
		goto out;
	}
	e = document_parse(SPAN(bytes, n), mem, ret_root, problems);
out:
	if (in != NULL)
		fclose(in);
	return e;
}

const struct node *
node_find(const struct node *map, const char *key, size_t key_len)
{
	size_t i;

	if (map == NULL || map->kind != NODE_MAP)
		return NULL;
	for (i = 0; i < map->n_kids; i++)
		if (strlen(map->kids[i].key) == key_len && memcmp(map->kids[i].key, key, key_len) == 0)
			return &map->kids[i];
	return NULL;
}

const struct node *
node_at(const struct node *root, const char *path, const struct node **ret_near)
{
	const struct node *at = root, *near = root;

	while (at != NULL && *path != '\0') {
		size_t n = strcspn(path, ".");

		near = at;
		at = node_find(at, path, n);
		path += n + (path[n] == '.');
	}
	if (ret_near != NULL)
		*ret_near = near;
	return at;
}
