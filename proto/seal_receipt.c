/* SPDX-License-Identifier: EUPL-1.2 */
/* seal_receipt - version, error number, time, case number, text: integers big-endian, texts with a u32 length. */
#include "proto/seal_receipt.h"

#define RECEIPT_VERSION 1

static bool
is_too_long(const char *text, size_t max)
{
	return text != NULL && strlen(text) > max;
}

enum err
receipt_encode(const struct receipt_detail *detail, struct arena *mem, struct span *ret_bytes)
{
	struct buf b;

	if (is_too_long(detail->case_no, RECEIPT_CASE_NO_MAX) || is_too_long(detail->text, RECEIPT_TEXT_MAX) || detail->at_ms < 0)
		return ERR_TOOBIG;
	buf_init(&b, mem);
	buf_u8(&b, RECEIPT_VERSION);
	buf_u32(&b, err_number(detail->code));
	buf_u64(&b, (uint64_t)detail->at_ms);
	buf_var(&b, span_str(detail->case_no));
	buf_var(&b, span_str(detail->text));
	if (b.e != OK)
		return b.e;
	*ret_bytes = buf_bytes(&b);
	return OK;
}

/* A text with its length; absent if empty. */
static enum err
take_text(struct cursor *c, size_t max, struct arena *mem, const char **ret_text)
{
	struct span s = cursor_var(c);

	if (c->e != OK || s.n > max)
		return ERR_FORMAT;
	if (s.n == 0)
		return OK;
	if (!bytes_is_utf8(s))
		return ERR_FORMAT;
	*ret_text = arena_strn(mem, s.p, s.n);
	return *ret_text == NULL ? ERR_TOOBIG : OK;
}

enum err
receipt_decode(struct span bytes, struct arena *mem, struct receipt_detail *ret_detail)
{
	struct receipt_detail d = { 0 };
	struct cursor c;
	uint32_t number;
	uint64_t at_ms;
	enum err e;

	cursor_init(&c, bytes);
	if (cursor_u8(&c) != RECEIPT_VERSION)
		return ERR_FORMAT;
	number = cursor_u32(&c);
	at_ms = cursor_u64(&c);
	if ((e = take_text(&c, RECEIPT_CASE_NO_MAX, mem, &d.case_no)) != OK ||
	    (e = take_text(&c, RECEIPT_TEXT_MAX, mem, &d.text)) != OK)
		return e;
	if ((e = cursor_end(&c)) != OK)
		return e;
	d.code = err_by_number(number);
	if ((number != 0 && d.code == OK) || at_ms > INT64_MAX)
		return ERR_FORMAT;
	d.at_ms = (int64_t)at_ms;
	*ret_detail = d;
	return OK;
}
