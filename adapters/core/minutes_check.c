/* SPDX-License-Identifier: EUPL-1.2 */
/* minutes_check - pure but for the rows that they are compared with. */
#include "adapters/core/minutes_check.h"

#include "adapters/core/conference.h"
#include "adapters/core/minutes.h"

/* -- checking -- */

static const char *
called_by(const struct adapter *a, const struct hollow *missing)
{
	return missing->is_begun_here ? a->p.config->agency : missing->others[0];
}

/* Called by whom the hub says, and its members are those that its messages go to. */
static enum err
check_call(struct adapter *a, const struct hollow *missing, const struct conference *c, struct why *why)
{
	struct header call = { .from = called_by(a, missing) };
	struct thread unused = { .n_others = 0 };

	for (size_t i = 0; i < missing->n_others; i++)
		if (strcmp(missing->others[i], call.from) != 0)
			call.to[call.n_to++] = missing->others[i];
	if (!missing->is_begun_here)
		call.to[call.n_to++] = a->p.config->agency;
	return conference_judge_call(a, &call, c, &unused, why);
}

static enum err
wrong(struct why *why, const char *where)
{
	return why_set(why, ERR_INCONSISTENT, where, "not what a conference can have come to");
}

static enum err
check_rsvps(const struct minutes *m, const struct header *h, const struct hollow *missing, const char *us, struct why *why)
{
	for (size_t i = 0; i < m->n_rsvps; i++) {
		const struct kept_rsvp *r = m->rsvps[i];

		for (size_t k = 0; k < i; k++)
			if (strcmp(m->rsvps[k]->agency, r->agency) == 0)
				return wrong(why, "minutes.rsvps");
		if ((strcmp(r->agency, us) != 0 && hollow_party(missing, r->agency) < 0) ||
		    strcmp(r->agency, m->conference->called_by->agency) == 0 || header_seen(h, r->agency) == 0 ||
		    strcmp(r->rsvp->conference_id, m->conference->conference_id) != 0)
			return wrong(why, "minutes.rsvps");
	}
	return OK;
}

static bool
has_result(const struct minutes *m, const char *result)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_decisions; i++)
		n += strcmp(m->decisions[i]->decision->result, result) == 0;
	return n == 1;
}

/* State, seqs and decisions say the same. An invitation that was taken back ends the conference by itself. */
static enum err
check_state(const struct minutes *m, uint64_t of_coordinator, struct why *why)
{
	uint64_t decided = m->decided_seq ? (uint64_t)*m->decided_seq : 0, ended = m->ended_seq ? (uint64_t)*m->ended_seq : 0;
	const char *state = ended == 0 ? decided ? "decided" : "called" : ended == 1 || !has_result(m, "closed") ? "cancelled" : "closed";

	for (size_t i = 0; i < m->n_decisions; i++)
		if (strcmp(m->decisions[i]->decision->conference_id, m->conference->conference_id) != 0)
			return wrong(why, "minutes.decisions");
	if (of_coordinator == 0 || decided > of_coordinator || ended > of_coordinator || decided == 1)
		return wrong(why, "minutes.ended_seq");
	if (strcmp(m->state, state) != 0 || has_result(m, "decided") != (decided != 0))
		return wrong(why, "minutes.state");
	if (ended <= 1)
		return m->n_decisions == (decided ? 1 : 0) ? OK : wrong(why, "minutes.decisions");
	/* what was decided is closed; what was not is cancelled */
	if (ended <= decided || !has_result(m, state) || (decided != 0) != (strcmp(state, "closed") == 0))
		return wrong(why, "minutes.state");
	return m->n_decisions == (decided ? 2 : 1) ? OK : wrong(why, "minutes.decisions");
}

/* The last update is of a word that was said; one that said the same as the word before it is no word of its own. */
static bool
is_said(const struct promise *said, const struct commitment_update *u)
{
	for (size_t i = 0; i < said->n; i++)
		if (said->events[i].version == (uint32_t)*u->version && said->events[i].to == council_promise_by_code(u->state))
			return true;
	return false;
}

static enum err
check_promise(const struct minutes *m, size_t at, const struct header *h, const struct hollow *missing, const char *us, struct why *why)
{
	const char *number = m->conference->conference_id, *coordinator = m->conference->called_by->agency;
	const struct kept_commitment *c = m->commitments[at];
	const struct commitment *v = c->commitment;
	const struct commitment_update *u = c->update;
	const struct promise_view most = { header_seen(h, coordinator), header_seen(h, v->owner_agency) };
	struct promise said;

	for (size_t i = 0; i < at; i++)
		if (strcmp(m->commitments[i]->commitment->commitment_id, v->commitment_id) == 0)
			return wrong(why, "minutes.commitments");
	if (strcmp(v->conference_id, number) != 0 || (strcmp(v->owner_agency, us) != 0 && hollow_party(missing, v->owner_agency) < 0))
		return wrong(why, "minutes.commitments.commitment");
	if (!minutes_words(c, &said) || council_promise_sound(&said, &most, why) != OK)
		return wrong(why, "minutes.commitments.words");
	if ((uint32_t)*v->version != council_promise_version(&said, &promise_all))
		return wrong(why, "minutes.commitments.commitment.version");
	if (u && (strcmp(u->conference_id, number) != 0 || strcmp(u->commitment_id, v->commitment_id) != 0 || !is_said(&said, u)))
		return wrong(why, "minutes.commitments.update");
	return m->ended_seq && *m->ended_seq != 1 && minutes_is_open(c) ? wrong(why, "minutes.state") : OK;
}

enum err
minutes_check_all(struct adapter *a, const struct header *h, const struct hollow *missing, const struct minutes *m, struct why *why)
{
	const char *us = a->p.config->agency;
	enum err e;

	if ((e = check_call(a, missing, m->conference, why)) != OK || (e = check_rsvps(m, h, missing, us, why)) != OK ||
	    (e = check_state(m, header_seen(h, called_by(a, missing)), why)) != OK)
		return e;
	for (size_t i = 0; i < m->n_commitments && e == OK; i++)
		e = check_promise(m, i, h, missing, us, why);
	return e;
}

/* -- comparing -- */

static size_t
count_ours(const struct promise *said, bool is_owner, bool is_coordinator, uint64_t heard)
{
	size_t n = 0;

	for (size_t i = 0; i < said->n; i++)
		n += (said->events[i].is_owners ? is_owner : is_coordinator) && said->events[i].seq <= heard;
	return n;
}

static bool
has_word(const struct promise *said, const struct promise_event *word)
{
	for (size_t i = 0; i < said->n; i++) {
		const struct promise_event *e = &said->events[i];

		if (e->is_owners == word->is_owners && e->seq == word->seq && e->version == word->version && e->to == word->to)
			return true;
	}
	return false;
}

/* The words of ours in one row, as they have them and as we do. `theirs` NULL: they have no such commitment. */
static bool
is_same(const struct adapter *a, const struct thread *t, const struct promise_row *row, const struct promise *theirs, uint64_t heard)
{
	bool is_owner = strcmp(row->owner, a->p.config->agency) == 0;
	size_t n = count_ours(&row->said, is_owner, t->is_initiator, heard);

	if (theirs == NULL)
		return n == 0;
	if (count_ours(theirs, is_owner, t->is_initiator, UINT64_MAX) != n)
		return false;
	for (size_t i = 0; i < row->said.n; i++) {
		const struct promise_event *e = &row->said.events[i];

		if ((e->is_owners ? is_owner : t->is_initiator) && e->seq <= heard && !has_word(theirs, e))
			return false;
	}
	return true;
}

static const struct kept_commitment *
find_kept(const struct minutes *m, const char *id)
{
	for (size_t i = 0; i < m->n_commitments; i++)
		if (strcmp(m->commitments[i]->commitment->commitment_id, id) == 0)
			return m->commitments[i];
	return NULL;
}

/* One of our decisions, where they had heard of it. That the invitation was taken back is said by no message of the thread. */
static bool
is_same_seq(uint64_t ours, const int64_t *theirs, uint64_t heard)
{
	if (ours == 1 || (theirs && *theirs == 1))
		return true;
	return (ours <= heard ? ours : 0) == (theirs ? (uint64_t)*theirs : 0);
}

/* Are the words of a commitment the coordinator's, which we are? */
static enum err
check_text(struct adapter *a, struct txn *txn, const struct thread *t, const struct kept_commitment *c, struct why *why)
{
	const char *name = promise_version_name(a->mem, c->commitment->commitment_id, (uint32_t)*c->commitment->version);
	struct record *paper, theirs;
	struct span had, told;
	enum err e;

	if ((e = promise_paper(a, txn, &t->id, PAPER_VERSION, name, a->mem, &paper)) != OK || paper == NULL)
		return e;
	theirs = *paper;
	theirs.created = c->created;
	theirs.commitment = c->commitment;
	if ((e = record_encode(paper, a->mem, &had, NULL)) != OK || (e = record_encode(&theirs, a->mem, &told, NULL)) != OK)
		return e;
	return span_eq(had, told) ? OK : why_set(why, ERR_INCONSISTENT, "minutes.commitments.commitment", "not what this agency has said");
}

enum err
minutes_check_ours(struct adapter *a, struct txn *txn, const struct thread *t, const struct header *h, const struct minutes *m,
		struct why *why)
{
	uint64_t heard = header_seen(h, a->p.config->agency);
	const struct kept_commitment *c;
	struct promise_row row = { .id = "" };
	struct promise said;
	enum err e;

	while (promise_next(txn, &t->id, &row)) {
		c = find_kept(m, row.id);
		if (c && (strcmp(c->commitment->owner_agency, row.owner) != 0 || !minutes_words(c, &said)))
			return why_set(why, ERR_INCONSISTENT, "minutes.commitments", "not what was agreed");
		if (!is_same(a, t, &row, c ? &said : NULL, heard))
			return why_set(why, ERR_INCONSISTENT, "minutes.commitments.words", "not what this agency has said");
		if (c && t->is_initiator && (e = check_text(a, txn, t, c, why)) != OK)
			return e;
	}
	for (size_t i = 0; i < m->n_commitments; i++) {
		c = m->commitments[i];
		if (promise_find(txn, &t->id, c->commitment->commitment_id, &row) || !minutes_words(c, &said))
			continue;
		if (t->is_initiator || strcmp(c->commitment->owner_agency, a->p.config->agency) == 0)
			return why_set(why, ERR_INCONSISTENT, "minutes.commitments", "a commitment that this agency knows nothing of");
	}
	if (t->is_initiator && (!is_same_seq(t->decided_seq, m->decided_seq, heard) || !is_same_seq(t->ended_seq, m->ended_seq, heard)))
		return why_set(why, ERR_INCONSISTENT, "minutes.state", "not what this agency has decided");
	return OK;
}
