/* SPDX-License-Identifier: EUPL-1.2 */
/* csv_columns - the tables of csv_columns.h. The first columns are the published ones, in their order; those after the mark
 * are optional and hold what other sectors' formats say besides. MAPPING.md lists them.
 */
#include "adapters/education/csv_columns.h"

#include <stdbool.h>
#include <string.h>

#include "proto/base/bytes.h"

#define WORD_MAX 64
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

const struct column CSV_REFERRAL[] = {
	{ "referral_no", "referral.referral_id", COLUMN_TEXT, NULL },
	{ "created_on", "referral.authored_on", COLUMN_TIME, NULL },
	{ "institution_code", "referral.child.school.code", COLUMN_TEXT, NULL },
	{ "institution_name", "referral.child.school.name", COLUMN_TEXT, NULL },
	{ "municipality_code", "referral.child.address.municipality", COLUMN_TEXT, NULL },
	{ "settlement_ekatte", "referral.child.address.ekatte", COLUMN_EKATTE, NULL },
	{ "class_or_group", "referral.child.school.grade", COLUMN_TEXT, NULL },
	{ "id_type", NULL, COLUMN_NONE, NULL },
	{ "id_number", "referral.child.ids", COLUMN_ID, NULL },
	{ "first_name", "referral.child.given", COLUMN_TEXT, NULL },
	{ "middle_name", "referral.child.middle", COLUMN_TEXT, NULL },
	{ "last_name", "referral.child.family", COLUMN_TEXT, NULL },
	{ "birth_date", "referral.child.birth_date", COLUMN_DATE, NULL },
	{ "gender", "referral.child.gender", COLUMN_CODE, "gender" },
	{ "carer_name", "referral.carers[0].name", COLUMN_TEXT, NULL },
	{ "carer_relation", "referral.carers[0].relation", COLUMN_CODE, "relation" },
	{ "carer_phone", "referral.carers[0].phone", COLUMN_TEXT, NULL },
	{ "service_kind", "referral.service_kind", COLUMN_CODE, "service_kind" },
	{ "need_codes", "referral.need", COLUMN_CODES, "need" },
	{ "risk_level", "referral.risk_level", COLUMN_CODE, "risk_level" },
	{ "priority", "referral.priority", COLUMN_CODE, "priority" },
	{ "reason", "referral.reason_text", COLUMN_TEXT, NULL },
	{ "absences_excused", "referral.attendance.absences_excused", COLUMN_INT, NULL },
	{ "absences_unexcused", "referral.attendance.absences_unexcused", COLUMN_INT, NULL },
	{ "period_from", "referral.attendance.period_from", COLUMN_DATE, NULL },
	{ "period_to", "referral.attendance.period_to", COLUMN_DATE, NULL },
	{ "measures_taken", "referral.attendance.measures_taken", COLUMN_TEXT, NULL },
	{ "legal_basis", "referral.legal_basis", COLUMN_CODE, "legal_basis" },
	{ "consent_date", "referral.consent.given_on", COLUMN_DATE, NULL },
	{ "consent_by", "referral.consent.given_by", COLUMN_GIVEN_BY, "consent_giver" },
	{ "respond_by", "referral.respond_by", COLUMN_TIME, NULL },
	{ "author_name", "referral.initiator.worker.name", COLUMN_TEXT, NULL },
	{ "author_role", "referral.initiator.worker.role", COLUMN_TEXT, NULL },
	{ "author_phone", "referral.initiator.worker.phone", COLUMN_TEXT, NULL },
	/* optional */
	{ "msg_id", NULL, COLUMN_NONE, NULL },
	{ "from_agency", NULL, COLUMN_NONE, NULL },
	{ "from_unit", "referral.initiator.unit", COLUMN_TEXT, NULL },
	{ "author_email", "referral.initiator.worker.email", COLUMN_TEXT, NULL },
	{ "target_agency", "referral.target.agency", COLUMN_ALIAS, NULL },
	{ "target_service", "referral.target.service_id", COLUMN_TEXT, NULL },
	{ "service_text", "referral.service_text", COLUMN_TEXT, NULL },
	{ "disposition", "referral.disposition_wanted", COLUMN_CODE, "disposition" },
	{ "requested_start", "referral.requested_start", COLUMN_DATE, NULL },
	{ "city", "referral.child.address.city", COLUMN_TEXT, NULL },
	{ "address_line", "referral.child.address.line", COLUMN_TEXT, NULL },
	{ "child_phone", "referral.child.phone", COLUMN_TEXT, NULL },
	{ "language", "referral.language", COLUMN_TEXT, NULL },
	{ "supersedes", "referral.supersedes", COLUMN_TEXT, NULL },
	{ "group_id", "referral.group_id", COLUMN_TEXT, NULL },
	{ "consent_form", "referral.consent.form", COLUMN_CODE, "consent_form" },
	{ "consent_name", "referral.consent.giver_name", COLUMN_TEXT, NULL },
	{ "consent_categories", "referral.consent.data_categories", COLUMN_CODES, "data_category" },
	{ "consent_until", "referral.consent.valid_until", COLUMN_DATE, NULL },
	{ "continues", "referral.continues", COLUMN_TEXT, NULL },
	{ "do_not_contact_carer", "referral.safety.do_not_contact_carer", COLUMN_BOOL, NULL },
	{ "do_not_visit_alone", "referral.safety.do_not_visit_alone", COLUMN_BOOL, NULL },
	{ "secret_address", "referral.safety.secret_address", COLUMN_BOOL, NULL },
	{ "contact_via", "referral.safety.contact_via", COLUMN_TEXT, NULL },
	{ "interpreter", "referral.interpreter", COLUMN_BOOL, NULL },
	{ "disability_support", "referral.disability_support", COLUMN_TEXT, NULL },
	{ "consent_evidence", "referral.consent.evidence", COLUMN_TEXT, NULL },
	{ CSV_LEFT_OUT, NULL, COLUMN_NONE, NULL },
	{ NULL, NULL, COLUMN_NONE, NULL },
};

const struct column CSV_STATUS[] = {
	{ "referral_no", "status.referral_id", COLUMN_TEXT, NULL },
	{ "transition", "status.transition", COLUMN_TEXT, NULL },
	{ "from", "status.from", COLUMN_CODE, "state" },
	{ "to", "status.to", COLUMN_CODE, "state" },
	{ "at", "status.at", COLUMN_TIME, NULL },
	{ "reason_code", "status.reason_code", COLUMN_CODE, "reason" },
	{ "reason", "status.reason_text", COLUMN_TEXT, NULL },
	{ "outcome", "status.outcome.outcome", COLUMN_CODE, "outcome" },
	{ "case_no", "status.case_no", COLUMN_TEXT, NULL },
	/* optional */
	{ "msg_id", NULL, COLUMN_NONE, NULL },
	{ "expected_start", "status.expected_start", COLUMN_DATE, NULL },
	{ "worker_name", "status.actor.name", COLUMN_TEXT, NULL },
	{ "worker_role", "status.actor.role", COLUMN_TEXT, NULL },
	{ "worker_phone", "status.actor.phone", COLUMN_TEXT, NULL },
	{ "appointment", "status.appointment.start", COLUMN_TIME, NULL },
	{ "place", "status.appointment.place", COLUMN_TEXT, NULL },
	{ "new_target", "status.new_target", COLUMN_TEXT, NULL },
	{ "questions", NULL, COLUMN_QUESTIONS, NULL },
	{ "answer_by", "status.answer_by", COLUMN_TIME, NULL },
	{ "worker_email", "status.actor.email", COLUMN_TEXT, NULL },
	{ "lead_name", "status.assigned_worker.name", COLUMN_TEXT, NULL },
	{ "lead_role", "status.assigned_worker.role", COLUMN_TEXT, NULL },
	{ "lead_phone", "status.assigned_worker.phone", COLUMN_TEXT, NULL },
	{ "lead_email", "status.assigned_worker.email", COLUMN_TEXT, NULL },
	{ "appointment_end", "status.appointment.end", COLUMN_TIME, NULL },
	{ "outcome_text", "status.outcome.text", COLUMN_TEXT, NULL },
	{ "closed_on", "status.outcome.closed_on", COLUMN_DATE, NULL },
	{ "closed_by", "status.outcome.closed_by", COLUMN_TEXT, NULL },
	{ "waitlist_position", "status.waitlist.position", COLUMN_INT, NULL },
	{ "waitlist_band", "status.waitlist.band", COLUMN_TEXT, NULL },
	{ "waitlist_days", "status.waitlist.estimated_wait_days", COLUMN_INT, NULL },
	{ "waitlist_review_by", "status.waitlist.review_by", COLUMN_DATE, NULL },
	{ "milestone", "status.milestone", COLUMN_TEXT, NULL },
	{ "attempt_no", "status.attempt_no", COLUMN_INT, NULL },
	{ "satisfied", "status.satisfied", COLUMN_BOOL, NULL },
	{ "follow_up_referral", "status.follow_up_referral", COLUMN_TEXT, NULL },
	{ "needs_new_consent", "status.needs_new_consent", COLUMN_BOOL, NULL },
	{ CSV_LEFT_OUT, NULL, COLUMN_NONE, NULL },
	{ NULL, NULL, COLUMN_NONE, NULL },
};

const char *const CSV_CONFIRM[] = { "msg_id", "case_no", "registered_on", NULL };
const char *const CSV_RESULT[] = { "referral_no", "result", "field", "message", "warning", NULL };

const char *const CSV_PREVIEW[] = {
	"referral_no", "msg_id", "from_agency", "received_at", "respond_by", CSV_PREVIEW_MARK, "service_kind", "municipality_code", "priority",
	"to", "reason_code", "reason", "case_no", "worker_name", "worker_role", NULL,
};

/* Words are in lower case: cyrillic_lower() makes them so. */
static const struct { const char *list, *word, *code; } WORDS[] = {
	{ "gender", "м", "male" }, { "gender", "мъж", "male" }, { "gender", "момче", "male" }, { "gender", "m", "male" },
	{ "gender", "1", "male" }, { "gender", "ж", "female" }, { "gender", "жена", "female" },
	{ "gender", "момиче", "female" }, { "gender", "f", "female" }, { "gender", "2", "female" },
	{ "id_type", "егн", "EGN" }, { "id_type", "egn", "EGN" }, { "id_type", "1", "EGN" },
	{ "id_type", "лнч", "LNCH" }, { "id_type", "lnch", "LNCH" }, { "id_type", "2", "LNCH" },
	{ "id_type", "ссн", "SSN" }, { "id_type", "ssn", "SSN" }, { "id_type", "3", "SSN" },
	{ "id_type", "паспорт", "passport" }, { "id_type", "4", "passport" },
	{ "id_type", "ес", "EU" }, { "id_type", "eu", "EU" }, { "id_type", "5", "EU" }, { "id_type", "друг", "other" },
	{ "relation", "майка", "mother" }, { "relation", "баща", "father" }, { "relation", "настойник", "guardian" },
	{ "relation", "попечител", "guardian" }, { "relation", "баба", "grandparent" },
	{ "relation", "дядо", "grandparent" }, { "relation", "приемен родител", "foster-carer" },
	{ "relation", "брат", "sibling" }, { "relation", "сестра", "sibling" }, { "relation", "роднина", "relative" },
	{ "relation", "друг", "other" },
	{ "consent_giver", "дете", "child" }, { "consent_giver", "детето", "child" },
	{ "consent_giver", "родител", "parent" }, { "consent_giver", "майка", "parent" },
	{ "consent_giver", "баща", "parent" }, { "consent_giver", "mother", "parent" },
	{ "consent_giver", "father", "parent" }, { "consent_giver", "настойник", "guardian" },
	{ "consent_giver", "попечител", "guardian" }, { "consent_giver", "съд", "court" },
	{ "risk_level", "няма", "no-action" }, { "risk_level", "нисък", "low" }, { "risk_level", "среден", "medium" },
	{ "risk_level", "висок", "high" }, { "risk_level", "спешен", "emergency" },
	{ "priority", "обичаен", "routine" }, { "priority", "обикновен", "routine" }, { "priority", "бърз", "urgent" },
	{ "priority", "неотложен", "urgent" }, { "priority", "спешен", "emergency" },
	{ "legal_basis", "съгласие", "consent" }, { "legal_basis", "закрила", "duty-to-protect" },
	{ "legal_basis", "съдебно решение", "court-order" },
	{ "state", "получен", "received" }, { "state", "приет", "accepted" }, { "state", "отказан", "declined" },
	{ "state", "в работа", "in-progress" }, { "state", "приключен", "completed" }, { "state", "отменен", "cancelled" },
	{ "state", "отворен", "received" }, { "state", "отвори", "received" }, { "state", "откажи", "declined" },
	{ "rsvp", "ще участва", "accept" }, { "rsvp", "да", "accept" }, { "rsvp", "няма да участва", "decline" },
	{ "rsvp", "не", "decline" }, { "rsvp", "може би", "tentative" },
	{ "commitment_state", "приет", "accepted" }, { "commitment_state", "приет ангажимент", "accepted" },
	{ "commitment_state", "отказан", "refused" }, { "commitment_state", "в работа", "in-progress" },
	{ "commitment_state", "изпълнен", "done" }, { "commitment_state", "частично изпълнен", "partly-done" },
	{ "commitment_state", "неизпълнен", "not-done" }, { "commitment_state", "отменен", "cancelled" },
	{ "attachment_category", "декларация за съгласие", "consent-form" }, { "attachment_category", "оценка", "assessment" },
	{ "attachment_category", "становище", "assessment" }, { "attachment_category", "удостоверение", "certificate" },
	{ "attachment_category", "служебна бележка", "certificate" }, { "attachment_category", "снимка", "photo" },
	{ "attachment_category", "съдебен акт", "court-act" }, { "attachment_category", "друго", "other" },
	{ "goal_result", "постигната", "achieved" }, { "goal_result", "частично", "partly" },
	{ "goal_result", "непостигната", "not" },
};

/* А to Я (U+0410 to U+042F) and A to Z to small letters, in place. */
static void
lower(char *text)
{
	for (unsigned char *p = (unsigned char *)text; *p; p++) {
		if (*p >= 'A' && *p <= 'Z') {
			*p = (unsigned char)(*p + 32);
		} else if (p[0] == 0xD0 && p[1] >= 0x90 && p[1] <= 0x9F) {
			p[1] = (unsigned char)(p[1] + 0x20);
			p++;
		} else if (p[0] == 0xD0 && p[1] >= 0xA0 && p[1] <= 0xAF) {
			p[0] = 0xD1;
			p[1] = (unsigned char)(p[1] - 0x20);
			p++;
		}
	}
}

char *
csv_lower(const char *text, struct arena *mem)
{
	char *copy = arena_str(mem, text);

	if (copy != NULL)
		lower(copy);
	return copy;
}

static bool
lower_word(const char *word, char to[static WORD_MAX])
{
	size_t n = strlen(word);

	if (n >= WORD_MAX)
		return false;
	memcpy(to, word, n + 1);
	lower(to);
	return true;
}

const char *
csv_code_of_word(const char *list, const char *word)
{
	char text[WORD_MAX];

	if (!lower_word(word, text))
		return NULL;
	for (size_t i = 0; i < COUNT(WORDS); i++)
		if (strcmp(WORDS[i].list, list) == 0 && strcmp(WORDS[i].word, text) == 0)
			return WORDS[i].code;
	return NULL;
}

const char *
csv_code_of_word_among(const char *const *codes, const char *word)
{
	char text[WORD_MAX];

	if (!lower_word(word, text))
		return NULL;
	for (size_t i = 0; i < COUNT(WORDS); i++)
		for (size_t k = 0; strcmp(WORDS[i].word, text) == 0 && codes[k] != NULL; k++)
			if (strcmp(WORDS[i].code, codes[k]) == 0)
				return codes[k];
	return NULL;
}

const char *
csv_column_of(const char *path)
{
	static const struct column *const TABLES[] = { CSV_REFERRAL, CSV_STATUS };

	for (size_t t = 0; t < COUNT(TABLES); t++) {
		for (const struct column *c = TABLES[t]; c->name; c++) {
			size_t n = c->path ? strlen(c->path) : 0;

			if (n && strncmp(c->path, path, n) == 0 && strchr(".[", path[n]))	/* the end, too */
				return c->name;
		}
	}
	if (strncmp(path, "referral.target", 15) == 0)
		return "target_agency";
	if (strcmp(path, "referral.native_id") == 0 || strcmp(path, "status.native_id") == 0)
		return "referral_no";
	if (strcmp(path, "confirms") == 0)
		return "msg_id";
	return strncmp(path, "referral.consent", 16) == 0 ? "consent_date" : NULL;
}
