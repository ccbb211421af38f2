/* SPDX-License-Identifier: EUPL-1.2 */
/* faulty_record - what the preloaded library writes down of one process, in the order in which it happened, and what the
 * crash images are made of. Host byte order; `n` bytes follow each record.
 */
#ifndef FAULTS_FAULTY_RECORD_H
#define FAULTS_FAULTY_RECORD_H

#include <stdint.h>

enum record_kind {
	RECORD_WRITE = 1,	/* to the store's file at `at`; is_synced: through a descriptor with O_DSYNC */
	RECORD_SYNC,		/* of the store's file, after it succeeded */
	RECORD_NAMED,		/* the new file has its own name now: data.mdb */
	RECORD_CHECKPOINT,	/* the note that is about to take the place of the outside copy */
	RECORD_LINE,		/* a line of the log */
};

struct record {
	uint8_t kind, is_synced, unused[2];
	uint32_t n;
	uint64_t at;
};

#endif
