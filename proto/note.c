/* SPDX-License-Identifier: EUPL-1.2 */
/* note - C2SP signed-note and tlog-checkpoint.
 *
 * A note is text, a blank line, and lines "— name base64(key hash || signature)". The key hash is the first four bytes of
 * SHA-256(name || "\n" || 01 || public key), as in Go's sumdb/note, whose verifier is the other implementation that our
 * output is tested with. Pure. Called by directory, the hub's journal, adapters and audit tools.
 */
#include "proto/note.h"

#include <sodium.h>
#include <string.h>

#include "proto/sign.h"

#define DASH "\xe2\x80\x94 "			/* U+2014 and a space */
#define DASH_LEN 4
#define ALG_ED25519 1
#define HASH_LEN 4
#define SIGNATURE_LEN (HASH_LEN + KEY_SIG_LEN)
#define CHECKPOINT_ORIGIN_MAX NOTE_NAME_MAX

/* A parsed signature line. */
struct line {
	struct span name;
	uint8_t hash[HASH_LEN];
	uint8_t sig[KEY_SIG_LEN];
	bool is_ed25519;		/* of our length; others are skipped */
};

char *
note_base64(struct span bytes, struct arena *mem)
{
	size_t size = sodium_base64_ENCODED_LEN(bytes.n, sodium_base64_VARIANT_ORIGINAL);
	char *to = arena_alloc(mem, size);

	if (to != NULL)
		sodium_bin2base64(to, size, bytes.p, bytes.n, sodium_base64_VARIANT_ORIGINAL);
	return to;
}

enum err
note_unbase64(struct span text, struct arena *mem, struct span *ret_bytes)
{
	uint8_t *to = arena_alloc(mem, text.n / 4 * 3 + 3);
	const char *end;
	size_t n;

	if (to == NULL)
		return ERR_TOOBIG;
	if (sodium_base642bin(to, text.n / 4 * 3 + 3, (const char *)text.p, text.n, NULL, &n, &end,
			      sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    end != (const char *)text.p + text.n)
		return ERR_FORMAT;
	*ret_bytes = SPAN(to, n);
	return OK;
}

static void
key_hash(const char *name, const struct public_key *pub, uint8_t ret_hash[HASH_LEN])
{
	static const uint8_t between[2] = { '\n', ALG_ED25519 };
	crypto_hash_sha256_state st;
	uint8_t hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256_init(&st);
	crypto_hash_sha256_update(&st, (const uint8_t *)name, strlen(name));
	crypto_hash_sha256_update(&st, between, sizeof(between));
	crypto_hash_sha256_update(&st, pub->b, sizeof(pub->b));
	crypto_hash_sha256_final(&st, hash);
	memcpy(ret_hash, hash, HASH_LEN);
}

/* A key name: not empty, no spaces, no plus sign, UTF-8. ASCII blanks are all that our names could hold by mistake; other
 * Unicode spaces are refused with all of U+0080 to U+00A0, U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F, U+3000. */
static bool
is_name(struct span name)
{
	static const char *const blanks[] = { "\xc2\x85", "\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\xa8", "\xe2\x80\xa9",
					      "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80" };

	if (name.n == 0 || name.n > NOTE_NAME_MAX || !bytes_is_utf8(name))
		return false;
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] <= ' ' || name.p[i] == '+' || name.p[i] == 0x7f)
			return false;
		for (size_t b = 0; b < sizeof(blanks) / sizeof(blanks[0]); b++)
			if (name.n - i >= strlen(blanks[b]) && memcmp(name.p + i, blanks[b], strlen(blanks[b])) == 0)
				return false;
		if (name.n - i >= 3 && name.p[i] == 0xe2 && name.p[i + 1] == 0x80 && name.p[i + 2] <= 0x8a)
			return false;
	}
	return true;
}

bool
note_is_name(const char *name)
{
	return name != NULL && is_name(span_str(name));
}

/* UTF-8 without control characters but newline, ending in a newline. */
static bool
is_text(struct span text)
{
	if (text.n == 0 || text.p[text.n - 1] != '\n' || !bytes_is_utf8(text))
		return false;
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < ' ' && text.p[i] != '\n')
			return false;
	return true;
}

/* The signature line of `text` by `signer`, appended to `b`. */
static enum err
add_line(struct buf *b, struct span text, const struct note_signer *signer)
{
	uint8_t raw[SIGNATURE_LEN];
	char b64[sodium_base64_ENCODED_LEN(SIGNATURE_LEN, sodium_base64_VARIANT_ORIGINAL)];
	enum err e;

	if (!is_name(span_str(signer->name)))
		return ERR_FORMAT;
	key_hash(signer->name, key_public(signer->key), raw);
	if ((e = sign_note(signer->key, text, raw + HASH_LEN)) != OK)
		return e;
	sodium_bin2base64(b64, sizeof(b64), raw, sizeof(raw), sodium_base64_VARIANT_ORIGINAL);
	buf_fmt(b, DASH "%s %s\n", signer->name, b64);
	return OK;
}

static enum err
finish(const struct buf *b, struct span *ret_note)
{
	struct span note = buf_bytes(b);

	if (b->e != OK || note.n > NOTE_MAX)
		return ERR_TOOBIG;
	*ret_note = note;
	return OK;
}

enum err
note_sign(struct span text, const struct note_signer *signers, size_t n, struct arena *mem, struct span *ret_note)
{
	struct buf b;
	enum err e;

	if (!is_text(text) || n == 0 || n > NOTE_SIGS_MAX)
		return ERR_FORMAT;
	buf_init(&b, mem);
	buf_span(&b, text);
	buf_u8(&b, '\n');
	for (size_t i = 0; i < n; i++)
		if ((e = add_line(&b, text, &signers[i])) != OK)
			return e;
	return finish(&b, ret_note);
}

/* Divide a note at its last blank line. */
static enum err
divide(struct span note, struct span *ret_text, struct span *ret_lines)
{
	if (note.n > NOTE_MAX || !is_text(note))
		return ERR_FORMAT;
	for (size_t i = note.n - 1; i >= 2; i--) {
		if (note.p[i - 1] != '\n' || note.p[i - 2] != '\n')
			continue;
		*ret_text = SPAN(note.p, i - 1);
		*ret_lines = SPAN(note.p + i, note.n - i);
		return OK;
	}
	return ERR_FORMAT;
}

/* Take the first line off `lines`. */
static enum err
next_line(struct span *lines, struct line *ret_line)
{
	const uint8_t *end = memchr(lines->p, '\n', lines->n);
	size_t n = (size_t)(end - lines->p), raw_len;
	const uint8_t *p = lines->p, *space;
	uint8_t raw[SIGNATURE_LEN + 64];
	const char *stop;

	*lines = SPAN(end + 1, lines->n - n - 1);
	if (n < DASH_LEN || memcmp(p, DASH, DASH_LEN) != 0)
		return ERR_FORMAT;
	p += DASH_LEN;
	n -= DASH_LEN;
	space = memchr(p, ' ', n);
	if (space == NULL || !is_name(SPAN(p, (size_t)(space - p))))
		return ERR_FORMAT;
	ret_line->name = SPAN(p, (size_t)(space - p));
	n -= (size_t)(space - p) + 1;
	if (sodium_base642bin(raw, sizeof(raw), (const char *)space + 1, n, NULL, &raw_len, &stop,
			      sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    stop != (const char *)space + 1 + n || raw_len <= HASH_LEN)
		return ERR_FORMAT;
	memcpy(ret_line->hash, raw, HASH_LEN);
	ret_line->is_ed25519 = raw_len == SIGNATURE_LEN;
	memset(ret_line->sig, 0, KEY_SIG_LEN);
	if (ret_line->is_ed25519)
		memcpy(ret_line->sig, raw + HASH_LEN, KEY_SIG_LEN);
	return OK;
}

static bool
is_by(const struct line *line, const struct note_verifier *v)
{
	uint8_t hash[HASH_LEN];

	if (!span_eq(line->name, span_str(v->name)))
		return false;
	key_hash(v->name, &v->pub, hash);
	return memcmp(hash, line->hash, HASH_LEN) == 0;
}

enum err
note_verify(struct span note, const struct note_verifier *verifiers, size_t n, struct span *ret_text, uint64_t *ret_valid)
{
	struct span text, lines;
	uint64_t valid = 0;
	struct line line;
	enum err e;

	if (n > NOTE_SIGS_MAX)
		return ERR_FORMAT;
	if ((e = divide(note, &text, &lines)) != OK)
		return e;
	for (size_t count = 0; lines.n > 0; count++) {
		if (count == NOTE_SIGS_MAX)
			return ERR_FORMAT;
		if ((e = next_line(&lines, &line)) != OK)
			return e;
		for (size_t i = 0; i < n; i++) {
			if (!is_by(&line, &verifiers[i]) || (valid >> i & 1) != 0)
				continue;
			if (!line.is_ed25519 || !sign_is_note(&verifiers[i].pub, text, line.sig))
				return ERR_BAD_SIGNATURE;
			valid |= UINT64_C(1) << i;
		}
	}
	*ret_text = text;
	*ret_valid = valid;
	return OK;
}

enum err
note_add(struct span note, const struct note_signer *signer, struct arena *mem, struct span *ret_note)
{
	const struct note_verifier self = { signer->name, *key_public(signer->key) };
	struct span text;
	uint64_t valid;
	struct buf b;
	enum err e;

	if ((e = note_verify(note, &self, 1, &text, &valid)) != OK)
		return e;
	if (valid != 0)
		return ERR_EXISTS;
	buf_init(&b, mem);
	buf_span(&b, note);
	if ((e = add_line(&b, text, signer)) != OK)
		return e;
	return finish(&b, ret_note);
}

enum err
note_verifier_parse(const char *text, struct arena *mem, struct note_verifier *ret_verifier)
{
	const char *plus = strchr(text, '+');
	struct note_verifier v;
	uint8_t hash[HASH_LEN], want[HASH_LEN];
	struct span raw;
	char hex[2 * HASH_LEN + 1];
	enum err e;

	if (plus == NULL || strlen(plus) < 2 * HASH_LEN + 2 || plus[2 * HASH_LEN + 1] != '+' ||
	    !is_name(SPAN(text, (size_t)(plus - text))))
		return ERR_FORMAT;
	memcpy(hex, plus + 1, 2 * HASH_LEN);
	hex[2 * HASH_LEN] = '\0';
	if (bytes_unhex(hex, hash, HASH_LEN) != OK)
		return ERR_FORMAT;
	if ((e = note_unbase64(span_str(plus + 2 * HASH_LEN + 2), mem, &raw)) != OK)
		return e;
	if (raw.n != 1 + KEY_LEN || raw.p[0] != ALG_ED25519)
		return ERR_FORMAT;
	memcpy(v.pub.b, raw.p + 1, KEY_LEN);
	v.name = arena_strn(mem, text, (size_t)(plus - text));
	if (v.name == NULL)
		return ERR_TOOBIG;
	key_hash(v.name, &v.pub, want);
	if (memcmp(hash, want, HASH_LEN) != 0)
		return ERR_FORMAT;
	*ret_verifier = v;
	return OK;
}

char *
note_verifier_format(const struct note_verifier *v, struct arena *mem)
{
	uint8_t raw[1 + KEY_LEN], hash[HASH_LEN];
	char hex[2 * HASH_LEN + 1];
	const char *b64;

	raw[0] = ALG_ED25519;
	memcpy(raw + 1, v->pub.b, KEY_LEN);
	key_hash(v->name, &v->pub, hash);
	bytes_hex(hash, HASH_LEN, hex);
	b64 = note_base64(SPAN(raw, sizeof(raw)), mem);
	return b64 == NULL ? NULL : arena_fmt(mem, "%s+%s+%s", v->name, hex, b64);
}

enum err
checkpoint_sign(const struct checkpoint *c, const struct note_signer *signer, struct arena *mem, struct span *ret_note)
{
	const char *root = note_base64(SPAN(c->root.b, sizeof(c->root.b)), mem);
	struct buf b;

	if (root == NULL)
		return ERR_TOOBIG;
	buf_init(&b, mem);
	buf_fmt(&b, "%s\n%llu\n%s\n", c->origin, (unsigned long long)c->size, root);
	if (b.e != OK)
		return ERR_TOOBIG;
	return note_sign(buf_bytes(&b), signer, 1, mem, ret_note);
}

/* Take the text up to the next newline off `text`; SPAN_NONE if there is none. */
static struct span
take_line(struct span *text)
{
	const uint8_t *end = text->n == 0 ? NULL : memchr(text->p, '\n', text->n);
	struct span line;

	if (end == NULL)
		return SPAN_NONE;
	line = SPAN(text->p, (size_t)(end - text->p));
	*text = SPAN(end + 1, text->n - line.n - 1);
	return line;
}

/* Digits without sign or leading zeros. */
static bool
parse_size(struct span text, uint64_t *ret_size)
{
	uint64_t size = 0;

	if (text.n == 0 || text.n > 19 || (text.n > 1 && text.p[0] == '0'))
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		size = size * 10 + (uint64_t)(text.p[i] - '0');
	}
	*ret_size = size;
	return true;
}

enum err
checkpoint_open(struct span note, const struct note_verifier *log, struct arena *mem, struct checkpoint *ret_c)
{
	struct span text, origin, size, root;
	struct checkpoint c;
	uint64_t valid;
	enum err e;

	if ((e = note_verify(note, log, 1, &text, &valid)) != OK)
		return e;
	if (valid == 0)
		return ERR_BAD_SIGNATURE;
	origin = take_line(&text);
	size = take_line(&text);
	root = take_line(&text);
	if (!span_eq(origin, span_str(log->name)) || !parse_size(size, &c.size))
		return ERR_FORMAT;
	if ((e = note_unbase64(root, mem, &root)) != OK)
		return e;
	if (root.n != sizeof(c.root.b))
		return ERR_FORMAT;
	while (text.n > 0)
		if (take_line(&text).n == 0)
			return ERR_FORMAT;
	memcpy(c.root.b, root.p, root.n);
	c.origin = arena_strn(mem, origin.p, origin.n);
	if (c.origin == NULL)
		return ERR_TOOBIG;
	*ret_c = c;
	return OK;
}
