/* SPDX-License-Identifier: EUPL-1.2 */
/* setting - the text of one value to the value, and back. Pure, strict, no YAML in it.
 *
 * Parsers take the whole text or give false and leave `ret_x` alone. Numbers that would overflow become the largest
 * there is, so that a range check names the range and not the spelling.
 */
#ifndef CONFIG_SETTING_H
#define CONFIG_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/err.h"

enum { SETTING_TEXT_LEN = 32, SETTING_HOST_LEN = 254, SETTING_WORKING_DAYS_MAX = 250 };

/* How long something may take: so many ms, or until the end of the n-th working day. One of the two, or none: not given. */
struct setting_term {
	int64_t ms, working_days;
	bool is_default;	/* nobody has said it: it is the program's */
};

bool setting_parse_bool(const char *text, bool *ret_value) MUST_USE;		/* true, false */
bool setting_parse_int(const char *text, int64_t *ret_value) MUST_USE;		/* decimal, no leading zero */
bool setting_parse_size(const char *text, int64_t *ret_bytes) MUST_USE;		/* 512B 64KiB 1MiB 2GiB 1TiB */
bool setting_parse_duration(const char *text, int64_t *ret_ms) MUST_USE;	/* 500ms 5s 10m 24h 7d */
bool setting_parse_term(const char *text, struct setting_term *ret_term) MUST_USE;	/* a duration, or 3 working days */
void setting_format_size(int64_t bytes, char to[static SETTING_TEXT_LEN]);	/* the largest unit that is exact */
void setting_format_duration(int64_t ms, char to[static SETTING_TEXT_LEN]);
void setting_format_term(const struct setting_term *term, char to[static SETTING_TEXT_LEN]);

struct setting_address {
	char host[SETTING_HOST_LEN];	/* numeric, without brackets */
	uint16_t port;
	bool loopback;
};
bool setting_parse_address(const char *text, struct setting_address *ret_address) MUST_USE;
/* An IPv4 network is given as its mapped IPv6 one; host bits must be zero. */
bool setting_parse_cidr(const char *text, uint8_t ret_addr[static 16], uint8_t *ret_bits) MUST_USE;
struct setting_url {
	char host[SETTING_HOST_LEN];	/* lower case, without brackets */
	bool tls;
	bool loopback;			/* localhost, 127.0.0.0/8, ::1 */
};
bool setting_parse_url(const char *text, struct setting_url *ret_url) MUST_USE;
bool setting_is_host(const char *host);		/* a name or a numeric address */
bool setting_is_loopback(const char *host);

#endif
