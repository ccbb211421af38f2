/* SPDX-License-Identifier: EUPL-1.2 */
/* grounds - the consent of what goes on its basis, against today's date in Bulgaria and against whom it goes to. */
#include "adapters/core/grounds.h"

#include <stdio.h>
#include <string.h>

#include "proto/agency.h"
#include "proto/base/clock.h"
#include "proto/programme.h"

static bool
is_basis(const char *legal_basis, const struct consent *consent)
{
	return legal_basis != NULL && strcmp(legal_basis, "consent") == 0 && consent != NULL;
}

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

enum err
grounds_check_day(const char *legal_basis, const struct consent *consent, int64_t now_ms, const char *where, struct why *why)
{
	if (!is_basis(legal_basis, consent) || consent->valid_until == NULL || !is_over(consent->valid_until, now_ms))
		return OK;
	return why_set(why, ERR_CONSENT_ENDED, where, "the last day of the consent is over");
}

/* -- whom it names -- */

static bool
is_sector(const char *word)
{
	const struct programme_word *kind;

	for (size_t i = 0; (kind = programme_agency_kind_at(i)) != NULL; i++)
		if (strcmp(kind->of, word) == 0)
			return true;
	return false;
}

static bool
is_known(const char *entry, const struct directory *d)
{
	if (is_sector(entry) || programme_is_agency_kind(entry))
		return true;
	return d ? directory_find(d, entry) != NULL : agency_is_id(entry);
}

enum err
grounds_check_names(const char *legal_basis, const struct consent *consent, const struct directory *d, const char *where, struct why *why)
{
	char place[96];

	for (size_t i = 0; is_basis(legal_basis, consent) && i < consent->recipients_allowed.n; i++)
		if (!is_known(consent->recipients_allowed.items[i], d)) {
			snprintf(place, sizeof(place), "%s[%zu]", where, i);
			return why_set(why, ERR_CONSENT_NAMES, place, "neither an agency's id, nor a kind of agency, nor a sector");
		}
	return OK;
}

/* All that is allowed, as far as there is room. */
static enum err
refuse(const struct texts *allowed, const char *where, struct why *why)
{
	char names[sizeof(why->text)] = "";
	size_t n = 0;

	for (size_t i = 0; i < allowed->n && n + strlen(allowed->items[i]) + 8 < sizeof(names) - 32; i++)
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", n ? ", " : "", allowed->items[i]);
	return why_set(why, ERR_CONSENT_RECIPIENT, where, "the consent allows: %s", names);
}

enum err
grounds_check_recipient(const char *legal_basis, const struct consent *consent, const struct directory *d, const char *to, const char *where,
			struct why *why)
{
	const struct agency *agency = directory_find(d, to);
	const struct programme_word *kind;

	if (agency == NULL)
		return why_set(why, ERR_UNKNOWN_AGENCY, where, "not in the directory");
	if (!is_basis(legal_basis, consent) || consent->recipients_allowed.n == 0)
		return OK;
	kind = programme_agency_kind(agency->kind);
	for (size_t i = 0; i < consent->recipients_allowed.n; i++) {
		const char *entry = consent->recipients_allowed.items[i];

		if (strcmp(entry, agency->id) == 0 || strcmp(entry, agency->kind) == 0 || (kind && strcmp(entry, kind->of) == 0))
			return OK;
	}
	return refuse(&consent->recipients_allowed, where, why);
}

/* -- records -- */

static enum err
check(const char *legal_basis, const struct consent *consent, const struct directory *d, const struct party *target, int64_t now_ms,
      const char *const where[2], struct why *why)
{
	enum err e;

	if ((e = grounds_check_day(legal_basis, consent, now_ms, where[0], why)) != OK ||
	    (e = grounds_check_names(legal_basis, consent, d, where[1], why)) != OK || d == NULL || target == NULL || target->agency == NULL)
		return e;
	return grounds_check_recipient(legal_basis, consent, d, target->agency, where[1], why);
}

enum err
grounds_check(const struct record *record, const struct directory *d, int64_t now_ms, struct why *why)
{
	static const char *const of_referral[2] = { "referral.consent.valid_until", "referral.consent.recipients_allowed" };
	static const char *const of_transfer[2] = { "transfer.consent.valid_until", "transfer.consent.recipients_allowed" };
	const struct referral *r = record->referral;
	const struct transfer *tr = record->transfer;

	if (r)
		return check(r->legal_basis, r->consent, d, r->target, now_ms, of_referral, why);
	if (tr)
		return check(tr->legal_basis, tr->consent, d, tr->target, now_ms, of_transfer, why);
	return OK;
}
