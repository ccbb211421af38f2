/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/core/questions.h"

#include <stdio.h>
#include <string.h>

#include "adapters/core/compose.h"
#include "adapters/core/duty.h"
#include "adapters/core/fill.h"
#include "adapters/core/inbox.h"
#include "adapters/core/outbox.h"

struct asked { struct question **items; size_t n; };

static struct asked
asked_in(const struct record *record)
{
	if (record->info_request != NULL)
		return (struct asked){ record->info_request->questions, record->info_request->n_questions };
	if (record->status != NULL)
		return (struct asked){ record->status->questions, record->status->n_questions };
	return (struct asked){ NULL, 0 };
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
		sets[n++] = question != NULL ? asked_in(question) : (struct asked){ NULL, 0 };
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

/* `known`: bit i tells that somebody asked what answer i says. */
static enum err
check_answers(struct adapter *a, const struct info_response *said, uint64_t known, struct why *why)
{
	for (size_t i = 0; i < said->n_answers; i++) {
		const char *where = arena_fmt(a->mem, "info_response.answers[%zu].qid", i);

		if (where == NULL)
			return ERR_TOOBIG;
		if (has_answer(said, said->answers[i]->qid, i))
			return why_set(why, ERR_EXISTS, where, "this question is answered twice");
		if ((known & UINT64_C(1) << i) == 0)
			return why_set(why, ERR_UNKNOWN_CODE, where, "no question that waits for an answer has this number");
	}
	return OK;
}

enum err
questions_answered(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *record, struct why *why)
{
	const struct info_response *said = record->info_response;
	struct asked *sets;
	size_t n_sets;
	uint64_t known = 0;
	enum err e;

	if (said == NULL || (e = asked_still(a, txn, t, false, &sets, &n_sets)) != OK || n_sets == 0)
		return said == NULL ? OK : e;
	for (size_t k = 0; k < n_sets; k++) {
		const struct asked *asked = &sets[k];

		if (asked->n == 0)
			return OK;
		if ((e = check_required(said, asked, why)) != OK)
			return e;
		for (size_t i = 0; i < said->n_answers; i++)
			if (find(asked, said->answers[i]->qid, asked->n) != NULL || asked->items[0]->qid == NULL)
				known |= UINT64_C(1) << i;
	}
	return check_answers(a, said, known, why);
}
