/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_consent_in - a Consent: its fields, as a referral's or a changed one's; and a bare Consent as the change that it is.
 *
 * One that is no longer active, or forbids, withdraws the consent that a referral rests on; one that is active is the consent as it is now.
 * The Task of a change that came is answered by its status: what was sent is gone, or is kept by right. Called by fhir_to_record.c,
 * fhir_reply_in.c and fhir_referral_in.c. MAPPING.md, "Consent", is the manual.
 */
#include "adapters/health/fhir.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#define WHERE_FROM "Consent.provision.data"

/* -- its fields -- */

/* Whom an actor of the consent is. One that nobody can tell is named as it stands, and refused for that: left out, it would leave a consent for all. */
static const char *
recipient(struct fhir_reading *r, const struct fhir_resource *consent, const json_t *actor)
{
	const json_t *reference = fhir_at(actor, "reference");
	const char *agency = fhir_agency(r, consent, reference);

	if (agency == NULL)
		agency = fhir_text(reference, "identifier.value");
	if (agency == NULL)
		agency = fhir_text(reference, "display");
	return agency != NULL ? agency : fhir_text(reference, "reference");
}

/* What narrows a consent and is not read: passed over, the consent would be wider than what the family has given. */
static void
check_narrowing(struct fhir_reading *r, const json_t *provision)
{
	static const struct { const char *element, *where; } narrowing[] = {
		{ "provision", "Consent.provision.provision" }, { "code", "Consent.provision.code" },
		{ "securityLabel", "Consent.provision.securityLabel" }, { "dataPeriod", "Consent.provision.dataPeriod" },
	};

	for (size_t i = 0; i < sizeof(narrowing) / sizeof(narrowing[0]); i++)
		if (fhir_at(provision, narrowing[i].element) != NULL)
			fhir_fail(r, ERR_UNSUPPORTED, narrowing[i].where, "is not read: say what is permitted by its classes");
}

/* Its categories. Classes that nobody knows here are none: they must not become a consent to all. */
static void
read_classes(struct fhir_reading *r, const char *path, const json_t *provision)
{
	bool is_known = false;
	const json_t *v;
	size_t n = 0;

	for (; (v = fhir_item(provision, "class", n)) != NULL; n++) {
		const char *system = fhir_text(v, "system"), *code = fhir_peek(v, "code"), *ours = NULL;

		if (system != NULL && strcmp(system, FHIR_SYS_CATEGORY) == 0)
			ours = code;
		else if (code != NULL)
			ours = r->env->concept(r->env->arg, system != NULL ? system : "", code);
		if (ours == NULL || (!record_is_code("data_category", ours) && ours != code))
			continue;
		fhir_set(r, path, fhir_text(v, "code") != NULL ? ours : NULL);
		is_known = true;
	}
	if (n > 0 && !is_known)
		fhir_fail(r, ERR_UNKNOWN_CODE, "Consent.provision.class", "identity, contact, health, education, social or family of "
			  FHIR_SYS_CATEGORY ", or a code that the concept map makes one of them");
}

static void
read_provision(struct fhir_reading *r, const char *path, const struct fhir_resource *consent)
{
	const json_t *provision = fhir_at(consent->json, "provision");
	const char *until = arena_fmt(r->mem, "%s.valid_until", path), *purposes = arena_fmt(r->mem, "%s.purposes", path);
	const char *allowed = arena_fmt(r->mem, "%s.recipients_allowed", path), *categories = arena_fmt(r->mem, "%s.data_categories", path);
	const json_t *v;

	fhir_take_date(r, until, fhir_at(provision, "period.end"));
	for (size_t i = 0; (v = fhir_item(provision, "purpose", i)) != NULL; i++)
		fhir_set(r, purposes, fhir_text(v, "display") != NULL ? fhir_text(v, "display") : fhir_text(v, "code"));
	for (size_t i = 0; (v = fhir_item(provision, "actor", i)) != NULL; i++)
		fhir_set(r, allowed, recipient(r, consent, v));
	read_classes(r, categories, provision);
	check_narrowing(r, provision);
}

/* Who gave it, where only the standard's own elements tell */
static const char *
giver(struct fhir_reading *r, const struct fhir_resource *consent)
{
	struct fhir_resource *by = fhir_doc_resolve(r->doc, consent, fhir_at(consent->json, "performer"));
	const char *code, *type = fhir_peek(consent->json, "performer.type");

	if (by == NULL)
		return type != NULL && strcmp(type, "Patient") == 0 ? "child" : NULL;
	if (strcmp(by->type, "Patient") == 0)
		return "child";
	if (strcmp(by->type, "RelatedPerson") != 0)
		return NULL;
	code = fhir_text(by->json, "relationship.coding.code");
	code = code != NULL ? fhir_relation_of(code) : "";
	return strcmp(code, "mother") == 0 || strcmp(code, "father") == 0 ? "parent" : "guardian";
}

/* What stands there before a '/', '?' or '#': an id of FHIR, which is no way up */
static bool
is_id(const char *s)
{
	return *s != '.' && strcspn(s, "/?#") > 0;
}

/* The file that proves it: shown by the Consent itself, or a DocumentReference that comes with it or is named. */
static const char *
evidence(struct fhir_reading *r, const struct fhir_resource *consent)
{
	static const char type[] = "DocumentReference/";
	const json_t *reference = fhir_at(consent->json, "sourceReference");
	const struct fhir_resource *to = fhir_doc_resolve(r->doc, consent, reference), *form = fhir_form_file(r, consent, 0);
	const char *its = fhir_peek(reference, "type"), *link = fhir_peek(reference, "reference"), *at;

	if (form != NULL)
		return fhir_file_id(r, form);
	if (to != NULL)
		return strncmp(type, to->type, sizeof(type) - 2) == 0 ? fhir_file_id(r, to) : NULL;
	if (link != NULL && (at = strstr(link, type)) != NULL && (at == link || at[-1] == '/') && is_id(at + sizeof(type) - 1) &&
	    fhir_text(reference, "reference") != NULL)
		return arena_strn(r->mem, at + sizeof(type) - 1, strcspn(at + sizeof(type) - 1, "/?#"));
	return its != NULL && strncmp(type, its, sizeof(type) - 2) == 0 ? fhir_text(reference, "identifier.value") : NULL;
}

void
fhir_read_consent_fields(struct fhir_reading *r, const char *path, struct fhir_resource *consent)
{
	const json_t *by = fhir_extension(consent->json, FHIR_EXT "consent-giver");
	const char *given_by = arena_fmt(r->mem, "%s.given_by", path);

	consent->is_used = true;
	if (by != NULL)
		fhir_take(r, given_by, by);
	else
		fhir_set(r, given_by, giver(r, consent));
	fhir_take_date(r, arena_fmt(r->mem, "%s.given_on", path), fhir_at(consent->json, "dateTime"));
	fhir_take(r, arena_fmt(r->mem, "%s.form", path), fhir_extension(consent->json, FHIR_EXT "consent-form"));
	fhir_take(r, arena_fmt(r->mem, "%s.giver_name", path), fhir_at(consent->json, "performer.display"));
	fhir_set(r, arena_fmt(r->mem, "%s.evidence", path), evidence(r, consent));
	read_provision(r, path, consent);
}

/* -- the change -- */

static bool
is_among(const char *word, const struct texts *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->items[i], word) == 0)
			return true;
	return false;
}

/* Does the list leave out something of the one before? An empty one names all. */
static bool
is_fewer(const struct texts *now, const struct texts *before)
{
	if (now->n > 0 && before->n == 0)
		return true;
	for (size_t i = 0; now->n > 0 && i < before->n; i++)
		if (!is_among(before->items[i], now))
			return true;
	return false;
}

/* Does it cover less than the one that was known? Purposes are words, which nobody can compare. */
static bool
is_less(const struct consent *now, const struct consent *before)
{
	if (is_fewer(&now->data_categories, &before->data_categories) || is_fewer(&now->recipients_allowed, &before->recipients_allowed))
		return true;
	return now->valid_until != NULL && (before->valid_until == NULL || strcmp(now->valid_until, before->valid_until) < 0);
}

static const char *
change_of(struct fhir_reading *r, const struct fhir_resource *consent)
{
	const char *status = fhir_text(consent->json, "status"), *type = fhir_text(consent->json, "provision.type");
	bool denies = type != NULL && strcmp(type, "deny") == 0;

	if (status == NULL) {
		fhir_fail(r, ERR_REQUIRED, "Consent.status", "active, or inactive where it was withdrawn");
	} else if (strcmp(status, "inactive") == 0 || strcmp(status, "rejected") == 0 || strcmp(status, "entered-in-error") == 0) {
		return "withdrawn";
	} else if (strcmp(status, "active") != 0) {
		fhir_fail(r, ERR_UNSUPPORTED, "Consent.status", "active, inactive, rejected or entered-in-error: a draft changes nothing");
	} else if (denies && fhir_at(consent->json, "provision.class") == NULL && fhir_at(consent->json, "provision.provision") == NULL) {
		return "withdrawn";
	} else if (denies) {
		fhir_fail(r, ERR_UNSUPPORTED, "Consent.provision.type", "of a part: say what is still permitted, as provision of type permit");
	} else {
		return "renewed";
	}
	return NULL;
}

static void
read_now(struct fhir_reading *r, struct fhir_resource *consent, const struct consent *before)
{
	const struct consent *now;

	fhir_read_consent_fields(r, "consent_change.consent", consent);
	if (r->e != OK)
		return;
	now = r->record->consent_change->consent;
	if (now == NULL || now->given_on == NULL) {
		fhir_fail(r, ERR_REQUIRED, "Consent.dateTime", "when it was given");
		return;
	}
	if (before != NULL && is_less(now, before))
		fhir_set(r, "consent_change.change", "narrowed");
	for (size_t i = 0; i < now->data_categories.n; i++)
		fhir_set(r, "consent_change.data_categories", now->data_categories.items[i]);
}

/* Who changed it: whom it names, else who gave the one that is known. */
static void
read_who(struct fhir_reading *r, const struct fhir_resource *consent, const struct consent *before)
{
	const json_t *by = fhir_extension(consent->json, FHIR_EXT "consent-giver");
	const char *who = by != NULL ? json_string_value(by) : giver(r, consent);
	const struct consent_change *c = r->e == OK ? r->record->consent_change : NULL;

	if (c == NULL)
		return;
	if (who == NULL && before != NULL) {
		who = before->given_by;
		fhir_set(r, "assumed", "consent_change.changed_by");
	}
	if (who == NULL)
		fhir_fail(r, ERR_REQUIRED, "Consent.performer", "who gave or withdrew it: the Patient, or a RelatedPerson with the relationship");
	fhir_set(r, "consent_change.changed_by", who);
	if (r->e == OK && c->consent != NULL && c->consent->given_by == NULL)
		fhir_set(r, "consent_change.consent.given_by", who);
}

/* The same again is the same message; what is said of another version of what stands there is not. */
static void
name_it(struct fhir_reading *r, const struct fhir_resource *consent, const char *no, const char *change)
{
	json_t *same = json_copy((json_t *)(uintptr_t)consent->json);

	json_object_del(same, "meta");
	r->item->native_id = arena_fmt(r->mem, "Consent/%s/%s/%s/%s", no, change, fhir_content_id(r, same),
				       r->current != NULL ? r->current->version : "");
	json_decref(same);
	fhir_set(r, "native_id", fhir_text(consent->json, "id"));
}

void
fhir_read_consent(struct fhir_reading *r, struct fhir_resource *consent)
{
	struct progress at = { .referral = NULL };
	const char *change = change_of(r, consent), *no = fhir_consent_no(r, consent, fhir_doc_first(r->doc, "ServiceRequest"), &at);
	const struct referral *referral = at.referral != NULL ? at.referral->referral : NULL;
	const struct consent *before = referral != NULL ? referral->consent : NULL;

	consent->is_used = true;
	if (no == NULL)
		fhir_fail(r, ERR_REQUIRED, WHERE_FROM, "the referral that rests on it: its ServiceRequest, or an identifier of type PLAC");
	if (r->e != OK)
		return;
	fhir_set(r, "kind", "consent-change");
	fhir_set(r, "consent_change.referral_id", no);
	fhir_set(r, "consent_change.change", change);
	name_it(r, consent, no, change);
	if (strcmp(change, "withdrawn") == 0)
		consent->is_passed = true;	/* what it said before is known, and no longer so */
	else
		read_now(r, consent, before);
	read_who(r, consent, before);
	fhir_take(r, "consent_change.text", fhir_extension(consent->json, FHIR_EXT_FIELD "text"));
	fhir_take_scalar(r, "consent_change.shred", fhir_extension(consent->json, FHIR_EXT_FIELD "shred"));
}

/* -- its answer -- */

bool
fhir_is_consent_answer(const struct fhir_resource *task)
{
	const char *system = fhir_peek(task->json, "code.coding.system"), *code = fhir_peek(task->json, "code.coding.code");
	const char *status = fhir_peek(task->json, "status");

	if (system == NULL || code == NULL || status == NULL || strcmp(system, FHIR_SYS_KIND) != 0 || strcmp(code, "consent-change") != 0)
		return false;
	if (strcmp(status, "rejected") == 0)
		return true;
	/* under a number it is the confirmation that it was registered: nobody is said to have destroyed anything by chance */
	return strcmp(status, "completed") == 0 && fhir_identifier(task->json, "FILL") == NULL;
}

/* What the change was about. */
static void
set_topic(struct fhir_reading *r, const struct fhir_resource *task)
{
	const struct consent_change *c = r->current != NULL && r->current->record != NULL ? r->current->record->consent_change : NULL;
	const char *no = c == NULL ? fhir_referral_no(r, task, NULL) : NULL;

	if (c != NULL) {
		fhir_set(r, "consent_answer.referral_id", c->referral_id);
		fhir_set(r, "consent_answer.conference_id", c->conference_id);
		fhir_set(r, "consent_answer.transfer_id", c->transfer_id);
		return;
	}
	if (no == NULL)
		fhir_fail(r, ERR_REQUIRED, "Task.identifier", "an identifier of type PLAC says which referral this is about");
	fhir_set(r, "consent_answer.referral_id", no);
}

void
fhir_read_consent_answer(struct fhir_reading *r, struct fhir_resource *task)
{
	const json_t *reason = fhir_at(task->json, "statusReason");
	bool is_kept = strcmp(fhir_text(task->json, "status"), "rejected") == 0;
	const char *basis, *text;

	task->is_used = true;
	(void)fhir_identifier(task->json, "FILL");
	fhir_begin_record(r, "consent-answer");
	set_topic(r, task);
	fhir_set(r, "consent_answer.result", is_kept ? "retained" : "shredded");
	if (is_kept) {
		basis = fhir_concept(r, reason, FHIR_SYS_BASIS, "legal_basis", "Task.statusReason");
		text = fhir_concept_text(reason);
		if (basis == NULL)
			fhir_fail(r, ERR_REQUIRED, "Task.statusReason.coding", "the legal basis to keep it: urn:nasoka:legal-basis");
		if (text == NULL)
			fhir_fail(r, ERR_REQUIRED, "Task.statusReason.text", "the ground to keep it, in words");
		fhir_set(r, "consent_answer.legal_basis", basis);
		fhir_set(r, "consent_answer.ground", text);
	}
	fhir_take(r, "consent_answer.at", fhir_at(task->json, "lastModified"));
	r->item->native_id = arena_fmt(r->mem, "Task/%s/consent-answer/%s", fhir_peek(task->json, "id") != NULL ? fhir_text(task->json, "id") :
				       r->path_id != NULL ? r->path_id : "", fhir_content_id(r, task->json));
	fhir_set(r, "native_id", fhir_text(task->json, "id"));
}
