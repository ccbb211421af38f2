/* SPDX-License-Identifier: EUPL-1.2 */
/* case_oscar_in - one service of an OSCaR client as a referral. Called by case_in.c. */
#include "adapters/social/case.h"

#include <jansson.h>
#include <string.h>

/* OSCaR counts its referrals; older releases have the service's uuid alone, which is the same for each child that gets it. So it goes
 * with the child's key; not so where the other system made it, which numbers each service.
 */
const char *
case_number_oscar(const struct case_unit *unit, struct arena *mem)
{
	const json_t *service = unit->service != NULL ? unit->service : unit->client;
	const char *slug = case_text(mem, unit->client, "slug"), *external = case_text(mem, unit->client, "external_id");
	const char *global = case_text(mem, unit->client, "global_id"), *id = case_text(mem, service, "referral_id");
	const char *uuid = case_text(mem, service, "uuid"), *of;

	if (global == NULL)
		global = case_text(mem, unit->client, "client_global_id");
	if (id == NULL && slug == NULL && external != NULL)
		return uuid;
	of = slug != NULL ? slug : id != NULL && external != NULL ? external : global;
	if (id == NULL)
		id = uuid;
	return of != NULL && id != NULL ? arena_fmt(mem, "%s/%s", of, id) : id;
}

static void
read_child(struct case_reading *r)
{
	const json_t *client = r->unit->client;
	const char *given = case_text(r->mem, client, "given_name"), *family = case_text(r->mem, client, "family_name");
	const char *own_given = case_text(r->mem, client, "local_given_name"), *own_family = case_text(r->mem, client, "local_family_name");
	const char *gender = case_text(r->mem, client, "gender"), *code;
	const char *external = case_text(r->mem, client, "external_id"), *global = case_text(r->mem, client, "global_id");

	/* in the country's own letters; the Latin ones beside them have no place */
	r->dropped += (own_given != NULL && given != NULL) + (own_family != NULL && family != NULL);
	case_set(r, "referral.child.given", own_given != NULL ? own_given : given);
	case_set(r, "referral.child.family", own_family != NULL ? own_family : family);
	code = gender != NULL && strcmp(gender, "prefer_not_to_say") == 0 ? "unknown" :
	       case_code(r->env, "oscar-gender", "gender", gender, r->mem);
	if (gender != NULL && code == NULL)
		case_fail(r, ERR_UNKNOWN_CODE, "referral.child.gender", "male, female, other, unknown or prefer_not_to_say");
	case_set(r, "referral.child.gender", code);
	case_set_date(r, "referral.child.birth_date", case_text(r->mem, client, "date_of_birth"));
	case_add_id(r, "other", global);
	case_add_state_number(r, case_text(r->mem, client, "mosvy_number"));
	if (external != NULL && (r->number == NULL || strcmp(external, r->number) != 0))
		case_add_id(r, "local", external);
}

static void
read_places(struct case_reading *r)
{
	const char *lives = case_text(r->mem, r->unit->client, "location_current_village_code");
	const char *address = case_text(r->mem, r->unit->client, "address_current_village_code");

	case_set_ekatte(r, "referral.child.address.ekatte", address != NULL ? address : lives);
	if (address != NULL && lives != NULL && strcmp(address, lives) != 0)
		case_set_ekatte(r, "referral.child.actual_address.ekatte", lives);
}

static void
read_service(struct case_reading *r)
{
	const json_t *service = r->unit->service;
	const char *name = case_text(r->mem, service, "name"), *said = case_text(r->mem, service, "service_kind");
	const char *kind = said != NULL ? case_code(r->env, NULL, "service_kind", said, r->mem) :
					  case_code(r->env, "oscar-service", "service_kind", name, r->mem);

	if (said != NULL && kind == NULL)
		case_fail(r, ERR_UNKNOWN_CODE, "referral.service_kind", "not a kind of service");
	if (kind == NULL && name != NULL)
		kind = "other";
	case_set(r, "referral.service_kind", kind);
	if (name != NULL && strcmp(name, kind) != 0)
		case_set(r, "referral.service_text", name);
}

/* What the child gets already, told once a kind. */
static void
read_prior(struct case_reading *r)
{
	const json_t *services = json_object_get(r->unit->client, "services");
	size_t i, n = 0;
	json_t *one;

	json_array_foreach(services, i, one) {
		const char *kind;

		if (one == r->unit->service || !case_is_running(one))
			continue;
		kind = case_code(r->env, "oscar-service", "service_kind", case_text(r->mem, one, "name"), r->mem);
		if (kind == NULL || n >= CASE_PRIOR_MAX) {
			r->dropped++;
			continue;
		}
		case_set(r, arena_fmt(r->mem, "referral.services_already_used[%zu].service_kind", n), kind);
		case_set_date(r, arena_fmt(r->mem, "referral.services_already_used[%zu].since", n++),
			      case_text(r->mem, one, "enrollment_date"));
	}
}

static void
read_worker(struct case_reading *r)
{
	const json_t *client = r->unit->client;
	const char *name = case_text(r->mem, client, "external_case_worker_name"), *own = case_text(r->mem, client, "case_worker_name");
	const char *id = case_text(r->mem, client, "external_case_worker_id");
	bool is_own = name == NULL && own != NULL;

	if (id != NULL && (name != NULL || is_own))
		r->dropped++;
	case_set(r, "referral.initiator.worker.name", name != NULL ? name : is_own ? own : id);
	case_set_phone(r, "referral.initiator.worker.phone",
		       case_text(r->mem, client, is_own ? "case_worker_mobile" : "external_case_worker_mobile"));
	case_set(r, "referral.initiator.worker.email", case_text(r->mem, client, "external_case_worker_email"));
	if (!is_own)
		r->dropped += (own != NULL) + (case_text(r->mem, client, "case_worker_mobile") != NULL);
}

void
case_read_oscar(struct case_reading *r)
{
	json_t *client = r->unit->client;
	const char *reason = case_text(r->mem, r->unit->service, "reason_for_referral"), *risk = case_text(r->mem, client, "level_of_risk");
	const char *level = case_code(r->env, "oscar-risk", "risk_level", risk, r->mem);
	const char *on = case_text(r->mem, client, "date_of_referral");
	struct case_consent consent = {
		.given = json_array_size(json_object_get(client, "referral_consent_form")) > 0 ? CASE_TRUE : CASE_UNSAID,
		.on = on, .form = "signed-paper", .word = "referral_consent_form",
		.is_overridden = case_truth(client, "consent_overridden") == CASE_TRUE,
	};

	read_child(r);
	read_places(r);
	read_service(r);
	read_prior(r);
	read_worker(r);
	case_set(r, "referral.reason_text", reason != NULL ? reason : case_text(r->mem, client, "reason_for_referral"));
	if (risk != NULL && level == NULL)
		case_fail(r, ERR_UNKNOWN_CODE, "referral.risk_level", "no action, low, medium, high or emergency");
	case_set(r, "referral.risk_level", level);
	case_set_time(r, "referral.authored_on", on);
	/* of what OSCaR itself lists, with its own key of the child, the organisation is the sender */
	if (case_text(r->mem, client, "slug") == NULL)
		case_set_target(r, case_text(r->mem, client, "organization_name"), NULL);
	case_read_consent(r, &consent);
}
