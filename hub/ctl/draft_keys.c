/* SPDX-License-Identifier: EUPL-1.2 */
/* draft_keys - the tables that the binder reads, and the shapes of their values. */
#include "hub/ctl/draft_keys.h"

#include <string.h>

#include "config/tables.h"
#include "proto/agency.h"
#include "proto/base/clock.h"
#include "proto/directory.h"

#define KEY_TEXT_LEN 44		/* base64 of 32 bytes */

/* -- shapes -- */

bool
draft_keys_parse(const char *text, struct public_key *ret_key)
{
	struct arena *mem = arena_new(1024);
	struct span raw;
	bool is = mem != NULL && strlen(text) == KEY_TEXT_LEN && note_unbase64(span_str(text), mem, &raw) == OK &&
		  raw.n == KEY_LEN;

	if (is)
		memcpy(ret_key->b, raw.p, KEY_LEN);
	arena_free(mem);
	return is;
}

static bool
is_key(const char *text)
{
	struct public_key key;

	return draft_keys_parse(text, &key);
}

static bool
is_verifier(const char *text)
{
	struct arena *mem = arena_new(4096);
	struct note_verifier v;
	bool is = mem != NULL && note_verifier_parse(text, mem, &v) == OK;

	arena_free(mem);
	return is;
}

static bool
is_time(const char *text)
{
	int64_t ms;

	return clock_parse(text, &ms) == OK;
}

static bool
is_agency(const char *text)
{
	return agency_is_id(text) && strcmp(text, AGENCY_HUB) != 0;
}

static const struct form form_key = { is_key, PROBLEM_PUBLIC_KEY };
static const struct form form_verifier = { is_verifier, PROBLEM_VERIFIER };
static const struct form form_time = { is_time, PROBLEM_TIME };
static const struct form form_party = { is_agency, PROBLEM_AGENCY };

/* -- tables -- */

/* clang-format off */
#define IN(member) FIELD(struct draft, member)
#define ITEMS(member, type) .offset = offsetof(struct draft, member), .size = sizeof(type)

static const struct bind_row agency_rows[] = {
	{ "id", BIND_TEXT, 0, 0, FIELD(struct draft_agency, id), .form = &form_party, .help = "the agency's id" },
	{ "kind", BIND_TEXT, BIND_REQUIRED, 0, FIELD(struct draft_agency, kind), .max = AGENCY_ID_MAX, .form = &form_code,
	  .help = "what kind of agency it is", .hint = "like hospital, gp, school, ozd, cop" },
	{ "municipality", BIND_TEXT, BIND_REQUIRED, 0, FIELD(struct draft_agency, municipality), .form = &form_municipality,
	  .help = "where it is", .hint = "like PDV22" },
	{ "name_bg", BIND_TEXT, BIND_REQUIRED, 0, FIELD(struct draft_agency, name_bg), .max = DIRECTORY_NAME_MAX,
	  .help = "its name in Bulgarian", .hint = "as on its letterhead" },
	{ "name_en", BIND_TEXT, 0, 0, FIELD(struct draft_agency, name_en), .max = DIRECTORY_NAME_MAX, .help = "its name in English" },
	{ "facts", BIND_PATH, 0, NEED_FILE, FIELD(struct draft_agency, facts), .help = "the agency.yaml of its keygen" },
	{ "signing", BIND_TEXT, 0, 0, FIELD(struct draft_agency, signing), .form = &form_key, .help = "its public signing key" },
	{ "may_send", BIND_TEXTS, 0, 0, FIELD(struct draft_agency, may_send), offsetof(struct draft_agency, n_may_send),
	  .max = DIRECTORY_MAY_SEND_MAX, .help = "to whom: agency ids, kind:KIND, or '*'" },
	{ "services", BIND_TEXTS, 0, 0, FIELD(struct draft_agency, services), offsetof(struct draft_agency, n_services),
	  .max = DIRECTORY_SERVICES_MAX, .form = &form_code, .help = "the services that it gives" },
	{ .path = NULL },
};
const struct bind_row draft_keys_agency[] = {
	{ "id", BIND_TEXT, BIND_REQUIRED, 0, FIELD(struct draft_agency, id), .form = &form_party, .help = "the agency's id", .hint = DRAFT_KEYGEN_HINT },
	{ "signing", BIND_TEXT, BIND_REQUIRED, 0, FIELD(struct draft_agency, signing), .form = &form_key, .help = "its public signing key",
	  .hint = DRAFT_KEYGEN_HINT },
	{ .path = NULL },
};
static const struct bind_row auditor_rows[] = {
	{ "name", BIND_TEXT, 0, 0, FIELD(struct draft_auditor, name), .form = &form_party, .help = "the auditor's name" },
	{ "key", BIND_TEXT, 0, 0, FIELD(struct draft_auditor, key), .form = &form_key, .help = "the auditor's public key" },
	{ "facts", BIND_PATH, 0, NEED_FILE, FIELD(struct draft_auditor, facts), .help = "the NAME.yaml of the auditor's keygen" },
	{ .path = NULL },
};
const struct bind_row draft_keys_auditor[] = {
	{ "name", BIND_TEXT, BIND_REQUIRED, 0, FIELD(struct draft_auditor, name), .form = &form_party, .help = "the auditor's name",
	  .hint = DRAFT_KEYGEN_HINT },
	{ "key", BIND_TEXT, BIND_REQUIRED, 0, FIELD(struct draft_auditor, key), .form = &form_key, .help = "the auditor's public key",
	  .hint = DRAFT_KEYGEN_HINT },
	{ .path = NULL },
};
const struct bind_row draft_keys_hub[] = {
	{ "origin", BIND_TEXT, 0, 0, FIELD(struct draft_hub, origin), .form = &form_origin, .help = "the log's name" },
	{ "log", BIND_TEXT, BIND_REQUIRED, 0, FIELD(struct draft_hub, log), .form = &form_key, .help = "the log's public key", .hint = DRAFT_KEYGEN_HINT },
	{ "notice", BIND_TEXT, BIND_REQUIRED, 0, FIELD(struct draft_hub, notice), .form = &form_key, .help = "the public key of notices",
	  .hint = DRAFT_KEYGEN_HINT },
	{ "curve", BIND_TEXT, BIND_REQUIRED, 0, FIELD(struct draft_hub, curve), .form = &form_key, .help = "the public transport key",
	  .hint = DRAFT_KEYGEN_HINT },
	{ "verifier", BIND_TEXT, 0, 0, FIELD(struct draft_hub, verifier), .form = &form_verifier, .help = "the log's verifier key" },
	{ .path = NULL },
};
static const struct bind_row coordinator_items[] = {
	{ "municipality", BIND_TEXT, 0, 0, FIELD(struct draft_coordinator, municipality), .form = &form_municipality },
	{ "agency", BIND_TEXT, 0, 0, FIELD(struct draft_coordinator, agency), .form = &form_party },
	{ .path = NULL },
};
const struct bind_row draft_keys[] = {
	{ "version", BIND_INT, BIND_REQUIRED, 0, IN(version), .min = 1, .max = UINT32_MAX,
	  .help = "the directory's number, one higher each time", .hint = "the first is 1" },
	{ "valid_from", BIND_TEXT, 0, 0, IN(valid_from), .form = &form_time, .help = "when it begins to hold; now if not given" },
	{ "valid_days", BIND_INT, 0, 0, IN(valid_days), .def = "365", .min = 1, .max = 366, .help = "for how many days it holds" },
	{ "hub.origin", BIND_TEXT, 0, 0, IN(hub.origin), .form = &form_origin, .help = "the log's name" },
	{ "hub.facts", BIND_PATH, 0, NEED_FILE, IN(hub.facts), .help = "the hub.yaml of the hub's keygen" },
	{ "hub.log", BIND_TEXT, 0, 0, IN(hub.log), .form = &form_key, .help = "the log's public key" },
	{ "hub.notice", BIND_TEXT, 0, 0, IN(hub.notice), .form = &form_key, .help = "the public key of notices" },
	{ "hub.curve", BIND_TEXT, 0, 0, IN(hub.curve), .form = &form_key, .help = "the public transport key" },
	{ "auditors.threshold", BIND_INT, BIND_REQUIRED, 0, IN(auditor_threshold), .min = 2, .max = DIRECTORY_AUDITORS_MAX,
	  .help = "how many auditors open a message together", .hint = "like 3 of 5" },
	{ "auditors.members", BIND_LIST, BIND_REQUIRED, 0, ITEMS(auditors, struct draft_auditor), offsetof(struct draft, n_auditors), .min = 2,
	  .max = DIRECTORY_AUDITORS_MAX, .items = auditor_rows, .help = "the auditors", .hint = "a list of {name, key} or {facts}" },
	{ "registrars.threshold", BIND_INT, BIND_REQUIRED, 0, IN(registrar_threshold), .min = 1, .max = DIRECTORY_REGISTRARS_MAX,
	  .help = "how many registrars sign a directory", .hint = "like 2 of 3" },
	{ "registrars.keys", BIND_TEXTS, BIND_REQUIRED, 0, IN(registrars), offsetof(struct draft, n_registrars), .min = 1,
	  .max = DIRECTORY_REGISTRARS_MAX, .form = &form_verifier, .help = "the registrars' verifier keys", .hint = "what keygen registrar printed" },
	{ "coordinators", BIND_MAP, 0, 0, ITEMS(coordinators, struct draft_coordinator), offsetof(struct draft, n_coordinators), .max = 512,
	  .items = coordinator_items,
	  .help = "municipality: agency that coordinates it" },
	{ "agencies", BIND_LIST, BIND_REQUIRED, 0, ITEMS(agencies, struct draft_agency), offsetof(struct draft, n_agencies), .min = 1,
	  .max = DIRECTORY_AGENCIES_MAX, .items = agency_rows, .help = "who takes part", .hint = "a list of agencies" },
	RULEBOOK_ROWS("rules.", offsetof(struct draft, rules)),
	{ .path = NULL },
};
/* clang-format on */
