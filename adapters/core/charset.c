/* SPDX-License-Identifier: EUPL-1.2 */
/* charset - tables of windows-1251 and the ISO 8859 sets, and the loops over them.
 *
 * A code point of 0 in a table means: no character. Called by the sectors' translators (HL7 v2 and CSV).
 */
#include "adapters/core/charset.h"

#include <stdint.h>
#include <strings.h>

/* 0x80 to 0xBF; what follows is U+0410 to U+044F in a row */
static const uint16_t WINDOWS_1251[64] = {
	0x0402, 0x0403, 0x201A, 0x0453, 0x201E, 0x2026, 0x2020, 0x2021, 0x20AC, 0x2030, 0x0409, 0x2039, 0x040A, 0x040C,
	0x040B, 0x040F, 0x0452, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0, 0x2122, 0x0459, 0x203A, 0x045A,
	0x045C, 0x045B, 0x045F, 0x00A0, 0x040E, 0x045E, 0x0408, 0x00A4, 0x0490, 0x00A6, 0x00A7, 0x0401, 0x00A9, 0x0404,
	0x00AB, 0x00AC, 0x00AD, 0x00AE, 0x0407, 0x00B0, 0x00B1, 0x0406, 0x0456, 0x0491, 0x00B5, 0x00B6, 0x00B7, 0x0451,
	0x2116, 0x0454, 0x00BB, 0x0458, 0x0405, 0x0455, 0x0457,
};

struct alias { const char *said, *name; };

static const struct alias ALIASES[] = {
	{ "utf-8", CHARSET_UTF8 }, { "utf8", CHARSET_UTF8 }, { "unicode utf-8", CHARSET_UTF8 },
	{ "unicode utf8", CHARSET_UTF8 }, { "unicode", CHARSET_UTF8 },
	{ "ascii", CHARSET_ASCII }, { "us-ascii", CHARSET_ASCII }, { "iso ir6", CHARSET_ASCII },
	{ "windows-1251", CHARSET_CYRILLIC }, { "cp1251", CHARSET_CYRILLIC }, { "cp-1251", CHARSET_CYRILLIC },
	{ "win1251", CHARSET_CYRILLIC }, { "win-1251", CHARSET_CYRILLIC }, { "1251", CHARSET_CYRILLIC },
	{ "8859/5", "ISO-8859-5" }, { "iso-8859-5", "ISO-8859-5" }, { "iso8859-5", "ISO-8859-5" },
	{ "iso ir144", "ISO-8859-5" },
	{ "8859/1", "ISO-8859-1" }, { "iso-8859-1", "ISO-8859-1" }, { "iso8859-1", "ISO-8859-1" },
	{ "iso ir100", "ISO-8859-1" }, { "latin1", "ISO-8859-1" },
};

const char *
charset_name(const char *said)
{
	if (!said)
		return NULL;
	for (size_t i = 0; i < sizeof(ALIASES) / sizeof(ALIASES[0]); i++)
		if (strcasecmp(ALIASES[i].said, said) == 0)
			return ALIASES[i].name;
	return NULL;
}

static bool
is_utf8_name(const char *charset)
{
	return strcmp(charset, CHARSET_UTF8) == 0;
}

/* -- single bytes: each set says the code point of a byte from 0x80 on; 0: none -- */

static unsigned
windows_1251(uint8_t byte)
{
	return byte < 0xC0 ? WINDOWS_1251[byte - 0x80] : 0x0410u + byte - 0xC0u;
}

static unsigned
iso_8859_1(uint8_t byte)
{
	return byte < 0xA0 ? 0 : byte;
}

static unsigned
iso_8859_5(uint8_t byte)
{
	switch (byte) {
	case 0xA0: return 0x00A0;
	case 0xAD: return 0x00AD;
	case 0xF0: return 0x2116;
	case 0xFD: return 0x00A7;
	default: return byte < 0xA0 ? 0 : 0x0400u + byte - 0xA0u;
	}
}

/* A set, and how far most of its bytes lie from their code points: so that one look finds the byte of nearly every letter. */
struct set {
	const char *name;
	unsigned (*point_of)(uint8_t byte);
	unsigned offset;
};

static const struct set SETS[] = {
	{ CHARSET_CYRILLIC, windows_1251, 0x0410 - 0xC0 },
	{ "ISO-8859-1", iso_8859_1, 0 },
	{ "ISO-8859-5", iso_8859_5, 0x0400 - 0xA0 },
};

/* NULL: US-ASCII, which has no byte from 0x80 on. */
static const struct set *
set_named(const char *charset)
{
	for (size_t i = 0; i < sizeof(SETS) / sizeof(SETS[0]); i++)
		if (strcmp(charset, SETS[i].name) == 0)
			return &SETS[i];
	return NULL;
}

/* 0: the set has no such character. */
static uint8_t
byte_of(const struct set *set, unsigned point)
{
	unsigned guess = point - set->offset;

	if (guess >= 0x80 && guess < 0x100 && set->point_of((uint8_t)guess) == point)
		return (uint8_t)guess;
	for (unsigned byte = 0x80; byte < 0x100; byte++)
		if (set->point_of((uint8_t)byte) == point)
			return (uint8_t)byte;
	return 0;
}

/* Tell the place of offset `at`: lines end with LF or CR, columns count bytes. */
static enum err
refuse_at(struct span in, size_t at, const char *text, struct why *why)
{
	unsigned line = 1, col = 1;

	for (size_t i = 0; i < at; i++) {
		if (in.p[i] == '\n' || (in.p[i] == '\r' && in.p[i + 1] != '\n')) {
			line++;
			col = 1;
		} else {
			col++;
		}
	}
	why_set(why, ERR_CHARSET, NULL, "%s", text);
	if (why) {
		why->line = line;
		why->col = col;
	}
	return ERR_CHARSET;
}

static enum err
check_utf8(struct span in, bool is_ascii, struct why *why)
{
	size_t at = 0, n;

	while (at < in.n) {
		n = in.p[at] == 0 ? 0 : bytes_utf8_len(SPAN(in.p + at, in.n - at));
		if (n == 0)
			return refuse_at(in, at, "not UTF-8", why);
		if (is_ascii && n > 1)
			return refuse_at(in, at, "not ASCII", why);
		at += n;
	}
	return OK;
}

static void
add_point(struct buf *b, unsigned point)
{
	if (point < 0x80) {
		buf_u8(b, (uint8_t)point);
	} else if (point < 0x800) {
		buf_u8(b, (uint8_t)(0xC0 | point >> 6));
		buf_u8(b, (uint8_t)(0x80 | (point & 0x3F)));
	} else {
		if (point >= 0x10000) {
			buf_u8(b, (uint8_t)(0xF0 | point >> 18));
			buf_u8(b, (uint8_t)(0x80 | (point >> 12 & 0x3F)));
		} else {
			buf_u8(b, (uint8_t)(0xE0 | point >> 12));
		}
		buf_u8(b, (uint8_t)(0x80 | (point >> 6 & 0x3F)));
		buf_u8(b, (uint8_t)(0x80 | (point & 0x3F)));
	}
}

enum err
charset_decode(const char *charset, struct span in, struct arena *mem, struct span *ret_utf8, struct why *why)
{
	const struct set *set = set_named(charset);
	struct buf b;
	unsigned point;
	enum err e;

	*ret_utf8 = SPAN_NONE;
	if (is_utf8_name(charset) || strcmp(charset, CHARSET_ASCII) == 0) {
		if (is_utf8_name(charset) && in.n >= 3 && memcmp(in.p, "\xEF\xBB\xBF", 3) == 0)
			in = SPAN(in.p + 3, in.n - 3);
		if ((e = check_utf8(in, !is_utf8_name(charset), why)) == OK)
			*ret_utf8 = in;
		return e;
	}
	buf_init(&b, mem);
	for (size_t i = 0; i < in.n; i++) {
		point = in.p[i] < 0x80 ? in.p[i] : set ? set->point_of(in.p[i]) : 0;
		if (point == 0)
			return refuse_at(in, i, "no character of the character set", why);
		add_point(&b, point);
	}
	if (b.e != OK)
		return why_set(why, b.e, NULL, "too large");
	*ret_utf8 = in.n ? buf_bytes(&b) : in;
	return OK;
}

/* The code point of a checked character of `n` bytes. */
static unsigned
point_at(const uint8_t *p, size_t n)
{
	switch (n) {
	case 1: return p[0];
	case 2: return (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu);
	case 3: return (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
	default: return 0x10000;	/* beyond all of these sets */
	}
}

enum err
charset_encode(const char *charset, struct span utf8, struct arena *mem, struct span *ret_bytes, struct why *why)
{
	const struct set *set = set_named(charset);
	struct buf b;
	uint8_t byte;
	size_t n;

	*ret_bytes = SPAN_NONE;
	if (is_utf8_name(charset)) {
		*ret_bytes = utf8;
		return OK;
	}
	buf_init(&b, mem);
	for (size_t i = 0; i < utf8.n; i += n) {
		n = bytes_utf8_len(SPAN(utf8.p + i, utf8.n - i));
		if (n == 1) {
			buf_u8(&b, utf8.p[i]);
			continue;
		}
		byte = n && set ? byte_of(set, point_at(utf8.p + i, n)) : 0;
		if (byte == 0)
			return refuse_at(utf8, i, "a character that the character set does not have", why);
		buf_u8(&b, byte);
	}
	if (b.e != OK)
		return why_set(why, b.e, NULL, "too large");
	*ret_bytes = utf8.n ? buf_bytes(&b) : utf8;
	return OK;
}

/* -- UTF-16 -- */

static unsigned
unit_at(struct span in, size_t at, bool is_little)
{
	return is_little ? in.p[at] | (unsigned)in.p[at + 1] << 8 : in.p[at + 1] | (unsigned)in.p[at] << 8;
}

/* The code point at `at`, and how many bytes it takes; 0: there is none. */
static unsigned
utf16_point(struct span in, size_t at, bool is_little, size_t *ret_n)
{
	unsigned first, second;

	if (in.n - at < 2)
		return 0;
	first = unit_at(in, at, is_little);
	*ret_n = 2;
	if (first < 0xD800 || first > 0xDFFF)
		return first;
	if (first > 0xDBFF || in.n - at < 4)
		return 0;
	second = unit_at(in, at + 2, is_little);
	*ret_n = 4;
	return second < 0xDC00 || second > 0xDFFF ? 0 : 0x10000 + ((first - 0xD800) << 10 | (second - 0xDC00));
}

bool
charset_from_utf16(struct span in, struct arena *mem, struct span *ret_utf8, enum err *ret_e, struct why *why)
{
	bool is_little = in.n >= 2 && in.p[0] == 0xFF && in.p[1] == 0xFE;
	unsigned point, line = 1;
	struct buf b;
	size_t n = 0;

	*ret_utf8 = SPAN_NONE;
	*ret_e = OK;
	if (!is_little && !(in.n >= 2 && in.p[0] == 0xFE && in.p[1] == 0xFF))
		return false;
	buf_init(&b, mem);
	for (size_t at = 2; at < in.n; at += n) {
		if ((point = utf16_point(in, at, is_little, &n)) == 0) {
			*ret_e = why_set(why, ERR_CHARSET, NULL, "not UTF-16");
			if (why)
				why->line = line;
			return true;
		}
		line += point == '\n';
		add_point(&b, point);
	}
	if (b.e != OK)
		*ret_e = why_set(why, b.e, NULL, "too large");
	else
		*ret_utf8 = b.n ? buf_bytes(&b) : SPAN("", 0);
	return true;
}
