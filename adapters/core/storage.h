/* SPDX-License-Identifier: EUPL-1.2 */
/* storage - the adapter's store: its tables, and the schema number of their rows.
 *
 * Values begin with a version byte and are written with buf, read with cursor; integers big-endian, so keys sort. What a
 * crash can leave is always a whole transaction: every handler commits once.
 */
#ifndef ADAPTER_STORAGE_H
#define ADAPTER_STORAGE_H

#include "proto/base/bytes.h"

#define ADAPTER_SCHEMA 5	/* another: an older store is refused at its opening, not misread */

enum adapter_table {
	TABLE_META,		/* "pin", "sheets-seen", "consent:" and a hash, "revoked:" and a case: small facts */
	TABLE_DIRECTORIES,	/* version u64 -> signed note */
	TABLE_SHEET,		/* agency -> signed sheet */
	TABLE_THREAD,		/* thread id -> what we know of it (casebook) */
	TABLE_REFERRAL,		/* thread id -> its referral record, closed */
	TABLE_NUMBER,		/* role, number, other agency -> thread id */
	TABLE_NATIVE,		/* native id -> digest, message and thread: the same input again gets the same answer */
	TABLE_OUTBOX,		/* seq u64 -> what we sent, and how far it came */
	TABLE_OUTBODY,		/* seq u64 -> header and body as sealed */
	TABLE_OUTRECORD,	/* seq u64 -> the record, closed, for sealing again */
	TABLE_SENT,		/* message id -> seq u64; an id that was made again: and its env_hash */
	TABLE_PENDING,		/* urgency u8, seq u64 -> nothing: not yet stored at the hub */
	TABLE_INBOX,		/* cursor u64 -> what came, and what our system made of it */
	TABLE_INRECORD,		/* cursor u64 -> the record, closed */
	TABLE_SEEN,		/* message id, sender -> cursor u64, env_hash */
	TABLE_EGRESS,		/* cursor u64 -> due ms u64, tries u32: not yet taken by our system */
	TABLE_REFUSED,		/* thread id, sender: where its beginning was refused here -> last seq u64 that was */
	TABLE_DIFFERENCES,	/* number u64 -> what the last statement and our tables do not agree on */
	TABLE_UNSEEN,		/* seq u64 of ours that was refused for good and nobody has looked at */
	TABLE_USED,		/* thread id, sender, seq u64 that it took back before it came */
	TABLE_UNREGISTERED,	/* cursor u64 -> nothing: a record that our system has neither registered nor refused */
	TABLE_WISHES,		/* seq u64 -> due ms u64: to be sealed again */
	TABLE_AWAITED,		/* thread id, sender, seq u64 -> first message id: asked for under a newer key, not here yet */
	TABLE_DUTY,		/* place u64 -> a message at a recipient: its clocks, and what was said of them */
	TABLE_DUTY_NAME,	/* thread id, message id, recipient -> place u64 */
	TABLE_DUTY_DUE,		/* when to look at a duty again ms u64, place u64 -> place u64 */
	TABLE_CASE,		/* case id, thread id -> nothing: the threads of a case */
	TABLE_ERRANDS,		/* number u64 -> thread id, and a closed record to be said in it (casework) */
	TABLE_MAIL,		/* place u64 of a duty -> nothing: an immediate mail is owed for it */
	TABLE_SERVICES,		/* agency 0 service -> the newest that is said of it (services) */
	TABLE_HOLLOW,		/* thread id -> what the hub's statement says of a thread that a lost disk took; with seq u64 and stage u8
				 * behind it: a stage to be told when the thread is back */
	TABLE_PROMISE,		/* thread id, commitment id -> who owes it by when, and what was said of it */
	TABLE_PAPER,		/* thread id, what u8, number or agency -> the last record of that sort in a conference, closed */
	TABLE_FILE,		/* number u64 -> a file in parts, ours or another's, and how far it is (filebook) */
	TABLE_FILE_NAME,	/* ours u8, thread id, hash of its name -> number u64; or outbox seq or inbox cursor u64 of what said it first */
	TABLE_FILE_OF,		/* ours u8, outbox seq or inbox cursor u64 -> number u64 of the file that the message is a part of */
	TABLE_FILE_OPEN,	/* number u64 -> nothing: not all sent, or not all here */
	TABLE_STAGED,		/* number u64, part u8 -> a part of a file of ours that is no message yet, closed; part 0: what is said of it */
	N_ADAPTER_TABLES
};

#define ADAPTER_TABLE_NAMES \
	"meta", "directory", "sheet", "thread", "referral", "number", "native", "outbox", "outbody", "outrecord", "sent", \
	"pending", "inbox", "inrecord", "seen", "egress", "refused", "differences", "unseen", "used", "unregistered", "wishes", "awaited", \
	"duty", "duty-name", "duty-due", "case", "errand", "mail", "services", "hollow", "promise", "paper", \
	"file", "file-name", "file-of", "file-open", "staged", NULL

struct key8 { uint8_t b[8]; };

struct key8 storage_key(uint64_t number);
uint64_t storage_number(struct span key);		/* of the first eight bytes */
/* The next text of a row into `to`; too long for it is a sticky ERR_FORMAT. */
void storage_text(struct cursor *c, char *to, size_t cap);

#endif
