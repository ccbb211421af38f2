/* SPDX-License-Identifier: EUPL-1.2 */
/* reseal - what cannot be opened any more is asked for, goes again under a new id, and stays one message for both agencies' systems. */
#include "tests/support/paper_hub.h"

#include "adapters/core/reseal.h"
#include "adapters/core/withdraw.h"

static struct paper *p;

static int
set_up(void **state)
{
	(void)state;
	p = paper_up();
	p->party[1].hand = HAND_KEEP;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	paper_down(p);
	return 0;
}

static void
show_sheets(size_t i)
{
	struct frame f = { .kind = FRAME_DIRECTORY };

	f.directory = (struct directory_frame){ .sheets = p->world.sheets, .n_sheets = WORLD_AGENCIES, .sheets_seen = 99 };
	assert_int_equal(paper_send(p, i, &f), OK);
}

/* Agency `i` comes back with another sealing key; the other side knows of it or not yet. */
static void
lose_key(size_t i, uint64_t version, bool is_told)
{
	adesk_stop(&p->party[i].desk);
	adesk_rekey(&p->party[i].desk, version);
	adesk_start(&p->party[i].desk);
	paper_greet(p, i, 1000);
	if (is_told)
		show_sheets(1 - i);
}

/* In the paper's memory. */
static const struct outbound *
outbound(size_t i, uint64_t seq)
{
	struct txn *txn = store_read(p->party[i].desk.store);
	struct outbound o = { .seq = 0 };

	(void)outbox_get(txn, seq, &o);
	txn_abort(txn);
	return arena_copy(p->mem, &o, sizeof(o));
}

static const struct inbound *
inbound(size_t i, uint64_t cursor)
{
	struct txn *txn = store_read(p->party[i].desk.store);
	struct inbound in = { .cursor = 0 };

	(void)inbox_get(txn, cursor, &in);
	txn_abort(txn);
	return arena_copy(p->mem, &in, sizeof(in));
}

/* What `i` submitted is accepted, not delivered; all of it is given back and its list emptied. */
static size_t
accept_all(size_t i, struct span ret_sent[static 8])
{
	size_t n = p->party[i].n_sent;

	assert_true(n <= 8);
	for (size_t k = 0; k < n; k++) {
		ret_sent[k] = p->party[i].sent[k];
		assert_int_equal(paper_accept(p, i, ret_sent[k], LIE_NOT), OK);
	}
	p->party[i].n_sent = 0;
	return n;
}

static const char *
step(const char *to, const char *more)
{
	return adesk_status(p->mem, arena_fmt(p->mem, "S-%s", to), "R-1", to, more);
}

/* A message whose key its recipient has lost is asked for, comes under the new key, and is registered: one entry, one id for both
 * systems; the clocks are the first ones. */
static void
lost_key(void **state)
{
	struct envelope first, again;
	struct span sent[8];
	struct outbound o;

	(void)state;
	paper_refer(p, "R-1", "routine");
	assert_int_equal(accept_all(0, sent), 1);
	first = paper_decode(p, sent[0]);
	lose_key(1, 2, true);
	assert_int_equal(paper_deliver(p, 1, sent[0], LIE_NOT), OK);
	assert_int_equal(paper_count(p, 1, TABLE_INBOX), 0);
	assert_int_equal(paper_count(p, 1, TABLE_AWAITED), 1);
	assert_int_equal(paper_decode(p, p->party[1].sent[0]).header.stage, STAGE_RESEAL);
	p->now_ms += 5 * CLOCK_DAY;
	paper_run(p);
	paper_tick(p, 0, 1);
	again = paper_decode(p, p->party[0].sent[0]);
	assert_true(msgid_eq(&again.header.supersedes, &first.header.id));
	assert_false(msgid_eq(&again.header.id, &first.header.id));
	assert_int_equal(again.header.seq, 1);
	assert_int_equal(again.header.registered_by_ms, first.header.registered_by_ms);
	assert_int_equal(again.header.expires_ms, first.header.expires_ms);
	assert_int_equal(again.header.created_ms, first.header.created_ms);
	paper_run(p);
	assert_int_equal(paper_count(p, 1, TABLE_INBOX), 1);
	assert_int_equal(paper_count(p, 1, TABLE_AWAITED), 0);
	assert_true(msgid_eq(&inbound(1, 1)->first, &first.header.id));
	assert_true(msgid_eq(&inbound(1, 1)->id, &again.header.id));
	assert_int_equal(strncmp(paper_take(p, 1, "confirms=R-1\ncase_no=C-1\n"), "OK ", 3), 0);
	paper_run(p);
	o = *outbound(0, 1);
	assert_true(msgid_eq(&o.first, &first.header.id));
	assert_true(o.registered_ms > 0 && o.stored_ms > 0 && o.again == 1);
	assert_string_equal(paper_thread(p, 0, "R-1").external_no, "C-1");
	assert_int_equal(paper_count(p, 0, TABLE_INBOX), 3);	/* stored, delivered, registered: once each */
	assert_true(msgid_eq(&inbound(0, 3)->id, &first.header.id));
	assert_int_equal(paper_count(p, 0, TABLE_WISHES), 0);
	assert_int_equal(paper_count(p, 0, TABLE_PENDING), 0);
}

/* Sealed again and refused for good by the hub, a message can never be opened: our system and its operators hear of it, and what the
 * hub has of it is taken back, so that its recipient does not wait. That the old one has ended is no such refusal. */
static void
refused_for_good(void **state)
{
	static const enum err codes[] = { ERR_NOT_ALLOWED, ERR_CONFLICT };
	struct envelope first, taken_back;
	struct span sent[8];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const char *number = i == 0 ? "R-1" : "R-2";
		uint64_t told = paper_count(p, 0, TABLE_UNSEEN);

		paper_refer(p, number, "routine");
		assert_int_equal(accept_all(0, sent), 1);
		first = paper_decode(p, sent[0]);
		lose_key(1, (uint64_t)i + 2, true);
		assert_int_equal(paper_deliver(p, 1, sent[0], LIE_NOT), OK);
		paper_run(p);
		paper_tick(p, 0, 3 * CLOCK_SECOND);
		assert_int_equal(p->party[0].n_sent, 1);
		assert_int_equal(paper_refuse(p, 0, p->party[0].sent[0], codes[i], 0), OK);
		assert_int_equal(paper_count(p, 0, TABLE_UNSEEN), told + (i == 0));
		assert_int_equal(paper_thread(p, 0, number).refused, i == 0 ? ERR_NOT_ALLOWED : OK);
		p->party[0].n_sent = 0;
		paper_tick(p, 0, CLOCK_SECOND);
		assert_int_equal(p->party[0].n_sent, i == 0);
		if (i > 0)
			continue;
		taken_back = paper_decode(p, p->party[0].sent[0]);
		assert_int_equal(taken_back.header.stage, STAGE_WITHDRAWN);
		assert_true(msgid_eq(&taken_back.header.in_reply_to, &first.header.id) &&
			    hash_eq(&taken_back.header.received, &first.hash));
		paper_run(p);
		assert_int_equal(paper_count(p, 1, TABLE_AWAITED), 0);
		assert_int_equal(paper_count(p, 0, TABLE_PENDING), 0);
	}
}

/* What follows a lost one in its thread is asked for with it, though it could be opened; both come in their order. */
static void
followers_wait(void **state)
{
	struct span sent[9];

	(void)state;
	paper_refer(p, "R-1", "routine");
	assert_int_equal(accept_all(0, sent), 1);
	lose_key(1, 2, true);
	assert_int_equal(strncmp(paper_take(p, 0, step("cancelled", "")), "OK ", 3), 0);
	assert_int_equal(accept_all(0, sent + 1), 1);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(paper_deliver(p, 1, sent[i], LIE_NOT), OK);
	assert_int_equal(paper_count(p, 1, TABLE_AWAITED), 2);
	assert_int_equal(p->party[1].desk.adapter->link, LINK_UP);	/* no gap that ends the session */
	paper_run(p);
	for (int i = 0; i < 4; i++) {
		paper_tick(p, 0, 3 * CLOCK_SECOND);
		paper_run(p);
	}
	assert_int_equal(paper_count(p, 1, TABLE_AWAITED), 0);
	assert_int_equal(paper_count(p, 1, TABLE_INBOX), 2);
	assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_CANCELLED);
	assert_int_equal(paper_thread(p, 1, "R-1").others[0].taken, 2);
}

/* What was asked for and is taken back by its sender holds its thread up no longer. */
static void
taken_back(void **state)
{
	struct why why = { .where = "" };
	struct span sent[9];

	(void)state;
	p->party[1].hand = HAND_NOW;
	p->party[1].answer = "taken";
	paper_refer(p, "R-1", "routine");
	assert_int_equal(accept_all(0, sent), 1);
	lose_key(1, 2, true);
	assert_int_equal(paper_deliver(p, 1, sent[0], LIE_NOT), OK);
	assert_int_equal(paper_count(p, 1, TABLE_AWAITED), 1);
	assert_int_equal(withdraw_ask(p->party[0].desk.adapter, "R-1", &why), OK);
	assert_int_equal(accept_all(0, sent + 1), 1);
	assert_int_equal(paper_deliver(p, 1, sent[1], LIE_NOT), OK);
	paper_run(p);
	paper_tick(p, 0, CLOCK_MINUTE);
	assert_int_equal(p->party[0].n_sent, 0);
	assert_int_equal(paper_count(p, 0, TABLE_WISHES), 0);
	assert_int_equal(paper_count(p, 1, TABLE_AWAITED), 0);
	assert_int_equal(paper_count(p, 1, TABLE_INBOX), 0);
	assert_int_equal(p->party[1].desk.adapter->link, LINK_UP);
}

/* Made again, handed over, and then taken back: its system is told that the referral is cancelled. */
static void
taken_back_after_all(void **state)
{
	struct why why = { .where = "" };
	struct span sent[9];

	(void)state;
	p->party[1].hand = HAND_NOW;
	p->party[1].answer = "taken";
	paper_refer(p, "R-1", "routine");
	assert_int_equal(accept_all(0, sent), 1);
	lose_key(1, 2, true);
	assert_int_equal(paper_deliver(p, 1, sent[0], LIE_NOT), OK);
	paper_run(p);
	paper_tick(p, 0, 1);
	paper_run(p);
	paper_tick(p, 1, 1);
	assert_int_equal(p->party[1].n_handed, 1);
	p->party[1].n_handed = 0;
	assert_int_equal(withdraw_ask(p->party[0].desk.adapter, "R-1", &why), OK);
	paper_run(p);
	paper_tick(p, 1, 1000);
	assert_int_equal(p->party[1].n_handed, 1);
	assert_non_null(strstr(p->party[1].handed[0].text, "status-change R-1 cancelled"));
}

/* A withdrawal that comes to the hub when its message goes by another id there is made for that one. */
static void
taken_back_too_early(void **state)
{
	struct why why = { .where = "" };
	struct span sent[9], again, withdrawal;
	struct envelope env, made;

	(void)state;
	paper_refer(p, "R-1", "routine");
	assert_int_equal(accept_all(0, sent), 1);
	lose_key(1, 2, true);
	assert_int_equal(paper_deliver(p, 1, sent[0], LIE_NOT), OK);
	assert_int_equal(withdraw_ask(p->party[0].desk.adapter, "R-1", &why), OK);
	withdrawal = p->party[0].sent[0];
	p->party[0].n_sent = 0;
	assert_int_equal(paper_refuse(p, 0, withdrawal, ERR_OVERLOAD, 4000), OK);
	paper_run(p);
	paper_tick(p, 0, 1);
	assert_int_equal(p->party[0].n_sent, 1);
	again = p->party[0].sent[0];
	p->party[0].n_sent = 0;
	assert_int_equal(paper_accept(p, 0, again, LIE_NOT), OK);
	assert_int_equal(paper_refuse(p, 0, withdrawal, ERR_CONFLICT, 0), OK);
	paper_tick(p, 0, 1);
	assert_int_equal(p->party[0].n_sent, 1);
	env = paper_decode(p, p->party[0].sent[0]);
	assert_int_equal(env.header.stage, STAGE_WITHDRAWN);
	made = paper_decode(p, again);
	assert_true(msgid_eq(&env.header.in_reply_to, &made.header.id));
	paper_run(p);
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_CANCELLED);
	assert_int_equal(paper_count(p, 0, TABLE_PENDING), 0);
}

/* While the sender knows no newer key it tries ever more rarely, and at once when the sheet has come; a death forgets no wish. */
static void
waits_for_the_sheet(void **state)
{
	struct span sent[8], old = p->world.sheets[1], new;
	unsigned n = 0;

	(void)state;
	paper_refer(p, "R-1", "routine");
	assert_int_equal(accept_all(0, sent), 1);
	lose_key(1, 2, false);
	assert_int_equal(paper_deliver(p, 1, sent[0], LIE_NOT), OK);
	paper_run(p);
	new = p->world.sheets[1];
	p->world.sheets[1] = old;
	adesk_stop(&p->party[0].desk);
	adesk_start(&p->party[0].desk);
	paper_greet(p, 0, 1000);
	for (int i = 0; i < 600; i++) {
		paper_tick(p, 0, CLOCK_SECOND);
		if (p->party[0].desk.adapter->link != LINK_UP)	/* it asks for the sheet that it misses */
			paper_greet(p, 0, 1000);
		n += p->party[0].n_sent > 0;
		paper_run(p);
	}
	assert_int_equal(paper_count(p, 1, TABLE_INBOX), 0);
	assert_true(n >= 5 && n <= 10);
	p->world.sheets[1] = new;
	paper_greet(p, 0, 1000);
	paper_tick(p, 0, CLOCK_SECOND);
	paper_run(p);
	assert_int_equal(paper_count(p, 1, TABLE_INBOX), 1);
	assert_true(msgid_eq(&inbound(1, 1)->first, &outbound(0, 1)->first));
	assert_int_equal(paper_count(p, 1, TABLE_AWAITED), 0);
}

/* A wish that was put off by a clock which then goes back a day does not wait for that day. */
static void
the_clock_goes_back(void **state)
{
	struct span sent[8], old = p->world.sheets[1];
	unsigned n = 0;

	(void)state;
	paper_refer(p, "R-1", "routine");
	assert_int_equal(accept_all(0, sent), 1);
	lose_key(1, 2, false);
	assert_int_equal(paper_deliver(p, 1, sent[0], LIE_NOT), OK);
	paper_run(p);
	p->world.sheets[1] = old;
	paper_tick(p, 0, CLOCK_SECOND);
	p->now_ms -= CLOCK_DAY;
	for (int i = 0; i < 600; i++) {
		paper_tick(p, 0, CLOCK_SECOND);
		if (p->party[0].desk.adapter->link != LINK_UP)
			paper_greet(p, 0, 1000);
		n += p->party[0].n_sent > 0;
		paper_run(p);
	}
	assert_true(n >= 2);
}

/* A step that closes a message which was made again before the hub had it names an id that the hub cannot know: it is made again too,
 * and not refused for good. What the hub says so of without that is refused. */
static void
what_it_closes_was_made_again(void **state)
{
	struct envelope first, again;
	struct span step_bytes;

	(void)state;
	paper_refer(p, "R-1", "routine");
	assert_int_equal(strncmp(paper_take(p, 0, step("cancelled", "")), "OK ", 3), 0);
	assert_int_equal(p->party[0].n_sent, 2);
	first = paper_decode(p, p->party[0].sent[0]);
	step_bytes = p->party[0].sent[1];
	assert_true(msgid_eq(&paper_decode(p, step_bytes).header.closes[0], &first.header.id));
	lose_key(1, 2, true);
	assert_int_equal(paper_refuse(p, 0, p->party[0].sent[0], ERR_RESEAL, 0), OK);
	p->party[0].n_sent = 0;
	paper_tick(p, 0, 1);
	first = paper_decode(p, p->party[0].sent[0]);
	assert_int_equal(paper_refuse(p, 0, step_bytes, ERR_NOTFOUND, 0), OK);
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_CANCELLED);
	p->party[0].n_sent = 0;
	paper_tick(p, 0, 5 * CLOCK_SECOND);
	assert_true(p->party[0].n_sent > 0);
	again = paper_decode(p, p->party[0].sent[p->party[0].n_sent - 1]);
	assert_int_equal(again.header.seq, 2);
	assert_true(msgid_eq(&again.header.closes[0], &first.header.id));
	assert_int_equal(paper_refuse(p, 0, p->party[0].sent[p->party[0].n_sent - 1], ERR_NOTFOUND, 0), OK);
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_REQUESTED);
}

/* What the hub refuses with RESEAL it does not have: it goes again under a new id that supersedes nothing, in the same place. */
static void
refused_by_the_hub(void **state)
{
	struct envelope first, again;

	(void)state;
	paper_refer(p, "R-1", "routine");
	first = paper_decode(p, p->party[0].sent[0]);
	lose_key(1, 2, true);
	assert_int_equal(paper_refuse(p, 0, p->party[0].sent[0], ERR_RESEAL, 0), OK);
	p->party[0].n_sent = 0;
	paper_tick(p, 0, 1);
	again = paper_decode(p, p->party[0].sent[0]);
	assert_true(msgid_is_zero(&again.header.supersedes));
	assert_false(msgid_eq(&again.header.id, &first.header.id));
	assert_int_equal(again.header.seq, 1);
	paper_run(p);
	assert_int_equal(paper_count(p, 1, TABLE_INBOX), 1);
	assert_true(paper_thread(p, 0, "R-1").delivered_ms > 0);
	assert_true(msgid_eq(&outbound(0, 1)->first, &first.header.id));
}

/* A recipient that has it already gives no second entry and says its receipts for the new id. */
static void
had_before(void **state)
{
	struct txn *txn;
	struct outbound o;
	struct span sent[8];

	(void)state;
	paper_refer(p, "R-1", "routine");
	assert_int_equal(accept_all(0, sent), 1);
	assert_int_equal(paper_deliver(p, 1, sent[0], LIE_NOT), OK);
	assert_int_equal(strncmp(paper_take(p, 1, "confirms=R-1\ncase_no=C-1\n"), "OK ", 3), 0);
	assert_int_equal(accept_all(1, sent), 2);	/* and lost on their way */
	txn = store_write(p->party[0].desk.store);
	assert_true(outbox_get(txn, 1, &o));
	reseal_ask(p->party[0].desk.adapter, txn, &o);
	assert_int_equal(txn_commit(txn), OK);
	paper_tick(p, 0, 3 * CLOCK_SECOND);
	assert_int_equal(p->party[0].n_sent, 1);
	paper_run(p);
	assert_int_equal(paper_count(p, 1, TABLE_INBOX), 1);
	assert_int_equal(inbound(1, 1)->state, INBOUND_REGISTERED);
	assert_true(paper_thread(p, 0, "R-1").registered_ms > 0);
	assert_string_equal(paper_thread(p, 0, "R-1").external_no, "C-1");
	/* an answer closes what the hub knows now */
	assert_int_equal(strncmp(paper_take(p, 1, step("accepted", "")), "OK ", 3), 0);
	for (size_t i = 0; i < p->party[1].n_sent; i++) {
		struct envelope env = paper_decode(p, p->party[1].sent[i]);

		if (env.header.class == CLASS_DATA)
			assert_true(msgid_eq(&env.header.closes[0], &outbound(0, 1)->id));
	}
}

/* A receipt under the first id that overtakes the second counts, and what was to go again does not. */
static void
receipt_for_the_first_id(void **state)
{
	struct span sent[8], receipts[8];
	struct outbound o;
	struct txn *txn;

	(void)state;
	paper_refer(p, "R-1", "routine");
	assert_int_equal(accept_all(0, sent), 1);
	assert_int_equal(paper_deliver(p, 1, sent[0], LIE_NOT), OK);
	assert_int_equal(strncmp(paper_take(p, 1, "confirms=R-1\ncase_no=C-1\n"), "OK ", 3), 0);
	assert_int_equal(accept_all(1, receipts), 2);
	txn = store_write(p->party[0].desk.store);
	assert_true(outbox_get(txn, 1, &o));
	reseal_ask(p->party[0].desk.adapter, txn, &o);
	assert_int_equal(txn_commit(txn), OK);
	paper_tick(p, 0, 3 * CLOCK_SECOND);
	assert_int_equal(p->party[0].n_sent, 1);
	assert_int_equal(paper_deliver(p, 0, receipts[0], LIE_NOT), OK);
	assert_int_equal(paper_deliver(p, 0, receipts[1], LIE_NOT), OK);
	assert_string_equal(paper_thread(p, 0, "R-1").external_no, "C-1");
	assert_int_equal(paper_refuse(p, 0, p->party[0].sent[0], ERR_CONFLICT, 0), OK);
	p->party[0].n_sent = 0;
	paper_tick(p, 0, CLOCK_MINUTE);
	assert_int_equal(p->party[0].n_sent, 0);
	assert_int_equal(paper_count(p, 0, TABLE_PENDING), 0);
	assert_int_equal(paper_thread(p, 0, "R-1").refused, OK);
}

/* A receipt made under a directory that is too old goes again and says the same. */
static void
receipts_go_again(void **state)
{
	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	assert_int_equal(strncmp(paper_take(p, 1, "confirms=R-1\ncase_no=C-1\n"), "OK ", 3), 0);
	assert_int_equal(paper_refuse(p, 1, p->party[1].sent[0], ERR_RESEAL, 0), OK);
	p->party[1].n_sent = 0;
	paper_tick(p, 1, 3 * CLOCK_SECOND);
	assert_int_equal(p->party[1].n_sent, 1);
	paper_run(p);
	assert_string_equal(paper_thread(p, 0, "R-1").external_no, "C-1");
	assert_true(paper_thread(p, 0, "R-1").registered_ms > 0);
}

/* A receipt under a key that its recipient has lost counts by what it says in clear. */
static void
receipt_to_a_lost_key(void **state)
{
	struct span sent[8];

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	assert_int_equal(strncmp(paper_take(p, 1, "confirms=R-1\ncase_no=C-1\n"), "OK ", 3), 0);
	assert_int_equal(accept_all(1, sent), 1);
	lose_key(0, 2, true);
	assert_int_equal(paper_deliver(p, 0, sent[0], LIE_NOT), OK);
	assert_true(paper_thread(p, 0, "R-1").registered_ms > 0);
	assert_string_equal(paper_thread(p, 0, "R-1").external_no, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lost_key), TEST(followers_wait), TEST(taken_back), TEST(taken_back_after_all), TEST(taken_back_too_early),
		TEST(waits_for_the_sheet), TEST(the_clock_goes_back), TEST(what_it_closes_was_made_again),
		TEST(refused_by_the_hub), TEST(refused_for_good), TEST(had_before),
		TEST(receipt_for_the_first_id), TEST(receipts_go_again), TEST(receipt_to_a_lost_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
