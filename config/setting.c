/* SPDX-License-Identifier: EUPL-1.2 */
/* setting - text of a value <-> value, and the shapes that texts may have. Called by the binder for every scalar of a
 * configuration, and by the two configurations for the parts of addresses. No state, no memory, no file.
 */
#include "config/setting.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

struct unit {
	const char *name;
	int64_t factor;
};

/* Smallest first: the formatter tries them from the end. */
static const struct unit size_units[] = {
	{ "B", 1 },
	{ "KiB", INT64_C(1) << 10 },
	{ "MiB", INT64_C(1) << 20 },
	{ "GiB", INT64_C(1) << 30 },
	{ "TiB", INT64_C(1) << 40 },
};
static const struct unit duration_units[] = {
	{ "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 },
};
enum {
	N_SIZE_UNITS = sizeof(size_units) / sizeof(size_units[0]),
	N_DURATION_UNITS = sizeof(duration_units) / sizeof(duration_units[0]),
};

bool
setting_parse_bool(const char *text, bool *ret_value)
{
	bool yes = strcmp(text, "true") == 0;

	if (!yes && strcmp(text, "false") != 0)
		return false;
	*ret_value = yes;
	return true;
}

/* Digits at the start of `text`: how many, 0 if they are no number. */
static size_t
parse_digits(const char *text, int64_t *ret_value)
{
	size_t n = strspn(text, DIGITS), i;
	int64_t value = 0;

	if (n == 0 || (n > 1 && text[0] == '0'))
		return 0;
	for (i = 0; i < n; i++)
		if (__builtin_mul_overflow(value, INT64_C(10), &value) ||
		    __builtin_add_overflow(value, (int64_t)(text[i] - '0'), &value)) {
			value = INT64_MAX;
			break;
		}
	*ret_value = value;
	return n;
}

bool
setting_parse_int(const char *text, int64_t *ret_value)
{
	bool minus = text[0] == '-';
	int64_t value;
	size_t n = parse_digits(text + minus, &value);

	if (n == 0 || text[minus + n] != '\0')
		return false;
	*ret_value = minus ? -value : value;
	return true;
}

static bool
parse_unit(const char *text, const struct unit *units, size_t n_units, int64_t *ret_value)
{
	int64_t value;
	size_t n = parse_digits(text, &value), i;

	if (n == 0)
		return false;
	for (i = 0; i < n_units; i++) {
		if (strcmp(text + n, units[i].name) != 0)
			continue;
		if (__builtin_mul_overflow(value, units[i].factor, ret_value))
			*ret_value = INT64_MAX;
		return true;
	}
	return false;
}

static void
format_unit(int64_t value, const struct unit *units, size_t n_units, char to[static SETTING_TEXT_LEN])
{
	size_t i = n_units - 1;

	while (i > 0 && (value == 0 || value % units[i].factor != 0))
		i--;
	snprintf(to, SETTING_TEXT_LEN, "%" PRId64 "%s", value / units[i].factor, units[i].name);
}

bool
setting_parse_size(const char *text, int64_t *ret_bytes)
{
	return parse_unit(text, size_units, N_SIZE_UNITS, ret_bytes);
}

bool
setting_parse_duration(const char *text, int64_t *ret_ms)
{
	return parse_unit(text, duration_units, N_DURATION_UNITS, ret_ms);
}

bool
setting_parse_term(const char *text, struct setting_term *ret_term)
{
	int64_t value;
	size_t n = parse_digits(text, &value);

	if (n > 0 && (strcmp(text + n, " working days") == 0 || (value == 1 && strcmp(text + n, " working day") == 0))) {
		*ret_term = (struct setting_term){ .working_days = value };
		return true;
	}
	if (!setting_parse_duration(text, &value))
		return false;
	*ret_term = (struct setting_term){ .ms = value };
	return true;
}

void
setting_format_size(int64_t bytes, char to[static SETTING_TEXT_LEN])
{
	format_unit(bytes, size_units, N_SIZE_UNITS, to);
}

void
setting_format_duration(int64_t ms, char to[static SETTING_TEXT_LEN])
{
	format_unit(ms, duration_units, N_DURATION_UNITS, to);
}

void
setting_format_term(const struct setting_term *term, char to[static SETTING_TEXT_LEN])
{
	if (term->working_days == 0)
		setting_format_duration(term->ms, to);
	else
		snprintf(to, SETTING_TEXT_LEN, "%" PRId64 " working day%s", term->working_days, term->working_days == 1 ? "" : "s");
}

static bool
parse_port(const char *text, uint16_t *ret_port)
{
	int64_t port;

	if (!setting_parse_int(text, &port) || port < 1 || port > UINT16_MAX)
		return false;
	*ret_port = (uint16_t)port;
	return true;
}

/* "HOST:PORT" or "[V6]:PORT" in two; the port must be the last thing. */
static bool
split_host(const char *text, char host[static SETTING_HOST_LEN], uint16_t *ret_port)
{
	bool bracket = text[0] == '[';
	const char *end = bracket ? strchr(text, ']') : strchr(text, ':');
	size_t n;

	if (end == NULL)
		return false;
	n = (size_t)(end - text) - bracket;
	if (n == 0 || n >= SETTING_HOST_LEN || end[bracket] != ':')
		return false;
	memcpy(host, text + bracket, n);
	host[n] = '\0';
	if (bracket && strchr(host, ':') == NULL)
		return false;
	return parse_port(end + bracket + 1, ret_port);
}

/* Mapped IPv6 for both families. */
static bool
parse_ip(const char *host, uint8_t ret_addr[static 16], bool *ret_v4)
{
	static const uint8_t mapped[12] = { [10] = 0xFF, [11] = 0xFF };

	*ret_v4 = inet_pton(AF_INET, host, ret_addr + 12) == 1;
	if (*ret_v4)
		memcpy(ret_addr, mapped, sizeof(mapped));
	return *ret_v4 || inet_pton(AF_INET6, host, ret_addr) == 1;
}

bool
setting_is_loopback(const char *host)
{
	static const uint8_t six[16] = { [15] = 1 };
	uint8_t addr[16];
	bool v4;

	if (strcmp(host, "localhost") == 0)
		return true;
	if (!parse_ip(host, addr, &v4))
		return false;
	return v4 ? addr[12] == 127 : memcmp(addr, six, sizeof(six)) == 0;
}

bool
setting_is_host(const char *host)
{
	size_t n = strlen(host), i, label = 0;
	uint8_t addr[16];
	bool v4;

	if (parse_ip(host, addr, &v4))
		return true;
	if (n == 0 || n >= SETTING_HOST_LEN || strspn(host, DIGITS ".") == n)
		return false;
	for (i = 0; i <= n; i++) {
		bool end = host[i] == '.' || host[i] == '\0';

		if (end && (label == 0 || host[i - 1] == '-'))
			return false;
		if (!end && strchr(LOWER UPPER DIGITS "-_", host[i]) == NULL)
			return false;
		if (!end && label == 0 && host[i] == '-')
			return false;
		label = end ? 0 : label + 1;
		if (label > 63)
			return false;
	}
	return true;
}

bool
setting_parse_address(const char *text, struct setting_address *ret_address)
{
	struct setting_address a;
	uint8_t addr[16];
	bool v4;

	if (!split_host(text, a.host, &a.port) || !parse_ip(a.host, addr, &v4))
		return false;
	a.loopback = setting_is_loopback(a.host);
	*ret_address = a;
	return true;
}

bool
setting_parse_cidr(const char *text, uint8_t ret_addr[static 16], uint8_t *ret_bits)
{
	const char *slash = strchr(text, '/');
	char host[SETTING_HOST_LEN];
	uint8_t addr[16];
	int64_t bits;
	unsigned bit;
	bool v4;

	if (slash == NULL || (size_t)(slash - text) >= sizeof(host))
		return false;
	memcpy(host, text, (size_t)(slash - text));
	host[slash - text] = '\0';
	if (!parse_ip(host, addr, &v4) || !setting_parse_int(slash + 1, &bits))
		return false;
	if (bits < 0 || bits > (v4 ? 32 : 128))
		return false;
	bits += v4 ? 96 : 0;
	for (bit = (unsigned)bits; bit < 128; bit++)
		if ((addr[bit / 8] >> (7 - bit % 8)) & 1)
			return false;
	memcpy(ret_addr, addr, sizeof(addr));
	*ret_bits = (uint8_t)bits;
	return true;
}

/* A user or password in an address would be a secret in the configuration, so it is refused with the rest. */
bool
setting_parse_url(const char *text, struct setting_url *ret_url)
{
	bool tls = strncmp(text, "https://", 8) == 0;
	const char *from = text + (tls ? 8 : 7);
	struct setting_url url = { .tls = tls };
	size_t n, i;
	uint16_t port;
	char place[SETTING_HOST_LEN + 8];

	if (!tls && strncmp(text, "http://", 7) != 0)
		return false;
	for (i = 0; text[i] != '\0'; i++)
		if ((unsigned char)text[i] <= 0x20 || (unsigned char)text[i] >= 0x7F || strchr("\"<>\\^`{|}#@", text[i]) != NULL)
			return false;
	n = strcspn(from, "/?");
	if (n == 0 || n >= SETTING_HOST_LEN || from[n] == '?')
		return false;
	snprintf(place, sizeof(place), "%.*s", (int)n, from);
	if (strchr(place, ']') ? place[n - 1] == ']' : strchr(place, ':') == NULL)
		snprintf(place + n, sizeof(place) - n, ":80");
	if (!split_host(place, url.host, &port) || !setting_is_host(url.host))
		return false;
	for (i = 0; url.host[i] != '\0'; i++)
		if (url.host[i] >= 'A' && url.host[i] <= 'Z')
			url.host[i] = (char)(url.host[i] - 'A' + 'a');
	url.loopback = setting_is_loopback(url.host);
	*ret_url = url;
	return true;
}
