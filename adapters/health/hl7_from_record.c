/* SPDX-License-Identifier: EUPL-1.2 */
/* hl7_from_record - records to strict HL7 v2.5.1: REF^I12, REF^I14, RRI^I12, RRI^I14, by the tables of hl7_map.
 *
 * The same record gives the same bytes but for MSH-7; MSH-10 comes from the message id, so a retry is seen as one.
 * health_hl7_answer uses only the control id from here.
 */
#include "adapters/health/hl7_sector.h"

#include <assert.h>
#include <string.h>

#include "adapters/core/charset.h"
#include "adapters/health/hl7.h"
#include "adapters/health/hl7_control.h"
#include "adapters/health/hl7_map.h"
#include "proto/base/clock.h"

#define ST_MAX 199			/* a longer text is a TX */

struct writing {
	struct hl7_writer w;
	const struct outgoing *out;
	const struct sector_env *env;
	const struct record *record;	/* out->record, or for a stage the referral */
	struct arena *mem;
	const char *charset;		/* that MSH-18 names */
	unsigned n_obx;
};

static const char *
get(struct writing *t, const char *path)
{
	return t->record && path ? record_get(t->record, t->mem, path) : NULL;
}

static const char *
get_at(struct writing *t, const char *prefix, const char *name)
{
	return get(t, arena_fmt(t->mem, "%s.%s", prefix, name));
}

static const char *
number(struct writing *t, unsigned n)
{
	return arena_fmt(t->mem, "%u", n);
}

/* -- values -- */

static const char *
compact_date(struct writing *t, const char *iso)
{
	return iso && strlen(iso) == 10 ? arena_fmt(t->mem, "%.4s%.2s%.2s", iso, iso + 5, iso + 8) : NULL;
}

static const char *
time_text(struct writing *t, int64_t ms)
{
	char text[HL7_TIME_LEN];

	hl7_format_time(ms, text);
	return arena_str(t->mem, text);
}

static const char *
compact_time(struct writing *t, const char *iso)
{
	int64_t ms;

	return iso && clock_parse(iso, &ms) == OK ? time_text(t, ms) : NULL;
}

static void
put_code(struct writing *t, unsigned field, const char *list, const char *ours)
{
	const char *table, *theirs = hl7_code_out(list, ours, &table);

	if (!ours)
		return;
	if (!theirs) {
		hl7_put(&t->w, field, 1, 1, ours);
		hl7_put(&t->w, field, 1, 3, HL7_SYSTEM);
		return;
	}
	hl7_put(&t->w, field, 1, 1, theirs);
	if (strcmp(list, "gender") == 0)	/* an IS, not a CE */
		return;
	hl7_put(&t->w, field, 1, 3, table);
	hl7_put(&t->w, field, 1, 4, ours);
	hl7_put(&t->w, field, 1, 6, HL7_SYSTEM);
}

/* The last word is the family name: read back, the parts join to the same text. */
static void
put_name(struct writing *t, unsigned field, const char *name)
{
	const char *space = name ? strrchr(name, ' ') : NULL;

	if (!space) {
		hl7_put(&t->w, field, 1, 1, name);
		return;
	}
	hl7_put(&t->w, field, 1, 1, space + 1);
	hl7_put(&t->w, field, 1, 2, arena_strn(t->mem, name, (size_t)(space - name)));
}

static void
put_telecom(struct writing *t, unsigned field, const char *phone, const char *email, bool is_work)
{
	unsigned rep = phone ? 2 : 1;

	if (phone) {
		hl7_put(&t->w, field, 1, 1, phone);
		hl7_put(&t->w, field, 1, 2, is_work ? "WPN" : "PRN");
		hl7_put(&t->w, field, 1, 3, "PH");
	}
	if (email) {
		hl7_put(&t->w, field, rep, 2, "NET");
		hl7_put(&t->w, field, rep, 3, "Internet");
		hl7_put(&t->w, field, rep, 4, email);
	}
}

/* False if the record has no address there. */
static bool
put_address(struct writing *t, unsigned field, unsigned rep, const char *prefix, const char *type)
{
	bool has = false;

	for (const struct hl7_address_part *p = HL7_ADDRESS_PARTS; p->comp; p++)
		has = has || get_at(t, prefix, p->name);
	for (const struct hl7_address_part *p = HL7_ADDRESS_PARTS; has && p->comp; p++) {
		if (p->comp == 9)		/* XAD.7 stands before the county */
			hl7_put(&t->w, field, rep, 7, type);
		hl7_put(&t->w, field, rep, p->comp, get_at(t, prefix, p->name));
	}
	return has;
}

static void
put_ids(struct writing *t, unsigned field, const struct person *child)
{
	static const struct { const char *type, *authority, *hl7; } TYPES[] = {
		{ "EGN", HL7_AUTHORITY_EGN, "NNBGR" }, { "LNCH", HL7_AUTHORITY_LNCH, "NI" }, { "SSN", NULL, "SS" },
		{ "passport", NULL, "PPN" }, { "EU", NULL, "NI" }, { "local", NULL, "MR" }, { "other", NULL, "U" },
	};

	for (size_t i = 0; i < child->n_ids; i++) {
		const struct person_id *id = child->ids[i];
		unsigned rep = (unsigned)i + 1;
		const char *type = "U", *authority = NULL;

		for (size_t k = 0; k < sizeof(TYPES) / sizeof(TYPES[0]); k++) {
			if (strcmp(TYPES[k].type, id->type) == 0) {
				type = TYPES[k].hl7;
				authority = TYPES[k].authority;
			}
		}
		if (strcmp(id->type, "EU") == 0)
			type = arena_fmt(t->mem, "NN%s", id->country && strlen(id->country) == 3 ? id->country : "EUR");
		hl7_put(&t->w, field, rep, 1, id->value);
		hl7_put(&t->w, field, rep, 4, authority);
		hl7_put(&t->w, field, rep, 5, type);
		hl7_put(&t->w, field, rep, 9, id->country);
	}
}

/* -- segments -- */

/* Fields (from..to) of a segment by its table; the caller begins and ends it. */
static void
put_rows(struct writing *t, const struct hl7_rows *rows, int index, unsigned from, unsigned to)
{
	const char *prefix = hl7_path_index(rows->prefix, index, t->mem), *path;

	if (!prefix)
		return;
	for (const struct hl7_row *r = rows->rows; r->field; r++) {
		if (r->field < from || r->field > to)
			continue;
		path = *r->path ? arena_fmt(t->mem, "%s%s", prefix, r->path) :
				  arena_strn(t->mem, prefix, strlen(prefix) - 1);
		if (!path)
			return;
		switch (r->conv) {
		case HL7_TEXT: hl7_put(&t->w, r->field, 1, r->comp, get(t, path)); break;
		case HL7_DATE: hl7_put(&t->w, r->field, 1, 1, compact_date(t, get(t, path))); break;
		case HL7_TIME: hl7_put(&t->w, r->field, 1, 1, compact_time(t, get(t, path))); break;
		case HL7_CODE: put_code(t, r->field, r->list, get(t, path)); break;
		case HL7_NAME: put_name(t, r->field, get(t, path)); break;
		case HL7_ADDRESS: put_address(t, r->field, 1, path, "H"); break;
		case HL7_ADDRESSES: {
			bool has = put_address(t, r->field, 1, arena_fmt(t->mem, "%s.address", path), "H");

			put_address(t, r->field, has ? 2 : 1, arena_fmt(t->mem, "%s.actual_address", path), "C");
			break;
		}
		case HL7_TELECOM:
			put_telecom(t, r->field, get_at(t, path, "phone"), get_at(t, path, "email"), false);
			break;
		case HL7_IDS:
			put_ids(t, r->field, t->record->referral->child);
			break;
		}
	}
}

static const char *
alias_of(const struct writing *t, const char *agency)
{
	const char *alias = agency && t->env->alias_of ? t->env->alias_of(t->env->arg, agency) : NULL;

	return alias ? alias : agency;
}

static const char *
said(const char *configured, const char *otherwise)
{
	return configured && *configured ? configured : otherwise;
}

static void
put_msh(struct writing *t, const char *type, const char *event)
{
	hl7_begin(&t->w, "MSH");
	hl7_put(&t->w, 3, 1, 1, said(t->env->our_application, HL7_SYSTEM));
	hl7_put(&t->w, 4, 1, 1, said(t->env->our_facility, alias_of(t, t->out->from)));
	hl7_put(&t->w, 5, 1, 1, t->env->their_application);
	hl7_put(&t->w, 6, 1, 1, said(t->env->their_facility, alias_of(t, t->env->agency)));
	hl7_put(&t->w, 7, 1, 1, time_text(t, t->env->now_ms));
	hl7_put(&t->w, 9, 1, 1, type);
	hl7_put(&t->w, 9, 1, 2, event);
	hl7_put(&t->w, 9, 1, 3, strcmp(type, "REF") == 0 ? "REF_I12" : "RRI_I12");
	hl7_put(&t->w, 10, 1, 1, hl7_control_id(t->out, t->mem));
	hl7_put(&t->w, 11, 1, 1, t->env->is_test ? "T" : "P");
	hl7_put(&t->w, 12, 1, 1, HL7_VERSION);
	hl7_put(&t->w, 18, 1, 1, strcmp(t->charset, CHARSET_UTF8) == 0 ? "UNICODE UTF-8" : t->charset);
	hl7_end(&t->w);
}

/* PRD-1 the role and, as its second repetition, what the worker is in words. */
static void
put_prd(struct writing *t, const char *role, const char *table_text, const struct party *party)
{
	const struct worker *worker = party ? party->worker : NULL;
	const char *agency = party ? party->agency : NULL;

	hl7_begin(&t->w, "PRD");
	hl7_put(&t->w, 1, 1, 1, role);
	hl7_put(&t->w, 1, 1, 2, table_text);
	hl7_put(&t->w, 1, 1, 3, "HL70286");
	if (worker) {
		hl7_put(&t->w, 1, 2, 2, worker->role);
		put_name(t, 2, worker->name);
	}
	if (party)
		hl7_put(&t->w, 4, 1, 9, party->unit);
	if (worker)
		put_telecom(t, 5, worker->phone, worker->email, true);
	if (agency) {
		hl7_put(&t->w, 7, 1, 1, alias_of(t, agency));
		hl7_put(&t->w, 7, 1, 2, HL7_SYSTEM);
	}
	if (party && party->service_id) {
		hl7_put(&t->w, 7, agency ? 2 : 1, 1, party->service_id);
		hl7_put(&t->w, 7, agency ? 2 : 1, 2, "SVC");
	}
	hl7_end(&t->w);
}

static void
put_gp(struct writing *t, const struct gp *gp)
{
	if (!gp)
		return;
	hl7_begin(&t->w, "PRD");
	hl7_put(&t->w, 1, 1, 1, "PP");
	hl7_put(&t->w, 1, 1, 2, "Primary Care Provider");
	hl7_put(&t->w, 1, 1, 3, "HL70286");
	if (gp->uin) {
		hl7_put(&t->w, 7, 1, 1, gp->uin);
		hl7_put(&t->w, 7, 1, 2, "UIN");
	}
	if (gp->practice) {
		hl7_put(&t->w, 7, gp->uin ? 2 : 1, 1, gp->practice);
		hl7_put(&t->w, 7, gp->uin ? 2 : 1, 2, "RCZ");
	}
	hl7_end(&t->w);
}

static void
put_ctd(struct writing *t, const struct worker *worker)
{
	if (!worker)
		return;
	hl7_begin(&t->w, "CTD");
	hl7_put(&t->w, 1, 1, 1, "CW");
	hl7_put(&t->w, 1, 1, 2, worker->role);
	hl7_put(&t->w, 1, 1, 3, HL7_SYSTEM);
	put_name(t, 2, worker->name);
	put_telecom(t, 5, worker->phone, worker->email, true);
	hl7_end(&t->w);
}

/* -- OBX -- */

static const char *
obx_type(const struct field *f, const char *v)
{
	switch (f->kind) {
	case FIELD_CODE: case FIELD_CODES: case FIELD_BOOL: return "CE";
	case FIELD_DATE: return "DT";
	case FIELD_TIME: return "TS";
	case FIELD_INT: return "NM";
	case FIELD_TEXT: case FIELD_TEXTS: case FIELD_ID: case FIELD_MSG: case FIELD_MSGS: break;
	}
	return strlen(v) > ST_MAX || strchr(v, '\n') ? "TX" : "ST";
}

static void
put_obx_value(struct writing *t, const struct field *f, unsigned rep, const char *v)
{
	switch (f->kind) {
	case FIELD_CODE: case FIELD_CODES:
		hl7_put(&t->w, 5, rep, 1, v);
		hl7_put(&t->w, 5, rep, 3, HL7_SYSTEM);
		break;
	case FIELD_BOOL:
		hl7_put(&t->w, 5, rep, 1, *v == 't' ? "Y" : "N");
		hl7_put(&t->w, 5, rep, 3, "HL70136");
		break;
	case FIELD_DATE: hl7_put(&t->w, 5, rep, 1, compact_date(t, v)); break;
	case FIELD_TIME: hl7_put(&t->w, 5, rep, 1, compact_time(t, v)); break;
	case FIELD_TEXT: case FIELD_TEXTS: case FIELD_INT: case FIELD_ID: case FIELD_MSG: case FIELD_MSGS:
		hl7_put(&t->w, 5, rep, 1, v);
		break;
	}
}

/* One field of a message as an OBX; `key` is OBX-4, NULL where the path has no list in it. */
static void
put_obx(struct writing *t, const char *code, const char *key, const void *msg, const struct field *f)
{
	const char *const *items = NULL;
	const char *v = NULL;
	size_t n = 1;

	if (!record_has(msg, f))
		return;
	if (record_field_is_list(f)) {
		items = record_at(msg, f);
		n = record_count(msg, f);
		v = items[0];
	} else if (!(v = record_text(msg, f, t->mem))) {
		return;
	}
	hl7_begin(&t->w, "OBX");
	hl7_put(&t->w, 1, 1, 1, number(t, ++t->n_obx));
	hl7_put(&t->w, 2, 1, 1, obx_type(f, v));
	hl7_put(&t->w, 3, 1, 1, code);
	hl7_put(&t->w, 3, 1, 3, HL7_SYSTEM);
	hl7_put(&t->w, 4, 1, 1, key);
	for (size_t i = 0; i < n; i++)
		put_obx_value(t, f, (unsigned)i + 1, items ? items[i] : v);
	hl7_put(&t->w, 11, 1, 1, "F");
	hl7_end(&t->w);
}

/* Walk one path ("child.school.code", "goals[].text") from `msg` and write what stands at its end. */
static void
put_path(struct writing *t, const char *code, const char *path, const char *key, const void *msg,
	 const struct record_type *type)
{
	size_t n = strcspn(path, ".[");
	const char *rest = path + n, *name = arena_strn(t->mem, path, n);
	const struct field *f;
	const void *at;

	if (!name)
		return;
	f = record_field(type, name);
	assert(f);		/* the tables name fields of the record */
	if (*rest == '\0') {
		put_obx(t, code, key, msg, f);
		return;
	}
	if (!record_has(msg, f))
		return;
	at = record_at(msg, f);
	if (*rest == '[') {
		const void *const *items = at;

		for (size_t i = 0; i < record_count(msg, f); i++)
			put_path(t, code, rest + 3, number(t, (unsigned)i + 1), items[i], f->of);
	} else {
		put_path(t, code, rest + 1, key, at, f->of);
	}
}

static void
put_observations(struct writing *t, const char *const *paths, const void *msg, const char *type)
{
	for (; *paths; paths++)
		put_path(t, hl7_path_index(*paths, -1, t->mem), *paths, NULL, msg, record_type_by_name(type));
}

static void
put_nte(struct writing *t, const char *text)
{
	if (!text)
		return;
	hl7_begin(&t->w, "NTE");
	hl7_put(&t->w, 1, 1, 1, "1");
	hl7_put(&t->w, 3, 1, 1, text);
	hl7_put(&t->w, 4, 1, 1, "1R");
	hl7_put(&t->w, 4, 1, 2, "Primary Reason");
	hl7_put(&t->w, 4, 1, 3, "HL70364");
	hl7_end(&t->w);
}

/* -- messages -- */

static void
put_service(struct writing *t, unsigned field)
{
	hl7_put(&t->w, field, 1, 1, get(t, "referral.service_kind"));
	hl7_put(&t->w, field, 1, 2, get(t, "referral.service_text"));
	hl7_put(&t->w, field, 1, 3, HL7_SYSTEM);
}

static void
write_referral(struct writing *t)
{
	const struct referral *ref = t->record->referral;

	put_msh(t, "REF", "I12");
	hl7_begin(&t->w, "RF1");
	hl7_put(&t->w, 1, 1, 1, "P");
	hl7_put(&t->w, 1, 1, 2, "Pending");
	hl7_put(&t->w, 1, 1, 3, "HL70283");
	put_rows(t, &HL7_RF1_REFERRAL, -1, 2, 2);
	put_service(t, 3);
	put_rows(t, &HL7_RF1_REFERRAL, -1, 4, 11);
	hl7_end(&t->w);
	put_prd(t, "RP", "Referring Provider", ref->initiator);
	put_prd(t, "RT", "Referred to Provider", ref->target);
	put_gp(t, ref->child->gp);
	hl7_begin(&t->w, "PID");
	hl7_put(&t->w, 1, 1, 1, "1");
	put_rows(t, &HL7_PID, -1, 3, 4);
	put_rows(t, &HL7_PID, -1, 5, 5);
	hl7_put(&t->w, 5, 1, 7, "L");
	put_rows(t, &HL7_PID, -1, 6, 99);
	hl7_end(&t->w);
	for (size_t i = 0; i < ref->n_carers; i++) {
		hl7_begin(&t->w, "NK1");
		hl7_put(&t->w, 1, 1, 1, number(t, (unsigned)i + 1));
		put_rows(t, &HL7_NK1, (int)i, 2, 99);
		hl7_end(&t->w);
	}
	for (size_t i = 0; i < ref->n_diagnosis; i++) {
		hl7_begin(&t->w, "DG1");
		hl7_put(&t->w, 1, 1, 1, number(t, (unsigned)i + 1));
		put_rows(t, &HL7_DG1, (int)i, 3, 3);
		hl7_put(&t->w, 3, 1, 3, "I10");
		hl7_put(&t->w, 6, 1, 1, ref->diagnosis[i]->use ? ref->diagnosis[i]->use : "F");
		put_rows(t, &HL7_DG1, (int)i, 7, 99);
		hl7_end(&t->w);
	}
	hl7_begin(&t->w, "OBR");
	hl7_put(&t->w, 1, 1, 1, "1");
	hl7_put(&t->w, 2, 1, 1, ref->referral_id);
	put_service(t, 4);
	hl7_end(&t->w);
	put_observations(t, HL7_OBX_REFERRAL, ref, "referral");
	put_nte(t, ref->reason_text);
}

/* Who the child is, and no more: a status needs no address. */
static void
put_short_pid(struct writing *t)
{
	const struct referral *ref = t->out->referral ? t->out->referral->referral : NULL;
	const struct record *own = t->record;

	hl7_begin(&t->w, "PID");
	hl7_put(&t->w, 1, 1, 1, "1");
	if (ref && ref->child) {
		t->record = t->out->referral;
		put_rows(t, &HL7_PID, -1, 3, 5);
		hl7_put(&t->w, 5, 1, 7, "L");
		put_rows(t, &HL7_PID, -1, 7, 8);
		t->record = own;
	} else {
		hl7_put(&t->w, 3, 1, 1, "U");
		hl7_put(&t->w, 5, 1, 7, "U");
	}
	hl7_end(&t->w);
}

/* An answer to a referral that came as HL7 names the message that it answers. */
static void
put_msa(struct writing *t)
{
	const struct record *ref = t->out->referral;

	if (!t->out->is_initiator || !ref || !ref->source || strcmp(ref->source, "hl7") != 0 || !ref->native_id)
		return;
	hl7_begin(&t->w, "MSA");
	hl7_put(&t->w, 1, 1, 1, "AA");
	hl7_put(&t->w, 2, 1, 1, ref->native_id);
	hl7_end(&t->w);
}

static void
put_parties(struct writing *t, const struct worker *actor)
{
	const struct referral *ref = t->out->referral ? t->out->referral->referral : NULL;
	struct party rp = { .agency = NULL }, rt = { .agency = NULL };

	if (ref && ref->initiator)
		rp = *ref->initiator;
	if (ref && ref->target)
		rt = *ref->target;
	/* whoever acted speaks: the recipient at home, the initiator of a cancellation abroad */
	*(t->out->is_initiator ? &rt.worker : &rp.worker) = actor ? arena_copy(t->mem, actor, sizeof(*actor)) : NULL;
	put_prd(t, "RP", "Referring Provider", &rp);
	put_prd(t, "RT", "Referred to Provider", &rt);
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

static void
put_obr(struct writing *t, const char *referral_id, const char *obr25, const struct status *s)
{
	const struct referral *ref = t->out->referral ? t->out->referral->referral : NULL;

	hl7_begin(&t->w, "OBR");
	hl7_put(&t->w, 1, 1, 1, "1");
	hl7_put(&t->w, 2, 1, 1, referral_id);
	hl7_put(&t->w, 4, 1, 1, ref ? ref->service_kind : "other");
	hl7_put(&t->w, 4, 1, 3, HL7_SYSTEM);
	if (s && s->at)
		hl7_put(&t->w, 22, 1, 1, time_text(t, *s->at));
	hl7_put(&t->w, 25, 1, 1, obr25);
	if (s && s->appointment && s->appointment->start)
		hl7_put(&t->w, 36, 1, 1, time_text(t, *s->appointment->start));
	hl7_end(&t->w);
}

static void
write_status(struct writing *t)
{
	const struct status *s = t->record->status;
	bool is_cancel = is_cancel_state(s->to);
	const char *rf1, *obr25;

	hl7_state_out(s->to, &rf1, &obr25);
	put_msh(t, is_cancel && !t->out->is_initiator ? "REF" : "RRI",
		is_cancel && (!t->out->is_initiator || strcmp(s->to, "cancelled") == 0) ? "I14" : "I12");
	if (!is_cancel || t->out->is_initiator)
		put_msa(t);
	hl7_begin(&t->w, "RF1");
	hl7_put(&t->w, 1, 1, 1, rf1);
	hl7_put(&t->w, 1, 1, 3, "HL70283");
	put_rows(t, &HL7_RF1_STATUS, -1, 6, 10);
	hl7_put(&t->w, 11, 1, 1, s->case_no ? s->case_no : t->out->is_initiator ? t->out->external_no : t->out->case_no);
	hl7_end(&t->w);
	put_parties(t, s->actor);
	put_ctd(t, s->assigned_worker);
	put_short_pid(t);
	put_obr(t, s->referral_id, obr25, s);
	put_observations(t, HL7_OBX_STATUS, s, "status");
	put_nte(t, s->reason_text);
}

/* "registered" tells the other side's number; "refused" that the referral never got there, and why. */
static void
write_stage(struct writing *t)
{
	const struct referral *ref = t->out->referral->referral;
	bool is_refused = strcmp(t->out->stage, "refused") == 0;

	put_msh(t, "RRI", "I12");
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
	put_parties(t, NULL);
	put_short_pid(t);
	if (is_refused)
		put_nte(t, err_text(t->out->stage_err, LANG_BG));
}

static enum err
write_message(struct writing *t)
{
	const struct outgoing *out = t->out;

	hl7_writer_init(&t->w, t->mem);
	t->n_obx = 0;
	t->record = out->record;
	if (out->record && out->record->referral) {
		write_referral(t);
	} else if (out->record && out->record->status) {
		write_status(t);
	} else if (out->stage && out->referral && out->referral->referral &&
		   (strcmp(out->stage, "refused") == 0 || (strcmp(out->stage, "registered") == 0 && out->external_no))) {
		t->record = out->referral;
		write_stage(t);
	}
	return t->w.b.e != OK || arena_is_full(t->mem) ? ERR_TOOBIG : OK;
}

enum err
health_hl7_from_record(const struct outgoing *out, enum format format, const struct sector_env *env, struct arena *mem,
		       struct native *ret_native, struct why *why)
{
	const char *wanted = charset_name(ret_native->charset);
	struct writing t = { .out = out, .env = env, .mem = mem, .charset = wanted ? wanted : CHARSET_UTF8 };
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
