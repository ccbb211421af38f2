/* SPDX-License-Identifier: EUPL-1.2 */
/* The real daemon with real sockets, over a real store: skipped where nasoka-hub is not built. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <sys/un.h>

#include "tests/support/hub_house.h"

struct place { struct world world; struct house house; bool is_built; };

static int
setup(void **state)
{
	static struct place place;

	world_init(&place.world, 7);
	place.is_built = house_init(&place.house, &place.world);
	if (place.is_built)
		house_start(&place.house);
	*state = &place;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;

	house_done(&p->house);
	world_done(&p->world);
	return 0;
}

static struct span
submit(struct place *p, void *dealer, uint64_t epoch, struct span envelope)
{
	struct frame f = { .kind = FRAME_SUBMIT, .epoch = epoch, .submit = { &envelope, 1 } };

	house_send(&p->house, dealer, &f);
	return envelope;
}

static void
check_accepted(struct place *p, void *dealer, const struct msgid *id)
{
	struct note_verifier log = { .name = WORLD_ORIGIN, .pub = p->world.d.log };
	struct checkpoint c;
	struct frame f;
	struct hash leaf;

	assert_true(house_recv(&p->house, dealer, FRAME_ACCEPTED, &f));
	assert_int_equal(f.accepted.n_runs, 1);
	assert_true(msgid_eq(&f.accepted.runs[0].items[0].id, id));
	assert_int_equal(checkpoint_open(f.accepted.growth.checkpoint, &log, p->world.mem, &c), OK);
	leaf_hash(f.accepted.runs[0].items[0].leaf.p, &leaf);
	assert_true(merkle_check_range(&leaf, f.accepted.runs[0].begin, f.accepted.runs[0].begin + 1, c.size,
				       f.accepted.runs[0].path, f.accepted.runs[0].n_path, &c.root));
}

static void
check_accepted_next(struct place *p, void *dealer)
{
	struct frame f;

	assert_true(house_recv(&p->house, dealer, FRAME_ACCEPTED, &f));
	assert_int_equal(f.accepted.runs[0].n, 1);
}

/* The next message for this agency, taken; its bytes are those that were submitted. */
static void
check_delivered(struct place *p, void *dealer, uint64_t epoch, struct span envelope)
{
	struct frame f;
	uint64_t no;

	assert_true(house_recv(&p->house, dealer, FRAME_DELIVER, &f));
	assert_int_equal(f.deliver.n, 1);
	assert_true(span_eq(f.deliver.items[0].envelope, envelope));
	no = f.deliver.items[0].queue_no;
	house_send(&p->house, dealer, &(struct frame){ .kind = FRAME_TAKEN, .epoch = epoch, .taken = { &no, 1 } });
}

/* A message goes from its sender to its recipient, both receipts come home, and each step carries its proof. */
static void
hubd_straight_line(void **state)
{
	struct place *p = *state;
	struct thread_id thread = { "straight line" };
	struct envelope env, receipt;
	struct span bytes;
	struct header h;
	void *a, *b;
	uint64_t ea, eb;

	if (!p->is_built)
		skip();
	a = house_dealer(&p->house, 0);
	b = house_dealer(&p->house, 2);
	ea = house_hello(&p->house, a, 0);
	eb = house_hello(&p->house, b, 2);
	assert_true(ea > 0 && eb > 0);
	world_header(&p->world, 0, 2, &thread, 1, clock_wall_ms(), &h);
	bytes = submit(p, a, ea, world_envelope(&p->world, 0, &h, 1040, &env));
	check_accepted(p, a, &h.id);
	check_delivered(p, b, eb, bytes);
	for (enum stage stage = STAGE_DELIVERED; stage <= STAGE_SEEN; stage++) {
		world_receipt(&p->world, 2, &env, stage, clock_wall_ms(), &h);
		bytes = submit(p, b, eb, world_envelope(&p->world, 2, &h, 0, &receipt));
		check_accepted(p, b, &h.id);
		check_delivered(p, a, ea, bytes);
	}
	zmq_close(a);
	zmq_close(b);
}

/* What was accepted and not taken comes again after a kill -9, and the same submit gets the same leaf. */
static void
hubd_killed(void **state)
{
	struct place *p = *state;
	struct thread_id thread = { "killed" };
	struct envelope env;
	struct span bytes;
	struct header h;
	void *a, *b;
	uint64_t ea, eb;

	if (!p->is_built)
		skip();
	a = house_dealer(&p->house, 1);
	ea = house_hello(&p->house, a, 1);
	world_header(&p->world, 1, 3, &thread, 1, clock_wall_ms(), &h);
	bytes = submit(p, a, ea, world_envelope(&p->world, 1, &h, 2000, &env));
	check_accepted(p, a, &h.id);
	assert_int_equal(house_stop(&p->house, SIGKILL), 128 + SIGKILL);
	zmq_close(a);
	house_start(&p->house);
	a = house_dealer(&p->house, 1);
	b = house_dealer(&p->house, 3);
	assert_true(house_hello(&p->house, a, 1) == ea + 1);
	eb = house_hello(&p->house, b, 3);
	check_delivered(p, b, eb, bytes);
	(void)submit(p, a, ea + 1, bytes);
	check_accepted(p, a, &h.id);
	zmq_close(a);
	zmq_close(b);
}

static size_t
ask(const struct place *p, const char *request, char *answer, size_t max)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	size_t n = 0;
	ssize_t got;

	snprintf(at.sun_path, sizeof(at.sun_path), "%s/control.sock", p->house.dir);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(write(fd, request, strlen(request)), (ssize_t)strlen(request));
	while (n < max - 1 && (got = read(fd, answer + n, max - 1 - n)) > 0) {
		n += (size_t)got;
		if (answer[n - 1] == '\n')
			break;
	}
	answer[n] = '\0';
	close(fd);
	return n;
}

/* The operator sees each agency; what is no request gets an answer, too. */
static void
hubd_control(void **state)
{
	struct place *p = *state;
	char answer[16384];

	if (!p->is_built)
		skip();
	assert_true(ask(p, "{\"verb\":\"status\"}\n", answer, sizeof(answer)) > 0);
	print_message("%s", answer);
	assert_non_null(strstr(answer, "\"agency\":\"school-7\""));
	assert_true(ask(p, "{\"verb\":\"queues\",\"agency\":\"school-7\"}\n", answer, sizeof(answer)) > 0);
	assert_non_null(strstr(answer, "\"rows\":["));
	assert_true(ask(p, "{\"verb\":\"checkpoint\"}\n", answer, sizeof(answer)) > 0);
	assert_non_null(strstr(answer, WORLD_ORIGIN));
	assert_true(ask(p, "{\"verb\":\"reload\"}\n", answer, sizeof(answer)) > 0);
	assert_non_null(strstr(answer, "\"ok\":true"));
	assert_true(ask(p, "nonsense\n", answer, sizeof(answer)) > 0);
	assert_non_null(strstr(answer, "\"ok\":false"));
}

/* A peer whose key is in no sheet is not let in. */
static void
hubd_stranger(void **state)
{
	struct place *p = *state;
	struct key *own, *stranger = world_key(&p->world, KEY_TRANSPORT);
	void *s;
	int wait = 1500;

	if (!p->is_built)
		skip();
	own = p->world.transport[0];
	p->world.transport[0] = stranger;
	s = house_dealer(&p->house, 0);
	zmq_setsockopt(s, ZMQ_RCVTIMEO, &wait, sizeof(wait));
	assert_int_equal(house_hello(&p->house, s, 0), 0);
	p->world.transport[0] = own;
	key_free(stranger);
	zmq_close(s);
}

#define BURST 201

static bool
log_has(const struct place *p, const char *text)
{
	static char log[1 << 20];
	char path[128];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "%s/log", p->house.dir);
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(log, 1, sizeof(log) - 1, f);
	fclose(f);
	log[n] = '\0';
	return strstr(log, text) != NULL;
}

static size_t
count_accepted(struct place *p, void *dealer)
{
	int wait = 500;
	struct frame f;
	size_t n = 0;

	zmq_setsockopt(dealer, ZMQ_RCVTIMEO, &wait, sizeof(wait));
	while (house_recv(&p->house, dealer, FRAME_ACCEPTED, &f))
		for (size_t i = 0; i < f.accepted.n_runs; i++)
			n += f.accepted.runs[i].n;
	return n;
}

/* SIGTERM in the middle of a burst: what was taken is committed and answered, the rest is not there; code 0 within five seconds, and
 * the next start knows that the end was a good one. */
static void
hubd_stops(void **state)
{
	struct place *p = *state;
	struct thread_id thread = { "a burst" };
	struct span bytes[BURST];
	char answer[16384], wanted[64];
	struct header h;
	int64_t begun;
	uint64_t epoch;
	size_t n;
	void *s;

	if (!p->is_built)
		skip();
	assert_true(log_has(p, "recovered last=none"));
	assert_true(log_has(p, "recovered last=crash"));
	s = house_dealer(&p->house, 2);
	epoch = house_hello(&p->house, s, 2);
	for (uint64_t i = 0; i < BURST; i++) {
		world_header(&p->world, 2, 1, &thread, i + 1, clock_wall_ms(), &h);
		bytes[i] = world_envelope(&p->world, 2, &h, 2000, NULL);
	}
	for (size_t i = 0; i < BURST - 1; i++)	/* within the credit */
		(void)submit(p, s, epoch, bytes[i]);
	begun = clock_mono_ms();
	assert_int_equal(house_stop(&p->house, SIGTERM), 0);
	assert_true(clock_mono_ms() - begun < 5000);
	n = count_accepted(p, s);
	zmq_close(s);
	house_start(&p->house);
	s = house_dealer(&p->house, 2);
	epoch = house_hello(&p->house, s, 2);
	assert_true(epoch > 0);
	assert_true(log_has(p, "recovered last=clean"));
	assert_true(ask(p, "{\"verb\":\"status\"}\n", answer, sizeof(answer)) > 0);
	assert_non_null(strstr(answer, "\"last_run\":\"clean\""));
	snprintf(wanted, sizeof(wanted), "\"accepted\":%zu,\"delivered\":", n + 3);	/* and the receipts of before */
	assert_non_null(strstr(answer, wanted));
	(void)submit(p, s, epoch, bytes[n]);	/* the next of the thread: exactly those before it are there */
	check_accepted_next(p, s);
	zmq_close(s);
	assert_int_equal(house_stop(&p->house, SIGTERM), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hubd_straight_line), cmocka_unit_test(hubd_killed), cmocka_unit_test(hubd_control),
		cmocka_unit_test(hubd_stranger), cmocka_unit_test(hubd_stops),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
