/* SPDX-License-Identifier: EUPL-1.2 */
/* history - events, latencies, capsules */
#include "tests/support/audit_desk.h"
#include "hub/audit/history.h"

struct seen { unsigned rows, odd, told, false_shares; int64_t latency; };

static enum err
see(void *arg, const struct history_row *row)
{
	struct seen *s = arg;

	s->rows++;
	s->odd += row->is_odd;
	s->told += row->told && row->told->share == SHARE_GOOD && strcmp(row->told->capsule.kind, "referral") == 0;
	s->false_shares += row->told && row->told->share == SHARE_FALSE;
	if (row->leaf.type != LEAF_SUBMIT)
		s->latency = row->latency_ms;
	return OK;
}

static struct seen
run(struct desk *d, const struct key *key, const struct history_filter *f)
{
	struct seen seen = { .rows = 0 };
	struct why why;

	if (d->source == NULL)
		d->source = log_source(d->l);
	assert_int_equal(history_run(d->source, key, f, see, &seen, &why), OK);
	return seen;
}

/* Any one auditor's key opens every capsule, and each event of a message has it. */
static void
history_capsules(void **state)
{
	struct desk *d = desk_new(8);
	struct seen seen;

	for (unsigned i = 0; i < WORLD_AUDITORS; i++) {
		seen = run(d, d->l->w->auditors[i], &(struct history_filter){ .agency = NULL });
		assert_true(seen.rows > 20);
		assert_int_equal(seen.told, seen.rows);
		assert_int_equal(seen.odd, 0);
	}
	assert_int_equal(run(d, NULL, &(struct history_filter){ .agency = NULL }).told, 0);
	desk_free(d);
	(void)state;
}

/* A share that is not the one of the header names a cheating sender. */
static void
history_cheat(void **state)
{
	struct desk *d = desk_new(1);
	struct header header;
	struct envelope env;
	struct log_leaf leaf = { .type = LEAF_SUBMIT };
	struct why why;

	header = world_header(1);
	log_next_id(d->l, &header.id);
	assert_int_equal(seal_record(&header, d->l->w->record, d->l->w->directory, &d->l->w->sheets, key_id(d->l->w->signing[0]), d->l->w->cek,
				     d->l->w->mem, &env, &why), OK);
	env.header.shares[2].hash.b[7] ^= 1;
	assert_int_equal(header_encode(&env.header, d->l->w->mem, &env.header_bytes), OK);
	envelope_hash(env.header_bytes, env.body, &env.hash);
	log_envelope(d->l, &env, 0, &leaf);
	log_commit(d->l);
	assert_int_equal(run(d, d->l->w->auditors[2], &(struct history_filter){ .agency = NULL }).false_shares, 1);
	assert_int_equal(run(d, d->l->w->auditors[1], &(struct history_filter){ .agency = NULL }).false_shares, 0);
	desk_free(d);
	(void)state;
}

/* Filters by message, thread, agency, time, kind and state let exactly theirs through. */
static void
history_filters(void **state)
{
	struct desk *d = desk_new(5);
	struct log_message m;
	struct seen seen;
	unsigned all;

	m = log_submit(d->l, NULL);
	(void)log_receipt(d->l, &m, STAGE_DELIVERED);
	log_commit(d->l);
	seen = run(d, NULL, &(struct history_filter){ .id = &m.header.id });
	assert_int_equal(seen.rows, 2);
	assert_int_equal(seen.latency, 37);
	assert_int_equal(run(d, NULL, &(struct history_filter){ .thread = &m.header.thread }).rows, 2);
	assert_int_equal(run(d, NULL, &(struct history_filter){ .agency = world_ids[2] }).rows, 0);
	assert_int_equal(run(d, NULL, &(struct history_filter){ .from_ms = d->l->now_ms }).rows, 1);
	assert_int_equal(run(d, NULL, &(struct history_filter){ .to_ms = WORLD_NOW }).rows, 0);
	all = run(d, NULL, &(struct history_filter){ .all = true }).rows;
	assert_int_equal(all, d->source->size);
	assert_true(run(d, d->l->w->auditors[0], &(struct history_filter){ .kind = "referral", .state = "requested" }).rows > 0);
	assert_int_equal(run(d, d->l->w->auditors[0], &(struct history_filter){ .state = "declined" }).rows, 0);
	desk_free(d);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(history_capsules),
		cmocka_unit_test(history_cheat),
		cmocka_unit_test(history_filters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
