/* SPDX-License-Identifier: EUPL-1.2 */
/* Each rule of policy by itself. */
#include "tests/unit/hub/desk_test.h"

static void spoil_from(struct desk *d, struct header *h) { (void)d; h->from = world_ids[1]; }
static void spoil_key(struct desk *d, struct header *h) { (void)d; h->signing_key.b[0] ^= 1; }
static void spoil_wrap_key(struct desk *d, struct header *h) { (void)d; h->wraps[0].key.b[0] ^= 1; }
static void spoil_share(struct desk *d, struct header *h) { (void)d; h->n_shares--; }
static void spoil_share_key(struct desk *d, struct header *h) { (void)d; h->shares[1].key.b[0] ^= 1; }
static void spoil_seq(struct desk *d, struct header *h) { (void)d; h->seq = 2; }
static void spoil_newer(struct desk *d, struct header *h) { (void)d; h->directory_version = 2; }
static void spoil_age(struct desk *d, struct header *h) { h->created_ms = d->now_ms - 401 * CLOCK_DAY; }
static void spoil_old(struct desk *d, struct header *h) { h->supersedes = h->id; (void)d; }
static void
spoil_to(struct desk *d, struct header *h)
{
	(void)d;
	h->to[0] = h->wraps[0].agency = "nobody-here";
}
static void
spoil_attachment(struct desk *d, struct header *h)
{
	h->n_attachments = 1;
	h->attachments[0].len = 5;
	world_fill(&d->world, h->attachments[0].hash.b, 32);
}

/* Each rule of policy and order refuses with its own code, and nothing of the message is kept. */
static void
refusals(void **state)
{
	static const struct { void (*spoil)(struct desk *d, struct header *h); enum err code; } table[] = {
		{ spoil_from, ERR_NOT_YOU }, { spoil_key, ERR_FORMAT }, { spoil_wrap_key, ERR_RESEAL },
		{ spoil_share, ERR_INCONSISTENT }, { spoil_share_key, ERR_INCONSISTENT }, { spoil_seq, ERR_ORDER },
		{ spoil_newer, ERR_BUSY }, { spoil_age, ERR_STALE }, { spoil_old, ERR_NOTFOUND },
		{ spoil_to, ERR_UNKNOWN_AGENCY }, { spoil_attachment, ERR_UNSUPPORTED },
	};
	struct desk *d = *state;
	struct hub_status before, after;
	struct header h;

	hub_get_status(d->hub, &before);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		world_header(&d->world, 0, 2, &thread, 1, d->now_ms, &h);
		table[i].spoil(d, &h);
		desk_submit(d, 0, world_envelope(&d->world, 0, &h, 500, NULL));
		assert_int_equal(desk_answer(d, 0), table[i].code);
	}
	hub_get_status(d->hub, &after);
	assert_int_equal(after.size, before.size);
	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, NULL));
	assert_int_equal(desk_answer(d, 0), OK);
}

/* A key whose time has passed is sealed to no more, though its sheet still names it. */
static void
old_key_is_refused(void **state)
{
	struct desk *d = *state;

	d->now_ms += 366 * CLOCK_DAY;
	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, NULL));
	assert_int_equal(desk_answer(d, 0), ERR_RESEAL);
}

/* One who may not write to an agency is told so. */
static void
may_send_is_checked(void **state)
{
	static const char *const only[] = { "school-7" };
	struct desk *d = *state;
	struct why why;

	d->world.agencies[0].may_send = (const char **)(uintptr_t)only;
	d->world.d.version = 2;
	world_sign_directory(&d->world);
	assert_int_equal(hub_put_directory(d->hub, &d->world.d, d->world.note, d->now_ms, &why), OK);
	hub_flush(d->hub, d->now_ms);
	desk_commit(d);
	assert_non_null(desk_sent(d, 0, FRAME_DIRECTORY));	/* of the first version, at the welcome */
	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, NULL));
	assert_int_equal(desk_answer(d, 0), ERR_NOT_ALLOWED);
}

/* What supersedes an old message says when that was made, and is taken however old it is; anything else of that age is not. */
static void
old_and_made_again(void **state)
{
	struct desk *d = *state;
	struct envelope env;
	struct header h;

	d->world.config.limits.duplicate_horizon_ms = 30 * CLOCK_DAY;
	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, &env));
	assert_int_equal(desk_answer(d, 0), OK);
	d->now_ms += 40 * CLOCK_DAY;
	world_header(&d->world, 0, 2, &thread, 2, d->now_ms, &h);
	h.created_ms = env.header.created_ms;
	desk_submit(d, 0, world_envelope(&d->world, 0, &h, 500, NULL));
	assert_int_equal(desk_answer(d, 0), ERR_STALE);
	world_header(&d->world, 0, 2, &thread, 1, d->now_ms, &h);
	h.created_ms = env.header.created_ms;
	h.supersedes = env.header.id;
	desk_submit(d, 0, world_envelope(&d->world, 0, &h, 500, NULL));
	assert_int_equal(desk_answer(d, 0), OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(refusals),
		TEST(old_key_is_refused),
		TEST(may_send_is_checked),
		TEST(old_and_made_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
