/* SPDX-License-Identifier: EUPL-1.2 */
/* clock_test - a hub on a desk, a coordinator in its directory, messages with deadlines, and its ticks in virtual time: what
 * the tests of the clocks and of what is said of them begin with.
 */
#ifndef TEST_CLOCK_TEST_H
#define TEST_CLOCK_TEST_H

#include "hub/clocks.h"
#include "hub/receipt.h"
#include "tests/unit/hub/desk_test.h"

#define SENDER 0
#define COORDINATOR 1
#define RECIPIENT 2

struct said { struct notice n; const char *to[ENVELOPE_TO_MAX]; size_t n_to; enum priority priority; };

static inline int
set_up_clocks(void **state)
{
	static struct coordinator coordinator = { "PDV22", "hospital-1" };
	struct desk *d;
	struct why why;

	set_up(state);
	d = *state;
	d->world.d.coordinators = &coordinator;
	d->world.d.n_coordinators = 1;
	d->world.d.version++;
	world_sign_directory(&d->world);
	assert_int_equal(hub_put_directory(d->hub, &d->world.d, d->world.note, d->now_ms, &why), OK);
	hub_flush(d->hub, d->now_ms);
	desk_commit(d);
	d->n_sent = 0;
	return 0;
}

/* A message of `hours` to register, to answer and to expire (0: none), accepted; of thread `no`. */
static inline void
clocked(struct desk *d, unsigned no, const int hours[3], struct envelope *env)
{
	struct thread_id t = { { 'c', (uint8_t)(no >> 16), (uint8_t)(no >> 8), (uint8_t)no } };
	struct header h;

	world_header(&d->world, SENDER, RECIPIENT, &t, 1, d->now_ms, &h);
	h.registered_by_ms = hours[0] ? d->now_ms + hours[0] * CLOCK_HOUR : 0;
	h.respond_by_ms = hours[1] ? d->now_ms + hours[1] * CLOCK_HOUR : 0;
	h.expires_ms = hours[2] ? d->now_ms + hours[2] * CLOCK_HOUR : 0;
	desk_submit(d, SENDER, world_envelope(&d->world, SENDER, &h, 100, env));
	assert_int_equal(desk_answer(d, SENDER), OK);
}

static inline enum err
confirm(struct desk *d, const struct envelope *env, enum stage stage)
{
	struct header h;

	world_receipt(&d->world, RECIPIENT, env, stage, d->now_ms, &h);
	desk_submit(d, RECIPIENT, world_envelope(&d->world, RECIPIENT, &h, 0, NULL));
	return desk_answer(d, RECIPIENT);
}

static inline int64_t
tick(struct desk *d)
{
	int64_t next = hub_on_tick(d->hub, d->now_ms);

	hub_flush(d->hub, d->now_ms);
	desk_commit(d);
	return next;
}

/* The notices in the log from leaf `from` on, whether anybody took them or not; returns how many. */
static inline size_t
notices(struct desk *d, uint64_t from, struct said *to, size_t max)
{
	struct journal_view *v = journal_view(d->journal);
	size_t n = 0;

	for (uint64_t i = from; i < journal_size(v); i++) {
		struct journal_entry entry;
		struct envelope env;
		struct leaf leaf;
		struct detail detail;
		struct why why;

		assert_int_equal(journal_entry(v, i, d->world.mem, &entry), OK);
		assert_int_equal(leaf_decode(SPAN(entry.leaf, LEAF_LEN), &leaf), OK);
		if (leaf.type != LEAF_NOTICE)
			continue;
		assert_true(n < max);
		assert_int_equal(detail_decode(entry.detail, d->world.mem, &detail), OK);
		assert_int_equal(envelope_decode(entry.envelope, d->world.mem, &env, &why), OK);
		assert_true(envelope_is_signed(&env, key_public(d->world.notice)));
		assert_int_equal(notice_decode(env.body, d->world.mem, &to[n].n, &why), OK);
		assert_string_equal(detail.text, notice_fact_name(to[n].n.fact));
		assert_true(msgid_eq(&detail.id, &env.header.id) && msgid_eq(&detail.about, &to[n].n.about));
		assert_true(hash_eq(&detail.env_hash, &env.hash));
		assert_true(leaf.aux == to[n].n.leaf && msgid_eq(&env.header.in_reply_to, &to[n].n.about));
		to[n].n_to = env.header.n_to;
		memcpy(to[n].to, env.header.to, sizeof(to[n].to));
		to[n].priority = env.header.priority;
		n++;
	}
	assert_int_equal(journal_view_end(v), OK);
	return n;
}

static inline uint64_t
log_size(struct desk *d)
{
	struct hub_status st;

	hub_get_status(d->hub, &st);
	return st.size;
}

/* What is said when the clock comes to `hours` after the beginning: facts in their order, as one text. */
static inline const char *
said_at(struct desk *d, int64_t hours)
{
	static char text[256];
	uint64_t from = log_size(d);
	struct said said[16];
	size_t n;

	d->now_ms = WORLD_T0 + hours * CLOCK_HOUR;
	(void)tick(d);
	n = notices(d, from, said, 16);
	text[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		strcat(text, i ? " " : "");
		strcat(text, notice_fact_name(said[i].n.fact));
	}
	return text;
}

static inline void
keep_late(void *arg, const struct hub_agency *a)
{
	struct { const char *id; uint64_t late; } *ask = arg;

	if (strcmp(ask->id, a->id) == 0)
		ask->late = a->late;
}

static inline uint64_t
late_at(struct desk *d, size_t agency)
{
	struct { const char *id; uint64_t late; } ask = { world_ids[agency], 0 };

	assert_int_equal(hub_each_agency(d->hub, d->now_ms, keep_late, &ask), OK);
	return ask.late;
}

#endif
