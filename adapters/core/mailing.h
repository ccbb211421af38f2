/* SPDX-License-Identifier: EUPL-1.2 */
/* mailing - which mail about deadlines goes when: at once for an EMERGENCY, once for each fact; once a day what stands open.
 *
 * What is owed lies in the store, and each try is counted there before it is made: a crash loses no mail, and repeats one at most
 * MAILING_TRIES_MAX times. What no server takes is given up and told; the day's list shows it again while it stands open.
 */
#ifndef ADAPTER_MAILING_H
#define ADAPTER_MAILING_H

#include "adapters/core/letter.h"
#include "proto/base/clock.h"
#include "proto/base/store.h"

#define MAILING_TRIES_MAX 16
#define MAILING_RETRY_MIN_MS CLOCK_MINUTE	/* doubled from try to try */
#define MAILING_RETRY_MAX_MS CLOCK_HOUR

struct adapter;

/* Who hands a mail to the server: tells by adapter_mailed, once, later or before it returns. */
struct mailer {
	enum err (*send)(void *arg, struct span text);	/* `text` is borrowed until it returns; ERR_BUSY: not now */
	void *arg;
};

enum mail_kind { MAIL_NONE, MAIL_NOW, MAIL_DIGEST };

/* The mail under way. */
struct mailing {
	enum mail_kind kind;
	struct { uint64_t no; unsigned facts; } items[LETTER_ITEMS_MAX];
	size_t n_items;
	uint32_t tries;
};

/* An immediate mail is owed for this duty's `unmailed`. */
void mailing_want(struct txn *txn, uint64_t no);
enum err mailing_tick(struct adapter *a, int64_t now_ms) MUST_USE;
uint64_t mailing_count(struct txn *txn);		/* duties that an immediate mail is owed for */
/* What became of the mail; e OK: the server has it. A FATAL result: stop the process. */
enum err adapter_mailed(struct adapter *a, enum err e) MUST_USE;

#endif
