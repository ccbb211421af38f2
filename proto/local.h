/* SPDX-License-Identifier: EUPL-1.2 */
/* local - records at rest on an adapter's own disk, closed under its local key. Never leaves the machine. */
#ifndef PROTO_LOCAL_H
#define PROTO_LOCAL_H

#include "proto/base/arena.h"
#include "proto/keyring.h"

/* `place` (table and key) is bound in, so that a value copied to another row does not open. ERR_TOOBIG: `mem` is full. */
enum err local_close(const struct key *local, struct span place, struct span plain, struct arena *mem,
		     struct span *ret_closed) MUST_USE;
/* ERR_CORRUPT: changed, of another place or under another key. ERR_TOOBIG: `mem` is full. */
enum err local_open(const struct key *local, struct span place, struct span closed, struct arena *mem,
		    struct span *ret_plain) MUST_USE;

#endif
