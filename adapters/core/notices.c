/* SPDX-License-Identifier: EUPL-1.2 */
/* notices - the hub's word counts with its signature only, and only about what it is said of; a notice that fails is told and
 * passed over: it must not stop what comes behind it.
 */
#include "adapters/core/notices.h"

#include <stdio.h>

#include "adapters/core/assess.h"
#include "adapters/core/duty_file.h"
#include "adapters/core/escalation.h"
#include "adapters/core/mailing.h"
#include "adapters/core/upkeep.h"
#include "proto/kind.h"

#define TURNS_MAX 64		/* rows looked at in one transaction */
#define BIT(fact) (1u << (fact))

/* -- what was said -- */

/* Each new fact: a line for operators, and a mail if somebody must be told at once. */
static void
tell(struct adapter *a, struct txn *txn, struct duty *d, unsigned facts)
{
	char id[MSGID_TEXT_LEN], due[CLOCK_TEXT_LEN];

	msgid_format(&d->about, id);
	for (int fact = 1; fact < DUTY_FACTS; fact++) {
		if (!(facts & BIT(fact)))
			continue;
		clock_format(d->said[fact].due_ms, due);
		core_tell(a, LOG_DEADLINE, "id=%s fact=%s from=%s to=%s due=%s by=%s", id, duty_fact_name(fact), d->from, d->to, due,
			  d->said[fact].is_hubs ? "hub" : "adapter");
	}
	/* of a file in parts each fact once */
	if (d->priority == PRIORITY_EMERGENCY && a->p.config->mail.on && (facts = duty_file_news(txn, d, facts)) != 0) {
		d->unmailed |= facts;
		mailing_want(txn, d->no);
	}
}

/* -- the hub's -- */

static bool
is_to_us(const struct adapter *a, const struct header *h)
{
	for (size_t i = 0; i < h->n_to; i++)
		if (strcmp(h->to[i], a->p.config->agency) == 0)
			return true;
	return false;
}

static enum err
check(struct adapter *a, const struct envelope *env, struct notice *n, struct why *why)
{
	const struct directory *newest = contacts_directory(a->p.contacts), *d;
	const struct header *h = &env->header;
	enum err e;

	if (h->directory_version > newest->version)
		return why_set(why, ERR_STALE, "directory_version", "not at hand");
	d = contacts_version(a->p.contacts, h->directory_version);
	if (!envelope_is_signed(env, d ? &d->notice : &newest->notice))
		return why_set(why, ERR_BAD_SIGNATURE, "signature", "not the hub's notice key");
	if ((e = notice_decode(env->body, a->mem, n, why)) != OK)
		return e;
	if (!is_to_us(a, h) || !msgid_eq(&h->in_reply_to, &n->about) || memcmp(h->thread.b, n->thread.b, THREAD_LEN) != 0 ||
	    h->priority != n->priority)
		return why_set(why, ERR_INCONSISTENT, "notice", "its header says something else");
	return OK;
}

/* A message that is settled here, or never came: what is said of it makes a row that nobody here owes anything for. */
static void
new_row(const struct notice *n, struct duty *d)
{
	*d = (struct duty){
		.about = n->about, .thread = n->thread, .priority = n->priority, .created_ms = n->submitted_ms,
	};
	snprintf(d->from, sizeof(d->from), "%s", n->from);
	snprintf(d->to, sizeof(d->to), "%s", n->to);
}

/* A message that was made again is known here by its first id. False: it never was here. */
static bool
first_id(struct txn *txn, const struct msgid *id, struct msgid *ret_first)
{
	struct outbound o;
	struct inbound in;

	if (outbox_find(txn, id, &o))
		*ret_first = o.first;
	else if (inbox_by_id(txn, id, &in))
		*ret_first = in.first;
	else
		return false;
	return true;
}

static void
note(struct adapter *a, struct txn *txn, const struct notice *n)
{
	struct msgid about = n->about;
	bool is_new, is_here = first_id(txn, &n->about, &about);
	int64_t now = core_now(a);
	struct duty d;

	if (!duty_find(txn, &n->thread, &about, n->to, &d)) {
		if (is_here)
			return;	/* it is settled: what comes late is no news */
		new_row(n, &d);
	} else if (is_here && !duty_holds(&d, (int)n->fact)) {
		return;		/* the row stands for something else */
	}
	is_new = d.said[n->fact].at_ms == 0;
	d.said[n->fact].is_hubs = true;
	d.stages = n->stages;
	if (is_new) {
		d.said[n->fact].at_ms = now;
		d.said[n->fact].due_ms = n->due_ms;
		duty_put(txn, a->mem, &d, now);	/* it has its place from here on */
		tell(a, txn, &d, BIT(n->fact));
	}
	duty_put(txn, a->mem, &d, now);
}

enum err
notices_take(struct adapter *a, struct txn *txn, const struct envelope *env, struct why *why)
{
	char id[MSGID_TEXT_LEN];
	struct notice n;
	uint64_t cursor;
	struct hash had;
	enum err e;

	if (inbox_seen(txn, env->header.from, &env->header.id, &cursor, &had))
		return OK;
	if ((e = check(a, env, &n, why)) == ERR_STALE || err_is_fatal(e))
		return e;
	inbox_note(txn, env->header.from, &env->header.id, 0, &env->hash);
	if (e == OK) {
		note(a, txn, &n);
		return OK;
	}
	/* "fact": of a newer hub, genuine but not understood */
	msgid_format(&env->header.id, id);
	core_tell(a, LOG_NOTICE_REFUSED, "id=%s code=%s where=%s", id, err_code(e), why ? why->where : "");
	return OK;
}

/* -- our own clock -- */

/* Where a step asks for nothing by our table, but its author wants an answer: one is owed. */
static enum ask
ask_of(const struct header *h, const struct record *record, bool is_initiator)
{
	struct status step;
	enum ask ask = ASK_REFERRAL;

	if (record->conference || !kind_by_code(record->kind)->begins) {
		kind_step(record, &step);
		ask = closing_ask(step.transition);
	}
	if (h->respond_by_ms == 0 || ask != ASK_NONE)
		return ask;
	return is_initiator ? ASK_DECISION : ASK_QUESTIONS;
}

void
notices_watch(struct adapter *a, struct txn *txn, const struct header *h, const struct msgid *first, const struct record *record,
	      bool is_initiator)
{
	bool is_by_us = strcmp(h->from, a->p.config->agency) == 0, is_by_initiator = is_by_us ? is_initiator : !is_initiator;
	int64_t now = core_now(a);
	struct duty d = {
		.about = *first,
		.thread = h->thread,
		.priority = h->priority,
		.created_ms = h->created_ms,
		.registered_by_ms = h->registered_by_ms,
		.respond_by_ms = h->respond_by_ms,
		.expires_ms = h->expires_ms,
		.silent_ms = is_by_us ? 0 : now + a->p.config->registered_timeout_ms,
		.is_ours = true,
	};

	d.ask = ask_of(h, record, is_by_initiator);
	assess_begin(a, record, &d);
	snprintf(d.from, sizeof(d.from), "%s", h->from);
	for (size_t i = 0; i < h->n_to; i++) {
		if (!is_by_us && strcmp(h->to[i], a->p.config->agency) != 0)
			continue;
		d.no = 0;
		snprintf(d.to, sizeof(d.to), "%s", h->to[i]);
		duty_put(txn, a->mem, &d, now);
	}
	for (size_t i = 0; i < h->n_closes; i++) {
		struct msgid closed = h->closes[i];

		(void)first_id(txn, &h->closes[i], &closed);
		duty_answered(txn, a->mem, &h->thread, &closed, h->from, first, now);
	}
	if (record->assessment && !is_by_initiator)
		assess_given(a, txn, &h->thread, first);
}

static enum err
turn(struct adapter *a, struct txn *txn, uint64_t no, int64_t now)
{
	struct duty d;
	unsigned facts;

	if (!duty_get(txn, no, &d))
		return ERR_CORRUPT;
	if (duty_is_over(&d, now)) {
		duty_del(txn, &d);
		return OK;
	}
	facts = duty_turn(&d, now);
	tell(a, txn, &d, facts);
	duty_put(txn, a->mem, &d, now);
	if (facts & BIT(DUTY_ACKNOWLEDGED))
		return upkeep_due(a, txn, &d);
	return facts & BIT(DUTY_ESCALATED) ? escalation_due(a, txn, &d) : OK;
}

enum err
notices_tick(struct adapter *a, int64_t now_ms)
{
	struct txn *txn = store_read(a->p.store);
	uint64_t no;
	bool is_due = duty_due(txn, now_ms, &no);
	enum err e = OK;

	txn_abort(txn);
	if (!is_due)
		return OK;
	txn = store_write(a->p.store);
	for (int n = 0; n < TURNS_MAX && e == OK && duty_due(txn, now_ms, &no); n++)
		e = turn(a, txn, no, now_ms);
	if (e == OK)
		return txn_commit(txn);
	txn_abort(txn);
	return e;
}
