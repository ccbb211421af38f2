/* SPDX-License-Identifier: EUPL-1.2 */
/* case_oscar_out - a referral as an OSCaR client with one service, and a status as OSCaR's list of statuses. Called by case_out.c. */
#include "adapters/social/case.h"

#include <string.h>

#include "proto/base/clock.h"

#define NUMBER_DIGITS_MAX 15

static void
write_child(struct buf *b, const struct person *child, const struct sector_env *env)
{
	const char *gender, *lives, *address;

	if (child == NULL)
		return;
	gender = case_native(env, "oscar-gender", child->gender);
	if (gender == NULL)
		gender = child->gender != NULL && strcmp(child->gender, "unknown") == 0 ? "prefer_not_to_say" : child->gender;
	address = child->address != NULL ? child->address->ekatte : NULL;
	lives = child->actual_address != NULL && child->actual_address->ekatte != NULL ? child->actual_address->ekatte : address;
	social_json_member(b, "global_id", case_id_of(child, "other", b->mem));
	social_json_member(b, "mosvy_number", case_state_number(child));
	social_json_member(b, "given_name", child->given);
	social_json_member(b, "family_name", child->family);
	social_json_member(b, "gender", gender);
	social_json_member(b, "date_of_birth", child->birth_date);
	social_json_member(b, "location_current_village_code", lives);
	social_json_member(b, "address_current_village_code", address);
}

static void
write_worker(struct buf *b, const struct party *initiator)
{
	const struct worker *w = initiator != NULL ? initiator->worker : NULL;

	if (w == NULL)
		return;
	social_json_member(b, "external_case_worker_name", w->name);
	social_json_member(b, "external_case_worker_mobile", w->phone);
	social_json_member(b, "external_case_worker_email", w->email);
}

static void
write_day(struct buf *b, const char *name, const int64_t *ms)
{
	struct civil day;

	if (ms == NULL)
		return;
	day = clock_to_sofia(*ms, NULL);
	social_json_member(b, name, arena_fmt(b->mem, "%04d-%02d-%02d", day.year, day.month, day.day));
}

static void
write_service(struct buf *b, const struct referral *r, const struct sector_env *env)
{
	const char *name = r->service_text != NULL ? r->service_text : case_native(env, "oscar-service", r->service_kind);
	const char *word = case_word_of_state(CASE_OSCAR, "requested", env);

	social_json_key(b, "services");
	buf_str(b, "[{");
	social_json_member(b, "uuid", r->referral_id);
	social_json_member(b, "name", name != NULL ? name : r->service_kind);
	social_json_member(b, "service_kind", r->service_kind);
	social_json_member(b, "referral_status", word);
	buf_str(b, "}]");
}

void
case_write_oscar_referral(struct buf *b, const struct outgoing *out, const struct sector_env *env)
{
	const struct referral *r = out->record->referral;
	const char *risk = case_native(env, "oscar-risk", r->risk_level);

	if (risk == NULL)
		risk = r->risk_level != NULL && strcmp(r->risk_level, "no-action") == 0 ? "no action" : r->risk_level;
	social_json_key(b, "organization");
	buf_u8(b, '{');
	social_json_member(b, "external_id", r->referral_id);
	write_child(b, r->child, env);
	social_json_member(b, "reason_for_referral", r->reason_text);
	social_json_member(b, "level_of_risk", risk);
	write_worker(b, r->initiator);
	social_json_member(b, "organization_name", env->alias_of != NULL ? env->alias_of(env->arg, env->agency) : env->agency);
	social_json_bool(b, "is_referred", true);
	social_json_member(b, "resource", "Nasoka");
	write_day(b, "date_of_referral", r->authored_on != NULL ? r->authored_on : out->record->created);
	social_json_member(b, "legal_basis", r->legal_basis);
	if (r->consent != NULL)
		social_json_member(b, "consent_given_by", r->consent->given_by);
	write_service(b, r, env);
	buf_u8(b, '}');
}

/* The number as OSCaR gave it, taken apart again: its own key of the child, and of the referral or the service. */
static void
write_own_number(struct buf *b, const struct case_said *said)
{
	const char *slash = strrchr(said->number, '/'), *id = slash != NULL ? slash + 1 : said->number;
	const char *of = slash != NULL ? arena_strn(b->mem, said->number, (size_t)(slash - said->number)) : NULL;

	if (of != NULL && (said->case_ref == NULL || strcmp(of, said->case_ref) != 0) &&
	    (said->child_ref == NULL || strcmp(of, said->child_ref) != 0))
		social_json_member(b, "slug", of);
	social_json_member(b, "external_id", said->case_ref);
	if (slash != NULL && *id >= '1' && *id <= '9' && strspn(id, "0123456789") == strlen(id) && strlen(id) <= NUMBER_DIGITS_MAX) {
		social_json_key(b, "referral_id");
		buf_str(b, id);
	} else {
		social_json_member(b, "uuid", id);
	}
}

void
case_write_oscar_status(struct buf *b, const struct case_said *said)
{
	social_json_key(b, "data");
	buf_str(b, "[{");
	if (said->is_ours) {
		write_own_number(b, said);
	} else {
		social_json_member(b, "external_id", said->number);
		social_json_member(b, "uuid", said->number);
	}
	social_json_member(b, "client_global_id", said->child_ref);
	social_json_member(b, "referral_status", said->word);
	social_json_member(b, "reason_for_exiting", said->reason);
	buf_str(b, "}]");
}
