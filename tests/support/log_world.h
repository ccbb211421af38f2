/* SPDX-License-Identifier: EUPL-1.2 */
/* log_world - a log as a hub writes it, without a hub: real keys, directory and sheets, sealed and signed messages, receipts of
 * every stage, through the journal's own door into memory. On trust_world.h; header only; any failure asserts.
 */
#ifndef SUPPORT_LOG_WORLD_H
#define SUPPORT_LOG_WORLD_H

#include "tests/unit/proto/trust_world.h"

#include "hub/audit/exporter.h"
#include "hub/audit/image.h"
#include "hub/audit/source.h"
#include "hub/journal.h"
#include "hub/rows.h"
#include "proto/base/clock.h"

struct log_world {
	struct world *w;
	struct journal_disk *disk;
	struct rowkey *keys;
	struct journal *journal;
	struct batch *batch;
	uint64_t first;			/* of the batch */
	int64_t now_ms;
	uint64_t random;
};

struct log_message { struct header header; struct hash hash; uint64_t leaf; };

static inline void
log_fill(struct log_world *l, void *to, size_t n)
{
	uint8_t *p = to;

	for (size_t i = 0; i < n; i++) {
		l->random = l->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		p[i] = (uint8_t)(l->random >> 56);
	}
}

static inline void
log_commit(struct log_world *l)
{
	assert_int_equal(journal_commit(l->journal, l->batch), OK);
	l->first = l->batch->size;
	batch_reset(l->batch, l->first);
}

/* What a leaf is made of: its type, detail, and the envelope's bytes with the length of its body at the end. */
struct log_leaf {
	enum leaf_type type;
	enum retention retention;
	uint64_t aux;
	const struct detail *detail;
	struct span envelope;
	size_t body_n;
};

static inline uint64_t
log_append(struct log_world *l, const struct log_leaf *leaf)
{
	uint64_t index;
	struct entry *entry = batch_entry(l->batch, &index);
	size_t seam = leaf->body_n == 0 ? 0 : leaf->body_n < 128 ? 2 : leaf->body_n < 16384 ? 3 : 4, tail = seam + leaf->body_n;

	assert_non_null(entry);
	entry->type = leaf->type;
	entry->retention = leaf->retention;
	entry->aux = leaf->aux;
	entry->seconds = (uint64_t)(l->now_ms / CLOCK_SECOND);
	log_fill(l, entry->salt, sizeof(entry->salt));
	assert_int_equal(detail_encode(leaf->detail, l->batch->mem, &entry->detail), OK);
	if (leaf->envelope.n > 0) {
		struct span bytes = arena_span(l->batch->mem, leaf->envelope);

		entry->head = SPAN(bytes.p, bytes.n - tail);
		entry->seam = SPAN(bytes.p + bytes.n - tail, seam);
		entry->body = SPAN(bytes.p + bytes.n - leaf->body_n, leaf->body_n);
	}
	return index;
}

static inline void
log_trust(struct log_world *l)
{
	struct detail start = { .at_ms = l->now_ms, .text = "0.1.0" };
	struct detail d = { .at_ms = l->now_ms, .version = l->w->directory->version, .object = l->w->directory->hash };
	struct directory_row row = { .since_ms = l->now_ms, .note = l->w->note };
	struct arena *mem = l->w->mem;
	struct row_key key;

	log_append(l, &(struct log_leaf){ .type = LEAF_START, .retention = RETAIN_SERVICE, .detail = &start });
	assert_int_equal(directory_encode(l->w->directory, mem, &row.bytes), OK);
	row.leaf = log_append(l, &(struct log_leaf){ .type = LEAF_DIRECTORY, .retention = RETAIN_TRUST, .detail = &d });
	batch_put(l->batch, TABLE_DIRECTORY, row_key_directory(d.version, &key), row_directory(&row, mem));
	for (unsigned i = 0; i < WORLD_AGENCIES; i++) {
		const struct sheet *s = l->w->sheet[i];
		struct detail sd = { .from = s->agency, .at_ms = l->now_ms, .created_ms = s->made_ms, .version = s->version,
				     .object = s->hash };
		struct sheet_row sr = { .bytes = world_sign_sheet(l->w, i, 1) };

		sr.leaf = log_append(l, &(struct log_leaf){ .type = LEAF_SHEET, .retention = RETAIN_TRUST, .detail = &sd });
		batch_put(l->batch, TABLE_SHEETS, row_key_agency(s->agency, &key), row_sheet(&sr, mem));
	}
	log_commit(l);
}

static inline struct log_world *
log_world_new(void)
{
	struct log_world *l = calloc(1, sizeof(*l));
	struct journal_options options = { .read_only = false };
	struct why why;

	assert_non_null(l);
	l->w = world_new();
	l->now_ms = WORLD_NOW;
	l->random = 1;
	assert_int_equal(rowkey_open(NULL, false, &l->keys, &why), OK);
	assert_non_null(l->disk = journal_disk_new());
	options.origin = l->w->directory->origin;
	options.log = l->w->log;
	options.keys = l->keys;
	assert_int_equal(journal_open_mem(&options, l->disk, &l->journal, &why), OK);
	assert_non_null(l->batch = batch_new((size_t)64 << 20));
	batch_reset(l->batch, 0);
	log_trust(l);
	return l;
}

static inline void
log_world_free(struct log_world *l)
{
	batch_free(l->batch);
	journal_close(l->journal);
	journal_disk_free(l->disk);
	rowkey_close(l->keys);
	world_free(l->w);
	free(l);
}

static inline void
log_detail(const struct log_world *l, const struct envelope *env, struct detail *d)
{
	const struct header *h = &env->header;

	*d = (struct detail){
		.id = h->id, .env_hash = env->hash, .from = h->from, .n_to = h->n_to, .thread = h->thread, .thread_seq = h->seq,
		.at_ms = l->now_ms, .created_ms = h->created_ms,
		.about = h->class == CLASS_RECEIPT ? h->in_reply_to : h->supersedes,
	};
	for (size_t i = 0; i < h->n_to; i++)
		d->to[i] = h->to[i];
}

static inline void
log_next_id(struct log_world *l, struct msgid *ret_id)
{
	uint8_t random[10];

	l->now_ms += 37;
	log_fill(l, random, sizeof(random));
	msgid_make(l->now_ms, random, ret_id);
}

/* The envelope in `env`, signed by `signer`, as a leaf. */
static inline uint64_t
log_envelope(struct log_world *l, struct envelope *env, unsigned signer, struct log_leaf *leaf)
{
	struct envelope *batch[1] = { env };
	struct detail d;

	assert_int_equal(envelope_sign(batch, 1, l->w->signing[signer], l->w->mem), OK);
	assert_int_equal(envelope_encode(env, l->w->mem, &leaf->envelope), OK);
	log_detail(l, env, &d);
	if (env->header.stage == STAGE_REFUSED)
		d.code = ERR_SYSTEM_REFUSED;
	leaf->body_n = env->body.n;
	leaf->retention = RETAIN_MESSAGE;
	leaf->detail = &d;
	return log_append(l, leaf);
}

/* A referral from agency 0 to agency 1: the first message of a thread (after NULL), or the next one of the same. */
static inline struct log_message
log_submit(struct log_world *l, const struct log_message *after)
{
	struct header h = world_header(1);
	struct log_leaf leaf = { .type = LEAF_SUBMIT };
	struct log_message m;
	struct envelope env;
	uint8_t cek[32];
	struct why why;

	log_next_id(l, &h.id);
	log_fill(l, h.thread.b, THREAD_LEN);
	log_fill(l, cek, sizeof(cek));
	h.created_ms = l->now_ms;
	if (after) {
		h.thread = after->header.thread;
		h.seq = after->header.seq + 1;
	}
	assert_int_equal(seal_record(&h, l->w->record, l->w->directory, &l->w->sheets, key_id(l->w->signing[0]), cek, l->w->mem, &env,
				     &why), OK);
	m.leaf = log_envelope(l, &env, 0, &leaf);
	m.header = env.header;
	m.hash = env.hash;
	return m;
}

static inline uint64_t
log_receipt(struct log_world *l, const struct log_message *m, enum stage stage)
{
	static const enum leaf_type types[] = { [STAGE_DELIVERED] = LEAF_DELIVERED, [STAGE_REGISTERED] = LEAF_REGISTERED,
						[STAGE_SEEN] = LEAF_SEEN, [STAGE_REFUSED] = LEAF_REFUSED };
	struct header h = {
		.class = CLASS_RECEIPT, .from = m->header.to[0], .to = { m->header.from }, .n_to = 1, .thread = m->header.thread,
		.priority = PRIORITY_ROUTINE, .in_reply_to = m->header.id, .stage = stage, .received = m->hash,
		.refusal = stage == STAGE_REFUSED ? REFUSAL_PERMANENT : REFUSAL_NONE,
	};
	struct receipt_detail sealed = { .case_no = "C-1" };
	struct log_leaf leaf = { .type = types[stage], .aux = m->leaf };
	struct envelope env;
	uint8_t cek[32];
	struct why why;

	log_next_id(l, &h.id);
	log_fill(l, cek, sizeof(cek));
	h.created_ms = sealed.at_ms = l->now_ms;
	assert_int_equal(seal_receipt(&h, stage == STAGE_REGISTERED ? &sealed : NULL, l->w->directory, &l->w->sheets,
				      key_id(l->w->signing[1]), cek, l->w->mem, &env, &why), OK);
	return log_envelope(l, &env, 1, &leaf);
}

/* `n` messages, two a thread, delivered, most of them registered, some seen, some refused; a few a commit. */
static inline void
log_messages(struct log_world *l, size_t n)
{
	struct log_message last;

	for (size_t i = 0; i < n; i++) {
		struct log_message m = log_submit(l, i % 2 ? &last : NULL);

		last = m;
		if (i % 3 == 0)
			log_commit(l);
		(void)log_receipt(l, &m, STAGE_DELIVERED);
		if (i % 5 != 4)
			(void)log_receipt(l, &m, i % 11 == 7 ? STAGE_REFUSED : STAGE_REGISTERED);
		if (i % 7 == 0)
			(void)log_receipt(l, &m, STAGE_SEEN);
	}
	log_commit(l);
}

/* The log as an auditor opens it: closed by its hub, and read anew. The journal may not be used otherwise after it. */
static inline struct source *
log_source(struct log_world *l)
{
	struct journal_options options = { .read_only = true, .keys = l->keys };
	struct source *s;
	struct why why;

	journal_close(l->journal);
	assert_int_equal(journal_open_mem(&options, l->disk, &l->journal, &why), OK);
	assert_int_equal(source_open_journal(l->journal, &s, &why), OK);
	return s;
}

static inline enum err
log_put_file(void *arg, const char *name, struct span bytes, struct why *why)
{
	(void)why;
	return image_add(arg, name, bytes);
}

static inline struct image *
log_image(struct source *s)
{
	struct image *image = image_new();
	struct why why;

	assert_non_null(image);
	assert_int_equal(exporter_run(s, log_put_file, image, &why), OK);
	image_sort(image);
	return image;
}

static inline struct trust
log_trusted(const struct log_world *l)
{
	return (struct trust){ l->w->draft.registrars, WORLD_REGISTRARS, 2 };
}

#endif
