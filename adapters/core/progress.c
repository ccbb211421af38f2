/* SPDX-License-Identifier: EUPL-1.2 */
/* progress - outbox, thread, clocks and the entry for our system change together, in the caller's transaction. */
#include "adapters/core/progress.h"

#include <stdio.h>

#include "adapters/core/duty.h"
#include "adapters/core/rebuild.h"
#include "adapters/core/returned.h"
#include "adapters/core/sendoff.h"
#include "adapters/core/steps.h"
#include "adapters/core/storage.h"

enum err
progress_tell(struct adapter *a, struct txn *txn, const struct outbound *o, const char *from, enum stage stage, enum err code)
{
	struct inbound in = {
		.is_stage = true,
		.id = o->first,
		.hash = o->hash,
		.thread = o->thread,
		.priority = o->priority,
		.stage = stage,
		.code = code,
		.state = INBOUND_TAKEN,
		.at_ms = core_now(a),
	};
	struct due due;

	snprintf(in.from, sizeof(in.from), "%s", from);
	inbox_add(txn, a->mem, &in, SPAN_NONE);
	if (a->p.doors[a->p.config->egress.receipts.door]) {
		due = (struct due){ .cursor = in.cursor, .due_ms = in.at_ms };
		egress_put(txn, &due);
	}
	return txn_error(txn);
}

/* Registered: the first clock stands. Refused or taken back: both do; by the hub, at everybody who had not ended it. */
static void
stop_clocks(struct adapter *a, struct txn *txn, struct outbound *o, const char *from, enum stage stage)
{
	struct duty_at at = { .n = 0 };
	const struct outbound_to *to;
	int64_t now = core_now(a);
	struct duty d;

	if (o->class != CLASS_DATA)
		return;
	if (stage == STAGE_REGISTERED) {
		duty_answer_stands(txn, a->mem, &o->thread, &o->first, from, now);
		duty_registered(txn, a->mem, &o->thread, &o->first, from, now);
	}
	/* who refused an answer has none; what the hub refuses nobody has */
	if (stage == STAGE_REFUSED)
		duty_answer_gone(txn, a->mem, &o->thread, &o->first, strcmp(from, a->p.config->agency) == 0 ? NULL : from, now);
	if (stage != STAGE_REFUSED && stage != STAGE_WITHDRAWN)
		return;
	while (duty_of_thread(txn, &o->thread, &at, &d))
		if (msgid_eq(&d.about, &o->first) && (to = outbox_to(o, d.to)) != NULL && to->stage == stage)
			duty_ended(txn, a->mem, &o->thread, &o->first, d.to, now);
}

enum err
progress_note(struct adapter *a, struct txn *txn, struct outbound *o, const char *from, enum stage stage,
	      const struct receipt_detail *detail, int64_t at_ms)
{
	bool is_hubs = strcmp(from, a->p.config->agency) == 0;
	enum err code = detail ? detail->code : OK;
	bool is_gone = stage == STAGE_REFUSED && !outbox_has_ended(o);	/* sealed again, it may be refused once more */
	bool is_known, is_news;
	struct outbound about;
	struct hollow hollow;
	struct thread t;
	enum err e;

	outbox_note(o, is_hubs ? NULL : from, stage, code, at_ms);
	outbox_put(txn, a->mem, o);
	is_news = sendoff_is_news(a, txn, o, from, stage, &about);
	/* a referral declined at its preview is answered: nobody has to look at it once more */
	if (is_news && stage == STAGE_REFUSED && o->class == CLASS_DATA && !o->is_own && code != ERR_UNOPENED)
		returned_put(txn, &about);
	stop_clocks(a, txn, o, from, stage);
	if (o->class != CLASS_DATA)
		return OK;
	if (is_gone && (e = steps_undo_sent(a, txn, o)) != OK)
		return e;
	is_known = casebook_find(txn, &o->thread, &t);
	if (is_known && msgid_eq(&t.referral, &o->first)) {
		t.stored_ms = o->stored_ms;
		t.delivered_ms = o->delivered_ms;
		t.registered_ms = o->registered_ms;
		t.seen_ms = o->seen_ms;
		t.refused_ms = o->refused_ms;
		if (o->stage == STAGE_REFUSED)
			t.refused = o->refused;
		if (stage == STAGE_REGISTERED && t.n_others == 1 && detail && detail->case_no &&
		    strlen(detail->case_no) < sizeof(t.external_no))
			snprintf(t.external_no, sizeof(t.external_no), "%s", detail->case_no);
		casebook_put(txn, a->mem, &t);
	}
	if (o->is_own)
		return stage == STAGE_REFUSED ? rebuild_refused(a, txn, o) : OK;
	if (is_known)
		return is_news ? progress_tell(a, txn, &about, from, stage, code) : txn_error(txn);
	if (hollow_find(txn, &o->thread, &hollow))	/* our system is told when it is back */
		hollow_note_stage(txn, o, from, stage, code);
	return txn_error(txn);
}
