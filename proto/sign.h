/* SPDX-License-Identifier: EUPL-1.2 */
/* sign - Ed25519 over tagged bytes. A tag names what is signed, so that no signature can serve as another. */
#ifndef PROTO_SIGN_H
#define PROTO_SIGN_H

#include <stdbool.h>

#include "proto/base/bytes.h"
#include "proto/keyring.h"

#define SIGN_BYTES_MAX (16 * 1024)	/* tag and bytes; a C2SP note may be longer */

/* Over tag, one zero byte, bytes. tag: "nasoka/v1/batch", "nasoka/v1/sheet". ERR_TOOBIG. */
enum err sign_bytes(const struct key *key, const char *tag, struct span bytes, uint8_t ret_sig[KEY_SIG_LEN]) MUST_USE;
bool sign_is_valid(const struct public_key *pub, const char *tag, struct span bytes, const uint8_t sig[KEY_SIG_LEN]);
/* Without a tag, for C2SP notes, whose text names what it is. */
enum err sign_note(const struct key *key, struct span text, uint8_t ret_sig[KEY_SIG_LEN]) MUST_USE;
bool sign_is_note(const struct public_key *pub, struct span text, const uint8_t sig[KEY_SIG_LEN]);

#endif
