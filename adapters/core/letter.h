/* SPDX-License-Identifier: EUPL-1.2 */
/* letter - a mail about deadlines as text: ids, agencies and times, in Bulgarian or English, and nothing of what a message says.
 * Pure.
 */
#ifndef ADAPTER_LETTER_H
#define ADAPTER_LETTER_H

#include "proto/base/arena.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/msgid.h"

#define LETTER_ITEMS_MAX 100	/* in one letter; the rest is a number */

struct letter_item {
	struct msgid about;
	const char *from, *to;		/* agency ids */
	int fact;			/* of duty.h */
	int64_t due_ms;
	bool is_emergency;
	unsigned parts, parts_left;	/* it stands for a file in so many, so many of them not confirmed; 0: for a message */
};

struct letter {
	bool is_digest;			/* the day's list; else: at once */
	enum lang lang;
	const char *agency;		/* whose adapter writes */
	const char *from;
	const char *const *to;
	size_t n_to;
	const struct letter_item *items;
	size_t n_items;			/* at most LETTER_ITEMS_MAX */
	uint64_t n_more;		/* that did not fit */
	int64_t at_ms;			/* of writing */
};

/* A whole message of RFC 5322, lines ended with CR LF. Its Message-ID follows from what it says but the time of writing, so that the same
 * letter again is known as the same. ERR_TOOBIG: the arena is full. */
enum err letter_write(const struct letter *letter, struct arena *mem, struct span *ret_text) MUST_USE;

#endif
