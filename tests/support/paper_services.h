/* SPDX-License-Identifier: EUPL-1.2 */
/* paper_services - announcements between the adapters of a paper_hub. Header-only. */
#ifndef SUPPORT_PAPER_SERVICES_H
#define SUPPORT_PAPER_SERVICES_H

#include "adapters/core/services.h"
#include "tests/support/announce_sample.h"
#include "tests/support/paper_hub.h"

/* ANNOUNCED with one envelope to party `i`. */
static inline enum err
paper_announced(struct paper *p, size_t i, struct span bytes, enum lie lie, uint64_t seen_before)
{
	struct envelope env = paper_decode(p, bytes);
	uint64_t at = paper_log(p, &env, lie == LIE_TYPE ? LEAF_SUBMIT : LEAF_ANNOUNCE);
	struct hash path[MERKLE_PATH_MAX] = { 0 };
	struct deliver_item item = {
		.envelope = bytes, .leaf = arena_span(p->mem, SPAN(p->log[at].leaf, LEAF_LEN)), .salt = SPAN(p->log[at].salt, LEAF_SALT_LEN),
		.detail = p->log[at].detail, .path = path,
	};
	struct frame f = { .kind = FRAME_ANNOUNCED };

	assert_true(merkle_inclusion(at, p->size, paper_read, p, path, &item.n_path));
	f.announced = (struct announced){ paper_growth(p, i, lie), &item, 1, seen_before, at + 1 };
	return paper_send(p, i, &f);
}

/* Party `i` says so much of a service; what it submitted. */
static inline struct span
paper_announce(struct paper *p, size_t i, const char *service, int32_t available)
{
	struct announce a = sample_announce(world_ids[i], service, p->now_ms);
	struct why why = { .where = "" };
	size_t before = p->party[i].n_sent;

	a.available = available;
	a.capacity_status = available > 0 ? "capacity" : "no-capacity";
	if (services_say(p->party[i].desk.adapter, &a, NULL, &why) != OK)
		fail_msg("%s: %s", why.where, why.text);
	assert_int_equal(p->party[i].n_sent, before + 1);
	return p->party[i].sent[before];
}

/* It goes to the hub and from there to both. */
static inline void
paper_announce_to_all(struct paper *p, size_t i, const char *service, int32_t available)
{
	struct span bytes = paper_announce(p, i, service, available);

	assert_int_equal(paper_accept(p, i, bytes, LIE_NOT), OK);
	assert_int_equal(paper_announced(p, 0, bytes, LIE_NOT, 0), OK);
	assert_int_equal(paper_announced(p, 1, bytes, LIE_NOT, 0), OK);
}

/* What party `i` knows of it; its announcement's agency is NULL if nothing. */
static inline struct service
paper_service(struct paper *p, size_t i, const char *service)
{
	struct txn *txn = store_read(p->party[i].desk.store);
	struct service *all = NULL, found = { .leaf = 0 };
	size_t n = 0;

	assert_int_equal(services_all(p->party[i].desk.adapter, txn, p->mem, &all, &n), OK);
	for (size_t k = 0; k < n; k++)
		if (strcmp(all[k].announce.service_id, service) == 0)
			found = all[k];
	txn_abort(txn);
	return found;
}

#endif
