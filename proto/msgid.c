/* SPDX-License-Identifier: EUPL-1.2 */
/* msgid - UUIDv7: 48 bits of milliseconds, version, 12 random bits, variant, 62 random bits.
 *
 * One after another (RFC 9562 6.2, method 2): within a millisecond the 74 random bits are a number that grows by a random step.
 * Pure: time and randomness are the caller's. Called by both adapters and the hub.
 */
#include "proto/msgid.h"

#include <assert.h>
#include <string.h>

#include "proto/base/bytes.h"

#define LOW_BITS 62		/* of the random bits; the HIGH_BITS are before them */
#define HIGH_BITS 12

/* Where the hyphens of the text form stand. */
static bool
is_hyphen_place(size_t i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

void
msgid_make(int64_t now_ms, const uint8_t random[10], struct msgid *ret_id)
{
	uint64_t ms = now_ms < 0 ? 0 : (uint64_t)now_ms;

	for (unsigned i = 0; i < 6; i++)
		ret_id->b[i] = (uint8_t)(ms >> (40 - 8 * i));
	memcpy(ret_id->b + 6, random, 10);
	ret_id->b[6] = (uint8_t)((ret_id->b[6] & 0x0f) | 0x70);
	ret_id->b[8] = (uint8_t)((ret_id->b[8] & 0x3f) | 0x80);
}

/* A step of 1 to 2^48: nobody guesses the next one, and a millisecond has room for some 2^26 of them. False: its room is used up. */
static bool
step_on(const uint8_t random[10], struct msgid *id)
{
	uint64_t low = id->b[8] & 0x3f, step = 0;
	unsigned high = (unsigned)(id->b[6] & 0x0f) << 8 | id->b[7];

	for (unsigned i = 9; i < MSGID_LEN; i++)
		low = low << 8 | id->b[i];
	for (unsigned i = 0; i < 6; i++)
		step = step << 8 | random[i];
	low += step + 1;
	high += (unsigned)(low >> LOW_BITS);
	if (high >> HIGH_BITS)
		return false;
	id->b[6] = (uint8_t)(0x70 | high >> 8);
	id->b[7] = (uint8_t)high;
	for (unsigned i = MSGID_LEN - 1; i > 8; i--, low >>= 8)
		id->b[i] = (uint8_t)low;
	id->b[8] = (uint8_t)(0x80 | (low & 0x3f));
	return true;
}

void
msgid_make_after(const struct msgid *last, int64_t now_ms, const uint8_t random[10], struct msgid *ret_id)
{
	int64_t last_ms = msgid_time_ms(last);
	struct msgid id = *last;

	if (now_ms > last_ms || last_ms - now_ms > MSGID_BACK_MS)
		msgid_make(now_ms, random, &id);
	else if (!step_on(random, &id))
		msgid_make(last_ms + 1, random, &id);
	*ret_id = id;
}

int64_t
msgid_time_ms(const struct msgid *id)
{
	uint64_t ms = 0;

	for (unsigned i = 0; i < 6; i++)
		ms = ms << 8 | id->b[i];
	return (int64_t)ms;
}

bool
msgid_is_valid(const struct msgid *id)
{
	return (id->b[6] & 0xf0) == 0x70 && (id->b[8] & 0xc0) == 0x80;
}

bool
msgid_is_zero(const struct msgid *id)
{
	static const struct msgid zero;

	return msgid_eq(id, &zero);
}

bool
msgid_eq(const struct msgid *a, const struct msgid *b)
{
	return memcmp(a->b, b->b, MSGID_LEN) == 0;
}

void
msgid_format(const struct msgid *id, char to[static MSGID_TEXT_LEN])
{
	char hex[2 * MSGID_LEN + 1];
	const char *from = hex;

	bytes_hex(id->b, MSGID_LEN, hex);
	for (size_t i = 0; i < MSGID_TEXT_LEN - 1; i++)
		to[i] = is_hyphen_place(i) ? '-' : *from++;
	to[MSGID_TEXT_LEN - 1] = '\0';
}

enum err
msgid_parse(const char *text, struct msgid *ret_id)
{
	char hex[2 * MSGID_LEN + 1];
	size_t len = strlen(text), n = 0;
	struct msgid id;

	if (len != 2 * MSGID_LEN && len != MSGID_TEXT_LEN - 1)
		return ERR_FORMAT;
	for (size_t i = 0; i < len; i++) {
		if (len == MSGID_TEXT_LEN - 1 && is_hyphen_place(i)) {
			if (text[i] != '-')
				return ERR_FORMAT;
			continue;
		}
		assert(n < 2 * MSGID_LEN);
		hex[n++] = text[i];
	}
	hex[n] = '\0';
	if (bytes_unhex(hex, id.b, MSGID_LEN) != OK || !msgid_is_valid(&id))
		return ERR_FORMAT;
	*ret_id = id;
	return OK;
}
