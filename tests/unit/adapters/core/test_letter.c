/* SPDX-License-Identifier: EUPL-1.2 */
/* A letter is a message that mail programs read, in both languages, and its id is that of what it says. */
#include "adapters/core/letter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/core/duty.h"
#include "proto/base/clock.h"
#include "proto/note.h"

#define AT INT64_C(1772442000000)	/* 2026-03-02T09:00:00Z */

static const char *const to[] = { "duty@agency.example", "head@agency.example" };

static const char *
text_of(struct letter *l, struct arena *mem)
{
	struct span text = SPAN_NONE;

	assert_int_equal(letter_write(l, mem, &text), OK);
	return arena_strn(mem, (const char *)text.p, text.n);
}

/* What stands behind the headers, decoded. */
static const char *
body_of(const char *text, struct arena *mem)
{
	const char *at = strstr(text, "\r\n\r\n") + 4;
	char *joined = arena_str(mem, at), *end = joined;
	struct span plain;

	for (; *at; at++)
		if (*at != '\r' && *at != '\n')
			*end++ = *at;
	*end = '\0';
	assert_int_equal(note_unbase64(span_str(joined), mem, &plain), OK);
	return arena_strn(mem, (const char *)plain.p, plain.n);
}

static const char *
id_of(const char *text, struct arena *mem)
{
	const char *at = strstr(text, "Message-ID: <");

	return arena_strn(mem, at, strcspn(at, "\r"));
}

static struct letter
a_letter(struct letter_item *item)
{
	*item = (struct letter_item){
		.from = "plovdiv-ozd", .to = "plovdiv-gp1", .fact = NOTICE_LATE_REGISTERED, .due_ms = AT - CLOCK_HOUR, .is_emergency = true,
	};
	memset(item->about.b, 7, sizeof(item->about.b));
	return (struct letter){
		.agency = "plovdiv-ozd", .from = "nasoka@agency.example", .to = to, .n_to = 2, .items = item, .n_items = 1, .at_ms = AT,
	};
}

/* Headers and text of an immediate letter, in English and in Bulgarian: all of ASCII on the way, lines short. */
static void
both_languages(void **state)
{
	struct arena *mem = arena_new(1 << 20);
	struct letter_item item;
	struct letter l = a_letter(&item);
	const char *text = text_of(&l, mem), *bg;
	size_t line = 0;

	(void)state;
	assert_non_null(strstr(text, "Date: Mon, 02 Mar 2026 09:00:00 +0000\r\nFrom: nasoka@agency.example\r\n"
				     "To: duty@agency.example,\r\n head@agency.example\r\nSubject: =?UTF-8?B?"));
	assert_non_null(strstr(text, "\r\nAuto-Submitted: auto-generated\r\n"));
	assert_string_equal(body_of(text, mem),
			    "An emergency message has not been dealt with in its time.\r\n\r\n"
			    "Message 07070707-0707-0707-0707-070707070707 - EMERGENCY\r\n  from: plovdiv-ozd\r\n  to: plovdiv-gp1\r\n"
			    "  due: 2026-03-02T10:00:00+02:00\r\n  not registered in time\r\n\r\n"
			    "Look them up by these numbers in the agency's own system, or with: nasokactl deadlines.\r\n");
	l.lang = LANG_BG;
	bg = text_of(&l, mem);
	assert_non_null(strstr(body_of(bg, mem), "СПЕШНО\r\n  от: plovdiv-ozd\r\n  до: plovdiv-gp1\r\n  срок: 2026-03-02T10:00:00+02:00\r\n"
						 "  не е заведено в срок\r\n"));
	item.parts = 40;
	item.parts_left = 39;
	assert_non_null(strstr(body_of(text_of(&l, mem), mem), "в срок\r\n  файл от 40 части, непотвърдени: 39\r\n\r\n"));
	for (const char *c = bg; *c; c++) {
		assert_true((unsigned char)*c < 0x80);
		line = *c == '\n' ? 0 : line + 1;
		assert_true(line <= 100);
	}
	arena_free(mem);
}

/* Every fact has its words, in both languages. */
static void
every_fact(void **state)
{
	struct arena *mem = arena_new(8 << 20);
	struct letter_item item;
	struct letter l = a_letter(&item);

	(void)state;
	l.is_digest = true;
	for (int lang = LANG_EN; lang <= LANG_BG; lang++)
		for (item.fact = 1; item.fact < DUTY_FACTS; item.fact++) {
			l.lang = (enum lang)lang;
			assert_null(strstr(body_of(text_of(&l, mem), mem), "(null)"));
		}
	arena_free(mem);
}

/* The same letter tried again has the same id; another fact, or another day's list, has another. */
static void
ids(void **state)
{
	struct arena *mem = arena_new(1 << 20);
	struct letter_item item;
	struct letter l = a_letter(&item);
	const char *first = id_of(text_of(&l, mem), mem), *list;

	(void)state;
	l.at_ms += CLOCK_HOUR;
	assert_string_equal(id_of(text_of(&l, mem), mem), first);
	item.fact = NOTICE_LATE_RESPONSE;
	assert_string_not_equal(id_of(text_of(&l, mem), mem), first);
	l.is_digest = true;
	list = id_of(text_of(&l, mem), mem);
	l.at_ms += CLOCK_DAY;
	assert_string_not_equal(id_of(text_of(&l, mem), mem), list);
	arena_free(mem);
}

/* What does not fit is a number; a full arena is an error and no half letter. */
static void
limits(void **state)
{
	static struct letter_item items[LETTER_ITEMS_MAX];
	struct arena *mem = arena_new(1 << 20), *small = arena_new(4096);
	struct letter_item item;
	struct letter l = a_letter(&item);
	struct span text;

	(void)state;
	for (size_t i = 0; i < LETTER_ITEMS_MAX; i++)
		items[i] = item;
	l.items = items;
	l.n_items = LETTER_ITEMS_MAX;
	l.n_more = 17;
	assert_non_null(strstr(body_of(text_of(&l, mem), mem), "17 and more, not listed here\r\n"));
	assert_int_equal(letter_write(&l, small, &text), ERR_TOOBIG);
	arena_free(small);
	arena_free(mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_languages), cmocka_unit_test(every_fact), cmocka_unit_test(ids), cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
