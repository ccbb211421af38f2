/* SPDX-License-Identifier: EUPL-1.2 */
/* spool_name - the names of files at the folder doors. Pure. */
#ifndef ADAPTER_SPOOL_NAME_H
#define ADAPTER_SPOOL_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "adapters/core/sector.h"

#define SPOOL_NAME_LEN 256		/* with its NUL */

bool spool_name_is_ready(const char *name);	/* not hidden, and not somebody's unfinished work: *.tmp, *.part, *~ ... */
enum format spool_name_format(const char *name);	/* by its ending; FORMAT_NONE: unknown, or the bytes must tell (.json, .xml) */
/* "referrals.csv" and FORMAT_CSV -> "referrals.csv.result.csv"; a long name is cut between two characters. */
void spool_name_result(const char *name, enum format format, char to[static SPOOL_NAME_LEN]);
/* "20260302T100000-<msg_id>.csv", with `stage` "...-<msg_id>-registered.csv"; by the time in the id, so that the same always has
 * the same name. `stage` may be NULL. ERR_FORMAT: `msg_id` is none. */
enum err spool_name_out(const char *msg_id, const char *stage, enum format format, char to[static SPOOL_NAME_LEN]) MUST_USE;
/* Another name for a file whose name is taken: "a.csv" and 2 -> "a.2.csv". */
void spool_name_again(const char *name, unsigned n, char to[static SPOOL_NAME_LEN]);

#endif
