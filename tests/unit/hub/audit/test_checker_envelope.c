/* SPDX-License-Identifier: EUPL-1.2 */
/* checker_envelope - messages of a hub that lies, in a log that it has signed */
#include "tests/support/audit_desk.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(envelope_signature),
		cmocka_unit_test(envelope_hash_differs),
		cmocka_unit_test(envelope_detail_differs),
		cmocka_unit_test(envelope_there),
		cmocka_unit_test(envelope_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
