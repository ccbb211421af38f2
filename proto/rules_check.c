/* SPDX-License-Identifier: EUPL-1.2 */
/* rules_check - the rules of PROTOCOL.md 6.1 over the programme's rules. Called by directory_check, so before and after signing.
 *
 * Codes are held to their form, not to the lists of this version: an adapter must be able to read a directory that names a kind
 * which came later. nasokactl holds them to the lists before anybody signs.
 */
#include "proto/rules.h"

#include <string.h>

#include "proto/agency.h"
#include "proto/geography.h"

static enum err
bad(struct why *why, const char *what, size_t i, const char *text)
{
	return why_set(why, ERR_FORMAT, what, "item %zu: %s", i + 1, text);
}

static bool
is_code(const char *s)
{
	size_t n = s ? strlen(s) : 0;

	return n > 0 && n <= AGENCY_ID_MAX && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

static bool
is_code_or_any(const char *s)
{
	return is_code(s) || (s && strcmp(s, RULES_ANY) == 0);
}

static enum err
check_ascending(const char *const *items, size_t n, bool may_be_any, const char *what, struct why *why)
{
	for (size_t i = 0; i < n; i++) {
		if (may_be_any ? !is_code_or_any(items[i]) : !is_code(items[i]))
			return bad(why, what, i, "malformed");
		if (i > 0 && strcmp(items[i - 1], items[i]) >= 0)
			return bad(why, what, i, "not in ascending order, or twice");
	}
	return OK;
}

static enum err
check_sends(const struct rules *r, struct why *why)
{
	enum err e;
	int cmp;

	for (size_t i = 0; i < r->n_sends; i++) {
		const struct rule_send *s = &r->sends[i], *before = i > 0 ? &r->sends[i - 1] : NULL;

		if (!is_code_or_any(s->from) || !is_code_or_any(s->service))
			return bad(why, "rules.send", i, "its kinds are malformed");
		if (s->n_to == 0 || s->n_to > RULES_TO_MAX)
			return bad(why, "rules.send", i, "to nobody, or to too many");
		if ((e = check_ascending(s->to, s->n_to, true, "rules.send.to", why)) != OK)
			return e;
		cmp = before ? strcmp(before->from, s->from) : -1;
		if (cmp > 0 || (cmp == 0 && strcmp(before->service, s->service) >= 0))
			return bad(why, "rules.send", i, "not in ascending order, or twice");
	}
	return OK;
}

static bool
is_term(const struct rule_term *t)
{
	return t->ms >= 0 && t->ms <= RULES_TERM_MAX_MS && t->working_days <= RULES_WORKING_DAYS_MAX &&
	       (t->ms == 0 || t->working_days == 0);
}

static bool
is_given(const struct rule_term *t)
{
	return t->ms != 0 || t->working_days != 0;
}

static enum err
check_deadlines(const struct rules *r, struct why *why)
{
	for (size_t i = 0; i < r->n_deadlines; i++) {
		const struct rule_deadline *d = &r->deadlines[i];

		if (d->priority > 3)
			return bad(why, "rules.deadlines", i, "its priority is unknown");
		if ((d->service_kind && !is_code(d->service_kind)) || (d->municipality && !geography_is_form(d->municipality)))
			return bad(why, "rules.deadlines", i, "its service or municipality is malformed");
		if (!is_term(&d->registered_by) || !is_term(&d->respond_by) || !is_term(&d->expires))
			return bad(why, "rules.deadlines", i, "a term is none");
		if (!is_given(&d->registered_by) && !is_given(&d->respond_by) && !is_given(&d->expires))
			return bad(why, "rules.deadlines", i, "it sets nothing");
	}
	return OK;
}

enum err
rules_check(const struct rules *r, struct why *why)
{
	enum err e;

	if (r->n_kinds > RULES_KINDS_MAX || r->n_sends > RULES_SENDS_MAX || r->n_deadlines > RULES_DEADLINES_MAX)
		return why_set(why, ERR_FORMAT, "rules", "too many");
	if ((e = check_ascending(r->kinds, r->n_kinds, false, "rules.kinds", why)) != OK || (e = check_sends(r, why)) != OK)
		return e;
	return check_deadlines(r, why);
}
