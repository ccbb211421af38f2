/* SPDX-License-Identifier: EUPL-1.2 */
/* duty_file - from a row to its message, to its file, to the messages of the other parts and their rows. Called by duty_view.c,
 * mailing.c and notices.c.
 */
#include "adapters/core/duty_file.h"

#include "adapters/core/filebook.h"
#include "adapters/core/inbox.h"
#include "adapters/core/outbox.h"

/* One of a single part is a message like any other. */
static bool
file_of(struct txn *txn, const struct duty *d, struct file *f)
{
	struct outbound o;
	struct inbound in;

	if (!d->is_ours)
		return false;
	if (outbox_find(txn, &d->about, &o))
		return filebook_of(txn, true, o.seq, f) && f->whole.parts > 1;
	return inbox_find(txn, d->from, &d->about, &in) && filebook_of(txn, false, in.cursor, f) && f->whole.parts > 1;
}

/* The row of the part that lies at `at`, and how far that came. False: nothing is owed for it, or ever was. */
static bool
part_at(struct txn *txn, const struct file *f, uint64_t at, const char *to, struct duty *part, enum stage *ret_stage)
{
	struct outbound o;
	struct inbound in;

	*ret_stage = STAGE_NONE;
	if (f->is_ours ? !outbox_get(txn, at, &o) : !inbox_get(txn, at, &in))
		return false;
	if (f->is_ours)
		*ret_stage = o.stage;
	return duty_find(txn, &f->thread, f->is_ours ? &o.first : &in.first, to, part);
}

static void
sooner(int64_t *by_ms, bool is_done, int64_t other_ms, bool is_other_done)
{
	if (!is_other_done && (is_done || *by_ms == 0 || (other_ms != 0 && other_ms < *by_ms)))
		*by_ms = other_ms;
}

static void
add(struct duty *all, const struct duty *part)
{
	bool is_over = all->respond_by_ms ? all->is_answered : all->is_registered;

	sooner(&all->expires_ms, is_over, part->expires_ms, part->respond_by_ms ? part->is_answered : part->is_registered);
	sooner(&all->silent_ms, all->is_registered, part->silent_ms, part->is_registered);
	sooner(&all->registered_by_ms, all->is_registered, part->registered_by_ms, part->is_registered);
	sooner(&all->respond_by_ms, all->is_answered, part->respond_by_ms, part->is_answered);
	all->is_registered &= part->is_registered;
	all->is_answered &= part->is_answered;
	for (int fact = 1; fact < DUTY_FACTS; fact++) {
		const struct said *said = &part->said[fact];

		if (said->at_ms != 0 && (all->said[fact].at_ms == 0 || said->due_ms < all->said[fact].due_ms))
			all->said[fact] = *said;
	}
}

bool
duty_file_join(struct txn *txn, struct duty *d, struct duty_file *ret_file)
{
	struct duty_file whole = { .stage = STAGE_WITHDRAWN };
	struct duty all = *d, part;
	enum stage stage;
	struct inbound in;
	struct file f;

	*ret_file = (struct duty_file){ .parts = 0 };
	if (!file_of(txn, d, &f))
		return true;
	whole.parts = f.whole.parts;
	for (unsigned i = 0; i < f.whole.parts; i++) {
		if (f.whole.at[i] == 0) {	/* nor will it come where the file failed */
			whole.left += f.state != FILE_FAILED;
			whole.stage = STAGE_NONE;
			continue;
		}
		if (!part_at(txn, &f, f.whole.at[i], d->to, &part, &stage) || part.settled_ms != 0 || !duty_owes(&part))
			continue;
		if (part.no < d->no)
			return false;
		whole.left += !part.is_registered;
		whole.stage = stage < whole.stage ? stage : whole.stage;
		add(&all, &part);
	}
	if (!f.is_ours && f.face != 0 && inbox_get(txn, f.face, &in))
		all.about = in.first;	/* what its system knows the whole by */
	*d = all;
	*ret_file = whole;
	return true;
}

void
duty_file_whole(struct txn *txn, struct duty *d, struct duty_file *ret_file)
{
	uint64_t no = d->no;

	d->no = 0;	/* none stands before it */
	(void)duty_file_join(txn, d, ret_file);
	d->no = no;
}

unsigned
duty_file_news(struct txn *txn, const struct duty *d, unsigned facts)
{
	enum stage stage;
	struct duty part;
	struct file f;

	if (!file_of(txn, d, &f))
		return facts;
	for (unsigned i = 0; i < f.whole.parts; i++)
		if (f.whole.at[i] != 0 && part_at(txn, &f, f.whole.at[i], d->to, &part, &stage) && part.no != d->no)
			for (int fact = 1; fact < DUTY_FACTS; fact++)
				facts &= part.said[fact].at_ms != 0 ? ~(1u << fact) : ~0u;
	return facts;
}
