/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_from_record - records to strict HL7 v2.5.1: REF^I12 to I14, RRI^I12 and I14, segment by segment.
 *
 * The same record gives the same bytes but for MSH-7; MSH-10 comes from the message id, so a retry is seen as one. Values
 * are written by hl7_values_out.c, PRD and CTD by hl7_parties_out.c, OBX and NTE by hl7_texts_out.c.
 */
#include "adapters/health/hl7_sector.h"

#include "adapters/core/charset.h"
#include "adapters/health/hl7_control.h"
#include "adapters/health/hl7_out.h"

static const char *
said(const char *configured, const char *otherwise)
{
	return configured && *configured ? configured : otherwise;
}

void
hl7_put_msh(struct hl7_writing *t, const char *type, const char *event, const char *structure)
{
	hl7_begin(&t->w, "MSH");
	hl7_put(&t->w, 3, 1, 1, said(t->env->our_application, HL7_SYSTEM));
	hl7_put(&t->w, 4, 1, 1, said(t->env->our_facility, hl7_alias_of(t, t->out->from)));
	hl7_put(&t->w, 5, 1, 1, t->env->their_application);
	hl7_put(&t->w, 6, 1, 1, said(t->env->their_facility, hl7_alias_of(t, t->env->agency)));
	hl7_put(&t->w, 7, 1, 1, hl7_time_text(t, t->env->now_ms));
	hl7_put(&t->w, 9, 1, 1, type);
	hl7_put(&t->w, 9, 1, 2, event);
	hl7_put(&t->w, 9, 1, 3, structure);
	hl7_put(&t->w, 10, 1, 1, hl7_control_id(t->out, t->mem));
	hl7_put(&t->w, 11, 1, 1, t->env->is_test ? "T" : "P");
	hl7_put(&t->w, 12, 1, 1, HL7_VERSION);
	hl7_put(&t->w, 18, 1, 1, strcmp(t->charset, CHARSET_UTF8) == 0 ? "UNICODE UTF-8" : t->charset);
	hl7_end(&t->w);
}

void
hl7_put_service(struct hl7_writing *t, unsigned field)
{
	hl7_put(&t->w, field, 1, 1, hl7_value(t, "referral.service_kind"));
	hl7_put(&t->w, field, 1, 2, hl7_value(t, "referral.service_text"));
	hl7_put(&t->w, field, 1, 3, HL7_SYSTEM);
}

void
hl7_put_child(struct hl7_writing *t)
{
	const struct referral *ref = t->record->referral;

	hl7_begin(&t->w, "PID");
	hl7_put(&t->w, 1, 1, 1, "1");
	hl7_put_rows(t, &HL7_PID, -1, 3, 4);
	hl7_put_rows(t, &HL7_PID, -1, 5, 5);
	hl7_put(&t->w, 5, 1, 7, "L");
	hl7_put_rows(t, &HL7_PID, -1, 6, 99);
	hl7_end(&t->w);
	for (size_t i = 0; i < ref->n_carers; i++) {
		hl7_begin(&t->w, "NK1");
		hl7_put(&t->w, 1, 1, 1, hl7_number(t, (unsigned)i + 1));
		hl7_put_rows(t, &HL7_NK1, (int)i, 2, 99);
		hl7_end(&t->w);
	}
}

void
hl7_put_diagnosis(struct hl7_writing *t)
{
	const struct referral *ref = t->record->referral;

	for (size_t i = 0; i < ref->n_diagnosis; i++) {
		hl7_begin(&t->w, "DG1");
		hl7_put(&t->w, 1, 1, 1, hl7_number(t, (unsigned)i + 1));
		hl7_put_rows(t, &HL7_DG1, (int)i, 3, 3);
		hl7_put(&t->w, 3, 1, 3, "I10");
		hl7_put(&t->w, 6, 1, 1, ref->diagnosis[i]->use ? ref->diagnosis[i]->use : "F");
		hl7_put_rows(t, &HL7_DG1, (int)i, 7, 99);
		hl7_end(&t->w);
	}
}

/* A new referral; or, with `change`, the same again and in its note what the initiator says of it now. */
static void
write_referral(struct hl7_writing *t, const struct status *change)
{
	const struct referral *ref = t->record->referral;

	hl7_put_msh(t, "REF", change ? "I13" : "I12", "REF_I12");
	hl7_begin(&t->w, "RF1");
	hl7_put(&t->w, 1, 1, 1, "P");
	hl7_put(&t->w, 1, 1, 2, "Pending");
	hl7_put(&t->w, 1, 1, 3, "HL70283");
	hl7_put_rows(t, &HL7_RF1_REFERRAL, -1, 2, 2);
	hl7_put_service(t, 3);
	hl7_put_rows(t, &HL7_RF1_REFERRAL, -1, 4, 11);
	hl7_end(&t->w);
	hl7_put_prd(t, "RP", "Referring Provider", ref->initiator);
	hl7_put_prd(t, "RT", "Referred to Provider", ref->target);
	hl7_put_gp(t, ref->child->gp);
	hl7_put_child(t);
	hl7_put_diagnosis(t);
	hl7_begin(&t->w, "OBR");
	hl7_put(&t->w, 1, 1, 1, "1");
	hl7_put(&t->w, 2, 1, 1, ref->referral_id);
	hl7_put_service(t, 4);
	if (change && change->at)
		hl7_put(&t->w, 22, 1, 1, hl7_time_text(t, *change->at));
	hl7_end(&t->w);
	hl7_put_observations(t, HL7_HELD_REFERRAL, ref, "referral");
	hl7_put_nte(t, change ? change->reason_text : ref->reason_text);
}

/* Who the child is, and no more: a status needs no address. */
void
hl7_put_short_pid(struct hl7_writing *t)
{
	const struct referral *ref = t->out->referral ? t->out->referral->referral : NULL;
	const struct record *own = t->record;

	hl7_begin(&t->w, "PID");
	hl7_put(&t->w, 1, 1, 1, "1");
	if (ref && ref->child) {
		t->record = t->out->referral;
		hl7_put_rows(t, &HL7_PID, -1, 3, 5);
		hl7_put(&t->w, 5, 1, 7, "L");
		hl7_put_rows(t, &HL7_PID, -1, 7, 8);
		t->record = own;
	} else {
		hl7_put(&t->w, 3, 1, 1, "U");
		hl7_put(&t->w, 5, 1, 7, "U");
	}
	hl7_end(&t->w);
}

/* An answer to a referral that came as HL7 names the message that it answers. */
static void
put_msa(struct hl7_writing *t)
{
	const struct record *ref = t->out->referral;

	if (!t->out->is_initiator || !ref || !ref->source || strcmp(ref->source, HL7_SOURCE) != 0 || !ref->native_id)
		return;
	hl7_begin(&t->w, "MSA");
	hl7_put(&t->w, 1, 1, 1, "AA");
	hl7_put(&t->w, 2, 1, 1, ref->native_id);
	hl7_end(&t->w);
}

static bool
is_cancel_state(const char *to)
{
	static const char *const STATES[] = { "cancelled", "cancel-requested", "withdrawn", "entered-in-error", "expired" };

	for (size_t i = 0; i < sizeof(STATES) / sizeof(STATES[0]); i++)
		if (strcmp(STATES[i], to) == 0)
			return true;
	return false;
}

const char *
hl7_case_no(const struct hl7_writing *t)
{
	const struct status *s = t->record->status;

	return s && s->case_no ? s->case_no : t->out->is_initiator ? t->out->external_no : t->out->case_no;
}

static void
put_obr(struct hl7_writing *t, const char *referral_id, const char *obr25, const struct status *s)
{
	const struct referral *ref = t->out->referral ? t->out->referral->referral : NULL;

	hl7_begin(&t->w, "OBR");
	hl7_put(&t->w, 1, 1, 1, "1");
	hl7_put(&t->w, 2, 1, 1, referral_id);
	hl7_put(&t->w, 4, 1, 1, ref ? ref->service_kind : "other");
	hl7_put(&t->w, 4, 1, 3, HL7_SYSTEM);
	if (s && s->at)
		hl7_put(&t->w, 22, 1, 1, hl7_time_text(t, *s->at));
	hl7_put(&t->w, 25, 1, 1, obr25);
	if (s && s->appointment && s->appointment->start)
		hl7_put(&t->w, 36, 1, 1, hl7_time_text(t, *s->appointment->start));
	hl7_end(&t->w);
}

static void
write_status(struct hl7_writing *t)
{
	const struct status *s = t->record->status;
	bool is_cancel = is_cancel_state(s->to), is_request;
	const char *rf1, *obr25;

	hl7_state_out(s->to, &rf1, &obr25);
	is_request = is_cancel && !t->out->is_initiator;
	hl7_put_msh(t, is_request ? "REF" : "RRI", is_request || (is_cancel && strcmp(s->to, "cancelled") == 0) ? "I14" : "I12",
		    is_request ? "REF_I12" : "RRI_I12");
	if (!is_cancel || t->out->is_initiator)
		put_msa(t);
	hl7_begin(&t->w, "RF1");
	hl7_put(&t->w, 1, 1, 1, rf1);
	hl7_put(&t->w, 1, 1, 3, "HL70283");
	hl7_put_rows(t, &HL7_RF1_STATUS, -1, 6, 10);
	hl7_put(&t->w, 11, 1, 1, hl7_case_no(t));
	hl7_end(&t->w);
	hl7_put_parties(t, s->actor);
	hl7_put_ctd(t, s->assigned_worker);
	hl7_put_short_pid(t);
	put_obr(t, s->referral_id, obr25, s);
	/* in an RRI the recipient's side speaks: an initiator who takes a step there is told in OBX */
	hl7_put_observations(t, is_request || t->out->is_initiator ? HL7_HELD_STATUS : HL7_HELD_RRI_OF_INITIATOR, s, "status");
	hl7_put_nte(t, s->reason_text);
}

/* "registered" tells the other side's number; "refused" that the referral never got there, and why. */
static void
write_stage(struct hl7_writing *t)
{
	const struct referral *ref = t->out->referral->referral;
	bool is_refused = strcmp(t->out->stage, "refused") == 0;

	hl7_put_msh(t, "RRI", "I12", "RRI_I12");
	put_msa(t);
	hl7_begin(&t->w, "RF1");
	if (is_refused) {
		hl7_put(&t->w, 1, 1, 1, "R");
		hl7_put(&t->w, 1, 1, 3, "HL70283");
	}
	hl7_put(&t->w, 6, 1, 1, ref->referral_id);
	if (is_refused) {
		hl7_put(&t->w, 10, 1, 1, err_code(t->out->stage_err));
		hl7_put(&t->w, 10, 1, 2, err_text(t->out->stage_err, LANG_BG));
		hl7_put(&t->w, 10, 1, 3, HL7_SYSTEM);
	} else {
		hl7_put(&t->w, 11, 1, 1, t->out->external_no);
	}
	hl7_end(&t->w);
	hl7_put_parties(t, NULL);
	hl7_put_short_pid(t);
	if (is_refused)
		hl7_put_nte(t, err_text(t->out->stage_err, LANG_BG));
}

/* The initiator's answer to questions, on its way to the one that asked. */
static bool
is_change(const struct outgoing *out)
{
	const struct status *s = out->record ? out->record->status : NULL;

	return s && s->transition && strcmp(s->transition, "T04") == 0 && !out->is_initiator && out->referral &&
	       out->referral->referral;
}

/* The system that sent the referral is answered in the way it wrote; another is told in the way that it wants. */
static enum dialect
dialect_of(const struct outgoing *out, const struct sector_env *env)
{
	const char *source = out->is_initiator && out->referral ? out->referral->source : NULL;

	if (source && strcmp(source, HL7_SOURCE) == 0)
		return DIALECT_REFERRAL;
	if (source && strcmp(source, HL7_SOURCE_ORDER) == 0)
		return DIALECT_ORDER;
	if (source && strcmp(source, HL7_SOURCE_OLD_ORDER) == 0)
		return DIALECT_OLD_ORDER;
	return env->dialect;
}

/* The referral as it was sent, with who says now what has changed. NULL when full. */
static const struct record *
changed(struct hl7_writing *t, const struct status *change)
{
	struct record *record = arena_copy(t->mem, t->out->referral, sizeof(*record));
	struct referral *ref = arena_copy(t->mem, t->out->referral->referral, sizeof(*ref));
	struct party *initiator = arena_copy(t->mem, t->out->referral->referral->initiator, sizeof(*initiator));

	if (!record || !ref || !initiator)
		return NULL;
	record->referral = ref;
	ref->initiator = initiator;
	ref->external_id = t->out->case_no ? t->out->case_no : ref->external_id;
	initiator->worker = change->actor ? change->actor : initiator->worker;
	return record;
}

static void
write_record(struct hl7_writing *t)
{
	const struct outgoing *out = t->out;
	const struct status *change = is_change(out) ? out->record->status : NULL;
	bool is_order = t->dialect != DIALECT_REFERRAL;

	t->record = change ? changed(t, change) : out->record;
	if (!t->record)
		return;
	if (t->record->referral && is_order)
		hl7_write_order(t, change);
	else if (t->record->referral)
		write_referral(t, change);
	else if (t->record->status && t->dialect == DIALECT_ORDER && out->is_initiator && hl7_is_appointment(t->record->status))
		hl7_write_appointment(t);
	else if (t->record->status && is_order)
		hl7_write_order_step(t);
	else if (t->record->status)
		write_status(t);
	else
		hl7_write_result(t);
}

static enum err
write_message(struct hl7_writing *t)
{
	const struct outgoing *out = t->out;

	hl7_writer_init(&t->w, t->mem);
	t->n_obx = 0;
	t->dialect = dialect_of(out, t->env);
	if (out->record) {
		write_record(t);
	} else if (out->stage && out->referral && out->referral->referral &&
		   (strcmp(out->stage, "refused") == 0 || (strcmp(out->stage, "registered") == 0 && out->external_no))) {
		t->record = out->referral;
		if (t->dialect == DIALECT_REFERRAL)
			write_stage(t);
		else
			hl7_write_order_stage(t);
	}
	return t->w.b.e != OK || arena_is_full(t->mem) ? ERR_TOOBIG : OK;
}

enum err
health_hl7_from_record(const struct outgoing *out, enum format format, const struct sector_env *env, struct arena *mem,
		       struct native *ret_native, struct why *why)
{
	const char *wanted = charset_name(ret_native->charset);
	struct hl7_writing t = { .out = out, .env = env, .mem = mem, .charset = wanted ? wanted : CHARSET_UTF8 };
	enum err e;

	*ret_native = (struct native){ .format = format, .media_type = "x-application/hl7-v2+er7" };
	e = write_message(&t);
	if (e == OK && charset_encode(t.charset, buf_bytes(&t.w.b), mem, &ret_native->bytes, NULL) != OK) {
		/* a character that the wanted charset lacks: in UTF-8, and said so, for a name is never spoilt */
		t.charset = CHARSET_UTF8;
		e = write_message(&t);
		ret_native->bytes = buf_bytes(&t.w.b);
	}
	ret_native->charset = t.charset;
	if (e != OK || arena_is_full(mem)) {
		ret_native->bytes = SPAN_NONE;
		return why_set(why, ERR_TOOBIG, NULL, "larger than one message may be");
	}
	return OK;
}
