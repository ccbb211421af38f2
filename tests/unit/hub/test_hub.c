/* SPDX-License-Identifier: EUPL-1.2 */
/* The core on a desk: each rule of the straight line by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/support/hub_desk.h"

static const struct thread_id thread = { "a thread" };

static int
set_up(void **state)
{
	struct desk *d = malloc(sizeof(*d));

	desk_init(d, 3);
	for (size_t i = 0; i < WORLD_AGENCIES; i++)
		desk_hello(d, i, 100);
	*state = d;
	return 0;
}

static int
tear_down(void **state)
{
	desk_done(*state);
	free(*state);
	return 0;
}

static struct span
data(struct desk *d, uint64_t seq, enum priority priority, struct envelope *env)
{
	struct header h;

	world_header(&d->world, 0, 2, &thread, seq, d->now_ms, &h);
	h.priority = priority;
	return world_envelope(&d->world, 0, &h, 500, env);
}

/* Nothing leaves before the commit that it stands for; then ACCEPTED and DELIVER do. */
static void
submit_waits_for_commit(void **state)
{
	struct desk *d = *state;
	struct envelope env;
	struct span bytes = data(d, 1, PRIORITY_ROUTINE, &env);
	struct frame f = { .kind = FRAME_SUBMIT, .submit = { &bytes, 1 } };
	const struct frame *got;

	desk_frame(d, 0, &f);
	assert_non_null(d->batch);
	assert_null(desk_sent(d, 0, FRAME_ACCEPTED));
	assert_null(desk_sent(d, 2, FRAME_DELIVER));
	desk_commit(d);
	assert_non_null(desk_sent(d, 0, FRAME_ACCEPTED));
	got = desk_sent(d, 2, FRAME_DELIVER);
	assert_true(span_eq(got->deliver.items[0].envelope, bytes));
	assert_int_equal(got->deliver.items[0].queue_no, 1);
}

/* What arrives during a commit forms the next batch, decided against what is under way. */
static void
batches_overlap(void **state)
{
	struct desk *d = *state;
	struct span one = data(d, 1, PRIORITY_ROUTINE, NULL), two = data(d, 2, PRIORITY_ROUTINE, NULL);
	struct frame f = { .kind = FRAME_SUBMIT, .submit = { &one, 1 } };
	unsigned commits = d->commits;

	desk_frame(d, 0, &f);
	f.submit.envelopes = &two;
	desk_frame(d, 0, &f);
	desk_frame(d, 0, &f);
	assert_int_equal(d->commits, commits + 1);
	desk_commit(d);
	assert_int_equal(d->commits, commits + 2);
	assert_non_null(desk_sent(d, 0, FRAME_ACCEPTED));
	assert_non_null(desk_sent(d, 0, FRAME_ACCEPTED));
	assert_null(desk_sent(d, 0, FRAME_REFUSED));
}

/* The same message again gets the same leaf, and its recipient nothing. */
static void
duplicate_is_accepted_again(void **state)
{
	struct desk *d = *state;
	struct span bytes = data(d, 1, PRIORITY_ROUTINE, NULL);
	uint64_t leaf;

	desk_submit(d, 0, bytes);
	leaf = desk_sent(d, 0, FRAME_ACCEPTED)->accepted.runs[0].begin;
	assert_non_null(desk_sent(d, 2, FRAME_DELIVER));
	desk_submit(d, 0, bytes);
	assert_int_equal(desk_sent(d, 0, FRAME_ACCEPTED)->accepted.runs[0].begin, leaf);
	assert_null(desk_sent(d, 2, FRAME_DELIVER));
}

/* The same id with another content is refused, and on record. */
static void
conflict_is_on_record(void **state)
{
	struct desk *d = *state;
	struct hub_status before, after;
	struct header h;

	world_header(&d->world, 0, 2, &thread, 1, d->now_ms, &h);
	desk_submit(d, 0, world_envelope(&d->world, 0, &h, 500, NULL));
	assert_int_equal(desk_answer(d, 0), OK);
	hub_get_status(d->hub, &before);
	desk_submit(d, 0, world_envelope(&d->world, 0, &h, 501, NULL));
	assert_int_equal(desk_answer(d, 0), ERR_CONFLICT);
	hub_get_status(d->hub, &after);
	assert_int_equal(after.size, before.size + 1);
}

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

/* A message signed by another agency's key is refused, and so is one that names it. */
static void
signature_is_checked(void **state)
{
	struct desk *d = *state;
	struct key *own = d->world.signing[0];
	struct span bytes;
	struct header h;

	world_header(&d->world, 0, 2, &thread, 1, d->now_ms, &h);
	bytes = world_envelope(&d->world, 0, &h, 500, NULL);
	((uint8_t *)(uintptr_t)bytes.p)[bytes.n - 1] ^= 1;	/* a body that was not signed */
	desk_submit(d, 0, bytes);
	assert_int_equal(desk_answer(d, 0), ERR_BAD_SIGNATURE);
	d->world.signing[0] = d->world.signing[1];
	h.signing_key = d->world.agencies[1].signing_id;
	bytes = world_envelope(&d->world, 0, &h, 500, NULL);
	d->world.signing[0] = own;
	desk_submit(d, 0, bytes);
	assert_int_equal(desk_answer(d, 0), ERR_UNKNOWN_KEY);
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

/* Participants are fixed by the first message; a seq is used once. */
static void
thread_is_closed(void **state)
{
	struct desk *d = *state;
	struct header h;

	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, NULL));
	assert_int_equal(desk_answer(d, 0), OK);
	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, NULL));
	assert_int_equal(desk_answer(d, 0), ERR_STALE);
	world_header(&d->world, 0, 3, &thread, 2, d->now_ms, &h);
	desk_submit(d, 0, world_envelope(&d->world, 0, &h, 10, NULL));
	assert_int_equal(desk_answer(d, 0), ERR_UNKNOWN_THREAD);
	world_header(&d->world, 2, 0, &thread, 1, d->now_ms, &h);
	desk_submit(d, 2, world_envelope(&d->world, 2, &h, 10, NULL));
	assert_int_equal(desk_answer(d, 2), OK);
}

/* A resealed message takes the place of the old one, which ends; its clock passes on. */
static void
superseded_ends(void **state)
{
	struct desk *d = *state;
	struct envelope old;
	struct header h;

	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, &old));
	assert_int_equal(desk_answer(d, 0), OK);
	world_header(&d->world, 0, 2, &thread, 1, d->now_ms, &h);
	h.supersedes = old.header.id;
	desk_submit(d, 0, world_envelope(&d->world, 0, &h, 10, NULL));
	assert_int_equal(desk_answer(d, 0), OK);
	world_receipt(&d->world, 2, &old, STAGE_REGISTERED, d->now_ms, &h);
	desk_submit(d, 2, world_envelope(&d->world, 2, &h, 0, NULL));
	assert_int_equal(desk_answer(d, 2), ERR_CONFLICT);
}

/* A receipt comes from a recipient, once a stage, for what was received; one end at most. */
static void
receipt_rules(void **state)
{
	struct desk *d = *state;
	struct envelope env, other;
	struct header h;

	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, &env));
	assert_int_equal(desk_answer(d, 0), OK);
	world_receipt(&d->world, 1, &env, STAGE_DELIVERED, d->now_ms, &h);
	desk_submit(d, 1, world_envelope(&d->world, 1, &h, 0, NULL));
	assert_int_equal(desk_answer(d, 1), ERR_NOT_ALLOWED);
	other = env;
	other.header.id.b[15] ^= 1;
	world_receipt(&d->world, 2, &other, STAGE_DELIVERED, d->now_ms, &h);
	desk_submit(d, 2, world_envelope(&d->world, 2, &h, 0, NULL));
	assert_int_equal(desk_answer(d, 2), ERR_NOTFOUND);
	other = env;
	other.hash.b[0] ^= 1;
	world_receipt(&d->world, 2, &other, STAGE_DELIVERED, d->now_ms, &h);
	desk_submit(d, 2, world_envelope(&d->world, 2, &h, 0, NULL));
	assert_int_equal(desk_answer(d, 2), ERR_INCONSISTENT);
	for (int again = 0; again < 2; again++) {
		world_receipt(&d->world, 2, &env, STAGE_REGISTERED, d->now_ms, &h);
		desk_submit(d, 2, world_envelope(&d->world, 2, &h, 0, NULL));
		assert_int_equal(desk_answer(d, 2), again ? ERR_EXISTS : OK);
	}
	world_receipt(&d->world, 2, &env, STAGE_REFUSED, d->now_ms, &h);
	desk_submit(d, 2, world_envelope(&d->world, 2, &h, 0, NULL));
	assert_int_equal(desk_answer(d, 2), ERR_CONFLICT);
	assert_int_equal(desk_sent(d, 0, FRAME_DELIVER)->deliver.n, 1);	/* the one that counted came home */
	assert_null(desk_sent(d, 0, FRAME_DELIVER));
}

/* With little room on the disk new messages wait, and receipts pass. */
static void
disk_low(void **state)
{
	struct desk *d = *state;
	struct envelope env;
	struct header h;

	desk_submit(d, 0, data(d, 1, PRIORITY_ROUTINE, &env));
	assert_int_equal(desk_answer(d, 0), OK);
	hub_set_room(d->hub, 1000, 1000000);
	desk_submit(d, 0, data(d, 2, PRIORITY_ROUTINE, NULL));
	assert_int_equal(desk_answer(d, 0), ERR_FULL);
	hub_set_room(d->hub, 1000, 1000000);
	world_receipt(&d->world, 2, &env, STAGE_REGISTERED, d->now_ms, &h);
	desk_submit(d, 2, world_envelope(&d->world, 2, &h, 0, NULL));
	assert_int_equal(desk_answer(d, 2), OK);
}

/* More than the credit is refused for now, not for good. */
static void
credit_is_kept(void **state)
{
	struct desk *d = *state;
	struct span bytes[4];
	struct frame f = { .kind = FRAME_SUBMIT, .submit = { bytes, 4 } };
	const struct frame *got;

	d->world.config.limits.credit_messages = 2;
	for (uint64_t i = 0; i < 4; i++)
		bytes[i] = data(d, i + 1, PRIORITY_ROUTINE, NULL);
	desk_frame(d, 0, &f);
	got = desk_sent(d, 0, FRAME_REFUSED);
	assert_non_null(got);
	assert_int_equal(got->refused.items[0].code, ERR_OVERLOAD);
	assert_true(got->refused.items[0].retry_after_ms > 0);
	desk_commit(d);
	assert_non_null(desk_sent(d, 0, FRAME_CREDIT));
}

/* Frames of another epoch, and of a connection that is not the session's, are nothing. */
static void
old_epochs_are_ignored(void **state)
{
	struct desk *d = *state;
	struct span bytes = data(d, 1, PRIORITY_ROUTINE, NULL), raw;
	struct frame f = { .kind = FRAME_SUBMIT, .epoch = d->epoch[0] + 1, .submit = { &bytes, 1 } };

	desk_frame(d, 0, &f);
	assert_null(d->batch);
	f.epoch = d->epoch[0];
	assert_int_equal(frame_encode(&f, d->world.mem, &raw), OK);
	hub_on_frame(d->hub, 99, world_ids[0], raw, d->now_ms);
	hub_flush(d->hub, d->now_ms);
	assert_null(d->batch);
	hub_on_frame(d->hub, 1, world_ids[0], SPAN_LIT("no frame"), d->now_ms);
	hub_flush(d->hub, d->now_ms);
	assert_null(d->batch);
}

/* Epochs rise over a restart, and what was not taken comes again. */
static void
restart_delivers_again(void **state)
{
	struct desk *d = *state;
	uint64_t epoch = d->epoch[2];
	struct span bytes = data(d, 1, PRIORITY_ROUTINE, NULL);

	desk_submit(d, 0, bytes);
	assert_non_null(desk_sent(d, 2, FRAME_DELIVER));
	desk_close(d);
	desk_open(d);
	desk_hello(d, 2, 100);
	assert_int_equal(d->epoch[2], epoch + 1);
	assert_true(span_eq(desk_sent(d, 2, FRAME_DELIVER)->deliver.items[0].envelope, bytes));
	desk_take(d, 2, 1);
	desk_hello(d, 2, 100);
	assert_null(desk_sent(d, 2, FRAME_DELIVER));
}

/* A commit that failed ends the core, with nothing said. */
static void
failed_commit_says_nothing(void **state)
{
	struct desk *d = *state;
	struct span bytes = data(d, 1, PRIORITY_ROUTINE, NULL);
	struct frame f = { .kind = FRAME_SUBMIT, .submit = { &bytes, 1 } };
	size_t sent;

	desk_frame(d, 0, &f);
	sent = d->n_sent;
	assert_int_equal(hub_on_commit(d->hub, d->batch, ERR_STORE, d->now_ms), ERR_STORE);
	assert_int_equal(d->n_sent, sent);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(submit_waits_for_commit), TEST(batches_overlap), TEST(duplicate_is_accepted_again),
		TEST(conflict_is_on_record), TEST(refusals), TEST(signature_is_checked), TEST(may_send_is_checked),
		TEST(thread_is_closed), TEST(superseded_ends), TEST(receipt_rules), TEST(disk_low), TEST(credit_is_kept),
		TEST(old_epochs_are_ignored), TEST(restart_delivers_again), TEST(failed_commit_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
