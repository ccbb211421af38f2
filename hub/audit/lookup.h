/* SPDX-License-Identifier: EUPL-1.2 */
/* lookup - items by the hash of their key: open addressing that grows. The caller holds the items and compares the keys. */
#ifndef AUDIT_LOOKUP_H
#define AUDIT_LOOKUP_H

#include <stddef.h>
#include <stdint.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"

#define LOOKUP_NONE UINT32_MAX

struct lookup_slot { uint64_t hash; uint32_t item, used; };
struct lookup {
	struct lookup_slot *slots;
	size_t cap, n;		/* cap: zero or a power of two */
};

void lookup_done(struct lookup *l);	/* of a zeroed struct: nothing */
uint64_t lookup_hash(struct span a, struct span b);
/* The next item of that hash; *at begins at 0. LOOKUP_NONE: no more. */
uint32_t lookup_next(const struct lookup *l, uint64_t hash, size_t *at);
enum err lookup_add(struct lookup *l, uint64_t hash, uint32_t item) MUST_USE;	/* ERR_NOMEM */

#endif
