/* SPDX-License-Identifier: EUPL-1.2 */
/* ledger - one function a kind of leaf. What it keeps is in ledger_book.c. */
#include "hub/audit/ledger_parts.h"

#define BIT(stage) ((uint16_t)(1u << (stage)))

static enum err
broken(struct why *why, const char *what, const char *text)
{
	return why_set(why, ERR_TAMPERED, what, "%s", text);
}

/* A thread's participants are fixed by its first message, and each counts its own messages in it. */
static enum err
check_thread(struct ledger *l, const struct detail *d, const struct ledger_message *old, struct why *why)
{
	struct thread *t;
	struct seat *seat;
	enum err e;

	if ((e = ledger_thread(l, d, &t)) != OK)
		return e;
	if (t->n != d->n_to + 1 || (seat = ledger_seat(t, d->from)) == NULL)
		return broken(why, "thread", "the participants are not those of its first message");
	for (size_t i = 0; i < d->n_to; i++)
		if (ledger_seat(t, d->to[i]) == NULL)
			return broken(why, "thread", "the participants are not those of its first message");
	if (old)	/* in the place of another */
		return old->seq == d->thread_seq ? OK : broken(why, "thread", "superseded at another place");
	if (d->thread_seq != seat->seq + 1 && (l->n_skipped == 0 || d->thread_seq <= seat->seq))
		e = broken(why, "thread", "a message of the thread is missing, or not in its order");
	seat->seq = d->thread_seq;
	return e;
}

static enum err
check_ids(struct ledger *l, const struct detail *d, struct why *why)
{
	if (!msgid_is_valid(&d->id) || d->from == NULL || d->n_to == 0)
		return broken(why, "detail", "no message id, sender or recipient");
	if (ledger_find(l, &d->id, d->from))
		return broken(why, "id", "the same sender's same message is in the log twice");
	return OK;
}

static enum err
take_submit(struct ledger *l, const struct leaf *leaf, const struct detail *d, struct ledger_event *event, struct why *why)
{
	struct ledger_message *old = NULL;
	enum err e, thread;

	if ((e = check_ids(l, d, why)) != OK)
		return e;
	if (leaf->aux != 0)
		return broken(why, "aux", "a submit belongs to no other leaf");
	if ((e = ledger_record(l, leaf, d, &event->message)) != OK)
		return e;
	if (!msgid_is_zero(&d->about)) {
		old = ledger_find(l, &d->about, d->from);
		if (old == NULL ? l->n_skipped == 0 : !msgid_eq(&old->superseded_by, &d->id))
			e = broken(why, "supersedes", "no leaf has ended the message that this one supersedes");
	}
	thread = check_thread(l, d, old, e == OK ? why : NULL);
	return e != OK ? e : thread;
}

enum stage
ledger_stage(enum leaf_type type)
{
	static const enum stage stages[] = {
		[LEAF_DELIVERED] = STAGE_DELIVERED, [LEAF_REGISTERED] = STAGE_REGISTERED, [LEAF_SEEN] = STAGE_SEEN,
		[LEAF_REFUSED] = STAGE_REFUSED, [LEAF_WITHDRAWN] = STAGE_WITHDRAWN, [LEAF_RESEAL] = STAGE_RESEAL,
	};

	return type < sizeof(stages) / sizeof(stages[0]) ? stages[type] : STAGE_NONE;
}

/* The message that a leaf's aux names; *ret NULL and OK: it is erased. */
static enum err
message_of(struct ledger *l, const struct leaf *leaf, const struct detail *d, struct ledger_message **ret, struct why *why)
{
	struct ledger_message *m = leaf->aux < leaf->seq ? ledger_at(l, leaf->aux) : NULL;

	*ret = NULL;
	if (m == NULL && ledger_is_skipped(l, leaf->aux))
		return OK;
	if (m == NULL || m->is_receipt)
		return broken(why, "aux", "it names no submit before it");
	if (!msgid_eq(&d->about, &m->id))
		return broken(why, "about", "another message than the submit that the leaf names");
	*ret = m;
	return OK;
}

static enum err
take_receipt(struct ledger *l, const struct leaf *leaf, const struct detail *d, struct ledger_event *event, struct why *why)
{
	enum stage stage = ledger_stage(leaf->type);
	struct ledger_message *m, *receipt;
	struct ledger_party *p;
	enum err e;

	if ((e = check_ids(l, d, why)) != OK || (e = ledger_record(l, leaf, d, &receipt)) != OK ||
	    (e = message_of(l, leaf, d, &m, why)) != OK || m == NULL)
		return e;
	event->message = m;
	if ((p = ledger_party(m, d->from)) == NULL || d->n_to != 1 || strcmp(d->to[0], m->from) != 0 ||
	    memcmp(d->thread.b, m->thread.b, THREAD_LEN) != 0)
		return broken(why, "from", "a receipt by an agency that the message was not addressed to, or to another sender");
	event->party = p;
	if (p->stages & BIT(stage))
		return broken(why, "stage", "the same receipt twice");
	if ((p->stages & LEDGER_ENDS) && (BIT(stage) & (LEDGER_ENDS | BIT(STAGE_RESEAL))))
		e = broken(why, "stage", "the message had ended at this recipient");
	p->stages |= BIT(stage);
	p->at_ms[stage] = d->at_ms;
	p->leaves[stage] = leaf->seq;
	return e;
}

/* A sender takes its message back, from all of its recipients: it ends at those where it has not ended, and there is one. */
static enum err
take_withdrawal(struct ledger *l, const struct leaf *leaf, const struct detail *d, struct ledger_event *event, struct why *why)
{
	struct ledger_message *m, *receipt;
	size_t ended = 0;
	enum err e;

	if ((e = check_ids(l, d, why)) != OK || (e = ledger_record(l, leaf, d, &receipt)) != OK ||
	    (e = message_of(l, leaf, d, &m, why)) != OK || m == NULL)
		return e;
	event->message = m;
	if (strcmp(d->from, m->from) != 0 || memcmp(d->thread.b, m->thread.b, THREAD_LEN) != 0 || d->thread_seq != m->seq)
		return broken(why, "from", "a message withdrawn by another than its sender, or at another place of its thread");
	if (d->n_to != m->n_to)
		return broken(why, "to", "not the recipients of the message");
	for (size_t i = 0; i < d->n_to; i++)
		if (ledger_party(m, d->to[i]) == NULL)
			return broken(why, "to", "not the recipients of the message");
	for (size_t i = 0; i < m->n_to; i++) {
		struct ledger_party *p = &m->to[i];

		if (p->stages & LEDGER_ENDS) {
			ended++;
			continue;
		}
		p->stages |= BIT(STAGE_WITHDRAWN);
		p->at_ms[STAGE_WITHDRAWN] = d->at_ms;
		p->leaves[STAGE_WITHDRAWN] = leaf->seq;
	}
	return ended < m->n_to ? OK : broken(why, "stage", "the message had ended at all recipients");
}

/* What the hub says of a message's clock: its own word, about a submit, in that thread. Who else is told is the directory's affair. */
static enum err
take_notice(struct ledger *l, const struct leaf *leaf, const struct detail *d, struct ledger_event *event, struct why *why)
{
	struct ledger_message *m;
	enum err e;

	if ((e = message_of(l, leaf, d, &m, why)) != OK)
		return e;
	if (!msgid_is_valid(&d->id) || d->from == NULL || strcmp(d->from, AGENCY_HUB) != 0)
		return broken(why, "from", "no message id, or a notice that is not the hub's");
	if (ledger_find(l, &d->id, d->from))
		return broken(why, "id", "the same notice is in the log twice");
	event->message = m;
	if (m && memcmp(d->thread.b, m->thread.b, THREAD_LEN) != 0)
		return broken(why, "thread", "not that of the message");
	return ledger_record(l, leaf, d, &m);
}

/* Superseded, dead: the message ends at all recipients, or at those that the detail names. */
static enum err
take_end(struct ledger *l, const struct leaf *leaf, const struct detail *d, struct ledger_event *event, struct why *why)
{
	struct ledger_message *m;
	struct ledger_party *p;
	enum err e;

	if ((e = message_of(l, leaf, d, &m, why)) != OK || m == NULL)
		return e;
	event->message = m;
	if (leaf->type == LEAF_SUPERSEDED) {
		if (d->from == NULL || strcmp(d->from, m->from) != 0 || !hash_eq(&d->env_hash, &m->env_hash) || d->n_to == 0)
			return broken(why, "detail", "not the sender or content of the message, or no recipient");
		m->superseded_by = d->id;
		m->superseded_leaf = leaf->seq;
	}
	for (size_t i = 0; i < d->n_to; i++) {
		if ((p = ledger_party(m, d->to[i])) == NULL)
			return broken(why, "to", "not a recipient of the message");
		if (p->stages & LEDGER_ENDS)
			e = broken(why, "stage", "the message had ended at this recipient");
		p->stages |= LEDGER_ENDED;
	}
	return e;
}

/* The same id with another content, signed by its sender: on record, and nothing else. */
static enum err
take_conflict(struct ledger *l, const struct leaf *leaf, const struct detail *d, struct ledger_event *event, struct why *why)
{
	struct ledger_message *m = leaf->aux < leaf->seq ? ledger_at(l, leaf->aux) : NULL;

	if (m == NULL)
		return ledger_is_skipped(l, leaf->aux) ? OK : broken(why, "aux", "it names no message before it");
	if (d->from == NULL || !msgid_eq(&d->id, &m->id) || strcmp(d->from, m->from) != 0 || hash_eq(&d->env_hash, &m->env_hash))
		return broken(why, "detail", "not the message that it conflicts with");
	event->message = m->is_receipt ? NULL : m;
	return OK;
}

/* To all, of a service; nothing follows from it but the next one. */
static enum err
take_announcement(struct ledger *l, const struct leaf *leaf, const struct detail *d, struct why *why)
{
	struct ledger_message *m;

	if (!msgid_is_valid(&d->id) || d->from == NULL || d->n_to != 0 || d->text == NULL || leaf->aux != 0)
		return broken(why, "detail", "no message id, sender or service, or recipients");
	if (ledger_find(l, &d->id, d->from))
		return broken(why, "id", "the same announcement is in the log twice");
	return ledger_record(l, leaf, d, &m);
}

static bool
is_kept_as(enum leaf_type type, enum retention retention)
{
	switch (type) {
	case LEAF_SUBMIT: case LEAF_DELIVERED: case LEAF_REGISTERED: case LEAF_SEEN: case LEAF_REFUSED: case LEAF_WITHDRAWN:
	case LEAF_SUPERSEDED: case LEAF_NOTICE: case LEAF_DEAD_LETTER: case LEAF_CONFLICT: case LEAF_RESEAL: case LEAF_ANNOUNCE:
		return retention == RETAIN_MESSAGE;
	case LEAF_DIRECTORY: case LEAF_SHEET: case LEAF_ENROL: case LEAF_REVOKE:
		return retention == RETAIN_TRUST;
	case LEAF_START: case LEAF_STOP: case LEAF_CONFIG:
		return retention == RETAIN_SERVICE;
	case LEAF_AUDIT_OPEN: case LEAF_AUDIT_SHARE: case LEAF_AUDIT_DISCLOSE: case LEAF_REPLAY: case LEAF_EXPORT: case LEAF_SHRED:
	case LEAF_HOLD: case LEAF_RESTORE: case LEAF_QUARANTINE:
		break;
	}
	return true;
}

enum err
ledger_take(struct ledger *l, const struct leaf *leaf, const struct detail *d, struct ledger_event *ret_event, struct why *why)
{
	*ret_event = (struct ledger_event){ .message = NULL };
	if (!is_kept_as(leaf->type, leaf->retention))
		return broken(why, "retention", "not the class that its type is kept as");
	switch (leaf->type) {
	case LEAF_SUBMIT:
		return take_submit(l, leaf, d, ret_event, why);
	case LEAF_DELIVERED: case LEAF_REGISTERED: case LEAF_SEEN: case LEAF_REFUSED: case LEAF_RESEAL:
		return take_receipt(l, leaf, d, ret_event, why);
	case LEAF_WITHDRAWN:
		return take_withdrawal(l, leaf, d, ret_event, why);
	case LEAF_NOTICE:
		return take_notice(l, leaf, d, ret_event, why);
	case LEAF_ANNOUNCE:
		return take_announcement(l, leaf, d, why);
	case LEAF_SUPERSEDED: case LEAF_DEAD_LETTER:
		return take_end(l, leaf, d, ret_event, why);
	case LEAF_CONFLICT:
		return take_conflict(l, leaf, d, ret_event, why);
	case LEAF_DIRECTORY: case LEAF_SHEET: case LEAF_ENROL: case LEAF_REVOKE: case LEAF_AUDIT_OPEN: case LEAF_AUDIT_SHARE:
	case LEAF_AUDIT_DISCLOSE: case LEAF_REPLAY: case LEAF_EXPORT: case LEAF_SHRED: case LEAF_HOLD:
	case LEAF_START: case LEAF_STOP: case LEAF_CONFIG: case LEAF_RESTORE: case LEAF_QUARANTINE:
		break;
	}
	if (leaf->aux != 0 && leaf->aux >= leaf->seq)
		return broken(why, "aux", "it names a leaf that is not before it");
	return OK;
}

const struct ledger_message *
ledger_dangling(struct ledger *l)
{
	for (size_t i = 0; i < l->data.n; i++) {
		const struct ledger_message *m = l->data.items[i];

		if (!msgid_is_zero(&m->superseded_by) && l->n_skipped == 0 && ledger_find(l, &m->superseded_by, m->from) == NULL)
			return m;
	}
	return NULL;
}
