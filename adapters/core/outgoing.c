/* SPDX-License-Identifier: EUPL-1.2 */
/* outgoing - what is closed in the store is opened into the caller's memory; what is not to be seen yet, or not any more, stays out of it.
 * Called by whoever hands over or lists: handover.c, views.c, preview_view.c.
 */
#include "adapters/core/outgoing.h"

#include "adapters/core/casebook.h"
#include "adapters/core/compose.h"
#include "adapters/core/gather.h"
#include "adapters/core/preview.h"
#include "adapters/core/storage.h"
#include "adapters/core/turn.h"
#include "adapters/core/whole.h"
#include "proto/kind.h"

static const char *
text_or_null(struct arena *mem, const char *text)
{
	return text[0] != '\0' ? arena_str(mem, text) : NULL;
}

/* An invitation that its sender took back comes to the agency's system as what it knows: a cancelled one. */
static struct record *
called_off(const struct record *invite, int64_t at_ms, struct arena *mem)
{
	struct record *record = record_new(mem, "record");
	struct decision *decision = record_new(mem, "decision");

	if (record == NULL || decision == NULL)
		return NULL;
	record->kind = "conference-decision";
	record->case_id = invite->case_id;
	record->created = record_int(mem, at_ms);
	decision->conference_id = invite->conference->conference_id;
	decision->result = council_state_code(CONFERENCE_CANCELLED);
	decision->text = "The invitation was taken back. / Поканата е оттеглена.";
	record->decision = decision;
	return record;
}

/* The same of a referral. */
static struct record *
cancelled(const struct record *referral, int64_t at_ms, struct arena *mem)
{
	struct record *record = record_new(mem, "record");
	struct status *status = record_new(mem, "status");

	if (record == NULL || status == NULL)
		return NULL;
	record->kind = "status-change";
	record->case_id = referral->case_id;
	record->created = status->at = record_int(mem, at_ms);
	status->referral_id = referral->referral->referral_id;
	status->from = lifecycle_state_code(STATE_REQUESTED);
	status->to = lifecycle_state_code(STATE_CANCELLED);
	status->transition = "T29";
	record->status = status;
	return record;
}

/* Of a thread that is held: its preview, and the words that may pass. */
static enum err
hold_back(const struct thread *t, const struct inbound *in, struct arena *mem, struct record **record, struct record **referral,
	  const char **ret_stage)
{
	if ((*referral = preview_of(*referral, mem)) == NULL)
		return ERR_TOOBIG;
	if (!in->is_stage && in->cursor == t->place && *record) {
		*record = NULL;
		*ret_stage = PREVIEW_STAGE;
	}
	return *record == NULL || preview_may_pass(*record) ? OK : ERR_HELD;
}

enum err
outgoing_of(struct adapter *a, struct txn *txn, const struct inbound *entry, struct arena *mem, struct outgoing *ret_out)
{
	struct inbound opened;
	const struct inbound *in = turn_is_opened(a, entry) && inbox_by_id(txn, &entry->first, &opened) ? &opened : entry;
	const char *stage = NULL;
	struct span closed, key = SPAN(in->thread.b, THREAD_LEN);
	char id[MSGID_TEXT_LEN], hex[2 * THREAD_LEN + 1];
	struct record *record = NULL, *referral = NULL;
	struct file_bytes *bytes = NULL;
	struct status step;
	struct thread t;
	enum err e;

	if (!casebook_find(txn, &in->thread, &t))
		return ERR_CORRUPT;
	closed = txn_get(txn, TABLE_REFERRAL, key);
	if ((e = compose_open(a, "referral", key, arena_span(mem, closed), mem, &referral)) != OK)
		return e;
	if (turn_is_taken_back(a, in) && msgid_eq(&t.referral, &in->id)) {
		record = referral->conference ? called_off(referral, in->at_ms, mem) : cancelled(referral, in->at_ms, mem);
	} else if (!in->is_stage && in->state != INBOUND_ERASED) {
		closed = inbox_record(txn, in->cursor);
		if ((e = compose_open(a, "inrecord", SPAN(in->first.b, MSGID_LEN), arena_span(mem, closed), mem, &record)) != OK)
			return e;
	}
	if (t.hold == HOLD_PREVIEW && (e = hold_back(&t, in, mem, &record, &referral, &stage)) != OK)
		return e;
	if (stage == NULL)
		stage = in->state == INBOUND_ERASED ? "erased" : in->is_stage && record == NULL ? envelope_stage_name(in->stage) : NULL;
	if (record && record->attachment && (bytes = arena_alloc(mem, sizeof(*bytes))) != NULL && !gather_show(txn, in, record, bytes))
		bytes = NULL;
	msgid_format(&in->first, id);
	bytes_hex(in->thread.b, THREAD_LEN, hex);
	*ret_out = (struct outgoing){
		.msg_id = arena_str(mem, id),
		.thread = arena_str(mem, hex),
		.from = arena_str(mem, in->from),
		.record = record,
		.referral = referral,
		.is_initiator = t.is_initiator,
		.state = record && kind_step(record, &step) ? step.to : casebook_state(&t),
		.case_no = text_or_null(mem, t.case_no),
		.external_no = text_or_null(mem, t.external_no),
		.cursor = entry->cursor,
		.at_ms = entry->at_ms,
		.stage = stage,
		.stage_err = in->code,
		.href = bytes ? arena_fmt(mem, "/v1/files/%s/content", bytes->id) : NULL,
		.file = bytes ? arena_fmt(mem, "%s%s", bytes->id, whole_ending(bytes->media_type)) : NULL,
		.bytes = bytes,
	};
	return arena_is_full(mem) ? ERR_TOOBIG : OK;
}
