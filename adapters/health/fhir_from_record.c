/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_from_record - a record, or a stage, as a message Bundle: MessageHeader first, then the Task, then what it is about. */
#include "adapters/health/fhir_result.h"

#include <string.h>

#include <jansson.h>

#include "proto/base/clock.h"

static json_t *
new_event(const struct outgoing *out)
{
	if (out->record != NULL && out->record->referral != NULL)
		return json_pack("{s:s, s:s}", "system", "http://terminology.hl7.org/CodeSystem/v2-0003", "code", "I12");
	return json_pack("{s:s, s:s}", "system", FHIR_SYS_EVENT, "code", out->record != NULL ? out->record->kind : "stage");
}

static void
write_header(struct fhir_writing *w)
{
	const char *alias = w->env->alias_of(w->env->arg, w->out->from);
	const struct record *record = w->out->record;
	const char *focus = record != NULL && record->referral != NULL ? "ServiceRequest" :
		fhir_has_response(record) ? "QuestionnaireResponse" : "Task";
	json_t *header = json_pack("{s:s, s:o, s:[{s:s, s:s+}], s:{s:s, s:s+}}", "resourceType", "MessageHeader",
				   "eventCoding", new_event(w->out), "destination", "name", w->env->agency,
				   "endpoint", "urn:nasoka:agency:", w->env->agency, "source", "name",
				   alias != NULL ? alias : w->out->from, "endpoint", "urn:nasoka:agency:", w->out->from);

	fhir_add_new(header, "focus", fhir_new_reference(w, "Task"));
	if (strcmp(focus, "Task") != 0)
		fhir_add_new(header, "focus", fhir_new_reference(w, focus));
	fhir_add_entry(w, "MessageHeader", header);
}

/* Stages other than these two say nothing that a FHIR system could do anything with. */
static bool
has_message(const struct outgoing *out)
{
	if (out->record != NULL)
		return true;
	return out->stage != NULL && (strcmp(out->stage, "registered") == 0 || strcmp(out->stage, "refused") == 0);
}

/* The Task, and behind it what its output leads to. */
static json_t *
write_task(struct fhir_writing *w)
{
	json_t *task = fhir_new_task(w), *main_entries = w->entries, *results = json_array();

	w->entries = results;
	if (fhir_has_results(w->out->record))
		fhir_write_results(w, task);
	w->entries = main_entries;
	fhir_add_entry(w, "Task", task);
	return results;
}

enum err
health_fhir_from_record(const struct outgoing *out, enum format format, const struct sector_env *env, struct arena *mem,
			struct native *ret_native, struct why *why)
{
	struct fhir_writing w = { .out = out, .env = env, .mem = mem };
	const struct record *about = out->record != NULL && out->record->referral != NULL ? out->record : out->referral;
	struct outgoing whole = *out;
	char at[CLOCK_TEXT_LEN];
	json_t *root, *appointment, *results;
	enum err e;

	*ret_native = (struct native){ .format = format };
	if (!has_message(out))
		return OK;
	if (about == NULL || (about->referral == NULL && !fhir_has_response(out->record) && out->record != NULL))
		return why_set(why, ERR_UNKNOWN_REFERRAL, NULL, "a Task is about a referral that is known");
	whole.referral = about;
	w.out = &whole;
	w.entries = json_array();
	clock_format(out->at_ms != 0 ? out->at_ms : env->now_ms, at);
	root = json_pack("{s:s, s:{s:s, s:s+}, s:s, s:s, s:o}", "resourceType", "Bundle", "identifier", "system",
			 "urn:ietf:rfc:3986", "value", "urn:uuid:", out->msg_id, "type", "message", "timestamp", at,
			 "entry", w.entries);
	write_header(&w);
	results = write_task(&w);
	if (out->record != NULL && out->record->referral != NULL)
		fhir_write_referral(&w, out->record->referral);
	else if (fhir_has_response(out->record))
		fhir_add_entry(&w, "QuestionnaireResponse", fhir_new_response(&w));
	else if ((appointment = fhir_new_appointment(&w)) != NULL)
		fhir_add_entry(&w, "Appointment", appointment);
	if (out->record != NULL && out->record->attachment != NULL && out->href != NULL)
		fhir_add_entry(&w, "DocumentReference", fhir_new_file(&w, out->msg_id));
	if (out->record != NULL && out->record->consent_change != NULL)
		fhir_add_entry(&w, "Consent", fhir_new_consent(&w));
	json_array_extend(w.entries, results);
	json_decref(results);
	if (w.is_full) {
		json_decref(root);
		return why_set(why, ERR_TOOBIG, NULL, "no room");
	}
	ret_native->method = "POST";
	ret_native->path = "$process-message";
	e = fhir_finish(root, mem, ret_native);
	return e == OK ? OK : why_set(why, e, NULL, "no room");
}
