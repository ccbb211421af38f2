/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_results.h"

static struct intake
assessed(struct arena *mem, const char *resource)
{
	static struct results_world w = { .state = "in-progress", .service = "needs-assessment" };

	return results_read(mem, &w, arena_fmt(mem, RESULTS_TASK("in-progress", RESULTS_OUTPUT("x") "[%s]"), resource));
}

#define OBSERVED(rest) "{\"resourceType\":\"Observation\",\"id\":\"a\",\"status\":\"final\"," rest "}"
#define COND(rest) "{\"resourceType\":\"Condition\",\"id\":\"a\"," rest "}"
#define LOINC "\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"1-1\"}],\"text\":\"Ръст\"}"

/* Measured values are scores, words are findings; words that something else explains are scores as well. */
static void
values(void **state)
{
	static const struct { const char *resource, *code, *score, *scale, *finding, *strength; } rows[] = {
		{ OBSERVED(LOINC ",\"valueQuantity\":{\"value\":98,\"unit\":\"cm\",\"system\":\"http://unitsofmeasure.org\",\"code\":"
			"\"cm\"}"), "1-1", "98 cm",
		  NULL, "Ръст", NULL },
		{ OBSERVED(LOINC ",\"valueQuantity\":{\"comparator\":\"<\",\"value\":3.4}"), "1-1", "<3.4", NULL, "Ръст", NULL },
		{ OBSERVED(LOINC ",\"valueString\":\"висок\""), "1-1", NULL, NULL, "Ръст: висок", NULL },
		{ OBSERVED(LOINC ",\"valueString\":\"P97\",\"interpretation\":[{\"coding\":[{\"code\":\"H\"}]}]"), "1-1", "P97", NULL, "Ръст: H", NULL },
		{ OBSERVED(LOINC ",\"valueCodeableConcept\":{\"coding\":[{\"code\":\"x\",\"display\":\"налице\"}]},\"note\":[{\"text\":"
			"\"б\"}]"), "1-1", "налице",
		  NULL, "Ръст: б", NULL },
		{ OBSERVED("\"code\":{\"text\":\"сън\"},\"valueBoolean\":false,\"method\":{\"text\":\"въпрос\"}"), "сън", "false", "въпрос", "сън", NULL },
		{ OBSERVED("\"code\":{\"text\":\"сън\"},\"valueRange\":{\"low\":{\"value\":6},\"high\":{\"value\":8}}"), "сън", "6 - 8", NULL, "сън", NULL },
		{ OBSERVED("\"code\":{\"text\":\"сън\"},\"valueRatio\":{\"numerator\":{\"value\":1},\"denominator\":{\"value\":2}},"
		  "\"note\":[{\"text\":\"а\"},{\"text\":\"б\"}]"), "сън", "1:2", NULL, "а; б", NULL },
		{ OBSERVED("\"code\":{\"text\":\"сън\"},\"dataAbsentReason\":{\"text\":\"отказа\"}"), "сън", NULL, NULL, "отказа", NULL },
		{ OBSERVED("\"code\":{\"text\":\"сън\"},\"component\":[{\"code\":{\"text\":\"нощ\"},\"valueInteger\":7},{\"code\":{\"coding\":[{\"system\":"
		  "\"urn:nasoka:domain\",\"code\":\"strength\"}]},\"valueString\":\"баба\"}]"), "сън", NULL, NULL, "нощ: 7", "баба" },
		{ OBSERVED("\"code\":{\"text\":\"сън\"},\"valueInteger\":5,\"referenceRange\":[{\"low\":{\"value\":6},\"text\":"
			"\"норма\"}]"), "сън", "5", NULL,
		  "(норма 6 - )", NULL },
		{ COND("\"code\":{\"coding\":[{\"system\":\"http://hl7.org/fhir/sid/icd-10\",\"code\":\"F80.1\",\"display\":"
			"\"Реч\"}]}"), "F80.1", NULL, "ICD-10",
		  "Реч", NULL },
		{ COND("\"code\":{\"coding\":[{\"system\":\"http://hl7.org/fhir/sid/icd-10\",\"code\":\"F80.1\"}]},\"clinicalStatus\":{\"coding\":[{\"code\":"
		  "\"resolved\"}]},\"severity\":{\"text\":\"лека\"}"), "F80.1", NULL, "ICD-10", "лека; resolved", NULL },
		{ COND("\"code\":{\"text\":\"тревожност\"},\"verificationStatus\":{\"coding\":[{\"code\":\"provisional\"}]}"), "тревожност", NULL, NULL,
		  "provisional", NULL },
	};
	struct arena *mem = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct intake intake = assessed(mem, rows[i].resource);
		const struct record *r = intake.n == 1 ? intake.items[0].record : NULL;

		if (r == NULL)
			fail_msg("%zu: %s", i, intake.n == 1 ? intake.items[0].why.where : intake.why.where);
		assert_field(mem, r, "assessment.domains[0].code", rows[i].code);
		assert_field(mem, r, "assessment.domains[0].score", rows[i].score);
		assert_field(mem, r, "assessment.domains[0].scale", rows[i].scale);
		assert_field(mem, r, "assessment.domains[0].finding", rows[i].finding);
		assert_field(mem, r, "assessment.domains[0].strength", rows[i].strength);
		assert_field(mem, r, "dropped", NULL);
	}
}

/* What nothing is read of is counted: a body site, a specimen, a device, a date of onset. */
static void
unread(void **state)
{
	static const struct { const char *resource; const char *n; } rows[] = {
		{ OBSERVED(LOINC ",\"valueInteger\":1,\"bodySite\":{\"text\":\"x\"}"), "1" },
		{ OBSERVED(LOINC ",\"valueInteger\":1,\"device\":{\"display\":\"x\"},\"component\":[{\"code\":{\"text\":\"y\"},"
			"\"valueSampledData\":{\"data\":\"1 2\"}}]"),
		  "2" },
		{ COND("\"code\":{\"text\":\"x\"},\"onsetDateTime\":\"2024\",\"bodySite\":[{\"text\":\"y\"}]"), "2" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct intake intake = assessed(*state, rows[i].resource);

		assert_int_equal(intake.n, 1);
		assert_field(*state, intake.items[0].record, "dropped", rows[i].n);
	}
}

/* A score longer than the record's stands in the words; what is longer than a finding is told, and never cut. */
static void
lengths(void **state)
{
	struct arena *mem = *state;
	char *text = arena_alloc(mem, 2002);
	struct intake intake;

	memset(text, 'a', 2001);
	text[2001] = '\0';
	intake = assessed(mem, arena_fmt(mem, OBSERVED("\"code\":{\"text\":\"x\"},\"valueString\":\"%.50s\",\"note\":[{\"text\":\"b\"}]"), text));
	assert_field(mem, intake.items[0].record, "assessment.domains[0].score", NULL);
	assert_field(mem, intake.items[0].record, "assessment.domains[0].finding", arena_fmt(mem, "%.50s; b", text));
	intake = assessed(mem, arena_fmt(mem, OBSERVED("\"code\":{\"text\":\"x\"},\"valueString\":\"%s\""), text));
	assert_int_equal(intake.items[0].e, ERR_TOOLONG);
	assert_string_equal(intake.items[0].why.where, "Observation");
}

/* Another system's questionnaire: each answer under its question, as many as fit in one finding; what is not finished is refused. */
static void
answers(void **state)
{
	static const char head[] = "{\"resourceType\":\"QuestionnaireResponse\",\"id\":\"a\",\"questionnaire\":"
		"\"http://h.example/Questionnaire/sdq\",\"status\":\"%s\","
		"\"item\":[%s]}";
	struct arena *mem = *state;
	struct intake intake = assessed(mem, arena_fmt(mem, head, "completed", "{\"linkId\":\"1\",\"text\":\"Сън\",\"item\":[{\"linkId\":\"1.1\",\"text\":"
		"\"Буди ли се\",\"answer\":[{\"valueBoolean\":true}]}]},{\"linkId\":\"2\",\"answer\":[{\"valueCoding\":{\"display\":"
			"\"рядко\"}},{\"valueInteger\":3}]}"));
	struct buf b;

	assert_field(mem, intake.items[0].record, "assessment.domains[0].code", "sdq");
	assert_field(mem, intake.items[0].record, "assessment.domains[0].finding", "Буди ли се: true; 2: рядко; 3");
	assert_field(mem, intake.items[0].record, "dropped", "1");	/* the heading of the group */
	buf_init(&b, mem);
	for (unsigned i = 0; i < 30; i++)
		buf_fmt(&b, "%s{\"linkId\":\"q%u\",\"answer\":[{\"valueString\":\"%0100u\"}]}", i > 0 ? "," : "", i, i);
	intake = assessed(mem, arena_fmt(mem, head, "completed", buf_text(&b)));
	assert_int_equal(intake.items[0].record->assessment->n_domains, 2);
	intake = assessed(mem, arena_fmt(mem, head, "in-progress", "{\"linkId\":\"1\"}"));
	assert_int_equal(intake.items[0].e, ERR_UNSUPPORTED);
	assert_string_equal(intake.items[0].why.where, "QuestionnaireResponse.status");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(values), FIXTURE_TEST(unread), FIXTURE_TEST(lengths), FIXTURE_TEST(answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
