/* SPDX-License-Identifier: EUPL-1.2 */
/* checker_envelope - messages of a hub that lies, in a log that it has signed */
#include "tests/support/audit_desk.h"

#include "proto/notice.h"
#include "proto/withdrawal.h"

/* A sealed message from agency 0, put on record as the caller wants it. */
static struct envelope
sealed(struct desk *d)
{
	struct header h = world_header(1);
	struct envelope env;
	struct why why;

	log_next_id(d->l, &h.id);
	log_fill(d->l, h.thread.b, THREAD_LEN);
	h.created_ms = d->l->now_ms;
	assert_int_equal(seal_record(&h, d->l->w->record, d->l->w->directory, &d->l->w->sheets, key_id(d->l->w->signing[0]), d->l->w->cek,
				     d->l->w->mem, &env, &why), OK);
	return env;
}

static void
put(struct desk *d, const struct envelope *env, const struct detail *detail)
{
	struct log_leaf leaf = { .type = LEAF_SUBMIT, .retention = RETAIN_MESSAGE, .detail = detail, .body_n = env->body.n };

	assert_int_equal(envelope_encode(env, d->l->w->mem, &leaf.envelope), OK);
	log_append(d->l, &leaf);
	log_commit(d->l);
	desk_judge(d);
}

static struct envelope
signed_by_sender(struct desk *d)
{
	struct envelope env = sealed(d), *batch[1] = { &env };

	assert_int_equal(envelope_sign(batch, 1, d->l->w->signing[0], d->l->w->mem), OK);
	return env;
}

/* A message that its agency did not sign is found. */
static void
envelope_signature(void **state)
{
	struct desk *d = desk_new(1);
	struct envelope env;
	struct detail detail;

	env = signed_by_sender(d);
	env.signature.sig[5] ^= 1;
	log_detail(d->l, &env, &detail);
	put(d, &env, &detail);
	assert_int_equal(d->findings.n, 1);
	assert_int_equal(d->findings.items[0].id, FOUND_SIGNATURE);
	desk_free(d);
	(void)state;
}

/* A message that is not the one of its detail is found. */
static void
envelope_hash_differs(void **state)
{
	struct desk *d = desk_new(1);
	struct envelope env;
	struct detail detail;

	env = signed_by_sender(d);
	log_detail(d->l, &env, &detail);
	detail.env_hash.b[0] ^= 1;
	put(d, &env, &detail);
	assert_int_equal(d->findings.items[0].id, FOUND_ENVELOPE_HASH);
	desk_free(d);
	(void)state;
}

/* A detail that tells of another recipient or thread than the header is found. */
static void
envelope_detail_differs(void **state)
{
	struct desk *d = desk_new(1);
	struct envelope env;
	struct detail detail;

	env = signed_by_sender(d);
	log_detail(d->l, &env, &detail);
	detail.to[0] = world_ids[2];
	put(d, &env, &detail);
	assert_int_equal(d->findings.items[0].id, FOUND_ENVELOPE_DETAIL);
	desk_free(d);
	(void)state;
}

/* A submit without its message, and an entry of another kind with one, are found. */
static void
envelope_there(void **state)
{
	struct desk *d = desk_new(1);
	struct detail detail, stop = { .at_ms = d->l->now_ms };
	struct log_leaf leaf = { .type = LEAF_SUBMIT, .retention = RETAIN_MESSAGE };
	struct envelope env;

	env = signed_by_sender(d);
	log_detail(d->l, &env, &detail);
	leaf.detail = &detail;
	log_append(d->l, &leaf);
	assert_int_equal(envelope_encode(&env, d->l->w->mem, &leaf.envelope), OK);
	leaf = (struct log_leaf){ .type = LEAF_STOP, .retention = RETAIN_SERVICE, .detail = &stop, .envelope = leaf.envelope, .body_n = env.body.n };
	log_append(d->l, &leaf);
	log_commit(d->l);
	desk_judge(d);
	assert_int_equal(d->findings.n, 2);
	assert_int_equal(d->findings.items[0].id, FOUND_ENVELOPE_EXTRA);
	assert_int_equal(d->findings.items[1].id, FOUND_ENVELOPE_GONE);
	desk_free(d);
	(void)state;
}

/* A receipt put on record twice breaks the rules. */
static void
envelope_rules(void **state)
{
	struct desk *d = desk_new(1);
	struct log_message m;

	m = log_submit(d->l, NULL);
	(void)log_receipt(d->l, &m, STAGE_REGISTERED);
	(void)log_receipt(d->l, &m, STAGE_REFUSED);
	log_commit(d->l);
	desk_judge(d);
	assert_int_equal(d->findings.n, 1);
	assert_int_equal(d->findings.items[0].id, FOUND_RULE);
	assert_int_equal(d->findings.items[0].leaf, d->source->size - 1);
	desk_free(d);
	(void)state;
}

/* A notice of message `m`, as the hub puts it on record after `change`; signed by `key`. */
struct said { struct notice notice; struct header header; struct detail detail; };

static void
say_begin(struct desk *d, const struct log_message *m, struct said *s)
{
	const struct header *h = &m->header;

	*s = (struct said){ .notice = {
		.fact = NOTICE_HALF_TIME, .about = h->id, .env_hash = m->hash, .from = h->from, .to = h->to[0], .thread = h->thread,
		.priority = h->priority, .submitted_ms = d->l->now_ms, .due_ms = d->l->now_ms + 1, .at_ms = d->l->now_ms, .leaf = m->leaf,
	} };
	s->header = (struct header){
		.version = ENVELOPE_VERSION, .class = CLASS_NOTICE, .from = AGENCY_HUB, .to = { h->from, h->to[0] }, .n_to = 2,
		.thread = h->thread, .priority = h->priority, .created_ms = d->l->now_ms, .in_reply_to = h->id,
		.directory_version = d->l->w->directory->version,
	};
	log_next_id(d->l, &s->header.id);
	s->header.created_ms = s->notice.at_ms = d->l->now_ms;
}

static void
say(struct desk *d, const struct log_message *m, struct said *s, const struct key *key)
{
	struct log_leaf leaf = { .type = LEAF_NOTICE, .retention = RETAIN_MESSAGE, .aux = m->leaf, .detail = &s->detail };
	struct arena *mem = d->l->w->mem;
	struct envelope env = { .header = s->header }, *batch[1] = { &env };

	env.header.signing_key = *key_id(key);
	assert_int_equal(notice_encode(&s->notice, mem, &env.body), OK);
	assert_int_equal(header_encode(&env.header, mem, &env.header_bytes), OK);
	envelope_hash(env.header_bytes, env.body, &env.hash);
	assert_int_equal(envelope_sign(batch, 1, key, mem), OK);
	assert_int_equal(envelope_encode(&env, mem, &leaf.envelope), OK);
	log_detail(d->l, &env, &s->detail);
	s->detail.about = s->header.in_reply_to;
	s->detail.text = notice_fact_name(s->notice.fact);
	leaf.body_n = env.body.n;
	log_append(d->l, &leaf);
}

/* Notices that the hub's key signed, each fact once, about a message as it is, pass. */
static void
notice_passes(void **state)
{
	struct desk *d = desk_new(1);
	struct log_message m = log_submit(d->l, NULL);
	struct said s;

	for (int fact = NOTICE_HALF_TIME; fact <= NOTICE_EXPIRED; fact++) {
		say_begin(d, &m, &s);
		s.notice.fact = (enum notice_fact)fact;
		say(d, &m, &s, d->l->w->notice);
	}
	log_commit(d->l);
	desk_judge(d);
	assert_int_equal(d->findings.n, 0);
	desk_free(d);
	(void)state;
}

/* One that the hub's key did not sign, that is said twice, or that tells of another message, hash, recipient, leaf, time or fact than
 * it is on record for, is found; so is a lateness of what was registered. */
static void
notice_lies(void **state)
{
	for (int lie = 0; lie <= 8; lie++) {
		struct desk *d = desk_new(1);
		struct log_message m = log_submit(d->l, NULL), other = log_submit(d->l, NULL);
		const struct key *key = lie == 0 ? d->l->w->signing[0] : d->l->w->notice;
		struct said s;

		if (lie == 1) {
			say_begin(d, &m, &s);
			say(d, &m, &s, key);
		} else if (lie == 8) {
			(void)log_receipt(d->l, &m, STAGE_REGISTERED);
		}
		say_begin(d, &m, &s);
		if (lie == 2)
			s.notice.about = other.header.id;
		else if (lie == 3)
			s.notice.env_hash = other.hash;
		else if (lie == 4)
			s.notice.to = world_ids[2];
		else if (lie == 5)
			s.notice.leaf = other.leaf;
		else if (lie == 6)
			s.notice.at_ms++;
		else if (lie == 7)
			s.notice.thread = other.header.thread;
		else if (lie == 8)
			s.notice.fact = NOTICE_LATE_REGISTERED;
		say(d, &m, &s, key);
		log_commit(d->l);
		desk_judge(d);
		assert_int_equal(d->findings.n, 1);
		assert_int_equal(d->findings.items[0].id, lie == 0 ? FOUND_SIGNATURE : FOUND_RULE);
		desk_free(d);
	}
	(void)state;
}

/* A sender's withdrawal passes with its signed receipt; with a hash that its message does not have it is found. */
static void
withdrawal_is_judged(void **state)
{
	for (int lie = 0; lie <= 1; lie++) {
		struct desk *d = desk_new(1);
		struct log_message m = log_submit(d->l, NULL);
		struct log_leaf leaf = { .type = LEAF_WITHDRAWN, .aux = m.leaf };
		struct hash hash = m.hash;
		struct envelope env;
		struct header h;
		struct msgid id;

		hash.b[0] ^= (uint8_t)lie;
		log_next_id(d->l, &id);
		withdrawal_header(&m.header, &hash, &id, d->l->now_ms, &h);
		assert_int_equal(seal_receipt(&h, NULL, d->l->w->directory, &d->l->w->sheets, key_id(d->l->w->signing[0]), NULL,
					      d->l->w->mem, &env, NULL), OK);
		(void)log_envelope(d->l, &env, 0, &leaf);
		log_commit(d->l);
		desk_judge(d);
		assert_int_equal(d->findings.n, lie);
		if (lie)
			assert_int_equal(d->findings.items[0].id, FOUND_ENVELOPE_DETAIL);
		desk_free(d);
	}
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(envelope_signature),
		cmocka_unit_test(envelope_hash_differs),
		cmocka_unit_test(envelope_detail_differs),
		cmocka_unit_test(envelope_there),
		cmocka_unit_test(envelope_rules),
		cmocka_unit_test(notice_passes),
		cmocka_unit_test(notice_lies),
		cmocka_unit_test(withdrawal_is_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
