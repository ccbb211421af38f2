/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_query - what a client asks for: search parameters of a URL or a form, the forms of answer that it takes. Pure. */
#include "adapters/health/fhir.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FORM "application/x-www-form-urlencoded"

/* -- text of a URL -- */

static int
digit_of(char c)
{
	const char *digits = "0123456789abcdef", *at = c != '\0' ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

/* A "+" stays itself: in FHIR's query strings it is the sign of a time zone more often than a blank. */
static char *
unescaped(struct arena *mem, const char *text, size_t n)
{
	char *to = arena_strn(mem, text, n), *at = to;

	for (size_t i = 0; to != NULL && i < n; i++) {
		int high = text[i] == '%' && i + 2 < n ? digit_of(text[i + 1]) : -1;
		int low = high >= 0 ? digit_of(text[i + 2]) : -1;

		if (low >= 0 && (high != 0 || low != 0)) {
			*at++ = (char)(high << 4 | low);
			i += 2;
		} else {
			*at++ = text[i];
		}
	}
	if (to != NULL)
		*at = '\0';
	return to;
}

const char *
fhir_path_type(const char *path, struct arena *mem)
{
	const char *type = path != NULL && strncmp(path, "/fhir/", 6) == 0 ? path + 6 : NULL;

	return type != NULL && *type != '\0' ? arena_strn(mem, type, strcspn(type, "/?")) : NULL;
}

/* -- one parameter -- */

#define ON_TASK 1u
#define ON_REQUEST 2u
#define ON_PATIENT 4u
#define ON_RESPONSE 8u
#define ON_SERVICE 16u
#define ON_REPORT 32u
#define ON_CONSENT 64u
#define ON_CHILD (ON_TASK | ON_REQUEST | ON_REPORT | ON_CONSENT)	/* what names the child */
#define ON_ALL (ON_CHILD | ON_PATIENT | ON_RESPONSE)

static const struct {
	const char *name;
	unsigned on;
	enum fhir_param param;
} params[] = {
	{ "_id", ON_ALL, FHIR_ID },
	{ "_lastUpdated", ON_ALL, FHIR_LAST_UPDATED },
	{ "identifier", ON_ALL, FHIR_IDENTIFIER },
	{ "status", ON_TASK | ON_REQUEST, FHIR_STATUS },
	{ "owner", ON_TASK, FHIR_OWNER },
	{ "performer", ON_TASK | ON_REQUEST, FHIR_OWNER },
	{ "requester", ON_TASK | ON_REQUEST, FHIR_REQUESTER },
	{ "patient", ON_CHILD, FHIR_PATIENT },
	{ "subject", ON_TASK | ON_REQUEST | ON_REPORT, FHIR_PATIENT },
	{ "questionnaire", ON_RESPONSE, FHIR_QUESTIONNAIRE },
	{ "patient.identifier", ON_CHILD, FHIR_PATIENT_NUMBER },
	{ "focus", ON_TASK, FHIR_FOCUS },
	{ "part-of", ON_TASK, FHIR_PART_OF },
	{ "birthdate", ON_PATIENT, FHIR_BIRTHDATE },
	{ "_id", ON_SERVICE, FHIR_ID },
	{ "_lastUpdated", ON_SERVICE, FHIR_LAST_UPDATED },
	{ "identifier", ON_SERVICE, FHIR_IDENTIFIER },
	{ "active", ON_SERVICE, FHIR_STATUS },
	{ "organization", ON_SERVICE, FHIR_OWNER },
	{ "service-type", ON_SERVICE, FHIR_SERVICE_TYPE },
	{ "service-category", ON_SERVICE, FHIR_PROGRAMME },
	{ "coverage-area", ON_SERVICE, FHIR_AREA },
	{ "name", ON_SERVICE, FHIR_NAME },
	{ "characteristic", ON_SERVICE, FHIR_ROOM },
	{ "age", ON_SERVICE, FHIR_AGE },
};

/* What says how to answer, not what to find; known, and read elsewhere or without effect here. */
static const char *const manner[] = { "_format", "_pretty", "_include", "_revinclude", "_total", "_sort", "_elements", NULL };

static unsigned
type_bit(const char *type)
{
	return strcmp(type, "Task") == 0 ? ON_TASK : strcmp(type, "ServiceRequest") == 0 ? ON_REQUEST :
	       strcmp(type, "Patient") == 0 ? ON_PATIENT : strcmp(type, "QuestionnaireResponse") == 0 ? ON_RESPONSE :
	       strcmp(type, "HealthcareService") == 0 ? ON_SERVICE : strcmp(type, "DiagnosticReport") == 0 ? ON_REPORT :
	       strcmp(type, "Consent") == 0 ? ON_CONSENT : 0;
}

static bool
is_in(const char *const *list, const char *name)
{
	for (; *list != NULL; list++)
		if (strcmp(*list, name) == 0)
			return true;
	return false;
}

/* The service's other tokens narrow one list, and are not told apart from it. */
static bool
may_be_negated(const struct fhir_query *q, enum fhir_param param)
{
	return param == FHIR_STATUS || (strcmp(q->type, "HealthcareService") != 0 && (param == FHIR_ID || param == FHIR_IDENTIFIER));
}

/* `modifier`: ":not", NULL if there is none. False: it has no meaning here. */
static bool
modify(const struct fhir_query *q, const char *modifier, struct fhir_term *t)
{
	bool is_number = modifier != NULL && strcmp(modifier, ":identifier") == 0;

	if (modifier == NULL || strcmp(modifier, ":Patient") == 0 || strcmp(modifier, ":Organization") == 0)
		return true;
	t->is_not = strcmp(modifier, ":not") == 0 && may_be_negated(q, t->param);
	if (is_number && t->param == FHIR_PATIENT)
		t->param = FHIR_PATIENT_NUMBER;
	else
		is_number = is_number && (t->param == FHIR_OWNER || t->param == FHIR_REQUESTER);
	return is_number || t->is_not;
}

static bool
is_value(const struct fhir_term *t)
{
	bool holds;

	return (t->param != FHIR_LAST_UPDATED && t->param != FHIR_BIRTHDATE) || fhir_periods_hold(t->value, 0, &holds) == OK;
}

static enum err
add_term(struct fhir_query *q, const char *name, const char *value, struct why *why)
{
	const char *modifier = strchr(name, ':');
	size_t n = modifier != NULL ? (size_t)(modifier - name) : strlen(name);
	struct fhir_term *t = &q->terms[q->n_terms];

	for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++) {
		if ((params[i].on & type_bit(q->type)) == 0 || strlen(params[i].name) != n || strncmp(params[i].name, name, n) != 0)
			continue;
		if (q->n_terms == FHIR_TERMS_MAX)
			return why_set(why, ERR_TOOMANY, name, "at most %u conditions", FHIR_TERMS_MAX);
		*t = (struct fhir_term){ .param = params[i].param, .value = value };
		if (!modify(q, modifier, t))
			return why_set(why, ERR_SEARCH, name, "this modifier is not known here");
		if (!is_value(t))
			return why_set(why, ERR_BAD_DATE, params[i].name,
				       "a year, month, day or time, behind eq, ne, gt, ge, lt, le, sa, eb or nothing");
		q->n_terms++;
		return OK;
	}
	return ERR_NOTFOUND;
}

static enum err
set_count(struct fhir_query *q, const char *value, struct why *why)
{
	char *end = NULL;
	unsigned long n = strtoul(value, &end, 10);

	if (end == value || *end != '\0' || *value == '-')
		return why_set(why, ERR_BAD_NUMBER, "_count", "a whole number");
	if (n < q->count)
		q->count = n;
	return OK;
}

static bool
is_position(const char *value)
{
	return (*value == 'i' || *value == 'o') && value[1] != '\0' && strspn(value + 1, "0123456789") == strlen(value + 1);
}

static enum err
take_param(struct fhir_query *q, const char *name, const char *value, bool is_strict, bool *ret_is_said, struct why *why)
{
	enum err e;

	*ret_is_said = true;
	if (*value == '\0')
		e = ERR_NOTFOUND;	/* an empty parameter is as none, the standard says */
	else if (strcmp(name, "_count") == 0)
		e = set_count(q, value, why);
	else if (strcmp(name, "_summary") == 0 && strcmp(value, "count") == 0)
		e = set_count(q, "0", why);
	else if (strcmp(name, "_after") == 0)
		e = is_position(value) ? OK : why_set(why, ERR_BAD_NUMBER, "_after", "as a link of ours has it");
	else
		e = add_term(q, name, value, why);
	if (e == OK && strcmp(name, "_after") == 0)
		q->position = value;
	if (strcmp(name, "_after") == 0 || e != OK)
		*ret_is_said = false;
	if (e != ERR_NOTFOUND || *value == '\0')
		return e == ERR_NOTFOUND ? OK : e;
	if (is_strict && !is_in(manner, name) && strcmp(name, "_summary") != 0)
		return why_set(why, ERR_SEARCH, name, "not known here");
	return OK;
}

/* "a=b&c=d"; what is understood goes to `self` as it was written. */
static enum err
parse_params(struct fhir_query *q, const char *p, bool is_strict, struct arena *mem, struct buf *self, struct why *why)
{
	bool is_said;
	enum err e;

	while (*p != '\0') {
		size_t n = strcspn(p, "&"), n_name = strcspn(p, "=&");
		const char *name = unescaped(mem, p, n_name), *value = n > n_name ? unescaped(mem, p + n_name + 1, n - n_name - 1) : "";

		if (name == NULL || value == NULL)
			return ERR_TOOBIG;
		if (n > 0 && ++q->n_params > FHIR_PARAMS_MAX)
			return why_set(why, ERR_TOOMANY, "parameters", "at most %u", FHIR_PARAMS_MAX);
		if (n > 0 && (e = take_param(q, name, value, is_strict, &is_said, why)) != OK)
			return e;
		if (n > 0 && is_said)
			buf_fmt(self, "%.*s&", (int)n, p);
		p += n + (p[n] == '&');
	}
	return OK;
}

/* A form writes a blank as "+"; what stands in a date's place is a zone all the same. */
static const char *
form_of(const struct native *request, struct arena *mem)
{
	const char *type = request->media_type, *body;

	if (request->bytes.n == 0 || type == NULL || strncasecmp(type, FORM, strlen(FORM)) != 0)
		return "";
	body = arena_strn(mem, request->bytes.p, request->bytes.n);
	return body;
}

enum err
fhir_query_parse(const struct native *request, struct arena *mem, struct fhir_query *ret_query, struct why *why)
{
	struct fhir_query q = { .type = fhir_path_type(request->path, mem), .count = FHIR_COUNT_MAX };
	const char *mark = strchr(request->path, '?'), *form = form_of(request, mem), *handling = fhir_prefers(request, "handling", mem);
	bool is_strict = handling != NULL && strcmp(handling, "strict") == 0;
	struct buf self;
	enum err e;

	if (q.type == NULL || type_bit(q.type) == 0)
		return why_set(why, ERR_NOTFOUND, "resourceType", "not searched here");
	buf_init(&self, mem);
	if (form == NULL || (e = parse_params(&q, mark != NULL ? mark + 1 : "", is_strict, mem, &self, why)) == OK)
		e = form != NULL ? parse_params(&q, form, is_strict, mem, &self, why) : ERR_TOOBIG;
	if (e == OK)
		e = self.e;
	q.self = self.n > 0 ? buf_text(&self) : "";
	*ret_query = q;
	return e;
}

/* -- forms of answer -- */

static bool
is_json(const char *said, size_t n)
{
	static const char *const taken[] = {
		FHIR_MEDIA_TYPE, "application/json", "application/json+fhir", "text/json", "json", "*/*", "application/*", "*",
		"application/json-patch+json",
	};

	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (strlen(taken[i]) == n && strncasecmp(taken[i], said, n) == 0)
			return true;
	return false;
}

static const char *
format_in(const char *text, struct arena *mem)
{
	for (const char *p = text; p != NULL && *p != '\0'; p += strcspn(p, "&") + (p[strcspn(p, "&")] == '&'))
		if (strncmp(p, "_format=", 8) == 0)
			return unescaped(mem, p + 8, strcspn(p + 8, "&"));
	return NULL;
}

enum err
fhir_check_accept(const struct native *request, struct arena *mem, struct why *why)
{
	const char *mark = request->path != NULL ? strchr(request->path, '?') : NULL;
	const char *format = format_in(mark != NULL ? mark + 1 : NULL, mem), *p;

	if (format != NULL)	/* goes before the header */
		return is_json(format, strcspn(format, "; ")) ? OK :
		    why_set(why, ERR_NOT_ACCEPTABLE, "_format", "%s", FHIR_MEDIA_TYPE);
	if (request->head == NULL || request->head->accept == NULL || *request->head->accept == '\0')
		return OK;
	for (p = request->head->accept; *p != '\0'; p += strcspn(p, ",") + (p[strcspn(p, ",")] == ',')) {
		p += strspn(p, " \t");
		if (is_json(p, strcspn(p, ",; \t")))
			return OK;
	}
	return why_set(why, ERR_NOT_ACCEPTABLE, "Accept", "%s", FHIR_MEDIA_TYPE);
}

const char *
fhir_prefers(const struct native *request, const char *name, struct arena *mem)
{
	const char *p = request->head != NULL ? request->head->prefer : NULL;
	size_t n = strlen(name);

	for (; p != NULL && *p != '\0'; p += strcspn(p, ",;") + (p[strcspn(p, ",;")] != '\0')) {
		p += strspn(p, " \t");
		if (strncasecmp(p, name, n) == 0 && p[n] == '=')
			return arena_strn(mem, p + n + 1, strcspn(p + n + 1, ",; \t"));
	}
	return NULL;
}
