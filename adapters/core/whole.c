/* SPDX-License-Identifier: EUPL-1.2 */
/* whole - arithmetic of parts, signs of types, and digests as HTTP writes them. */
#define _GNU_SOURCE
#include "adapters/core/whole.h"

#include <string.h>
#include <strings.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* -- parts -- */

unsigned
whole_parts(uint64_t size)
{
	return (unsigned)((size + WHOLE_PART_BYTES - 1) / WHOLE_PART_BYTES);
}

size_t
whole_part_bytes(uint64_t size, unsigned part)
{
	unsigned parts = whole_parts(size);

	if (part == 0 || part > parts)
		return 0;
	return part < parts ? WHOLE_PART_BYTES : (size_t)(size - (uint64_t)(parts - 1) * WHOLE_PART_BYTES);
}

unsigned
whole_missing(const struct whole *w)
{
	for (unsigned i = 0; i < w->parts; i++)
		if (w->at[i] == 0)
			return i + 1;
	return 0;
}

unsigned
whole_have(const struct whole *w)
{
	unsigned n = 0;

	for (unsigned i = 0; i < w->parts; i++)
		n += w->at[i] != 0;
	return n;
}

enum err
whole_add(struct whole *w, unsigned part, uint64_t at, struct why *why)
{
	if (part == 0 || part > w->parts || w->parts > WHOLE_PARTS_MAX)
		return why_set(why, ERR_INCONSISTENT, "attachment.part", "the file has %u parts", w->parts);
	if (w->at[part - 1] != 0)
		return why_set(why, ERR_DUPLICATE, "attachment.part", "part %u is here already", part);
	w->at[part - 1] = at;
	return OK;
}

enum err
whole_said(const struct file_part *f, struct arena *mem, struct hash *ret_said)
{
	const char *const texts[] = { f->att_id, f->of_msg, f->filename, f->media_type, f->sha256, f->category, f->confidentiality,
				      f->retain_until };
	struct buf b;

	buf_init(&b, mem);
	for (size_t i = 0; i < COUNT(texts); i++)
		buf_var(&b, span_str(texts[i] ? texts[i] : ""));
	buf_u64(&b, (uint64_t)*f->size);
	buf_u64(&b, (uint64_t)*f->parts);
	if (b.e == OK)
		hash_sha256(buf_bytes(&b), ret_said);
	return b.e;
}

/* -- types -- */

static const struct { const char *media, *ending, *sign; size_t n; } types[] = {
	{ "application/pdf", ".pdf", "%PDF-", 5 },
	{ "image/png", ".png", "\x89PNG\r\n\x1a\n", 8 },
	{ "image/jpeg", ".jpg", "\xff\xd8\xff", 3 },
	{ "image/jpeg", ".jpeg", "\xff\xd8\xff", 3 },
	{ "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx", "PK\x03\x04", 4 },
	{ "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx", "PK\x03\x04", 4 },
	{ "text/plain", ".txt", "", 0 },
	{ "application/xml", ".xml", "", 0 },
	{ "application/json", ".json", "", 0 },
};

bool
whole_is_type(const char *media_type, struct span beginning)
{
	for (size_t i = 0; media_type && i < COUNT(types); i++)
		if (strcmp(types[i].media, media_type) == 0)
			return types[i].n > 0 ? beginning.n >= types[i].n && memcmp(beginning.p, types[i].sign, types[i].n) == 0 :
			    beginning.n == 0 || memchr(beginning.p, '\0', beginning.n) == NULL;
	return false;
}

enum err
whole_check_hash(const struct file_part *f, struct why *why)
{
	struct hash hash;
	char hex[2 * sizeof(hash.b) + 1];

	if (*f->parts != 1)
		return OK;
	hash_sha256(*f->data, &hash);
	bytes_hex(hash.b, sizeof(hash.b), hex);
	return strcmp(hex, f->sha256) == 0 ? OK :
	    why_set(why, ERR_FILE_DIFFERS, "attachment.sha256", "the bytes have another SHA-256");
}

enum err
whole_check(const struct file_part *f, struct why *why)
{
	if (f == NULL || f->part == NULL || f->parts == NULL || f->media_type == NULL || f->sha256 == NULL || f->data == NULL)
		return OK;
	if (*f->part == 1 && !whole_is_type(f->media_type, *f->data))
		return why_set(why, ERR_MEDIA_TYPE, "attachment.data", "the bytes are not of the type that media_type says");
	return whole_check_hash(f, why);
}

const char *
whole_ending(const char *media_type)
{
	for (size_t i = 0; media_type && i < COUNT(types); i++)
		if (strcmp(types[i].media, media_type) == 0)
			return types[i].ending;
	return "";
}

const char *
whole_type_of(const char *name)
{
	size_t n = name ? strlen(name) : 0, m;

	for (size_t i = 0; i < COUNT(types); i++)
		if (n > (m = strlen(types[i].ending)) && strcasecmp(name + n - m, types[i].ending) == 0)
			return types[i].media;
	return NULL;
}

bool
whole_is_ended(const char *media_type, struct span end)
{
	static const struct { const char *begins, *sign; size_t n; } ends[] = {
		{ "application/pdf", "%%EOF", 5 }, { "image/png", "IEND", 4 }, { "application/vnd.openxml", "PK\x05\x06", 4 },
	};

	for (size_t i = 0; media_type && i < COUNT(ends); i++)
		if (strncmp(media_type, ends[i].begins, strlen(ends[i].begins)) == 0)
			return memmem(end.p, end.n, ends[i].sign, ends[i].n) != NULL;
	return true;
}

bool
whole_is_name(const char *name)
{
	size_t n = name ? strlen(name) : 0;

	if (n == 0 || n > WHOLE_NAME_MAX || strspn(name, ".") == n || !bytes_is_utf8(span_str(name)))
		return false;
	for (; *name != '\0'; name++)
		if ((uint8_t)*name < 0x20 || *name == 0x7f || *name == '/' || *name == '\\')
			return false;
	return true;
}

/* -- digests -- */

void
whole_digest(const struct hash *sha256, char to[static WHOLE_DIGEST_LEN])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t at = 0;

	for (size_t i = 0; i < sizeof(sha256->b); i += 3) {
		uint32_t v = (uint32_t)sha256->b[i] << 16 | (uint32_t)(i + 1 < 32 ? sha256->b[i + 1] : 0) << 8 |
			     (uint32_t)(i + 2 < 32 ? sha256->b[i + 2] : 0);

		for (int shift = 18; shift >= 0; shift -= 6)
			to[at++] = digits[v >> shift & 63];
	}
	to[WHOLE_DIGEST_LEN - 2] = '=';	/* 32 bytes leave one place open */
	to[WHOLE_DIGEST_LEN - 1] = '\0';
}

bool
whole_is_digest(const char *header, const struct hash *sha256)
{
	char ours[WHOLE_DIGEST_LEN];

	whole_digest(sha256, ours);
	for (const char *p = header; p && *p != '\0'; p += strcspn(p, ","), p += *p == ',') {
		p += strspn(p, " \t");
		if (strncasecmp(p, "sha-256=", 8) != 0)
			continue;
		p += 8;
		p += *p == ':';
		return strncmp(p, ours, WHOLE_DIGEST_LEN - 1) == 0 && strchr(":, \t", p[WHOLE_DIGEST_LEN - 1]) != NULL;
	}
	return true;
}
