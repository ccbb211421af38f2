/* SPDX-License-Identifier: EUPL-1.2 */
/* withdrawal - a message's own sender takes it back from all of its recipients. */
#include "trust_world.h"

#include "proto/withdrawal.h"

/* Sealed without a detail it passes every rule of its class, and names the message's recipients, thread, seq and hash. */
static void
test_header(void **state)
{
	struct world *w = world_new();
	struct envelope message = world_seal(w, 2), env;
	const uint8_t random[10] = { 9 };
	struct header h, back;
	struct msgid id;

	(void)state;
	msgid_make(WORLD_NOW, random, &id);
	withdrawal_header(&message.header, &message.hash, &id, WORLD_NOW, &h);
	assert_int_equal(seal_receipt(&h, NULL, w->directory, &w->sheets, key_id(w->signing[0]), NULL, w->mem, &env, NULL), OK);
	assert_int_equal(env.body.n, 0);
	assert_int_equal(header_decode(env.header_bytes, w->mem, &back, NULL), OK);
	assert_true(back.class == CLASS_RECEIPT && back.stage == STAGE_WITHDRAWN && back.refusal == REFUSAL_NONE);
	assert_true(msgid_eq(&back.in_reply_to, &message.header.id) && msgid_eq(&back.id, &id));
	assert_true(hash_eq(&back.received, &message.hash) && back.seq == message.header.seq && back.n_wraps == 0);
	assert_memory_equal(&back.thread, &message.header.thread, sizeof(back.thread));
	assert_int_equal(back.n_to, message.header.n_to);
	for (size_t i = 0; i < back.n_to; i++)
		assert_string_equal(back.to[i], message.header.to[i]);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_header) };

	return cmocka_run_group_tests_name("withdrawal", tests, NULL, NULL);
}
