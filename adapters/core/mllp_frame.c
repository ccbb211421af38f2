/* SPDX-License-Identifier: EUPL-1.2 */
/* mllp_frame - a state machine of four states over the bytes of one connection.
 *
 * The buffer grows with the message up to its limit and is kept for the next one. Called by the MLLP doors.
 */
#include "adapters/core/mllp_frame.h"

#include <stdlib.h>

#define CHUNK 4096

void
mllp_frame_init(struct mllp_frame *f, size_t max)
{
	*f = (struct mllp_frame){ .max = max };
}

void
mllp_frame_done(struct mllp_frame *f)
{
	if (f->p)
		explicit_bzero(f->p, f->cap);
	free(f->p);
	*f = (struct mllp_frame){ .max = f->max };
}

/* Room for `n` bytes more: at least doubled, never beyond the limit. False if the process has no memory. */
static bool
make_room(struct mllp_frame *f, size_t n)
{
	size_t cap = f->cap ? f->cap : CHUNK;
	uint8_t *p;

	while (cap < f->n + n)
		cap *= 2;
	if (cap > f->max)
		cap = f->max;
	if (cap <= f->cap)
		return true;
	if (!(p = malloc(cap)))
		return false;
	if (f->n)
		memcpy(p, f->p, f->n);
	if (f->p)
		explicit_bzero(f->p, f->cap);
	free(f->p);
	f->p = p;
	f->cap = cap;
	return true;
}

/* Keep a run of message bytes. False: that is more than the limit (or than there is memory). */
static bool
keep(struct mllp_frame *f, const uint8_t *p, size_t n)
{
	size_t fits = n < f->max - f->n ? n : f->max - f->n;

	if (fits && !make_room(f, fits))
		return false;
	if (fits)
		memcpy(f->p + f->n, p, fits);
	f->n += fits;
	return fits == n;
}

static size_t
run_len(struct span in)
{
	size_t i = 0;

	while (i < in.n && in.p[i] != MLLP_START && in.p[i] != MLLP_END)
		i++;
	return i;
}

static bool
is_between(uint8_t byte)
{
	return byte == '\r' || byte == '\n';
}

size_t
mllp_frame_feed(struct mllp_frame *f, struct span in, enum mllp_event *ret_event, struct span *ret_message)
{
	size_t at = 0, n;
	bool was_unframed;

	*ret_event = MLLP_MORE;
	*ret_message = SPAN_NONE;
	if (f->state == MLLP_OUTSIDE || f->state == MLLP_SKIPPING)
		f->n = 0;
	while (at < in.n) {
		if (in.p[at] == MLLP_START) {
			was_unframed = f->state == MLLP_UNFRAMED;
			if (was_unframed || f->state == MLLP_INSIDE) {
				/* the start byte itself is left for the next call */
				f->state = MLLP_OUTSIDE;
				*ret_event = was_unframed ? MLLP_STRAY : MLLP_CUT_OFF;
				*ret_message = SPAN(f->p, f->n);
				return at;
			}
			f->state = MLLP_INSIDE;
			f->n = 0;
			at++;
			continue;
		}
		if (in.p[at] == MLLP_END) {
			at++;
			if (f->state == MLLP_INSIDE || f->state == MLLP_UNFRAMED) {
				*ret_event = f->state == MLLP_INSIDE ? MLLP_MESSAGE : MLLP_STRAY;
				*ret_message = SPAN(f->p, f->n);
				f->state = MLLP_OUTSIDE;
				return at;
			}
			f->state = MLLP_OUTSIDE;
			continue;
		}
		if (f->state == MLLP_OUTSIDE) {
			if (is_between(in.p[at])) {
				at++;
				continue;
			}
			f->state = MLLP_UNFRAMED;
			f->n = 0;
		}
		n = run_len(SPAN(in.p + at, in.n - at));
		if (f->state != MLLP_SKIPPING && !keep(f, in.p + at, n)) {
			f->state = MLLP_SKIPPING;
			*ret_event = MLLP_TOO_BIG;
			*ret_message = SPAN(f->p, f->n);
			return at + n;
		}
		at += n;
	}
	return at;
}

bool
mllp_frame_is_empty(const struct mllp_frame *f)
{
	return f->state == MLLP_OUTSIDE || f->state == MLLP_SKIPPING;
}

struct span
mllp_frame_wrap(struct span message, struct arena *mem)
{
	uint8_t *p = arena_alloc(mem, message.n + 3);

	if (!p)
		return SPAN_NONE;
	p[0] = MLLP_START;
	if (message.n)
		memcpy(p + 1, message.p, message.n);
	p[message.n + 1] = MLLP_END;
	p[message.n + 2] = '\r';
	return SPAN(p, message.n + 3);
}
