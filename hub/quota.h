/* SPDX-License-Identifier: EUPL-1.2 */
/* quota - who may fill what: the room of the disk, of each recipient's queue, a sender's share of it, an agency's messages
 * under way. What goes beyond is refused with ERR_FULL and a time to retry, while others pass; nothing accepted is dropped.
 *
 * Only new DATA is held back: a receipt ends what is here, and passes until the last part of the disk. The last part of each
 * bound is kept for EMERGENCY. Counters are durable rows (TABLE_SHARES, TABLE_AGENCIES) and change with the queue rows.
 */
#ifndef HUB_QUOTA_H
#define HUB_QUOTA_H

#include "hub/state.h"

/* Parts of limits.disk_low_bytes and disk_low_percent: so little must be left before an EMERGENCY waits, too; and of the bytes
 * alone, before a receipt does, since a commit without room would end the process. */
#define QUOTA_DISK_EMERGENCY_PART 4
#define QUOTA_DISK_RECEIPT_PART 8

bool quota_is_disk_low(const struct hub *hub, enum envelope_class class, enum priority priority);
/* ERR_FULL: the disk, a recipient's queue, the sender's share of it, or all that the sender has under way. */
enum err quota_check(struct hub *hub, const struct header *h, struct why *why) MUST_USE;
/* A queue row of `from` (NULL: it counts for nobody) to `p` has been put, or is gone. */
void quota_add(struct hub *hub, struct party *p, struct party *from, uint64_t bytes);
void quota_sub(struct hub *hub, struct party *p, struct party *from, uint64_t bytes);

#endif
