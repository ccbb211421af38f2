/* SPDX-License-Identifier: EUPL-1.2 */
/* logwatch - one record a leaf; the rules of what may follow what are those of PROTOCOL.md 5. */
#include "tests/sim/logwatch.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hub/rows.h"
#include "tests/sim/trouble.h"

#define LEAVES_MAX 16384

struct logwatch {
	struct arena *mem;
	struct logged at[LEAVES_MAX];
	struct hash roots[LEAVES_MAX + 1];
	struct frontier tree;
	uint64_t seconds;
};

struct logwatch *
logwatch_new(void)
{
	struct logwatch *w = calloc(1, sizeof(*w));

	assert(w);
	w->mem = arena_new((size_t)64 << 20);
	assert(w->mem);
	frontier_init(&w->tree);
	frontier_root(&w->tree, &w->roots[0]);
	return w;
}

void
logwatch_free(struct logwatch *w)
{
	arena_free(w->mem);
	free(w);
}

bool
logwatch_is_to(const struct logged *l, const char *agency)
{
	for (size_t i = 0; i < l->n_to; i++)
		if (strcmp(l->to[i], agency) == 0)
			return true;
	return false;
}

static bool
is_end(enum leaf_type type)
{
	return type == LEAF_REGISTERED || type == LEAF_REFUSED;
}

/* A message is in the log once, and the seqs of its sender in its thread have no gap. */
static void
check_submit(const struct logwatch *w, const struct logged *l, bool is_again)
{
	uint64_t last = 0;

	for (uint64_t i = 0; i < w->tree.size; i++) {
		const struct logged *o = &w->at[i];

		if (o->type != LEAF_SUBMIT || strcmp(o->from, l->from) != 0)
			continue;
		if (msgid_eq(&o->id, &l->id))
			trouble_found(WRONG_DOUBLED, "I6: a message is in the log at %llu and %llu", (unsigned long long)i,
				  (unsigned long long)w->tree.size);
		if (memcmp(o->thread.b, l->thread.b, THREAD_LEN) == 0 && o->thread_seq > last)
			last = o->thread_seq;
	}
	if (!is_again && l->thread_seq != last + 1)
		trouble_found(WRONG_DISORDERED, "I5: seq %llu follows %llu in the log", (unsigned long long)l->thread_seq,
			  (unsigned long long)last);
}

/* A receipt is about a message in the log, by one that it went to; each stage once, and one end at most. */
static void
check_receipt(struct logwatch *w, const struct logged *l)
{
	struct logged *about = l->aux < w->tree.size ? &w->at[l->aux] : NULL;

	if (about == NULL || about->type != LEAF_SUBMIT || !msgid_eq(&about->id, &l->about) || !logwatch_is_to(about, l->from))
		trouble_found(WRONG_OTHER, "I8: a %s leaf about nothing that came to %s", leaf_type_name(l->type), l->from);
	for (uint64_t i = l->aux; i < w->tree.size; i++) {
		const struct logged *o = &w->at[i];

		if (o->aux != l->aux || strcmp(o->from, l->from) != 0 || o->type == LEAF_SUBMIT || o->type == LEAF_CONFLICT)
			continue;
		if (o->type == l->type && o->type != LEAF_NOTICE)
			trouble_found(WRONG_DOUBLED, "I8: %s twice", leaf_type_name(l->type));
		if (is_end(o->type) && is_end(l->type))
			trouble_found(WRONG_DOUBLED, "I8: %s after %s", leaf_type_name(l->type), leaf_type_name(o->type));
	}
	about->ended += is_end(l->type);
}

static void
check(struct logwatch *w, struct logged *l)
{
	if (l->type == LEAF_SUBMIT)
		check_submit(w, l, !msgid_is_zero(&l->about));
	else if (l->type == LEAF_DELIVERED || l->type == LEAF_REGISTERED || l->type == LEAF_SEEN || l->type == LEAF_REFUSED)
		check_receipt(w, l);
}

static void
read_leaf(struct logwatch *w, struct journal_view *v, uint64_t index, struct logged *l, uint64_t *ret_seconds)
{
	struct journal_entry entry;
	struct detail d = { .from = "" };
	struct leaf leaf;

	arena_reset(w->mem);
	if (journal_entry(v, index, w->mem, &entry) != OK || leaf_decode(SPAN(entry.leaf, LEAF_LEN), &leaf) != OK)
		trouble_found(WRONG_LOST, "I1: leaf %llu cannot be read", (unsigned long long)index);
	if (leaf.seq != index)
		trouble_found(WRONG_DISORDERED, "leaf %llu says it is %llu", (unsigned long long)index, (unsigned long long)leaf.seq);
	if (entry.has_detail && detail_decode(entry.detail, w->mem, &d) != OK)
		trouble_found(WRONG_LOST, "I1: the detail of leaf %llu cannot be read", (unsigned long long)index);
	memset(l, 0, sizeof(*l));
	*l = (struct logged){ .type = leaf.type, .id = d.id, .about = d.about, .hash = d.env_hash, .aux = leaf.aux,
			      .thread_seq = d.thread_seq, .thread = d.thread };
	leaf_hash(entry.leaf, &l->leaf);
	if (d.from)
		snprintf(l->from, sizeof(l->from), "%s", d.from);
	for (; l->n_to < d.n_to && l->n_to < 4; l->n_to++)
		snprintf(l->to[l->n_to], sizeof(l->to[0]), "%s", d.to[l->n_to]);
	*ret_seconds = leaf.seconds;
}

void
logwatch_follow(struct logwatch *w, struct journal *j)
{
	struct journal_view *v = journal_view(j);
	uint64_t size = journal_size(v), seconds;
	struct hash root;

	if (size < w->tree.size)
		trouble_found(WRONG_LOST, "I1: the log had %llu leaves and has %llu", (unsigned long long)w->tree.size,
			  (unsigned long long)size);
	assert(size < LEAVES_MAX);
	while (w->tree.size < size) {
		struct logged *l = &w->at[w->tree.size];

		read_leaf(w, v, w->tree.size, l, &seconds);
		if (seconds < w->seconds)
			trouble_found(WRONG_OTHER, "the seconds of the log go back");
		w->seconds = seconds;
		check(w, l);
		frontier_add(&w->tree, &l->leaf, NULL, NULL);
		frontier_root(&w->tree, &w->roots[w->tree.size]);
	}
	if (!merkle_root(size, journal_node, v, &root) || !hash_eq(&root, &w->roots[size]))
		trouble_found(WRONG_OTHER, "I13: another root at size %llu", (unsigned long long)size);
	if (journal_view_end(v) != OK)
		trouble_found(WRONG_OTHER, "the journal cannot be read");
}

/* I7: what stands in a queue is in the log and addressed to this queue's agency. */
static void
check_queue(struct logwatch *w, struct journal_view *v)
{
	struct journal_walk walk;
	struct queue_row row;
	bool more;

	for (more = journal_walk_from(v, TABLE_QUEUE, SPAN_LIT("\0"), &walk); more; more = journal_walk_next(&walk))
		if (row_decode_queue(walk.value, &row) != OK || row.leaf >= w->tree.size)
			trouble_found(WRONG_OTHER, "I7: a queue row without its leaf");
	journal_walk_end(&walk);
}

void
logwatch_reread(struct logwatch *w, struct journal *j)
{
	struct journal_view *v = journal_view(j);
	struct logged l;
	uint64_t seconds;

	for (uint64_t i = 0; i < w->tree.size; i++) {
		read_leaf(w, v, i, &l, &seconds);
		if (!hash_eq(&l.leaf, &w->at[i].leaf) || !hash_eq(&l.hash, &w->at[i].hash))
			trouble_found(WRONG_OTHER, "I4: leaf %llu has changed", (unsigned long long)i);
	}
	check_queue(w, v);
	if (journal_view_end(v) != OK)
		trouble_found(WRONG_OTHER, "the journal cannot be read");
}

uint64_t
logwatch_size(const struct logwatch *w)
{
	return w->tree.size;
}

const struct logged *
logwatch_at(const struct logwatch *w, uint64_t index)
{
	return index < w->tree.size ? &w->at[index] : NULL;
}

const struct hash *
logwatch_root(const struct logwatch *w, uint64_t size)
{
	return size <= w->tree.size ? &w->roots[size] : NULL;
}

uint64_t
logwatch_count(const struct logwatch *w, enum leaf_type type)
{
	uint64_t n = 0;

	for (uint64_t i = 0; i < w->tree.size; i++)
		n += w->at[i].type == type;
	return n;
}
