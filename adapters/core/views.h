/* SPDX-License-Identifier: EUPL-1.2 */
/* views - what the agency's system may look at: its inbox by cursor or time, and how far a referral has come. Read only. */
#ifndef ADAPTER_VIEWS_H
#define ADAPTER_VIEWS_H

#include "adapters/core/core.h"

#define VIEW_ITEMS_MAX 100

/* The route that serves this request; its {id}, percent-decoded, into `mem`. ERR_NOTFOUND, or ERR_METHOD where only the method is wrong. */
enum err views_route(const struct sector *sector, const struct native *request, struct arena *mem, const struct route **ret_route,
		     const char **ret_id) MUST_USE;
/* The methods of the routes at the request's path, "GET, POST"; NULL if there are none. */
const char *views_methods(const struct sector *sector, const struct native *request, struct arena *mem);
const char *views_query(const char *path, const char *name, struct arena *mem);	/* a query parameter, decoded; NULL: not there */
/* Every query parameter of `path` has one of `names` (NULL ends them). ERR_UNKNOWN_FIELD, with its name. */
enum err views_check_query(const char *path, const char *const *names, struct why *why) MUST_USE;
enum err views_listing(struct adapter *a, const struct native *request, struct arena *mem, struct native *ret_answer, struct why *why) MUST_USE;
/* How far the referral has come that `id` names; what it points to is in `mem`. ERR_UNKNOWN_REFERRAL. */
enum err views_find(struct adapter *a, const char *id, struct arena *mem, struct progress *ret_progress, struct why *why) MUST_USE;
enum err views_progress(struct adapter *a, const char *id, const struct native *request, struct arena *mem, struct native *ret_answer,
			struct why *why) MUST_USE;

#endif
