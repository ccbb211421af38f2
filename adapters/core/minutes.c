/* SPDX-License-Identifier: EUPL-1.2 */
/* minutes - rows and papers of a conference (promise.h) to a record, and back. */
#include "adapters/core/minutes.h"

#include <stdio.h>

#include "adapters/core/conference.h"
#include "adapters/core/promise.h"
#include "proto/record.h"

static const char *const results[] = { "decided", "closed", "cancelled" };

#define N_RESULTS (sizeof(results) / sizeof(results[0]))

/* -- writing -- */

static enum err
write_rsvp(struct adapter *a, struct txn *txn, const struct thread *t, const char *agency, struct minutes *m)
{
	struct kept_rsvp *one;
	struct record *paper;
	enum err e;

	if ((e = promise_paper(a, txn, &t->id, PAPER_ANSWER, agency, a->mem, &paper)) != OK || paper == NULL)
		return e;
	if ((one = record_new(a->mem, "kept_rsvp")) == NULL)
		return ERR_TOOBIG;
	*one = (struct kept_rsvp){ .agency = arena_str(a->mem, agency), .created = paper->created, .rsvp = paper->rsvp };
	m->rsvps[m->n_rsvps++] = one;
	return OK;
}

static enum err
write_decision(struct adapter *a, struct txn *txn, const struct thread *t, const char *result, struct minutes *m)
{
	struct kept_decision *one;
	struct record *paper;
	enum err e;

	if ((e = promise_paper(a, txn, &t->id, PAPER_DECISION, result, a->mem, &paper)) != OK || paper == NULL)
		return e;
	if ((one = record_new(a->mem, "kept_decision")) == NULL)
		return ERR_TOOBIG;
	*one = (struct kept_decision){ .created = paper->created, .decision = paper->decision };
	m->decisions[m->n_decisions++] = one;
	return OK;
}

static enum err
write_words(struct arena *mem, const struct promise *said, struct kept_commitment *c)
{
	if ((c->words = arena_array(mem, said->n, sizeof(struct kept_word *))) == NULL)
		return ERR_TOOBIG;
	for (size_t i = 0; i < said->n; i++) {
		const struct promise_event *e = &said->events[i];
		struct kept_word *word = record_new(mem, "kept_word");

		if (word == NULL)
			return ERR_TOOBIG;
		word->is_owners = record_bool(mem, e->is_owners);
		word->seq = record_int(mem, (int64_t)e->seq);
		word->version = record_int(mem, e->version);
		word->state = council_promise_code(e->to);
		c->words[c->n_words++] = word;
	}
	return OK;
}

static enum err
write_promise(struct adapter *a, struct txn *txn, const struct thread *t, const struct promise_row *row, struct minutes *m)
{
	struct kept_commitment *c = record_new(a->mem, "kept_commitment");
	const char *name = promise_version_name(a->mem, row->id, council_promise_version(&row->said, &promise_all));
	struct record *version, *update;
	enum err e;

	if (c == NULL || name == NULL)
		return ERR_TOOBIG;
	if ((e = promise_paper(a, txn, &t->id, PAPER_VERSION, name, a->mem, &version)) != OK ||
	    (e = promise_paper(a, txn, &t->id, PAPER_UPDATE, row->id, a->mem, &update)) != OK)
		return e;
	if (version == NULL)
		return ERR_CORRUPT;
	c->message = arena_copy(a->mem, row->message.b, MSGID_LEN);
	c->created = version->created;
	c->commitment = version->commitment;
	if (update) {
		c->updated = update->created;
		c->update = update->commitment_update;
	}
	m->commitments[m->n_commitments++] = c;
	return write_words(a->mem, &row->said, c);
}

static enum err
write_all(struct adapter *a, struct txn *txn, const struct thread *t, struct minutes *m)
{
	struct promise_row row = { .id = "" };
	enum err e = OK;

	m->rsvps = arena_array(a->mem, m->conference->n_members, sizeof(*m->rsvps));
	m->decisions = arena_array(a->mem, N_RESULTS, sizeof(*m->decisions));
	m->commitments = arena_array(a->mem, PROMISES_MAX, sizeof(*m->commitments));
	if (arena_is_full(a->mem))
		return ERR_TOOBIG;
	for (size_t i = 0; i < m->conference->n_members && e == OK; i++)
		e = write_rsvp(a, txn, t, m->conference->members[i]->agency, m);
	for (size_t i = 0; i < N_RESULTS && e == OK; i++)
		e = write_decision(a, txn, t, results[i], m);
	while (e == OK && promise_next(txn, &t->id, &row) && m->n_commitments < PROMISES_MAX)
		if (row.said.n > 0)	/* else the hub would not have it */
			e = write_promise(a, txn, t, &row, m);
	return e;
}

/* How it goes on, in words: the state and the wish for another date stay. */
static void
shed(struct minutes *m, bool of_open)
{
	for (size_t i = 0; i < m->n_commitments; i++) {
		struct commitment_update *u = m->commitments[i]->update;

		if (u == NULL || (minutes_is_open(m->commitments[i]) && !of_open))
			continue;
		u->progress_text = u->blocked_by = NULL;
		u->evidence.n = 0;
	}
}

enum err
minutes_write(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *invite, struct record *record)
{
	struct minutes *m = record_new(a->mem, "minutes");
	struct span plain;
	enum err e;

	if (m == NULL)
		return ERR_TOOBIG;
	record->thread_state->minutes = m;
	m->state = council_state_code(t->conference);
	m->decided_seq = t->decided_seq ? record_int(a->mem, (int64_t)t->decided_seq) : NULL;
	m->ended_seq = t->ended_seq ? record_int(a->mem, (int64_t)t->ended_seq) : NULL;
	m->conference = invite->conference;
	if ((e = write_all(a, txn, t, m)) != OK)
		return e;
	for (int round = 0; (e = record_encode(record, a->mem, &plain, NULL)) == ERR_TOOBIG && round < 2; round++)
		shed(m, round == 1);
	return e;
}

/* -- keeping -- */

/* A record as it was said, but for what only its author knows of it. */
static struct record
paper_of(const struct record *record, const char *kind, const int64_t *created)
{
	return (struct record){ .kind = kind, .case_id = record->case_id, .created = created };
}

static enum err
keep_promise(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *record, const struct kept_commitment *c)
{
	struct record version = paper_of(record, "commitment", c->created), update = paper_of(record, "commitment-update", c->updated);
	struct promise_row row = { .due_ms = promise_due(c->commitment->due), .since_ms = *(c->updated ? c->updated : c->created) };
	const struct commitment_update *u = c->update;
	enum err e;

	snprintf(row.id, sizeof(row.id), "%s", c->commitment->commitment_id);
	snprintf(row.owner, sizeof(row.owner), "%s", c->commitment->owner_agency);
	memcpy(row.message.b, c->message, MSGID_LEN);
	if (u && u->new_due && *u->version == *c->commitment->version)
		snprintf(row.asked_due, sizeof(row.asked_due), "%s", u->new_due);
	if (!minutes_words(c, &row.said))
		return ERR_TOOMANY;
	promise_put(txn, a->mem, &t->id, &row);
	conference_set_clock(a, txn, t, &row);
	version.commitment = c->commitment;
	update.commitment_update = c->update;
	e = promise_keep_paper(a, txn, &t->id, PAPER_VERSION, promise_version_name(a->mem, row.id, (uint32_t)*c->commitment->version), &version);
	return e == OK && u ? promise_keep_paper(a, txn, &t->id, PAPER_UPDATE, row.id, &update) : e;
}

enum err
minutes_keep(struct adapter *a, struct txn *txn, struct thread *t, const struct record *record)
{
	const struct minutes *m = record->thread_state->minutes;
	enum err e = OK;

	t->decided_seq = m->decided_seq ? (uint64_t)*m->decided_seq : 0;
	t->ended_seq = m->ended_seq ? (uint64_t)*m->ended_seq : 0;
	t->conference = council_state_by_code(m->state);
	for (size_t i = 0; i < m->n_rsvps && e == OK; i++) {
		struct record paper = paper_of(record, "conference-rsvp", m->rsvps[i]->created);

		paper.rsvp = m->rsvps[i]->rsvp;
		e = promise_keep_paper(a, txn, &t->id, PAPER_ANSWER, m->rsvps[i]->agency, &paper);
	}
	for (size_t i = 0; i < m->n_decisions && e == OK; i++) {
		struct record paper = paper_of(record, "conference-decision", m->decisions[i]->created);

		paper.decision = m->decisions[i]->decision;
		e = promise_keep_paper(a, txn, &t->id, PAPER_DECISION, paper.decision->result, &paper);
	}
	for (size_t i = 0; i < m->n_commitments && e == OK; i++)
		e = keep_promise(a, txn, t, record, m->commitments[i]);
	return e;
}

/* -- for both -- */

bool
minutes_words(const struct kept_commitment *c, struct promise *ret_said)
{
	*ret_said = (struct promise){ .n = 0 };
	if (c->n_words > PROMISE_EVENTS_MAX)
		return false;
	for (size_t i = 0; i < c->n_words; i++) {
		const struct kept_word *w = c->words[i];

		ret_said->events[ret_said->n++] = (struct promise_event){
			.is_owners = *w->is_owners, .seq = (uint64_t)*w->seq, .version = (uint32_t)*w->version,
			.to = council_promise_by_code(w->state),
		};
	}
	return true;
}

bool
minutes_is_open(const struct kept_commitment *c)
{
	struct promise said;

	return minutes_words(c, &said) && council_promise_is_open(council_promise_state(&said, &promise_all));
}
