/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_order_out - referrals and statuses as orders: OMG^O19, OSU^O51, or ORM^O01 for systems that know no other.
 *
 * As IHE 360X binds them: the referral's number is the placer's, the case number the filler's. An OSU has no OBX, so a
 * status that ORC cannot hold goes as an order with ORC-1 SC. Called by hl7_from_record.c.
 */
#include "adapters/health/hl7_out.h"

#include "adapters/health/hl7_order.h"

#define REASON_MAX 199		/* of OBR-31; a longer one is an NTE */
#define TABLE_PRIORITY "HL70485"

static bool
is_old(const struct hl7_writing *t)
{
	return t->dialect == DIALECT_OLD_ORDER;
}

static void
put_msh(struct hl7_writing *t)
{
	if (is_old(t))
		hl7_put_msh(t, "ORM", "O01", "ORM_O01");
	else
		hl7_put_msh(t, "OMG", "O19", "OMG_O19");
}

static const char *
priority_of(struct hl7_writing *t)
{
	const char *table;

	return hl7_code_out("priority", hl7_value(t, "referral.priority"), &table);
}

static const char *
due_of(struct hl7_writing *t)
{
	return hl7_compact_time(t, hl7_value(t, "referral.respond_by"));
}

static void
put_orc(struct hl7_writing *t, const char *control)
{
	hl7_begin(&t->w, "ORC");
	hl7_put(&t->w, 1, 1, 1, control);
	hl7_put_rows(t, &HL7_ORC_REFERRAL, -1, 2, 6);
	if (is_old(t)) {	/* it has no TQ1 */
		hl7_put(&t->w, 7, 1, 5, due_of(t));
		hl7_put(&t->w, 7, 1, 6, priority_of(t));
	}
	hl7_put_rows(t, &HL7_ORC_REFERRAL, -1, 9, 99);
	hl7_end(&t->w);
}

static void
put_tq1(struct hl7_writing *t)
{
	hl7_begin(&t->w, "TQ1");
	hl7_put(&t->w, 1, 1, 1, "1");
	hl7_put(&t->w, 8, 1, 1, due_of(t));
	hl7_put(&t->w, 9, 1, 1, priority_of(t));
	if (priority_of(t))
		hl7_put(&t->w, 9, 1, 3, TABLE_PRIORITY);
	hl7_put(&t->w, 9, 1, 4, hl7_value(t, "referral.priority"));
	hl7_put(&t->w, 9, 1, 6, HL7_SYSTEM);
	hl7_end(&t->w);
}

void
hl7_write_order(struct hl7_writing *t, const struct status *change)
{
	const struct referral *ref = t->record->referral;
	const char *reason = change ? change->reason_text : ref->reason_text;
	bool is_short = reason && strlen(reason) <= REASON_MAX && !strpbrk(reason, "\r\n");

	put_msh(t);
	hl7_put_child(t);
	put_orc(t, change ? "XO" : "NW");
	if (!is_old(t))
		put_tq1(t);
	hl7_begin(&t->w, "OBR");
	hl7_put(&t->w, 1, 1, 1, "1");
	hl7_put(&t->w, 2, 1, 1, ref->referral_id);
	hl7_put_service(t, 4);
	if (change && change->at)
		hl7_put(&t->w, 22, 1, 1, hl7_time_text(t, *change->at));
	if (is_short)
		hl7_put(&t->w, 31, 1, 2, reason);
	hl7_end(&t->w);
	if (!is_short)
		hl7_put_nte(t, reason);
	hl7_put_diagnosis(t);
	hl7_put_observations(t, HL7_HELD_ORDER, ref, "referral");
}

/* ORC of a status; its `control` and `status` are ORC-1 and ORC-5. */
static void
put_step_orc(struct hl7_writing *t, const char *control, const char *status)
{
	hl7_begin(&t->w, "ORC");
	hl7_put(&t->w, 1, 1, 1, control);
	hl7_put_rows(t, &HL7_ORC_STATUS, -1, 2, 2);
	hl7_put(&t->w, 3, 1, 1, hl7_case_no(t));
	hl7_put(&t->w, 5, 1, 1, status);
	hl7_put_rows(t, &HL7_ORC_STATUS, -1, 9, 99);
	hl7_end(&t->w);
}

/* Can ORC alone hold it? The core finds `from` and the transition again. */
static bool
is_plain(const struct status *s)
{
	static const char *const OF_ORC[] = {
		"referral_id", "from", "to", "transition", "at", "actor", "reason_code", "reason_text", "case_no", "expected_start",
	};
	const struct record_type *type = record_type_by_name("status");
	size_t n = 0;

	for (size_t i = 0; i < type->n_fields; i++)
		n += record_has(s, &type->fields[i]);
	for (size_t i = 0; i < sizeof(OF_ORC) / sizeof(OF_ORC[0]); i++)
		n -= record_has(s, record_field(type, OF_ORC[i]));
	return n == 0 && !(s->actor && s->actor->role);
}

void
hl7_write_order_step(struct hl7_writing *t)
{
	const struct status *s = t->record->status;
	const struct referral *ref = t->out->referral ? t->out->referral->referral : NULL;
	const char *control, *status;
	bool is_said = hl7_order_state_out(s->to, !t->out->is_initiator, &control, &status);

	if (is_said && is_plain(s) && !is_old(t)) {
		hl7_put_msh(t, "OSU", "O51", "OSU_O51");
		hl7_put_nte(t, s->reason_text);
		hl7_put_short_pid(t);
		put_step_orc(t, control, status);
		return;
	}
	put_msh(t);
	hl7_put_short_pid(t);
	put_step_orc(t, control, status);
	hl7_begin(&t->w, "OBR");
	hl7_put(&t->w, 1, 1, 1, "1");
	hl7_put(&t->w, 2, 1, 1, s->referral_id);
	hl7_put(&t->w, 4, 1, 1, ref ? ref->service_kind : "other");
	hl7_put(&t->w, 4, 1, 3, HL7_SYSTEM);
	hl7_end(&t->w);
	hl7_put_nte(t, s->reason_text);
	hl7_put_ctd(t, s->assigned_worker);
	hl7_put_observations(t, HL7_HELD_ORDER_STATUS, s, "status");
}

void
hl7_write_order_stage(struct hl7_writing *t)
{
	bool is_refused = strcmp(t->out->stage, "refused") == 0;

	if (is_old(t))
		put_msh(t);
	else
		hl7_put_msh(t, "OSU", "O51", "OSU_O51");
	hl7_put_short_pid(t);
	hl7_begin(&t->w, "ORC");
	hl7_put(&t->w, 1, 1, 1, is_refused ? "UA" : "NA");
	hl7_put(&t->w, 2, 1, 1, t->record->referral->referral_id);
	if (is_refused) {
		hl7_put(&t->w, 5, 1, 1, "CA");
		hl7_put(&t->w, 16, 1, 1, err_code(t->out->stage_err));
		hl7_put(&t->w, 16, 1, 2, err_text(t->out->stage_err, LANG_BG));
		hl7_put(&t->w, 16, 1, 3, HL7_SYSTEM);
	} else {
		hl7_put(&t->w, 3, 1, 1, t->out->external_no);
	}
	hl7_end(&t->w);
}
