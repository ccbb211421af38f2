/* SPDX-License-Identifier: EUPL-1.2 */
/* letter - headers, a text of one paragraph a message, and its base64. Called by mailing.c.
 *
 * Nothing here can come from a record: items hold ids, agencies' ids and times, and all words stand in the tables below.
 */
#include "adapters/core/letter.h"

#include <string.h>

#include "adapters/core/duty.h"
#include "proto/base/clock.h"
#include "proto/merkle.h"
#include "proto/note.h"

#define WORD_BYTES 42		/* of UTF-8 in an encoded word, which may have 75 characters */
#define LINE_BASE64 76

/* By fact, English and Bulgarian. */
static const char *const facts[DUTY_FACTS][2] = {
	[NOTICE_HALF_TIME] = { "half of the time to register it has passed", "мина половината от срока за завеждане" },
	[NOTICE_LATE_REGISTERED] = { "not registered in time", "не е заведено в срок" },
	[NOTICE_LATE_RESPONSE] = { "not answered in time", "няма отговор в срок" },
	[NOTICE_EXPIRING] = { "expires soon", "скоро изтича" },
	[NOTICE_EXPIRED] = { "expired; it still stands", "срокът изтече; съобщението остава в сила" },
	[DUTY_OVERDUE] = { "a commitment was not kept when it was due", "поет ангажимент не е изпълнен в срок" },
	[DUTY_ESCALATED] = { "a commitment is still not kept; it was reported further up",
			     "поет ангажимент още не е изпълнен; докладвано е нагоре" },
	[DUTY_UNREVIEWED] = { "the waiting list was not looked at on its day", "списъкът на чакащите не е преразгледан в срок" },
	[DUTY_ACKNOWLEDGED] = { "nobody answered the outcome; it was acknowledged by itself",
				"изходът е приет без отговор в срока" },
	[DUTY_UNASSESSED] = { "the assessment that was asked for has not come in time", "поисканата оценка не е получена в срок" },
	[DUTY_SILENT] = { "the agency's own system has not confirmed it", "системата на институцията не го е потвърдила" },
};

enum word {
	WORD_SUBJECT_NOW, WORD_SUBJECT_DIGEST, WORD_INTRO_NOW, WORD_INTRO_DIGEST, WORD_MESSAGE, WORD_FROM, WORD_TO, WORD_DUE,
	WORD_EMERGENCY, WORD_FILE, WORD_PARTS, WORD_MORE, WORD_END,
};

static const char *const words[][2] = {
	[WORD_SUBJECT_NOW] = { "Nasoka: an EMERGENCY is waiting", "Насока: чака СПЕШЕН случай" },
	[WORD_SUBJECT_DIGEST] = { "Nasoka: deadlines", "Насока: срокове" },
	[WORD_INTRO_NOW] = { "An emergency message has not been dealt with in its time.", "Спешно съобщение не е обработено в срок." },
	[WORD_INTRO_DIGEST] = { "These messages have not been dealt with in their time.", "Тези съобщения не са обработени в срок." },
	[WORD_MESSAGE] = { "Message", "Съобщение" },
	[WORD_FROM] = { "from", "от" },
	[WORD_TO] = { "to", "до" },
	[WORD_DUE] = { "due", "срок" },
	[WORD_EMERGENCY] = { "EMERGENCY", "СПЕШНО" },
	[WORD_FILE] = { "a file in", "файл от" },
	[WORD_PARTS] = { "parts, not confirmed", "части, непотвърдени" },
	[WORD_MORE] = { "and more, not listed here", "и още, които не са изброени тук" },
	[WORD_END] = { "Look them up by these numbers in the agency's own system, or with: nasokactl deadlines.",
		       "Вижте ги по тези номера в системата на институцията или с: nasokactl deadlines." },
};

static const char *
say(const struct letter *l, enum word word)
{
	return words[word][l->lang == LANG_BG];
}

/* -- the text -- */

static void
put_item(struct buf *b, const struct letter *l, const struct letter_item *item)
{
	char id[MSGID_TEXT_LEN], due[CLOCK_TEXT_LEN];

	msgid_format(&item->about, id);
	clock_format_sofia(item->due_ms, due);
	buf_fmt(b, "%s %s%s%s\r\n  %s: %s\r\n  %s: %s\r\n  %s: %s\r\n  %s\r\n", say(l, WORD_MESSAGE), id,
		item->is_emergency ? " - " : "", item->is_emergency ? say(l, WORD_EMERGENCY) : "", say(l, WORD_FROM), item->from,
		say(l, WORD_TO), item->to, say(l, WORD_DUE), due, facts[item->fact][l->lang == LANG_BG]);
	if (item->parts != 0)
		buf_fmt(b, "  %s %u %s: %u\r\n", say(l, WORD_FILE), item->parts, say(l, WORD_PARTS), item->parts_left);
	buf_str(b, "\r\n");
}

static struct span
body_of(const struct letter *l, struct arena *mem)
{
	struct buf b;

	buf_init(&b, mem);
	buf_fmt(&b, "%s\r\n\r\n", say(l, l->is_digest ? WORD_INTRO_DIGEST : WORD_INTRO_NOW));
	for (size_t i = 0; i < l->n_items; i++)
		put_item(&b, l, &l->items[i]);
	if (l->n_more > 0)
		buf_fmt(&b, "%llu %s\r\n\r\n", (unsigned long long)l->n_more, say(l, WORD_MORE));
	buf_fmt(&b, "%s\r\n", say(l, WORD_END));
	return b.e == OK ? buf_bytes(&b) : SPAN_NONE;
}

/* -- headers -- */

/* RFC 2047: one encoded word after the other, none of them ending within a character. */
static void
put_encoded(struct buf *b, const char *text)
{
	const char *before = "";

	while (*text != '\0') {
		size_t n = strlen(text);

		if (n > WORD_BYTES)
			for (n = WORD_BYTES; ((uint8_t)text[n] & 0xC0) == 0x80; n--)
				;
		buf_fmt(b, "%s=?UTF-8?B?%s?=", before, note_base64(SPAN(text, n), b->mem));
		before = "\r\n ";
		text += n;
	}
}

static void
put_date(struct buf *b, int64_t at_ms)
{
	static const char *const days[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct civil c = clock_to_utc(at_ms);

	buf_fmt(b, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", days[at_ms / CLOCK_DAY % 7], c.day, months[c.month - 1], c.year,
		c.hour, c.minute, c.second);
}

static void
put_id(struct buf *b, const struct letter *l, struct span body)
{
	struct buf all;
	struct hash hash;
	char hex[2 * sizeof(hash.b) + 1];

	buf_init(&all, b->mem);
	buf_str(&all, l->agency);
	buf_u8(&all, 0);
	if (l->is_digest)	/* the same list the next day is another letter */
		buf_u64(&all, (uint64_t)(l->at_ms / CLOCK_DAY));
	buf_span(&all, body);
	if (all.e != OK) {
		b->e = all.e;
		return;
	}
	merkle_leaf(buf_bytes(&all), &hash);
	bytes_hex(hash.b, sizeof(hash.b), hex);
	buf_fmt(b, "Message-ID: <%.32s@%s.nasoka>\r\n", hex, l->agency);
}

static void
put_headers(struct buf *b, const struct letter *l, struct span body)
{
	put_date(b, l->at_ms);
	buf_fmt(b, "From: %s\r\n", l->from);
	for (size_t i = 0; i < l->n_to; i++)
		buf_fmt(b, "%s%s", i == 0 ? "To: " : ",\r\n ", l->to[i]);
	buf_str(b, "\r\nSubject: ");
	put_encoded(b, say(l, l->is_digest ? WORD_SUBJECT_DIGEST : WORD_SUBJECT_NOW));
	buf_str(b, "\r\n");
	put_id(b, l, body);
	buf_fmt(b, "Auto-Submitted: auto-generated\r\nContent-Language: %s\r\nMIME-Version: 1.0\r\n", l->lang == LANG_BG ? "bg" : "en");
	buf_str(b, "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n");
}

enum err
letter_write(const struct letter *l, struct arena *mem, struct span *ret_text)
{
	struct span body = body_of(l, mem);
	const char *base64;
	struct buf b;

	if (body.p == NULL || (base64 = note_base64(body, mem)) == NULL)
		return ERR_TOOBIG;
	buf_init(&b, mem);
	put_headers(&b, l, body);
	for (size_t at = 0, n = strlen(base64); at < n; at += LINE_BASE64) {
		buf_add(&b, base64 + at, n - at < LINE_BASE64 ? n - at : LINE_BASE64);
		buf_str(&b, "\r\n");
	}
	if (b.e != OK)
		return b.e;
	*ret_text = buf_bytes(&b);
	return OK;
}
