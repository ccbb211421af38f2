/* SPDX-License-Identifier: EUPL-1.2 */
/* keychest - the agency's sealing keys and its signed key sheet: files in keys.dir, and what of them is at hand.
 *
 * `sealing.key` is number 0, `sealing-000007.key` number 7: a key's number is the version of the sheet that names it first. Each
 * change is one durable step: written beside, synced, renamed, folder synced. So a crash leaves the files as before or after it, and
 * a key above the sheet's version is one whose turnover was not finished. Keys stay until keychest_destroy, named by a sheet or not.
 */
#ifndef ADAPTER_KEYCHEST_H
#define ADAPTER_KEYCHEST_H

#include "proto/directory.h"
#include "proto/keyring.h"

#define KEYCHEST_KEYS_MAX 32	/* private halves kept at once; at one in two weeks, of more than a year */

struct keychest;

/* ERR_KEYFILE: a key cannot be read, or there is none, or too many; ERR_NOTFOUND: there is no sheet; else what is wrong with it: it
 * must be `agency`'s, signed by `signing`. What an interrupted step left beside is removed. */
enum err keychest_open(const char *dir, const char *agency, const struct key *signing, struct keychest **ret_chest,
		       struct why *why) MUST_USE;
void keychest_close(struct keychest *c);	/* NULL is fine */

/* All private halves, the newest first; the array lives until the next change. */
const struct key *const *keychest_keys(const struct keychest *c, size_t *ret_n);
uint64_t keychest_number(const struct keychest *c, size_t i);			/* of keychest_keys()[i] */
const struct key *keychest_find(const struct keychest *c, const struct key_id *id);	/* NULL if it is not at hand */
const struct sheet *keychest_sheet(const struct keychest *c);			/* both live until the next sheet */
struct span keychest_signed(const struct keychest *c);

/* Make a private half durable under a number greater than all others'; takes the key over in any case. ERR_FULL: KEYCHEST_KEYS_MAX;
 * ERR_KEYFILE: not written. */
enum err keychest_add(struct keychest *c, struct key *key, uint64_t number, struct why *why) MUST_USE;
/* Sign it and put it in the place of the old one. */
enum err keychest_put_sheet(struct keychest *c, const struct sheet *sheet, struct why *why) MUST_USE;
/* Overwrite and remove the file; never of a key that the sheet names. */
enum err keychest_destroy(struct keychest *c, uint64_t number, struct why *why) MUST_USE;

#endif
