/* SPDX-License-Identifier: EUPL-1.2 */
/* withdraw - the order of things is the hub's: a withdrawal counts when it is stored there, and only if the message had not ended.
 *
 * It may overtake its message and others of the thread (it goes in the first lane), so the seq that it names is noted as used
 * until the thread comes to it.
 */
#include "adapters/core/withdraw.h"

#include <stdio.h>

#include "adapters/core/casework.h"
#include "adapters/core/compose.h"
#include "adapters/core/duty.h"
#include "adapters/core/filebook.h"
#include "adapters/core/flights.h"
#include "adapters/core/progress.h"
#include "adapters/core/rebuild.h"
#include "adapters/core/register.h"
#include "adapters/core/reseal.h"
#include "adapters/core/steps.h"
#include "adapters/core/storage.h"
#include "adapters/core/turn.h"
#include "proto/kind.h"

/* -- the sender -- */

static enum err
find(struct txn *txn, const char *ref, struct outbound *ret_o, struct why *why)
{
	struct thread t;
	struct msgid id;

	if (msgid_parse(ref, &id) == OK && outbox_find(txn, &id, ret_o) && ret_o->class == CLASS_DATA)
		return OK;
	if (casebook_by_number(txn, ref, NULL, &t) && t.is_initiator && outbox_find(txn, &t.referral, ret_o))
		return OK;
	return rebuild_unknown(txn, why_set(why, ERR_NOTFOUND, "id", "no message of this agency has this number"), why);
}

static enum err
ask_one(struct adapter *a, struct txn *txn, struct outbound *o, struct why *why)
{
	enum err e;

	if (o->withdrawn_ms != 0)
		return OK;
	if (outbox_has_ended(o))
		return why_set(why, ERR_CONFLICT, "id", "it is registered or refused already");
	if ((e = compose_withdrawal(a, txn, o, why)) != OK)
		return e;
	o->withdrawn_ms = core_now(a);
	outbox_put(txn, a->mem, o);
	return txn_error(txn);
}

/* A part of a file stands for the file: all of it goes back, and what has not gone yet stays. */
static enum err
ask_file(struct adapter *a, struct txn *txn, struct file *f, struct why *why)
{
	struct outbound part;
	enum err e = OK;

	for (unsigned i = 0; i < f->whole.parts && e == OK; i++)
		if (f->whole.at[i] != 0)
			e = outbox_get(txn, f->whole.at[i], &part) ? ask_one(a, txn, &part, why) : ERR_CORRUPT;
	if (e != OK || f->state != FILE_SENDING)
		return e;
	f->state = FILE_FAILED;
	f->code = ERR_GONE;
	for (unsigned part_no = 1; part_no <= f->whole.parts; part_no++)
		filebook_unstage(txn, f->number, part_no);
	filebook_put(txn, a->mem, f);
	return txn_error(txn);
}

/* An answer has told others who is responsible, so it is not undone; and what is answered is not taken back. */
static enum err
check_transfer(struct adapter *a, struct txn *txn, const struct outbound *o, struct why *why)
{
	struct record *record;
	struct thread t;
	enum err e;

	if (!casebook_find(txn, &o->thread, &t) || t.topic != TOPIC_TRANSFER)
		return OK;
	if (msgid_eq(&t.referral, &o->first))
		return kind_is_open(t.topic, t.state) ? OK : why_set(why, ERR_CONFLICT, "id", "the offer is answered");
	if ((e = compose_sent(a, txn, o, &record)) != OK || record->transfer_answer == NULL)
		return e == ERR_NOTFOUND ? OK : e;
	return why_set(why, ERR_UNSUPPORTED, "id", "an answer to an offer of transfer stands: others are told of it");
}

/* What a family's word has done cannot be undone: others were told of it and have acted, and what was shredded is gone. */
static enum err
check_word(struct adapter *a, struct txn *txn, const struct outbound *o, struct why *why)
{
	struct record *record;
	struct file file;
	enum err e;

	if (!outbox_has_record(txn, o) || filebook_of(txn, true, o->seq, &file))
		return OK;
	if ((e = compose_sent(a, txn, o, &record)) != OK)
		return e;
	if (record->consent_change)
		return why_set(why, ERR_UNSUPPORTED, "id", "others have acted on it already: say a new consent-change, with the consent as it stands");
	return kind_is_shredded(record) ? why_set(why, ERR_UNSUPPORTED, "id", "what was shredded is gone, and the thread with it") : OK;
}

static enum err
ask(struct adapter *a, struct txn *txn, const char *ref, struct why *why)
{
	struct outbound o = { .seq = 0 };
	struct thread t;
	struct file f;
	enum err e;

	if ((e = find(txn, ref, &o, why)) != OK || o.withdrawn_ms != 0 || (e = check_word(a, txn, &o, why)) != OK)
		return e;
	if (outbox_has_ended(&o))
		return why_set(why, ERR_CONFLICT, "id", "it is registered or refused already");
	if ((e = check_transfer(a, txn, &o, why)) != OK)
		return e;
	/* whoever has it already keeps it: what several parties build on must not be undone at some of them */
	if (casebook_find(txn, &o.thread, &t) && t.topic == TOPIC_CONFERENCE && !msgid_eq(&o.first, &t.referral))
		return why_set(why, ERR_UNSUPPORTED, "id", "the whole conference builds on it: cancel that, or the commitment, instead");
	return filebook_of(txn, true, o.seq, &f) ? ask_file(a, txn, &f, why) : ask_one(a, txn, &o, why);
}

enum err
withdraw_ask(struct adapter *a, const char *ref, struct why *why)
{
	struct txn *txn;
	enum err e;

	if (ref == NULL)
		return why_set(why, ERR_REQUIRED, "id", "which message");
	arena_reset(a->mem);
	txn = store_write(a->p.store);
	if ((e = ask(a, txn, ref, why)) != OK) {
		txn_abort(txn);
		return e;
	}
	if ((e = txn_commit(txn)) == OK)
		e = flights_submit(a);
	return err_is_fatal(e) ? e : OK;
}

/* A referral taken back is cancelled, a step has never been. */
static enum err
undo(struct adapter *a, struct txn *txn, const struct outbound *o)
{
	struct thread t;

	if (!casebook_find(txn, &o->thread, &t))
		return ERR_CORRUPT;
	if (!msgid_eq(&t.referral, &o->first))
		return steps_undo_sent(a, txn, o);
	casebook_cancel(&t);
	t.changed_ms = core_now(a);
	casebook_put(txn, a->mem, &t);
	return txn_error(txn);
}

enum err
withdraw_stored(struct adapter *a, struct txn *txn, const struct outbound *o, int64_t at_ms)
{
	struct outbound about;
	enum err e;

	if (!outbox_find(txn, &o->in_reply_to, &about))
		return ERR_CORRUPT;
	if (outbox_has_ended(&about))
		return OK;	/* its recipients were first */
	/* what was lost with the disk was undone, if it was ever done, by who gave the thread back */
	if (outbox_has_record(txn, &about) && (e = undo(a, txn, &about)) != OK)
		return e;
	duty_answer_gone(txn, a->mem, &about.thread, &about.first, NULL, core_now(a));
	return progress_note(a, txn, &about, a->p.config->agency, STAGE_WITHDRAWN, NULL, at_ms);
}

enum err
withdraw_refused(struct adapter *a, struct txn *txn, const struct outbound *o, enum err code, bool *ret_is_early)
{
	struct outbound about;
	enum err e;

	*ret_is_early = false;
	if ((code != ERR_NOTFOUND && code != ERR_CONFLICT) || !outbox_find(txn, &o->in_reply_to, &about) ||
	    outbox_has_ended(&about))
		return OK;
	if (msgid_eq(&about.id, &o->in_reply_to)) {
		*ret_is_early = code == ERR_NOTFOUND && !about.is_accepted;
		return OK;
	}
	e = compose_withdrawal(a, txn, &about, NULL);	/* sealed again since: of what it is now */
	return err_is_fatal(e) ? e : OK;
}

/* -- the recipient -- */

uint64_t
withdraw_past(struct txn *txn, const struct thread_id *thread, const char *from, uint64_t last)
{
	struct thread_place place;

	while (txn_get(txn, TABLE_USED, casebook_place(thread, from, last + 1, &place)).p != NULL)
		last++;
	return last;
}

void
withdraw_use(struct txn *txn, const struct thread_id *thread, const char *from, uint64_t seq)
{
	struct thread_place place;

	txn_put(txn, TABLE_USED, casebook_place(thread, from, seq, &place), SPAN_LIT("w"));
}

/* It never came, and never will. */
static enum err
use_up(struct adapter *a, struct txn *txn, const struct header *h)
{
	struct thread_party *party = NULL;
	struct thread t;
	bool is_known = casebook_find(txn, &h->thread, &t);

	if (is_known && (party = casebook_party(&t, h->from)) == NULL)
		return OK;	/* a thread of others: no seq of theirs is used up */
	if (!reseal_is_asked(txn, &h->thread, h->from, h->seq))
		inbox_note(txn, h->from, &h->in_reply_to, 0, &h->received);
	reseal_came(txn, &h->thread, h->from, h->seq, NULL);
	withdraw_use(txn, &h->thread, h->from, h->seq);
	if (party) {
		party->taken = withdraw_past(txn, &t.id, h->from, party->taken);
		casebook_put(txn, a->mem, &t);
	}
	return txn_error(txn);
}

/* The agency's system may have it: it is told. */
static enum err
tell(struct adapter *a, struct txn *txn, const struct inbound *about)
{
	struct inbound in = {
		.is_stage = true, .id = about->id, .first = about->first, .hash = about->hash, .thread = about->thread,
		.priority = about->priority, .stage = STAGE_WITHDRAWN, .state = INBOUND_TAKEN, .at_ms = core_now(a),
	};
	const struct adapter_egress *egress = turn_egress(a, &in, false);

	snprintf(in.from, sizeof(in.from), "%s", about->from);
	inbox_add(txn, a->mem, &in, SPAN_NONE);
	if (a->p.doors[egress->door])
		egress_put(txn, &(struct due){ .cursor = in.cursor, .due_ms = in.at_ms });
	return txn_error(txn);
}

static enum err
take_back(struct adapter *a, struct txn *txn, struct inbound *in)
{
	struct due due = { 0 };
	struct thread t;
	bool may_have;
	enum err e;

	may_have = !filebook_is_hidden(txn, in->cursor) && (!egress_get(txn, in->cursor, &due) || due.tries > 0 ||
							    turn_is_handing(a, in->cursor) || in->cursor <= a->unsure);
	if (!casebook_find(txn, &in->thread, &t))
		return ERR_CORRUPT;
	if (msgid_eq(&t.referral, &in->id)) {
		casebook_cancel(&t);
		t.changed_ms = core_now(a);
		casebook_put(txn, a->mem, &t);
	} else if ((e = steps_undo_taken(a, txn, in)) != OK) {
		return e;
	}
	in->state = INBOUND_WITHDRAWN;
	inbox_put(txn, a->mem, in);
	egress_del(txn, in->cursor);
	duty_ended(txn, a->mem, &in->thread, &in->first, a->p.config->agency, core_now(a));
	duty_answer_gone(txn, a->mem, &in->thread, &in->first, NULL, core_now(a));
	if (t.hold == HOLD_PREVIEW && (e = casework_keep_end(a, txn, &t)) != OK)
		return e;
	return may_have ? tell(a, txn, in) : txn_error(txn);
}

enum err
withdraw_taken(struct adapter *a, struct txn *txn, const struct envelope *env)
{
	const struct header *h = &env->header;
	char id[MSGID_TEXT_LEN];
	struct inbound in;
	struct hash had;
	uint64_t cursor;

	msgid_format(&h->in_reply_to, id);
	core_tell(a, LOG_WITHDRAWN, "id=%s from=%s", id, h->from);
	inbox_note(txn, h->from, &h->id, 0, &env->hash);
	if (!inbox_seen(txn, h->from, &h->in_reply_to, &cursor, &had) || (cursor == 0 && reseal_is_asked(txn, &h->thread, h->from, h->seq)))
		return use_up(a, txn, h);
	/* refused here, or something else came under this id */
	if (cursor == 0 || !hash_eq(&had, &h->received) || !inbox_get(txn, cursor, &in) || in.state == INBOUND_REFUSED ||
	    in.state == INBOUND_WITHDRAWN || in.state == INBOUND_ERASED)
		return OK;
	/* Our system was first, if the hub heard of it in time: of several recipients it may have, of one alone it has not, or there would
	 * be no withdrawal. Then it holds what its sender believes undone, and is told. */
	if (in.state == INBOUND_REGISTERED && h->n_to > 1)
		return OK;
	return take_back(a, txn, &in);
}
