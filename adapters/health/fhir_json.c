/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_json - bytes to a document: JSON within limits, its resources and the references between them.
 *
 * Nothing is parsed before a scan has bounded its size, depth and number of values, so that no input costs more memory
 * than FHIR_NODES_MAX values. The resources of a document are its entries, or the lone resource, and what they contain.
 */
#include "adapters/health/fhir.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

struct scan {
	size_t depth, deepest, n_values;
	bool in_text, is_escaped, is_closed, is_begun;
};

static void
scan_byte(struct scan *s, uint8_t c)
{
	if (s->in_text) {
		if (s->is_escaped)
			s->is_escaped = false;
		else if (c == '\\')
			s->is_escaped = true;
		else if (c == '"')
			s->in_text = false;
		return;
	}
	if (c == '"') {
		s->in_text = true;
	} else if (c == '{' || c == '[') {
		s->is_begun = true;
		s->n_values++;
		if (++s->depth > s->deepest)
			s->deepest = s->depth;
	} else if ((c == '}' || c == ']') && s->depth > 0) {
		s->is_closed = --s->depth == 0;
	} else if (c == ',') {
		s->n_values++;
	}
}

bool
fhir_is_complete(struct span bytes)
{
	struct scan s = { 0 };

	for (size_t i = 0; i < bytes.n; i++)
		scan_byte(&s, bytes.p[i]);
	return s.is_begun && s.is_closed && s.depth == 0 && !s.in_text;
}

static enum err
check_limits(struct span bytes, struct why *why)
{
	struct scan s = { 0 };

	if (bytes.n > FHIR_BYTES_MAX)
		return why_set(why, ERR_TOOBIG, NULL, "a document has at most %u bytes", FHIR_BYTES_MAX);
	for (size_t i = 0; i < bytes.n; i++) {
		scan_byte(&s, bytes.p[i]);
		if (s.deepest > FHIR_DEPTH_MAX)
			return why_set(why, ERR_TOOBIG, NULL, "nested deeper than %u levels", FHIR_DEPTH_MAX);
		if (s.n_values > FHIR_NODES_MAX)
			return why_set(why, ERR_TOOBIG, NULL, "more than %u values", FHIR_NODES_MAX);
	}
	return OK;
}

static enum err
explain(const json_error_t *fault, struct why *why)
{
	enum err e = ERR_SYNTAX;
	const char *text = "not JSON";

	switch (json_error_code(fault)) {	/* the others are all a matter of syntax */
	case json_error_premature_end_of_input:
		e = ERR_CUT_OFF;
		text = "the JSON ends before it is complete";
		break;
	case json_error_invalid_utf8:
	case json_error_null_byte_in_key:
	case json_error_null_character:
		e = ERR_CHARSET;
		text = "JSON is UTF-8, without NUL";
		break;
	case json_error_duplicate_key:
		text = "the same name twice in one object";
		break;
	case json_error_end_of_input_expected:
		text = "something follows the end of the JSON";
		break;
	case json_error_numeric_overflow:
		text = "a number is too large";
		break;
	case json_error_unknown:
	case json_error_out_of_memory:
	case json_error_stack_overflow:
	case json_error_cannot_open_file:
	case json_error_invalid_argument:
	case json_error_invalid_syntax:
	case json_error_invalid_format:
	case json_error_wrong_type:
	case json_error_null_value:
	case json_error_item_not_found:
	case json_error_index_out_of_range:
	default:
		break;
	}
	why_set(why, e, NULL, "%s", text);
	if (why != NULL && fault->line > 0) {
		why->line = (unsigned)fault->line;
		why->col = fault->column > 0 ? (unsigned)fault->column : 0;
	}
	return e;
}

static enum err
add_resource(struct fhir_doc *doc, const json_t *json, const char *full_url, const struct fhir_resource *parent, unsigned row,
	     struct why *why)
{
	const char *type = fhir_text(json, "resourceType");
	struct fhir_resource *r;

	if (type == NULL || *type == '\0')
		return why_set(why, ERR_REQUIRED, doc->bundle_type != NULL ? "Bundle.entry.resource.resourceType" : "resourceType",
			       "each resource names its type");
	if (doc->n == FHIR_ENTRIES_MAX)
		return why_set(why, ERR_TOOMANY, "Bundle.entry", "at most %u resources", FHIR_ENTRIES_MAX);
	r = &doc->items[doc->n++];
	*r = (struct fhir_resource){ .json = json, .type = type, .full_url = full_url, .parent = parent, .row = row };
	if (parent != NULL)
		return OK;	/* the standard forbids contained within contained */
	for (size_t i = 0; fhir_item(json, "contained", i) != NULL; i++) {
		enum err e = add_resource(doc, fhir_item(json, "contained", i), NULL, r, row, why);

		if (e != OK)
			return e;
	}
	return OK;
}

static enum err
add_entries(struct fhir_doc *doc, struct why *why)
{
	const json_t *entry;
	enum err e;

	doc->bundle_type = fhir_text(doc->root, "type");
	if (doc->bundle_type == NULL)
		return why_set(why, ERR_REQUIRED, "Bundle.type", "message, transaction, collection or batch");
	for (unsigned i = 0; (entry = fhir_item(doc->root, "entry", i)) != NULL; i++) {
		if (!json_is_object(fhir_at(entry, "resource")))
			continue;	/* a request of a batch without a body: nothing to map */
		e = add_resource(doc, fhir_at(entry, "resource"), fhir_text(entry, "fullUrl"), NULL, i + 1, why);
		if (e != OK)
			return e;
	}
	if (doc->n == 0)
		return why_set(why, ERR_REQUIRED, "Bundle.entry", "a Bundle has entries");
	return OK;
}

enum err
fhir_json_parse(struct span bytes, json_t **ret_root, struct why *why)
{
	json_error_t fault;
	enum err e;

	*ret_root = NULL;
	if (bytes.n >= 3 && memcmp(bytes.p, "\xef\xbb\xbf", 3) == 0)	/* what some editors put in front */
		bytes = SPAN(bytes.p + 3, bytes.n - 3);
	if ((e = check_limits(bytes, why)) != OK)
		return e;
	*ret_root = json_loadb((const char *)bytes.p, bytes.n, JSON_REJECT_DUPLICATES, &fault);
	return *ret_root != NULL ? OK : explain(&fault, why);
}

enum err
fhir_doc_parse(struct span bytes, struct arena *mem, struct fhir_doc *ret_doc, struct why *why)
{
	struct fhir_doc doc = { 0 };
	const char *type;
	enum err e;

	*ret_doc = doc;
	if ((e = fhir_json_parse(bytes, &doc.root, why)) != OK)
		return e;
	doc.items = arena_array(mem, FHIR_ENTRIES_MAX, sizeof(*doc.items));
	if (doc.items == NULL) {
		e = why_set(why, ERR_TOOBIG, NULL, "no room");
		goto out;
	}
	type = fhir_text(doc.root, "resourceType");
	if (type == NULL)
		e = why_set(why, ERR_REQUIRED, "resourceType", "a FHIR resource names its type");
	else if (strcmp(type, "Bundle") == 0)
		e = add_entries(&doc, why);
	else
		e = add_resource(&doc, doc.root, NULL, NULL, 0, why);
out:
	*ret_doc = doc;
	if (e != OK)
		fhir_doc_done(ret_doc);
	return e;
}

void
fhir_doc_done(struct fhir_doc *doc)
{
	json_decref(doc->made);
	doc->made = NULL;
	json_decref(doc->root);
	*doc = (struct fhir_doc){ 0 };
}

struct fhir_resource *
fhir_doc_first(const struct fhir_doc *doc, const char *type)
{
	for (size_t i = 0; i < doc->n; i++)
		if (strcmp(doc->items[i].type, type) == 0)
			return &doc->items[i];
	return NULL;
}

size_t
fhir_doc_count(const struct fhir_doc *doc, const char *type)
{
	size_t n = 0;

	for (size_t i = 0; i < doc->n; i++)
		if (doc->items[i].parent == NULL && strcmp(doc->items[i].type, type) == 0)
			n++;
	return n;
}

/* "http://host/fhir/Patient/7/_history/2" and "Patient/7" both end in the type and id of this resource? */
static bool
is_named(const struct fhir_resource *r, const char *reference)
{
	const char *id = fhir_text(r->json, "id"), *history = strstr(reference, "/_history/");
	size_t n = history != NULL ? (size_t)(history - reference) : strlen(reference);
	size_t n_type = strlen(r->type), n_id = id != NULL ? strlen(id) : 0;
	const char *at;

	if (n_id == 0 || n < n_type + 1 + n_id)
		return false;
	at = reference + n - n_id - 1 - n_type;
	return memcmp(at, r->type, n_type) == 0 && at[n_type] == '/' && memcmp(at + n_type + 1, id, n_id) == 0 &&
	       (at == reference || at[-1] == '/');
}

/* A relative reference against the base of a fullUrl: ".../fhir/Patient/7" ends in "/Patient/7". An absolute one is of its own
 * server: Patient/7 of another server is another child. */
static bool
may_mean(const struct fhir_resource *r, const char *reference)
{
	size_t n = r->full_url != NULL ? strlen(r->full_url) : 0, n_reference = strlen(reference);

	if (strstr(reference, "://") != NULL)
		return r->full_url == NULL && is_named(r, reference);
	if (is_named(r, reference))
		return true;
	return strchr(reference, '/') != NULL && n > n_reference && r->full_url[n - n_reference - 1] == '/' &&
	       strcmp(r->full_url + n - n_reference, reference) == 0;
}

static struct fhir_resource *
resolve_contained(const struct fhir_doc *doc, const struct fhir_resource *home, const char *id)
{
	for (size_t i = 0; i < doc->n; i++) {
		const char *its = fhir_text(doc->items[i].json, "id");

		if (doc->items[i].parent == home && its != NULL && strcmp(its[0] == '#' ? its + 1 : its, id) == 0)
			return &doc->items[i];
	}
	return NULL;
}

struct fhir_resource *
fhir_doc_resolve(const struct fhir_doc *doc, const struct fhir_resource *from, const json_t *reference)
{
	const char *ref = json_is_string(reference) ? json_string_value(reference) : fhir_peek(reference, "reference");
	struct fhir_resource *found = NULL;

	if (ref == NULL)
		return NULL;
	if (ref[0] == '#')
		return resolve_contained(doc, from->parent != NULL ? from->parent : from, ref + 1);
	for (size_t i = 0; i < doc->n; i++)
		if (doc->items[i].full_url != NULL && strcmp(doc->items[i].full_url, ref) == 0)
			return &doc->items[i];
	for (size_t i = 0; i < doc->n; i++) {
		if (doc->items[i].parent != NULL || !may_mean(&doc->items[i], ref))
			continue;
		if (found != NULL)
			return NULL;	/* two could be meant: nobody guesses which child */
		found = &doc->items[i];
	}
	return found;
}

/* -- values -- */

/* ret_member: where in its object the last one stands, for fhir_mark_member; NULL if there is none. */
static const json_t *
walk(const json_t *from, const char *path, const void **ret_member)
{
	char key[64];
	void *at;

	*ret_member = NULL;
	while (from != NULL && *path != '\0') {
		size_t n = strcspn(path, ".");

		if (json_is_array(from))
			from = json_array_get(from, 0);
		if (!json_is_object(from) || n >= sizeof(key))
			return NULL;
		memcpy(key, path, n);
		key[n] = '\0';
		at = json_object_iter_at((json_t *)(uintptr_t)from, key);
		from = at != NULL ? json_object_iter_value(at) : NULL;
		*ret_member = at;
		path += path[n] == '.' ? n + 1 : n;
	}
	return from != NULL && !json_is_null(from) ? from : NULL;
}

const json_t *
fhir_at(const json_t *from, const char *path)
{
	const void *member;
	const json_t *v = walk(from, path, &member);

	fhir_mark_member(member, v);
	return v;
}

static const char *
text_of(const json_t *v)
{
	const char *text;

	if (json_is_array(v))
		v = json_array_get(v, 0);
	text = json_string_value(v);	/* NULL for any other kind */
	return text != NULL && *text != '\0' ? text : NULL;
}

const char *
fhir_text(const json_t *from, const char *path)
{
	return text_of(fhir_at(from, path));
}

const char *
fhir_peek(const json_t *from, const char *path)
{
	const void *member;

	return text_of(walk(from, path, &member));
}

const json_t *
fhir_item(const json_t *from, const char *key, size_t i)
{
	const void *member;
	const json_t *list = walk(from, key, &member);

	if (list != NULL && !json_is_array(list)) {
		if (i == 0)
			fhir_mark_member(member, list);
		return i == 0 ? list : NULL;
	}
	fhir_mark_item(list, i);
	return json_array_get(list, i);
}

const json_t *
fhir_extension(const json_t *from, const char *url)
{
	const json_t *x, *value;
	const char *key, *its;

	for (size_t i = 0; (x = fhir_item(from, "extension", i)) != NULL; i++) {
		its = fhir_text(x, "url");
		if (its == NULL || strcmp(its, url) != 0)
			continue;
		for (void *at = json_object_iter((json_t *)(uintptr_t)x); at != NULL;
		     at = json_object_iter_next((json_t *)(uintptr_t)x, at)) {
			key = json_object_iter_key(at);
			value = json_object_iter_value(at);
			if (strncmp(key, "value", 5) == 0) {
				fhir_mark_member(at, value);
				return value;
			}
		}
		return x;	/* a complex one: its own extensions are its value */
	}
	return NULL;
}

const char *
fhir_identifier(const json_t *resource, const char *type)
{
	const json_t *id, *coding;

	for (size_t i = 0; (id = fhir_item(resource, "identifier", i)) != NULL; i++)
		for (size_t k = 0; (coding = fhir_item(fhir_at(id, "type"), "coding", k)) != NULL; k++) {
			const char *code = fhir_text(coding, "code");

			if (code != NULL && strcmp(code, type) == 0 && fhir_peek(id, "value") != NULL)
				return fhir_text(id, "value");
		}
	return NULL;
}
