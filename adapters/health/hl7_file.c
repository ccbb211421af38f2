/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_file - one table of media types, and the three encodings of an ED. Used by hl7_files_in.c and hl7_texts_out.c. */
#include "adapters/health/hl7_file.h"

#include <sodium.h>
#include <string.h>
#include <strings.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The first row of a media type is the one that is written. */
static const struct { const char *media, *type, *subtype, *ending; } TYPES[] = {
	{ "application/pdf", "application", "pdf", ".pdf" },
	{ "image/png", "image", "png", ".png" },
	{ "image/jpeg", "image", "jpeg", ".jpg" },
	{ "image/jpeg", "image", "jpg", ".jpeg" },
	{ "text/plain", "text", "plain", ".txt" },
	{ "text/plain", "text", "txt", ".txt" },
	{ "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application",
	  "vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx" },
	{ "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application", "docx", ".docx" },
	{ "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application",
	  "vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx" },
	{ "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application", "xlsx", ".xlsx" },
	{ "application/xml", "application", "xml", ".xml" },
	{ "application/xml", "text", "xml", ".xml" },
	{ "application/json", "application", "json", ".json" },
};

void
hl7_file_type(const char *media_type, const char **ret_type, const char **ret_subtype)
{
	*ret_type = "application";
	*ret_subtype = "octet-stream";
	for (size_t i = 0; media_type && i < COUNT(TYPES); i++) {
		if (strcmp(TYPES[i].media, media_type) == 0) {
			*ret_type = TYPES[i].type;
			*ret_subtype = TYPES[i].subtype;
			return;
		}
	}
}

const char *
hl7_file_ending(const char *media_type)
{
	for (size_t i = 0; media_type && i < COUNT(TYPES); i++)
		if (strcmp(TYPES[i].media, media_type) == 0)
			return TYPES[i].ending;
	return "";
}

/* Table 0191 has its own words for what others call application and image. */
static const char *
plain_type(const char *type)
{
	static const struct { const char *theirs, *ours; } WORDS[] = {
		{ "AP", "application" }, { "IM", "image" }, { "TX", "text" }, { "FT", "text" },
	};

	for (size_t i = 0; type && i < COUNT(WORDS); i++)
		if (strcasecmp(WORDS[i].theirs, type) == 0)
			return WORDS[i].ours;
	return type;
}

const char *
hl7_file_media(const char *type, const char *subtype, const char *name)
{
	const char *dot = name ? strrchr(name, '.') : NULL;

	type = plain_type(type);
	for (size_t i = 0; subtype && i < COUNT(TYPES); i++)
		if (strcasecmp(TYPES[i].subtype, subtype) == 0 && (!type || strcasecmp(TYPES[i].type, type) == 0))
			return TYPES[i].media;
	/* some write the subtype alone, as ED.2 */
	for (size_t i = 0; type && !subtype && i < COUNT(TYPES); i++)
		if (strcasecmp(TYPES[i].subtype, type) == 0)
			return TYPES[i].media;
	for (size_t i = 0; dot && i < COUNT(TYPES); i++)
		if (strcasecmp(TYPES[i].ending, dot) == 0)
			return TYPES[i].media;
	return NULL;
}

static enum err
decode(bool is_hex, const char *text, struct arena *mem, struct span *ret_bytes)
{
	size_t n = strlen(text), len = 0;
	uint8_t *p = arena_alloc(mem, n + 1);
	int e;

	if (!p)
		return ERR_TOOBIG;
	e = is_hex ? sodium_hex2bin(p, n, text, n, "\r\n ", &len, NULL) :
		     sodium_base642bin(p, n, text, n, "\r\n ", &len, NULL, sodium_base64_VARIANT_ORIGINAL);
	*ret_bytes = SPAN(p, len);
	return e == 0 && len > 0 ? OK : ERR_SYNTAX;
}

enum err
hl7_file_bytes(const char *encoding, const char *text, struct arena *mem, struct span *ret_bytes)
{
	*ret_bytes = SPAN_NONE;
	if (!text)
		return ERR_SYNTAX;
	if (!encoding || strcasecmp(encoding, "Base64") == 0)
		return decode(false, text, mem, ret_bytes);
	if (strcasecmp(encoding, "Hex") == 0)
		return decode(true, text, mem, ret_bytes);
	if (strcasecmp(encoding, "A") != 0)
		return ERR_UNSUPPORTED;
	*ret_bytes = span_str(text);
	return OK;
}
