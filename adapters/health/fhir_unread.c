/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_unread - what of a document nobody has read: the values that the accessors of fhir_json.c gave are marked, the others counted.
 *
 * An element of which nothing was read counts one, one that was read in part counts each part that was not. What only says how to
 * read the rest (url, system, use), or says again what is known, never counts. The marks belong to the document being read; which one
 * that is, the thread knows, since a value's place is not told to those who ask for it. Called by fhir_json.c and fhir_to_record.c.
 */
#include "adapters/health/fhir.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#define FIRST_SLOTS 1024u
#define PATH_MAX_LEN 160u
#define LINKS_MAX 2000u		/* followed in one document while counting, since each is compared with all resources; more are unread */
#define MEMBER SIZE_MAX		/* `at` of what is no item of a list */

struct slot {
	const void *in;		/* NULL: free */
	size_t at;
};

struct fhir_marks {
	struct slot *slots;
	size_t n, size;		/* size: a power of two, at most half of it taken */
	unsigned n_links;
	bool is_full;
};

static _Thread_local struct fhir_marks *marks;	/* of the document that this thread reads now */

static size_t
find(const struct fhir_marks *m, const void *in, size_t at)
{
	size_t h = (((size_t)(uintptr_t)in >> 4) ^ at * 31) * (size_t)UINT64_C(0x9E3779B97F4A7C15);

	for (h = (h >> 20) & (m->size - 1); m->slots[h].in != NULL; h = (h + 1) & (m->size - 1))
		if (m->slots[h].in == in && m->slots[h].at == at)
			break;
	return h;
}

static bool
grow(struct fhir_marks *m)
{
	struct fhir_marks wider = { .n = m->n, .size = m->size > 0 ? 2 * m->size : FIRST_SLOTS };

	if ((wider.slots = calloc(wider.size, sizeof(*wider.slots))) == NULL)
		return false;
	for (size_t i = 0; i < m->size; i++)
		if (m->slots[i].in != NULL)
			wider.slots[find(&wider, m->slots[i].in, m->slots[i].at)] = m->slots[i];
	free(m->slots);
	*m = wider;
	return true;
}

static void
mark(const void *in, size_t at)
{
	size_t i;

	if (2 * marks->n >= marks->size && !grow(marks)) {
		marks->is_full = true;
		return;
	}
	i = find(marks, in, at);
	marks->n += marks->slots[i].in == NULL;
	marks->slots[i] = (struct slot){ in, at };
}

static bool
is_marked(const void *in, size_t at)
{
	return marks->size > 0 && marks->slots[find(marks, in, at)].in != NULL;
}

void
fhir_mark_member(const void *member, const json_t *value)
{
	if (marks == NULL || member == NULL || value == NULL)
		return;
	if (json_is_array(value))
		fhir_mark_item(value, 0);	/* who takes a list for one value takes its first */
	else if (!json_is_object(value))
		mark(member, MEMBER);
}

void
fhir_mark_item(const json_t *list, size_t i)
{
	const json_t *value = json_array_get(list, i);

	if (marks != NULL && value != NULL && !json_is_object(value) && !json_is_array(value))
		mark(list, i);
}

bool
fhir_marks_begin(void)
{
	marks = calloc(1, sizeof(*marks));
	return marks != NULL;
}

bool
fhir_marks_end(void)
{
	bool is_full = marks == NULL || marks->is_full;

	if (marks != NULL)
		free(marks->slots);
	free(marks);
	marks = NULL;
	return !is_full;
}

/* -- counting -- */

/* What stands in every resource of its type and says nothing that is not known: required by the standard, or of the referral. With a value,
 * only that one says nothing. */
static const struct { const char *path, *value; } silent[] = {
	{ "Consent.patient", NULL }, { "Consent.provision.data", NULL },
	{ "Consent.scope", NULL }, { "Consent.category", NULL }, { "Consent.policyRule", NULL }, { "Consent.provision.actor.role", NULL },
	{ "ServiceRequest.requester.identifier", NULL },	/* whose adapter it is */
	{ "Observation.subject", NULL }, { "DiagnosticReport.subject", NULL }, { "Condition.subject", NULL }, { "Goal.subject", NULL },
	{ "CarePlan.subject", NULL }, { "Procedure.subject", NULL }, { "QuestionnaireResponse.subject", NULL },
	{ "CarePlan.basedOn", NULL }, { "Procedure.basedOn", NULL },
	{ "QuestionnaireResponse.basedOn", NULL },
	{ "Goal.lifecycleStatus", "proposed" }, { "Goal.lifecycleStatus", "active" },
	{ "Organization.identifier", NULL }, { "HealthcareService.identifier", NULL },
	{ "Patient.communication.preferred", NULL },
	{ "Task.intent", NULL }, { "Task.priority", NULL }, { "Task.code", NULL }, { "Task.focus", NULL }, { "Task.basedOn", NULL }, { "Task.for", NULL },
	{ "Task.partOf", NULL }, { "Task.authoredOn", NULL }, { "Task.requester", NULL }, { "Task.owner.identifier", NULL }, { "Task.lastModified", NULL },
	{ "PractitionerRole.organization.identifier", NULL },
	{ "Appointment.participant.status", NULL },
	{ "QuestionnaireResponse.author", NULL }, { "QuestionnaireResponse.authored", NULL }, { "QuestionnaireResponse.identifier", NULL },
	{ "DocumentReference.status", NULL }, { "DocumentReference.author", NULL }, { "DocumentReference.date", NULL },
};

struct tally {
	const struct fhir_doc *doc;
	const struct fhir_resource *of;
	char path[PATH_MAX_LEN];	/* "Patient.name.family" */
};

struct found {
	int64_t n;		/* unread */
	bool is_any_read;
};

static bool
is_among(const char *key, const char *const *names)
{
	while (*names != NULL && strcmp(*names, key) != 0)
		names++;
	return *names != NULL;
}

/* Tells how to read what stands beside it. */
static bool
is_label(const char *key, bool is_root)
{
	static const char *const root[] = { "resourceType", "id", "meta", "text", "language", "implicitRules", "contained", NULL };
	static const char *const below[] = { "id", "url", "system", "version", "userSelected", "use", "type", "linkId", NULL };

	return is_among(key, is_root ? root : below);
}

static bool
is_silent(const struct tally *t, const json_t *value)
{
	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
		if (strcmp(silent[i].path, t->path) == 0 &&
		    (silent[i].value == NULL || (json_is_string(value) && strcmp(silent[i].value, json_string_value(value)) == 0)))
			return true;
	return false;
}

static struct found count_value(struct tally *t, const char *key, const json_t *value, bool is_read);

static struct found
count_list(struct tally *t, const char *key, const json_t *list)
{
	struct found all = { 0 };

	for (size_t i = 0; i < json_array_size(list); i++) {
		struct found one = count_value(t, key, json_array_get(list, i), is_marked(list, i));

		all.n += one.n;
		all.is_any_read |= one.is_any_read;
	}
	if (strcmp(key, "coding") == 0)		/* all of them say the same */
		all.n = all.n > 0 && !all.is_any_read;
	return all;
}

/* What a reference leads to is counted there. */
static bool
leads_on(const struct tally *t, const char *key, const json_t *value)
{
	if (strcmp(key, "reference") != 0 || !json_is_string(value) || marks->n_links == LINKS_MAX)
		return false;
	marks->n_links++;
	return fhir_doc_resolve(t->doc, t->of, value) != NULL;
}

static struct found
count_object(struct tally *t, const json_t *object, bool is_root)
{
	size_t n = strlen(t->path), n_shown = 0;
	struct found all = { 0 };

	for (void *at = json_object_iter((json_t *)(uintptr_t)object); at != NULL;
	     at = json_object_iter_next((json_t *)(uintptr_t)object, at)) {
		const char *key = json_object_iter_key(at);
		const json_t *value = json_object_iter_value(at);
		bool is_read = is_marked(at, MEMBER) || leads_on(t, key, value);
		struct found one;

		if (is_label(key, is_root))
			continue;
		if (n + 1 + strlen(key) < sizeof(t->path)) {
			t->path[n] = '.';
			memcpy(t->path + n + 1, key, strlen(key) + 1);
		}
		one = is_silent(t, value) ? (struct found){ 0 } : count_value(t, key, value, is_read);
		t->path[n] = '\0';
		if (strcmp(key, "display") == 0 && one.n > 0)
			n_shown++;	/* the words for what stands beside it */
		else
			all.n += one.n;
		all.is_any_read |= one.is_any_read;
	}
	if (!all.is_any_read && !is_root)
		all.n = all.n > 0 || n_shown > 0;
	return all;
}

static struct found
count_value(struct tally *t, const char *key, const json_t *value, bool is_read)
{
	if (json_is_object(value))
		return count_object(t, value, false);
	if (json_is_array(value))
		return count_list(t, key, value);
	return (struct found){ .n = !is_read && !json_is_null(value), .is_any_read = is_read };
}

static int64_t
unread(const struct fhir_doc *doc, const struct fhir_resource *of)
{
	struct tally t = { .doc = doc, .of = of };
	size_t n = strlen(of->type);

	if (marks == NULL || n >= sizeof(t.path))
		return 0;
	memcpy(t.path, of->type, n + 1);
	return count_object(&t, of->json, true).n;
}

void
fhir_own(struct fhir_reading *r)
{
	for (size_t i = 0; i < r->doc->n; i++) {
		struct fhir_resource *it = &r->doc->items[i];

		if (it->is_used && it->owner == NULL && strcmp(it->type, "DocumentReference") != 0)
			it->owner = r->item;
	}
}

void
fhir_count_dropped(struct fhir_reading *r, struct intake *intake)
{
	struct intake_item *first = NULL;

	for (size_t i = intake->n; i > 0; i--)
		if (intake->items[i - 1].record != NULL)
			first = &intake->items[i - 1];
	for (size_t i = 0; first != NULL && i < r->doc->n; i++) {
		const struct fhir_resource *it = &r->doc->items[i];
		struct record *to = it->owner != NULL ? it->owner->record : first->record;
		int64_t n = !it->is_used ? 1 : unread(r->doc, it);

		if (to != NULL && n > 0 && !it->is_passed && strcmp(it->type, "MessageHeader") != 0)
			to->dropped = record_int(r->mem, (to->dropped != NULL ? *to->dropped : 0) + n);
	}
}
