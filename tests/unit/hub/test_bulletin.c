/* SPDX-License-Identifier: EUPL-1.2 */
/* What agencies announce reaches everybody: who is here, who comes later, and of each service only the newest. */
#include "hub/bulletin.h"
#include "tests/unit/hub/desk_test.h"
#include "tests/support/announce_sample.h"

static struct span
sealed(struct desk *d, size_t i, const struct announce *a, int64_t created_ms, struct envelope *ret_env)
{
	struct envelope *e = arena_alloc(d->world.mem, sizeof(*e));
	struct span bytes;
	uint8_t random[10];
	struct why why;

	world_fill(&d->world, random, sizeof(random));
	e->header = (struct header){
		.version = ENVELOPE_VERSION, .class = CLASS_ANNOUNCE, .from = world_ids[i], .priority = PRIORITY_ROUTINE,
		.created_ms = created_ms, .directory_version = d->world.d.version, .signing_key = d->world.agencies[i].signing_id,
	};
	msgid_make(created_ms, random, &e->header.id);
	assert_int_equal(announce_encode(a, d->world.mem, &e->body, &why), OK);
	assert_int_equal(header_encode(&e->header, d->world.mem, &e->header_bytes), OK);
	envelope_hash(e->header_bytes, e->body, &e->hash);
	assert_int_equal(envelope_sign(&e, 1, d->world.signing[i], d->world.mem), OK);
	assert_int_equal(envelope_encode(e, d->world.mem, &bytes), OK);
	if (ret_env)
		*ret_env = *e;
	return bytes;
}

static enum err
announce(struct desk *d, size_t i, const char *service, int32_t available)
{
	struct announce a = sample_announce(world_ids[i], service, d->now_ms);

	a.available = available;
	desk_submit(d, i, sealed(d, i, &a, d->now_ms, NULL));
	return desk_answer(d, i);
}

/* The next announcement that agency i is sent: what it says is free; -1 if there is none. */
static int
next(struct desk *d, size_t i, const struct frame **ret_frame)
{
	const struct frame *f = desk_sent(d, i, FRAME_ANNOUNCED);
	struct envelope env;
	struct announce a;
	struct why why;

	if (f == NULL)
		return -1;
	if (ret_frame)
		*ret_frame = f;
	assert_int_equal(f->announced.n, 1);
	assert_int_equal(envelope_decode(f->announced.items[0].envelope, d->world.mem, &env, &why), OK);
	assert_int_equal(announce_decode(env.body, d->world.mem, &a, &why), OK);
	return a.available;
}

static void
greet(struct desk *d, size_t i, uint64_t seen)
{
	struct frame f = { .kind = FRAME_HELLO };

	f.hello = (struct hello){ .agency = world_ids[i], .credit = { 100, 64 << 20 }, .software = "desk", .announced_seen = seen };
	world_fill(&d->world, f.hello.session, sizeof(f.hello.session));
	desk_frame(d, i, &f);
	desk_commit(d);
	d->epoch[i] = desk_sent(d, i, FRAME_WELCOME)->epoch;
}

/* All who are connected get it, its own agency included, each with the proof of its leaf, and once. */
static void
test_to_all(void **state)
{
	struct desk *d = *state;
	const struct frame *f;
	struct hash hash;
	struct leaf leaf;

	assert_int_equal(announce(d, 2, "cop-1", 4), OK);
	for (size_t i = 0; i < WORLD_AGENCIES; i++) {
		assert_int_equal(next(d, i, &f), 4);
		assert_int_equal(leaf_decode(f->announced.items[0].leaf, &leaf), OK);
		assert_int_equal(leaf.type, LEAF_ANNOUNCE);
		assert_int_equal(f->announced.seen, leaf.seq + 1);
		leaf_hash(f->announced.items[0].leaf.p, &hash);
		assert_int_equal(next(d, i, NULL), -1);
	}
	/* no queue holds it */
	assert_null(desk_sent(d, 0, FRAME_DELIVER));
}

/* Who comes later gets the newest of each service, and nothing that it has. */
static void
test_newcomer(void **state)
{
	struct desk *d = *state;
	const struct frame *f;

	assert_int_equal(announce(d, 2, "cop-1", 4), OK);
	assert_int_equal(announce(d, 3, "school-help", 9), OK);
	d->now_ms += CLOCK_HOUR;
	assert_int_equal(announce(d, 2, "cop-1", 3), OK);
	d->n_sent = 0;
	greet(d, 0, 0);
	f = desk_sent(d, 0, FRAME_ANNOUNCED);
	assert_non_null(f);
	assert_int_equal(f->announced.n, 2);
	assert_int_equal(f->announced.seen_before, 0);
	greet(d, 0, f->announced.seen);
	assert_null(desk_sent(d, 0, FRAME_ANNOUNCED));
	/* the same after the hub's own restart */
	desk_close(d);
	d->n_sent = 0;
	desk_open(d);
	greet(d, 1, 0);
	f = desk_sent(d, 1, FRAME_ANNOUNCED);
	assert_non_null(f);
	assert_int_equal(f->announced.n, 2);
}

/* Only its agency speaks of a service: not another in its name, nor of one that the directory gives to another; and not backwards. */
static void
test_refused(void **state)
{
	struct desk *d = *state;
	struct announce a = sample_announce(world_ids[3], "cop-1", d->now_ms);
	const char *services[] = { "ozd-1" };
	struct why why;

	desk_submit(d, 2, sealed(d, 2, &a, d->now_ms, NULL));
	assert_int_equal(desk_answer(d, 2), ERR_NOT_ALLOWED);
	d->world.agencies[2].services = services;
	d->world.agencies[2].n_services = 1;
	d->world.d.version = 2;
	world_sign_directory(&d->world);
	assert_int_equal(hub_put_directory(d->hub, &d->world.d, d->world.note, d->now_ms, &why), OK);
	hub_flush(d->hub, d->now_ms);
	desk_commit(d);
	assert_int_equal(announce(d, 3, "ozd-1", 1), ERR_NOT_ALLOWED);
	assert_int_equal(announce(d, 2, "ozd-1", 1), OK);
	a = sample_announce(world_ids[2], "ozd-1", d->now_ms);
	desk_submit(d, 2, sealed(d, 2, &a, d->now_ms - 1, NULL));
	assert_int_equal(desk_answer(d, 2), ERR_STALE);
	a.available = 99;	/* more than in total: cannot be encoded here, so it is broken in the bytes */
	assert_int_equal(announce_check(&a, NULL), ERR_BAD_NUMBER);
}

/* The same again is the same, and another content under its id a conflict. */
static void
test_again(void **state)
{
	struct desk *d = *state;
	struct announce a = sample_announce(world_ids[2], "cop-1", d->now_ms);
	struct span bytes = sealed(d, 2, &a, d->now_ms, NULL);

	desk_submit(d, 2, bytes);
	assert_int_equal(desk_answer(d, 2), OK);
	desk_submit(d, 2, bytes);
	assert_int_equal(desk_answer(d, 2), OK);
	assert_int_equal(next(d, 0, NULL), 4);
	assert_int_equal(next(d, 0, NULL), -1);
}

/* An agency has so many services, ended ones make room, and so many announcements a minute. */
static void
test_limits(void **state)
{
	struct desk *d = *state;
	struct announce a;
	unsigned n;
	char id[32];

	for (n = 0; n < ANNOUNCE_SERVICES_MAX; n++) {
		(void)snprintf(id, sizeof(id), "s-%u", n);
		assert_int_equal(announce(d, 2, id, 1), OK);
		d->n_sent = 0;
	}
	assert_int_equal(announce(d, 2, "one-more", 1), ERR_TOOMANY);
	a = sample_announce(world_ids[2], "s-0", d->now_ms);
	a.is_ended = true;
	desk_submit(d, 2, sealed(d, 2, &a, d->now_ms, NULL));
	assert_int_equal(desk_answer(d, 2), OK);
	d->n_sent = 0;
	assert_int_equal(announce(d, 2, "one-more", 1), OK);
	for (n = ANNOUNCE_SERVICES_MAX + 2; n < BULLETIN_A_MINUTE; n++) {
		d->n_sent = 0;
		assert_int_equal(announce(d, 2, "s-1", 1), OK);
	}
	d->n_sent = 0;
	assert_int_equal(announce(d, 2, "s-1", 2), ERR_OVERLOAD);
	assert_int_equal(announce(d, 3, "s-9", 2), OK);
	d->now_ms += CLOCK_MINUTE;
	d->n_sent = 0;
	assert_int_equal(announce(d, 2, "s-1", 2), OK);
}

/* A socket that is full gets it later, whole and in order. */
static void
test_busy(void **state)
{
	struct desk *d = *state;

	d->busy_conn = 1;
	assert_int_equal(announce(d, 2, "cop-1", 4), OK);
	assert_int_equal(next(d, 0, NULL), -1);
	d->busy_conn = 0;
	d->now_ms += 6 * CLOCK_SECOND;
	(void)hub_on_tick(d->hub, d->now_ms);
	assert_int_equal(next(d, 0, NULL), 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_to_all, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_newcomer, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_limits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_busy, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("bulletin", tests, NULL, NULL);
}
