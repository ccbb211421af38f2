/* SPDX-License-Identifier: EUPL-1.2 */
/* What a file is, by its name and its first bytes. */
#include "adapters/validate/guess.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/health/nhis.h"
#include "adapters/health/sector.h"
#include "adapters/social/social.h"

/* A format shows in the first bytes, whatever stands before them in a frame; a table in its name; what shows nothing is JSON of ours. */
static void
formats(void **state)
{
	static const struct { const char *file, *bytes; enum format format; } cases[] = {
		{ "a", "MSH|^~\\&|", FORMAT_HL7 }, { "a", "\x0BMSH|^~\\&|", FORMAT_HL7 }, { "a.txt", "FHS|^~\\&|", FORMAT_HL7 },
		{ "a.CSV", "{}", FORMAT_CSV }, { "a.hl7", "hello", FORMAT_HL7 }, { "a.xlsx", "PK", FORMAT_CSV }, { "a", "number;name\r\n", FORMAT_CSV },
		{ "a", "<record/>", FORMAT_XML }, { "a", "<x xmlns=\"" NHIS_NS "\"/>", FORMAT_NHIS },
		{ "a", "{\"resourceType\":\"Bundle\"}", FORMAT_FHIR }, { "a.json", "{\"referral_id\":\"7\"}", FORMAT_JSON },
		{ ".csv", "{}", FORMAT_JSON }, { "a", "", FORMAT_JSON }, { "a", "  ", FORMAT_JSON }, { "a", "M", FORMAT_CSV },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum format found = guess_format(span_str(cases[i].bytes), cases[i].file, NULL);

		if (found != cases[i].format)
			fail_msg("%s %s: %d", cases[i].file, cases[i].bytes, (int)found);
	}
}

/* XML without a namespace is a hospital's where a hospital's sector was said, ours elsewhere. */
static void
by_sector(void **state)
{
	(void)state;
	assert_int_equal(guess_format(SPAN_LIT("<message/>"), "a", &health_sector), FORMAT_NHIS);
	assert_int_equal(guess_format(SPAN_LIT("<message/>"), "a", &social_sector), FORMAT_XML);
	assert_ptr_equal(guess_sector(FORMAT_OSCAR), &social_sector);
	assert_ptr_equal(guess_sector(FORMAT_NHIS), &health_sector);
	assert_string_equal(guess_sector(FORMAT_CSV)->name, "education");
}

/* The words of the command line are found in any case, lead back, and no others are. */
static void
words(void **state)
{
	static const char *const all[] = { "json", "xml", "csv", "hl7", "fhir", "nhis", "oscar", "primero" };

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		assert_string_equal(guess_word(guess_format_named(all[i])), all[i]);
	assert_int_equal(guess_format_named("FHIR"), FORMAT_FHIR);
	assert_int_equal(guess_format_named("pdf"), FORMAT_NONE);
	assert_null(guess_word(FORMAT_NONE));
	assert_string_equal(guess_sector_named("education")->name, "education");
	assert_null(guess_sector_named("police"));
	assert_null(guess_sector_named(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats),
		cmocka_unit_test(by_sector),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
