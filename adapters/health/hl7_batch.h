/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_batch - the batch protocol: FHS {BHS {messages} BTS} FTS taken apart into messages, and answers put together again.
 *
 * A batch that is not whole is refused as a whole: of one that was cut off nothing is taken, so that it can be sent again.
 */
#ifndef HEALTH_HL7_BATCH_H
#define HEALTH_HL7_BATCH_H

#include "adapters/health/hl7.h"

#define HL7_BATCH_MAX 200	/* messages, all batches of a file together */

struct hl7_batch_message {
	struct span bytes;	/* with its MSH, to the end of its last segment */
	unsigned group;		/* 0-based: of which BHS it is */
};

struct hl7_batch {
	struct span file;			/* the FHS segment; empty: there is none */
	struct span groups[HL7_BATCH_MAX];	/* the BHS segments; empty: messages without one */
	size_t n_groups;
	struct hl7_batch_message *messages;
	size_t n;
};

bool hl7_is_batch(struct span bytes);		/* begins with FHS or BHS, blanks and a byte order mark before it aside */
bool hl7_is_whole_batch(struct span bytes);	/* its last segment is FTS or, without FHS, BTS, and has its end */
/* ERR_CUT_OFF: a trailer is missing, or its count says another number; ERR_TOOMANY; ERR_SYNTAX: a segment outside a message. */
enum err hl7_batch_split(struct span bytes, struct arena *mem, struct hl7_batch *ret_batch, struct why *why) MUST_USE;

#endif
