/* SPDX-License-Identifier: EUPL-1.2 */
/* crash_images - makes what a power cut could have left of a store, from the writes and syncs that the preloaded library wrote
 * down, and opens each with the code of the hub or of the adapter.
 *
 * What is certain at a cut: everything up to the last sync of the file, and each write through the descriptor with O_DSYNC
 * that had come back (LMDB's meta pages). Of the rest any subset may be on the disk, each write whole, not at all, or sector by
 * sector. What was answered before the cut must be there, and nothing may stand elsewhere than it did.
 *
 *	crash_images hub     RECORD PLACE COUNT SEED ORIGIN KEYS KEK
 *	crash_images adapter RECORD PLACE COUNT SEED
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/core/inbox.h"
#include "adapters/core/outbox.h"
#include "adapters/core/storage.h"
#include "hub/journal.h"
#include "proto/base/store.h"
#include "proto/leaf.h"
#include "tests/faults/faulty_record.h"

#define SECTOR 512
#define MAP_BYTES ((size_t)1 << 30)
#define ENTRY_ARENA ((size_t)8 << 20)
#define COMPLAINTS_MAX 20

enum mode { WHOLE, SUBSET, TORN };
static const char *const mode_names[] = { "all that was written", "a subset", "torn sectors" };

enum mark_kind { MARK_LEAF, MARK_SENT, MARK_CAME, MARK_CONFIRMED };

/* From record `since` on, this has been answered (MARK_CAME: is in a commit that was ended). */
struct mark {
	enum mark_kind kind;
	size_t since;
	struct msgid id;
	uint64_t leaf;
	char from[64];
};

struct cut { size_t at; enum mode mode; };

struct images {
	const char *place, *origin;
	char store[512], file[560], unnamed[560];
	struct key *log;
	struct rowkey *keys;
	struct arena *mem;
	uint8_t *tape;
	struct record **records;
	size_t n_records, named_at;	/* the file has its name from this record on */
	struct mark *marks;
	size_t n_marks;
	uint8_t *base, *image;		/* as it is certain up to record `base_at`; the image of one cut */
	size_t base_n, image_n, base_at, cap;
	uint8_t (*leaves)[LEAF_LEN];	/* of the whole run */
	struct hash *roots;		/* by size */
	uint64_t n_leaves;
	uint64_t state;			/* of the random numbers */
	uint64_t made, accepted, lost, disordered, unopened, complaints;
};

static uint64_t
draw(struct images *m)
{
	m->state ^= m->state << 13;
	m->state ^= m->state >> 7;
	m->state ^= m->state << 17;
	return m->state;
}

static void PRINTF_LIKE(3, 4)
complain(struct images *m, const struct cut *cut, const char *fmt, ...)
{
	va_list args;

	if (m->complaints++ >= COMPLAINTS_MAX)
		return;
	printf("# cut at record %zu of %zu, %s: ", cut->at, m->n_records, mode_names[cut->mode]);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

static void
give_up(const char *what)
{
	fprintf(stderr, "crash_images: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* -- the tape -- */

static const uint8_t *
bytes_of(const struct record *r)
{
	return (const uint8_t *)(r + 1);
}

static void
read_tape(struct images *m, const char *path)
{
	FILE *in = fopen(path, "rb");
	struct stat st;
	size_t at = 0, n;

	if (in == NULL || fstat(fileno(in), &st) != 0 || (m->tape = malloc((size_t)st.st_size + 1)) == NULL)
		give_up(path);
	n = fread(m->tape, 1, (size_t)st.st_size, in);
	fclose(in);
	m->records = calloc(n / sizeof(struct record) + 1, sizeof(*m->records));
	if (m->records == NULL)
		give_up(path);
	while (at + sizeof(struct record) <= n) {
		struct record head, *r;

		memcpy(&head, m->tape + at, sizeof(head));
		if (at + sizeof(head) + head.n > n)
			break;
		if ((r = malloc(sizeof(head) + head.n)) == NULL)
			give_up(path);
		memcpy(r, m->tape + at, sizeof(head) + head.n);
		at += sizeof(head) + head.n;
		if (r->kind == RECORD_NAMED)
			m->named_at = m->n_records;
		if (r->kind == RECORD_WRITE && r->at + r->n > m->cap)
			m->cap = (size_t)(r->at + r->n);
		m->records[m->n_records++] = r;
	}
	m->base = calloc(1, m->cap);
	m->image = calloc(1, m->cap);
	if (m->base == NULL || m->image == NULL)
		give_up(path);
}

/* The first O_DSYNC write that had come back after this record: the end of the commit under way. */
static size_t
commit_after(const struct images *m, size_t at)
{
	while (at < m->n_records && !(m->records[at]->kind == RECORD_WRITE && m->records[at]->is_synced))
		at++;
	return at + 2;
}

static bool
read_mark(const struct images *m, size_t at, const char *line, struct mark *ret)
{
	char id[64], kind[32];

	*ret = (struct mark){ .since = at + 1 };
	if (sscanf(line, "submit.accepted id=%63s from=%63s leaf=%" SCNu64, id, ret->from, &ret->leaf) == 3) {
		ret->kind = MARK_LEAF;
	} else if (sscanf(line, "door.in door=%*s id=%63s kind=%31s", id, kind) == 2) {
		ret->kind = strcmp(kind, "confirmation") == 0 ? MARK_CONFIRMED : MARK_SENT;
	} else if (sscanf(line, "inbox.new id=%63s from=%63s", id, ret->from) == 2) {
		ret->kind = MARK_CAME;
		ret->since = commit_after(m, at);
	} else {
		return false;
	}
	return msgid_parse(id, &ret->id) == OK;
}

static void
read_marks(struct images *m)
{
	char line[2048];

	m->marks = calloc(m->n_records + 1, sizeof(*m->marks));
	if (m->marks == NULL)
		give_up("marks");
	for (size_t i = 0; i < m->n_records; i++) {
		const struct record *r = m->records[i];

		if (r->kind != RECORD_LINE || r->n >= sizeof(line))
			continue;
		memcpy(line, bytes_of(r), r->n);
		line[r->n] = '\0';
		m->n_marks += read_mark(m, i, line, &m->marks[m->n_marks]);
	}
}

/* -- images -- */

static void
apply(uint8_t *to, size_t *n, const struct record *r, size_t from, size_t len)
{
	memcpy(to + r->at + from, bytes_of(r) + from, len);
	if (r->at + from + len > *n)
		*n = (size_t)r->at + from + len;
}

static void
apply_torn(struct images *m, const struct record *r)
{
	for (size_t at = 0; at < r->n; at += SECTOR)
		if (draw(m) & 1)
			apply(m->image, &m->image_n, r, at, r->n - at < SECTOR ? r->n - at : SECTOR);
}

/* Cuts come in order, so that what is certain only grows. */
static void
make_image(struct images *m, const struct cut *cut)
{
	size_t certain = cut->at;

	while (certain > m->base_at && m->records[certain - 1]->kind != RECORD_SYNC)
		certain--;
	for (; m->base_at < certain; m->base_at++)
		if (m->records[m->base_at]->kind == RECORD_WRITE)
			apply(m->base, &m->base_n, m->records[m->base_at], 0, m->records[m->base_at]->n);
	memset(m->image, 0, m->image_n);
	memcpy(m->image, m->base, m->base_n);
	m->image_n = m->base_n;
	for (size_t i = m->base_at; i < cut->at; i++) {
		const struct record *r = m->records[i];

		if (r->kind != RECORD_WRITE)
			continue;
		if (cut->mode == WHOLE || (r->is_synced && i + 1 < cut->at))
			apply(m->image, &m->image_n, r, 0, r->n);
		else if (cut->mode == TORN)
			apply_torn(m, r);
		else if (draw(m) & 1)
			apply(m->image, &m->image_n, r, 0, r->n);
	}
}

/* A store's file begins under another name; the next start begins it anew. */
static void
put_image(struct images *m, const struct cut *cut)
{
	const char *path = cut->at > m->named_at ? m->file : m->unnamed;
	char lock[560];
	int fd;

	(void)snprintf(lock, sizeof(lock), "%s/lock.mdb", m->store);
	if ((mkdir(m->store, 0700) != 0 && errno != EEXIST) || (unlink(m->file) != 0 && errno != ENOENT) ||
	    (unlink(m->unnamed) != 0 && errno != ENOENT) ||
	    (unlink(lock) != 0 && errno != ENOENT))
		give_up(m->store);
	if ((fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600)) < 0)
		give_up(m->file);
	for (size_t at = 0; at < m->image_n; ) {
		ssize_t n = write(fd, m->image + at, m->image_n - at);

		if (n <= 0)
			give_up(m->file);
		at += (size_t)n;
	}
	close(fd);
}

/* -- the hub's store -- */

static enum err
open_journal(struct images *m, struct journal **ret_j, struct why *why)
{
	struct journal_options options = { .origin = m->origin, .log = m->log, .keys = m->keys };

	return journal_open_lmdb(&options, m->store, MAP_BYTES, ret_j, why);
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
		if (m->records[i]->kind == RECORD_CHECKPOINT)
			return journal_check_outside(j, SPAN(bytes_of(m->records[i]), m->records[i]->n), why);
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
	for (size_t i = 0; i < m->n_marks && m->marks[i].since <= cut->at; i++) {
		m->accepted++;
		if (m->marks[i].kind == MARK_LEAF && !is_there(m, v, &m->marks[i])) {
			complain(m, cut, "leaf %" PRIu64 " is lost", m->marks[i].leaf);
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
	struct cut all = { m->n_records, WHOLE };
	struct why why = { .where = "" };
	struct journal_view *v;
	struct journal *j;
	struct hash *hashes;

	make_image(m, &all);
	put_image(m, &all);
	if (open_journal(m, &j, &why) != OK)
		give_up(why.text);
	v = journal_view(j);
	m->n_leaves = journal_size(v);
	m->leaves = calloc(m->n_leaves + 1, LEAF_LEN);
	m->roots = calloc(m->n_leaves + 1, sizeof(*m->roots));
	hashes = calloc(m->n_leaves + 1, sizeof(*hashes));
	if (m->leaves == NULL || m->roots == NULL || hashes == NULL)
		give_up("leaves");
	for (uint64_t i = 0; i < m->n_leaves; i++) {
		if (!journal_leaf(v, i, m->leaves[i]))
			give_up("leaf");
		leaf_hash(m->leaves[i], &hashes[i]);
	}
	for (uint64_t n = 0; n <= m->n_leaves; n++)
		merkle_root_of(hashes, n, &m->roots[n]);
	free(hashes);
	(void)!journal_view_end(v);
	journal_close(j);
	memset(m->base, 0, m->cap);
	m->base_n = m->base_at = 0;
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
	struct store_options o = { .path = m->store, .tables = tables, .map_bytes = MAP_BYTES, .schema = ADAPTER_SCHEMA };
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
	for (size_t i = 0; i < m->n_marks; i++) {
		char id[MSGID_TEXT_LEN];

		if (m->marks[i].since > cut->at)
			continue;
		m->accepted++;
		if (!is_kept(txn, &m->marks[i])) {
			msgid_format(&m->marks[i].id, id);
			complain(m, cut, "%s is lost (%d)", id, (int)m->marks[i].kind);
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

/* -- the plan -- */

static int
by_place(const void *a, const void *b)
{
	const struct cut *x = a, *y = b;

	return x->at != y->at ? (x->at < y->at ? -1 : 1) : (int)x->mode - (int)y->mode;
}

/* Before and after each sync, and in the middle of each meta page's write; then anywhere. */
static struct cut *
plan(struct images *m, size_t count)
{
	struct cut *cuts = calloc(count + 1, sizeof(*cuts));
	size_t n = 0, borders = 0, step;

	if (cuts == NULL)
		give_up("cuts");
	for (size_t i = 0; i < m->n_records; i++)
		borders += m->records[i]->kind == RECORD_SYNC || m->records[i]->is_synced;
	step = 2 * borders / (count / 2 + 1) + 1;
	for (size_t i = 0, k = 0; i < m->n_records && n + 2 <= count; i++)
		if ((m->records[i]->kind == RECORD_SYNC || m->records[i]->is_synced) && k++ % step == 0) {
			cuts[n++] = (struct cut){ i, WHOLE };
			cuts[n++] = (struct cut){ i + 1, WHOLE };
		}
	while (n < count) {
		cuts[n++] = (struct cut){ 1 + draw(m) % m->n_records, draw(m) & 1 ? SUBSET : TORN };
	}
	qsort(cuts, count, sizeof(*cuts), by_place);
	return cuts;
}

static void
images_free(struct images *m)
{
	for (size_t i = 0; i < m->n_records; i++)
		free(m->records[i]);
	free(m->records);
	free(m->tape);
	free(m->marks);
	free(m->base);
	free(m->image);
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
	m.state = strtoull(argv[5], NULL, 10) * 2654435769u + 1;
	(void)snprintf(m.store, sizeof(m.store), "%s/store", argv[3]);
	(void)snprintf(m.file, sizeof(m.file), "%s/data.mdb", m.store);
	(void)snprintf(m.unnamed, sizeof(m.unnamed), "%s/.data.new", m.store);
	read_tape(&m, argv[2]);
	read_marks(&m);
	if (m.n_records == 0 || m.n_marks == 0)
		give_up("nothing was recorded");
	if (is_hub) {
		m.origin = argv[6];
		(void)snprintf(path, sizeof(path), "%s/log.key", argv[7]);
		if (key_load(path, KEY_LOG, &m.log, &why) != OK || rowkey_open(argv[8], true, &m.keys, &why) != OK)
			give_up(why.text);
		learn(&m);
	}
	m.made = strtoull(argv[4], NULL, 10);
	cuts = plan(&m, m.made);
	for (size_t i = 0; i < m.made; i++) {
		make_image(&m, &cuts[i]);
		put_image(&m, &cuts[i]);
		(is_hub ? check_hub : check_adapter)(&m, &cuts[i]);
	}
	printf("images=%" PRIu64 " records=%zu marks=%zu accepted=%" PRIu64 " lost=%" PRIu64 " disordered=%" PRIu64
	       " unopened=%" PRIu64 "\n", m.made, m.n_records, m.n_marks, m.accepted, m.lost, m.disordered, m.unopened);
	free(cuts);
	images_free(&m);
	return m.lost || m.disordered || m.unopened;
}
