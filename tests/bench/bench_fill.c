/* SPDX-License-Identifier: EUPL-1.2 */
/* bench_fill - a journal as a hub has it after a long time: so many messages, accepted, taken and registered over the last year.
 *
 *	bench_fill --dir WORLD [--messages N] [--batch N]
 *
 * WORLD is a folder as config/stage/world.py makes it, with agencies sender-1 and receiver-1; no hub runs. All goes through the
 * journal's own door, in large batches: rows sealed under month keys, tree, rows of the core. The envelopes are one real header with
 * another id each and a body of random bytes: to the hub they are the same as any.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "config/config.h"
#include "hub/journal.h"
#include "hub/rows.h"
#include "tests/bench/parcel.h"

#define FILL_ARENA ((size_t)512 << 20)
#define HEADER_MAX 8192
#define YEAR_S (360 * (CLOCK_DAY / CLOCK_SECOND))
#define STAGES_DONE (STAGES_AT(STAGE_STORED) | STAGES_AT(STAGE_DELIVERED) | STAGES_AT(STAGE_REGISTERED))
#define FROM "sender-1"
#define TO "receiver-1"

struct fill {
	const char *dir;
	size_t messages, batch, bytes;
	struct enrolled enrolled;
	struct key *log;
	struct rowkey *keys;
	struct journal *journal;
	struct parcel sample;
	uint8_t *body;
	int64_t begun_s;	/* of the first message */
};

static void
must(enum err e, const char *what, const struct why *why)
{
	if (e != OK)
		enrolled_die("%s: %s %s %s", what, err_code(e), why->where, why->text);
}

static void
open_journal(struct fill *f)
{
	struct arena *mem = arena_new(CONFIG_ARENA_BYTES);
	struct why why = { .where = "" };
	struct journal_options options = { .read_only = false };
	struct config_start start = { .mode = CONFIG_RUN };
	struct hub_config *config;
	int code = 0;

	start.file = arena_fmt(f->enrolled.mem, "%s/hub/hub.yaml", f->dir);
	if (mem == NULL || !config_start_hub(&start, mem, &config, &code))
		enrolled_die("the hub's configuration");
	must(key_load(arena_fmt(mem, "%s/log.key", config->keys_dir), KEY_LOG, &f->log, &why), "the log's key", &why);
	must(rowkey_open(config->kek_dir, false, &f->keys, &why), "the month keys", &why);
	options.origin = f->enrolled.directory->origin;
	options.log = f->log;
	options.keys = f->keys;
	must(journal_open_lmdb(&options, config->store_dir, config->store_map_bytes, &f->journal, &why), "the store", &why);
	arena_free(mem);
}

static void
make_sample(struct fill *f)
{
	struct key *signing = enrolled_key(&f->enrolled, FROM, KEY_SIGNING);

	parcel_seal(&f->enrolled, FROM, TO, signing, 0, 1024, f->enrolled.mem, &f->sample);
	key_free(signing);
	f->body = arena_alloc(f->enrolled.mem, f->bytes);
	if (f->body == NULL || f->sample.header.n > HEADER_MAX)
		enrolled_die("no memory");
	for (size_t at = 0; at < f->bytes; at += 256)
		if (getrandom(f->body + at, f->bytes - at < 256 ? f->bytes - at : 256, 0) < 0)
			enrolled_die("no random bytes");
}

/* What the core keeps of a message that is done with. */
static void
put_rows(struct batch *b, const struct detail *d, uint64_t leaf)
{
	struct id_row id = { .hash = d->env_hash, .leaf = leaf, .class = CLASS_DATA, .thread = d->thread, .seq = d->thread_seq,
			     .to = { TO }, .n_to = 1 };
	struct thread_row thread = { .at = { { FROM, d->thread_seq, 0 }, { TO, 0, leaf + 1 } }, .n = 2 };
	struct row_key key;

	batch_put(b, TABLE_IDS, row_key_id(&d->id, FROM, &key), row_id(&id, b->mem));
	batch_put(b, TABLE_THREADS, row_key_thread(&d->thread, &key), row_thread(&thread, b->mem));
	batch_put(b, TABLE_STAGES, row_key_stage(leaf, TO, &key), row_stages(STAGES_DONE, b->mem));
}

static void
put_message(struct fill *f, struct batch *b, size_t i)
{
	int64_t seconds = f->begun_s + (int64_t)(i * (uint64_t)YEAR_S / f->messages);
	struct detail d = {
		.from = FROM, .to = { TO }, .n_to = 1, .thread_seq = i % PARCEL_THREAD_MESSAGES + 1, .at_ms = seconds * CLOCK_SECOND,
		.created_ms = seconds * CLOCK_SECOND,
	};
	static const uint8_t seam[3] = { 0x1a, 0x80, 0x08 };	/* of a body of 1 KiB: tag and length */
	struct entry *entry;
	uint64_t leaf;

	parcel_id(d.at_ms, (uint32_t)i, &d.id);
	memcpy(d.thread.b, f->enrolled.run, sizeof(f->enrolled.run));
	for (unsigned k = 0; k < 4; k++)
		d.thread.b[12 + k] = (uint8_t)((i / PARCEL_THREAD_MESSAGES) >> (24 - 8 * k));
	hash_blake2b(SPAN(d.id.b, MSGID_LEN), &d.env_hash);
	if ((entry = batch_entry(b, &leaf)) == NULL || detail_encode(&d, b->mem, &entry->detail) != OK)
		enrolled_die("no memory for the batch");
	entry->type = LEAF_SUBMIT;
	entry->retention = RETAIN_MESSAGE;
	entry->seconds = (uint64_t)seconds;
	memcpy(entry->salt, d.env_hash.b, LEAF_SALT_LEN);
	entry->head = f->sample.header;
	entry->seam = SPAN(seam, sizeof(seam));
	entry->body = SPAN(f->body, f->bytes);
	put_rows(b, &d, leaf);
}

static void
put_agencies(struct fill *f, struct batch *b, size_t done)
{
	struct agency_row from = { .epoch = 1, .accepted = done };
	struct agency_row to = { .last_no = done, .epoch = 1, .delivered = done };
	struct row_key key;

	(void)f;
	batch_put(b, TABLE_AGENCIES, row_key_agency(FROM, &key), row_agency(&from, b->mem));
	batch_put(b, TABLE_AGENCIES, row_key_agency(TO, &key), row_agency(&to, b->mem));
}

static void
fill(struct fill *f)
{
	struct batch *b = batch_new(FILL_ARENA);
	struct why why = { .where = "" };
	size_t done = 0;

	if (b == NULL)
		enrolled_die("no memory");
	while (done < f->messages) {
		struct journal_view *v = journal_view(f->journal);
		uint64_t size = journal_size(v);
		size_t end = done + f->batch < f->messages ? done + f->batch : f->messages;

		must(journal_view_end(v), "reading", &why);
		batch_reset(b, size);
		for (; done < end; done++)
			put_message(f, b, done);
		put_agencies(f, b, done);
		must(journal_commit(f->journal, b), "committing", &why);
	}
	batch_free(b);
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "dir", required_argument, NULL, 'd' }, { "messages", required_argument, NULL, 'm' },
		{ "batch", required_argument, NULL, 'b' }, { NULL, 0, NULL, 0 },
	};
	struct fill f = { .messages = 100000, .batch = 4096, .bytes = 1024 };
	int64_t begun;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'd')
			f.dir = optarg;
		else if (c == 'm')
			f.messages = enrolled_number(optarg, 1, 100000000);
		else if (c == 'b')
			f.batch = enrolled_number(optarg, 1, 65536);
		else
			return 64;
	}
	if (f.dir == NULL)
		enrolled_die("--dir is missing");
	enrolled_open(f.dir, &f.enrolled);
	open_journal(&f);
	make_sample(&f);
	f.begun_s = clock_wall_ms() / CLOCK_SECOND - YEAR_S;
	begun = parcel_now_ns();
	fill(&f);
	printf("{\"messages\":%zu,\"seconds\":%.3f}\n", f.messages, (double)(parcel_now_ns() - begun) / 1e9);
	journal_close(f.journal);
	rowkey_close(f.keys);
	key_free(f.log);
	enrolled_close(&f.enrolled);
	return 0;
}
