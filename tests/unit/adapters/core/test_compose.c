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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compose_close_open),
		cmocka_unit_test(compose_data_header),
		cmocka_unit_test(compose_close_at_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
