/* SPDX-License-Identifier: EUPL-1.2 */
/* spool_set - a table of the folder door together with the files that it names: are they here yet, taken one by one, and put away.
 *
 * A file is moved to the claimed ones before it is read, and read a block at a time. It is named by a row, so its name is checked as all that
 * comes from outside: it lies in the folder itself, is no link, and nobody writes to it while it is read. Called by spool_in.c.
 */
#ifndef ADAPTER_SPOOL_SET_H
#define ADAPTER_SPOOL_SET_H

#include <sys/stat.h>

#include "adapters/core/spool_place.h"

struct spool_set;

int64_t spool_set_touched_ms(const struct stat *st);	/* ctime, since no copying program can set it */

/* `place` is borrowed for the set's life. `table` may go afterwards. *ret_set NULL: it names no file. `is_left_over`: the run before may have
 * taken some of them. ERR_OVERLOAD, or FATAL. */
enum err spool_set_open(const struct spool_place *place, const struct door_host *host, const struct native *table, bool is_left_over,
			struct spool_set **ret_set) MUST_USE;
void spool_set_close(struct spool_set *s);	/* NULL is fine; what is coming in is dropped */
bool spool_set_is_here(const struct spool_set *s);	/* all its files, complete as far as can be seen */
/* Take the next piece. OK and *ret_is_over: each is taken or refused. A RETRY verdict: not now, to be called again; or FATAL. */
enum err spool_set_run(struct spool_set *s, bool *ret_is_over) MUST_USE;
const struct enclosures *spool_set_files(const struct spool_set *s);
/* Those that were taken (for any of their rows), or else the others, out of the claimed ones. False: the disk hinders it. */
bool spool_set_put_away(struct spool_set *s, bool is_taken);
/* One file of `from_fd` into `to_fd`, under another name where its own is taken. False: not now. */
bool spool_set_move(int from_fd, int to_fd, const char *name);

#endif
