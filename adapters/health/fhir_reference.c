/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_reference - which referral one Reference names: by what it leads to in its document, by its number, or by our own address of it.
 *
 * "Patient/7" names none, and "https://elsewhere/fhir/ServiceRequest/7" is another server's 7. What a resource says in several ways is
 * fhir_about's to bring together.
 */
#include "adapters/health/fhir.h"

#include <string.h>

#include <jansson.h>

#define ROOT "/fhir/"
#define HISTORY "/_history/"

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

static bool
is_version(const char *s)
{
	const char *id = s + strlen(HISTORY);

	return strncmp(s, HISTORY, strlen(HISTORY)) == 0 && *id != '\0' && *id != '.' && id[strcspn(id, "/?#")] == '\0';
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
	if (end == slash + 1 || (*end != '\0' && !is_version(end)))
		return fault(ERR_SYNTAX, "ServiceRequest/{id}, or an identifier");
	return (struct fhir_named){ .number = arena_strn(r->mem, slash + 1, (size_t)(end - slash - 1)) };
}

/* The number on a request in the document, or on what it is for. The id of one that is contained is a label, and no name. */
static const char *
number_there(const struct fhir_reading *r, const struct fhir_resource *of)
{
	static const char *const links[] = { "focus", "basedOn", "reasonReference" };
	const char *no = fhir_identifier(of->json, "PLAC");

	for (size_t i = 0; no == NULL && fhir_is_request(of->type) && i < sizeof(links) / sizeof(links[0]); i++) {
		const json_t *reference = fhir_at(of->json, links[i]);
		const struct fhir_resource *to = fhir_doc_resolve(r->doc, of, reference);
		const char *type = fhir_peek(reference, "type");

		no = to != NULL ? fhir_identifier(to->json, "PLAC") : type == NULL || fhir_is_request(type) ?
			fhir_peek(reference, "identifier.value") : NULL;
	}
	if (no == NULL && fhir_is_request(of->type))
		no = fhir_text(of->json, "groupIdentifier.value");
	return no == NULL && fhir_is_request(of->type) && of->parent == NULL ? fhir_text(of->json, "id") : no;
}

struct fhir_named
fhir_named_by(const struct fhir_reading *r, const struct fhir_resource *from, const json_t *reference)
{
	const struct fhir_resource *to = fhir_doc_resolve(r->doc, from, reference);
	const char *said = fhir_peek(reference, "reference"), *type = fhir_peek(reference, "type");
	const char *identifier = fhir_peek(reference, "identifier.value");
	struct fhir_named by = { .e = OK };

	if (to == NULL && type != NULL && !fhir_is_request(type))
		return fault(ERR_UNSUPPORTED, "a ServiceRequest, or its Task");
	if (to != NULL && (by.number = number_there(r, to)) == NULL && (identifier == NULL || !fhir_is_request(to->type)))
		return fault(ERR_UNSUPPORTED, "a ServiceRequest, or its Task");
	if (to == NULL && said != NULL && (by = read_address(r, said)).e == ERR_UNSUPPORTED)
		return by;
	if (by.number == NULL && identifier != NULL)
		return (struct fhir_named){ .number = identifier };
	if (by.number == NULL || identifier == NULL)
		return by;
	return fhir_same(r, by.number, identifier, &by.number) ? by : fault(ERR_INCONSISTENT, "its reference and its identifier name two referrals");
}

/* What it says is read, and what it leads to is used. */
void
fhir_use_reference(const struct fhir_reading *r, const struct fhir_resource *from, const json_t *reference)
{
	struct fhir_resource *to = fhir_doc_resolve(r->doc, from, reference);

	if (to != NULL)
		to->is_used = true;
	(void)fhir_text(reference, "reference");
	(void)fhir_text(reference, "identifier.value");
}

const char *
fhir_number_behind(struct fhir_reading *r, const struct fhir_resource *from, const json_t *reference)
{
	struct fhir_named named = fhir_named_by(r, from, reference);

	if (named.e == ERR_INCONSISTENT)
		fhir_fail(r, named.e, arena_fmt(r->mem, "%s.reference", from->type), named.text);
	if (named.number != NULL)
		fhir_use_reference(r, from, reference);
	return named.number;
}
