/* SPDX-License-Identifier: EUPL-1.2 */
/* steps - those of a thread are known by their messages' first ids. */
#include "adapters/core/steps.h"

#include "adapters/core/compose.h"
#include "adapters/core/filebook.h"
#include "proto/kind.h"

bool
steps_of(const struct record *record, const struct msgid *id, struct thread_step *ret_step)
{
	struct status step;

	*ret_step = (struct thread_step){ .id = *id, .from = STATE_REQUESTED, .to = kind_state_after(record, STATE_REQUESTED) };
	if (!kind_step(record, &step))
		return ret_step->to != ret_step->from;
	ret_step->from = lifecycle_state_by_code(step.from);
	ret_step->to = lifecycle_state_by_code(step.to);
	ret_step->is_no_show = lifecycle_is_no_show(step.transition);
	return true;
}

enum err
steps_check(const struct thread *t, enum state now, enum actor actor, const struct status *status, struct why *why)
{
	const struct lifecycle_past past = casebook_past(t);
	enum err e = lifecycle_check(now, actor, status, why);

	return e == OK ? lifecycle_check_past(&past, status, why) : e;
}

void
steps_note(struct thread *t, const struct record *record)
{
	if (record->responsibility)
		t->before.is_handed_on = true;
}

bool
steps_said(struct thread *t, const struct record *record, const struct outbound *o)
{
	struct thread_step step;

	steps_note(t, record);
	if (!steps_of(record, &o->first, &step))
		return false;
	step.is_ours = t->is_step_ours = true;
	t->step = o->seq;
	casebook_step(t, &step);
	return true;
}

/* The message of the step that the thread rests on now. */
static void
name_last(struct txn *txn, struct thread *t)
{
	const struct thread_step *last = casebook_last_step(t);
	struct outbound o;
	struct inbound in;

	t->step = 0;
	if (last == NULL)
		return;
	t->is_step_ours = last->is_ours;
	if (last->is_ours && outbox_find(txn, &last->id, &o))
		t->step = o.seq;
	else if (!last->is_ours && inbox_find(txn, t->others[0].agency, &last->id, &in))
		t->step = in.cursor;
}

static enum err
put(struct adapter *a, struct txn *txn, struct thread *t)
{
	name_last(txn, t);
	t->changed_ms = core_now(a);
	casebook_put(txn, a->mem, t);
	return txn_error(txn);
}

/* In the state that the steps begin with: its record says what it was. NULL: that is not here any more. */
static enum err
undo_before(struct adapter *a, struct txn *txn, struct thread *t, const struct record *record)
{
	struct thread_step step;

	if (record && steps_of(record, &(struct msgid){ .b = { 0 } }, &step) && casebook_undo_before(t, step.from, step.to))
		return put(a, txn, t);
	return OK;
}

enum err
steps_undo_sent(struct adapter *a, struct txn *txn, const struct outbound *o)
{
	struct record *record = NULL;
	struct thread t;
	struct file file;
	enum err e;

	/* a part of a file is no step, and half a MiB: many may go back at once */
	if (!casebook_find(txn, &o->thread, &t) || t.topic == TOPIC_CONFERENCE || filebook_of(txn, true, o->seq, &file))
		return OK;
	if (casebook_undo(&t, &o->first))
		return put(a, txn, &t);
	if (outbox_has_record(txn, o) && (e = compose_sent(a, txn, o, &record)) != OK)
		return e;
	return undo_before(a, txn, &t, record);
}

enum err
steps_undo_taken(struct adapter *a, struct txn *txn, const struct inbound *in)
{
	struct span closed = inbox_record(txn, in->cursor), key = SPAN(in->first.b, MSGID_LEN);
	struct record *record = NULL;
	struct thread t;
	enum err e;

	if (!casebook_find(txn, &in->thread, &t) || t.topic == TOPIC_CONFERENCE)
		return OK;
	if (casebook_undo(&t, &in->first))
		return put(a, txn, &t);
	if (closed.p && (e = compose_open(a, "inrecord", key, arena_span(a->mem, closed), a->mem, &record)) != OK)
		return e;
	return undo_before(a, txn, &t, record);
}
