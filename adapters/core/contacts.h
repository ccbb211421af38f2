/* SPDX-License-Identifier: EUPL-1.2 */
/* contacts - who is who, as this adapter knows it: the signed directories and the agencies' key sheets.
 *
 * The newest directory is the one we send by; some before it stay, because messages sealed under them may still come. They and
 * the sheets are in the store; a new one is taken only with its signatures and never an older one (PROTOCOL.md, "Directory").
 */
#ifndef ADAPTER_CONTACTS_H
#define ADAPTER_CONTACTS_H

#include "proto/base/store.h"
#include "proto/directory.h"
#include "proto/seal.h"

struct contacts;

/* From the store, or at the first start from the signed note's bytes. `trust_text`: "threshold K" and a verifier key a line. */
enum err contacts_open(struct store *store, struct span trust_text, struct span first_note, int64_t now_ms, struct contacts **ret_contacts,
		     struct why *why) MUST_USE;
void contacts_free(struct contacts *r);
const struct directory *contacts_directory(const struct contacts *r);			/* the newest */
const struct directory *contacts_version(const struct contacts *r, uint64_t version);	/* NULL if not at hand */
const struct sheets *contacts_sheets(const struct contacts *r);
const struct note_verifier *contacts_log(const struct contacts *r);				/* the log's verifier */
uint64_t contacts_sheets_seen(const struct contacts *r);
/* Take what the hub sent, a newer directory (may be empty) and sheets, in a transaction of its own. When that fails nothing of it is
 * known, sheets_seen neither: the next greeting brings it again. Fails as the directory does, or the store. */
enum err contacts_take(struct contacts *r, struct span note, const struct span *sheets, size_t n, uint64_t sheets_seen, int64_t now_ms,
		     struct why *why) MUST_USE;

#endif
