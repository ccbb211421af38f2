/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/support/paper_hub.h"

static uint64_t
pin(struct paper *p, size_t i)
{
	return p->party[i].desk.adapter->pin_size;
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
	assert_false(paper_is_up(p, 0));
	assert_non_null(strstr(p->party[0].told, "uplink.forked pin=1 size=2"));
	assert_int_equal(pin(p, 0), had);
	assert_int_equal(paper_count(p, 0, TABLE_PENDING), 1);
	*old ^= 1;
	paper_greet(p, 0, 100);
	assert_true(paper_is_up(p, 0));
	assert_int_equal(paper_accept(p, 0, p->party[0].sent[1], LIE_NOT), OK);
	assert_int_equal(paper_count(p, 0, TABLE_PENDING), 0);
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
	assert_true(paper_is_up(p, 0));
	assert_int_equal(paper_count(p, 0, TABLE_PENDING), 1);
	assert_int_equal(pin(p, 0), shown);
	assert_int_equal(paper_accept(p, 0, p->party[0].sent[1], LIE_NOT), OK);
	assert_false(paper_is_up(p, 0));
	assert_int_equal(paper_count(p, 0, TABLE_PENDING), 1);
	assert_int_equal(pin(p, 0), shown);
	assert_null(strstr(p->party[0].told, "uplink.forked"));
	paper_greet(p, 0, 100);
	assert_int_equal(paper_accept(p, 0, p->party[0].sent[1], LIE_NOT), OK);
	assert_int_equal(paper_count(p, 0, TABLE_PENDING), 0);
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
	assert_false(paper_is_up(p, 0));
	p->log[1].hash = root;
	p->size = 1;				/* an older one */
	assert_int_equal(adapter_on_up(a), OK);
	assert_int_equal(paper_welcome(p, 0, 100), OK);
	assert_false(paper_is_up(p, 0));
	p->size = 2;
	assert_int_equal(adapter_on_up(a), OK);
	assert_int_equal(paper_welcome(p, 0, 100), OK);
	assert_true(paper_is_up(p, 0));
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
	assert_false(paper_is_up(p, 0));
	assert_int_equal(paper_accept(p, 0, p->party[0].sent[0], LIE_NOT), OK);
	assert_int_equal(paper_count(p, 0, TABLE_PENDING), 1);
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
		cmocka_unit_test(session_checkpoint_fork),
		cmocka_unit_test(session_checkpoint_order),
		cmocka_unit_test(session_welcome_inconsistent),
		cmocka_unit_test(session_welcome_old),
		cmocka_unit_test(session_tick_clock_back),
		cmocka_unit_test(session_taken_credit),
		cmocka_unit_test(session_sign_of_life),
		cmocka_unit_test(session_hello_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
