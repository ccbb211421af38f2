/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_about - which referral a resource is about, by all that it says of it: its number, what it is for, the address that it was sent to.
 *
 * A step on another child's referral is worse than none: where two of them name two referrals that are known here, nothing is taken. The id that
 * a client gives to its own Task, and a group's number, may be anybody's: they count only where nothing better is said, and an id only as one that
 * we gave out. Called by all that read what a resource is based on or about.
 */
#include "adapters/health/fhir.h"

#include <string.h>

#include <jansson.h>

/* -- names of one referral -- */

bool
fhir_known(const struct fhir_reading *r, const char *number, struct progress *ret_at)
{
	return number != NULL && r->env->progress_of != NULL && r->env->progress_of(r->env->core, number, r->mem, ret_at) == OK;
}

static bool
is_text(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static bool
is_one_thread(const struct progress *a, const struct progress *b)
{
	return a->thread != NULL ? is_text(a->thread, b->thread) : is_text(a->referral_no, b->referral_no);
}

/* Is it a number that an agency gave, which another agency may have given as well? An id that we gave out is nobody's but ours. */
bool
fhir_is_number_of(const struct progress *at, const char *number)
{
	return is_text(at->referral_no, number) || is_text(at->external_no, number) || is_text(at->case_no, number);
}

bool
fhir_same(const struct fhir_reading *r, const char *a, const char *b, const char **ret_number)
{
	struct progress at_a, at_b;
	bool is_a = fhir_known(r, a, &at_a), is_b = fhir_known(r, b, &at_b);

	*ret_number = !is_a && is_b ? b : a;
	if (!is_a || !is_b || is_one_thread(&at_a, &at_b))
		return true;
	if (fhir_is_number_of(&at_b, a))
		*ret_number = b;	/* two agencies have the number a: the other name tells which is meant */
	return fhir_is_number_of(&at_b, a) || fhir_is_number_of(&at_a, b);
}

/* -- what a resource says -- */

enum weight {
	WEAK,		/* it may name something else by chance */
	PLAIN,
	FIRM		/* the number on the resource itself: counts though it is not known here */
};

struct about {
	const char *number;		/* NULL: nothing names one */
	struct progress at;		/* if is_known */
	bool is_known;
	enum weight weight;
	struct fhir_named wrong;	/* the first link that names none */
};

static void
add(struct fhir_reading *r, struct about *about, enum weight weight, const char *number, const char *where)
{
	struct progress at = { .thread = NULL };
	bool is_known = fhir_known(r, number, &at), is_first = about->number == NULL;

	if (number == NULL)
		return;
	if (is_first || (is_known && !about->is_known && about->weight <= weight)) {
		*about = (struct about){ number, at, is_known, weight, about->wrong };
		return;
	}
	if (weight == WEAK || !is_known)
		return;		/* another's, beside what is better said */
	if (about->is_known && (is_one_thread(&at, &about->at) || fhir_is_number_of(&about->at, number)))
		return;
	if (fhir_is_number_of(&at, about->number))	/* two agencies have that number: this tells which is meant */
		*about = (struct about){ number, at, true, about->weight, about->wrong };
	else
		fhir_fail(r, ERR_INCONSISTENT, where, "another referral than the same resource names elsewhere: number, address, focus and basedOn are of one");
}

/* In a transaction a PUT may say it in the entry's address alone. */
static const char *
id_of(const struct fhir_reading *r, const struct fhir_resource *of)
{
	const char *id = fhir_text(of->json, "id"), *url = NULL, *last;
	const json_t *entry = r->doc->bundle_type != NULL ? json_array_get(json_object_get(r->doc->root, "entry"), of->row - 1) : NULL;

	if (of->parent != NULL)
		return NULL;	/* a label in its document */
	if (id == NULL && entry != NULL && fhir_peek(entry, "request.method") != NULL && strcmp(fhir_peek(entry, "request.method"), "PUT") == 0)
		url = fhir_peek(entry, "request.url");
	last = url != NULL ? strrchr(url, '/') : NULL;
	return last != NULL ? last + 1 : id;
}

/* The number, or the id, that we gave out for it; of a ServiceRequest also its own, since what has no other number is known by it. */
static void
add_id(struct fhir_reading *r, struct about *about, const struct fhir_resource *of)
{
	const char *id = id_of(r, of);
	struct progress at = { .thread = NULL };
	bool is_known = fhir_known(r, id, &at), is_chance = is_known && fhir_is_number_of(&at, id);

	if (!is_chance || strcmp(of->type, "ServiceRequest") == 0)
		add(r, about, is_known && !is_chance ? PLAIN : WEAK, id, arena_fmt(r->mem, "%s.id", of->type));
}

static void
add_reference(struct fhir_reading *r, struct about *about, enum weight weight, const struct fhir_resource *of, const json_t *reference,
	      const char *where)
{
	struct fhir_named named = fhir_named_by(r, of, reference);

	if (named.e == ERR_INCONSISTENT)
		fhir_fail(r, named.e, where, named.text);
	if (named.e != OK && named.e != ERR_UNSUPPORTED && about->wrong.e == OK) {
		about->wrong = named;
		about->wrong.where = where;
	}
	if (named.number == NULL)
		return;
	add(r, about, weight, named.number, where);
	fhir_use_reference(r, of, reference);
}

static void
add_links(struct fhir_reading *r, struct about *about, enum weight weight, const struct fhir_resource *of, const char *path)
{
	const json_t *reference;

	for (size_t i = 0; i < FHIR_BASED_ON_MAX && (reference = fhir_item(of->json, path, i)) != NULL; i++)
		add_reference(r, about, weight, of, reference, arena_fmt(r->mem, "%s.%s", of->type, path));
}

/* The address that a PUT or a PATCH went to. */
static void
add_address(struct fhir_reading *r, struct about *about, const struct fhir_resource *of)
{
	if (r->path_id != NULL)
		add(r, about, PLAIN, r->path_id, arena_fmt(r->mem, "%s.identifier", of->type));
}

/* Its number, or the id that tells which of two is meant; NULL where it is of another child. */
static const char *
whose(struct fhir_reading *r, const struct about *about, const struct fhir_resource *of)
{
	return about->is_known ? fhir_check_child(r, of, about->number, &about->at) : about->number;
}

const char *
fhir_referral_no(struct fhir_reading *r, const struct fhir_resource *of, struct fhir_named *ret_wrong)
{
	bool is_task = strcmp(of->type, "Task") == 0;
	struct about about = { .number = NULL };

	add(r, &about, FIRM, fhir_identifier(of->json, "PLAC"), NULL);
	add_address(r, &about, of);
	if (is_task) {
		add_links(r, &about, PLAIN, of, "focus");
		add_links(r, &about, PLAIN, of, "basedOn");
		add_links(r, &about, PLAIN, of, "partOf");
	}
	add_id(r, &about, of);
	add_links(r, &about, WEAK, of, is_task ? "reasonReference" : "basedOn");
	add(r, &about, WEAK, fhir_text(of->json, "groupIdentifier.value"), NULL);
	if (ret_wrong != NULL)
		*ret_wrong = about.wrong;
	return whose(r, &about, of);
}

/* Another system's number is that of a form. */
static bool
may_be_ours(const json_t *identifier)
{
	const char *system = fhir_peek(identifier, "system");

	return system == NULL || strcmp(system, FHIR_SYS_REFERRAL_NO) == 0;
}

const char *
fhir_consent_no(struct fhir_reading *r, const struct fhir_resource *consent, struct fhir_resource *request, struct progress *ret_at)
{
	struct about about = { .number = NULL };
	const json_t *v;

	add(r, &about, FIRM, fhir_identifier(consent->json, "PLAC"), NULL);
	add_address(r, &about, consent);
	for (size_t i = 0; i < FHIR_BASED_ON_MAX && (v = fhir_item(fhir_at(consent->json, "provision"), "data", i)) != NULL; i++)
		add_reference(r, &about, PLAIN, consent, fhir_at(v, "reference"), "Consent.provision.data.reference");
	if (request != NULL) {
		request->is_used = true;
		add(r, &about, PLAIN, fhir_referral_no(r, request, NULL), "ServiceRequest.identifier");
	}
	add_id(r, &about, consent);
	for (size_t i = 0; !about.is_known && (v = fhir_item(consent->json, "identifier", i)) != NULL; i++)
		if (may_be_ours(v) && fhir_known(r, fhir_peek(v, "value"), &about.at))
			add(r, &about, WEAK, fhir_text(v, "value"), NULL);
	*ret_at = about.is_known ? about.at : (struct progress){ .referral = NULL };
	return whose(r, &about, consent);
}

const char *
fhir_file_no(struct fhir_reading *r, const struct fhir_resource *of, bool *ret_is_conference)
{
	struct about about = { .number = NULL };
	const json_t *related;
	const char *type;

	*ret_is_conference = false;
	add(r, &about, FIRM, fhir_identifier(of->json, "PLAC"), NULL);
	for (size_t i = 0; i < FHIR_BASED_ON_MAX && (related = fhir_item(fhir_at(of->json, "context"), "related", i)) != NULL; i++) {
		type = fhir_peek(related, "type");
		if (type != NULL && strcmp(type, "Encounter") == 0 && about.number == NULL) {
			*ret_is_conference = true;
			return fhir_text(related, "identifier.value");
		}
		add_reference(r, &about, PLAIN, of, related, "DocumentReference.context.related");
	}
	return whose(r, &about, of);
}

const char *
fhir_number_based_on(const struct fhir_reading *r, const struct fhir_resource *of, struct fhir_named *ret_fault)
{
	struct progress at = { .thread = NULL }, best_at = { .thread = NULL };
	bool is_known, is_best_known = false;
	const json_t *on, *first = NULL;
	const char *best = NULL;

	*ret_fault = (struct fhir_named){ .e = OK };
	for (size_t i = 0; i < FHIR_BASED_ON_MAX && (on = fhir_item(of->json, "basedOn", i)) != NULL; i++) {
		struct fhir_named one = fhir_named_by(r, of, on);

		if (one.e != OK && ret_fault->e == OK) {
			*ret_fault = one;
			ret_fault->where = arena_fmt(r->mem, "%s.basedOn[%zu].reference", of->type, i);
		}
		if (one.e == ERR_INCONSISTENT) {
			*ret_fault = one;
			ret_fault->where = arena_fmt(r->mem, "%s.basedOn[%zu]", of->type, i);
			return NULL;
		}
		if (one.number == NULL)
			continue;
		is_known = fhir_known(r, one.number, &at);
		if (best == NULL || (is_known && !is_best_known)) {
			best = one.number;
			best_at = at;
			is_best_known = is_known;
			first = on;
		}
		if (is_known && is_one_thread(&at, &best_at))
			fhir_use_reference(r, of, on);
	}
	if (best != NULL)
		fhir_use_reference(r, of, first);
	return best;
}

const char *
fhir_number_needed(struct fhir_reading *r, const struct fhir_resource *of)
{
	struct about about = { .number = NULL };
	struct fhir_named wrong;
	const char *based_on;

	add(r, &about, FIRM, fhir_identifier(of->json, "PLAC"), NULL);
	based_on = fhir_number_based_on(r, of, &wrong);
	add(r, &about, PLAIN, based_on, arena_fmt(r->mem, "%s.basedOn", of->type));
	if (wrong.e == ERR_INCONSISTENT || (about.number == NULL && wrong.e != OK))
		fhir_fail(r, wrong.e, wrong.where, wrong.text);
	return whose(r, &about, of);
}

bool
fhir_is_only_named(const struct fhir_doc *doc, const struct fhir_resource *request, const struct fhir_resource *report)
{
	const json_t *on;

	if (request->parent == NULL && fhir_doc_first(doc, "Patient") != NULL)
		return false;
	for (size_t i = 0; (on = fhir_item(report->json, "basedOn", i)) != NULL; i++)
		if (fhir_doc_resolve(doc, report, on) == request)
			return true;
	return false;
}
