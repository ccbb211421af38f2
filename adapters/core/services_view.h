/* SPDX-License-Identifier: EUPL-1.2 */
/* services_view - who offers what where: asked over HTTP and by nasokactl, and said by the agency itself in the same ways.
 *
 *	GET /v1/services?kind=&programme=&municipality=&agency=&id=&age=&free=true&text=
 *	PUT /v1/services/{id}		the whole of it
 *	PATCH /v1/services/{id}		what has changed; the rest stays as it was said last
 *	DELETE /v1/services/{id}	it is offered no more
 */
#ifndef ADAPTER_SERVICES_VIEW_H
#define ADAPTER_SERVICES_VIEW_H

#include "adapters/core/core.h"
#include "adapters/core/sector.h"

struct json_t;

enum err services_view_answer(struct adapter *a, const struct native *request, struct arena *mem, struct native *ret_answer,
			      struct why *why) MUST_USE;
enum err services_view_say(struct adapter *a, const char *id, const struct native *request, struct arena *mem, struct native *ret_answer,
			   struct why *why) MUST_USE;

/* The same for nasokactl: {"verb": "services", ...} and {"verb": "announce", "id", "how": "put", "patch", "end", "service": {...}}. */
enum err services_view_list(struct adapter *a, const struct json_t *asked, struct arena *mem, struct json_t **ret_list, struct why *why) MUST_USE;
enum err services_view_take(struct adapter *a, const struct json_t *asked, struct arena *mem, struct json_t **ret_service,
			    struct why *why) MUST_USE;
/* What the configuration's file of services says anew: those that it did not say before are announced. */
enum err services_view_file(struct adapter *a, struct span text, struct why *why) MUST_USE;

#endif
