/* SPDX-License-Identifier: EUPL-1.2 */
/* target - agency, alias, service, route: in this order, and the first that is named decides. */
#include "adapters/core/target.h"

#include "adapters/core/intake.h"
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

/* What announcements say against it, in both languages; NULL: nothing. */
static const char *const *
hindrance(struct adapter *a, struct txn *txn, const struct referral *r, const char **ret_room)
{
	static const char *const FULL[] = {
		[LANG_EN] = "The service has no free places by its agency's announcement.",
		[LANG_BG] = "Услугата няма свободни места според обявеното от доставчика.",
	};
	static const char *const WAITLIST[] = {
		[LANG_EN] = "The service has a waiting list by its agency's announcement.",
		[LANG_BG] = "За услугата има списък на чакащите според обявеното от доставчика.",
	};
	static const char *const NOT_OFFERED[] = {
		[LANG_EN] = "The agency does not offer this kind of service by its announcements.",
		[LANG_BG] = "Институцията не предлага такъв вид услуга според обявеното от нея.",
	};
	const struct party *to = r->target;
	enum announce_room room = ANNOUNCE_STALE;
	bool is_offered = true;

	if (to->service_id)
		room = services_room(a, txn, to->agency, to->service_id);
	else
		is_offered = services_offered(a, txn, to->agency, r->service_kind, &room);
	*ret_room = is_offered ? announce_room_name(room) : "not-offered";
	return !is_offered ? NOT_OFFERED : room == ANNOUNCE_FULL ? FULL : room == ANNOUNCE_WAITLIST ? WAITLIST : NULL;
}

void
target_warn(struct adapter *a, struct txn *txn, struct intake_item *item)
{
	const struct referral *r = item->record->referral;
	const char *const *text, *room;

	if ((text = hindrance(a, txn, r, &room)) == NULL)
		return;
	core_tell(a, LOG_SERVICE_FULL, "agency=%s service=%s room=%s", r->target->agency,
		  r->target->service_id ? r->target->service_id : r->service_kind, room);
	intake_warn(a, item, text, NULL);
}
