/* SPDX-License-Identifier: EUPL-1.2 */
/* enclose - files that lie beside a message of our system, which names them (a table with a row a file).
 *
 * What the message says of each is kept while the folder door brings the bytes (door.h, struct enclosures); each file is an upload, known by its
 * row's native id and its bytes, so that the same row with the same file is the same file whatever dies. Then the message itself is taken, and
 * its items get what became of their files. Called by spool_set.c through door.h, and by adapter.c.
 */
#ifndef ADAPTER_ENCLOSE_H
#define ADAPTER_ENCLOSE_H

#include "adapters/core/core.h"

/* The items of `in` that name a file are what their files became. Without in->enclosed they are refused: nothing lies beside. */
void enclose_settle(struct adapter *a, const struct native *in, struct intake *intake);

#endif
