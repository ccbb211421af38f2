/* SPDX-License-Identifier: EUPL-1.2 */
/* rowkey - how the journal's rows are sealed at rest, so that what is erased stays erased.
 *
 * Each entry has two fresh random keys, one for detail and header, one for the body. They are wrapped by the key of the month,
 * which lives in a file of its own outside the store: dropping a wrapped key, rewrapping that month and destroying its old
 * file makes every old copy of the row unreadable. Thread-safe. Called by journal.c only.
 */
#ifndef HUB_ROWKEY_H
#define HUB_ROWKEY_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"

#define ROWKEY_LEN 32
#define ROWKEY_WRAPPED_LEN (4 + 24 + 16 + ROWKEY_LEN)	/* month, nonce, tag, key */
#define ROWKEY_TAG_LEN 16

enum rowkey_row { ROWKEY_DETAIL = 1, ROWKEY_HEAD, ROWKEY_BODY };

struct rowkey;

/* Month keys in `dir` ("2026-11.key", made when the first row of a month is written); NULL: in memory only, for tests. */
enum err rowkey_open(const char *dir, bool read_only, struct rowkey **ret_keys, struct why *why) MUST_USE;
void rowkey_close(struct rowkey *keys);		/* wipes; NULL is fine */

/* A fresh key, wrapped for the month of `seconds`. The caller wipes it. */
enum err rowkey_make(struct rowkey *keys, uint64_t seconds, uint8_t ret_key[ROWKEY_LEN],
		     uint8_t ret_wrapped[ROWKEY_WRAPPED_LEN]) MUST_USE;
/* ERR_NOTFOUND: the month's key is gone; ERR_CORRUPT: it does not open. */
enum err rowkey_unwrap(struct rowkey *keys, const uint8_t wrapped[ROWKEY_WRAPPED_LEN], uint8_t ret_key[ROWKEY_LEN]) MUST_USE;
void rowkey_wipe(uint8_t key[ROWKEY_LEN]);

/* A key seals at most one row of each kind; the index is bound in. `to` holds plain.n + ROWKEY_TAG_LEN, `ret` less. */
void rowkey_seal(const uint8_t key[ROWKEY_LEN], enum rowkey_row kind, uint64_t index, struct span plain, uint8_t *to);
enum err rowkey_unseal(const uint8_t key[ROWKEY_LEN], enum rowkey_row kind, uint64_t index, struct span sealed,
		       uint8_t *to) MUST_USE;

#endif
