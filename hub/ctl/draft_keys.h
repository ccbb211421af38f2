/* SPDX-License-Identifier: EUPL-1.2 */
/* draft_keys - the keys of the registrars' YAML and of files of facts, and the plain values that they fill. Used by draft.c. */
#ifndef CTL_DRAFT_KEYS_H
#define CTL_DRAFT_KEYS_H

#include "config/binder.h"
#include "hub/ctl/rulebook.h"
#include "proto/keyring.h"

#define DRAFT_KEYGEN_HINT "copy what nasokactl keygen printed, or name its file in facts"

/* Texts that are not given are NULL. */
struct draft_agency {
	const char *id, *kind, *municipality, *name_bg, *name_en, *facts, *signing;
	const char *const *may_send, *const *services;
	size_t n_may_send, n_services;
};
struct draft_auditor { const char *name, *key, *facts; };
struct draft_coordinator { const char *municipality, *agency; };
struct draft_hub { const char *origin, *facts, *log, *notice, *curve, *verifier; };

struct draft {
	uint32_t version, valid_days, auditor_threshold, registrar_threshold;
	const char *valid_from;
	struct draft_hub hub;
	struct draft_agency *agencies;
	struct draft_auditor *auditors;
	struct draft_coordinator *coordinators;
	const char *const *registrars;
	size_t n_agencies, n_auditors, n_coordinators, n_registrars;
	struct rulebook rules;
};

extern const struct bind_row draft_keys[];		/* into struct draft */
extern const struct bind_row draft_keys_hub[], draft_keys_agency[], draft_keys_auditor[];	/* of files of facts */

/* 44 characters of base64; false if they are not a key's. */
bool draft_keys_parse(const char *text, struct public_key *ret_key);

#endif
