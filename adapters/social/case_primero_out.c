/* SPDX-License-Identifier: EUPL-1.2 */
/* case_primero_out - a referral as a Primero case with one row of services, and a status as that row's and its referral's. Called by
 * case_out.c.
 *
 * The names of members that an administrator made in Primero's form builder end in digits of their own ("referral_status_edf41f2"):
 * the configuration's concepts name them.
 */
#include "adapters/social/case.h"

#include <string.h>

#include "proto/base/clock.h"

/* Of theirs, from the configuration: it may hold anything. */
static void
write_named(struct buf *b, const char *name, const char *text)
{
	social_json_comma(b);
	social_json_text(b, name);
	buf_u8(b, ':');
	social_json_text(b, text);
}

static const char *
slashed(const char *date, struct arena *mem)
{
	char *text = date != NULL ? arena_str(mem, date) : NULL;

	for (char *p = text; p != NULL && *p != '\0'; p++)
		if (*p == '-')
			*p = '/';
	return text;
}

static const char *
underlined(const char *code, struct arena *mem)
{
	char *text = code != NULL ? arena_str(mem, code) : NULL;

	for (char *p = text; p != NULL && *p != '\0'; p++)
		if (*p == '-')
			*p = '_';
	return text;
}

static const char *
word_of(const struct sector_env *env, const char *system, const char *code, struct arena *mem)
{
	const char *native = case_native(env, system, code);

	return native != NULL ? native : underlined(code, mem);
}

static void
write_child(struct buf *b, const struct person *child, const struct sector_env *env)
{
	const char *gender;

	if (child == NULL)
		return;
	gender = case_native(env, "primero-gender", child->gender);
	if (gender == NULL)
		gender = child->gender != NULL && strcmp(child->gender, "unknown") == 0 ? "prefer_not_to_say" : child->gender;
	social_json_member(b, "case_id", case_id_of(child, "local", b->mem));
	social_json_member(b, "oscar_number", case_id_of(child, "other", b->mem));
	social_json_member(b, "national_id_no", case_state_number(child));
	social_json_member(b, "name_first", child->given);
	social_json_member(b, "name_middle", child->middle);
	social_json_member(b, "name_last", child->family);
	social_json_member(b, "sex", gender);
	social_json_member(b, "date_of_birth", slashed(child->birth_date, b->mem));
	if (child->address != NULL) {
		social_json_member(b, "location_current", child->address->ekatte);
		social_json_member(b, "address_current", child->address->line);
	}
}

static void
write_status_word(struct buf *b, const char *word, const struct sector_env *env)
{
	const char *member = case_native(env, "primero-field", "referral-status");

	write_named(b, member != NULL ? member : "referral_status", word);
}

static void
write_service(struct buf *b, const struct referral *r, const struct sector_env *env)
{
	const struct worker *by = r->initiator != NULL ? r->initiator->worker : NULL;
	const struct case_pace *pace = case_paces;

	while (pace->timeframe != NULL && (r->priority == NULL || strcmp(pace->priority, r->priority) != 0))
		pace++;
	social_json_key(b, "services_section");
	buf_str(b, "[{");
	social_json_member(b, "unique_id", r->referral_id);
	social_json_member(b, "service_response_type", "referral_from_nasoka");
	social_json_member(b, "service_type", word_of(env, "primero-service", r->service_kind, b->mem));
	social_json_member(b, "service_type_details_text", r->service_text);
	social_json_member(b, "service_kind", r->service_kind);
	social_json_member(b, "service_response_timeframe", pace->timeframe);
	social_json_time(b, "service_response_day_time", r->authored_on != NULL ? *r->authored_on : 0);
	social_json_member(b, "service_implementing_agency", env->alias_of != NULL ? env->alias_of(env->arg, env->agency) : env->agency);
	social_json_member(b, "service_referral_notes", r->reason_text);
	social_json_member(b, "oscar_case_worker_name", by != NULL ? by->name : NULL);
	social_json_member(b, "oscar_case_worker_telephone", by != NULL ? by->phone : NULL);
	social_json_bool(b, "service_status_referred", true);
	write_status_word(b, case_word_of_state(CASE_PRIMERO, "requested", env), env);
	buf_str(b, "}]");
}

void
case_write_primero_referral(struct buf *b, const struct outgoing *out, const struct sector_env *env)
{
	const struct referral *r = out->record->referral;
	bool is_consent = r->legal_basis != NULL && strcmp(r->legal_basis, "consent") == 0;

	social_json_key(b, "data");
	buf_u8(b, '{');
	write_child(b, r->child, env);
	social_json_member(b, "risk_level", word_of(env, "primero-risk", r->risk_level, b->mem));
	social_json_bool(b, "consent_for_services", is_consent);
	social_json_bool(b, "disclosure_other_orgs", is_consent);
	social_json_bool(b, "consent_overridden", !is_consent);
	social_json_member(b, "legal_basis", r->legal_basis);
	if (r->consent != NULL)
		social_json_member(b, "consent_given_by", r->consent->given_by);
	social_json_time(b, "created_at", r->authored_on != NULL ? *r->authored_on : out->record->created != NULL ? *out->record->created : 0);
	write_service(b, r, env);
	buf_u8(b, '}');
}

static bool
is_success(const char *outcome)
{
	return strcmp(outcome, "need-met") == 0 || strcmp(outcome, "partly-met") == 0 || strcmp(outcome, "got-service-need-remains") == 0;
}

void
case_write_primero_status(struct buf *b, const struct case_said *said, const struct sector_env *env)
{
	social_json_key(b, "data");
	buf_u8(b, '{');
	social_json_member(b, "case_id", said->case_ref);
	social_json_member(b, "oscar_number", said->child_ref);
	social_json_key(b, "services_section");
	buf_str(b, "[{");
	social_json_member(b, "unique_id", said->number);
	write_status_word(b, said->word, env);
	social_json_member(b, "note_on_referral_from_provider", said->reason);
	buf_str(b, "}]");
	social_json_key(b, "referrals");
	buf_str(b, "[{\"type\":\"Referral\",\"record_type\":\"case\"");
	social_json_member(b, "service_record_id", said->number);
	social_json_member(b, "status", said->word);
	social_json_member(b, "rejected_reason", strcmp(said->word, "rejected") == 0 ? said->reason : NULL);
	social_json_member(b, "success_status", said->outcome == NULL ? NULL : is_success(said->outcome) ? "successful" : "not_successful");
	buf_str(b, "}]}");
}
