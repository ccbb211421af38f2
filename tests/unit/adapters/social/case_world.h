/* SPDX-License-Identifier: EUPL-1.2 */
/* case_world - an agency with a case management system, for the tests of case_*.c: its concepts and aliases, and one referral that stands
 * where a test puts it. Include after cmocka.h. Synthetic.
 */
#ifndef TEST_CASE_WORLD_H
#define TEST_CASE_WORLD_H

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "adapters/social/social.h"
#include "tests/support/arena_fixture.h"

#define STANDING_ID "01999999-0000-7000-8000-000000000001"

/* The one referral that there is: known by any of `numbers` (blanks between them). */
static struct { const char *numbers, *number, *state, *case_no, *service_kind, *service_text; bool is_initiator; } standing;

static const char *const concepts[][3] = {
	{ "oscar-service", "Emergency foster care", "foster-matching" }, { "oscar-service", "Арт терапия", "psych-counselling" },
	{ "oscar-consent", "referral_consent_form", "parent" }, { "primero-consent", "consent_for_services", "guardian" },
	{ "primero-service", "family_based_care_kinship", "foster-support" }, { "oscar-gender", "lgbt", "other" },
	{ "primero-field", "referral_status_edf41f2", "referral-status" }, { "primero-status", "accepted_340953", "accepted" },
	{ "oscar-reason", "Client moved", "moved" }, { "primero-status", "in behandeling", "in-progress" },
};

static inline const char *
world_concept(const void *arg, const char *system, const char *code)
{
	(void)arg;
	for (size_t i = 0; i < sizeof(concepts) / sizeof(concepts[0]); i++)
		if (strcmp(concepts[i][0], system) == 0 && strcmp(concepts[i][1], code) == 0)
			return concepts[i][2];
	return NULL;
}

static inline const char *
world_native(const void *arg, const char *system, const char *code)
{
	(void)arg;
	for (size_t i = 0; i < sizeof(concepts) / sizeof(concepts[0]); i++)
		if (strcmp(concepts[i][0], system) == 0 && strcmp(concepts[i][2], code) == 0)
			return concepts[i][1];
	return NULL;
}

static inline const char *
world_agency(const void *arg, const char *alias)
{
	(void)arg;
	return strcmp(alias, "cif") == 0 ? "plovdiv-cop" : strcmp(alias, "ours") == 0 ? "plovdiv-ngo" : NULL;
}

static inline const char *
world_alias(const void *arg, const char *agency)
{
	(void)arg;
	return strcmp(agency, "plovdiv-ngo") == 0 ? "ours" : agency;
}

static inline enum err
world_progress(void *core, const char *number, struct arena *to, struct progress *ret)
{
	size_t n = strlen(number);
	struct record *record;

	(void)core;
	for (const char *p = standing.numbers; p != NULL && (p = strstr(p, number)) != NULL; p++) {
		if ((p != standing.numbers && p[-1] != ' ') || (p[n] != ' ' && p[n] != '\0'))
			continue;
		record = record_new(to, "record");
		record->referral = record_new(to, "referral");
		record->referral->service_kind = standing.service_kind;
		record->referral->service_text = standing.service_text;
		*ret = (struct progress){ .msg_id = STANDING_ID, .thread = "ff", .state = standing.state, .referral = record,
					  .referral_no = standing.number, .case_no = standing.case_no, .is_initiator = standing.is_initiator };
		return OK;
	}
	return ERR_UNKNOWN_REFERRAL;
}

static const struct sector_env case_env = {
	.agency = "plovdiv-ngo", .concept = world_concept, .native_of = world_native, .agency_of = world_agency, .alias_of = world_alias,
	.progress_of = world_progress,
};

static inline struct intake
case_post(enum format format, const char *body)
{
	uint8_t *copy = malloc(strlen(body) + 1);	/* of its own, so that a read past the end is seen */
	struct native in = { .format = format, .bytes = SPAN(copy, strlen(body)), .media_type = "application/json", .method = "POST",
			     .path = format == FORMAT_OSCAR ? "/v1/oscar" : format == FORMAT_PRIMERO ? "/v1/primero" : NULL };
	struct intake intake;

	memcpy(copy, body, strlen(body));
	social_to_records(&in, &case_env, mem, &intake);
	free(copy);					/* nothing may point into it any more */
	return intake;
}

static inline const char *
case_get(const struct intake *in, size_t i, const char *path)
{
	return in->items[i].record != NULL ? record_get(in->items[i].record, mem, path) : NULL;
}

/* In a body: '  for ". */
static inline const char *
quoted(const char *text)
{
	char *to = arena_str(mem, text);

	for (char *p = to; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	return to;
}

#endif
