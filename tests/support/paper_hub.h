/* SPDX-License-Identifier: EUPL-1.2 */
/* paper_hub - two real adapters (PAPER_PARTIES, defined before: more; PAPER_MAX: more messages) and between them a hub on paper: a log
 * in memory that proves honestly or lies as told, frames sent one by one as the test says, and a door out whose answers the test gives. Header-only.
 */
#ifndef SUPPORT_PAPER_HUB_H
#define SUPPORT_PAPER_HUB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "adapters/core/core.h"
#include "adapters/core/proof.h"
#include "adapters/core/rebuild.h"
#include "proto/frame.h"
#include "proto/leaf.h"
#include "proto/seal.h"
#include "tests/support/adapter_desk.h"

#ifndef PAPER_PARTIES
#define PAPER_PARTIES 2
#endif
#ifndef PAPER_MAX
#define PAPER_MAX (128 * PAPER_PARTIES)
#endif

enum lie { LIE_NOT, LIE_PATH, LIE_LEAF, LIE_DETAIL, LIE_TYPE, LIE_CHECKPOINT, LIE_GROWTH };
enum hand { HAND_KEEP, HAND_NOW, HAND_BUSY, HAND_DOWN };

struct paper_party {
	struct paper *paper;
	struct adesk desk;
	uint64_t epoch;
	uint64_t shown;			/* size of the checkpoint that it was sent last in this session */
	bool is_deaf;			/* sends answer ERR_BUSY */
	struct span sent[PAPER_MAX];	/* envelopes that it submitted, in order; n_sent may be set back to 0 */
	size_t n_sent, n_submits;
	uint64_t taken[PAPER_MAX];
	size_t n_taken;
	struct credit credit;		/* as it said last */
	unsigned n_hellos, n_asks;
	struct statement_ask ask;	/* for a statement, the last one */
	struct hello hello;
	enum hand hand;
	const char *answer;		/* with HAND_NOW */
	struct { uint64_t cursor; char text[200]; } handed[PAPER_MAX];
	size_t n_handed;
	char told[4096];		/* the lines for operators, the last ones */
};

struct paper {
	struct world world;
	struct arena *mem;
	int64_t now_ms;
	struct paper_party party[PAPER_PARTIES];
	struct { uint8_t leaf[LEAF_LEN], salt[LEAF_SALT_LEN]; struct span detail; struct hash hash; } log[PAPER_MAX];
	uint64_t size;
	uint64_t queue_no;
	struct span said[PAPER_MAX];	/* each record that was accepted in paper_run */
	size_t n_said;
};

/* -- links and door -- */

static inline int64_t
paper_now(void *arg)
{
	return ((struct paper_party *)arg)->paper->now_ms;
}

static inline void
paper_random(void *arg, void *to, size_t n)
{
	world_fill(&((struct paper_party *)arg)->paper->world, to, n);
}

static inline enum err
paper_hear(void *arg, struct span bytes)
{
	struct paper_party *q = arg;
	struct arena *mem = q->paper->mem;
	struct why why;
	struct frame f;

	if (q->is_deaf)
		return ERR_BUSY;
	assert_int_equal(frame_decode(arena_span(mem, bytes), mem, &f, &why), OK);
	if (f.kind == FRAME_HELLO) {
		q->hello = f.hello;
		q->n_hellos++;
	} else if (f.kind == FRAME_SUBMIT) {
		q->n_submits++;
		for (size_t i = 0; i < f.submit.n; i++)
			q->sent[q->n_sent++] = arena_span(mem, f.submit.envelopes[i]);
	} else if (f.kind == FRAME_TAKEN) {
		for (size_t i = 0; i < f.taken.n; i++)
			q->taken[q->n_taken++] = f.taken.queue_nos[i];
	} else if (f.kind == FRAME_STATEMENT_ASK) {
		q->ask = f.statement_ask;
		q->n_asks++;
	} else {
		assert_int_equal(f.kind, FRAME_CREDIT);
		q->credit = f.credit;
	}
	return OK;
}

static inline void
paper_tell(void *arg, enum log_event event, const char *text)
{
	struct paper_party *q = arg;
	size_t n = strlen(q->told);

	if (n > sizeof(q->told) / 2)
		n = 0;
	snprintf(q->told + n, sizeof(q->told) - n, "%s %s\n", log_event_name(event), text);
}

static inline enum err
paper_hand(void *arg, const struct handover *h)
{
	struct paper_party *q = arg;
	struct native answer = { .bytes = span_str(q->answer) };

	if (q->hand == HAND_BUSY || q->hand == HAND_DOWN)
		return q->hand == HAND_BUSY ? ERR_BUSY : ERR_PEER_DOWN;
	q->handed[q->n_handed].cursor = h->cursor;
	snprintf(q->handed[q->n_handed].text, sizeof(q->handed[0].text), "%.*s", (int)h->native.bytes.n, (const char *)h->native.bytes.p);
	q->n_handed++;
	return q->hand == HAND_NOW ? adapter_handed(q->desk.adapter, &q->desk.door, h->cursor, OK, &answer) : OK;
}

/* -- life -- */

static inline void
paper_init(struct paper *p)
{
	memset(p, 0, sizeof(*p));
	world_init(&p->world, 4711);
	p->mem = arena_new((size_t)512 << 20);
	p->now_ms = WORLD_T0;
	for (size_t i = 0; i < PAPER_PARTIES; i++) {
		struct paper_party *q = &p->party[i];

		q->paper = p;
		adesk_init(&q->desk, &p->world, i);
		q->desk.links = (struct adapter_links){ q, paper_now, paper_random, paper_hear, paper_tell, NULL };
		q->desk.door.hand = paper_hand;
		q->desk.door.arg = q;
		adesk_start(&q->desk);
		rebuild_settle(q->desk.store);
	}
}

static inline void
paper_done(struct paper *p)
{
	for (size_t i = 0; i < PAPER_PARTIES; i++)
		adesk_done(&p->party[i].desk);
	arena_free(p->mem);
	world_done(&p->world);
}

/* -- the log -- */

static inline bool
paper_read(void *arg, unsigned level, uint64_t index, struct hash *ret_hash)
{
	struct paper *p = arg;
	struct hash left, right;

	if ((index + 1) << level > p->size)
		return false;
	if (level == 0) {
		*ret_hash = p->log[index].hash;
		return true;
	}
	if (!paper_read(p, level - 1, 2 * index, &left) || !paper_read(p, level - 1, 2 * index + 1, &right))
		return false;
	merkle_node(&left, &right, ret_hash);
	return true;
}

static inline uint64_t
paper_log(struct paper *p, const struct envelope *env, enum leaf_type type)
{
	struct detail detail = {
		.id = env->header.id, .env_hash = env->hash, .from = env->header.from, .n_to = env->header.n_to,
		.thread = env->header.thread, .thread_seq = env->header.seq, .at_ms = p->now_ms,
		.created_ms = env->header.created_ms,
	};
	struct leaf leaf = {
		.type = type, .retention = RETAIN_MESSAGE, .seq = p->size, .seconds = (uint64_t)p->now_ms / 1000,
	};

	for (size_t i = 0; i < detail.n_to; i++)
		detail.to[i] = env->header.to[i];
	assert_int_equal(detail_encode(&detail, p->mem, &p->log[p->size].detail), OK);
	world_fill(&p->world, p->log[p->size].salt, LEAF_SALT_LEN);
	detail_hash(p->log[p->size].salt, p->log[p->size].detail, &leaf.detail);
	leaf_encode(&leaf, p->log[p->size].leaf);
	leaf_hash(p->log[p->size].leaf, &p->log[p->size].hash);
	return p->size++;
}

static inline struct span
paper_checkpoint(struct paper *p, enum lie lie)
{
	struct checkpoint c = { .origin = WORLD_ORIGIN, .size = p->size };
	struct note_signer signer = { WORLD_ORIGIN, lie == LIE_CHECKPOINT ? p->world.notice : p->world.log };
	struct span note;

	assert_true(merkle_root(p->size, paper_read, p, &c.root));
	assert_int_equal(checkpoint_sign(&c, &signer, p->mem, &note), OK);
	return note;
}

/* The checkpoint of now for party `i`, proven from the one before. */
static inline struct growth
paper_growth(struct paper *p, size_t i, enum lie lie)
{
	struct growth g = { .checkpoint = paper_checkpoint(p, lie), .since = p->party[i].shown };

	g.path = arena_array(p->mem, MERKLE_PATH_MAX, sizeof(*g.path));
	assert_true(merkle_consistency(g.since, p->size, paper_read, p, g.path, &g.n_path));
	if (lie == LIE_GROWTH)
		g.path[0].b[0] ^= 1;
	p->party[i].shown = p->size;
	return g;
}

static inline struct envelope
paper_decode(struct paper *p, struct span bytes)
{
	struct envelope env;
	struct why why;

	assert_int_equal(envelope_decode(bytes, p->mem, &env, &why), OK);
	return env;
}

/* -- frames to party `i` -- */

static inline enum err
paper_send(struct paper *p, size_t i, struct frame *f)
{
	struct span bytes;

	f->epoch = p->party[i].epoch;
	assert_int_equal(frame_encode(f, p->mem, &bytes), OK);
	return adapter_on_frame(p->party[i].desk.adapter, bytes);
}

static inline enum err
paper_welcome(struct paper *p, size_t i, uint64_t credit)
{
	struct frame f = { .kind = FRAME_WELCOME };
	const struct hello *h = &p->party[i].hello;

	p->party[i].epoch++;
	f.welcome = (struct welcome){
		.checkpoint = paper_checkpoint(p, LIE_NOT), .credit = { credit, (uint64_t)64 << 20 }, .now_ms = p->now_ms,
	};
	memcpy(f.welcome.session, h->session, sizeof(h->session));
	if (h->pin_size > 0 && h->pin_size < p->size)
		assert_true(merkle_consistency(h->pin_size, p->size, paper_read, p, f.welcome.path, &f.welcome.n_path));
	p->party[i].shown = p->size;
	return paper_send(p, i, &f);
}

/* The transport comes up, the greeting, and all key sheets. */
static inline void
paper_greet(struct paper *p, size_t i, uint64_t credit)
{
	struct frame f = { .kind = FRAME_DIRECTORY };

	assert_int_equal(adapter_on_up(p->party[i].desk.adapter), OK);
	assert_int_equal(paper_welcome(p, i, credit), OK);
	f.directory = (struct directory_frame){ .sheets = p->world.sheets, .n_sheets = WORLD_AGENCIES, .sheets_seen = 9 };
	assert_int_equal(paper_send(p, i, &f), OK);
}

static inline void
paper_tick(struct paper *p, size_t i, int64_t ms)
{
	int64_t next = 0;

	p->now_ms += ms;
	assert_int_equal(adapter_on_tick(p->party[i].desk.adapter, &next), OK);
}

/* ACCEPTED for one envelope of party `i`, as a run of its own. */
static inline enum err
paper_accept(struct paper *p, size_t i, struct span bytes, enum lie lie)
{
	struct envelope env = paper_decode(p, bytes);
	enum leaf_type type = lie == LIE_TYPE ? LEAF_CONFLICT : proof_leaf_type(env.header.class, env.header.stage);
	uint64_t at = paper_log(p, &env, type);
	struct accepted_item item = {
		.id = env.header.id, .leaf = arena_span(p->mem, SPAN(p->log[at].leaf, LEAF_LEN)),
		.salt = SPAN(p->log[at].salt, LEAF_SALT_LEN), .detail = p->log[at].detail,
	};
	struct hash path[MERKLE_RANGE_MAX] = { 0 };
	struct run run = { .begin = at, .items = &item, .n = 1, .path = path };
	struct frame f = { .kind = FRAME_ACCEPTED };

	assert_true(merkle_range(at, at + 1, p->size, paper_read, p, path, &run.n_path));
	if (lie == LIE_PATH)
		run.n_path = 0;
	if (lie == LIE_LEAF)
		((uint8_t *)(uintptr_t)item.leaf.p)[LEAF_LEN - 1] ^= 1;
	if (lie == LIE_DETAIL)
		item.detail = p->log[0].detail;
	f.accepted = (struct accepted){ paper_growth(p, i, lie), &run, 1 };
	return paper_send(p, i, &f);
}

/* DELIVER of one envelope to party `i`, which is in the log already (or not: it is put there). */
static inline enum err
paper_deliver(struct paper *p, size_t i, struct span bytes, enum lie lie)
{
	struct envelope env = paper_decode(p, bytes);
	enum leaf_type type = lie == LIE_TYPE ? LEAF_CONFLICT : proof_leaf_type(env.header.class, env.header.stage);
	uint64_t at = paper_log(p, &env, type);
	struct hash path[MERKLE_PATH_MAX] = { 0 };
	struct deliver_item item = {
		.queue_no = ++p->queue_no, .envelope = bytes, .leaf = arena_span(p->mem, SPAN(p->log[at].leaf, LEAF_LEN)),
		.salt = SPAN(p->log[at].salt, LEAF_SALT_LEN), .detail = p->log[at].detail, .path = path,
	};
	struct frame f = { .kind = FRAME_DELIVER };

	assert_true(merkle_inclusion(at, p->size, paper_read, p, path, &item.n_path));
	if (lie == LIE_PATH)
		item.n_path = 0;
	if (lie == LIE_LEAF)
		((uint8_t *)(uintptr_t)item.leaf.p)[LEAF_LEN - 1] ^= 1;
	if (lie == LIE_DETAIL)
		item.detail = p->log[0].detail;
	f.deliver = (struct deliver){ paper_growth(p, i, lie), &item, 1 };
	return paper_send(p, i, &f);
}

static inline enum err
paper_refuse(struct paper *p, size_t i, struct span bytes, enum err code, uint64_t after_ms)
{
	struct envelope env = paper_decode(p, bytes);
	struct refused_item item = {
		.id = env.header.id, .env_hash = env.hash, .code = code, .text = "as told", .retry_after_ms = after_ms,
	};
	struct frame f = { .kind = FRAME_REFUSED };

	f.refused = (struct refused){ &item, 1 };
	return paper_send(p, i, &f);
}

/* -- whole steps -- */

/* To its recipients; between two to the other. */
static inline void
paper_spread(struct paper *p, size_t from, struct span bytes)
{
	struct envelope env = paper_decode(p, bytes);

	if (env.header.class == CLASS_DATA)
		p->said[p->n_said++ % PAPER_MAX] = bytes;
	for (size_t i = 0; i < PAPER_PARTIES; i++) {
		bool is_to = PAPER_PARTIES == 2;

		for (size_t k = 0; k < env.header.n_to && !is_to; k++)
			is_to = strcmp(env.header.to[k], world_ids[i]) == 0;
		if (is_to && i != from)
			assert_int_equal(paper_deliver(p, i, bytes, LIE_NOT), OK);
	}
}

/* All that was submitted is accepted and delivered, until nothing moves. */
static inline void
paper_run(struct paper *p)
{
	bool moved = true;

	while (moved) {
		moved = false;
		for (size_t i = 0; i < PAPER_PARTIES; i++)
			for (size_t k = 0, n = p->party[i].n_sent; k < n; k++) {
				struct span bytes = p->party[i].sent[k];

				assert_int_equal(paper_accept(p, i, bytes, LIE_NOT), OK);
				paper_spread(p, i, bytes);
				moved = true;
				if (k + 1 == n) {
					memmove(p->party[i].sent, p->party[i].sent + n,
						(p->party[i].n_sent - n) * sizeof(struct span));
					p->party[i].n_sent -= n;
				}
			}
	}
}

static inline const char *
paper_take(struct paper *p, size_t i, const char *text)
{
	return adesk_take(&p->party[i].desk, text, NULL, p->mem);
}

/* Party 0 refers a child to party 1 under `id`; sealed and submitted, not more. */
static inline void
paper_refer(struct paper *p, const char *id, const char *priority)
{
	const char *answer = paper_take(p, 0, adesk_referral(p->mem, id, world_ids[1], priority, "Измислен случай"));

	assert_non_null(answer);
	if (strncmp(answer, "OK ", 3) != 0)
		fail_msg("%s", answer);
}

static inline struct thread
paper_thread(struct paper *p, size_t i, const char *number)
{
	struct txn *txn = store_read(p->party[i].desk.store);
	struct thread t = { .state = STATE_NONE };

	(void)casebook_by_number(txn, number, NULL, &t);
	txn_abort(txn);
	return t;
}

/* How often party `i` was told that something of its own ended so. */
static inline unsigned
paper_told(struct paper *p, size_t i, enum stage stage, enum err code)
{
	struct txn *txn = store_read(p->party[i].desk.store);
	struct inbound in = { .cursor = 0 };
	unsigned n = 0;

	while (inbox_next(txn, in.cursor, &in))
		n += in.is_stage && in.stage == stage && in.code == code;
	txn_abort(txn);
	return n;
}

static inline uint64_t
paper_count(struct paper *p, size_t i, enum adapter_table table)
{
	struct txn *txn = store_read(p->party[i].desk.store);
	uint64_t n = txn_count(txn, table);

	txn_abort(txn);
	return n;
}

static inline bool
paper_is_up(struct paper *p, size_t i)
{
	struct adapter_status s;

	adapter_status(p->party[i].desk.adapter, &s);
	return s.is_up;
}

/* All greeted, with plenty of credit. */
static inline struct paper *
paper_up(void)
{
	struct paper *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	paper_init(p);
	for (size_t i = 0; i < PAPER_PARTIES; i++)
		paper_greet(p, i, 1000);
	return p;
}

static inline void
paper_down(struct paper *p)
{
	paper_done(p);
	free(p);
}

/* What party `i` is shown of the referral's answer: owed, late, or nothing. */
static inline const char *
paper_answer_owed(struct paper *p, size_t i)
{
	struct native in = { .method = "GET", .path = "/v1/deadlines" }, answer = { 0 };
	const char *text;

	assert_int_equal(adapter_request(p->party[i].desk.adapter, &in, NULL, p->mem, &answer), OK);
	text = arena_strn(p->mem, answer.bytes.p, answer.bytes.n);
	if (strstr(text, "\"R-1\"") == NULL || strstr(text, "\"respond_by\"") == NULL)
		return "nothing";
	return strstr(text, "\"late\":true") ? "late" : "owed";
}

#endif
