/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7 - splitting by delimiters on demand: a message keeps its segments, a value is looked up when it is asked for.
 *
 * Every scan is bounded by its span. A sender's oddities (LF ends, a literal "<cr>", blanks before MSH) are forgiven here
 * and nowhere else. Called by hl7_to_record.c and its parts, and by hl7_answer.c.
 */
#include "adapters/health/hl7.h"

#include <ctype.h>
#include <stdio.h>

#include "adapters/core/charset.h"

#define FIRST_BYTES 8			/* MSH|^~\& */
#define WRITTEN_END 4			/* <cr> */
#define MSH_CHARSET 18		/* of FHS and BHS there is none: the place is empty */
#define ESCAPE_MAX 128			/* bytes between two escape characters; longer ones are text */

/* -- finding places -- */

/* The nth (1-based) piece of `in` between separators; SPAN_NONE if there are fewer. */
static struct span
piece(struct span in, uint8_t separator, unsigned nth)
{
	const uint8_t *p = in.p, *end, *stop;

	if (!in.p)
		return SPAN_NONE;
	end = p + in.n;
	for (;;) {
		stop = p < end ? memchr(p, separator, (size_t)(end - p)) : NULL;
		if (--nth == 0)
			return SPAN(p, (size_t)((stop ? stop : end) - p));
		if (!stop)
			return SPAN_NONE;
		p = stop + 1;
	}
}

static unsigned
count(struct span in, uint8_t separator, unsigned max)
{
	unsigned n = 1;

	for (size_t i = 0; i < in.n && n < max; i++)
		n += in.p[i] == separator;
	return n;
}

/* Segments that begin with the delimiters: their first field is the separator itself. */
static bool
is_head(const char *name)
{
	return memcmp(name, "MSH", 3) == 0 || memcmp(name, "FHS", 3) == 0 || memcmp(name, "BHS", 3) == 0;
}

static struct span
field_of(const struct hl7 *m, const struct hl7_segment *s, unsigned field)
{
	if (!s || field == 0 || (is_head(s->name) && field == 1))
		return SPAN_NONE;
	return piece(s->bytes, m->field, is_head(s->name) ? field : field + 1);
}

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct span
trim(struct span s)
{
	while (s.n && is_blank(s.p[0]))
		s = SPAN(s.p + 1, s.n - 1);
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* -- escapes -- */

/* \X414243\: bytes in the message's own charset. What is not one is left out. */
static void
add_hex(const struct hl7 *m, struct span hex, struct buf *b)
{
	uint8_t bytes[ESCAPE_MAX / 2];
	char digits[ESCAPE_MAX + 1];
	struct span text;
	size_t n = hex.n / 2;

	if (hex.n % 2 || n > sizeof(bytes))
		return;
	memcpy(digits, hex.p, hex.n);
	digits[hex.n] = '\0';
	if (bytes_unhex(digits, bytes, n) != OK)
		return;
	if (charset_decode(m->charset, SPAN(bytes, n), m->mem, &text, NULL) != OK)
		return;
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] != 0)
			buf_u8(b, text.p[i]);
}

/* One escape sequence, without its two escape characters. False: it is none, the text stands as it is. */
static bool
add_escape(const struct hl7 *m, struct span seq, struct buf *b)
{
	if (seq.n == 0)
		return false;
	if (seq.n == 1) {
		switch (seq.p[0]) {
		case 'F': buf_u8(b, m->field); return true;
		case 'S': buf_u8(b, m->component); return true;
		case 'T': buf_u8(b, m->sub); return true;
		case 'R': buf_u8(b, m->repeat); return true;
		case 'E': buf_u8(b, m->escape); return true;
		case 'H': case 'N': return true;	/* highlighting: no text */
		default: return false;
		}
	}
	if (seq.p[0] == 'X') {
		add_hex(m, SPAN(seq.p + 1, seq.n - 1), b);
		return true;
	}
	if (seq.p[0] == '.' && seq.n >= 3) {
		if (memcmp(seq.p, ".br", 3) == 0 || memcmp(seq.p, ".sp", 3) == 0 || memcmp(seq.p, ".ce", 3) == 0)
			buf_u8(b, '\n');
		else if (memcmp(seq.p, ".sk", 3) == 0)
			buf_u8(b, ' ');
		return true;
	}
	return false;
}

/* Some senders escape the escape: \\.br\\ is a line break as well. */
static bool
is_double_break(const struct hl7 *m, struct span rest)
{
	return rest.n >= 7 && rest.p[1] == m->escape && memcmp(rest.p + 2, ".br", 3) == 0 && rest.p[5] == m->escape &&
	       rest.p[6] == m->escape;
}

static const char *
unescape(const struct hl7 *m, struct span s)
{
	const uint8_t *stop;
	struct buf b;

	buf_init(&b, m->mem);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != m->escape) {
			buf_u8(&b, s.p[i]);
			continue;
		}
		if (is_double_break(m, SPAN(s.p + i, s.n - i))) {
			buf_u8(&b, '\n');
			i += 6;
			continue;
		}
		stop = memchr(s.p + i + 1, m->escape, s.n - i - 1);
		if (stop && stop - (s.p + i) <= ESCAPE_MAX &&
		    add_escape(m, SPAN(s.p + i + 1, (size_t)(stop - (s.p + i + 1))), &b))
			i = (size_t)(stop - s.p);
		else
			buf_u8(&b, s.p[i]);
	}
	return b.n ? buf_text(&b) : NULL;
}

static struct span
place_of(const struct hl7 *m, const struct hl7_segment *s, unsigned field, unsigned rep, unsigned comp)
{
	struct span v = piece(field_of(m, s, field), m->repeat, rep);

	if (comp > 0)
		v = piece(piece(v, m->component, comp), m->sub, 1);
	return trim(v);
}

const char *
hl7_peek(const struct hl7 *m, const struct hl7_segment *s, unsigned field, unsigned rep, unsigned comp)
{
	struct span v = field_of(m, s, field);
	const char *text;

	if (s && is_head(s->name) && field <= 2)
		return v.n ? arena_strn(m->mem, v.p, v.n) : NULL;
	v = place_of(m, s, field, rep, comp);
	if (v.n == 0 || span_eq(v, SPAN_LIT("\"\"")))
		return NULL;
	if (!memchr(v.p, m->escape, v.n))
		return arena_strn(m->mem, v.p, v.n);
	if (!(text = unescape(m, v)))
		return NULL;
	v = trim(span_str(text));
	return v.n ? arena_strn(m->mem, v.p, v.n) : NULL;
}

const char *
hl7_get(const struct hl7 *m, const struct hl7_segment *s, unsigned field, unsigned rep, unsigned comp)
{
	struct span v = place_of(m, s, field, rep, comp);

	for (size_t i = v.n && m->marks ? (size_t)(v.p - m->text.p) : 0, n = m->marks ? v.n : 0; n > 0; i++, n--)
		m->marks[i / 8] |= (uint8_t)(1u << i % 8);
	return hl7_peek(m, s, field, rep, comp);
}

bool
hl7_is_read(const struct hl7 *m, const uint8_t *at)
{
	size_t i = (size_t)(at - m->text.p);

	return m->marks && i < m->text.n && m->marks[i / 8] >> i % 8 & 1;
}

unsigned
hl7_repeats(const struct hl7 *m, const struct hl7_segment *s, unsigned field)
{
	struct span v = field_of(m, s, field);

	return v.n ? count(v, m->repeat, HL7_REPEATS_MAX) : 0;
}

unsigned
hl7_fields(const struct hl7 *m, const struct hl7_segment *s)
{
	unsigned n = count(s->bytes, m->field, 1000);

	return is_head(s->name) ? n : n - 1;
}

const struct hl7_segment *
hl7_find(const struct hl7 *m, const char *name, unsigned nth)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->segments[i].name, name) == 0 && m->segments[i].nth == nth)
			return &m->segments[i];
	return NULL;
}

/* -- splitting -- */

bool
hl7_is_written_end(struct span s)
{
	return s.n >= WRITTEN_END && s.p[0] == '<' && tolower(s.p[1]) == 'c' && tolower(s.p[2]) == 'r' && s.p[3] == '>';
}

struct span
hl7_without_written_end(struct span s)
{
	if (s.n >= WRITTEN_END && hl7_is_written_end(SPAN(s.p + s.n - WRITTEN_END, WRITTEN_END)))
		s.n -= WRITTEN_END;
	return s;
}

static bool
starts_segment(const struct hl7 *m, struct span s)
{
	return s.n >= 3 && isupper(s.p[0]) && (isupper(s.p[1]) || isdigit(s.p[1])) &&
	       (isupper(s.p[2]) || isdigit(s.p[2])) && (s.n == 3 || s.p[3] == m->field || hl7_is_written_end(SPAN(s.p + 3, s.n - 3)));
}

/* What ends the segments of a message. */
struct ends {
	bool has_cr, has_lf;
};

static struct ends
ends_of(struct span s)
{
	return (struct ends){ .has_cr = memchr(s.p, '\r', s.n) != NULL, .has_lf = memchr(s.p, '\n', s.n) != NULL };
}

/* Where the segment at the start of `s` ends: at CR; at LF too when no CR is in the message or a segment follows; at a literal <cr> when
 * neither is in it and a segment follows. */
static size_t
segment_len(const struct hl7 *m, struct span s, struct ends ends)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		struct span rest = SPAN(s.p + i, s.n - i);

		if (s.p[i] == '\r')
			break;
		if (!ends.has_cr && !ends.has_lf && hl7_is_written_end(rest) &&
		    starts_segment(m, trim(SPAN(rest.p + WRITTEN_END, rest.n - WRITTEN_END))))
			break;
		if (s.p[i] == '\n' && (!ends.has_cr || i + 1 == s.n || s.p[i + 1] == '\r' ||
				       starts_segment(m, SPAN(s.p + i + 1, s.n - i - 1))))
			break;
	}
	return i;
}

static enum err
add_segment(struct hl7 *m, struct span s, struct why *why)
{
	struct hl7_segment *seg;
	enum err e = OK;

	s = hl7_without_written_end(s);
	if (!starts_segment(m, s))
		e = why_set(why, ERR_SYNTAX, NULL, "a line that is no segment");
	else if (m->n == HL7_SEGMENTS_MAX)
		e = why_set(why, ERR_TOOMANY, NULL, "more than %d segments", HL7_SEGMENTS_MAX);
	else if (m->n && is_head((const char *)s.p))
		e = why_set(why, ERR_SYNTAX, "MSH", "a second message in the same frame");
	if (e != OK) {
		if (why)
			why->line = (unsigned)m->n + 1;
		return e;
	}
	seg = &m->segments[m->n++];
	memcpy(seg->name, s.p, 3);
	seg->bytes = s;
	seg->nth = 1;
	for (size_t i = 0; i + 1 < m->n; i++)
		seg->nth += strcmp(m->segments[i].name, seg->name) == 0;
	return OK;
}

static enum err
split(struct hl7 *m, struct span s, struct why *why)
{
	struct ends ends = ends_of(s);
	size_t n;
	enum err e;

	while (s.n) {
		if (is_blank(s.p[0]) || hl7_is_written_end(s)) {
			n = is_blank(s.p[0]) ? 1 : WRITTEN_END;
			s = SPAN(s.p + n, s.n - n);
			continue;
		}
		n = segment_len(m, s, ends);
		if ((e = add_segment(m, SPAN(s.p, n), why)) != OK)
			return e;
		s = SPAN(s.p + n, s.n - n);
	}
	return OK;
}

static enum err
delimiters(struct hl7 *m, struct span s, struct why *why)
{
	char where[sizeof("MSH-1")];

	if (s.n < 3 || !is_head((const char *)s.p))
		return why_set(why, ERR_SYNTAX, "MSH", "the text does not begin with MSH");
	snprintf(where, sizeof(where), "%.3s-2", (const char *)s.p);
	if (s.n < FIRST_BYTES)
		return why_set(why, ERR_CUT_OFF, where, "the text ends within %.3s", where);
	m->field = s.p[3];
	m->component = s.p[4];
	m->repeat = s.p[5];
	m->escape = s.p[6];
	m->sub = s.p[7];
	for (int i = 3; i < FIRST_BYTES; i++) {
		if (isalnum(s.p[i]) || s.p[i] <= ' ' || s.p[i] >= 0x7F ||
		    memchr(s.p + i + 1, s.p[i], (size_t)(FIRST_BYTES - 1 - i))) {
			where[4] = i == 3 ? '1' : '2';
			return why_set(why, ERR_SYNTAX, where, "these cannot be delimiters");
		}
	}
	return OK;
}

enum err
hl7_check_head(struct span line, struct why *why)
{
	struct hl7 m;

	return delimiters(&m, line, why);
}

/* MSH-18 is read before the text is decoded: its own letters are the same in all of these sets. The first repetition is the message's own;
 * the others are to be switched to by escapes, which nobody writes: behind ASCII, which holds no Cyrillic, the next one is what is meant, and
 * ASCII is a part of it. */
static enum err
find_charset(struct hl7 *m, struct span s, struct why *why)
{
	struct span line = hl7_without_written_end(SPAN(s.p, segment_len(m, s, ends_of(s))));
	struct span field = piece(line, m->field, MSH_CHARSET);

	for (unsigned rep = 1; rep == 1 || (rep <= HL7_REPEATS_MAX && strcmp(m->charset, CHARSET_ASCII) == 0); rep++) {
		struct span v = trim(piece(field, m->repeat, rep));
		char said[32] = "";

		if (v.n == 0 || span_eq(v, SPAN_LIT("\"\"")))
			return OK;
		if (v.n < sizeof(said))
			memcpy(said, v.p, v.n);
		if (!charset_name(said))
			return rep > 1 ? OK : why_set(why, ERR_CHARSET, "MSH-18", "this character set is not known here");
		m->charset = charset_name(said);
		m->charset_rep = rep;
	}
	return OK;
}

/* A message that cannot be decoded is still split, for its header: what is not ASCII becomes a question mark. */
static struct span
only_ascii(struct arena *mem, struct span s)
{
	uint8_t *p = arena_copy(mem, s.p, s.n);

	for (size_t i = 0; p && i < s.n; i++)
		if (p[i] >= 0x80 || p[i] == 0)
			p[i] = '?';
	return p ? SPAN(p, s.n) : SPAN_NONE;
}

/* No more than there are line ends, so that a batch of small messages takes little. */
static size_t
segments_at_most(struct span s)
{
	size_t n = 1;

	for (size_t i = 0; i < s.n && n < HL7_SEGMENTS_MAX; i++)
		n += s.p[i] == '\r' || s.p[i] == '\n' || hl7_is_written_end(SPAN(s.p + i, s.n - i));
	return n;
}

enum err
hl7_parse(struct span bytes, const char *charset, struct arena *mem, struct hl7 *ret_hl7, struct why *why)
{
	struct hl7 *m = ret_hl7;
	struct span text;
	enum err e, e_split;

	*m = (struct hl7){ .charset = CHARSET_UTF8, .mem = mem };
	if (bytes.n > HL7_BYTES_MAX)
		return why_set(why, ERR_TOOBIG, NULL, "more than %d bytes", HL7_BYTES_MAX);
	if (bytes.n >= 3 && memcmp(bytes.p, "\xEF\xBB\xBF", 3) == 0)
		bytes = SPAN(bytes.p + 3, bytes.n - 3);
	bytes = trim(bytes);
	if (bytes.n == 0)
		return why_set(why, ERR_CUT_OFF, NULL, "no message");
	if ((e = delimiters(m, bytes, why)) != OK)
		return e;
	if (!(m->segments = arena_array(mem, segments_at_most(bytes), sizeof(*m->segments))))
		return why_set(why, ERR_TOOBIG, NULL, "too large");
	/* an empty MSH-18 is ASCII by the standard, and in practice often UTF-8: taken if it is valid */
	e = find_charset(m, bytes, why);
	if (e == OK && m->charset_rep == 0 && !bytes_is_utf8(bytes) && charset_name(charset))
		m->charset = charset_name(charset);
	if (e == OK)
		e = charset_decode(m->charset, bytes, mem, &text, why);
	if (e != OK)
		text = only_ascii(mem, bytes);
	if (!text.p || !(m->marks = arena_alloc(mem, text.n / 8 + 1)))
		return why_set(why, ERR_TOOBIG, NULL, "too large");
	m->text = text;
	e_split = split(m, text, e == OK ? why : NULL);
	return e != OK ? e : e_split;
}
