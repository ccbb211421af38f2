/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7 - reading and writing the text of HL7 v2: segments, fields, repetitions, components, escapes, times.
 *
 * The reader is tolerant (LF or CRLF segment ends, delimiters as MSH names them, charsets by MSH-18), the writer strict
 * (CR, standard delimiters, UTF-8). All values are copies in an arena, unescaped, without blanks around. Pure.
 */
#ifndef HEALTH_HL7_H
#define HEALTH_HL7_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"

#define HL7_BYTES_MAX (1024 * 1024)
#define HL7_SEGMENTS_MAX 1000
#define HL7_REPEATS_MAX 64
#define HL7_TIME_LEN 32

struct hl7_segment {
	char name[4];
	struct span bytes;	/* UTF-8, without its end */
	unsigned nth;		/* 1-based among those of its name */
};

struct hl7 {
	uint8_t field, component, repeat, escape, sub;	/* the delimiters */
	const char *charset;	/* as charset_name gives it: what the text was decoded from */
	unsigned charset_rep;	/* the repetition of MSH-18 that named it; 0: none */
	struct hl7_segment *segments;
	size_t n;
	struct span text;	/* that the segments are parts of */
	uint8_t *marks;		/* a bit for each byte of it: was it read? (hl7_get) */
	struct arena *mem;
};

/* Split a message (or one FHS or BHS segment); `charset` is what the door takes an empty MSH-18 for when the text is not UTF-8 (NULL: nothing). On an
 * error ret_hl7 still holds the segments before the place, so that an answer can be addressed: ERR_SYNTAX, ERR_CUT_OFF,
 * ERR_CHARSET, ERR_TOOBIG, ERR_TOOMANY; `why->line` is the segment. */
enum err hl7_parse(struct span bytes, const char *charset, struct arena *mem, struct hl7 *ret_hl7,
		   struct why *why) MUST_USE;
/* Are the delimiters of this MSH, FHS or BHS such as can be? ERR_SYNTAX, ERR_CUT_OFF, with the place: "BHS-2". */
enum err hl7_check_head(struct span line, struct why *why) MUST_USE;
/* The end of a segment in letters, "<cr>", as some write it: at the beginning of `s`; and taken off its end. */
bool hl7_is_written_end(struct span s);
struct span hl7_without_written_end(struct span s);
/* The nth (1-based) segment of that name; NULL if there is none. */
const struct hl7_segment *hl7_find(const struct hl7 *m, const char *name, unsigned nth);
/* Component `comp` (1-based, its first subcomponent) of repetition `rep` (1-based) of a field; comp 0 is the whole
 * repetition, separators and all: free text. NULL if it is empty, the HL7 null "" or the segment is NULL. */
const char *hl7_get(const struct hl7 *m, const struct hl7_segment *s, unsigned field, unsigned rep, unsigned comp);
/* The same, for what may be passed over: it is not marked as read. */
const char *hl7_peek(const struct hl7 *m, const struct hl7_segment *s, unsigned field, unsigned rep, unsigned comp);
bool hl7_is_read(const struct hl7 *m, const uint8_t *at);	/* the byte there, of the text */
unsigned hl7_repeats(const struct hl7 *m, const struct hl7_segment *s, unsigned field);	/* 0 if empty, at most HL7_REPEATS_MAX */
unsigned hl7_fields(const struct hl7 *m, const struct hl7_segment *s);			/* the number of the last one */

/* yyyy[mm[dd[hh[mm[ss[.f+]]]]]][+zzzz] and nothing behind it, else ERR_BAD_DATE; a time without zone is Bulgaria's. `ret_digits` (may be
 * NULL) tells how exact it was: 4, 6, 8, 10, 12, 14. */
enum err hl7_time(const char *text, int64_t *ret_ms, unsigned *ret_digits) MUST_USE;
enum err hl7_date(const char *text, char ret_date[static 11], unsigned *ret_digits) MUST_USE;	/* yyyy-mm-dd; month and day 01 if not given */
void hl7_format_time(int64_t ms, char to[static HL7_TIME_LEN]);	/* 20260302120000+0200, with .fff when there are any */

/* -- writing: segments in order, and in each the places in ascending order -- */
struct hl7_writer {
	struct buf b;
	unsigned field, rep, comp, sub;
};

void hl7_writer_init(struct hl7_writer *w, struct arena *mem);
void hl7_begin(struct hl7_writer *w, const char *name);		/* for MSH with MSH-1 and MSH-2 */
/* A component, escaped; NULL or empty writes nothing, so no separator trails. Numbers from 1. */
void hl7_put(struct hl7_writer *w, unsigned field, unsigned rep, unsigned comp, const char *text);
void hl7_put_sub(struct hl7_writer *w, unsigned field, unsigned rep, unsigned comp, unsigned sub, const char *text);
void hl7_end(struct hl7_writer *w);

#endif
