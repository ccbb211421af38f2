/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_codes - the tables between FHIR's codes and ours; MAPPING.md prints them for the agencies. Pure. */
#include "adapters/health/fhir.h"

#include <string.h>

#include "proto/lifecycle.h"

/* The first row of a type is what is written. */
static const struct fhir_id_system id_systems[] = {
	{ "EGN", "urn:nasoka:egn", "NNBGR" },
	{ "LNCH", "urn:nasoka:lnch", "PRC" },
	{ "SSN", "urn:nasoka:ssn", "SS" },
	{ "passport", "http://hl7.org/fhir/sid/passport-BGR", "PPN" },
	{ "EU", "urn:nasoka:eu-id", "NNEU" },
	{ "local", "urn:nasoka:local-id", "MR" },
	{ "other", "urn:nasoka:other-id", "U" },
};

const struct fhir_id_system *
fhir_id_by_type(const char *type)
{
	for (size_t i = 0; i < sizeof(id_systems) / sizeof(id_systems[0]); i++)
		if (type != NULL && strcmp(id_systems[i].type, type) == 0)
			return &id_systems[i];
	return NULL;
}

const char *
fhir_id_type(const char *system, const char *code, const char *value)
{
	for (size_t i = 0; system != NULL && i < sizeof(id_systems) / sizeof(id_systems[0]); i++)
		if (strcmp(id_systems[i].system, system) == 0)
			return id_systems[i].type;
	/* NI is any national number, and some send NNBGR for the foreigner's as well: the digits decide */
	if (code != NULL && (strcmp(code, "NNBGR") == 0 || strcmp(code, "NI") == 0)) {
		if (record_is_egn(value))
			return "EGN";
		if (record_is_lnch(value))
			return "LNCH";
		return strcmp(code, "NNBGR") == 0 ? "EGN" : "other";	/* then the check digit tells the sender */
	}
	for (size_t i = 0; code != NULL && i < sizeof(id_systems) / sizeof(id_systems[0]); i++)
		if (strcmp(id_systems[i].code, code) == 0)
			return id_systems[i].type;
	if (system != NULL && strncmp(system, "http://hl7.org/fhir/sid/passport", 32) == 0)
		return "passport";
	if (code == NULL && record_is_egn(value))
		return "EGN";
	return code == NULL ? "local" : "other";
}

struct pair {
	const char *ours, *theirs;
};

static const struct pair relations[] = {
	{ "mother", "MTH" }, { "father", "FTH" }, { "guardian", "GUARD" }, { "grandparent", "GRPRN" },
	{ "foster-carer", "PRNFOST" }, { "sibling", "SIB" }, { "relative", "FAMMEMB" }, { "other", "O" },
	/* only read */
	{ "mother", "NMTH" }, { "mother", "STPMTH" }, { "mother", "ADOPTM" }, { "father", "NFTH" }, { "father", "STPFTH" },
	{ "father", "ADOPTF" }, { "grandparent", "GRMTH" }, { "grandparent", "GRFTH" }, { "grandparent", "MGRMTH" },
	{ "grandparent", "MGRFTH" }, { "grandparent", "PGRMTH" }, { "grandparent", "PGRFTH" }, { "foster-carer", "MTHFOST" },
	{ "foster-carer", "FTHFOST" }, { "sibling", "BRO" }, { "sibling", "SIS" }, { "sibling", "NBRO" }, { "sibling", "NSIS" },
	{ "relative", "AUNT" }, { "relative", "UNCLE" }, { "relative", "COUSN" }, { "relative", "EXT" }, { "guardian", "GRD" },
	{ "guardian", "GUADLTM" },
	{ NULL, NULL },
};

static const struct pair priorities[] = {
	{ "routine", "routine" }, { "urgent", "urgent" }, { "emergency", "stat" }, { "urgent", "asap" }, { NULL, NULL },
};

static const struct pair task_statuses[] = {
	{ "draft", "draft" }, { "requested", "requested" }, { "received", "received" }, { "accepted", "accepted" },
	{ "in-progress", "in-progress" }, { "on-hold", "on-hold" }, { "declined", "rejected" }, { "cancelled", "cancelled" },
	{ "completed", "completed" }, { "failed", "failed" }, { "entered-in-error", "entered-in-error" },
	/* several of our states are one of FHIR's: businessStatus tells them apart */
	{ "info-requested", "received" }, { "late-offered", "received" }, { "waitlisted", "on-hold" }, { "scheduled", "in-progress" },
	{ "cancel-requested", "in-progress" }, { "redirected", "rejected" }, { "expired", "cancelled" },
	{ "withdrawn", "cancelled" }, { "transferred", "cancelled" },
	/* only read */
	{ "accepted", "ready" },
	{ NULL, NULL },
};

static const struct pair bser[] = {
	{ "requested", "2.0" }, { "accepted", "3.0" }, { "declined", "4.0" }, { "in-progress", "5.1" },
	{ "scheduled", "5.1.1" }, { "cancel-requested", "5.2" }, { "cancelled", "6.0" }, { "completed", "7.0" },
	{ "redirected", "4.0" }, { "expired", "6.0" }, { "withdrawn", "6.0" }, { "transferred", "6.0" }, { "failed", "6.0" },
	{ "received", "2.0" },
	/* only read */
	{ "in-progress", "5.0" }, { "scheduled", "5.1.2" }, { "scheduled", "5.1.3" }, { "in-progress", "5.1.4" },
	{ NULL, NULL },
};

static const char *
theirs_of(const struct pair *table, const char *ours)
{
	for (; table->ours != NULL; table++)
		if (ours != NULL && strcmp(table->ours, ours) == 0)
			return table->theirs;
	return NULL;
}

static const char *
ours_of(const struct pair *table, const char *theirs)
{
	for (; table->ours != NULL; table++)
		if (theirs != NULL && strcmp(table->theirs, theirs) == 0)
			return table->ours;
	return NULL;
}

const char *
fhir_relation_code(const char *relation)
{
	return theirs_of(relations, relation);
}

const char *
fhir_relation_of(const char *code)
{
	const char *ours = ours_of(relations, code);

	return ours != NULL ? ours : "other";
}

const char *
fhir_priority_code(const char *priority)
{
	return theirs_of(priorities, priority);
}

const char *
fhir_priority_of(const char *code)
{
	return ours_of(priorities, code);
}

const char *
fhir_task_status(const char *state)
{
	return theirs_of(task_statuses, state);
}

const char *
fhir_refused_status(enum err refused, const char *state)
{
	const char *ended = refused == ERR_UNOPENED && lifecycle_is_final(lifecycle_state_by_code(state)) ? fhir_task_status(state) : NULL;

	return ended != NULL ? ended : "failed";
}

const char *
fhir_bser_code(const char *state)
{
	return theirs_of(bser, state);
}

const char *
fhir_state_of(const char *status, const char *business_system, const char *business_code)
{
	const char *plain = ours_of(task_statuses, status), *business = NULL;

	if (business_code != NULL && business_system != NULL && strcmp(business_system, FHIR_SYS_STATE) == 0 &&
	    lifecycle_state_by_code(business_code) != STATE_NONE)
		business = business_code;
	else if (business_code != NULL)
		business = ours_of(bser, business_code);
	if (business == NULL || (plain != NULL && strcmp(business, "requested") == 0))
		return plain;	/* systems that move only the status leave 2.0 standing */
	if (plain == NULL || strcmp(fhir_task_status(business), status) == 0)
		return business;
	return lifecycle_is_final(lifecycle_state_by_code(plain)) ? plain : business;
}

/* -- errors as FHIR tells them: RFC 9110 status, IssueType -- */
static const struct {
	enum err e;
	unsigned status;
	const char *issue;
} errors[] = {
	{ ERR_SYNTAX, 400, "structure" }, { ERR_CUT_OFF, 400, "structure" }, { ERR_CHARSET, 400, "structure" },
	{ ERR_FORMAT, 400, "structure" }, { ERR_ADDRESS, 400, "value" },
	{ ERR_SEARCH, 400, "not-supported" }, { ERR_UNAUTHORIZED, 401, "login" }, { ERR_NOTFOUND, 404, "not-found" },
	{ ERR_UNKNOWN_REFERRAL, 404, "not-found" }, { ERR_UNKNOWN_THREAD, 404, "not-found" },
	{ ERR_METHOD, 405, "not-supported" }, { ERR_NOT_ACCEPTABLE, 406, "not-supported" }, { ERR_GONE, 410, "deleted" },
	{ ERR_RANGE, 416, "value" },
	{ ERR_PRECONDITION, 412, "conflict" }, { ERR_DUPLICATE, 409, "duplicate" }, { ERR_EXISTS, 409, "duplicate" },
	{ ERR_CONFLICT, 409, "conflict" }, { ERR_TOOBIG, 413, "too-long" }, { ERR_MEDIA_TYPE, 415, "not-supported" },
	{ ERR_REQUIRED, 422, "required" }, { ERR_TOOLONG, 422, "too-long" }, { ERR_TOOMANY, 422, "structure" },
	{ ERR_UNKNOWN_CODE, 422, "code-invalid" }, { ERR_BAD_DATE, 422, "invalid" }, { ERR_BAD_NUMBER, 422, "invalid" },
	{ ERR_BAD_ID, 422, "invalid" }, { ERR_ID_DISAGREES, 422, "invalid" }, { ERR_PLACE_DISAGREES, 422, "invalid" },
	{ ERR_ENDS_FIRST, 422, "invalid" }, { ERR_YET_TO_COME, 422, "invalid" }, { ERR_OVER, 422, "invalid" },
	{ ERR_UNKNOWN_FIELD, 422, "structure" }, { ERR_UNSUPPORTED, 422, "not-supported" },
	{ ERR_HELD, 409, "conflict" }, { ERR_BAD_TRANSITION, 422, "business-rule" }, { ERR_BAD_ACTOR, 422, "business-rule" },
	{ ERR_CONSENT_CATEGORY, 422, "business-rule" }, { ERR_CONSENT_RECIPIENT, 422, "business-rule" },
	{ ERR_CONSENT_NAMES, 422, "business-rule" }, { ERR_CONSENT_ENDED, 422, "business-rule" }, { ERR_TOO_EARLY, 422, "business-rule" },
	{ ERR_UNPREPARED, 422, "business-rule" }, { ERR_UNASKED, 422, "invalid" }, { ERR_TWO_REFERRALS, 422, "multiple-matches" },
	{ ERR_UNROUTABLE, 422, "business-rule" }, { ERR_UNKNOWN_AGENCY, 422, "business-rule" },
	{ ERR_NOT_ALLOWED, 422, "business-rule" }, { ERR_BUSY, 503, "transient" }, { ERR_FULL, 503, "transient" },
	{ ERR_OVERLOAD, 503, "throttled" },
};

unsigned
fhir_http_status(enum err e)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].e == e)
			return errors[i].status;
	switch (err_verdict(e)) {
	case VERDICT_OK:
		return 200;
	case VERDICT_RETRY:
		return 503;
	case VERDICT_REJECT:
		return 422;
	case VERDICT_FATAL:
		break;
	}
	return 500;
}

const char *
fhir_issue_code(enum err e)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].e == e)
			return errors[i].issue;
	return err_verdict(e) == VERDICT_RETRY ? "transient" : err_verdict(e) == VERDICT_FATAL ? "exception" : "processing";
}
