/* SPDX-License-Identifier: EUPL-1.2 */
/* case_primero_in - one row of a Primero case's services_section, and its transition, as a referral. Called by case_in.c. */
#include "adapters/social/case.h"

#include <jansson.h>
#include <string.h>
#include <strings.h>

const char *
case_number_primero(const struct case_unit *unit, struct arena *mem)
{
	const char *number = case_text(mem, unit->service != NULL ? unit->service : unit->client, "unique_id");

	if (number == NULL && unit->service == NULL)
		number = case_text(mem, unit->client, "service_record_id");
	return number != NULL || unit->service != NULL ? number : case_text(mem, unit->client, "service_section_unique_id");
}

static void
read_child(struct case_reading *r)
{
	const json_t *c = r->unit->client;
	const char *sex = case_text(r->mem, c, "sex"), *code, *at = case_text(r->mem, c, "location_current");
	const char *address = case_text(r->mem, c, "address_current");

	case_set(r, "referral.child.given", case_text(r->mem, c, "name_first"));
	case_set(r, "referral.child.middle", case_text(r->mem, c, "name_middle"));
	case_set(r, "referral.child.family", case_text(r->mem, c, "name_last"));
	code = sex != NULL && strcmp(sex, "prefer_not_to_say") == 0 ? "unknown" : case_code(r->env, "primero-gender", "gender", sex, r->mem);
	if (sex != NULL && code == NULL)
		case_fail(r, ERR_UNKNOWN_CODE, "referral.child.gender", "male, female, other, unknown or prefer_not_to_say");
	case_set(r, "referral.child.gender", code);
	case_set_date(r, "referral.child.birth_date", case_text(r->mem, c, "date_of_birth"));
	case_add_id(r, "other", case_text(r->mem, c, "oscar_number"));
	case_add_state_number(r, case_text(r->mem, c, "mosvy_number"));
	case_add_state_number(r, case_text(r->mem, c, "national_id_no"));
	case_add_id(r, "local", case_text(r->mem, c, "case_id"));
	case_set_ekatte(r, "referral.child.address.ekatte", at);
	/* a code once more, or a street */
	if (address != NULL && strspn(address, "0123456789") != strlen(address))
		case_set(r, "referral.child.address.line", address);
	else if (address != NULL && at == NULL)
		case_set_ekatte(r, "referral.child.address.ekatte", address);
	else if (address != NULL && strcmp(address, at) != 0)
		r->dropped++;
}

/* The finest word for the service: its first subtype, or its type. */
static const char *
service_word(struct case_reading *r)
{
	json_t *subtypes = json_object_get(r->unit->service, "service_subtype");
	const char *word = json_string_value(json_is_array(subtypes) ? json_array_get(subtypes, 0) : subtypes);

	if (json_array_size(subtypes) > 1)
		r->dropped += (int64_t)json_array_size(subtypes) - 1;
	return word != NULL && *word != '\0' ? arena_str(r->mem, word) : case_text(r->mem, r->unit->service, "service_type");
}

static void
read_service(struct case_reading *r)
{
	const json_t *s = r->unit->service;
	const char *word = service_word(r), *type = case_text(r->mem, s, "service_type"), *said = case_text(r->mem, s, "service_kind");
	const char *details = case_text(r->mem, s, "service_type_details_text"), *kind;

	kind = said != NULL ? case_code(r->env, NULL, "service_kind", said, r->mem) :
			      case_code(r->env, "primero-service", "service_kind", word, r->mem);
	if (said != NULL && kind == NULL)
		case_fail(r, ERR_UNKNOWN_CODE, "referral.service_kind", "not a kind of service");
	if (kind == NULL && word != type)
		kind = case_code(r->env, "primero-service", "service_kind", type, r->mem);
	if (details != NULL && strcasecmp(details, "n/a") == 0)
		details = NULL;
	if (kind == NULL && word != NULL) {
		kind = "other";
		details = details != NULL ? details : word;
	}
	case_set(r, "referral.service_kind", kind);
	case_set(r, "referral.service_text", details);
}

static void
read_pace(struct case_reading *r)
{
	const char *frame = case_text(r->mem, r->unit->service, "service_response_timeframe");
	const struct case_pace *pace = case_paces;

	while (frame != NULL && pace->timeframe != NULL && strcmp(pace->timeframe, frame) != 0)
		pace++;
	if (frame != NULL)
		case_set(r, "referral.priority",
			 pace->timeframe != NULL ? pace->priority : case_code(r->env, "primero-timeframe", "priority", frame, r->mem));
}

static void
read_worker(struct case_reading *r)
{
	const char *name = case_text(r->mem, r->unit->service, "oscar_case_worker_name");
	const char *phone = case_text(r->mem, r->unit->service, "oscar_case_worker_telephone");

	if (name == NULL)
		name = case_text(r->mem, r->transition, "transitioned_by");
	if (name == NULL)
		name = case_text(r->mem, r->unit->client, "owned_by");
	if (phone == NULL)
		phone = case_text(r->mem, r->unit->client, "owned_by_phone");
	case_set(r, "referral.initiator.worker.name", name);
	case_set_phone(r, "referral.initiator.worker.phone", phone);
}

static const char *
first_of(const char *a, const char *b, const char *c)
{
	return a != NULL ? a : b != NULL ? b : c;
}

/* Both boxes are ticked: given; one is not: refused; otherwise the case does not say. */
static enum case_truth
consent_of(const json_t *client)
{
	enum case_truth services = case_truth(client, "consent_for_services"), others = case_truth(client, "disclosure_other_orgs");

	if (services == CASE_FALSE || others == CASE_FALSE)
		return CASE_FALSE;
	return services == CASE_TRUE && others == CASE_TRUE ? CASE_TRUE : CASE_UNSAID;
}

void
case_read_primero(struct case_reading *r)
{
	const json_t *c = r->unit->client, *s = r->unit->service, *t = r->transition;
	const char *type = case_text(r->mem, t, "type"), *risk = case_text(r->mem, c, "risk_level");
	const char *level = case_code(r->env, "primero-risk", "risk_level", risk, r->mem);
	const char *on = first_of(case_text(r->mem, t, "created_at"), case_text(r->mem, s, "service_response_day_time"),
				  case_text(r->mem, c, "created_at"));
	struct case_consent consent = {
		.given = consent_of(c), .on = on, .word = "consent_for_services",
		.is_overridden = case_truth(c, "consent_overridden") == CASE_TRUE || case_truth(t, "consent_overridden") == CASE_TRUE,
	};

	read_child(r);
	read_service(r);
	read_pace(r);
	read_worker(r);
	case_set(r, "referral.reason_text", first_of(case_text(r->mem, s, "service_referral_notes"), case_text(r->mem, t, "notes"),
						     case_text_like(r->mem, r->unit->service, "referral_notes_from_oscar")));
	if (risk != NULL && level == NULL)
		case_fail(r, ERR_UNKNOWN_CODE, "referral.risk_level", "no_action, low, medium, high or emergency");
	case_set(r, "referral.risk_level", level);
	case_set_time(r, "referral.authored_on", on);
	case_set_target(r, case_text(r->mem, s, "service_implementing_agency"), "agency-");
	case_set(r, "referral.target.worker.name", case_text(r->mem, s, "service_implementing_agency_individual"));
	if (type != NULL && strcasecmp(type, "transfer") == 0)
		case_set(r, "referral.disposition_wanted", "take-over");
	case_read_consent(r, &consent);
}
