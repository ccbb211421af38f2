/* SPDX-License-Identifier: EUPL-1.2 */
/* form - the shapes that texts of a configuration may have, each with the problem when a text has another. They stand
 * in the key tables of hub_config.c and adapter_config.c, and the binder asks them.
 */
#include "config/form.h"

#include <string.h>
#include <sys/un.h>

#include "config/setting.h"
#include "proto/base/clock.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

enum { AGENCY_LEN = 64, CODE_LEN = 64, CONCEPT_LEN = 256, ORIGIN_LEN = 128, HL7_NAME_LEN = 180, MAILBOX_LEN = 254 };

static bool
is_ipc(const char *text)
{
	enum { PATH_ROOM = sizeof(((struct sockaddr_un *)NULL)->sun_path) };

	return strncmp(text, "ipc:///", 7) == 0 && text[7] != '\0' && strlen(text + 6) < PATH_ROOM;
}

static bool
is_endpoint(const char *text)
{
	struct setting_url url;
	char as_url[SETTING_HOST_LEN + 16] = "http://";

	if (is_ipc(text))
		return true;
	if (strncmp(text, "tcp://", 6) != 0 || strlen(text + 6) >= SETTING_HOST_LEN || strpbrk(text + 6, "/?") != NULL)
		return false;
	strcat(as_url, text + 6);
	/* the port must be there: what ends in a digit after the last colon outside brackets */
	return setting_parse_url(as_url, &url) && strrchr(text, ':') > text + 5 &&
	       (strchr(text, ']') == NULL || strrchr(text, ':') > strchr(text, ']'));
}

static bool
is_listen(const char *text)
{
	int64_t port;

	if (strncmp(text, "tcp://*:", 8) == 0)
		return setting_parse_int(text + 8, &port) && port >= 1 && port <= UINT16_MAX;
	return is_endpoint(text);
}

static bool
is_address(const char *text)
{
	struct setting_address address;

	return setting_parse_address(text, &address);
}

static bool
is_host(const char *text)
{
	return setting_is_host(text);
}

static bool
is_cidr(const char *text)
{
	uint8_t addr[16], bits;

	return setting_parse_cidr(text, addr, &bits);
}

static bool
is_url(const char *text)
{
	struct setting_url url;

	return setting_parse_url(text, &url);
}

/* Only characters of `set`, the first of `first`, at most `max` of them. */
static bool
is_made_of(const char *text, const char *first, const char *set, size_t max)
{
	size_t n = strlen(text);

	return n > 0 && n <= max && strchr(first, text[0]) != NULL && strspn(text, set) == n;
}

static bool
is_agency(const char *text)
{
	return is_made_of(text, LOWER DIGITS, LOWER DIGITS "-.", AGENCY_LEN);
}

static bool
is_municipality(const char *text)
{
	return strlen(text) == 5 && strspn(text, UPPER) == 3 && strspn(text + 3, DIGITS) == 2;
}

static bool
is_code(const char *text)
{
	return is_made_of(text, LOWER DIGITS, LOWER DIGITS "-", CODE_LEN);
}

static bool
is_record_path(const char *text)
{
	size_t n = strlen(text);

	return is_made_of(text, LOWER, LOWER DIGITS "_.", CODE_LEN * 2) && text[n - 1] != '.' && strstr(text, "..") == NULL;
}

static bool
is_concept(const char *text)
{
	const char *bar = strrchr(text, '|');

	return bar != NULL && bar[1] != '\0' && strlen(text) <= CONCEPT_LEN;
}

static bool
is_hl7_name(const char *text)
{
	return text[0] != '\0' && strlen(text) <= HL7_NAME_LEN && strpbrk(text, "|^~\\&") == NULL;
}

static bool
is_origin(const char *text)
{
	size_t n = strlen(text), i;

	for (i = 0; i < n; i++)
		if ((unsigned char)text[i] <= 0x20 || (unsigned char)text[i] >= 0x7F || text[i] == '+')
			return false;
	return n > 0 && n <= ORIGIN_LEN;
}

static bool
is_date(const char *text)
{
	struct civil date;

	return clock_parse_date(text, &date) == OK;
}

/* What goes into an SMTP dialogue as it stands: no blanks, brackets or quotes, one '@', a host behind it. */
static bool
is_mailbox(const char *text)
{
	const char *at = strchr(text, '@');
	size_t n = strlen(text);

	return at != NULL && at != text && n <= MAILBOX_LEN && setting_is_host(at + 1) &&
	       strspn(text, LOWER UPPER DIGITS "!#$%&'*+-/=?^_`{|}~.@") == n;
}

const struct form form_endpoint = { is_endpoint, PROBLEM_ENDPOINT };
const struct form form_listen = { is_listen, PROBLEM_ENDPOINT };
const struct form form_address = { is_address, PROBLEM_ADDRESS };
const struct form form_host = { is_host, PROBLEM_HOST };
const struct form form_cidr = { is_cidr, PROBLEM_CIDR };
const struct form form_url = { is_url, PROBLEM_URL };
const struct form form_agency = { is_agency, PROBLEM_AGENCY };
const struct form form_municipality = { is_municipality, PROBLEM_MUNICIPALITY };
const struct form form_code = { is_code, PROBLEM_CODE };
const struct form form_record_path = { is_record_path, PROBLEM_RECORD_PATH };
const struct form form_concept = { is_concept, PROBLEM_CONCEPT };
const struct form form_hl7_name = { is_hl7_name, PROBLEM_HL7_NAME };
const struct form form_origin = { is_origin, PROBLEM_ORIGIN };
const struct form form_date = { is_date, PROBLEM_DATE };
const struct form form_mailbox = { is_mailbox, PROBLEM_MAILBOX };
