/* SPDX-License-Identifier: EUPL-1.2 */
/* xml_in - a body in XML as the JSON that it stands for, so that there is one reader of both.
 *
 * Same names, one namespace: the type description says which elements are lists, numbers or truths. The root element is the
 * body: referral, status, registered, or record with its kind. A fault found later by its path gets the element's place.
 */
#include "adapters/social/social.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/core/xml.h"
#include "adapters/core/xml_record.h"

#define DIGITS_MAX 18
#define STEP_MAX 64

struct xml_reading {
	struct why *why;
	enum err e;		/* the first fault; OK with nothing read: no memory */
};

static json_t *object_of(struct xml_reading *r, const struct xml_node *node, const struct record_type *type);

static void
refuse(struct xml_reading *r, enum err e, const struct xml_node *node, const char *text)
{
	if (r->e != OK)
		return;
	r->e = why_set(r->why, e, NULL, "%s", text);
	xml_place(node, r->why);
}

/* What is nobody's is refused; xsi:schemaLocation and its like say nothing about the child. */
static bool
is_plain(struct xml_reading *r, const struct xml_node *node)
{
	if (strcmp(node->ns, XML_RECORD_NS) != 0 && node->ns[0] != '\0') {
		refuse(r, ERR_UNSUPPORTED, node, "the namespace is " XML_RECORD_NS);
		return false;
	}
	for (size_t i = 0; i < node->n_attrs; i++)
		if (node->attrs[i].ns[0] == '\0') {
			refuse(r, ERR_UNKNOWN_FIELD, node, "an element has no attributes");
			return false;
		}
	if (node->is_mixed) {
		refuse(r, ERR_SYNTAX, node, "text stands beside elements");
		return false;
	}
	return true;
}

/* In a code or a number blanks around are the writer's indentation; in a text they are the text. */
static json_t *
scalar_of(const struct xml_node *node, const struct field *f)
{
	static const char blanks[] = " \t\r\n";
	const char *text = node->text;
	size_t n = strlen(text);

	if (f != NULL && f->kind != FIELD_TEXT && f->kind != FIELD_TEXTS) {
		n -= strspn(text, blanks);
		text += strspn(text, blanks);
		while (n > 0 && strchr(blanks, text[n - 1]) != NULL)
			n--;
	}
	if (n == 0)
		return json_null();
	if (f != NULL && f->kind == FIELD_BOOL && ((n == 4 && memcmp(text, "true", 4) == 0) || (n == 1 && *text == '1')))
		return json_true();
	if (f != NULL && f->kind == FIELD_BOOL && ((n == 5 && memcmp(text, "false", 5) == 0) || (n == 1 && *text == '0')))
		return json_false();
	if (f != NULL && f->kind == FIELD_INT && n <= DIGITS_MAX && strspn(text, "0123456789") >= n)
		return json_integer((json_int_t)strtoll(text, NULL, 10));
	return json_stringn(text, n);
}

static json_t *
value_of(struct xml_reading *r, const struct xml_node *node, const struct field *f)
{
	if (!is_plain(r, node))
		return NULL;
	if (f != NULL && f->of != NULL && node->text[0] != '\0') {
		refuse(r, ERR_SYNTAX, node, "elements are expected, not a text");
		return NULL;
	}
	if (f != NULL && f->of != NULL)
		return object_of(r, node, f->of);
	if (node->first != NULL && f != NULL) {
		refuse(r, ERR_SYNTAX, node, "a value is expected, not elements");
		return NULL;
	}
	return scalar_of(node, f);
}

/* Put one element into the object; false: a fault, or no memory. */
static bool
add(struct xml_reading *r, json_t *object, const struct xml_node *node, const struct field *f)
{
	json_t *value = value_of(r, node, f), *list = json_object_get(object, node->name);

	if (value == NULL)
		return false;
	if (f == NULL || !record_field_is_list(f)) {
		if (list == NULL)
			return json_object_set_new(object, node->name, value) == 0;
		json_decref(value);
		refuse(r, ERR_SYNTAX, node, "an element is given twice");
		return false;
	}
	if (list == NULL) {
		list = json_array();
		if (json_object_set_new(object, node->name, list) != 0) {
			json_decref(value);
			return false;
		}
	}
	return json_array_append_new(list, value) == 0;
}

/* type NULL: what stands around a record, all texts. */
static json_t *
object_of(struct xml_reading *r, const struct xml_node *node, const struct record_type *type)
{
	json_t *object = json_object();

	for (const struct xml_node *child = node->first; object != NULL && child != NULL; child = child->next) {
		const struct field *f = type != NULL ? record_field(type, child->name) : NULL;

		if (add(r, object, child, f))
			continue;
		json_decref(object);
		return NULL;
	}
	return object;
}

/* The description of the body that the root element names; false: it names none. NULL: texts only. */
static bool
type_of(const struct xml_node *root, const struct record_type **ret_type)
{
	static const char *const roots[] = { "referral", "status", "record", "registered" };

	*ret_type = NULL;
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
		if (strcmp(roots[i], root->name) == 0) {
			*ret_type = record_type_by_name(roots[i]);
			return true;
		}
	return false;
}

enum err
social_xml_parse(struct span bytes, const char *charset, struct arena *mem, struct json_t **ret_root, struct why *why)
{
	struct xml_reading r = { .why = why };
	const struct record_type *type;
	const struct xml_node *root;

	*ret_root = NULL;
	if (bytes.n > SOCIAL_JSON_MAX)
		return why_set(why, ERR_TOOBIG, NULL, "a body has at most %d bytes", SOCIAL_JSON_MAX);
	if ((r.e = xml_parse(bytes, charset, mem, &root, why)) != OK)
		return r.e;
	if (!type_of(root, &type))
		refuse(&r, ERR_UNSUPPORTED, root, "the root element is referral, status, record or registered");
	else if (root->text[0] != '\0')
		refuse(&r, ERR_SYNTAX, root, "elements are expected, not a text");
	else if (is_plain(&r, root))
		*ret_root = object_of(&r, root, type);
	if (*ret_root == NULL && r.e == OK)
		return why_set(why, ERR_NOMEM, NULL, "no memory for the body");
	return r.e;
}

/* One step of a path of the record, "ids[1]": the element of that name and number. */
static const struct xml_node *
step(const struct xml_node *node, const char *at, size_t n)
{
	char name[STEP_MAX];
	const char *index = memchr(at, '[', n);
	size_t len = index != NULL ? (size_t)(index - at) : n;

	if (len >= sizeof(name))
		return NULL;
	memcpy(name, at, len);
	name[len] = '\0';
	node = xml_child(node, name);
	for (unsigned long i = index != NULL ? strtoul(index + 1, NULL, 10) : 0; node != NULL && i > 0; i--)
		node = xml_again(node);
	return node;
}

void
social_xml_place(struct span bytes, const char *charset, struct arena *mem, struct why *why)
{
	const struct xml_node *node, *next;
	const char *at = why->where;
	size_t n = strcspn(at, ".");

	if (why->line != 0 || *at == '\0' || xml_parse(bytes, charset, mem, &node, NULL) != OK)
		return;
	if (strlen(node->name) == n && strncmp(node->name, at, n) == 0)
		at += at[n] == '.' ? n + 1 : n;
	for (; *at != '\0'; at += at[n] == '.' ? n + 1 : n) {
		n = strcspn(at, ".");
		if ((next = step(node, at, n)) == NULL)
			break;		/* what is missing has the place of where it should be */
		node = next;
	}
	xml_place(node, why);
}
