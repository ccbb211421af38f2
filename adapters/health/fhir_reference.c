/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_reference - which referral a Reference names that leads out of its document: by its number, or by our own address of it.
 *
 * "Patient/7" names none, and "https://elsewhere/fhir/ServiceRequest/7" is another server's 7. Called by all that read what a
 * resource is based on or about.
 */
#include "adapters/health/fhir.h"

#include <string.h>

#include <jansson.h>

#define ROOT "/fhir/"

bool
fhir_is_request(const char *type)
{
	return strcmp(type, "ServiceRequest") == 0 || strcmp(type, "Task") == 0;
}

/* What follows our own base; the whole of what is relative. NULL: it stands elsewhere. The scheme is not compared: who ends TLS before us
 * says another. */
static const char *
below_base(const struct fhir_reading *r, const char *said)
{
	const char *host = strstr(said, "://"), *ours = r->base != NULL ? strstr(r->base, "://") : NULL;
	size_t n = ours != NULL ? strlen(ours) : 0;

	if (host == NULL)
		return said;
	if (ours == NULL || strncmp(host, ours, n) != 0 || strncmp(host + n, ROOT, strlen(ROOT)) != 0)
		return NULL;
	return host + n + strlen(ROOT);
}

static struct fhir_named
fault(enum err e, const char *text)
{
	return (struct fhir_named){ .e = e, .text = text };
}

/* "ServiceRequest/7", "ServiceRequest/7/_history/2" */
static struct fhir_named
read_address(const struct fhir_reading *r, const char *said)
{
	const char *at = below_base(r, said), *slash = at != NULL ? strchr(at, '/') : NULL, *end;

	if (said[0] == '#' || strncmp(said, "urn:", 4) == 0)
		return fault(ERR_REQUIRED, "the resource itself, contained or in the Bundle");
	if (at == NULL)
		return fault(ERR_UNKNOWN_REFERRAL, "an address of another server: its number, or its address here");
	if (slash == NULL || slash == at)
		return fault(ERR_SYNTAX, "ServiceRequest/{id}, or an identifier");
	if (!fhir_is_request(arena_strn(r->mem, at, (size_t)(slash - at))))
		return fault(ERR_UNSUPPORTED, "a ServiceRequest, or its Task");
	end = slash + 1 + strcspn(slash + 1, "/?#");
	if (end == slash + 1 || (*end != '\0' && strncmp(end, "/_history/", strlen("/_history/")) != 0))
		return fault(ERR_SYNTAX, "ServiceRequest/{id}, or an identifier");
	return (struct fhir_named){ .number = arena_strn(r->mem, slash + 1, (size_t)(end - slash - 1)) };
}

struct fhir_named
fhir_named_by(const struct fhir_reading *r, const struct fhir_resource *from, const json_t *reference)
{
	const struct fhir_resource *to = fhir_doc_resolve(r->doc, from, reference);
	const char *said = fhir_peek(reference, "reference"), *type = fhir_peek(reference, "type");
	const char *number = to != NULL ? fhir_identifier(to->json, "PLAC") : fhir_peek(reference, "identifier.value");
	struct fhir_named address;

	if (number == NULL && to != NULL && fhir_is_request(to->type))
		number = fhir_referral_no(r->doc, to);
	if ((to != NULL && number == NULL) || (to == NULL && type != NULL && !fhir_is_request(type)))
		return fault(ERR_UNSUPPORTED, "a ServiceRequest, or its Task");
	if (to != NULL || said == NULL)
		return (struct fhir_named){ .number = number };
	address = read_address(r, said);
	if (number != NULL && address.e != ERR_UNSUPPORTED)
		return (struct fhir_named){ .number = number };
	return address;
}

/* What it says is read, and what it leads to is used. */
static void
use(const struct fhir_reading *r, const struct fhir_resource *from, const json_t *reference)
{
	struct fhir_resource *to = fhir_doc_resolve(r->doc, from, reference);

	if (to != NULL)
		to->is_used = true;
	(void)fhir_text(reference, "reference");
	(void)fhir_text(reference, "identifier.value");
}

const char *
fhir_number_behind(const struct fhir_reading *r, const struct fhir_resource *from, const json_t *reference)
{
	const char *number = fhir_named_by(r, from, reference).number;

	if (number != NULL)
		use(r, from, reference);
	return number;
}

static const char *
known_thread(const struct fhir_reading *r, const char *number)
{
	struct progress at = { .thread = NULL };

	if (r->env->progress_of == NULL || r->env->progress_of(r->env->core, number, r->mem, &at) != OK)
		return NULL;
	return at.thread != NULL ? at.thread : number;
}

const char *
fhir_number_based_on(const struct fhir_reading *r, const struct fhir_resource *of, struct fhir_named *ret_fault)
{
	const char *best = NULL, *best_thread = NULL, *thread;
	const json_t *on, *first = NULL;

	*ret_fault = (struct fhir_named){ .e = OK };
	for (size_t i = 0; i < FHIR_BASED_ON_MAX && (on = fhir_item(of->json, "basedOn", i)) != NULL; i++) {
		struct fhir_named one = fhir_named_by(r, of, on);

		if (one.e != OK && ret_fault->e == OK) {
			*ret_fault = one;
			ret_fault->where = arena_fmt(r->mem, "%s.basedOn[%zu].reference", of->type, i);
		}
		if (one.number == NULL)
			continue;
		thread = known_thread(r, one.number);
		if (best == NULL || (thread != NULL && best_thread == NULL)) {
			best = one.number;
			best_thread = thread;
			first = on;
		}
		if (thread != NULL && strcmp(thread, best_thread) == 0)
			use(r, of, on);
	}
	if (best != NULL)
		use(r, of, first);
	return best;
}

const char *
fhir_number_needed(struct fhir_reading *r, const struct fhir_resource *of)
{
	const char *number = fhir_identifier(of->json, "PLAC"), *based_on;
	struct fhir_named wrong;

	based_on = fhir_number_based_on(r, of, &wrong);
	if (number == NULL && based_on == NULL && wrong.e != OK)
		fhir_fail(r, wrong.e, wrong.where, wrong.text);
	return number != NULL ? number : based_on;
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
