/* SPDX-License-Identifier: EUPL-1.2 */
/* Who offers what, as an adapter keeps it: said by us, proven by the hub, replaced by what is newer, and by nothing else. */
#include "tests/support/paper_services.h"

/* What an agency says is here at once, stored when the hub has it, and at the others with its proof. */
static void
said_and_heard(void **state)
{
	struct paper *p = paper_up();
	struct span bytes = paper_announce(p, 0, "gp-1", 4);
	struct service s = paper_service(p, 0, "gp-1");

	(void)state;
	assert_true(s.is_ours && s.leaf == 0 && s.announce.available == 4 && s.agency != NULL);
	assert_null(paper_service(p, 1, "gp-1").announce.agency);
	assert_int_equal(paper_accept(p, 0, bytes, LIE_NOT), OK);
	assert_int_equal(paper_announced(p, 1, bytes, LIE_NOT, 0), OK);
	s = paper_service(p, 1, "gp-1");
	assert_true(!s.is_ours && s.leaf > 0 && s.announce.available == 4);
	assert_string_equal(s.announce.agency, world_ids[0]);
	paper_down(p);
}

/* Without its proof, its sender's signature, or out of its order, nothing of it counts; the session ends where the hub is at fault. */
static void
not_believed(void **state)
{
	struct paper *p = paper_up();
	struct span bytes = paper_announce(p, 0, "gp-1", 4);
	struct envelope env = paper_decode(p, bytes), *batch[1] = { &env };
	struct span forged;

	(void)state;
	assert_int_equal(paper_announced(p, 1, bytes, LIE_TYPE, 0), OK);
	assert_null(paper_service(p, 1, "gp-1").announce.agency);
	assert_non_null(strstr(p->party[1].told, "NSK-1106"));
	paper_greet(p, 1, 1000);
	assert_int_equal(p->party[1].hello.announced_seen, 0);
	assert_int_equal(paper_announced(p, 1, bytes, LIE_NOT, 7), OK);	/* one before it was lost */
	assert_null(paper_service(p, 1, "gp-1").announce.agency);
	paper_greet(p, 1, 1000);
	assert_int_equal(paper_send(p, 1, &(struct frame){ .kind = FRAME_CREDIT, .credit = { 1000, 1 << 20 }, .announced_seen = 3 }), OK);
	assert_non_null(strstr(p->party[1].told, "NSK-1204"));	/* the last one was lost */
	paper_greet(p, 1, 1000);
	/* another's signature: told, passed over, and seen */
	key_id_of(KEY_SIGNING, key_public(p->world.signing[2]), &env.header.signing_key);
	env.header.signing_key = p->world.agencies[2].signing_id;
	assert_int_equal(header_encode(&env.header, p->mem, &env.header_bytes), OK);
	envelope_hash(env.header_bytes, env.body, &env.hash);
	assert_int_equal(envelope_sign(batch, 1, p->world.signing[2], p->mem), OK);
	assert_int_equal(envelope_encode(&env, p->mem, &forged), OK);
	assert_int_equal(paper_announced(p, 1, forged, LIE_NOT, 0), OK);
	assert_null(paper_service(p, 1, "gp-1").announce.agency);
	assert_non_null(strstr(p->party[1].told, "NSK-1103"));
	paper_greet(p, 1, 1000);
	assert_int_equal(p->party[1].hello.announced_seen, p->size);
	paper_down(p);
}

static enum err
no_room(void *arg)
{
	(void)arg;
	return ERR_FULL;
}

/* What the store had no room for is asked for again with the next greeting. */
static void
not_stored(void **state)
{
	struct paper *p = paper_up();
	struct span bytes = paper_announce(p, 0, "gp-1", 4);

	(void)state;
	store_set_fault(p->party[1].desk.store, no_room, NULL);
	assert_int_equal(paper_announced(p, 1, bytes, LIE_NOT, 0), OK);
	store_set_fault(p->party[1].desk.store, NULL, NULL);
	paper_greet(p, 1, 1000);
	assert_int_equal(p->party[1].hello.announced_seen, 0);
	assert_int_equal(paper_announced(p, 1, bytes, LIE_NOT, 0), OK);
	assert_int_equal(paper_service(p, 1, "gp-1").announce.available, 4);
	paper_greet(p, 1, 1000);
	assert_int_equal(p->party[1].hello.announced_seen, p->size);
	paper_down(p);
}

/* The newest counts, whatever the order in which the hub brings them; what was not stored yet goes no more. */
static void
newest_counts(void **state)
{
	struct paper *p = paper_up();
	struct span first = paper_announce(p, 0, "gp-1", 4), second;

	(void)state;
	p->now_ms += CLOCK_MINUTE;
	second = paper_announce(p, 0, "gp-1", 3);
	assert_int_equal(paper_count(p, 0, TABLE_PENDING), 1);
	assert_int_equal(paper_announced(p, 1, second, LIE_NOT, 0), OK);
	assert_int_equal(paper_announced(p, 1, first, LIE_NOT, 0), OK);
	assert_int_equal(paper_service(p, 1, "gp-1").announce.available, 3);
	assert_int_equal(paper_announced(p, 0, first, LIE_NOT, 0), OK);
	assert_int_equal(paper_service(p, 0, "gp-1").announce.available, 3);
	paper_down(p);
}

/* What the hub refuses is shown with its reason; what it wants under a newer directory goes again by itself. */
static void
refused_and_again(void **state)
{
	struct paper *p = paper_up();
	struct span bytes = paper_announce(p, 0, "gp-1", 4);

	(void)state;
	assert_int_equal(paper_refuse(p, 0, bytes, ERR_RESEAL, 0), OK);
	paper_tick(p, 0, CLOCK_SECOND);
	assert_int_equal(p->party[0].n_sent, 2);
	assert_int_equal(paper_service(p, 0, "gp-1").refused, OK);
	assert_int_equal(paper_refuse(p, 0, p->party[0].sent[1], ERR_TOOMANY, 0), OK);
	assert_int_equal(paper_service(p, 0, "gp-1").refused, ERR_TOOMANY);
	assert_int_equal(paper_count(p, 0, TABLE_PENDING), 0);
	paper_down(p);
}

/* A service has one agency: by the directory before all, else by who announces it; two are told. */
static void
whose_it_is(void **state)
{
	struct paper *p = paper_up();
	struct adapter *a = p->party[0].desk.adapter;
	const char *agency = NULL;
	struct why why;
	struct txn *txn;

	(void)state;
	paper_announce_to_all(p, 0, "gp-1", 4);
	paper_announce_to_all(p, 1, "h-1", 0);
	txn = store_read(p->party[0].desk.store);
	assert_int_equal(services_agency(a, txn, "h-1", &agency, &why), OK);
	assert_string_equal(agency, world_ids[1]);
	assert_int_equal(services_room(a, txn, agency, "h-1"), ANNOUNCE_FULL);
	assert_int_equal(services_room(a, txn, world_ids[0], "gp-1"), ANNOUNCE_FREE);
	assert_int_equal(services_room(a, txn, world_ids[0], "none"), ANNOUNCE_STALE);
	assert_int_equal(services_agency(a, txn, "none", &agency, &why), ERR_NOTFOUND);
	assert_int_equal(services_agency(a, txn, "No Such", &agency, &why), ERR_NOTFOUND);
	txn_abort(txn);
	paper_announce_to_all(p, 1, "gp-1", 2);
	txn = store_read(p->party[0].desk.store);
	assert_int_equal(services_agency(a, txn, "gp-1", &agency, &why), ERR_UNROUTABLE);
	txn_abort(txn);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(said_and_heard), cmocka_unit_test(not_believed), cmocka_unit_test(not_stored),
		cmocka_unit_test(newest_counts), cmocka_unit_test(refused_and_again), cmocka_unit_test(whose_it_is),
	};

	return cmocka_run_group_tests_name("services", tests, NULL, NULL);
}
