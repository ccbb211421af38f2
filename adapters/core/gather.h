/* SPDX-License-Identifier: EUPL-1.2 */
/* gather - files that come in parts: each part an entry of the inbox like any message, and the whole handed over once.
 *
 * A part is hidden from our system until all are there; the one that completes the file stands for it then (its face), if the whole is
 * what its hash says. Otherwise, or when parts stay away, what is here of it is refused, and its sender hears why. Confirming or
 * refusing the face does so to all parts. Called by arrival, register, views and handover.
 */
#ifndef ADAPTER_GATHER_H
#define ADAPTER_GATHER_H

#include "adapters/core/core.h"
#include "adapters/core/filebook.h"

#define GATHER_THREAD_MAX 16		/* files of one sender in one thread of which parts are missing */
#define GATHER_WAITING_MAX ((uint64_t)1024 * 1024 * 1024)	/* bytes of files of which parts are missing */
#define GATHER_WAIT_MS (24 * CLOCK_HOUR)	/* without another part */

struct number_of {
	const struct thread_id *thread;
	const char *from;
	bool is_ours;			/* we are `from` */
	const struct file_part *file;	/* NULL: the record is none */
};
/* One att_id of a sender in a thread is one file, until that is refused, taken back or erased. ERR_INCONSISTENT: another has it; ERR_DUPLICATE: this
 * one was said just so before, of ours as *ret_o. */
enum err gather_check_number(struct adapter *a, struct txn *txn, const struct number_of *n, struct outbound *ret_o, struct why *why) MUST_USE;
void gather_note_number(struct txn *txn, const struct number_of *n, uint64_t at);	/* said, or come, at `at` of the outbox or inbox */

/* May this part be taken? ERR_FILE_DIFFERS, ERR_INCONSISTENT, ERR_DUPLICATE, ERR_TOOMANY, or why the file has failed. Any other record: OK. */
enum err gather_judge(struct adapter *a, struct txn *txn, const struct header *h, const struct record *record, struct why *why) MUST_USE;
/* It is in the inbox as `in`. *ret_is_hidden: our system is not to see it (yet). */
enum err gather_keep(struct adapter *a, struct txn *txn, struct inbound *in, const struct record *record, bool *ret_is_hidden) MUST_USE;
enum err gather_tick(struct adapter *a) MUST_USE;	/* files whose parts stay away */

/* The other parts of the file that the entry stands for: `each` in the caller's transaction. */
enum err gather_parts(struct txn *txn, uint64_t face, enum err (*each)(void *arg, struct txn *txn, struct inbound *in), void *arg) MUST_USE;
/* The entry that our system knows in place of this one. ERR_FILE_PARTS: its file is not whole. */
enum err gather_face(struct txn *txn, struct inbound *in, struct why *why) MUST_USE;
/* How our system sees the record of an entry: a whole file without part, parts and data. `record` is changed. False: it is no file, or not
 * whole. */
bool gather_show(struct txn *txn, const struct inbound *in, struct record *record, struct file_bytes *ret_bytes);

/* The file that came here under this message id. ERR_NOTFOUND; ERR_FILE_PARTS; ERR_GONE. */
enum err gather_find(struct adapter *a, struct txn *txn, const char *id, struct arena *mem, struct inbound *ret_face, struct record **ret_record,
		     struct file_bytes *ret_bytes, struct why *why) MUST_USE;

#endif
