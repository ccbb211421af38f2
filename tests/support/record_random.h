/* SPDX-License-Identifier: EUPL-1.2 */
/* record_random - bodies of any kind with random contents, by the record's own description: what round trips are tried with.
 *
 * Texts have the delimiters of HL7 and of tables, line ends, tabs and Cyrillic in them, but no blanks at their ends, which
 * readers take off.
 */
#ifndef TEST_RECORD_RANDOM_H
#define TEST_RECORD_RANDOM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "proto/base/clock.h"
#include "proto/kind.h"

#define RANDOM_TIME INT64_C(1772438400000)	/* 2026-03-02T08:00:00Z: times are after it */

struct record_random {
	uint64_t state;
	struct arena *mem;
	bool is_plain;		/* words of letters only: names and addresses */
};

static inline unsigned
random_below(struct record_random *r, size_t n)
{
	r->state = r->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)((r->state >> 33) % n);
}

static inline const char *
random_text(struct record_random *r, size_t limit)
{
	static const char *const WORDS[] = { "Калина", "ѝ", "„цитат“", "a|b", "c^d", "e~f", "g&h", "i\\j", "k\nl", "m\tn", "<o>", "п=р", "x",
		"q;r", "s,t", "\"u\"", "=v", "'=w", "\\|" };
	struct buf b;

	buf_init(&b, r->mem);
	for (unsigned n = 1 + random_below(r, 4); n > 0; n--) {
		const char *word = WORDS[random_below(r, r->is_plain ? 3 : sizeof(WORDS) / sizeof(WORDS[0]))];

		if (b.n + strlen(word) + 1 > limit)
			break;
		buf_fmt(&b, "%s%s", b.n ? " " : "", word);
	}
	return b.n ? buf_text(&b) : "x";
}

static inline const char *
random_value(struct record_random *r, const struct field *f)
{
	char text[CLOCK_TEXT_LEN];
	size_t n = 0;

	switch (f->kind) {
	case FIELD_TEXT:
		return random_text(r, f->limit);
	case FIELD_TEXTS:
		return random_text(r, 200);
	case FIELD_CODE:
	case FIELD_CODES:
		while (f->codes[n])
			n++;
		return f->codes[random_below(r, n)];
	case FIELD_DATE:
		return arena_fmt(r->mem, "20%02u-%02u-%02u", random_below(r, 30), 1 + random_below(r, 12), 1 + random_below(r, 28));
	case FIELD_TIME:
		clock_format(RANDOM_TIME + (int64_t)random_below(r, 400) * CLOCK_DAY + (int64_t)random_below(r, 86400000), text);
		return arena_str(r->mem, text);
	case FIELD_INT:
		n = strcmp(f->name, "score") == 0;	/* counts from 1 */
		return arena_fmt(r->mem, "%u", (unsigned)n + random_below(r, f->limit + 1 - n));
	case FIELD_BOOL:
		return random_below(r, 2) ? "true" : "false";
	case FIELD_BYTES:
		return "JVBERi0xLjQKJSBwcm9iYQo=";
	case FIELD_ID:
	case FIELD_MSG:
	case FIELD_MSGS:
		break;
	}
	return NULL;
}

/* Fill what stands at `path` of the record; `most` of 4 optional fields are there. */
static inline void
random_fill(struct record_random *r, struct record *record, const char *path, const struct record_type *type, unsigned most)
{
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];
		const char *at = arena_fmt(r->mem, "%s.%s", path, f->name);
		size_t n = f->limit < 3 ? f->limit : 3;

		if (!f->must && random_below(r, 4) >= most)
			continue;
		if (f->kind == FIELD_MSG) {
			random_fill(r, record, at, f->of, most);
		} else if (f->kind == FIELD_MSGS) {
			n = 1 + random_below(r, n);
			for (size_t k = 0; k < n; k++) {
				/* an item has at least one field, else it is none */
				const struct field *first = &f->of->fields[0];
				const char *item = arena_fmt(r->mem, "%s[%zu]", at, k);

				if (!first->must && first->kind != FIELD_MSG && first->kind != FIELD_MSGS)
					assert_int_equal(record_set(record, r->mem, arena_fmt(r->mem, "%s.%s", item, first->name),
								    random_value(r, first), NULL), OK);
				random_fill(r, record, item, f->of, most);
			}
		} else {
			n = record_field_is_list(f) ? 1 + random_below(r, n) : 1;
			for (size_t k = 0; k < n; k++)
				assert_int_equal(record_set(record, r->mem, at, random_value(r, f), NULL), OK);
		}
	}
}

static inline struct record *
random_record(struct record_random *r, const struct kind *kind)
{
	struct record *record = record_new(r->mem, "record");

	if (!kind || !record)
		return NULL;
	record->kind = kind->code;
	random_fill(r, record, kind->body, record_field(record_type(), kind->body)->of, random_below(r, 5));
	return record;
}

#endif
