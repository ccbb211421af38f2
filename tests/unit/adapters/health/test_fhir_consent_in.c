/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_results.h"

#define CONSENT(status, rest) "{\"resourceType\":\"Consent\",\"status\":\"" status "\"" rest "}"
#define ON_R1 ",\"provision\":{\"data\":[{\"meaning\":\"instance\",\"reference\":{\"identifier\":{\"value\":\"R-1\"}}}]}"
#define PLAC_R1 ",\"identifier\":[{\"type\":{\"coding\":[{\"code\":\"PLAC\"}]},\"value\":\"R-1\"}]"
#define BY_CHILD ",\"performer\":[{\"reference\":\"#p\"}],\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"p\"}]"
#define CLASSES(list) ",\"provision\":{\"type\":\"permit\",\"class\":[" list "]}"
#define GIVEN_R1 ",\"dateTime\":\"2026-02-20\"" PLAC_R1
#define PAPER "{\"contentType\":\"application/pdf\",\"title\":\"Съгласие.pdf\",\"data\":\"JVBERi0xLjQK\"}"
#define CLASS(code) "{\"system\":\"urn:nasoka:data-category\",\"code\":\"" code "\"}"

/* What is known here: R-1, which this agency began, on a parent's consent to health and contact. */
static enum err
known(void *core, const char *number, struct arena *mem, struct progress *ret_progress)
{
	static const char *categories[] = { "health", "contact" };
	static struct consent consent = { .given_by = "parent", .given_on = "2026-01-05", .data_categories = { categories, 2 } };
	static struct person_id id = { .type = "EGN", .value = "1543079013" };
	static struct person_id *ids[] = { &id };
	static struct person child = { .ids = ids, .n_ids = 1 };
	static struct referral referral = { .consent = &consent, .child = &child };
	static struct record record = { .kind = "referral", .referral = &referral };

	(void)core;
	(void)mem;
	if (strcmp(number, "R-1") != 0)
		return ERR_UNKNOWN_REFERRAL;
	*ret_progress = (struct progress){ .state = "accepted", .referral_no = "R-1", .referral = &record, .is_initiator = true };
	return OK;
}

static struct intake
read_at(struct arena *mem, const char *method, const char *path, const char *text)
{
	struct native in = fixture_native(span_str(text));
	struct sector_env env = fixture_env;
	struct intake intake;

	in.method = method;
	in.path = path;
	env.progress_of = known;
	health_fhir_to_records(&in, &env, mem, &intake);
	return intake;
}

static const struct record *
taken(struct arena *mem, const char *method, const char *path, const char *text)
{
	struct intake intake = read_at(mem, method, path, text);

	if (intake.e != OK || intake.n != 1 || intake.items[0].e != OK)
		fail_msg("%s: %s %s", text, intake.e != OK ? intake.why.where : intake.items[0].why.where,
			 intake.e != OK ? intake.why.text : intake.items[0].why.text);
	return intake.items[0].record;
}

/* One that is no longer active, was rejected or never so, or forbids, withdraws the consent of the referral that it names in any way. */
static void
withdrawn(void **state)
{
	static const struct { const char *text, *path, *by; } rows[] = {
		{ CONSENT("inactive", ON_R1), "/fhir/Consent", "parent" },
		{ CONSENT("rejected", PLAC_R1), "/fhir/Consent", "parent" },
		{ CONSENT("entered-in-error", ",\"identifier\":[{\"system\":\"urn:his\",\"value\":\"7\"},{\"value\":\"R-1\"}]"), "/fhir/Consent", "parent" },
		{ CONSENT("inactive", BY_CHILD PLAC_R1), "/fhir/Consent", "child" },
		{ CONSENT("active", ",\"provision\":{\"type\":\"deny\",\"data\":[{\"reference\":{\"reference\":"
			"\"ServiceRequest/R-1\"}}]}"), "/fhir", "parent" },
		{ "{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[{\"resource\":{\"resourceType\":\"ServiceRequest\",\"status\":\"active\""
		  PLAC_R1 "}},{\"resource\":" CONSENT("inactive", "") "}]}", "/fhir", "parent" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct record *r = taken(*state, "POST", rows[i].path, rows[i].text);

		assert_field(*state, r, "kind", "consent-change");
		assert_field(*state, r, "consent_change.change", "withdrawn");
		assert_field(*state, r, "consent_change.referral_id", "R-1");
		assert_field(*state, r, "consent_change.changed_by", rows[i].by);
		assert_field(*state, r, "assumed", strcmp(rows[i].by, "child") == 0 ? NULL : "consent_change.changed_by");
		assert_null(r->consent_change->consent);
	}
	assert_field(*state, taken(*state, "PUT", "/fhir/Consent/R-1", CONSENT("inactive", "")), "consent_change.referral_id", "R-1");
}

/* One that is active is the consent as it is now: less than was known narrows it. */
static void
as_it_is_now(void **state)
{
	static const struct { const char *rest, *change, *categories; } rows[] = {
		{ CLASSES(CLASS("health") "," CLASS("contact")), "renewed", "health|contact" },
		{ CLASSES(CLASS("health") "," CLASS("contact") "," CLASS("family")), "renewed", "health|contact|family" },
		{ CLASSES(CLASS("contact")), "narrowed", "contact" },
		{ CLASSES(CLASS("contact") ",{\"system\":\"urn:his\",\"code\":\"7\"}"), "narrowed", "contact" },
		{ ",\"provision\":{\"period\":{\"end\":\"2026-12-31\"}}", "narrowed", NULL },
		{ ",\"provision\":{\"actor\":[{\"reference\":{\"identifier\":{\"value\":\"gp\"}}}]}", "narrowed", NULL },
		{ "", "renewed", NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct record *r = taken(*state, "POST", "/fhir/Consent", arena_fmt(*state, CONSENT("active", ",\"dateTime\":"
			"\"2026-02-20\"" PLAC_R1 "%s"),
											 rows[i].rest));

		assert_field(*state, r, "consent_change.change", rows[i].change);
		assert_field(*state, r, "consent_change.data_categories", rows[i].categories);
		assert_field(*state, r, "consent_change.consent.data_categories", rows[i].categories);
		assert_field(*state, r, "consent_change.consent.given_on", "2026-02-20");
		assert_field(*state, r, "consent_change.consent.given_by", "parent");
	}
}

/* What proves it is named by what the file is known by; a Consent or a document in it that holds the bytes brings the file as a form of consent. */
static void
evidence(void **state)
{
	static const struct { const char *source, *is; bool is_brought; int dropped; } rows[] = {
		{ "\"sourceReference\":{\"type\":\"DocumentReference\",\"identifier\":{\"system\":\"urn:nasoka:file\",\"value\":\"E-7\"}}", "E-7", false, 0 },
		{ "\"sourceReference\":{\"reference\":\"DocumentReference/d-7/_history/2\"}", "d-7", false, 0 },
		{ "\"sourceReference\":{\"reference\":\"https://his/fhir/DocumentReference/d-8?x=1\"}", "d-8", false, 0 },
		{ "\"sourceReference\":{\"reference\":\"https://his/fhir/xDocumentReference/d-8\"}", NULL, false, 1 },
		{ "\"sourceReference\":{\"reference\":\"#d\"},\"contained\":[{\"resourceType\":\"DocumentReference\",\"id\":\"d\",\"status\":\"current\","
		  "\"masterIdentifier\":{\"value\":\"E-8\"},\"content\":[{\"attachment\":" PAPER "}]}]", "E-8", true, 0 },
		{ "\"sourceAttachment\":" PAPER, "fhir-", true, 0 },
		{ "\"sourceAttachment\":{\"contentType\":\"application/pdf\",\"title\":\"a\",\"url\":\"https://his/7\"}", NULL, false, 1 },
		{ "\"sourceReference\":{\"reference\":\"Contract/7\"}", NULL, false, 1 },
		{ "\"sourceReference\":{\"reference\":\"DocumentReference/../7\"}", NULL, false, 1 },
		{ "\"sourceReference\":{\"reference\":\"DocumentReference/\"}", NULL, false, 1 },
		{ "\"sourceReference\":{\"type\":\"Contract\",\"identifier\":{\"value\":\"7\"}}", NULL, false, 1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct intake intake = read_at(*state, "POST", "/fhir/Consent", arena_fmt(*state, CONSENT("active", GIVEN_R1 ",%s"), rows[i].source));
		const struct record *r = intake.n > 0 ? intake.items[0].record : NULL;
		const struct file_part *file;

		if (intake.e != OK || r == NULL || intake.n != 1u + rows[i].is_brought)
			fail_msg("%s: %zu %s", rows[i].source, intake.n, intake.n > 0 ? intake.items[0].why.where : intake.why.where);
		if (!rows[i].is_brought)
			assert_field(*state, r, "consent_change.consent.evidence", rows[i].is);
		assert_int_equal(r->dropped != NULL ? *r->dropped : 0, rows[i].dropped);
		if (!rows[i].is_brought)
			continue;
		file = intake.items[1].record->attachment;
		assert_true(intake.is_one_act);
		assert_memory_equal(r->consent_change->consent->evidence, rows[i].is, strlen(rows[i].is));
		assert_string_equal(file->att_id, r->consent_change->consent->evidence);
		assert_string_equal(file->category, "consent-form");
		assert_string_equal(file->filename, "Съгласие.pdf");
		assert_string_equal(file->referral_id, "R-1");
	}
}

/* The letter that withdraws it comes with it, as the form of it that nothing may keep back. */
static void
withdrawn_by_letter(void **state)
{
	static const char *const rows[] = {
		",\"sourceAttachment\":" PAPER,
		",\"sourceReference\":{\"reference\":\"#d\"},\"contained\":[{\"resourceType\":\"DocumentReference\",\"id\":\"d\",\"status\":\"current\","
		"\"content\":[{\"attachment\":" PAPER "}]}]",
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct intake intake = read_at(*state, "POST", "/fhir/Consent", arena_fmt(*state, CONSENT("inactive", PLAC_R1 "%s"), rows[i]));

		if (intake.e != OK || intake.n != 2 || intake.items[1].e != OK)
			fail_msg("%s: %zu %s", rows[i], intake.n, intake.n > 0 ? intake.items[intake.n - 1].why.where : intake.why.where);
		assert_field(*state, intake.items[0].record, "consent_change.change", "withdrawn");
		assert_string_equal(intake.items[1].record->attachment->category, "consent-form");
	}
}

/* What changes nothing, names nothing, forbids a part or is of another child is refused with its place. */
static void
refused(void **state)
{
	static const struct { const char *text; enum err e; const char *where; } rows[] = {
		{ CONSENT("draft", PLAC_R1), ERR_UNSUPPORTED, "Consent.status" },
		{ "{\"resourceType\":\"Consent\"" PLAC_R1 "}", ERR_REQUIRED, "Consent.status" },
		{ CONSENT("inactive", ",\"identifier\":[{\"value\":\"unknown\"}]"), ERR_REQUIRED, "Consent.provision.data" },
		{ CONSENT("inactive", ",\"identifier\":[{\"type\":{\"coding\":[{\"code\":\"PLAC\"}]},\"value\":"
			"\"R-2\"}]"), ERR_REQUIRED, "Consent.performer" },
		{ CONSENT("active", PLAC_R1 ",\"provision\":{\"type\":\"deny\",\"class\":"
			"[" CLASS("health") "]}"), ERR_UNSUPPORTED, "Consent.provision.type" },
		{ CONSENT("active", PLAC_R1 ",\"provision\":{\"provision\":[{\"type\":\"deny\"}]}"), ERR_UNSUPPORTED, "Consent.provision.provision" },
		{ CONSENT("active", GIVEN_R1 CLASSES("{\"system\":\"http://hl7.org/fhir/resource-types\",\"code\":\"Observation\"}")),
		  ERR_UNKNOWN_CODE, "Consent.provision.class" },
		{ CONSENT("active", GIVEN_R1 ",\"provision\":{\"code\":[{\"text\":\"x\"}]}"), ERR_UNSUPPORTED,
		  "Consent.provision.code" },
		{ CONSENT("active", GIVEN_R1 ",\"provision\":{\"securityLabel\":[{\"code\":\"N\"}]}"), ERR_UNSUPPORTED,
		  "Consent.provision.securityLabel" },
		{ CONSENT("active", PLAC_R1), ERR_REQUIRED, "Consent.dateTime" },
		{ CONSENT("inactive", ",\"id\":\"R-1\""), ERR_REQUIRED, "Consent.provision.data" },
		{ CONSENT("inactive", PLAC_R1 ",\"modifierExtension\":[{\"url\":\"urn:x\","
			"\"valueBoolean\":true}]"), ERR_UNSUPPORTED, "Consent.modifierExtension" },
		{ CONSENT("inactive", PLAC_R1 ",\"patient\":{\"reference\":\"#p\"},\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"p\",\"identifier\":["
		  "{\"system\":\"urn:nasoka:egn\",\"value\":\"1545123455\"}]}]"), ERR_INCONSISTENT, "Consent.patient" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct intake intake = read_at(*state, "POST", "/fhir/Consent", rows[i].text);

		assert_int_equal(intake.e, OK);
		if (intake.n != 1 || intake.items[0].e != rows[i].e || strcmp(intake.items[0].why.where, rows[i].where) != 0)
			fail_msg("%s: %s %s", rows[i].text, err_name(intake.items[0].e), intake.items[0].why.where);
	}
}

/* A referral that brings its consent is a referral, also when it is sent once more. */
static void
referral_again(void **state)
{
	struct arena *mem = *state;
	struct span vector = fixture_file(mem, "fhir-referral-transaction.json");
	struct intake intake = read_at(mem, "POST", "/fhir", arena_strn(mem, vector.p, vector.n));

	assert_int_equal(intake.n, 1);
	assert_non_null(intake.items[0].record->referral);
}

/* Who got a change answers by the status of its Task: done, or kept by what right. Under a case number it only confirms. */
static void
answered(void **state)
{
	static const char task[] = "{\"resourceType\":\"Task\",\"status\":\"%s\",\"intent\":\"order\",\"code\":{\"coding\":[{\"system\":\"urn:nasoka:kind\","
		"\"code\":\"consent-change\"}]},\"identifier\":[{\"type\":{\"coding\":[{\"code\":\"%s\"}]},\"value\":\"R-1\"}]%s}";
	static const char right[] = ",\"statusReason\":{\"coding\":[{\"system\":\"urn:nasoka:legal-basis\",\"code\":\"court-order\"}],\"text\":\"дело 7\"}";
	struct arena *mem = *state;
	const struct record *r = taken(mem, "PUT", "/fhir/Task/t1", arena_fmt(mem, task, "completed", "PLAC", ""));
	struct intake intake;

	assert_field(mem, r, "consent_answer.result", "shredded");
	assert_field(mem, r, "consent_answer.referral_id", "R-1");
	r = taken(mem, "PUT", "/fhir/Task/t1", arena_fmt(mem, task, "rejected", "PLAC", right));
	assert_field(mem, r, "consent_answer.result", "retained");
	assert_field(mem, r, "consent_answer.legal_basis", "court-order");
	assert_field(mem, r, "consent_answer.ground", "дело 7");
	intake = read_at(mem, "PUT", "/fhir/Task/t1", arena_fmt(mem, task, "rejected", "PLAC", ",\"statusReason\":{\"text\":\"x\"}"));
	assert_int_equal(intake.items[0].e, ERR_REQUIRED);
	assert_string_equal(intake.items[0].why.where, "Task.statusReason.coding");
	intake = read_at(mem, "PUT", "/fhir/Task/t1", arena_fmt(mem, task, "completed", "FILL", ""));
	assert_int_equal(intake.items[0].e, OK);
	assert_null(intake.items[0].record);
	assert_string_equal(intake.items[0].confirms, "t1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(withdrawn), FIXTURE_TEST(as_it_is_now), FIXTURE_TEST(evidence), FIXTURE_TEST(withdrawn_by_letter),
		FIXTURE_TEST(refused), FIXTURE_TEST(referral_again), FIXTURE_TEST(answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
