/* SPDX-License-Identifier: EUPL-1.2 */
/* minimise - what a recipient does not need, or the family has not agreed to, does not leave the agency. One table, pure. */
#ifndef ADAPTER_MINIMISE_H
#define ADAPTER_MINIMISE_H

#include "proto/record.h"

/* Drop from a whole referral the fields outside the data categories of its consent, where that is its legal basis and names
 * some, and those that an agency of `target_kind` has no need for. Who the child is, what is asked, why, and what keeps
 * people safe always goes. Gives how many fields were dropped. Source: domain rules of the programme (PROTOCOL.md 7).
 */
size_t minimise_referral(struct referral *r, const char *target_kind);
/* The same from a whole offer of transfer: of its child. */
size_t minimise_transfer(struct transfer *tr, const char *target_kind);
/* The same from a whole invitation to a conference. Its one body goes to all members, agencies of `kinds`: what one of them has no need for, or
 * consent does not cover, goes to none. `consent` is that of the referral that it is about; NULL: it is not known here. */
size_t minimise_conference(struct conference *c, const struct consent *consent, const char *const *kinds, size_t n_kinds);
/* The sector that agencies of a kind belong to: "health", "education", or "social" for all others. */
const char *minimise_sector(const char *agency_kind);

#endif
