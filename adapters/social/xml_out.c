/* SPDX-License-Identifier: EUPL-1.2 */
/* xml_out - what the sector says in JSON, said in XML: an element for each member, lists repeated, one namespace.
 *
 * The text is our own, so its names are names of elements and its depth is bounded; a caller chooses by Accept.
 */
#include "adapters/social/social.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "adapters/core/xml.h"
#include "adapters/core/xml_record.h"

#define XML_TYPE "application/xml; charset=utf-8"
#define PROBLEM_NS "urn:ietf:rfc:7807"
#define Q_WHOLE 1000u

/* -- which of the two -- */

/* Is the media type in p[0..n) XML (1), JSON (0), or neither (-1)? */
static int
form_of(const char *p, size_t n)
{
	static const struct { const char *type; int form; } types[] = {
		{ "application/xml", 1 }, { "text/xml", 1 }, { "application/problem+xml", 1 },
		{ "application/json", 0 }, { "application/problem+json", 0 }, { "text/json", 0 },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strlen(types[i].type) == n && strncasecmp(types[i].type, p, n) == 0)
			return types[i].form;
	return -1;
}

/* The weight of "q=0.8" among a type's parameters, in thousandths; whole without one. */
static unsigned
weight_of(const char *p, size_t n)
{
	unsigned weight = 0, each = Q_WHOLE / 10;
	size_t i = 0;

	while (i + 2 < n && !((p[i] == 'q' || p[i] == 'Q') && p[i + 1] == '=' && (i == 0 || strchr("; \t", p[i - 1]) != NULL)))
		i++;
	if (i + 2 >= n || p[i + 2] != '0')
		return Q_WHOLE;
	for (i += 4; i < n && p[i] >= '0' && p[i] <= '9' && each > 0; i++, each /= 10)
		weight += (unsigned)(p[i] - '0') * each;
	return weight;
}

bool
social_xml_is(const struct native *in)
{
	size_t n = in->media_type != NULL ? strcspn(in->media_type, "; \t") : 0;

	if (n > 0)
		return form_of(in->media_type, n) == 1;
	if (in->path != NULL && in->bytes.n == 0)
		return false;
	return in->format == FORMAT_XML || xml_is_likely(in->bytes);
}

bool
social_xml_is_wanted(const struct native *request)
{
	unsigned best[2] = { 0, 0 };

	for (const char *p = request->accept; p != NULL && *p != '\0';) {
		size_t n = strcspn(p, ","), type;
		int form;

		while (n > 0 && (*p == ' ' || *p == '\t')) {
			p++;
			n--;
		}
		for (type = 0; type < n && strchr("; \t", p[type]) == NULL; type++)
			;
		form = form_of(p, type);
		if (form >= 0 && weight_of(p + type, n - type) > best[form])
			best[form] = weight_of(p + type, n - type);
		p += p[n] == ',' ? n + 1 : n;
	}
	if (best[0] != best[1])
		return best[1] > best[0];
	return social_xml_is(request);
}

/* -- turning -- */

static void put_value(struct buf *b, const char *name, const json_t *value);

static void
put_members(struct buf *b, const json_t *object)
{
	json_t *members;

	memcpy(&members, &object, sizeof(members));	/* jansson's iterators take no const, and change nothing */
	for (void *i = json_object_iter(members); i != NULL; i = json_object_iter_next(members, i))
		put_value(b, json_object_iter_key(i), json_object_iter_value(i));
}

static void
put_value(struct buf *b, const char *name, const json_t *value)
{
	char digits[24];

	if (json_is_array(value)) {
		for (size_t i = 0; i < json_array_size(value); i++)
			put_value(b, name, json_array_get(value, i));
	} else if (json_is_object(value)) {
		buf_fmt(b, "<%s>", name);
		put_members(b, value);
		buf_fmt(b, "</%s>", name);
	} else if (json_is_integer(value)) {
		snprintf(digits, sizeof(digits), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		xml_put_element(b, name, digits);
	} else if (json_is_boolean(value)) {
		xml_put_element(b, name, json_is_true(value) ? "true" : "false");
	} else {
		xml_put_element(b, name, json_string_value(value));
	}
}

enum err
social_xml_turn(struct native *native, const char *root, struct arena *mem)
{
	bool is_problem = native->media_type != NULL && strncmp(native->media_type, "application/problem", 19) == 0;
	json_t *object = json_loadb((const char *)native->bytes.p, native->bytes.n, 0, NULL);
	struct buf b;

	if (object == NULL)
		return ERR_NOMEM;	/* our own text is JSON */
	if (is_problem)
		root = "problem";
	buf_init(&b, mem);
	buf_fmt(&b, XML_DECLARATION "<%s xmlns=\"%s\">", root, is_problem ? PROBLEM_NS : XML_RECORD_NS);
	put_members(&b, object);
	buf_fmt(&b, "</%s>\n", root);
	json_decref(object);
	native->format = FORMAT_XML;
	native->bytes = buf_bytes(&b);
	native->media_type = is_problem ? "application/problem+xml; charset=utf-8" : XML_TYPE;
	return b.e;
}
