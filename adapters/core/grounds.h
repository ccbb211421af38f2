/* SPDX-License-Identifier: EUPL-1.2 */
/* grounds - does the ground on which a record leaves this agency still hold, and does it reach its recipient? Pure; called before sealing, and by
 * nasoka-validate.
 *
 * Asked of the sender alone, and once: what was sealed in time may arrive later. A recipient takes what comes.
 */
#ifndef ADAPTER_GROUNDS_H
#define ADAPTER_GROUNDS_H

#include "proto/directory.h"
#include "proto/record.h"

/* ERR_CONSENT_ENDED: something goes on the basis of consent, and the last day of that consent (in Bulgaria, whole) is over. Another basis, none, no
 * consent, one without an end and a day that is none (record_check tells it) hold. `where` is the place of valid_until. */
enum err grounds_check_day(const char *legal_basis, const struct consent *consent, int64_t now_ms, const char *where, struct why *why) MUST_USE;

/* On the basis of consent: is each entry of recipients_allowed an agency's id, a kind of agency, or a sector (health, education, social,
 * coordination)? ERR_CONSENT_NAMES with the entry's place. `d` NULL: which agencies there are is not known here, and whatever looks like an
 * id may be one. `where` is the list's place. */
enum err grounds_check_names(const char *legal_basis, const struct consent *consent, const struct directory *d, const char *where,
			     struct why *why) MUST_USE;
/* On the basis of consent: the agency `to` is one of those, or there are none. ERR_CONSENT_RECIPIENT, and `why` says who is; ERR_UNKNOWN_AGENCY. */
enum err grounds_check_recipient(const char *legal_basis, const struct consent *consent, const struct directory *d, const char *to,
				 const char *where, struct why *why) MUST_USE;

/* All of it for a referral or an offer of transfer; OK for other records. Its target is judged where `d` is there. The record need not have been
 * checked. */
enum err grounds_check(const struct record *record, const struct directory *d, int64_t now_ms, struct why *why) MUST_USE;

#endif
