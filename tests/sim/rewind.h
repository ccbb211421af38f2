/* SPDX-License-Identifier: EUPL-1.2 */
/* rewind - all that a program has allocated, as it was before: its heap is one stretch of addresses, whose pages are copied and
 * written back. Header-only, for the one program that includes it: it is that program's malloc.
 *
 * The stretch begins closed; the first touch of a page opens it and puts it on the list of those that count. The seal closes them once
 * more, against writing: a page of what is only read from then on (keys, the directory, what was written to the disk before) costs
 * nothing, and of one that is written to what it held at the seal is kept. Beyond what the heap has handed out all is zero, and is
 * neither copied nor written back. What other processes must see, and what goes on over a rewind, is mapped elsewhere. Under a
 * sanitizer, which has a malloc of its own, nothing here exists but rewind_can(), false.
 */
#ifndef SIM_REWIND_H
#define SIM_REWIND_H

#include <stdbool.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

static inline bool
rewind_can(void)
{
	return false;
}

static inline void
rewind_seal(void)
{
}

static inline void
rewind_take(void)
{
}

static inline void
rewind_back(void)
{
}

static inline void
rewind_drop(void)
{
}

#else

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define REWIND_PAGE ((size_t)4096)
#define REWIND_HEAP ((size_t)8 << 30)		/* of addresses */
#define REWIND_PAGES 8192			/* that may be touched; more is said, and the end */
#define REWIND_CLASSES 32			/* sizes by powers of two */
#define REWIND_DEPTH 256			/* copies at a time */

struct rewind_block { size_t order; struct rewind_block *next; };	/* before each piece; next: while it is free */
struct rewind_heap { size_t used; struct rewind_block *free[REWIND_CLASSES]; };	/* the first page of the stretch */

/* What is outside of it. The copies are a stack; their room is used again. */
static uint8_t *rewind_base;
static size_t rewind_touched[REWIND_PAGES], rewind_n;
static bool rewind_is_sealed[REWIND_PAGES];	/* by the place in the stretch, as far as the seal reaches */
static size_t rewind_first[REWIND_PAGES];	/* by the place in the list: where rewind_sealed holds what it was at the seal; 0: zero */
static uint8_t *rewind_sealed;
static size_t rewind_n_sealed;
static struct { uint8_t *pages; size_t n, used; } rewind_copies[REWIND_DEPTH];
static size_t rewind_depth;

static inline void *
rewind_room(size_t pages)
{
	void *p = mmap(NULL, pages * REWIND_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		_exit(1);
	return p;
}

static inline void
rewind_on_touch(int number, siginfo_t *info, void *context)
{
	size_t page = (size_t)((uint8_t *)info->si_addr - rewind_base) / REWIND_PAGE;
	uint8_t *at = rewind_base + page * REWIND_PAGE;
	static const char too_much[] = "rewind: more is allocated than can be put back\n";

	(void)context;
	if (rewind_n == REWIND_PAGES)
		(void)!write(STDERR_FILENO, too_much, sizeof(too_much) - 1);
	if ((uint8_t *)info->si_addr < rewind_base || page >= REWIND_HEAP / REWIND_PAGE || rewind_n == REWIND_PAGES) {
		(void)signal(number, SIG_DFL);
		return;
	}
	rewind_first[rewind_n] = 0;
	if (page < REWIND_PAGES && rewind_is_sealed[page]) {
		rewind_is_sealed[page] = false;
		rewind_first[rewind_n] = ++rewind_n_sealed;
		memcpy(rewind_sealed + rewind_n_sealed * REWIND_PAGE, at, REWIND_PAGE);
	}
	if (mprotect(at, REWIND_PAGE, PROT_READ | PROT_WRITE) != 0)
		(void)signal(number, SIG_DFL);
	rewind_touched[rewind_n++] = page;
}

static inline void
rewind_open(void)
{
	struct sigaction on_touch = { .sa_sigaction = rewind_on_touch, .sa_flags = SA_SIGINFO };

	rewind_base = mmap(NULL, REWIND_HEAP, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (rewind_base == MAP_FAILED || sigaction(SIGSEGV, &on_touch, NULL) != 0)
		_exit(1);
	((struct rewind_heap *)(void *)rewind_base)->used = REWIND_PAGE;
}

static inline void *
rewind_get(size_t n, bool *ret_is_zero)
{
	struct rewind_heap *heap;
	struct rewind_block *b;
	size_t order = 5;

	if (rewind_base == NULL)
		rewind_open();
	heap = (struct rewind_heap *)(void *)rewind_base;
	while (order < REWIND_CLASSES && ((size_t)1 << order) - sizeof(*b) < n)
		order++;
	*ret_is_zero = false;
	if (order == REWIND_CLASSES)
		return NULL;
	if ((b = heap->free[order]) != NULL) {
		heap->free[order] = b->next;
		return b + 1;
	}
	if (heap->used + ((size_t)1 << order) > REWIND_HEAP)
		return NULL;
	b = (struct rewind_block *)(void *)(rewind_base + heap->used);
	heap->used += (size_t)1 << order;
	b->order = order;
	*ret_is_zero = true;
	return b + 1;
}

void *
malloc(size_t n)
{
	bool is_zero;

	return rewind_get(n, &is_zero);
}

void
free(void *p)
{
	struct rewind_heap *heap = (struct rewind_heap *)(void *)rewind_base;
	struct rewind_block *b = p;

	if (p == NULL)
		return;
	b--;
	b->next = heap->free[b->order];
	heap->free[b->order] = b;
}

void *
calloc(size_t n, size_t each)
{
	bool is_zero;
	void *p;

	if (each != 0 && n > SIZE_MAX / each)
		return NULL;
	p = rewind_get(n * each, &is_zero);
	return p && !is_zero ? memset(p, 0, n * each) : p;
}

void *
realloc(void *p, size_t n)
{
	struct rewind_block *b = p;
	size_t had = p ? ((size_t)1 << b[-1].order) - sizeof(*b) : 0;
	void *moved;

	if (p && n <= had)
		return p;
	if ((moved = malloc(n)) != NULL && p) {
		memcpy(moved, p, had);
		free(p);
	}
	return moved;
}

/* -- as it was -- */

static inline bool
rewind_can(void)
{
	return true;
}

/* Once, before the first copy: from here on only what is written to counts. */
static inline void
rewind_seal(void)
{
	rewind_sealed = rewind_room(REWIND_PAGES + 1);
	for (size_t i = 0; i < rewind_n; i++) {
		if (rewind_touched[i] >= REWIND_PAGES || mprotect(rewind_base + rewind_touched[i] * REWIND_PAGE, REWIND_PAGE, PROT_READ) != 0)
			_exit(1);
		rewind_is_sealed[rewind_touched[i]] = true;
	}
	rewind_n = 0;
}

static inline size_t
rewind_used(void)
{
	return ((const struct rewind_heap *)(const void *)rewind_base)->used;
}

static inline void
rewind_take(void)
{
	uint8_t **to = &rewind_copies[rewind_depth].pages;
	size_t used = rewind_used();

	if (*to == NULL)
		*to = rewind_room(REWIND_PAGES);
	if (rewind_depth == REWIND_DEPTH - 1)
		_exit(1);
	for (size_t i = 0; i < rewind_n; i++)
		if (rewind_touched[i] * REWIND_PAGE < used)
			memcpy(*to + i * REWIND_PAGE, rewind_base + rewind_touched[i] * REWIND_PAGE, REWIND_PAGE);
	rewind_copies[rewind_depth].used = used;
	rewind_copies[rewind_depth++].n = rewind_n;
}

/* To the last copy, which is kept. What was touched only since then was as at the seal; what was handed out only since then, zero. */
static inline void
rewind_back(void)
{
	const uint8_t *from = rewind_copies[rewind_depth - 1].pages;
	size_t n = rewind_copies[rewind_depth - 1].n, was = rewind_copies[rewind_depth - 1].used, used = rewind_used();

	for (size_t i = 0; i < rewind_n; i++) {
		size_t offset = rewind_touched[i] * REWIND_PAGE;

		if (offset >= used && offset >= was)
			continue;
		if (offset >= was)
			memset(rewind_base + offset, 0, REWIND_PAGE);
		else if (i < n)
			memcpy(rewind_base + offset, from + i * REWIND_PAGE, REWIND_PAGE);
		else if (rewind_first[i] != 0)
			memcpy(rewind_base + offset, rewind_sealed + rewind_first[i] * REWIND_PAGE, REWIND_PAGE);
		else
			memset(rewind_base + offset, 0, REWIND_PAGE);
	}
}

static inline void
rewind_drop(void)
{
	rewind_depth--;
}

#endif
#endif
