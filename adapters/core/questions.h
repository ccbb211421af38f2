/* SPDX-License-Identifier: EUPL-1.2 */
/* questions - each question to the other side has a number, and an answer to questions answers what was asked.
 *
 * At the side that says it alone: who hears an answer takes it as it is, since a refusal would take the rest of it away as well.
 */
#ifndef ADAPTER_QUESTIONS_H
#define ADAPTER_QUESTIONS_H

#include "adapters/core/casebook.h"
#include "adapters/core/core.h"

/* Questions without a number get the next one that is free, told as assumed. ERR_EXISTS: two have the same, or one that waits for its
 * answer in thread `t` has it: an answer is to one question alone. */
enum err questions_number(struct adapter *a, struct txn *txn, const struct thread *t, struct record *record, struct why *why) MUST_USE;
/* An info-response in thread `t`: each required question that waits for it has an answer, a refusal, or that it is unknown (else
 * ERR_REQUIRED); no answer is to what nobody has asked (ERR_UNKNOWN_CODE), or
 * there twice (ERR_EXISTS). What a lost disk took is not asked about. */
enum err questions_answered(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *record,
			    struct why *why) MUST_USE;

#endif
