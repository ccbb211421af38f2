/* SPDX-License-Identifier: EUPL-1.2 */
/* roster - who is who, as this adapter knows it: the signed directories and the agencies' key sheets.
 *
 * The newest directory is the one we send by; the one before it stays, because messages sealed under it may still come. Both
 * and the sheets are in the store; a new one is taken only with its signatures and never an older one (PROTOCOL.md, "Directory").
 */
#ifndef ADAPTER_ROSTER_H
#define ADAPTER_ROSTER_H

#include "proto/base/store.h"
#include "proto/directory.h"
#include "proto/seal.h"

struct roster;

/* From the store, or at the first start from the signed note's bytes. `trust_text`: "threshold K" and a verifier key a line. */
enum err roster_open(struct store *store, struct span trust_text, struct span first_note, int64_t now_ms, struct roster **ret_roster,
		     struct why *why) MUST_USE;
void roster_free(struct roster *r);
const struct directory *roster_directory(const struct roster *r);			/* the newest */
const struct directory *roster_version(const struct roster *r, uint64_t version);	/* NULL if not at hand */
const struct sheets *roster_sheets(const struct roster *r);
const struct note_verifier *roster_log(const struct roster *r);				/* the log's verifier */
uint64_t roster_sheets_seen(const struct roster *r);
/* Take what the hub sent: a newer directory (may be empty) and sheets. Written through `txn`. */
enum err roster_take(struct roster *r, struct txn *txn, struct span note, const struct span *sheets, size_t n, uint64_t sheets_seen,
		     int64_t now_ms, struct why *why) MUST_USE;

#endif
