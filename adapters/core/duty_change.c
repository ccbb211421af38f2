/* SPDX-License-Identifier: EUPL-1.2 */
/* duty_change - what becomes of duties as messages are said, registered, refused and taken back: rows of a thread, one after the other. */
#include "adapters/core/duty.h"

#include <string.h>

void
duty_registered(struct txn *txn, struct arena *mem, const struct thread_id *thread, const struct msgid *about, const char *to,
		int64_t now_ms)
{
	struct duty d;

	if (!duty_find(txn, thread, about, to, &d) || d.is_registered)
		return;
	d.is_registered = true;
	duty_put(txn, mem, &d, now_ms);
}

void
duty_ended(struct txn *txn, struct arena *mem, const struct thread_id *thread, const struct msgid *about, const char *to,
	   int64_t now_ms)
{
	struct duty d;

	if (!duty_find(txn, thread, about, to, &d))
		return;
	d.is_registered = d.is_answered = d.is_kept = d.is_kept_up = true;
	d.n_answers = d.n_keepers = 0;
	duty_put(txn, mem, &d, now_ms);
}

/* Those of a row that may be taken back or refused still, of its answers or of what ended its upkeep. n: it is none of them. */
static unsigned
place_of(const struct msgid *ids, unsigned n, const struct msgid *id)
{
	unsigned i = 0;

	while (i < n && !msgid_eq(&ids[i], id))
		i++;
	return i;
}

/* One more; of too many one will stand. */
static void
add_id(struct msgid ids[DUTY_ANSWERS], unsigned *n, const struct msgid *id)
{
	if (*n == DUTY_ANSWERS)
		*n = 0;
	else
		ids[(*n)++] = *id;
}

/* True: it was there, and is none of them now. */
static bool
del_id(struct msgid ids[DUTY_ANSWERS], unsigned *n, const struct msgid *id)
{
	unsigned i = place_of(ids, *n, id);

	if (i == *n)
		return false;
	ids[i] = ids[--*n];
	return true;
}

void
duty_answered(struct txn *txn, struct arena *mem, const struct thread_id *thread, const struct msgid *about, const char *by,
	      const struct msgid *answer, int64_t now_ms)
{
	struct duty_at at = { .n = 0 };
	struct duty d;

	while (duty_of_thread(txn, thread, &at, &d)) {
		if (!msgid_eq(&d.about, about) || (d.is_answered && d.n_answers == 0) || (strcmp(d.to, by) != 0 && strcmp(d.from, by) != 0) ||
		    place_of(d.answers, d.n_answers, answer) < d.n_answers)
			continue;
		d.is_answered = true;
		if (d.respond_by_ms != 0)
			add_id(d.answers, &d.n_answers, answer);
		duty_put(txn, mem, &d, now_ms);
	}
}

/* Of the two whom a duty is between: did `by` say it of the other's answer? NULL: of all of them. */
static bool
is_between(const struct duty *d, const char *by)
{
	return by == NULL || strcmp(d->from, by) == 0 || strcmp(d->to, by) == 0;
}

void
duty_answer_stands(struct txn *txn, struct arena *mem, const struct thread_id *thread, const struct msgid *answer, const char *by,
		   int64_t now_ms)
{
	struct duty_at at = { .n = 0 };
	struct duty d;

	while (duty_of_thread(txn, thread, &at, &d)) {
		bool answers = place_of(d.answers, d.n_answers, answer) < d.n_answers;
		bool keeps = place_of(d.keepers, d.n_keepers, answer) < d.n_keepers;

		if (!is_between(&d, by) || (!answers && !keeps))
			continue;
		if (answers)
			d.n_answers = 0;
		if (keeps)
			d.n_keepers = 0;
		duty_put(txn, mem, &d, now_ms);
	}
}

void
duty_answer_gone(struct txn *txn, struct arena *mem, const struct thread_id *thread, const struct msgid *answer, const char *by,
		 int64_t now_ms)
{
	struct duty_at at = { .n = 0 };
	struct duty d;

	while (duty_of_thread(txn, thread, &at, &d)) {
		bool answered = is_between(&d, by) && del_id(d.answers, &d.n_answers, answer);
		bool kept = is_between(&d, by) && del_id(d.keepers, &d.n_keepers, answer);

		if (answered)
			d.is_answered = d.n_answers > 0;
		if (kept)
			d.is_kept_up = d.n_keepers > 0;
		if (answered || kept)
			duty_put(txn, mem, &d, now_ms);
	}
}

/* The row that `like` names, or a new one: of our own to ourselves, or nothing else was owed. */
static void
find_or_begin(struct txn *txn, const struct duty *like, struct duty *d)
{
	if (duty_find(txn, &like->thread, &like->about, like->to, d))
		return;
	*d = *like;
	d->no = 0;
	d->is_ours = d->is_registered = true;
}

void
duty_keep_up(struct txn *txn, struct arena *mem, const struct duty *asked, int64_t now_ms)
{
	struct duty d;

	find_or_begin(txn, asked, &d);
	d.upkeep = asked->upkeep;
	d.upkeep_ms = asked->upkeep_ms;
	d.is_kept_up = asked->n_keepers > 0;
	memcpy(d.keepers, asked->keepers, sizeof(d.keepers));
	d.n_keepers = asked->n_keepers;
	d.settled_ms = 0;
	duty_put(txn, mem, &d, now_ms);
}

void
duty_kept_up(struct txn *txn, struct arena *mem, struct duty *d, const struct msgid *step, int64_t now_ms)
{
	if (d->upkeep == 0 || (d->is_kept_up && d->n_keepers == 0) || place_of(d->keepers, d->n_keepers, step) < d->n_keepers)
		return;
	d->is_kept_up = true;
	add_id(d->keepers, &d->n_keepers, step);
	duty_put(txn, mem, d, now_ms);
}

void
duty_promised(struct txn *txn, struct arena *mem, const struct duty *promise, int64_t now_ms)
{
	struct duty d;

	find_or_begin(txn, promise, &d);
	d.promised_ms = promise->promised_ms;
	d.escalate_ms = promise->escalate_ms;
	d.is_kept = false;
	d.settled_ms = 0;
	duty_put(txn, mem, &d, now_ms);
}

void
duty_kept(struct txn *txn, struct arena *mem, const struct thread_id *thread, const struct msgid *about, const char *to,
	  int64_t now_ms)
{
	struct duty d;

	if (!duty_find(txn, thread, about, to, &d) || d.is_kept)
		return;
	d.is_kept = true;
	duty_put(txn, mem, &d, now_ms);
}

static bool
is_named(const struct msgid *list, size_t n, const struct msgid *id)
{
	for (size_t i = 0; i < n; i++)
		if (msgid_eq(&list[i], id))
			return true;
	return false;
}

/* Each once: a message to several has a row for each of them. */
void
duty_closes(struct txn *txn, const struct thread_id *thread, const char *transition, enum actor actor, const char *by,
	    struct msgid ret_closes[ENVELOPE_CLOSES_MAX], size_t *ret_n)
{
	struct duty_at at = { .n = 0 };
	struct duty d;

	while (*ret_n < ENVELOPE_CLOSES_MAX && duty_of_thread(txn, thread, &at, &d))
		if (d.is_ours && d.respond_by_ms != 0 && !d.is_answered && closing_stops(transition, actor, d.ask) &&
		    (strcmp(d.to, by) == 0 || strcmp(d.from, by) == 0) && !is_named(ret_closes, *ret_n, &d.about))
			ret_closes[(*ret_n)++] = d.about;
}
