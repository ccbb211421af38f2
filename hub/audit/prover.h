/* SPDX-License-Identifier: EUPL-1.2 */
/* prover - the inclusion proof of one entry under the newest checkpoint, checked as it is made; and C2SP tlog-proof text. */
#ifndef AUDIT_PROVER_H
#define AUDIT_PROVER_H

#include "hub/audit/source.h"

struct inclusion {
	uint8_t leaf[LEAF_LEN];
	uint64_t index, size;
	struct hash root, path[MERKLE_PATH_MAX];
	size_t n_path;
	struct span checkpoint;		/* lives as long as the source */
};

/* ERR_NOTFOUND: no checkpoint covers the entry yet. ERR_TAMPERED: what is stored does not lead to the checkpoint's root. The
 * checkpoint's signature is the verifier's to check. */
enum err prover_make(struct source *s, uint64_t index, struct arena *mem, struct inclusion *ret, struct why *why) MUST_USE;
/* "c2sp.org/tlog-proof@v1": the leaf is the proof's extra data, so that the text alone can be checked. */
enum err prover_text(const struct inclusion *p, struct arena *mem, struct span *ret_text) MUST_USE;

#endif
