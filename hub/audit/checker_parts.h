/* SPDX-License-Identifier: EUPL-1.2 */
/* checker_parts - the checker's state, and its steps in order. Seen by its files only. */
#ifndef AUDIT_CHECKER_PARTS_H
#define AUDIT_CHECKER_PARTS_H

#include "hub/audit/checker.h"
#include "hub/audit/ledger.h"

struct checked_directory {
	struct directory *d;
	const struct source_note *note;
	uint64_t leaf;		/* where the log has it; UINT64_MAX: not seen yet */
};

struct checked_sheet {		/* an agency's newest so far */
	struct sheet *sheet;
	const struct source_note *note;
};

struct lost_sheet { const char *agency; uint64_t leaf; };	/* recorded, and not there: a newer one must be */

struct missing { uint64_t leaf; bool is_detail; struct place place; };

struct checker {
	struct source *source;
	const struct checker_input *input;
	struct findings *findings;
	struct checker_counts *counts;
	struct memo *memo;
	struct arena *mem;		/* of one step */
	struct arena *kept;		/* of the whole run: directories, sheets */
	struct checked_directory *directories;
	size_t n_directories;
	const struct directory *current;	/* at the leaf being judged; NULL before the first */
	struct checked_sheet *sheets;
	size_t n_sheets;
	struct lost_sheet *lost;
	size_t n_lost, cap_lost;
	struct note_verifier log;
	struct ledger *ledger;
	struct missing *missing;	/* to be explained by SHRED leaves */
	size_t n_missing, cap_missing;
	uint64_t *shreds;		/* leaves whose erasure the log tells: 2 * leaf, + 1: the body alone */
	size_t n_shreds, cap_shreds;
	bool *used;			/* a file of the image by its index; NULL with a store */
};

/* Each gives OK and leaves findings, or why it could not judge. Is there a finding so far? */
static inline bool
checker_is_clean(const struct checker *c)
{
	return c->findings->n == 0;
}

enum err checker_trust(struct checker *c) MUST_USE;		/* directories, the log's key, the newest checkpoint */
enum err checker_tree(struct checker *c) MUST_USE;		/* leaves, tiles, root, older checkpoints */
enum err checker_entries(struct checker *c, struct why *why) MUST_USE;	/* details, envelopes, state machine */
enum err checker_envelope(struct checker *c, const struct leaf *leaf, const struct detail *d,
			  const struct source_entry *entry) MUST_USE;

/* A part of an entry is not there: a finding at the end, unless a SHRED leaf tells of it. ERR_NOMEM. */
enum err checker_missing(struct checker *c, uint64_t leaf, enum source_part part) MUST_USE;

/* A checkpoint in exactly the form that the log's key signs it. */
bool checker_checkpoint(struct checker *c, struct span note, struct checkpoint *ret_checkpoint);
/* The directory of that version, if the log had it before the leaf being judged. */
const struct directory *checker_directory(const struct checker *c, uint64_t version);
void checker_use(struct checker *c, const char *name);		/* a file that belongs to the export */
/* A finding at a part of an entry. */
void checker_find(struct checker *c, enum finding_id id, uint64_t leaf, enum source_part part, const char *detail);

#endif
