/* SPDX-License-Identifier: EUPL-1.2 */
/* case_map - which members of OSCaR's and Primero's JSON are read, where each goes, and the words of both systems.
 *
 * A member that stands here is read by case_oscar_in.c or case_primero_in.c; any other with a value is left out and counted. MAPPING.md
 * and openapi.yaml have the same members; a test holds them.
 */
#include "adapters/social/case.h"

#include <ctype.h>
#include <jansson.h>
#include <string.h>
#include <strings.h>

#define WORD_MAX 100

/* clang-format off */
const struct case_row case_rows[] = {
	{ CASE_OSCAR, false, "slug", NULL },
	{ CASE_OSCAR, false, "mosvy_number", "referral.child.ids" },	/* before the others: it has a check digit */
	{ CASE_OSCAR, false, "external_id", "referral.child.ids" },
	{ CASE_OSCAR, false, "global_id", "referral.child.ids" },
	{ CASE_OSCAR, false, "client_global_id", "referral.child.ids" },
	{ CASE_OSCAR, false, "local_given_name", "referral.child.given" },
	{ CASE_OSCAR, false, "given_name", "referral.child.given" },
	{ CASE_OSCAR, false, "local_family_name", "referral.child.family" },
	{ CASE_OSCAR, false, "family_name", "referral.child.family" },
	{ CASE_OSCAR, false, "gender", "referral.child.gender" },
	{ CASE_OSCAR, false, "date_of_birth", "referral.child.birth_date" },
	{ CASE_OSCAR, false, "location_current_village_code", "referral.child.address.ekatte" },
	{ CASE_OSCAR, false, "address_current_village_code", "referral.child.address.ekatte" },
	{ CASE_OSCAR, true, "reason_for_referral", "referral.reason_text" },
	{ CASE_OSCAR, false, "reason_for_referral", "referral.reason_text" },
	{ CASE_OSCAR, false, "reason_for_exiting", "status.reason_text" },
	{ CASE_OSCAR, false, "level_of_risk", "referral.risk_level" },
	{ CASE_OSCAR, false, "external_case_worker_name", "referral.initiator.worker.name" },
	{ CASE_OSCAR, false, "external_case_worker_mobile", "referral.initiator.worker.phone" },
	{ CASE_OSCAR, false, "external_case_worker_email", "referral.initiator.worker.email" },
	{ CASE_OSCAR, false, "external_case_worker_id", "referral.initiator.worker.name" },
	{ CASE_OSCAR, false, "case_worker_name", "referral.initiator.worker.name" },
	{ CASE_OSCAR, false, "case_worker_mobile", "referral.initiator.worker.phone" },
	{ CASE_OSCAR, false, "organization_name", "referral.target.agency" },
	{ CASE_OSCAR, false, "referral_consent_form", "referral.consent" },
	{ CASE_OSCAR, false, "consent_given_by", "referral.consent.given_by" },
	{ CASE_OSCAR, false, "consent_overridden", NULL },
	{ CASE_OSCAR, false, "legal_basis", "referral.legal_basis" },
	{ CASE_OSCAR, false, "date_of_referral", "referral.authored_on" },
	{ CASE_OSCAR, false, "is_referred", NULL },
	{ CASE_OSCAR, false, "resource", NULL },
	{ CASE_OSCAR, false, "referral_id", NULL },
	{ CASE_OSCAR, false, "referral_status", "status.to" },
	{ CASE_OSCAR, false, "services", NULL },
	{ CASE_OSCAR, true, "uuid", "referral.referral_id" },
	{ CASE_OSCAR, true, "referral_id", "referral.referral_id" },
	{ CASE_OSCAR, true, "name", "referral.service_kind" },
	{ CASE_OSCAR, true, "name", "referral.service_text" },
	{ CASE_OSCAR, true, "service_kind", "referral.service_kind" },
	{ CASE_OSCAR, true, "referral_status", "status.to" },
	{ CASE_OSCAR, true, "enrollment_date", "referral.services_already_used" },

	{ CASE_PRIMERO, false, "national_id_no", "referral.child.ids" },
	{ CASE_PRIMERO, false, "mosvy_number", "referral.child.ids" },
	{ CASE_PRIMERO, false, "case_id", "referral.child.ids" },
	{ CASE_PRIMERO, false, "case_id_display", "status.case_no" },
	{ CASE_PRIMERO, false, "oscar_number", "referral.child.ids" },
	{ CASE_PRIMERO, false, "name_first", "referral.child.given" },
	{ CASE_PRIMERO, false, "name_middle", "referral.child.middle" },
	{ CASE_PRIMERO, false, "name_last", "referral.child.family" },
	{ CASE_PRIMERO, false, "sex", "referral.child.gender" },
	{ CASE_PRIMERO, false, "date_of_birth", "referral.child.birth_date" },
	{ CASE_PRIMERO, false, "location_current", "referral.child.address.ekatte" },
	{ CASE_PRIMERO, false, "address_current", "referral.child.address.line" },
	{ CASE_PRIMERO, false, "risk_level", "referral.risk_level" },
	{ CASE_PRIMERO, false, "owned_by", "referral.initiator.worker.name" },
	{ CASE_PRIMERO, false, "owned_by_phone", "referral.initiator.worker.phone" },
	{ CASE_PRIMERO, false, "created_at", "referral.authored_on" },
	{ CASE_PRIMERO, false, "consent_for_services", "referral.consent" },
	{ CASE_PRIMERO, false, "disclosure_other_orgs", "referral.consent" },
	{ CASE_PRIMERO, false, "consent_given_by", "referral.consent.given_by" },
	{ CASE_PRIMERO, false, "consent_overridden", NULL },
	{ CASE_PRIMERO, false, "legal_basis", "referral.legal_basis" },
	{ CASE_PRIMERO, false, "referrals", NULL },
	{ CASE_PRIMERO, false, "transitions", NULL },
	{ CASE_PRIMERO, false, "services_section", NULL },
	{ CASE_PRIMERO, true, "unique_id", "referral.referral_id" },
	{ CASE_PRIMERO, true, "service_subtype", "referral.service_kind" },
	{ CASE_PRIMERO, true, "service_type", "referral.service_kind" },
	{ CASE_PRIMERO, true, "service_kind", "referral.service_kind" },
	{ CASE_PRIMERO, true, "service_type_details_text", "referral.service_text" },
	{ CASE_PRIMERO, true, "service_type_text", NULL },
	{ CASE_PRIMERO, true, "service_response_type", NULL },
	{ CASE_PRIMERO, true, "service_response_timeframe", "referral.priority" },
	{ CASE_PRIMERO, true, "service_response_day_time", "referral.authored_on" },
	{ CASE_PRIMERO, true, "service_implementing_agency", "referral.target.agency" },
	{ CASE_PRIMERO, true, "service_implementing_agency_individual", "referral.target.worker.name" },
	{ CASE_PRIMERO, true, "service_referral_notes", "referral.reason_text" },
	{ CASE_PRIMERO, true, "referral_notes_from_oscar*", "referral.reason_text" },
	{ CASE_PRIMERO, true, "oscar_case_worker_name", "referral.initiator.worker.name" },
	{ CASE_PRIMERO, true, "oscar_case_worker_telephone", "referral.initiator.worker.phone" },
	{ CASE_PRIMERO, true, "service_status_referred", NULL },
	{ CASE_PRIMERO, true, "service_implemented", NULL },
	{ CASE_PRIMERO, true, "referral_status*", "status.to" },
	{ CASE_PRIMERO, true, "note_on_referral_from_provider", "status.reason_text" },
	{ CASE_NONE, false, NULL, NULL },
};
/* clang-format on */

static bool
is_named(const char *member, const char *row)
{
	size_t n = strlen(row);

	return row[n - 1] == '*' ? strncmp(member, row, n - 1) == 0 : strcmp(member, row) == 0;
}

bool
case_is_read(enum case_shape shape, bool is_of_service, const char *member)
{
	for (const struct case_row *row = case_rows; row->member != NULL; row++)
		if (row->shape == shape && row->is_of_service == is_of_service && is_named(member, row->member))
			return true;
	return false;
}

/* -- places -- */

/* Does a row's path hold `path`: the same, or a field of it? */
static bool
holds(const char *row, const char *path)
{
	size_t n = strlen(row);

	return strncmp(row, path, n) == 0 && (path[n] == '\0' || path[n] == '.' || path[n] == '[');
}

/* The member's name as the object has it; NULL: it has none of that name. */
static const char *
present(json_t *object, const char *row)
{
	json_t *value;
	const char *key;

	json_object_foreach(object, key, value)
		if (is_named(key, row) && !json_is_null(value) && (!json_is_string(value) || json_string_length(value) > 0))
			return key;
	return NULL;
}

const char *
case_where(enum case_shape shape, const struct case_unit *unit, const char *path, struct arena *mem)
{
	const struct case_row *first = NULL;
	const char *member = NULL, *at;

	for (const struct case_row *row = case_rows; row->member != NULL && member == NULL; row++) {
		if (row->shape != shape || row->path == NULL || !holds(row->path, path) || (row->is_of_service && unit->service == NULL))
			continue;
		member = present(row->is_of_service ? unit->service : unit->client, row->member);
		if (first == NULL || member != NULL)
			first = row;
	}
	if (first == NULL)
		return path;
	at = first->is_of_service ? unit->service_at : unit->client_at;
	if (member == NULL)
		member = arena_strn(mem, first->member, strcspn(first->member, "*"));
	at = arena_fmt(mem, "%s%s%s", at, *at != '\0' ? "." : "", member);
	return at != NULL ? at : path;
}

/* -- words -- */

static const char *
concept_of(const struct sector_env *env, const char *system, const char *word)
{
	return env->concept != NULL && system != NULL && word != NULL ? env->concept(env->arg, system, word) : NULL;
}

/* What an administrator's choice list puts behind a word of its own: "accepted_340953". */
static size_t
without_tail(const char *text)
{
	size_t n = strlen(text), digits = 0;

	while (digits < n && isdigit((unsigned char)text[n - digits - 1]))
		digits++;
	return digits >= 4 && digits + 1 < n && text[n - digits - 1] == '_' ? n - digits - 1 : n;
}

static enum case_word
word_in(enum case_shape shape, const char *text, size_t n)
{
	static const struct { enum case_shape shape; const char *text; enum case_word word; } words[] = {
		{ CASE_OSCAR, "referred", CASE_ASKED }, { CASE_OSCAR, "accepted", CASE_ACCEPTED }, { CASE_OSCAR, "exited", CASE_EXITED },
		{ CASE_OSCAR, "active", CASE_ACCEPTED }, { CASE_OSCAR, "accetped", CASE_ACCEPTED },	/* as some releases write it */
		{ CASE_OSCAR, "rejected", CASE_REJECTED },
		{ CASE_PRIMERO, "in_progress", CASE_ASKED }, { CASE_PRIMERO, "in-progress", CASE_ASKED },
		{ CASE_PRIMERO, "pending", CASE_ASKED }, { CASE_PRIMERO, "accepted", CASE_ACCEPTED },
		{ CASE_PRIMERO, "rejected", CASE_REJECTED }, { CASE_PRIMERO, "done", CASE_DONE }, { CASE_PRIMERO, "revoked", CASE_REVOKED },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].shape == shape && strlen(words[i].text) == n && strncasecmp(text, words[i].text, n) == 0)
			return words[i].word;
	return CASE_FOREIGN;
}

enum case_word
case_word_by_text(enum case_shape shape, const char *text, const struct sector_env *env)
{
	enum case_word word;
	const char *mapped;

	if (text == NULL)
		return CASE_SILENT;
	if ((word = word_in(shape, text, without_tail(text))) != CASE_FOREIGN)
		return word;
	mapped = concept_of(env, shape == CASE_OSCAR ? "oscar-status" : "primero-status", text);
	return mapped != NULL ? word_in(shape, mapped, strlen(mapped)) : CASE_FOREIGN;
}

static bool
is_of(const char *state, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(*list, state) == 0)
			return true;
	return false;
}

const char *
case_word_of_state(enum case_shape shape, const char *state, const struct sector_env *env)
{
	static const char *const taken[] = { "accepted", "scheduled", "in-progress", "on-hold", NULL };
	static const char *const no[] = { "declined", "redirected", "expired", NULL };
	static const char *const done[] = { "completed", "failed", "transferred", NULL };
	static const char *const ended[] = { "cancelled", "withdrawn", "entered-in-error", NULL };
	const char *word, *native;

	if (shape == CASE_OSCAR) {
		word = is_of(state, taken) ? "accepted" : is_of(state, no) || is_of(state, done) || is_of(state, ended) ? "exited" : "referred";
		native = case_native(env, "oscar-status", word);
		return native != NULL ? native : *word == 'a' ? "Accepted" : *word == 'e' ? "Exited" : "Referred";
	}
	word = is_of(state, taken) ? "accepted" : is_of(state, no) ? "rejected" : is_of(state, done) ? "done" :
	       is_of(state, ended) ? "revoked" : "in-progress";
	native = case_native(env, "primero-status", word);
	return native != NULL ? native : strcmp(word, "in-progress") == 0 ? "in_progress" : word;
}

const char *
case_system(enum case_shape shape, const char *what, struct arena *mem)
{
	return arena_fmt(mem, "%s-%s", shape == CASE_OSCAR ? "oscar" : "primero", what);
}

/* "No action" and "no_action" are no-action. */
static const char *
canonical(const char *word, struct arena *mem)
{
	char *text = strlen(word) <= WORD_MAX ? arena_str(mem, word) : NULL;

	for (char *p = text; p != NULL && *p != '\0'; p++)
		*p = *p == ' ' || *p == '_' ? '-' : (char)tolower((unsigned char)*p);
	return text;
}

const char *
case_code(const struct sector_env *env, const char *system, const char *list, const char *word, struct arena *mem)
{
	const char *code = word != NULL ? canonical(word, mem) : NULL;

	if (code == NULL || !record_is_code(list, code))
		code = concept_of(env, system, word);
	return code != NULL && record_is_code(list, code) ? code : NULL;
}

const char *
case_native(const struct sector_env *env, const char *system, const char *code)
{
	return env->native_of != NULL && code != NULL ? env->native_of(env->arg, system, code) : NULL;
}

/* Primero's own choices; any other word is a reason in words. */
const char *
case_reason(enum case_shape shape, const char *list, const char *word, const struct sector_env *env, struct arena *mem)
{
	static const struct { const char *list, *word, *code; } known[] = {
		{ "reason", "lack_of_capacity", "no-capacity" }, { "reason", "services_no_longer_needed", "need-resolved" },
		{ "reason", "unable_to_contact_client", "could-not-contact" },
		{ "outcome", "unable_to_contact_client", "could-not-contact" }, { "outcome", "client_refused_services", "refused" },
		{ "outcome", "successful", "need-met" }, { "outcome", "not_successful", "not-met" },
	};
	const char *code;

	if (word == NULL)
		return NULL;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].list, list) == 0 && strcasecmp(known[i].word, word) == 0)
			return known[i].code;
	code = case_code(env, case_system(shape, "reason", mem), list, word, mem);
	return code != NULL && strcmp(code, "other") != 0 ? code : NULL;
}

const struct case_pace case_paces[] = {
	{ "1_hour", "emergency" }, { "3_hours", "emergency" }, { "1_day", "urgent" }, { "3_days", "routine" }, { NULL, NULL },
};
