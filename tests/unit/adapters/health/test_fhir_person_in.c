/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_edit.h"

/* The shapes that real systems give a Patient's elements all come to the same fields. */
static void
patient_shapes(void **state)
{
	static const struct {
		const char *from, *to, *path, *is;
	} rows[] = {
		{ "\"birthDate\": \"2015\"", "\"birthDate\": \"2015-03-07\"", "referral.child.birth_date", "2015-03-07" },
		{ "\"birthDate\": \"2015\"", "\"birthDate\": \"2015-03-07\"", "referral.child.birth_date_accuracy", NULL },
		{ "\"birthDate\": \"2015\"", "\"birthDate\": \"2015-03\"", "referral.child.birth_date_accuracy", "month" },
		{ "\"name\": [ {", "\"name\": [ {\"use\":\"old\",\"family\":\"Стара\"}, {", "referral.child.family", "Петрова" },
		{ "\"name\": [ {", "\"name\": [ {\"family\":\"Друга\"}, {\"use\":\"official\",", "referral.child.family", "Петрова" },
		{ "\"gender\"", "\"deceasedBoolean\": false, \"gender\"", "referral.child.gender", "female" },
		{ "\"gender\"", "\"telecom\":[{\"system\":\"phone\",\"use\":\"old\",\"value\":\"1\"},{\"system\":\"phone\",\"value\":\"2\"}],\"gender\"",
		  "referral.child.phone", "2" },
		{ "\"gender\"", "\"address\":{\"line\":\"ул. 1\",\"city\":\"Садово\"},\"gender\"", "referral.child.address.line", "ул. 1" },
		{ "\"gender\"", "\"address\":[{\"use\":\"old\",\"city\":\"А\"},{\"city\":\"Б\"},{\"city\":\"В\"}],\"gender\"",
		  "referral.child.address.city", "Б" },
		{ "\"gender\"", "\"contact\":[{\"name\":{\"given\":[\"Ана\",\"П.\"],\"family\":\"И.\"}}],\"gender\"",
		  "referral.carers[0].name", "Ана П. И." },
		{ "\"gender\"", "\"contact\":[{\"relationship\":[{\"text\":\"съседка\"}],\"name\":{\"text\":\"А\"}}],\"gender\"",
		  "referral.carers[0].relation", "other" },
		{ "\"gender\"", "\"contact\":[{\"telecom\":[{\"system\":\"phone\",\"value\":\"1\"}]}],\"gender\"", "referral.carers[0].phone", NULL },
		{ "\"gender\"", "\"identifier\":[{\"value\":\"1543079013\"}],\"gender\"", "referral.child.ids[0].type", "EGN" },
		{ "\"gender\"", "\"identifier\":[{\"value\":\"0141010027\"}],\"gender\"", "referral.child.ids[0].type", "local" },
		{ "\"gender\"", "\"identifier\":[{\"type\":{\"coding\":[{\"code\":\"NI\"}]},\"value\":\"0141010027\"}],\"gender\"",
		  "referral.child.ids[0].type", "other" },
		{ "\"gender\"", "\"identifier\":[{\"type\":{\"coding\":[{\"code\":\"NNBGR\"}]},\"value\":\"0141010027\"}],\"gender\"",
		  "referral.child.ids[0].type", "EGN" },
		{ "\"gender\"", "\"identifier\":[{\"system\":\"urn:x\"}],\"gender\"", "referral.child.ids[0].type", NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_edit(*state, "fhir-referral-lone.json", rows[i].from, rows[i].to, rows[i].path, rows[i].is);
}

/* Ekatte codes keep their leading zeros, and a number in their place is refused rather than guessed. */
static void
patient_ekatte_is_text(void **state)
{
	const char *to = "\"address\":[{\"extension\":[{\"url\":\"urn:nasoka:ekatte\",\"valueInteger\":702}]}],\"gender\"";

	assert_edit(*state, "fhir-referral-message.json", "\"56784\"", "\"00702\"", "referral.child.address.ekatte", "00702");
	assert_int_equal(edited(*state, "fhir-referral-lone.json", "\"gender\"", to)->e, ERR_SYNTAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { FIXTURE_TEST(patient_shapes), FIXTURE_TEST(patient_ekatte_is_text) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
