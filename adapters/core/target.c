/* SPDX-License-Identifier: EUPL-1.2 */
/* target - agency, alias, service, route: in this order, and the first that is named decides. */
#include "adapters/core/target.h"

#include "adapters/core/services.h"
#include "proto/geography.h"

static enum err
place(struct adapter *a, struct record *record, const struct address *address, const char *path, struct why *why)
{
	const char *municipality;
	enum err e;

	if (address == NULL || address->ekatte == NULL || address->municipality != NULL ||
	    geography_municipality_of(address->ekatte, &municipality, NULL) != OK)
		return OK;
	if ((e = record_set(record, a->mem, path, municipality, why)) != OK)
		return e;
	return record_set(record, a->mem, "assumed", path, why);
}

enum err
target_place(struct adapter *a, struct record *record, struct why *why)
{
	const struct person *child = record->referral->child;
	enum err e;

	if (child == NULL)
		return OK;
	e = place(a, record, child->address, "referral.child.address.municipality", why);
	return e == OK ? place(a, record, child->actual_address, "referral.child.actual_address.municipality", why) : e;
}

static const char *
route(const struct adapter_config *config, const struct referral *r)
{
	const char *municipality = r->child && r->child->address ? r->child->address->municipality : NULL;

	for (size_t i = 0; i < config->n_routes; i++) {
		const struct adapter_route *route = &config->routes[i];

		if ((!route->service_kind || (r->service_kind && strcmp(route->service_kind, r->service_kind) == 0)) &&
		    (!route->municipality || (municipality && strcmp(route->municipality, municipality) == 0)))
			return route->to;
	}
	return NULL;
}

/* Nothing names it: perhaps because the settlement does not say which municipality. */
static enum err
unroutable(const struct referral *r, struct why *why)
{
	const struct address *at = r->child ? r->child->address : NULL;
	const char *municipality;

	if (at && at->ekatte && !at->municipality && geography_municipality_of(at->ekatte, &municipality, NULL) == ERR_UNROUTABLE)
		return why_set(why, ERR_UNROUTABLE, "referral.child.address.ekatte",
			       "this settlement is the seat of several municipalities: name one");
	return why_set(why, ERR_UNROUTABLE, "referral.target.agency", "no target named, and no route fits");
}

enum err
target_find(struct adapter *a, struct txn *txn, struct intake_item *item, const char **ret_otherwise, struct why *why)
{
	const struct adapter_config *config = a->p.config;
	struct referral *r = item->record->referral;
	const char *named = item->target ? item->target : r->target ? r->target->agency : NULL, *agency;
	enum err e = OK;

	*ret_otherwise = NULL;
	/* a service, where the format has one name for both */
	if (named && !adapter_config_find(config->aliases, config->n_aliases, named) &&
	    directory_find(contacts_directory(a->p.contacts), named) == NULL && services_agency(a, txn, named, &agency, NULL) == OK) {
		if (r->target == NULL && (r->target = record_new(a->mem, "party")) == NULL)
			return ERR_TOOBIG;
		if (r->target->service_id == NULL)
			r->target->service_id = named;
		r->target->agency = item->target = agency;
	}
	if (named)
		return OK;
	if (r->target && r->target->service_id && (e = services_agency(a, txn, r->target->service_id, ret_otherwise, why)) == OK)
		return OK;
	if ((*ret_otherwise = route(config, r)) != NULL)
		return OK;
	return e != OK ? e : unroutable(r, why);
}

void
target_warn(struct adapter *a, struct txn *txn, struct intake_item *item)
{
	const struct party *to = item->record->referral->target;
	bool is_bg = a->p.config->language == LANG_BG;
	enum announce_room room = to->service_id ? services_room(a, txn, to->agency, to->service_id) : ANNOUNCE_STALE;

	if (room != ANNOUNCE_FULL && room != ANNOUNCE_WAITLIST)
		return;
	core_tell(a, LOG_SERVICE_FULL, "agency=%s service=%s room=%s", to->agency, to->service_id, announce_room_name(room));
	if (room == ANNOUNCE_FULL)
		item->warning = is_bg ? "Услугата няма свободни места според обявеното от доставчика." :
					"The service has no free places by its agency's announcement.";
	else
		item->warning = is_bg ? "За услугата има списък на чакащите според обявеното от доставчика." :
					"The service has a waiting list by its agency's announcement.";
}
