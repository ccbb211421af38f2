/* SPDX-License-Identifier: EUPL-1.2 */
/* msgid - message ids: UUIDv7 (RFC 9562), 16 bytes, so that ids sort by the time they were made, those of one maker strictly. */
#ifndef PROTO_MSGID_H
#define PROTO_MSGID_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/err.h"

#define MSGID_LEN 16
#define MSGID_TEXT_LEN 37	/* 8-4-4-4-12 and NUL */
#define MSGID_BACK_MS 60000	/* how far a clock may step back before ids follow it */

struct msgid { uint8_t b[MSGID_LEN]; };

/* `random` gives 10 random bytes (the caller's generator, so that a simulated run can be repeated). */
void msgid_make(int64_t now_ms, const uint8_t random[10], struct msgid *ret_id);
/* One that sorts after `last` (all zero: there is none), also within its millisecond and while the clock is behind it by no more
 * than MSGID_BACK_MS; a clock further back was wrong before, and is believed anew. `ret_id` may be `last`. */
void msgid_make_after(const struct msgid *last, int64_t now_ms, const uint8_t random[10], struct msgid *ret_id);
int64_t msgid_time_ms(const struct msgid *id);
bool msgid_is_valid(const struct msgid *id);		/* version 7, variant 10 */
bool msgid_is_zero(const struct msgid *id);		/* all zero: none */
bool msgid_eq(const struct msgid *a, const struct msgid *b);
void msgid_format(const struct msgid *id, char to[static MSGID_TEXT_LEN]);
/* With or without hyphens; ERR_FORMAT if it is not a UUIDv7. */
enum err msgid_parse(const char *text, struct msgid *ret_id) MUST_USE;

#endif
