/* SPDX-License-Identifier: EUPL-1.2 */
/* xml - XML documents from outside, read once into a bounded tree; and the few things that writing XML takes.
 *
 * Pure. No document type is taken, so there are no entities but the five and the character references, and nothing outside
 * the document is ever looked for. Comments and processing instructions are passed over. Texts lie in `mem` as UTF-8.
 * Called by the translators of the sectors; expat is seen in xml.c only.
 */
#ifndef ADAPTER_XML_H
#define ADAPTER_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/base/arena.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"

#define XML_BYTES_MAX (2u * 1024 * 1024)	/* of a document */
#define XML_DEPTH_MAX 24u			/* elements within each other */
#define XML_NODES_MAX 20000u			/* elements in a document */
#define XML_ATTRS_MAX 24u			/* of one element */
#define XML_NAME_MAX 256u			/* bytes of a name, its namespace counted */
#define XML_VALUE_MAX (64u * 1024)		/* bytes of an attribute's value */

struct xml_attr {
	const char *ns, *name, *value;		/* ns is "" where there is none */
};

struct xml_node {
	const char *ns, *name;			/* namespace ("" where there is none) and local name */
	const char *text;			/* what stands directly in it, blanks and all; "" if only blanks, or beside elements */
	const struct xml_attr *attrs;
	size_t n_attrs;
	const struct xml_node *parent, *first, *next;
	unsigned line, col;			/* of its tag, 1-based */
	bool is_mixed;				/* text stands beside its elements; it is not kept */
};

/* The root element. The charset is that of a byte order mark, else the one declared, else UTF-8, else (what is no UTF-8)
 * `charset`, as the door knows it; NULL: it does not. ERR_TOOBIG, ERR_TOOMANY, ERR_TOOLONG, ERR_CHARSET, ERR_CUT_OFF, ERR_SYNTAX,
 * ERR_NOMEM, with line and column. `why` never quotes the document. */
enum err xml_parse(struct span bytes, const char *charset, struct arena *mem, const struct xml_node **ret_root, struct why *why)
	MUST_USE;
/* Does it end where a document can end? True as well for what is no XML: that is refused when it is read. */
bool xml_is_whole(struct span bytes);
/* Does it begin as XML does, behind a byte order mark and blanks? */
bool xml_is_likely(struct span bytes);
/* The first child of that name, in any namespace; NULL if there is none. */
const struct xml_node *xml_child(const struct xml_node *node, const char *name);
/* The next sibling of the same name; NULL at the end. */
const struct xml_node *xml_again(const struct xml_node *node);
/* The value of an attribute without a namespace; NULL if there is none. */
const char *xml_attr(const struct xml_node *node, const char *name);
/* Put a node's place into `why`. */
void xml_place(const struct xml_node *node, struct why *why);

/* -- writing -- */
#define XML_DECLARATION "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

void xml_put_text(struct buf *b, const char *text);	/* as text or within quotes: all that XML would change is escaped */
void xml_put_element(struct buf *b, const char *name, const char *text);	/* NULL: nothing */

#endif
