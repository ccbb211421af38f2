/* SPDX-License-Identifier: EUPL-1.2 */
/* json_write - JSON text into a buf of the message's arena.
 *
 * Commas come by themselves: one is put unless an object or list has just begun. Texts are UTF-8 already and stay as they
 * are, but for what JSON must escape.
 */
#include "adapters/social/social.h"

#include "proto/base/clock.h"

void
social_json_comma(struct buf *b)
{
	if (b->e == OK && b->n > 0 && b->p[b->n - 1] != '{' && b->p[b->n - 1] != '[')
		buf_u8(b, ',');
}

void
social_json_text(struct buf *b, const char *text)
{
	buf_u8(b, '"');
	for (; *text != '\0'; text++) {
		const uint8_t c = (uint8_t)*text;

		if (c == '"' || c == '\\') {
			buf_u8(b, '\\');
			buf_u8(b, c);
		} else if (c == '\n') {
			buf_str(b, "\\n");
		} else if (c < 0x20) {
			buf_fmt(b, "\\u%04x", c);
		} else {
			buf_u8(b, c);
		}
	}
	buf_u8(b, '"');
}

/* The names are ours and need no escape. */
void
social_json_key(struct buf *b, const char *name)
{
	social_json_comma(b);
	buf_u8(b, '"');
	buf_str(b, name);
	buf_str(b, "\":");
}

void
social_json_member(struct buf *b, const char *name, const char *text)
{
	if (text == NULL)
		return;
	social_json_key(b, name);
	social_json_text(b, text);
}

void
social_json_number(struct buf *b, const char *name, uint64_t v)
{
	social_json_key(b, name);
	buf_fmt(b, "%llu", (unsigned long long)v);
}

void
social_json_bool(struct buf *b, const char *name, bool v)
{
	social_json_key(b, name);
	buf_str(b, v ? "true" : "false");
}

void
social_json_time(struct buf *b, const char *name, int64_t ms)
{
	char text[CLOCK_TEXT_LEN];

	if (ms == 0)
		return;
	clock_format(ms, text);
	social_json_member(b, name, text);
}

static void
write_list(struct buf *b, const struct field *f, const void *msg)
{
	const void *const *items = record_at(msg, f);

	buf_u8(b, '[');
	for (size_t i = 0; i < record_count(msg, f); i++) {
		social_json_comma(b);
		if (f->kind == FIELD_MSGS)
			social_json_message(b, f->of, items[i]);
		else
			social_json_text(b, items[i]);
	}
	buf_u8(b, ']');
}

void
social_json_message(struct buf *b, const struct record_type *type, const void *msg)
{
	buf_u8(b, '{');
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];
		const char *text;

		if (!record_has(msg, f))
			continue;
		social_json_key(b, f->name);
		if (record_field_is_list(f)) {
			write_list(b, f, msg);
		} else if (f->kind == FIELD_MSG) {
			social_json_message(b, f->of, record_at(msg, f));
		} else if ((text = record_text(msg, f, b->mem)) == NULL) {
			b->e = ERR_TOOBIG;
		} else if (f->kind == FIELD_INT || f->kind == FIELD_BOOL) {
			buf_str(b, text);
		} else {
			social_json_text(b, text);
		}
	}
	buf_u8(b, '}');
}

enum err
social_json_finish(struct buf *b, unsigned status, const char *media_type, struct native *ret_native)
{
	*ret_native = (struct native){
		.format = FORMAT_JSON, .bytes = buf_bytes(b), .media_type = media_type, .status = status,
	};
	return b->e;
}
