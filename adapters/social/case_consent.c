/* SPDX-License-Identifier: EUPL-1.2 */
/* case_consent - on which basis a case is referred, by what its system says of consent.
 *
 * Given: the basis is consent, with its day and its giver, whom neither system names: consent_given_by says it, or the configuration.
 * Overridden: the basis is another, never consent. Refused and not overridden: nothing goes. Unsaid: the agency's defaults decide.
 */
#include "adapters/social/case.h"

#include <jansson.h>
#include <string.h>

static void
read_given(struct case_reading *r, const struct case_consent *c)
{
	const char *said = case_text(r->mem, r->unit->client, "consent_given_by");
	const char *giver = case_code(r->env, case_system(r->shape, "consent", r->mem), "consent_giver", said != NULL ? said : c->word, r->mem);

	if (said != NULL && giver == NULL)
		case_fail(r, ERR_UNKNOWN_CODE, "referral.consent.given_by", "child, parent, guardian or court");
	case_set_date(r, "referral.consent.given_on", c->on);
	case_set(r, "referral.consent.form", c->form);
	case_set(r, "referral.consent.given_by", giver);
}

void
case_read_consent(struct case_reading *r, const struct case_consent *c)
{
	const char *said = case_text(r->mem, r->unit->client, "legal_basis"), *basis = case_code(r->env, NULL, "legal_basis", said, r->mem);

	if (said != NULL && basis == NULL)
		case_fail(r, ERR_UNKNOWN_CODE, "referral.legal_basis", "not a legal basis");
	if (c->is_overridden) {
		if (basis != NULL && strcmp(basis, "consent") == 0)
			case_fail(r, ERR_REQUIRED, "referral.legal_basis", "consent was overridden: say which other basis there is");
	} else if (c->given == CASE_FALSE && (basis == NULL || strcmp(basis, "consent") == 0)) {
		case_fail(r, ERR_REQUIRED, "referral.consent", "consent was not given; consent_overridden needs another legal_basis");
	} else if (c->given == CASE_TRUE && c->on == NULL) {
		r->dropped++;		/* a form of no day is no proof: the agency's basis holds */
	} else if (c->given == CASE_TRUE) {
		read_given(r, c);
		basis = basis != NULL ? basis : "consent";
	}
	case_set(r, "referral.legal_basis", basis);
}
