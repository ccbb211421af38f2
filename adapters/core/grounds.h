/* SPDX-License-Identifier: EUPL-1.2 */
/* grounds - does the ground on which a record leaves this agency still hold? Pure; called before sealing, and by nasoka-validate.
 *
 * Asked of the sender alone, and once: what was sealed in time may arrive later. A recipient takes what comes.
 */
#ifndef ADAPTER_GROUNDS_H
#define ADAPTER_GROUNDS_H

#include "proto/record.h"

/* ERR_CONSENT_ENDED: a referral or an offer of transfer goes on the basis of consent, and the last day of that consent (in Bulgaria, whole)
 * is over. Other bases, records without one, a consent without an end and a day that is none (record_check tells it) hold. The record need
 * not have been checked. */
enum err grounds_check(const struct record *record, int64_t now_ms, struct why *why) MUST_USE;

#endif
