/* SPDX-License-Identifier: EUPL-1.2 */
/* ledger - the log's state machine, each rule broken once */
#include "tests/unit/proto/trust_world.h"
#include "hub/audit/ledger.h"

struct bench {
	struct ledger *l;
	struct leaf leaf;
	struct detail d;
	struct ledger_event event;
	struct why why;
	uint64_t n;
};

static struct bench *
bench_new(void)
{
	struct bench *b = calloc(1, sizeof(*b));

	b->l = ledger_new();
	return b;
}

static void
bench_free(struct bench *b)
{
	ledger_free(b->l);
	free(b);
}

static struct msgid
id_of(unsigned n)
{
	uint8_t random[10] = { (uint8_t)n, (uint8_t)(n >> 8) };
	struct msgid id;

	msgid_make(WORLD_NOW, random, &id);
	return id;
}

static enum err
take(struct bench *b, enum leaf_type type, uint64_t aux)
{
	enum retention kept = type >= LEAF_DIRECTORY && type < LEAF_ANNOUNCE ? RETAIN_TRUST : RETAIN_MESSAGE;

	b->leaf = (struct leaf){ .type = type, .retention = kept, .seq = b->n++, .aux = aux };
	return ledger_take(b->l, &b->leaf, &b->d, &b->event, &b->why);
}

static enum err
submit(struct bench *b, unsigned id, unsigned thread, uint64_t seq)
{
	b->d = (struct detail){ .id = id_of(id), .from = "gp", .to = { "ozd" }, .n_to = 1, .thread_seq = seq, .at_ms = WORLD_NOW };
	b->d.thread.b[0] = (uint8_t)thread;
	return take(b, LEAF_SUBMIT, 0);
}

static enum err
receipt(struct bench *b, enum leaf_type type, unsigned id, unsigned about, uint64_t aux, const char *from)
{
	b->d = (struct detail){ .id = id_of(id), .about = id_of(about), .from = from, .to = { "gp" }, .n_to = 1, .at_ms = WORLD_NOW + 5 };
	b->d.thread.b[0] = 1;
	return take(b, type, aux);
}

/* A message, its receipts of each stage, and what the ledger knows of it afterwards. */
static void
ledger_goes_through(void **state)
{
	struct bench *b = bench_new();
	const struct ledger_message *m;

	assert_int_equal(submit(b, 1, 1, 1), OK);
	assert_int_equal(receipt(b, LEAF_DELIVERED, 2, 1, 0, "ozd"), OK);
	assert_int_equal(receipt(b, LEAF_REGISTERED, 3, 1, 0, "ozd"), OK);
	assert_int_equal(receipt(b, LEAF_SEEN, 4, 1, 0, "ozd"), OK);
	m = ledger_at(b->l, 0);
	assert_ptr_equal(b->event.message, m);
	assert_int_equal(m->to[0].leaves[STAGE_REGISTERED], 2);
	assert_int_equal(m->to[0].at_ms[STAGE_SEEN], WORLD_NOW + 5);
	assert_ptr_equal(ledger_message(b->l, 0), m);
	assert_null(ledger_message(b->l, 1));
	assert_null(ledger_dangling(b->l));
	bench_free(b);
	(void)state;
}

/* No id twice of one sender, no gap in a thread, no other participants. */
static void
ledger_submits(void **state)
{
	struct bench *b = bench_new();

	assert_int_equal(submit(b, 1, 1, 1), OK);
	assert_int_equal(submit(b, 1, 2, 1), ERR_TAMPERED);
	assert_int_equal(submit(b, 2, 1, 3), ERR_TAMPERED);
	assert_int_equal(submit(b, 3, 3, 2), ERR_TAMPERED);
	assert_int_equal(submit(b, 4, 4, 1), OK);
	b->d.id = id_of(5);
	b->d.to[0] = "school";
	b->d.thread_seq = 2;
	assert_int_equal(take(b, LEAF_SUBMIT, 0), ERR_TAMPERED);
	bench_free(b);
	(void)state;
}

/* A receipt comes from an addressee, of a submit before it, once a stage, one end at most. */
static void
ledger_receipts(void **state)
{
	struct bench *b = bench_new();

	assert_int_equal(submit(b, 1, 1, 1), OK);
	assert_int_equal(receipt(b, LEAF_DELIVERED, 2, 1, 0, "school"), ERR_TAMPERED);
	assert_int_equal(receipt(b, LEAF_DELIVERED, 3, 1, 9, "ozd"), ERR_TAMPERED);
	assert_int_equal(receipt(b, LEAF_DELIVERED, 4, 77, 0, "ozd"), ERR_TAMPERED);
	assert_int_equal(receipt(b, LEAF_REGISTERED, 5, 1, 0, "ozd"), OK);
	assert_int_equal(receipt(b, LEAF_REGISTERED, 6, 1, 0, "ozd"), ERR_TAMPERED);
	assert_int_equal(receipt(b, LEAF_REFUSED, 7, 1, 0, "ozd"), ERR_TAMPERED);
	assert_int_equal(receipt(b, LEAF_SEEN, 5, 1, 0, "ozd"), ERR_TAMPERED);
	bench_free(b);
	(void)state;
}

/* A recipient asks once for what it cannot open, which ends nothing; what has ended is not asked for. */
static void
ledger_reseals(void **state)
{
	struct bench *b = bench_new();

	(void)state;
	assert_int_equal(submit(b, 1, 1, 1), OK);
	assert_int_equal(receipt(b, LEAF_RESEAL, 2, 1, 0, "ozd"), OK);
	assert_int_equal(receipt(b, LEAF_RESEAL, 3, 1, 0, "ozd"), ERR_TAMPERED);
	assert_int_equal(receipt(b, LEAF_REGISTERED, 4, 1, 0, "ozd"), OK);
	assert_int_equal(submit(b, 5, 1, 2), OK);
	assert_int_equal(receipt(b, LEAF_REFUSED, 6, 5, b->n - 1, "ozd"), OK);
	assert_int_equal(receipt(b, LEAF_RESEAL, 7, 5, b->n - 2, "ozd"), ERR_TAMPERED);
	bench_free(b);
}

/* What supersedes takes the place of what it names, which has ended; it must come. */
static void
ledger_supersedes(void **state)
{
	struct bench *b = bench_new();

	assert_int_equal(submit(b, 1, 1, 1), OK);
	b->d.id = id_of(2);
	b->d.about = id_of(1);
	assert_int_equal(take(b, LEAF_SUPERSEDED, 0), OK);
	assert_non_null(ledger_dangling(b->l));
	b->d.about = id_of(1);
	assert_int_equal(take(b, LEAF_SUBMIT, 0), OK);
	assert_null(ledger_dangling(b->l));
	assert_int_equal(receipt(b, LEAF_REGISTERED, 3, 1, 0, "ozd"), ERR_TAMPERED);
	assert_int_equal(submit(b, 9, 1, 2), OK);
	b->d.id = id_of(10);
	b->d.about = id_of(9);
	assert_int_equal(take(b, LEAF_SUBMIT, 0), ERR_TAMPERED);
	bench_free(b);
	(void)state;
}

/* A message to two, and what its sender says of it afterwards. */
static enum err
withdraw(struct bench *b, unsigned id, const char *from, uint64_t seq, size_t n_to)
{
	b->d = (struct detail){ .id = id_of(id), .about = id_of(1), .from = from, .to = { "school", "ozd" }, .n_to = n_to,
				.thread_seq = seq, .at_ms = WORLD_NOW + 9 };
	b->d.thread.b[0] = 1;
	return take(b, LEAF_WITHDRAWN, 0);
}

/* A withdrawal is the sender's, to all recipients, at the message's place; it ends the message where it has not ended, and no
 * second one does. */
static void
ledger_withdrawals(void **state)
{
	struct bench *b = bench_new();
	const struct ledger_message *m;

	b->d = (struct detail){ .id = id_of(1), .from = "gp", .to = { "ozd", "school" }, .n_to = 2, .thread_seq = 1, .at_ms = WORLD_NOW };
	b->d.thread.b[0] = 1;
	assert_int_equal(take(b, LEAF_SUBMIT, 0), OK);
	assert_int_equal(receipt(b, LEAF_REGISTERED, 2, 1, 0, "ozd"), OK);
	assert_int_equal(withdraw(b, 3, "ozd", 1, 2), ERR_TAMPERED);
	assert_int_equal(withdraw(b, 4, "gp", 2, 2), ERR_TAMPERED);
	assert_int_equal(withdraw(b, 5, "gp", 1, 1), ERR_TAMPERED);
	m = ledger_at(b->l, 0);
	assert_int_equal(m->to[1].stages & LEDGER_ENDS, 0);
	assert_int_equal(withdraw(b, 6, "gp", 1, 2), OK);
	assert_ptr_equal(b->event.message, m);
	assert_int_equal(m->to[0].stages & 1u << STAGE_WITHDRAWN, 0);
	assert_int_equal(m->to[1].stages, 1u << STAGE_WITHDRAWN);
	assert_int_equal(m->to[1].at_ms[STAGE_WITHDRAWN], WORLD_NOW + 9);
	assert_int_equal(withdraw(b, 7, "gp", 1, 2), ERR_TAMPERED);
	assert_int_equal(receipt(b, LEAF_REGISTERED, 8, 1, 0, "school"), ERR_TAMPERED);
	bench_free(b);
	(void)state;
}

/* A notice is the hub's own, of a submit before it, in that submit's thread, and each under an id of its own. */
static void
ledger_notices(void **state)
{
	struct bench *b = bench_new();

	assert_int_equal(submit(b, 1, 1, 1), OK);
	b->d = (struct detail){ .id = id_of(2), .about = id_of(1), .from = AGENCY_HUB, .to = { "gp", "ozd" }, .n_to = 2 };
	b->d.thread.b[0] = 1;
	assert_int_equal(take(b, LEAF_NOTICE, 0), OK);
	assert_ptr_equal(b->event.message, ledger_at(b->l, 0));
	assert_int_equal(take(b, LEAF_NOTICE, 0), ERR_TAMPERED);	/* the same once more */
	b->d.id = id_of(3);
	b->d.from = "gp";
	assert_int_equal(take(b, LEAF_NOTICE, 0), ERR_TAMPERED);
	b->d.from = AGENCY_HUB;
	b->d.about = id_of(9);
	assert_int_equal(take(b, LEAF_NOTICE, 0), ERR_TAMPERED);
	b->d.about = id_of(1);
	assert_int_equal(take(b, LEAF_NOTICE, 77), ERR_TAMPERED);
	b->d.thread.b[0] = 2;
	assert_int_equal(take(b, LEAF_NOTICE, 0), ERR_TAMPERED);
	bench_free(b);
	(void)state;
}

/* A conflict is the same id and sender with another content. */
static void
ledger_conflicts(void **state)
{
	struct bench *b = bench_new();

	assert_int_equal(submit(b, 1, 1, 1), OK);
	assert_int_equal(take(b, LEAF_CONFLICT, 0), ERR_TAMPERED);
	b->d.env_hash.b[0] = 1;
	assert_int_equal(take(b, LEAF_CONFLICT, 0), OK);
	assert_int_equal(take(b, LEAF_CONFLICT, 77), ERR_TAMPERED);
	bench_free(b);
	(void)state;
}

/* A leaf is kept as long as its type asks for; what refers to an erased leaf is taken on trust. */
static void
ledger_retention(void **state)
{
	struct bench *b = bench_new();

	b->leaf = (struct leaf){ .type = LEAF_START, .retention = RETAIN_MESSAGE };
	assert_int_equal(ledger_take(b->l, &b->leaf, &b->d, &b->event, &b->why), ERR_TAMPERED);
	assert_int_equal(ledger_skip(b->l, b->n++), OK);
	assert_int_equal(receipt(b, LEAF_DELIVERED, 2, 1, 0, "ozd"), OK);
	assert_null(b->event.message);
	bench_free(b);
	(void)state;
}

/* An announcement is its sender's, to all, about a service, once; its id is nobody else's message. */
static void
ledger_announcements(void **state)
{
	struct bench *b = bench_new();
	const struct detail good = { .id = id_of(1), .from = "gp", .text = "gp-1", .at_ms = WORLD_NOW };

	(void)state;
	b->d = good;
	assert_int_equal(take(b, LEAF_ANNOUNCE, 0), OK);
	assert_null(b->event.message);
	assert_int_equal(take(b, LEAF_ANNOUNCE, 0), ERR_TAMPERED);	/* the same once more */
	b->d.id = id_of(2);
	b->d.text = NULL;
	assert_int_equal(take(b, LEAF_ANNOUNCE, 0), ERR_TAMPERED);
	b->d.text = "gp-1";
	b->d.to[b->d.n_to++] = "ozd";
	assert_int_equal(take(b, LEAF_ANNOUNCE, 0), ERR_TAMPERED);
	b->d.n_to = 0;
	assert_int_equal(take(b, LEAF_ANNOUNCE, 1), ERR_TAMPERED);	/* it is about no other leaf */
	assert_int_equal(take(b, LEAF_ANNOUNCE, 0), OK);
	bench_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ledger_announcements), cmocka_unit_test(ledger_goes_through),
		cmocka_unit_test(ledger_submits),
		cmocka_unit_test(ledger_receipts),
		cmocka_unit_test(ledger_reseals),
		cmocka_unit_test(ledger_supersedes),
		cmocka_unit_test(ledger_withdrawals),
		cmocka_unit_test(ledger_notices),
		cmocka_unit_test(ledger_conflicts),
		cmocka_unit_test(ledger_retention),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
