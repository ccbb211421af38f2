/* SPDX-License-Identifier: EUPL-1.2 */
/* keyring - keys by use, in guarded memory and in files.
 *
 * A key is one sodium_malloc block, made read-only once it is filled, so that a stray write faults and a core holds none of
 * it. The 32 secret bytes are all that is kept: Ed25519 seed, X25519 scalar or symmetric key; the rest follows from them.
 * Called by whoever owns keys: the daemons' start-up, nasokactl keygen, the auditor's desk, tests.
 */
#define _GNU_SOURCE	/* mkostemp, renameat2 */
#include "proto/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/bytes.h"
#include "proto/base/durable.h"
#include "proto/merkle.h"

#define KEYFILE_MAX 256
#define KEYFILE_TAG "nasoka-key v1"
#define KEY_B64_LEN 44		/* of 32 bytes, with padding, without NUL */

enum algorithm { ED25519, X25519, SYMMETRIC };

struct key {
	enum key_use use;
	struct public_key pub;
	struct key_id id;
	uint8_t secret[KEY_LEN];
};

static const struct {
	const char *name;
	enum algorithm algorithm;
} uses[] = {
	[KEY_SIGNING] = { "signing", ED25519 },
	[KEY_SEALING] = { "sealing", X25519 },
	[KEY_TRANSPORT] = { "transport", X25519 },
	[KEY_WITNESS] = { "witness", ED25519 },
	[KEY_AUDITOR] = { "auditor", X25519 },
	[KEY_REGISTRAR] = { "registrar", ED25519 },
	[KEY_LOG] = { "log", ED25519 },
	[KEY_NOTICE] = { "notice", ED25519 },
	[KEY_LOCAL] = { "local", SYMMETRIC },
	[KEY_KEK] = { "kek", SYMMETRIC },
};

static bool
is_use(enum key_use use)
{
	return (size_t)use < sizeof(uses) / sizeof(uses[0]) && uses[use].name != NULL;
}

const char *
key_use_name(enum key_use use)
{
	return is_use(use) ? uses[use].name : "?";
}

/* The public half from the secret bytes that stand in `key`. */
static void
public_of(struct key *key)
{
	uint8_t expanded[crypto_sign_SECRETKEYBYTES];

	switch (uses[key->use].algorithm) {
	case ED25519:
		crypto_sign_seed_keypair(key->pub.b, expanded, key->secret);
		sodium_memzero(expanded, sizeof(expanded));
		break;
	case X25519:
		crypto_scalarmult_base(key->pub.b, key->secret);
		break;
	case SYMMETRIC:
		crypto_generichash(key->pub.b, KEY_LEN, (const uint8_t *)"nasoka/v1/key", 14, key->secret, KEY_LEN);
		break;
	}
}

enum err
key_from_seed(enum key_use use, const uint8_t seed[KEY_LEN], struct key **ret_key)
{
	struct key *key;

	if (!is_use(use))
		return ERR_FORMAT;
	if (sodium_init() < 0)
		return ERR_SYSTEM;
	key = sodium_malloc(sizeof(*key));
	if (key == NULL)
		return ERR_NOMEM;
	key->use = use;
	memcpy(key->secret, seed, KEY_LEN);
	public_of(key);
	key_id_of(use, &key->pub, &key->id);
	sodium_mprotect_readonly(key);
	*ret_key = key;
	return OK;
}

enum err
key_make(enum key_use use, struct key **ret_key)
{
	uint8_t seed[KEY_LEN];
	enum err e;

	if (sodium_init() < 0)
		return ERR_SYSTEM;
	randombytes_buf(seed, sizeof(seed));
	e = key_from_seed(use, seed, ret_key);
	sodium_memzero(seed, sizeof(seed));
	return e;
}

void
key_free(struct key *key)
{
	sodium_free(key);
}

/* Read the whole of a small private file. 0 < *ret_n < KEYFILE_MAX on success. */
static enum err
read_private(const char *path, char text[KEYFILE_MAX], size_t *ret_n, struct why *why)
{
	enum err e = ERR_KEYFILE;
	struct stat st;
	size_t n = 0;
	ssize_t got;
	int fd;

	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return why_set(why, err_from_errno(errno, ERR_KEYFILE), path, "%s",
			       errno == ELOOP ? "is a symbolic link" : strerror(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		why_set(why, e, path, "is not a regular file");
		goto out;
	}
	if ((st.st_mode & 077) != 0) {
		why_set(why, e, path, "mode is %04o, group or others have access: chmod 600", (unsigned)(st.st_mode & 07777));
		goto out;
	}
	while (n < KEYFILE_MAX && (got = read(fd, text + n, KEYFILE_MAX - n)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			e = why_set(why, err_from_errno(errno, ERR_KEYFILE), path, "%s", strerror(errno));
			goto out;
		}
		n += (size_t)got;
	}
	if (n == 0 || n == KEYFILE_MAX) {
		why_set(why, e, path, "is not a key file: %s", n == 0 ? "empty" : "too long");
		goto out;
	}
	*ret_n = n;
	e = OK;
out:
	close(fd);
	return e;
}

/* `text` is exactly what key_save writes, but for a missing last newline. */
static enum err
parse(const char *path, char *text, size_t n, enum key_use use, uint8_t seed[KEY_LEN], struct key_id *ret_id, struct why *why)
{
	char head[64], id_hex[2 * KEY_ID_LEN + 1];
	size_t head_len, seed_len;
	const char *end;

	head_len = (size_t)snprintf(head, sizeof(head), KEYFILE_TAG " %s ", key_use_name(use));
	if (n < head_len || memcmp(text, head, head_len) != 0) {
		if (n < sizeof(KEYFILE_TAG) || memcmp(text, KEYFILE_TAG " ", sizeof(KEYFILE_TAG)) != 0)
			return why_set(why, ERR_KEYFILE, path, "does not begin with \"%s\"", KEYFILE_TAG);
		return why_set(why, ERR_KEYFILE, path, "is not a key for %s", key_use_name(use));
	}
	text += head_len;
	n -= head_len;
	if (n > 0 && text[n - 1] == '\n')
		n--;
	if (n != 2 * KEY_ID_LEN + 1 + KEY_B64_LEN || text[2 * KEY_ID_LEN] != '\n')
		return why_set(why, ERR_KEYFILE, path, "is cut off or damaged");
	memcpy(id_hex, text, 2 * KEY_ID_LEN);
	id_hex[2 * KEY_ID_LEN] = '\0';
	if (bytes_unhex(id_hex, ret_id->b, KEY_ID_LEN) != OK)
		return why_set(why, ERR_KEYFILE, path, "its key id is damaged");
	text += 2 * KEY_ID_LEN + 1;
	if (sodium_base642bin(seed, KEY_LEN, text, KEY_B64_LEN, NULL, &seed_len, &end,
			      sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    seed_len != KEY_LEN || end != text + KEY_B64_LEN)
		return why_set(why, ERR_KEYFILE, path, "its secret is damaged");
	return OK;
}

enum err
key_load(const char *path, enum key_use use, struct key **ret_key, struct why *why)
{
	char text[KEYFILE_MAX];
	uint8_t seed[KEY_LEN];
	struct key *key = NULL;
	struct key_id id;
	size_t n = 0;
	enum err e;

	if ((e = read_private(path, text, &n, why)) != OK)
		goto out;
	if ((e = parse(path, text, n, use, seed, &id, why)) != OK)
		goto out;
	if ((e = key_from_seed(use, seed, &key)) != OK)
		goto out;
	if (!key_id_eq(&id, &key->id)) {
		e = why_set(why, ERR_KEYFILE, path, "is damaged: its key id is not that of its secret");
		goto out;
	}
	*ret_key = key;
	key = NULL;
out:
	key_free(key);
	sodium_memzero(text, sizeof(text));
	sodium_memzero(seed, sizeof(seed));
	return e;
}

enum err
key_save(const struct key *key, const char *path)
{
	char text[KEYFILE_MAX], id_hex[2 * KEY_ID_LEN + 1], b64[KEY_B64_LEN + 1], temp[PATH_MAX];
	enum err e = OK;
	int fd, n;

	/* by another name first: who is killed here leaves no half of a key, which nobody could read for ever */
	if ((size_t)snprintf(temp, sizeof(temp), "%s.XXXXXX", path) >= sizeof(temp))
		return ERR_KEYFILE;
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return err_from_errno(errno, ERR_KEYFILE);
	bytes_hex(key->id.b, KEY_ID_LEN, id_hex);
	sodium_bin2base64(b64, sizeof(b64), key->secret, KEY_LEN, sodium_base64_VARIANT_ORIGINAL);
	n = snprintf(text, sizeof(text), KEYFILE_TAG " %s %s\n%s\n", key_use_name(key->use), id_hex, b64);
	if (fchmod(fd, 0600) != 0 || !durable_write(fd, text, (size_t)n) || fsync(fd) != 0)
		e = err_from_errno(errno, ERR_KEYFILE);
	sodium_memzero(text, sizeof(text));
	sodium_memzero(b64, sizeof(b64));
	close(fd);
	if (e == OK && renameat2(AT_FDCWD, temp, AT_FDCWD, path, RENAME_NOREPLACE) != 0)
		e = errno == EEXIST ? ERR_EXISTS : err_from_errno(errno, ERR_KEYFILE);
	if (e != OK)
		unlink(temp);
	else if (!durable_folder_of(path))
		e = err_from_errno(errno, ERR_KEYFILE);
	return e;
}

const struct public_key *
key_public(const struct key *key)
{
	return &key->pub;
}

const struct key_id *
key_id(const struct key *key)
{
	return &key->id;
}

enum key_use
key_use_of(const struct key *key)
{
	return key->use;
}

void
key_id_of(enum key_use use, const struct public_key *pub, struct key_id *ret_id)
{
	uint8_t bytes[1 + KEY_LEN];
	struct hash hash;

	bytes[0] = (uint8_t)use;
	memcpy(bytes + 1, pub->b, KEY_LEN);
	hash_sha256(SPAN(bytes, sizeof(bytes)), &hash);
	memcpy(ret_id->b, hash.b, KEY_ID_LEN);
}

bool
key_id_eq(const struct key_id *a, const struct key_id *b)
{
	return memcmp(a->b, b->b, KEY_ID_LEN) == 0;
}

const uint8_t *
key_secret(const struct key *key)
{
	return key->secret;
}
