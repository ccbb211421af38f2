/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/core/compose.h"
#include "tests/support/paper_hub.h"

/* A record closed for one row opens in that row only, and only with the agency's own key. */
static void
compose_close_open(void **state)
{
	struct paper *p = paper_up();
	struct adapter *a = p->party[0].desk.adapter;
	struct thread t;
	struct record *record = NULL;
	struct span key, closed;
	struct txn *txn;

	(void)state;
	paper_refer(p, "R-1", "routine");
	t = paper_thread(p, 0, "R-1");
	key = SPAN(t.id.b, THREAD_LEN);
	txn = store_read(p->party[0].desk.store);
	closed = arena_span(p->mem, txn_get(txn, TABLE_REFERRAL, key));
	txn_abort(txn);
	assert_int_equal(compose_open(a, "referral", key, closed, p->mem, &record), OK);
	assert_string_equal(record->referral->referral_id, "R-1");
	assert_int_equal(compose_open(a, "inrecord", key, closed, p->mem, &record), ERR_CORRUPT);
	assert_int_equal(compose_open(a, "referral", SPAN(t.referral.b, 16), closed, p->mem, &record), ERR_CORRUPT);
	assert_int_equal(compose_open(p->party[1].desk.adapter, "referral", key, closed, p->mem, &record), ERR_CORRUPT);
	paper_down(p);
}

/* The header of a message: what the thread says of recipient, order and clocks, and nothing of the child. */
static void
compose_data_header(void **state)
{
	struct paper *p = paper_up();
	struct header h;
	struct thread t;

	(void)state;
	paper_refer(p, "R-1", "urgent");
	t = paper_thread(p, 0, "R-1");
	h = paper_decode(p, p->party[0].sent[0]).header;
	assert_string_equal(h.to[0], world_ids[1]);
	assert_memory_equal(h.thread.b, t.id.b, THREAD_LEN);
	assert_int_equal(h.seq, 1);
	assert_int_equal(h.n_basis, 0);
	assert_int_equal(h.priority, PRIORITY_URGENT);
	assert_int_equal(h.registered_by_ms, WORLD_T0 + CLOCK_DAY);
	assert_int_equal(h.respond_by_ms, WORLD_T0 + 7 * CLOCK_DAY);
	assert_int_equal(h.expires_ms, WORLD_T0 + 30 * CLOCK_DAY);
	paper_run(p);
	assert_non_null(paper_take(p, 1, adesk_status(p->mem, "S-1", "R-1", "accepted", "")));
	h = paper_decode(p, p->party[1].sent[0]).header;
	assert_int_equal(h.basis[0].seq, 1);
	assert_string_equal(h.basis[0].agency, world_ids[0]);
	assert_int_equal(h.n_closes, 1);
	assert_true(msgid_eq(&h.closes[0], &t.referral));
	paper_down(p);
}

/* Names and texts are in no file of the store, on neither side. */
static void
compose_close_at_rest(void **state)
{
	struct paper *p = paper_up();
	char path[128];

	(void)state;
	assert_non_null(paper_take(p, 0, adesk_referral(p->mem, "R-1", world_ids[1], "routine", "ZQXMARKERZQX")));
	paper_run(p);
	assert_non_null(paper_take(p, 1, adesk_status(p->mem, "S-1", "R-1", "accepted", "status.reason_text=ZQXMARKERZQX\n")));
	paper_run(p);
	assert_int_equal(paper_count(p, 0, TABLE_OUTRECORD) + paper_count(p, 1, TABLE_INRECORD), 2);
	for (size_t i = 0; i < 2; i++) {
		uint8_t *bytes = malloc((size_t)16 << 20);
		FILE *f;
		size_t n;

		snprintf(path, sizeof(path), "%s/data.mdb", p->party[i].desk.dir);
		f = fopen(path, "r");
		assert_true(f && bytes);
		n = fread(bytes, 1, (size_t)16 << 20, f);
		assert_true(n > 4096);
		assert_false(adesk_has(SPAN(bytes, n), "ZQXMARKERZQX"));
		assert_false(adesk_has(SPAN(bytes, n), "Измислена"));
		assert_true(adesk_has(SPAN(bytes, n), "R-1"));
		fclose(f);
		free(bytes);
	}
	paper_down(p);
}

/* The DATA that party `i` made of a step of R-1, sealed; both sides have it then. */
static struct header
step(struct paper *p, size_t i, const char *id, const char *to, const char *more)
{
	const char *answer = paper_take(p, i, adesk_status(p->mem, id, "R-1", to, more));
	struct envelope env = { .header.n_closes = 99 };

	if (strncmp(answer, "OK ", 3) != 0)
		fail_msg("%s: %s", to, answer);
	for (size_t k = 0; k < p->party[i].n_sent; k++) {
		struct envelope sent = paper_decode(p, p->party[i].sent[k]);

		if (sent.header.class == CLASS_DATA)
			env = sent;
	}
	paper_run(p);
	return env.header;
}

static void
closes_are(const struct header *h, const struct msgid *one)
{
	assert_int_equal(h->n_closes, one ? 1 : 0);
	if (one)
		assert_true(msgid_eq(&h->closes[0], one));
}

/* Questions, their answer, the decision, a wish to cancel and the answer to that: each asks and closes what it should. */
static void
compose_data_closes(void **state)
{
	struct paper *p = paper_up();
	struct header asked, answered, accepted, wish, end;
	struct msgid referral;
	struct calendar plain = { .n_days_off = 0 };

	(void)state;
	paper_refer(p, "R-1", "routine");
	referral = paper_decode(p, p->party[0].sent[0]).header.id;
	paper_run(p);
	asked = step(p, 1, "S-0", "received", "");
	closes_are(&asked, NULL);
	assert_int_equal(asked.respond_by_ms, 0);
	assert_true(asked.registered_by_ms > asked.created_ms && asked.expires_ms > asked.registered_by_ms);
	asked = step(p, 1, "S-1", "info-requested", "status.questions[0].text=Кой е настойникът?\n");
	closes_are(&asked, &referral);
	assert_int_equal(asked.respond_by_ms, calendar_add_working(&plain, asked.created_ms, 3));
	answered = step(p, 0, "A-1", "received", "status.reason_text=Бабата\n");
	closes_are(&answered, &asked.id);
	assert_int_equal(answered.respond_by_ms, answered.created_ms + 7 * CLOCK_DAY);
	accepted = step(p, 1, "S-2", "accepted", "");
	closes_are(&accepted, &answered.id);
	wish = step(p, 0, "A-2", "cancel-requested", "status.reason_text=Премести се\n");
	closes_are(&wish, NULL);
	assert_int_equal(wish.respond_by_ms, calendar_add_working(&plain, wish.created_ms, 2));
	end = step(p, 1, "S-3", "cancelled", "");
	closes_are(&end, &wish.id);
	paper_down(p);
}

/* Who ends a matter alone wants no answer to it any more. */
static void
compose_data_closes_own(void **state)
{
	struct paper *p = paper_up();
	struct msgid referral;
	struct header end;

	(void)state;
	paper_refer(p, "R-1", "routine");
	referral = paper_decode(p, p->party[0].sent[0]).header.id;
	paper_run(p);
	end = step(p, 0, "A-1", "cancelled", "");
	closes_are(&end, &referral);
	paper_down(p);
}

/* The ids of the outbox, in its order, grow; the newest is the last. */
static void
ids_grow(struct paper *p, size_t i, uint64_t n)
{
	struct txn *txn = store_read(p->party[i].desk.store);
	struct outbound o, before = { 0 };

	for (uint64_t seq = 1; seq <= n; seq++) {
		assert_true(outbox_get(txn, seq, &o));
		assert_true(memcmp(before.id.b, o.id.b, MSGID_LEN) < 0);
		before = o;
	}
	assert_true(outbox_newest(txn, &o));
	assert_int_equal(o.seq, n);
	assert_true(msgid_eq(&o.id, &before.id));
	txn_abort(txn);
}

/* The ids of one agency's messages sort in the order of their making: within a millisecond, while its clock is a little behind,
 * and over a restart meanwhile; so the names of a folder's files do.
 */
static void
compose_ids_grow(void **state)
{
	struct paper *p = paper_up();
	struct txn *txn = store_read(p->party[0].desk.store);
	struct outbound o;
	char number[8];

	(void)state;
	assert_false(outbox_newest(txn, &o));
	txn_abort(txn);
	for (unsigned i = 1; i <= 24; i++) {
		if (i % 8 == 0) {
			adesk_stop(&p->party[0].desk);
			adesk_start(&p->party[0].desk);
		}
		p->now_ms -= i % 4 == 0 ? 500 : 0;
		snprintf(number, sizeof(number), "R-%u", i);
		paper_refer(p, number, "routine");
	}
	ids_grow(p, 0, 24);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compose_close_open),
		cmocka_unit_test(compose_data_header),
		cmocka_unit_test(compose_data_closes),
		cmocka_unit_test(compose_data_closes_own),
		cmocka_unit_test(compose_close_at_rest),
		cmocka_unit_test(compose_ids_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
