/* SPDX-License-Identifier: EUPL-1.2 */
/* visible - Unicode 15's White_Space and Default_Ignorable_Code_Point, and the empty Braille pattern. Other control characters are
 * not the question here: a text that has one is refused as such.
 */
#include "proto/base/visible.h"

#include <stdint.h>

struct range { uint32_t first, last; };

static const struct range blanks[] = {
	{ 0x09, 0x0D }, { 0x20, 0x20 }, { 0x85, 0x85 }, { 0xA0, 0xA0 }, { 0x1680, 0x1680 }, { 0x2000, 0x200B }, { 0x2028, 0x2029 },
	{ 0x202F, 0x202F }, { 0x205F, 0x2060 }, { 0x3000, 0x3000 }, { 0xFEFF, 0xFEFF },
};
static const struct range ignorable[] = {
	{ 0xAD, 0xAD }, { 0x34F, 0x34F }, { 0x61C, 0x61C }, { 0x115F, 0x1160 }, { 0x17B4, 0x17B5 }, { 0x180B, 0x180F }, { 0x200C, 0x200F },
	{ 0x202A, 0x202E }, { 0x2061, 0x206F }, { 0x2800, 0x2800 }, { 0x3164, 0x3164 }, { 0xFE00, 0xFE0F }, { 0xFFA0, 0xFFA0 },
	{ 0xFFF0, 0xFFF8 }, { 0x1BCA0, 0x1BCA3 }, { 0x1D173, 0x1D17A }, { 0xE0000, 0xE0FFF },
};

#define N(table) (sizeof(table) / sizeof((table)[0]))

static uint32_t
code_of(const uint8_t *p, size_t len)
{
	uint32_t code = len == 1 ? p[0] : p[0] & (0xFFU >> (len + 1));

	for (size_t i = 1; i < len; i++)
		code = code << 6 | (p[i] & 0x3F);
	return code;
}

/* The bytes of the character that the text begins with, if the table has it; else 0, as at the text's end. */
static size_t
begins_in(struct span text, const struct range *table, size_t n)
{
	size_t len = bytes_utf8_len(text);
	uint32_t code;

	if (len == 0)
		return 0;
	code = code_of(text.p, len);
	for (size_t i = 0; i < n && table[i].first <= code; i++)
		if (code <= table[i].last)
			return len;
	return 0;
}

size_t
visible_skip(struct span text)
{
	size_t at = 0, len;

	while ((len = begins_in(SPAN(text.p + at, text.n - at), blanks, N(blanks))) > 0)
		at += len;
	return at;
}

size_t
visible_trim(struct span text)
{
	size_t end = text.n;

	while (end > 0) {
		size_t at = end - 1;

		while (at > 0 && (text.p[at] & 0xC0) == 0x80)
			at--;
		if (begins_in(SPAN(text.p + at, end - at), blanks, N(blanks)) != end - at)
			break;
		end = at;
	}
	return text.n - end;
}

bool
visible_any(struct span text)
{
	for (size_t at = 0, len; at < text.n; at += len) {
		struct span rest = SPAN(text.p + at, text.n - at);

		if ((len = begins_in(rest, blanks, N(blanks))) == 0 && (len = begins_in(rest, ignorable, N(ignorable))) == 0)
			return true;
	}
	return false;
}
