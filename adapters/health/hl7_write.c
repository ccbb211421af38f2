/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_write - segments written strictly: standard delimiters, CR, no separator that trails.
 *
 * Places of a segment come in ascending order, which is asserted. Called by hl7_from_record.c and its parts, and hl7_answer.c.
 */
#include <assert.h>

#include "adapters/health/hl7.h"

void
hl7_writer_init(struct hl7_writer *w, struct arena *mem)
{
	*w = (struct hl7_writer){ .field = 0 };
	buf_init(&w->b, mem);
}

void
hl7_begin(struct hl7_writer *w, const char *name)
{
	bool is_first = strcmp(name, "MSH") == 0 || strcmp(name, "FHS") == 0 || strcmp(name, "BHS") == 0;

	buf_str(&w->b, name);
	if (is_first)
		buf_str(&w->b, "|^~\\&");
	w->field = is_first ? 2 : 0;
	w->rep = w->comp = w->sub = 1;
}

static void
add_escaped(struct buf *b, const char *text)
{
	for (const char *p = text; *p; p++) {
		switch (*p) {
		case '|': buf_str(b, "\\F\\"); break;
		case '^': buf_str(b, "\\S\\"); break;
		case '&': buf_str(b, "\\T\\"); break;
		case '~': buf_str(b, "\\R\\"); break;
		case '\\': buf_str(b, "\\E\\"); break;
		case '\r':
			if (p[1] != '\n')
				buf_str(b, "\\.br\\");
			break;
		case '\n': buf_str(b, "\\.br\\"); break;
		default:
			if ((unsigned char)*p < ' ' || *p == 0x7F)
				buf_fmt(b, "\\X%02X\\", (unsigned char)*p);
			else
				buf_u8(b, (uint8_t)*p);
		}
	}
}

void
hl7_put_sub(struct hl7_writer *w, unsigned field, unsigned rep, unsigned comp, unsigned sub, const char *text)
{
	if (!text || !*text)
		return;
	assert(field > w->field || (field == w->field && rep > w->rep) ||
	       (field == w->field && rep == w->rep && comp > w->comp) ||
	       (field == w->field && rep == w->rep && comp == w->comp && sub >= w->sub));
	for (; w->field < field; w->field++, w->rep = w->comp = w->sub = 1)
		buf_u8(&w->b, '|');
	for (; w->rep < rep; w->rep++, w->comp = w->sub = 1)
		buf_u8(&w->b, '~');
	for (; w->comp < comp; w->comp++, w->sub = 1)
		buf_u8(&w->b, '^');
	for (; w->sub < sub; w->sub++)
		buf_u8(&w->b, '&');
	add_escaped(&w->b, text);
}

void
hl7_put(struct hl7_writer *w, unsigned field, unsigned rep, unsigned comp, const char *text)
{
	hl7_put_sub(w, field, rep, comp, 1, text);
}

void
hl7_end(struct hl7_writer *w)
{
	buf_u8(&w->b, '\r');
}
