/* SPDX-License-Identifier: EUPL-1.2 */
/* hub_report - what the operator may see of the core: sizes and ages, never a message. Reads only; declared in hub.h. */
#include "hub/clocks.h"
#include "hub/quota.h"
#include "hub/receipt.h"

#define SCAN_MAX 50000	/* rows of deadlines looked at in one answer */

void
hub_get_status(const struct hub *hub, struct hub_status *ret_status)
{
	const struct directory *d = hub_directory(hub);

	*ret_status = (struct hub_status){
		.size = hub->size, .root = hub->root, .checkpoint_ms = hub->checkpoint_ms,
		.checkpoint = SPAN(hub->checkpoint, hub->checkpoint_n), .directory_version = d ? d->version : 0,
		.recovered = hub->recovered, .room = hub->room, .room_of = hub->total,
		.is_disk_low = quota_is_disk_low(hub, CLASS_DATA, PRIORITY_ROUTINE),
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
			.delivered = p->row.delivered, .late = p->row.late, .under_way = p->row.under_way,
			.under_way_bytes = p->row.under_way_bytes,
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

static enum stage
stage_reached(uint16_t stages)
{
	if (stages & STAGES_AT(STAGE_SEEN))
		return STAGE_SEEN;
	if (stages & STAGES_AT(STAGE_REGISTERED))
		return STAGE_REGISTERED;
	return stages & STAGES_AT(STAGE_DELIVERED) ? STAGE_DELIVERED : STAGE_STORED;
}

/* False: of a late one, which stands in its own lane already; or changed by a batch that is not done. */
static bool
deadline_of(struct hub *hub, const struct due_key *due, const struct due_row *row, struct hub_deadline *ret)
{
	uint16_t stages = receipt_stages(hub, due->leaf, row->to);
	struct moment missed, next;
	struct clock_row c;

	if (!clocks_find(hub, due->leaf, row->to, stages, &c))
		return false;
	missed = clocks_missed(&c, stages);
	next = clocks_next(&c, stages);
	if ((due->lane == DUE_MISSED) != (missed.at_ms != 0) || (due->lane == DUE_NEXT && next.at_ms == 0))
		return false;
	*ret = (struct hub_deadline){
		.from = c.from, .to = row->to, .id = c.id, .priority = c.priority, .is_late = due->lane == DUE_MISSED,
		.fact = due->lane == DUE_MISSED ? missed.fact : next.fact, .age_ms = hub->now_ms - c.since_ms, .stage = stage_reached(stages),
	};
	ret->due_ms = clocks_deadline(&c, ret->fact);
	return true;
}

enum err
hub_each_deadline(struct hub *hub, const struct hub_deadline_ask *ask, int64_t now_ms,
		  void (*each)(void *arg, const struct hub_deadline *d), void *arg, bool *ret_is_all)
{
	const struct directory *d = hub_directory(hub);
	size_t given = 0, seen = 0;
	struct journal_walk walk;
	struct hub_deadline found;
	struct due_key due = { .lane = DUE_MISSED };
	struct due_row row;
	struct row_key key;
	bool more;

	if (ask->agency && (d == NULL || directory_find(d, ask->agency) == NULL))
		return ERR_UNKNOWN_AGENCY;
	state_begin(hub, now_ms);
	more = journal_walk_from(state_view(hub), TABLE_DUE, row_key_due(&due, &key), &walk);
	for (; more && given < ask->max && seen < SCAN_MAX; more = journal_walk_next(&walk), seen++) {
		if (!row_due_at(walk.key, &due) || row_decode_due(walk.value, hub->mem, &row) != OK ||
		    (ask->late_only && due.lane != DUE_MISSED))
			break;
		if (ask->agency && strcmp(ask->agency, row.from) != 0 && strcmp(ask->agency, row.to) != 0)
			continue;
		if (!deadline_of(hub, &due, &row, &found))
			continue;
		each(arg, &found);
		given++;
	}
	*ret_is_all = !more || (given < ask->max && seen < SCAN_MAX);
	journal_walk_end(&walk);
	state_end(hub);
	return OK;
}
