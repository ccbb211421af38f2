/* SPDX-License-Identifier: EUPL-1.2 */
/* arrival_paper - messages of party 0 made by hand, as no honest adapter would make them, and what party 1 answers. */
#ifndef ARRIVAL_PAPER_H
#define ARRIVAL_PAPER_H

#include "adapters/core/compose.h"
#include "tests/support/paper_hub.h"

/* A DATA of party 0 made by hand: header `h` (id, thread, seq ... as given) around a record, signed by `signer`. */
static inline struct span
forge(struct paper *p, struct header *h, const struct record *record, const struct key *signer)
{
	const struct contacts *c = p->party[0].desk.contacts;
	struct envelope env, *batch = &env;
	struct span bytes;
	uint8_t cek[32];
	struct why why = { .where = "" };

	world_fill(&p->world, cek, sizeof(cek));
	h->class = CLASS_DATA;
	h->from = world_ids[0];
	h->to[0] = world_ids[1];
	h->n_to = h->n_to > 1 ? h->n_to : 1;
	h->priority = PRIORITY_ROUTINE;
	h->created_ms = p->now_ms;
	assert_int_equal(seal_record(h, record, contacts_directory(c), contacts_sheets(c), key_id(p->world.signing[0]), cek, p->mem, &env,
				     &why), OK);
	assert_int_equal(envelope_sign(&batch, 1, p->world.signing[0], p->mem), OK);
	if (signer != p->world.signing[0])
		env.signature.sig[0] ^= 1;
	assert_int_equal(envelope_encode(&env, p->mem, &bytes), OK);
	return bytes;
}

static inline struct record *
record_of(struct paper *p, const char *number)
{
	struct thread t = paper_thread(p, 0, number);
	struct span key = SPAN(t.id.b, THREAD_LEN), closed;
	struct txn *txn = store_read(p->party[0].desk.store);
	struct record *record = NULL;

	closed = arena_span(p->mem, txn_get(txn, TABLE_REFERRAL, key));
	txn_abort(txn);
	assert_int_equal(compose_open(p->party[0].desk.adapter, "referral", key, closed, p->mem, &record), OK);
	return record;
}

static inline void
fresh(struct paper *p, struct header *h, uint8_t thread, uint64_t seq)
{
	uint8_t random[10];

	memset(h, 0, sizeof(*h));
	world_fill(&p->world, random, sizeof(random));
	msgid_make(p->now_ms, random, &h->id);
	memset(h->thread.b, thread, THREAD_LEN);
	h->seq = seq;
}

/* The receipt that party 1 submitted last. */
static inline struct header
last_receipt(struct paper *p)
{
	assert_true(p->party[1].n_sent > 0);
	return paper_decode(p, p->party[1].sent[p->party[1].n_sent - 1]).header;
}

static inline uint64_t
inbox(struct paper *p)
{
	return paper_count(p, 1, TABLE_INBOX);
}

#endif
