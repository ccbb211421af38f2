/* SPDX-License-Identifier: EUPL-1.2 */
/* capsule - the auditors' view of a record as CAPSULE_LEN bytes (PROTOCOL.md 4.4). */
#ifndef PROTO_CAPSULE_H
#define PROTO_CAPSULE_H

#include "proto/seal.h"

/* ERR_TOOBIG: a code is longer than 255 bytes, or all together than the capsule. */
enum err capsule_encode(const struct capsule *c, uint8_t to[static CAPSULE_LEN]) MUST_USE;
/* Only what capsule_encode writes; texts in `mem`. ERR_FORMAT, ERR_TOOBIG. */
enum err capsule_decode(const uint8_t from[static CAPSULE_LEN], struct arena *mem, struct capsule *ret_capsule) MUST_USE;

#endif
