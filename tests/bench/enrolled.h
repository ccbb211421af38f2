/* SPDX-License-Identifier: EUPL-1.2 */
/* enrolled - what an agency knows when it is ready to speak: the signed directory, all key sheets, its own keys. Read from a
 * folder as config/stage/world.py makes it. An error ends the program with a word: a bench has nobody to answer to.
 */
#ifndef BENCH_ENROLLED_H
#define BENCH_ENROLLED_H

#include "proto/directory.h"
#include "proto/note.h"
#include "proto/seal.h"

struct enrolled {
	const char *dir;
	uint8_t run[8];			/* random: ids of threads are fresh in each run */
	struct arena *mem;
	struct directory *directory;
	struct sheets sheets;
	struct note_verifier log;
	/* the checkpoint opened last: one verification serves all who are shown the same note */
	uint8_t note[2048];
	size_t note_n;
	struct checkpoint checkpoint;
};

void enrolled_open(const char *dir, struct enrolled *ret);
void enrolled_close(struct enrolled *en);
/* A key of one agency; to be freed by the caller. */
struct key *enrolled_key(const struct enrolled *en, const char *agency, enum key_use use);
struct span enrolled_sheet(const struct enrolled *en, const char *agency);	/* as signed; lives as long as `en` */
/* Verified; NULL if the log did not sign it. */
const struct checkpoint *enrolled_checkpoint(struct enrolled *en, struct span note, struct arena *mem);

/* Print and end the program with status 1. */
void enrolled_die(const char *fmt, ...) PRINTF_LIKE(1, 2) __attribute__((noreturn));
size_t enrolled_number(const char *text, size_t min, size_t max);	/* of a command line; dies at any other */

#endif
