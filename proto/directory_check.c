/* SPDX-License-Identifier: EUPL-1.2 */
/* directory_check - the rules of PROTOCOL.md 6.1 over a decoded directory.
 *
 * Registrars sign by hand and rarely, so every slip that a machine can see is refused before it is signed and again by
 * whoever opens it. Called by directory_decode only.
 */
#include "proto/directory_check.h"

static enum err
bad(struct why *why, const char *what, size_t i, const char *text)
{
	return why_set(why, ERR_FORMAT, what, "item %zu: %s", i + 1, text);
}

static bool
is_same(const struct public_key *a, const struct public_key *b)
{
	return memcmp(a->b, b->b, KEY_LEN) == 0;
}

/* 1 to AGENCY_ID_MAX of letters, digits, hyphen, dot and underscore: kinds, municipalities, services. */
static bool
is_token(const char *s)
{
	size_t n = 0;

	if (s == NULL)
		return false;
	for (; s[n] != '\0'; n++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._", s[n]) == NULL)
			return false;
	return n > 0 && n <= AGENCY_ID_MAX;
}

static bool
is_person_text(const char *s)
{
	return s == NULL || strlen(s) <= DIRECTORY_NAME_MAX;
}

static enum err
check_rules(const struct directory *d, size_t i, struct why *why)
{
	const struct agency *a = &d->agencies[i];

	if (a->n_may_send > DIRECTORY_MAY_SEND_MAX || a->n_services > DIRECTORY_SERVICES_MAX)
		return bad(why, "agencies", i, "too many rules or services");
	for (size_t k = 0; k < a->n_may_send; k++) {
		const char *rule = a->may_send[k];

		if (strcmp(rule, DIRECTORY_ALL) == 0)
			continue;
		if (strncmp(rule, DIRECTORY_KIND, sizeof(DIRECTORY_KIND) - 1) == 0) {
			if (!is_token(rule + sizeof(DIRECTORY_KIND) - 1))
				return bad(why, "agencies", i, "may_send names no kind");
		} else if (directory_find(d, rule) == NULL) {
			return why_set(why, ERR_UNKNOWN_AGENCY, "agencies", "item %zu: may_send names no agency", i + 1);
		}
	}
	for (size_t k = 0; k < a->n_services; k++)
		if (!is_token(a->services[k]))
			return bad(why, "agencies", i, "a service id is malformed");
	return OK;
}

static enum err
check_agencies(const struct directory *d, struct why *why)
{
	enum err e;

	if (d->n_agencies > DIRECTORY_AGENCIES_MAX)
		return bad(why, "agencies", d->n_agencies, "too many");
	for (size_t i = 0; i < d->n_agencies; i++) {
		const struct agency *a = &d->agencies[i];

		if (!agency_is_id(a->id) || strcmp(a->id, AGENCY_HUB) == 0)
			return bad(why, "agencies", i, "its id is malformed");
		if (i > 0 && strcmp(d->agencies[i - 1].id, a->id) >= 0)
			return bad(why, "agencies", i, "not in ascending order");
		if (!is_token(a->kind) || !is_token(a->municipality))
			return bad(why, "agencies", i, "its kind or municipality is malformed");
		if (!is_person_text(a->name_bg) || !is_person_text(a->name_en))
			return bad(why, "agencies", i, "its name is too long");
		if (bytes_is_zero(a->signing.b, KEY_LEN))
			return bad(why, "agencies", i, "its signing key is missing");
	}
	for (size_t i = 0; i < d->n_agencies; i++) {
		for (size_t k = 0; k < i; k++)
			if (key_id_eq(&d->agencies[k].signing_id, &d->agencies[i].signing_id))
				return bad(why, "agencies", i, "its signing key is another agency's");
		if ((e = check_rules(d, i, why)) != OK)
			return e;
	}
	return OK;
}

static enum err
check_coordinators(const struct directory *d, struct why *why)
{
	for (size_t i = 0; i < d->n_coordinators; i++) {
		const struct coordinator *c = &d->coordinators[i];

		if (!is_token(c->municipality))
			return bad(why, "coordinators", i, "its municipality is malformed");
		if (i > 0 && strcmp(d->coordinators[i - 1].municipality, c->municipality) >= 0)
			return bad(why, "coordinators", i, "not in ascending order");
		if (directory_find(d, c->agency) == NULL)
			return why_set(why, ERR_UNKNOWN_AGENCY, "coordinators", "item %zu names no agency", i + 1);
	}
	return OK;
}

static enum err
check_auditors(const struct directory *d, struct why *why)
{
	if (d->n_auditors > DIRECTORY_AUDITORS_MAX || d->threshold < 2 || d->threshold > d->n_auditors)
		return why_set(why, ERR_FORMAT, "auditors", "%zu with threshold %u: 2 <= threshold <= auditors <= %d",
			       d->n_auditors, d->threshold, DIRECTORY_AUDITORS_MAX);
	for (size_t i = 0; i < d->n_auditors; i++) {
		if (!agency_is_id(d->auditors[i].name) || bytes_is_zero(d->auditors[i].pub.b, KEY_LEN))
			return bad(why, "auditors", i, "its name is malformed or its key missing");
		for (size_t k = 0; k < i; k++)
			if (strcmp(d->auditors[k].name, d->auditors[i].name) == 0 ||
			    is_same(&d->auditors[k].pub, &d->auditors[i].pub))
				return bad(why, "auditors", i, "its name or key is another auditor's");
	}
	return OK;
}

static enum err
check_registrars(const struct directory *d, struct why *why)
{
	if (d->n_registrars > DIRECTORY_REGISTRARS_MAX || d->registrar_threshold < 1 || d->registrar_threshold > d->n_registrars)
		return why_set(why, ERR_FORMAT, "registrars", "%zu with threshold %u: 1 <= threshold <= registrars <= %d",
			       d->n_registrars, d->registrar_threshold, DIRECTORY_REGISTRARS_MAX);
	for (size_t i = 0; i < d->n_registrars; i++) {
		if (!note_is_name(d->registrars[i].name) || bytes_is_zero(d->registrars[i].pub.b, KEY_LEN))
			return bad(why, "registrars", i, "its name is malformed or its key missing");
		for (size_t k = 0; k < i; k++)
			if (strcmp(d->registrars[k].name, d->registrars[i].name) == 0 ||
			    is_same(&d->registrars[k].pub, &d->registrars[i].pub))
				return bad(why, "registrars", i, "its name or key is another registrar's");
	}
	return OK;
}

enum err
directory_check(const struct directory *d, struct why *why)
{
	enum err e;

	if (d->version == 0)
		return why_set(why, ERR_FORMAT, "version", "missing");
	if (d->valid_from_ms <= 0 || d->valid_until_ms <= d->valid_from_ms ||
	    d->valid_until_ms - d->valid_from_ms > DIRECTORY_VALID_MAX_MS)
		return why_set(why, ERR_FORMAT, "valid", "not a stretch of time of at most 366 days");
	if (!note_is_name(d->origin))
		return why_set(why, ERR_FORMAT, "origin", "missing or malformed");
	if (bytes_is_zero(d->log.b, KEY_LEN) || bytes_is_zero(d->notice.b, KEY_LEN) || bytes_is_zero(d->curve.b, KEY_LEN) || is_same(&d->log, &d->notice))
		return why_set(why, ERR_FORMAT, "hub", "a key is missing, or one serves two uses");
	if ((e = check_agencies(d, why)) != OK || (e = check_coordinators(d, why)) != OK ||
	    (e = check_auditors(d, why)) != OK)
		return e;
	if ((e = check_registrars(d, why)) != OK)
		return e;
	return rules_check(&d->rules, why);
}
