/* SPDX-License-Identifier: EUPL-1.2 */
/* scope - the ground of a thread is that of what began it, kept beside it with the consent as it stands. That a family has withdrawn it whole is a
 * word in the thread's row. */
#include "adapters/core/scope.h"

#include <string.h>

#include "adapters/core/compose.h"
#include "adapters/core/duty.h"
#include "adapters/core/follow.h"
#include "adapters/core/grounds.h"
#include "adapters/core/intake.h"
#include "adapters/core/minimise.h"
#include "adapters/core/revoked.h"
#include "adapters/core/storage.h"
#include "adapters/core/whole.h"
#include "proto/council.h"
#include "proto/kind.h"

/* -- the ground -- */

static const char *
kind_of(const struct adapter *a, const char *agency)
{
	const struct agency *known = agency ? directory_find(contacts_directory(a->p.contacts), agency) : NULL;

	return known ? known->kind : NULL;
}

/* The referral that a number names here; NULL: none does. */
static enum err
find_referral(struct adapter *a, struct txn *txn, const char *number, const struct referral **ret_referral)
{
	struct record *first;
	struct thread of;
	enum err e;

	*ret_referral = NULL;
	if (number == NULL || !casebook_by_number(txn, number, NULL, &of) || of.topic != TOPIC_REFERRAL)
		return OK;
	if ((e = compose_referral(a, txn, &of.id, &first)) == OK)
		*ret_referral = first->referral;
	return e;
}

static bool
is_secret(const struct referral *r)
{
	return r && r->safety && r->safety->secret_address && *r->safety->secret_address;
}

static enum err
ground_of_transfer(struct adapter *a, struct txn *txn, const struct transfer *tr, struct ground *g)
{
	const struct referral *of = NULL;
	enum err e = find_referral(a, txn, tr->case_ref, &of);

	for (size_t i = 0; e == OK && !is_secret(of) && i < tr->n_open_threads; i++)
		e = find_referral(a, txn, tr->open_threads[i]->referral_id, &of);
	g->legal_basis = tr->legal_basis;
	g->consent = tr->consent;
	g->has_secret_address = is_secret(of);
	return e;
}

/* That of a record which begins a thread. */
static enum err
find_ground(struct adapter *a, struct txn *txn, const struct record *first, struct ground *g)
{
	const struct referral *of;
	enum err e;

	*g = (struct ground){ .from = kind_of(a, a->p.config->agency) };
	if (first->transfer)
		return ground_of_transfer(a, txn, first->transfer, g);
	if (first->referral) {
		g->legal_basis = first->referral->legal_basis;
		g->consent = first->referral->consent;
		g->has_secret_address = is_secret(first->referral);
	} else if (first->conference) {
		if ((e = find_referral(a, txn, first->conference->case_ref, &of)) != OK)
			return e;
		g->legal_basis = first->conference->legal_basis;
		g->consent = of ? of->consent : NULL;
		g->has_secret_address = is_secret(of);
	}
	return OK;
}

/* Has the other side of a referral asked for what is found out about the child? */
static bool
is_asked(const struct thread *t, const struct referral *r)
{
	static const char *const services[] = { "needs-assessment", "specialist-consult", "developmental-follow-up" };
	static const char *const dispositions[] = { "assess-and-return", "second-opinion" };

	if (t->is_initiator)
		return t->state == STATE_INFO_REQUESTED;
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		if (strcmp(services[i], r->service_kind) == 0)
			return true;
	for (size_t i = 0; i < sizeof(dispositions) / sizeof(dispositions[0]); i++)
		if (strcmp(dispositions[i], r->disposition_wanted) == 0)
			return true;
	return false;
}

static bool
is_by_consent(const struct ground *g)
{
	return g->legal_basis && strcmp(g->legal_basis, "consent") == 0;
}

/* -- leaving out -- */

static enum err
leave_out(struct adapter *a, struct record *record, const struct ground *g, struct why *why)
{
	size_t n;
	enum err e;

	if ((e = minimise_record(record, g, &n, why)) != OK || n == 0)
		return e;
	record->dropped = record_int(a->mem, (record->dropped ? *record->dropped : 0) + (int64_t)n);
	return record->dropped ? OK : ERR_TOOBIG;
}

/* The family's paper names agencies as people do: what is an alias here becomes an id, which the recipient can read as well. */
static void
name_recipients(const struct adapter *a, struct consent *consent)
{
	const struct adapter_config *config = a->p.config;

	for (size_t i = 0; consent && i < consent->recipients_allowed.n; i++) {
		const char **entry = &consent->recipients_allowed.items[i];
		const char *known = adapter_config_find(config->aliases, config->n_aliases, *entry);

		if (known)
			*entry = known;
	}
}

enum err
scope_begin(struct adapter *a, struct txn *txn, struct record *record, struct why *why)
{
	const struct party *target = record->referral ? record->referral->target : record->transfer->target;
	const char *to = kind_of(a, target->agency), *where = record->referral ? "referral.consent" : "transfer.consent";
	struct ground g;
	enum err e;

	name_recipients(a, record->referral ? record->referral->consent : record->transfer->consent);
	if ((e = grounds_check(record, contacts_directory(a->p.contacts), core_now(a), why)) != OK || (e = find_ground(a, txn, record, &g)) != OK ||
	    (e = revoked_check(txn, record->case_id, g.legal_basis, g.consent, where, why)) != OK)
		return e;
	g.to = &to;
	g.n_to = 1;
	return leave_out(a, record, &g, why);
}

/* The kinds of all other parties. */
static void
name_parties(const struct adapter *a, const struct thread *t, const char *kinds[ENVELOPE_TO_MAX], struct ground *g)
{
	for (size_t i = 0; i < t->n_others; i++)
		kinds[i] = kind_of(a, t->others[i].agency);
	g->to = kinds;
	g->n_to = t->n_others;
}

enum err
scope_call(struct adapter *a, struct txn *txn, const struct thread *t, struct record *record, struct why *why)
{
	const char *kinds[ENVELOPE_TO_MAX];
	struct ground g;
	enum err e;

	if ((e = find_ground(a, txn, record, &g)) != OK ||
	    (e = revoked_check(txn, t->case_id, g.legal_basis, g.consent, "conference.case_ref", why)) != OK ||
	    (e = grounds_check_day(g.legal_basis, g.consent, core_now(a), "conference.case_ref", why)) != OK)
		return e;
	for (size_t i = 0; i < t->n_others; i++)
		if ((e = grounds_check_recipient(g.legal_basis, g.consent, contacts_directory(a->p.contacts), t->others[i].agency,
						 "conference.members.agency", why)) != OK)
			return e;
	name_parties(a, t, kinds, &g);
	return leave_out(a, record, &g, why);
}

/* -- what goes on -- */

static bool
is_over(const struct thread *t)
{
	return t->hold == HOLD_WITHDRAWN || t->hold == HOLD_SHREDDED || (t->topic == TOPIC_REFERRAL && t->state == STATE_WITHDRAWN);
}

/* Of a conference: that it is over, and that a commitment is, without which it could not be closed. */
static bool
ends_there(const struct record *record)
{
	if (record->decision)
		return strcmp(record->decision->result, "decided") != 0;
	return record->commitment_update && !council_promise_is_open(council_promise_by_code(record->commitment_update->state));
}

/* What a thread needs to come to its end goes on: steps, cancellations, consent itself and the family's signed form of it. */
static bool
rests_on_consent(const struct record *record)
{
	struct status step;

	if (record->attachment)
		return strcmp(record->attachment->category, "consent-form") != 0;
	if (record->status)
		return kind_step(record, &step) && (strcmp(step.transition, "T03") == 0 || strcmp(step.transition, "T04") == 0);
	return kind_by_code(record->kind)->begins || record->assessment || record->info_request || record->info_response ||
	       record->outcome_report || record->rsvp || record->commitment ||
	       ((record->decision || record->commitment_update) && !ends_there(record));
}

/* Does it take a step that does not end the thread? */
static bool
goes_on(const struct record *record)
{
	struct status step;

	if (record->transfer_answer)
		return kind_state_after(record, STATE_REQUESTED) == STATE_ACCEPTED;
	return kind_step(record, &step) && !lifecycle_is_final(lifecycle_state_by_code(step.to));
}

static enum err
refuse_over(const char *where, struct why *why)
{
	return why_set(why, ERR_CONSENT_ENDED, where, "the family has withdrawn the consent that this thread rests on");
}

enum err
scope_over(const struct thread *t, const struct record *record, struct why *why)
{
	bool is_out = is_over(t) && (rests_on_consent(record) || (t->hold == HOLD_SHREDDED && goes_on(record)));

	return is_out ? refuse_over(kind_by_code(record->kind)->body, why) : OK;
}

enum err
scope_heard(const struct thread *t, const struct record *record, struct why *why)
{
	return t->hold == HOLD_SHREDDED && rests_on_consent(record) ? refuse_over("thread", why) : OK;
}

enum err
scope_follow(struct adapter *a, struct txn *txn, const struct thread *t, struct record *record, struct why *why)
{
	const char *kinds[ENVELOPE_TO_MAX];
	struct record *first;
	struct ground g;
	enum err e;

	if (t->topic == TOPIC_REPORT)
		return OK;
	if ((e = scope_over(t, record, why)) != OK)
		return e;
	if ((e = compose_referral(a, txn, &t->id, &first)) != OK || (e = find_ground(a, txn, first, &g)) != OK)
		return e;
	if (record->attachment)
		return minimise_file(record->attachment->category, &g, "attachment.category", why);
	name_parties(a, t, kinds, &g);
	g.is_asked = first->referral && is_asked(t, first->referral);
	return leave_out(a, record, &g, why);
}

/* -- files -- */

enum err
scope_file(struct adapter *a, struct txn *txn, const struct thread *t, const char *category, const char *where, struct why *why)
{
	struct record *first;
	struct ground g;
	enum err e;

	if (is_over(t) && strcmp(category, "consent-form") != 0)
		return refuse_over(where, why);
	if ((e = compose_referral(a, txn, &t->id, &first)) != OK || (e = find_ground(a, txn, first, &g)) != OK)
		return e;
	return minimise_file(category, &g, where, why);
}

static bool
is_about(const struct intake_item *item, const char *number)
{
	const char *own = item->e == OK && item->record && !item->file && kind_by_code(item->record->kind) && kind_body(item->record) ?
		kind_reference(item->record) : NULL;

	return own && strcmp(own, number) == 0;
}

/* By the record of the same message that begins its thread, as it will be with the agency's defaults; or by the thread that there is. */
static enum err
judge_enclosed(struct adapter *a, struct txn *txn, const struct intake *intake, const struct intake_item *file, struct why *why)
{
	const struct adapter_config *config = a->p.config;
	const char *number = kind_reference(file->record), *category = file->record->attachment->category, *basis;
	struct thread t;
	struct ground g;
	enum err e;

	if ((e = whole_check(file->record->attachment, why)) != OK)
		return e;
	if (category == NULL)
		return OK;	/* it is refused for that */
	for (size_t i = 0; i < intake->n; i++) {
		const struct intake_item *item = &intake->items[i];

		if (!is_about(item, number) || !kind_by_code(item->record->kind)->begins)
			continue;
		if ((e = find_ground(a, txn, item->record, &g)) != OK)
			return e;
		if (g.legal_basis == NULL && item->record->referral) {
			basis = adapter_config_find(config->defaults, config->n_defaults, "referral.legal_basis");
			g.legal_basis = basis ? basis : adapter_config_find(config->defaults, config->n_defaults, "legal_basis");
		}
		return minimise_file(category, &g, "attachment.category", why);
	}
	if (follow_find(txn, file->record, &t, NULL) != OK)
		return OK;	/* it is refused for that */
	return scope_file(a, txn, &t, category, "attachment.category", why);
}

void
scope_enclosed(struct adapter *a, struct txn *txn, struct intake *intake)
{
	for (size_t i = 0; intake->n > 1 && i < intake->n; i++) {
		struct intake_item *file = &intake->items[i];
		const char *number = file->record && file->record->attachment ? kind_reference(file->record) : NULL;
		struct why why = { .where = "" };
		enum err e;

		if (number == NULL || !is_about(file, number) || intake_is_known(a, txn, file))
			continue;
		e = judge_enclosed(a, txn, intake, file, &why);
		if (e != ERR_CONSENT_CATEGORY && e != ERR_MEDIA_TYPE && e != ERR_FILE_DIFFERS)
			continue;
		for (size_t k = 0; k < intake->n; k++)
			if (is_about(&intake->items[k], number) && !intake_is_known(a, txn, &intake->items[k])) {
				intake->items[k].e = e;
				intake->items[k].why = why;
			}
	}
}

/* -- consent that changes -- */

/* What is withdrawn is named no longer; all of it, where no category is said: then who the child is remains. */
static bool
narrow(struct adapter *a, struct consent *consent, const struct texts *withdrawn)
{
	static const char *const all[] = { "identity", "contact", "health", "education", "social", "family" };
	const struct texts *was = &consent->data_categories;
	size_t n_was = was->n ? was->n : sizeof(all) / sizeof(all[0]), n = 0;
	const char **left = arena_array(a->mem, n_was + 1, sizeof(*left));

	if (left == NULL)
		return false;
	for (size_t i = 0; withdrawn->n > 0 && i < n_was; i++) {
		const char *category = was->n ? was->items[i] : all[i];
		bool is_gone = false;

		for (size_t k = 0; k < withdrawn->n; k++)
			is_gone |= strcmp(withdrawn->items[k], category) == 0;
		if (!is_gone)
			left[n++] = category;
	}
	if (n == 0)
		left[n++] = "identity";
	consent->data_categories = (struct texts){ left, n };
	return true;
}

/* The consent as it is after the change. */
static bool
change_consent(struct adapter *a, struct consent **consent, const struct consent_change *change)
{
	if (strcmp(change->change, "withdrawn") == 0)
		return narrow(a, *consent, &change->data_categories);
	if (change->consent)
		*consent = change->consent;
	return true;
}

static bool
is_whole(const struct consent_change *change)
{
	return strcmp(change->change, "withdrawn") == 0 && change->data_categories.n == 0;
}

/* Said of any thread that rests on consent: withdrawn whole it is over there, until a consent is given again. */
static void
hold_back(struct thread *t, const struct consent_change *change)
{
	if (is_whole(change) && t->hold == HOLD_NONE)
		t->hold = HOLD_WITHDRAWN;
	else if (strcmp(change->change, "withdrawn") != 0 && t->hold == HOLD_WITHDRAWN)
		t->hold = HOLD_NONE;
}

enum err
scope_change(struct adapter *a, struct txn *txn, const struct thread *t, const struct consent_change *change, struct why *why)
{
	static const char place[] = "consent_change.consent";
	const struct directory *d = contacts_directory(a->p.contacts);
	const struct consent *now = change ? change->consent : NULL;
	struct record *first;
	struct ground g;
	enum err e;

	if (now == NULL || strcmp(change->change, "renewed") != 0)
		return OK;
	if ((e = compose_referral(a, txn, &t->id, &first)) != OK || (e = find_ground(a, txn, first, &g)) != OK || !is_by_consent(&g))
		return e;
	name_recipients(a, change->consent);
	if ((e = grounds_check_day("consent", now, core_now(a), "consent_change.consent.valid_until", why)) != OK ||
	    (e = grounds_check_names("consent", now, d, "consent_change.consent.recipients_allowed", why)) != OK ||
	    (e = revoked_check_renewal(txn, t->case_id, now, place, why)) != OK)
		return e;
	for (size_t i = 0; i < t->n_others; i++)
		if ((e = grounds_check_recipient("consent", now, d, t->others[i].agency, "consent_change.consent.recipients_allowed", why)) != OK)
			return e;
	return OK;
}

/* Has a change of consent come here that may be answered? One that was answered and settled long ago is not kept, but what it holds back is. */
static bool
is_consent_asked(struct txn *txn, const struct thread *t)
{
	struct duty_at at = { .n = 0 };
	struct duty d;

	while (duty_of_thread(txn, &t->id, &at, &d))
		if (d.ask == ASK_CONSENT)
			return true;
	return t->hold != HOLD_NONE;
}

enum err
scope_answer(struct txn *txn, const struct thread *t, const struct record *record, struct why *why)
{
	if (record->consent_answer == NULL || is_consent_asked(txn, t))
		return OK;
	return why_set(why, ERR_UNASKED, "consent_answer", "no change of consent has come here");
}

enum err
scope_changed(struct adapter *a, struct txn *txn, struct thread *t, const struct consent_change *change)
{
	struct span key = SPAN(t->id.b, THREAD_LEN), plain, closed = txn_get(txn, TABLE_REFERRAL, key);
	struct record *first;
	struct ground g;
	enum err e;

	if (t->topic == TOPIC_REPORT || closed.p == NULL)
		return OK;
	if ((e = compose_open(a, "referral", key, arena_span(a->mem, closed), a->mem, &first)) != OK ||
	    (e = find_ground(a, txn, first, &g)) != OK)
		return e;
	if (first->referral && (e = revoked_note(a, txn, t, change, first->referral->consent)) != OK)
		return e;
	if (!is_by_consent(&g) || (first->referral && first->referral->consent == NULL))
		return OK;	/* or erased: it covers nothing */
	hold_back(t, change);
	if (first->referral == NULL)
		return OK;	/* how much may go it asks of the referral that it is about */
	if (!change_consent(a, &first->referral->consent, change))
		return ERR_TOOBIG;
	if ((e = record_encode(first, a->mem, &plain, NULL)) != OK || (e = compose_close(a, "referral", key, plain, &closed)) != OK)
		return e;
	txn_put(txn, TABLE_REFERRAL, key, closed);
	return OK;
}

/* -- what is queued -- */

enum err
scope_after(struct adapter *a, struct txn *txn, const struct thread *t, const struct consent_change *change, struct scope_after *ret_after)
{
	struct consent *consent;
	struct record *first;
	struct ground *g = &ret_after->ground;
	enum err e;

	*ret_after = (struct scope_after){ .is_over = change == NULL };
	if (change == NULL || t->topic == TOPIC_REPORT)
		return OK;
	if ((e = compose_referral(a, txn, &t->id, &first)) != OK || (e = find_ground(a, txn, first, g)) != OK)
		return e;
	if (!is_by_consent(g))
		return OK;
	ret_after->is_over = is_whole(change);
	if (g->consent == NULL)
		return OK;
	/* what it needs was asked when it was queued */
	g->is_asked = true;
	name_parties(a, t, ret_after->kinds, g);
	if ((consent = arena_copy(a->mem, g->consent, sizeof(*consent))) == NULL || !change_consent(a, &consent, change))
		return ERR_TOOBIG;
	g->consent = consent;
	return OK;
}

bool
scope_may_stay(const struct scope_after *after, struct record *record)
{
	size_t n = 0;

	if (record->consent_change || record->consent_answer)
		return true;
	if (after->is_over)
		return !rests_on_consent(record);
	if (after->ground.consent == NULL || after->ground.n_to == 0)
		return true;
	if (record->attachment)
		return minimise_file(record->attachment->category, &after->ground, "", NULL) == OK;
	return minimise_record(record, &after->ground, &n, NULL) == OK && n == 0;
}
