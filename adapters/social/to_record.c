/* SPDX-License-Identifier: EUPL-1.2 */
/* to_record - what a social agency's system says: a referral, a status, a record of any other kind, or "registered".
 *
 * The address tells which; in the folder, where there is none, a body with `kind` is a record and one with `to` a status, and those of
 * OSCaR and Primero are known by their members (case_in.c). What the body leaves open
 * (target, case, previous state, transition) the core completes and checks. See MAPPING.md.
 */
#include "adapters/social/social.h"

#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "proto/base/clock.h"
#include "proto/kind.h"

#define INBOX_PREFIX "/v1/inbox/"
#define REGISTERED_SUFFIX "/registered"

enum body { BODY_NONE, BODY_REFERRAL, BODY_STATUS, BODY_RECORD, BODY_REGISTERED };

/* application/json, in whatever case, with a charset of UTF-8 or none; XML brings its charset along. */
static enum err
check_media_type(const char *type, struct why *why)
{
	static const char json[] = "application/json";
	const char *charset;

	if (type == NULL)
		return OK;
	if (strncasecmp(type, json, sizeof(json) - 1) != 0 || strchr("; \t", type[sizeof(json) - 1]) == NULL)
		return why_set(why, ERR_MEDIA_TYPE, "Content-Type", "application/json or application/xml is expected");
	for (charset = type; *charset != '\0' && strncasecmp(charset, "charset=", strlen("charset=")) != 0; charset++)
		;
	if (*charset == '\0')
		return OK;
	charset += strlen("charset=");
	charset += *charset == '"';
	if (strncasecmp(charset, "utf-8", strlen("utf-8")) != 0)
		return why_set(why, ERR_CHARSET, "Content-Type", "JSON is UTF-8");
	return OK;
}

/* The path comes as it was sent; %xx stands for a byte. A stray % stands for itself, and NUL for no id at all. */
static char *
percent_decode(const char *p, size_t n, struct arena *mem)
{
	char *text = arena_strn(mem, p, n), *to = text;
	uint8_t byte;

	for (size_t i = 0; text != NULL && i < n; i++) {
		const char hex[3] = { n - i > 2 ? p[i + 1] : 'x', n - i > 2 ? p[i + 2] : 'x', '\0' };

		if (p[i] == '%' && bytes_unhex(hex, &byte, 1) == OK) {
			*to++ = (char)byte;
			i += 2;
		} else {
			*to++ = p[i];
		}
	}
	if (text != NULL)
		*to = '\0';
	return text;
}

/* The {id} of /v1/inbox/{id}/registered; NULL if the path is another, or its id empty or too long. */
static const char *
id_in_path(const char *path, size_t n, struct arena *mem)
{
	const size_t prefix = strlen(INBOX_PREFIX), suffix = strlen(REGISTERED_SUFFIX);
	const char *id;

	if (n <= prefix + suffix || strncmp(path, INBOX_PREFIX, prefix) != 0 ||
	    strncmp(path + n - suffix, REGISTERED_SUFFIX, suffix) != 0)
		return NULL;
	id = percent_decode(path + prefix, n - prefix - suffix, mem);
	return id != NULL && *id != '\0' && strlen(id) <= SOCIAL_ID_MAX ? id : NULL;
}

static enum body
body_of(const struct native *in, json_t *root, struct arena *mem, const char **ret_id)
{
	size_t n;

	*ret_id = NULL;
	if (in->path == NULL && json_object_get(root, "kind") != NULL)
		return BODY_RECORD;
	if (in->path == NULL)
		return json_object_get(root, "to") != NULL ? BODY_STATUS : BODY_REFERRAL;
	n = strcspn(in->path, "?");
	if (n == strlen("/v1/referrals") && strncmp(in->path, "/v1/referrals", n) == 0)
		return BODY_REFERRAL;
	if (n == strlen("/v1/statuses") && strncmp(in->path, "/v1/statuses", n) == 0)
		return BODY_STATUS;
	if (n == strlen("/v1/records") && strncmp(in->path, "/v1/records", n) == 0)
		return BODY_RECORD;
	*ret_id = id_in_path(in->path, n, mem);
	return *ret_id != NULL ? BODY_REGISTERED : BODY_NONE;
}

/* A short text member outside the record: of 1 to `max` bytes, printable. ERR_REQUIRED if it is not there. */
static enum err
text_member(json_t *root, const char *name, size_t max, struct arena *mem, const char **ret_text, struct why *why)
{
	const json_t *value = json_object_get(root, name);
	const char *text = json_string_value(value);

	*ret_text = NULL;
	if (value == NULL || json_is_null(value) || (text != NULL && *text == '\0'))
		return why_set(why, ERR_REQUIRED, name, "is missing");
	if (text == NULL)
		return why_set(why, ERR_SYNTAX, name, "a text is expected");
	if (strlen(text) > max)
		return why_set(why, ERR_TOOLONG, name, "at most %zu bytes", max);
	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return why_set(why, ERR_CHARSET, name, "has a control character");
	*ret_text = arena_str(mem, text);
	return *ret_text != NULL ? OK : why_set(why, ERR_TOOBIG, NULL, "no room for the body");
}

static enum err
start_record(struct intake_item *item, const char *kind, struct arena *mem)
{
	enum err e;

	if ((item->record = record_new(mem, "record")) == NULL)
		return why_set(&item->why, ERR_TOOBIG, NULL, "no room for the body");
	if ((e = record_set(item->record, mem, "kind", kind, &item->why)) == OK)
		e = record_set(item->record, mem, "source", "social-json", &item->why);
	return e;
}

static enum err
check_referral_id(const char *id, const char *where, struct why *why)
{
	if (id == NULL)
		return why_set(why, ERR_REQUIRED, where, "is missing");
	if (strlen(id) > record_field(record_type_by_name("referral"), "referral_id")->limit)
		return why_set(why, ERR_TOOLONG, where, "longer than its limit");
	return OK;
}

/* An agency speaks for itself only: where the body names an initiator, it must be us. */
static enum err
own_initiator(struct referral *r, const struct sector_env *env, struct arena *mem, struct intake_item *item)
{
	if (r->initiator != NULL && r->initiator->agency != NULL) {
		if (strcmp(r->initiator->agency, env->agency) != 0)
			return why_set(&item->why, ERR_NOT_YOU, "referral.initiator.agency", "not this agency");
		return OK;
	}
	return record_set(item->record, mem, "referral.initiator.agency", env->agency, &item->why);
}

/* The pseudonym of a case that came before, where the body names one. */
static enum err
read_case_id(json_t *root, struct arena *mem, struct intake_item *item)
{
	const json_t *case_id = json_object_get(root, "case_id");
	const char *hex = json_string_value(case_id);

	if (case_id == NULL || json_is_null(case_id))
		return OK;
	if (hex == NULL || *hex == '\0' || record_set(item->record, mem, "case_id", hex, NULL) != OK)
		return why_set(&item->why, ERR_BAD_NUMBER, "case_id", "32 hexadecimal digits are expected");
	return OK;
}

static enum err
read_referral(json_t *root, const struct sector_env *env, struct arena *mem, struct intake_item *item)
{
	const struct referral *r;
	enum err e;

	if ((e = start_record(item, "referral", mem)) != OK)
		return e;
	if ((e = social_json_read(root, "referral", "case_id", item->record, mem, &item->why)) != OK ||
	    (e = read_case_id(root, mem, item)) != OK)
		return e;
	if ((r = item->record->referral) == NULL)
		return why_set(&item->why, ERR_REQUIRED, "referral.referral_id", "is missing");
	if ((e = check_referral_id(r->referral_id, "referral.referral_id", &item->why)) != OK)
		return e;
	item->native_id = r->referral_id;
	item->target = r->target != NULL ? r->target->agency : NULL;
	return own_initiator(item->record->referral, env, mem, item);
}

/* A status is the same again if its own id is, or else if referral, state and time are. */
static enum err
status_id(json_t *root, struct arena *mem, struct intake_item *item)
{
	const struct status *s = item->record->status;
	const json_t *id = json_object_get(root, "status_id");
	char at[CLOCK_TEXT_LEN];

	if (id != NULL && !json_is_null(id))	/* then the core may say when: the content must not change with the hour */
		return text_member(root, "status_id", SOCIAL_ID_MAX, mem, &item->native_id, &item->why);
	if (s->at == NULL)
		return why_set(&item->why, ERR_REQUIRED, "status.at", "needed where there is no status_id");
	clock_format(*s->at, at);
	item->native_id = arena_fmt(mem, "%s/%s/%s", s->referral_id, s->to, at);
	return item->native_id != NULL ? OK : why_set(&item->why, ERR_TOOBIG, NULL, "no room for the body");
}

static enum err
read_status(json_t *root, struct arena *mem, struct intake_item *item)
{
	const struct status *s;
	enum err e;

	if ((e = start_record(item, "status-change", mem)) != OK)
		return e;
	if ((e = social_json_read(root, "status", "status_id", item->record, mem, &item->why)) != OK)
		return e;
	if ((s = item->record->status) == NULL)
		return why_set(&item->why, ERR_REQUIRED, "status.referral_id", "is missing");
	if ((e = check_referral_id(s->referral_id, "status.referral_id", &item->why)) != OK)
		return e;
	if (s->to == NULL)
		return why_set(&item->why, ERR_REQUIRED, "status.to", "is missing");
	return status_id(root, mem, item);
}

/* { "kind": "info-request", "record_id": "...", "info_request": {...} } */
static enum err
read_record(json_t *root, struct arena *mem, struct intake_item *item)
{
	const struct kind *kind;
	const char *code;
	json_t *body;
	enum err e;

	if ((e = text_member(root, "kind", SOCIAL_ID_MAX, mem, &code, &item->why)) != OK)
		return e;
	kind = kind_by_code(code);
	if (kind == NULL || strcmp(kind->body, "referral") == 0 || strcmp(kind->body, "status") == 0)
		return why_set(&item->why, ERR_UNKNOWN_CODE, "kind", "not a kind that is taken here");
	for (void *i = json_object_iter(root); i != NULL; i = json_object_iter_next(root, i)) {
		const char *key = json_object_iter_key(i);

		if (strcmp(key, "kind") != 0 && strcmp(key, "record_id") != 0 && strcmp(key, "case_id") != 0 &&
		    strcmp(key, kind->body) != 0)
			return why_set(&item->why, ERR_UNKNOWN_FIELD, "?", "beside kind, record_id and case_id only %s is expected",
				       kind->body);
	}
	if ((body = json_object_get(root, kind->body)) == NULL)
		return why_set(&item->why, ERR_REQUIRED, kind->body, "is missing");
	if ((e = text_member(root, "record_id", SOCIAL_ID_MAX, mem, &item->native_id, &item->why)) != OK ||
	    (e = start_record(item, kind->code, mem)) != OK ||
	    (e = social_json_read(body, kind->body, NULL, item->record, mem, &item->why)) != OK ||
	    (e = read_case_id(root, mem, item)) != OK)
		return e;
	return kind_body(item->record) == NULL ? why_set(&item->why, ERR_REQUIRED, kind->body, "is empty") : OK;
}

static enum err
read_registered(json_t *root, const char *id, struct arena *mem, struct intake_item *item)
{
	if (json_object_size(root) > (json_object_get(root, "case_no") != NULL ? 1 : 0))
		return why_set(&item->why, ERR_UNKNOWN_FIELD, "?", "only case_no is expected");
	item->confirms = id;
	return text_member(root, "case_no", SOCIAL_CASE_NO_MAX, mem, &item->case_no, &item->why);
}

/* On a refusal nothing of the record is left to be used by mistake. */
static void
read_item(enum body body, json_t *root, const char *id, const struct sector_env *env, struct arena *mem,
	  struct intake_item *item)
{
	enum err e = ERR_NOTFOUND;

	if (body == BODY_REFERRAL)
		e = read_referral(root, env, mem, item);
	else if (body == BODY_STATUS)
		e = read_status(root, mem, item);
	else if (body == BODY_RECORD)
		e = read_record(root, mem, item);
	else if (body == BODY_REGISTERED)
		e = read_registered(root, id, mem, item);
	else
		why_set(&item->why, e, NULL, "nothing is taken at this address");
	if (e == OK && item->record != NULL)
		e = record_set(item->record, mem, "native_id", item->native_id, &item->why);
	if (e != OK) {
		item->record = NULL;
		item->confirms = item->case_no = NULL;
	}
	item->e = e;
}

void
social_to_records(const struct native *in, const struct sector_env *env, struct arena *mem, struct intake *ret_intake)
{
	struct why *why = &ret_intake->why;
	bool is_xml = social_xml_is(in);
	json_t *root = NULL;
	enum format shape;
	const char *id;
	enum body body;
	enum err e;

	*ret_intake = (struct intake){ .e = OK };
	if (in->format != FORMAT_JSON && in->format != FORMAT_XML && in->format != FORMAT_NONE && in->format != FORMAT_OSCAR &&
	    in->format != FORMAT_PRIMERO)
		e = why_set(why, ERR_UNSUPPORTED, NULL, "this agency's adapter reads JSON and XML");
	else if (is_xml && social_case_format(in, NULL) != FORMAT_NONE)
		e = why_set(why, ERR_MEDIA_TYPE, "Content-Type", "application/json is expected here");
	else if (is_xml)
		e = social_xml_parse(in->bytes, in->charset, mem, &root, why);
	else if ((e = check_media_type(in->media_type, why)) == OK)
		e = social_json_parse(in->bytes, &root, why);
	if (e != OK)
		goto out;
	if (!is_xml && (shape = social_case_format(in, root)) != FORMAT_NONE) {
		social_case_to_records(shape, root, env, mem, ret_intake);
		e = ret_intake->e;
		goto out;
	}
	if ((ret_intake->items = arena_alloc(mem, sizeof(*ret_intake->items))) == NULL) {
		e = why_set(why, ERR_TOOBIG, NULL, "no room for the body");
		goto out;
	}
	ret_intake->n = 1;
	body = body_of(in, root, mem, &id);
	read_item(body, root, id, env, mem, &ret_intake->items[0]);
	if (is_xml && ret_intake->items[0].record != NULL)
		ret_intake->items[0].record->source = "social-xml";
out:
	json_decref(root);
	ret_intake->e = e;
}
