/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_edit.h"

/* The number of a referral: PLAC, then any identifier, then the Bundle's, then the id. */
static void
referral_number(void **state)
{
	static const struct {
		const char *from, *to, *is;
	} rows[] = {
		{ "\"code\": \"PLAC\"", "\"code\": \"PLAC\"", "LONE-1" },
		{ "\"code\": \"PLAC\"", "\"code\": \"ACSN\"", "LONE-1" },
		{ "\"identifier\"", "\"id\":\"sr-9\",\"identifier\"", "LONE-1" },
		{ "\"identifier\"", "\"id\":\"sr-9\",\"identifierOld\"", "sr-9" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_edit(*state, "fhir-referral-lone.json", rows[i].from, rows[i].to, "referral.referral_id", rows[i].is);
}

/* A request without a priority is as urgent as the Task that asks for it, and routine where that says none either: so R4 means it. */
static void
referral_priority(void **state)
{
	static const char *const rows[][2] = {
		{ "", "routine" }, { "\"priority\":\"stat\",", "emergency" }, { "\"priority\":\"asap\",", "urgent" },
	};
	const char *lone = (const char *)fixture_file(*state, "fhir-referral-lone.json").p;

	assert_edit(*state, "fhir-referral-message.json", " \"priority\": \"urgent\",", "", "referral.priority", "routine");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct intake intake = fixture_read(*state, span_str(arena_fmt(*state, "{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":["
			"{\"resource\":{\"resourceType\":\"Task\",%s\"status\":\"requested\",\"intent\":\"order\"}},{\"resource\":%s}]}", rows[i][0], lone)));

		assert_int_equal(intake.n, 1);
		assert_string_equal(record_get(intake.items[0].record, *state, "referral.priority"), rows[i][1]);
		assert_edit(*state, "fhir-referral-lone.json", "\"intent\"", arena_fmt(*state, "%s\"intent\"", rows[i][0]), "referral.priority", rows[i][1]);
	}
}

/* The target is whom performer names by our id or a known alias, else whom the message is addressed to; else nobody. */
static void
referral_target(void **state)
{
	struct arena *mem = *state;
	const struct intake_item *item;

	assert_string_equal(fixture_item(mem, "fhir-referral-message.json")->target, "dsp-plovdiv");
	assert_string_equal(fixture_item(mem, "fhir-referral-transaction.json")->target, "dsp-plovdiv");
	assert_null(fixture_item(mem, "fhir-referral-lone.json")->target);
	item = edited(mem, "fhir-referral-message.json", "\"system\": \"urn:nasoka:agency\", \"value\": \"dsp-plovdiv\"",
		      "\"value\": \"unknown\"");
	assert_string_equal(item->target, "dsp-plovdiv");
	assert_null(edited(mem, "fhir-referral-transaction.json", "\"DSP-PLOVDIV\"", "\"unknown\"")->target);
	item = edited(mem, "fhir-referral-lone.json", "\"subject\"", "\"performer\":[{\"reference\":\"DSP-PLOVDIV\"}],\"subject\"");
	assert_string_equal(item->target, "dsp-plovdiv");
}

/* A consent that was refused, has ended or forbids is none, and does not become the legal basis. */
static void
referral_consent_must_permit(void **state)
{
	static const char *const rows[][2] = {
		{ "\"status\": \"active\", \"scope\"", "\"status\": \"rejected\", \"scope\"" },
		{ "\"status\": \"active\", \"scope\"", "\"status\": \"inactive\", \"scope\"" },
		{ "\"status\": \"active\", \"scope\"", "\"scope\"" }, { "\"type\": \"permit\"", "\"type\": \"deny\"" },
	};
	struct arena *mem = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct record *r = edited(mem, "fhir-referral-message.json", rows[i][0], rows[i][1])->record;

		assert_null(r->referral->consent);
		assert_null(r->referral->legal_basis);
		assert_int_equal(*r->dropped, 2);
	}
}

/* Whom the consent allows is told as a target is: by display, identifier, or what it points to; what nobody can tell stands as it is, so that it is
 * refused, and does not make a consent for all. */
static void
referral_consent_recipients(void **state)
{
	static const struct { const char *reference, *is; } rows[] = {
		{ "\"identifier\": { \"system\": \"urn:nasoka:agency\", \"value\": \"gp-1\" }", "gp-1" },
		{ "\"identifier\": { \"value\": \"DSP-PLOVDIV\" }, \"display\": \"ДСП\"", "dsp-plovdiv" },
		{ "\"identifier\": { \"value\": \"gp\" }", "gp" }, { "\"display\": \"ДСП\"", "ДСП" },
		{ "\"reference\": \"urn:uuid:00000000-0000-4000-8000-000000000007\"", "dsp-plovdiv" },
		{ "\"reference\": \"Organization/nobody\"", "Organization/nobody" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_edit(*state, "fhir-referral-message.json", "\"reference\": { \"display\": \"dsp-plovdiv\" }",
			    arena_fmt(*state, "\"reference\": { %s }", rows[i].reference), "referral.consent.recipients_allowed", rows[i].is);
}

/* Who gave the consent is told by the standard's elements where our extension is missing. */
static void
referral_consent_giver(void **state)
{
	assert_edit(*state, "fhir-referral-message.json", "{ \"url\": \"urn:nasoka:consent-giver\", \"valueCode\": \"parent\" }, ", "",
		    "referral.consent.given_by", NULL);
	assert_edit(*state, "fhir-referral-message.json", "{ \"display\": \"Елена Петрова\" }",
		    "{ \"reference\": \"urn:uuid:00000000-0000-4000-8000-00000000000b\" }", "referral.consent.given_by", "parent");
}

/* Codes of other systems go through the concept map; what is not in it is `other`, with its text for a person to read. */
static void
referral_service(void **state)
{
	struct arena *mem = *state;

	assert_edit(mem, "fhir-referral-transaction.json", "\"311555007\"", "\"1\"", "referral.service_kind", "other");
	assert_edit(mem, "fhir-referral-transaction.json", "\"311555007\"", "\"1\"", "referral.service_text", "Speech therapy");
	assert_edit(mem, "fhir-referral-lone.json", "\"code\": { \"text\": \"нещо друго\" },", "", "referral.service_kind", NULL);
}

/* The deadline stands in the Task, or, for a request without one, in its own extension. */
static void
referral_respond_by(void **state)
{
	assert_edit(*state, "fhir-referral-message.json", "2026-03-02T12:00:00+02:00", "2026-03-03T12:00:00+02:00",
		    "referral.respond_by", "2026-03-03T10:00:00Z");
	assert_edit(*state, "fhir-referral-lone.json", "\"status\"",
		    "\"extension\":[{\"url\":\"urn:nasoka:respond-by\",\"valueDateTime\":\"2026-03-03T10:00:00Z\"}],\"status\"",
		    "referral.respond_by", "2026-03-03T10:00:00Z");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(referral_number), FIXTURE_TEST(referral_priority), FIXTURE_TEST(referral_target), FIXTURE_TEST(referral_consent_must_permit),
		FIXTURE_TEST(referral_consent_giver), FIXTURE_TEST(referral_consent_recipients), FIXTURE_TEST(referral_service),
		FIXTURE_TEST(referral_respond_by),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
