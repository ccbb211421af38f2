/* SPDX-License-Identifier: EUPL-1.2 */
/* progress - outbox, thread, clocks and the entry for our system change together, in the caller's transaction. */
#include "adapters/core/progress.h"

#include <stdio.h>

#include "adapters/core/duty.h"
#include "adapters/core/returned.h"
#include "adapters/core/storage.h"

static void
note_time(enum stage stage, int64_t at_ms, int64_t *delivered, int64_t *registered, int64_t *seen, int64_t *refused)
{
	int64_t *place = stage == STAGE_DELIVERED ? delivered : stage == STAGE_REGISTERED ? registered :
	    stage == STAGE_SEEN ? seen : stage == STAGE_REFUSED ? refused : NULL;

	if (place && *place == 0)
		*place = at_ms;
}

static enum err
tell_stage(struct adapter *a, struct txn *txn, const struct outbound *o, const char *from, enum stage stage, enum err code)
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

/* Registered: the first clock stands. Refused or taken back: both do; by the hub, at everybody. */
static void
stop_clocks(struct adapter *a, struct txn *txn, const struct outbound *o, const char *from, enum stage stage)
{
	struct duty_at at = { .n = 0 };
	int64_t now = core_now(a);
	struct duty d;

	if (o->class != CLASS_DATA)
		return;
	if (stage == STAGE_REGISTERED)
		duty_registered(txn, a->mem, &o->thread, &o->first, from, now);
	if (stage != STAGE_REFUSED && stage != STAGE_WITHDRAWN)
		return;
	while (duty_of_thread(txn, &o->thread, &at, &d))
		if (msgid_eq(&d.about, &o->first) && (strcmp(from, a->p.config->agency) == 0 || strcmp(d.to, from) == 0))
			duty_ended(txn, a->mem, &o->thread, &o->first, d.to, now);
}

enum err
progress_note(struct adapter *a, struct txn *txn, struct outbound *o, const char *from, enum stage stage,
	      const struct receipt_detail *detail, int64_t at_ms)
{
	enum err code = detail ? detail->code : OK;
	struct thread t;

	if (stage == STAGE_STORED)
		o->stored_ms = at_ms;
	note_time(stage, at_ms, &o->delivered_ms, &o->registered_ms, &o->seen_ms, &o->refused_ms);
	if (stage == STAGE_REFUSED)
		o->refused = code;
	if (stage == STAGE_REFUSED && o->class == CLASS_DATA)
		returned_put(txn, o);
	/* stages may overtake one another, and none goes back */
	if (stage > o->stage)
		o->stage = stage;
	outbox_put(txn, a->mem, o);
	stop_clocks(a, txn, o, from, stage);
	if (o->class == CLASS_DATA && casebook_find(txn, &o->thread, &t) && msgid_eq(&t.referral, &o->first)) {
		if (stage == STAGE_STORED)
			t.stored_ms = at_ms;
		note_time(stage, at_ms, &t.delivered_ms, &t.registered_ms, &t.seen_ms, &t.refused_ms);
		if (stage == STAGE_REFUSED)
			t.refused = code;
		if (stage == STAGE_REGISTERED && detail && detail->case_no && strlen(detail->case_no) < sizeof(t.external_no))
			snprintf(t.external_no, sizeof(t.external_no), "%s", detail->case_no);
		casebook_put(txn, a->mem, &t);
	}
	return o->class == CLASS_DATA ? tell_stage(a, txn, o, from, stage, code) : OK;
}
