/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_to_record - REF^I12, REF^I14 and RRI to records: which message it is, and its parts in order.
 *
 * The first fault is kept (sticky) and ends the reading; it names the place in the message. What has no field in the
 * record is left out and counted in record.dropped: data that nobody asked for does not travel. The values are read by
 * hl7_values_in.c, the providers by hl7_parties_in.c, OBX and NTE by hl7_texts_in.c.
 */
#include "adapters/health/hl7_sector.h"

#include "adapters/health/hl7_asked.h"
#include "adapters/health/hl7_batch.h"
#include "adapters/health/hl7_change.h"
#include "adapters/health/hl7_in.h"
#include "proto/kind.h"

#define NATIVE_ID_MAX 128		/* as record.native_id */

/* Some senders leave out the priority, and all that follows moves one to the left (or right): told by table 0282. */
int
hl7_rf1_shift(struct hl7_reading *r, const struct hl7_segment *s)
{
	const char *at2 = hl7_peek(&r->m, s, 2, 1, 1), *at3 = hl7_peek(&r->m, s, 3, 1, 1);
	const char *table = hl7_peek(&r->m, s, 2, 1, 3);

	if (hl7_code_in("disposition", hl7_peek(&r->m, s, 4, 1, 1)) || hl7_code_in("priority", at2))
		return 0;
	if (hl7_code_in("disposition", at3) || (table && strcmp(table, "HL70281") == 0))
		return -1;
	if (!at2 && hl7_code_in("priority", at3))
		return 1;
	return 0;
}

/* RF1-14 and what RF1-24 remarks, else the text of RF1-10. */
static const char *
rf1_text(struct hl7_reading *r, const struct hl7_segment *rf1, int shift)
{
	const char *text = hl7_add_text(r, hl7_add_text(r, NULL, rf1, 14, 0), rf1, 24, 0);

	return text ? text : hl7_add_text(r, NULL, rf1, (unsigned)(10 + shift), 2);
}

/* OBR-4, PR1-3 or RF1-3; what nobody has mapped is "other" with its text. */
void
hl7_read_service(struct hl7_reading *r, const struct hl7_segment *rf1, int shift)
{
	const struct hl7_segment *from[3] = { hl7_find(&r->m, "OBR", 1), hl7_find(&r->m, "PR1", 1), rf1 };
	const unsigned field[3] = { 4, 3, (unsigned)(3 + shift) };
	const char *kind = NULL, *text = NULL, *where = "OBR-4", *code = NULL, *t;

	for (int i = 0; i < 3; i++) {
		if (kind) {	/* the same again is read as well */
			t = hl7_peek(&r->m, from[i], field[i], 1, 1);
			if (t && code && strcmp(t, code) == 0)
				(void)hl7_code_of(r, from[i], field[i], 1, "service_kind");
			continue;
		}
		kind = hl7_code_of(r, from[i], field[i], 1, "service_kind");
		if (!from[i])
			continue;
		t = hl7_get(&r->m, from[i], field[i], 1, 2);
		if (!t && !kind)
			t = hl7_get(&r->m, from[i], field[i], 1, 1);
		if (kind) {
			where = hl7_place(r, from[i], field[i]);
			code = hl7_peek(&r->m, from[i], field[i], 1, 1);
		}
		if (!text)
			text = t;
	}
	if (!kind && text)
		kind = "other";
	hl7_set(r, "referral.service_kind", kind, where);
	hl7_set(r, "referral.service_text", text, where);
}

/* -- the messages -- */

void
hl7_begin_record(struct hl7_reading *r, const char *kind)
{
	r->body = kind_by_code(kind)->body;
	r->n_items = 0;
	r->said = NULL;
	if (!(r->record = record_new(r->mem, "record"))) {
		hl7_fail(r, ERR_TOOBIG, NULL, NULL);
		return;
	}
	hl7_set(r, "kind", kind, "MSH-9");
	/* its sender is answered in the same way of writing */
	hl7_set(r, "source", r->kind->family == HL7_REFERRALS ? HL7_SOURCE : strcmp(r->kind->type, "ORM") == 0 ? HL7_SOURCE_OLD_ORDER :
		HL7_SOURCE_ORDER, "MSH");
	hl7_set(r, "native_id", r->native_id, "MSH-10");
}

void
hl7_need(struct hl7_reading *r, const char *path, const char *where)
{
	if (r->e == OK && !record_get(r->record, r->mem, path))
		hl7_fail(r, ERR_REQUIRED, where, NULL);
}

void
hl7_read_child(struct hl7_reading *r)
{
	const struct hl7_segment *pid = hl7_find(&r->m, "PID", 1), *s;

	if (!pid)
		hl7_fail(r, ERR_REQUIRED, "PID", NULL);
	if (r->e != OK)
		return;
	hl7_read_rows(r, &HL7_PID, pid, -1, 0);
	for (unsigned i = 1; (s = hl7_find(&r->m, "NK1", i)); i++)
		hl7_read_rows(r, &HL7_NK1, s, (int)i - 1, 0);
	for (unsigned i = 1; (s = hl7_find(&r->m, "DG1", i)); i++)
		hl7_read_rows(r, &HL7_DG1, s, (int)i - 1, 0);
}

static void
read_referral(struct hl7_reading *r)
{
	const struct hl7_segment *rf1 = hl7_find(&r->m, "RF1", 1);
	int shift = rf1 ? hl7_rf1_shift(r, rf1) : 0;

	hl7_begin_record(r, "referral");
	if (rf1)
		hl7_read_rows(r, &HL7_RF1_REFERRAL, rf1, -1, shift);
	if (r->e == OK && !record_get(r->record, r->mem, "referral.referral_id"))
		hl7_set(r, "referral.referral_id", hl7_get(&r->m, hl7_find(&r->m, "OBR", 1), 2, 1, 1), "OBR-2");
	if (r->e == OK && !record_get(r->record, r->mem, "referral.respond_by"))
		hl7_set_time(r, "referral.respond_by", hl7_get(&r->m, hl7_find(&r->m, "TQ1", 1), 8, 1, 1), "TQ1-8");
	if (r->e == OK && !record_get(r->record, r->mem, "referral.external_id"))
		hl7_set(r, "referral.external_id", hl7_get(&r->m, hl7_find(&r->m, "AUT", 1), 6, 1, 1), "AUT-6");
	hl7_read_providers(r);
	hl7_read_child(r);
	hl7_need(r, "referral.referral_id", "RF1-6");
	hl7_read_service(r, rf1, shift);
	hl7_read_texts(r, rf1_text(r, rf1, shift));
}

void
hl7_end_status(struct hl7_reading *r, const char *where)
{
	struct status *s = r->e == OK ? r->record->status : NULL;

	if (!s)
		return;
	/* a decline in words only is one for another reason */
	if (!s->reason_code && s->reason_text && s->to && (strcmp(s->to, "declined") == 0 || strcmp(s->to, "failed") == 0))
		s->reason_code = "other";
	if (r->act != HL7_CANCEL && s->case_no) {
		r->item->confirms = s->referral_id;
		r->item->case_no = s->case_no;
	}
	if (!s->to) {
		if (!r->item->confirms)
			hl7_fail(r, ERR_REQUIRED, where, NULL);
		r->record = NULL;	/* a number and no status: only a confirmation */
	}
}

/* Both ways of writing a referral: it becomes a status that says what is changed in it (hl7_change.h). */
static void
read_change(struct hl7_reading *r)
{
	static const char *const ACTOR[] = { "name", "role", "phone", "email" };
	bool is_order = r->kind->family == HL7_ORDERS;
	const char *number, *text = NULL, *where = is_order ? "ORC-2" : "RF1-6";
	const struct record *now;
	struct progress p;

	if (is_order)
		hl7_read_order(r);
	else
		read_referral(r);
	if (r->e != OK || arena_is_full(r->mem))
		return;
	now = r->record;
	number = now->referral->referral_id;
	if (!r->env->progress_of || r->env->progress_of(r->env->core, number, r->mem, &p) != OK)
		hl7_fail(r, ERR_UNKNOWN_REFERRAL, where, NULL);
	else if (!(text = hl7_changes(p.referral, now, r->mem)))
		hl7_fail(r, ERR_REQUIRED, "NTE-3", "nothing in it differs from the referral that was sent");
	hl7_begin_record(r, "status-change");
	hl7_set(r, "status.referral_id", number, where);
	hl7_set(r, "status.to", "received", "MSH-9");
	hl7_set(r, "status.transition", "T04", "MSH-9");
	hl7_set(r, "status.reason_text", text, "NTE-3");
	hl7_set_time(r, "status.at", hl7_get(&r->m, hl7_find(&r->m, "OBR", 1), 22, 1, 1), "OBR-22");
	for (size_t i = 0; i < sizeof(ACTOR) / sizeof(ACTOR[0]); i++)
		hl7_set(r, hl7_join(r, "status.actor", ACTOR[i]),
			record_get(now, r->mem, hl7_join(r, "referral.initiator.worker", ACTOR[i])), is_order ? "ORC-12" : "PRD");
}

/* RF1-1 and OBR-25 say roughly, an OBX `to` exactly. I14 is a cancellation: the core makes it a request to cancel when the
 * recipient has opened the referral already. */
static void
read_state(struct hl7_reading *r, const struct hl7_segment *rf1, bool is_cancel)
{
	const struct hl7_segment *obr = hl7_find(&r->m, "OBR", 1);
	const char *to, *rf1_1 = hl7_get(&r->m, rf1, 1, 1, 1);

	if (r->e != OK || record_get(r->record, r->mem, "status.to"))
		return;
	to = is_cancel ? "cancelled" : hl7_state_in(rf1_1, hl7_get(&r->m, obr, 25, 1, 1));
	if (!to && rf1_1)
		hl7_fail(r, ERR_UNKNOWN_CODE, "RF1-1", NULL);
	hl7_set(r, "status.to", to, "RF1-1");
}

static void
read_status(struct hl7_reading *r, bool is_cancel)
{
	const struct hl7_segment *rf1 = hl7_find(&r->m, "RF1", 1), *obr = hl7_find(&r->m, "OBR", 1), *worker;
	int shift = rf1 ? hl7_rf1_shift(r, rf1) : 0;
	bool is_request = strcmp(r->kind->type, "REF") == 0;

	hl7_begin_record(r, "status-change");
	if (!rf1)
		hl7_fail(r, ERR_REQUIRED, "RF1", NULL);
	if (r->e != OK)
		return;
	hl7_read_rows(r, &HL7_RF1_STATUS, rf1, -1, shift);
	hl7_need(r, "status.referral_id", "RF1-6");
	hl7_read_texts(r, rf1_text(r, rf1, shift));
	read_state(r, rf1, is_cancel);
	hl7_set_time(r, "status.at", hl7_get(&r->m, obr, 22, 1, 1), "OBR-22");
	/* not MSH-7: a retry may be stamped anew, and has to be the same record. Without a time the core says when it came. */
	if (r->e == OK && !r->record->status->at)
		hl7_set_time(r, "status.at", hl7_get(&r->m, rf1, (unsigned)(9 + shift), 1, 1), "RF1-9");
	hl7_set_time(r, "status.appointment.start", hl7_get(&r->m, obr, 36, 1, 1), "OBR-36");
	/* whoever acted: the initiator in a REF, the recipient in an RRI */
	if ((worker = hl7_find_prd(r, is_request ? "RP" : "RT", 1)) || (worker = hl7_find_prd(r, is_request ? "RP" : "CP", 1)))
		hl7_read_worker(r, worker, "status.actor");
	if ((worker = hl7_find(&r->m, "CTD", 1)))
		hl7_read_worker(r, worker, "status.assigned_worker");
	hl7_end_status(r, "RF1-1");
}

/* How far is it: nothing but the number counts, and hl7_answer.c says the rest. */
static void
read_question(struct hl7_reading *r)
{
	const char *number = hl7_number_asked(&r->m);
	struct progress p;

	if (!number)
		hl7_fail(r, ERR_REQUIRED, "RF1-6", NULL);
	else if (!r->env->progress_of || r->env->progress_of(r->env->core, number, r->mem, &p) != OK)
		hl7_fail(r, ERR_UNKNOWN_REFERRAL, "RF1-6", NULL);
	hl7_check_rf1(r);
	hl7_check_names(r);
}

/* -- which message -- */

/* An order without an ORC is a new one, as old senders write it; a control code that is there must be known. */
static void
find_act(struct hl7_reading *r)
{
	const struct hl7_segment *orc = hl7_find(&r->m, "ORC", 1);
	const char *control = hl7_get(&r->m, orc, 1, 1, 1);

	if (hl7_find(&r->m, "ORC", 2))
		hl7_fail(r, ERR_TOOMANY, "ORC[2]", "one order a message");
	else if (!orc && hl7_find(&r->m, "OBR", 1))
		r->act = HL7_REFER;
	else if (!control)
		hl7_fail(r, ERR_REQUIRED, "ORC-1", NULL);
	else if (!hl7_kind_by_control(control, &r->act))
		hl7_fail(r, ERR_UNKNOWN_CODE, "ORC-1", NULL);
}

/* MSH before anything else: what it is, and whether we take it. */
static void
read_header(struct hl7_reading *r)
{
	const struct hl7_segment *msh = hl7_find(&r->m, "MSH", 1);
	const char *type = hl7_get(&r->m, msh, 9, 1, 1), *event = hl7_get(&r->m, msh, 9, 1, 2);
	const char *processing = hl7_get(&r->m, msh, 11, 1, 1), *version = hl7_get(&r->m, msh, 12, 1, 1);

	if (!type || !event)
		hl7_fail(r, ERR_REQUIRED, "MSH-9", NULL);
	if (!hl7_get(&r->m, msh, 10, 1, 0))
		hl7_fail(r, ERR_REQUIRED, "MSH-10", NULL);
	if (version && (strncmp(version, "2.", 2) != 0 || version[2] < '1' || version[2] > '9'))
		hl7_fail(r, ERR_VERSION, "MSH-12", NULL);
	if (processing && strcmp(processing, "P") != 0 && !r->env->is_test)
		hl7_fail(r, ERR_NOT_ALLOWED, "MSH-11", "a test or training message is not taken in production");
	if (r->e != OK)
		return;
	if (!(r->kind = hl7_kind_of(type, event)))
		hl7_fail(r, ERR_UNSUPPORTED, "MSH-9", NULL);
	else
		r->act = r->kind->act;
	if (r->e == OK && r->act == HL7_BY_CONTROL)
		find_act(r);
}

static const char *
native_id_of(struct hl7_reading *r, const char *control_id)
{
	const struct hl7_segment *msh = hl7_find(&r->m, "MSH", 1);
	const char *app = hl7_get(&r->m, msh, 3, 1, 1), *facility = hl7_get(&r->m, msh, 4, 1, 1);
	const char *id = arena_fmt(r->mem, "%s|%s|%s", app ? app : "", facility ? facility : "", control_id);

	if (id && strlen(id) > NATIVE_ID_MAX)
		hl7_fail(r, ERR_TOOLONG, "MSH-10", NULL);
	return id;
}

static void
read_message(struct hl7_reading *r)
{
	enum hl7_family family = r->kind->family;

	hl7_check_rf1(r);
	switch (r->act) {
	case HL7_REFER:
		if (family == HL7_ORDERS)
			hl7_read_order(r);
		else
			read_referral(r);
		break;
	case HL7_CHANGE:
		read_change(r);
		break;
	case HL7_CANCEL:
	case HL7_STEP:
		if (family == HL7_ORDERS)
			hl7_read_order_step(r);
		else if (family == HL7_APPOINTMENTS)
			hl7_read_appointment(r);
		else
			read_status(r, r->act == HL7_CANCEL);
		break;
	case HL7_TELL:
		hl7_read_result(r);
		break;
	case HL7_ASK:
	case HL7_BY_CONTROL:
		break;
	}
}

/* A full arena makes anything look wrong: that is what is wrong. */
static void
check_room(struct hl7_reading *r)
{
	if (!arena_is_full(r->mem))
		return;
	r->e = OK;
	hl7_fail(r, ERR_TOOBIG, NULL, NULL);
}

/* The message as such: split, known, and of a kind that gives a record. */
static bool
open_message(struct hl7_reading *r, struct span bytes, const char *charset, struct intake *intake)
{
	const struct hl7_segment *msh;

	r->e = hl7_parse(bytes, charset, r->mem, &r->m, &r->why);
	if ((msh = hl7_find(&r->m, "MSH", 1)))
		intake->control_id = hl7_get(&r->m, msh, 10, 1, 0);
	if (r->e == OK)
		read_header(r);
	if (r->e == OK && r->act == HL7_ASK)
		read_question(r);
	check_room(r);
	return r->e == OK && r->act != HL7_ASK;
}

struct intake_item *
hl7_add_item(struct hl7_reading *r)
{
	struct intake *intake = r->intake;
	size_t each = sizeof(*intake->items);
	struct intake_item *items = arena_grow(r->mem, intake->items, intake->n * each, (intake->n + 1) * each);

	if (!items)
		return NULL;
	intake->items = items;
	r->item = &items[r->first];
	items[intake->n] = (struct intake_item){ .row = r->row };
	return &items[intake->n++];
}

/* One message; what it gives is appended to the intake. A fault of the message as such stays in `r` alone; one of its content leaves
 * nothing but its own item, refused. */
static void
take_message(struct hl7_reading *r, struct span bytes, const char *charset, struct intake *intake)
{
	r->intake = intake;
	r->first = intake->n;
	if (!open_message(r, bytes, charset, intake))
		return;
	r->native_id = intake->control_id;
	if (!(r->item = hl7_add_item(r))) {
		check_room(r);
		return;
	}
	r->item->native_id = native_id_of(r, intake->control_id);
	read_message(r);
	if (r->act != HL7_REFER)	/* a new one is known nowhere */
		hl7_check_names(r);
	if (r->act != HL7_REFER && r->act != HL7_CHANGE)	/* what a change says may put the child's number right */
		hl7_check_child(r);
	if (r->e == OK)
		hl7_read_files(r);
	if (r->e == OK)
		hl7_count_dropped(r);
	check_room(r);
	r->item->e = r->e;
	r->item->why = r->why;
	r->item->record = r->record;
	if (r->e != OK) {
		r->item->confirms = r->item->case_no = NULL;
		r->item->record = NULL;
		intake->n = r->first + 1;
	} else if (!r->record && !r->item->confirms) {	/* a message of nothing but files */
		memmove(r->item, r->item + 1, (intake->n - r->first - 1) * sizeof(*r->item));
		intake->n--;
	}
}

/* Each message of a batch is taken or refused by itself, and answered so. */
static void
take_batch(const struct native *in, const struct sector_env *env, struct arena *mem, struct intake *intake)
{
	struct hl7_batch *batch = arena_alloc(mem, sizeof(*batch));

	intake->e = batch ? hl7_batch_split(in->bytes, mem, batch, &intake->why) : ERR_TOOBIG;
	for (size_t i = 0; intake->e == OK && i < batch->n; i++) {
		struct hl7_reading r = { .env = env, .mem = mem, .row = (unsigned)i + 1 };
		size_t n = intake->n;
		struct intake_item *refused;

		take_message(&r, batch->messages[i].bytes, in->charset, intake);
		if (r.e != OK && intake->n == n && (refused = hl7_add_item(&r))) {
			refused->e = r.e;
			refused->why = r.why;
		}
		if (arena_is_full(mem))
			intake->e = why_set(&intake->why, ERR_TOOBIG, NULL, "too large");
	}
	if (intake->e != OK)
		intake->n = 0;
	intake->control_id = NULL;
}

void
health_hl7_to_records(const struct native *in, const struct sector_env *env, struct arena *mem, struct intake *ret_intake)
{
	struct hl7_reading r = { .env = env, .mem = mem };

	*ret_intake = (struct intake){ .e = OK };
	if (hl7_is_batch(in->bytes)) {
		take_batch(in, env, mem, ret_intake);
		return;
	}
	take_message(&r, in->bytes, in->charset, ret_intake);
	if (ret_intake->n == 0) {
		ret_intake->e = r.e;
		ret_intake->why = r.why;
	}
}
