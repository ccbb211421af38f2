/* SPDX-License-Identifier: EUPL-1.2 */
/* alike - which states of small.h are the same: a print of all that decides what may follow, and of nothing else.
 *
 * What does not decide is left out: times (all wait for the same timeout, which is longer than anything), salts, roots, signatures
 * and proofs (checked when they were made: least_reads), counters that are only reported, credit that is far from used up, and
 * the numbers of queue rows that are gone. What counts only by being equal to something else is told by that: epochs and sessions of
 * an agent by how many the newest is ahead; sizes of the log that an agent was shown by their order; a place in the log by the message
 * that stands there, so that messages of different senders that came in either order leave the same state once both are taken.
 */
#include "hub/state.h"
#include "tests/sim/small.h"

#define CREDIT_PLENTY 32		/* messages: nothing here comes near to what is granted */
#define NOWHERE UINT64_MAX

enum { AT_START = SMALL_MESSAGES, AT_OTHER };

/* Where things stand in the log, durable or not. */
struct places { uint64_t messages[SMALL_MESSAGES], start; };

uint64_t
alike_mix(uint64_t print, uint64_t number)
{
	uint64_t h = (print ^ number) * UINT64_C(0x9e3779b97f4a7c15);

	h ^= h >> 29;
	h *= UINT64_C(0xbf58476d1ce4e5b9);
	return (h ^ h >> 32) + print * 3;
}

static uint64_t
mix_bytes(uint64_t h, struct span bytes)
{
	uint64_t word;
	size_t at = 0, n;

	for (; at < bytes.n; at += n) {
		n = bytes.n - at < sizeof(word) ? bytes.n - at : sizeof(word);
		word = 0;
		memcpy(&word, bytes.p + at, n);
		h = alike_mix(h, word);
	}
	return alike_mix(h, bytes.n);
}

/* -- places -- */

static void
find_pending(struct small *s, const struct batch *b, struct places *places)
{
	struct detail d;
	enum err e;

	for (size_t k = 0; k < b->n_entries; k++) {
		if (b->entries[k].type == LEAF_START)
			places->start = b->first + k;
		if (b->entries[k].type != LEAF_SUBMIT)
			continue;
		e = detail_decode(b->entries[k].detail, s->mem, &d);
		assert(e == OK);
		places->messages[small_find(s, &d.id)] = b->first + k;
	}
}

static void
find_places(struct small *s, struct places *places)
{
	*places = (struct places){ .start = NOWHERE };
	for (size_t m = 0; m < SMALL_MESSAGES; m++)
		places->messages[m] = NOWHERE;
	for (uint64_t i = 0; i < logwatch_size(s->log); i++) {
		const struct logged *l = logwatch_at(s->log, i);

		if (l->type == LEAF_SUBMIT)
			places->messages[small_find(s, &l->id)] = i;
		else if (l->type == LEAF_START)
			places->start = i;
	}
	find_pending(s, s->hub->forming->batch, places);
	if (s->commit == COMMIT_WAITS && s->hub->committing)
		find_pending(s, s->hub->committing->batch, places);
}

static uint64_t
at_place(const struct places *places, uint64_t leaf)
{
	for (uint64_t m = 0; m < SMALL_MESSAGES; m++)
		if (places->messages[m] == leaf)
			return m;
	return places->start == leaf ? AT_START : AT_OTHER + leaf;
}

/* What stands below: a bit each. */
static uint64_t
below(const struct places *places, uint64_t size)
{
	uint64_t bits = 0;

	for (size_t m = 0; m < SMALL_MESSAGES; m++)
		bits |= (uint64_t)(places->messages[m] < size) << m;
	return bits | (uint64_t)(places->start < size) << SMALL_MESSAGES | (uint64_t)(size == 0) << (SMALL_MESSAGES + 1);
}

/* -- epochs: by how many an agent's newest one is ahead -- */

static const struct party *
party_of(const struct hub *hub, size_t i)
{
	for (size_t k = 0; k < hub->n_parties; k++)
		if (strcmp(hub->parties[k]->id, world_ids[i]) == 0)
			return hub->parties[k];
	return NULL;
}

/* Right after a start the hub does not know of it: nobody else does, either. */
static uint64_t
epoch_age(const struct small *s, size_t i, uint64_t epoch)
{
	const struct party *p = party_of(s->hub, i);

	return p ? p->row.epoch - epoch : 0;
}

uint64_t
alike_shown(const struct small *s, size_t i)
{
	const struct party *p = party_of(s->hub, i);

	return p && p->session.epoch == s->agents[i].epoch ? p->session.shown.size : NOWHERE;
}

/* -- rows -- */

/* The number, if such a row waits or is only about to go; else the greatest below it that does, or 0. */
static uint64_t
waiting(struct small *s, const char *agency, uint64_t no, bool or_below)
{
	struct row_key key;

	for (; no > 0; no--) {
		for (enum lane lane = LANE_EMERGENCY; lane < N_LANES; lane++) {
			struct span name = row_key_queue(agency, lane, no, &key);
			const struct row *row = batch_find(s->hub->forming->batch, TABLE_QUEUE, name);

			if (row == NULL && s->hub->committing)
				row = batch_find(s->hub->committing->batch, TABLE_QUEUE, name);
			if ((row && !row->is_del) || (row == NULL && journal_get(s->view, TABLE_QUEUE, name).p))
				return no;
		}
		if (!or_below)
			return 0;
	}
	return 0;
}

static uint64_t
number_at(const uint8_t *p)
{
	uint64_t n = 0;

	for (size_t i = 0; i < sizeof(n); i++)
		n = n << 8 | p[i];
	return n;
}

static uint64_t
mix_agency(uint64_t h, const struct agency_row *r)
{
	const uint64_t numbers[] = { r->last_no, r->queued, r->queued_bytes, r->unregistered, r->late, r->under_way, r->under_way_bytes };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		h = alike_mix(h, numbers[i]);
	return h;
}

static uint64_t
print_agency(const struct small *s, struct span key, struct span value)
{
	struct agency_row row;
	enum err e = row_decode_agency(value, &row);
	size_t i = 0;

	assert(e == OK);
	while (strcmp(world_ids[i], (const char *)key.p) != 0)	/* a key ends in a zero */
		i++;
	return mix_agency(alike_mix(epoch_age(s, i, row.epoch), i), &row);
}

static uint64_t
print_queue(struct small *s, const struct places *places, struct span key, struct span value)
{
	struct queue_row row;
	enum err e = row_decode_queue(value, &row);
	uint64_t h;

	assert(e == OK);
	h = alike_mix(alike_mix(alike_mix(1, at_place(places, row.leaf)), row.bytes), waiting(s, (const char *)key.p, row.before, false));
	h = mix_bytes(h, SPAN(row.thread.b, sizeof(row.thread.b)));
	return mix_bytes(h, SPAN((const uint8_t *)row.from, strlen(row.from)));
}

static uint64_t
print_id(struct small *s, const struct places *places, struct span value)
{
	struct id_row row;
	enum err e = row_decode_id(value, s->mem, &row);

	assert(e == OK);
	return mix_bytes(alike_mix(row.seq, at_place(places, row.leaf)), SPAN(row.hash.b, sizeof(row.hash.b)));
}

static uint64_t
print_thread(struct small *s, struct span value)
{
	struct thread_row row;
	enum err e = row_decode_thread(value, s->mem, &row);
	uint64_t h = 2;

	assert(e == OK);
	for (size_t i = 0; i < row.n; i++) {
		h = mix_bytes(h, SPAN((const uint8_t *)row.at[i].agency, strlen(row.at[i].agency)));
		h = alike_mix(alike_mix(h, row.at[i].seq), waiting(s, row.at[i].agency, row.at[i].last_no, false));
	}
	return h;
}

static uint64_t
print_row(struct small *s, const struct places *places, enum batch_table table, struct span key, struct span value)
{
	uint64_t h = alike_mix(7, table);

	switch (table) {
	case TABLE_AGENCIES:
		return alike_mix(h, print_agency(s, key, value));
	case TABLE_QUEUE:
		return alike_mix(mix_bytes(h, key), print_queue(s, places, key, value));
	case TABLE_IDS:
		return alike_mix(mix_bytes(h, key), print_id(s, places, value));
	case TABLE_STAGES:
		h = alike_mix(h, at_place(places, number_at(key.p)));
		return mix_bytes(mix_bytes(h, SPAN(key.p + 8, key.n - 8)), value);
	case TABLE_CLOCKS:		/* without a deadline: only that it is there */
	case TABLE_PARTY:
		h = alike_mix(h, at_place(places, number_at(key.p + key.n - 8)));
		h = mix_bytes(h, SPAN(key.p, key.n - 8));
		return table == TABLE_CLOCKS ? h : mix_bytes(h, value);
	case TABLE_DIRECTORY:		/* of the beginning: they never change here */
	case TABLE_SHEETS:
		return mix_bytes(h, key);
	case TABLE_THREADS:
		return alike_mix(mix_bytes(h, key), print_thread(s, value));
	case TABLE_DUE:
	case TABLE_OFFERS:
	case TABLE_BULLETIN:
	case TABLE_SHARES:
	case TABLE_DEAD:
	case N_BATCH_TABLES:
		break;
	}
	return mix_bytes(mix_bytes(h, key), value);
}

/* -- what the hub has on the disk and in memory -- */

static uint64_t
print_disk(struct small *s, const struct places *places)
{
	uint64_t h = below(places, journal_size(s->view));
	struct journal_walk walk;
	bool more;

	for (unsigned t = 0; t < N_BATCH_TABLES; t++) {
		for (more = journal_walk_from(s->view, (enum batch_table)t, SPAN_LIT("\0"), &walk); more; more = journal_walk_next(&walk))
			h += print_row(s, places, (enum batch_table)t, walk.key, walk.value);
		journal_walk_end(&walk);
	}
	return h;
}

/* The rows of a batch count as a set: the last word on a key is all that is written. */
static uint64_t
print_round(struct small *s, const struct places *places, const struct round *r)
{
	const struct batch *b = r->batch;
	uint64_t h = alike_mix(below(places, b->first), r->is_awaited), set = 0;

	for (size_t k = 0; k < b->n_entries; k++)
		set += alike_mix(alike_mix(3, b->entries[k].type), at_place(places, b->first + k));
	for (size_t k = 0; k < b->n_rows; k++) {
		const struct row *row = b->rows[k];

		set += row->is_del ? alike_mix(mix_bytes(row->table, row->key), 1) : print_row(s, places, row->table, row->key, row->value);
	}
	for (size_t k = 0; k < r->n_answers; k++) {
		struct span to = SPAN((const uint8_t *)r->answers[k].to->id, strlen(r->answers[k].to->id));

		set += alike_mix(alike_mix(mix_bytes(4, to), at_place(places, r->answers[k].leaf)), r->answers[k].code);
	}
	return alike_mix(alike_mix(h, set), r->n_answers + 100 * r->n_rewinds);
}

/* -- the sizes that an agent was shown, in their order -- */

struct sizes { uint64_t at[2 * SMALL_FRAMES + 4]; size_t n; };

static void
add_size(struct sizes *sizes, uint64_t size)
{
	size_t k = sizes->n;

	for (size_t i = 0; i < sizes->n; i++)
		if (sizes->at[i] == size)
			return;
	for (; k > 0 && sizes->at[k - 1] > size; k--)
		sizes->at[k] = sizes->at[k - 1];
	sizes->at[k] = size;
	sizes->n++;
}

static uint64_t
rank(const struct sizes *sizes, uint64_t size)
{
	uint64_t k = 0;

	while (sizes->at[k] != size)
		k++;
	return k;
}

/* The hub's own is one of them: what it says next either grows or does not. */
static void
find_sizes(const struct small *s, size_t i, struct sizes *sizes)
{
	const struct party *p = party_of(s->hub, i);

	sizes->n = 0;
	add_size(sizes, 0);
	add_size(sizes, s->hub->size);
	add_size(sizes, s->agents[i].pin_size);
	if (p)
		add_size(sizes, p->session.shown.size);
	for (size_t k = 0; k < s->down[i].n; k++) {
		add_size(sizes, s->down[i].frames[k].since);
		add_size(sizes, s->down[i].frames[k].size);
	}
}

static uint64_t
print_session(struct small *s, const struct sizes *sizes, size_t i, const struct party *p)
{
	const struct small_agent *a = &s->agents[i];
	const struct session *q = &p->session;
	const uint64_t numbers[] = {
		q->state, q->conn == a->conn, epoch_age(s, i, q->epoch), (uint8_t)(a->n_sessions - q->id[1]),
		q->opening_in == NULL ? 0 : q->opening_in == s->hub->forming ? 1 : 2, q->pin_size, q->shown.n > 0,
		rank(sizes, q->shown.size), q->directory_version, q->sheets_seen, q->granted.messages, q->granted.bytes,
		waiting(s, p->id, q->cursor[0], true), waiting(s, p->id, q->cursor[1], true), q->n_inflight, q->inflight_bytes,
		q->n_ahead, q->is_blocked,
	};
	uint64_t h = 1;

	if (q->state == SESSION_NONE)
		return 0;
	assert(q->sent.messages < CREDIT_PLENTY && q->came.messages < CREDIT_PLENTY);
	for (size_t k = 0; k < sizeof(numbers) / sizeof(numbers[0]); k++)
		h = alike_mix(h, numbers[k]);
	for (size_t k = 0; k < q->n_inflight; k++) {
		const struct inflight *f = &p->inflight[(q->inflight_begin + k) % INFLIGHT_MAX];

		assert(f->no <= q->top_no);
		h = alike_mix(h, f->no * 8 + f->is_taken * 4 + f->is_dropped * 2 + f->lane);
	}
	return h;
}

/* It may have forgotten since it started: then what the disk has of it counts. */
static uint64_t
print_party(struct small *s, const struct sizes *sizes, size_t i)
{
	const struct party *p = party_of(s->hub, i);
	struct agency_row row = { .epoch = 0 };
	struct row_key key;
	struct span value;
	enum err e;

	if (p)
		return alike_mix(mix_agency(print_session(s, sizes, i, p), &p->row), p->is_dirty);
	value = journal_get(s->view, TABLE_AGENCIES, row_key_agency(world_ids[i], &key));
	if (value.p) {
		e = row_decode_agency(value, &row);
		assert(e == OK);
	}
	return alike_mix(mix_agency(0, &row), false);
}

/* -- the agents, and what is on its way -- */

static uint64_t
print_way(const struct small *s, const struct sizes *sizes, size_t i, const struct small_way *way)
{
	const struct small_agent *a = &s->agents[i];
	uint64_t h = 5;

	for (size_t k = 0; k < way->n; k++) {
		const struct small_frame *f = &way->frames[k];
		bool has_session = f->kind == FRAME_HELLO || f->kind == FRAME_WELCOME;

		h = alike_mix(alike_mix(alike_mix(h, f->kind), f->messages), f->detail);
		h = alike_mix(h, has_session ? (uint8_t)(a->n_sessions - f->session) : 1000);
		h = alike_mix(h, f->kind == FRAME_HELLO ? 1000 : epoch_age(s, i, f->epoch));
		if (way == &s->down[i])
			h = alike_mix(alike_mix(h, rank(sizes, f->since)), rank(sizes, f->size));
	}
	return h;
}

static uint64_t
print_agent(const struct small *s, const struct sizes *sizes, size_t i)
{
	const struct small_agent *a = &s->agents[i];
	uint64_t h = alike_mix(alike_mix(rank(sizes, a->pin_size), rank(sizes, s->hub->size)), a->is_greeting);

	h = alike_mix(h, a->epoch == 0 ? 1000 : epoch_age(s, i, a->epoch));
	for (size_t m = 0; m < SMALL_MESSAGES; m++)
		h = alike_mix(h, a->is_accepted[m] ? 1 : a->inbox[m] ? 2 : a->is_sent[m] ? 3 : 0);
	return alike_mix(alike_mix(h, print_way(s, sizes, i, &s->up[i])), print_way(s, sizes, i, &s->down[i]));
}

uint64_t
alike_print(struct small *s)
{
	const struct hub *hub = s->hub;
	const uint64_t numbers[] = { s->commit, s->crashes, s->losses, hub->waiting_ms != 0, hub->committing != NULL, hub->is_disk_low };
	struct places places;
	struct sizes sizes;
	uint64_t h;
	enum err e;

	arena_reset(s->mem);
	s->view = journal_view(s->journal);
	find_places(s, &places);
	h = alike_mix(print_disk(s, &places), below(&places, hub->size));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		h = alike_mix(h, numbers[i]);
	h = alike_mix(h, print_round(s, &places, hub->forming));
	if (hub->committing)
		h = alike_mix(h, print_round(s, &places, hub->committing));
	for (size_t i = 0; i < SMALL_AGENTS; i++) {
		find_sizes(s, i, &sizes);
		h = alike_mix(alike_mix(h, print_party(s, &sizes, i)), print_agent(s, &sizes, i));
	}
	e = journal_view_end(s->view);
	assert(e == OK);
	return h;
}
