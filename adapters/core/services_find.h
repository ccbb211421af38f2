/* SPDX-License-Identifier: EUPL-1.2 */
/* services_find - the search: which of these services fit, the ones with room first. Pure. Called by the views and by sectors. */
#ifndef ADAPTER_SERVICES_FIND_H
#define ADAPTER_SERVICES_FIND_H

#include "proto/announce.h"
#include "proto/directory.h"
#include "proto/merkle.h"

struct service {
	struct announce announce;
	const struct agency *agency;	/* its row of the directory */
	bool is_ours;
	int64_t created_ms;		/* when it was said */
	uint64_t leaf;			/* index in the log; 0, of ours: the hub has not stored it yet */
	enum err refused;		/* of ours: why the hub did not take it; OK otherwise */
	uint64_t seq;			/* of ours: in the outbox */
	struct hash digest;		/* of ours: of the configuration that it was made from; zero otherwise */
};

/* What is not given (NULL, ANNOUNCE_UNSAID, false) does not matter. */
struct services_query {
	const char *id, *agency, *kind, *programme, *municipality;
	int32_t age;			/* in completed years */
	bool only_free;			/* there is room now: never by what is stale */
	const char *text;		/* in names, eligibility or id; case does not matter, in either alphabet */
};

bool services_fits(const struct service *s, const struct services_query *q, int64_t now_ms);
/* Puts those that fit into `ret` (room for n), the ones with most room first, and gives their number. */
size_t services_find(const struct service *all, size_t n, const struct services_query *q, int64_t now_ms, const struct service **ret);

#endif
