/* SPDX-License-Identifier: EUPL-1.2 */
/* hub_report - what the operator may see of the core: sizes and ages, never a message. Reads only; declared in hub.h. */
#include "hub/state.h"

void
hub_get_status(const struct hub *hub, struct hub_status *ret_status)
{
	const struct directory *d = hub_directory(hub);

	*ret_status = (struct hub_status){
		.size = hub->size, .root = hub->root, .checkpoint_ms = hub->checkpoint_ms,
		.checkpoint = SPAN(hub->checkpoint, hub->checkpoint_n), .directory_version = d ? d->version : 0,
	};
	for (size_t i = 0; i < hub->n_parties; i++)
		ret_status->peers += hub->parties[i]->session.state == SESSION_UP;
}

/* The age of the first row in a lane; 0: none. */
static int64_t
oldest_queued(struct hub *hub, const struct party *p, enum lane lane)
{
	struct journal_walk walk;
	struct queue_row row;
	struct row_key key;
	int64_t age = 0;
	uint64_t no;

	if (journal_walk_from(state_view(hub), TABLE_QUEUE, row_key_queue(p->id, lane, 0, &key), &walk) &&
	    row_queue_no(walk.key, p->id, lane, &no) && row_decode_queue(walk.value, &row) == OK)
		age = hub->now_ms > row.at_ms ? hub->now_ms - row.at_ms : 1;
	journal_walk_end(&walk);
	return age;
}

static int64_t
oldest_unregistered(struct hub *hub, const struct party *p)
{
	struct journal_walk walk;
	struct clock_row c;
	struct row_key key;
	int64_t age = 0;
	uint64_t leaf;

	if (journal_walk_from(state_view(hub), TABLE_CLOCKS, row_key_clock(p->id, OWED_REGISTRATION, 0, &key), &walk) &&
	    row_clock_leaf(walk.key, p->id, OWED_REGISTRATION, &leaf) && row_decode_clock(walk.value, hub->mem, &c) == OK)
		age = hub->now_ms > c.since_ms ? hub->now_ms - c.since_ms : 1;
	journal_walk_end(&walk);
	return age;
}

enum err
hub_each_agency(struct hub *hub, int64_t now_ms, void (*each)(void *arg, const struct hub_agency *a), void *arg)
{
	const struct directory *d = hub_directory(hub);

	state_begin(hub, now_ms);
	for (size_t i = 0; d && i < d->n_agencies; i++) {
		const struct party *p = state_party(hub, d->agencies[i].id);
		int64_t first, other;

		if (p == NULL)
			continue;
		first = oldest_queued(hub, p, LANE_EMERGENCY);
		other = oldest_queued(hub, p, LANE_OTHER);
		each(arg, &(struct hub_agency){
			.id = p->id, .is_connected = p->session.state == SESSION_UP, .epoch = p->row.epoch,
			.queued = p->row.queued, .queued_bytes = p->row.queued_bytes,
			.oldest_queued_ms = p->row.queued == 0 ? 0 : first > other ? first : other, .unregistered = p->row.unregistered,
			.oldest_unregistered_ms = oldest_unregistered(hub, p), .accepted = p->row.accepted,
			.delivered = p->row.delivered, .late = p->row.late,
		});
	}
	state_end(hub);
	return OK;
}

static bool
is_sent(const struct party *p, uint64_t no)
{
	for (size_t i = 0; i < p->session.n_inflight; i++)
		if (p->inflight[(p->session.inflight_begin + i) % INFLIGHT_MAX].no == no)
			return true;
	return false;
}

enum err
hub_each_queued(struct hub *hub, const char *agency, size_t max, int64_t now_ms,
		void (*each)(void *arg, const struct hub_queued *q), void *arg)
{
	const struct directory *d = hub_directory(hub);
	struct journal_walk walk;
	struct queue_row row;
	struct row_key key;
	struct party *p;
	uint64_t no;
	bool more;

	if (d == NULL || directory_find(d, agency) == NULL)
		return ERR_UNKNOWN_AGENCY;
	state_begin(hub, now_ms);
	p = state_party(hub, agency);
	for (enum lane lane = LANE_EMERGENCY; p && lane < N_LANES; lane++) {
		more = journal_walk_from(state_view(hub), TABLE_QUEUE, row_key_queue(agency, lane, 0, &key), &walk);
		for (; more && max > 0 && row_queue_no(walk.key, agency, lane, &no); more = journal_walk_next(&walk), max--) {
			if (row_decode_queue(walk.value, &row) != OK)
				break;
			each(arg, &(struct hub_queued){
				.no = no, .is_emergency = lane == LANE_EMERGENCY, .leaf = row.leaf, .bytes = row.bytes,
				.age_ms = now_ms - row.at_ms, .is_sent = is_sent(p, no),
			});
		}
		journal_walk_end(&walk);
	}
	state_end(hub);
	return p ? OK : ERR_STORE;
}
