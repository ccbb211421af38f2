/* SPDX-License-Identifier: EUPL-1.2 */
/* duty_sample - a duty for the tests of duties, and its row. */
#ifndef DUTY_SAMPLE_H
#define DUTY_SAMPLE_H

#include "adapters/core/duty.h"
#include "tests/support/paper_hub.h"

/* The `n`-th referral of a to b, urgent, its times counted from WORLD_T0. */
static inline struct duty
a_duty(uint8_t n)
{
	struct duty d = {
		.priority = PRIORITY_URGENT,
		.ask = ASK_REFERRAL,
		.created_ms = WORLD_T0,
		.registered_by_ms = WORLD_T0 + 10,
		.respond_by_ms = WORLD_T0 + 20,
		.expires_ms = WORLD_T0 + 90,
		.is_ours = true,
	};

	memset(d.thread.b, 3, THREAD_LEN);
	memset(d.about.b, n, MSGID_LEN);
	snprintf(d.from, sizeof(d.from), "a");
	snprintf(d.to, sizeof(d.to), "b");
	return d;
}

/* Its row, as it stands. */
static inline bool
found(struct txn *txn, const struct duty *d, struct duty *ret)
{
	return duty_find(txn, &d->thread, &d->about, d->to, ret);
}

#endif
