/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/core/minutes_check.h"

#define PAPER_PARTIES 4
#include "tests/support/conference_paper.h"

#include "adapters/core/compose.h"
#include "adapters/core/minutes.h"

/* Party 1 tells it, party 2 (the owner of B) or party 0 (who called it) has lost it. */
struct told {
	struct paper *p;
	struct hollow missing;
	struct header h;
	struct minutes *m;
};

static void
tell(struct paper *p, size_t lost, struct told *ret)
{
	struct adapter *a = p->party[1].desk.adapter;
	struct thread t = paper_thread(p, 1, PAPER_CONFERENCE), was = paper_thread(p, lost, PAPER_CONFERENCE);
	struct record *record = record_new(p->mem, "record"), *invite;
	struct txn *txn = store_read(a->p.store);
	struct span bytes;

	*ret = (struct told){ .p = p, .missing = { .is_begun_here = lost == 0 }, .h = { .from = world_ids[1], .seq = t.my_seq + 1 } };
	arena_reset(a->mem);
	record->kind = "thread-state";
	record->thread_state = record_new(p->mem, "thread_state");
	assert_int_equal(compose_referral(a, txn, &t.id, &invite), OK);
	record->case_id = invite->case_id;
	record->created = record->thread_state->at = record->thread_state->referral_created = invite->created;
	record->thread_state->referral_msg = arena_copy(p->mem, t.referral.b, MSGID_LEN);
	assert_int_equal(minutes_write(a, txn, &t, invite, record), OK);
	assert_int_equal(record_encode(record, p->mem, &bytes, NULL), OK);
	assert_int_equal(record_decode(bytes, p->mem, &record, NULL), OK);
	ret->m = record->thread_state->minutes;
	txn_abort(txn);
	for (size_t i = 0; i < was.n_others; i++)
		snprintf(ret->missing.others[ret->missing.n_others++], AGENCY_ID_MAX + 1, "%s", was.others[i].agency);
	for (size_t i = 0; i < t.n_others; i++)
		ret->h.basis[ret->h.n_basis++] = (struct basis){ arena_str(p->mem, t.others[i].agency), t.others[i].taken };
}

static struct kept_commitment *
of_b(struct told *t)
{
	for (size_t i = 0; i < t->m->n_commitments; i++)
		if (strcmp(t->m->commitments[i]->commitment->commitment_id, "B") == 0)
			return t->m->commitments[i];
	fail();
	return NULL;
}

static const int64_t *
number(struct told *t, int64_t n)
{
	return record_int(t->p->mem, n);
}

/* -- what cannot be -- */

static void another_caller(struct told *t) { t->m->conference->called_by->agency = world_ids[3]; }
static void no_member(struct told *t) { t->m->conference->n_members--; }
static void stranger(struct told *t) { t->m->conference->members[0]->agency = "stranger"; }
static void closed_early(struct told *t) { t->m->state = "closed"; }
static void never_decided(struct told *t) { t->m->decided_seq = NULL; }
static void decided_with_the_call(struct told *t) { t->m->decided_seq = number(t, 1); }
static void decided_later(struct told *t) { t->m->decided_seq = number(t, 99); }
static void no_decision(struct told *t) { t->m->n_decisions = 0; }
static void of_another_conference(struct told *t) { t->m->decisions[0]->decision->conference_id = "К-2"; }

static void
ended_while_open(struct told *t)
{
	struct kept_decision *d = record_new(t->p->mem, "kept_decision"), **both = arena_array(t->p->mem, 2, sizeof(d));

	*d = *t->m->decisions[0];
	d->decision = record_new(t->p->mem, "decision");
	*d->decision = *t->m->decisions[0]->decision;
	d->decision->result = "closed";
	both[0] = t->m->decisions[0];
	both[1] = d;
	t->m->decisions = both;
	t->m->n_decisions = 2;
	t->m->state = "closed";
	t->m->ended_seq = number(t, 4);
}

static void coordinator_answers(struct told *t) { t->m->rsvps[0]->agency = world_ids[0]; }
static void answers_twice(struct told *t) { t->m->rsvps[0]->agency = t->m->rsvps[1]->agency; }
static void answers_unheard(struct told *t) { t->h.basis[2].seq = 0; }	/* of party 3: it has said nothing but its answer */
static void another_owner(struct told *t) { of_b(t)->commitment->owner_agency = "stranger"; }
static void another_version(struct told *t) { of_b(t)->commitment->version = number(t, 2); }
static void twice(struct told *t) { of_b(t)->commitment->commitment_id = "A"; }
static void never_accepted(struct told *t) { of_b(t)->words[1]->state = "refused", of_b(t)->words[2]->state = "cancelled"; }
static void said_later(struct told *t) { of_b(t)->words[2]->seq = number(t, 50); }
static void said_by_nobody(struct told *t) { of_b(t)->n_words = 0; }
static void update_of_another(struct told *t) { of_b(t)->update->commitment_id = "A"; }
static void update_unsaid(struct told *t) { of_b(t)->update->state = "done"; }

/* Minutes that a conference can have come to are believed; each single part that cannot be is not, and neither are those that claim more
 * of somebody than the hub has of it. */
static void
only_what_can_be(void **state)
{
	static const struct { const char *what; void (*lie)(struct told *t); } lies[] = {
#define LIE(name) { #name, name }
		LIE(another_caller), LIE(no_member), LIE(stranger), LIE(closed_early), LIE(never_decided), LIE(decided_with_the_call),
		LIE(decided_later), LIE(no_decision), LIE(of_another_conference), LIE(ended_while_open), LIE(coordinator_answers),
		LIE(answers_twice), LIE(answers_unheard), LIE(another_owner), LIE(another_version), LIE(twice), LIE(never_accepted),
		LIE(said_later), LIE(said_by_nobody), LIE(update_of_another), LIE(update_unsaid),
#undef LIE
	};
	static const size_t losers[] = { 2, 0 };
	struct paper *p = paper_council();
	struct told t;

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct adapter *a = p->party[losers[k]].desk.adapter;
		struct why why = { .where = "" };

		tell(p, losers[k], &t);
		if (minutes_check_all(a, &t.h, &t.missing, t.m, &why) != OK)
			fail_msg("the truth at %zu: %s %s", losers[k], why.where, why.text);
		for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
			tell(p, losers[k], &t);
			lies[i].lie(&t);
			if (minutes_check_all(a, &t.h, &t.missing, t.m, NULL) != ERR_INCONSISTENT)
				fail_msg("%s at %zu is believed", lies[i].what, losers[k]);
		}
	}
	paper_down(p);
}

/* An invitation that was taken back ends the conference without a decision; one that was cancelled has its decision. */
static void
ends_without_close(void **state)
{
	struct paper *p = paper_council();
	struct adapter *a = p->party[2].desk.adapter;
	struct told t;

	(void)state;
	tell(p, 2, &t);
	t.m->n_decisions = 0;
	t.m->decided_seq = NULL;
	t.m->ended_seq = number(&t, 1);
	t.m->state = "cancelled";
	assert_int_equal(minutes_check_all(a, &t.h, &t.missing, t.m, NULL), OK);
	t.m->ended_seq = number(&t, 4);
	assert_int_equal(minutes_check_all(a, &t.h, &t.missing, t.m, NULL), ERR_INCONSISTENT);
	paper_down(p);
}

static enum err
compare(struct told *t, size_t i)
{
	struct adapter *a = t->p->party[i].desk.adapter;
	struct thread thread = paper_thread(t->p, i, PAPER_CONFERENCE);
	struct txn *txn = store_read(a->p.store);
	enum err e = minutes_check_ours(a, txn, &thread, &t->h, t->m, NULL);

	txn_abort(txn);
	return e;
}

/* Whoever hears minutes in which it says what it never said, or does not say what it did, does not take them; about the words of others
 * it says nothing; and what the author had not heard yet is no lie. */
static void
each_knows_its_own(void **state)
{
	struct paper *p = paper_council();
	struct told t;

	(void)state;
	tell(p, 2, &t);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(compare(&t, i), OK);
	of_b(&t)->words[2]->state = "done";
	assert_int_equal(compare(&t, 2), ERR_INCONSISTENT);
	assert_int_equal(compare(&t, 0), OK);
	assert_int_equal(compare(&t, 3), OK);
	tell(p, 2, &t);
	of_b(&t)->n_words--;
	assert_int_equal(compare(&t, 2), ERR_INCONSISTENT);
	tell(p, 2, &t);
	t.m->n_commitments = 0;
	assert_int_equal(compare(&t, 2), ERR_INCONSISTENT);
	assert_int_equal(compare(&t, 0), ERR_INCONSISTENT);
	assert_int_equal(compare(&t, 3), OK);
	tell(p, 2, &t);
	of_b(&t)->commitment->commitment_id = "D";
	assert_int_equal(compare(&t, 2), ERR_INCONSISTENT);
	tell(p, 2, &t);
	t.m->decided_seq = NULL;
	assert_int_equal(compare(&t, 0), ERR_INCONSISTENT);
	t.m->decided_seq = number(&t, 3);	/* a message of its own, but another */
	assert_int_equal(compare(&t, 0), ERR_INCONSISTENT);
	assert_int_equal(compare(&t, 2), OK);
	tell(p, 2, &t);
	of_b(&t)->commitment->text = "друго";
	assert_int_equal(compare(&t, 0), ERR_INCONSISTENT);	/* who made the commitment knows its words */
	assert_int_equal(compare(&t, 3), OK);
	tell(p, 2, &t);
	paper_must(p, 2, paper_update(p, "B", "done", ""));
	paper_must(p, 0, paper_commitment(p, "E", 3, "2026-12-24", ""));
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(compare(&t, i), OK);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_can_be), cmocka_unit_test(ends_without_close), cmocka_unit_test(each_knows_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
