/* SPDX-License-Identifier: EUPL-1.2 */
/* rowkey - XChaCha20-Poly1305 for rows and wrapped keys; month keys cached once they were needed.
 *
 * A row's nonce is its kind: its key is single-use. A wrapped key has a random nonce, and the month as additional data.
 */
#include "hub/rowkey.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "proto/keyring.h"

#define MONTHS_MAX 512		/* more than forty years */

struct month {
	uint32_t month;		/* 202611 */
	struct key *key;
};

struct rowkey {
	pthread_mutex_t lock;
	char *dir;		/* NULL: memory only */
	bool read_only;
	struct month months[MONTHS_MAX];
	size_t n;
};

enum err
rowkey_open(const char *dir, bool read_only, struct rowkey **ret_keys, struct why *why)
{
	struct rowkey *keys;

	if (sodium_init() < 0)
		return why_set(why, ERR_SYSTEM, "libsodium", "cannot be initialised");
	if (dir && !read_only && mkdir(dir, 0700) != 0 && errno != EEXIST)
		return why_set(why, ERR_SYSTEM, "kek_dir", "%s cannot be made", dir);
	if (dir && access(dir, read_only ? R_OK | X_OK : R_OK | W_OK | X_OK) != 0)
		return why_set(why, ERR_SYSTEM, "kek_dir", "%s cannot be used", dir);
	if ((keys = calloc(1, sizeof(*keys))) == NULL)
		return ERR_NOMEM;
	if (dir && (keys->dir = strdup(dir)) == NULL) {
		free(keys);
		return ERR_NOMEM;
	}
	keys->read_only = read_only;
	pthread_mutex_init(&keys->lock, NULL);
	*ret_keys = keys;
	return OK;
}

void
rowkey_close(struct rowkey *keys)
{
	if (keys == NULL)
		return;
	for (size_t i = 0; i < keys->n; i++)
		key_free(keys->months[i].key);
	pthread_mutex_destroy(&keys->lock);
	free(keys->dir);
	free(keys);
}

static uint32_t
month_of(uint64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	gmtime_r(&t, &tm);
	return (uint32_t)(tm.tm_year + 1900) * 100 + (uint32_t)tm.tm_mon + 1;
}

/* The month's key from its file, or a new one that is durably in its file before any row needs it. */
static enum err
load(struct rowkey *keys, uint32_t month, bool make, struct key **ret_key)
{
	char path[PATH_MAX];
	struct why why;
	enum err e;

	if (keys->dir == NULL)
		return make ? key_make(KEY_KEK, ret_key) : ERR_NOTFOUND;
	if ((size_t)snprintf(path, sizeof(path), "%s/%04u-%02u.key", keys->dir, month / 100, month % 100) >= sizeof(path))
		return ERR_SYSTEM;
	if (access(path, F_OK) == 0)
		return key_load(path, KEY_KEK, ret_key, &why);
	if (!make || keys->read_only)
		return ERR_NOTFOUND;
	if ((e = key_make(KEY_KEK, ret_key)) != OK)
		return e;
	if ((e = key_save(*ret_key, path)) != OK) {
		key_free(*ret_key);
		*ret_key = NULL;
	}
	return e;
}

/* Keys are never taken out of the cache, so that what was found lives as long as `keys`. */
static enum err
find(struct rowkey *keys, uint32_t month, bool make, const uint8_t **ret_secret)
{
	struct key *key = NULL;
	enum err e = OK;

	pthread_mutex_lock(&keys->lock);
	for (size_t i = keys->n; i-- > 0 && key == NULL; )
		if (keys->months[i].month == month)
			key = keys->months[i].key;
	if (key == NULL && keys->n == MONTHS_MAX)
		e = ERR_TOOMANY;
	if (key == NULL && e == OK && (e = load(keys, month, make, &key)) == OK)
		keys->months[keys->n++] = (struct month){ month, key };
	pthread_mutex_unlock(&keys->lock);
	if (e == OK)
		*ret_secret = key_secret(key);
	return e;
}

static void
put_month(uint8_t to[4], uint32_t month)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)(month >> (24 - 8 * i));
}

enum err
rowkey_make(struct rowkey *keys, uint64_t seconds, uint8_t ret_key[ROWKEY_LEN], uint8_t ret_wrapped[ROWKEY_WRAPPED_LEN])
{
	uint8_t fresh[ROWKEY_LEN + 24];		/* one call of the kernel for both */
	uint32_t month = month_of(seconds);
	const uint8_t *kek;
	enum err e;

	if ((e = find(keys, month, true, &kek)) != OK)
		return e;
	randombytes_buf(fresh, sizeof(fresh));
	memcpy(ret_key, fresh, ROWKEY_LEN);
	put_month(ret_wrapped, month);
	memcpy(ret_wrapped + 4, fresh + ROWKEY_LEN, 24);
	sodium_memzero(fresh, sizeof(fresh));
	crypto_aead_xchacha20poly1305_ietf_encrypt(ret_wrapped + 28, NULL, ret_key, ROWKEY_LEN, ret_wrapped, 4, NULL,
						   ret_wrapped + 4, kek);
	return OK;
}

enum err
rowkey_unwrap(struct rowkey *keys, const uint8_t wrapped[ROWKEY_WRAPPED_LEN], uint8_t ret_key[ROWKEY_LEN])
{
	uint32_t month = (uint32_t)wrapped[0] << 24 | (uint32_t)wrapped[1] << 16 | (uint32_t)wrapped[2] << 8 | wrapped[3];
	const uint8_t *kek;
	enum err e;

	if ((e = find(keys, month, false, &kek)) != OK)
		return e;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(ret_key, NULL, NULL, wrapped + 28, ROWKEY_LEN + ROWKEY_TAG_LEN,
						       wrapped, 4, wrapped + 4, kek) != 0)
		return ERR_CORRUPT;
	return OK;
}

void
rowkey_wipe(uint8_t key[ROWKEY_LEN])
{
	sodium_memzero(key, ROWKEY_LEN);
}

static void
bind_row(enum rowkey_row kind, uint64_t index, uint8_t nonce[24], uint8_t ad[8])
{
	memset(nonce, 0, 24);
	nonce[0] = (uint8_t)kind;
	for (int i = 0; i < 8; i++)
		ad[i] = (uint8_t)(index >> (56 - 8 * i));
}

void
rowkey_seal(const uint8_t key[ROWKEY_LEN], enum rowkey_row kind, uint64_t index, struct span plain, uint8_t *to)
{
	uint8_t nonce[24], ad[8];

	bind_row(kind, index, nonce, ad);
	crypto_aead_xchacha20poly1305_ietf_encrypt(to, NULL, plain.p, plain.n, ad, sizeof(ad), NULL, nonce, key);
}

enum err
rowkey_unseal(const uint8_t key[ROWKEY_LEN], enum rowkey_row kind, uint64_t index, struct span sealed, uint8_t *to)
{
	uint8_t nonce[24], ad[8];

	if (sealed.n < ROWKEY_TAG_LEN)
		return ERR_CORRUPT;
	bind_row(kind, index, nonce, ad);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(to, NULL, NULL, sealed.p, sealed.n, ad, sizeof(ad), nonce, key) != 0)
		return ERR_CORRUPT;
	return OK;
}
