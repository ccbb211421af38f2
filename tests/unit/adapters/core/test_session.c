/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/support/paper_hub.h"

static uint64_t
pin(struct paper *p, size_t i)
{
	return p->party[i].desk.adapter->pin_size;
}

static bool
is_up(struct paper *p, size_t i)
{
	struct adapter_status s;

	adapter_status(p->party[i].desk.adapter, &s);
	return s.is_up;
}

static uint64_t
pending(struct paper *p, size_t i)
{
	return paper_count(p, i, TABLE_PENDING);
}

/* An ACCEPTED that proves nothing is refused, ends the session, and the message stays pending; an honest one settles it. */
static void
session_accepted_lies(void **state)
{
	static const enum lie lies[] = { LIE_PATH, LIE_LEAF, LIE_DETAIL, LIE_TYPE, LIE_CHECKPOINT, LIE_GROWTH };
	struct paper *p = paper_up();

	(void)state;
	paper_refer(p, "R-0", "routine");
	assert_int_equal(paper_accept(p, 0, p->party[0].sent[0], LIE_NOT), OK);
	paper_refer(p, "R-1", "routine");
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		assert_int_equal(paper_accept(p, 0, p->party[0].sent[1], lies[i]), OK);
		assert_false(is_up(p, 0));
		assert_int_equal(pending(p, 0), 1);
		assert_int_equal(paper_thread(p, 0, "R-1").stored_ms, 0);
		paper_greet(p, 0, 100);
	}
	assert_int_equal(paper_accept(p, 0, p->party[0].sent[1], LIE_NOT), OK);
	assert_true(is_up(p, 0));
	assert_int_equal(pending(p, 0), 0);
	assert_int_not_equal(paper_thread(p, 0, "R-1").stored_ms, 0);
	paper_down(p);
}

/* A log that forks within a session, every leaf proven in its new tree: nothing of it is taken, it is told, and the pin stays. */
static void
session_checkpoint_fork(void **state)
{
	struct paper *p = paper_up();
	uint8_t *old = p->log[0].hash.b;
	uint64_t had;

	(void)state;
	paper_refer(p, "R-0", "routine");
	assert_int_equal(paper_accept(p, 0, p->party[0].sent[0], LIE_NOT), OK);
	had = pin(p, 0);
	paper_refer(p, "R-1", "routine");
	*old ^= 1;
	assert_int_equal(paper_accept(p, 0, p->party[0].sent[1], LIE_NOT), OK);
	assert_false(is_up(p, 0));
	assert_non_null(strstr(p->party[0].told, "uplink.forked pin=1 size=2"));
	assert_int_equal(pin(p, 0), had);
	assert_int_equal(pending(p, 0), 1);
	*old ^= 1;
	paper_greet(p, 0, 100);
	assert_true(is_up(p, 0));
	assert_int_equal(paper_accept(p, 0, p->party[0].sent[1], LIE_NOT), OK);
	assert_int_equal(pending(p, 0), 0);
	assert_int_equal(pin(p, 0), p->size);
	paper_down(p);
}

/* A frame whose checkpoint follows an older one than the pin is nothing; where one before it is missing there is a new greeting,
 * and no word of tampering. */
static void
session_checkpoint_order(void **state)
{
	struct paper *p = paper_up();
	uint64_t shown;

	(void)state;
	paper_refer(p, "R-0", "routine");
	paper_refer(p, "R-1", "routine");
	assert_int_equal(paper_accept(p, 0, p->party[0].sent[0], LIE_NOT), OK);
	shown = p->party[0].shown;
	p->party[0].shown = 0;
	assert_int_equal(paper_accept(p, 0, p->party[0].sent[1], LIE_NOT), OK);
	assert_true(is_up(p, 0));
	assert_int_equal(pending(p, 0), 1);
	assert_int_equal(pin(p, 0), shown);
	assert_int_equal(paper_accept(p, 0, p->party[0].sent[1], LIE_NOT), OK);
	assert_false(is_up(p, 0));
	assert_int_equal(pending(p, 0), 1);
	assert_int_equal(pin(p, 0), shown);
	assert_null(strstr(p->party[0].told, "uplink.forked"));
	paper_greet(p, 0, 100);
	assert_int_equal(paper_accept(p, 0, p->party[0].sent[1], LIE_NOT), OK);
	assert_int_equal(pending(p, 0), 0);
	paper_down(p);
}

/* The same ACCEPTED again changes nothing. */
static void
session_accepted_twice(void **state)
{
	struct paper *p = paper_up();
	uint64_t n;

	(void)state;
	paper_refer(p, "R-1", "routine");
	assert_int_equal(paper_accept(p, 0, p->party[0].sent[0], LIE_NOT), OK);
	n = paper_count(p, 0, TABLE_INBOX);
	assert_int_equal(paper_accept(p, 0, p->party[0].sent[0], LIE_NOT), OK);
	assert_int_equal(paper_count(p, 0, TABLE_INBOX), n);
	assert_true(is_up(p, 0));
	paper_down(p);
}

/* A log that does not continue the pin gets no session; nor does one that is shorter. The pin outlives the process. */
static void
session_welcome_inconsistent(void **state)
{
	struct paper *p = paper_up();
	struct adapter *a;
	struct hash root;

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_refer(p, "R-2", "routine");
	assert_int_equal(paper_accept(p, 0, p->party[0].sent[0], LIE_NOT), OK);
	assert_int_equal(paper_accept(p, 0, p->party[0].sent[1], LIE_NOT), OK);
	assert_int_equal(pin(p, 0), 2);
	adesk_stop(&p->party[0].desk);
	adesk_start(&p->party[0].desk);
	a = p->party[0].desk.adapter;
	assert_int_equal(pin(p, 0), 2);
	root = p->log[1].hash;
	p->log[1].hash.b[0] ^= 1;		/* another history of the same length */
	assert_int_equal(adapter_on_up(a), OK);
	assert_int_equal(paper_welcome(p, 0, 100), OK);
	assert_false(is_up(p, 0));
	p->log[1].hash = root;
	p->size = 1;				/* an older one */
	assert_int_equal(adapter_on_up(a), OK);
	assert_int_equal(paper_welcome(p, 0, 100), OK);
	assert_false(is_up(p, 0));
	p->size = 2;
	assert_int_equal(adapter_on_up(a), OK);
	assert_int_equal(paper_welcome(p, 0, 100), OK);
	assert_true(is_up(p, 0));
	paper_down(p);
}

/* A welcome of an older greeting, and frames of an older session, are nothing. */
static void
session_welcome_old(void **state)
{
	struct paper *p = paper_up();
	struct hello old;

	(void)state;
	paper_refer(p, "R-1", "routine");
	adapter_on_down(p->party[0].desk.adapter);
	old = p->party[0].hello;
	assert_int_equal(adapter_on_up(p->party[0].desk.adapter), OK);
	memcpy(p->party[0].hello.session, old.session, sizeof(old.session));
	assert_int_equal(paper_welcome(p, 0, 100), OK);
	assert_false(is_up(p, 0));
	assert_int_equal(paper_accept(p, 0, p->party[0].sent[0], LIE_NOT), OK);
	assert_int_equal(pending(p, 0), 1);
	paper_down(p);
}

/* No more is sent than the hub's credit; more credit, more messages; credit never sinks. */
static void
session_submit_credit(void **state)
{
	struct paper *p = calloc(1, sizeof(*p));
	struct frame f = { .kind = FRAME_CREDIT };

	(void)state;
	paper_init(p);
	paper_greet(p, 0, 3);
	for (int i = 0; i < 9; i++)
		paper_refer(p, arena_fmt(p->mem, "R-%d", i), "routine");
	assert_int_equal(p->party[0].n_sent, 3);
	f.credit = (struct credit){ 5, (uint64_t)64 << 20 };
	assert_int_equal(paper_send(p, 0, &f), OK);
	assert_int_equal(p->party[0].n_sent, 5);
	f.credit = (struct credit){ 2, (uint64_t)64 << 20 };
	assert_int_equal(paper_send(p, 0, &f), OK);
	f.credit = (struct credit){ 6, (uint64_t)64 << 20 };
	assert_int_equal(paper_send(p, 0, &f), OK);
	assert_int_equal(p->party[0].n_sent, 6);
	paper_down(p);
}

/* The hub hears from an adapter every heartbeat, though it has nothing new to say. */
static void
session_sign_of_life(void **state)
{
	struct paper *p = paper_up();
	struct paper_party *q = &p->party[0];

	(void)state;
	q->desk.config.transport.heartbeat_ms = CLOCK_SECOND;
	paper_tick(p, 0, CLOCK_MINUTE);
	for (int i = 0; i < 4; i++) {
		assert_true(q->credit.messages > 0);
		q->credit = (struct credit){ 0, 0 };
		paper_tick(p, 0, CLOCK_SECOND - 1);
		assert_int_equal(q->credit.messages, 0);
		paper_tick(p, 0, i == 3 ? -CLOCK_HOUR : 1);
	}
	assert_true(q->credit.messages > 0);
	paper_down(p);
}

/* A tenth of the credit is for EMERGENCY, which goes before what waits. */
static void
session_submit_emergency(void **state)
{
	struct paper *p = calloc(1, sizeof(*p));
	struct envelope env;

	(void)state;
	paper_init(p);
	paper_greet(p, 0, 20);
	for (int i = 0; i < 30; i++)
		paper_refer(p, arena_fmt(p->mem, "R-%d", i), "routine");
	assert_int_equal(p->party[0].n_sent, 18);
	paper_refer(p, "E-1", "emergency");
	assert_int_equal(p->party[0].n_sent, 19);
	env = paper_decode(p, p->party[0].sent[18]);
	assert_int_equal(env.header.priority, PRIORITY_EMERGENCY);
	paper_down(p);
}

/* What could not be sent uses up no credit and goes as soon as it can; a backlog goes under one signature. */
static void
session_submit_busy(void **state)
{
	struct paper *p = calloc(1, sizeof(*p));
	struct envelope env;

	(void)state;
	paper_init(p);
	paper_greet(p, 0, 8);
	p->party[0].is_deaf = true;
	for (int i = 0; i < 8; i++)
		paper_refer(p, arena_fmt(p->mem, "R-%d", i), "routine");
	for (int i = 0; i < 20; i++)
		paper_tick(p, 0, 1000);
	p->party[0].is_deaf = false;
	paper_tick(p, 0, 10);
	assert_int_equal(p->party[0].n_sent, 8);
	assert_int_equal(p->party[0].n_submits, 1);
	env = paper_decode(p, p->party[0].sent[5]);
	assert_int_equal(env.signature.size, 8);
	assert_true(envelope_is_signed(&env, &p->world.agencies[0].signing));
	paper_down(p);
}

/* I29: a message uses as much credit as the hub gives back for it: the bytes of its envelope, no more. */
static void
session_submit_counts_bytes(void **state)
{
	struct paper *p = calloc(1, sizeof(*p));
	uint64_t bytes = 0;

	(void)state;
	paper_init(p);
	paper_greet(p, 0, 8);
	for (int i = 0; i < 3; i++)
		paper_refer(p, arena_fmt(p->mem, "R-%d", i), "routine");
	for (size_t i = 0; i < p->party[0].n_sent; i++)
		bytes += p->party[0].sent[i].n;
	assert_int_equal(p->party[0].n_sent, 3);
	assert_int_equal(p->party[0].desk.adapter->sent.bytes, bytes);
	assert_int_equal(p->party[0].desk.adapter->sent.messages, 3);
	paper_down(p);
}

/* What got no answer goes again, with its credit given back; what was answered "later" goes after that time. */
static void
session_tick_again(void **state)
{
	struct paper *p = calloc(1, sizeof(*p));

	(void)state;
	paper_init(p);
	paper_greet(p, 0, 1);
	paper_refer(p, "R-1", "routine");
	assert_int_equal(p->party[0].n_sent, 1);
	for (int i = 0; i < 5; i++)
		paper_tick(p, 0, 11 * CLOCK_SECOND);
	assert_int_equal(p->party[0].n_sent, 6);
	assert_true(span_eq(p->party[0].sent[0], p->party[0].sent[5]));
	paper_down(p);
}

/* What got no answer may be at a hub that stands still: on the credit that it holds only itself goes again, whatever else waits. */
static void
session_tick_same_again(void **state)
{
	struct paper *p = calloc(1, sizeof(*p));
	struct envelope env;

	(void)state;
	paper_init(p);
	paper_greet(p, 0, 2);
	paper_refer(p, "R-1", "routine");
	paper_refer(p, "R-2", "routine");
	paper_refer(p, "R-3", "emergency");
	assert_int_equal(p->party[0].n_sent, 2);
	for (int i = 0; i < 5; i++)
		paper_tick(p, 0, 11 * CLOCK_SECOND);
	assert_int_equal(p->party[0].n_sent, 12);
	for (size_t i = 0; i < 12; i++) {
		env = paper_decode(p, p->party[0].sent[i]);
		assert_int_equal(env.header.priority, PRIORITY_ROUTINE);
	}
	paper_down(p);
}

/* A clock that goes back a day makes nothing wait for a day: not the greeting, not what got no answer. */
static void
session_tick_clock_back(void **state)
{
	struct paper *p = calloc(1, sizeof(*p));

	(void)state;
	paper_init(p);
	paper_greet(p, 0, 8);
	paper_refer(p, "R-1", "routine");
	paper_tick(p, 0, 1000);
	assert_int_equal(p->party[0].n_sent, 1);
	paper_tick(p, 0, -CLOCK_DAY);
	assert_int_equal(p->party[0].n_sent, 2);
	adapter_on_down(p->party[0].desk.adapter);
	assert_int_equal(adapter_on_up(p->party[0].desk.adapter), OK);
	p->party[0].n_hellos = 0;
	paper_tick(p, 0, -CLOCK_DAY);
	assert_int_equal(p->party[0].n_hellos, 1);
	paper_down(p);
}

/* Refused with RETRY: sent again after the time named, not before. Refused for good: settled, and the stage told. */
static void
session_refused_verdicts(void **state)
{
	struct paper *p = paper_up();

	(void)state;
	paper_refer(p, "R-1", "routine");
	assert_int_equal(paper_refuse(p, 0, p->party[0].sent[0], ERR_FULL, 5000), OK);
	paper_tick(p, 0, 3000);
	assert_int_equal(p->party[0].n_sent, 1);
	paper_tick(p, 0, 3000);
	assert_int_equal(p->party[0].n_sent, 2);
	assert_int_equal(pending(p, 0), 1);
	assert_int_equal(paper_refuse(p, 0, p->party[0].sent[1], ERR_NOT_ALLOWED, 0), OK);
	assert_int_equal(pending(p, 0), 0);
	assert_int_equal(paper_thread(p, 0, "R-1").refused, ERR_NOT_ALLOWED);
	paper_tick(p, 0, 1000);
	assert_string_equal(p->party[0].handed[0].text, "stage refused R-1 - NSK-1202");
	paper_down(p);
}

/* The hub hears what more may come with each TAKEN, and again later in case that was lost. */
static void
session_taken_credit(void **state)
{
	struct paper *p = paper_up();
	struct credit first;

	(void)state;
	paper_refer(p, "R-1", "routine");
	assert_int_equal(paper_deliver(p, 1, p->party[0].sent[0], LIE_NOT), OK);
	first = p->party[1].credit;
	assert_int_equal(first.messages, 1 + 64);
	assert_int_equal(first.bytes, p->party[0].sent[0].n + (8 << 20));
	memset(&p->party[1].credit, 0, sizeof(first));
	paper_tick(p, 1, 6 * CLOCK_SECOND);
	assert_int_equal(p->party[1].credit.messages, first.messages);
	paper_down(p);
}

/* No answer to the greeting: the same one again; after a fall another one. */
static void
session_hello_again(void **state)
{
	struct paper *p = calloc(1, sizeof(*p));
	uint8_t session[16];

	(void)state;
	paper_init(p);
	assert_int_equal(adapter_on_up(p->party[0].desk.adapter), OK);
	memcpy(session, p->party[0].hello.session, sizeof(session));
	paper_tick(p, 0, 4 * CLOCK_SECOND);
	assert_int_equal(p->party[0].n_hellos, 2);
	assert_memory_equal(session, p->party[0].hello.session, sizeof(session));
	adapter_on_down(p->party[0].desk.adapter);
	assert_int_equal(adapter_on_up(p->party[0].desk.adapter), OK);
	assert_memory_not_equal(session, p->party[0].hello.session, sizeof(session));
	paper_down(p);
}

/* Key sheets that follow some which never came are not taken: the session ends, and the next greeting brings all. */
static void
session_directory_lost(void **state)
{
	struct frame f = { .kind = FRAME_DIRECTORY };
	struct paper *p = paper_up();
	uint64_t seen = contacts_sheets_seen(p->party[0].desk.contacts);

	(void)state;
	f.directory = (struct directory_frame){ .sheets = p->world.sheets, .n_sheets = 1, .sheets_seen = 30, .since = seen + 1 };
	assert_int_equal(paper_send(p, 0, &f), OK);
	assert_int_equal(p->party[0].desk.adapter->link, LINK_DOWN);
	assert_int_equal(contacts_sheets_seen(p->party[0].desk.contacts), seen);
	paper_greet(p, 0, 1000);
	f.directory.since = contacts_sheets_seen(p->party[0].desk.contacts);
	assert_int_equal(paper_send(p, 0, &f), OK);
	assert_int_equal(contacts_sheets_seen(p->party[0].desk.contacts), 30);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(session_directory_lost),
		cmocka_unit_test(session_accepted_lies),
		cmocka_unit_test(session_checkpoint_fork),
		cmocka_unit_test(session_checkpoint_order),
		cmocka_unit_test(session_accepted_twice),
		cmocka_unit_test(session_welcome_inconsistent),
		cmocka_unit_test(session_welcome_old),
		cmocka_unit_test(session_submit_credit),
		cmocka_unit_test(session_submit_emergency),
		cmocka_unit_test(session_submit_busy),
		cmocka_unit_test(session_submit_counts_bytes),
		cmocka_unit_test(session_tick_again),
		cmocka_unit_test(session_tick_same_again),
		cmocka_unit_test(session_tick_clock_back),
		cmocka_unit_test(session_refused_verdicts),
		cmocka_unit_test(session_taken_credit),
		cmocka_unit_test(session_sign_of_life),
		cmocka_unit_test(session_hello_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
