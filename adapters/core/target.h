/* SPDX-License-Identifier: EUPL-1.2 */
/* target - to whom a referral goes: the agency or service that it names, else the first route that fits. Called by begin.c. */
#ifndef ADAPTER_TARGET_H
#define ADAPTER_TARGET_H

#include "adapters/core/core.h"

/* Where an address has a settlement and no municipality: the settlement's, marked as assumed. A code that may mean several
 * municipalities gives none; target_find tells so if nothing else says where the referral goes. */
enum err target_place(struct adapter *a, struct record *record, struct why *why) MUST_USE;
/* The agency of a referral that names none: that of the service that it names, else by the first route that fits. NULL: it names one; if
 * what it names so is a service, its agency stands there instead. ERR_UNROUTABLE, ERR_NOTFOUND: no such service. */
enum err target_find(struct adapter *a, struct txn *txn, struct intake_item *item, const char **ret_otherwise, struct why *why) MUST_USE;
/* With its target: a service that has no room by its announcement, or a kind that its agency does not offer by them, is warned of in
 * item->warning, and not refused. */
void target_warn(struct adapter *a, struct txn *txn, struct intake_item *item);

#endif
