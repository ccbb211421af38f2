/* SPDX-License-Identifier: EUPL-1.2 */
/* lossy - a binary heap by moment, then by number. */
#include "tests/sim/lossy.h"

#include <assert.h>
#include <stdlib.h>

struct event {
	int64_t at_ms;
	uint64_t no, tag;
	lossy_fn *fn;
	void *arg;
	uint8_t *bytes;
	size_t n;
};

struct lossy {
	uint64_t random, next_no;
	int64_t now_ms;
	struct lossy_faults faults;
	struct event *heap;
	size_t n, cap;
};

struct lossy *
lossy_new(uint64_t seed, int64_t now_ms)
{
	struct lossy *w = calloc(1, sizeof(*w));

	assert(w);
	w->random = seed;
	w->now_ms = now_ms;
	w->faults.delay_ms = 1;
	return w;
}

void
lossy_free(struct lossy *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->heap[i].bytes);
	free(w->heap);
	free(w);
}

int64_t
lossy_now(const struct lossy *w)
{
	return w->now_ms;
}

uint64_t
lossy_random(struct lossy *w)
{
	uint64_t z = w->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

bool
lossy_chance(struct lossy *w, unsigned in_a_thousand)
{
	return lossy_random(w) % 1000 < in_a_thousand;
}

void
lossy_set_faults(struct lossy *w, const struct lossy_faults *faults)
{
	w->faults = *faults;
}

static bool
is_before(const struct event *a, const struct event *b)
{
	return a->at_ms < b->at_ms || (a->at_ms == b->at_ms && a->no < b->no);
}

static void
swap(struct event *a, struct event *b)
{
	struct event t = *a;

	*a = *b;
	*b = t;
}

void
lossy_at(struct lossy *w, int64_t ms, lossy_fn *fn, void *arg, uint64_t tag, struct span bytes)
{
	struct event *e;
	size_t i = w->n;

	if (w->n == w->cap) {
		w->cap = w->cap ? 2 * w->cap : 64;
		w->heap = realloc(w->heap, w->cap * sizeof(*w->heap));
		assert(w->heap);
	}
	e = &w->heap[w->n++];
	*e = (struct event){ .at_ms = w->now_ms + ms, .no = w->next_no++, .tag = tag, .fn = fn, .arg = arg, .n = bytes.n };
	if (bytes.n) {
		e->bytes = malloc(bytes.n);
		assert(e->bytes);
		memcpy(e->bytes, bytes.p, bytes.n);
	}
	for (; i > 0 && is_before(&w->heap[i], &w->heap[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&w->heap[i], &w->heap[(i - 1) / 2]);
}

void
lossy_send(struct lossy *w, lossy_fn *fn, void *arg, uint64_t tag, struct span bytes)
{
	const struct lossy_faults *f = &w->faults;
	int copies = 1 + lossy_chance(w, f->twice);

	if (lossy_chance(w, f->drop))
		return;
	while (copies-- > 0) {
		int64_t jitter = f->jitter_ms ? (int64_t)(lossy_random(w) % (uint64_t)f->jitter_ms) : 0;

		lossy_at(w, f->delay_ms + jitter, fn, arg, tag, bytes);
	}
}

bool
lossy_step(struct lossy *w, int64_t until_ms)
{
	struct event e;
	size_t i = 0, child;

	if (w->n == 0 || w->heap[0].at_ms > until_ms) {
		w->now_ms = until_ms;
		return false;
	}
	e = w->heap[0];
	w->heap[0] = w->heap[--w->n];
	while ((child = 2 * i + 1) < w->n) {
		if (child + 1 < w->n && is_before(&w->heap[child + 1], &w->heap[child]))
			child++;
		if (!is_before(&w->heap[child], &w->heap[i]))
			break;
		swap(&w->heap[child], &w->heap[i]);
		i = child;
	}
	w->now_ms = e.at_ms;
	e.fn(e.arg, e.tag, SPAN(e.bytes, e.n));
	free(e.bytes);
	return true;
}

/* The order of the heap is that of the moments, which all move alike. */
void
lossy_skip(struct lossy *w, int64_t ms)
{
	w->now_ms += ms;
	for (size_t i = 0; i < w->n; i++)
		w->heap[i].at_ms += ms;
}
