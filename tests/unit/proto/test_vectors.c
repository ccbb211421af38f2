/* SPDX-License-Identifier: EUPL-1.2 */
/* vectors - the worked examples of PROTOCOL.md 11 are what this code computes, to the byte. With NASOKA_WRITE_VECTORS=1 in the
 * environment the files are written instead: only ever after a deliberate change of the protocol.
 */
#include "trust_world.h"

#include <jansson.h>

#include "proto/frame.h"
#include "proto/notice.h"
#include "proto/standing.h"
#include "proto/withdrawal.h"
#include "proto/seal_keys.h"
#include "tests/support/announce_sample.h"

#define FOLDER "tests/vectors/proto/"

static void
put_hex(json_t *o, const char *name, const void *p, size_t n)
{
	char *hex = malloc(2 * n + 1);

	assert_non_null(hex);
	bytes_hex(p, n, hex);
	json_object_set_new(o, name, json_string(hex));
	free(hex);
}

static void
put_span(json_t *o, const char *name, struct span s)
{
	put_hex(o, name, s.p, s.n);
}

static void
put_hashes(json_t *o, const char *name, const struct hash *hashes, size_t n)
{
	put_hex(o, name, hashes, n * sizeof(*hashes));
}

/* Equal to the file, or written to it. */
static void
settle(json_t *made, const char *path)
{
	json_t *stands;

	if (getenv("NASOKA_WRITE_VECTORS") != NULL) {
		assert_int_equal(json_dump_file(made, path, JSON_INDENT(1) | JSON_ENSURE_ASCII), 0);
	} else {
		stands = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(stands);
		assert_true(json_equal(stands, made));
		json_decref(stands);
	}
	json_decref(made);
}

static json_t *
key_vector(const struct key *key)
{
	json_t *o = json_object();

	json_object_set_new(o, "use", json_string(key_use_name(key_use_of(key))));
	put_hex(o, "secret", key_secret(key), KEY_LEN);
	put_hex(o, "public", key_public(key)->b, KEY_LEN);
	put_hex(o, "id", key_id(key)->b, KEY_ID_LEN);
	return o;
}

static json_t *
keys_vector(struct key *const *keys, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, key_vector(keys[i]));
	return list;
}

static void
put_keys(json_t *o, const struct world *w)
{
	json_object_set_new(o, "signing", keys_vector(w->signing, WORLD_AGENCIES));
	json_object_set_new(o, "sealing", keys_vector(w->sealing, WORLD_AGENCIES));
	json_object_set_new(o, "transport", keys_vector(w->transport, WORLD_AGENCIES));
	json_object_set_new(o, "witness", keys_vector(w->witness, WORLD_AGENCIES));
	json_object_set_new(o, "auditors", keys_vector(w->auditors, WORLD_AUDITORS));
	json_object_set_new(o, "registrars", keys_vector(w->registrars, WORLD_REGISTRARS));
	json_object_set_new(o, "log", key_vector(w->log));
	json_object_set_new(o, "notice", key_vector(w->notice));
	json_object_set_new(o, "curve", key_vector(w->curve));
}

/* One message to two recipients, signed as the second of three. */
static void
test_seal(void **state)
{
	struct world *w = world_new();
	struct envelope env = world_seal(w, 2), a = world_seal(w, 1), b = a, *batch[3] = { &a, &env, &b };
	struct opened_share opened;
	json_t *o = json_object(), *list, *item;
	struct capsule capsule;
	uint8_t key[32], plain[CAPSULE_LEN];
	struct span record, bytes;
	struct hash root;
	struct why why;

	(void)state;
	put_keys(o, w);
	put_hex(o, "cek", w->cek, 32);
	keys_body(w->cek, key);
	put_hex(o, "body_key", key, 32);
	assert_int_equal(record_encode(w->record, w->mem, &record, &why), OK);
	put_span(o, "record", record);
	capsule_of(w->record, &capsule);
	assert_int_equal(capsule_encode(&capsule, plain), OK);
	put_hex(o, "capsule_plain", plain, sizeof(plain));
	put_span(o, "capsule", env.header.capsule);
	put_hex(o, "commit", env.header.commit.b, 32);
	list = json_array();
	for (size_t i = 0; i < env.header.n_wraps; i++) {
		item = json_object();
		json_object_set_new(item, "agency", json_string(env.header.wraps[i].agency));
		put_hex(item, "key", env.header.wraps[i].key.b, KEY_ID_LEN);
		put_span(item, "box", env.header.wraps[i].box);
		json_array_append_new(list, item);
	}
	json_object_set_new(o, "wraps", list);
	list = json_array();
	for (size_t i = 0; i < env.header.n_shares; i++) {
		assert_int_equal(seal_audit(&env.header, w->auditors[i], w->mem, &capsule, &opened, &why), OK);
		item = json_object();
		json_object_set_new(item, "auditor", json_integer((json_int_t)opened.auditor));
		put_hex(item, "share", opened.bytes, 32);
		put_hex(item, "hash", env.header.shares[i].hash.b, 32);
		put_hex(item, "key", env.header.shares[i].key.b, KEY_ID_LEN);
		put_span(item, "box", env.header.shares[i].box);
		json_array_append_new(list, item);
	}
	json_object_set_new(o, "threshold", json_integer(3));
	json_object_set_new(o, "shares", list);
	put_span(o, "header", env.header_bytes);
	put_span(o, "body", env.body);
	put_hex(o, "env_hash", env.hash.b, 32);
	put_hex(o, "env_hash_beside", a.hash.b, 32);
	assert_int_equal(envelope_sign(batch, 3, w->signing[0], w->mem), OK);
	assert_true(envelope_batch_root(&env, &root));
	put_hex(o, "batch_root", root.b, 32);
	json_object_set_new(o, "batch_index", json_integer(env.signature.index));
	json_object_set_new(o, "batch_size", json_integer(env.signature.size));
	put_hashes(o, "batch_path", env.signature.path, env.signature.n_path);
	put_hex(o, "signature", env.signature.sig, KEY_SIG_LEN);
	assert_int_equal(envelope_encode(&env, w->mem, &bytes), OK);
	put_span(o, "envelope", bytes);
	settle(o, FOLDER "seal.json");
	world_free(w);
}

/* Directory, note, sheets and a checkpoint. */
static void
test_trust(void **state)
{
	struct world *w = world_new();
	struct checkpoint c = { .origin = w->draft.origin, .size = 7 };
	struct note_signer signer = { w->draft.origin, w->log };
	struct note_verifier v = { w->draft.origin, *key_public(w->log) };
	json_t *o = json_object(), *list = json_array();
	struct span bytes, note;

	(void)state;
	assert_int_equal(directory_encode(w->directory, w->mem, &bytes), OK);
	put_span(o, "directory", bytes);
	put_hex(o, "directory_hash", w->directory->hash.b, 32);
	json_object_set_new(o, "directory_note", json_stringn((const char *)w->note.p, w->note.n));
	for (unsigned i = 0; i < WORLD_AGENCIES; i++) {
		char hex[4096];

		bytes = world_sign_sheet(w, i, 1);
		bytes_hex(bytes.p, bytes.n, hex);
		json_array_append_new(list, json_string(hex));
	}
	json_object_set_new(o, "sheets", list);
	put_hex(o, "sheet_hash", w->sheet[0]->hash.b, 32);
	merkle_leaf(SPAN_LIT("root"), &c.root);
	put_hex(o, "root", c.root.b, 32);
	assert_int_equal(checkpoint_sign(&c, &signer, w->mem, &note), OK);
	json_object_set_new(o, "checkpoint", json_stringn((const char *)note.p, note.n));
	json_object_set_new(o, "log_verifier", json_string(note_verifier_format(&v, w->mem)));
	settle(o, FOLDER "trust.json");
	world_free(w);
}

struct tree { struct hash nodes[6][32]; };

static void
tree_put(void *arg, unsigned level, uint64_t index, const struct hash *hash)
{
	((struct tree *)arg)->nodes[level][index] = *hash;
}

static bool
tree_read(void *arg, unsigned level, uint64_t index, struct hash *ret_hash)
{
	*ret_hash = ((struct tree *)arg)->nodes[level][index];
	return true;
}

/* A leaf with its detail, and proofs in a tree of 13 leaves whose data are the single bytes 0 to 12. */
static void
test_log(void **state)
{
	static const uint8_t salt[LEAF_SALT_LEN] = { 9, 8, 7 };
	struct world *w = world_new();
	struct envelope env = world_seal(w, 1);
	struct detail d = { .id = env.header.id, .env_hash = env.hash, .from = env.header.from, .to = { env.header.to[0] },
			    .n_to = 1, .thread = env.header.thread, .thread_seq = 1, .at_ms = WORLD_NOW + 5, .created_ms = WORLD_NOW };
	struct leaf leaf = { .type = LEAF_SUBMIT, .retention = RETAIN_MESSAGE, .seq = 12, .seconds = WORLD_NOW / 1000 };
	json_t *o = json_object(), *roots = json_array();
	struct hash path[MERKLE_RANGE_MAX], root, hash;
	uint8_t bytes[LEAF_LEN];
	struct frontier f;
	struct tree tree;
	struct span detail;
	char hex[65];
	size_t n;

	(void)state;
	assert_int_equal(detail_encode(&d, w->mem, &detail), OK);
	put_span(o, "detail", detail);
	put_hex(o, "salt", salt, sizeof(salt));
	detail_hash(salt, detail, &leaf.detail);
	leaf_encode(&leaf, bytes);
	put_hex(o, "leaf", bytes, sizeof(bytes));
	leaf_hash(bytes, &hash);
	put_hex(o, "leaf_hash", hash.b, 32);
	frontier_init(&f);
	for (uint8_t i = 0; i <= 13; i++) {
		frontier_root(&f, &root);
		bytes_hex(root.b, 32, hex);
		json_array_append_new(roots, json_string(hex));
		merkle_leaf(SPAN(&i, 1), &hash);
		if (i < 13)
			frontier_add(&f, &hash, tree_put, &tree);
	}
	json_object_set_new(o, "roots", roots);
	assert_true(merkle_inclusion(5, 13, tree_read, &tree, path, &n));
	put_hashes(o, "inclusion_5_of_13", path, n);
	assert_true(merkle_consistency(6, 13, tree_read, &tree, path, &n));
	put_hashes(o, "consistency_6_to_13", path, n);
	assert_true(merkle_range(3, 6, 13, tree_read, &tree, path, &n));
	put_hashes(o, "range_3_to_6_of_13", path, n);
	settle(o, FOLDER "log.json");
	world_free(w);
}

static void
put_frame(json_t *o, const char *name, const struct frame *f, struct arena *mem)
{
	struct span bytes;

	assert_int_equal(frame_encode(f, mem, &bytes), OK);
	put_span(o, name, bytes);
}

/* One frame of each kind. */
static void
test_frame(void **state)
{
	struct world *w = world_new();
	struct envelope env = world_seal(w, 1);
	struct hash path[2] = { { { 1 } }, { { 2 } } };
	uint8_t leaf[LEAF_LEN] = "NSKL", salt[LEAF_SALT_LEN] = { 3 };
	uint64_t nos[] = { 1, 2, 300 };
	struct accepted_item accepted = { env.header.id, SPAN(leaf, LEAF_LEN), SPAN(salt, LEAF_SALT_LEN), SPAN_LIT("detail") };
	struct run run = { .begin = 40, .items = &accepted, .n = 1, .path = path, .n_path = 2 };
	struct refused_item refused = { env.header.id, env.hash, ERR_FULL, "hub: little room on the disk", 60000 };
	struct deliver_item deliver = { .queue_no = 9, .leaf = SPAN(leaf, LEAF_LEN), .salt = SPAN(salt, LEAF_SALT_LEN),
					.detail = SPAN_LIT("detail"), .path = path, .n_path = 2 };
	struct statement_item standing = { SPAN_LIT("row"), SPAN(leaf, LEAF_LEN), SPAN(salt, LEAF_SALT_LEN), SPAN_LIT("detail"), path, 2 };
	struct span sheet = world_sign_sheet(w, 0, 1), envelope;
	json_t *o = json_object();
	struct frame f;

	(void)state;
	assert_int_equal(envelope_encode(&env, w->mem, &envelope), OK);
	deliver.envelope = envelope;
	f = (struct frame){ .kind = FRAME_HELLO };
	f.hello = (struct hello){ .agency = world_ids[0], .session = { 1, 2 }, .pin_size = 5, .pin_root = path[0],
				  .directory_version = 7, .sheets_seen = 4, .credit = { 256, 1 << 20 },
				  .software = "nasoka-health 0.1.0", .sheet = sheet };
	put_frame(o, "hello", &f, w->mem);
	f = (struct frame){ .kind = FRAME_WELCOME, .epoch = 3 };
	f.welcome = (struct welcome){ .session = { 1, 2 }, .checkpoint = SPAN_LIT("checkpoint"), .path = { path[0], path[1] },
				      .n_path = 2, .credit = { 256, 1 << 20 }, .now_ms = WORLD_NOW };
	put_frame(o, "welcome", &f, w->mem);
	f = (struct frame){ .kind = FRAME_DIRECTORY, .epoch = 3, .directory = { w->note, &sheet, 1, 5, 0 } };
	put_frame(o, "directory", &f, w->mem);
	f = (struct frame){ .kind = FRAME_SUBMIT, .epoch = 3, .submit = { &envelope, 1 } };
	put_frame(o, "submit", &f, w->mem);
	f = (struct frame){ .kind = FRAME_ACCEPTED, .epoch = 3, .accepted = { { SPAN_LIT("checkpoint"), 38, path, 2 }, &run, 1 } };
	put_frame(o, "accepted", &f, w->mem);
	f = (struct frame){ .kind = FRAME_REFUSED, .epoch = 3, .refused = { &refused, 1 } };
	put_frame(o, "refused", &f, w->mem);
	f = (struct frame){ .kind = FRAME_DELIVER, .epoch = 3 };
	f.deliver = (struct deliver){ { SPAN_LIT("checkpoint"), 41, path, 1 }, &deliver, 1 };
	put_frame(o, "deliver", &f, w->mem);
	f = (struct frame){ .kind = FRAME_TAKEN, .epoch = 3, .taken = { nos, 3 } };
	put_frame(o, "taken", &f, w->mem);
	f = (struct frame){ .kind = FRAME_CREDIT, .epoch = 3, .credit = { 512, 2 << 20 } };
	put_frame(o, "credit", &f, w->mem);
	f = (struct frame){ .kind = FRAME_STATEMENT_ASK, .epoch = 3, .statement_ask = { { 9, 8 }, 30, 41 } };
	put_frame(o, "statement_ask", &f, w->mem);
	f = (struct frame){ .kind = FRAME_STATEMENT, .epoch = 3, .statement = {
		.ask = { 9, 8 }, .after = 41, .growth = { SPAN_LIT("checkpoint"), 41, path, 1 }, .items = &standing, .n = 1,
		.head = SPAN_LIT("head"), .sig = { 7 } } };
	put_frame(o, "statement", &f, w->mem);
	deliver.queue_no = 0;
	f = (struct frame){ .kind = FRAME_ANNOUNCED, .epoch = 3 };
	f.announced = (struct announced){ { SPAN_LIT("checkpoint"), 41, path, 1 }, &deliver, 1, 40, 43 };
	put_frame(o, "announced", &f, w->mem);
	settle(o, FOLDER "frame.json");
	world_free(w);
}

/* What the hub says of its own accord: a notice in its envelope, the rows and the signed head of a statement; and a withdrawal. */
static void
test_hub(void **state)
{
	struct world *w = world_new();
	struct envelope message = world_seal(w, 1), env = { 0 }, *batch[1] = { &env };
	const struct header *m = &message.header;
	const uint8_t random[10] = { 6, 6 };
	struct notice n = { NOTICE_LATE_RESPONSE, m->id, message.hash, m->from, m->to[0], m->thread, m->priority, WORLD_NOW,
			    WORLD_NOW + 1000, WORLD_NOW + 2000, 1u << STAGE_DELIVERED | 1u << STAGE_REGISTERED, 42 };
	struct standing rows[2] = {
		{ .leaf = 42, .n_to = 1, .priority = PRIORITY_URGENT, .respond_by_ms = WORLD_NOW + 1000, .stages = { 0x200c } },
		{ .leaf = 44, .n_to = 3, .priority = PRIORITY_ROUTINE, .registered_by_ms = 1, .expires_ms = 2, .stages = { 0, 0x104, 0 } },
	};
	struct standing_head head = { .ask = { 9, 8 }, .agency = world_ids[0], .at_ms = WORLD_NOW, .since = 30, .size = 50,
				      .root = { { 5 } }, .rows = 2 };
	struct announce announcement;
	json_t *o = json_object(), *list = json_array();
	char hex[2 * ENVELOPE_HEADER_MAX];
	uint8_t sig[KEY_SIG_LEN];
	struct span bytes;
	struct msgid id;

	(void)state;
	msgid_make(WORLD_NOW + 2000, random, &id);
	env.header = (struct header){ .version = ENVELOPE_VERSION, .id = id, .class = CLASS_NOTICE, .from = AGENCY_HUB,
				      .to = { m->from, m->to[0] }, .n_to = 2, .thread = m->thread, .priority = m->priority,
				      .created_ms = WORLD_NOW + 2000, .in_reply_to = m->id,
				      .directory_version = w->directory->version, .signing_key = *key_id(w->notice) };
	assert_int_equal(notice_encode(&n, w->mem, &env.body), OK);
	assert_int_equal(header_encode(&env.header, w->mem, &env.header_bytes), OK);
	envelope_hash(env.header_bytes, env.body, &env.hash);
	assert_int_equal(envelope_sign(batch, 1, w->notice, w->mem), OK);
	assert_int_equal(envelope_encode(&env, w->mem, &bytes), OK);
	put_span(o, "notice", env.body);
	put_span(o, "notice_envelope", bytes);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(standing_encode(&rows[i], w->mem, &bytes), OK);
		bytes_hex(bytes.p, bytes.n, hex);
		json_array_append_new(list, json_string(hex));
		standing_digest(&head.digest, bytes);
	}
	json_object_set_new(o, "rows", list);
	put_hex(o, "digest", head.digest.b, 32);
	assert_int_equal(standing_sign(&head, w->notice, w->mem, &bytes, sig), OK);
	put_span(o, "head", bytes);
	put_hex(o, "head_sig", sig, sizeof(sig));
	withdrawal_header(m, &message.hash, &id, WORLD_NOW + 2000, &env.header);
	assert_int_equal(seal_receipt(&env.header, NULL, w->directory, &w->sheets, key_id(w->signing[0]), NULL, w->mem, &env, NULL), OK);
	assert_int_equal(envelope_sign(batch, 1, w->signing[0], w->mem), OK);
	assert_int_equal(envelope_encode(&env, w->mem, &bytes), OK);
	put_span(o, "withdrawal_envelope", bytes);
	announcement = sample_announce(world_ids[1], "ozd-1", WORLD_NOW);
	env.header = (struct header){ .version = ENVELOPE_VERSION, .id = id, .class = CLASS_ANNOUNCE, .from = world_ids[1],
				      .priority = PRIORITY_ROUTINE, .created_ms = WORLD_NOW + 2000,
				      .directory_version = w->directory->version, .signing_key = *key_id(w->signing[1]) };
	assert_int_equal(announce_encode(&announcement, w->mem, &env.body, NULL), OK);
	assert_int_equal(header_encode(&env.header, w->mem, &env.header_bytes), OK);
	envelope_hash(env.header_bytes, env.body, &env.hash);
	assert_int_equal(envelope_sign(batch, 1, w->signing[1], w->mem), OK);
	assert_int_equal(envelope_encode(&env, w->mem, &bytes), OK);
	put_span(o, "announcement", env.body);
	put_span(o, "announcement_envelope", bytes);
	settle(o, FOLDER "hub.json");
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seal),
		cmocka_unit_test(test_trust),
		cmocka_unit_test(test_log),
		cmocka_unit_test(test_frame),
		cmocka_unit_test(test_hub),
	};

	return cmocka_run_group_tests_name("vectors", tests, NULL, NULL);
}
