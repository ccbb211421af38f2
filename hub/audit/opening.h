/* SPDX-License-Identifier: EUPL-1.2 */
/* opening - what a command line names opened: a store or an export, registrars' keys, an auditor's key, ids and times. */
#ifndef AUDIT_OPENING_H
#define AUDIT_OPENING_H

#include "hub/audit/source.h"
#include "proto/directory.h"

struct call;

#define EXIT_TAMPERED 3

/* DIR or --config FILE, exactly one of them: ERR_UNSUPPORTED tells wrong usage. */
enum err opening_source(const struct call *call, struct source **ret_source, struct why *why) MUST_USE;
void opening_close(struct source *s);		/* with its image; NULL is fine */

/* The registrars that are trusted, as pinned_parse reads them. */
enum err opening_trust(const char *file, struct arena *mem, struct trust *ret_trust, struct why *why) MUST_USE;

/* EXIT_USAGE for ERR_UNSUPPORTED, EXIT_TAMPERED for ERR_TAMPERED, else EXIT_FAILED; tells what is wrong. */
int opening_fail(const struct call *call, enum err e, const struct why *why);

#endif
