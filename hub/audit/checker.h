/* SPDX-License-Identifier: EUPL-1.2 */
/* checker - judges a whole log: who signed it, whether it is one and unaltered, and whether what it tells obeys the rules.
 *
 * It works on a source and changes nothing. In order: directories against the registrars that the caller trusts; checkpoints
 * against the log's key; leaves, tiles and root; every older checkpoint; details, envelopes, signatures and the state machine;
 * files that belong nowhere. What comes later is judged only on what came before it.
 */
#ifndef AUDIT_CHECKER_H
#define AUDIT_CHECKER_H

#include "hub/audit/finding.h"
#include "hub/audit/memo.h"
#include "hub/audit/source.h"
#include "proto/directory.h"

struct checker_input {
	struct source *source;
	const struct trust *trust;		/* the registrars of the first directory */
	const struct source_note *since;	/* older checkpoints that the caller kept; numbers are not looked at */
	size_t n_since;
	struct memo *memo;			/* NULL: one of its own */
};

struct checker_counts {
	uint64_t leaves, checkpoints, tiles, directories, sheets, details, erased, envelopes, bodies, signatures;
	uint64_t submits, receipts, ended, registered, open;	/* of message and recipient: ended at all, by registration, not yet */
	uint64_t unsigned_leaves;	/* beyond the newest checkpoint: of a running hub */
	uint64_t files;
	const char *origin;		/* lives as long as the source */
	uint64_t size;			/* of the newest checkpoint */
	struct hash root;
};

/* OK: it could be judged, and `findings` is empty exactly if all is well. Anything else: it could not (disk, memory). */
enum err checker_run(const struct checker_input *input, struct findings *findings, struct checker_counts *ret_counts,
		     struct why *why) MUST_USE;

#endif
