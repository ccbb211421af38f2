/* SPDX-License-Identifier: EUPL-1.2 */
/* register - entry, thread and sealed receipt change together, in the caller's transaction. */
#include "adapters/core/register.h"

#include <stdio.h>

#include "adapters/core/compose.h"
#include "adapters/core/duty.h"
#include "adapters/core/gather.h"
#include "adapters/core/rebuild.h"
#include "adapters/core/steps.h"
#include "proto/base/bug.h"
#include "proto/base/visible.h"

/* Without a transaction: only whether it could be made. */
static enum err
receipt_for(struct adapter *a, struct txn *txn, const struct inbound *in, enum stage stage, enum refusal refusal,
	    const struct receipt_detail *detail, struct why *why)
{
	struct receipt_of r = compose_about_entry(in, stage);

	r.refusal = refusal;
	r.detail = detail;
	return compose_receipt(a, txn, &r, why);
}

enum err
register_find(struct txn *txn, const char *ref, struct inbound *ret_in, struct why *why)
{
	struct msgid id;
	struct thread t;

	if (msgid_parse(ref, &id) == OK && inbox_by_id(txn, &id, ret_in))
		return gather_face(txn, ret_in, why);
	if (casebook_theirs(txn, ref, NULL, &t) && inbox_get(txn, t.place, ret_in))
		return OK;
	return rebuild_unknown(txn, why_set(why, ERR_NOTFOUND, "confirms", "nothing that came here has this number"), why);
}

bool
register_find_thread(struct txn *txn, const char *ref, struct thread *ret_thread)
{
	struct outbound o;
	struct inbound in;
	struct msgid id;

	if (casebook_by_number(txn, ref, NULL, ret_thread))
		return true;
	if (msgid_parse(ref, &id) != OK)
		return false;
	return (outbox_find(txn, &id, &o) && casebook_find(txn, &o.thread, ret_thread)) ||
	       (inbox_by_id(txn, &id, &in) && casebook_find(txn, &in.thread, ret_thread));
}

bool
register_is_number(const char *case_no)
{
	return case_no != NULL && visible_any(span_str(case_no));
}

/* Also U+FFFE and U+FFFF (EF BF BE, EF BF BF), which XML cannot say. */
static bool
has_control(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f || strncmp(s, "\xef\xbf\xbe", 3) == 0 || strncmp(s, "\xef\xbf\xbf", 3) == 0)
			return true;
	return false;
}

enum err
register_check(const struct inbound *in, const char *case_no, struct why *why)
{
	if (in->is_stage)
		return why_set(why, ERR_NOTFOUND, "confirms", "only what came from another agency is registered");
	if (!register_is_number(case_no))
		return why_set(why, ERR_REQUIRED, "case_no", "a number that can be seen");
	if (strlen(case_no) >= sizeof(in->case_no))
		return why_set(why, ERR_TOOLONG, "case_no", "1 to %zu bytes", sizeof(in->case_no) - 1);
	if (!bytes_is_utf8(span_str(case_no)))
		return why_set(why, ERR_CHARSET, "case_no", "not UTF-8");
	if (has_control(case_no))
		return why_set(why, ERR_CHARSET, "case_no", "has a control character");
	if (in->state == INBOUND_REGISTERED && strcmp(in->case_no, case_no) != 0 && !bug(BUG_SECOND_NUMBER))
		return why_set(why, ERR_DUPLICATE, "case_no", "registered already under another number");
	if (in->state == INBOUND_WITHDRAWN)
		return why_set(why, ERR_CONFLICT, "case_no", "its sender took this message back before");
	if (in->state == INBOUND_REFUSED)
		return why_set(why, ERR_DUPLICATE, "case_no", "this message was refused before");
	return OK;
}

enum err
register_try(struct adapter *a, const struct inbound *in, const char *case_no, struct why *why)
{
	struct receipt_detail detail = { .case_no = case_no, .code = OK, .at_ms = core_now(a) };
	enum err e = register_check(in, case_no, why);

	if (e != OK || in->state == INBOUND_REGISTERED)
		return e;
	return receipt_for(a, NULL, in, STAGE_REGISTERED, REFUSAL_NONE, &detail, why);
}

/* One entry; the parts of a file are one each. */
static enum err
register_one(struct adapter *a, struct txn *txn, struct inbound *in, const char *case_no, struct why *why)
{
	int64_t now = core_now(a);
	struct receipt_detail detail = { .case_no = case_no, .code = OK, .at_ms = now };
	struct thread t;
	enum err e;

	if ((e = register_check(in, case_no, why)) != OK || in->state == INBOUND_REGISTERED)
		return e;
	if ((e = receipt_for(a, txn, in, STAGE_REGISTERED, REFUSAL_NONE, &detail, why)) != OK)
		return e;
	in->state = INBOUND_REGISTERED;
	in->registered_ms = now;
	snprintf(in->case_no, sizeof(in->case_no), "%s", case_no);
	inbox_put(txn, a->mem, in);
	egress_del(txn, in->cursor);
	duty_registered(txn, a->mem, &in->thread, &in->first, a->p.config->agency, now);
	if (casebook_find(txn, &in->thread, &t) && !t.is_initiator && msgid_eq(&t.referral, &in->id)) {
		snprintf(t.case_no, sizeof(t.case_no), "%s", case_no);
		t.registered_ms = now;
		casebook_put(txn, a->mem, &t);
	}
	return OK;
}

struct ending { struct adapter *a; const char *case_no, *text; enum err code; };

static enum err
register_part(void *arg, struct txn *txn, struct inbound *in)
{
	const struct ending *to = arg;

	if (in->state != INBOUND_NEW && in->state != INBOUND_TAKEN)
		return OK;
	return register_one(to->a, txn, in, to->case_no, NULL);
}

enum err
register_inbound(struct adapter *a, struct txn *txn, struct inbound *in, const char *case_no, struct why *why)
{
	struct ending to = { .a = a, .case_no = case_no };
	enum err e = register_one(a, txn, in, case_no, why);

	return e == OK ? gather_parts(txn, in->cursor, register_part, &to) : e;
}

enum err
register_may_refuse(struct adapter *a, struct txn *txn, const struct inbound *in, bool *ret_may)
{
	struct span closed = inbox_record(txn, in->cursor);
	struct record *record;
	enum err e;

	*ret_may = true;
	if (in->is_stage || closed.p == NULL)
		return OK;
	e = compose_open(a, "inrecord", SPAN(in->first.b, MSGID_LEN), arena_span(a->mem, closed), a->mem, &record);
	if (e == OK)
		*ret_may = record->transfer_answer == NULL;
	return e;
}

static enum err
refuse_one(struct adapter *a, struct txn *txn, struct inbound *in, enum err code, const char *text)
{
	struct receipt_detail detail = { .code = code, .text = text, .at_ms = core_now(a) };
	struct thread t;
	enum err e;

	if ((e = receipt_for(a, txn, in, STAGE_REFUSED, REFUSAL_PERMANENT, &detail, NULL)) != OK)
		return e;
	in->state = INBOUND_REFUSED;
	in->code = code;
	inbox_put(txn, a->mem, in);
	egress_del(txn, in->cursor);
	duty_ended(txn, a->mem, &in->thread, &in->first, a->p.config->agency, detail.at_ms);
	if ((e = steps_undo_taken(a, txn, in)) != OK)
		return e;
	if (casebook_find(txn, &in->thread, &t) && !t.is_initiator && msgid_eq(&t.referral, &in->id)) {
		t.refused = code;
		t.refused_ms = detail.at_ms;
		casebook_put(txn, a->mem, &t);
	}
	return OK;
}

static enum err
refuse_part(void *arg, struct txn *txn, struct inbound *in)
{
	const struct ending *to = arg;

	return in->state == INBOUND_NEW || in->state == INBOUND_TAKEN ? refuse_one(to->a, txn, in, to->code, to->text) : OK;
}

enum err
register_refused(struct adapter *a, struct txn *txn, struct inbound *in, enum err code, const char *text)
{
	struct ending to = { .a = a, .text = text, .code = code };
	enum err e = refuse_one(a, txn, in, code, text);

	return e == OK ? gather_parts(txn, in->cursor, refuse_part, &to) : e;
}

void
register_stored(struct adapter *a, struct txn *txn, const struct outbound *o)
{
	struct inbound in;

	if ((o->receipt != STAGE_REGISTERED && o->receipt != STAGE_REFUSED) || !inbox_by_id(txn, &o->in_reply_to, &in))
		return;
	if (o->receipt == STAGE_REGISTERED)
		duty_answer_stands(txn, a->mem, &in.thread, &in.first, NULL, core_now(a));
	else
		duty_answer_gone(txn, a->mem, &in.thread, &in.first, NULL, core_now(a));
}
