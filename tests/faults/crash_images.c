/* SPDX-License-Identifier: EUPL-1.2 */
/* crash_images - makes what a power cut could have left of a store, from the writes and syncs that the preloaded library wrote
 * down, and opens each with the code of the hub or of the adapter.
 *
 * What was answered before the cut must be there, and nothing may stand elsewhere than it did.
 *
 *	crash_images hub     RECORD PLACE COUNT SEED ORIGIN KEYS KEK
 *	crash_images adapter RECORD PLACE COUNT SEED
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/core/inbox.h"
#include "adapters/core/outbox.h"
#include "adapters/core/storage.h"
#include "hub/journal.h"
#include "proto/base/store.h"
#include "proto/leaf.h"
#include "tests/faults/tape.h"

#define MAP_BYTES ((size_t)1 << 30)
#define ENTRY_ARENA ((size_t)8 << 20)
#define COMPLAINTS_MAX 20

static const char *const mode_names[] = { "all that was written", "a subset", "torn sectors" };

struct images {
	struct tape tape;
	const char *origin;
	struct key *log;
	struct rowkey *keys;
	struct arena *mem;
	uint8_t (*leaves)[LEAF_LEN];	/* of the whole run */
	struct hash *roots;		/* by size */
	uint64_t n_leaves;
	uint64_t made, accepted, lost, disordered, unopened, complaints;
};

static void PRINTF_LIKE(3, 4)
complain(struct images *m, const struct cut *cut, const char *fmt, ...)
{
	va_list args;

	if (m->complaints++ >= COMPLAINTS_MAX)
		return;
	printf("# cut at record %zu of %zu, %s: ", cut->at, m->tape.n_records, mode_names[cut->mode]);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

/* -- the hub's store -- */

static enum err
open_journal(struct images *m, struct journal **ret_j, struct why *why)
{
	struct journal_options options = { .origin = m->origin, .log = m->log, .keys = m->keys };

	return journal_open_lmdb(&options, m->tape.store, MAP_BYTES, ret_j, why);
}

static bool
is_there(struct images *m, struct journal_view *v, const struct mark *mark)
{
	struct journal_entry entry;
	struct detail detail;

	arena_reset(m->mem);
	return journal_entry(v, mark->leaf, m->mem, &entry) == OK && entry.has_detail && entry.envelope.p != NULL &&
	       detail_decode(entry.detail, m->mem, &detail) == OK && msgid_eq(&detail.id, &mark->id) &&
	       strcmp(detail.from, mark->from) == 0;
}

/* Every row of every table can be reached. */
static void
walk_journal(struct journal_view *v)
{
	struct journal_walk walk;

	for (unsigned table = 0; table < N_BATCH_TABLES; table++) {
		bool more = journal_walk_from(v, (enum batch_table)table, SPAN_LIT("\0"), &walk);

		while (more)
			more = journal_walk_next(&walk);
		journal_walk_end(&walk);
	}
}

static void
check_leaves(struct images *m, struct journal_view *v, const struct cut *cut)
{
	uint64_t size = journal_size(v);
	uint8_t leaf[LEAF_LEN];
	struct hash root;

	if (size > m->n_leaves) {
		complain(m, cut, "%" PRIu64 " leaves, and there never were so many", size);
		m->disordered++;
		return;
	}
	for (uint64_t i = 0; i < size; i++) {
		if (!journal_leaf(v, i, leaf) || memcmp(leaf, m->leaves[i], LEAF_LEN) != 0) {
			complain(m, cut, "leaf %" PRIu64 " is not what it was", i);
			m->disordered++;
		}
	}
	if (!merkle_root(size, journal_node, v, &root) || !hash_eq(&root, &m->roots[size])) {
		complain(m, cut, "the root of %" PRIu64 " leaves is another", size);
		m->disordered++;
	}
}

static enum err
check_outside(struct images *m, struct journal *j, const struct cut *cut, struct why *why)
{
	for (size_t i = cut->at; i-- > 0; )
		if (m->tape.records[i]->kind == RECORD_CHECKPOINT)
			return journal_check_outside(j, SPAN(tape_bytes(m->tape.records[i]), m->tape.records[i]->n), why);
	return OK;
}

static void
check_hub(struct images *m, const struct cut *cut)
{
	struct why why = { .where = "" };
	struct journal_view *v;
	struct journal *j;
	enum err e = open_journal(m, &j, &why);

	if (e != OK) {
		complain(m, cut, "does not open: %s %s %s", err_code(e), why.where, why.text);
		m->unopened++;
		return;
	}
	e = check_outside(m, j, cut, &why);
	if (e != OK) {
		complain(m, cut, "is older than the checkpoint outside: %s", why.text);
		m->unopened++;
	}
	v = journal_view(j);
	check_leaves(m, v, cut);
	for (size_t i = 0; i < m->tape.n_marks && m->tape.marks[i].since <= cut->at; i++) {
		m->accepted++;
		if (m->tape.marks[i].kind == MARK_LEAF && !is_there(m, v, &m->tape.marks[i])) {
			complain(m, cut, "leaf %" PRIu64 " is lost", m->tape.marks[i].leaf);
			m->lost++;
		}
	}
	walk_journal(v);
	if ((e = journal_view_end(v)) != OK) {
		complain(m, cut, "cannot be read: %s", err_code(e));
		m->unopened++;
	}
	journal_close(j);
}

/* What all cuts are compared with: the leaves as they were in the end, and the roots that they give. */
static void
learn(struct images *m)
{
	struct cut all = { m->tape.n_records, WHOLE };
	struct why why = { .where = "" };
	struct journal_view *v;
	struct journal *j;
	struct hash *hashes;

	tape_image(&m->tape, &all);
	if (open_journal(m, &j, &why) != OK)
		tape_give_up(why.text);
	v = journal_view(j);
	m->n_leaves = journal_size(v);
	m->leaves = calloc(m->n_leaves + 1, LEAF_LEN);
	m->roots = calloc(m->n_leaves + 1, sizeof(*m->roots));
	hashes = calloc(m->n_leaves + 1, sizeof(*hashes));
	if (m->leaves == NULL || m->roots == NULL || hashes == NULL)
		tape_give_up("leaves");
	for (uint64_t i = 0; i < m->n_leaves; i++) {
		if (!journal_leaf(v, i, m->leaves[i]))
			tape_give_up("leaf");
		leaf_hash(m->leaves[i], &hashes[i]);
	}
	for (uint64_t n = 0; n <= m->n_leaves; n++)
		merkle_root_of(hashes, n, &m->roots[n]);
	free(hashes);
	(void)!journal_view_end(v);
	journal_close(j);
	tape_rewind(&m->tape);
}

/* -- an adapter's store -- */

static void
walk_store(struct txn *txn, unsigned n_tables)
{
	struct walk walk;

	for (unsigned table = 0; table < n_tables; table++) {
		bool more = walk_from(txn, table, SPAN_NONE, &walk);

		while (more)
			more = walk_next(&walk);
		walk_end(&walk);
	}
}

static bool
is_kept(struct txn *txn, const struct mark *mark)
{
	struct outbound o;
	struct inbound in;
	struct hash hash;
	uint64_t cursor;

	switch (mark->kind) {
	case MARK_SENT:
		return outbox_find(txn, &mark->id, &o);
	case MARK_CAME:
		return inbox_seen(txn, mark->from, &mark->id, &cursor, &hash);
	case MARK_CONFIRMED:
		return inbox_by_id(txn, &mark->id, &in) && in.state == INBOUND_REGISTERED;
	case MARK_LEAF:
		break;
	}
	return false;
}

static void
check_adapter(struct images *m, const struct cut *cut)
{
	static const char *const tables[] = { ADAPTER_TABLE_NAMES };
	struct store_options o = { .path = m->tape.store, .tables = tables, .map_bytes = MAP_BYTES, .schema = ADAPTER_SCHEMA };
	struct why why = { .where = "" };
	struct store *store;
	struct txn *txn;
	enum err e;

	if ((e = store_open(&o, &store, &why)) != OK) {
		complain(m, cut, "does not open: %s %s %s", err_code(e), why.where, why.text);
		m->unopened++;
		return;
	}
	txn = store_read(store);
	for (size_t i = 0; i < m->tape.n_marks; i++) {
		char id[MSGID_TEXT_LEN];

		if (m->tape.marks[i].since > cut->at)
			continue;
		m->accepted++;
		if (!is_kept(txn, &m->tape.marks[i])) {
			msgid_format(&m->tape.marks[i].id, id);
			complain(m, cut, "%s is lost (%d)", id, (int)m->tape.marks[i].kind);
			m->lost++;
		}
	}
	walk_store(txn, sizeof(tables) / sizeof(tables[0]) - 1);
	e = txn_error(txn);
	txn_abort(txn);
	txn = store_write(store);
	txn_put(txn, TABLE_META, SPAN_LIT("crash-image"), SPAN_LIT("written on"));
	if (txn_commit(txn) != OK || e != OK) {
		complain(m, cut, "cannot be %s", e != OK ? "read" : "written");
		m->unopened++;
	}
	store_close(store);
}

static void
images_free(struct images *m)
{
	tape_free(&m->tape);
	free(m->leaves);
	free(m->roots);
	rowkey_close(m->keys);
	key_free(m->log);
	arena_free(m->mem);
}

int
main(int argc, char **argv)
{
	struct images m = { .mem = arena_new(ENTRY_ARENA) };
	struct why why = { .where = "" };
	bool is_hub = argc == 9 && strcmp(argv[1], "hub") == 0;
	char path[512];
	struct cut *cuts;

	if (m.mem == NULL || (!is_hub && (argc != 6 || strcmp(argv[1], "adapter") != 0)))
		return 64;
	tape_read(argv[2], argv[3], strtoull(argv[5], NULL, 10), &m.tape);
	if (is_hub) {
		m.origin = argv[6];
		(void)snprintf(path, sizeof(path), "%s/log.key", argv[7]);
		if (key_load(path, KEY_LOG, &m.log, &why) != OK || rowkey_open(argv[8], true, &m.keys, &why) != OK)
			tape_give_up(why.text);
		learn(&m);
	}
	m.made = strtoull(argv[4], NULL, 10);
	cuts = tape_plan(&m.tape, m.made);
	for (size_t i = 0; i < m.made; i++) {
		tape_image(&m.tape, &cuts[i]);
		(is_hub ? check_hub : check_adapter)(&m, &cuts[i]);
	}
	printf("images=%" PRIu64 " records=%zu marks=%zu accepted=%" PRIu64 " lost=%" PRIu64 " disordered=%" PRIu64
	       " unopened=%" PRIu64 "\n", m.made, m.tape.n_records, m.tape.n_marks, m.accepted, m.lost, m.disordered, m.unopened);
	free(cuts);
	images_free(&m);
	return m.lost || m.disordered || m.unopened;
}
