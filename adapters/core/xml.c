/* SPDX-License-Identifier: EUPL-1.2 */
/* xml - expat in its bounds.
 *
 * What would let a document grow beyond what was sent, or reach outside it, needs a document type declaration, so that is
 * refused at its first character. The rest is counted while it is read: expat is stopped at the first fault, which is kept.
 */
#include "adapters/core/xml.h"

#include <ctype.h>
#include <expat.h>
#include <strings.h>

#include "adapters/core/charset.h"

#define NS_SEPARATOR '\x1f'	/* never in a namespace that is a URI */
#define DECLARATION_MAX 200
#define ENCODING_MAX 40

struct reader {
	XML_Parser parser;
	struct arena *mem;		/* NULL: nothing is kept */
	struct xml_node *root, *at;
	struct xml_node *last[XML_DEPTH_MAX + 1];	/* the child given last, by depth */
	struct buf run;			/* text since the last tag */
	size_t n_nodes, depth;
	enum err e;
	struct why *why;
};

static void
refuse(struct reader *r, enum err e, const char *text)
{
	if (r->e != OK)
		return;
	r->e = why_set(r->why, e, NULL, "%s", text);
	if (r->why != NULL) {
		r->why->line = (unsigned)XML_GetCurrentLineNumber(r->parser);
		r->why->col = (unsigned)XML_GetCurrentColumnNumber(r->parser) + 1;
	}
	XML_StopParser(r->parser, XML_FALSE);
}

static void
refuse_full(struct reader *r)
{
	refuse(r, ERR_TOOBIG, "no room for the document");
}

/* expat gives "uri<sep>local", or "local" alone. */
static bool
split_name(struct reader *r, const char *said, const char **ret_ns, const char **ret_name)
{
	const char *sep = strchr(said, NS_SEPARATOR);

	if (strlen(said) > XML_NAME_MAX) {
		refuse(r, ERR_TOOLONG, "the name of an element or attribute");
		return false;
	}
	*ret_ns = sep != NULL ? arena_strn(r->mem, said, (size_t)(sep - said)) : "";
	*ret_name = arena_str(r->mem, sep != NULL ? sep + 1 : said);
	if (*ret_ns != NULL && *ret_name != NULL)
		return true;
	refuse_full(r);
	return false;
}

static bool
has_text(const struct buf *run)
{
	for (size_t i = 0; i < run->n; i++)
		if (!isspace(run->p[i]))
			return true;
	return false;
}

static void
read_attrs(struct reader *r, struct xml_node *node, const char **said)
{
	struct xml_attr *attrs;
	size_t n = 0;

	while (said[2 * n] != NULL)
		n++;
	if (n == 0)
		return;
	if (n > XML_ATTRS_MAX) {
		refuse(r, ERR_TOOMANY, "attributes of one element");
		return;
	}
	if ((attrs = arena_array(r->mem, n, sizeof(*attrs))) == NULL) {
		refuse_full(r);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (strlen(said[2 * i + 1]) > XML_VALUE_MAX) {
			refuse(r, ERR_TOOLONG, "the value of an attribute");
			return;
		}
		if (!split_name(r, said[2 * i], &attrs[i].ns, &attrs[i].name))
			return;
		if ((attrs[i].value = arena_str(r->mem, said[2 * i + 1])) == NULL) {
			refuse_full(r);
			return;
		}
	}
	node->attrs = attrs;
	node->n_attrs = n;
}

static bool
count(struct reader *r)
{
	if (r->depth >= XML_DEPTH_MAX)
		refuse(r, ERR_SYNTAX, "nested too deep");
	else if (++r->n_nodes > XML_NODES_MAX)
		refuse(r, ERR_TOOMANY, "too many elements");
	return r->e == OK;
}

static void XMLCALL
on_start(void *arg, const XML_Char *name, const XML_Char **attrs)
{
	struct reader *r = arg;
	struct xml_node *node;

	if (r->e != OK || !count(r))
		return;
	r->depth++;
	if (r->mem == NULL)
		return;
	if ((node = arena_alloc(r->mem, sizeof(*node))) == NULL) {
		refuse_full(r);
		return;
	}
	*node = (struct xml_node){
		.text = "", .parent = r->at, .line = (unsigned)XML_GetCurrentLineNumber(r->parser),
		.col = (unsigned)XML_GetCurrentColumnNumber(r->parser) + 1,
	};
	if (!split_name(r, name, &node->ns, &node->name))
		return;
	read_attrs(r, node, attrs);
	if (r->at != NULL)
		r->at->is_mixed |= has_text(&r->run);
	r->run.n = 0;
	if (r->root == NULL)
		r->root = node;
	else if (r->last[r->depth] != NULL)
		r->last[r->depth]->next = node;
	else if (r->at != NULL)
		r->at->first = node;
	r->last[r->depth] = node;
	if (r->depth < XML_DEPTH_MAX)
		r->last[r->depth + 1] = NULL;
	r->at = node;
}

static void XMLCALL
on_end(void *arg, const XML_Char *name)
{
	struct reader *r = arg;
	struct xml_node *node = r->at, *parent;

	(void)name;
	if (r->e != OK)
		return;
	r->depth--;
	if (r->mem == NULL)
		return;
	if (has_text(&r->run) && node->first != NULL) {
		node->is_mixed = true;
	} else if (has_text(&r->run)) {
		node->text = arena_strn(r->mem, r->run.p, r->run.n);
		if (node->text == NULL)
			refuse_full(r);
	}
	r->run.n = 0;
	memcpy(&parent, &node->parent, sizeof(parent));
	r->at = parent;
}

static void XMLCALL
on_text(void *arg, const XML_Char *text, int n)
{
	struct reader *r = arg;

	if (r->e != OK || r->mem == NULL)
		return;
	buf_add(&r->run, text, (size_t)n);
	if (r->run.e != OK)
		refuse_full(r);
}

static void XMLCALL
on_doctype(void *arg, const XML_Char *name, const XML_Char *system, const XML_Char *public, int has_subset)
{
	(void)name;
	(void)system;
	(void)public;
	(void)has_subset;
	refuse(arg, ERR_SYNTAX, "a document type declaration (<!DOCTYPE>) is not taken");
}

/* -- charset -- */

static size_t
mark_len(struct span s)
{
	return s.n >= 3 && memcmp(s.p, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

/* expat's name of the two-byte form that it is in, told by its first bytes; NULL: none. */
static const char *
utf16_name(struct span s)
{
	if (s.n < 2)
		return NULL;
	if ((s.p[0] == 0xFF && s.p[1] == 0xFE) || (s.p[0] == '<' && s.p[1] == 0))
		return "UTF-16LE";
	if ((s.p[0] == 0xFE && s.p[1] == 0xFF) || (s.p[0] == 0 && s.p[1] == '<'))
		return "UTF-16BE";
	return NULL;
}

/* The encoding that <?xml ...?> names; false if it names none. */
static bool
declared(struct span s, char to[static ENCODING_MAX + 1])
{
	char head[DECLARATION_MAX + 1], *p, *end;
	size_t n = s.n < DECLARATION_MAX ? s.n : DECLARATION_MAX, len;

	for (size_t i = 0; i < n; i++)
		head[i] = s.p[i] != 0 && s.p[i] < 0x80 ? (char)s.p[i] : '?';
	head[n] = '\0';
	if (strncmp(head, "<?xml", 5) != 0 || (end = strstr(head, "?>")) == NULL)
		return false;
	*end = '\0';
	if ((p = strstr(head, "encoding")) == NULL || (p = strpbrk(p, "\"'")) == NULL || (end = strchr(p + 1, *p)) == NULL)
		return false;
	len = (size_t)(end - p - 1);
	if (len == 0 || len > ENCODING_MAX)
		return false;
	memcpy(to, p + 1, len);
	to[len] = '\0';
	return true;
}

static enum err
to_utf8(struct span bytes, const char *said, struct arena *mem, struct span *ret_utf8, struct why *why)
{
	char encoding[ENCODING_MAX + 1];
	const char *charset = CHARSET_UTF8;

	if (mark_len(bytes) == 0 && declared(bytes, encoding) && strncasecmp(encoding, "utf-16", 6) != 0) {
		charset = charset_name(encoding);
		if (charset == NULL) {
			why_set(why, ERR_CHARSET, "encoding", "this character set is not known here");
			if (why != NULL)
				why->line = why->col = 1;
			return ERR_CHARSET;
		}
	} else if (said != NULL && !bytes_is_utf8(bytes)) {
		charset = said;
	}
	return charset_decode(charset, bytes, mem, ret_utf8, why);
}

/* -- reading -- */

/* What expat found; its own texts are not used, so that all are in our words. */
static enum err
fault_of(enum XML_Error code, const char **ret_text)
{
	static const struct { enum XML_Error code; enum err e; const char *text; } FAULTS[] = {
		{ XML_ERROR_NO_MEMORY, ERR_NOMEM, "no memory for the XML parser" },
		{ XML_ERROR_NO_ELEMENTS, ERR_CUT_OFF, "the document ends too early" },
		{ XML_ERROR_UNCLOSED_TOKEN, ERR_CUT_OFF, "the document ends within a tag" },
		{ XML_ERROR_UNCLOSED_CDATA_SECTION, ERR_CUT_OFF, "the document ends within a CDATA section" },
		{ XML_ERROR_PARTIAL_CHAR, ERR_CUT_OFF, "the document ends within a character" },
		{ XML_ERROR_TAG_MISMATCH, ERR_SYNTAX, "the end tag is of another element than the one open" },
		{ XML_ERROR_DUPLICATE_ATTRIBUTE, ERR_SYNTAX, "an attribute is given twice" },
		{ XML_ERROR_JUNK_AFTER_DOC_ELEMENT, ERR_SYNTAX, "something follows the document" },
		{ XML_ERROR_UNDEFINED_ENTITY, ERR_SYNTAX, "an entity that XML itself does not have" },
		{ XML_ERROR_BAD_CHAR_REF, ERR_SYNTAX, "a reference to a character that XML does not take" },
		{ XML_ERROR_UNBOUND_PREFIX, ERR_SYNTAX, "a prefix without its namespace" },
		{ XML_ERROR_MISPLACED_XML_PI, ERR_SYNTAX, "something stands before <?xml" },
	};

	*ret_text = "not well-formed XML";
	for (size_t i = 0; i < sizeof(FAULTS) / sizeof(FAULTS[0]); i++)
		if (FAULTS[i].code == code) {
			*ret_text = FAULTS[i].text;
			return FAULTS[i].e;
		}
	return ERR_SYNTAX;
}

static enum err
run(struct reader *r, struct span text, const char *encoding)
{
	const char *fault;
	enum err e;

	if ((r->parser = XML_ParserCreateNS(encoding, NS_SEPARATOR)) == NULL)
		return why_set(r->why, ERR_NOMEM, NULL, "no memory for the XML parser");
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, on_start, on_end);
	XML_SetCharacterDataHandler(r->parser, on_text);
	XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
	XML_SetParamEntityParsing(r->parser, XML_PARAM_ENTITY_PARSING_NEVER);
	if (XML_Parse(r->parser, (const char *)text.p, (int)text.n, XML_TRUE) != XML_STATUS_OK && r->e == OK) {
		e = fault_of(XML_GetErrorCode(r->parser), &fault);
		refuse(r, e, fault);
	}
	XML_ParserFree(r->parser);
	return r->e;
}

enum err
xml_parse(struct span bytes, const char *charset, struct arena *mem, const struct xml_node **ret_root, struct why *why)
{
	struct reader r = { .mem = mem, .why = why };
	const char *encoding = utf16_name(bytes);
	struct span text = bytes;
	enum err e;

	*ret_root = NULL;
	if (bytes.n > XML_BYTES_MAX)
		return why_set(why, ERR_TOOBIG, NULL, "a document has at most %u bytes", XML_BYTES_MAX);
	if (encoding == NULL) {
		if ((e = to_utf8(bytes, charset, mem, &text, why)) != OK)
			return e;
		encoding = CHARSET_UTF8;
	}
	if (text.n == 0)
		return why_set(why, ERR_CUT_OFF, NULL, "the document is empty");
	buf_init(&r.run, mem);
	if ((e = run(&r, text, encoding)) == OK)
		*ret_root = r.root;
	return e;
}

bool
xml_is_whole(struct span bytes)
{
	struct reader r = { .why = NULL };
	const char *encoding = utf16_name(bytes);

	if (bytes.n == 0)
		return false;
	if (bytes.n > XML_BYTES_MAX)
		return true;
	/* one byte a character is enough to see where tags end */
	return run(&r, bytes, encoding != NULL ? encoding : mark_len(bytes) > 0 ? CHARSET_UTF8 : "ISO-8859-1") != ERR_CUT_OFF;
}

bool
xml_is_likely(struct span bytes)
{
	size_t i = mark_len(bytes);

	if (utf16_name(bytes) != NULL)
		return true;
	while (i < bytes.n && isspace(bytes.p[i]))
		i++;
	return i < bytes.n && bytes.p[i] == '<';
}

/* -- looking -- */

const struct xml_node *
xml_child(const struct xml_node *node, const char *name)
{
	const struct xml_node *child = node != NULL ? node->first : NULL;

	while (child != NULL && strcmp(child->name, name) != 0)
		child = child->next;
	return child;
}

const struct xml_node *
xml_again(const struct xml_node *node)
{
	const struct xml_node *next = node->next;

	while (next != NULL && strcmp(next->name, node->name) != 0)
		next = next->next;
	return next;
}

const char *
xml_attr(const struct xml_node *node, const char *name)
{
	for (size_t i = 0; node != NULL && i < node->n_attrs; i++)
		if (node->attrs[i].ns[0] == '\0' && strcmp(node->attrs[i].name, name) == 0)
			return node->attrs[i].value;
	return NULL;
}

void
xml_place(const struct xml_node *node, struct why *why)
{
	if (why == NULL || node == NULL)
		return;
	why->line = node->line;
	why->col = node->col;
}

/* -- writing -- */

void
xml_put_text(struct buf *b, const char *text)
{
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '&':
			buf_str(b, "&amp;");
			break;
		case '<':
			buf_str(b, "&lt;");
			break;
		case '>':
			buf_str(b, "&gt;");
			break;
		case '"':
			buf_str(b, "&quot;");
			break;
		case '\t':
		case '\n':
		case '\r':
			buf_fmt(b, "&#%d;", *text);
			break;
		default:
			buf_u8(b, (uint8_t)*text);
		}
	}
}

void
xml_put_element(struct buf *b, const char *name, const char *text)
{
	if (text == NULL)
		return;
	buf_fmt(b, "<%s>", name);
	xml_put_text(b, text);
	buf_fmt(b, "</%s>", name);
}
