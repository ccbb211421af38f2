/* SPDX-License-Identifier: EUPL-1.2 */
/* tape - what a process wrote, synced and said, in its order (faulty_record.h), and what a power cut at any place of it could have
 * left of its store.
 *
 * What is certain at a cut: everything up to the last sync of the file, and each write through the descriptor with O_DSYNC
 * that had come back (LMDB's meta pages). Of the rest any subset may be on the disk, each write whole, not at all, or sector by
 * sector. Whatever fails ends the process with 2.
 */
#ifndef FAULTS_TAPE_H
#define FAULTS_TAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/msgid.h"
#include "tests/faults/faulty_record.h"

enum mode { WHOLE, SUBSET, TORN };

enum mark_kind { MARK_LEAF, MARK_SENT, MARK_CAME, MARK_CONFIRMED };

/* From record `since` on, this has been answered (MARK_CAME: is in a commit that was ended). */
struct mark {
	enum mark_kind kind;
	size_t since;
	struct msgid id;
	uint64_t leaf;
	char from[64];
};

struct cut { size_t at; enum mode mode; };

struct tape {
	char store[512], file[560], unnamed[560];	/* where images are put */
	uint8_t *bytes;
	struct record **records;
	size_t n_records, named_at;	/* the file has its name from this record on */
	struct mark *marks;
	size_t n_marks;
	uint8_t *base, *image;		/* as it is certain up to record `base_at`; the image of one cut */
	size_t base_n, image_n, base_at, cap;
	uint64_t state;			/* of the random numbers */
};

void tape_read(const char *path, const char *place, uint64_t seed, struct tape *ret_tape);
void tape_free(struct tape *t);
const uint8_t *tape_bytes(const struct record *r);
/* `count` cuts, in order: before and after each sync, and in the middle of each meta page's write; then anywhere. To be freed. */
struct cut *tape_plan(struct tape *t, size_t count);
/* The store as this cut leaves it. Cuts come in order, so that what is certain only grows; after `rewind` they begin anew. */
void tape_image(struct tape *t, const struct cut *cut);
void tape_rewind(struct tape *t);
_Noreturn void tape_give_up(const char *what);

#endif
