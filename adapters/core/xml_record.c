/* SPDX-License-Identifier: EUPL-1.2 */
/* xml_record - the walk over the type description. Called by the sectors that speak XML. */
#include "adapters/core/xml_record.h"

#include "adapters/core/xml.h"

static void
put_message(struct buf *b, const struct field *f, const void *msg)
{
	buf_fmt(b, "<%s>", f->name);
	xml_record_put_fields(b, f->of, msg);
	buf_fmt(b, "</%s>", f->name);
}

static void
put_list(struct buf *b, const struct field *f, const void *msg)
{
	const void *const *items = record_at(msg, f);

	for (size_t i = 0; i < record_count(msg, f); i++) {
		if (f->of != NULL)
			put_message(b, f, items[i]);
		else
			xml_put_element(b, f->name, items[i]);
	}
}

void
xml_record_put_fields(struct buf *b, const struct record_type *type, const void *msg)
{
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];
		const char *text;

		if (!record_has(msg, f))
			continue;
		if (record_field_is_list(f))
			put_list(b, f, msg);
		else if (f->of != NULL)
			put_message(b, f, record_at(msg, f));
		else if ((text = record_text(msg, f, b->mem)) == NULL)
			b->e = ERR_TOOBIG;
		else
			xml_put_element(b, f->name, text);
	}
}

void
xml_record_put(struct buf *b, const struct record *record)
{
	buf_str(b, XML_DECLARATION "<record xmlns=\"" XML_RECORD_NS "\">");
	xml_record_put_fields(b, record_type(), record);
	buf_str(b, "</record>\n");
}
