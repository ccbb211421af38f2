/* SPDX-License-Identifier: EUPL-1.2 */
/* revoked - what a family has withdrawn of its consent stays withdrawn in the whole case: a referral that is begun later cannot cite that consent again.
 *
 * A row of META a case, in the caller's transaction. A consent that was given since counts, that day included where it renews the one that was withdrawn.
 */
#ifndef ADAPTER_REVOKED_H
#define ADAPTER_REVOKED_H

#include "adapters/core/core.h"
#include "proto/record.h"

/* `change` was said or heard in thread `t`; `was` is the consent that it changes, NULL where none is known. */
enum err revoked_note(struct adapter *a, struct txn *txn, const struct thread *t, const struct consent_change *change,
		      const struct consent *was) MUST_USE;
/* May something of the case begin on `consent`? ERR_CONSENT_ENDED: it is the one that was withdrawn, or one before it. ERR_CONSENT_CATEGORY: the same, of
 * a category that it names. Another basis than consent is not asked. `where` is the consent's place. */
enum err revoked_check(struct txn *txn, const uint8_t case_id[16], const char *legal_basis, const struct consent *consent, const char *where,
		       struct why *why) MUST_USE;
/* May `consent` renew it? One given before the withdrawal may not: it is the same paper, or an older one. The same errors. */
enum err revoked_check_renewal(struct txn *txn, const uint8_t case_id[16], const struct consent *consent, const char *where,
			       struct why *why) MUST_USE;

#endif
