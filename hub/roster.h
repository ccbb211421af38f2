/* SPDX-License-Identifier: EUPL-1.2 */
/* roster - whom the hub knows at this moment: the directory, those before it that still count, and the newest key sheets.
 *
 * All in memory, read anew from the journal at the start. What is put here has been verified before. Pure. Called by the
 * core; zap asks it for the agency of a transport key.
 */
#ifndef HUB_ROSTER_H
#define HUB_ROSTER_H

#include "proto/directory.h"

#define ROSTER_VERSIONS_MAX 8		/* directory versions within the grace */

struct roster;

struct roster *roster_new(void);	/* NULL only without memory */
void roster_free(struct roster *r);

/* Keeps a copy of its own. A version that is known already changes nothing; the newest is the current one. */
enum err roster_put_directory(struct roster *r, struct span bytes, struct span note, int64_t since_ms,
			      struct why *why) MUST_USE;
/* Replaces the agency's older one. `leaf`: where the log has it. ERR_STALE: not newer than the one known. */
enum err roster_put_sheet(struct roster *r, struct span sheet, uint64_t leaf, struct why *why) MUST_USE;

const struct directory *roster_current(const struct roster *r);	/* NULL before the first */
struct span roster_note(const struct roster *r);		/* the current directory's signed note */
/* The version named, if it is the current one or was it less than `grace_ms` ago. NULL: otherwise. */
const struct directory *roster_version(const struct roster *r, uint64_t version, int64_t now_ms, int64_t grace_ms);
const struct sheet *roster_sheet(const struct roster *r, const char *agency);	/* NULL if there is none */
/* The agency of the current directory whose sheet has this transport key; NULL: nobody's. */
const char *roster_agency_of(const struct roster *r, const uint8_t transport[KEY_LEN]);

/* Sheets whose leaf is `from` or later, in the order of their leaves: the next at or after `from`; false at the end. */
bool roster_next_sheet(const struct roster *r, uint64_t from, struct span *ret_bytes, uint64_t *ret_leaf);
uint64_t roster_sheets_seen(const struct roster *r);	/* leaf + 1 of the newest; 0: none */

#endif
