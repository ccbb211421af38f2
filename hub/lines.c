/* SPDX-License-Identifier: EUPL-1.2 */
/* lines - a table by descriptor, and a ring of admissions that were not heard yet. */
#include "hub/lines.h"

#include <stdlib.h>
#include <string.h>

#include "proto/directory.h"

struct line {
	bool is_open;
	char agency[AGENCY_ID_MAX + 1];		/* "": not heard yet */
	int64_t heard_ms;
};

struct admission { char agency[AGENCY_ID_MAX + 1]; int64_t at_ms; };

struct lines {
	size_t per_agency, total;
	int64_t silent_ms;
	struct line *at;
	size_t n;				/* descriptors below it have a place */
	struct admission *admitted;		/* `total` of them at most */
	size_t n_admitted;
};

struct lines *
lines_new(size_t per_agency, size_t total, int64_t silent_ms)
{
	struct lines *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	*l = (struct lines){ .per_agency = per_agency, .total = total, .silent_ms = silent_ms };
	if ((l->admitted = calloc(total, sizeof(*l->admitted))) == NULL) {
		free(l);
		return NULL;
	}
	return l;
}

void
lines_free(struct lines *l)
{
	if (l == NULL)
		return;
	free(l->at);
	free(l->admitted);
	free(l);
}

static struct line *
find(const struct lines *l, int fd)
{
	return fd >= 0 && (size_t)fd < l->n && l->at[fd].is_open ? &l->at[fd] : NULL;
}

void
lines_open(struct lines *l, int fd, int64_t now_ms)
{
	size_t n = l->n ? l->n : 64;
	struct line *at;

	if (fd < 0 || fd >= LINES_FD_MAX)
		return;
	while (n <= (size_t)fd)
		n *= 2;
	if (n > l->n) {
		if ((at = realloc(l->at, n * sizeof(*at))) == NULL)
			return;		/* one that is not watched */
		memset(at + l->n, 0, (n - l->n) * sizeof(*at));
		l->at = at;
		l->n = n;
	}
	l->at[fd] = (struct line){ .is_open = true, .heard_ms = now_ms };
}

void
lines_close(struct lines *l, int fd)
{
	struct line *line = find(l, fd);

	if (line)
		line->is_open = false;
}

static void
forget_old(struct lines *l, int64_t now_ms)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n_admitted; i++)
		if (now_ms >= l->admitted[i].at_ms && now_ms - l->admitted[i].at_ms < l->silent_ms)
			l->admitted[n++] = l->admitted[i];
	l->n_admitted = n;
}

/* Besides the one that is just coming in, no more can wait to be heard than there are connections nobody was heard on: of those
 * that were closed before, which libzmq does not name, the oldest are taken to be the ones that have gone.
 */
static void
forget_gone(struct lines *l)
{
	size_t waiting = 0, gone;

	for (size_t i = 0; i < l->n; i++)
		waiting += l->at[i].is_open && !l->at[i].agency[0];
	waiting -= waiting > 0;
	gone = l->n_admitted > waiting ? l->n_admitted - waiting : 0;
	l->n_admitted -= gone;
	memmove(l->admitted, l->admitted + gone, l->n_admitted * sizeof(l->admitted[0]));
}

/* `agency` NULL: of all. */
static size_t
count(const struct lines *l, const char *agency, int64_t now_ms)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += l->at[i].is_open && l->at[i].agency[0] && (!agency || strcmp(l->at[i].agency, agency) == 0);
	for (size_t i = 0; i < l->n_admitted; i++)
		n += now_ms - l->admitted[i].at_ms < l->silent_ms && (!agency || strcmp(l->admitted[i].agency, agency) == 0);
	return n;
}

size_t
lines_of(const struct lines *l, const char *agency, int64_t now_ms)
{
	return count(l, agency, now_ms);
}

static void
copy_name(char to[AGENCY_ID_MAX + 1], const char *agency)
{
	size_t n = strnlen(agency, AGENCY_ID_MAX);

	memcpy(to, agency, n);
	to[n] = '\0';
}

bool
lines_admit(struct lines *l, const char *agency, int64_t now_ms)
{
	forget_old(l, now_ms);
	forget_gone(l);
	if (count(l, agency, now_ms) >= l->per_agency || count(l, NULL, now_ms) >= l->total)
		return false;
	copy_name(l->admitted[l->n_admitted].agency, agency);
	l->admitted[l->n_admitted++].at_ms = now_ms;
	return true;
}

void
lines_heard(struct lines *l, int fd, const char *agency, int64_t now_ms)
{
	struct line *line = find(l, fd);

	if (line == NULL)
		return;
	line->heard_ms = now_ms;
	if (line->agency[0])
		return;
	copy_name(line->agency, agency);
	for (size_t i = 0; i < l->n_admitted; i++)
		if (strcmp(l->admitted[i].agency, agency) == 0) {
			memmove(&l->admitted[i], &l->admitted[i + 1], (--l->n_admitted - i) * sizeof(l->admitted[0]));
			return;
		}
}

void
lines_refresh(struct lines *l, int64_t now_ms)
{
	for (size_t i = 0; i < l->n; i++)
		l->at[i].heard_ms = now_ms;
}

int
lines_next_silent(struct lines *l, int64_t now_ms)
{
	for (size_t i = 0; i < l->n; i++) {
		struct line *line = &l->at[i];

		if (!line->is_open || now_ms - line->heard_ms < l->silent_ms)
			continue;
		line->heard_ms = now_ms;
		return (int)i;
	}
	return -1;
}
