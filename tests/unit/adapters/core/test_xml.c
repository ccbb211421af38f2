/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>

#include "adapters/core/charset.h"
#include "adapters/core/xml.h"

#define MEM ((size_t)16 << 20)

struct fixture {
	struct arena *mem;
	const struct xml_node *root;
	struct why why;
};

static int
set_up(void **state)
{
	static struct fixture f;

	f = (struct fixture){ .mem = arena_new(MEM) };
	*state = &f;
	return f.mem != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	arena_free(f->mem);
	return 0;
}

static enum err
parse(struct fixture *f, struct span bytes, const char *charset)
{
	memset(&f->why, 0, sizeof(f->why));
	return xml_parse(bytes, charset, f->mem, &f->root, &f->why);
}

static enum err
parse_text(struct fixture *f, const char *text)
{
	return parse(f, span_str(text), NULL);
}

/* Elements, attributes, namespaces, text, CDATA and places come as they stand in the document. */
static void
reads_a_document(void **state)
{
	struct fixture *f = *state;
	const struct xml_node *b;

	assert_int_equal(parse_text(f, "<?xml version=\"1.0\"?>\n<!-- c --><n:a xmlns:n=\"urn:x\" id=\"7\" n:id=\"8\">\n"
				    "  <b>&lt;едно&gt; &amp; <![CDATA[<две>]]>&#x45d;</b>\n  <c/>\n  <b x='\"'>три</b>\n</n:a>"), OK);
	assert_string_equal(f->root->ns, "urn:x");
	assert_string_equal(f->root->name, "a");
	assert_string_equal(xml_attr(f->root, "id"), "7");
	assert_int_equal(f->root->n_attrs, 2);
	assert_false(f->root->is_mixed);
	assert_string_equal(f->root->text, "");
	b = xml_child(f->root, "b");
	assert_string_equal(b->ns, "");
	assert_string_equal(b->text, "<едно> & <две>ѝ");
	assert_int_equal(b->line, 3);
	assert_int_equal(b->col, 3);
	assert_string_equal(b->next->name, "c");
	b = xml_again(b);
	assert_string_equal(b->text, "три");
	assert_string_equal(xml_attr(b, "x"), "\"");
	assert_null(xml_attr(b, "y"));
	assert_null(xml_again(b));
	assert_null(xml_child(b, "b"));
	assert_ptr_equal(b->parent, f->root);
}

/* Text beside elements is told, and not kept. */
static void
tells_mixed_text(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(parse_text(f, "<a>x<b/></a>"), OK);
	assert_true(f->root->is_mixed);
	assert_int_equal(parse_text(f, "<a><b/> x</a>"), OK);
	assert_true(f->root->is_mixed);
	assert_string_equal(f->root->text, "");
}

/* A document type is refused before anything in it can be used: a bomb of entities, an external one, a default attribute. */
static void
takes_no_document_type(void **state)
{
	static const char *const TYPES[] = {
		"<!DOCTYPE a [<!ENTITY l \"ha\"><!ENTITY m \"&l;&l;&l;&l;&l;&l;&l;&l;\"><!ENTITY n \"&m;&m;&m;&m;&m;&m;&m;&m;\">]><a>&n;</a>",
		"<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>",
		"<!DOCTYPE a SYSTEM \"http://example.org/a.dtd\"><a/>",
		"<!DOCTYPE a [<!ENTITY % p SYSTEM \"http://example.org/p\">%p;]><a/>",
		"<!DOCTYPE a><a/>",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(TYPES) / sizeof(TYPES[0]); i++) {
		assert_int_equal(parse_text(f, TYPES[i]), ERR_SYNTAX);
		assert_non_null(strstr(f->why.text, "DOCTYPE"));
		assert_int_equal(f->why.line, 1);
		assert_null(f->root);
	}
	assert_int_equal(parse_text(f, "<a>&x;</a>"), ERR_SYNTAX);
	assert_non_null(strstr(f->why.text, "entity"));
}

static const char *
nested(struct fixture *f, unsigned depth)
{
	struct buf b;

	buf_init(&b, f->mem);
	for (unsigned i = 0; i < depth; i++)
		buf_str(&b, "<a>");
	for (unsigned i = 0; i < depth; i++)
		buf_str(&b, "</a>");
	return buf_text(&b);
}

/* `each` n times; `%` in it stands for how many came before. */
static const char *
many(struct fixture *f, const char *head, const char *each, unsigned n, const char *tail)
{
	struct buf b;

	buf_init(&b, f->mem);
	buf_str(&b, head);
	for (unsigned i = 0; i < n; i++)
		for (const char *p = each; *p != '\0'; p++) {
			if (*p == '%')
				buf_fmt(&b, "%u", i);
			else
				buf_u8(&b, (uint8_t)*p);
		}
	buf_str(&b, tail);
	return buf_text(&b);
}

/* Each limit takes what is just within it, and refuses what is just beyond. */
static void
keeps_its_limits(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(parse_text(f, nested(f, XML_DEPTH_MAX)), OK);
	assert_int_equal(parse_text(f, nested(f, XML_DEPTH_MAX + 1)), ERR_SYNTAX);
	assert_int_equal(parse_text(f, many(f, "<a>", "<b/>", XML_NODES_MAX - 1, "</a>")), OK);
	assert_int_equal(parse_text(f, many(f, "<a>", "<b/>", XML_NODES_MAX, "</a>")), ERR_TOOMANY);
	assert_int_equal(parse_text(f, many(f, "<a ", "a%='' ", XML_ATTRS_MAX, "/>")), OK);
	assert_int_equal(parse_text(f, many(f, "<a ", "a%='' ", XML_ATTRS_MAX + 1, "/>")), ERR_TOOMANY);
	assert_int_equal(parse_text(f, many(f, "<", "a", XML_NAME_MAX, "/>")), OK);
	assert_int_equal(parse_text(f, many(f, "<", "a", XML_NAME_MAX + 1, "/>")), ERR_TOOLONG);
	assert_int_equal(parse_text(f, many(f, "<a v='", "a", XML_VALUE_MAX, "'/>")), OK);
	assert_int_equal(parse_text(f, many(f, "<a v='", "a", XML_VALUE_MAX + 1, "'/>")), ERR_TOOLONG);
	arena_reset(f->mem);
	assert_int_equal(parse_text(f, many(f, "<a>", "x", XML_BYTES_MAX - 7, "</a>")), OK);
	arena_reset(f->mem);
	assert_int_equal(parse_text(f, many(f, "<a>", "x", XML_BYTES_MAX - 6, "</a>")), ERR_TOOBIG);
}

/* An arena that is too small refuses the document, wherever it becomes full. */
static void
is_full_at_any_place(void **state)
{
	struct fixture *f = *state;
	const char *text = "<a x='1' y='2'><b>text</b><c><d>more text than that</d></c></a>";
	bool has_passed = false;

	for (size_t cap = 16; !has_passed; cap += 16) {
		struct arena *small = arena_new(cap);
		enum err e = xml_parse(span_str(text), NULL, small, &f->root, &f->why);

		has_passed = e == OK;
		assert_true(e == OK || e == ERR_TOOBIG);
		assert_true(cap < 1 << 16);
		arena_free(small);
	}
}

/* A cut document is told as such at every byte; a wrong one is refused with its place. */
static void
tells_cut_from_wrong(void **state)
{
	static const char whole[] = "<?xml version=\"1.0\"?><a x=\"1\"><b>text</b><![CDATA[y]]></a>";
	struct fixture *f = *state;

	for (size_t n = 0; n < sizeof(whole) - 1; n++) {
		assert_int_equal(parse(f, SPAN(whole, n), NULL), ERR_CUT_OFF);
		assert_false(xml_is_whole(SPAN(whole, n)));
	}
	assert_true(xml_is_whole(span_str(whole)));
	assert_true(xml_is_whole(SPAN_LIT("<a></b>")));
	assert_int_equal(parse_text(f, "<a>\n <b></c></a>"), ERR_SYNTAX);
	assert_int_equal(f->why.line, 2);
	assert_true(f->why.col > 1);
	assert_int_equal(parse_text(f, "<a/><b/>"), ERR_SYNTAX);
	assert_int_equal(parse_text(f, "<n:a/>"), ERR_SYNTAX);
	assert_int_equal(parse_text(f, "<a x='1' x='2'/>"), ERR_SYNTAX);
	assert_int_equal(parse_text(f, " \n<?xml version=\"1.0\"?><a/>"), ERR_SYNTAX);
	assert_int_equal(parse_text(f, "<a>\x01</a>"), ERR_SYNTAX);
	assert_int_equal(parse_text(f, "{}"), ERR_SYNTAX);
}

/* Bulgarian text is the same from every encoding that a system may write: declared, marked, told by the door. */
static void
reads_every_encoding(void **state)
{
	static const char text[] = "Ѝ „Асеновград“ ѝ";
	static const char *const SETS[] = { "windows-1251", "ISO-8859-5", "UTF-8" };
	struct fixture *f = *state;
	struct span body, head;
	struct buf b;

	for (size_t i = 0; i < sizeof(SETS) / sizeof(SETS[0]); i++) {
		/* neither of the single-byte sets has ѝ, nor 8859-5 the quotes: a system that writes them writes references */
		const char *said = i == 2 ? text : i == 1 ? "Ж &#x201e;Я&#x201c; &#x45d;" : "Ж „Я“ &#x45d;";
		const char *want = i == 2 ? text : "Ж „Я“ ѝ";

		head = span_str(arena_fmt(f->mem, "<?xml version='1.0' encoding=\"%s\"?>", SETS[i]));
		assert_int_equal(charset_encode(SETS[i], span_str(arena_fmt(f->mem, "<a>%s</a>", said)), f->mem, &body, NULL), OK);
		buf_init(&b, f->mem);
		buf_span(&b, head);
		buf_span(&b, body);
		assert_int_equal(parse(f, buf_bytes(&b), NULL), OK);
		assert_string_equal(f->root->text, want);
		assert_int_equal(parse(f, body, SETS[i]), OK);	/* nothing declared: as the door knows it */
		assert_string_equal(f->root->text, want);
	}
	assert_int_equal(parse(f, SPAN_LIT("\xEF\xBB\xBF<?xml version='1.0' encoding='windows-1251'?><a>\xD0\x96</a>"), NULL), OK);
	assert_string_equal(f->root->text, "Ж");
	assert_int_equal(parse(f, SPAN_LIT("\xFF\xFE<\0a\0>\0\x16\x04<\0/\0a\0>\0"), NULL), OK);
	assert_string_equal(f->root->text, "Ж");
	assert_int_equal(parse(f, SPAN_LIT("\xFE\xFF\0<\0a\0>\x04\x16\0<\0/\0a\0>"), NULL), OK);
	assert_string_equal(f->root->text, "Ж");
	assert_int_equal(parse_text(f, "<?xml version='1.0' encoding='utf-16'?><a>Ж</a>"), OK);	/* said by a writer of strings */
	assert_string_equal(f->root->text, "Ж");
}

/* What is not of its encoding is refused with its place, and an encoding nobody knows is as well. */
static void
refuses_wrong_bytes(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(parse(f, SPAN_LIT("<a>\n\xC6</a>"), NULL), ERR_CHARSET);
	assert_int_equal(f->why.line, 2);
	assert_int_equal(parse(f, SPAN_LIT("<?xml version='1.0' encoding='utf-8'?><a>\xC6</a>"), CHARSET_CYRILLIC), ERR_CHARSET);
	assert_int_equal(parse_text(f, "<?xml version='1.0' encoding='klingon'?><a/>"), ERR_CHARSET);
	assert_string_equal(f->why.where, "encoding");
	assert_int_equal(parse(f, SPAN_LIT("<a>\0</a>"), NULL), ERR_CHARSET);
}

/* XML is told by its first character, behind mark and blanks. */
static void
knows_xml_when_it_sees_it(void **state)
{
	(void)state;
	assert_true(xml_is_likely(SPAN_LIT("\xEF\xBB\xBF \n<a/>")));
	assert_true(xml_is_likely(SPAN_LIT("\xFF\xFE<\0")));
	assert_false(xml_is_likely(SPAN_LIT("{\"a\":\"<\"}")));
	assert_false(xml_is_likely(SPAN_LIT("")));
}

/* What is written is read as it was, whatever characters it has. */
static void
writes_what_it_reads(void **state)
{
	static const char text[] = "a<b>&\"'\tи\r\nѝ ]]>";
	struct fixture *f = *state;
	struct buf b;

	buf_init(&b, f->mem);
	buf_str(&b, XML_DECLARATION "<r a=\"");
	xml_put_text(&b, text);
	buf_str(&b, "\">");
	xml_put_element(&b, "t", text);
	xml_put_element(&b, "none", NULL);
	buf_str(&b, "</r>");
	assert_int_equal(parse_text(f, buf_text(&b)), OK);
	assert_string_equal(xml_attr(f->root, "a"), text);
	assert_string_equal(xml_child(f->root, "t")->text, text);
	assert_null(xml_child(f->root, "none"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_a_document, set_up, tear_down),
		cmocka_unit_test_setup_teardown(tells_mixed_text, set_up, tear_down),
		cmocka_unit_test_setup_teardown(takes_no_document_type, set_up, tear_down),
		cmocka_unit_test_setup_teardown(keeps_its_limits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(is_full_at_any_place, set_up, tear_down),
		cmocka_unit_test_setup_teardown(tells_cut_from_wrong, set_up, tear_down),
		cmocka_unit_test_setup_teardown(reads_every_encoding, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refuses_wrong_bytes, set_up, tear_down),
		cmocka_unit_test(knows_xml_when_it_sees_it),
		cmocka_unit_test_setup_teardown(writes_what_it_reads, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
