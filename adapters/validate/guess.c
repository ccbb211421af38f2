/* SPDX-License-Identifier: EUPL-1.2 */
/* guess - a file's name and its first bytes tell its format, its format tells the sector. Called by judge.c; words by main.c. */
#include "adapters/validate/guess.h"

#include <string.h>
#include <strings.h>

#include "adapters/core/xml.h"
#include "adapters/education/education.h"
#include "adapters/health/nhis.h"
#include "adapters/health/sector.h"
#include "adapters/social/social.h"

static const struct { const char *word; enum format format; } formats[] = {
	{ "json", FORMAT_JSON }, { "xml", FORMAT_XML }, { "csv", FORMAT_CSV }, { "hl7", FORMAT_HL7 }, { "fhir", FORMAT_FHIR },
	{ "nhis", FORMAT_NHIS }, { "oscar", FORMAT_OSCAR }, { "primero", FORMAT_PRIMERO },
};
static const struct sector *const sectors[] = { &social_sector, &health_sector, &education_sector };

enum format
guess_format_named(const char *word)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcasecmp(formats[i].word, word) == 0)
			return formats[i].format;
	return FORMAT_NONE;
}

const char *
guess_word(enum format format)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (formats[i].format == format)
			return formats[i].word;
	return NULL;
}

const struct sector *
guess_sector_named(const char *name)
{
	for (size_t i = 0; name != NULL && i < sizeof(sectors) / sizeof(sectors[0]); i++)
		if (strcmp(sectors[i]->name, name) == 0)
			return sectors[i];
	return NULL;
}

static bool
ends_in(const char *name, const char *ending)
{
	size_t n = strlen(name), m = strlen(ending);

	return n > m && strcasecmp(name + n - m, ending) == 0;
}

static bool
holds(struct span s, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= s.n; i++)
		if (memcmp(s.p + i, word, n) == 0)
			return true;
	return false;
}

enum format
guess_format(struct span bytes, const char *file, const struct sector *said)
{
	const struct native in = { .bytes = bytes, .file = file };
	enum format format;
	size_t i = 0;

	while (i < bytes.n && bytes.p[i] <= ' ')	/* MLLP's first byte among them */
		i++;
	if (bytes.n - i >= 3 && (memcmp(bytes.p + i, "MSH", 3) == 0 || memcmp(bytes.p + i, "FHS", 3) == 0 ||
				    memcmp(bytes.p + i, "BHS", 3) == 0))
		return FORMAT_HL7;
	if (ends_in(file, ".hl7"))	/* what is wrong with it is told as HL7's */
		return FORMAT_HL7;
	if (ends_in(file, ".csv") || ends_in(file, ".txt") || ends_in(file, ".xlsx"))
		return FORMAT_CSV;
	if (xml_is_likely(bytes))
		return holds(bytes, NHIS_NS) || said == &health_sector ? FORMAT_NHIS : FORMAT_XML;
	if (i < bytes.n && bytes.p[i] != '{' && bytes.p[i] != '[' && bytes.p[i] != 0xEF)
		return FORMAT_CSV;
	if (holds(bytes, "\"resourceType\""))
		return FORMAT_FHIR;
	format = social_case_format(&in, NULL);
	return format != FORMAT_NONE ? format : FORMAT_JSON;
}

const struct sector *
guess_sector(enum format format)
{
	switch (format) {
	case FORMAT_CSV:
		return &education_sector;
	case FORMAT_JSON:
	case FORMAT_XML:
	case FORMAT_OSCAR:
	case FORMAT_PRIMERO:
		return &social_sector;
	case FORMAT_HL7:
	case FORMAT_FHIR:
	case FORMAT_NHIS:
	case FORMAT_ONEROSTER:
	case FORMAT_NONE:
		break;
	}
	return &health_sector;
}
