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
/* An info-response in thread `t` answers those requests whose questions it names, each of them whole: every required question has an
 * answer, a refusal, or that it is unknown (else ERR_REQUIRED). No answer is to what nobody has asked (ERR_UNASKED), or there twice
 * (ERR_EXISTS). What a lost disk took is not asked about. Where another request waits still, the record takes no step: its `step` is
 * dropped. One that is not registered here does not count for that: it may be taken back or refused, and nobody would answer it then. */
enum err questions_answered(struct adapter *a, struct txn *txn, const struct thread *t, struct record *record, struct why *why) MUST_USE;
/* The messages of those requests, by their first ids. */
enum err questions_settled(struct adapter *a, struct txn *txn, const struct thread *t, const struct info_response *said,
			   struct msgid ret_ids[ENVELOPE_CLOSES_MAX], size_t *ret_n) MUST_USE;

#endif
