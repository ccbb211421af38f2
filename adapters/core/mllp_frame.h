/* SPDX-License-Identifier: EUPL-1.2 */
/* mllp_frame - the framing of MLLP (0x0B message 0x1C 0x0D), bytes in, messages out.
 *
 * Pure: no socket. One struct per connection. Broken framing is told as an event that carries what there was of the
 * message, so that the door can answer it, and the next start byte begins anew. Never holds more than `max` bytes.
 */
#ifndef ADAPTER_MLLP_FRAME_H
#define ADAPTER_MLLP_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/base/bytes.h"

#define MLLP_START 0x0B
#define MLLP_END 0x1C
#define MLLP_BYTES_MAX (1024 * 1024)

enum mllp_event {
	MLLP_MORE,		/* all was eaten; nothing is complete yet */
	MLLP_MESSAGE,		/* one whole message */
	MLLP_CUT_OFF,		/* a start byte inside a message: the part before it. Refuse with ERR_CUT_OFF */
	MLLP_STRAY,		/* text without a start byte, up to its end byte or the next start. Refuse with ERR_SYNTAX */
	MLLP_TOO_BIG,		/* the first `max` bytes of a message that is longer; its rest is skipped. ERR_TOOBIG */
};

struct mllp_frame {
	uint8_t *p;
	size_t n, cap, max;
	enum { MLLP_OUTSIDE, MLLP_INSIDE, MLLP_UNFRAMED, MLLP_SKIPPING } state;
};

void mllp_frame_init(struct mllp_frame *f, size_t max);
void mllp_frame_done(struct mllp_frame *f);			/* wipes what it holds */
/* Eat bytes up to the first event and give how many; call again with the rest until MLLP_MORE. ret_message is borrowed until
 * the next call. The bytes 0x0D and 0x0A between messages are skipped, and 0x0D after 0x1C need not be there. */
size_t mllp_frame_feed(struct mllp_frame *f, struct span in, enum mllp_event *ret_event, struct span *ret_message);
bool mllp_frame_is_empty(const struct mllp_frame *f);		/* false when the peer hung up in the middle of a message */
struct span mllp_frame_wrap(struct span message, struct arena *mem);	/* SPAN_NONE when full */

#endif
