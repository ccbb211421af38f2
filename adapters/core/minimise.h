/* SPDX-License-Identifier: EUPL-1.2 */
/* minimise - what a recipient does not need, or the family has not agreed to, does not leave the agency. One table of all kinds, pure.
 *
 * A field is dropped and counted; what cannot be dropped, a whole assessment or a file, is refused. Called by scope.c, which finds the ground
 * of a record in the store; the sender alone asks, a recipient takes what comes. Source: domain rules of the programme (PROTOCOL.md 7).
 */
#ifndef ADAPTER_MINIMISE_H
#define ADAPTER_MINIMISE_H

#include "proto/record.h"

/* On what a record goes, and to whom. */
struct ground {
	const char *legal_basis;	/* NULL counts as another than consent */
	const struct consent *consent;	/* as it stands now; NULL: none is known here, and where it is the basis it covers who the child is, and no more */
	const char *from;		/* the kind of agency that sends it */
	const char *const *to;		/* the kinds of its recipients. One body goes to all: what one of them has no need for goes to none */
	size_t n_to;
	bool is_asked;			/* its recipient has asked for what it says */
	bool has_secret_address;	/* where the child lives is known to those alone who keep it safe */
};

/* Drop from the body of `record` what is outside the data categories of the consent, where that is the basis and names some, and what an agency
 * of one of the kinds has no need for. Who the child is, what is asked, why, and what keeps people safe always goes, and so does whatever the
 * record must have. *ret_n: how many fields were dropped. ERR_CONSENT_CATEGORY: all of it is of a category that consent does not cover, and
 * nothing was dropped; `why` names place and category.
 */
enum err minimise_record(struct record *record, const struct ground *g, size_t *ret_n, struct why *why) MUST_USE;
/* The same of a file, by its category of attachment; `where` names the place. */
enum err minimise_file(const char *category, const struct ground *g, const char *where, struct why *why) MUST_USE;
/* The sector that agencies of a kind belong to: "health", "education", or "social" for all others. */
const char *minimise_sector(const char *agency_kind);

#endif
