/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/core/questions.h"

#include <stdio.h>
#include <string.h>

#include "adapters/core/compose.h"
#include "adapters/core/duty.h"
#include "adapters/core/fill.h"
#include "adapters/core/inbox.h"
#include "adapters/core/outbox.h"

struct asked {
	struct msgid about;
	struct question **items;	/* n 0: a lost disk took them */
	size_t n;
	bool is_timed;		/* an answer is owed by its day */
	bool is_registered;	/* it cannot be taken back or refused any more */
};

static struct asked
asked_in(const struct record *record)
{
	if (record->info_request != NULL)
		return (struct asked){ .items = record->info_request->questions, .n = record->info_request->n_questions };
	if (record->status != NULL)
		return (struct asked){ .items = record->status->questions, .n = record->status->n_questions };
	return (struct asked){ .n = 0 };
}

static const struct question *
find(const struct asked *asked, const char *qid, size_t before)
{
	for (size_t i = 0; i < asked->n && i < before; i++)
		if (asked->items[i]->qid != NULL && strcmp(asked->items[i]->qid, qid) == 0)
			return asked->items[i];
	return NULL;
}

/* The record that a duty is about, whoever said it; NULL: a lost disk took it. */
static enum err
open_question(struct adapter *a, struct txn *txn, const struct duty *d, struct record **ret_record)
{
	struct outbound o;
	struct inbound in;
	struct span closed;

	*ret_record = NULL;
	if (strcmp(d->from, a->p.config->agency) == 0)
		return outbox_find(txn, &d->about, &o) ? compose_sent(a, txn, &o, ret_record) : OK;
	if (!inbox_find(txn, d->from, &d->about, &in) || (closed = inbox_record(txn, in.cursor)).p == NULL)
		return OK;
	return compose_open(a, "inrecord", SPAN(in.first.b, MSGID_LEN), arena_span(a->mem, closed), a->mem, ret_record);
}

/* What waits for its answer in a thread, of us or of the others: a set for each request; of one that a lost disk took an empty one. */
static enum err
asked_still(struct adapter *a, struct txn *txn, const struct thread *t, bool by_us, struct asked **ret_sets, size_t *ret_n)
{
	struct asked *sets = NULL;
	size_t n = 0;
	struct duty_at at = { .n = 0 };
	struct record *question;
	struct duty d;
	enum err e;

	while (duty_of_thread(txn, &t->id, &at, &d)) {
		if (d.ask != ASK_QUESTIONS || d.is_answered || (strcmp(d.from, a->p.config->agency) == 0) != by_us)
			continue;
		if ((e = open_question(a, txn, &d, &question)) != OK)
			return e;
		if ((sets = arena_grow(a->mem, sets, n * sizeof(*sets), (n + 1) * sizeof(*sets))) == NULL)
			return ERR_TOOBIG;
		sets[n] = question != NULL ? asked_in(question) : (struct asked){ .n = 0 };
		sets[n].about = d.about;
		sets[n].is_timed = d.respond_by_ms != 0;
		sets[n++].is_registered = d.is_registered;
	}
	*ret_sets = sets;
	*ret_n = n;
	return OK;
}

static bool
is_among(const struct asked *sets, size_t n, const char *qid)
{
	for (size_t i = 0; i < n; i++)
		if (find(&sets[i], qid, sets[i].n) != NULL)
			return true;
	return false;
}

enum err
questions_number(struct adapter *a, struct txn *txn, const struct thread *t, struct record *record, struct why *why)
{
	const struct asked asked = asked_in(record);
	const char *body = record->status != NULL ? "status" : "info_request", *where;
	struct asked *before = NULL;
	size_t n_before = 0;
	unsigned number = 0;
	char qid[12];
	enum err e = asked.n > 0 ? asked_still(a, txn, t, true, &before, &n_before) : OK;

	for (size_t i = 0; i < asked.n && e == OK; i++) {
		const char *given = asked.items[i]->qid;

		where = arena_fmt(a->mem, "%s.questions[%zu].qid", body, i);
		if (where == NULL)
			return ERR_TOOBIG;
		if (given != NULL) {
			if (find(&asked, given, i) != NULL)
				e = why_set(why, ERR_EXISTS, where, "another question has this number");
			else if (is_among(before, n_before, given))
				e = why_set(why, ERR_EXISTS, where, "a question that waits for its answer has this number");
			continue;
		}
		do
			snprintf(qid, sizeof(qid), "%u", ++number);
		while (find(&asked, qid, asked.n) != NULL || is_among(before, n_before, qid));
		e = fill_assume(a, record, where, qid, why);
	}
	return e;
}

static bool
has_answer(const struct info_response *said, const char *qid, size_t before)
{
	for (size_t i = 0; i < said->n_answers && i < before; i++)
		if (strcmp(said->answers[i]->qid, qid) == 0)
			return true;
	return false;
}

static enum err
check_required(const struct info_response *said, const struct asked *asked, struct why *why)
{
	for (size_t i = 0; i < asked->n; i++) {
		const struct question *q = asked->items[i];

		if (q->qid != NULL && q->required != NULL && *q->required && !has_answer(said, q->qid, said->n_answers))
			return why_set(why, ERR_REQUIRED, "info_response.answers",
				       "question %s needs an answer, a refusal, or that it is unknown", q->qid);
	}
	return OK;
}

/* Its questions have no numbers, or are lost: what answers them cannot be told by a number. */
static bool
is_unnumbered(const struct asked *asked)
{
	return asked->n == 0 || asked->items[0]->qid == NULL;
}

static bool
touches(const struct info_response *said, const struct asked *asked)
{
	for (size_t i = 0; i < asked->n; i++)
		if (asked->items[i]->qid != NULL && has_answer(said, asked->items[i]->qid, said->n_answers))
			return true;
	return false;
}

/* Is there an answer to none of the numbers? What has none is answered by it. */
static bool
has_stray(const struct info_response *said, const struct asked *sets, size_t n)
{
	for (size_t i = 0; i < said->n_answers; i++)
		if (!is_among(sets, n, said->answers[i]->qid))
			return true;
	return false;
}

static bool
settles(const struct info_response *said, const struct asked *sets, size_t n, size_t k)
{
	return is_unnumbered(&sets[k]) ? has_stray(said, sets, n) : touches(said, &sets[k]);
}

static enum err
check_answers(struct adapter *a, const struct info_response *said, const struct asked *sets, size_t n, bool may_stray, struct why *why)
{
	for (size_t i = 0; i < said->n_answers; i++) {
		const char *where = arena_fmt(a->mem, "info_response.answers[%zu].qid", i);

		if (where == NULL)
			return ERR_TOOBIG;
		if (has_answer(said, said->answers[i]->qid, i))
			return why_set(why, ERR_EXISTS, where, "this question is answered twice");
		if (!may_stray && !is_among(sets, n, said->answers[i]->qid))
			return why_set(why, ERR_UNASKED, where, "no question that waits for an answer has this number");
	}
	return OK;
}

enum err
questions_answered(struct adapter *a, struct txn *txn, const struct thread *t, struct record *record, struct why *why)
{
	const struct info_response *said = record->info_response;
	bool is_any_settled = false, may_stray = false, is_one_left = false;
	struct asked *sets;
	size_t n, n_closed = 0;
	enum err e;

	if (said == NULL || (e = asked_still(a, txn, t, false, &sets, &n)) != OK || n == 0)
		return said == NULL ? OK : e;
	for (size_t k = 0; k < n; k++) {
		bool is_settled = settles(said, sets, n, k);

		is_any_settled |= is_settled;
		n_closed += is_settled && sets[k].is_timed;
		may_stray |= is_unnumbered(&sets[k]);
		is_one_left |= !is_settled && sets[k].is_timed && sets[k].is_registered;
	}
	if (n_closed > ENVELOPE_CLOSES_MAX)
		return why_set(why, ERR_TOOMANY, "info_response.answers", "one response answers at most %u requests: answer the others in a second one",
			       (unsigned)ENVELOPE_CLOSES_MAX);
	/* who answers none of them hears what the first lacks */
	for (size_t k = 0; k < n; k++)
		if ((!is_any_settled || settles(said, sets, n, k)) && (e = check_required(said, &sets[k], why)) != OK)
			return e;
	if ((e = check_answers(a, said, sets, n, may_stray, why)) == OK && is_one_left)
		record->step = NULL;
	return e;
}

enum err
questions_settled(struct adapter *a, struct txn *txn, const struct thread *t, const struct info_response *said,
		  struct msgid ret_ids[ENVELOPE_CLOSES_MAX], size_t *ret_n)
{
	struct asked *sets;
	size_t n;
	enum err e = asked_still(a, txn, t, false, &sets, &n);

	*ret_n = 0;
	for (size_t k = 0; e == OK && k < n && *ret_n < ENVELOPE_CLOSES_MAX; k++)
		if (sets[k].is_timed && settles(said, sets, n, k))
			ret_ids[(*ret_n)++] = sets[k].about;
	return e;
}
