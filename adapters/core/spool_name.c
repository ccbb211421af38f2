/* SPDX-License-Identifier: EUPL-1.2 */
/* spool_name - called by both folder doors. */
#include "adapters/core/spool_name.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "proto/base/clock.h"
#include "proto/msgid.h"

#define STEM_MAX 200		/* leaves room for what is added and for a temp file's name */

static bool
ends_with(const char *name, const char *ending)
{
	size_t n = strlen(name), m = strlen(ending);

	return n > m && strcasecmp(name + n - m, ending) == 0;
}

bool
spool_name_is_ready(const char *name)
{
	static const char *const unfinished[] = { ".tmp", ".part", ".partial", ".crdownload", ".swp", ".lock", "~" };
	size_t i;

	if (name[0] == '.' || name[0] == '~' || name[0] == '\0')
		return false;
	for (i = 0; i < sizeof(unfinished) / sizeof(unfinished[0]); i++)
		if (ends_with(name, unfinished[i]))
			return false;
	return true;
}

enum format
spool_name_format(const char *name)
{
	if (ends_with(name, ".csv") || ends_with(name, ".txt"))
		return FORMAT_CSV;
	if (ends_with(name, ".hl7"))
		return FORMAT_HL7;
	return FORMAT_NONE;
}

static const char *
ending_of(enum format format)
{
	switch (format) {
	case FORMAT_CSV:
	case FORMAT_ONEROSTER:
		return ".csv";
	case FORMAT_HL7:
		return ".hl7";
	case FORMAT_JSON:
	case FORMAT_OSCAR:
	case FORMAT_PRIMERO:
	case FORMAT_FHIR:
		return ".json";
	case FORMAT_NHIS:
	case FORMAT_XML:
		return ".xml";
	case FORMAT_NONE:
		break;
	}
	return ".txt";
}

static int
cut_at(const char *name, size_t most)
{
	size_t n = strlen(name);

	if (n > most)
		for (n = most; n > 0 && ((unsigned char)name[n] & 0xC0) == 0x80; n--)
			;
	return (int)n;
}

void
spool_name_result(const char *name, enum format format, char to[static SPOOL_NAME_LEN])
{
	snprintf(to, SPOOL_NAME_LEN, "%.*s.result%s", cut_at(name, STEM_MAX), name, ending_of(format));
}

enum err
spool_name_out(const char *msg_id, const char *stage, enum format format, char to[static SPOOL_NAME_LEN])
{
	char text[MSGID_TEXT_LEN];
	struct msgid id;
	struct civil t;
	enum err e;

	if ((e = msgid_parse(msg_id, &id)) != OK)
		return e;
	msgid_format(&id, text);
	t = clock_to_utc(msgid_time_ms(&id));
	snprintf(to, SPOOL_NAME_LEN, "%04d%02d%02dT%02d%02d%02d-%s%s%s%s", t.year, t.month, t.day, t.hour, t.minute, t.second, text,
		stage ? "-" : "", stage ? stage : "", ending_of(format));
	return OK;
}

void
spool_name_again(const char *name, unsigned n, char to[static SPOOL_NAME_LEN])
{
	const char *dot = strrchr(name, '.');
	size_t stem = dot && dot != name && strlen(dot) <= 16 ? (size_t)(dot - name) : strlen(name);

	snprintf(to, SPOOL_NAME_LEN, "%.*s.%u%s", cut_at(name, stem < STEM_MAX ? stem : STEM_MAX), name, n, name + stem);
}
