/* SPDX-License-Identifier: EUPL-1.2 */
/* YAML to a tree, and everything of YAML that is refused. */
#include "config/document.h"

#include "tests/unit/config/config_world.h"

static struct node *root;

static enum err
parse(struct world *w, const void *bytes, size_t n)
{
	size_t len;
	FILE *to;
	enum err e;

	arena_reset(w->mem);
	problems_free(w->problems);
	free(w->said);
	w->problems = problems_new("c.yaml");
	e = document_parse(SPAN(bytes, n), w->mem, &root, w->problems);
	assert_non_null(to = open_memstream(&w->said, &len));
	problems_print(w->problems, LANG_EN, to);
	fclose(to);
	return e;
}

/* Every node knows its own place, and that of its key; columns count characters, not bytes. */
static void
document_parse_places(void **state)
{
	static const char text[] = "а: { б: \"\" }\nlist:\n  - one\n  -\n";
	struct world *w = *state;
	const struct node *at, *near;

	assert_int_equal(parse(w, text, sizeof(text) - 1), OK);
	assert_int_equal(root->n_kids, 2);
	at = node_at(root, "а.б", NULL);
	assert_non_null(at);
	assert_true(at->quoted && at->line == 1 && at->col == 9 && at->key_col == 6);
	at = node_at(root, "list", NULL);
	assert_true(at->kind == NODE_LIST && at->n_kids == 2 && at->key_line == 2);
	assert_string_equal(at->kids[0].text, "one");
	assert_true(at->kids[0].line == 3 && at->kids[0].col == 5 && !at->kids[1].quoted);
	assert_null(node_at(root, "а.в.г", &near));
	assert_string_equal(near->key, "а");
}

/* Nothing, and nothing but comments, is an empty map. */
static void
document_parse_empty(void **state)
{
	struct world *w = *state;

	assert_int_equal(parse(w, "", 0), OK);
	assert_true(root->kind == NODE_MAP && root->n_kids == 0);
	assert_int_equal(parse(w, "# only\n", 7), OK);
	assert_true(root->kind == NODE_MAP && root->n_kids == 0);
}

static const struct {
	const char *text, *says;
} refused[] = {
	{ "a: &x 1\n", "1:4: anchors and aliases (& and *) are not taken" },
	{ "a: 1\nb: *x\n", "2:4: anchors and aliases (& and *) are not taken" },
	{ "a: &x [1]\nb: {<<: *x}\n", "1:4: anchors and aliases (& and *) are not taken\n"
	  "2:9: anchors and aliases (& and *) are not taken" },
	{ "a: !!str 1\n", "1:4: tags (!) are not taken" },
	{ "a: 1\n---\nb: 1\n", "2:1: a second document begins here" },
	{ "a: 1\na: 2\n", "2:1: a: given twice, first in line 1" },
	{ "a: { b: 1, b: 2, c: 3, c: 4 }\n", "1:12: a.b: given twice, first in line 1\n1:24: a.c: given twice, first in line 1" },
	{ "a:\n  - { b: 1, b: 2 }\n", "2:13: a[1].b: given twice, first in line 2" },
	{ "[a, b]: 1\n", "1:1: a key must be a plain word" },
	{ "\"\": 1\n", "1:1: a key must be a plain word" },
	{ "[[[[[[[[[1]]]]]]]]]\n", "1:9: nested deeper than 8 levels" },
	{ "a: \"x\\0y\"\n", "1:4: a: holds a control character" },
	{ "a: \xFF\n", "1:4: not valid UTF-8" },
	{ "\xD0\xB0: \xC0\x80\n", "1:4: not valid UTF-8" },
	{ "a: \x01\n", "1:4: not valid YAML: control characters are not allowed" },
	{ "a: 1\n\tb: 2\n", "2:1: not valid YAML: found a tab character that violates indentation" },
	{ "a: [1\n", "2:1: not valid YAML: did not find expected ',' or ']'" },
	{ "a: 'x\n", "2:1: not valid YAML: found unexpected end of stream" },
	{ "a: b: c\n", "1:5: not valid YAML: mapping values are not allowed in this context" },
};

/* What a configuration does not need of YAML is refused, each at its place. */
static void
document_parse_refuses(void **state)
{
	struct world *w = *state;
	unsigned failed = 0;
	size_t i;

	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		enum err e = parse(w, refused[i].text, strlen(refused[i].text));
		bool good;

		good = e == ERR_CONFIG && world_said(w, refused[i].says);
		if (!good)
			print_error("%s\nwanted %s\nsaid %s\n", refused[i].text, refused[i].says, w->said);
		failed += !good;
	}
	assert_int_equal(failed, 0);
}

/* Bytes of every value at every place of a right text end in a tree or in a problem, never in both or neither. */
static void
document_parse_any_byte(void **state)
{
	static const char right[] = "a: {b: [1, \"x\"], c: 'y'}\nd: |\n  t\n";
	struct world *w = *state;
	char text[sizeof(right)];
	unsigned c;
	size_t i;

	for (i = 0; i < sizeof(right) - 1; i++) {
		for (c = 0; c < 256; c++) {
			memcpy(text, right, sizeof(right));
			text[i] = (char)c;
			if (parse(w, text, sizeof(right) - 1) == OK)
				assert_true(root != NULL && problems_errors(w->problems) == 0);
			else
				assert_true(problems_errors(w->problems) > 0);
		}
	}
}

/* A file of a byte more than the cap is refused, one of the cap is read; one that is not there says so. */
static void
document_load_cap(void **state)
{
	struct world *w = *state;
	char *text = malloc(DOCUMENT_MAX_BYTES + 1), path[256];

	memset(text, '#', DOCUMENT_MAX_BYTES + 1);
	world_write(w, "big", text, DOCUMENT_MAX_BYTES, 0600);
	w->problems = problems_new("c.yaml");
	assert_int_equal(document_load(world_path(w, "big", path), w->mem, &root, w->problems), OK);
	world_write(w, "big", text, DOCUMENT_MAX_BYTES + 1, 0600);
	assert_int_equal(document_load(path, w->mem, &root, w->problems), ERR_CONFIG);
	assert_int_equal(problems_get(w->problems, 0)->id, PROBLEM_FILE_SIZE);
	assert_int_equal(document_load(world_path(w, "none", path), w->mem, &root, w->problems), ERR_CONFIG);
	assert_int_equal(problems_get(w->problems, 1)->id, PROBLEM_READ);
	assert_int_equal(document_load(w->dir, w->mem, &root, w->problems), ERR_CONFIG);
	free(text);
}

/* More items than one map may have are refused before they are compared with each other. */
static void
document_parse_many(void **state)
{
	struct world *w = *state;
	char *text = NULL;
	size_t n, i;
	FILE *to = open_memstream(&text, &n);

	for (i = 0; i <= DOCUMENT_MAX_ITEMS; i++)
		fprintf(to, "k%zu: 1\n", i);
	fclose(to);
	assert_int_equal(parse(w, text, n), ERR_CONFIG);
	assert_true(world_said(w, "1:1: 8193 items are too many"));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(document_parse_places, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(document_parse_empty, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(document_parse_refuses, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(document_parse_any_byte, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(document_load_cap, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(document_parse_many, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
