/* SPDX-License-Identifier: EUPL-1.2 */
/* tape - reads all of it; an image is made in memory and written whole. Called by crash_images.c. */
#include "tests/faults/tape.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR 512

void
tape_give_up(const char *what)
{
	fprintf(stderr, "crash_images: %s: %s\n", what, strerror(errno));
	exit(2);
}

static uint64_t
draw(struct tape *t)
{
	t->state ^= t->state << 13;
	t->state ^= t->state >> 7;
	t->state ^= t->state << 17;
	return t->state;
}

/* -- reading -- */

const uint8_t *
tape_bytes(const struct record *r)
{
	return (const uint8_t *)(r + 1);
}

static void
read_records(struct tape *t, const char *path)
{
	FILE *in = fopen(path, "rb");
	struct stat st;
	size_t at = 0, n;

	if (in == NULL || fstat(fileno(in), &st) != 0 || (t->bytes = malloc((size_t)st.st_size + 1)) == NULL)
		tape_give_up(path);
	n = fread(t->bytes, 1, (size_t)st.st_size, in);
	fclose(in);
	t->records = calloc(n / sizeof(struct record) + 1, sizeof(*t->records));
	if (t->records == NULL)
		tape_give_up(path);
	while (at + sizeof(struct record) <= n) {
		struct record head, *r;

		memcpy(&head, t->bytes + at, sizeof(head));
		if (at + sizeof(head) + head.n > n)
			break;
		if ((r = malloc(sizeof(head) + head.n)) == NULL)
			tape_give_up(path);
		memcpy(r, t->bytes + at, sizeof(head) + head.n);
		at += sizeof(head) + head.n;
		if (r->kind == RECORD_NAMED)
			t->named_at = t->n_records;
		if (r->kind == RECORD_WRITE && r->at + r->n > t->cap)
			t->cap = (size_t)(r->at + r->n);
		t->records[t->n_records++] = r;
	}
	t->base = calloc(1, t->cap);
	t->image = calloc(1, t->cap);
	if (t->base == NULL || t->image == NULL)
		tape_give_up(path);
}

/* The first O_DSYNC write that had come back after this record: the end of the commit under way. */
static size_t
commit_after(const struct tape *t, size_t at)
{
	while (at < t->n_records && !(t->records[at]->kind == RECORD_WRITE && t->records[at]->is_synced))
		at++;
	return at + 2;
}

static bool
read_mark(const struct tape *t, size_t at, const char *line, struct mark *ret)
{
	char id[64], kind[32];

	*ret = (struct mark){ .since = at + 1 };
	if (sscanf(line, "submit.accepted id=%63s from=%63s leaf=%" SCNu64, id, ret->from, &ret->leaf) == 3) {
		ret->kind = MARK_LEAF;
	} else if (sscanf(line, "door.in door=%*s id=%63s kind=%31s", id, kind) == 2) {
		ret->kind = strcmp(kind, "confirmation") == 0 ? MARK_CONFIRMED : MARK_SENT;
	} else if (sscanf(line, "inbox.new id=%63s from=%63s", id, ret->from) == 2) {
		ret->kind = MARK_CAME;
		ret->since = commit_after(t, at);
	} else {
		return false;
	}
	return msgid_parse(id, &ret->id) == OK;
}

static void
read_marks(struct tape *t)
{
	char line[2048];

	t->marks = calloc(t->n_records + 1, sizeof(*t->marks));
	if (t->marks == NULL)
		tape_give_up("marks");
	for (size_t i = 0; i < t->n_records; i++) {
		const struct record *r = t->records[i];

		if (r->kind != RECORD_LINE || r->n >= sizeof(line))
			continue;
		memcpy(line, tape_bytes(r), r->n);
		line[r->n] = '\0';
		t->n_marks += read_mark(t, i, line, &t->marks[t->n_marks]);
	}
}

void
tape_read(const char *path, const char *place, uint64_t seed, struct tape *ret_tape)
{
	*ret_tape = (struct tape){ .state = seed * 2654435769u + 1 };
	(void)snprintf(ret_tape->store, sizeof(ret_tape->store), "%s/store", place);
	(void)snprintf(ret_tape->file, sizeof(ret_tape->file), "%s/data.mdb", ret_tape->store);
	(void)snprintf(ret_tape->unnamed, sizeof(ret_tape->unnamed), "%s/.data.new", ret_tape->store);
	read_records(ret_tape, path);
	read_marks(ret_tape);
	if (ret_tape->n_records == 0 || ret_tape->n_marks == 0)
		tape_give_up("nothing was recorded");
}

void
tape_free(struct tape *t)
{
	for (size_t i = 0; i < t->n_records; i++)
		free(t->records[i]);
	free(t->records);
	free(t->bytes);
	free(t->marks);
	free(t->base);
	free(t->image);
}

/* -- images -- */

static void
apply(uint8_t *to, size_t *n, const struct record *r, size_t from, size_t len)
{
	memcpy(to + r->at + from, tape_bytes(r) + from, len);
	if (r->at + from + len > *n)
		*n = (size_t)r->at + from + len;
}

static void
apply_torn(struct tape *t, const struct record *r)
{
	for (size_t at = 0; at < r->n; at += SECTOR)
		if (draw(t) & 1)
			apply(t->image, &t->image_n, r, at, r->n - at < SECTOR ? r->n - at : SECTOR);
}

static void
make_image(struct tape *t, const struct cut *cut)
{
	size_t certain = cut->at;

	while (certain > t->base_at && t->records[certain - 1]->kind != RECORD_SYNC)
		certain--;
	for (; t->base_at < certain; t->base_at++)
		if (t->records[t->base_at]->kind == RECORD_WRITE)
			apply(t->base, &t->base_n, t->records[t->base_at], 0, t->records[t->base_at]->n);
	memset(t->image, 0, t->image_n);
	memcpy(t->image, t->base, t->base_n);
	t->image_n = t->base_n;
	for (size_t i = t->base_at; i < cut->at; i++) {
		const struct record *r = t->records[i];

		if (r->kind != RECORD_WRITE)
			continue;
		if (cut->mode == WHOLE || (r->is_synced && i + 1 < cut->at))
			apply(t->image, &t->image_n, r, 0, r->n);
		else if (cut->mode == TORN)
			apply_torn(t, r);
		else if (draw(t) & 1)
			apply(t->image, &t->image_n, r, 0, r->n);
	}
}

/* A store's file begins under another name; the next start begins it anew. */
static void
put_image(struct tape *t, const struct cut *cut)
{
	const char *path = cut->at > t->named_at ? t->file : t->unnamed;
	char lock[560];
	int fd;

	(void)snprintf(lock, sizeof(lock), "%s/lock.mdb", t->store);
	if ((mkdir(t->store, 0700) != 0 && errno != EEXIST) || (unlink(t->file) != 0 && errno != ENOENT) ||
	    (unlink(t->unnamed) != 0 && errno != ENOENT) ||
	    (unlink(lock) != 0 && errno != ENOENT))
		tape_give_up(t->store);
	if ((fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600)) < 0)
		tape_give_up(t->file);
	for (size_t at = 0; at < t->image_n; ) {
		ssize_t n = write(fd, t->image + at, t->image_n - at);

		if (n <= 0)
			tape_give_up(t->file);
		at += (size_t)n;
	}
	close(fd);
}

void
tape_image(struct tape *t, const struct cut *cut)
{
	make_image(t, cut);
	put_image(t, cut);
}

void
tape_rewind(struct tape *t)
{
	memset(t->base, 0, t->cap);
	t->base_n = t->base_at = 0;
}

/* -- the plan -- */

static int
by_place(const void *a, const void *b)
{
	const struct cut *x = a, *y = b;

	return x->at != y->at ? (x->at < y->at ? -1 : 1) : (int)x->mode - (int)y->mode;
}

struct cut *
tape_plan(struct tape *t, size_t count)
{
	struct cut *cuts = calloc(count + 1, sizeof(*cuts));
	size_t n = 0, borders = 0, step;

	if (cuts == NULL)
		tape_give_up("cuts");
	for (size_t i = 0; i < t->n_records; i++)
		borders += t->records[i]->kind == RECORD_SYNC || t->records[i]->is_synced;
	step = 2 * borders / (count / 2 + 1) + 1;
	for (size_t i = 0, k = 0; i < t->n_records && n + 2 <= count; i++)
		if ((t->records[i]->kind == RECORD_SYNC || t->records[i]->is_synced) && k++ % step == 0) {
			cuts[n++] = (struct cut){ i, WHOLE };
			cuts[n++] = (struct cut){ i + 1, WHOLE };
		}
	while (n < count) {
		cuts[n++] = (struct cut){ 1 + draw(t) % t->n_records, draw(t) & 1 ? SUBSET : TORN };
	}
	qsort(cuts, count, sizeof(*cuts), by_place);
	return cuts;
}
