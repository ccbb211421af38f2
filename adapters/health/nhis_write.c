/* SPDX-License-Identifier: EUPL-1.2 */
/* nhis_write - elements with their value in an attribute, as НЗИС has them, and the frame around a message's contents. */
#include "adapters/health/nhis_out.h"

#include "proto/base/clock.h"

#define OURS "NASOKA"
#define SYSTEM_CODE "4"		/* CL018: the side that practices speak to */

void
nhis_put(struct buf *b, const char *name, const char *value)
{
	if (value == NULL)
		return;
	buf_fmt(b, "<nhis:%s value=\"", name);
	xml_put_text(b, value);
	buf_str(b, "\"/>");
}

void
nhis_begin(struct buf *b, const char *name)
{
	buf_fmt(b, "<nhis:%s>", name);
}

void
nhis_end(struct buf *b, const char *name)
{
	buf_fmt(b, "</nhis:%s>", name);
}

void
nhis_put_header(struct buf *b, const struct nhis_header *h)
{
	char created[CLOCK_TEXT_LEN];

	clock_format(h->created_ms, created);
	buf_str(b, XML_DECLARATION "<nhis:message xmlns:nhis=\"" NHIS_NS "\">");
	nhis_begin(b, "header");
	nhis_put(b, "sender", h->sender != NULL ? h->sender : SYSTEM_CODE);
	nhis_put(b, "senderId", h->sender_id != NULL ? h->sender_id : OURS);
	nhis_put(b, "senderISName", "Nasoka");
	nhis_put(b, "recipient", h->recipient);
	nhis_put(b, "recipientId", h->recipient_id);
	nhis_put(b, "messageId", h->message_id);
	nhis_put(b, "messageType", h->type);
	nhis_put(b, "createdOn", created);
	nhis_end(b, "header");
	nhis_begin(b, "contents");
}

void
nhis_put_error(struct buf *b, enum err e, const char *place, const struct why *why)
{
	struct buf reason;

	buf_init(&reason, b->mem);
	buf_str(&reason, err_text(e, LANG_BG));
	if (place != NULL && *place != '\0')
		buf_fmt(&reason, "; място: %s", place);
	if (why != NULL && why->line != 0)
		buf_fmt(&reason, " (ред %u, знак %u)", why->line, why->col);
	if (why != NULL && why->text[0] != '\0')
		buf_fmt(&reason, "; %s", why->text);
	buf_fmt(&reason, "; %s", err_remedy(e, LANG_BG));
	nhis_begin(b, "error");
	nhis_put(b, "code", err_code(e));
	nhis_put(b, "reason", buf_text(&reason));
	nhis_end(b, "error");
}

enum err
nhis_finish(struct buf *b, unsigned status, struct native *ret_native)
{
	nhis_end(b, "contents");
	buf_str(b, "</nhis:message>\n");
	*ret_native = (struct native){
		.format = FORMAT_NHIS, .bytes = buf_bytes(b), .media_type = NHIS_MEDIA_TYPE, .status = status,
	};
	return arena_is_full(b->mem) ? ERR_TOOBIG : b->e;
}
