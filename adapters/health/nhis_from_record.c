/* SPDX-License-Identifier: EUPL-1.2 */
/* nhis_from_record - the record as R001, R007 or R002, where one of them can say it; else as our own XML.
 *
 * R001 needs a specialty, a diagnosis and a number of the child. What it has no place for is counted and named in a comment
 * at its end; what must not be lost (safety, the reason) is said in the note of the first diagnosis. Deterministic: the same
 * record gives the same bytes but for createdOn.
 */
#include "adapters/health/nhis_out.h"

#include <stdio.h>
#include <string.h>

#include "adapters/core/xml_record.h"
#include "proto/base/clock.h"

#define PRACTICE_CODE "1"	/* CL018: a physician */
#define USE_MAIN "3"		/* CL076 */
#define USE_COMORBIDITY "4"
#define TOKEN_MAX 40

struct writing {
	const struct outgoing *out;
	const struct sector_env *env;
	const struct referral *referral;
	struct arena *mem;
	struct buf b;
};

/* What follows `label` in a text that we or a person wrote: "CL006 1037, nhifCode 12". NULL: it is not there. */
static const char *
labelled(struct arena *mem, const char *text, const char *label)
{
	const char *p = text != NULL ? strstr(text, label) : NULL;
	size_t n;

	if (p == NULL)
		return NULL;
	p += strlen(label);
	n = strcspn(p, ", ");
	return n > 0 && n <= TOKEN_MAX ? arena_strn(mem, p, n) : NULL;
}

static const char *
specialty_of(const struct writing *w)
{
	const char *said = labelled(w->mem, w->referral->service_text, "CL006 ");

	if (said != NULL || w->env->native_of == NULL)
		return said;
	return w->env->native_of(w->env->arg, "CL006", w->referral->service_kind);
}

/* The number that R001 can carry; NULL if the child has none of these types. */
static const struct person_id *
number_of(const struct referral *r)
{
	for (size_t i = 0; i < r->child->n_ids; i++)
		if (nhis_id_code(r->child->ids[i]->type) != NULL)
			return r->child->ids[i];
	return NULL;
}

static bool
is_sayable(const struct writing *w)
{
	const struct referral *r = w->referral;

	return specialty_of(w) != NULL && number_of(r) != NULL && r->n_diagnosis > 0 &&
	       (r->diagnosis[0]->use == NULL || strcmp(r->diagnosis[0]->use, "additional") != 0) &&
	       nhis_gender_code(r->child->gender) != NULL;
}

/* -- R001 -- */

static void
put_header(struct writing *w, const char *type)
{
	nhis_put_header(&w->b, &(struct nhis_header){
	    .recipient = PRACTICE_CODE, .recipient_id = w->env->alias_of(w->env->arg, w->env->agency),
	    .message_id = w->out->msg_id, .type = type, .created_ms = w->env->now_ms,
	});
}

/* What the reader must not miss comes first. */
static const char *
note_of(struct writing *w)
{
	const struct referral *r = w->referral;
	const struct safety *s = r->safety;
	const char *text = r->diagnosis[0]->text;
	struct buf note;

	buf_init(&note, w->mem);
	if (text != NULL && (r->reason_text == NULL || strncmp(r->reason_text, text, strlen(text)) != 0))
		buf_fmt(&note, "%s\n", text);
	if (s != NULL && s->do_not_contact_carer != NULL && *s->do_not_contact_carer)
		buf_str(&note, "ВНИМАНИЕ: не търсете грижещия за детето.\n");
	if (s != NULL && s->do_not_visit_alone != NULL && *s->do_not_visit_alone)
		buf_str(&note, "ВНИМАНИЕ: не посещавайте дома сами.\n");
	if (s != NULL && s->secret_address != NULL && *s->secret_address)
		buf_str(&note, "ВНИМАНИЕ: адресът е поверителен.\n");
	if (s != NULL && s->contact_via != NULL)
		buf_fmt(&note, "Връзка чрез: %s\n", s->contact_via);
	buf_str(&note, r->reason_text != NULL ? r->reason_text : "");
	return buf_text(&note);
}

static void
put_diagnosis(struct writing *w, size_t i)
{
	const struct referral *r = w->referral;
	const struct diagnosis *d = r->diagnosis[i], *next = i + 1 < r->n_diagnosis ? r->diagnosis[i + 1] : NULL;
	bool is_other = i > 0 && d->use != NULL && strcmp(d->use, USE_COMORBIDITY) == 0;
	const char *name = is_other ? "comorbidity" : "diagnosis";

	nhis_begin(&w->b, name);
	nhis_put(&w->b, "code", d->code);
	if (next != NULL && next->use != NULL && strcmp(next->use, "additional") == 0)
		nhis_put(&w->b, "additionalCode", next->code);
	nhis_put(&w->b, "use", d->use != NULL ? d->use : USE_MAIN);
	nhis_put(&w->b, "rank", arena_fmt(w->mem, "%lld", d->rank != NULL ? (long long)*d->rank : 1LL));
	nhis_put(&w->b, "note", i == 0 ? note_of(w) : d->text);
	nhis_end(&w->b, name);
}

static void
put_service(struct writing *w, const char *activity)
{
	const char *fund = labelled(w->mem, w->referral->service_text, "nhifCode ");
	const char *name = activity != NULL ? "specializedActivities" : "consultation";

	nhis_begin(&w->b, name);
	buf_str(&w->b, "<nhis:qualification value=\"");
	xml_put_text(&w->b, specialty_of(w));
	if (fund != NULL) {
		buf_str(&w->b, "\" nhifCode=\"");
		xml_put_text(&w->b, fund);
	}
	buf_str(&w->b, "\"/>");
	nhis_put(&w->b, "code", activity);
	nhis_end(&w->b, name);
}

static const char *
day_of(struct writing *w, int64_t ms)
{
	struct civil c = clock_to_sofia(ms, NULL);

	return arena_fmt(w->mem, "%04d-%02d-%02d", c.year % 10000, c.month % 100, c.day % 100);
}

static void
put_referral(struct writing *w)
{
	const struct referral *r = w->referral;
	const struct address *a = r->child->address;
	const char *activity = labelled(w->mem, r->service_text, "CL050 ");

	nhis_begin(&w->b, "referral");
	nhis_put(&w->b, "lrn", r->referral_id);
	nhis_put(&w->b, "nrnReferral", r->external_id);
	nhis_put(&w->b, "authoredOn", day_of(w, r->authored_on != NULL ? *r->authored_on : w->out->at_ms));
	nhis_put(&w->b, "category", activity != NULL ? "R3" : "R2");
	nhis_put(&w->b, "rhifAreaNumber", a != NULL ? nhis_area(a->municipality) : NULL);
	for (size_t i = 0; i < r->n_diagnosis; i++)
		if (r->diagnosis[i]->use == NULL || strcmp(r->diagnosis[i]->use, "additional") != 0)
			put_diagnosis(w, i);
	put_service(w, activity);
	nhis_end(&w->b, "referral");
}

static void
put_subject(struct writing *w)
{
	const struct person *c = w->referral->child;
	const struct person_id *id = number_of(w->referral);
	const struct address *a = c->address;

	nhis_begin(&w->b, "subject");
	nhis_put(&w->b, "identifierType", nhis_id_code(id->type));
	nhis_put(&w->b, "identifier", id->value);
	nhis_put(&w->b, "birthDate", c->birth_date);
	nhis_put(&w->b, "gender", nhis_gender_code(c->gender));
	nhis_put(&w->b, "nationality", c->nationality);
	nhis_begin(&w->b, "name");
	nhis_put(&w->b, "given", c->given);
	nhis_put(&w->b, "middle", c->middle);
	nhis_put(&w->b, "family", c->family);
	nhis_end(&w->b, "name");
	if (a != NULL) {
		nhis_begin(&w->b, "address");
		nhis_put(&w->b, "country", a->country);
		nhis_put(&w->b, "county", a->county);
		nhis_put(&w->b, "ekatte", a->ekatte);
		nhis_put(&w->b, "city", a->city);
		nhis_put(&w->b, "line", a->line);
		nhis_put(&w->b, "postalCode", a->postal);
		nhis_end(&w->b, "address");
	}
	nhis_put(&w->b, "phone", c->phone);
	nhis_put(&w->b, "email", c->email);
	nhis_end(&w->b, "subject");
}

static void
put_requester(struct writing *w)
{
	const struct party *p = w->referral->initiator;
	const struct worker *worker = p != NULL ? p->worker : NULL;

	nhis_begin(&w->b, "requester");
	nhis_put(&w->b, "pmi", worker != NULL ? labelled(w->mem, worker->role, "УИН ") : NULL);
	nhis_put(&w->b, "practiceNumber", p != NULL ? labelled(w->mem, p->unit, "РЦЗ ") : NULL);
	nhis_put(&w->b, "phone", worker != NULL ? worker->phone : NULL);
	nhis_put(&w->b, "email", worker != NULL ? worker->email : NULL);
	nhis_put(&w->b, "name", worker != NULL && worker->name != NULL ? worker->name : w->env->alias_of(w->env->arg, w->out->from));
	nhis_end(&w->b, "requester");
}

/* -- what has no place -- */

static size_t
list_lost(struct buf *b, const char *prefix, const struct record_type *type, const void *msg, size_t n)
{
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];
		const void *const *items = record_at(msg, f);
		char path[96];

		if (!record_has(msg, f))
			continue;
		snprintf(path, sizeof(path), "%s%s%s", prefix, *prefix != '\0' ? "." : "", f->name);
		if (f->kind == FIELD_MSG) {
			n = list_lost(b, path, f->of, record_at(msg, f), n);
		} else if (f->kind == FIELD_MSGS) {
			for (size_t k = 0; k < record_count(msg, f); k++)
				n = list_lost(b, path, f->of, items[k], n);
		} else if (!nhis_holds(path)) {
			buf_fmt(b, "%s%s", n > 0 ? ", " : "", path);
			n++;
		}
	}
	return n;
}

static void
put_lost(struct writing *w)
{
	struct buf lost;
	size_t n;

	buf_init(&lost, w->mem);
	n = list_lost(&lost, "", record_type_by_name("referral"), w->referral, 0);
	if (n > 0)	/* names of fields, never what they hold; none has two hyphens */
		buf_fmt(&w->b, "<!-- nasoka: %zu fields have no place in R001: %s -->", n, buf_text(&lost));
}

static void
write_referral(struct writing *w)
{
	put_header(w, "R001");
	put_referral(w);
	put_subject(w);
	put_requester(w);
	put_lost(w);
}

/* -- R007, R002 -- */

static void
write_cancel(struct writing *w, const char *referral_id, const char *reason)
{
	put_header(w, "R007");
	/* the practice's own number, by which its system knows the referral */
	nhis_put(&w->b, "nrnReferral", w->out->case_no != NULL ? w->out->case_no : referral_id);
	nhis_put(&w->b, "cancelReason", reason);
	nhis_put(&w->b, "lrn", referral_id);
}

static void
write_stage(struct writing *w)
{
	put_header(w, "R002");
	if (strcmp(w->out->stage, "refused") == 0)
		nhis_put_error(&w->b, w->out->stage_err, NULL, NULL);
	else
		nhis_put(&w->b, "nrnReferral", w->out->external_no);
	nhis_put(&w->b, "lrn", w->referral->referral_id);
}

static bool
is_one_of(const char *code, const char *const *codes)
{
	for (; code != NULL && *codes != NULL; codes++)
		if (strcmp(*codes, code) == 0)
			return true;
	return false;
}

/* Does its initiator take the referral back, by a step or by a cancellation? *ret_reason is then why, in words if there are any. */
static bool
is_taken_back(const struct outgoing *out, const char **ret_reason)
{
	static const char *const states[] = { "cancelled", "cancel-requested", "withdrawn", "entered-in-error", "expired", NULL };
	static const char *const types[] = { "cancel-request", "consent-withdrawn", "error", NULL };
	const struct status *s = out->record->status;
	const struct cancellation *c = out->record->cancellation;

	if (out->is_initiator)
		return false;
	if (s != NULL)
		*ret_reason = s->reason_text != NULL ? s->reason_text : s->reason_code != NULL ? s->reason_code : s->to;
	if (c != NULL)
		*ret_reason = c->reason;
	return (s != NULL && is_one_of(s->to, states)) || (c != NULL && is_one_of(c->type, types));
}

static enum err
finish_record(struct writing *w, struct native *ret_native)
{
	xml_record_put(&w->b, w->out->record);
	*ret_native = (struct native){
		.format = FORMAT_NHIS, .bytes = buf_bytes(&w->b), .media_type = NHIS_MEDIA_TYPE, .method = "POST",
	};
	return arena_is_full(w->mem) ? ERR_TOOBIG : w->b.e;
}

enum err
health_nhis_from_record(const struct outgoing *out, enum format format, const struct sector_env *env, struct arena *mem,
			struct native *ret_native, struct why *why)
{
	const struct record *record = out->record, *referral = record != NULL && record->referral != NULL ? record : out->referral;
	struct writing w = { .out = out, .env = env, .mem = mem, .referral = referral != NULL ? referral->referral : NULL };
	const char *reason = NULL;
	enum err e;

	*ret_native = (struct native){ .format = format, .media_type = NHIS_MEDIA_TYPE };
	buf_init(&w.b, mem);
	if (record != NULL && record->referral != NULL && is_sayable(&w)) {
		write_referral(&w);
	} else if (record != NULL && is_taken_back(out, &reason)) {
		write_cancel(&w, record->status != NULL ? record->status->referral_id : record->cancellation->referral_id, reason);
	} else if (record != NULL) {
		e = finish_record(&w, ret_native);
		return e == OK ? OK : why_set(why, e, NULL, "larger than one message may be");
	} else if (out->stage != NULL && w.referral != NULL &&
		   (strcmp(out->stage, "refused") == 0 || (strcmp(out->stage, "registered") == 0 && out->external_no != NULL))) {
		write_stage(&w);
	} else {
		return OK;
	}
	e = nhis_finish(&w.b, 0, ret_native);
	ret_native->method = "POST";
	return e == OK ? OK : why_set(why, e, NULL, "larger than one message may be");
}
