/* SPDX-License-Identifier: EUPL-1.2 */
/* duty_file - a file that goes in parts is one thing to people: the rows of its parts as one. Read only, in the caller's transaction.
 *
 * The row that stands for a file is the first of its parts that something is owed for, so a list that goes by `no` names it once, on
 * whatever page. Who is no party to it (a coordinator) knows no files: there each part is a message.
 */
#ifndef ADAPTER_DUTY_FILE_H
#define ADAPTER_DUTY_FILE_H

#include "adapters/core/duty.h"

struct duty_file {
	unsigned parts;			/* 0: the message is no part of a file */
	unsigned left;			/* that are not confirmed: the recipient has not registered them, or they have not come so far */
	enum stage stage;		/* of ours: where it came least far; STAGE_NONE: not even to the hub */
};

/* *d becomes the whole's: the earliest of each deadline, the worst of what was said. False: another row stands for it, *d is as it was.
 * Of no file: true, with `parts` 0. */
bool duty_file_join(struct txn *txn, struct duty *d, struct duty_file *ret_file);
/* The same of a row that is shown in any case. */
void duty_file_whole(struct txn *txn, struct duty *d, struct duty_file *ret_file);
/* Of `facts`, those that were not said yet of another part to the same agency. */
unsigned duty_file_news(struct txn *txn, const struct duty *d, unsigned facts);

#endif
