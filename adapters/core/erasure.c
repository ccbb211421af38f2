/* SPDX-License-Identifier: EUPL-1.2 */
/* erasure - empty records in the place of full ones; whoever asks for one afterwards gets a valid record that says nothing. */
#include "adapters/core/erasure.h"

#include "adapters/core/compose.h"
#include "adapters/core/filebook.h"
#include "adapters/core/preview.h"
#include "adapters/core/promise.h"
#include "adapters/core/storage.h"
#include "proto/record.h"

#define NO_WORD "–"		/* where a record must have one */

/* -- what begins a thread, without its words -- */

static struct party *
empty_party(const struct party *p, struct arena *mem)
{
	struct party *copy = record_new(mem, "party");

	if (copy)
		copy->agency = p->agency;
	return copy;
}

static struct conference *
empty_conference(const struct conference *full, struct arena *mem)
{
	struct conference *c = record_new(mem, "conference");

	if (c == NULL)
		return NULL;
	*c = (struct conference){
		.conference_id = full->conference_id, .case_ref = NO_WORD, .mechanism = full->mechanism,
		.called_by = empty_party(full->called_by, mem), .urgency = full->urgency, .start = full->start, .end = full->end,
		.place_or_link = NO_WORD, .decide_by = full->decide_by,
		.members = arena_array(mem, full->n_members, sizeof(*c->members)), .n_members = full->n_members,
	};
	if (c->called_by == NULL || c->members == NULL)
		return NULL;
	for (size_t i = 0; i < c->n_members; i++) {
		if ((c->members[i] = record_new(mem, "member")) == NULL)
			return NULL;
		*c->members[i] = (struct member){ .agency = full->members[i]->agency, .role = full->members[i]->role };
	}
	return c;
}

static struct transfer *
empty_transfer(const struct transfer *full, struct arena *mem)
{
	struct transfer *t = record_new(mem, "transfer");
	struct person *nobody = record_new(mem, "person");

	if (t == NULL || nobody == NULL)
		return NULL;
	*nobody = (struct person){ .given = NO_WORD, .family = NO_WORD, .birth_date = "1900-01-01", .gender = "unknown" };
	*t = (struct transfer){
		.transfer_id = full->transfer_id, .case_ref = NO_WORD, .reason = full->reason, .from_municipality = full->from_municipality,
		.to_municipality = full->to_municipality, .handover_summary = NO_WORD, .ownership = full->ownership,
		.effective_on = full->effective_on, .child = nobody, .legal_basis = "statutory-task",
		.initiator = empty_party(full->initiator, mem), .target = empty_party(full->target, mem),
		.respond_by = full->respond_by, .priority = full->priority,
	};
	return t->initiator && t->target ? t : NULL;
}

enum err
erasure_hollow(struct adapter *a, struct txn *txn, const struct thread *t)
{
	struct record *old, *r = record_new(a->mem, "record");
	struct span plain, closed, key = SPAN(t->id.b, THREAD_LEN);
	enum err e;

	if (r == NULL)
		return ERR_TOOBIG;
	if ((e = compose_referral(a, txn, &t->id, &old)) != OK)
		return e;
	*r = (struct record){ .kind = old->kind, .case_id = old->case_id, .created = old->created, .source = "nasoka" };
	if (old->conference)
		r->conference = empty_conference(old->conference, a->mem);
	else if (old->transfer)
		r->transfer = empty_transfer(old->transfer, a->mem);
	else if (old->referral)
		r->referral = preview_hollow(old->referral, a->mem);
	if (r->conference == NULL && r->transfer == NULL && r->referral == NULL)
		return ERR_TOOBIG;
	if ((e = record_encode(r, a->mem, &plain, NULL)) != OK || (e = compose_close(a, "referral", key, plain, &closed)) != OK)
		return e;
	txn_put(txn, TABLE_REFERRAL, key, closed);
	return OK;
}

/* -- a conference's papers, without their words -- */

static const char *
no_word_if(const char *text)
{
	return text ? NO_WORD : NULL;
}

/* Who owes what sort of thing by when, who leads and who comes stays; what was said of it goes. */
static void
empty_paper(struct record *paper)
{
	struct commitment_update *u = paper->commitment_update;
	struct commitment *c = paper->commitment;
	struct decision *d = paper->decision;
	struct rsvp *r = paper->rsvp;

	if (r)
		*r = (struct rsvp){ .conference_id = r->conference_id, .answer = r->answer };
	if (d)
		*d = (struct decision){
			.conference_id = d->conference_id, .result = d->result, .text = NO_WORD, .lead_agency = d->lead_agency,
			.commitments = d->commitments, .next_review = d->next_review,
		};
	if (c)
		*c = (struct commitment){
			.commitment_id = c->commitment_id, .conference_id = c->conference_id, .version = c->version,
			.owner_agency = c->owner_agency, .action_code = c->action_code, .text = NO_WORD, .due = c->due,
			.depends_on = c->depends_on, .measurable_result = NO_WORD, .reminder = c->reminder, .reason = no_word_if(c->reason),
		};
	if (u)
		*u = (struct commitment_update){
			.commitment_id = u->commitment_id, .conference_id = u->conference_id, .version = u->version, .state = u->state,
			.at = u->at, .new_due = u->new_due, .reason = no_word_if(u->reason),
		};
}

/* -- a thread -- */

static uint64_t
erase_inbox(struct adapter *a, struct txn *txn, const struct thread *t)
{
	uint64_t after = t->place - 1, n = 0;
	struct inbound in;

	while (inbox_next(txn, after, &in)) {
		after = in.cursor;
		if (in.is_stage || memcmp(in.thread.b, t->id.b, THREAD_LEN) != 0)
			continue;
		inbox_erase(txn, a->mem, &in);
		egress_del(txn, in.cursor);
		n++;
	}
	return n;
}

enum err
erasure_of(struct adapter *a, struct txn *txn, struct thread *t)
{
	char hex[2 * THREAD_LEN + 1];
	uint64_t n;
	enum err e;

	if (t->is_initiator)
		return OK;
	if (t->hold == HOLD_PREVIEW && (e = preview_put_away(a, txn, t)) != OK)
		return e;
	if ((e = erasure_hollow(a, txn, t)) != OK)
		return e;
	if (t->topic == TOPIC_CONFERENCE && (e = promise_change_papers(a, txn, &t->id, empty_paper)) != OK)
		return e;
	n = erase_inbox(a, txn, t);
	bytes_hex(t->id.b, THREAD_LEN, hex);
	core_tell(a, LOG_ERASED, "thread=%s records=%llu", hex, (unsigned long long)n);
	return txn_error(txn);
}
