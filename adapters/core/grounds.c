/* SPDX-License-Identifier: EUPL-1.2 */
/* grounds - the consent of what goes on its basis, against today's date in Bulgaria. */
#include "adapters/core/grounds.h"

#include <string.h>

#include "proto/base/clock.h"

static bool
is_over(const char *last_day, int64_t now_ms)
{
	struct civil last, today = clock_to_sofia(now_ms, NULL);

	if (clock_parse_date(last_day, &last) != OK)
		return false;
	if (last.year != today.year)
		return last.year < today.year;
	return last.month != today.month ? last.month < today.month : last.day < today.day;
}

static enum err
check_consent(const char *legal_basis, const struct consent *consent, int64_t now_ms, const char *where, struct why *why)
{
	if (legal_basis == NULL || strcmp(legal_basis, "consent") != 0 || consent == NULL || consent->valid_until == NULL ||
	    !is_over(consent->valid_until, now_ms))
		return OK;
	return why_set(why, ERR_CONSENT_ENDED, where, "the last day of the consent is over");
}

enum err
grounds_check(const struct record *record, int64_t now_ms, struct why *why)
{
	const struct referral *r = record->referral;
	const struct transfer *tr = record->transfer;

	if (r)
		return check_consent(r->legal_basis, r->consent, now_ms, "referral.consent.valid_until", why);
	if (tr)
		return check_consent(tr->legal_basis, tr->consent, now_ms, "transfer.consent.valid_until", why);
	return OK;
}
