/* SPDX-License-Identifier: EUPL-1.2 */
/* intake - what a native format left open is completed here: defaults, recipient, thread, transition; then it is checked,
 * sealed and put into the outbox.
 *
 * The same native id with the same content is the same message and gets the stored ids; with another content it is refused.
 * All checks come before the first write of an item, so that a refused item leaves nothing behind.
 */
#include "adapters/core/intake.h"

#include <stdio.h>

#include "adapters/core/closing.h"
#include "adapters/core/compose.h"
#include "adapters/core/minimise.h"
#include "adapters/core/register.h"
#include "adapters/core/storage.h"
#include "adapters/core/terms.h"
#include "proto/base/bug.h"
#include "proto/base/clock.h"
#include "proto/kind.h"

#define NATIVE_VERSION 1
#define NATIVE_KEY_MAX 500

/* -- the same input twice -- */

static void
digest_message(struct buf *b, const struct record_type *type, const void *msg)
{
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];
		const void *p = (const char *)msg + f->offset;
		const void *one;
		size_t n = 0;

		if (!record_has(msg, f))
			continue;
		memcpy(&one, p, sizeof(one));
		buf_u32(b, f->tag);
		switch (f->kind) {
		case FIELD_TEXT:
		case FIELD_CODE:
		case FIELD_DATE:
			buf_var(b, span_str(one));
			break;
		case FIELD_TIME:
		case FIELD_INT:
			buf_add(b, one, sizeof(int64_t));
			break;
		case FIELD_BOOL:
			buf_add(b, one, sizeof(bool));
			break;
		case FIELD_ID:
			buf_add(b, one, f->limit);
			break;
		case FIELD_BYTES:
			buf_var(b, *(const struct span *)one);
			break;
		case FIELD_MSG:
			digest_message(b, f->of, one);
			break;
		case FIELD_TEXTS:
		case FIELD_CODES:
		case FIELD_MSGS:
			memcpy(&n, (const char *)p + sizeof(void *), sizeof(n));
			buf_u32(b, (uint32_t)n);
			for (size_t k = 0; k < n; k++) {
				const void *item = ((const void *const *)one)[k];

				if (f->kind == FIELD_MSGS)
					digest_message(b, f->of, item);
				else
					buf_var(b, span_str(item));
			}
			break;
		}
		buf_u32(b, 0);
	}
}

static enum err
digest_of(const struct intake_item *item, struct arena *mem, struct hash *ret_digest)
{
	struct buf b;

	buf_init(&b, mem);
	digest_message(&b, record_type(), item->record);
	buf_var(&b, span_str(item->target ? item->target : ""));
	if (b.e != OK)
		return b.e;
	merkle_leaf(buf_bytes(&b), ret_digest);
	return OK;
}

static struct span
native_key(char *text, struct arena *mem)
{
	/* longer ids are told apart by their hash */
	if (text && strlen(text) > NATIVE_KEY_MAX) {
		struct hash h;
		char hex[2 * sizeof(h.b) + 1];

		merkle_leaf(span_str(text), &h);
		bytes_hex(h.b, sizeof(h.b), hex);
		text = arena_fmt(mem, "h%s", hex);
	}
	return span_str(text);
}

static void
name_ids(struct intake_item *item, const struct msgid *id, const struct thread_id *thread, struct arena *mem)
{
	char text[MSGID_TEXT_LEN], hex[2 * THREAD_LEN + 1];

	msgid_format(id, text);
	bytes_hex(thread->b, THREAD_LEN, hex);
	item->msg_id = arena_str(mem, text);
	item->thread = arena_str(mem, hex);
}

static enum err
open_referral(struct adapter *a, struct txn *txn, const struct thread_id *thread, const struct record **ret_record)
{
	struct span key = SPAN(thread->b, THREAD_LEN), closed = txn_get(txn, TABLE_REFERRAL, key);
	struct record *record;
	enum err e;

	if (closed.p == NULL)
		return ERR_CORRUPT;
	if ((e = compose_open(a, "referral", key, arena_span(a->mem, closed), a->mem, &record)) == OK)
		*ret_record = record;
	return e;
}

/* True if it was taken before: the item then has its stored ids, or its refusal, which is about `where`. */
static bool
is_repeat(struct adapter *a, struct txn *txn, struct span key, const struct hash *digest, const char *where,
	  struct intake_item *item)
{
	struct span row = txn_get(txn, TABLE_NATIVE, key);
	struct thread_id thread;
	struct hash stored;
	struct cursor c;
	struct msgid id;

	if (row.p == NULL)
		return false;
	cursor_init(&c, row);
	(void)cursor_u8(&c);
	cursor_copy(&c, stored.b, sizeof(stored.b));
	cursor_copy(&c, id.b, MSGID_LEN);
	cursor_copy(&c, thread.b, THREAD_LEN);
	if (cursor_end(&c) != OK || !hash_eq(&stored, digest)) {
		item->e = why_set(&item->why, ERR_DUPLICATE, where, "the same id was used before for another content");
		return true;
	}
	name_ids(item, &id, &thread, a->mem);
	item->is_repeat = true;
	item->e = open_referral(a, txn, &thread, &item->referral);
	return true;
}

static void
note_native(struct adapter *a, struct txn *txn, struct span key, const struct hash *digest, const struct outbound *o)
{
	struct buf b;

	buf_init(&b, a->mem);
	buf_u8(&b, NATIVE_VERSION);
	buf_add(&b, digest->b, sizeof(digest->b));
	buf_add(&b, o->id.b, MSGID_LEN);
	buf_add(&b, o->thread.b, THREAD_LEN);
	txn_put(txn, TABLE_NATIVE, key, buf_bytes(&b));
}

/* -- completing -- */

static enum err
assume(struct adapter *a, struct record *record, const char *path, const char *value, struct why *why)
{
	enum err e;

	if (record_get(record, a->mem, path) != NULL)
		return OK;
	if ((e = record_set(record, a->mem, path, value, why)) != OK)
		return e;
	return record_set(record, a->mem, "assumed", path, why);
}

/* A default's key is a path in the referral, or begins with "status.". */
static enum err
assume_defaults(struct adapter *a, struct record *record, struct why *why)
{
	const struct adapter_config *config = a->p.config;
	enum err e = OK;

	for (size_t i = 0; i < config->n_defaults && e == OK; i++) {
		const char *key = config->defaults[i].key;
		bool is_status = strncmp(key, "status.", 7) == 0;
		const char *path = is_status || strncmp(key, "referral.", 9) == 0 ? key : arena_fmt(a->mem, "referral.%s", key);

		if (path == NULL)
			return ERR_TOOBIG;
		if (is_status ? record->status != NULL : record->referral != NULL)
			e = assume(a, record, path, config->defaults[i].value, why);
	}
	return e;
}

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

static const char *
find_target(struct adapter *a, const struct intake_item *item)
{
	const struct referral *r = item->record->referral;
	const char *municipality = r->child && r->child->address ? r->child->address->municipality : NULL;
	const char *named = item->target ? item->target : r->target ? r->target->agency : NULL;
	const struct adapter_config *config = a->p.config;

	if (named) {
		const char *known = adapter_config_find(config->aliases, config->n_aliases, named);

		return known ? known : named;
	}
	for (size_t i = 0; i < config->n_routes; i++) {
		const struct adapter_route *route = &config->routes[i];

		if ((!route->service_kind || (r->service_kind && strcmp(route->service_kind, r->service_kind) == 0)) &&
		    (!route->municipality || (municipality && strcmp(route->municipality, municipality) == 0)))
			return route->to;
	}
	return NULL;
}

static enum err
complete_parties(struct adapter *a, struct intake_item *item, struct why *why)
{
	const struct directory *d = contacts_directory(a->p.contacts);
	struct referral *r = item->record->referral;
	const char *to = find_target(a, item);

	if (to == NULL)
		return why_set(why, ERR_UNROUTABLE, "referral.target.agency", "no target named, and no route fits");
	if (directory_find(d, to) == NULL)
		return why_set(why, ERR_UNKNOWN_AGENCY, "referral.target.agency", "the target is not in the directory");
	if (!directory_may_send(d, a->p.config->agency, to))
		return why_set(why, ERR_NOT_ALLOWED, "referral.target.agency", "this agency may not send to that one");
	if (r->initiator == NULL)
		r->initiator = record_new(a->mem, "party");
	if (r->target == NULL)
		r->target = record_new(a->mem, "party");
	if (r->initiator == NULL || r->target == NULL)
		return ERR_TOOBIG;
	r->initiator->agency = a->p.config->agency;
	r->target->agency = to;
	return OK;
}

/* What its recipient has no need for, or the family has not agreed to, stays here; how many fields, the record says. */
static enum err
leave_out(struct adapter *a, struct record *record)
{
	const struct agency *to = directory_find(contacts_directory(a->p.contacts), record->referral->target->agency);
	size_t n = minimise_referral(record->referral, to->kind);

	if (n > 0)
		record->dropped = record_int(a->mem, (record->dropped ? *record->dropped : 0) + (int64_t)n);
	return n > 0 && record->dropped == NULL ? ERR_TOOBIG : OK;
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

static enum err
complete_record(struct adapter *a, struct record *record, const uint8_t case_id[16], struct why *why)
{
	int64_t now = core_now(a);

	record->case_id = arena_copy(a->mem, case_id, 16);
	record->created = record_int(a->mem, now);
	if (record->case_id == NULL || record->created == NULL)
		return ERR_TOOBIG;
	return assume_defaults(a, record, why);
}

/* -- a referral of ours -- */

static enum err
keep_referral(struct adapter *a, struct txn *txn, const struct thread *t, const struct record *record)
{
	struct span key = SPAN(t->id.b, THREAD_LEN), plain, closed;
	enum err e;

	if ((e = record_encode(record, a->mem, &plain, NULL)) != OK ||
	    (e = compose_close(a, "referral", key, plain, &closed)) != OK)
		return e;
	txn_put(txn, TABLE_REFERRAL, key, closed);
	return OK;
}

/* Until when, by the configuration, where the record does not say. */
static enum err
complete_respond_by(struct adapter *a, struct record *record, struct why *why)
{
	char text[CLOCK_TEXT_LEN];
	struct terms terms;

	terms_referral(a->p.config, &a->calendar, record->referral, *record->created, &terms);
	clock_format(terms.respond_by_ms, text);
	return assume(a, record, "referral.respond_by", text, why);
}

static enum err
send_referral(struct adapter *a, struct txn *txn, struct intake_item *item, struct outbound *ret_o)
{
	struct record *record = item->record;
	struct why *why = &item->why;
	struct thread t = { .is_initiator = true, .state = STATE_REQUESTED };
	enum err e;

	core_random(a, t.id.b, THREAD_LEN);
	/* a child referred onward keeps its case's pseudonym */
	if (record->case_id)
		memcpy(t.case_id, record->case_id, sizeof(t.case_id));
	else
		core_random(a, t.case_id, sizeof(t.case_id));
	if ((e = complete_record(a, record, t.case_id, why)) != OK || (e = complete_parties(a, item, why)) != OK ||
	    (e = complete_respond_by(a, record, why)) != OK || (e = complete_preview(a, record)) != OK ||
	    (e = record_check(record, why)) != OK || (e = leave_out(a, record)) != OK)
		return e;
	if (casebook_is_used(txn, record->referral->referral_id, NULL))
		return why_set(why, ERR_DUPLICATE, "referral.referral_id", "this agency used the number before");
	if ((e = casebook_join(&t, record->referral->target->agency)) != OK)
		return e;
	snprintf(t.referral_id, sizeof(t.referral_id), "%s", record->referral->referral_id);
	t.priority = terms_priority(record->referral->priority);
	if ((e = compose_data(a, txn, &t, record, ret_o, why)) != OK)
		return e;
	t.place = ret_o->seq;
	t.referral = ret_o->id;
	t.queued_ms = ret_o->queued_ms;
	casebook_put(txn, a->mem, &t);
	item->referral = record;
	return keep_referral(a, txn, &t, record);
}

/* -- a step of a referral, ours or received -- */

/* The transition of a status that its format did not name. */
static enum err
infer_transition(struct thread *t, enum actor actor, struct status *s, struct why *why)
{
	const char *transition;
	enum err e = lifecycle_infer(t->state, actor, s, &transition, why);

	/* a native "cancel" is a wish once somebody has opened the referral */
	if (e != OK && s->to && strcmp(s->to, "cancelled") == 0 && t->is_initiator) {
		s->to = "cancel-requested";
		e = lifecycle_infer(t->state, actor, s, &transition, why);
	}
	if (e == OK)
		s->transition = transition;
	return e;
}

static enum err
complete_status(struct adapter *a, struct thread *t, enum actor actor, struct record *record, struct why *why)
{
	struct status *s = record->status;
	enum err e;

	if (s->from == NULL)
		s->from = lifecycle_state_code(t->state);
	if (s->at == NULL)
		s->at = record->created;
	if (s->case_no == NULL && t->case_no[0] != '\0')
		s->case_no = arena_str(a->mem, t->case_no);
	if (s->transition == NULL && (e = infer_transition(t, actor, s, why)) != OK)
		return e;
	return lifecycle_check(t->state, actor, s, why);
}

/* The step that a record of another kind takes here and now, if any. */
static enum err
complete_step(struct adapter *a, const struct thread *t, enum actor actor, struct record *record, struct why *why)
{
	const char *transition = kind_transition(record, t->state, actor);
	struct status step;
	enum err e;

	record->step = NULL;	/* nobody says it but we */
	if ((e = kind_check(record, actor, !lifecycle_is_final(t->state), why)) != OK || transition == NULL)
		return e;
	if ((record->step = record_new(a->mem, "life_step")) == NULL)
		return ERR_TOOBIG;
	record->step->from = lifecycle_state_code(t->state);
	record->step->to = lifecycle_state_code(lifecycle_target(transition, t->state));
	record->step->transition = transition;
	kind_step(record, &step);
	return lifecycle_check(t->state, actor, &step, why);
}

/* What goes on in the thread of a referral: the initiator's number, the step, and when. */
static enum err
complete_follower(struct adapter *a, struct thread *t, struct record *record, struct why *why)
{
	enum actor actor = t->is_initiator ? ACTOR_INITIATOR : ACTOR_RECIPIENT;
	const char *body = kind_by_code(record->kind)->body;
	char now[CLOCK_TEXT_LEN];
	enum err e;

	clock_format(*record->created, now);
	e = record_set(record, a->mem, arena_fmt(a->mem, "%s.referral_id", body), t->referral_id, why);
	if (e == OK && record->status == NULL && record_field(record_type_by_name(body), "at"))
		e = assume(a, record, arena_fmt(a->mem, "%s.at", body), now, why);
	if (e == OK)
		e = record->status ? complete_status(a, t, actor, record, why) : complete_step(a, t, actor, record, why);
	return e == OK ? record_check(record, why) : e;
}

/* Whoever decides about a referral has it open: the initiator is told so once. */
static enum err
tell_seen(struct adapter *a, struct txn *txn, struct thread *t, struct why *why)
{
	struct inbound in;
	struct receipt_of r = { .to = t->others[0].agency, .thread = t->id, .priority = t->priority, .stage = STAGE_SEEN };

	if (t->is_initiator || t->is_seen_sent || !inbox_get(txn, t->place, &in))
		return OK;
	r.in_reply_to = in.id;
	r.received = in.hash;
	t->is_seen_sent = true;
	t->seen_ms = core_now(a);
	return compose_receipt(a, txn, &r, why);
}

static enum err
find_thread(struct txn *txn, const struct record *record, struct thread *ret_thread, struct why *why)
{
	const char *number = kind_reference(record), *case_no = record->status ? record->status->case_no : NULL;

	/* two numbers that agree name it surely: of ours and theirs with the same number, theirs */
	if (number && case_no && casebook_by_number(txn, case_no, NULL, ret_thread) && strcmp(ret_thread->referral_id, number) == 0)
		return OK;
	if (number && register_find_thread(txn, number, ret_thread))
		return OK;
	if (!number && case_no && casebook_by_number(txn, case_no, NULL, ret_thread))
		return OK;
	if (number == NULL && case_no == NULL)
		return why_set(why, ERR_REQUIRED, "status.referral_id", "name the referral");
	return why_set(why, ERR_UNKNOWN_REFERRAL, "status.referral_id", "no referral here has this number");
}

/* Questions that name no day get one. */
static enum err
complete_answer_by(struct adapter *a, struct record *record, const struct record *referral, struct why *why)
{
	char text[CLOCK_TEXT_LEN];
	struct terms terms;
	struct status step;

	kind_step(record, &step);
	if (closing_ask(step.transition) != ASK_QUESTIONS)
		return OK;
	terms_status(a->p.config, &a->calendar, referral->referral, &step, *record->created, &terms);
	clock_format(terms.respond_by_ms, text);
	return assume(a, record, record->status ? "status.answer_by" : "info_request.answer_by", text, why);
}

static enum err
send_follower(struct adapter *a, struct txn *txn, struct intake_item *item, struct outbound *ret_o)
{
	struct record *record = item->record;
	struct why *why = &item->why;
	const char *case_no = record->status ? record->status->case_no : NULL;
	struct status step;
	struct inbound in;
	struct thread t;
	enum err e;

	if ((e = find_thread(txn, record, &t, why)) != OK || (e = complete_record(a, record, t.case_id, why)) != OK ||
	    (e = complete_follower(a, &t, record, why)) != OK || (e = open_referral(a, txn, &t.id, &item->referral)) != OK ||
	    (e = complete_answer_by(a, record, item->referral, why)) != OK ||
	    (e = compose_data(a, txn, &t, record, ret_o, why)) != OK)
		return e;
	/* written from here on: what follows seals to the same agency, and cannot fail but for memory */
	if (kind_step(record, &step))
		t.state = lifecycle_state_by_code(step.to);
	e = tell_seen(a, txn, &t, why);
	casebook_put(txn, a->mem, &t);
	/* an answer under the agency's own number says as well that the referral is registered there */
	if (e == OK && !t.is_initiator && case_no && inbox_get(txn, t.place, &in) && register_check(&in, case_no, NULL) == OK)
		e = register_inbound(a, txn, &in, case_no, why);
	return e == OK ? OK : ERR_NOMEM;
}

/* -- both -- */

static enum err
take_record(struct adapter *a, struct txn *txn, struct intake_item *item, const char *key)
{
	const char *where = arena_fmt(a->mem, "%s.native_id", kind_by_code(item->record->kind)->body);
	struct span native, by_key = SPAN_NONE;
	struct outbound o;
	struct hash digest;
	enum err e;

	if (kind_by_code(item->record->kind) == NULL || kind_body(item->record) == NULL)
		return why_set(&item->why, ERR_REQUIRED, "kind", "the kind, and the body that it names");
	if (kind_topic(item->record) != TOPIC_REFERRAL)
		return why_set(&item->why, ERR_UNSUPPORTED, "kind", "not taken by this version");
	if ((e = digest_of(item, a->mem, &digest)) != OK)
		return e;
	native = native_key(arena_fmt(a->mem, "n%s", item->native_id), a->mem);
	if (key)
		by_key = native_key(arena_fmt(a->mem, "k%s#%u", key, item->row), a->mem);
	if (native.p == NULL || (key && by_key.p == NULL))
		return ERR_TOOBIG;
	/* by the caller's key, or under a new one: the same message either way */
	if ((key && is_repeat(a, txn, by_key, &digest, "Idempotency-Key", item)) ||
	    (is_repeat(a, txn, native, &digest, where, item) && !bug(BUG_INPUT_TWICE)))
		return item->e;
	e = item->record->referral ? send_referral(a, txn, item, &o) : send_follower(a, txn, item, &o);
	if (e != OK)
		return e;
	note_native(a, txn, native, &digest, &o);
	if (key)
		note_native(a, txn, by_key, &digest, &o);
	name_ids(item, &o.id, &o.thread, a->mem);
	return OK;
}

/* Before the record is written: a confirmation that cannot be sealed now (its receiver's key sheet has not come yet) refuses the
 * item for now, with nothing of it written.
 */
static enum err
check_confirmation(struct adapter *a, struct txn *txn, struct intake_item *item, struct inbound *ret_in)
{
	enum err e;

	if (item->case_no == NULL)
		return why_set(&item->why, ERR_REQUIRED, "case_no", "a confirmation needs the case number");
	if ((e = register_find(txn, item->confirms, ret_in, &item->why)) != OK)
		return e;
	return register_try(a, ret_in, item->case_no, &item->why);
}

/* After the record, if there is one: a status may have registered it already, under the same number. Tried before, so that what
 * fails now fails for want of memory.
 */
static enum err
take_confirmation(struct adapter *a, struct txn *txn, struct intake_item *item, uint64_t cursor)
{
	struct inbound in;
	enum err e;

	if (!inbox_get(txn, cursor, &in))
		return ERR_CORRUPT;
	if ((e = register_inbound(a, txn, &in, item->case_no, &item->why)) != OK)
		return item->record && !err_is_fatal(e) && !item->is_repeat ? ERR_NOMEM : e;
	if (item->record == NULL)
		name_ids(item, &in.first, &in.thread, a->mem);
	return OK;
}

enum err
intake_item(struct adapter *a, struct txn *txn, struct intake_item *item, const char *key)
{
	struct inbound in = { .cursor = 0 };

	if (item->e != OK)
		return OK;
	if (arena_left(a->mem) < WRITE_ROOM)
		item->e = why_set(&item->why, ERR_TOOBIG, NULL, "too much at once");
	if (item->e == OK && item->confirms)
		item->e = check_confirmation(a, txn, item, &in);
	if (item->e == OK && item->confirms && item->record && item->record->status)
		item->record->status->case_no = item->case_no;
	if (item->e == OK && item->record)
		item->e = take_record(a, txn, item, key);
	if (item->e == OK && item->confirms)
		item->e = take_confirmation(a, txn, item, in.cursor);
	if (item->e != OK) {
		item->msg_id = NULL;
		item->thread = NULL;
		item->referral = NULL;
	}
	return err_is_fatal(item->e) ? item->e : OK;
}
