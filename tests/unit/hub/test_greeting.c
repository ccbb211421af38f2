/* SPDX-License-Identifier: EUPL-1.2 */
/* Sessions: HELLO, WELCOME with the proof from the pin, what an adapter lacks of directory and sheets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/support/hub_desk.h"

static int
set_up(void **state)
{
	struct desk *d = malloc(sizeof(*d));

	desk_init(d, 5);
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

static struct frame
hello(struct desk *d, size_t i)
{
	struct frame f = { .kind = FRAME_HELLO };

	f.hello = (struct hello){ .agency = world_ids[i], .credit = { 10, 1 << 20 }, .software = "desk" };
	world_fill(&d->world, f.hello.session, sizeof(f.hello.session));
	return f;
}

/* WELCOME comes after the epoch is durable, and the same HELLO again gets the same one. */
static void
welcome_after_commit(void **state)
{
	struct desk *d = *state;
	struct frame f = hello(d, 1);
	uint64_t epoch;

	desk_frame(d, 1, &f);
	assert_null(desk_sent(d, 1, FRAME_WELCOME));
	desk_commit(d);
	epoch = desk_sent(d, 1, FRAME_WELCOME)->epoch;
	assert_int_equal(epoch, 1);
	desk_frame(d, 1, &f);
	desk_commit(d);
	assert_int_equal(desk_sent(d, 1, FRAME_WELCOME)->epoch, epoch);
	f = hello(d, 1);
	desk_frame(d, 1, &f);
	desk_commit(d);
	assert_int_equal(desk_sent(d, 1, FRAME_WELCOME)->epoch, epoch + 1);
}

/* The checkpoint is consistent with the one that the adapter pinned; a pin beyond the log gets no proof. */
static void
pin_is_proven(void **state)
{
	struct desk *d = *state;
	struct note_verifier log = { .name = WORLD_ORIGIN, .pub = d->world.d.log };
	struct hub_status st;
	struct checkpoint c;
	struct frame f = hello(d, 1);
	const struct welcome *w;
	struct why why;

	hub_get_status(d->hub, &st);
	f.hello.pin_size = st.size;
	f.hello.pin_root = st.root;
	world_sheet(&d->world, 0, 2);
	assert_int_equal(hub_put_sheet(d->hub, d->world.sheets[0], d->now_ms, &why), OK);
	desk_frame(d, 1, &f);
	desk_commit(d);
	w = &desk_sent(d, 1, FRAME_WELCOME)->welcome;
	assert_int_equal(checkpoint_open(w->checkpoint, &log, d->world.mem, &c), OK);
	assert_true(c.size > st.size);
	assert_true(merkle_check_consistency(st.size, &st.root, c.size, &c.root, w->path, w->n_path));
	f = hello(d, 2);
	f.hello.pin_size = 1000;
	f.hello.pin_root = st.root;
	desk_frame(d, 2, &f);
	desk_commit(d);
	assert_int_equal(desk_sent(d, 2, FRAME_WELCOME)->welcome.n_path, 0);
}

/* An adapter gets what it lacks; a newer sheet that another brings is passed on once it is durable. */
static void
directory_and_sheets(void **state)
{
	struct desk *d = *state;
	struct frame f = hello(d, 1);
	const struct frame *got;
	uint64_t seen;

	desk_frame(d, 1, &f);
	desk_commit(d);
	got = desk_sent(d, 1, FRAME_DIRECTORY);
	assert_true(span_eq(got->directory.note, d->world.note));
	assert_int_equal(got->directory.n_sheets, WORLD_AGENCIES);
	seen = got->directory.sheets_seen;
	f = hello(d, 2);
	world_sheet(&d->world, 2, 2);
	f.hello.sheet = d->world.sheets[2];
	f.hello.directory_version = 1;
	f.hello.sheets_seen = seen;
	desk_frame(d, 2, &f);
	assert_null(desk_sent(d, 1, FRAME_DIRECTORY));
	desk_commit(d);
	got = desk_sent(d, 1, FRAME_DIRECTORY);
	assert_int_equal(got->directory.n_sheets, 1);
	assert_int_equal(got->directory.note.n, 0);
	assert_true(span_eq(got->directory.sheets[0], d->world.sheets[2]));
	assert_true(got->directory.sheets_seen > seen);
	assert_int_equal(got->directory.since, seen);
}

static uint64_t
log_size_after_hello(struct desk *d, size_t i)
{
	struct frame f = hello(d, i);
	struct hub_status st;

	f.hello.sheet = d->world.sheets[i];
	desk_frame(d, i, &f);
	desk_commit(d);
	hub_get_status(d->hub, &st);
	return st.size;
}

/* A new sheet is a leaf, and goes to everybody: an agency brings one a minute. */
static void
sheets_are_rare(void **state)
{
	struct desk *d = *state;
	uint64_t size;

	world_sheet(&d->world, 1, 2);
	size = log_size_after_hello(d, 1);
	world_sheet(&d->world, 1, 3);
	assert_int_equal(log_size_after_hello(d, 1), size);
	d->now_ms += CLOCK_MINUTE;
	assert_int_equal(log_size_after_hello(d, 1), size + 1);
}

/* A sheet that names another agency's transport key is refused: the key goes on to say that it is that agency. */
static void
transport_key_of_another(void **state)
{
	struct desk *d = *state;
	struct key *own = d->world.transport[1];
	struct hub_status before, after;

	hub_get_status(d->hub, &before);
	d->world.transport[1] = d->world.transport[2];
	world_sheet(&d->world, 1, 2);
	d->world.transport[1] = own;
	(void)log_size_after_hello(d, 1);
	hub_get_status(d->hub, &after);
	assert_int_equal(after.size, before.size);
	d->now_ms += CLOCK_MINUTE;
	world_sheet(&d->world, 2, 2);	/* its own new one, by which it would now come after the thief's */
	(void)log_size_after_hello(d, 2);
	assert_string_equal(hub_agency_of(d->hub, key_public(d->world.transport[2])->b), world_ids[2]);
}

/* HELLO in another agency's name is nothing. */
static void
another_name(void **state)
{
	struct desk *d = *state;
	struct frame f = hello(d, 1);

	f.hello.agency = world_ids[2];
	desk_frame(d, 1, &f);
	desk_commit(d);
	assert_null(desk_sent(d, 1, FRAME_WELCOME));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(welcome_after_commit), TEST(pin_is_proven), TEST(directory_and_sheets), TEST(sheets_are_rare),
		TEST(transport_key_of_another), TEST(another_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
