/* SPDX-License-Identifier: EUPL-1.2 */
/* begin - completed by configuration and calendar, checked, sealed; the first record of a thread is kept beside it. */
#include "adapters/core/begin.h"

#include <stdio.h>

#include "adapters/core/compose.h"
#include "adapters/core/convene.h"
#include "adapters/core/fill.h"
#include "adapters/core/rival.h"
#include "adapters/core/scope.h"
#include "adapters/core/storage.h"
#include "adapters/core/target.h"
#include "adapters/core/terms.h"
#include "proto/base/clock.h"
#include "proto/kind.h"

static const char *
age_band(const char *birth_date, int64_t now_ms)
{
	struct civil born, today = clock_to_sofia(now_ms, NULL);
	int age;

	if (birth_date == NULL || clock_parse_date(birth_date, &born) != OK)
		return "0-2";
	age = today.year - born.year - (today.month < born.month || (today.month == born.month && today.day < born.day));
	return age < 3 ? "0-2" : age < 7 ? "3-6" : age < 12 ? "7-11" : age < 16 ? "12-15" : age < 18 ? "16-17" : "18+";
}

/* The agency that goes by this name; it is in the directory, and we may send to it. */
static enum err
check_target(struct adapter *a, const char *name, const char *where, const char **ret_agency, struct why *why)
{
	const struct directory *d = contacts_directory(a->p.contacts);
	const struct adapter_config *config = a->p.config;
	const char *known = name ? adapter_config_find(config->aliases, config->n_aliases, name) : NULL;

	*ret_agency = known ? known : name;
	if (name == NULL)
		return why_set(why, ERR_UNROUTABLE, where, "no target named, and no route fits");
	if (directory_find(d, *ret_agency) == NULL)
		return why_set(why, ERR_UNKNOWN_AGENCY, where, "the target is not in the directory");
	if (!directory_may_send(d, config->agency, *ret_agency))
		return why_set(why, ERR_NOT_ALLOWED, where, "this agency may not send to that one");
	return OK;
}

/* Both sides of what begins here: whom it names or else `otherwise`, and we. */
static enum err
complete_parties(struct adapter *a, const struct intake_item *item, const char *otherwise, const char *where, struct party **initiator,
		 struct party **target, struct why *why)
{
	const char *named = item->target ? item->target : *target ? (*target)->agency : NULL, *to;
	enum err e = check_target(a, named ? named : otherwise, where, &to, why);

	if (e != OK)
		return e;
	if (*initiator == NULL)
		*initiator = record_new(a->mem, "party");
	if (*target == NULL)
		*target = record_new(a->mem, "party");
	if (*initiator == NULL || *target == NULL)
		return ERR_TOOBIG;
	(*initiator)->agency = a->p.config->agency;
	(*target)->agency = to;
	return OK;
}

/* By the programme's rules of the directory that it is sent under. */
static enum err
check_rules(struct adapter *a, const struct referral *r, struct why *why)
{
	const struct directory *d = contacts_directory(a->p.contacts);
	const struct agency *from = directory_find(d, a->p.config->agency), *to = directory_find(d, r->target->agency);

	return from && to ? rules_judge(&d->rules, from->kind, r->service_kind, to->kind, why) : ERR_UNKNOWN_AGENCY;
}

static enum err
complete_preview(struct adapter *a, struct record *record)
{
	struct referral *r = record->referral;
	struct preview *p = record_new(a->mem, "preview");

	if (p == NULL)
		return ERR_TOOBIG;
	p->age_band = age_band(r->child ? r->child->birth_date : NULL, *record->created);
	p->service_kind = r->service_kind;
	p->municipality = r->child && r->child->address ? r->child->address->municipality : NULL;
	p->priority = r->priority;
	r->preview = p;
	return OK;
}

enum err
begin_open(struct adapter *a, struct txn *txn, struct intake_item *item, struct thread *t, const char *number, struct outbound *ret_o)
{
	struct span key = SPAN(t->id.b, THREAD_LEN), plain, closed;
	const char *where = arena_fmt(a->mem, "%s.%s", kind_by_code(item->record->kind)->body, kind_reference_field(item->record));
	enum err e;

	if (casebook_is_used(txn, number, NULL))
		return why_set(&item->why, ERR_DUPLICATE, where, "this agency used the number before");
	snprintf(t->referral_id, sizeof(t->referral_id), "%s", number);
	if ((e = compose_data(a, txn, t, item->record, ret_o, &item->why)) != OK)
		return e;
	t->place = ret_o->seq;
	t->referral = ret_o->id;
	t->queued_ms = t->changed_ms = ret_o->queued_ms;
	casebook_put(txn, a->mem, t);
	item->referral = item->record;
	if (record_encode(item->record, a->mem, &plain, NULL) != OK || compose_close(a, "referral", key, plain, &closed) != OK)
		return ERR_NOMEM;	/* what was sealed can be encoded: there is no room */
	txn_put(txn, TABLE_REFERRAL, key, closed);
	return OK;
}

/* Until when, by the configuration, where the record does not say. */
static enum err
complete_respond_by(struct adapter *a, struct record *record, struct why *why)
{
	char text[CLOCK_TEXT_LEN];
	struct terms_from from = core_terms(a);
	struct terms terms;

	terms_referral(&from, &a->calendar, record->referral, *record->created, &terms);
	clock_format(terms.respond_by_ms, text);
	return fill_assume(a, record, "referral.respond_by", text, why);
}

/* The case of what a number names that our agency has had, its own or another's. */
static bool
case_of_number(struct txn *txn, const char *number, uint8_t case_id[16])
{
	struct thread t;

	if (number == NULL || !casebook_by_number(txn, number, NULL, &t))
		return false;
	memcpy(case_id, t.case_id, 16);
	return true;
}

/* A child referred onward keeps its case's pseudonym, and so do referrals of one group, and one that continues or supersedes another: who got
 * the earlier one is to hear of the family's consent as well. */
static void
case_of_referral(struct adapter *a, struct txn *txn, const struct record *record, uint8_t case_id[16])
{
	struct thread first;

	if (record->case_id)
		memcpy(case_id, record->case_id, 16);
	else if (record->referral->group_id && casebook_of_group(txn, record->referral->group_id, &first))
		memcpy(case_id, first.case_id, 16);
	else if (!case_of_number(txn, record->referral->continues, case_id) && !case_of_number(txn, record->referral->supersedes, case_id))
		core_random(a, case_id, 16);
}

static enum err
send_referral(struct adapter *a, struct txn *txn, struct intake_item *item, struct outbound *ret_o)
{
	struct thread t = { .is_initiator = true, .topic = TOPIC_REFERRAL, .state = STATE_REQUESTED, .base = STATE_REQUESTED };
	struct record *record = item->record;
	struct referral *r = record->referral;
	struct why *why = &item->why;
	const char *to;
	enum err e;

	core_random(a, t.id.b, THREAD_LEN);
	case_of_referral(a, txn, record, t.case_id);
	if ((e = target_place(a, record, why)) != OK || (e = fill_record(a, record, t.case_id, why)) != OK ||
	    (e = target_find(a, txn, item, &to, why)) != OK ||
	    (e = complete_parties(a, item, to, "referral.target.agency", &r->initiator, &r->target, why)) != OK ||
	    (e = complete_respond_by(a, record, why)) != OK || (e = complete_preview(a, record)) != OK ||
	    (e = record_check(record, why)) != OK || (e = scope_begin(a, txn, record, why)) != OK ||
	    (e = check_rules(a, r, why)) != OK ||
	    (e = casebook_join(&t, r->target->agency)) != OK)
		return e;
	t.priority = terms_priority(r->priority);
	target_warn(a, txn, item);
	if ((e = begin_open(a, txn, item, &t, r->referral_id, ret_o)) == OK && r->group_id)
		casebook_join_group(txn, r->group_id, &t);
	return e;
}

/* -- a transfer of ours -- */

static enum err
complete_transfer(struct adapter *a, struct intake_item *item, struct why *why)
{
	struct transfer *tr = item->record->transfer;
	struct referral like = { 0 };	/* for its terms, an offer is as a referral of its priority */
	char text[CLOCK_TEXT_LEN];
	struct terms_from from = core_terms(a);
	struct terms terms;
	enum err e;

	if ((e = complete_parties(a, item, NULL, "transfer.target.agency", &tr->initiator, &tr->target, why)) != OK ||
	    (e = fill_assume(a, item->record, "transfer.priority", "urgent", why)) != OK)
		return e;
	like.priority = tr->priority;
	terms_referral(&from, &a->calendar, &like, *item->record->created, &terms);
	clock_format(terms.respond_by_ms, text);
	return fill_assume(a, item->record, "transfer.respond_by", text, why);
}

/* The case that a transfer is about: that of the first thread that it hands over and that is known here, or what its case_ref names. */
static void
case_of_transfer(struct adapter *a, struct txn *txn, const struct record *record, uint8_t case_id[16])
{
	const struct transfer *tr = record->transfer;

	if (record->case_id) {
		memcpy(case_id, record->case_id, 16);
		return;
	}
	for (size_t i = 0; i < tr->n_open_threads; i++)
		if (case_of_number(txn, tr->open_threads[i]->referral_id, case_id))
			return;
	if (!case_of_number(txn, tr->case_ref, case_id))
		core_random(a, case_id, 16);
}

static enum err
send_transfer(struct adapter *a, struct txn *txn, struct intake_item *item, struct outbound *ret_o)
{
	struct thread t = { .is_initiator = true, .topic = TOPIC_TRANSFER, .state = STATE_REQUESTED, .base = STATE_REQUESTED };
	struct record *record = item->record;
	struct why *why = &item->why;
	enum err e;

	core_random(a, t.id.b, THREAD_LEN);
	case_of_transfer(a, txn, record, t.case_id);
	if ((e = fill_record(a, record, t.case_id, why)) != OK || (e = complete_transfer(a, item, why)) != OK ||
	    (e = record_check(record, why)) != OK || (e = rival_check_offer(a, txn, &t, record, why)) != OK ||
	    (e = scope_begin(a, txn, record, why)) != OK ||
	    (e = casebook_join(&t, record->transfer->target->agency)) != OK)
		return e;
	t.priority = terms_priority(record->transfer->priority);
	return begin_open(a, txn, item, &t, record->transfer->transfer_id, ret_o);
}

enum err
begin_thread(struct adapter *a, struct txn *txn, struct intake_item *item, struct outbound *ret_o)
{
	if (item->record->referral)
		return send_referral(a, txn, item, ret_o);
	if (item->record->transfer)
		return send_transfer(a, txn, item, ret_o);
	if (item->record->conference)
		return convene_call(a, txn, item, ret_o);
	return why_set(&item->why, ERR_UNSUPPORTED, "kind", "not taken by this version");
}
