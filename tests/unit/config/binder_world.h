/* SPDX-License-Identifier: EUPL-1.2 */
/* binder_world - a small struct with one field of every type, its table, and a text bound into it: for the tests of the
 * binder, its values and the printer.
 */
#ifndef TESTS_BINDER_WORLD_H
#define TESTS_BINDER_WORLD_H

#include "config/tables.h"
#include "tests/unit/config/config_world.h"

struct thing {
	bool on, flag;
	uint32_t number;
	uint16_t port;
	uint64_t size;
	int64_t time;
	enum lang lang;
	const char *text, *path;
	const char *const *words;
	size_t n_words;
	struct adapter_pair *pairs;
	size_t n_pairs;
	struct adapter_route *routes;
	size_t n_routes;
};

static const struct bind_row thing_pairs[] = {
	{ "key", BIND_TEXT, 0, 0, FIELD(struct adapter_pair, key), .form = &form_code },
	{ "value", BIND_TEXT, 0, 0, FIELD(struct adapter_pair, value) },
	{ .path = NULL },
};
static const struct bind_row thing_routes[] = {
	{ "to", BIND_TEXT, BIND_REQUIRED, 0, FIELD(struct adapter_route, to), .help = "who", .hint = "say who" },
	{ "service_kind", BIND_TEXT, 0, 0, FIELD(struct adapter_route, service_kind), .def = "any" },
	{ .path = NULL },
};
static const struct bind_row thing_rows[] = {
	{ "number", BIND_INT, BIND_REQUIRED, 0, FIELD(struct thing, number), .min = 1, .max = UINT32_MAX, .help = "how many",
	  .hint = "count" },
	{ "a.b.flag", BIND_BOOL, 0, 0, FIELD(struct thing, flag), .def = "true" },
	{ "a.b.lang", BIND_ENUM, 0, 0, FIELD(struct thing, lang), .def = "bg", .names = config_languages },
	{ "a.text", BIND_TEXT, 0, 0, FIELD(struct thing, text), .max = 8 },
	{ "door", BIND_SECTION, 0, 0, FIELD(struct thing, on) },
	{ "door.port", BIND_INT, BIND_REQUIRED, 0, FIELD(struct thing, port), .min = 1, .max = 65535, .help = "where",
	  .hint = "name a port" },
	{ "door.size", BIND_BYTES, 0, 0, FIELD(struct thing, size), .def = "1MiB", .min = 1, .max = 1 << 30 },
	{ "door.time", BIND_MS, 0, 0, FIELD(struct thing, time), .def = "5s", .min = 1, .max = 86400000 },
	{ "path", BIND_PATH, 0, NEED_NOTHING, FIELD(struct thing, path) },
	{ "words", BIND_TEXTS, 0, 0, FIELD(struct thing, words), offsetof(struct thing, n_words), .max = 3 },
	{ "pairs", BIND_MAP, 0, 0, .offset = offsetof(struct thing, pairs), .size = sizeof(struct adapter_pair),
	  .n_offset = offsetof(struct thing, n_pairs), .max = 4, .items = thing_pairs },
	{ "routes", BIND_LIST, 0, 0, .offset = offsetof(struct thing, routes), .size = sizeof(struct adapter_route),
	  .n_offset = offsetof(struct thing, n_routes), .max = 4, .items = thing_routes },
	{ .path = NULL },
};

static struct thing thing;
static struct binder thing_binder;

static inline enum err
thing_load(const char *file, struct world *w)
{
	struct node *root = NULL;
	enum err e = document_load(file, w->mem, &root, w->problems);

	thing = (struct thing){ .on = false };
	thing_binder = (struct binder){ thing_rows, &thing, root, w->dir, w->mem, w->problems, false };
	return e == OK ? binder_run(&thing_binder) : e;
}

#endif
